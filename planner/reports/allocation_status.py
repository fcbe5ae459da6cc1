"""What an allocation says first: its outcome in one sentence, and its key figures."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Allocation, Plan, Status
from optimizer.allocation import Swap
from planner import formats
from planner.formats import Language
from planner.reports import values
from planner.reports.stored import Brief, Periods, citizens_measure, own_payers, own_purses
from planner.reports.values import Figure

SHAPES: Final[Mapping[Status, str]] = {
    Status.OPTIMAL: "good",
    Status.FEASIBLE: "part",
    Status.INFEASIBLE: "none",
    Status.UNBOUNDED: "none",
    Status.NO_ANSWER: "wait",
}


def headline(status: Status, gap: Fraction | float | None, *, language: Language) -> str:
    """Return the outcome in the words of the glossary."""
    match status:
        case Status.OPTIMAL:
            return _("Best plan, proved.")
        case Status.FEASIBLE if gap is not None:
            share = Fraction(str(gap))
            decimals = 1 if share >= Fraction(1, 1000) else 2
            # "at most" is rounded up
            smallest = Fraction(1, 100 * 10**decimals)
            share = -(-share // smallest) * smallest
            return _(
                "Best found, at most %(gap)s from the best possible.",
                gap=formats.percent(share, decimals=decimals, language=language),
            )
        case Status.FEASIBLE:
            return _("Best found; nobody knows yet how far it is from the best possible.")
        case Status.INFEASIBLE:
            return _("No plan keeps every limit.")
        case Status.UNBOUNDED:
            return _("The goal has no upper limit.")
        case Status.NO_ANSWER:
            return _("No answer in time.")


def status_of(allocation: Allocation, *, language: Language) -> values.Status:
    """Return the status sentence with what follows from it."""
    said = headline(allocation.status, allocation.gap, language=language)
    if not allocation.has_plan:
        return values.Status(
            kind=SHAPES[allocation.status],  # type: ignore[arg-type] # one of the four shapes
            headline=said,
            detail=_without_plan(allocation.status),
        )
    detail = _("%(chosen)s of %(all)s interventions are funded, %(invested)s of %(pool)s")
    pool = sum((pool.amount for pool in allocation.plan.scenario.pools), 0)
    return values.Status(
        kind=SHAPES[allocation.status],  # type: ignore[arg-type] # one of the four shapes
        headline=said,
        detail=detail
        % {
            "chosen": len(allocation.choice),
            "all": len(allocation.plan.interventions),
            "invested": formats.million(allocation.invested, language=language),
            "pool": formats.say_million(pool, language=language),
        },
        note=_note(allocation, language=language),
    )


def _without_plan(status: Status) -> str:
    if status is Status.INFEASIBLE:
        return _("At least one limit must be loosened before anything can be funded.")
    if status is Status.UNBOUNDED:
        return _("A pool or a limit is missing, so that more would always be better.")
    return _("Allow more time, or take some candidates or limits out.")


def _note(allocation: Allocation, *, language: Language) -> str:
    broken = sum(1 for row in allocation.rows if row.broken_by)
    checked = (
        ngettext(
            "Every hard limit has been checked and is kept; %(num)s soft limit is broken.",
            "Every hard limit has been checked and is kept; %(num)s soft limits are broken.",
            broken,
        )
        if broken
        else _("Every limit has been checked and is kept.")
    )
    goal = _("The goal reaches %(value)s in this plan.", value=_goal(allocation, language=language))
    return " ".join(filter(None, (checked, goal, _repaid(allocation, language=language))))


def _goal(allocation: Allocation, *, language: Language) -> str:
    """Return what the plan reaches of its goal, kroner where the goal is money alone."""
    is_money = allocation.plan.scenario.is_money
    write = formats.say_kroner if is_money else formats.number
    return write(allocation.objective, language=language)


def _repaid(allocation: Allocation, *, language: Language) -> str:
    last = allocation.plan.budget_period[1]
    repaid = sum(
        (y.repaid for years in allocation.pools.values() for y in years if y.year <= last),
        Fraction(0),
    )
    if not repaid:
        return ""
    return _(
        "%(amount)s is repaid to the pool by the end of %(year)s.",
        amount=formats.say_million(repaid, language=language),
        year=last,
    )


def swaps(allocation: Allocation) -> tuple[str, ...]:
    """Return other plans that are exactly as good, each as a sentence that names the change."""
    return tuple(_swap(swap, allocation.plan) for swap in allocation.equally_good)


def _swap(swap: Swap, plan: Plan) -> str:
    out, into = _names(swap.without, plan), _names(swap.instead, plan)
    if out and into:
        return _("%(into)s instead of %(out)s.", into=into, out=out)
    if into:
        return _("%(into)s too.", into=into)
    return _("Without %(out)s.", out=out)


def _names(keys: Iterable[str], plan: Plan) -> str:
    return ", ".join(option_title(key, plan) for key in keys)


def option_title(key: str, plan: Plan) -> str:
    """Return the intervention's title, with the option's where there are several."""
    intervention, option = plan.options[key]
    if len(intervention.options) == 1:
        return intervention.title
    return f"{intervention.title} ({option.title or option.id})"


# ---- Key figures ----


def figures_of(allocation: Allocation, *, language: Language) -> tuple[Figure, ...]:
    """Return what is invested, what the municipality nets in and after the period, citizens."""
    plan, totals = allocation.plan, allocation.payer_totals
    periods, own = Periods(plan), own_purses(plan)
    names = ", ".join(p.name for p in own_payers(plan)) or _("all payers")
    unit = formats.MILLION_UNIT[language]
    pool = sum((p.amount for p in plan.scenario.pools), 0)
    found = [
        Figure(
            label=_("Invested"),
            value=allocation.invested,
            kind="million",
            unit=unit,
            note=_("of %(pool)s", pool=formats.say_million(pool, language=language)),
            href="#pool",
        ),
        Figure(
            label=_("Net in the budget period"),
            value=sum((totals[p].budget_period for p in own), Fraction(0)),
            kind="million_change",
            unit=unit,
            note=_span(names, periods.budget, language=language),
            href="#payers",
        ),
        Figure(
            label=_("Net after it"),
            value=None
            if periods.after is None
            else sum((totals[p].after for p in own), Fraction(0)),
            kind="million_change",
            unit=unit,
            note=_span(names, periods.after, language=language),
            href="#payers",
        ),
    ]
    measure = citizens_measure(plan)
    if measure is not None:
        found.append(
            Figure(
                label=_("Citizens"),
                value=allocation.appraisal.measured(allocation.choice, measure),
                kind="count",
                note=_("courses: one person may count in two"),
                href="#funding",
            )
        )
    return tuple(found)


def _span(names: str, years: tuple[int, int] | None, *, language: Language) -> str:
    if years is None:
        return _("nothing lies after it")
    return f"{names}, {formats.years(*years, language=language)}"


# ---- One line of a list ----


def brief_status(brief: Brief, *, language: Language) -> str:
    """Return the outcome and how many are funded, for a list."""
    said = headline(brief.status, brief.gap, language=language)
    if brief.period is None:
        return said
    counted = _("%(chosen)s of %(all)s interventions", chosen=brief.chosen, all=brief.candidates)
    return f"{said} {counted}."
