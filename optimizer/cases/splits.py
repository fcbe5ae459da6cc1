"""Who pays which part of a change in the use of a service: fixed shares, or a rule.

A split turns one extra success's change of use in one year into kroner by payer, positive into
the purse. The parts always add up to -quantity x price exactly.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from optimizer.cases.errors import CaseError
from optimizer.cases.frozen import freeze
from optimizer.cases.prices import PriceLevels
from optimizer.cases.refunds import WEEKS, RuleBook, in_force
from optimizer.sentence import Sentence, percent, rounded

Parts = dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a case is computed with: price year and levels, and the rules.

    Examples
    --------
    >>> from optimizer.cases.refunds import RULES
    >>> levels = PriceLevels({2022: Fraction(100), 2026: Fraction(110)}, "opdigtet eksempel")
    >>> Terms(2026, levels, RULES).kroner(Fraction(50), price_year=2022)
    Fraction(55, 1)
    """

    price_year: int
    levels: PriceLevels
    rules: RuleBook

    def kroner(self, amount: Fraction | int, *, price_year: int) -> Fraction:
        """Return kroner of ``price_year`` in kroner of the case."""
        return self.levels.in_prices_of(self.price_year, amount, price_year=price_year)


@dataclass(frozen=True, slots=True)
class Use:
    """A change of use: ``quantity`` units more (negative: less) in ``year``.

    ``price`` is in kroner of the terms' price year; ``since_start`` counts years.

    Examples
    --------
    >>> Use(2027, 0, Fraction(-30), Fraction(1000)).kroner
    Fraction(30000, 1)
    """

    year: int
    since_start: int
    quantity: Fraction
    price: Fraction

    @property
    def kroner(self) -> Fraction:
        """Return what the change is worth to all payers together, -quantity x price."""
        return -self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Parted:
    """The parts of a change by payer, kroner; the rule in words, and its source.

    Examples
    --------
    >>> Parted({"kommune": Fraction(100)}, Sentence("hele", "all"), "").by_payer["kommune"]
    Fraction(100, 1)
    """

    by_payer: Mapping[str, Fraction]
    rule: Sentence
    source: str


class Split(ABC):
    """Who pays which part of a change of use.

    Examples
    --------
    >>> issubclass(FixedShares, Split), FixedShares.rule
    (True, 'fixed')
    """

    #: the word that stands for the rule in a document
    rule: ClassVar[str]

    @property
    @abstractmethod
    def payers(self) -> tuple[str, ...]:
        """Return the ids of all payers who may get a part."""

    @abstractmethod
    def parts(self, use: Use, terms: Terms) -> Parted:
        """Return the parts of a change; they add up to ``use.kroner``.

        Raises
        ------
        CaseError
            No rule is in force in the year of the change, or a price level is missing.
        """


@dataclass(frozen=True, slots=True)
class FixedShares(Split):
    """The same shares every year; they add up to 1.

    Examples
    --------
    >>> from optimizer.cases.examples import TERMS
    >>> half = FixedShares({"kommune": Fraction(1, 2), "region": Fraction(1, 2)})
    >>> parted = half.parts(Use(2027, 0, Fraction(-30), Fraction(1000)), TERMS)
    >>> {payer: int(part) for payer, part in parted.by_payer.items()}
    {'kommune': 15000, 'region': 15000}
    """

    rule: ClassVar[str] = "fixed"
    shares: Mapping[str, Fraction]
    source: str = ""

    def __post_init__(self) -> None:
        freeze(self, "shares")

    @classmethod
    def all_of(cls, payer: str) -> "FixedShares":
        """Return the split in which one payer has everything."""
        return cls({payer: Fraction(1)})

    @property
    def payers(self) -> tuple[str, ...]:
        """Return the payers with a share."""
        return tuple(self.shares)

    def parts(self, use: Use, terms: Terms) -> Parted:  # noqa: ARG002 - shares need no terms
        """Return ``use.kroner`` x each share."""
        return Parted(
            {payer: use.kroner * share for payer, share in self.shares.items()},
            Sentence("Faste andele", "Fixed shares"),
            self.source,
        )


@dataclass(frozen=True, slots=True)
class DatedShares(Split):
    """Shares that change with the calendar year: those of the last year that has begun.

    Parameters
    ----------
    by_year : mapping of first year to FixedShares

    Examples
    --------
    >>> from optimizer.cases.examples import TERMS
    >>> before, after = FixedShares.all_of("stat"), FixedShares.all_of("kommune")
    >>> moved = DatedShares({2020: before, 2028: after})
    >>> [*moved.parts(Use(2027, 0, Fraction(-1), Fraction(9)), TERMS).by_payer]
    ['stat']
    """

    rule: ClassVar[str] = "dated"
    by_year: Mapping[int, FixedShares]

    def __post_init__(self) -> None:
        freeze(self, "by_year")

    @property
    def payers(self) -> tuple[str, ...]:
        """Return the payers with a share in any year."""
        named = (payer for shares in self.by_year.values() for payer in shares.payers)
        return tuple(dict.fromkeys(named))

    def parts(self, use: Use, terms: Terms) -> Parted:
        """Return the parts by the shares in force in the year of the change."""
        first = self.in_year(use.year)
        found = self.by_year[first].parts(use, terms)
        rule = Sentence(f"Andele fra {first}", f"Shares from {first}")
        return Parted(found.by_payer, rule, found.source)

    def in_year(self, year: int) -> int:
        """Return the first year of the shares that are in force in ``year``.

        Raises
        ------
        CaseError
            None has begun.
        """
        begun = [first for first in self.by_year if first <= year]
        if not begun:
            first = min(self.by_year)
            raise CaseError(
                Sentence(
                    f"Fordelingen begynder først i {first}, ikke i {year}.",
                    f"The shares begin in {first} only, not in {year}.",
                )
            )
        return begun[-1]


def _two(municipality: str, state: str, use: Use, to_state: Fraction) -> Parts:
    return {municipality: use.kroner - to_state, state: to_state}


@dataclass(frozen=True, slots=True)
class RefusionSplit(Split):
    """An income transfer under the refusion staircase.

    In year j after the start the state has its mean share of weeks 52 j + 1 to 52 j + 52 after
    ``weeks_before``.

    Parameters
    ----------
    municipality, state : str
        Ids of the two payers.
    weeks_before : int
        Weeks that the citizen has received the transfer before the start.

    Examples
    --------
    >>> from optimizer.cases.examples import TERMS
    >>> split = RefusionSplit("kommune", "stat")
    >>> first, second = (
    ...     split.parts(Use(2027 + j, j, Fraction(-52), Fraction(2500)), TERMS) for j in (0, 1)
    ... )
    >>> int(first.by_payer["stat"]), int(second.by_payer["stat"])
    (49500, 26000)
    """

    rule: ClassVar[str] = "refusion"
    municipality: str
    state: str
    weeks_before: int = 0

    @property
    def payers(self) -> tuple[str, ...]:
        """Return the two payers."""
        return (self.municipality, self.state)

    def parts(self, use: Use, terms: Terms) -> Parted:
        """Return the parts by the staircase in force in the year of the change."""
        stairs = in_force(terms.rules.refusion, use.year)
        first = self.weeks_before + WEEKS * use.since_start + 1
        share = stairs.state_share(first, first + WEEKS - 1)
        shown = percent(rounded(share, 4))
        weeks = f"{first}–{first + WEEKS - 1}"
        return Parted(
            _two(self.municipality, self.state, use, use.kroner * share),
            Sentence(
                f"Refusionstrappen, uge {weeks}: staten {shown.da}",
                f"Refusion staircase, weeks {weeks}: the state {shown.en}",
            ),
            stairs.source,
        )


@dataclass(frozen=True, slots=True)
class CentralRefundSplit(Split):
    """A social service whose yearly cost for one citizen is refunded above limits (section 176).

    The state saves what it refunds of ``yearly_cost`` less what it refunds of the changed cost.
    The limits are converted from their price year to the case's.

    Parameters
    ----------
    municipality, state : str
        Ids of the two payers.
    yearly_cost : int
        All social services of one citizen in a year without the intervention, kroner.
    price_year : int
        Of ``yearly_cost``.

    Examples
    --------
    >>> from optimizer.cases.examples import TERMS_2022
    >>> split = CentralRefundSplit("kommune", "stat", 2_500_000, 2022)
    >>> parted = split.parts(Use(2022, 0, Fraction(-1), Fraction(380_000)), TERMS_2022)
    >>> {payer: int(part) for payer, part in parted.by_payer.items()}
    {'kommune': 95000, 'stat': 285000}
    """

    rule: ClassVar[str] = "central_refund"
    municipality: str
    state: str
    yearly_cost: int
    price_year: int

    @property
    def payers(self) -> tuple[str, ...]:
        """Return the two payers."""
        return (self.municipality, self.state)

    def parts(self, use: Use, terms: Terms) -> Parted:
        """Return the parts by the limits in force in the year of the change."""
        limits = in_force(terms.rules.central, use.year)
        level = terms.kroner(1, price_year=limits.price_year)
        cost = terms.kroner(self.yearly_cost, price_year=self.price_year)
        saved = limits.refund(cost / level) - limits.refund((cost - use.kroner) / level)
        year = limits.price_year
        return Parted(
            _two(self.municipality, self.state, use, saved * level),
            Sentence(
                f"Central refusion, serviceloven § 176, beløbsgrænser {year}",
                f"Central refund, Social Services Act section 176, limits of {year}",
            ),
            limits.source,
        )


@dataclass(frozen=True, slots=True)
class ShelterSplit(Split):
    """Days in a shelter (section 110): the state pays a share of the first days of a year.

    Units are days. The days saved are the last ones, so that those above the most days refunded
    are the municipality's alone.

    Parameters
    ----------
    municipality, state : str
        Ids of the two payers.
    days_without : int
        Days that the citizen would use in a year without the intervention.

    Examples
    --------
    >>> from optimizer.cases.examples import TERMS
    >>> split = ShelterSplit("kommune", "stat", days_without=150)
    >>> fewer = Use(2025, 0, Fraction(-60), Fraction(1000))
    >>> {payer: int(part) for payer, part in split.parts(fewer, TERMS).by_payer.items()}
    {'kommune': 45000, 'stat': 15000}
    """

    rule: ClassVar[str] = "shelter"
    municipality: str
    state: str
    days_without: int

    @property
    def payers(self) -> tuple[str, ...]:
        """Return the two payers."""
        return (self.municipality, self.state)

    def parts(self, use: Use, terms: Terms) -> Parted:
        """Return the parts by the most days refunded in the year of the change."""
        limit = in_force(terms.rules.shelter, use.year)
        left = self.days_without + use.quantity
        days = limit.refunded_days(self.days_without) - limit.refunded_days(left)
        share = percent(limit.share)
        most = (
            Sentence("alle dage", "every day")
            if limit.days is None
            else Sentence(f"højst {limit.days} dage om året", f"at most {limit.days} days a year")
        )
        return Parted(
            _two(self.municipality, self.state, use, days * use.price * limit.share),
            Sentence(
                f"Herberg, serviceloven § 110: staten {share.da}, {most.da}",
                f"Shelter, section 110: the state {share.en}, {most.en}",
            ),
            limit.source,
        )


#: every split by the word that stands for it in a document
SPLITS: Mapping[str, type[Split]] = {
    cls.rule: cls
    for cls in (FixedShares, DatedShares, RefusionSplit, CentralRefundSplit, ShelterSplit)
}
