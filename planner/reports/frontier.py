"""A frontier in words, as a picture, and as a table of which each line opens as a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer import Plan, Status, plan_document
from optimizer.levers import LimitBound
from optimizer.program import Exact
from planner import formats
from planner.formats import Language
from planner.reports.allocation_status import headline
from planner.reports.chart_frontier import Mark, Now, frontier_line
from planner.reports.drawing import MILLION
from planner.reports.frontier_question import Movable, key_of, lever_of, movables_of
from planner.reports.goal_words import GoalWords
from planner.reports.moves import moves
from planner.reports.values import Cell, Chart, Column, Row, Table
from planner.reports.why import exact

Json = Any


@dataclass(frozen=True, slots=True)
class PointLine:
    """One point.

    Parameters
    ----------
    said : str
        The value in words.
    chosen : mapping of option key to scale
    """

    amount: Exact
    said: str
    goal: Fraction | None
    status: Status
    gap: float | None
    chosen: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FrontierReport:
    """The whole page.

    Parameters
    ----------
    label : str
        What is moved, in words.
    table : Table
        One row a point, in the same order as ``points``.
    """

    label: str
    chart: Chart
    table: Table
    points: tuple[PointLine, ...]


def frontier_report(
    document: Mapping[str, Json],
    question: Mapping[str, Json],
    plan: Plan,
    *,
    language: Language,
    source: str,
) -> FrontierReport:
    """Return the page of a stored frontier."""
    movable = next(m for m in movables_of(plan, language=language) if m.key == key_of(question))
    return _Teller(_points(document, movable, language), movable, plan, language, source).report()


def frontier_label(question: Mapping[str, Json], plan: Plan, *, language: Language) -> str:
    """Return what a question moves, and from where to where."""
    movable = next(m for m in movables_of(plan, language=language) if m.key == key_of(question))
    low, high = (exact(question["amounts"][place]) for place in (0, -1))
    return _(
        "%(label)s: from %(low)s to %(high)s",
        label=movable.label,
        low=movable.say(low, language=language),
        high=movable.say(high, language=language),
    )


def point_plan(question: Mapping[str, Json], plan: Plan, amount: Exact) -> tuple[str, Json]:
    """Return where in a plan the moved pool or limit stands, and how it reads at a point."""
    lever = lever_of(question)
    path = lever.place(plan)
    scenario = plan_document(lever.plan(plan, amount))["scenario"]
    family, _bracket, rest = path.removeprefix("scenario.").partition("[")
    return path, scenario[family][int(rest.partition("]")[0])]


def point_name(
    question: Mapping[str, Json], plan: Plan, amount: Exact, *, language: Language
) -> str:
    """Return what a plan says at a point: the pool and its size, or the limit with its number."""
    lever = lever_of(question)
    changed = lever.plan(plan, amount)
    if isinstance(lever, LimitBound):
        return changed.scenario.constraints[lever.number].named(changed).say(language)
    pool = next(pool for pool in plan.scenario.pools if pool.id == lever.pool)
    found = movables_of(changed, language=language)
    said = next(m for m in found if m.key == key_of(question)).say(amount, language=language)
    return f"{pool.name or pool.id} {said}"


def _points(
    document: Mapping[str, Json], movable: Movable, language: Language
) -> tuple[PointLine, ...]:
    return tuple(
        PointLine(
            amount=exact(point["amount"]),
            said=movable.say(exact(point["amount"]), language=language),
            goal=None if point["objective"] is None else exact(point["objective"]),
            status=Status(point["status"]),
            gap=point["gap"],
            chosen={
                f"{one['intervention']}/{one['option']}": one["scale"] for one in point["chosen"]
            },
        )
        for point in document["points"]
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    points: tuple[PointLine, ...]
    movable: Movable
    plan: Plan
    language: Language
    source: str

    @property
    def goal(self) -> GoalWords:
        """Return how the goal is said."""
        return GoalWords(self.plan, self.language)

    def report(self) -> FrontierReport:
        """Return everything."""
        return FrontierReport(self.movable.label, self.chart(), self.table(), self.points)

    # ---- The picture ----

    def finding(self) -> str:
        """Return what the picture shows."""
        known = [point for point in self.points if point.goal is not None]
        if not known:
            return _("There is no plan anywhere between the two")
        first, last = known[0], known[-1]
        if first.goal == last.goal:
            return _(
                "The goal is the same from %(low)s to %(high)s", low=first.said, high=last.said
            )
        if not self.movable.is_floor:
            enough = next(point for point in known if point.goal == last.goal)
            if enough is not last:
                return _("More than %(amount)s gives nothing more", amount=enough.said)
        return _(
            "From %(low)s to %(high)s the goal goes from %(first)s to %(last)s",
            low=first.said,
            high=last.said,
            first=self.goal.say(first.goal or Fraction(0)),
            last=self.goal.say(last.goal or Fraction(0)),
        )

    def chart(self) -> Chart:
        """Return the picture and its numbers."""
        finding = self.finding()
        marks = [self._mark(place, point) for place, point in enumerate(self.points)]
        said = self.movable.say(self.movable.value, language=self.language)
        now = Now(self._across(self.movable.value), _("now %(value)s", value=said))
        return Chart(
            name="frontier",
            finding=finding,
            measure_line=self._measure_line(),
            spec=frontier_line(
                marks,
                now=now,
                is_floor=self.movable.is_floor,
                is_year=self.movable.unit == "year",
                description=finding,
                language=self.language,
            ),
            table=self._numbers(),
            source=self.source,
        )

    def _mark(self, place: int, point: PointLine) -> Mark:
        goal = point.goal
        said = formats.NONE if goal is None else self.goal.say(goal)
        up = None if goal is None else self._up(goal)
        return Mark(self._across(point.amount), up, f"{point.said}: {said}", f"#point-{place}")

    def _across(self, amount: Exact) -> Exact:
        if self.movable.unit == "money":
            return Fraction(amount) / MILLION
        return Fraction(amount) * 100 if self.movable.unit == "percent" else amount

    def _up(self, goal: Fraction) -> Fraction:
        return goal / MILLION if self.goal.is_money else goal

    def _measure_line(self) -> str:
        goal = self.goal.text
        across = {"money": _("million kr."), "percent": _("per cent")}.get(self.movable.unit, "")
        up = self.goal.axis
        return _(
            "Up: %(goal)s. Across: %(label)s",
            goal=f"{goal} ({up})" if up else goal,
            label=f"{self.movable.label} ({across})" if across else self.movable.label,
        )

    def _numbers(self) -> Table:
        return Table(
            title=_("The points of the picture"),
            caption="",
            columns=(
                Column("amount", self.movable.label),
                Column("goal", _("Goal"), self.goal.kind),
            ),
            rows=tuple(Row((Cell(p.said), Cell(p.goal))) for p in self.points),
            source=self.source,
        )

    # ---- The table ----

    def table(self) -> Table:
        """Return a line a point: the goal, what it gains on the line above, who comes and goes."""
        kind = self.goal.kind
        before: list[PointLine | None] = [None, *self.points[:-1]]
        unit = _("Goal in 1,000 kr., %(year)s prices", year=self.plan.price_year)
        return Table(
            title=_("Every point and its plan"),
            caption=unit if self.goal.is_money else "",
            columns=(
                Column("amount", _("Value")),
                Column("goal", _("Goal"), kind),
                Column("gain", _("Against the line above"), kind),
                Column("funded", _("Interventions"), "count"),
                Column("changes", _("Comes and goes"), "link"),
                *(() if self._is_proved else (Column("status", _("How sure")),)),
            ),
            rows=tuple(
                self._row(place, point, last)
                for place, (point, last) in enumerate(zip(self.points, before, strict=True))
            ),
            source=self.source,
            total_note=_("Every point is the best plan, proved.") if self._is_proved else "",
        )

    @property
    def _is_proved(self) -> bool:
        return all(point.status is Status.OPTIMAL for point in self.points)

    def _row(self, place: int, point: PointLine, last: PointLine | None) -> Row:
        gain = None
        if last is not None and point.goal is not None and last.goal is not None:
            gain = point.goal - last.goal
        return Row(
            (
                Cell(point.said),
                Cell(point.goal),
                Cell(gain),
                Cell(len({key.partition("/")[0] for key in point.chosen})),
                Cell("") if last is None else moves(self.plan, point.chosen, last.chosen),
                *self._sure(point),
            ),
            anchor=f"point-{place}",
        )

    def _sure(self, point: PointLine) -> tuple[Cell, ...]:
        if self._is_proved:
            return ()
        return (Cell(headline(point.status, point.gap, language=self.language)),)
