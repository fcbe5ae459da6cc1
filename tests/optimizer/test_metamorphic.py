"""Changes to a plan whose effect is known, whatever the answer is."""

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimizer import Allocation, allocate, plan_document, plan_from_document, plan_from_text
from optimizer import plan_sha256 as sha
from tests.optimizer.cases import PLANS, REAL, case, plan_names
from tests.optimizer.profile import examples
from tests.optimizer.strategies import plans

NOT_IN_KRONER = {"infeasible", "probe_12", "rpm15_criterion1", "chance_of_loss"}
IN_KRONER = [n for n in plan_names() if n not in NOT_IN_KRONER]


def solved(document: dict[str, Any]) -> Allocation:
    return allocate(plan_from_document(document), gap=0)


def mixed(document: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the document with every list whose order means nothing, and every key, mixed."""
    rng = random.Random(seed)
    ordered = {"horizon", "years", "discount"}

    def other(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            keys = list(value)
            rng.shuffle(keys)
            return {k: other(value[k], k) for k in keys}
        # an option's outcomes belong to those of the others, place by place
        if isinstance(value, list) and key not in ordered and "/" not in key:
            items = [other(item) for item in value]
            rng.shuffle(items)
            return items
        return value

    return other(copy.deepcopy(document))


class TestOrder:
    @pytest.mark.parametrize("seed", [1, 2])
    @pytest.mark.parametrize("name", plan_names())
    def test_it_changes_nothing_in_a_known_plan(self, name: str, seed: int) -> None:
        document = case(PLANS / f"{name}.json")
        first, other = solved(document), solved(mixed(document, seed))
        assert (other.status, other.objective) == (first.status, first.objective)
        assert other.choice == first.choice

    @pytest.mark.parametrize("name", ["danish_cases.json", "danish_cases_2027.json"])
    def test_it_decides_no_tie(self, name: str) -> None:
        document = case(REAL / name)
        choices = {tuple(sorted(solved(mixed(document, seed)).choice)) for seed in range(4)}
        assert len(choices) == 1

    @examples(40)
    @given(plans(scalable=True), st.integers(0, 10**6))
    def test_it_changes_nothing_in_any_plan(self, document: dict[str, Any], seed: int) -> None:
        other = mixed(document, seed)
        first, second = solved(document), solved(other)
        assert second.status == first.status
        assert second.choice == first.choice
        assert second.objective == first.objective
        assert second.bound == first.bound

    @examples(30)
    @given(plans(scalable=True), st.integers(0, 10**6))
    def test_the_sha_minds_only_the_order_of_what_has_no_id(
        self, document: dict[str, Any], seed: int
    ) -> None:
        other = copy.deepcopy(document)
        rng = random.Random(seed)
        for holder in (document, other):
            assert sha(plan_from_document(holder)) == sha(plan_from_document(document))
        for key in ("payers", "departments", "interventions"):
            rng.shuffle(other[key])
        rng.shuffle(other["scenario"]["pools"])
        for intervention in other["interventions"]:
            rng.shuffle(intervention["options"])
        assert sha(plan_from_document(other)) == sha(plan_from_document(document))


class TestPool:
    @examples(50)
    @given(plans(pool_kind="total"), st.integers(1, 20))
    def test_a_larger_total_is_never_worse(self, document: dict[str, Any], more: int) -> None:
        self.compare(document, "total", lambda total: total + more * 1_000_000)

    @examples(50)
    @given(plans(pool_kind="carry_over"), st.integers(1, 20))
    def test_more_paid_in_is_never_worse(self, document: dict[str, Any], more: int) -> None:
        self.compare(
            document, "paid_in", lambda years: {y: a + more * 1_000_000 for y, a in years.items()}
        )

    @staticmethod
    def compare(document: dict[str, Any], key: str, change: Any) -> None:
        first = solved(document)
        larger = copy.deepcopy(document)
        pool = larger["scenario"]["pools"][0]
        pool[key] = change(pool[key])
        second = solved(larger)
        if first.objective is not None:
            assert second.objective is not None
            assert second.objective >= first.objective - 1

    @pytest.mark.parametrize("name", ["winston_42", "weingartner_28", "repayment_next_year"])
    def test_known_plans_with_one_more_krone(self, name: str) -> None:
        document = case(PLANS / f"{name}.json")
        first = solved(document).objective
        for pool in document["scenario"]["pools"]:
            if "total" in pool:
                pool["total"] += 1
            else:
                pool["paid_in"] = {y: a + 1 for y, a in pool["paid_in"].items()}
        assert solved(document).objective >= first - 1


class TestCandidates:
    @examples(60)
    @given(plans(), st.data())
    def test_dropping_one_that_is_not_chosen_changes_nothing(
        self, document: dict[str, Any], data: st.DataObject
    ) -> None:
        allocation = solved(document)
        tied = {
            name
            for relation in document["relations"]
            for name in (*relation.get("interventions", ()), relation.get("intervention", ""),
                         relation.get("needs", ""))
        }  # fmt: skip
        limits = document["scenario"]["constraints"]
        named = json.dumps([[c.get("where"), c.get("reference")] for c in limits])
        # a column fewer draws other numbers for all that come after it
        assume("sample" not in document.get("outcomes", {}))
        free = [
            i for i in document["interventions"]
            if i["id"] not in {key.split("/")[0] for key in allocation.choice}
            and i["id"] not in tied and i["id"] not in named and i.get("force") != "in"
        ]  # fmt: skip
        assume(free and allocation.objective is not None)
        assume(len(document["interventions"]) > 1)
        dropped = data.draw(st.sampled_from(free))
        document["interventions"].remove(dropped)
        listed = document.get("outcomes", {}).get("net_saving", {})
        for key in [key for key in listed if key.split("/")[0] == dropped["id"]]:
            del listed[key]
        assume("outcomes" not in document or listed)
        fewer = solved(document)
        assert abs(fewer.objective - allocation.objective) < 1

    @examples(40)
    @given(plans())
    def test_forcing_in_what_is_chosen_changes_nothing(self, document: dict[str, Any]) -> None:
        allocation = solved(document)
        assume(allocation.choice)
        chosen = {key.split("/")[0] for key in allocation.choice}
        for intervention in document["interventions"]:
            if intervention["id"] in chosen:
                intervention["force"] = "in"
        forced = solved(document)
        assert forced.status == "optimal"
        assert abs(forced.objective - allocation.objective) < 1

    @examples(40)
    @given(plans())
    def test_forcing_out_what_is_not_chosen_changes_nothing(self, document: dict[str, Any]) -> None:
        allocation = solved(document)
        assume(allocation.objective is not None)
        chosen = {key.split("/")[0] for key in allocation.choice}
        for intervention in document["interventions"]:
            if intervention["id"] not in chosen:
                intervention["force"] = "out"
        assert abs(solved(document).objective - allocation.objective) < 1


def times(document: dict[str, Any], factor: int) -> dict[str, Any]:
    """Return the document with every krone multiplied; shares, stars and scales stay."""
    money = {"amount", "low", "high", "total"}
    limits = {"invested", "net_saving", "cumulative", "disappointments", "expected_shortfall"}
    counted = {"chosen", "measure", "changes", "chance_of_loss"}  # a price there is kroner per head

    def scaled(value: Any, key: str = "", tag: str = "") -> Any:
        if isinstance(value, dict):
            inner = value.get("tag", tag)
            if key == "net_saving":
                return {k: [v * factor for v in values] for k, values in value.items()}
            if key in {"paid_in", "loses", "by_year"}:
                return {k: v * factor for k, v in value.items()}
            return {k: scaled(v, k, inner) for k, v in value.items()}
        if isinstance(value, list):
            return [scaled(item, "", tag) for item in value]
        is_limit = tag in limits and key in {"at_least", "at_most"}
        is_price = tag in counted and key == "soft_price"
        return value * factor if key in money or is_limit or is_price else value

    return scaled(document)


class TestMoney:
    @examples(50)
    @given(plans(), st.sampled_from((2, 7, 1000)))
    def test_all_of_it_times_a_number_multiplies_the_objective(
        self, document: dict[str, Any], factor: int
    ) -> None:
        assume(all(t["of"] != "measure" for t in document["scenario"]["objective"]["terms"]))
        # one krone of tolerance stays one krone, and draws are rounded to whole kroner
        tags = {limit["tag"] for limit in document["scenario"]["constraints"]}
        assume("chance_of_loss" not in tags and "sample" not in document.get("outcomes", {}))
        first, second = solved(document), solved(times(document, factor))
        assert second.status == first.status
        if first.objective is not None:
            assert abs(second.objective - factor * first.objective) <= factor

    @pytest.mark.parametrize("name", IN_KRONER)
    def test_known_plans_in_thousands_and_in_single_kroner(self, name: str) -> None:
        document = case(PLANS / f"{name}.json")
        first, second = solved(document), solved(times(document, 3))
        assert abs(second.objective - 3 * first.objective) <= 3
        if name != "star_oil_lp":
            assert second.choice == first.choice


@examples(60)
@given(plans(scalable=True))
def test_json_there_and_back_gives_the_same_answer(document: dict[str, Any]) -> None:
    plan = plan_from_document(document)
    again = plan_from_text(json.dumps(plan_document(plan)))
    assert again == plan
    assert allocate(again, gap=0).choice == allocate(plan, gap=0).choice
