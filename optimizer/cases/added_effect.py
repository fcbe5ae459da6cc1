"""Added effect from counts: how many succeeded with the intervention, and how many without it.

The interval is Newcombe's hybrid score interval, which holds for small groups and for rates near
0 and 1. A small group is told in heads alone: a percentage would promise more than was seen.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

from optimizer.cases.uncertain import Counted
from optimizer.errors import BundlinjeError
from optimizer.sentence import Sentence, number, rounded

#: a group with fewer observed citizens is told in heads, not in percent
FEWEST_FOR_PERCENT = 20
#: the usual confidence of an interval
USUAL_LEVEL = Fraction(95, 100)
DECIMALS = 9  # of a bound: far finer than any count can tell
Interval = tuple[Fraction, Fraction]


class CountError(BundlinjeError):
    """Counts that cannot be: more successes than observed, none observed, a negative number.

    Examples
    --------
    >>> try:
    ...     added_effect(8, 5, 1, 5)
    ... except CountError as wrong:
    ...     print(wrong.sentence.en)
    8 of 5 cannot have succeeded.
    """

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        super().__init__(sentence.en)


@dataclass(frozen=True, slots=True)
class AddedEffect:
    """The difference of two success rates, with its interval.

    Parameters
    ----------
    with_effort, without : Counted
        The group that got the intervention, and the one that did not.
    difference : Fraction
        p_with - p_without, exact.
    interval : (Fraction, Fraction)
        Bounds of the difference at ``level``, to nine decimals.
    level : Fraction

    Examples
    --------
    >>> found = added_effect(56, 70, 48, 80)
    >>> found.difference, [round(float(bound), 4) for bound in found.interval]
    (Fraction(1, 5), [0.0524, 0.3339])
    >>> print(found.sentence().en)
    20 percentage points (from 5.2 to 33.4): 56 of 70 with the intervention, 48 of 80 without.
    """

    with_effort: Counted
    without: Counted
    difference: Fraction
    interval: Interval
    level: Fraction

    @property
    def is_heads_only(self) -> bool:
        """Return whether a group is so small that no percentage may be shown."""
        return any(c.observed < FEWEST_FOR_PERCENT for c in (self.with_effort, self.without))

    @property
    def is_certain(self) -> bool:
        """Return whether the interval lies on one side of no effect."""
        return self.interval[0] > 0 or self.interval[1] < 0

    def sentence(self) -> Sentence:
        """Return the effect in words: heads alone under 20 observed, else points and interval."""
        mine, theirs = of_observed(self.with_effort), of_observed(self.without)
        heads = Sentence(
            f"{mine.da} med indsatsen, {theirs.da} uden.",
            f"{mine.en} with the intervention, {theirs.en} without.",
        )
        if self.is_heads_only:
            return heads
        points = number(rounded(self.difference * 100, 1))
        low, high = (number(bound * 100, 1) for bound in self.interval)
        return Sentence(
            f"{points.da} procentpoint (fra {low.da} til {high.da}): {heads.da}",
            f"{points.en} percentage points (from {low.en} to {high.en}): {heads.en}",
        )


def added_effect(
    x1: int, n1: int, x0: int, n0: int, *, level: Fraction = USUAL_LEVEL
) -> AddedEffect:
    """Return the added effect of ``x1`` of ``n1`` with the intervention, ``x0`` of ``n0`` without.

    With Wilson bounds l, u of each rate p:
    low = d - sqrt((p1 - l1)^2 + (u0 - p0)^2) and high = d + sqrt((u1 - p1)^2 + (p0 - l0)^2).

    Parameters
    ----------
    x1, x0 : int
        Successes.
    n1, n0 : int
        Observed citizens.
    level : Fraction
        Confidence, between 0 and 1.

    Raises
    ------
    CountError
        The counts cannot be.

    References
    ----------
    R. G. Newcombe, Interval estimation for the difference between independent proportions:
    comparison of eleven methods, Statistics in Medicine 17 (1998), 873-890, method 10.

    Examples
    --------
    >>> [round(float(bound), 4) for bound in added_effect(9, 10, 3, 10).interval]
    [0.1705, 0.809]
    >>> print(added_effect(9, 10, 3, 10).sentence().da)
    9 af 10 med indsatsen, 3 af 10 uden.
    """
    mine, theirs = _checked(x1, n1), _checked(x0, n0)
    p1, p0 = float(mine.share), float(theirs.share)
    (l1, u1), (l0, u0) = _wilson(mine, level), _wilson(theirs, level)
    low = p1 - p0 - math.hypot(p1 - l1, u0 - p0)
    high = p1 - p0 + math.hypot(u1 - p1, p0 - l0)
    return AddedEffect(mine, theirs, mine.share - theirs.share, (_bound(low), _bound(high)), level)


def rate_interval(counted: Counted, level: Fraction = USUAL_LEVEL) -> Interval:
    """Return Wilson's score interval of one success rate, two fractions.

    Raises
    ------
    CountError
        The counts cannot be.

    References
    ----------
    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of
    the American Statistical Association 22 (1927), 209-212.

    Examples
    --------
    >>> [round(float(bound), 4) for bound in rate_interval(Counted(81, 263))]
    [0.2553, 0.3662]
    """
    low, high = _wilson(_checked(counted.successes, counted.observed), level)
    return _bound(low), _bound(high)


def of_observed(counted: Counted) -> Sentence:
    """Return ``56 af 70``.

    Examples
    --------
    >>> of_observed(Counted(56, 70)).en
    '56 of 70'
    """
    some, all_ = number(counted.successes), number(counted.observed)
    return Sentence(f"{some.da} af {all_.da}", f"{some.en} of {all_.en}")


def _checked(successes: int, observed: int) -> Counted:
    if observed < 1:
        raise CountError(
            Sentence("Mindst én skal være observeret.", "At least one must have been observed.")
        )
    counted = Counted(successes, observed)
    if not 0 <= successes <= observed:
        words = of_observed(counted)
        raise CountError(
            Sentence(f"{words.da} kan ikke være lykkedes.", f"{words.en} cannot have succeeded.")
        )
    return counted


def _wilson(counted: Counted, level: Fraction) -> tuple[float, float]:
    z = NormalDist().inv_cdf(float(1 + level) / 2)
    n, p = counted.observed, float(counted.share)
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def _bound(value: float) -> Fraction:
    return rounded(Fraction(value), DECIMALS)
