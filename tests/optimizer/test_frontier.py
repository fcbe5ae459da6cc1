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
            (LimitBound(0), 1, "no number to move"),
            (LimitBound(1), 1, "two numbers"),
        ],
    )
    def test_what_cannot_be_moved_is_named(self, lever: Any, amount: Any, words: str) -> None:
        limits = [
            {"tag": "evidence", "at_least": 1},
            {"tag": "chosen", "at_least": 0, "at_most": 3},
        ]
        with pytest.raises(FrontierError, match=words):
            frontier(plan_from_document(three(constraints=limits)), lever, [amount])

    def test_an_empty_pool_by_year_has_no_proportion(self) -> None:
        plan = plan_from_document(three(pools=[a_pool(paid_in={"2027": 0}, carry_over=True)]))
        with pytest.raises(FrontierError, match="proportion"):
            frontier(plan, PoolSize("pulje"), [5])

    def test_a_pool_by_year_has_no_staircase(self) -> None:
        plan = plan_from_document(three(pools=[a_pool(paid_in={"2027": 5}, carry_over=True)]))
        with pytest.raises(FrontierError, match="by year"):
            staircase(plan, "pulje", 0, 1)

    def test_scalable_options_make_a_curve(self) -> None:
        one = an_intervention("a", 2, 5, option={"scalable": {"minimum": 0}})
        with pytest.raises(FrontierError, match="curve"):
            staircase(a_plan(one), "pulje", 0, 1)


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
