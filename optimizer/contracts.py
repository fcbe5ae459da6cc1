"""Outcome contracts: what is paid for which outcomes, and what is left for whom.

The municipality pays for measured outcomes, an investor pays the work and carries the risk. All in
exact numbers, so that a payment never depends on how it was added up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.program import Exact, exact_sum
from optimizer.quantity import quantity
from optimizer.sentence import Sentence


def reduction(observed: Exact, expected: Exact) -> Fraction:
    """Return how much lower a rate is than expected, as a share of what was expected.

    Examples
    --------
    >>> float(round(reduction(142, 155), 3))  # Peterborough's first cohort
    0.084

    Raises
    ------
    ZeroDivisionError
        Nothing was expected, so nothing can be lower.
    """
    return Fraction(expected - observed) / Fraction(expected)


@dataclass(frozen=True, slots=True)
class Gate:
    """What must be reached before anything is paid.

    Parameters
    ----------
    cohort, pooled : Fraction or None
        The least reduction of one cohort, and of all cohorts together. Either opens the gate for
        what it covers; None is never asked for.

    Examples
    --------
    >>> gate = Gate(cohort=Fraction(10, 100), pooled=Fraction(75, 1000))
    >>> gate.is_met(cohort=reduction(142, 155)), gate.is_met(pooled=Fraction(9, 100))
    (False, True)
    """

    cohort: Fraction | None = None
    pooled: Fraction | None = None

    def is_met(self, *, cohort: Exact | None = None, pooled: Exact | None = None) -> bool:
        """Return whether a measured reduction opens the gate; what was not measured does not."""
        if self.cohort is None and self.pooled is None:
            return True
        pairs = ((cohort, self.cohort), (pooled, self.pooled))
        return any(
            value is not None and least is not None and value >= least for value, least in pairs
        )


@dataclass(frozen=True, slots=True)
class OutcomePrice:
    """So many kroner for each outcome above a threshold."""

    outcome: str = quantity(
        "measure",
        Sentence("Måltal", "Measure"),
        help=Sentence("Hvad der tælles, fx borgere.", "What is counted, for instance citizens."),
    )
    price: Exact = quantity(
        "kroner",
        Sentence("Pris pr. enhed", "Price of each"),
        help=Sentence(
            "Hvad der betales for hver, fx 25.000.", "What is paid for each, for instance 25.000."
        ),
        minimum=0,
    )
    threshold: Exact = quantity(
        "number",
        Sentence("Ud over", "Above"),
        default=0,
        help=Sentence(
            "Så mange er der ingen betaling for, fx 10.",
            "So many are not paid for, for instance 10.",
        ),
        minimum=0,
    )

    def payment(self, count: Exact) -> Fraction:
        """Return price x max(0, count - threshold), kroner."""
        return Fraction(self.price) * max(Fraction(0), Fraction(count) - Fraction(self.threshold))


@dataclass(frozen=True, slots=True)
class OutcomeContract:
    """The terms of an outcome contract.

    payment = min(cap, fixed + sum_m price_m max(0, outcomes_m - threshold_m) + share x saving),
    and 0 where the gate is not met;  cap = capital (1 + maximum return).

    Parameters
    ----------
    capital : int
        What the investor puts in, kroner.
    maximum_return : Fraction or None
        The most that the investor may gain, as a share of the capital; None: no cap.
    fixed : number
        Paid whenever the gate is met, kroner.
    prices : tuple of OutcomePrice
    share : Fraction
        Share of the measured saving that is paid.
    guarantee : number
        What the investor gets back whatever comes, kroner.
    gate : Gate

    Examples
    --------
    >>> contract = OutcomeContract(capital=1_000_000, maximum_return=Fraction(1, 5),
    ...                            prices=(OutcomePrice("job", 50_000, threshold=10),))
    >>> [int(contract.payment({"job": jobs})) for jobs in (5, 20, 60)]
    [0, 500000, 1200000]
    """

    capital: int = 0
    maximum_return: Fraction | None = None
    fixed: Exact = 0
    prices: tuple[OutcomePrice, ...] = ()
    share: Fraction = Fraction(0)
    guarantee: Exact = 0
    gate: Gate = Gate()

    @property
    def cap(self) -> Fraction | None:
        """Return the most that is paid, kroner; None where there is no cap."""
        if self.maximum_return is None:
            return None
        return self.capital * (1 + self.maximum_return)

    def payment(
        self,
        outcomes: Mapping[str, Exact] | None = None,
        *,
        saving: Exact = 0,
        cohort: Exact | None = None,
        pooled: Exact | None = None,
    ) -> Fraction:
        """Return what the municipality pays, kroner.

        Parameters
        ----------
        outcomes : mapping of outcome to how many there were
            What is not named did not happen.
        saving : number
            Measured, kroner; one that hurts is paid nothing for.
        cohort, pooled : number or None
            Measured reductions, for the gate.
        """
        if not self.gate.is_met(cohort=cohort, pooled=pooled):
            return Fraction(0)
        counts = outcomes or {}
        earned = Fraction(self.fixed)
        earned += exact_sum(price.payment(counts.get(price.outcome, 0)) for price in self.prices)
        earned += self.share * max(Fraction(0), Fraction(saving))
        return earned if self.cap is None else min(self.cap, earned)

    def investor_result(self, payment: Exact) -> Fraction:
        """Return what the investor gains or loses: payment + guarantee - capital, kroner."""
        return Fraction(payment) + Fraction(self.guarantee) - self.capital


def outcome_funded(saving: Exact, payment: Exact) -> Fraction:
    """Return what the municipality gains under a contract: saving - payment, kroner.

    Examples
    --------
    >>> int(outcome_funded(2670, 1335))
    1335
    """
    return Fraction(saving) - Fraction(payment)


def self_funded(saving: Exact, cost: Exact) -> Fraction:
    """Return what the municipality gains when it pays the work itself: saving - cost, kroner.

    Examples
    --------
    >>> int(self_funded(2670, 2000))
    670
    """
    return Fraction(saving) - Fraction(cost)
