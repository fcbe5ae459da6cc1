"""An allocation: which options are funded, judged exactly against every rule of the plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optimizer.appraisal import Appraisal, Choice, PayerTotals, Selection
from optimizer.compilation import ONE_KRONE, Compilation
from optimizer.constraints.fund import Contribution, OutcomeFund, contributions
from optimizer.intervention import FlowKind
from optimizer.pool import InvestmentPool
from optimizer.program import Exact, LazyRow, Row
from optimizer.scenario import Plan
from optimizer.sentence import Sentence, number, same

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.risk import Risk

MEASURE_TOLERANCE = Fraction(1, 10**6)
REPORTED = ("scenario.constraints", "scenario.pools", "relations")


def relative_gap(bound: Fraction, objective: Fraction) -> Fraction:
    """Return how far a bound lies above an objective, in times of its size (at least 1)."""
    return (bound - objective) / max(Fraction(1), abs(objective))


class Status(StrEnum):
    """Which of the five answers it is.

    Examples
    --------
    >>> Status("optimal") is Status.OPTIMAL
    True
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class RowResult:
    """One rule and how the allocation stands to it; numbers in the rule's own unit.

    Examples
    --------
    >>> from optimizer import evaluate
    >>> from optimizer.explain.examples import small_plan
    >>> row = evaluate(small_plan(), {"a/base": 1}).rows[0]
    >>> row.row.path, int(row.activity), int(row.slack), row.is_binding
    ('scenario.pools[0]', 3000000, 4000000, False)
    """

    row: Row
    activity: Fraction
    broken_by: Fraction
    is_kept: bool

    @property
    def slack(self) -> Fraction | None:
        """Return the room left, negative where broken."""
        return self.row.slack(self.activity)

    @property
    def is_binding(self) -> bool:
        """Return whether no room is left."""
        return self.slack is not None and self.slack <= 0


@dataclass(frozen=True, slots=True)
class PoolYear:
    """A pool in one year, kroner. ``paid_in`` is None for a pool with a total only."""

    year: int
    paid_in: int | None
    outlay: Fraction
    repaid: Fraction
    balance: Fraction


@dataclass(frozen=True, slots=True)
class SolverNote:
    """Who answered."""

    name: str = ""
    version: str = ""
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Swap:
    """A change that leaves the objective as it is and breaks nothing: another plan as good."""

    without: tuple[str, ...]
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LaterObjective:
    """The value of an objective that came after another, and what it could at most have been."""

    objective: Fraction
    bound: Fraction | None
    status: Status


@dataclass(frozen=True)
class Allocation:
    """A choice with its status, bound, and the exact value of every rule.

    ``choice`` maps ``intervention/option`` to scale; it is empty where there is no plan.
    ``objective`` is after soft prices; ``bound`` is what no plan can be better than. Of objectives
    in order they are the first one's, and ``later`` holds the others.

    Examples
    --------
    >>> from optimizer import allocate
    >>> from optimizer.explain.examples import small_plan
    >>> allocation = allocate(small_plan())
    >>> int(allocation.invested), [int(row.slack) for row in allocation.rows]
    (7000000, [0])
    >>> int(allocation.payer_totals["m"].budget_period)
    9000000
    """

    plan: Plan
    status: Status
    choice: Choice = field(default_factory=dict)
    objective: Fraction | None = None
    bound: Fraction | None = None
    rows: tuple[RowResult, ...] = ()
    solver: SolverNote | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    equally_good: tuple[Swap, ...] = ()
    later: tuple[LaterObjective, ...] = ()

    @property
    def has_plan(self) -> bool:
        """Return whether there is a choice to look at."""
        return self.objective is not None

    @property
    def gap(self) -> Fraction | None:
        """Return (bound - objective) / max(1, |objective|); None where a part is unknown."""
        if self.bound is None or self.objective is None:
            return None
        return relative_gap(self.bound, self.objective)

    @cached_property
    def appraisal(self) -> Appraisal:
        """Return the money mathematics of the plan."""
        return Appraisal(self.plan)

    @cached_property
    def invested(self) -> Fraction:
        """Return all outlay, kroner."""
        return self.appraisal.invested(self.choice)

    @cached_property
    def payer_totals(self) -> Mapping[str, PayerTotals]:
        """Return the net saving of every payer."""
        return self.appraisal.payer_totals(self.choice)

    @cached_property
    def pools(self) -> Mapping[str, tuple[PoolYear, ...]]:
        """Return every pool year by year."""
        return {p.id: self._pool_years(p) for p in self.plan.scenario.pools}

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        """Return what each payer puts into the outcome funds; empty without a fund or a plan."""
        funds = [c for c in self.plan.scenario.constraints if isinstance(c, OutcomeFund)]
        return tuple(
            part
            for fund in (funds if self.has_plan else ())
            for part in contributions(fund, self.appraisal, self.choice)
        )

    @cached_property
    def risk(self) -> "Risk | None":
        """Return the distribution of the net saving over the outcomes; None without outcomes."""
        if self.plan.outcomes is None or not self.has_plan:
            return None
        from optimizer.risk import risk_of  # noqa: PLC0415 - numpy takes a while to load

        return risk_of(self.plan, self.appraisal, self.choice)

    @property
    def broken(self) -> tuple[RowResult, ...]:
        """Return the hard rules that are not kept."""
        return tuple(r for r in self.rows if not r.is_kept and r.row.price is None)

    def _pool_years(self, pool: InvestmentPool) -> tuple[PoolYear, ...]:
        appraisal = self.appraisal
        mine = [c for c in appraisal.chosen(self.choice) if c[2].pool == pool.id]
        outlays = Selection(kinds=frozenset({FlowKind.OUTLAY}))
        years: list[PoolYear] = []
        spent = {year: Fraction(0) for year in self.plan.years}
        repaid = dict(spent)
        for key, _, option, scale in mine:
            for year, amount in appraisal.by_year(option.flows, outlays).items():
                spent[year] -= scale * amount
            for year, part in appraisal.repaid(key, option, pool).items():
                repaid[year] += scale * part
        balance = Fraction(pool.total or 0)
        for year in self.plan.years:
            paid_in = None if pool.paid_in is None else pool.paid_in.get(year, 0)
            if pool.paid_in is not None and not pool.carry_over:
                balance = Fraction(0)
            balance += (paid_in or 0) - spent[year] + repaid[year]
            years.append(PoolYear(year, paid_in, spent[year], repaid[year], balance))
        return tuple(years)

    def table(self) -> "pd.DataFrame":
        """Return one line an intervention: chosen option, scale, outlay and net saving, kroner."""
        from optimizer.tables import allocation_table  # noqa: PLC0415 - needs Allocation

        return allocation_table(self)

    def document(self, language: str = "da") -> dict[str, Any]:
        """Return the result document ``bundlinje-allocation/1``."""
        from optimizer.result import result_document  # noqa: PLC0415 - needs Allocation

        return result_document(self, language)


def judged(compilation: Compilation, choice: Choice) -> tuple[Fraction, tuple[RowResult, ...]]:
    """Return the exact objective of a choice, after soft prices, and every row's result."""
    values = compilation.values(choice)
    objective = compilation.program.value(values)
    results = []
    for row in compilation.program.rows:
        if row.tag == "cut":
            continue
        result = judged_row(row, values, compilation.scales)
        if row.price is not None:
            objective -= row.price * result.broken_by
        if row.tag != "definition" or not result.is_kept:
            results.append(result)
    # a soft one has its price in the objective already
    results.extend(judged_lazy(compilation, lazy, values) for lazy in compilation.lazy_rows)
    return objective, tuple(results)


def judged_lazy(compilation: Compilation, lazy: LazyRow, values: Sequence[Exact]) -> RowResult:
    """Return how a rule kept by cuts stands at given values, tolerances applied."""
    activity = lazy.activity(values)
    broken_by = compilation.broken_by(lazy, values, activity)
    return RowResult(lazy.row(), activity, broken_by, is_kept=not broken_by)


def judged_row(row: Row, values: Sequence[Exact], scalable: frozenset[int]) -> RowResult:
    """Return how a row stands at given values of all variables, tolerances applied."""
    activity = row.activity(values)
    broken_by = row.broken_by(activity)
    tolerance = Fraction(0)
    if broken_by:
        if row.tag == "measure":
            tolerance = MEASURE_TOLERANCE * row.magnitude(values)
        elif any(values[v] for v in scalable.intersection(row.terms)):
            tolerance = ONE_KRONE
        if broken_by <= tolerance:
            broken_by = Fraction(0)
    return RowResult(row, activity, broken_by, is_kept=not broken_by)


def reported(results: Iterable[RowResult]) -> tuple[RowResult, ...]:
    """Return constraints, pools and relations in the plan's order, and whatever else is broken."""
    rows = [r for r in results if r.row.path.startswith(REPORTED) or not r.is_kept]
    return tuple(sorted(rows, key=lambda result: place_of(result.row.path, result.row.year)))


def index_of(path: str) -> int:
    """Return the number in the brackets of a path; 0 where there are none."""
    return int(path.partition("[")[2].partition("]")[0] or 0)


def place_of(path: str, year: int | None) -> tuple[int, int, int]:
    """Return what sorts rows into the plan's order; what is not of the three families comes last.

    >>> place_of("scenario.pools[2]", 2028) < place_of("relations[0]", None)
    True
    """
    start = path.partition("[")[0]
    order = REPORTED.index(start) if start in REPORTED else len(REPORTED)
    return (order, index_of(path), year or 0)


def choice_problems(plan: Plan, choice: Choice) -> list[Sentence]:
    """Return what is wrong with a choice as such: unknown options, impossible scales."""
    problems = []
    for key, scale in choice.items():
        if key not in plan.options:
            problems.append(
                Sentence(f"»{key}« findes ikke i planen.", f"“{key}” is not in the plan.")
            )
            continue
        least = plan.options[key][1].minimum_scale
        low = Fraction(1) if least is None else least
        if not low <= scale <= 1:
            found, bound = number(scale), number(low)
            most = (
                same("")
                if low == 1
                else Sentence(f" fra {bound.da} til 1", f" from {bound.en} to 1")
            )
            only = "1" if low == 1 else ""
            problems.append(
                Sentence(
                    f"»{key}« kan ikke have omfang {found.da}; skriv {only}{most.da.strip()}.",
                    f"“{key}” cannot have scale {found.en}; write {only}{most.en.strip()}.",
                )
            )
    return problems
