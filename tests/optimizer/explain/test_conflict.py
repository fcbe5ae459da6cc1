"""Conflicts that cannot hold and cannot be smaller, and what makes a plan possible again."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from optimizer import read_plan
from optimizer.constraints import InvestedShare
from optimizer.explain import explain, loosened_plan
from optimizer.explain.elastic import decimal_up
from tests.optimizer.builders import MILLION, a_flow, a_plan, a_pool, an_intervention, an_option
from tests.optimizer.cases import PLANS
from tests.optimizer.explain.checking import check
from tests.optimizer.explain.strategies import pressed_plans
from tests.optimizer.profile import examples
from tests.optimizer.strategies import TAGS

EACH = 10


@pytest.mark.parametrize("tag", TAGS)
def test_where_mostly_nothing_fits(tag: str) -> None:
    @examples(EACH)
    @given(pressed_plans(tag=tag))
    def all_choices(document: dict[str, Any]) -> None:
        check(document)

    all_choices()


def test_the_known_conflict_and_its_two_ways_out() -> None:
    explanation = explain(read_plan(PLANS / "infeasible.json"))
    document = explanation.document()
    assert [rule["path"] for rule in document["conflict"]] == [
        "scenario.pools[0]",
        "scenario.constraints[0]",
    ]
    ways = {(e["path"], e["by"], e["objective"]) for e in document["loosening"]}
    assert ways == {
        ("scenario.pools[0]", 3 * MILLION, 6_600_000),
        ("scenario.constraints[0]", MILLION, 6 * MILLION),
    }
    assert document["objective"] is None
    assert {i["price_to_enter"] for i in document["interventions"]} == {None}


def test_a_force_in_a_conflict_is_released_not_loosened() -> None:
    plan = a_plan(
        an_intervention("a", 6 * MILLION, 9 * MILLION, force="in"),
        an_intervention("b", 2 * MILLION, 3 * MILLION),
        pools=[a_pool(total=5 * MILLION)],
    )
    explanation = explain(plan)
    assert set(explanation.conflict.paths) == {"interventions[0].force", "scenario.pools[0]"}
    (release,) = explanation.ways_out.releases
    assert (release.rule.path, release.objective) == ("interventions[0].force", MILLION)
    (loosening,) = explanation.ways_out.loosenings
    assert (loosening.by, loosening.objective) == (MILLION, 3 * MILLION)
    assert "Indsats a er tvunget med" in explanation.text("da")


def test_two_conflicts_at_once_have_no_single_way_out() -> None:
    plan = a_plan(
        an_intervention("a", MILLION, 2 * MILLION),
        constraints=[
            {"tag": "chosen", "at_least": 2},
            {"tag": "invested", "at_least": 9 * MILLION},
        ],
    )
    explanation = explain(plan)
    assert len(explanation.conflict.rules) == 1
    assert explanation.document()["loosening"] == []
    assert "releases" not in explanation.document()
    assert "No single change is enough" in explanation.text("en")


def test_the_years_of_a_pool_that_carries_over_are_loosened_as_late_as_possible() -> None:
    late = {
        "id": "late", "title": "Sent", "department": "social", "force": "in",
        "options": [an_option("base", a_flow("outlay", -3 * MILLION, 2029))],
    }  # fmt: skip
    plan = a_plan(
        an_intervention("a", 4 * MILLION, 9 * MILLION, force="in"),
        late,
        pools=[a_pool(paid_in={"2027": 3 * MILLION}, carry_over=True)],
    )
    (entry,) = explain(plan).document()["loosening"]
    assert entry["by"] == {"2027": MILLION, "2029": 3 * MILLION}


@pytest.mark.parametrize(
    ("number", "value", "by"),
    [
        (Fraction(1, 4), Fraction(1, 4), Fraction(1, 4)),
        (Fraction(1, 4), Fraction(1, 12), Fraction(83333334, 10**9)),
        (Fraction(7, 10), Fraction(1, 10), Fraction(100000001, 10**9)),  # 0.7 + 0.1 < 0.8 in floats
    ],
)
def test_a_share_is_rounded_up_to_a_decimal_that_is_enough(
    number: Fraction, value: Fraction, by: Fraction
) -> None:
    limit = InvestedShare(at_most=number)
    assert decimal_up(value, limit) == by
    assert Fraction(repr(float(number) + float(by))) >= number + value


def test_a_loosened_plan_has_its_number_moved_the_right_way() -> None:
    plan = a_plan(
        an_intervention("a", MILLION, 2 * MILLION),
        constraints=[{"tag": "invested", "at_least": 2, "at_most": 5}],
        pools=[a_pool(paid_in={"2027": 3}, carry_over=False)],
    )
    limit = loosened_plan(plan, "scenario.constraints[0]", 2).scenario.constraints[0]
    assert (limit.at_least, limit.at_most) == (0, 7)
    (pool,) = loosened_plan(plan, "scenario.pools[0]", {2027: 1, 2028: 4}).scenario.pools
    assert pool.paid_in == {2027: 4, 2028: 4}
