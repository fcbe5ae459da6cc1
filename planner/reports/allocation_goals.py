"""What each of several goals in order reaches, and how sure that is."""

from collections.abc import Sequence
from fractions import Fraction

from flask_babel import gettext as _

from optimizer import Allocation, Plan, Status
from optimizer.allocation import LaterObjective, relative_gap
from optimizer.objectives.base import ObjectiveTerm
from planner.formats import Language
from planner.reports.allocation_status import headline
from planner.reports.scenario_facts import goals_text, within_text, worth_text
from planner.reports.values import Cell, Column, Row, Table

Terms = Sequence[ObjectiveTerm]


def goals_table(allocation: Allocation, *, language: Language) -> Table:
    """Return the goals in their order, each with what it reaches and its status."""
    plan = allocation.plan
    first = (plan.scenario.objective, "", allocation.objective, allocation.status, allocation.gap)
    later = [
        (
            goal.terms,
            within_text(goal.within, language=language),
            found.objective,
            found.status,
            later_gap(found),
        )
        for goal, found in zip(plan.scenario.then, allocation.later, strict=True)
    ]
    return Table(
        title=_("The goals in order"),
        caption=_("Each goal counts among the plans that are good enough by the goals before it."),
        columns=(
            Column("place", _("Order")),
            Column("goal", _("Goal")),
            Column("value", _("Reaches")),
            Column("status", _("How sure")),
        ),
        rows=tuple(_row(place, line, plan, language) for place, line in enumerate([first, *later])),
    )


def later_gap(found: LaterObjective) -> Fraction | None:
    """Return how far a later goal may be from its best; None where nobody knows."""
    return None if found.bound is None else relative_gap(found.bound, found.objective)


def _row(
    place: int,
    line: tuple[Terms, str, Fraction | None, Status, Fraction | None],
    plan: Plan,
    language: Language,
) -> Row:
    terms, within, value, status, gap = line
    return Row(
        (
            Cell(order_word(place)),
            Cell(goals_text(terms, plan, language=language), note=within or None),
            Cell(worth_text(value, terms, language=language)),
            Cell(headline(status, gap, language=language)),
        )
    )


def order_word(place: int) -> str:
    """Return how a goal is introduced: first, then, thereafter."""
    return _("First") if place == 0 else _("Then")
