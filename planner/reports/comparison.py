"""Two to four scenarios side by side: first what differs, then the numbers."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Status
from planner import formats
from planner.reports.comparison_charts import money_chart, other_chart
from planner.reports.comparison_limits import limits_table
from planner.reports.comparison_says import Said, differences
from planner.reports.comparison_sides import Side, Sides
from planner.reports.comparison_tables import (
    assumptions,
    assumptions_summary,
    matrix,
    years_tables,
)
from planner.reports.values import Chart, Table

__all__ = ["Comparison", "Side", "Sides", "comparison_of"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that the page shows.

    Parameters
    ----------
    title, lead : str
        What is compared, and what the scenarios have in common.
    warnings : tuple of str
        Why some figures cannot be held against each other.
    says : tuple of (str, str)
        The differences: the finding, and what follows it.
    """

    title: str
    lead: str
    warnings: tuple[str, ...]
    price_note: str
    says: tuple[Said, ...]
    money: Chart
    other: Chart
    matrix: Table
    limits: Table
    years: tuple[Table, ...]
    assumptions: Table
    assumptions_summary: str


def comparison_of(sides: Sides, *, source: str) -> Comparison:
    """Return the comparison of scenarios that all have a plan."""
    return Comparison(
        title=_title(sides),
        lead=_lead(sides),
        warnings=tuple(_warnings(sides)),
        price_note=_("Amounts in %(year)s prices", year=sides.first.plan.price_year)
        if sides.shared(lambda side: side.plan.price_year)
        else "",
        says=differences(sides),
        money=money_chart(sides, source=source),
        other=other_chart(sides, source=source),
        matrix=matrix(sides),
        limits=limits_table(sides),
        years=years_tables(sides),
        assumptions=assumptions(sides),
        assumptions_summary=assumptions_summary(sides),
    )


def _count(number: int) -> str:
    words = {2: _("Two"), 3: _("Three"), 4: _("Four")}
    return str(words.get(number, number))


def _title(sides: Sides) -> str:
    count = _count(len(sides.all))
    if sides.shared(lambda side: side.strategy):
        return str(_("%(count)s ways for %(strategy)s", count=count, strategy=sides.first.strategy))
    return str(_("%(count)s scenarios side by side", count=count))


def _lead(sides: Sides) -> str:
    """Return what they have in common: pools, candidates, how good the answers are."""
    parts = [_pools(sides), _candidates(sides)]
    said = sides.words([part for part in parts if part])
    first = f"{said[:1].upper()}{said[1:]}. " if said else ""
    return f"{first}{_answers(sides)}"


def _pools(sides: Sides) -> str:
    if not sides.shared(lambda side: side.pool) or not sides.first.pool:
        return str(_("different pools")) if not sides.shared(lambda side: side.pool) else ""
    amount = formats.say_million(sides.first.pool, language=sides.language)
    return str(
        ngettext(
            "the same pool of %(amount)s",
            "the same pools of %(amount)s",
            len(sides.first.plan.scenario.pools),
            amount=amount,
        )
    )


def _candidates(sides: Sides) -> str:
    def candidates(side: Side) -> frozenset[tuple[str, str]]:
        return frozenset((i.id, i.title) for i in side.plan.interventions)

    if not sides.shared(candidates):
        return str(_("not quite the same candidates"))
    count = formats.number(len(sides.first.plan.interventions), language=sides.language)
    return str(_("the same %(count)s candidates", count=count))


def _answers(sides: Sides) -> str:
    proved = [side for side in sides.all if side.allocation.status is Status.OPTIMAL]
    if len(proved) == len(sides.all):
        return str(_("Each of them is its best plan, proved."))
    rest = [side for side in sides.all if side not in proved]
    return str(
        _("A better plan than the one shown may exist for %(names)s.", names=sides.names(rest))
    )


def _warnings(sides: Sides) -> list[str]:
    found = []
    if not sides.shared(lambda side: side.strategy):
        found.append(
            _(
                "They belong to different strategies: purses, departments and interventions need"
                " not be the same."
            )
        )
    if not sides.shared(lambda side: side.plan.price_year):
        found.append(
            _(
                "Their amounts are in prices of different years (%(years)s) and cannot be held"
                " against each other directly.",
                years=sides.words([str(y) for y in sorted({s.plan.price_year for s in sides.all})]),
            )
        )
    elif not sides.are_comparable:
        found.append(_("They cover different years, so sums over years are not alike."))
    return [str(text) for text in found]
