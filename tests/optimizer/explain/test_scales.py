"""Options of any scale: against a plan of its own for every question, built from the beginning."""

from fractions import Fraction
from typing import Any

from hypothesis import assume, given

from optimizer import Force, Plan, allocate, plan_from_document
from optimizer.explain import explain, loosened_plan
from optimizer.explain.loosening import amounts
from tests.optimizer.explain.checking import forced
from tests.optimizer.explain.strategies import pressed_plans
from tests.optimizer.profile import examples
from tests.optimizer.strategies import plans

THOUSAND = 1000


def close(plan: Plan, value: Fraction) -> Fraction:
    """Return what two optima may differ by: what soft limits may be broken by unseen, and more."""
    prices = [limit.soft_price or Fraction(0) for limit in plan.scenario.constraints]
    return 5 * sum(prices, Fraction(0)) + max(Fraction(2), abs(value) / 10**6)


@examples(30)
@given(plans(scalable=True, most=4))
def test_prices_are_those_of_plans_built_anew(document: dict[str, Any]) -> None:
    plan = plan_from_document(document)
    best = allocate(plan, gap=0)
    explanation = explain(plan, rows=False)
    assert explanation.has_plan == best.has_plan
    for price in explanation.prices:
        assert price.gap == 0
        turned = Force.OUT if price.chosen else Force.IN
        other = allocate(forced(plan, price.intervention, turned), gap=0)
        if price.price is None or other.objective is None:
            assert price.price is other.objective is None
        else:
            true = best.objective - other.objective
            assert abs(price.price - true) <= close(plan, true)


@examples(30)
@given(pressed_plans(scalable=True))
def test_each_loosening_is_enough_and_a_little_less_is_not(document: dict[str, Any]) -> None:
    plan = plan_from_document(document)
    assume(largest(plan) >= THOUSAND)  # else the tolerance of a krone is all there is to see
    explanation = explain(plan, interventions=False, rows=False)
    for one in explanation.ways_out.loosenings:
        assert all(by > 0 for by in amounts(one.by))
        best = allocate(loosened_plan(plan, one.path, one.by), gap=0)
        assert best.status == "optimal"
        assert abs(best.objective - one.objective) <= close(plan, best.objective)
        less = a_little_less(one.by)
        if less is not None:
            assert allocate(loosened_plan(plan, one.path, less), gap=0).status == "infeasible"


def largest(plan: Plan) -> int:
    flows = (flow for _, option in plan.options.values() for flow in option.flows)
    return max(abs(flow.amount) for flow in flows)


def a_little_less(by: Any) -> Any:
    """Return an amount that is less by more than the tolerance of scales; None where it is none."""
    if isinstance(by, dict):
        return None  # the sum of the years is least; one year less may be another year more
    less = by * Fraction(99, 100) - (3 if by >= 1 and by == int(by) else 0)
    return None if less <= 0 else int(less) if by == int(by) else less
