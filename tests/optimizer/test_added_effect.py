"""Added effect from counts, against the table of Newcombe (1998) and by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.cases.added_effect import (
    CountError,
    added_effect,
    of_observed,
    rate_interval,
)
from optimizer.cases.uncertain import Counted

#: R. G. Newcombe (1998), Statistics in Medicine 17, 873-890: table II, method 10, 95 %
PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("counts", "bounds"), PUBLISHED)
def test_the_published_intervals(
    counts: tuple[int, int, int, int], bounds: tuple[float, float]
) -> None:
    found = added_effect(*counts)
    assert tuple(round(float(b), 4) for b in found.interval) == bounds
    x1, n1, x0, n0 = counts
    assert found.difference == Fraction(x1, n1) - Fraction(x0, n0)


def test_the_published_interval_of_one_rate() -> None:
    # R. G. Newcombe (1998), Statistics in Medicine 17, 857-872: table I, method 3
    for counted, low, high in (
        (Counted(81, 263), 0.2553, 0.3662),
        (Counted(15, 148), 0.0624, 0.1605),
        (Counted(0, 20), 0.0, 0.1611),
        (Counted(1, 29), 0.0061, 0.1718),
    ):
        assert [round(float(b), 4) for b in rate_interval(counted)] == [low, high]


def test_a_lower_confidence_is_narrower() -> None:
    usual, lower = added_effect(56, 70, 48, 80), added_effect(56, 70, 48, 80, level=Fraction(1, 2))
    assert usual.interval[0] < lower.interval[0] < lower.interval[1] < usual.interval[1]


def test_under_twenty_observed_are_told_in_heads() -> None:
    small = added_effect(12, 19, 8, 40)
    assert small.is_heads_only
    assert small.sentence().da == "12 af 19 med indsatsen, 8 af 40 uden."
    assert not added_effect(12, 20, 8, 20).is_heads_only
    assert added_effect(30, 40, 8, 19).is_heads_only


def test_a_large_group_is_told_in_percentage_points() -> None:
    text = added_effect(56, 70, 48, 80).sentence()
    assert text.da == ("20 procentpoint (fra 5,2 til 33,4): 56 af 70 med indsatsen, 48 af 80 uden.")
    assert of_observed(Counted(1200, 3400)).en == "1,200 of 3,400"


def test_whether_the_sign_is_known() -> None:
    assert added_effect(56, 70, 48, 80).is_certain
    assert added_effect(48, 80, 56, 70).is_certain
    assert not added_effect(5, 56, 0, 29).is_certain


@pytest.mark.parametrize("counts", [(8, 5, 1, 5), (-1, 5, 1, 5), (1, 5, 6, 5)])
def test_counts_that_cannot_be(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(CountError) as wrong:
        added_effect(*counts)
    assert wrong.value.sentence.da.endswith("kan ikke være lykkedes.")


def test_nobody_observed() -> None:
    with pytest.raises(CountError, match="At least one"):
        added_effect(0, 0, 1, 5)
    with pytest.raises(CountError, match="At least one"):
        rate_interval(Counted(0, 0))


@st.composite
def groups(draw: st.DrawFn) -> tuple[int, int]:
    observed = draw(st.integers(1, 500))
    return draw(st.integers(0, observed)), observed


@given(groups(), groups())
def test_the_interval_holds_the_difference_and_turns_with_the_groups(
    mine: tuple[int, int], theirs: tuple[int, int]
) -> None:
    found, turned = added_effect(*mine, *theirs), added_effect(*theirs, *mine)
    assert -1 <= found.interval[0] <= found.interval[1] <= 1
    hair = Fraction(1, 10**9)  # the bounds are rounded
    assert found.interval[0] - hair <= found.difference <= found.interval[1] + hair
    assert turned.interval == (-found.interval[1], -found.interval[0])
