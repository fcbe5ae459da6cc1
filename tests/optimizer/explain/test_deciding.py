"""Intervals of prices: several questions in one search, little time, and a gap that is enough."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer import Force, Plan, allocate, plan_from_document, read_plan
from optimizer.answer import Answer
from optimizer.explain import (
    Explanation,
    Phase,
    Price,
    Question,
    Replanner,
    Reply,
    deciding,
    explain,
)
from optimizer.explain.deciding import Deciding, narrowed
from optimizer.explain.prices import Pricing
from tests.optimizer.cases import PLANS
from tests.optimizer.explain.brute import Table
from tests.optimizer.explain.checking import check, near
from tests.optimizer.profile import examples
from tests.optimizer.strategies import plans

MEDIUM = ("weingartner_28", "probe_12", "rpm15_criterion1")
SIDES = st.lists(st.sampled_from([Force.IN, Force.OUT, None]), min_size=5, max_size=5)


def medium(name: str) -> Plan:
    return read_plan(PLANS / f"{name}.json")


def assert_within(price: Price, true: Price) -> None:
    """Check that an interval contains the exact price, if it has two ends."""
    if true.price is None or price.price is None:
        assert not price.is_exact or price.price is true.price
        return
    assert price.price <= true.price
    assert price.gap is None or true.price <= price.price + price.gap


# ---- several at once ----


@examples(60)
@given(plans(most=5), SIDES)
def test_the_best_plan_that_turns_one_of_several_is_that_of_all_choices(
    document: dict[str, Any], sides: list[Force | None]
) -> None:
    table, plan = Table(document), plan_from_document(document)
    pairs = zip((i.id for i in plan.interventions), sides, strict=False)
    any_of = {name: side for name, side in pairs if side is not None}
    if not any_of:
        return
    replanner = Replanner(plan)
    before = replanner.best()
    reply = replanner.best(Question(any_of=any_of))
    true = max(
        (
            line.value
            for line in table.lines
            if not line.breaks
            and any((name in line.taken) == (side is Force.IN) for name, side in any_of.items())
        ),
        default=None,
    )
    assert reply.is_proved
    assert near(reply.objective, true, is_money=table.oracle.is_money)
    assert replanner.best().objective == before.objective  # and the row is gone
    assert "any_of" not in {cut.path for cut in replanner.cuts}


@examples(40)
@given(plans(most=5))
def test_prices_found_several_at_once_are_those_of_all_choices(document: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deciding, "is_worth_sharing", lambda *_: True)
        patch.setattr(deciding, "LEAST_SHARED", 1)
        patch.setattr(deciding, "MOST_MEAGRE", 1000)
        patch.setattr(deciding, "TO_BOUND", 0.0)  # or else the relaxation decides most of them
        patch.setattr(deciding, "TO_LOOK", 0.0)
        check(document)


@pytest.mark.parametrize("name", MEDIUM)
def test_several_at_once_need_fewer_searches_and_say_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = []
    own = Deciding._prove_together

    def counted(self: Deciding, names: list[str], seconds: float) -> None:
        shared.append(len(names))
        own(self, names, seconds)

    single = explain(medium(name), rows=False)
    monkeypatch.setattr(Deciding, "is_worth_sharing", lambda *_: True)
    monkeypatch.setattr(Deciding, "_prove_together", counted)
    together = explain(medium(name), rows=False)
    assert [(p.price, p.gap) for p in together.prices] == [(p.price, p.gap) for p in single.prices]
    assert shared


@examples(60)
@given(plans(most=5))
def test_one_relaxation_bounds_every_choice_turned(document: dict[str, Any]) -> None:
    table, plan = Table(document), plan_from_document(document)
    bounds = Replanner(plan).turning_bounds()
    for name in (i.id for i in plan.interventions if i.force is None):
        for force in Force:
            true = table.best_with(name, inside=force is Force.IN)
            if true is not None and (name, force) in bounds:
                assert bounds[name, force] >= true - Fraction(1, 10**6) * max(1, abs(true))


# ---- little time ----


@pytest.mark.parametrize("name", MEDIUM)
@pytest.mark.parametrize("calls", [0, 5, 40, 80])
def test_stopped_at_any_time_the_intervals_contain_the_prices(name: str, calls: int) -> None:
    exact = explain(medium(name), rows=False)
    asked = 0

    def stop(phase: Phase, done: int, total: int) -> bool:
        nonlocal asked
        asked += phase is Phase.INTERVENTIONS
        return asked > calls

    hasty = explain(medium(name), rows=False, progress=stop)
    for price, true in zip(hasty.prices, exact.prices, strict=True):
        assert_within(price, true)
        assert price.price is not None


def without_time(plan: Plan, best: Reply) -> tuple[Price, ...]:
    pricing = Pricing(Replanner(plan), best)
    return pricing.prices([i.id for i in plan.interventions], seconds=0)


@pytest.mark.parametrize("name", MEDIUM)
def test_without_time_and_proof_of_the_best_plan_the_intervals_contain_the_prices(
    name: str,
) -> None:
    """The plan that is explained is not even the best; its gap is a part of every interval."""
    plan = medium(name)
    exact = explain(plan, rows=False)
    worse = next(p for p in exact.prices if p.chosen and p.price)
    plans_without = [key for key in exact.choice if key.split("/")[0] != worse.intervention]
    choice = dict.fromkeys(plans_without, Fraction(1))
    objective = Replanner(plan).known.add(choice).objective
    bound = exact.objective + 7
    prices = without_time(plan, Reply(Answer.FEASIBLE, choice, objective, bound))
    for price, true in zip(prices, exact.prices, strict=True):
        value = exact.objective - true.price if price.chosen == true.chosen else exact.objective
        assert not price.is_exact
        assert price.price is not None
        assert price.price <= exact.objective - value
        if price.gap is not None:
            assert exact.objective - value <= price.price + price.gap
            assert price.gap >= min(7, bound - objective)


def test_an_explanation_without_time_bounds_every_price() -> None:
    plan = medium("weingartner_28")
    hasty = explain(plan, allocation=allocate(plan), rows=False, time_limit=0)
    exact = explain(plan, rows=False)
    assert hasty.bound is not None
    assert len(hasty.prices) == len(plan.interventions)
    for price, true in zip(hasty.prices, exact.prices, strict=True):
        assert price.price is not None
        assert_within(price, true)


# ---- as exact as the plan ----


def widths(explanation: Explanation) -> list[Fraction]:
    return [price.gap for price in explanation.prices if price.gap is not None]


@pytest.mark.parametrize("gap", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("name", MEDIUM)
def test_a_price_known_within_the_gap_of_the_plan_is_enough(name: str, gap: float) -> None:
    exact, enough = explain(medium(name), rows=False), explain(medium(name), rows=False, gap=gap)
    allowed = Fraction(gap) * abs(enough.objective)
    assert enough.bound - enough.objective <= allowed
    assert all(width <= allowed * 3 / 2 for width in widths(enough))
    assert enough.counts["searches"] <= exact.counts["searches"]
    if enough.objective == exact.objective and enough.choice == exact.choice:
        for price, true in zip(enough.prices, exact.prices, strict=True):
            assert_within(price, true)


def test_two_replies_together_say_what_both_say() -> None:
    low, high = Reply(Answer.FEASIBLE, {}, Fraction(5), Fraction(9)), Fraction(7)
    found = Reply(Answer.FEASIBLE, {}, high)
    assert narrowed(low, found) == Reply(Answer.FEASIBLE, {}, high, Fraction(9))
    bounded = narrowed(low, Reply(Answer.NO_ANSWER, bound=high))
    assert bounded == Reply(Answer.FEASIBLE, {}, Fraction(5), high)
    assert narrowed(bounded, found) == Reply(Answer.OPTIMAL, {}, high, high)
    none = Reply(Answer.INFEASIBLE)
    assert narrowed(Reply(Answer.NO_ANSWER, bound=high), none) == none
