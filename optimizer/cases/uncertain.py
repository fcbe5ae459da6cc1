"""A quantity that is not known exactly: low, expected, high, and perhaps what was counted."""

from dataclasses import dataclass
from fractions import Fraction

from optimizer.intervention import Case


@dataclass(frozen=True, slots=True)
class Counted:
    """``successes`` of ``observed`` people reached the outcome.

    Examples
    --------
    >>> str(Counted(8, 20).share)
    '2/5'
    """

    successes: int
    observed: int

    @property
    def share(self) -> Fraction:
        """Return successes / observed, a fraction."""
        return Fraction(self.successes, self.observed)


@dataclass(frozen=True, slots=True, init=False)
class Uncertain:
    """A number with its low and its high: low <= expected <= high, all exact.

    ``low`` and ``high`` are the smaller and the larger number; which of them is bad for a purse
    depends on what the number is used for.

    Parameters
    ----------
    expected : Fraction or int
    low, high : Fraction or int, optional
        Default: equal to ``expected`` (known exactly).
    counted : Counted, optional
        The people in whom a rate was observed; chooses its distribution in drawn outcomes.

    Raises
    ------
    ValueError
        Not low <= expected <= high.

    Examples
    --------
    >>> rate = Uncertain(Fraction(2, 5), low=Fraction(3, 10), high=Fraction(1, 2))
    >>> float(rate.low), float(rate.high), rate.is_exact, Uncertain(30).is_exact
    (0.3, 0.5, False, True)
    """

    expected: Fraction
    low: Fraction
    high: Fraction
    counted: Counted | None

    def __init__(
        self,
        expected: Fraction | int,
        low: Fraction | int | None = None,
        high: Fraction | int | None = None,
        counted: Counted | None = None,
    ) -> None:
        middle = Fraction(expected)
        least = middle if low is None else Fraction(low)
        most = middle if high is None else Fraction(high)
        if not least <= middle <= most:
            message = f"not low <= expected <= high: {least}, {middle}, {most}"
            raise ValueError(message)
        for name, value in (("expected", middle), ("low", least), ("high", most)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "counted", counted)

    @classmethod
    def observed(cls, successes: int, observed: int) -> "Uncertain":
        """Return the share of the observed people, without a low or a high.

        >>> str(Uncertain.observed(8, 20).expected)
        '2/5'
        """
        counted = Counted(successes, observed)
        return cls(counted.share, counted=counted)

    @property
    def is_exact(self) -> bool:
        """Return whether low, expected and high are one number."""
        return self.low == self.high

    def in_case(self, case: Case) -> Fraction:
        """Return the low, the expected or the high number."""
        if case is Case.EXPECTED:
            return self.expected
        return self.low if case is Case.LOW else self.high
