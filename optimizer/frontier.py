"""Frontiers: the best objective at every size of a pool, or at every value of a limit.

One compiled plan is asked again and again with its bounds moved, not built anew for each point.
"""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from optimizer.allocation import Status, index_of, relative_gap
from optimizer.answer import Answer
from optimizer.appraisal import Appraisal
from optimizer.constraints.base import Constraint
from optimizer.errors import BundlinjeError
from optimizer.explain.limits import Limit, limits_of, with_limit
from optimizer.explain.question import Question, Reply
from optimizer.explain.replanning import Replanner
from optimizer.intervention import Option
from optimizer.planfile import plan_document, plan_from_document
from optimizer.pool import InvestmentPool
from optimizer.program import Exact
from optimizer.result import chosen_document
from optimizer.scenario import Plan
from optimizer.writing import number_or_null, plain_number

FORMAT = "bundlinje-frontier/1"
#: points of one task: the same whoever computes it, so that the answer is
CHUNK = 16
#: limits whose number is a bound of their row, so that moving it moves nothing else
MOVABLE = frozenset(
    {
        *("invested", "chosen", "measure", "net_saving", "cumulative"),
        *("changes", "disappointments", "expected_shortfall", "chance_of_loss"),
    }
)


class FrontierError(BundlinjeError):
    """What was asked for cannot be moved, or has no staircase.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> try:
    ...     frontier(small_plan(), PoolSize("none"), [1])
    ... except FrontierError as wrong:
    ...     print(wrong)
    there is no pool “none”
    """


@dataclass(frozen=True, slots=True)
class PoolSize:
    """The lever that makes a pool larger or smaller; one paid in by year moves in proportion."""

    pool: str

    def place(self, plan: Plan) -> str:
        """Return the path of the pool."""
        for number, pool in enumerate(plan.scenario.pools):
            if pool.id == self.pool:
                return f"scenario.pools[{number}]"
        message = f"there is no pool “{self.pool}”"
        raise FrontierError(message)

    def plan(self, plan: Plan, amount: Exact) -> Plan:
        """Return the plan with so many kroner in the pool."""
        number = index_of(self.place(plan))
        pools = list(plan.scenario.pools)
        pools[number] = self._resized(pools[number], amount)
        return replace(plan, scenario=replace(plan.scenario, pools=tuple(pools)))

    def moved(
        self, plan: Plan, limits: Sequence[Limit], amount: Exact
    ) -> list[tuple[Limit, Exact]]:
        """Return by how much each of the pool's rows moves."""
        pool = plan.scenario.pools[index_of(self.place(plan))]
        if pool.total is not None:
            return [(limits[0], amount - pool.total)]
        own, new = pool.paid_in or {}, self._resized(pool, amount).paid_in or {}
        return [(one, new.get(one.year or 0, 0) - own.get(one.year or 0, 0)) for one in limits]

    @staticmethod
    def _resized(pool: InvestmentPool, amount: Exact) -> InvestmentPool:
        if amount != int(amount) or amount < 0:
            message = f"a pool holds whole kroner, zero or more, not {plain_number(amount)}"
            raise FrontierError(message)
        try:
            return pool.resized(int(amount))
        except ValueError as wrong:
            raise FrontierError(str(wrong)) from wrong


@dataclass(frozen=True, slots=True)
class LimitBound:
    """The lever that moves the number of a limit: its ``at_most`` where it has one.

    Parameters
    ----------
    number : int
        Place of the limit among the scenario's constraints.
    """

    number: int

    def place(self, plan: Plan) -> str:
        """Return the path of the limit."""
        limits = plan.scenario.constraints
        if not 0 <= self.number < len(limits):
            message = f"there is no limit {self.number}"
            raise FrontierError(message)
        if limits[self.number].tag not in MOVABLE:
            message = f"a limit of the kind {limits[self.number].tag} has no number to move"
            raise FrontierError(message)
        return f"scenario.constraints[{self.number}]"

    def plan(self, plan: Plan, amount: Exact) -> Plan:
        """Return the plan with another number in the limit."""
        limit = self._limit(plan)
        changed: dict[str, Any] = {self._side(limit): amount}
        return with_limit(plan, self.number, replace(limit, **changed))

    def moved(
        self, plan: Plan, limits: Sequence[Limit], amount: Exact
    ) -> list[tuple[Limit, Exact]]:
        """Return by how much the limit's rows are loosened."""
        limit = self._limit(plan)
        side = self._side(limit)
        more = amount - getattr(limit, side)
        return [(limits[0], more if side == "at_most" else -more)]

    def _limit(self, plan: Plan) -> Constraint:
        self.place(plan)
        return plan.scenario.constraints[self.number]

    @staticmethod
    def _side(limit: Constraint) -> str:
        at_most, at_least = (getattr(limit, side, None) for side in ("at_most", "at_least"))
        if at_most is not None and at_least is not None:
            message = "a limit with two numbers has no single one to move"
            raise FrontierError(message)
        return "at_least" if at_most is None else "at_most"


Lever = PoolSize | LimitBound


@dataclass(frozen=True, slots=True)
class Point:
    """The best plan at one value of the lever; ``choice`` is empty where there is none."""

    amount: Exact
    status: Status
    objective: Fraction | None
    bound: Fraction | None
    choice: Mapping[str, Fraction]

    @property
    def gap(self) -> Fraction | None:
        """Return (bound - objective) / max(1, |objective|); None where a part is unknown."""
        if self.bound is None or self.objective is None:
            return None
        return relative_gap(self.bound, self.objective)


@dataclass(frozen=True, slots=True)
class Frontier:
    """The points by ascending amount, and the plan and lever that they come from.

    ``is_complete`` says of a staircase that every step is there.
    """

    source: Plan
    lever: Lever
    points: tuple[Point, ...]
    is_complete: bool = True

    def plan(self, point: Point) -> Plan:
        """Return the plan of a point: the source with the lever at its amount."""
        return self.lever.plan(self.source, point.amount)

    def document(self) -> dict[str, object]:
        """Return the document ``bundlinje-frontier/1`` of a pool's frontier."""
        key = "pool" if isinstance(self.lever, PoolSize) else "limit"
        place = (
            self.lever.pool if isinstance(self.lever, PoolSize) else self.lever.place(self.source)
        )
        appraisal = Appraisal(self.source)
        return {
            "format": FORMAT,
            key: place,
            "points": [_point_document(point, appraisal) for point in self.points],
        }


def _point_document(point: Point, appraisal: Appraisal) -> dict[str, object]:
    return {
        "amount": plain_number(point.amount),
        "status": point.status.value,
        "objective": number_or_null(point.objective),
        "bound": number_or_null(point.bound),
        "gap": None if point.gap is None else float(point.gap),
        "chosen": chosen_document(appraisal, point.choice),
    }


def even_steps(low: int, high: int, count: int) -> list[int]:
    """Return ``count`` whole amounts from low to high, evenly spread.

    Examples
    --------
    >>> even_steps(0, 10, 4)
    [0, 3, 6, 10]
    """
    if count == 1:
        return [low]
    return [low + (high - low) * step // (count - 1) for step in range(count)]


def frontier(
    plan: Plan,
    lever: Lever,
    amounts: Iterable[Exact],
    *,
    time_limit: float = 60.0,
    executor: Executor | None = None,
) -> Frontier:
    """Return the best plan at each of some values of a lever.

    Parameters
    ----------
    lever : PoolSize or LimitBound
        A pool's size; or a limit's number: a risk limit, citizens helped, or any other.
    amounts : iterable of numbers
        In the lever's unit.
    time_limit : float
        Seconds for each task of 16 points; what they do not suffice to prove has a bound.
    executor : concurrent.futures.Executor or None
        Who computes the tasks: processes of this machine, or a cluster. None: this process. The
        answer is the same.

    Raises
    ------
    FrontierError
        There is no such pool or limit, or its number cannot be moved.

    Examples
    --------
    >>> from optimizer.explain.examples import MILLION, small_plan
    >>> found = frontier(small_plan(), PoolSize("p"), [2 * MILLION, 7 * MILLION, 11 * MILLION])
    >>> [(p.amount // MILLION, int(p.objective) // MILLION) for p in found.points]
    [(2, 0), (7, 9), (11, 11)]
    """
    lever.place(plan)
    wanted = sorted(set(amounts))
    for amount in wanted:
        lever.plan(plan, amount)  # refused here, not in another process
    tasks = [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]
    if executor is None:
        parts = [_solved(plan, lever, task, time_limit) for task in tasks]
    else:
        document = plan_document(plan)
        waiting = [executor.submit(_task, document, lever, task, time_limit) for task in tasks]
        parts = [future.result() for future in waiting]
    return Frontier(plan, lever, tuple(point for part in parts for point in part))


def _task(
    document: dict[str, object], lever: Lever, amounts: Sequence[Exact], time_limit: float
) -> list[Point]:
    """Do one task from a document, which travels better than a plan."""
    return _solved(plan_from_document(document), lever, amounts, time_limit)


def _solved(plan: Plan, lever: Lever, amounts: Sequence[Exact], time_limit: float) -> list[Point]:
    """Return the points, the loosest last: plans that fit a tight limit fit a looser one."""
    model = _Model(plan, lever)
    deadline = time.perf_counter() + time_limit
    return [model.point(amount, deadline) for amount in amounts]


class _Model:
    """One compiled plan, asked at different values of a lever."""

    def __init__(self, plan: Plan, lever: Lever) -> None:
        self.plan, self.lever = plan, lever
        self.replanner = Replanner(plan)
        path = lever.place(plan)
        self.limits = [one for one in limits_of(self.replanner.compilation) if one.path == path]

    def is_paid(self, option: Option) -> bool:
        """Return whether the pool that is moved pays an option."""
        return isinstance(self.lever, PoolSize) and option.pool == self.lever.pool

    def point(self, amount: Exact, deadline: float) -> Point:
        """Return the best plan at one value."""
        moved = tuple(self.lever.moved(self.plan, self.limits, amount)) if self.limits else ()
        left = max(0.0, deadline - time.perf_counter())
        return _point(amount, self.replanner.best(Question(moved=moved), seconds=left))


def _point(amount: Exact, reply: Reply) -> Point:
    if reply.objective is None:
        proved = reply.answer is Answer.INFEASIBLE
        return Point(amount, Status.INFEASIBLE if proved else Status.NO_ANSWER, None, None, {})
    proved = reply.answer is Answer.OPTIMAL
    bound = reply.bound
    if proved and (bound is None or bound < reply.objective):
        bound = reply.objective
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    return Point(amount, status, reply.objective, bound, dict(reply.choice or {}))


# ---- the whole staircase ----


def staircase(
    plan: Plan, pool: str, low: int, high: int, *, most: int = 200, time_limit: float = 60.0
) -> Frontier:
    """Return every size of a pool at which the best objective changes, between two sizes.

    Of a pool with a total and options that are all or nothing: the best plan at a size is best for
    every smaller pool that still pays for it, so the next size asked for is one krone less than
    it costs. Each point's amount is the smallest pool with its objective; its plan costs just
    that.

    Parameters
    ----------
    low, high : int
        Kroner.
    most : int
        Steps after which it stops; ``is_complete`` says whether it did.

    Raises
    ------
    FrontierError
        The pool is paid in by year, or pays for scalable options: no staircase, but a curve.

    Examples
    --------
    >>> from optimizer.explain.examples import MILLION, small_plan
    >>> steps = staircase(small_plan(), "p", 0, 12 * MILLION).points
    >>> [(p.amount // MILLION, int(p.objective) // MILLION) for p in steps]
    [(0, 0), (3, 6), (7, 9), (11, 11)]
    """
    lever = PoolSize(pool)
    number = index_of(lever.place(plan))
    if plan.scenario.pools[number].total is None:
        message = "a pool that is paid in by year has no staircase"
        raise FrontierError(message)
    paid = [o for _, o in plan.options.values() if o.pool == pool]
    if any(o.minimum_scale is not None for o in paid):
        message = "a pool that pays for scalable options has no staircase, but a curve"
        raise FrontierError(message)
    model = _Model(plan, lever)
    deadline = time.perf_counter() + time_limit
    points = list(itertools.islice(_stepped(model, low, high, deadline), most))
    last = points[-1]
    is_complete = last.status is Status.INFEASIBLE or (
        last.status is Status.OPTIMAL and last.amount <= low
    )
    kept = [p for p in points if p.objective is not None]
    return Frontier(plan, lever, tuple(reversed(_merged(kept))), is_complete)


def _stepped(model: _Model, low: int, high: int, deadline: float) -> Iterator[Point]:
    """Yield the best plans downwards from the largest size, each at what it costs."""
    appraisal, size = Appraisal(model.plan), high
    while True:
        point = model.point(size, deadline)
        if point.status is not Status.OPTIMAL:
            yield replace(point, objective=None)  # not proved: no step
            return
        costs = sum(
            appraisal.outlay(option)
            for _, _, option, _ in appraisal.chosen(point.choice)
            if model.is_paid(option)
        )
        yield replace(point, amount=max(low, costs))
        if costs <= low:
            return
        size = costs - 1


def _merged(points: Sequence[Point]) -> list[Point]:
    """Return descending points without those that a smaller pool reaches as well."""
    merged: list[Point] = []
    for point in points:
        if merged and (merged[-1].objective or 0) <= (point.objective or 0):
            merged[-1] = point
        else:
            merged.append(point)
    return merged
