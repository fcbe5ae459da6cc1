"""Stress, by hand: what changes, what stays, and what would be best then."""

from fractions import Fraction
from typing import Any

import pytest

from optimizer import Plan, evaluate, plan_from_document
from optimizer.stress import Stress, disappointed, stress_table, stressed
from tests.optimizer.builders import (
    MILLION,
    Json,
    a_document,
    a_flow,
    a_plan,
    a_pool,
    an_intervention,
    an_option,
)


def one(**more: Any) -> Plan:
    """Return a plan of one option: outlay 5, cost 3, savings 7 in 2028 and 9 in 2032; kroner."""
    option = an_option(
        "base",
        a_flow("outlay", -5, low=-8, high=-4),
        a_flow("cost", -3, 2028),
        a_flow("saving", 7, 2028, low=-3, high=10),
        a_flow("saving", 9, 2032),
    )
    other = an_intervention("b", saving=4)
    overlap = {"kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
               "loses": {"2028": 5, "2032": 2}, "reason": "samme"}  # fmt: skip
    first = an_intervention("a") | {"options": [option]}
    return a_plan(first, other, relations=[overlap], **more)


def flows(plan: Plan) -> list[tuple[int, int, int, int]]:
    return [(f.year, f.low, f.amount, f.high) for f in plan.options["a/base"][1].flows]


class TestStressed:
    def test_as_expected_nothing_changes(self) -> None:
        plan = one()
        assert stressed(plan, Stress.EXPECTED) is plan

    def test_half_the_effect_halves_savings_away_from_zero(self) -> None:
        plan = stressed(one(), Stress.HALF_EFFECT)
        assert flows(plan) == [
            (2027, -8, -5, -4), (2028, -3, -3, -3), (2028, -2, 4, 5), (2032, 5, 5, 5),
        ]  # fmt: skip
        assert plan.relations[0].loses == {2028: 3, 2032: 1}

    def test_a_year_late_savings_move_and_the_last_is_lost(self) -> None:
        plan = stressed(one(), Stress.YEAR_LATE)
        assert flows(plan) == [(2027, -8, -5, -4), (2028, -3, -3, -3), (2029, -3, 7, 10)]
        assert plan.relations[0].loses == {2029: 5}

    def test_costs_are_a_fifth_higher(self) -> None:
        assert flows(stressed(one(), Stress.COSTS_UP))[:2] == [
            (2027, -10, -6, -5), (2028, -4, -4, -4),
        ]  # fmt: skip
        assert flows(stressed(one(), Stress.COSTS_UP))[2:] == flows(one())[2:]

    def test_all_low_is_low_for_sure(self) -> None:
        assert flows(stressed(one(), Stress.ALL_LOW)) == [
            (2027, -8, -8, -8), (2028, -3, -3, -3), (2028, -3, -3, -3), (2032, 9, 9, 9),
        ]  # fmt: skip

    @pytest.mark.parametrize("stress", list(Stress))
    def test_it_is_still_a_plan(self, stress: Stress) -> None:
        from optimizer import plan_document

        plan = stressed(one(), stress)
        assert plan_from_document(plan_document(plan)) == plan


def two() -> Json:
    """Return a (2 m, saves 9 late) and b (2 m, saves 6, nothing of it uncertain); room for one."""
    return a_document(
        an_intervention("a", 2 * MILLION, 9 * MILLION, saving_year=2032),
        an_intervention("b", 2 * MILLION, 6 * MILLION),
        pools=[a_pool(total=2 * MILLION)],
    )


class TestTable:
    def test_regret_is_what_the_best_would_have_given(self) -> None:
        plan = plan_from_document(two())
        table = stress_table(plan, {"a/base": Fraction(1)})
        assert table.is_proved
        # a year late, a saves nothing within the horizon, and b is best
        late = table.cells["today", Stress.YEAR_LATE]
        assert late.objective == -2 * MILLION
        assert table.choices["year_late"] == {"b/base": 1}
        assert table.best(Stress.YEAR_LATE) == 4 * MILLION
        assert table.regret("today", Stress.YEAR_LATE) == 6 * MILLION
        assert table.regret("today", Stress.EXPECTED) == 0
        assert table.regret("year_late", Stress.EXPECTED) == 3 * MILLION
        assert table.cells["today", Stress.HALF_EFFECT].objective == 2_500_000

    def test_a_plan_that_no_longer_fits_has_no_regret(self) -> None:
        table = stress_table(plan_from_document(two()), {"a/base": Fraction(1)})
        # a fifth dearer, 2.4 m do not fit in 2 m: nothing can be funded
        cell = table.cells["today", Stress.COSTS_UP]
        assert not cell.is_kept
        assert table.regret("today", Stress.COSTS_UP) is None
        assert table.best(Stress.COSTS_UP) == 0

    def test_a_stress_under_which_nothing_fits_has_no_best(self) -> None:
        document = two()
        document["scenario"]["constraints"] = [{"tag": "chosen", "at_least": 1}]
        table = stress_table(plan_from_document(document), {"a/base": Fraction(1)})
        assert table.best(Stress.COSTS_UP) is None
        assert "costs_up" not in table.choices


class TestDisappointed:
    def test_the_most_promising_come_out_low_or_give_nothing(self) -> None:
        flows = [a_flow("outlay", -2), a_flow("saving", 9, 2028, low=1, high=10)]
        small = [a_flow("outlay", -1), a_flow("saving", 4, 2028, low=3)]
        plan = a_plan(
            an_intervention("a") | {"options": [an_option("base", *flows)]},
            an_intervention("b") | {"options": [an_option("base", *small)]},
        )
        choice = {"a/base": Fraction(1), "b/base": Fraction(1)}
        first = disappointed(plan, choice, 1)
        assert (first.keys, first.expected, first.low, first.nothing) == (("a/base",), 10, 2, 1)
        both = disappointed(plan, choice, 2)
        assert (both.keys, both.low, both.nothing) == (("a/base", "b/base"), 1, -3)
        assert disappointed(plan, choice, 0).low == 10

    def test_those_that_fall_most_need_not_promise_most(self) -> None:
        sure = [a_flow("outlay", -2), a_flow("saving", 9, 2028)]
        shaky = [a_flow("outlay", -1, low=-3), a_flow("saving", 4, 2028, low=1)]
        limit = {"tag": "disappointments", "payers": "all", "count": 1, "at_least": 0}
        plan = a_plan(
            an_intervention("a") | {"options": [an_option("base", *sure)]},
            an_intervention("b") | {"options": [an_option("base", *shaky)]},
            constraints=[limit],
        )
        choice = {"a/base": Fraction(1), "b/base": Fraction(1)}
        found = disappointed(plan, choice, 1)
        assert (found.keys, found.low) == (("a/base",), 10)
        assert (found.falling, found.fallen) == (("b/base",), 5)
        # the same number as the limit looks at
        (row,) = [row for row in evaluate(plan, choice).rows if row.row.tag == "disappointments"]
        assert row.activity == found.fallen


def test_of_objectives_in_order_the_first_counts() -> None:
    document = two()
    for intervention, citizens in zip(document["interventions"], (1, 90), strict=True):
        intervention["options"][0]["measures"] = {"borgere": citizens}
    document["scenario"]["objective"]["then"] = [
        {"terms": [{"of": "measure", "measure": "borgere"}], "within": 1}
    ]
    table = stress_table(plan_from_document(document), {"b/base": Fraction(1)})
    assert table.best(Stress.EXPECTED) == 7 * MILLION
    assert table.regret("today", Stress.EXPECTED) == 3 * MILLION
