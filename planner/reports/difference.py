"""Why two results differ: the parts that lead from the one to the other, and their sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any, Final

from flask_babel import gettext as _

from optimizer import Plan
from planner import formats
from planner.formats import Language
from planner.reports.chart_waterfall import Stretch, waterfall
from planner.reports.drawing import MILLION
from planner.reports.goal_words import GoalWords
from planner.reports.moves import moves_cell
from planner.reports.values import Cell, Chart, Column, Kind, Row, Table
from planner.reports.why import exact

Json = Any
GOAL: Final = "goal"
THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class DifferencePart:
    """What one change, or several that only make sense together, adds to the goal.

    Parameters
    ----------
    changes : tuple of str
        What is exchanged: ``pools``, ``limits``, ``goal``, ``cases``, ``assumptions``.
    label : str
    """

    changes: tuple[str, ...]
    label: str
    adds: Fraction
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    is_proved: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the two: its title and its plan."""

    title: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class DifferenceReport:
    """The section of the comparison."""

    finding: str
    chart: Chart
    table: Table


def difference_report(
    document: Mapping[str, Json],
    first: Compared,
    second: Compared,
    *,
    language: Language,
    source: str,
) -> DifferenceReport:
    """Return why the second result differs from the first, from the stored document."""
    parts = tuple(_part(part, language) for part in document["parts"])
    totals = (exact(document["first"]), exact(document["second"]))
    return _Teller(parts, totals, (first, second), language, source).report()


def _part(part: Mapping[str, Json], language: Language) -> DifferencePart:
    label = " + ".join(change[language] for change in part["changes"])
    return DifferencePart(
        changes=tuple(change["change"] for change in part["changes"]),
        label=f"{label[:1].upper()}{label[1:]}" or _("Found later"),
        adds=exact(part["adds"]),
        enters=tuple(part["enters"]),
        leaves=tuple(part["leaves"]),
        is_proved=part["proved"],
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    parts: tuple[DifferencePart, ...]
    totals: tuple[Fraction, Fraction]
    sides: tuple[Compared, Compared]
    language: Language
    source: str

    @property
    def is_money(self) -> bool:
        return all(side.plan.scenario.is_money for side in self.sides)

    @property
    def words(self) -> GoalWords:
        return GoalWords(self.sides[1].plan, self.language)

    @property
    def whole(self) -> Fraction:
        return self.totals[1] - self.totals[0]

    def report(self) -> DifferenceReport:
        return DifferenceReport(self.finding(), self.chart(), self.table())

    def say(self, value: Fraction) -> str:
        if self.is_money:
            return formats.say_million_change(value, language=self.language)
        return formats.number_change(value, decimals=2, language=self.language)

    def say_amount(self, value: Fraction) -> str:
        if self.is_money:
            return formats.say_million(value, language=self.language)
        return formats.measure(value, language=self.language)

    def say_short(self, value: Fraction) -> str:
        """Return a value without its unit, which stands above the picture."""
        if self.is_money:
            return formats.million_change(value, language=self.language)
        return self.say(value)

    def finding(self) -> str:
        """Say how much differs, and which change does most of it."""
        titles = {"first": self.sides[0].title, "second": self.sides[1].title}
        if not self.parts:
            return _("%(first)s and %(second)s rest on the same, and reach the same", **titles)
        most = max(self.parts, key=lambda part: abs(part.adds))
        titles |= {"change": most.label.lower(), "adds": self.say(most.adds)}
        if not self.whole:
            return _("%(second)s reaches the same as %(first)s", **titles)
        titles["amount"] = self.say_amount(abs(self.whole))
        if self.whole > 0:
            return _(
                "%(second)s reaches %(amount)s more than %(first)s, "
                "most of it by %(change)s (%(adds)s)",
                **titles,
            )
        return _(
            "%(second)s reaches %(amount)s less than %(first)s, "
            "most of it by %(change)s (%(adds)s)",
            **titles,
        )

    # ---- The picture ----

    def chart(self) -> Chart:
        """Return the way from the first total to the second."""
        finding = self.finding()
        unit = (
            _("million kr., %(year)s prices", year=self.sides[1].plan.price_year)
            if self.is_money
            else _("in the unit of the goal")
        )
        return Chart(
            name="difference",
            finding=finding,
            measure_line=_("The goal, %(unit)s: one change at a time, in this order", unit=unit),
            spec=waterfall(self._stretches(), description=finding, language=self.language),
            table=self._numbers(),
            source=self.source,
        )

    def _stretches(self) -> list[Stretch]:
        ends = list(accumulate((part.adds for part in self.parts), initial=self.totals[0]))
        between = [
            Stretch(
                part.label, self._pen(ends[n]), self._pen(ends[n + 1]), self.say_short(part.adds)
            )
            for n, part in enumerate(self.parts)
        ]
        return [self._total(0), *between, self._total(1)]

    def _total(self, which: int) -> Stretch:
        total = self.totals[which]
        label = self.sides[which].title
        return Stretch(label, Fraction(0), self._pen(total), self.say_short(total), is_total=True)

    def _pen(self, value: Fraction) -> Fraction:
        return value / MILLION if self.is_money else value

    # ---- The tables ----

    def _columns(self) -> tuple[Column, Column]:
        kind: Kind = "thousand_change" if self.is_money else "decimal"
        return (Column("change", _("What is exchanged")), Column("adds", _("The goal"), kind))

    def _numbers(self) -> Table:
        return Table(
            title=_("The points of the picture"),
            caption=self._caption(),
            columns=self._columns(),
            rows=self._rows(with_moves=False),
            source=self.source,
        )

    def _caption(self) -> str:
        return self.words.caption if self.is_money else _("The goal in its own unit")

    def table(self) -> Table:
        """Return each part with who comes and goes, and the sum."""
        return Table(
            title=_("Why are they different?"),
            caption=self._caption(),
            columns=(*self._columns(), Column("moves", _("Comes and goes"), "link")),
            rows=self._rows(with_moves=True),
            source=self.source,
            total_note=" ".join(self._notes()),
        )

    def _rows(self, *, with_moves: bool) -> tuple[Row, ...]:
        def row(label: str, value: Fraction, moves: Cell, kind: str = "normal") -> Row:
            cells = (Cell(label), Cell(value), *((moves,) if with_moves else ()))
            return Row(cells, kind="sum" if kind == "sum" else "normal")

        first, second = self.sides
        return (
            row(first.title, self.totals[0], Cell("")),
            *(row(part.label, part.adds, self._moves(part)) for part in self.parts),
            row(second.title, self.totals[1], Cell(""), "sum"),
        )

    def _moves(self, part: DifferencePart) -> Cell:
        come, go = (
            ", ".join(self._title(name) for name in names) for names in (part.enters, part.leaves)
        )
        return moves_cell(come, go)

    def _title(self, name: str) -> str:
        known = (side.plan.intervention_by_id.get(name) for side in reversed(self.sides))
        return next((one.title for one in known if one is not None), name)

    def _notes(self) -> list[str]:
        notes = [
            _(
                "One thing is exchanged at a time, in this order, and the best plan is found "
                "after each; the parts add up to the whole. "
                "Another order would attribute otherwise."
            )
        ]
        if any(GOAL in part.changes for part in self.parts):
            notes.append(
                _("The goal itself is exchanged too: before that, values are of the first goal.")
            )
        if any(not part.is_proved for part in self.parts):
            notes.append(_("Not every best plan is proved."))
        if self._is_rounded_apart:
            notes.append(_("The parts are rounded, so they may not add up to the last figure."))
        return notes

    @property
    def _is_rounded_apart(self) -> bool:
        if not self.is_money:
            return False
        first, last = (formats.rounded(total / THOUSAND) for total in self.totals)
        shown = sum(formats.rounded(part.adds / THOUSAND) for part in self.parts)
        return first + shown != last
