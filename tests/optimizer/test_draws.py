"""Outcomes: read or drawn, added up, and the risk measures of their distribution."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer import PlanErrors, allocate, evaluate, plan_from_document
from optimizer.by_outcome import NetByOutcome, net_by_outcome
from optimizer.compilation import Compilation
from optimizer.draws import Draws, FlowSampler, draws_of, uniforms
from optimizer.outcome import SampledOutcomes
from tests.optimizer.builders import (
    MILLION,
    Json,
    a_document,
    a_flow,
    a_plan,
    an_intervention,
    an_option,
)

FIVE_PER_CENT = [{"after_year": 0, "rate": 0.05}]


def sampled(count: int = 4096, seed: int = 7, **correlation: float) -> Json:
    """Return outcomes to be drawn."""
    return {"sample": {"count": count, "seed": seed, "correlation": correlation}}


def uncertain(name: str, **more: Any) -> Json:
    """Return an intervention that saves 0, 4 or 10 million in 2028."""
    saving = a_flow("saving", 4 * MILLION, 2028, low=0, high=10 * MILLION)
    return an_intervention(name, option={"flows": [saving], "pool": None}, **more)


def draws(document: Json, payers: frozenset[str] | None = None) -> Draws:
    """Return the draws of a plan."""
    compilation = Compilation(plan_from_document(document))
    return compilation.draws(payers)


class TestExplicit:
    def test_the_lists_are_taken_as_they_stand(self) -> None:
        outcomes = {"net_saving": {"a/base": [1, -2.5, 0]}}
        found = draws(a_document(uncertain("a"), outcomes=outcomes))
        assert found.net_saving.tolist() == [[1.0], [-2.5], [0.0]]
        assert not found.is_rounded

    def test_an_option_that_is_not_listed_has_its_expected_value(self) -> None:
        outcomes = {"net_saving": {"a/base": [1, 2]}}
        document = a_document(
            uncertain("a"), uncertain("b"), outcomes=outcomes, discount=FIVE_PER_CENT
        )
        found = draws(document)
        assert found.count == 2
        assert found.net_saving[:, 1] == pytest.approx(4 * MILLION / 1.05)

    def test_only_the_payers_asked_for_count_where_it_is_not_listed(self) -> None:
        flows = [a_flow("saving", 3), a_flow("saving", 5, payer="region")]
        document = a_document(
            uncertain("a"), an_intervention("b") | {"options": [an_option("base", *flows)]},
            outcomes={"net_saving": {"a/base": [1]}},
        )  # fmt: skip
        assert draws(document, frozenset({"region"})).net_saving.tolist() == [[1.0, 5.0]]
        assert draws(document).net_saving.tolist() == [[1.0, 8.0]]

    def test_more_digits_than_there_is_room_for_are_rounded(self) -> None:
        discount = [{"after_year": 0, "rate": 0.0123456789}]
        flows = [a_flow("saving", 7 * MILLION, year) for year in range(2027, 2033)]
        document = a_document(
            an_intervention("b") | {"options": [an_option("base", *flows)]}, discount=discount,
            outcomes={"net_saving": {"b/base": [1]}},
        )  # fmt: skip
        document["interventions"].append(uncertain("c"))
        found = draws(document)
        assert found.is_rounded
        assert (found.numerators == np.rint(found.numerators)).all()
        assert found.net_saving[0, 1] == pytest.approx(4 * MILLION / 1.0123456789, abs=1e-4)


class TestSampling:
    def test_the_same_seed_gives_the_same_draws(self) -> None:
        document = a_document(uncertain("a"), uncertain("b"), outcomes=sampled(64, seed=3))
        first, again = draws(document), draws(document)
        assert (first.numerators == again.numerators).all()
        other = draws(document | {"outcomes": sampled(64, seed=4)})
        assert (first.numerators != other.numerators).any()

    def test_the_order_of_the_file_does_not_matter(self) -> None:
        document = a_document(uncertain("b"), uncertain("a"), outcomes=sampled(64, all=0.2))
        turned = document | {"interventions": document["interventions"][::-1]}
        assert (draws(document).numerators == draws(turned).numerators).all()

    def test_the_first_draws_stay_what_they_were(self) -> None:
        found = draws(a_document(uncertain("a"), outcomes=sampled(4, seed=7)))
        assert found.numerators[:, 0].tolist() == FIRST_DRAWS

    def test_the_mean_is_the_expected_amount(self) -> None:
        found = draws(a_document(uncertain("a"), outcomes=sampled()))
        assert found.net_saving.mean() == pytest.approx(4 * MILLION, rel=1e-3)

    def test_the_variance_is_that_of_the_beta_distribution(self) -> None:
        # mean 0.4, alpha + beta = 6: variance 0.4 * 0.6 / 7 of the squared width
        found = draws(a_document(uncertain("a"), outcomes=sampled()))
        deviation = math.sqrt(0.4 * 0.6 / 7) * 10 * MILLION
        assert found.net_saving.std() == pytest.approx(deviation, rel=2e-3)

    def test_every_draw_lies_between_low_and_high_and_is_whole(self) -> None:
        found = draws(a_document(uncertain("a"), outcomes=sampled())).net_saving
        assert found.min() >= 0
        assert found.max() <= 10 * MILLION
        assert (found == np.rint(found)).all()

    def test_flows_of_one_intervention_go_up_and_down_together(self) -> None:
        flows = [
            a_flow("saving", 4, 2028, low=0, high=10),
            a_flow("saving", 40, 2029, low=0, high=100),
        ]
        document = a_document(
            an_intervention("a") | {"options": [an_option("x", flows[0]), an_option("y", flows[1])]}
        )
        small, large = draws(document | {"outcomes": sampled(256)}).net_saving.T
        assert abs(large - 10 * small).max() <= 5

    @pytest.mark.parametrize(
        ("correlation", "expected"),
        [
            ({}, {"group": 0.0, "department": 0.0, "other": 0.0}),
            ({"all": 0.2}, {"group": 0.2, "department": 0.2, "other": 0.2}),
            ({"department": 0.3}, {"group": 0.3, "department": 0.3, "other": 0.0}),
            (
                {"target_group": 0.4, "department": 0.2, "all": 0.1},
                {"group": 0.7, "department": 0.3, "other": 0.1},
            ),
        ],
    )
    def test_what_is_shared_is_shared(
        self, correlation: dict[str, float], expected: dict[str, float]
    ) -> None:
        document = a_document(
            uncertain("a", target_group="unge"), uncertain("b", target_group="unge"),
            uncertain("c"), uncertain("d", department="job"),
            outcomes=sampled(16384, **correlation),
        )  # fmt: skip
        plan = plan_from_document(document)
        assert isinstance(plan.outcomes, SampledOutcomes)
        from scipy.special import ndtri

        normal = {i.id: ndtri(u) for i, u in uniforms(plan, plan.outcomes)}
        pairs = {"group": ("a", "b"), "department": ("a", "c"), "other": ("a", "d")}
        for name, (one, two) in pairs.items():
            found = np.corrcoef(normal[one], normal[two])[0, 1]
            assert found == pytest.approx(expected[name], abs=0.02)

    @pytest.mark.parametrize(
        ("low", "amount", "high"), [(5, 5, 5), (0, 0, 9), (0, 9, 9)], ids=["sure", "low", "high"]
    )
    def test_a_flow_without_room_is_certain(self, low: int, amount: int, high: int) -> None:
        option = an_option("base", a_flow("saving", amount, low=low, high=high), pool=None)
        plan = a_plan(an_intervention("a") | {"options": [option]})
        (flow,) = plan.options["a/base"][1].flows
        assert FlowSampler(np.array([0.01, 0.99])).draw(flow) == amount

    def test_halves_are_rounded_away_from_zero(self) -> None:
        option = an_option("base", a_flow("cost", -3, low=-6, high=0), pool=None)
        plan = a_plan(an_intervention("a") | {"options": [option]})
        (flow,) = plan.options["a/base"][1].flows
        middle = FlowSampler(np.array([0.5])).draw(flow)  # symmetric: the median is the mean
        assert list(middle) == [-3.0]  # type: ignore[arg-type]

    def test_undiscounted_draws_are_whole_kroner(self) -> None:
        found = draws(a_document(uncertain("a"), outcomes=sampled(16)))
        assert (found.denominator, found.is_rounded) == (1, False)


#: drawn with scipy 1.17 and seed 7: the stored answer of every plan rests on them
FIRST_DRAWS = [6964077.0, 3008215.0, 4518062.0, 1919841.0]


def by_outcome(*kroner: int, shift: int = 0) -> NetByOutcome:
    return NetByOutcome(np.array(kroner, dtype=float), 1, Fraction(shift))


class TestMeasures:
    def test_the_tail_may_hold_a_fraction_of_an_outcome(self) -> None:
        # 1.5 of five: (9 + 4 / 2) / 1.5
        net = by_outcome(5, -4, 3, -9, 1)
        assert net.expected_shortfall(Fraction(7, 10)) == Fraction(22, 3)

    def test_level_nought_is_the_mean_and_level_one_the_worst(self) -> None:
        net = by_outcome(5, -4, 3, -9, 1)
        assert net.expected_shortfall(Fraction(0)) == -net.mean == Fraction(4, 5)
        assert net.expected_shortfall(Fraction(1)) == 9

    def test_overlaps_are_lost_in_every_outcome(self) -> None:
        net = by_outcome(5, -4, shift=-2)
        assert net.kroner.tolist() == [3, -6]
        assert net.expected_shortfall(Fraction(1)) == 6
        assert net.mean == Fraction(-3, 2)

    def test_a_loss_is_more_than_one_krone_below(self) -> None:
        net = by_outcome(-1, -2, 0, 7)
        assert net.chance_of_loss() == Fraction(1, 4)
        assert net.chance_of_loss(1) == Fraction(2, 4)

    @given(
        st.lists(st.integers(-1000, 1000), min_size=1, max_size=12),
        st.sampled_from((0, 0.25, 0.5, 0.7, 0.9, 0.95)),
    )
    def test_it_is_the_least_of_rockafellar_and_uryasev(
        self, nets: list[int], level: float
    ) -> None:
        # min over eta of eta + E[max(0, loss - eta)] / (1 - level), reached at one of the losses
        tail = (1 - Fraction(str(level))) * len(nets)
        losses = [-net for net in nets]
        least = min(eta + sum(max(0, x - eta) for x in losses) / tail for eta in losses)
        expected = max(losses) if tail < 1 else least
        assert by_outcome(*nets).expected_shortfall(Fraction(str(level))) == expected

    def test_scales_are_multiplied_in_exactly(self) -> None:
        document = a_document(
            uncertain("a"), outcomes={"net_saving": {"a/base": [3 * MILLION, -MILLION]}}
        )
        document["interventions"][0]["options"][0]["scalable"] = {"minimum": 0}
        plan = plan_from_document(document)
        compilation = Compilation(plan)
        found = draws_of(plan, compilation.appraisal, None, ["a/base"])
        net = net_by_outcome(found, compilation.appraisal, None, {"a/base": Fraction(1, 3)})
        assert net.expected_shortfall(Fraction(1)) == Fraction(MILLION, 3)


class TestLimits:
    def test_a_scale_is_cut_down_to_what_the_limit_lets_through(self) -> None:
        outcomes = {"net_saving": {"a/base": [9 * MILLION, -4 * MILLION]}}
        limit = {"tag": "expected_shortfall", "payers": "all", "level": 1, "at_most": MILLION}
        document = a_document(uncertain("a"), outcomes=outcomes, constraints=[limit])
        document["interventions"][0]["options"][0]["scalable"] = {"minimum": 0}
        allocation = allocate(plan_from_document(document), gap=0)
        assert allocation.status == "optimal"
        assert float(allocation.choice["a/base"]) == pytest.approx(0.25, abs=1e-6)

    def test_a_soft_risk_is_taken_where_it_pays(self) -> None:
        outcomes = {"net_saving": {"a/base": [9 * MILLION, -3 * MILLION]}}
        limit = {"tag": "expected_shortfall", "payers": "all", "level": 1, "at_most": 0}
        dear, cheap = (
            allocate(a_plan(uncertain("a"), outcomes=outcomes,
                            constraints=[limit | {"soft_price": price}]), gap=0)
            for price in (2, 1)
        )  # fmt: skip
        assert (dear.choice, dear.objective) == ({}, 0)
        assert (set(cheap.choice), cheap.objective) == ({"a/base"}, MILLION)

    def test_a_soft_chance_costs_its_price_and_no_less(self) -> None:
        outcomes = {"net_saving": {"a/base": [9 * MILLION, -3 * MILLION]}}
        limit = {"tag": "chance_of_loss", "payers": "all", "at_most": 0, "soft_price": MILLION}
        allocation = allocate(a_plan(uncertain("a"), outcomes=outcomes, constraints=[limit]), gap=0)
        assert allocation.objective == 4 * MILLION - MILLION // 2
        assert allocation.bound == allocation.objective

    def test_the_definitions_are_not_among_the_rows(self) -> None:
        limits = [
            {"tag": "chance_of_loss", "payers": "all", "at_most": 0.5},
            {"tag": "disappointments", "payers": "all", "count": 1, "at_least": -MILLION},
        ]
        plan = a_plan(uncertain("a"), outcomes=sampled(8), constraints=limits)
        rows = evaluate(plan, {"a/base": 1}).rows
        assert [row.row.path for row in rows if row.row.label.da][:2] == [
            "scenario.constraints[0]", "scenario.constraints[1]",
        ]  # fmt: skip
        assert all(row.row.label.da for row in rows)


class TestReading:
    LIMIT: Json = {"tag": "expected_shortfall", "payers": ["kommune"], "level": 0.9, "at_most": 0}

    @pytest.mark.parametrize(
        ("outcomes", "second", "path"),
        [
            (None, {}, "scenario.constraints[0]"),
            ({"net_saving": {"a/base": [1]}}, {"payers": "all"}, "scenario.constraints[1].payers"),
            (sampled(8), {"level": 1.5}, "scenario.constraints[1].level"),
            (sampled(8), {"at_most": 0.5}, "scenario.constraints[1].at_most"),
        ],
    )
    def test_what_is_wrong_is_named(self, outcomes: Json, second: Json, path: str) -> None:
        limits = [self.LIMIT, self.LIMIT | second]
        with pytest.raises(PlanErrors) as caught:
            a_plan(uncertain("a"), outcomes=outcomes, constraints=limits)
        assert caught.value.errors[0].path == path

    def test_sampled_outcomes_may_be_looked_at_for_several_payers(self) -> None:
        limits = [self.LIMIT, self.LIMIT | {"payers": "all"}]
        assert a_plan(uncertain("a"), outcomes=sampled(8), constraints=limits)
