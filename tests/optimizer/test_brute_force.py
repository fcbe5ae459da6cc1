"""The library against an independent judge that tries every choice, on small random plans."""

from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimizer import allocate, evaluate, plan_from_document
from tests.optimizer.oracle import Oracle
from tests.optimizer.profile import examples
from tests.optimizer.strategies import POOLS, RELATIONS, TAGS, choices, plans

EACH_TAG = 25
EACH_RELATION = 20
EACH_POOL = 20
EACH_OBJECTIVE = 20
SCALABLE = 60
EVALUATED = 200

LEVELS = (Fraction(0), Fraction(1, 4), Fraction(2, 5), Fraction(1, 2), Fraction(3, 4), Fraction(1))


def agree(document: dict[str, Any], solver: str = "highs") -> None:
    """Check status and objective of the allocation against all choices there are."""
    oracle = Oracle(document)
    best = oracle.best()
    allocation = allocate(plan_from_document(document), gap=0, solver=solver)
    if best is None:
        assert allocation.status == "infeasible"
        assert allocation.objective is None
        return
    assert allocation.status == "optimal"
    value, _ = best
    close = 1 if oracle.is_money else Fraction(1, 10**6) * max(1, abs(value))
    slip = rounding(document)
    assert value - close - slip <= allocation.objective <= value + slip
    # the choice is what it is said to be
    assert oracle.is_feasible(allocation.choice)
    assert abs(oracle.objective(allocation.choice) - allocation.objective) <= slip
    assert allocation.objective <= allocation.bound


def rounding(document: dict[str, Any]) -> Fraction:
    """Return what soft prices make of 0.01 kr., to which discounted draws are rounded."""
    if "outcomes" not in document or not document["discount"]:
        return Fraction(0)
    prices = (Fraction(str(c.get("soft_price", 0))) for c in document["scenario"]["constraints"])
    return Fraction(1, 100) * sum(prices, Fraction(0))


@pytest.mark.parametrize("tag", TAGS)
def test_every_limit_gives_the_best_of_all_choices(tag: str) -> None:
    @examples(EACH_TAG)
    @given(plans(tag=tag))
    def all_choices(document: dict[str, Any]) -> None:
        agree(document)

    all_choices()


@pytest.mark.parametrize("kind", RELATIONS)
def test_every_relation_gives_the_best_of_all_choices(kind: str) -> None:
    @examples(EACH_RELATION)
    @given(plans(relation_kind=kind))
    def all_choices(document: dict[str, Any]) -> None:
        agree(document)

    all_choices()


@pytest.mark.parametrize("kind", POOLS)
def test_every_pool_gives_the_best_of_all_choices(kind: str) -> None:
    @examples(EACH_POOL)
    @given(plans(pool_kind=kind))
    def all_choices(document: dict[str, Any]) -> None:
        agree(document)

    all_choices()


@pytest.mark.parametrize("of", ["net_saving", "saving", "measure"])
def test_every_objective_gives_the_best_of_all_choices(of: str) -> None:
    @examples(EACH_OBJECTIVE)
    @given(plans(of=of))
    def all_choices(document: dict[str, Any]) -> None:
        agree(document)

    all_choices()


@examples(15)
@given(plans(most=4))
def test_cbc_gives_the_best_of_all_choices_too(document: dict[str, Any]) -> None:
    agree(document, solver="cbc")


@examples(EVALUATED)
@given(st.data())
def test_evaluating_any_choice_agrees_in_every_figure(data: st.DataObject) -> None:
    document = data.draw(plans(scalable=True))
    if "outcomes" in document:
        document["discount"] = []  # discounted draws are rounded; here every figure is exact
    choice = data.draw(choices(document))
    oracle = Oracle(document)
    assume(not is_within_a_krone(oracle, choice))
    allocation = evaluate(plan_from_document(document), choice)
    assert allocation.objective == oracle.objective(choice)
    assert allocation.status == ("feasible" if oracle.is_feasible(choice) else "infeasible")
    assert allocation.invested == oracle.outlay(choice)
    broken = {(row.path, row.by) for row in oracle.broken(choice)}
    assert broken >= {
        (row.row.path, row.broken_by)
        for row in allocation.rows
        if not row.is_kept and row.row.tag != "payback"  # the judge counts option by option
    }
    for pool in document["scenario"]["pools"]:
        years = oracle.pool_years(pool, choice)
        mine = {y.year: (y.outlay, y.repaid, y.balance) for y in allocation.pools[pool["id"]]}
        assert mine == years
    first, last = allocation.plan.budget_period
    for payer, totals in allocation.payer_totals.items():
        within = {
            "before": (2026, first - 1), "budget_period": (first, last),
            "after": (last + 1, 2030), "horizon": (2026, 2030),
        }  # fmt: skip
        for name, years in within.items():
            assert getattr(totals, name) == oracle.money(
                choice, {"payers": [payer], "years": years}
            )
        discounted = oracle.money(choice, {"payers": [payer], "discounted": True})
        assert totals.discounted == discounted
    for row in allocation.rows:
        assert row.row.slack(row.activity) == row.slack


def is_within_a_krone(oracle: Oracle, choice: dict[str, Fraction]) -> bool:
    """Return whether a limit is broken by so little that it depends on where scales enter."""
    scaled = {key for key in choice if "scalable" in oracle.options[key][1]}
    return bool(scaled) and any(row.by <= 1 for row in oracle.broken(choice, exactly=True))


@examples(SCALABLE)
@given(plans(scalable=True, most=3))
def test_no_grid_of_scales_holds_anything_better(document: dict[str, Any]) -> None:
    oracle = Oracle(document)
    scales = {}
    for key, (_, option) in oracle.options.items():
        if "scalable" in option:
            least = Fraction(str(option["scalable"]["minimum"]))
            scales[key] = tuple(sorted({max(least, level) for level in LEVELS}))
    best = oracle.best(scales, exactly=True)
    allocation = allocate(plan_from_document(document), gap=0)
    if allocation.status != "optimal":
        assert best is None
        return
    assert oracle.is_feasible(allocation.choice)
    prices = [Fraction(str(c.get("soft_price", 0))) for c in document["scenario"]["constraints"]]
    assert abs(oracle.objective(allocation.choice) - allocation.objective) <= 5 * sum(prices)
    if best is not None:
        assert allocation.objective >= best[0] - max(1, abs(best[0]) / 10**6)


@examples(40)
@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.integers(-5, 40), st.sampled_from((None, 0, 0.25, 0.4))),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 60),
)
def test_scales_of_one_pool_are_filled_by_worth_per_krone(
    items: list[tuple[int, int, float | None]], pool: int
) -> None:
    """With one pool, the best scales for given options follow from worth per krone alone."""
    million = 1_000_000
    document = knapsack(items, pool, million)
    best = Fraction(0)
    for size in range(len(items) + 1):
        for chosen in combinations(items, size):
            value = filled([*chosen], Fraction(pool))
            best = best if value is None else max(best, value)
    allocation = allocate(plan_from_document(document), gap=0)
    assert allocation.status == "optimal"
    assert abs(allocation.objective - best * million) <= 2


def filled(chosen: list[tuple[int, int, float | None]], room: Fraction) -> Fraction | None:
    """Return the worth of the chosen ones, minimum first, then best worth per krone first."""
    worth = Fraction(0)
    rest = []
    for cost, value, minimum in chosen:
        least = Fraction(1) if minimum is None else Fraction(str(minimum))
        room -= least * cost
        worth += least * value
        rest.append((Fraction(value, cost), (1 - least) * cost))
    if room < 0:
        return None
    for per_krone, more in sorted(rest, reverse=True):
        taken = min(room, more)
        if per_krone > 0:
            worth += taken * per_krone
            room -= taken
    return worth


def knapsack(
    items: list[tuple[int, int, float | None]], pool: int, unit: int = 1
) -> dict[str, Any]:
    """Return a plan with one pool; an item is (cost, worth, minimum scale or None)."""
    interventions = []
    for number, (cost, worth, minimum) in enumerate(items):
        flow = {"year": 2027, "payer": "kommune", "category": "service"}
        option: dict[str, Any] = {
            "id": "base",
            "pool": "pulje",
            "flows": [
                {**flow, "kind": "outlay", "amount": -cost * unit},
                {**flow, "kind": "saving", "amount": worth * unit},
            ],
        }
        if minimum is not None:
            option["scalable"] = {"minimum": minimum}
        interventions.append(
            {"id": f"i{number}", "title": "I", "department": "d", "options": [option]}
        )
    return {
        "format": "bundlinje-plan/1",
        "title": "Pulje",
        "price_year": 2026,
        "budget_year": 2027,
        "discount": [],
        "payers": [{"id": "kommune", "name": "Kommunen", "level": "municipality"}],
        "departments": [{"id": "d", "name": "D"}],
        "interventions": interventions,
        "scenario": {
            "title": "Pulje",
            "pools": [{"id": "pulje", "name": "P", "kind": "investment", "total": pool * unit}],
            "objective": {
                "terms": [
                    {"of": "saving", "payers": "all", "period": "horizon", "discounted": False}
                ]
            },
            "constraints": [],
        },
    }
