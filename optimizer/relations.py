"""Relations: which interventions need, exclude or disturb each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optimizer.intervention import CashFlow, FlowKind
from optimizer.payers import Category
from optimizer.quantity import Choice, quantity
from optimizer.sentence import Sentence, listing
from optimizer.tagged import Registry, Tagged

relations: Registry["Relation"] = Registry("kind")

REASON = quantity(
    "text",
    Sentence("Begrundelse", "Reason"),
    default=None,
    help=Sentence("Hvorfor, så andre kan efterprøve det.", "Why, so that others can check it."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Tagged):
    """A tie between interventions that every allocation keeps."""

    def members(self) -> tuple[str, ...]:
        """Return the ids of the interventions that are tied."""
        raise NotImplementedError

    def sentence(self, titles: Mapping[str, str]) -> Sentence:
        """Return the relation as a sentence; ``titles`` is intervention id to title."""
        raise NotImplementedError


@relations.register(
    "requires",
    title=Sentence("Kræver", "Requires"),
    about=Sentence(
        "Den første kan kun vælges, hvis den anden også vælges.",
        "The first can be chosen only if the second is.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Requires(Relation):
    """The first intervention is chosen only if the second is:  y_i <= y_j."""

    intervention: str = quantity("intervention", Sentence("Indsats", "Intervention"))
    needs: str = quantity("intervention", Sentence("kræver", "requires"))
    reason: str | None = REASON

    def members(self) -> tuple[str, ...]:
        return (self.intervention, self.needs)

    def sentence(self, titles: Mapping[str, str]) -> Sentence:
        first, second = titles[self.intervention], titles[self.needs]
        return Sentence(f"{first} kræver {second}", f"{first} requires {second}")

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        if self.intervention == self.needs:
            yield (
                "needs",
                Sentence(
                    "En indsats kan ikke kræve sig selv.", "An intervention cannot require itself."
                ),
            )


@relations.register(
    "excludes",
    title=Sentence("Udelukker", "Excludes"),
    about=Sentence("Højst én af dem kan vælges.", "At most one of them can be chosen."),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Excludes(Relation):
    """At most one of the interventions is chosen:  sum y_i <= 1."""

    interventions: tuple[str, ...] = quantity(
        "interventions", Sentence("Indsatser", "Interventions"), minimum=2
    )
    reason: str | None = REASON

    def members(self) -> tuple[str, ...]:
        return self.interventions

    def sentence(self, titles: Mapping[str, str]) -> Sentence:
        names = listing([titles[i] for i in self.interventions])
        return Sentence(f"Højst én af {names.da}", f"At most one of {names.en}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Relation):
    """A number of a set."""

    count: int = quantity("count", Sentence("Antal", "Number"))
    interventions: tuple[str, ...] = quantity(
        "interventions", Sentence("Indsatser", "Interventions"), minimum=1
    )
    reason: str | None = REASON

    def members(self) -> tuple[str, ...]:
        return self.interventions


@relations.register(
    "at_least",
    title=Sentence("Mindst så mange af", "At least so many of"),
    about=Sentence("Mindst så mange af dem vælges.", "At least so many of them are chosen."),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Counted):
    """At least ``count`` of the interventions are chosen:  sum y_i >= count."""

    def sentence(self, titles: Mapping[str, str]) -> Sentence:
        names = listing([titles[i] for i in self.interventions])
        return Sentence(
            f"Mindst {self.count} af {names.da}", f"At least {self.count} of {names.en}"
        )


@relations.register(
    "at_most",
    title=Sentence("Højst så mange af", "At most so many of"),
    about=Sentence("Højst så mange af dem vælges.", "At most so many of them are chosen."),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost(Counted):
    """At most ``count`` of the interventions are chosen:  sum y_i <= count."""

    def sentence(self, titles: Mapping[str, str]) -> Sentence:
        names = listing([titles[i] for i in self.interventions])
        return Sentence(f"Højst {self.count} af {names.da}", f"At most {self.count} of {names.en}")


@relations.register(
    "overlap",
    title=Sentence("Overlap", "Overlap"),
    about=Sentence(
        "Vælges begge, bliver kassens besparelser så meget mindre i de år.",
        "When both are chosen, the purse's savings are that much smaller in those years.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(Relation):
    """When both are chosen, ``payer`` loses ``loses`` of its savings; scale does not reduce it."""

    interventions: tuple[str, ...] = quantity(
        "interventions", Sentence("Indsatser", "Interventions"), minimum=2, maximum=2
    )
    payer: str = quantity("payer", Sentence("Kasse", "Payer"))
    loses: Mapping[int, int] = quantity("kroner_by_year", Sentence("Mister", "Loses"), minimum=0)
    category: Category = quantity(
        "choice",
        Sentence("Styringsområde", "Control category"),
        default=Category.SERVICE,
        choices=tuple(Choice(c.value, c.label) for c in Category),
    )
    cashable: bool = quantity("flag", Sentence("Kan hentes", "Cashable"), default=True)
    reason: str | None = REASON

    def members(self) -> tuple[str, ...]:
        return self.interventions

    def sentence(self, titles: Mapping[str, str]) -> Sentence:
        first, second = (titles[i] for i in self.interventions)
        return Sentence(f"{first} og {second} overlapper", f"{first} and {second} overlap")

    def flows(self) -> tuple[CashFlow, ...]:
        """Return the loss as savings with a minus, so that one sum serves options and overlaps."""
        return tuple(
            CashFlow(
                year=year,
                payer=self.payer,
                category=self.category,
                kind=FlowKind.SAVING,
                amount=-amount,
                low=-amount,
                high=-amount,
                cashable=self.cashable,
            )
            for year, amount in sorted(self.loses.items())
        )
