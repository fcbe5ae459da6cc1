"""Interventions: what departments propose, in which options, with which cash flows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.payers import Category
from optimizer.sentence import Sentence

if TYPE_CHECKING:  # payments are made of flows
    from optimizer.financing import PaymentTerms


class FlowKind(StrEnum):
    """What a cash flow is.

    Examples
    --------
    >>> [kind.value for kind in FlowKind]
    ['outlay', 'cost', 'saving']
    """

    OUTLAY = "outlay"
    COST = "cost"
    SAVING = "saving"

    @property
    def label(self) -> Sentence:
        """Return the word of the interface."""
        return _FLOW_KINDS[self]


class Case(StrEnum):
    """Which of the three figures of an uncertain flow counts.

    Examples
    --------
    >>> [case.value for case in Case]
    ['low', 'expected', 'high']
    """

    LOW = "low"
    EXPECTED = "expected"
    HIGH = "high"

    @property
    def label(self) -> Sentence:
        """Return the word of the interface."""
        return _CASES[self]


class Force(StrEnum):
    """A choice that a person has made in advance.

    Examples
    --------
    >>> [force.value for force in Force]
    ['in', 'out']
    """

    IN = "in"
    OUT = "out"


_FLOW_KINDS = {
    FlowKind.OUTLAY: Sentence("Udlæg", "Outlay"),
    FlowKind.COST: Sentence("Udgift", "Cost"),
    FlowKind.SAVING: Sentence("Besparelse", "Saving"),
}
_CASES = {
    Case.LOW: Sentence("lav", "low"),
    Case.EXPECTED: Sentence("forventet", "expected"),
    Case.HIGH: Sentence("høj", "high"),
}


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money of one payer in one year, in whole kroner of the plan's price year.

    Positive is into that purse, negative is out of it. An outlay or a cost is never positive; a
    saving may have either sign, so that a delay can hurt.

    Parameters
    ----------
    year : int
        Calendar year.
    payer : str
        Id of the purse.
    category : Category
        Control category that the amount is booked on.
    kind : FlowKind
    amount : int
        Expected amount, kroner.
    low, high : int
        The whole flow in the bad and in the good case, low <= amount <= high, kroner.
    cashable : bool
        Of a saving: someone's budget is cut by it. Always true for outlays and costs.
    budget_line : str or None
        Account that is cut.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> spent, saved = small_plan().options["a/base"][1].flows
    >>> spent.year, spent.kind.value, spent.amount, saved.in_case(Case.LOW)
    (2027, 'outlay', -3000000, 9000000)
    """

    year: int
    payer: str
    category: Category
    kind: FlowKind
    amount: int
    low: int
    high: int
    cashable: bool = True
    budget_line: str | None = None

    def in_case(self, case: Case) -> int:
        """Return the low, expected or high amount, kroner."""
        if case is Case.EXPECTED:
            return self.amount
        return self.low if case is Case.LOW else self.high


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity other than money: citizens, nurse hours, a score.

    Parameters
    ----------
    total : Fraction
        Over all years; the sum of ``by_year`` where that is given.
    by_year : mapping of year to Fraction, or None
        None where only the total is known.

    Examples
    --------
    >>> from fractions import Fraction
    >>> hours = Measure(Fraction(2100), {2027: Fraction(900), 2028: Fraction(1200)})
    >>> int(hours.in_year(2028)), int(hours.in_year(None))
    (1200, 2100)
    """

    total: Fraction
    by_year: Mapping[int, Fraction] | None = None

    def in_year(self, year: int | None) -> Fraction:
        """Return the quantity in ``year`` (0 in a year without one), or in total for None."""
        if year is None:
            return self.total
        return (self.by_year or {}).get(year, Fraction(0))


@dataclass(frozen=True, slots=True)
class Option:
    """One way to do an intervention: a variant, a start year, a form of financing.

    Parameters
    ----------
    pool : str or None
        Id of the pool that its outlay is paid from; None: each payer's ordinary budget.
    minimum_scale : Fraction or None
        None: all or nothing. Otherwise, if chosen, its scale is any number from this to 1.
    contract : PaymentTerms or None
        The outcome contract under which it is done. What it pays is the last of its flows in
        ``plan.options``; in ``plan.interventions`` the flows are as written.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> option = small_plan().options["a/base"][1]
    >>> option.id, option.pool, option.minimum_scale
    ('base', 'p', None)
    """

    id: str
    pool: str | None
    flows: tuple[CashFlow, ...]
    title: str | None = None
    minimum_scale: Fraction | None = None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    contract: "PaymentTerms | None" = None

    @property
    def is_scalable(self) -> bool:
        """Return whether the option may be funded in part."""
        return self.minimum_scale is not None


@dataclass(frozen=True, slots=True)
class Intervention:
    """What a department proposes. At most one of its options is chosen.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> first = small_plan().interventions[0]
    >>> first.id, first.department, first.force, len(first.options)
    ('a', 'd', None, 1)
    """

    id: str
    title: str
    department: str
    options: tuple[Option, ...]
    target_group: str | None = None
    supplier: str | None = None
    external: bool = False
    evidence_stars: int = 0
    tags: tuple[str, ...] = ()
    force: Force | None = None
    force_reason: str | None = None


def option_key(intervention: Intervention, option: Option) -> str:
    """Return ``intervention/option``, by which an option is named in files and results."""
    return f"{intervention.id}/{option.id}"


def intervention_of(key: str) -> str:
    """Return the id of the intervention whose option a key names.

    >>> intervention_of("ipsplus/base")
    'ipsplus'
    """
    return key.partition("/")[0]
