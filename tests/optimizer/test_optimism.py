"""The correction for optimism, by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.cases.example_flows import a_saving, an_outlay, hjoerring, years_2015_to_2019
from optimizer.cases.figures import BreakEven, Successes
from optimizer.cases.optimism import (
    STARTING_TABLE,
    STARTING_TABLE_NOTE,
    Correction,
    before_and_after,
    corrected,
)

HALF_AND_FIFTH = Correction(Fraction(1, 2), Fraction(1, 5))


def test_benefits_shrink_and_costs_grow() -> None:
    flows = corrected([an_outlay(2027, 1001), a_saving(2028, 7, low=-5, high=9)], HALF_AND_FIFTH)
    # -1,201.2; a negative saving grows like a cost; halves are rounded away from zero
    assert [(f.low, f.amount, f.high) for f in flows] == [(-1201,) * 3, (-6, 4, 5)]


def test_the_table_is_the_users() -> None:
    view = years_2015_to_2019()
    both = before_and_after(hjoerring(), view, stars=2, table={2: HALF_AND_FIFTH})
    assert both.correction is HALF_AND_FIFTH
    assert both.before.net == 160_300_000
    assert both.after.net == 142_650_000 - 150_000_000
    assert (both.before.payback_year, both.after.payback_year) == (2018, None)


def test_the_best_evidence_is_not_corrected_by_the_starting_table() -> None:
    both = before_and_after(hjoerring(), years_2015_to_2019(), stars=3)
    assert both.before == both.after
    assert sorted(STARTING_TABLE) == [0, 1, 2, 3]
    assert "ikke målt" in STARTING_TABLE_NOTE.da


def test_more_must_succeed_after_the_correction() -> None:
    goal = Successes(Fraction(1000), Fraction(6, 10), Fraction(5, 10))
    both = before_and_after(hjoerring(), years_2015_to_2019(), stars=1, successes=goal)
    before, after = both.before.break_even, both.after.break_even
    assert isinstance(before, BreakEven)
    assert isinstance(after, BreakEven)
    assert after.share == before.share * Fraction(125, 75)


@pytest.mark.parametrize(("benefit", "cost"), [(-1, 0), (2, 0), (0, -1)])
def test_a_correction_out_of_range(benefit: int, cost: int) -> None:
    with pytest.raises(ValueError, match="benefit"):
        Correction(Fraction(benefit), Fraction(cost))


@given(st.sampled_from(range(4)), st.lists(st.integers(-(10**8), 10**8), min_size=3, max_size=3))
def test_it_never_helps_and_keeps_the_order(stars: int, kroner: list[int]) -> None:
    low, amount, high = sorted(kroner)
    flow = replace(a_saving(2028, amount), low=low, high=high)
    (found,) = corrected([flow], STARTING_TABLE[stars])
    assert found.low <= found.amount <= found.high
    assert (found.low, found.amount, found.high) <= (low, amount, high)
