"""The only money mathematics: every figure on a screen or in the objective is a sum here.

All results are exact: whole kroner as ``int``, and ``Fraction`` where a discount factor, a share or
a scale enters. Nothing is rounded in this module.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from optimizer.intervention import Case, CashFlow, FlowKind, Intervention, Option
from optimizer.payers import Category
from optimizer.pool import Available, InvestmentPool
from optimizer.relations import Overlap
from optimizer.scenario import DiscountStep, Plan

#: option key (``intervention/option``) to scale; an option that is a key is chosen
Choice = Mapping[str, Fraction]
Years = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which flows are added up, and how.

    Parameters
    ----------
    payers : frozenset of str or None
        None: every payer.
    years : (int, int) or None
        First and last year; None: every year.
    category : Category or None
    kinds : frozenset of FlowKind or None
    cashable_only : bool
        Leave out savings that are not cashable; costs and outlays stay.
    case : Case
    discounted : bool
        To the budget year.

    Examples
    --------
    >>> Selection(payers=frozenset({"m"}), years=(2027, 2030), discounted=True).case.value
    'expected'
    """

    payers: frozenset[str] | None = None
    years: Years | None = None
    category: Category | None = None
    kinds: frozenset[FlowKind] | None = None
    cashable_only: bool = False
    case: Case = Case.EXPECTED
    discounted: bool = False

    def has(self, flow: CashFlow) -> bool:
        """Return whether the flow counts."""
        return (
            (self.payers is None or flow.payer in self.payers)
            and (self.years is None or self.years[0] <= flow.year <= self.years[1])
            and (self.category is None or flow.category is self.category)
            and (self.kinds is None or flow.kind in self.kinds)
            and (flow.cashable or not self.cashable_only)
        )


@dataclass(frozen=True)
class DiscountFactors:
    """factor(0) = 1; factor(n) = factor(n-1) / (1 + rate of the last step before n).

    n counts from the budget year; a year before it is compounded with the first rate. The factors
    are kept as whole numerators over one common denominator, so that sums stay in integers.

    Parameters
    ----------
    steps : tuple of DiscountStep
    budget_year : int
    years : range
        The horizon.

    References
    ----------
    Danish Ministry of Finance, key figures catalogue (2023): 3.5 %, 2.5 % and 1.5 %.
    """

    steps: tuple[DiscountStep, ...]
    budget_year: int
    years: range

    @cached_property
    def by_year(self) -> Mapping[int, Fraction]:
        """Return the exact factor of every year of the horizon and of the budget year."""
        factors = {self.budget_year: Fraction(1)}
        for year in range(self.budget_year + 1, self.years.stop):
            factors[year] = factors[year - 1] / (1 + self._rate(year - self.budget_year))
        first_rate = self.steps[0].rate if self.steps else Fraction(0)
        for year in range(self.budget_year - 1, self.years.start - 1, -1):
            factors[year] = factors[year + 1] * (1 + first_rate)
        return factors

    def _rate(self, n: int) -> Fraction:
        return next((s.rate for s in reversed(self.steps) if s.after_year < n), Fraction(0))

    @cached_property
    def denominator(self) -> int:
        """Return the common denominator of all factors."""
        return math.lcm(*(factor.denominator for factor in self.by_year.values()))

    @cached_property
    def numerator(self) -> Mapping[int, int]:
        """Return factor x denominator by year, whole numbers."""
        return {year: int(f * self.denominator) for year, f in self.by_year.items()}


@dataclass(frozen=True, slots=True)
class PayerTotals:
    """Net saving of one payer, kroner; ``discounted`` is over the whole horizon.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> totals = Appraisal(small_plan()).payer_totals({"a/base": Fraction(1)})
    >>> int(totals["m"].horizon), int(totals["m"].after)
    (6000000, 0)
    """

    before: Fraction
    budget_period: Fraction
    after: Fraction
    horizon: Fraction
    discounted: Fraction


@dataclass(frozen=True)
class Appraisal:
    """Sums over the flows of one plan.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> appraisal = Appraisal(small_plan())
    >>> int(appraisal.net({"a/base": Fraction(1)}, Selection()))
    6000000
    >>> appraisal.payback_year(appraisal.plan.options["a/base"][1].flows, None)
    2028
    """

    plan: Plan
    _repaid: dict[tuple[str, str], Mapping[int, Fraction]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def factors(self) -> DiscountFactors:
        """Return the discount factors of the plan."""
        return DiscountFactors(self.plan.discount, self.plan.budget_year, self.plan.years)

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Return the overlaps of the plan."""
        return tuple(r for r in self.plan.relations if isinstance(r, Overlap))

    # ---- one option ----

    def total(self, flows: Iterable[CashFlow], selection: Selection) -> Fraction:
        """Return the sum of the selected flows, kroner; discounted if the selection says so."""
        chosen = [flow for flow in flows if selection.has(flow)]
        case = selection.case
        if not selection.discounted:
            return Fraction(sum(flow.in_case(case) for flow in chosen))
        numerator = self.factors.numerator
        whole = sum(flow.in_case(case) * numerator[flow.year] for flow in chosen)
        return Fraction(whole, self.factors.denominator)

    def outlay(self, option: Option, year: int | None = None) -> int:
        """Return what the option invests at scale 1, a positive number of kroner."""
        return -sum(
            flow.amount
            for flow in option.flows
            if flow.kind is FlowKind.OUTLAY and (year is None or flow.year == year)
        )

    def payback_year(
        self,
        flows: Iterable[CashFlow],
        payers: frozenset[str] | None,
        *,
        case: Case = Case.EXPECTED,
    ) -> int | None:
        """Return the first year from which the cumulative undiscounted net stays >= 0.

        Years before the payers' first flow do not count: nothing is paid back before it is paid.
        None: never within the horizon.
        """
        mine = [flow for flow in flows if payers is None or flow.payer in payers]
        first = min((f.year for f in mine if f.in_case(case)), default=self.plan.horizon[0])
        so_far = self.cumulative(mine, Selection(case=case))
        return first_year_that_stays({y: net for y, net in so_far.items() if y >= first})

    def by_year(self, flows: Iterable[CashFlow], selection: Selection) -> dict[int, int]:
        """Return the selected flows added up by year of the horizon, undiscounted kroner."""
        sums = dict.fromkeys(self.plan.years, 0)
        for flow in flows:
            if selection.has(flow):
                sums[flow.year] += flow.in_case(selection.case)
        return sums

    def cumulative(self, flows: Iterable[CashFlow], selection: Selection) -> dict[int, int]:
        """Return the running sum of the selected flows by year of the horizon, kroner."""
        return running(self.by_year(flows, selection))

    def repaid(self, key: str, option: Option, pool: InvestmentPool) -> Mapping[int, Fraction]:
        """Return what the option repays to ``pool`` at scale 1, by the year it can be used.

        Each year ``share`` of max(0, that year's cashable savings to the named payers), together at
        most the option's whole outlay; nothing after the horizon.
        """
        known = self._repaid.get((key, pool.id))
        if known is None:
            known = self._repaid[key, pool.id] = self._repayment(option, pool)
        return known

    def _repayment(self, option: Option, pool: InvestmentPool) -> Mapping[int, Fraction]:
        terms = pool.repayment
        if terms is None or option.pool != pool.id:
            return {}
        savings = self.by_year(
            option.flows,
            Selection(
                payers=frozenset(terms.payers),
                kinds=frozenset({FlowKind.SAVING}),
                cashable_only=True,
                case=terms.case,
            ),
        )
        delay = 1 if terms.available is Available.NEXT_YEAR else 0
        left, repaid = Fraction(self.outlay(option)), {}
        for year, saving in savings.items():
            if saving <= 0 or not left:
                continue
            part = min(left, saving * terms.share)
            left -= part
            if part and year + delay <= self.plan.horizon[1]:
                repaid[year + delay] = Fraction(part)
        return repaid

    # ---- a choice ----

    def chosen(self, choice: Choice) -> list[tuple[str, Intervention, Option, Fraction]]:
        """Return (key, intervention, option, scale) of every chosen option, in plan order."""
        return [
            (key, intervention, option, choice[key])
            for key, (intervention, option) in self.plan.options.items()
            if key in choice
        ]

    def active_overlaps(
        self, choice: Choice, matching: frozenset[str] | None = None
    ) -> list[Overlap]:
        """Return the overlaps whose two interventions are both chosen.

        ``matching`` limits the chosen options that are looked at (the options of a filter).
        """
        if not self.overlaps:
            return []
        taken = {
            intervention.id
            for key, intervention, _, _ in self.chosen(choice)
            if matching is None or key in matching
        }
        return [o for o in self.overlaps if all(i in taken for i in o.interventions)]

    def net(
        self, choice: Choice, selection: Selection, matching: frozenset[str] | None = None
    ) -> Fraction:
        """Return the selected flows of a choice, overlap losses taken off, kroner."""
        total = sum(
            (
                scale * self.total(option.flows, selection)
                for key, _, option, scale in self.chosen(choice)
                if matching is None or key in matching
            ),
            Fraction(0),
        )
        for overlap in self.active_overlaps(choice, matching):
            total += self.total(overlap.flows(), selection)
        return total

    def net_by_year(self, choice: Choice, selection: Selection) -> dict[int, Fraction]:
        """Return the selected flows of a choice by year of the horizon, kroner."""
        sums = dict.fromkeys(self.plan.years, Fraction(0))
        for _, _, option, scale in self.chosen(choice):
            for year, amount in self.by_year(option.flows, selection).items():
                sums[year] += scale * amount
        for overlap in self.active_overlaps(choice):
            for year, amount in self.by_year(overlap.flows(), selection).items():
                sums[year] += amount
        return sums

    def invested(self, choice: Choice) -> Fraction:
        """Return all outlay of a choice, whichever pool or budget pays it; positive kroner."""
        return sum(
            (scale * self.outlay(option) for _, _, option, scale in self.chosen(choice)),
            Fraction(0),
        )

    def measured(self, choice: Choice, measure: str, year: int | None = None) -> Fraction:
        """Return the total of a measure over a choice, in its own unit."""
        return sum(
            (
                scale * option.measures[measure].in_year(year)
                for _, _, option, scale in self.chosen(choice)
                if measure in option.measures
            ),
            Fraction(0),
        )

    def payer_totals(self, choice: Choice) -> dict[str, PayerTotals]:
        """Return the net saving of every payer: before, in and after the budget period."""
        first, last = self.plan.budget_period
        start, end = self.plan.horizon
        totals = {}
        for payer in self.plan.payers:
            one = frozenset({payer.id})

            def within(years: Years, one: frozenset[str] = one) -> Fraction:
                return self.net(choice, Selection(payers=one, years=years))

            totals[payer.id] = PayerTotals(
                before=within((start, first - 1)),
                budget_period=within((first, last)),
                after=within((last + 1, end)),
                horizon=within((start, end)),
                discounted=self.net(choice, Selection(payers=one, discounted=True)),
            )
        return totals


def running(by_year: Mapping[int, int]) -> dict[int, int]:
    """Return the running sum of amounts by year, in ascending years."""
    result, so_far = {}, 0
    for year in sorted(by_year):
        so_far += by_year[year]
        result[year] = so_far
    return result


def first_year_that_stays(cumulative: Mapping[int, int | Fraction]) -> int | None:
    """Return the first year from which the cumulative sum stays >= 0; None if it never does."""
    answer = None
    for year in sorted(cumulative, reverse=True):
        if cumulative[year] < 0:
            break
        answer = year
    return answer
