"""Nearly best plans, the core index, the cut list and the difference, against all choices."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given

from optimizer import Case, allocate, plan_from_document
from optimizer.explain import (
    Change,
    Standing,
    alternatives,
    core_index,
    cut_list,
    difference,
    explain,
    standings,
    variations,
)
from optimizer.explain.examples import small_plan
from tests.optimizer.builders import MILLION, a_flow, a_plan, a_pool, an_intervention, an_option
from tests.optimizer.explain.brute import Table
from tests.optimizer.profile import examples
from tests.optimizer.strategies import plans

WITHIN = Fraction(1, 4)


@examples(25)
@given(plans(most=5))
def test_each_alternative_is_as_far_from_those_before_as_any_plan_within_e(
    document: dict[str, Any],
) -> None:
    table = Table(document)
    plan = plan_from_document(document)
    allocation = allocate(plan, gap=0)
    assume(allocation.has_plan)
    found = alternatives(plan, allocation, within=WITHIN, count=4)
    good = [line for line in table.lines if not line.breaks and line.value >= found.least]
    before = [found.plans[0].taken]
    for one in found.plans[1:]:
        furthest = max(min(len(line.taken ^ p) for p in before) for line in good)
        assert one.differs == furthest > 0
        assert one.objective == max(line.value for line in good if line.taken == one.taken)
        before.append(one.taken)
    assert found.in_all | found.in_some == frozenset().union(*before)
    assert all((name in found.in_all) == all(name in p for p in before) for name in found.in_some)
    if len(found.plans) < 4:
        assert found.is_complete
        assert all(line.taken in before for line in good)


@examples(25)
@given(plans(most=5))
def test_always_and_never_are_so_in_every_plan_within_e(document: dict[str, Any]) -> None:
    table = Table(document)
    explanation = explain(plan_from_document(document), rows=False)
    assume(explanation.has_plan)
    best = explanation.objective
    good = [
        line.taken
        for line in table.lines
        if not line.breaks and line.value >= best - WITHIN * abs(best)
    ]
    for name, standing in standings(explanation, WITHIN).items():
        inside = [name in plan for plan in good]
        true = Standing.BORDERLINE
        if all(inside) or not any(inside):
            true = Standing.ALWAYS if all(inside) else Standing.NEVER
        assert standing == true, name


def test_alternatives_of_nothing_are_refused() -> None:
    plan = small_plan(at_least=4)
    with pytest.raises(ValueError, match="no plan"):
        alternatives(plan, allocate(plan))


# ---- the core index ----


def uncertain(name: str, outlay: int, low: int, amount: int, high: int) -> dict[str, Any]:
    saving = a_flow("saving", amount, 2028, low=low, high=high)
    option = an_option("base", a_flow("outlay", -outlay), saving)
    return {"id": name, "title": name, "department": "social", "options": [option]}


def test_the_core_index_counts_the_best_plans_of_all_combinations() -> None:
    plan = a_plan(
        uncertain("safe", 3 * MILLION, 5 * MILLION, 6 * MILLION, 7 * MILLION),
        uncertain("bold", 3 * MILLION, 1 * MILLION, 7 * MILLION, 9 * MILLION),
        pools=[a_pool(total=3 * MILLION)],
    )
    index = core_index(variations(plan, pools=(2,)))
    assert len(index.plans) == 6
    # the small pool takes bold but when all is low; the large one takes both but when all is low
    assert index.share == {"safe": Fraction(4, 6), "bold": Fraction(4, 6)}


def test_variations_that_change_nothing_are_left_out() -> None:
    assert [v.name.en for v in variations(small_plan())] == [
        "as planned",
        "pool 90\N{NO-BREAK SPACE}%",
        "pool 110\N{NO-BREAK SPACE}%",
    ]
    assert len(variations(small_plan(), cases=(Case.LOW,), pools=(), weights=((2,),))) == 2


def test_the_core_index_counts_drawn_outcomes_too() -> None:
    """Both fit alone only; bold is better expected, but comes out worse in many outcomes."""
    plan = a_plan(
        uncertain("safe", 3 * MILLION, 6 * MILLION, 6 * MILLION, 6 * MILLION),
        uncertain("bold", 3 * MILLION, 1 * MILLION, 7 * MILLION, 9 * MILLION),
        pools=[a_pool(total=3 * MILLION)],
    )
    found = variations(plan, cases=(), draws=16, pools=())
    savings = [v.plan.options["bold/base"][1].flows[1].amount for v in found]
    assert len(set(savings)) == 16
    assert all(1 * MILLION <= saving <= 9 * MILLION for saving in savings)
    better = Fraction(sum(saving > 6 * MILLION for saving in savings), 16)
    assert 0 < better < 1
    assert core_index(found).share == {"safe": 1 - better, "bold": better}
    assert [v.plan for v in variations(plan, cases=(), draws=16, pools=())] == [
        v.plan for v in found
    ]


# ---- the cut list ----


@examples(15)
@given(plans(pool_kind="carry_over", most=5))
def test_a_cut_list_is_nested_and_costs_what_it_is_said_to(document: dict[str, Any]) -> None:
    plan = plan_from_document(document)
    pool = plan.scenario.pools[0]
    allocation = allocate(plan, gap=0)
    assume(allocation.has_plan and pool.amount)
    sizes = [pool.amount // 2, pool.amount * 3 // 2, pool.amount * 2]
    found = cut_list(plan, allocation, pool=pool.id, amounts=sizes)
    inside: frozenset[str] = frozenset()
    for step in found.steps:
        assert step.is_proved
        if step.objective is None:
            continue
        now = frozenset(key.split("/")[0] for key in step.choice)
        assert inside <= now
        inside = now
        paid_in = scaled(document, step.amount)
        table = Table(paid_in)
        best = table.best()
        assert abs(step.best - best) <= max(1, abs(best) / 10**6)
        assert step.cost >= 0
        (line,) = [line for line in table.lines if line.choice == step.choice]
        assert not line.breaks
        assert line.value == step.objective


def scaled(document: dict[str, Any], amount: int) -> dict[str, Any]:
    """Return the document with the first pool paid in in proportion, whole kroner by year."""
    import copy

    result = copy.deepcopy(document)
    pool = result["scenario"]["pools"][0]
    own = sum(pool["paid_in"].values())
    given, so_far, paid_in = 0, 0, {}
    for year in range(2026, 2031):
        so_far += pool["paid_in"].get(str(year), 0)
        upto = amount * so_far // own
        paid_in[str(year)], given = upto - given, upto
    pool["paid_in"] = paid_in
    return result


def test_nesting_can_cost_and_says_so() -> None:
    """Six millions take b; seven take a and c; but who has b and gets one more stays with b."""
    plan = a_plan(
        an_intervention("a", 4 * MILLION, 9 * MILLION),
        an_intervention("b", 6 * MILLION, 12 * MILLION),
        an_intervention("c", 3 * MILLION, 6 * MILLION),
        pools=[a_pool(total=6 * MILLION)],
    )
    found = cut_list(plan, allocate(plan), pool="pulje", amounts=[7 * MILLION, 13 * MILLION])
    assert [int(step.cost) for step in found.steps] == [0, 2 * MILLION, 0]
    assert [step.enters for step in found.steps] == [(), (), ("a", "c")]
    assert found.order == ("b", "a", "c")


# ---- the difference ----


def test_the_parts_add_up_to_the_whole_in_any_order() -> None:
    first = small_plan()
    changed = a_plan_like(first)
    one, other = allocate(first, gap=0), allocate(changed, gap=0)
    for order in (tuple(Change), tuple(reversed(Change))):
        found = difference(one, other, order=order)
        assert sum(part.adds for part in found.parts) == found.whole
        assert found.whole == other.objective - one.objective
        assert [c for part in found.parts for c in part.changes] == list(order)


def a_plan_like(plan: Any) -> Any:
    """Return a plan that differs in everything."""
    from dataclasses import replace

    from optimizer import DiscountStep
    from optimizer.constraints import Chosen

    interventions = tuple(
        replace(i, options=tuple(replace(o, flows=(*o.flows, o.flows[1])) for o in i.options))
        for i in plan.interventions
    )
    scenario = plan.scenario
    return replace(
        plan,
        interventions=interventions,
        discount=(DiscountStep(0, Fraction(1, 10)),),
        scenario=replace(
            scenario,
            pools=tuple(replace(pool, total=11 * MILLION) for pool in scenario.pools),
            constraints=(Chosen(at_most=2),),
            objective=tuple(replace(term, weight=Fraction(2)) for term in scenario.objective),
        ),
    )


def test_a_step_without_a_plan_is_taken_together_with_the_next() -> None:
    """Three at least cannot be had from seven millions: limits and pool only together."""
    first, second = allocate(small_plan()), allocate(small_plan(pool=11, at_least=3))
    order = (Change.LIMITS, Change.POOLS, Change.GOAL, Change.CASES, Change.ASSUMPTIONS)
    (part,) = difference(first, second, order=order).parts
    assert part.changes == (Change.LIMITS, Change.POOLS)
    assert (part.adds, part.enters) == (2 * MILLION, ("c",))


def test_an_order_must_name_every_change() -> None:
    one = allocate(small_plan())
    with pytest.raises(ValueError, match="every change"):
        difference(one, one, order=(Change.POOLS,))
    assert difference(one, one).parts == ()


# ---- Followed and stopped ----


def test_who_listens_hears_of_each_step_and_can_stop() -> None:
    plan = small_plan()
    allocation = allocate(plan)
    heard: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> bool:
        heard.append((done, total))
        return True

    near = alternatives(plan, allocation, within=Fraction(1), count=5, progress=stop)
    assert (len(near.plans), near.is_complete) == (2, False)
    sizes = [4 * MILLION, 8 * MILLION, 11 * MILLION]
    nested = cut_list(plan, allocation, pool="p", amounts=sizes, progress=stop)
    assert [step.amount for step in nested.steps] == [4 * MILLION, 7 * MILLION]
    other = allocate(small_plan(pool=11, at_least=3))
    found = difference(allocation, other, progress=stop)
    assert [part.changes for part in found.parts] == [(Change.POOLS,), (Change.LIMITS,)]
    assert heard == [(2, 5), (1, 3), (1, 2), (2, 2)]
