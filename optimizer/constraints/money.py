"""Limits on money: what is invested, what comes back, what each year costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.appraisal import Selection
from optimizer.constraints.base import (
    Constraint,
    bound_problems,
    bounds,
    capital,
    constraints,
)
from optimizer.filters import Filter, within
from optimizer.intervention import Case
from optimizer.objectives.base import payer_names
from optimizer.objectives.money import CASE, CASHABLE_ONLY, DISCOUNTED, PAYERS, PERIODS
from optimizer.payers import Category
from optimizer.program import Row
from optimizer.quantity import Choice, quantity
from optimizer.sentence import Sentence, kroner, percent

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.scenario import Plan

WHERE = quantity(
    "where",
    Sentence("Gælder for", "Applies to"),
    default=None,
    help=Sentence("Tomt: alle indsatser.", "Empty: all interventions."),
)
AT_LEAST_WORDS = Sentence("Mindst", "At least")
AT_MOST_WORDS = Sentence("Højst", "At most")
TO = Sentence("til", "to")
EN_DASH = "\N{EN DASH}"


@constraints.register(
    "invested",
    title=Sentence("Udlæg i kroner", "Outlay in kroner"),
    about=Sentence(
        "Hvor mange kroner der mindst eller højst investeres, i alt eller i ét år.",
        "How many kroner at least or at most are invested, in all or in one year.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Invested(Constraint):
    """Kroner of outlay within ``where``:  at_least <= sum outlay_o z_o <= at_most.

    All outlay counts, whichever pool or ordinary budget pays it; over all years, or in ``year``.
    """

    at_least: int | None = quantity("kroner", AT_LEAST_WORDS, default=None, minimum=0)
    at_most: int | None = quantity("kroner", AT_MOST_WORDS, default=None, minimum=0)
    year: int | None = quantity(
        "year",
        Sentence("År", "Year"),
        default=None,
        help=Sentence("Tomt: alle år.", "Empty: all years."),
    )
    where: Filter | None = WHERE

    def rows(self, program: "Compilation") -> Iterator[Row]:
        yield Row(
            label=self.named(program.plan),
            terms=program.outlay(self.where, self.year),
            lower=self.at_least,
            upper=self.at_most,
            year=self.year,
        )

    def sentence(self, plan: "Plan") -> Sentence:
        amount = capital(bounds(self.at_least, self.at_most, kroner))
        to = within(self.where, plan, TO)
        year_da, year_en = (f" i {self.year}", f" in {self.year}") if self.year else ("", "")
        return Sentence(
            f"{amount.da} i udlæg{to.da}{year_da}", f"{amount.en} in outlay{to.en}{year_en}"
        )

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        yield from Constraint.problems(self)
        yield from bound_problems(self.at_least, self.at_most)


@constraints.register(
    "invested_share",
    title=Sentence("Andel af udlægget", "Share of the outlay"),
    about=Sentence(
        "Hvor stor en del af det investerede der mindst eller højst går til nogle af indsatserne.",
        "How much of what is invested goes, at least or at most, to some of the interventions.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class InvestedShare(Constraint):
    """Outlay within ``where`` as a share of all outlay, multiplied out.

    sum_{o in where} outlay_o z_o - share * sum_o outlay_o z_o  >= 0  (at_least), <= 0 (at_most).
    So it holds when nothing is invested; its unit is kroner.
    """

    at_least: Fraction | None = quantity("share", AT_LEAST_WORDS, default=None)
    at_most: Fraction | None = quantity("share", AT_MOST_WORDS, default=None)
    where: Filter | None = WHERE

    def rows(self, program: "Compilation") -> Iterator[Row]:
        for share, is_floor in ((self.at_least, True), (self.at_most, False)):
            if share is None:
                continue
            only = replace(
                self,
                at_least=share if is_floor else None,
                at_most=None if is_floor else share,
            )
            yield Row(
                label=only.named(program.plan),
                terms=program.outlay_beyond_share(self.where, share),
                lower=0 if is_floor else None,
                upper=None if is_floor else 0,
            )

    def sentence(self, plan: "Plan") -> Sentence:
        share = capital(bounds(self.at_least, self.at_most, percent))
        to = within(self.where, plan, TO)
        return Sentence(f"{share.da} af udlægget{to.da}", f"{share.en} of the outlay{to.en}")

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        yield from Constraint.problems(self)
        yield from bound_problems(self.at_least, self.at_most)


@constraints.register(
    "net_saving",
    title=Sentence("Nettobesparelse", "Net saving"),
    about=Sentence(
        "Hvad nogle kasser mindst eller højst skal spare netto i en periode.",
        "What some purses shall save net, at least or at most, in a period.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class NetSavingLimit(Constraint):
    """Sum of all flows of ``payers`` within ``where`` in the period, overlap losses taken off."""

    payers: frozenset[str] | None = PAYERS
    at_least: int | None = quantity("kroner", AT_LEAST_WORDS, default=None)
    at_most: int | None = quantity("kroner", AT_MOST_WORDS, default=None)
    period: str | None = quantity(
        "choice", Sentence("Periode", "Period"), default=None, choices=PERIODS
    )
    years: tuple[int, int] | None = quantity(
        "years",
        Sentence("eller årene", "or the years"),
        default=None,
        help=Sentence("Fra og til, i stedet for en periode.", "From and to, instead of a period."),
    )
    discounted: bool = DISCOUNTED
    cashable_only: bool = CASHABLE_ONLY
    case: Case = CASE
    where: Filter | None = WHERE

    def rows(self, program: "Compilation") -> Iterator[Row]:
        plan = program.plan
        selection = Selection(
            payers=self.payers,
            years=self.years or (plan.budget_period if self.period == "budget" else None),
            cashable_only=self.cashable_only,
            case=self.case,
            discounted=self.discounted,
        )
        yield Row(
            label=self.named(plan),
            terms=program.money(selection, self.where),
            lower=self.at_least,
            upper=self.at_most,
        )

    def sentence(self, plan: "Plan") -> Sentence:
        names = payer_names(plan, self.payers)
        amount = bounds(self.at_least, self.at_most, kroner)
        first, last = self.years or (
            plan.budget_period if self.period == "budget" else plan.horizon
        )
        to = within(self.where, plan, Sentence("fra", "from"))
        how_da = ", nutidsværdi" if self.discounted else ""
        how_en = ", discounted" if self.discounted else ""
        if self.cashable_only:
            how_da, how_en = how_da + ", kun det der kan hentes", how_en + ", cashable only"
        if self.case is not Case.EXPECTED:
            how_da += ", lavt skøn" if self.case is Case.LOW else ", højt skøn"
            how_en += f", {self.case.label.en} estimate"
        return Sentence(
            f"Nettobesparelsen{to.da} for {names.da} er {amount.da} "
            f"({first}{EN_DASH}{last}{how_da})",
            f"The net saving{to.en} for {names.en} is {amount.en} ({first}{EN_DASH}{last}{how_en})",
        )

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        yield from Constraint.problems(self)
        yield from bound_problems(self.at_least, self.at_most)
        if (self.period is None) == (self.years is None):
            yield (
                "",
                Sentence(
                    "Skriv enten period (periode) eller years (år), netop ét af dem.",
                    "Give exactly one of period and years.",
                ),
            )


@constraints.register(
    "spending",
    title=Sentence("Udgiftsloft", "Spending ceiling"),
    about=Sentence(
        "Hvor meget nettoudgifterne på ét styringsområde højst må stige år for år.",
        "How much net spending in one control category may rise, year by year.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Spending(Constraint):
    """The rise of net spending in a category: minus the sum of its flows in a year <= the number.

    A case can help the purse and still break the service ceiling: +5 service and -8 transfers is
    -3 for the purse and +5 on the ceiling.
    """

    payers: frozenset[str] | None = PAYERS
    category: Category = quantity(
        "choice",
        Sentence("Styringsområde", "Control category"),
        choices=tuple(Choice(c.value, c.label) for c in Category),
    )
    by_year: Mapping[int, int] = quantity(
        "kroner_by_year", Sentence("Højst, år for år", "At most, by year")
    )

    def rows(self, program: "Compilation") -> Iterator[Row]:
        selection = Selection(payers=self.payers, category=self.category)
        flows = program.money_by_year(selection)
        for year, amount in sorted(self.by_year.items()):
            yield Row(
                label=self._in_year(program.plan, year, amount),
                terms={v: -c for v, c in flows.get(year, {}).items()},
                upper=amount,
                year=year,
            )

    def _in_year(self, plan: "Plan", year: int, amount: int) -> Sentence:
        if self.label:
            return Sentence(f"{self.label}, {year}", f"{self.label}, {year}")
        start, most = self._start(plan), kroner(amount)
        return Sentence(
            f"{start.da} stiger højst {most.da} i {year}",
            f"{start.en} rises by at most {most.en} in {year}",
        )

    def _start(self, plan: "Plan") -> Sentence:
        names = payer_names(plan, self.payers)
        nouns = {
            Category.SERVICE: Sentence("Serviceudgifterne", "Service spending"),
            Category.CONSTRUCTION: Sentence("Anlægsudgifterne", "Construction spending"),
            Category.TRANSFERS: Sentence("Overførselsudgifterne", "Transfer spending"),
        }
        noun = nouns[self.category]
        return Sentence(f"{noun.da} for {names.da}", f"{noun.en} of {names.en}")

    def sentence(self, plan: "Plan") -> Sentence:
        start = self._start(plan)
        years = sorted(self.by_year.items())
        da = "; ".join(f"{kroner(a).da} i {y}" for y, a in years)
        en = "; ".join(f"{kroner(a).en} in {y}" for y, a in years)
        return Sentence(f"{start.da} stiger højst {da}", f"{start.en} rises by at most {en}")


@constraints.register(
    "cumulative",
    title=Sentence("Opsummeret resultat", "Cumulative result"),
    about=Sentence(
        "Kassernes opsummerede pengestrøm må fra et år og frem ikke komme under et beløb.",
        "The purses' cumulative flow may not fall below an amount from a year on.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Cumulative(Constraint):
    """The portfolio's cumulative undiscounted flow is >= ``at_least`` every year from a year on."""

    payers: frozenset[str] | None = PAYERS
    from_year: int = quantity("year", Sentence("Fra og med år", "From the year"))
    at_least: int = quantity("kroner", AT_LEAST_WORDS, default=0)

    def rows(self, program: "Compilation") -> Iterator[Row]:
        flows = program.money_by_year(Selection(payers=self.payers))
        so_far: dict[int, Fraction | int] = {}
        for year in program.plan.years:
            for variable, amount in flows.get(year, {}).items():
                so_far[variable] = so_far.get(variable, 0) + amount
            if year >= self.from_year:
                yield Row(
                    label=self._in_year(program.plan, year),
                    terms={v: c for v, c in so_far.items() if c},
                    lower=self.at_least,
                    year=year,
                )

    def _in_year(self, plan: "Plan", year: int) -> Sentence:
        if self.label:
            return Sentence(f"{self.label}, {year}", f"{self.label}, {year}")
        names, least = payer_names(plan, self.payers), kroner(self.at_least)
        return Sentence(
            f"Det opsummerede resultat for {names.da} er mindst {least.da} ved udgangen af {year}",
            f"The cumulative result of {names.en} is at least {least.en} at the end of {year}",
        )

    def sentence(self, plan: "Plan") -> Sentence:
        names, least = payer_names(plan, self.payers), kroner(self.at_least)
        return Sentence(
            f"Det opsummerede resultat for {names.da} er mindst {least.da} hvert år fra "
            f"{self.from_year}",
            f"The cumulative result of {names.en} is at least {least.en} every year from "
            f"{self.from_year}",
        )
