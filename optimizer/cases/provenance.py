"""Where a computed amount comes from: the formula with its values, and what it was fed with."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from optimizer.cases.consequence import Cashability
from optimizer.intervention import CashFlow
from optimizer.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Given:
    """One value that a formula used, as a reader sees it, and its source.

    Examples
    --------
    >>> Given(Sentence("Pris", "Price"), Sentence("1.250 kr.", "1,250 kr."), "eksempel").name.en
    'Price'
    """

    name: Sentence
    value: Sentence
    source: str


class Provenance(ABC):
    """The formula of one amount with the values filled in, and the values one by one.

    Put into words when it is asked for.

    Examples
    --------
    >>> from optimizer.cases.examples import small_flows
    >>> provenance = small_flows()[0].provenance
    >>> print(provenance.formula.en.replace("\N{NO-BREAK SPACE}", " "))
    40 × (40 % − 15 %) × 30 døgn × 1,000 kr. × 104/100 × 66.666667 % = 208,000 kr.
    >>> provenance.inputs[0].name.en, provenance.inputs[0].value.en
    ('Citizens starting in 2027', '40')
    """

    @property
    @abstractmethod
    def formula(self) -> Sentence:
        """Return the formula with every value filled in, and what it gives."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[Given, ...]:
        """Return every value that the formula used, with its source."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A cash flow with where it came from.

    Parameters
    ----------
    flow : CashFlow
    provenance : Provenance
    line : str
        ``route/consequence``, or the id of a cost or of a direct amount.
    name : str
        What the line is called.
    cashability : Cashability or None
        Of a saving; None for outlays and costs.
    owner : str or None
        Who owns the budget line.

    Examples
    --------
    >>> from optimizer.cases.examples import small_flows
    >>> first = small_flows()[0]
    >>> first.line, first.flow.year, first.flow.amount
    ('bolig/herberg', 2027, 208000)
    """

    flow: CashFlow
    provenance: Provenance
    line: str
    name: str
    cashability: Cashability | None = None
    owner: str | None = None
