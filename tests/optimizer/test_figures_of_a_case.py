"""Every figure of a case: published profiles, sums by hand, and why a figure is missing."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from optimizer import Appraisal, CashFlow, Category, FlowKind, Level, Payer
from optimizer.cases.example_flows import (
    KOMMUNE,
    a_saving,
    an_outlay,
    hjoerring,
    years_2015_to_2019,
)
from optimizer.cases.figures import (
    NEGATIVE_SAVING,
    NEVER_PAYS,
    NO_CITIZENS,
    NO_RATES,
    NO_SAVING,
    NO_SPENDING,
    NO_SUCCESSES,
    NOT_SHOWN,
    PAYS_ANYWAY,
    TINY_SPENDING,
    BreakEven,
    Figures,
    Perspective,
    Successes,
    figures_of,
)
from optimizer.cases.society import Factors
from optimizer.scenario import DiscountStep
from tests.optimizer.builders import MILLION, a_flow, a_plan, an_intervention

REGION = Payer("region", "Regionen", Level.REGION)
STATE = Payer("stat", "Staten", Level.STATE)
CITIZEN = Payer("borger", "Borgerne", Level.CITIZEN)
PURSES = (KOMMUNE, REGION, STATE, CITIZEN)
QUARTER = (DiscountStep(0, Fraction(1, 4)),)
VIEW = Perspective(2027, (2026, 2036), PURSES, QUARTER)
MINE = frozenset({"kommune"})
GOAL = Successes(Fraction(60), Fraction(45, 100), Fraction(30, 100))


def figures(*flows: CashFlow, **more: object) -> Figures:
    return figures_of(flows, VIEW, **more)  # type: ignore[arg-type]


class TestPublishedProfiles:
    def test_hjoerring_is_paid_back_in_2018(self) -> None:  # PRODUCT, job 2
        found = figures_of(hjoerring(), years_2015_to_2019())
        assert found.payback_year == 2018
        assert found.net == Fraction(1603, 10) * MILLION
        view = years_2015_to_2019()
        assert view.case(hjoerring()).cumulative()[2018] == Fraction(433, 10) * MILLION
        assert view.case(hjoerring()).total((2016, 2018)) == Fraction(1683, 10) * MILLION
        assert view.case(hjoerring()).saved == Fraction(2853, 10) * MILLION

    def test_horizon_honesty(self) -> None:  # PRODUCT, job 4
        flows = [an_outlay(2027, 18), *(a_saving(year, 1) for year in range(2028, 2060))]
        ten = figures_of(flows, Perspective(2027, (2027, 2036), (KOMMUNE,)))
        assert ten.payback_year is None
        assert ten.payback is NOT_SHOWN
        assert ten.payback.da == "Ikke tjent hjem i den viste periode"
        assert (ten.budget_period, ten.after, ten.net, ten.left_out) == (-15, 6, -9, 23)
        thirty = figures_of(flows, Perspective(2027, (2027, 2056), (KOMMUNE,)))
        assert thirty.payback_year == 2027 + 18  # in its 19th year
        assert thirty.payback.en == "2045"

    def test_present_value_by_the_rates_of_the_ministry(self) -> None:  # MATHS 1
        steps = (
            DiscountStep(0, Fraction(35, 1000)),
            DiscountStep(35, Fraction(25, 1000)),
            DiscountStep(70, Fraction(15, 1000)),
        )
        view = Perspective(2027, (2027, 2107), (KOMMUNE,), steps)
        value = figures_of([a_saving(2027 + 72, 10**9)], view).npv.expected
        assert value == 10**9 / (
            Fraction(1035, 1000) ** 35 * Fraction(1025, 1000) ** 35 * Fraction(1015, 1000) ** 2
        )


class TestSums:
    FLOWS = (
        an_outlay(2026, 10),
        a_saving(2028, 25, low=5, high=30),
        a_saving(2031, 64, payer="region"),
    )

    def test_before_in_and_after_the_budget_period(self) -> None:
        found = figures(*self.FLOWS)
        assert (found.before, found.budget_period, found.after, found.net) == (-10, 25, 64, 79)
        mine = figures(*self.FLOWS, payers=MINE)
        assert (mine.before, mine.budget_period, mine.after, mine.net) == (-10, 25, 0, 15)

    def test_present_value_and_payback_in_three_cases(self) -> None:
        found = figures(*self.FLOWS, payers=MINE)
        assert found.npv.expected == Fraction(-25, 2) + 20
        assert (found.npv.low, found.npv.high) == (Fraction(-25, 2) + 4, Fraction(-25, 2) + 24)
        assert (found.payback_low, found.payback_year, found.payback_high) == (None, 2028, 2028)

    def test_each_purse_by_itself(self) -> None:
        region = figures(*self.FLOWS, payers=MINE).by_payer[1]
        assert (region.payer.id, region.after) == ("region", 64)
        assert region.discounted == 64 * Fraction(256, 625)

    def test_cashable(self) -> None:
        freed = replace(a_saving(2029, 75), cashable=False)
        found = figures(*self.FLOWS, freed, payers=MINE)
        assert (found.cashable, found.cashable_share) == (25, Fraction(1, 4))
        assert figures(an_outlay(2027, 4)).cashable_share is NO_SAVING
        assert figures(a_saving(2027, -4)).cashable_share is NEGATIVE_SAVING

    def test_a_perspective_can_be_a_plans(self) -> None:
        plan = a_plan(an_intervention("a", option={"flows": [a_flow("outlay", -5)]}))
        view = Perspective.of(plan)
        assert (view.budget_period, view.years) == (plan.budget_period, plan.years)
        flows = plan.options["a/base"][1].flows
        totals = Appraisal(plan).payer_totals({"a/base": Fraction(1)})
        assert figures_of(flows, view).by_payer[0].discounted == totals["kommune"].discounted


class TestRatios:
    def test_benefit_over_cost_at_present_value(self) -> None:
        found = figures(an_outlay(2027, 100), a_saving(2028, 250))
        assert found.benefit_cost == found.sroi == 2

    def test_return_of_all_of_society(self) -> None:
        flows = (an_outlay(2027, 100), a_saving(2028, 250), a_saving(2028, 125, payer="borger"))
        found = figures(*flows, payers=MINE)
        assert (found.benefit_cost, found.sroi) == (2, 3)

    def test_not_shown_when_it_says_nothing(self) -> None:
        assert figures(a_saving(2028, 9)).benefit_cost is NO_SPENDING
        assert figures(an_outlay(2027, 9), a_saving(2027, -9)).benefit_cost is NEGATIVE_SAVING
        assert figures(an_outlay(2027, 1), a_saving(2027, 100)).benefit_cost == 100
        assert figures(an_outlay(2027, 1), a_saving(2027, 101)).benefit_cost is TINY_SPENDING
        assert "1 %" in TINY_SPENDING.da
        assert figures(an_outlay(2027, 1)).benefit_cost == 0

    def test_per_citizen_and_per_extra_success(self) -> None:
        flows = (an_outlay(2027, 1800), a_saving(2028, 3000))
        found = figures(*flows, successes=GOAL)
        assert found.npv_per_citizen == Fraction(2400 - 1800, 60)
        assert found.price_per_citizen == 30
        assert found.price_per_success == 200  # 60 x 15 percentage points are 9
        assert found.break_even_cost == 40

    def test_successes_that_a_plan_states_have_a_price_but_no_break_even(self) -> None:
        flows = (an_outlay(2027, 1800), a_saving(2028, 3000))
        found = figures(*flows, successes=Successes(Fraction(60), stated=Fraction(9)))
        assert (found.price_per_citizen, found.price_per_success) == (30, 200)
        assert found.break_even is NO_RATES  # nobody said how many succeed without
        nobody = figures(*flows, successes=Successes(Fraction(0), stated=Fraction(9)))
        assert (nobody.price_per_citizen, nobody.price_per_success) == (NO_CITIZENS, 200)
        assert Successes(Fraction(0), stated=Fraction(9)).added_effect is None

    def test_why_they_are_missing(self) -> None:
        flows = (an_outlay(2027, 1800), a_saving(2028, 3000))
        nobody = figures(*flows)
        assert nobody.npv_per_citizen is nobody.break_even_cost is NO_CITIZENS
        assert nobody.price_per_citizen is NO_CITIZENS
        assert nobody.price_per_success is NO_RATES
        assert nobody.break_even is NO_CITIZENS
        heads = figures(*flows, successes=Successes(Fraction(60)))
        assert heads.price_per_citizen == 30
        assert heads.price_per_success is heads.break_even is NO_RATES
        worse = figures(*flows, successes=Successes(Fraction(60), Fraction(1, 4), Fraction(1, 2)))
        assert worse.price_per_success is worse.break_even is NO_SUCCESSES
        free = figures(a_saving(2028, 3000), successes=GOAL)
        assert free.price_per_citizen is free.price_per_success is NO_SPENDING
        empty = figures(*flows, successes=Successes(Fraction(0), Fraction(1, 2), Fraction(1, 4)))
        assert empty.npv_per_citizen is NO_CITIZENS
        assert empty.break_even is NO_SUCCESSES


class TestBreakEven:
    def test_at_least_so_many_of_so_many(self) -> None:
        found = figures(an_outlay(2027, 1200), a_saving(2028, 2500), successes=GOAL)
        # 2,000 of present value for 15 points, so 1,200 takes 9 points; 60 x 39 % = 23.4 heads
        assert found.break_even == BreakEven(Fraction(3, 5), Fraction(9, 100), 24, Fraction(60))
        assert isinstance(found.break_even, BreakEven)
        assert found.break_even.sentence().da == "Mindst 24 af 60 borgere skal lykkes."

    def test_a_whole_number_of_heads_is_not_one_more(self) -> None:
        found = figures(an_outlay(2027, 4), a_saving(2028, 5), successes=GOAL).break_even
        assert isinstance(found, BreakEven)
        assert (found.share, found.needed) == (1, 27)

    def test_more_than_everybody(self) -> None:
        found = figures(an_outlay(2027, 400), a_saving(2028, 5), successes=GOAL).break_even
        assert isinstance(found, BreakEven)
        assert (found.added_effect, found.needed) == (15, None)
        assert found.sentence().da.startswith("Selv om alle 60 borgere lykkes")

    def test_savings_that_do_not_follow_the_effect(self) -> None:
        rent = a_saving(2027, 200, category=Category.CONSTRUCTION)
        flows = (an_outlay(2027, 1200), rent, a_saving(2028, 2500))
        by_effect = figures(
            *flows, successes=GOAL, follows=lambda flow: flow.category is Category.SERVICE
                                                         and flow.kind is FlowKind.SAVING,
        ).break_even  # fmt: skip
        assert isinstance(by_effect, BreakEven)
        assert by_effect.share == Fraction(1000, 2000)

    def test_it_pays_anyway_or_never(self) -> None:
        assert figures(a_saving(2028, 5), successes=GOAL).break_even is PAYS_ANYWAY
        dear = (an_outlay(2027, 5), a_saving(2028, 5, payer="stat"))
        assert figures(*dear, payers=MINE, successes=GOAL).break_even is NEVER_PAYS


class TestSociety:
    def test_transfers_net_out_and_public_kroner_are_at_market_prices(self) -> None:
        flows = (
            an_outlay(2027, 100),
            a_saving(2028, 125, category=Category.TRANSFERS),
            a_saving(2028, -125, category=Category.TRANSFERS, payer="borger"),
            a_saving(2028, 50, payer="borger"),
            a_saving(2028, 25, payer="region"),
        )
        society = figures(*flows).society
        assert society.resources == Fraction(128, 100) * (-100 + 20)
        assert society.citizens == 40
        assert society.transfers == society.distortion == 0
        assert society.npv == Fraction(-1024, 10) + 40

    def test_an_entered_side_alone_is_told_and_left_out(self) -> None:
        society = figures(a_saving(2028, 125, category=Category.TRANSFERS)).society
        assert (society.npv, society.transfers) == (0, 100)

    def test_earlier_editions_had_a_loss_from_taxes(self) -> None:
        flows = (an_outlay(2027, 100), a_saving(2028, 50, category=Category.TRANSFERS))
        for factor, loss in ((Fraction(11, 10), -6), (Fraction(12, 10), -12), (Fraction(1), 0)):
            society = figures(*flows, factors=Factors(tax_distortion=factor)).society
            assert society.distortion == loss
            assert society.npv == -128 + loss


@st.composite
def cases(draw: st.DrawFn) -> tuple[CashFlow, ...]:
    """Return an outlay and some savings of whole kroner to several purses."""
    flows = [an_outlay(2027, draw(st.integers(1, 10**7)))]
    for _ in range(draw(st.integers(1, 8))):
        low, amount, high = sorted(draw(st.integers(-(10**5), 10**7)) for _ in range(3))
        payer = draw(st.sampled_from([purse.id for purse in PURSES]))
        year = draw(st.integers(2026, 2036))
        flows.append(a_saving(year, amount, payer=payer, low=low, high=high))
    return tuple(flows)


@given(cases())
def test_the_purses_add_up_to_everybody(flows: tuple[CashFlow, ...]) -> None:
    found = figures_of(flows, VIEW)
    assert sum(purse.discounted for purse in found.by_payer) == found.npv.expected
    assert sum(purse.horizon for purse in found.by_payer) == found.net
    assert found.before + found.budget_period + found.after == found.net


@given(cases())
def test_the_break_even_effect_put_back_gives_nothing(flows: tuple[CashFlow, ...]) -> None:
    found = figures_of(flows, VIEW, successes=GOAL).break_even
    if isinstance(found, BreakEven):
        put_back = [
            flow if flow.kind is not FlowKind.SAVING
            else replace(flow, amount=round(flow.amount * found.share))
            for flow in flows
        ]  # fmt: skip
        # every flow is rounded by half a krone, worth at most 1.25 times that in 2026
        most = Fraction(5, 8) * len(flows)
        assert abs(figures_of(put_back, VIEW).npv.expected) <= most


@given(cases(), st.integers(-5, 5))
def test_moving_everything_in_time_moves_the_answer(
    flows: tuple[CashFlow, ...], years: int
) -> None:
    view = replace(VIEW, budget_year=2027 + years, horizon=(2026 + years, 2036 + years))
    moved = figures_of([replace(f, year=f.year + years) for f in flows], view)
    found = figures_of(flows, VIEW)
    assert moved.npv == found.npv
    assert moved.payback_year == (found.payback_year and found.payback_year + years)
