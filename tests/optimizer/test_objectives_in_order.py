"""Objectives in order: first the one, then the other among the plans that give up little of it."""

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimizer import PlanErrors, allocate, evaluate, plan_document, plan_from_document, plan_sha256
from tests.optimizer.builders import MILLION, Json, a_document, a_flow, a_pool, an_intervention
from tests.optimizer.oracle import Oracle
from tests.optimizer.profile import examples
from tests.optimizer.strategies import RISKS, plans, term

CITIZENS: Json = {"of": "measure", "measure": "borgere"}


def three(*then: Json) -> Json:
    """Return a, b and c at 2 million each, worth 10, 9 and 5 and helping 10, 30 and 90."""
    document = a_document(
        *(
            an_intervention(
                name, 2 * MILLION, (2 + worth) * MILLION,
                option={"measures": {"borgere": citizens}},
            )
            for name, worth, citizens in (("a", 10, 10), ("b", 9, 30), ("c", 5, 90))
        ),
        pools=[a_pool(total=4 * MILLION)],
    )  # fmt: skip
    if then:
        document["scenario"]["objective"]["then"] = list(then)
    return document


@pytest.mark.parametrize(
    ("within", "chosen", "money", "citizens"),
    [
        (0, "ab", 19, 40),  # nothing may be given up
        (0.2, "ab", 19, 40),  # 15.2 is kept by a + b only: a + c give 15
        (0.22, "ac", 15, 100),
        (0.3, "bc", 14, 120),
        (1, "bc", 14, 120),
    ],
)
def test_citizens_among_the_plans_that_give_up_little_money(
    within: float, chosen: str, money: int, citizens: int
) -> None:
    plan = plan_from_document(three({"terms": [CITIZENS], "within": within}))
    allocation = allocate(plan, gap=0)
    assert {key.split("/")[0] for key in allocation.choice} == set(chosen)
    assert allocation.objective == money * MILLION
    assert allocation.bound == 19 * MILLION
    assert allocation.status == "optimal"
    (later,) = allocation.later
    assert (later.objective, later.bound, later.status.value) == (citizens, citizens, "optimal")


def test_three_in_order() -> None:
    first = {"terms": [CITIZENS], "within": 0.3}
    few = {"terms": [{**CITIZENS, "weight": -1}], "within": 0.2}
    allocation = allocate(plan_from_document(three(first, few)), gap=0)
    # 120 citizens, of which a fifth may be given up: a + c help 100, and fewest are asked for last
    assert {key.split("/")[0] for key in allocation.choice} == {"a", "c"}
    assert [later.objective for later in allocation.later] == [100, -100]


def test_a_soft_limit_belongs_to_the_first() -> None:
    document = three({"terms": [CITIZENS], "within": 0.25})
    document["scenario"]["constraints"] = [
        {"tag": "chosen", "at_most": 1, "soft_price": 3 * MILLION}
    ]
    # a + b give 19 less 3; within a quarter of 16, that is 12: a + c give 15 - 3
    allocation = allocate(plan_from_document(document), gap=0)
    assert {key.split("/")[0] for key in allocation.choice} == {"a", "c"}
    assert allocation.objective == 12 * MILLION


def test_the_result_says_what_each_gives() -> None:
    plan = plan_from_document(three({"terms": [CITIZENS], "within": 0.3}))
    assert allocate(plan, gap=0).document()["objectives_in_order"] == [
        {"objective": 120, "bound": 120, "status": "optimal"}
    ]
    assert evaluate(plan, {"a/base": 1}).document()["objectives_in_order"] == [
        {"objective": 10, "bound": None, "status": "feasible"}
    ]
    assert "objectives_in_order" not in allocate(plan_from_document(three())).document()


def test_where_nothing_fits_there_is_nothing_to_order() -> None:
    document = three({"terms": [CITIZENS]})
    document["scenario"]["constraints"] = [{"tag": "chosen", "at_least": 3}]
    allocation = allocate(plan_from_document(document))
    assert (allocation.status, allocation.later) == ("infeasible", ())


def test_a_later_objective_can_be_cancelled_too() -> None:
    rng, years = random.Random(5), range(2028, 2032)
    document = a_document(
        *(
            an_intervention(
                f"p{number}", rng.randint(1000, 9999), 1,
                option={"measures": {"borgere": rng.randint(1000, 9999)}},
            )
            for number in range(60)
        ),
        pools=[a_pool(total=900_000)],
        terms=[{"of": "saving", "payers": "all", "period": "horizon", "discounted": False}],
        constraints=[{"tag": "invested", "year": y, "at_most": 150_000} for y in years],
    )  # fmt: skip
    for intervention in document["interventions"]:
        intervention["options"][0]["flows"] += [
            a_flow("outlay", -rng.randint(1000, 9999), year) for year in years
        ]
    document["scenario"]["objective"]["then"] = [{"terms": [CITIZENS], "within": 1}]
    plan, told = plan_from_document(document), []

    def stop_when_the_first_is_proved(
        best: float | None, bound: float | None, seconds: float
    ) -> bool:
        told.append((best, bound, seconds))
        return best is not None and best == bound

    stopped = allocate(plan, gap=0, progress=stop_when_the_first_is_proved)
    whole = allocate(plan, gap=0, progress=lambda *numbers: told.append(numbers) or False)
    assert stopped.status == whole.status == "optimal"
    assert stopped.later[0].status == "feasible"
    assert whole.later[0].status == "optimal"
    assert whole.later[0].objective == whole.later[0].bound
    assert stopped.later[0].objective < whole.later[0].objective
    # while the second is solved, what is told is of the first, and time goes on
    best, bound, seconds = told[-1]
    assert best == bound == float(whole.bound)
    assert seconds >= max(s for b, _, s in told if b is None)


class TestReading:
    def test_there_and_back(self) -> None:
        plan = plan_from_document(three({"terms": [CITIZENS], "within": 0.05}))
        assert plan_from_document(plan_document(plan)) == plan
        assert plan.scenario.then[0].within == Fraction(5, 100)

    def test_without_it_a_plan_keeps_its_name(self) -> None:
        named = three()
        named["scenario"]["objective"]["then"] = []
        assert plan_sha256(plan_from_document(named)) == plan_sha256(plan_from_document(three()))
        ordered = plan_from_document(three({"terms": [CITIZENS]}))
        assert plan_sha256(ordered) != plan_sha256(plan_from_document(three()))

    @pytest.mark.parametrize(
        ("then", "path"),
        [
            ({"terms": []}, "scenario.objective.then[0].terms"),
            ({}, "scenario.objective.then[0].terms"),
            ({"terms": [CITIZENS], "within": 2}, "scenario.objective.then[0].within"),
            ({"terms": [CITIZENS], "whitin": 0}, "scenario.objective.then[0].whitin"),
            ({"terms": [{"of": "ro"}]}, "scenario.objective.then[0].terms[0].of"),
        ],
    )
    def test_what_is_wrong_is_named(self, then: Json, path: str) -> None:
        with pytest.raises(PlanErrors) as caught:
            plan_from_document(three(then))
        assert [error.path for error in caught.value.errors] == [path]


@examples(60)
@given(plans(most=4), st.data())
def test_it_is_the_best_of_all_choices(document: dict[str, Any], data: st.DataObject) -> None:
    of = data.draw(st.sampled_from(("net_saving", "saving", "measure")))
    within = data.draw(st.sampled_from((0, 0.05, 0.25, 1)))
    limits = document["scenario"]["constraints"]
    assume(not any(c["tag"] in RISKS and document["discount"] for c in limits))
    second = [data.draw(term(of))]
    oracle = Oracle(document)
    document["scenario"]["objective"]["then"] = [{"terms": second, "within": within}]
    other = {**document, "scenario": {**document["scenario"], "constraints": [],
                                      "objective": {"terms": second}}}  # fmt: skip
    aim = Oracle(other)
    feasible = [c for c in oracle.choices({}) if oracle.is_feasible(c)]
    allocation = allocate(plan_from_document(document), gap=0)
    assume(feasible)
    best = max(oracle.objective(choice) for choice in feasible)
    least = best - Fraction(str(within)) * abs(best)

    def reached(floor: Fraction) -> Fraction:
        return max(aim.objective(c) for c in feasible if oracle.objective(c) >= floor)

    assert oracle.is_feasible(allocation.choice)
    (later,) = allocation.later
    assert later.objective == aim.objective(allocation.choice)
    slip = Fraction(1, 10**6) * max(1, abs(later.objective))
    # the first objective is proved to 1 kr., so its floor may be that much lower
    assert reached(least) - slip <= later.objective <= reached(least - 1) + slip
