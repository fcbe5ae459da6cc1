"""The effect on people: who starts, how many more succeed, and how long it lasts.

added effect      dP  = p_with - p_without
extra successes   S_c = N_c * dP          (N_c citizens starting in year c)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.cases.consequence import Consequence
from optimizer.cases.frozen import freeze
from optimizer.cases.uncertain import Uncertain

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Durability:
    """How much of the effect is left j years after the start, d_j, a fraction.

    Either an explicit row d_0..d_H, or (1 - decay)^j for j = 0..years-1. After the last year
    nothing is left.

    Parameters
    ----------
    row : tuple of Fraction
        d_0, d_1, ...; empty where ``years`` is given.
    decay : Fraction
        Share of the effect lost each year, from 0 to 1.
    years : int
        Number of years that the effect counts; 0 where ``row`` is given.

    Examples
    --------
    >>> fading = Durability.fading(Fraction(1, 4), years=3)
    >>> [str(fading.at(j)) for j in range(4)]
    ['1', '3/4', '9/16', '0']
    >>> Durability.of_row(1, 1, Fraction(1, 2)).length
    3
    """

    row: tuple[Fraction, ...] = ()
    decay: Fraction = ZERO
    years: int = 0

    @classmethod
    def of_row(cls, *parts: Fraction | int) -> "Durability":
        """Return an explicit row d_0, d_1, ..."""
        return cls(row=tuple(Fraction(part) for part in parts))

    @classmethod
    def fading(cls, decay: Fraction | int, years: int) -> "Durability":
        """Return (1 - decay)^j in ``years`` years, the first of them whole."""
        return cls(decay=Fraction(decay), years=years)

    @property
    def length(self) -> int:
        """Return the number of years, that of the start included, in which the effect counts."""
        return len(self.row) or self.years

    def at(self, since_start: int) -> Fraction:
        """Return d_j."""
        if not 0 <= since_start < self.length:
            return ZERO
        return self.row[since_start] if self.row else (1 - self.decay) ** since_start


@dataclass(frozen=True, slots=True)
class EffectRoute:
    """One outcome for one group: citizens x added effect x durability x consequences.

    Parameters
    ----------
    id : str
        Names the route in the case; unique in it.
    outcome : str
        What a success is, e.g. "i job efter 3 måneder".
    citizens : mapping of start year to int
        How many start in each calendar year.
    success, without : Uncertain
        Share that reaches the outcome with the intervention, and without it; fractions. For an
        outcome that is not a share, the two means.
    durability : Durability
        Default: the start year and nothing after.
    consequences : tuple of Consequence
        What one extra success means for the use of services and transfers.
    source : str
        Where the two rates come from.
    is_share : bool
        False for the mean of a score, which may lie outside 0 to 1; an extra success is then one
        point more for one citizen.
    entry, version : str or None, int or None
        The entry of the knowledge shelf that the rates were taken from, and its version.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> route = small_case().effects[0]
    >>> str(route.added_effect), {year: str(s) for year, s in route.extra_successes().items()}
    ('1/4', {2027: '10', 2028: '10'})
    """

    id: str
    outcome: str
    citizens: Mapping[int, int | Fraction]
    success: Uncertain
    without: Uncertain
    durability: Durability = Durability((Fraction(1),))
    consequences: tuple[Consequence, ...] = ()
    source: str = ""
    is_share: bool = True
    entry: str | None = None
    version: int | None = None

    def __post_init__(self) -> None:
        freeze(self, "citizens")

    @property
    def added_effect(self) -> Fraction:
        """Return the expected added effect, p_with - p_without, a fraction."""
        return self.success.expected - self.without.expected

    @property
    def added_effects(self) -> Uncertain:
        """Return the added effect with both rates at their worse, and at their better end."""
        return Uncertain(
            expected=self.added_effect,
            low=self.success.low - self.without.high,
            high=self.success.high - self.without.low,
        )

    def extra_successes(self) -> dict[int, Fraction]:
        """Return the expected extra successes S_c by start year; not rounded to heads."""
        return {year: n * self.added_effect for year, n in self.citizens.items()}
