"""The figures of one business case, against the published ones and by hand."""

from fractions import Fraction

from optimizer import Appraisal, Case, Category, FlowKind, Level, Payer, read_plan
from optimizer.case_figures import (
    CaseFigures,
    Meaningless,
    category_totals,
    citizens_of,
    later,
    own_payers,
    payer_figures,
    weaker,
)
from tests.optimizer.builders import MILLION, Json, a_flow, a_plan, an_intervention
from tests.optimizer.cases import REAL

KOMMUNE = frozenset({"kommune"})


def figures(*flows: Json, payers: frozenset[str] | None = KOMMUNE, **more: Json) -> CaseFigures:
    plan = a_plan(
        an_intervention("a", option={"flows": list(flows), **more}), horizon=[2026, 2033],
        discount=[{"after_year": 0, "rate": 0.25}],
    )  # fmt: skip
    return CaseFigures(Appraisal(plan), plan.options["a/base"][1], payers)


FLOWS = (
    a_flow("outlay", -10 * MILLION, 2026),
    a_flow("cost", -2 * MILLION, 2027),
    a_flow("saving", 8 * MILLION, 2028, low=4 * MILLION, high=9 * MILLION),
    a_flow("saving", 6 * MILLION, 2031, cashable=False),
    a_flow("saving", 5 * MILLION, 2028, payer="region", category="transfers"),
)


class TestFigures:
    def test_before_in_and_after_the_budget_period(self) -> None:
        case = figures(*FLOWS)
        assert (case.before, case.budget_period, case.after, case.net) == (
            -10 * MILLION, 6 * MILLION, 6 * MILLION, 2 * MILLION,
        )  # fmt: skip

    def test_outlay_spending_and_savings(self) -> None:
        case = figures(*FLOWS)
        assert case.outlay == 10 * MILLION
        assert case.spent == 12 * MILLION
        assert case.saved == 14 * MILLION
        assert case.cashable == 8 * MILLION
        assert case.total((2028, 2028), case=Case.HIGH) == 9 * MILLION

    def test_present_value_in_three_cases(self) -> None:
        case = figures(*FLOWS)
        low, expected, high = (
            Fraction(-10 * 5, 4) - 2 + Fraction(middle * 16, 25) * Fraction(5, 4)
            + Fraction(6 * 256, 625)
            for middle in (4, 8, 9)
        )  # fmt: skip
        assert case.npv == expected * MILLION
        band = case.npv_band
        assert (band.low, band.expected, band.high) == (
            low * MILLION, expected * MILLION, high * MILLION,
        )  # fmt: skip
        assert band.is_wide
        assert not figures(a_flow("saving", 1)).npv_band.is_wide

    def test_by_year_so_far_and_payback(self) -> None:
        case = figures(*FLOWS)
        assert case.by_year()[2028] == 8 * MILLION
        assert case.by_year(Case.LOW)[2028] == 4 * MILLION
        assert case.cumulative()[2031] == 2 * MILLION
        assert case.payback_year == 2031
        assert case.payback_in(Case.LOW) is None

    def test_a_purse_without_money_has_no_payback_year(self) -> None:
        assert figures(a_flow("saving", 5, payer="region")).payback_year is None
        assert not figures().has_money
        assert figures(a_flow("saving", 0, high=4)).has_money

    def test_hjoerring(self) -> None:
        plan = read_plan(REAL / "danish_cases.json")
        _, option = plan.options["hjoerring_2015/council"]
        case = CaseFigures(Appraisal(plan), option, own_payers(plan.payers))
        assert (case.payback_year, case.net) == (2018, 160_300_000)
        half = CaseFigures(Appraisal(plan), weaker(option, Fraction(1, 2)), None)
        assert (half.saved, half.payback_year) == (142_650_000, 2019)
        late = CaseFigures(Appraisal(plan), later(option, 1, 2019), None)
        assert (late.saved, late.payback_year) == (168_300_000, 2019)


class TestRatios:
    def test_benefit_over_cost_at_present_value(self) -> None:
        case = figures(a_flow("outlay", -100), a_flow("saving", 250, 2028))
        assert case.benefit_cost.value == 2
        assert case.benefit_cost.why is None

    def test_without_spending_there_is_none(self) -> None:
        case = figures(a_flow("saving", 250), measures={"citizens": 5})
        assert case.benefit_cost.why is Meaningless.NO_SPENDING
        assert case.price_per_citizen.why is Meaningless.NO_SPENDING
        assert case.benefit_cost.value is None

    def test_price_per_citizen(self) -> None:
        case = figures(*FLOWS, measures={"Borgere": {"2027": 30, "2028": 10}})
        assert case.citizens == 40
        assert case.price_per_citizen.value == 300_000
        for measures in ({}, {"citizens": 0}, {"timer": 7}):
            price = figures(*FLOWS, measures=measures).price_per_citizen
            assert price.why is Meaningless.NO_CITIZENS

    def test_who_counts_as_a_citizen(self) -> None:
        assert citizens_of(figures(measures={"citizens": 7}).option) == 7
        assert citizens_of(figures(measures={"stars": 7}).option) is None


class TestPayers:
    def test_own_purses(self) -> None:
        kommune = Payer("kommune", "Kommunen", Level.MUNICIPALITY)
        region = Payer("region", "Regionen", Level.REGION)
        assert own_payers([kommune, region]) == KOMMUNE
        assert own_payers([region]) is None

    def test_each_purse_in_the_order_of_the_plan(self) -> None:
        case = figures(*FLOWS)
        mine, theirs = payer_figures(case.appraisal, case.option)
        assert (mine.payer.id, mine.outlay, mine.cost, mine.saving) == (
            "kommune", -10 * MILLION, -2 * MILLION, 14 * MILLION,
        )  # fmt: skip
        assert (mine.before, mine.budget_period, mine.after, mine.horizon, mine.discounted) == (
            case.before, case.budget_period, case.after, case.net, case.npv,
        )  # fmt: skip
        assert theirs.saving == theirs.horizon == 5 * MILLION
        assert mine.is_touched
        assert theirs.is_touched
        _, nobody = payer_figures(figures().appraisal, figures().option)
        assert not nobody.is_touched

    def test_one_category_by_year(self) -> None:
        case = figures(*FLOWS)
        transfers = category_totals(case.appraisal, case.option, "region", Category.TRANSFERS)
        assert transfers[2028] == 5 * MILLION
        assert sum(transfers.values()) == 5 * MILLION


class TestWhatIf:
    def test_weaker_savings_never_round_up(self) -> None:
        option = weaker(figures(a_flow("outlay", -7), a_flow("saving", 7, low=-3, high=9)).option,
                        Fraction(1, 2))  # fmt: skip
        outlay, saving = option.flows
        assert outlay.amount == -7
        assert (saving.low, saving.amount, saving.high) == (-1, 3, 4)

    def test_later_savings_beyond_the_horizon_are_lost(self) -> None:
        option = later(figures(*FLOWS).option, 2, 2032)
        kinds = [(f.kind, f.year) for f in option.flows]
        assert kinds == [
            (FlowKind.OUTLAY, 2026), (FlowKind.COST, 2027), (FlowKind.SAVING, 2030),
            (FlowKind.SAVING, 2030),
        ]  # fmt: skip
