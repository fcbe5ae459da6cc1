"""Limits on what may be chosen: how many, how well proved, how quickly paid back, whom it helps."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.constraints.base import (
    Constraint,
    bound_problems,
    bounds,
    capital,
    constraints,
)
from optimizer.constraints.money import AT_LEAST_WORDS, AT_MOST_WORDS, WHERE
from optimizer.filters import Filter, within
from optimizer.objectives.base import payer_names
from optimizer.objectives.money import PAYERS
from optimizer.program import Row
from optimizer.quantity import quantity
from optimizer.sentence import Sentence, number

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.scenario import Plan

FROM = Sentence("fra", "from")


@constraints.register(
    "chosen",
    title=Sentence("Antal indsatser", "Number of interventions"),
    about=Sentence(
        "Hvor mange indsatser der mindst eller højst vælges.",
        "How many interventions are chosen, at least or at most.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(Constraint):
    """Number of interventions chosen within ``where``:  at_least <= sum y_o <= at_most."""

    at_least: int | None = quantity("count", AT_LEAST_WORDS, default=None)
    at_most: int | None = quantity("count", AT_MOST_WORDS, default=None)
    where: Filter | None = WHERE

    def rows(self, program: "Compilation") -> Iterator[Row]:
        yield Row(
            label=self.named(program.plan),
            terms=program.funded(dict.fromkeys(program.matching(self.where), 1)),
            lower=self.at_least,
            upper=self.at_most,
        )

    def sentence(self, plan: "Plan") -> Sentence:
        count = capital(bounds(self.at_least, self.at_most, number))
        where = within(self.where, plan, FROM)
        is_one = (self.at_least if self.at_most is None else self.at_most) == 1
        da, en = ("indsats", "intervention") if is_one else ("indsatser", "interventions")
        return Sentence(f"{count.da} {da}{where.da}", f"{count.en} {en}{where.en}")

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        yield from Constraint.problems(self)
        yield from bound_problems(self.at_least, self.at_most)


@constraints.register(
    "measure",
    title=Sentence("Måltal", "Measure"),
    about=Sentence(
        "Et måltal, fx borgere eller timer, er mindst eller højst så stort.",
        "A measure, such as citizens or hours, is at least or at most so great.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLimit(Constraint):
    """Total of ``measure`` within ``where``, each option times its scale; or in one ``year``."""

    measure: str = quantity("measure", Sentence("Måltal", "Measure"))
    at_least: Fraction | None = quantity("number", AT_LEAST_WORDS, default=None)
    at_most: Fraction | None = quantity("number", AT_MOST_WORDS, default=None)
    year: int | None = quantity(
        "year",
        Sentence("År", "Year"),
        default=None,
        help=Sentence("Tomt: i alt.", "Empty: in total."),
    )
    where: Filter | None = WHERE

    def rows(self, program: "Compilation") -> Iterator[Row]:
        yield Row(
            label=self.named(program.plan),
            terms=program.measure(self.measure, self.year, self.where),
            lower=self.at_least,
            upper=self.at_most,
            year=self.year,
        )

    def sentence(self, plan: "Plan") -> Sentence:
        amount = capital(bounds(self.at_least, self.at_most, number))
        where = within(self.where, plan, FROM)
        year_da, year_en = (f" i {self.year}", f" in {self.year}") if self.year else ("", "")
        return Sentence(
            f"{amount.da} {self.measure}{where.da}{year_da}",
            f"{amount.en} {self.measure}{where.en}{year_en}",
        )

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        yield from Constraint.problems(self)
        yield from bound_problems(self.at_least, self.at_most)


@constraints.register(
    "evidence",
    title=Sentence("Evidens i gennemsnit", "Mean evidence"),
    about=Sentence(
        "Stjerner i gennemsnit, vægtet med udlægget, så store beløb tæller mest.",
        "Mean stars weighted by outlay, so that large amounts count most.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Constraint):
    """Mean evidence stars weighted by outlay, multiplied out.

    sum_o (stars_o - at_least) outlay_o z_o >= 0.  Its unit is star-kroner.
    """

    at_least: Fraction = quantity(
        "number",
        AT_LEAST_WORDS,
        minimum=0,
        maximum=3,
        unit=Sentence("stjerner", "stars"),
    )

    def rows(self, program: "Compilation") -> Iterator[Row]:
        values = {
            key: (intervention.evidence_stars - self.at_least) * program.appraisal.outlay(option)
            for key, (intervention, option) in program.plan.options.items()
        }
        yield Row(label=self.named(program.plan), terms=program.scaled(values), lower=0)

    def sentence(self, plan: "Plan") -> Sentence:
        stars = number(self.at_least)
        return Sentence(
            f"Evidens på mindst {stars.da} stjerner i gennemsnit",
            f"Evidence of at least {stars.en} stars on average",
        )


@constraints.register(
    "payback",
    title=Sentence("Tjent hjem senest", "Paid back by"),
    about=Sentence(
        "Kun indsatser, der hver for sig er tjent hjem senest i et år, kan vælges.",
        "Only interventions that each have paid back by a year can be chosen.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Payback(Constraint):
    """Options whose own payback year is after ``latest_year`` cannot be chosen:  sum y_o <= 0.

    The payback year is the first from which the option's cumulative undiscounted expected flow to
    ``payers`` stays >= 0; one that never pays back counts as after.
    """

    may_be_soft = False

    payers: frozenset[str] | None = PAYERS
    latest_year: int = quantity("year", Sentence("Senest i", "At the latest in"))

    def rows(self, program: "Compilation") -> Iterator[Row]:
        late = {
            key: 1
            for key, (_, option) in program.plan.options.items()
            if self.is_late(program.appraisal.payback_year(option.flows, self.payers))
        }
        yield Row(label=self.named(program.plan), terms=program.funded(late), upper=0)

    def is_late(self, year: int | None) -> bool:
        """Return whether a payback year is too late; None is never."""
        return year is None or year > self.latest_year

    def sentence(self, plan: "Plan") -> Sentence:
        names = payer_names(plan, self.payers)
        return Sentence(
            f"Kun indsatser, der er tjent hjem for {names.da} senest i {self.latest_year}",
            f"Only interventions paid back for {names.en} by {self.latest_year}",
        )
