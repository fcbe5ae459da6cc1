"""What one more of a limit buys, against all choices; and the published prices."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given

from optimizer import Plan, plan_from_document, read_plan
from optimizer.answer import Answer, Effort
from optimizer.compilation import Compilation
from optimizer.explain import Explainer, Limit, explain
from optimizer.solver import Engine
from tests.optimizer.builders import MILLION, a_flow, a_plan, a_pool, an_intervention, an_option
from tests.optimizer.cases import PLANS
from tests.optimizer.explain.checking import check_rows, check_rule_costs
from tests.optimizer.profile import examples
from tests.optimizer.strategies import POOLS, TAGS, plans

EACH = 4


@pytest.mark.parametrize("tag", TAGS)
def test_more_and_less_of_every_limit(tag: str) -> None:
    @examples(EACH)
    @given(plans(tag=tag, most=4))
    def all_choices(document: dict[str, Any]) -> None:
        check_rows(document)

    all_choices()


@pytest.mark.parametrize("kind", POOLS)
def test_more_and_less_of_every_pool(kind: str) -> None:
    @examples(EACH)
    @given(plans(pool_kind=kind, most=4))
    def all_choices(document: dict[str, Any]) -> None:
        check_rows(document)

    all_choices()


@examples(20)
@given(plans(most=4))
def test_what_forces_and_limits_cost_alone_and_together(document: dict[str, Any]) -> None:
    check_rule_costs(document)


def test_the_published_prices_of_star_oil() -> None:
    """Winston: 0.190418 and 0.984644 a krone of the two years' money."""
    explanation = explain(read_plan(PLANS / "star_oil_lp.json"), interventions=False)
    prices = {row.year: row for row in explanation.rows}
    assert prices[2027].price == pytest.approx(0.190418, abs=1e-6)
    assert prices[2028].price == pytest.approx(0.984644, abs=1e-6)
    assert float(prices[2027].more_buys) == pytest.approx(190_418, abs=1)
    assert float(prices[2028].less_costs) == pytest.approx(984_644, abs=1)
    assert prices[2029].price == 0


def test_the_price_holds_within_its_range_and_not_beyond() -> None:
    """Two whole projects in a relaxed knapsack: the slope changes where one is full."""
    plan = a_plan(
        an_intervention("a", 4 * MILLION, 12 * MILLION),
        an_intervention("b", 5 * MILLION, 10 * MILLION),
        an_intervention("c", 5 * MILLION, 6 * MILLION),
        pools=[a_pool(total=6 * MILLION)],
    )
    (row,) = explain(plan, interventions=False).rows
    assert row.price == pytest.approx(1)  # b: net 5 of 5
    assert row.valid_from == pytest.approx(4 * MILLION, abs=1)
    assert row.valid_to == pytest.approx(9 * MILLION, abs=1)
    assert (row.more_buys, row.less_costs) == (0, 0)
    assert explain(plan, interventions=False).document()["rows"] == [
        {
            "path": "scenario.pools[0]", "label": row.label.da, "year": None, "price": row.price,
            "valid_from": 4000000.0, "valid_to": 9000000.0, "more_buys": 0, "less_costs": 0,
        }
    ]  # fmt: skip


def test_a_limit_with_room_has_no_price_and_no_end() -> None:
    plan = a_plan(an_intervention("a", MILLION, 3 * MILLION), pools=[a_pool(total=5 * MILLION)])
    (row,) = explain(plan, interventions=False).rows
    assert (row.price, row.valid_to) == (0, None)
    assert row.valid_from == pytest.approx(MILLION, abs=1)


def test_a_million_carried_over_serves_later_years_too() -> None:
    plan = a_plan(
        an_intervention("a", 3 * MILLION, 9 * MILLION, saving_year=2029),
        pools=[a_pool(paid_in={"2026": 0, "2027": 2 * MILLION}, carry_over=True)],
        horizon=[2026, 2030],
    )
    more = {row.year: row.more_buys for row in explain(plan, interventions=False).rows}
    assert more == {2026: 6 * MILLION, 2027: 6 * MILLION, 2028: 0, 2029: 0, 2030: 0}


@pytest.mark.parametrize("unit", [1, 1000, MILLION])
def test_a_kink_is_priced_by_loosening_whatever_the_size_of_the_plan(unit: int) -> None:
    # one unit of outlay in each of two years, out of nothing: two more buy one, as far as they go
    option = an_option("base", a_flow("outlay", -unit, 2026), a_flow("outlay", -unit),
                       a_flow("saving", 3 * unit))  # fmt: skip
    plan = a_plan(
        an_intervention("a") | {"options": [option]},
        pools=[a_pool(paid_in={"2026": 0}, carry_over=True)],
        horizon=[2026, 2030],
    )
    explainer = Explainer(plan)
    slope = explainer.limits.slope(explainer.limits.limits[0])
    assert slope.price == pytest.approx(0.5, abs=1e-6)
    assert slope.tighter == pytest.approx(0, abs=1e-6)
    assert slope.looser == pytest.approx(2 * unit, rel=1e-6)


# ---- how far a price holds ----


def relaxed_best(plan: Plan, limit: Limit, by: float) -> float | None:
    """Return the best of the relaxation with a limit loosened, built anew."""
    program = Compilation(plan).program
    for number in limit.rows:
        row = program.rows[number]
        program.rows[number] = replace(
            row,
            lower=None if row.lower is None else row.lower - Fraction(by),
            upper=None if row.upper is None else row.upper + Fraction(by),
        )
    engine = Engine(program)
    engine.relax(relaxed=True)
    solution = engine.solve(Effort())
    return solution.bound if solution.answer is Answer.OPTIMAL else None


@examples(40)
@given(plans(most=4))
def test_a_price_is_the_slope_of_the_relaxation_as_far_as_it_holds(
    document: dict[str, Any],
) -> None:
    plan = plan_from_document(document)
    explainer = Explainer(plan)
    assume(explainer.best.has_plan and not explainer.replanner.compilation.lazy_rows)
    for limit in explainer.limits.limits:
        slope, top = explainer.limits.slope(limit), relaxed_best(plan, limit, 0)
        close = 1e-6 * max(1.0, abs(top))
        step = float(limit.step)
        for sign, end in ((1, slope.looser), (-1, slope.tighter)):
            far = sign * 3 * step if end is None else end
            for by in (far / 2, far):
                found = relaxed_best(plan, limit, by)
                if found is not None or end is not None:
                    assert found == pytest.approx(top + slope.price * by, abs=close)
            if end is not None:
                beyond = end + sign * step
                found = relaxed_best(plan, limit, beyond)
                # how far it falls has no least: a soft limit may cost a hundredth of a krone
                assert found is None or found < top + slope.price * beyond - 1e-9 * close
