"""The figures of an effect-route case, by hand and put back into the case."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.cases import Uncertain, flows_of
from optimizer.cases.examples import LEVELS, PAYERS, small_case
from optimizer.cases.figures import NO_CITIZENS, BreakEven, Perspective
from optimizer.cases.judged import figures_of_case, follows_route, successes_of
from optimizer.cases.sensitivity import Result, standard_cases
from optimizer.scenario import DiscountStep

VIEW = Perspective(2027, (2027, 2034), PAYERS, (DiscountStep(0, Fraction(35, 1000)),))
FLAT = replace(VIEW, discount=())


def test_break_even_by_hand() -> None:
    found = figures_of_case(small_case(), FLAT, price_levels=LEVELS)
    # 10 extra successes of 46,800 kroner; 900,000 less the 50,000 of rent must be paid
    share = Fraction(850_000, 468_000)
    assert found.break_even == BreakEven(share, share / 4, 25, Fraction(40))
    assert found.break_even_cost == Fraction(518_000, 40)
    assert found.npv_per_citizen == Fraction(-382_000, 40)
    assert (found.cashable, found.cashable_share) == (468_000, Fraction(468, 518))


def test_two_fewer_successes_take_only_their_part() -> None:
    case = small_case().in_variant(small_case().variants[0])
    computed = flows_of(case, payers=PAYERS, price_levels=LEVELS)
    flows = [c.flow for c in computed]
    found = standard_cases(
        flows, FLAT, successes=successes_of(case), follows=follows_route(computed, case)
    )
    fewer = {c.key: c.result for c in found}["fewer"]
    assert isinstance(fewer, Result)
    assert fewer.saved == 8 * 46_800 + 50_000


def test_a_case_without_a_route() -> None:
    case = replace(small_case(), effects=())
    assert successes_of(case) is None
    assert follows_route([], case) is None
    assert figures_of_case(case, FLAT, price_levels=LEVELS).break_even is NO_CITIZENS


def test_a_route_by_name_and_only_those_who_start_in_the_shown_years() -> None:
    case = small_case()
    other = replace(case.effects[0], id="job", citizens={2027: 7, 2040: 100})
    both = replace(case, effects=(case.effects[0], other))
    found = successes_of(both, (2027, 2034), route="job")
    assert found is not None
    assert found.citizens == 7
    assert figures_of_case(both, FLAT, route="job", price_levels=LEVELS).price_per_citizen == (
        Fraction(900_000) / Fraction(7, 2)
    )
    with pytest.raises(StopIteration):
        successes_of(both, route="bolig2")


@given(st.integers(1, 500), st.integers(0, 100), st.integers(0, 100), st.integers(1, 10**7))
def test_the_break_even_effect_put_back_into_the_case_gives_nothing(
    citizens: int, without: int, added: int, outlay: int
) -> None:
    case = small_case()
    route = replace(
        case.effects[0],
        citizens={2027: citizens, 2029: citizens},
        without=Uncertain(Fraction(without, 100)),
        success=Uncertain(Fraction(without + added, 100)),
    )
    course = replace(case.costs[0], gross={2027: Uncertain(outlay)})
    given_case = replace(case, effects=(route,), costs=(course,))
    even = figures_of_case(given_case, VIEW, price_levels=LEVELS).break_even
    if isinstance(even, BreakEven):
        success = Uncertain(route.without.expected + even.added_effect)
        put_back = replace(given_case, effects=(replace(route, success=success),))
        npv = figures_of_case(put_back, VIEW, price_levels=LEVELS).npv.expected
        # the share was read off amounts in whole kroner, and is put back into as many
        flows = 8
        assert abs(npv) <= flows * Fraction(1, 2) * (1 + even.share)
