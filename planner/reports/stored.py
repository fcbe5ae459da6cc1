"""A stored result as an allocation again, every figure added up anew from the stored plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from optimizer import (
    Allocation,
    Payer,
    Plan,
    Status,
    case_figures,
    evaluate,
    plan_from_document,
)
from optimizer.allocation import Swap
from optimizer.appraisal import Selection
from optimizer.payers import Level

Json = Any


def chosen_in(result: Mapping[str, Json]) -> dict[str, Fraction]:
    """Return the choice of a result document: option key to scale."""
    return {
        f"{one['intervention']}/{one['option']}": Fraction(repr(one["scale"]))
        for one in result["chosen"]
    }


def stored_allocation(plan: Mapping[str, Json], result: Mapping[str, Json]) -> Allocation:
    """Return the allocation that a plan document and its result document tell of.

    The choice, the status and the bound are the stored ones; everything that is a sum is added up
    again, so a page cannot show another figure than the optimizer itself.
    """
    read = plan_from_document(dict(plan))
    status = Status(result["status"])
    if result["objective"] is None:
        return Allocation(plan=read, status=status)
    choice = chosen_in(result)
    bound = result["bound"]
    again = evaluate(read, choice)
    return replace(
        again,
        later=tuple(
            replace(one, bound=_exact(told["bound"]), status=Status(told["status"]))
            for one, told in zip(again.later, result.get("objectives_in_order", ()), strict=True)
        ),
        status=status,
        bound=_exact(bound),
        equally_good=tuple(
            Swap(tuple(swap["without"]), tuple(swap["instead"]))
            for swap in result.get("equally_good", ())
        ),
    )


def _exact(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(repr(value))


def own_payers(plan: Plan) -> tuple[Payer, ...]:
    """Return the municipality's purses."""
    own = case_figures.own_payers(plan.payers) or frozenset()
    return tuple(p for p in plan.payers if p.id in own)


def own_purses(plan: Plan) -> frozenset[str]:
    """Return the ids of the municipality's purses; of all purses where it has none."""
    return case_figures.own_payers(plan.payers) or frozenset(p.id for p in plan.payers)


def citizens_measure(plan: Plan) -> str | None:
    """Return the name of the measure that counts citizens, or None."""
    names = (name for i in plan.interventions for o in i.options for name in o.measures)
    return case_figures.citizens_name(names)


@dataclass(frozen=True, slots=True)
class Periods:
    """The budget period and what comes after it, as years and as selections of money."""

    plan: Plan

    @property
    def budget(self) -> tuple[int, int]:
        """Return the first and the last year of the budget period."""
        return self.plan.budget_period

    @property
    def after(self) -> tuple[int, int] | None:
        """Return the years after it; None where the horizon ends with it."""
        first, last = self.budget[1] + 1, self.plan.horizon[1]
        return (first, last) if first <= last else None

    def in_budget(self, payers: frozenset[str]) -> Selection:
        """Return what counts in the budget period."""
        return Selection(payers=payers, years=self.budget)

    def afterwards(self, payers: frozenset[str]) -> Selection:
        """Return what counts after it; an empty span where nothing comes after."""
        first = self.budget[1] + 1
        return Selection(payers=payers, years=(first, max(first, self.plan.horizon[1])))


@dataclass(frozen=True, slots=True)
class Brief:
    """What one line of a list says of a result, read from its document.

    Parameters
    ----------
    chosen, candidates : int
        Interventions funded, and interventions in the plan.
    period, after : int or float or None
        The municipality's net in kroner; None where there is no plan.
    """

    status: Status
    chosen: int
    candidates: int
    invested: int | float | None
    period: int | float | None
    after: int | float | None
    gap: float | None


def brief_of(plan: Mapping[str, Json], result: Mapping[str, Json]) -> Brief:
    """Return the summary of a stored result without reading the plan's money."""
    totals = result["totals"]
    levels = {payer["id"]: payer["level"] for payer in plan["payers"]}
    own = [p for p, level in levels.items() if level == Level.MUNICIPALITY] or list(levels)

    def net(part: str) -> int | float | None:
        return None if totals is None else sum(totals["net_saving"][p][part] for p in own)

    return Brief(
        status=Status(result["status"]),
        chosen=len(result["chosen"]),
        candidates=len(plan["interventions"]),
        invested=None if totals is None else totals["invested"],
        period=net("budget_period"),
        after=net("after"),
        gap=result["gap"],
    )
