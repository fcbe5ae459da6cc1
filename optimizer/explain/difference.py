"""Why two allocations differ: the change of the best plan, attributed step by step.

From the first plan to the second, one thing is exchanged at a time, in a stated order: pools,
limits, the goal, cases, assumptions. After each the best plan is found; the differences between one
and the next add up to the whole, exactly. Another order attributes otherwise: that is said, not
hidden. A step that leaves no valid or no possible plan is taken together with the next.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from optimizer.allocating import allocate
from optimizer.allocation import Allocation
from optimizer.errors import PlanErrors
from optimizer.explain.known import taken
from optimizer.planfile import plan_document, plan_from_document
from optimizer.scenario import Plan
from optimizer.sentence import Sentence


class Change(StrEnum):
    """What is exchanged in one step."""

    POOLS = "pools"
    LIMITS = "limits"
    GOAL = "goal"
    CASES = "cases"
    ASSUMPTIONS = "assumptions"

    @property
    def label(self) -> Sentence:
        """Return the words of the interface."""
        return _LABELS[self]


_LABELS = {
    Change.POOLS: Sentence("puljen", "the pool"),
    Change.LIMITS: Sentence("rammerne", "the limits"),
    Change.GOAL: Sentence("målet", "the goal"),
    Change.CASES: Sentence("indsatserne og deres cases", "the interventions and their cases"),
    Change.ASSUMPTIONS: Sentence(
        "forudsætningerne (år, rente, udfald)", "the assumptions (years, rates, outcomes)"
    ),
}
ORDER = tuple(Change)


@dataclass(frozen=True, slots=True)
class Part:
    """What one change, or several that only make sense together, adds to the objective.

    ``enters`` and ``leaves`` are what the best plan takes in and leaves out by it.
    """

    changes: tuple[Change, ...]
    adds: Fraction
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    is_proved: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two allocations, in parts that add up to it."""

    first: Fraction
    second: Fraction
    parts: tuple[Part, ...]

    @property
    def whole(self) -> Fraction:
        """Return the second objective minus the first."""
        return self.second - self.first


def difference(
    first: Allocation,
    second: Allocation,
    *,
    order: Sequence[Change] = ORDER,
    time_limit: float = 60.0,
    progress: Callable[[int, int], bool] | None = None,
) -> Difference:
    """Return why the second allocation's objective differs from the first's.

    Parameters
    ----------
    first, second : Allocation
    order : sequence of Change
        In which the changes are made.
    time_limit : float
        Seconds.
    progress : callable or None
        Called with (changes made, changes to make); returns True to stop, and the changes left are
        then taken together.

    Raises
    ------
    ValueError
        One of the two has no plan, or the order does not name every change once.

    Examples
    --------
    >>> from optimizer import allocate
    >>> from optimizer.explain import difference
    >>> from optimizer.explain.examples import small_plan
    >>> found = difference(allocate(small_plan()), allocate(small_plan(pool=11, at_least=3)))
    >>> int(found.whole), [(p.changes[0].value, int(p.adds), p.enters) for p in found.parts]
    (2000000, [('pools', 2000000, ('c',)), ('limits', 0, ())])
    """
    if first.objective is None or second.objective is None:
        message = "both allocations must have a plan"
        raise ValueError(message)
    if sorted(order) != sorted(ORDER):
        message = "the order must name every change once"
        raise ValueError(message)
    parts = _parts(first, second, order, time.perf_counter() + time_limit, progress)
    return Difference(first.objective, second.objective, tuple(parts))


def _parts(
    first: Allocation,
    second: Allocation,
    order: Sequence[Change],
    deadline: float,
    progress: Callable[[int, int], bool] | None,
) -> Iterator[Part]:
    """Yield the parts in order; changes without a plan between them are one part."""
    before, plan = first, first.plan
    waiting: list[Change] = []
    real = [change for change in order if _exchanged(plan, second.plan, change) != plan]
    stopped = False
    for done, change in enumerate(real, 1):
        waiting.append(change)
        plan = _exchanged(plan, second.plan, change)
        is_last = done == len(real)
        if stopped and not is_last:
            continue
        after = second if is_last else _allocated(plan, deadline)
        stopped = progress is not None and progress(done, len(real))
        if after is None or after.objective is None:
            continue
        yield _part(tuple(waiting), before, after)
        before, waiting = after, []
    if not real and first.objective != second.objective:  # one of them is not the best plan
        yield _part((), first, second)


def _part(changes: tuple[Change, ...], before: Allocation, after: Allocation) -> Part:
    was, now = taken(before.choice), taken(after.choice)
    names = dict.fromkeys(i.id for p in (before.plan, after.plan) for i in p.interventions)
    return Part(
        changes,
        (after.objective or Fraction(0)) - (before.objective or Fraction(0)),
        tuple(name for name in names if name in now - was),
        tuple(name for name in names if name in was - now),
        is_proved=before.status == after.status == "optimal",
    )


def _allocated(plan: Plan, deadline: float) -> Allocation | None:
    """Return the allocation of a plan between the two; None where it is no valid plan."""
    try:
        valid = plan_from_document(plan_document(plan))
    except PlanErrors:
        return None
    return allocate(valid, time_limit=max(0.0, deadline - time.perf_counter()))


def _exchanged(plan: Plan, other: Plan, change: Change) -> Plan:
    """Return a plan with one thing as in another."""
    return _EXCHANGES[change](plan, other)


def _pools(plan: Plan, other: Plan) -> Plan:
    return replace(plan, scenario=replace(plan.scenario, pools=other.scenario.pools))


def _limits(plan: Plan, other: Plan) -> Plan:
    limits = other.scenario.constraints
    return replace(plan, scenario=replace(plan.scenario, constraints=limits))


def _goal(plan: Plan, other: Plan) -> Plan:
    return replace(plan, scenario=replace(plan.scenario, objective=other.scenario.objective))


def _cases(plan: Plan, other: Plan) -> Plan:
    return replace(
        plan,
        interventions=other.interventions,
        relations=other.relations,
        payers=other.payers,
        departments=other.departments,
        horizon=other.horizon,
    )


def _assumptions(plan: Plan, other: Plan) -> Plan:
    return replace(
        other,
        interventions=plan.interventions,
        relations=plan.relations,
        payers=plan.payers,
        departments=plan.departments,
        horizon=plan.horizon,
        title=plan.title,
        scenario=plan.scenario,
    )


_EXCHANGES: Mapping[Change, Callable[[Plan, Plan], Plan]] = {
    Change.POOLS: _pools,
    Change.LIMITS: _limits,
    Change.GOAL: _goal,
    Change.CASES: _cases,
    Change.ASSUMPTIONS: _assumptions,
}
