"""Standard cases and the tornado: the published what-ifs, and sums by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given

from optimizer import CashFlow, Category, FlowKind
from optimizer.cases import CostLine, FixedShares, Uncertain
from optimizer.cases.example_flows import (
    KOMMUNE,
    a_saving,
    an_outlay,
    hjoerring,
    years_2015_to_2019,
)
from optimizer.cases.examples import LEVELS, PAYERS, small_case
from optimizer.cases.figures import Perspective, Successes, figures_of
from optimizer.cases.inputs import inputs_of
from optimizer.cases.sensitivity import (
    NO_HEADS,
    Bar,
    Result,
    Tornado,
    standard_cases,
    tornado,
    tornado_of_flows,
)
from optimizer.intervention import Case
from optimizer.sentence import Sentence
from tests.optimizer.builders import MILLION
from tests.optimizer.test_figures_of_a_case import VIEW, cases

GOAL = Successes(Fraction(60), Fraction(45, 100), Fraction(30, 100))
SMALL_VIEW = Perspective(2027, (2027, 2034), PAYERS)


def results(*flows: CashFlow, **more: object) -> dict[str, Result | Sentence]:
    view = more.pop("view", VIEW)
    return {c.key: c.result for c in standard_cases(flows, view, **more)}  # type: ignore[arg-type]


def result(found: Result | Sentence) -> Result:
    assert isinstance(found, Result)
    return found


class TestStandardCases:
    def test_half_the_effect(self) -> None:  # PRODUCT, job 3
        view = years_2015_to_2019()
        half = result(results(*hjoerring(), view=view)["weaker"])
        assert half.saved == Fraction(14265, 100) * MILLION
        assert half.payback_year == 2019
        dearer = (an_outlay(2015, 158 * MILLION), *hjoerring()[1:])
        assert result(results(*dearer, view=view)["weaker"]).payback_year is None

    def test_a_year_later(self) -> None:  # PRODUCT, job 3
        late = result(results(*hjoerring(), view=years_2015_to_2019())["later"])
        assert late.saved == Fraction(1683, 10) * MILLION
        assert late.net == Fraction(433, 10) * MILLION
        assert late.payback_year == 2019

    def test_all_low_and_all_high(self) -> None:
        flows = (an_outlay(2027, 10), a_saving(2028, 25, low=5, high=35))
        found = results(*flows)
        low, high = result(found["low"]), result(found["high"])
        assert (low.npv, low.net, low.payback_year) == (-6, -5, None)
        assert (high.npv, high.net, high.payback_year) == (18, 25, 2028)
        assert (high.budget_period, high.after) == (25, 0)

    def test_two_fewer_successes(self) -> None:
        flows = (an_outlay(2027, 10), a_saving(2028, 900))
        # 60 x 15 points are 9 successes of 100 kroner each
        assert result(results(*flows, successes=GOAL)["fewer"]).saved == 700

    def test_two_fewer_change_only_what_follows_them(self) -> None:
        flows = (an_outlay(2027, 10), a_saving(2028, 900), a_saving(2029, 50, payer="region"))
        found = results(*flows, successes=GOAL, follows=lambda flow: flow.amount == 900)
        assert result(found["fewer"]).net == 700 + 50 - 10

    def test_two_fewer_need_two(self) -> None:
        assert results(a_saving(2028, 9))["fewer"] is NO_HEADS
        one = Successes(Fraction(10), Fraction(2, 10), Fraction(1, 10))
        told = results(a_saving(2028, 9), successes=one)["fewer"]
        assert isinstance(told, Sentence)
        assert told.da == "Vises ikke: sagen regner kun med 1,0 ekstra succeser."
        two = Successes(Fraction(20), Fraction(2, 10), Fraction(1, 10))
        assert result(results(a_saving(2028, 9), successes=two)["fewer"]).saved == 0

    @given(cases())
    def test_the_expected_one_is_the_figures(self, flows: tuple[CashFlow, ...]) -> None:
        found = results(*flows)
        expected, figures = result(found["expected"]), figures_of(flows, VIEW)
        assert (expected.npv, expected.net) == (figures.npv.expected, figures.net)
        assert (expected.budget_period, expected.after) == (figures.budget_period, figures.after)
        assert expected.payback_year == figures.payback_year
        low, high = result(found["low"]), result(found["high"])
        assert (low.npv, high.npv) == (figures.npv.low, figures.npv.high)
        assert (low.payback_year, high.payback_year) == (
            figures.payback_low, figures.payback_high,
        )  # fmt: skip


def bars(found: Tornado) -> dict[str, tuple[int, int]]:
    return {bar.key: (int(bar.at_low), int(bar.at_high)) for bar in found.bars}


class TestTornado:
    def test_every_input_of_a_case_by_itself(self) -> None:
        found = tornado(small_case(), SMALL_VIEW, price_levels=LEVELS)
        # 40 citizens x 25 points x 1.5 years x 30 nights x 1,040 kroner, - 900,000 + 50,000
        assert found.expected == -382_000
        assert bars(found) == {
            "bolig/success": (-569_200, -194_800),  # 15 and 35 points instead of 25
            "bolig/without": (-199_234, -775_904),  # ends of the interval of 3 of 20
            "bolig/herberg/quantity": (-226_000, -538_000),  # 40 nights is the low number
            "leje": (-392_000, -372_000),
        }
        swings = [bar.swing for bar in found.bars]
        assert swings == sorted(swings, reverse=True)

    def test_the_second_variant_is_twice_as_large(self) -> None:
        case = small_case()
        found = tornado(case, SMALL_VIEW, variant=case.variants[1], price_levels=LEVELS)
        assert found.expected == 2 * 468_000 - 850_000

    def test_prices_and_costs(self) -> None:
        case = small_case()
        (route,), (course,) = case.effects, case.costs
        (days,) = route.consequences
        price = replace(days.price, kroner=Uncertain(1000, low=500, high=1500))
        dearer = replace(
            course,
            gross={2027: Uncertain(900_000, low=800_000, high=1_200_000), 2028: Uncertain(1)},
            alternative={2027: Uncertain(100_000, low=50_000)},
        )
        changed = replace(
            case,
            effects=(replace(route, consequences=(replace(days, price=price),)),),
            costs=(dearer,),
        )
        found = tornado(changed, SMALL_VIEW, price_levels=LEVELS)
        assert found.expected == -282_001
        shown = bars(found)
        assert shown["bolig/herberg/price"] == (-516_001, -48_001)
        assert shown["kursus/gross"] == (-182_001, -582_001)
        assert shown["kursus/alternative"] == (-332_001, -282_001)

    def test_the_purse_that_is_asked_for(self) -> None:
        mine = tornado(small_case(), SMALL_VIEW, price_levels=LEVELS, payers=frozenset({"kommune"}))
        theirs = tornado(small_case(), SMALL_VIEW, price_levels=LEVELS, payers=frozenset({"stat"}))
        assert mine.expected + theirs.expected == -382_000
        assert bars(theirs)["leje"][0] == bars(theirs)["leje"][1]

    def test_lines_that_were_entered_directly(self) -> None:
        flows = (
            an_outlay(2027, 10),
            a_saving(2028, 20, low=15, high=30),
            a_saving(2029, 20, low=15, high=20),
            a_saving(2029, 7, low=6, high=8, payer="region", category=Category.TRANSFERS),
        )
        view = replace(VIEW, discount=())
        found = tornado_of_flows(flows, view)
        assert found.expected == 37
        assert [(bar.label.da, bar.at_low, bar.at_high) for bar in found.bars] == [
            ("Besparelse, service: Kommunen", 27, 47),
            ("Besparelse, overførsler: Regionen", 36, 38),
        ]
        by_year = tornado_of_flows(flows, view, lines=lambda f: Sentence(str(f.year), str(f.year)))
        assert bars(by_year) == {"2028": (32, 47), "2029": (31, 38)}

    def test_a_case_without_doubt_has_no_bars(self) -> None:
        assert tornado_of_flows(hjoerring(), years_2015_to_2019()).bars == ()

    @given(cases())
    def test_the_middle_is_the_figures(self, flows: tuple[CashFlow, ...]) -> None:
        found, npv = tornado_of_flows(flows, VIEW), figures_of(flows, VIEW).npv
        assert found.expected == npv.expected
        falls = sum(found.expected - bar.at_low for bar in found.bars)
        assert found.expected - falls == npv.low


class TestInputs:
    def test_each_is_set_and_nothing_else_is(self) -> None:
        case = small_case()
        for found in inputs_of(case):
            exact = found.at(Case.EXPECTED)
            left = {other.key for other in inputs_of(exact)}
            assert left == {other.key for other in inputs_of(case)} - {found.key}

    def test_a_row_by_year_moves_together(self) -> None:
        row = {2027: Uncertain(10, low=5), 2028: Uncertain(20, high=30)}
        cost = CostLine(
            "drift", "Drift", FlowKind.COST, row, Category.SERVICE,
            FixedShares.all_of(KOMMUNE.id), 2026,
        )  # fmt: skip
        case = replace(small_case(), effects=(), direct=(), costs=(cost,))
        (found,) = inputs_of(case)
        assert (found.key, found.value) == ("drift/gross", None)
        assert found.label.da == "Drift: udgift"
        ends = {
            end: [int(k.expected) for k in found.at(end).costs[0].gross.values()] for end in Case
        }
        assert ends == {Case.LOW: [5, 20], Case.EXPECTED: [10, 20], Case.HIGH: [10, 30]}

    def test_a_bar_is_as_long_as_its_ends_are_apart(self) -> None:
        assert Bar("a", Sentence("", ""), None, Fraction(9), Fraction(4)).swing == 5


@pytest.mark.parametrize("end", list(Case))
def test_an_input_at_an_end_is_a_case_like_any_other(end: Case) -> None:
    for found in inputs_of(small_case()):
        assert tornado(found.at(end), SMALL_VIEW, price_levels=LEVELS).bars
