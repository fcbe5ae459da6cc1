"""From an effect on people to kroner by payer and year, worked out by hand."""

from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from typing import Any

import pytest

from optimizer import Case, Category, FlowKind, Plan, plan_document, plan_from_document
from optimizer.cases import (
    BusinessCase,
    CaseError,
    Cashability,
    Computed,
    Consequence,
    CostLine,
    Durability,
    EffectRoute,
    FixedShares,
    Uncertain,
    UnitPrice,
    Variant,
    after_equalisation,
    citizens_started,
    flows_of,
    option_of,
    span_of,
)
from optimizer.cases.computing import parted
from optimizer.cases.examples import LEVELS, PAYERS, small_case, small_flows
from optimizer.cases.frozen import Frozen
from tests.optimizer.builders import a_document, an_intervention

F = Fraction
OWN = FixedShares.all_of("kommune")
#: a hundred citizens of whom ten more succeed; each saves 1,000 kr. a year
BERTHS = Consequence(
    "plads", "Pladser", Uncertain(-1), UnitPrice(Uncertain(1000), "plads", 2026, "opdigtet"),
    Category.SERVICE, OWN,
)  # fmt: skip
ROUTE = EffectRoute(
    "job", "I job", {2027: 100}, Uncertain(F(3, 10)), Uncertain(F(1, 5)), consequences=(BERTHS,)
)


def a_cost(gross: Any, **more: Any) -> CostLine:
    given: dict[str, Any] = {"category": Category.SERVICE, "split": OWN, "price_year": 2026}
    return CostLine("loen", "Løn", FlowKind.COST, gross, **given | more)


def flows(*routes: EffectRoute, **more: Any) -> tuple[Computed, ...]:
    return flows_of(BusinessCase(2026, routes, **more), payers=PAYERS, price_levels=LEVELS)


def amounts(computed: tuple[Computed, ...]) -> dict[int, int]:
    return {c.flow.year: c.flow.amount for c in computed}


class TestEffect:
    def test_citizens_times_added_effect_times_price(self) -> None:
        (computed,) = flows(ROUTE)
        flow = computed.flow
        assert (flow.year, flow.payer, flow.amount) == (2027, "kommune", 100 * 1000 // 10)
        assert (flow.kind, flow.category, flow.cashable) == (
            FlowKind.SAVING,
            Category.SERVICE,
            True,
        )

    def test_an_explicit_row_of_durability(self) -> None:
        route = replace(ROUTE, durability=Durability.of_row(F(1, 2), 1, 0, F(1, 4)))
        assert amounts(flows(route)) == {2027: 5000, 2028: 10_000, 2030: 2500}

    def test_an_effect_that_fades(self) -> None:
        route = replace(ROUTE, durability=Durability.fading(F(1, 5), years=3))
        assert amounts(flows(route)) == {2027: 10_000, 2028: 8000, 2029: 6400}

    def test_start_years_add_up(self) -> None:
        route = replace(
            ROUTE, citizens={2027: 100, 2028: 50}, durability=Durability.of_row(1, F(1, 2))
        )
        assert amounts(flows(route)) == {2027: 10_000, 2028: 10_000, 2029: 2500}

    def test_a_quantity_by_years_after_the_start(self) -> None:
        berths = replace(BERTHS, quantity={1: Uncertain(-3), 0: Uncertain(2)})
        route = replace(ROUTE, durability=Durability.of_row(1, 1, 1), consequences=(berths,))
        assert amounts(flows(route)) == {2027: -20_000, 2028: 30_000}

    def test_an_outcome_that_is_a_score(self) -> None:
        route = replace(ROUTE, success=Uncertain(62), without=Uncertain(60), is_share=False)
        (computed,) = flows(route)
        assert computed.flow.amount == 100 * 2 * 1000
        assert "(62 − 60)" in computed.provenance.formula.da

    def test_prices_of_another_year(self) -> None:
        price = replace(BERTHS.price, price_year=2025)
        (computed,) = flows(replace(ROUTE, consequences=(replace(BERTHS, price=price),)))
        assert computed.flow.amount == 10_400
        in_2025 = flows_of(
            BusinessCase(2026, (ROUTE,)), payers=PAYERS, price_levels=LEVELS, price_year=2025
        )
        assert in_2025[0].flow.amount == 9615  # 10,000 x 100 / 104 = 9615.38

    def test_only_a_budget_cut_is_cashable(self) -> None:
        for kind in Cashability:
            (computed,) = flows(replace(ROUTE, consequences=(replace(BERTHS, cashability=kind),)))
            assert computed.flow.cashable == (kind is Cashability.BUDGET_CUT)
            assert computed.cashability is kind
        assert [kind.label.da for kind in Cashability] == [
            "Budgetreduktion", "Undgået udgift", "Frigjort tid", "Ingen",
        ]  # fmt: skip

    def test_half_a_krone_goes_away_from_zero(self) -> None:
        price = replace(BERTHS.price, kroner=Uncertain(F(5, 100)))
        for quantity, amount in ((-1, 1), (1, -1)):
            berths = replace(BERTHS, quantity=Uncertain(quantity), price=price)
            (computed,) = flows(replace(ROUTE, consequences=(berths,)))
            assert computed.flow.amount == amount

    def test_parts_add_up_by_largest_remainder(self) -> None:
        # 10,001 kr.: 3333.67, 3333.67 and 3333.67; the first two ids get the krone
        thirds = FixedShares(dict.fromkeys(("stat", "region", "kommune"), F(1, 3)))
        price = replace(BERTHS.price, kroner=Uncertain(F(10_001, 10)))
        berths = replace(BERTHS, split=thirds, price=price)
        computed = flows(replace(ROUTE, consequences=(berths,)))
        assert {c.flow.payer: c.flow.amount for c in computed} == {
            "kommune": 3334, "region": 3334, "stat": 3333,
        }  # fmt: skip
        assert parted({"a": F(-5, 2), "b": F(-5, 2)}) == {"a": -3, "b": -2}
        assert parted({"a": F(3, 2), "b": F(-1, 2)}) == {"a": 2, "b": -1}

    def test_extra_successes(self) -> None:
        assert ROUTE.extra_successes() == {2027: 10}
        assert ROUTE.added_effect == F(1, 10)


class TestLowAndHigh:
    def test_both_rates_at_their_worse_and_better_ends(self) -> None:
        route = replace(
            ROUTE,
            success=Uncertain(F(3, 10), low=F(1, 4), high=F(2, 5)),
            without=Uncertain(F(1, 5), low=F(1, 10), high=F(3, 10)),
        )
        (computed,) = flows(route)
        flow = computed.flow
        assert (flow.low, flow.amount, flow.high) == (-5000, 10_000, 30_000)

    def test_more_use_of_a_service_is_worst_at_the_best_effect(self) -> None:
        success = Uncertain(F(3, 10), low=F(1, 4), high=F(2, 5))
        support = replace(BERTHS, quantity=Uncertain(1, low=1, high=2))
        (computed,) = flows(replace(ROUTE, success=success, consequences=(support,)))
        flow = computed.flow
        assert (flow.low, flow.amount, flow.high) == (-40_000, -10_000, -5000)

    def test_price_and_quantity_count_too(self) -> None:
        price = replace(BERTHS.price, kroner=Uncertain(1000, low=800, high=1500))
        berths = replace(BERTHS, quantity=Uncertain(-1, low=-2, high=0), price=price)
        (computed,) = flows(replace(ROUTE, consequences=(berths,)))
        flow = computed.flow
        assert (flow.low, flow.amount, flow.high) == (0, 10_000, 30_000)

    def test_a_flow_that_is_nothing_but_might_be_something_is_kept(self) -> None:
        berths = replace(BERTHS, quantity=Uncertain(0, low=-1, high=0))
        (computed,) = flows(replace(ROUTE, consequences=(berths,)))
        assert (computed.flow.amount, computed.flow.high) == (0, 10_000)
        assert flows(replace(ROUTE, consequences=(replace(BERTHS, quantity=Uncertain(0)),))) == ()


class TestCosts:
    def test_gross_cost_less_the_alternative(self) -> None:
        gross = {2027: Uncertain(5000, low=4000, high=7000), 2028: Uncertain(100)}
        saved = {2027: Uncertain(1000, low=500, high=2000)}
        first, second = flows(costs=(a_cost(gross, alternative=saved),))
        assert (first.flow.low, first.flow.amount, first.flow.high) == (-6500, -4000, -2000)
        assert second.flow.amount == -100
        assert (first.flow.kind, first.flow.cashable, first.cashability) == (
            FlowKind.COST, True, None,
        )  # fmt: skip

    def test_per_citizen_by_years_after_the_start(self) -> None:
        cost = a_cost({0: Uncertain(20), 2: Uncertain(5)}, per_citizen="job", price_year=2025)
        route = replace(ROUTE, citizens={2027: 100, 2029: 10}, consequences=())
        assert amounts(flows(route, costs=(cost,))) == {2027: -2080, 2029: -728, 2031: -52}

    def test_an_alternative_that_costs_more_is_no_cost(self) -> None:
        cost = a_cost({2027: Uncertain(100)}, alternative={2027: Uncertain(90, high=101)})
        with pytest.raises(CaseError, match="alternative costs more than the intervention in 2027"):
            flows(costs=(cost,))

    def test_a_citizens_cost_of_a_route_that_is_not_there_is_nothing(self) -> None:
        assert flows(costs=(a_cost({0: Uncertain(20)}, per_citizen="væk"),)) == ()


class TestVariants:
    def test_a_scaled_one_has_a_share_of_the_citizens_and_all_of_the_fixed_costs(self) -> None:
        fixed, each = a_cost({2027: Uncertain(900)}), a_cost({0: Uncertain(10)}, per_citizen="job")
        case = BusinessCase(2026, (ROUTE,), (fixed, replace(each, id="pr")))
        half = Variant("halv", scale=F(1, 2))
        computed = flows_of(case, half, payers=PAYERS)
        assert {c.line: c.flow.amount for c in computed} == {
            "job/plads": 5000, "loen": -900, "pr": -500,
        }  # fmt: skip

    def test_a_later_one_moves_everything(self) -> None:
        case, later = small_case(), Variant("senere", shift=2)
        now = {(c.line, c.flow.year) for c in small_flows()}
        then = flows_of(case, later, payers=PAYERS, price_levels=LEVELS)
        assert {(c.line, c.flow.year - 2) for c in then} == now

    def test_own_citizens_are_not_scaled(self) -> None:
        variant = Variant("egen", scale=F(1, 2), citizens={"job": {2030: 30}})
        computed = flows_of(BusinessCase(2026, (ROUTE,)), variant, payers=PAYERS)
        assert amounts(computed) == {2030: 3000}

    def test_own_costs_replace_the_cases(self) -> None:
        case = BusinessCase(2026, costs=(a_cost({2027: Uncertain(900)}),))
        variant = Variant("egen", shift=1, costs=(a_cost({2027: Uncertain(1)}),))
        assert amounts(flows_of(case, variant, payers=PAYERS)) == {2028: -1}
        assert flows_of(case, Variant("uden", costs=()), payers=PAYERS) == ()

    def test_is_found_by_its_id(self) -> None:
        assert small_case().variant("stor").shift == 1
        with pytest.raises(KeyError):
            small_case().variant("kæmpe")


class TestInAPlan:
    def plan(self, variant: Variant) -> Plan:
        case = small_case()
        computed = flows_of(case, variant, payers=PAYERS, price_levels=LEVELS)
        option = option_of(case, variant, computed, horizon=(2027, 2030))
        document = a_document(
            an_intervention("a", option={"pool": None}),
            payers=[{"id": p.id, "name": p.name, "level": p.level.value} for p in PAYERS],
            pools=[{"id": "p", "name": "P", "kind": "investment", "total": 1_000_000}],
        )
        plan = plan_from_document(document)
        return replace(plan, interventions=(replace(plan.interventions[0], options=(option,)),))

    @pytest.mark.parametrize("variant", small_case().variants)
    def test_a_plan_file_carries_the_computed_flows(self, variant: Variant) -> None:
        plan = self.plan(variant)
        assert plan_from_document(plan_document(plan)) == plan

    def test_the_citizens_are_a_measure(self) -> None:
        measure = self.plan(small_case().variants[0]).options["a/lille"][1].measures["citizens"]
        assert measure.by_year == {2027: 20, 2028: 20}

    def test_routes_measure_the_same_people(self) -> None:
        more = replace(ROUTE, id="to", citizens={2027: 120, 2028: 5})
        assert citizens_started(BusinessCase(2026, (ROUTE, more))) == {2027: 120, 2028: 5}

    def test_a_case_without_people_has_no_measure(self) -> None:
        case = BusinessCase(2026)
        assert option_of(case, case.variants[0], ()).measures == {}
        assert span_of(case) is None

    def test_what_the_horizon_cuts(self) -> None:
        case = small_case()
        short = flows_of(case, Variant(), payers=PAYERS, price_levels=LEVELS, horizon=(2027, 2028))
        assert {c.flow.year for c in short} == {2027, 2028}
        assert span_of(case, Variant()) == (2027, 2029)


class TestWhatIsMissing:
    def test_a_payer(self) -> None:
        with pytest.raises(CaseError, match="no payer “kommune”"):
            flows_of(BusinessCase(2026, (ROUTE,)), payers=())

    def test_a_price_level(self) -> None:
        with pytest.raises(CaseError, match="2025 is not in the index table"):
            flows_of(small_case(), payers=PAYERS)

    def test_an_amount_that_no_plan_can_hold(self) -> None:
        route = replace(ROUTE, citizens={2027: 10**10})
        with pytest.raises(CaseError, match="Pladser: the amount in 2027 is over 100 billion"):
            flows(route)


class TestProvenance:
    def test_every_value_has_its_source(self) -> None:
        shelter = next(c for c in small_flows() if c.line == "bolig/herberg")
        given = {one.name.en: (one.value.en, one.source) for one in shelter.provenance.inputs}
        assert given["Success rate with the intervention"] == (
            "40\N{NO-BREAK SPACE}%",
            "opdigtet eksempel",
        )
        assert given["Price per døgn, prices of 2025"][0] == "1,000\N{NO-BREAK SPACE}kr."
        assert given["Price index 2026"] == ("104", "opdigtet eksempel")
        assert "§ 110" in given["Split between payers"][1]
        assert "90 days a year" in given["Split between payers"][0]

    def test_an_entry_of_the_shelf_is_named_with_its_version(self) -> None:
        price = replace(BERTHS.price, entry="plads", version=3)
        (computed,) = flows(replace(ROUTE, consequences=(replace(BERTHS, price=price),)))
        assert "opdigtet (plads v3)" in {one.source for one in computed.provenance.inputs}

    def test_formulas_in_danish(self) -> None:
        space = "\N{NO-BREAK SPACE}"
        shown = {c.line: c.provenance.formula.da.replace(space, " ") for c in small_flows()}
        assert shown["kursus"] == "−900.000 kr."
        assert shown["leje"] == "50.000 kr."
        assert flows(ROUTE)[0].provenance.formula.da.replace(space, " ") == (
            "100 × (30 % − 20 %) × 1 plads × 1.000 kr. = 10.000 kr."
        )


class TestEqualisation:
    def test_keeps_a_share_of_the_municipalitys_savings_only(self) -> None:
        before = [c.flow for c in small_flows()]
        after = after_equalisation(before, payers={"kommune"}, retention=F(1, 3))
        for one, left in zip(before, after, strict=True):
            own = one.kind is FlowKind.SAVING and one.payer == "kommune"
            for case in Case:
                expected = F(one.in_case(case), 3) if own else one.in_case(case)
                assert abs(left.in_case(case) - expected) <= F(1, 2)

    def test_the_default_keeps_everything(self) -> None:
        before = tuple(c.flow for c in small_flows())
        assert after_equalisation(before, payers={"kommune"}) == before


class TestValues:
    def test_a_case_cannot_be_changed(self) -> None:
        case = small_case()
        with pytest.raises(FrozenInstanceError):
            case.price_year = 2027  # type: ignore[misc]
        with pytest.raises(TypeError):
            case.effects[0].citizens[2027] = 5  # type: ignore[index]
        assert hash(case) == hash(small_case())

    def test_low_expected_high_in_that_order(self) -> None:
        with pytest.raises(ValueError, match="not low <= expected <= high"):
            Uncertain(1, low=2)
        assert [Uncertain(2, 1, 3).in_case(case) for case in Case] == [1, 2, 3]

    def test_a_frozen_mapping_can_be_pasted_back(self) -> None:
        assert repr(Frozen({2: "b", 1: "a"})) == "Frozen({1: 'a', 2: 'b'})"
        assert len(Frozen({1: 2})) == 1
