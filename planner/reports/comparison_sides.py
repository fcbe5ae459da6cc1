"""One scenario of a comparison, with the figures that it is compared by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from flask_babel import gettext as _

from optimizer import Allocation, Intervention, Option, Plan
from optimizer.payers import Level
from optimizer.sentence import listing
from planner.formats import Language
from planner.reports.stored import citizens_measure, own_payers, own_purses

Chosen = tuple[Intervention, Option, Fraction]


@dataclass(frozen=True)
class Side:
    """One scenario with a plan.

    Parameters
    ----------
    title : str
        Its name, different from those of the other sides.
    state : str
        Code of its state, such as ``scenario.draft``.
    versions : mapping of intervention id to int
        Which version of each business case it uses.
    addresses : mapping of intervention id to str
        The pages that the reader may see.
    """

    title: str
    href: str
    state: str
    strategy: str
    allocation: Allocation
    version: int
    calculated: str
    versions: Mapping[str, int] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan that was allocated."""
        return self.allocation.plan

    @property
    def has_own(self) -> bool:
        """Whether the plan has a purse of the municipality."""
        return bool(own_payers(self.plan))

    @cached_property
    def own(self) -> frozenset[str]:
        """The municipality's purses; all purses where it has none."""
        return own_purses(self.plan)

    def _sum(self, payers: Iterable[str], part: str) -> Fraction:
        totals = self.allocation.payer_totals
        return sum((getattr(totals[p], part) for p in payers), Fraction(0))

    @cached_property
    def period(self) -> Fraction:
        """The municipality's net in the budget period, kroner."""
        return self._sum(self.own, "budget_period")

    @cached_property
    def after(self) -> Fraction | None:
        """The municipality's net after the budget period; None where nothing lies after it."""
        if self.plan.horizon[1] <= self.plan.budget_period[1]:
            return None
        return self._sum(self.own, "after")

    @cached_property
    def discounted(self) -> Fraction:
        """The municipality's discounted net over all years, kroner."""
        return self._sum(self.own, "discounted")

    def at_level(self, *levels: Level) -> Fraction | None:
        """Return the net of all purses of some levels over all years; None without such a purse."""
        payers = [p.id for p in self.plan.payers if p.level in levels]
        return self._sum(payers, "horizon") if payers else None

    @cached_property
    def citizens(self) -> Fraction | None:
        """Citizens in the funded interventions, counted as courses; None where not measured."""
        measure = citizens_measure(self.plan)
        if measure is None:
            return None
        return self.allocation.appraisal.measured(self.allocation.choice, measure)

    @property
    def invested(self) -> Fraction:
        """All outlay, kroner."""
        return self.allocation.invested

    @cached_property
    def pool(self) -> int:
        """All the money of the pools, kroner."""
        return sum((pool.amount for pool in self.plan.scenario.pools), 0)

    @cached_property
    def spent(self) -> Fraction:
        """What is laid out from the pools, kroner."""
        years = (year for pool in self.allocation.pools.values() for year in pool)
        return sum((year.outlay for year in years), Fraction(0))

    @cached_property
    def stars(self) -> Fraction | None:
        """Mean evidence stars weighted by outlay; None where nothing is invested."""
        if not self.invested:
            return None
        weighted = sum(
            (
                i.evidence_stars * z * self.allocation.appraisal.outlay(o)
                for i, o, z in self.chosen.values()
            ),
            Fraction(0),
        )
        return weighted / self.invested

    @cached_property
    def chosen(self) -> dict[str, Chosen]:
        """The funded interventions with option and scale, by id, in the plan's order."""
        found = self.allocation.appraisal.chosen(self.allocation.choice)
        return {i.id: (i, o, z) for _key, i, o, z in found}


Measured = Callable[[Side], Fraction | int | None]


@dataclass(frozen=True)
class Sides:
    """The scenarios that are compared, in the order that they were asked for."""

    all: tuple[Side, ...]
    language: Language

    @property
    def first(self) -> Side:
        """The first of them."""
        return self.all[0]

    def names(self, sides: Iterable[Side] | None = None) -> str:
        """Return the titles as words: ``A, B og C``."""
        return self.words([s.title for s in (self.all if sides is None else sides)])

    def words(self, parts: Sequence[str]) -> str:
        """Return parts as words: ``a, b og c``."""
        return listing(list(parts)).say(self.language)

    def shared(self, value: Callable[[Side], object]) -> bool:
        """Return whether all sides have the same value."""
        return all(value(side) == value(self.first) for side in self.all)

    @property
    def are_comparable(self) -> bool:
        """Whether their amounts are of the same price year and the same years."""
        return self.shared(lambda s: (s.plan.price_year, s.plan.budget_period, s.plan.horizon))

    @property
    def have_own(self) -> bool:
        """Whether every plan has a purse of the municipality."""
        return all(side.has_own for side in self.all)

    @property
    def owner(self) -> str:
        """Whose net is shown."""
        return str(_("the municipality") if self.have_own else _("all purses"))

    def known(self, measured: Measured) -> dict[int, Fraction]:
        """Return what is known of a measure, by the side's place."""
        values = {place: measured(side) for place, side in enumerate(self.all)}
        return {place: Fraction(value) for place, value in values.items() if value is not None}

    def best(self, measured: Measured) -> list[Side]:
        """Return the sides with the greatest value; several where they are equal."""
        values = self.known(measured)
        if not values:
            return []
        top = max(values.values())
        return [self.all[place] for place, value in values.items() if value == top]

    def ordered(self, measured: Measured) -> list[tuple[Side, Fraction]]:
        """Return the sides with their values, the greatest first."""
        values = self.known(measured)
        places = sorted(values, key=lambda place: (-values[place], place))
        return [(self.all[place], values[place]) for place in places]
