"""The money mathematics, against sums worked out by hand."""

from fractions import Fraction

import pytest

from optimizer import Appraisal, Case, Category, FlowKind, Selection
from optimizer.appraisal import first_year_that_stays, running
from tests.optimizer.builders import (
    MILLION,
    Json,
    a_flow,
    a_plan,
    a_pool,
    an_intervention,
    an_option,
)

KOMMUNE = frozenset({"kommune"})


def appraised(*flows: Json, **more: object) -> tuple[Appraisal, object]:
    """Return the appraisal of a plan with one option, and the option."""
    plan = a_plan(an_intervention("a", option={"flows": list(flows)}), **more)
    return Appraisal(plan), plan.options["a/base"][1]


def step(after_year: int, rate: float) -> Json:
    return {"after_year": after_year, "rate": rate}


class TestDiscountFactors:
    def factors(self, *steps: Json, horizon: tuple[int, int] = (2025, 2032)) -> dict[int, Fraction]:
        plan = a_plan(discount=list(steps), horizon=list(horizon))
        return dict(Appraisal(plan).factors.by_year)

    def test_the_budget_year_is_not_discounted(self) -> None:
        assert self.factors(step(0, 0.25))[2027] == 1

    def test_a_year_is_divided_by_one_plus_the_rate(self) -> None:
        factors = self.factors(step(0, 0.25))
        assert factors[2028] == Fraction(4, 5)
        assert factors[2030] == Fraction(64, 125)

    def test_a_later_rate_applies_from_the_year_after(self) -> None:
        """factor(n) divides by the rate of the last step with after_year < n."""
        factors = self.factors(step(0, 0.25), step(2, 0.5))
        assert factors[2029] == Fraction(16, 25)  # n = 2: still the first
        assert factors[2030] == Fraction(16, 25) / Fraction(3, 2)  # n = 3: the second
        assert factors[2031] == Fraction(16, 25) / Fraction(9, 4)

    def test_a_year_before_the_budget_is_compounded_with_the_first_rate(self) -> None:
        factors = self.factors(step(0, 0.25), step(2, 0.5))
        assert factors[2026] == Fraction(5, 4)
        assert factors[2025] == Fraction(25, 16)

    def test_without_steps_nothing_is_discounted(self) -> None:
        assert set(self.factors().values()) == {1}

    def test_the_rates_of_the_ministry_of_finance(self) -> None:
        """3.5 % to year 35, 2.5 % to year 70, then 1.5 %."""
        steps = (step(0, 0.035), step(35, 0.025), step(70, 0.015))
        factors = self.factors(*steps, horizon=(2027, 2110))
        expected = Fraction(1)
        for n in range(1, 84):
            rate = Fraction(35, 1000) if n <= 35 else Fraction(25 if n <= 70 else 15, 1000)
            expected /= 1 + rate
            assert factors[2027 + n] == expected
        assert round(float(factors[2062]), 6) == 0.299977
        assert round(float(factors[2097]), 6) == 0.126402

    def test_a_horizon_that_does_not_hold_the_budget_year(self) -> None:
        assert self.factors(step(0, 0.25), horizon=(2029, 2032))[2029] == Fraction(16, 25)
        assert self.factors(step(0, 0.25), horizon=(2020, 2025))[2025] == Fraction(25, 16)

    def test_whole_numerators_give_the_same_factors(self) -> None:
        factors = Appraisal(a_plan(discount=[step(0, 0.035), step(2, 0.025)])).factors
        for year, factor in factors.by_year.items():
            assert Fraction(factors.numerator[year], factors.denominator) == factor


FLOWS = (
    a_flow("outlay", -10 * MILLION, 2027),
    a_flow("cost", -MILLION, 2028, category="construction"),
    a_flow("saving", 6 * MILLION, 2028, low=2 * MILLION, high=7 * MILLION),
    a_flow("saving", 5 * MILLION, 2029, category="transfers", cashable=False),
    a_flow("saving", 4 * MILLION, 2031, payer="region"),
)


class TestSums:
    @pytest.mark.parametrize(
        ("selection", "expected"),
        [
            (Selection(), 4),
            (Selection(payers=KOMMUNE), 0),
            (Selection(years=(2028, 2029)), 10),
            (Selection(category=Category.SERVICE), 0),
            (Selection(category=Category.TRANSFERS), 5),
            (Selection(kinds=frozenset({FlowKind.SAVING})), 15),
            (Selection(kinds=frozenset({FlowKind.OUTLAY, FlowKind.COST})), -11),
            (Selection(cashable_only=True), -1),
            (Selection(case=Case.LOW), 0),
            (Selection(case=Case.HIGH), 5),
            (Selection(payers=frozenset()), 0),
            (Selection(payers=KOMMUNE, years=(2028, 2028), case=Case.LOW), 1),
        ],
    )
    def test_a_selection_adds_up_what_it_says(self, selection: Selection, expected: int) -> None:
        appraisal, option = appraised(*FLOWS)
        assert appraisal.total(option.flows, selection) == expected * MILLION

    def test_discounted(self) -> None:
        appraisal, option = appraised(*FLOWS, discount=[step(0, 0.25)])
        expected = -10 + Fraction(5 * 4, 5) + Fraction(5 * 16, 25) + Fraction(4 * 256, 625)
        assert appraisal.total(option.flows, Selection(discounted=True)) == expected * MILLION

    def test_outlay_is_a_positive_number(self) -> None:
        appraisal, option = appraised(*FLOWS, a_flow("outlay", -MILLION, 2029))
        assert appraisal.outlay(option) == 11 * MILLION
        assert appraisal.outlay(option, 2029) == MILLION
        assert appraisal.outlay(option, 2028) == 0

    def test_by_year_and_so_far(self) -> None:
        appraisal, option = appraised(*FLOWS)
        by_year = appraisal.by_year(option.flows, Selection())
        assert [by_year[y] // MILLION for y in range(2027, 2033)] == [-10, 5, 5, 0, 4, 0]
        so_far = appraisal.cumulative(option.flows, Selection())
        assert [so_far[y] // MILLION for y in range(2027, 2033)] == [-10, -5, 0, 0, 4, 4]
        assert running({2029: 5, 2027: -3}) == {2027: -3, 2029: 2}


class TestPaybackYear:
    @pytest.mark.parametrize(
        ("flows", "year"),
        [
            ([a_flow("outlay", -4), a_flow("saving", 4, 2029)], 2029),
            ([a_flow("outlay", -4), a_flow("saving", 3, 2029)], None),
            ([a_flow("outlay", -4), a_flow("saving", 5, 2028), a_flow("saving", -2, 2030),
              a_flow("saving", 1, 2032)], 2032),
            ([a_flow("outlay", -4), a_flow("saving", 4, 2027)], 2027),
            ([a_flow("saving", 4, 2029)], 2029),
            ([a_flow("saving", 0, 2028), a_flow("saving", 4, 2029)], 2029),
            ([a_flow("outlay", -4), a_flow("saving", 9, 2028, payer="region")], None),
            ([a_flow("saving", 9, 2030, payer="region")], 2027),
            ([], 2027),
        ],
    )  # fmt: skip
    def test_it_is_the_first_year_that_stays_above_zero(
        self, flows: list[Json], year: int | None
    ) -> None:
        appraisal, option = appraised(*flows)
        assert appraisal.payback_year(option.flows, KOMMUNE) == year

    def test_all_purses_together(self) -> None:
        appraisal, option = appraised(*FLOWS)
        assert appraisal.payback_year(option.flows, None) == 2029
        assert appraisal.payback_year(option.flows, KOMMUNE) == 2029
        assert appraisal.payback_year(option.flows, KOMMUNE, case=Case.LOW) is None

    def test_of_a_plain_row_of_sums(self) -> None:
        assert first_year_that_stays({2027: -1, 2028: 0, 2029: 3}) == 2028
        assert first_year_that_stays({2027: 1, 2028: -1}) is None
        assert first_year_that_stays({}) is None


class TestRepayment:
    def repaid(self, *flows: Json, horizon: tuple[int, int] = (2027, 2032), **terms: object):
        usual = {"share": 1, "payers": ["kommune"], "case": "expected", "available": "next_year"}
        pool = a_pool(paid_in={"2027": 9}, carry_over=True, repayment=usual | terms)
        plan = a_plan(
            an_intervention("a", option={"flows": list(flows)}), pools=[pool], horizon=list(horizon)
        )
        appraisal = Appraisal(plan)
        return dict(appraisal.repaid("a/base", plan.options["a/base"][1], plan.scenario.pools[0]))

    OUTLAY = a_flow("outlay", -100)

    def test_the_outlay_is_repaid_and_no_more(self) -> None:
        savings = [a_flow("saving", 60, y) for y in (2028, 2029, 2030)]
        assert self.repaid(self.OUTLAY, *savings) == {2029: 60, 2030: 40}

    def test_in_the_same_year(self) -> None:
        savings = [a_flow("saving", 60, y) for y in (2028, 2029, 2030)]
        assert self.repaid(self.OUTLAY, *savings, available="same_year") == {2028: 60, 2029: 40}

    def test_a_share_is_not_rounded(self) -> None:
        found = self.repaid(self.OUTLAY, a_flow("saving", 33, 2028), share=0.1)
        assert found == {2029: Fraction(33, 10)}

    def test_only_positive_sums_of_a_year_count(self) -> None:
        found = self.repaid(
            self.OUTLAY, a_flow("saving", 30, 2028), a_flow("saving", -10, 2028),
            a_flow("saving", -50, 2029), a_flow("saving", 40, 2030),
        )  # fmt: skip
        assert found == {2029: 20, 2031: 40}

    def test_only_cashable_savings_of_the_named_payers_count(self) -> None:
        found = self.repaid(
            self.OUTLAY, a_flow("saving", 30, 2028, payer="region"),
            a_flow("saving", 20, 2029, cashable=False), a_flow("saving", 10, 2030),
            a_flow("cost", -5, 2030),
        )  # fmt: skip
        assert found == {2031: 10}
        both = self.repaid(
            self.OUTLAY, a_flow("saving", 30, 2028, payer="region"), a_flow("saving", 10, 2028),
            payers=["kommune", "region"],
        )  # fmt: skip
        assert both == {2029: 40}

    def test_the_low_case(self) -> None:
        assert self.repaid(self.OUTLAY, a_flow("saving", 50, 2028, low=20), case="low") == {
            2029: 20
        }

    def test_nothing_comes_back_after_the_horizon(self) -> None:
        flows = (self.OUTLAY, a_flow("saving", 60, 2029), a_flow("saving", 60, 2030))
        assert self.repaid(*flows, horizon=(2027, 2030)) == {2030: 60}
        same = self.repaid(*flows, horizon=(2027, 2030), available="same_year")
        assert same == {2029: 60, 2030: 40}

    def test_an_option_that_invests_nothing_repays_nothing(self) -> None:
        assert self.repaid(a_flow("saving", 60, 2028)) == {}

    def test_an_option_of_another_pool_repays_nothing_here(self) -> None:
        terms = {"share": 1, "payers": ["kommune"], "case": "low", "available": "next_year"}
        pools = [a_pool("ny", paid_in={}, carry_over=True, repayment=terms), a_pool()]
        flows = [self.OUTLAY, a_flow("saving", 60, 2028)]
        plan = a_plan(an_intervention("a", option={"flows": flows}), pools=pools)
        appraisal, option = Appraisal(plan), plan.options["a/base"][1]
        assert appraisal.repaid("a/base", option, plan.scenario.pools[0]) == {}
        assert appraisal.repaid("a/base", option, plan.scenario.pools[1]) == {}


class TestChoices:
    OVERLAP = {
        "kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
        "loses": {"2028": 30, "2030": 20}, "category": "transfers", "cashable": False,
    }  # fmt: skip

    def appraisal(self) -> Appraisal:
        a = an_intervention("a", outlay=100, saving=500, option={"measures": {"borgere": 10}})
        scaled = {"scalable": {"minimum": 0.5}, "measures": {"borgere": {"2027": 3, "2029": 4}}}
        b = an_intervention("b", outlay=200, saving=400, option=scaled)
        plan = a_plan(a, b, relations=[self.OVERLAP], discount=[step(0, 0.25)],
                      horizon=[2026, 2033])  # fmt: skip
        return Appraisal(plan)

    HALF = {"a/base": Fraction(1), "b/base": Fraction(1, 2)}

    def test_scale_multiplies_flows_but_not_the_loss(self) -> None:
        appraisal = self.appraisal()
        assert appraisal.net({"b/base": Fraction(1, 2)}, Selection()) == 100
        assert appraisal.net(self.HALF, Selection()) == 400 + 100 - 50
        assert appraisal.net_by_year(self.HALF, Selection()) == {
            2026: 0, 2027: -200, 2028: 500 + 200 - 30, 2029: 0, 2030: -20, 2031: 0, 2032: 0,
            2033: 0,
        }  # fmt: skip
        assert appraisal.net_by_year({"a/base": Fraction(1)}, Selection())[2030] == 0

    def test_a_loss_is_a_saving_of_its_payer_category_and_kind(self) -> None:
        appraisal = self.appraisal()
        loss = Fraction(-50)
        transfers = Selection(category=Category.TRANSFERS)
        assert appraisal.net(self.HALF, transfers) == loss
        assert appraisal.net(self.HALF, Selection(cashable_only=True)) == 500
        assert appraisal.net(self.HALF, Selection(case=Case.LOW)) == 450
        assert appraisal.net(self.HALF, Selection(payers=frozenset({"region"}))) == 0
        outlay = Selection(kinds=frozenset({FlowKind.OUTLAY}))
        assert appraisal.net(self.HALF, outlay) == -200
        discounted = Selection(category=Category.TRANSFERS, discounted=True)
        assert appraisal.net(self.HALF, discounted) == -24 - Fraction(20 * 64, 125)

    def test_a_loss_counts_where_both_match(self) -> None:
        appraisal = self.appraisal()
        assert appraisal.active_overlaps(self.HALF, frozenset({"a/base"})) == []
        assert len(appraisal.active_overlaps(self.HALF, frozenset(self.HALF))) == 1
        assert appraisal.net(self.HALF, Selection(), frozenset({"a/base"})) == 400

    def test_invested_and_measured(self) -> None:
        appraisal = self.appraisal()
        assert appraisal.invested(self.HALF) == 200
        assert appraisal.measured(self.HALF, "borgere") == 10 + Fraction(7, 2)
        assert appraisal.measured(self.HALF, "borgere", 2027) == Fraction(3, 2)
        assert appraisal.measured({"b/base": Fraction(1)}, "borgere", 2028) == 0
        assert appraisal.measured(self.HALF, "ukendt") == 0

    def test_totals_of_a_payer_before_in_and_after_the_budget_period(self) -> None:
        flows = [a_flow("outlay", -7, 2026), a_flow("saving", 3, 2030), a_flow("saving", 9, 2031)]
        plan = a_plan(an_intervention("a", option={"flows": flows}), horizon=[2026, 2032],
                      discount=[step(0, 0.25)])  # fmt: skip
        totals = Appraisal(plan).payer_totals({"a/base": Fraction(1)})
        mine = totals["kommune"]
        assert (mine.before, mine.budget_period, mine.after, mine.horizon) == (-7, 3, 9, 5)
        expected = Fraction(-7 * 5, 4) + Fraction(3 * 64, 125) + Fraction(9 * 256, 625)
        assert mine.discounted == expected
        assert totals["region"].horizon == 0

    def test_chosen_options_come_in_the_order_of_the_plan(self) -> None:
        appraisal = self.appraisal()
        mixed = {"b/base": Fraction(1), "a/base": Fraction(1)}
        assert [key for key, *_ in appraisal.chosen(mixed)] == ["a/base", "b/base"]


def test_the_words_of_flows_cases_and_categories() -> None:
    from optimizer import Level, PoolKind

    words = [*FlowKind, *Case, *Category, *Level, *PoolKind]
    assert all(word.label.da and word.label.en for word in words)
    assert (FlowKind.OUTLAY.label.da, Category.TRANSFERS.label.da) == ("Udlæg", "Overførsler")


def test_what_a_pool_holds_in_all() -> None:
    plan = a_plan(pools=[a_pool(total=7), a_pool("b", paid_in={"2027": 4, "2029": 5},
                                                 carry_over=False)])  # fmt: skip
    assert [pool.amount for pool in plan.scenario.pools] == [7, 9]


def test_an_option_may_be_scalable() -> None:
    plan = a_plan(an_intervention("a") | {"options": [
        an_option("hel"), an_option("del", scalable={"minimum": 0})
    ]})  # fmt: skip
    assert [o.is_scalable for _, o in plan.options.values()] == [False, True]
    assert list(plan.intervention_by_id) == ["a"]
