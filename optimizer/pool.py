"""Investment pools: money that may be invested, and money that comes back to be used again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from optimizer.intervention import Case
from optimizer.sentence import Sentence


class PoolKind(StrEnum):
    """What a pool pays for.

    Examples
    --------
    >>> [kind.value for kind in PoolKind]
    ['investment', 'outcome_payments']
    """

    INVESTMENT = "investment"
    OUTCOME_PAYMENTS = "outcome_payments"

    @property
    def label(self) -> Sentence:
        """Return the word of the interface."""
        if self is PoolKind.INVESTMENT:
            return Sentence("investeringspulje", "investment pool")
        return Sentence("resultatbetalingspulje", "outcome payment pool")


class Available(StrEnum):
    """When repaid money can be used.

    Examples
    --------
    >>> [when.value for when in Available]
    ['same_year', 'next_year']
    """

    SAME_YEAR = "same_year"
    NEXT_YEAR = "next_year"


@dataclass(frozen=True, slots=True)
class Repayment:
    """What comes back to the pool.

    An option repays each year ``share`` of its positive cashable savings to ``payers``, until its
    own outlay is repaid.

    Parameters
    ----------
    share : Fraction
        From 0 to 1.
    payers : tuple of str
        Ids of the purses whose savings are shared.
    case : Case
        EXPECTED or LOW.
    available : Available

    Examples
    --------
    >>> from optimizer.intervention import Case
    >>> Repayment(Fraction(1, 2), ("kommune",), Case.EXPECTED, Available.NEXT_YEAR).payers
    ('kommune',)
    """

    share: Fraction
    payers: tuple[str, ...]
    case: Case
    available: Available


@dataclass(frozen=True, slots=True)
class InvestmentPool:
    """Money that may be invested, in total or by year.

    Parameters
    ----------
    total : int or None
        All outlay over all years, no more; kroner. Exactly one of ``total``, ``paid_in`` is given.
    paid_in : mapping of year to int, or None
        Kroner paid in by year: the balance of no year of the horizon may fall below zero.
    carry_over : bool
        With ``paid_in``: whether a year's balance may be used in the next one.
    repayment : Repayment or None
        With ``paid_in`` only.

    Examples
    --------
    >>> InvestmentPool("p", "The pool", PoolKind.INVESTMENT, total=48_000_000).total
    48000000
    """

    id: str
    name: str
    kind: PoolKind
    total: int | None = None
    paid_in: Mapping[int, int] | None = None
    carry_over: bool = False
    repayment: Repayment | None = None

    @property
    def amount(self) -> int:
        """Return all the money that is paid into the pool over the years, kroner."""
        return self.total if self.total is not None else sum((self.paid_in or {}).values())

    def resized(self, amount: int) -> "InvestmentPool":
        """Return the pool with so many kroner in all; ``paid_in`` grows and shrinks in proportion.

        Each year is rounded down, and the kroner that are then left go one by one to the years that
        lost most by it, of equals to the earlier (largest remainder).

        Raises
        ------
        ValueError
            Nothing is paid in, so there is no proportion.

        Examples
        --------
        >>> pool = InvestmentPool("p", "P", PoolKind.INVESTMENT, paid_in={2027: 2, 2028: 1})
        >>> pool.resized(10).paid_in
        {2027: 7, 2028: 3}
        """
        if self.paid_in is None:
            return replace(self, total=amount)
        own = self.amount
        if not own and amount:
            message = f"nothing is paid into {self.id}, so it cannot grow in proportion"
            raise ValueError(message)
        own = own or 1
        paid_in = {year: amount * self.paid_in[year] // own for year in sorted(self.paid_in)}
        lost = {year: amount * self.paid_in[year] % own for year in paid_in}
        left = amount - sum(paid_in.values())
        for year in sorted(lost, key=lambda year: (-lost[year], year))[:left]:
            paid_in[year] += 1
        return replace(self, paid_in=paid_in)
