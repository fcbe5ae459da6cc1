"""The outcome fund: who pays what, on plans small enough to add up by hand."""

from fractions import Fraction
from typing import Any

import pytest

from optimizer import Allocation, PlanErrors, allocate, evaluate, plan_from_document
from optimizer.constraints.fund import contributions, shapley_values
from tests.optimizer.builders import MILLION, Json, a_document, a_flow, an_intervention, an_option

FUND: Json = {"tag": "outcome_fund", "fund": "fond", "payers": "all"}


def one(name: str, outlay: int, municipality: int, region: int) -> Json:
    """Return an intervention paid by the fund, millions: its outlay and what two purses gain."""
    flows = [a_flow("outlay", -outlay * MILLION)]
    flows += [a_flow("saving", municipality * MILLION, 2028)]
    flows += [a_flow("saving", region * MILLION, 2028, payer="region")]
    return an_intervention(name) | {"options": [an_option("base", *flows, pool="fond")]}


def chosen(*interventions: Json, **more: Any) -> Allocation:
    """Return the judgement of choosing all of them."""
    plan = plan_from_document(a_document(*interventions, constraints=[FUND | more], pools=[]))
    return evaluate(plan, dict.fromkeys(plan.options, 1))


class TestNobodyLoses:
    def test_gains_that_cover_the_outlay_are_enough(self) -> None:
        rows = chosen(one("a", 4, 3, 2)).rows
        assert [int(row.activity) // MILLION for row in rows] == [3, 2, 1]
        assert all(row.is_kept for row in rows)

    def test_gains_that_do_not_are_not(self) -> None:
        allocation = chosen(one("a", 4, 3, 0))
        assert [(row.broken_by, row.row.label.da) for row in allocation.broken] == [
            (MILLION, "Gevinsten for alle kasser dækker udlægget i effektfonden fond")
        ]

    def test_one_who_loses_is_not_made_good_by_another(self) -> None:
        allocation = chosen(one("a", 4, 9, -1))
        assert [row.row.label.da for row in allocation.broken] == [
            "Regionen taber ikke på effektfonden fond"
        ]

    def test_what_one_intervention_loses_another_may_make_good(self) -> None:
        assert not chosen(one("a", 4, 9, -1), one("b", 1, 0, 3)).broken

    def test_a_purse_that_may_not_contribute_may_lose(self) -> None:
        assert not chosen(one("a", 4, 9, -1), payers=["kommune"]).broken

    def test_an_overlap_within_the_fund_counts(self) -> None:
        overlap = {"kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
                   "loses": {"2028": 2 * MILLION}, "reason": "samme borgere"}  # fmt: skip
        document = a_document(
            one("a", 2, 3, 0), one("b", 2, 3, 0), constraints=[FUND], pools=[], relations=[overlap]
        )
        plan = plan_from_document(document)
        assert [int(r.activity) // MILLION for r in evaluate(plan, {"a/base": 1}).rows] == [3, 0, 1]
        both = evaluate(plan, {"a/base": 1, "b/base": 1})
        assert [int(row.activity) // MILLION for row in both.rows[:3]] == [4, 0, 0]

    def test_the_label_of_a_person_comes_first(self) -> None:
        rows = chosen(one("a", 4, 3, 2), label="Fonden").rows
        assert rows[0].row.label.da == "Fonden: Kommunen taber ikke på effektfonden fond"

    def test_an_option_that_would_cost_a_purse_is_left_out(self) -> None:
        document = a_document(one("a", 4, 9, -1), one("b", 1, 2, 0), constraints=[FUND], pools=[])
        assert set(allocate(plan_from_document(document)).choice) == {"b/base"}


class TestSplit:
    def test_by_gain(self) -> None:
        allocation = chosen(one("a", 4, 6, 2))
        plan = allocation.plan
        split = contributions(plan.scenario.constraints[0], allocation.appraisal, allocation.choice)
        assert [(c.payer, c.gain, c.contribution) for c in split] == [
            ("kommune", 6 * MILLION, 3 * MILLION), ("region", 2 * MILLION, MILLION),
        ]  # fmt: skip

    def test_by_shapley_value(self) -> None:
        # v(k) = 6 - 4 = 2, v(r) = 0, v(kr) = 4: k gets (2 + 4) / 2 = 3, r (0 + 2) / 2 = 1
        allocation = chosen(one("a", 4, 6, 2), split="shapley")
        plan = allocation.plan
        split = contributions(plan.scenario.constraints[0], allocation.appraisal, allocation.choice)
        assert [c.contribution for c in split] == [3 * MILLION, MILLION]

    def test_the_published_example_of_three_players(self) -> None:
        # the airport game turned round: gains 10, 20, 30, outlay 30. By hand over the six orders:
        # 10 adds 0, 0, 0, 0, 10, 10; 20 adds 0, 0, 20, 20, 20, 10; 30 adds 30, 30, 10, 10, 0, 10
        values = shapley_values(
            {"a": Fraction(10), "b": Fraction(20), "c": Fraction(30)}, Fraction(30)
        )
        assert sum(values.values()) == 30
        assert values == by_orders({"a": 10, "b": 20, "c": 30}, 30)

    def test_contributions_add_up_to_the_outlay(self) -> None:
        for split in ("proportional", "shapley"):
            allocation = chosen(one("a", 7, 6, 5), one("b", 1, 3, 0), split=split)
            fund = allocation.plan.scenario.constraints[0]
            parts = contributions(fund, allocation.appraisal, allocation.choice)
            assert sum(c.contribution for c in parts) == 8 * MILLION
            assert all(0 <= c.contribution <= c.gain for c in parts)

    def test_nothing_chosen_costs_nobody(self) -> None:
        document = a_document(one("a", 4, 6, 2), constraints=[FUND], pools=[])
        allocation = evaluate(plan_from_document(document), {})
        fund = allocation.plan.scenario.constraints[0]
        parts = contributions(fund, allocation.appraisal, {})
        assert [c.contribution for c in parts] == [0, 0]


def by_orders(gains: dict[str, int], outlay: int) -> dict[str, Fraction]:
    """Return the Shapley value as it is defined: what each adds, over all orders of arrival."""
    from itertools import permutations

    orders = list(permutations(gains))
    added = dict.fromkeys(gains, Fraction(0))
    for order in orders:
        so_far = -outlay
        for player in order:
            added[player] += max(0, so_far + gains[player]) - max(0, so_far)
            so_far += gains[player]
    return {player: total / len(orders) for player, total in added.items()}


class TestReading:
    def test_an_option_may_name_a_fund_as_its_pool(self) -> None:
        assert plan_from_document(a_document(one("a", 4, 3, 2), constraints=[FUND], pools=[]))

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"fund": "pulje"}, "scenario.constraints[0].fund"),
            ({"soft_price": 1}, "scenario.constraints[0].soft_price"),
            ({"split": "halvt"}, "scenario.constraints[0].split"),
            ({"payers": ["staten"]}, "scenario.constraints[0].payers[0]"),
        ],
    )
    def test_what_is_wrong_is_named(self, change: Json, path: str) -> None:
        document = a_document(constraints=[FUND | change])
        with pytest.raises(PlanErrors) as caught:
            plan_from_document(document)
        assert [error.path for error in caught.value.errors] == [path]

    def test_a_fund_that_is_not_there_is_no_pool(self) -> None:
        with pytest.raises(PlanErrors) as caught:
            plan_from_document(a_document(one("a", 4, 3, 2)))
        assert [e.path for e in caught.value.errors] == ["interventions[0].options[0].pool"]
