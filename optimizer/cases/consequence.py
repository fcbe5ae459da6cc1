"""What one extra success means: a service or a transfer used more or less, at a price."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from optimizer.cases.frozen import freeze
from optimizer.cases.splits import Split
from optimizer.cases.uncertain import Uncertain
from optimizer.payers import Category
from optimizer.sentence import Sentence

NOTHING = Uncertain(0)


class Cashability(StrEnum):
    """What a saving does to somebody's budget; only a cut can be taken out of it.

    Examples
    --------
    >>> [kind.value for kind in Cashability if kind.is_cashable]
    ['budget_cut']
    """

    BUDGET_CUT = "budget_cut"
    AVOIDED_GROWTH = "avoided_growth"
    TIME_FREED = "time_freed"
    NONE = "none"

    @property
    def is_cashable(self) -> bool:
        """Return whether a budget is cut by it."""
        return self is Cashability.BUDGET_CUT

    @property
    def label(self) -> Sentence:
        """Return the words of the interface."""
        return _CASHABILITY[self]


_CASHABILITY = {
    Cashability.BUDGET_CUT: Sentence("Budgetreduktion", "Budget cut"),
    Cashability.AVOIDED_GROWTH: Sentence("Undgået udgift", "Avoided growth"),
    Cashability.TIME_FREED: Sentence("Frigjort tid", "Time freed"),
    Cashability.NONE: Sentence("Ingen", "None"),
}


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """Kroner for one unit of a service or transfer as a case counts with it.

    In prices of ``price_year``. A `optimizer.shelf.ShelfPrice` is what it may be taken from.

    Parameters
    ----------
    kroner : Uncertain
        Kroner a unit, from 0; may have a fraction.
    unit : str
        One of what, e.g. "døgn".
    price_year : int
    source : str
        Where the price comes from.
    entry, version : str or None, int or None
        The entry of the knowledge shelf that it was taken from, and its version.

    Examples
    --------
    >>> UnitPrice(Uncertain(1250), "døgn", 2025, source="opdigtet eksempel").price_year
    2025
    """

    kroner: Uncertain
    unit: str
    price_year: int
    source: str
    entry: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """A service or transfer that one extra success uses more or less of, and who pays for it.

    Parameters
    ----------
    id : str
        Unique in its effect route.
    name : str
    quantity : Uncertain, or mapping of years after start to Uncertain
        q_j, units per extra success in year j after the start; negative is less use. One value is
        used in every year of the durability; a year that a mapping lacks has 0.
    price : UnitPrice
    category : Category
        Control category of the service or transfer.
    split : Split
        Who pays which part.
    cashability : Cashability
        What it does to somebody's budget.
    budget_line, owner : str or None
        Account that is cut, and who owns it.
    entry, version : str or None, int or None
        The entry of the knowledge shelf that the quantities were taken from, and its version; the
        price has its own.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> fewer_days = small_case().effects[0].consequences[0]
    >>> fewer_days.name, str(fewer_days.quantity_at(0).expected), fewer_days.category.value
    ('Døgn på herberg', '-30', 'service')
    """

    id: str
    name: str
    quantity: Uncertain | Mapping[int, Uncertain]
    price: UnitPrice
    category: Category
    split: Split
    cashability: Cashability = Cashability.BUDGET_CUT
    budget_line: str | None = None
    owner: str | None = None
    entry: str | None = None
    version: int | None = None

    def __post_init__(self) -> None:
        freeze(self, "quantity")

    def quantity_at(self, since_start: int) -> Uncertain:
        """Return q_j, units per extra success."""
        if isinstance(self.quantity, Uncertain):
            return self.quantity
        return self.quantity.get(since_start, NOTHING)
