"""The cut list: one nested order for smaller and larger pools, and what nesting costs.

Re-optimising at each size may throw out at 44 million what was in at 45; nobody can run a budget
meeting on that. Here every smaller plan is a part of the larger one: downwards from the plan, each
time the best of what is left; upwards, the best that keeps all that is in.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.allocation import Allocation
from optimizer.explain.known import taken
from optimizer.explain.limits import Limit, limits_of
from optimizer.explain.question import Question, Reply
from optimizer.explain.replanning import Replanner
from optimizer.intervention import Force, intervention_of
from optimizer.scenario import Plan


@dataclass(frozen=True, slots=True)
class Step:
    """The nested plan at one pool size.

    Parameters
    ----------
    amount : int
        What is paid into the pool in all, kroner.
    choice : mapping of option key to scale
    objective, best : Fraction or None
        Of the nested plan, and of the best plan at that size; None where there is none.
    enters, leaves : tuple of str
        Ids of the interventions that change compared with the next size nearer to the plan's own.
    is_proved : bool
        Whether both objectives are proved.
    """

    amount: int
    choice: Mapping[str, Fraction]
    objective: Fraction | None
    best: Fraction | None
    enters: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    is_proved: bool = True

    @property
    def cost(self) -> Fraction | None:
        """Return what nesting costs at this size."""
        if self.objective is None or self.best is None:
            return None
        return max(Fraction(0), self.best - self.objective)


@dataclass(frozen=True, slots=True)
class CutList:
    """The nested plans by ascending pool size."""

    pool: str
    steps: tuple[Step, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """Return the interventions in the order in which they enter as the pool grows."""
        names = (intervention_of(key) for step in self.steps for key in step.choice)
        return tuple(dict.fromkeys(names))


def cut_list(
    plan: Plan,
    allocation: Allocation,
    *,
    pool: str,
    amounts: Iterable[int],
    time_limit: float = 60.0,
    progress: Callable[[int, int], bool] | None = None,
) -> CutList:
    """Return nested plans for other sizes of a pool, from an allocation up and down.

    A pool that is paid in by year grows and shrinks in proportion. Each plan is the best that is
    nested; options of what stays may change.

    Parameters
    ----------
    plan : Plan
    allocation : Allocation
        The plan to begin from, at the pool's own size.
    pool : str
        Its id.
    amounts : iterable of int
        The other sizes, kroner.
    time_limit : float
        Seconds.
    progress : callable or None
        Called with (sizes done, sizes asked for); returns True to stop, and what is not done is
        left out.

    Examples
    --------
    >>> from optimizer import allocate
    >>> from optimizer.explain import cut_list
    >>> from optimizer.explain.examples import MILLION, small_plan
    >>> plan = small_plan()
    >>> sizes = [4 * MILLION, 8 * MILLION, 11 * MILLION]
    >>> found = cut_list(plan, allocate(plan), pool="p", amounts=sizes)
    >>> [(s.amount // MILLION, sorted(s.choice), int(s.cost)) for s in found.steps]
    [(4, ['a/base'], 0), (7, ['a/base', 'b/base'], 0), (8, ['a/base', 'b/base'], 0), \
(11, ['a/base', 'b/base', 'c/base'], 0)]
    >>> found.order
    ('a', 'b', 'c')
    """
    number = next(n for n, p in enumerate(plan.scenario.pools) if p.id == pool)
    own = plan.scenario.pools[number].amount
    sizes = sorted({*amounts, own})
    counter = _Counter(len(sizes) - 1, progress)
    nesting = _Nesting(plan, number, time.perf_counter() + time_limit, counter)
    start = Step(own, dict(allocation.choice), allocation.objective, allocation.objective)
    start = replace(start, is_proved=allocation.status == "optimal")
    smaller = nesting.walk(start, [size for size in reversed(sizes) if size < own], up=False)
    larger = nesting.walk(start, [size for size in sizes if size > own], up=True)
    return CutList(pool, (*reversed(smaller), start, *larger))


@dataclass(slots=True)
class _Counter:
    """Tells how many of the sizes are done, and keeps whether to stop."""

    total: int
    progress: Callable[[int, int], bool] | None
    done: int = 0
    stopped: bool = False

    def count(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.stopped = self.progress(self.done, self.total)


class _Nesting:
    """One model, asked at each size for the best plan and for the best that is nested."""

    def __init__(self, plan: Plan, number: int, deadline: float, counter: _Counter) -> None:
        self.plan, self.deadline, self.counter = plan, deadline, counter
        self.pool = plan.scenario.pools[number]
        self.replanner = Replanner(plan)
        path = f"scenario.pools[{number}]"
        self.limits = [one for one in limits_of(self.replanner.compilation) if one.path == path]
        self.forced = {i.id for i in plan.interventions if i.force is not None}

    def walk(self, start: Step, sizes: Sequence[int], *, up: bool) -> list[Step]:
        """Return the steps from a plan to ever larger, or ever smaller, pools."""
        steps: list[Step] = []
        before = start
        self.replanner.known.add(start.choice)
        for size in sizes:
            if self.counter.stopped:
                break
            moved = self._moved(size)
            best = self._best(Question(moved=moved))
            nested = self._best(Question(moved=moved, forces=self._kept(before, up=up)))
            step = self._step(size, before, best, nested)
            steps.append(step)
            before = step if step.objective is not None else before
            self.counter.count()
        return steps

    def _best(self, question: Question) -> Reply:
        return self.replanner.best(question, seconds=max(0.0, self.deadline - time.perf_counter()))

    def _kept(self, before: Step, *, up: bool) -> dict[str, Force | None]:
        """Return who must stay in on the way up, and who must stay out on the way down."""
        inside = taken(before.choice)
        return {
            i.id: Force.IN if up else Force.OUT
            for i in self.plan.interventions
            if (i.id in inside) == up and i.id not in self.forced
        }

    def _step(self, size: int, before: Step, best: Reply, nested: Reply) -> Step:
        now, was = taken(nested.choice or {}), taken(before.choice)
        order = [i.id for i in self.plan.interventions]
        has_plan = nested.objective is not None
        return Step(
            size,
            dict(nested.choice or {}),
            nested.objective,
            best.objective,
            tuple(name for name in order if has_plan and name in now - was),
            tuple(name for name in order if has_plan and name in was - now),
            is_proved=best.is_proved and nested.is_proved,
        )

    def _moved(self, size: int) -> tuple[tuple[Limit, int], ...]:
        """Return how much each year's row moves so that the pool holds ``size`` in all."""
        if self.pool.total is not None:
            return ((self.limits[0], size - self.pool.total),)
        own, new = self.pool.paid_in or {}, self.pool.resized(size).paid_in or {}
        years = [(limit, limit.year or 0) for limit in self.limits]
        return tuple((limit, new.get(year, 0) - own.get(year, 0)) for limit, year in years)
