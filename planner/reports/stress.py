"""What a result gives in hard times, beside the plan that would be best then."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Allocation, Plan, evaluate
from optimizer.stress import Stress, StressCell, StressTable, disappointed, stressed
from optimizer.writing import plain_number
from planner.formats import Language
from planner.reports.goal_words import GoalWords
from planner.reports.moves import moves
from planner.reports.values import Cell, Column, Row, Table

Json = Any
TODAY = "today"
MOST_FAILING = 3


def stress_document(table: StressTable, plan: Plan) -> dict[str, Json]:
    """Return a table of stress as it is stored, with the limits that today's plan then breaks."""
    return {
        "format": "bundlinje-stress/1",
        "choices": {
            name: {key: plain_number(scale) for key, scale in sorted(choice.items())}
            for name, choice in table.choices.items()
        },
        "cells": [
            {
                "choice": name,
                "stress": stress.value,
                "objective": plain_number(cell.objective),
                "kept": cell.is_kept,
            }
            for (name, stress), cell in table.cells.items()
        ],
        "broken": {
            stress.value: [
                {"da": row.row.label.da, "en": row.row.label.en}
                for row in evaluate(stressed(plan, stress), table.choices[TODAY]).broken
            ]
            for stress in Stress
        },
        "proved": table.is_proved,
    }


def stress_table_of(document: Mapping[str, Json]) -> StressTable:
    """Return the table that a stored document tells of."""
    return StressTable(
        choices={
            name: {key: Fraction(repr(scale)) for key, scale in choice.items()}
            for name, choice in document["choices"].items()
        },
        cells={
            (cell["choice"], Stress(cell["stress"])): StressCell(
                Fraction(repr(cell["objective"])), cell["kept"]
            )
            for cell in document["cells"]
        },
        is_proved=document["proved"],
    )


@dataclass(frozen=True, slots=True)
class StressReport:
    """The page of a result in hard times.

    Parameters
    ----------
    finding : str
        What it comes to in one sentence.
    table : Table
        Each stress: what the plan gives then, what would be best then, and the regret.
    matrix : Table
        Each plan under each stress.
    """

    finding: str
    goal: str
    table: Table
    matrix: Table


def stress_report(
    document: Mapping[str, Json], plan: Plan, *, language: Language, source: str
) -> StressReport:
    """Return the page of a stored table."""
    return _Teller(stress_table_of(document), document["broken"], plan, language, source).report()


@dataclass(frozen=True, slots=True)
class _Teller:
    found: StressTable
    broken: Mapping[str, list[Mapping[str, str]]]
    plan: Plan
    language: Language
    source: str

    @property
    def goal(self) -> GoalWords:
        return GoalWords(self.plan, self.language)

    def report(self) -> StressReport:
        return StressReport(self.finding(), self.goal.text, self.table(), self.matrix())

    def finding(self) -> str:
        """Say in how many of the hard times another plan would have been better."""
        hard = [stress for stress in Stress if stress is not Stress.EXPECTED]
        broken = [s for s in hard if not self.found.cells[TODAY, s].is_kept]
        worse = [s for s in hard if (self.found.regret(TODAY, s) or 0) > 0]
        if broken:
            return ngettext(
                "The plan breaks a limit in %(num)s of 4 hard times",
                "The plan breaks a limit in %(num)s of 4 hard times",
                len(broken),
            )
        if not worse:
            return _("No other plan would be better in any of 4 hard times")
        return ngettext(
            "Another plan would be better in %(num)s of 4 hard times",
            "Another plan would be better in %(num)s of 4 hard times",
            len(worse),
        )

    def table(self) -> Table:
        kind = self.goal.kind
        return Table(
            title=_("The plan in hard times"),
            caption=self.goal.caption,
            columns=(
                Column("stress", _("If it turns out")),
                Column("plan", _("The plan gives"), kind),
                Column("best", _("The best plan then"), kind),
                Column("regret", _("Regret"), self.goal.cost_kind),
                Column("limits", _("Limits"), "link"),
                Column("instead", _("What would be funded instead"), "link"),
            ),
            rows=tuple(self._row(stress) for stress in Stress),
            source=self.source,
            total_note=_(
                "Regret is how much more the plan that would be best then gives. The amounts are "
                "added up exactly from the business cases with the change made in them."
            )
            + ("" if self.found.is_proved else " " + _("Not every best plan is proved.")),
        )

    def _row(self, stress: Stress) -> Row:
        cell = self.found.cells[TODAY, stress]
        best = self.found.best(stress)
        regret = self.found.regret(TODAY, stress)
        return Row(
            (
                Cell(stress.label.say(self.language)),
                Cell(cell.objective),
                Cell(_("no plan fits") if best is None else best),
                Cell(regret),
                Cell(self._limits(stress)),
                self._instead(stress),
            )
        )

    def _instead(self, stress: Stress) -> Cell:
        """Return what the plan that is best then funds more and less."""
        if stress.value not in self.found.choices:
            return Cell("")
        return moves(self.plan, self.found.choices[stress.value], self.found.choices[TODAY])

    def _limits(self, stress: Stress) -> str:
        broken = self.broken.get(stress.value, [])
        if not broken:
            return _("kept")
        return _("broken: %(limits)s", limits="; ".join(one[self.language] for one in broken))

    def matrix(self) -> Table:
        """Return every plan under every stress."""
        kind = self.goal.kind
        return Table(
            title=_("Every plan in every case"),
            caption=self.goal.caption,
            columns=(
                Column("plan", _("Plan")),
                *(Column(s.value, s.label.say(self.language), kind) for s in Stress),
            ),
            rows=tuple(
                Row(
                    (
                        Cell(self._name(name)),
                        *(self._cell(self.found.cells[name, stress]) for stress in Stress),
                    )
                )
                for name in self.found.choices
            ),
            source=self.source,
        )

    def _name(self, name: str) -> str:
        if name == TODAY:
            return _("This plan")
        return _("Best if: %(stress)s", stress=Stress(name).label.say(self.language).lower())

    @staticmethod
    def _cell(cell: StressCell) -> Cell:
        return Cell(cell.objective, note=None if cell.is_kept else _("a limit is broken"))


def disappointments_table(allocation: Allocation, *, source: str) -> Table | None:
    """Return what is left when the most promising fail; None where nothing is funded."""
    plan = allocation.plan
    count = min(MOST_FAILING, len(allocation.choice))
    if not count:
        return None
    found = [disappointed(plan, allocation.choice, k) for k in range(1, count + 1)]
    titles = {key: plan.options[key][0].title for key in allocation.choice}
    return Table(
        title=_("If the most promising fail"),
        caption=_("Net saving in 1,000 kr., %(year)s prices, present value", year=plan.price_year),
        columns=(
            Column("which", _("These disappoint")),
            Column("expected", _("As expected"), "thousand_change"),
            Column("low", _("They come out low"), "thousand_change"),
            Column("nothing", _("They save nothing"), "thousand_change"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(", ".join(titles[key] for key in one.keys)),
                    Cell(one.expected),
                    Cell(one.low),
                    Cell(one.nothing),
                )
            )
            for one in found
        ),
        source=source,
        total_note=_(
            "The most promising are those with the greatest saving; all else is as expected."
        ),
    )
