"""Outcomes: possible futures, equally likely, that risk limits look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

#: shares of the variance that effects usually have in common (MATHS.md, section 2)
USUAL_CORRELATION: Mapping[str, Fraction] = {
    "target_group": Fraction(3, 10),
    "department": Fraction(1, 10),
    "all": Fraction(1, 20),
}


@dataclass(frozen=True, slots=True)
class ExplicitOutcomes:
    """Discounted net saving by outcome, given option by option.

    Parameters
    ----------
    net_saving : mapping of option key to tuple of Fraction
        Kroner; every tuple equally long. An option that is not listed has its expected value in
        every outcome.

    Examples
    --------
    >>> outcomes = ExplicitOutcomes({"a/base": (Fraction(-1), Fraction(5))})
    >>> len(outcomes.net_saving["a/base"])
    2
    """

    net_saving: Mapping[str, tuple[Fraction, ...]]


@dataclass(frozen=True, slots=True)
class SampledOutcomes:
    """Outcomes to be drawn from low, expected and high (PLANFILE.md, fine print).

    Parameters
    ----------
    count, seed : int
    correlation : mapping of ``target_group``, ``department``, ``all`` to Fraction
        Shares of the variance that are common; at most 1 together.

    Examples
    --------
    >>> SampledOutcomes(count=1000, seed=7, correlation={"all": Fraction(1, 20)}).count
    1000
    """

    count: int
    seed: int
    correlation: Mapping[str, Fraction]


Outcomes = ExplicitOutcomes | SampledOutcomes
