"""A solve that is looked at, and ended, while it runs."""

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from optimizer import Plan, SoFar, Status, Watch, allocate, evaluate, plan_from_document
from optimizer.answer import Answer, Effort
from optimizer.compilation import Compilation
from optimizer.explain.examples import small_plan
from optimizer.program import Row
from optimizer.search import Found, Search
from optimizer.sentence import same
from optimizer.watch import Follower
from tests.optimizer.test_brute_force import knapsack


class Diary(Watch):
    """A watch that writes down what it is told, and cancels at one of the plans."""

    def __init__(self, cancel_at: int | None = None) -> None:
        super().__init__()
        self.cancel_at = cancel_at
        self.plans: list[SoFar] = []

    def improved(self, choice: Mapping[str, Fraction], objective: Fraction) -> None:
        super().improved(choice, objective)
        self.plans.append(self.so_far)
        if len(self.plans) == self.cancel_at:
            self.cancel()


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a plan of five yearly ceilings, in which HiGHS comes by several plans."""
    draw = random.Random(5)
    items = [(draw.randint(1000, 9999), draw.randint(1000, 9999), None) for _ in range(60)]
    document = knapsack(items, 150_000, 1000)
    for year in range(2028, 2032):
        for intervention in document["interventions"]:
            outlay = {"year": year, "payer": "kommune", "category": "service", "kind": "outlay"}
            amount = -draw.randint(1_000_000, 9_999_999)
            intervention["options"][0]["flows"].append({**outlay, "amount": amount})
        limit = {"tag": "invested", "year": year, "at_most": 150_000_000}
        document["scenario"]["constraints"].append(limit)
    document["scenario"]["pools"][0]["total"] = 900_000_000
    return plan_from_document(document)


def test_each_plan_so_far_is_a_whole_choice_judged_exactly_and_better_than_the_last(
    plan: Plan,
) -> None:
    diary = Diary()
    allocation = allocate(plan, gap=0.01, progress=diary)
    assert len(diary.plans) > 2
    for seen in diary.plans:
        judged = evaluate(plan, seen.choice)
        assert judged.status is Status.FEASIBLE
        assert judged.objective == seen.objective
    values = [seen.objective for seen in diary.plans]
    assert values == sorted(set(values))
    assert [seen.improvements for seen in diary.plans] == list(range(1, len(values) + 1))
    assert diary.so_far.choice == allocation.choice
    assert diary.so_far.objective == allocation.objective


@pytest.mark.parametrize("number", [1, 2, 3])
def test_cancelled_it_returns_the_best_plan_so_far_and_its_gap(plan: Plan, number: int) -> None:
    diary = Diary(cancel_at=number)
    allocation = allocate(plan, gap=0, progress=diary)
    assert diary.is_cancelled
    assert allocation.status is Status.FEASIBLE
    assert allocation.choice == diary.so_far.choice
    assert allocation.objective == diary.so_far.objective
    assert allocation.bound is None or allocation.bound > allocation.objective
    assert len(diary.plans) >= number


def test_cancelled_before_it_began_there_is_no_plan(plan: Plan) -> None:
    watch = Watch()
    watch.cancel()
    allocation = allocate(plan, gap=0, progress=watch)
    assert allocation.status in {Status.NO_ANSWER, Status.FEASIBLE}
    assert allocation.choice == watch.so_far.choice


def test_watching_changes_nothing(plan: Plan) -> None:
    watched = allocate(plan, gap=0.01, progress=Watch())
    assert watched.choice == allocate(plan, gap=0.01).choice


def test_the_gap_is_that_of_the_plan_and_the_bound() -> None:
    assert SoFar().gap is None
    assert SoFar(objective=Fraction(100)).gap is None
    assert SoFar(objective=Fraction(100), bound=Fraction(103)).gap == Fraction(3, 100)
    assert SoFar(objective=Fraction(100), bound=Fraction(99)).gap == 0


def test_a_plan_that_breaks_a_rule_or_is_worse_is_not_shown() -> None:
    compilation, watch = Compilation(small_plan()), Watch()
    follower = Follower(compilation, watch)

    def values(*names: str) -> list[float]:
        return [float(v) for v in compilation.values({f"{n}/base": Fraction(1) for n in names})]

    follower.found(values("b", "c"))  # 8 of 7 million
    assert watch.so_far == SoFar()
    follower.found(values("a", "b"))
    assert (set(watch.so_far.choice), watch.so_far.objective) == ({"a/base", "b/base"}, 9_000_000)
    follower.found(values("a"))
    assert watch.so_far.objective == 9_000_000
    assert watch.so_far.improvements == 1


def test_the_lowest_bound_told_is_kept() -> None:
    watch = Watch()
    follower = Follower(Compilation(small_plan()), watch)
    for bound in (12.0, None, 10.0, 11.0):
        follower.told(None, bound, 1.0)
    assert follower.bound == 10


def test_cancelled_at_a_plan_that_breaks_a_rule_an_earlier_one_is_returned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compilation, watch = Compilation(small_plan()), Watch()
    good = {"a/base": Fraction(1)}

    def solved(search: Search, effort: Effort, deadline: float, follower: Follower) -> Any:
        follower.found([float(v) for v in compilation.values(good)])
        watch.cancel()
        follower.told(None, 10_000_000.0, 1.0)
        return Found(Answer.FEASIBLE, {"b/base": Fraction(1)}, Fraction(8)), [Row(same(""), {})]

    monkeypatch.setattr(Search, "_try", solved)
    found = Search(compilation).best(Effort(gap=0.0), watch)
    assert (found.answer, found.choice, found.bound) == (Answer.FEASIBLE, good, 10_000_000)
    assert all(r.is_kept for r in found.results)
