"""Frontiers: published data, every choice tried, and the same answer whoever computes it."""

import copy
import itertools
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimizer import allocate, plan_document, plan_from_document, read_plan
from optimizer.frontier import (
    CHUNK,
    FrontierError,
    LimitBound,
    PoolSize,
    even_steps,
    frontier,
    staircase,
)
from optimizer.pool import InvestmentPool, PoolKind
from tests.optimizer.builders import MILLION, Json, a_document, a_plan, a_pool, an_intervention
from tests.optimizer.cases import PLANS, case
from tests.optimizer.oracle import Oracle
from tests.optimizer.profile import examples
from tests.optimizer.strategies import plans


def three(**more: Any) -> Json:
    """Return a (2 m for 5), b (3 m for 4) and c (4 m for 9), net 3, 1 and 5 million."""
    return a_document(
        *(an_intervention(name, outlay * MILLION, saving * MILLION)
          for name, outlay, saving in (("a", 2, 5), ("b", 3, 4), ("c", 4, 9))),
        **more,
    )  # fmt: skip


def by_enumeration(name: str, of: str) -> list[tuple[int, Fraction]]:
    """Return (cost, value) where the best value rises, from all subsets of a published set."""
    items = [
        (
            -sum(f["amount"] for f in i["options"][0]["flows"] if f["kind"] == "outlay"),
            Fraction(str(i["options"][0]["measures"][of])),
        )
        for i in case(PLANS / f"{name}.json")["interventions"]
    ]
    best: dict[int, Fraction] = {0: Fraction(0)}
    for cost, value in items:  # every subset, those of equal cost kept by the best of them
        for spent, worth in list(best.items()):
            best[spent + cost] = max(best.get(spent + cost, Fraction(-1)), worth + value)
    steps: list[tuple[int, Fraction]] = []
    for spent, worth in sorted(best.items()):
        if not steps or worth > steps[-1][1]:
            steps.append((spent, worth))
    return steps


class TestPublished:
    @pytest.mark.parametrize(
        ("name", "pool", "budget", "optimum"),
        [
            ("probe_12", "pulje", 5 * MILLION, Fraction("414.25")),  # PROBE 2012
            ("rpm15_criterion1", "pulje", 300_000, Fraction(558)),  # robust portfolio modelling
        ],
    )
    def test_the_whole_staircase_and_the_published_optimum(
        self, name: str, pool: str, budget: int, optimum: Fraction
    ) -> None:
        plan = read_plan(PLANS / f"{name}.json")
        (of,) = {term.measure for term in plan.scenario.objective}
        found = staircase(plan, pool, 0, 30 * MILLION)
        assert found.is_complete
        assert found.is_staircase
        assert [(p.amount, p.objective) for p in found.points] == by_enumeration(name, of)
        at_budget = [p for p in found.points if p.amount <= budget][-1]
        assert at_budget.objective == optimum
        # each step is an efficient portfolio: nothing as cheap is better, nothing as good cheaper
        for point in found.points:
            assert found.plan(point).scenario.pools[0].total == point.amount


class TestPoints:
    def test_the_pool_grows(self) -> None:
        plan = plan_from_document(three())
        sizes = [size * MILLION for size in (0, 2, 4, 6, 9)]
        found = frontier(plan, PoolSize("pulje"), reversed(sizes))
        assert [(p.amount, p.objective) for p in found.points] == [
            (size, value * MILLION) for size, value in zip(sizes, (0, 3, 5, 8, 9), strict=True)
        ]
        assert {p.status.value for p in found.points} == {"optimal"}
        assert all(p.gap == 0 for p in found.points)
        assert set(found.points[3].choice) == {"a/base", "c/base"}
        assert allocate(found.plan(found.points[3])).objective == 8 * MILLION

    def test_one_paid_in_by_year_grows_in_proportion(self) -> None:
        pool = a_pool(paid_in={"2027": 3, "2028": 1}, carry_over=True)
        plan = plan_from_document(three(pools=[pool]))
        found = frontier(plan, PoolSize("pulje"), [3 * MILLION, 8 * MILLION])
        # three quarters come in 2027, when all is spent: 2.25 and 6 million
        assert [p.objective for p in found.points] == [3 * MILLION, 8 * MILLION]
        paid_in = found.plan(found.points[1]).scenario.pools[0].paid_in
        assert paid_in == {2027: 6 * MILLION, 2028: 2 * MILLION}

    def test_a_floor_that_cannot_be_reached_has_no_plan(self) -> None:
        limits = [{"tag": "chosen", "at_least": 2}]
        plan = plan_from_document(three(constraints=limits))
        found = frontier(plan, PoolSize("pulje"), [4 * MILLION, 5 * MILLION])
        assert [p.status.value for p in found.points] == ["infeasible", "optimal"]
        assert found.points[0].choice == {}
        assert found.document()["points"][0] == {
            "amount": 4 * MILLION, "status": "infeasible", "objective": None, "bound": None,
            "gap": None, "chosen": [],
        }  # fmt: skip

    def test_money_against_citizens(self) -> None:
        document = three(constraints=[{"tag": "measure", "measure": "borgere", "at_least": 1}])
        for intervention, citizens in zip(document["interventions"], (10, 40, 20), strict=True):
            intervention["options"][0]["measures"] = {"borgere": citizens}
        document["scenario"]["pools"] = [a_pool(total=7 * MILLION)]
        found = frontier(plan_from_document(document), LimitBound(0), [0, 30, 50, 60, 61])
        # within 7 m: a + c give 8 m and 30; a + b 4 m and 50; b + c 6 m and 60
        values = [None if p.objective is None else int(p.objective) // MILLION
                  for p in found.points]  # fmt: skip
        assert values == [8, 8, 6, 6, None]

    def test_money_against_risk(self) -> None:
        outcomes = {"net_saving": {"a/base": [3, 3], "b/base": [1, 1], "c/base": [14, -4]}}
        outcomes["net_saving"] = {
            key: [value * MILLION for value in values]
            for key, values in outcomes["net_saving"].items()
        }
        limit = {"tag": "expected_shortfall", "payers": "all", "level": 1, "at_most": 0}
        plan = plan_from_document(three(outcomes=outcomes, constraints=[limit]))
        found = frontier(plan, LimitBound(0), [-4 * MILLION, -3 * MILLION, 0, MILLION])
        # c loses 4 in the worst outcome; a and b make good 3 and 1 of it
        values = [None if p.objective is None else int(p.objective) // MILLION
                  for p in found.points]  # fmt: skip
        assert values == [4, 4, 9, 9]

    @pytest.mark.parametrize("tag_and_pool", ["total", "carry_over", "each_year"])
    def test_every_point_is_the_best_of_all_choices(self, tag_and_pool: str) -> None:
        @examples(15)
        @given(plans(pool_kind=tag_and_pool, most=4), st.lists(st.integers(0, 30), max_size=4))
        def all_choices(document: dict[str, Any], sizes: list[int]) -> None:
            pool = document["scenario"]["pools"][0]
            options = [o for i in document["interventions"] for o in i["options"]]
            unit = max(abs(f["amount"]) for o in options for f in o["flows"]) // 4 or 1
            assume("total" in pool or sum(pool["paid_in"].values()))
            plan = plan_from_document(document)
            found = frontier(plan, PoolSize(pool["id"]), [size * unit for size in sizes])
            for point in found.points:
                other = plan_document(found.plan(point))
                assert other["scenario"]["pools"][0]["id"] == pool["id"]
                best = Oracle(other).best()
                assert (point.objective is None) == (best is None)
                if best is not None and point.objective is not None:
                    assert abs(point.objective - best[0]) <= 1

        all_choices()


class TestStaircase:
    def test_it_stops_where_nothing_fits(self) -> None:
        plan = plan_from_document(three(constraints=[{"tag": "chosen", "at_least": 2}]))
        found = staircase(plan, "pulje", 0, 9 * MILLION)
        assert found.is_complete
        assert [(p.amount // MILLION, int(p.objective or 0) // MILLION) for p in found.points] == [
            (5, 4), (6, 8), (9, 9),
        ]  # fmt: skip

    def test_a_step_may_be_one_krone(self) -> None:
        projects = (("a", 1, 2), ("b", 2, 6), ("c", 3, 9))
        plan = a_plan(*(an_intervention(*project) for project in projects))
        steps = [(p.amount, p.objective) for p in staircase(plan, "pulje", 0, 9).points]
        assert steps == [(0, 0), (1, 1), (2, 4), (3, 6), (4, 7), (5, 10), (6, 11)]

    def test_it_says_when_there_are_more_steps(self) -> None:
        found = staircase(plan_from_document(three()), "pulje", 0, 9 * MILLION, most=2)
        assert [p.amount // MILLION for p in found.points] == [6, 9]
        assert not found.is_complete

    def test_it_begins_at_the_smallest_size(self) -> None:
        found = staircase(plan_from_document(three()), "pulje", 5 * MILLION, 9 * MILLION)
        assert [(p.amount // MILLION, int(p.objective or 0) // MILLION) for p in found.points] == [
            (5, 5), (6, 8), (9, 9),
        ]  # fmt: skip

    @examples(25)
    @given(plans(pool_kind="total", most=5))
    def test_it_is_that_of_all_choices(self, document: dict[str, Any]) -> None:
        assume(all(t["of"] != "measure" for t in document["scenario"]["objective"]["terms"]))
        pool = document["scenario"]["pools"][0]
        most = 1 + sum(-f["amount"] for i in document["interventions"] for o in i["options"]
                       for f in o["flows"] if f["kind"] == "outlay")  # fmt: skip
        found = staircase(plan_from_document(document), pool["id"], 0, most)
        assert found.is_complete
        for before, after in itertools.pairwise([None, *found.points]):
            assert after is not None
            below = self.best(document, after.amount - 1) if after.amount else None
            at = self.best(document, after.amount)
            assert at is not None
            assert after.objective is not None
            assert abs(at - after.objective) <= 1
            if before is None or below is None:
                assert below is None or after.amount == 0
            else:
                assert abs(below - (before.objective or 0)) <= 1

    @staticmethod
    def best(document: dict[str, Any], size: int) -> Fraction | None:
        other = copy.deepcopy(document)
        other["scenario"]["pools"][0]["total"] = size
        found = Oracle(other).best()
        return None if found is None else found[0]


class TestRefused:
    @pytest.mark.parametrize(
        ("lever", "amount", "words"),
        [
            (PoolSize("andet"), 1, "no pool"),
            (PoolSize("pulje"), -1, "whole kroner"),
            (PoolSize("pulje"), Fraction(1, 2), "whole kroner"),
            (LimitBound(3), 1, "no limit 3"),
            (LimitBound(2), 1, "no number to move"),
            (LimitBound(1), 1, "two numbers"),
            (LimitBound(0, "at_most"), 1, "no at_most to move"),
            (LimitBound(1, "at_most"), Fraction(3, 2), "whole number"),
        ],
    )
    def test_what_cannot_be_moved_is_named(self, lever: Any, amount: Any, words: str) -> None:
        limits = [
            {"tag": "evidence", "at_least": 1},
            {"tag": "chosen", "at_least": 0, "at_most": 3},
            {
                "tag": "spending",
                "payers": "all",
                "category": "service",
                "by_year": {"2027": 9 * MILLION},
            },
        ]
        with pytest.raises(FrontierError, match=words) as caught:
            frontier(plan_from_document(three(constraints=limits)), lever, [amount])
        assert caught.value.message.da != caught.value.message.en

    def test_an_empty_pool_by_year_has_no_proportion(self) -> None:
        plan = plan_from_document(three(pools=[a_pool(paid_in={"2027": 0}, carry_over=True)]))
        with pytest.raises(FrontierError, match="proportion"):
            frontier(plan, PoolSize("pulje"), [5])


class TestNoStaircase:
    def test_a_pool_by_year_gives_points(self) -> None:
        pool = a_pool(paid_in={"2027": 1, "2028": 1}, carry_over=True)
        plan = plan_from_document(three(pools=[pool]))
        found = staircase(plan, "pulje", 0, 8 * MILLION, points=3)
        assert not found.is_staircase
        # half comes in 2027, when all is spent: 0, 2 and 4 million
        assert [(p.amount // MILLION, p.objective) for p in found.points] == [
            (0, 0), (4, 3 * MILLION), (8, 5 * MILLION),
        ]  # fmt: skip

    def test_scalable_options_make_a_curve(self) -> None:
        one = an_intervention("a", 2, 5, option={"scalable": {"minimum": 0}})
        found = staircase(a_plan(one), "pulje", 0, 2, points=3)
        assert not found.is_staircase
        assert [(p.amount, p.objective) for p in found.points] == [
            (0, 0), (1, Fraction(3, 2)), (2, 3),
        ]  # fmt: skip

    def test_what_another_pool_pays_may_be_scaled(self) -> None:
        other = an_intervention("b", 2, 5, option={"scalable": {"minimum": 0}, "pool": None})
        found = staircase(a_plan(an_intervention("a", 2, 5), other), "pulje", 0, 4)
        assert found.is_staircase
        assert [(p.amount, p.objective) for p in found.points] == [(0, 3), (2, 6)]


class TestNumbersThatAreNoBounds:
    """They stand in the coefficients, so a model is built for each point."""

    def limited(self, limit: Json) -> Any:
        document = three(constraints=[limit], pools=[a_pool(total=6 * MILLION)])
        for intervention, stars in zip(document["interventions"], (1, 3, 0), strict=True):
            intervention["evidence_stars"] = stars
            intervention["external"] = stars == 0
        return plan_from_document(document)

    @pytest.mark.parametrize(
        ("limit", "side", "amounts"),
        [
            ({"tag": "evidence", "at_least": 1}, None, [0, Fraction(1, 3), 1, 2, 3]),
            (
                {"tag": "invested_share", "where": {"external": True}, "at_most": 1},
                None,
                [0, Fraction(1, 2), Fraction(2, 3), 1],
            ),
            ({"tag": "payback", "payers": "all", "latest_year": 2028}, None, [2026, 2027, 2028]),
            ({"tag": "chosen", "at_least": 0, "at_most": 3}, "at_most", [0, 1, 2, 3]),
            ({"tag": "chosen", "at_least": 0, "at_most": 3}, "at_least", [0, 2, 3]),
        ],
    )
    def test_they_give_what_allocate_gives(
        self, limit: Json, side: str | None, amounts: list[Any]
    ) -> None:
        found = frontier(self.limited(limit), LimitBound(0, side), amounts)
        values = [point.objective for point in found.points]
        best = [allocate(found.plan(point), gap=0).objective for point in found.points]
        assert values == best
        assert len(set(values)) > 1


class TestMonotone:
    """A looser limit never gives less; the sizes are by chance, the plans have every rule."""

    @examples(20)
    @given(plans(pool_kind="total", most=5), st.lists(st.integers(0, 60), min_size=2, max_size=8))
    def test_a_larger_pool_never_gives_less(
        self, document: dict[str, Any], sizes: list[int]
    ) -> None:
        plan = plan_from_document(document)
        pool = plan.scenario.pools[0]
        unit = max(1, (pool.total or 0) // 20)
        found = frontier(plan, PoolSize(pool.id), [size * unit for size in sizes])
        for smaller, larger in itertools.pairwise(found.points):
            if smaller.objective is not None:
                assert larger.objective is not None
                assert larger.objective >= smaller.objective - 1
        for point in found.points:
            best = allocate(found.plan(point), gap=0)
            assert (best.objective is None) == (point.objective is None)
            assert abs((best.objective or 0) - (point.objective or 0)) <= 1


def test_a_wide_gap_is_kept_to() -> None:
    plan = plan_from_document(case(PLANS / "weingartner_28.json"))
    lever = PoolSize(plan.scenario.pools[0].id)
    amounts = even_steps(100_000, 2 * MILLION, 8)
    exact = frontier(plan, lever, amounts)
    near = frontier(plan, lever, amounts, gap=0.2)
    assert all(point.status.value == "optimal" for point in near.points)
    for one, other in zip(exact.points, near.points, strict=True):
        assert one.objective is not None
        assert other.objective is not None
        assert other.bound is not None
        assert other.objective <= one.objective <= other.bound
        assert other.gap is not None
        assert other.gap <= Fraction(1, 5)
    assert any(point.gap for point in near.points)  # it did stop earlier


def test_of_objectives_in_order_the_first_is_drawn() -> None:
    document = three(pools=[a_pool(total=6 * MILLION)])
    for intervention, citizens in zip(document["interventions"], (1, 90, 2), strict=True):
        intervention["options"][0]["measures"] = {"borgere": citizens}
    document["scenario"]["objective"]["then"] = [
        {"terms": [{"of": "measure", "measure": "borgere"}], "within": 1}
    ]
    (point,) = frontier(plan_from_document(document), PoolSize("pulje"), [6 * MILLION]).points
    assert (set(point.choice), point.objective) == ({"a/base", "c/base"}, 8 * MILLION)


@given(
    st.dictionaries(st.integers(2027, 2040), st.integers(0, 10**9), min_size=1, max_size=6),
    st.integers(0, 10**10),
)
def test_a_pool_by_year_is_resized_by_largest_remainder(
    paid_in: dict[int, int], amount: int
) -> None:
    assume(sum(paid_in.values()))
    pool = InvestmentPool("p", "P", PoolKind.INVESTMENT, paid_in=paid_in, carry_over=True)
    new = pool.resized(amount).paid_in or {}
    own = sum(paid_in.values())
    share = {year: Fraction(amount * paid_in[year], own) for year in paid_in}
    assert sum(new.values()) == amount
    assert all(abs(new[year] - share[year]) < 1 for year in paid_in)
    up = [share[year] - int(share[year]) for year in paid_in if new[year] > share[year]]
    down = [share[year] - int(share[year]) for year in paid_in if new[year] <= share[year]]
    assert min(up, default=Fraction(1)) >= max(down, default=Fraction(0))


class TestExecutors:
    def document(self) -> Json:
        return case(PLANS / "weingartner_28.json")

    def amounts(self) -> list[int]:
        return even_steps(0, 2 * MILLION, CHUNK + 4)

    def answers(self, found: Any) -> list[tuple[Any, ...]]:
        return [(p.amount, p.status, p.objective, dict(p.choice)) for p in found.points]

    def test_processes_give_the_same_answer(self) -> None:
        plan = plan_from_document(self.document())
        lever = PoolSize(plan.scenario.pools[0].id)
        here = frontier(plan, lever, self.amounts())
        assert len(here.points) == CHUNK + 4
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
            there = frontier(plan, lever, self.amounts(), executor=executor)
        assert self.answers(there) == self.answers(here)

    @pytest.mark.filterwarnings("ignore")
    def test_a_cluster_gives_the_same_answer(self) -> None:
        distributed = pytest.importorskip("distributed")
        plan = plan_from_document(self.document())
        lever = PoolSize(plan.scenario.pools[0].id)
        with (
            distributed.LocalCluster(
                n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
            client.get_executor() as executor,
        ):
            there = frontier(plan, lever, self.amounts(), executor=executor)
        assert self.answers(there) == self.answers(frontier(plan, lever, self.amounts()))
