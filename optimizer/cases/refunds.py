"""What the state refunds: dated rules, each with its source.

Every entry is in force from its date until the next entry of the same kind. A calendar year is
judged by the rule that is in force on its first day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Protocol, TypeVar

from optimizer.cases.errors import CaseError
from optimizer.sentence import Sentence

WEEKS = 52


class Rule(Protocol):
    """A dated entry."""

    @property
    def valid_from(self) -> date:
        """Return the first day of the rule."""
        ...

    @property
    def source(self) -> str:
        """Return where the rule comes from."""
        ...


R = TypeVar("R", bound=Rule)


@dataclass(frozen=True, slots=True)
class RefusionStaircase:
    """The state's share of an income transfer, by how many weeks it has been paid.

    Parameters
    ----------
    valid_from : date
    steps : tuple of (int, Fraction)
        (first week, state's share from it), ascending from week 1.
    source : str

    Examples
    --------
    >>> first_year = RULES.refusion[0].state_share(1, 52)
    >>> str(first_year), round(float(first_year), 4)
    ('99/260', 0.3808)
    """

    valid_from: date
    steps: tuple[tuple[int, Fraction], ...]
    source: str

    def state_share(self, first_week: int, last_week: int) -> Fraction:
        """Return the state's mean share over the weeks, both included."""
        weeks = range(first_week, last_week + 1)
        return sum((self._share(week) for week in weeks), Fraction(0)) / len(weeks)

    def _share(self, week: int) -> Fraction:
        return next(share for first, share in reversed(self.steps) if first <= week)


@dataclass(frozen=True, slots=True)
class CentralRefund:
    """The state's refund of one citizen's social services in a year, by cost limits.

    Parameters
    ----------
    valid_from : date
    limits : tuple of (int, Fraction)
        (kroner a year, share of the part above it up to the next limit), ascending.
    price_year : int
        Of the limits. They are regulated every year; in fixed prices they follow the price level.
    source : str

    Examples
    --------
    >>> int(RULES.central[0].refund(2_500_000))
    710000
    """

    valid_from: date
    limits: tuple[tuple[int, Fraction], ...]
    price_year: int
    source: str

    def refund(self, cost: Fraction | int) -> Fraction:
        """Return the refund, kroner, of a year's ``cost`` in the limits' price level."""
        return sum(self.by_band(cost), Fraction(0))

    def by_band(self, cost: Fraction | int) -> tuple[Fraction, ...]:
        """Return the refund of each band, kroner, from the lowest limit up.

        >>> [int(part) for part in RULES.central[0].by_band(2_500_000)]
        [205000, 220000, 285000]
        """
        ends = [*(limit for limit, _ in self.limits[1:]), None]
        parts = []
        for (start, share), end in zip(self.limits, ends, strict=True):
            top = Fraction(cost) if end is None else min(Fraction(cost), Fraction(end))
            parts.append(max(Fraction(0), top - start) * share)
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class ShelterRefund:
    """The state's share of the price of a day in a shelter, for so many days in a running year.

    Parameters
    ----------
    valid_from : date
    share : Fraction
    days : int or None
        Most days refunded in a year from the first admission; None: every day.
    source : str

    Examples
    --------
    >>> rule = in_force(RULES.shelter, 2025)
    >>> rule.days, rule.refunded_days(200), rule.refunded_days(50)
    (120, 120, 50)
    """

    valid_from: date
    share: Fraction
    days: int | None
    source: str

    def refunded_days(self, days: Fraction | int) -> Fraction | int:
        """Return how many of a year's days are refunded."""
        return days if self.days is None else min(days, self.days)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The entries of each rule, oldest first.

    A municipality that knows a newer limit adds it with ``dataclasses.replace``.

    Examples
    --------
    >>> [str(rule.valid_from) for rule in RULES.shelter]
    ['2007-01-01', '2023-10-01', '2026-04-01']
    """

    refusion: tuple[RefusionStaircase, ...]
    central: tuple[CentralRefund, ...]
    shelter: tuple[ShelterRefund, ...]


def in_force(entries: Sequence[R], year: int) -> R:
    """Return the entry that is in force on the first day of ``year``.

    Raises
    ------
    CaseError
        No entry is as old as that.

    Examples
    --------
    >>> in_force(RULES.refusion, 2027).valid_from.year
    2016
    """
    day = date(year, 1, 1)
    known = [entry for entry in entries if entry.valid_from <= day]
    if not known:
        first = min(entry.valid_from for entry in entries)
        raise CaseError(
            Sentence(
                f"Reglen kendes først fra {first.isoformat()}, ikke i {year}.",
                f"The rule is known from {first.isoformat()} only, not in {year}.",
            )
        )
    return max(known, key=lambda entry: entry.valid_from)


def _shares(*pairs: tuple[int, str]) -> tuple[tuple[int, Fraction], ...]:
    return tuple((at, Fraction(share)) for at, share in pairs)


_SHELTER_LAW = (
    "Social- og Boligstyrelsen: Omstilling af hjemløshedsområdet (serviceloven § 110, lovændring "
    "i kraft 1. oktober 2023)"
)

#: what is built in; amounts and dates as their sources state them
RULES = RuleBook(
    refusion=(
        RefusionStaircase(
            date(2016, 1, 1),
            _shares((1, "0.8"), (5, "0.4"), (27, "0.3"), (53, "0.2")),
            "Refusionsreformen: 80, 40, 30 og 20 pct. fra uge 1, 5, 27 og 53, fra 2016",
        ),
    ),
    central=(
        CentralRefund(
            date(2022, 1, 1),
            _shares((860_000, "0.25"), (1_680_000, "0.5"), (2_120_000, "0.75")),
            2022,
            "Serviceloven § 176, beløbsgrænser 2022, under 67 år",
        ),
    ),
    shelter=(
        ShelterRefund(
            date(2007, 1, 1),
            Fraction(1, 2),
            None,
            "Serviceloven § 110: staten betaler 50 pct. (her fra serviceloven trådte i kraft)",
        ),
        ShelterRefund(date(2023, 10, 1), Fraction(1, 2), 120, _SHELTER_LAW),
        ShelterRefund(
            date(2026, 4, 1), Fraction(1, 2), 90, f"{_SHELTER_LAW}; 90 dage fra 1. april 2026"
        ),
    ),
)
