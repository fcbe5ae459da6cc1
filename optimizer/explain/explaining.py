"""Explaining a plan: its best allocation, and an answer to every "why"."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from optimizer.allocating import allocate
from optimizer.allocation import Allocation, Status
from optimizer.answer import Answer
from optimizer.explain.conflict import Conflict, ConflictSearch
from optimizer.explain.loosening import WaysOut, ways_out
from optimizer.explain.prices import Price, Pricing
from optimizer.explain.question import Reply
from optimizer.explain.replanning import Replanner
from optimizer.explain.rows import LimitPrice, LimitPricing
from optimizer.scenario import Plan

#: the parts of the time that may go to finding the best plan, to proving it, to the conflict where
#: there is none; and the part of what is left that is kept for limits
TO_FIND, TO_PROVE, FOR_CONFLICT, FOR_LIMITS = 0.3, 0.2, 0.4, 0.4
#: relative: how near to its bound a plan is looked for before it is proved the very best
USUAL_GAP = 1e-6


class Phase(StrEnum):
    """What an explanation is working on."""

    BEST = "best"
    INTERVENTIONS = "interventions"
    LIMITS = "limits"
    CONFLICT = "conflict"


#: (phase, how many are done, of how many) -> True to stop
Progress = Callable[[Phase, int, int], bool]


@dataclass(frozen=True)
class Explanation:
    """The best plan, and why it is the best.

    Parameters
    ----------
    plan : Plan
    status : Status
        Which of the five answers the best plan is.
    choice : mapping of option key to scale
        The best plan; empty where there is none.
    objective : Fraction or None
    bound : Fraction or None
        What no plan can be better than; equal to the objective where it is proved best.
    prices : tuple of Price
        One an intervention, in the plan's order; empty where no plan exists.
    rows : tuple of LimitPrice
        One a limit and year; empty where no plan exists.
    conflict : Conflict or None
        Why no plan exists.
    ways_out : WaysOut
        What would make one possible.
    seconds : float
    counts : mapping
        How many relaxations and searches it took.
    """

    plan: Plan
    status: Status
    choice: Mapping[str, Fraction] = field(default_factory=dict)
    objective: Fraction | None = None
    bound: Fraction | None = None
    prices: tuple[Price, ...] = ()
    rows: tuple[LimitPrice, ...] = ()
    conflict: Conflict | None = None
    ways_out: WaysOut = field(default_factory=WaysOut)
    seconds: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_plan(self) -> bool:
        """Return whether there is a plan to explain."""
        return self.objective is not None

    @property
    def is_explained(self) -> bool:
        """Return whether there is a plan to explain, or a proof that there is none."""
        return self.has_plan or self.status is Status.INFEASIBLE

    @cached_property
    def price_of(self) -> Mapping[str, Price]:
        """Return the prices by intervention id."""
        return {price.intervention: price for price in self.prices}

    def document(self, language: str = "da") -> dict[str, Any]:
        """Return the document ``bundlinje-explanation/1``, its labels in one language."""
        from optimizer.explain.document import explanation_document  # noqa: PLC0415 - needs this

        return explanation_document(self, language)

    def text(self, language: str = "da") -> str:
        """Return the explanation as lines that a person can read."""
        from optimizer.explain.text import explanation_text  # noqa: PLC0415 - needs this

        return explanation_text(self, language)


def explain(
    plan: Plan,
    *,
    allocation: Allocation | None = None,
    interventions: bool = True,
    rows: bool = True,
    time_limit: float = 60.0,
    gap: float = 0.0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Explanation:
    """Return why the best plan is the best; or, where none exists, why and what would help.

    Parameters
    ----------
    plan : Plan
    allocation : Allocation or None
        An allocation of the same plan, to begin from: where it is one of the best plans, it is the
        one that is explained.
    interventions, rows : bool
        Whether to price every intervention, and every limit.
    time_limit : float
        Seconds. What they do not suffice to prove is bounded: see ``Price.gap``.
    gap : float
        Relative to the best plan's size: a plan, and a price, known within it is exact enough, and
        the time goes to the others. 0 asks for everything exactly.
    threads : int
    progress : callable or None
        Called with (phase, how many are done, of how many); returns True to stop.

    Examples
    --------
    >>> from optimizer.explain import explain
    >>> from optimizer.explain.examples import small_plan
    >>> explanation = explain(small_plan())
    >>> int(explanation.objective)
    9000000
    >>> price = explanation.price_of["c"]
    >>> price.chosen, int(price.price), price.replaced_by
    (False, 1000000, ('b',))
    >>> price.blocked_by[0].path
    'scenario.pools[0]'
    """
    began = time.perf_counter()
    explainer = Explainer(
        plan,
        allocation=allocation,
        time_limit=time_limit,
        gap=gap,
        threads=threads,
        progress=progress,
    )
    found = explainer.explanation(interventions=interventions, rows=rows)
    object.__setattr__(found, "seconds", time.perf_counter() - began)
    return found


class Explainer:
    """A plan with its best allocation, ready to answer single questions at once.

    A page asks it for one intervention (``explainer.pricing.prices([name], seconds=5)``) or one
    limit (``explainer.limits.price(limit)``); :meth:`explanation` asks for everything.

    Examples
    --------
    >>> from optimizer.explain import Explainer
    >>> from optimizer.explain.examples import small_plan
    >>> explainer = Explainer(small_plan())
    >>> (price,) = explainer.pricing.prices(["b"], seconds=5)
    >>> int(price.price_of_leaving_out), price.replaced_by
    (1000000, ('c',))
    >>> row = explainer.limits.price(explainer.limits.limits[0])
    >>> row.price, int(row.more_buys), int(row.less_costs)
    (0.5, 0, 3000000)
    """

    def __init__(
        self,
        plan: Plan,
        *,
        allocation: Allocation | None = None,
        time_limit: float = 60.0,
        gap: float = 0.0,
        threads: int = 1,
        progress: Progress | None = None,
    ) -> None:
        self.plan = plan
        self._deadline = time.perf_counter() + time_limit
        self._progress = progress
        self._time_limit = time_limit
        self._is_stopped = False
        self.gap = Fraction(gap)
        self.replanner = Replanner(plan, threads=threads, is_cancelled=lambda: self._is_stopped)
        self._report(Phase.BEST, 0, 1)
        self.best = self._best(allocation, threads)
        self.pricing = Pricing(self.replanner, self.best, gap=self.gap)
        self.limits = LimitPricing(self.replanner, self.best)

    def explanation(self, *, interventions: bool = True, rows: bool = True) -> Explanation:
        """Return everything."""
        if not self.best.has_plan:
            return self._without_plan()
        prices: tuple[Price, ...] = ()
        limit_prices: tuple[LimitPrice, ...] = ()
        if interventions:
            seconds = self._left * (1 - FOR_LIMITS) if rows else self._left
            names = [i.id for i in self.plan.interventions]
            prices = self.pricing.prices(
                names, seconds=seconds, progress=self._reporter(Phase.INTERVENTIONS)
            )
            self.best = self.limits.best = self.pricing.best
        if rows:
            reporter = self._reporter(Phase.LIMITS)
            limit_prices = self.limits.prices(seconds=self._left, progress=reporter)
        return Explanation(
            self.plan,
            Status.OPTIMAL if self.best.is_proved else Status.FEASIBLE,
            choice=dict(self.best.choice or {}),
            objective=self.best.objective,
            bound=self.best.bound,
            prices=prices,
            rows=limit_prices,
            counts=dict(self.replanner.counts),
        )

    def _without_plan(self) -> Explanation:
        if self.best.answer is not Answer.INFEASIBLE:
            status = Status(self.best.answer.value)
            return Explanation(self.plan, status, counts=dict(self.replanner.counts))
        self._report(Phase.CONFLICT, 0, 1)
        search = ConflictSearch(self.replanner, seconds=self._left * FOR_CONFLICT)
        conflict = search.conflict()
        found = ways_out(self.replanner, search, conflict, seconds=self._left)
        return Explanation(
            self.plan,
            Status.INFEASIBLE,
            conflict=conflict,
            ways_out=found,
            counts=dict(self.replanner.counts),
        )

    def _best(self, allocation: Allocation | None, threads: int) -> Reply:
        """Return the best plan: the allocation that ``allocate`` gives, if nothing beats it."""
        if allocation is None:
            seconds = self._time_limit * TO_FIND
            wanted = max(USUAL_GAP, float(self.gap))
            allocation = allocate(self.plan, gap=wanted, time_limit=seconds, threads=threads)
        if allocation.has_plan:
            self.replanner.known.add(allocation.choice)
        reply = self.replanner.best(seconds=self._time_limit * TO_PROVE, gap=self.gap)
        if reply.objective is not None and reply.objective == allocation.objective:
            known = self.replanner.known.add(allocation.choice)
            reply = replace(reply, choice=known.choice)
        if reply.has_plan and reply.bound is None:  # however little time: else nothing is bounded
            reply = replace(reply, bound=self.replanner.bound().bound)
        return reply

    # ---- time ----

    @property
    def _left(self) -> float:
        return max(0.0, self._deadline - time.perf_counter())

    def _report(self, phase: Phase, done: int, total: int) -> bool:
        if self._progress is not None and self._progress(phase, done, total):
            self._is_stopped = True
        return self._is_stopped

    def _reporter(self, phase: Phase) -> Callable[[int, int], bool]:
        return lambda done, total: self._report(phase, done, total)
