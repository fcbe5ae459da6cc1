"""What a reader asks of one business case: its figures, payer by payer, and two what-ifs.

Every sum is made by :mod:`optimizer.appraisal`; this module only says which flows belong to which
figure, and divides. Results are exact, nothing is rounded but the halved kroner of a what-if.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from optimizer.appraisal import Appraisal, Selection, Years
from optimizer.intervention import Case, CashFlow, FlowKind, Option
from optimizer.payers import Category, Level, Payer

#: names under which plan files count the people that an option helps
CITIZEN_MEASURES = ("citizens", "borgere")
#: names under which they count the people that reach the goal because of the option
SUCCESS_MEASURES = ("extra_successes", "ekstra_succeser", "ekstra succeser")
SPENDING = frozenset({FlowKind.OUTLAY, FlowKind.COST})
SAVING = frozenset({FlowKind.SAVING})


class Meaningless(StrEnum):
    """Why a ratio or a price cannot be given."""

    NO_SPENDING = "no_spending"
    NO_CITIZENS = "no_citizens"


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient, or the reason why there is none."""

    value: Fraction | None
    why: Meaningless | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """The same figure in the bad, the likely and the good case, kroner."""

    low: Fraction
    expected: Fraction
    high: Fraction

    @property
    def is_wide(self) -> bool:
        """Return whether anything but one number was estimated."""
        return self.low != self.high


@dataclass(frozen=True, slots=True)
class PayerFigures:
    """What one purse pays and gets over the horizon, kroner; outlay and cost are never positive."""

    payer: Payer
    outlay: Fraction
    cost: Fraction
    saving: Fraction
    before: Fraction
    budget_period: Fraction
    after: Fraction
    horizon: Fraction
    discounted: Fraction

    @property
    def is_touched(self) -> bool:
        """Return whether any money of this purse moves."""
        return any((self.outlay, self.cost, self.saving))


@dataclass(frozen=True)
class CaseFigures:
    """The figures of one option, at scale 1, as some purses see it.

    Parameters
    ----------
    appraisal : Appraisal
        Knows the budget period, the horizon and the discounting.
    option : Option
        Its flows lie within the horizon.
    payers : frozenset of str or None
        Whose purse; None: every payer's.

    Examples
    --------
    >>> figures = CaseFigures(appraisal, option, frozenset({"kommune"}))  # doctest: +SKIP
    >>> figures.budget_period, figures.after, figures.payback_year        # doctest: +SKIP
    (Fraction(43300000, 1), Fraction(117000000, 1), 2018)
    """

    appraisal: Appraisal
    option: Option
    payers: frozenset[str] | None = None

    def total(
        self,
        years: Years | None = None,
        *,
        kinds: frozenset[FlowKind] | None = None,
        case: Case = Case.EXPECTED,
        discounted: bool = False,
        cashable_only: bool = False,
    ) -> Fraction:
        """Return the sum of the flows that are asked for, kroner."""
        return self.appraisal.total(
            self.option.flows,
            Selection(
                payers=self.payers,
                years=years,
                kinds=kinds,
                case=case,
                discounted=discounted,
                cashable_only=cashable_only,
            ),
        )

    # ---- inside the budget period, and after it ----

    @cached_property
    def outlay(self) -> int:
        """Return what all payers together invest, a positive number of kroner."""
        return self.appraisal.outlay(self.option)

    @cached_property
    def before(self) -> Fraction:
        """Return the net of the years before the budget period, kroner."""
        plan = self.appraisal.plan
        return self.total((plan.horizon[0], plan.budget_year - 1))

    @cached_property
    def budget_period(self) -> Fraction:
        """Return the net of the budget period, kroner."""
        return self.total(self.appraisal.plan.budget_period)

    @cached_property
    def after(self) -> Fraction:
        """Return the net of the years after the budget period, kroner."""
        plan = self.appraisal.plan
        return self.total((plan.budget_period[1] + 1, plan.horizon[1]))

    @cached_property
    def net(self) -> Fraction:
        """Return the net of the whole horizon, undiscounted kroner."""
        return self.total()

    @cached_property
    def npv(self) -> Fraction:
        """Return the expected net present value at the budget year, kroner."""
        return self.total(discounted=True)

    @cached_property
    def npv_band(self) -> Band:
        """Return the net present value in the low, the expected and the high case."""
        low, high = (self.total(case=case, discounted=True) for case in (Case.LOW, Case.HIGH))
        return Band(low, self.npv, high)

    # ---- spending and savings ----

    @cached_property
    def spent(self) -> Fraction:
        """Return outlay and cost over the horizon, a positive number of kroner."""
        return -self.total(kinds=SPENDING)

    @cached_property
    def saved(self) -> Fraction:
        """Return the savings over the horizon, undiscounted kroner."""
        return self.total(kinds=SAVING)

    @cached_property
    def cashable(self) -> Fraction:
        """Return the part of the savings that somebody's budget is cut by, kroner."""
        return self.total(kinds=SAVING, cashable_only=True)

    # ---- by year ----

    def by_year(self, case: Case = Case.EXPECTED) -> Mapping[int, int]:
        """Return the net of each year of the horizon, kroner."""
        return self.appraisal.by_year(self.option.flows, Selection(payers=self.payers, case=case))

    def cumulative(
        self, case: Case = Case.EXPECTED, *, kinds: frozenset[FlowKind] | None = None
    ) -> Mapping[int, int]:
        """Return the net so far by year of the horizon, kroner; ``kinds`` None: of every kind."""
        return self.appraisal.cumulative(
            self.option.flows, Selection(payers=self.payers, case=case, kinds=kinds)
        )

    def payback_in(self, case: Case) -> int | None:
        """Return the first year from which the net so far stays >= 0; None: not shown years."""
        if not self.has_money:
            return None
        return self.appraisal.payback_year(self.option.flows, self.payers, case=case)

    @cached_property
    def payback_year(self) -> int | None:
        """Return the year in which the expected case is paid back; None: never, or no money."""
        return self.payback_in(Case.EXPECTED)

    @cached_property
    def has_money(self) -> bool:
        """Return whether any of these purses pays or gets anything."""
        return any(
            flow.amount or flow.low or flow.high
            for flow in self.option.flows
            if self.payers is None or flow.payer in self.payers
        )

    # ---- quotients ----

    @cached_property
    def citizens(self) -> Fraction | None:
        """Return how many people (courses, strictly) the option helps; None: nobody has said."""
        return citizens_of(self.option)

    @cached_property
    def benefit_cost(self) -> Ratio:
        """Return present value of savings / present value of outlay and cost.

        Above 1 the purses get more than they pay. Without spending there is no ratio.
        """
        spent = -self.total(kinds=SPENDING, discounted=True)
        if not spent:
            return Ratio(None, Meaningless.NO_SPENDING)
        return Ratio(self.total(kinds=SAVING, discounted=True) / spent)

    @cached_property
    def price_per_citizen(self) -> Ratio:
        """Return outlay and cost / citizens, undiscounted kroner; savings are not taken off."""
        if not self.citizens:
            return Ratio(None, Meaningless.NO_CITIZENS)
        if not self.spent:
            return Ratio(None, Meaningless.NO_SPENDING)
        return Ratio(self.spent / self.citizens)


def citizens_of(option: Option) -> Fraction | None:
    """Return the total of the measure that counts citizens; None where there is none."""
    return measured(option, CITIZEN_MEASURES)


def measured(option: Option, names: Iterable[str]) -> Fraction | None:
    """Return the total of the measure that has one of the names; None where there is none."""
    name = _named(option.measures, names)
    return None if name is None else option.measures[name].total


def citizens_name(measures: Iterable[str]) -> str | None:
    """Return the name among some measures that counts citizens; None where there is none."""
    return _named(measures, CITIZEN_MEASURES)


def _named(measures: Iterable[str], wanted: Iterable[str]) -> str | None:
    named = {name.casefold(): name for name in measures}
    return next((named[name] for name in wanted if name in named), None)


def own_payers(payers: Iterable[Payer]) -> frozenset[str] | None:
    """Return the municipality's purses; None (every purse) in a plan that has none."""
    own = frozenset(payer.id for payer in payers if payer.level is Level.MUNICIPALITY)
    return own or None


def payer_figures(appraisal: Appraisal, option: Option) -> list[PayerFigures]:
    """Return what each payer of the plan pays and gets, in the order of the plan."""
    found = []
    for payer in appraisal.plan.payers:
        figures = CaseFigures(appraisal, option, frozenset({payer.id}))
        found.append(
            PayerFigures(
                payer=payer,
                outlay=figures.total(kinds=frozenset({FlowKind.OUTLAY})),
                cost=figures.total(kinds=frozenset({FlowKind.COST})),
                saving=figures.saved,
                before=figures.before,
                budget_period=figures.budget_period,
                after=figures.after,
                horizon=figures.net,
                discounted=figures.npv,
            )
        )
    return found


def category_totals(
    appraisal: Appraisal, option: Option, payer: str, category: Category
) -> Mapping[int, int]:
    """Return one payer's net in one control category by year of the horizon, kroner."""
    return appraisal.by_year(option.flows, Selection(payers=frozenset({payer}), category=category))


# ---- what if ----


def weaker(option: Option, share: Fraction) -> Option:
    """Return the option with every saving reduced to ``share``; outlay and cost stay.

    Halved kroner are rounded towards zero, so that no saving is made larger than it would be.
    """
    return replace(option, flows=tuple(_weaker_flow(flow, share) for flow in option.flows))


def _weaker_flow(flow: CashFlow, share: Fraction) -> CashFlow:
    if flow.kind is not FlowKind.SAVING:
        return flow
    low, amount, high = (int(value * share) for value in (flow.low, flow.amount, flow.high))
    return replace(flow, low=low, amount=amount, high=high)


def later(option: Option, years: int, last_year: int) -> Option:
    """Return the option with every saving ``years`` later; what falls after ``last_year`` is lost.

    Outlay and cost stay where they are: the money is spent, the effect comes late.
    """
    flows = (
        replace(flow, year=flow.year + years) if flow.kind is FlowKind.SAVING else flow
        for flow in option.flows
    )
    return replace(option, flows=tuple(flow for flow in flows if flow.year <= last_year))
