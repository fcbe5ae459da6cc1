"""What every limit is: a frozen class that yields rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from optimizer.quantity import quantity
from optimizer.sentence import Sentence
from optimizer.tagged import Registry, Tagged

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.program import LazyRow, Row
    from optimizer.scenario import Plan

constraints: Registry["Constraint"] = Registry("tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Tagged):
    """A rule that an allocation must keep; hard, or soft at a price.

    ``label`` replaces the sentence made from the values. With ``soft_price`` (objective units per
    unit broken, each row its own) the rule may be broken at that price.
    """

    #: whether a soft price makes sense for this rule
    may_be_soft: ClassVar[bool] = True

    label: str | None = quantity(
        "text",
        Sentence("Navn", "Name"),
        default=None,
        help=Sentence(
            "Tomt: Bundlinje skriver sætningen ud fra tallene.",
            "Empty: Bundlinje writes the sentence from the numbers.",
        ),
    )
    soft_price: Fraction | None = quantity(
        "number",
        Sentence("Pris for at bryde rammen", "Price for breaking the limit"),
        default=None,
        above=0,
        help=Sentence(
            "Tomt: rammen skal holde. Ellers det, målet mister for hver enhed, rammen brydes med.",
            "Empty: the limit must hold. Else what the objective loses per unit broken.",
        ),
    )

    def rows(self, program: "Compilation") -> Iterator["Row"]:
        """Yield the rows of the rule; the caller adds path, tag and soft price."""
        raise NotImplementedError

    def lazy_rows(self, program: "Compilation") -> Iterator["LazyRow"]:
        """Yield the rules of the limit that are kept by cuts; most limits have none."""
        del program
        yield from ()

    def sentence(self, plan: "Plan") -> Sentence:
        """Return the rule as a sentence that a council member can read."""
        raise NotImplementedError

    def named(self, plan: "Plan") -> Sentence:
        """Return the label that a person gave, else the sentence."""
        return Sentence(self.label, self.label) if self.label else self.sentence(plan)

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        if self.soft_price is not None and not self.may_be_soft:
            yield (
                "soft_price",
                Sentence(
                    "Denne ramme kan ikke brydes mod en pris.",
                    "This limit cannot be broken at a price.",
                ),
            )


NEEDS_A_BOUND = Sentence(
    "Skriv mindst ét af at_least (mindst) og at_most (højst).",
    "Give at least one of at_least and at_most.",
)
CROSSED_BOUNDS = Sentence(
    "at_least (mindst) er større end at_most (højst).", "at_least is greater than at_most."
)


def bound_problems(
    at_least: Fraction | int | None, at_most: Fraction | int | None
) -> Iterable[tuple[str, Sentence]]:
    """Yield what is wrong with a pair of bounds of which at least one must be given."""
    if at_least is None and at_most is None:
        yield ("", NEEDS_A_BOUND)
    elif at_least is not None and at_most is not None and at_least > at_most:
        yield ("at_least", CROSSED_BOUNDS)


def bounds(
    at_least: Fraction | int | None,
    at_most: Fraction | int | None,
    words: Callable[[Fraction | int], Sentence],
) -> Sentence:
    """Return ``mindst 2 og højst 5``; ``words`` writes a number with its unit."""
    parts_da, parts_en = [], []
    if at_least is not None:
        parts_da.append(f"mindst {words(at_least).da}")
        parts_en.append(f"at least {words(at_least).en}")
    if at_most is not None:
        parts_da.append(f"højst {words(at_most).da}")
        parts_en.append(f"at most {words(at_most).en}")
    return Sentence(" og ".join(parts_da), " and ".join(parts_en))


def capital(sentence: Sentence) -> Sentence:
    """Return the sentence with a capital first letter."""
    return Sentence(
        sentence.da[:1].upper() + sentence.da[1:], sentence.en[:1].upper() + sentence.en[1:]
    )
