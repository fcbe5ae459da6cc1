"""Frontiers: the best objective at every size of a pool, or at every value of a limit.

One compiled plan is asked again and again with its bounds moved, not built anew for each point.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.allocation import Status, relative_gap
from optimizer.answer import Answer
from optimizer.appraisal import Appraisal
from optimizer.explain.limits import limits_of
from optimizer.explain.question import Question, Reply
from optimizer.explain.replanning import Replanner
from optimizer.intervention import Option
from optimizer.levers import MOVABLE, FrontierError, Lever, LimitBound, PoolSize, even_steps
from optimizer.planfile import plan_document, plan_from_document
from optimizer.program import Exact
from optimizer.result import chosen_document
from optimizer.scenario import Plan
from optimizer.writing import number_or_null, plain_number

__all__ = [
    "CHUNK",
    "FORMAT",
    "MOVABLE",
    "Frontier",
    "FrontierError",
    "Lever",
    "LimitBound",
    "Point",
    "PoolSize",
    "even_steps",
    "frontier",
    "staircase",
]
FORMAT = "bundlinje-frontier/1"
#: points of one task: the same whoever computes it, so that the answer is
CHUNK = 16


@dataclass(frozen=True, slots=True)
class Point:
    """The best plan at one value of the lever; ``choice`` is empty where there is none.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> (point,) = frontier(small_plan(), PoolSize("p"), [7_000_000]).points
    >>> point.amount, point.status.value, int(point.objective), sorted(point.choice)
    (7000000, 'optimal', 9000000, ['a/base', 'b/base'])
    """

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

    Parameters
    ----------
    is_complete : bool
        Every point that was asked for is there, of a staircase every step.
    is_staircase : bool
        The points are the steps, all of them when complete: between two points the objective is
        that of the smaller. Otherwise they are points of a curve, and what lies between is not
        known.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> found = frontier(small_plan(), PoolSize("p"), [0, 7_000_000])
    >>> found.plan(found.points[1]).scenario.pools[0].total
    7000000
    >>> found.document()["points"][0]["chosen"]
    []
    """

    source: Plan
    lever: Lever
    points: tuple[Point, ...]
    is_complete: bool = True
    is_staircase: bool = False

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


@dataclass(frozen=True, slots=True)
class _Effort:
    """How far one task goes: to which relative gap, for how many seconds in all."""

    gap: float
    seconds: float


def frontier(
    plan: Plan,
    lever: Lever,
    amounts: Iterable[Exact],
    *,
    gap: float = 0.0,
    time_limit: float = 60.0,
    executor: Executor | None = None,
    progress: Callable[[int, int], bool] | None = None,
) -> Frontier:
    """Return the best plan at each of some values of a lever.

    Of objectives in order it is the first that is maximised. Soft limits may be broken at their
    price.

    Parameters
    ----------
    lever : PoolSize or LimitBound
        A pool's size; or a limit's number: a risk limit, citizens helped, or any other. A number
        that is no bound of a row (a share, mean stars, a payback year, one of two) gives the same
        answer, from a model built for each point.
    amounts : iterable of numbers
        In the lever's unit.
    gap : float
        Relative gap at which a plan counts as proved. 0 asks for the very best.
    time_limit : float
        Seconds for each task of 16 points; what they do not suffice to prove has a bound.
    executor : concurrent.futures.Executor or None
        Who computes the tasks: processes of this machine, or a cluster. None: this process. The
        answer is the same.
    progress : callable or None
        Told after each point how many are done, and of how many; returns True to stop there. Of an
        executor's tasks nothing is told.

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
    effort = _Effort(gap, time_limit)
    if executor is None:
        solved = (_solved(plan, lever, task, effort) for task in tasks)
        points = _followed(itertools.chain.from_iterable(solved), len(wanted), progress)
    else:
        document = plan_document(plan)
        waiting = [executor.submit(_task, document, lever, task, effort) for task in tasks]
        points = [point for future in waiting for point in future.result()]
    return Frontier(plan, lever, tuple(points), is_complete=len(points) == len(wanted))


def _followed(
    points: Iterable[Point], total: int, progress: Callable[[int, int], bool] | None
) -> list[Point]:
    """Return the points as they come, until it is to stop."""
    found: list[Point] = []
    for point in points:
        found.append(point)
        if progress is not None and progress(len(found), total):
            break
    return found


def _task(
    document: dict[str, object], lever: Lever, amounts: Sequence[Exact], effort: _Effort
) -> list[Point]:
    """Do one task from a document, which travels better than a plan."""
    return list(_solved(plan_from_document(document), lever, amounts, effort))


def _solved(plan: Plan, lever: Lever, amounts: Sequence[Exact], effort: _Effort) -> Iterator[Point]:
    """Yield the points, the loosest last: plans that fit a tight limit fit a looser one."""
    model = _Model(plan, lever, effort)
    for amount in amounts:
        yield model.point(amount)


class _Model:
    """One compiled plan, asked at different values of a lever until the time is up."""

    def __init__(self, plan: Plan, lever: Lever, effort: _Effort) -> None:
        self.plan, self.lever, self.gap = plan, lever, Fraction(effort.gap)
        self.deadline = time.perf_counter() + effort.seconds
        self.replanner = Replanner(plan) if lever.is_bound(plan) else None
        path = lever.place(plan)
        compilation = None if self.replanner is None else self.replanner.compilation
        self.limits = (
            [one for one in limits_of(compilation) if one.path == path] if (compilation) else []
        )

    def is_paid(self, option: Option) -> bool:
        """Return whether the pool that is moved pays an option."""
        return isinstance(self.lever, PoolSize) and option.pool == self.lever.pool

    def point(self, amount: Exact) -> Point:
        """Return the best plan at one value."""
        if self.replanner is None:
            replanner, question = Replanner(self.lever.plan(self.plan, amount)), Question()
        else:
            moved = self.lever.moved(self.plan, self.limits, amount) if self.limits else ()
            replanner, question = self.replanner, Question(moved=tuple(moved))
        left = max(0.0, self.deadline - time.perf_counter())
        return self._point(amount, replanner.best(question, seconds=left, gap=self.gap))

    def _point(self, amount: Exact, reply: Reply) -> Point:
        if reply.objective is None:
            proved = reply.answer is Answer.INFEASIBLE
            return Point(amount, Status.INFEASIBLE if proved else Status.NO_ANSWER, None, None, {})
        bound, choice = reply.bound, dict(reply.choice or {})
        if reply.answer is Answer.OPTIMAL and (bound is None or bound < reply.objective):
            bound = reply.objective
        point = Point(amount, Status.FEASIBLE, reply.objective, bound, choice)
        proved = reply.answer is Answer.OPTIMAL or (point.gap is not None and point.gap <= self.gap)
        return replace(point, status=Status.OPTIMAL) if proved else point


# ---- the whole staircase ----


def staircase(
    plan: Plan,
    pool: str,
    low: int,
    high: int,
    *,
    most: int = 200,
    points: int = 21,
    time_limit: float = 60.0,
    progress: Callable[[int, int], bool] | None = None,
) -> Frontier:
    """Return every size of a pool at which the best objective changes, between two sizes.

    Of a pool with a total and options that are all or nothing: the best plan at a size is best for
    every smaller pool that still pays for it, so the next size asked for is one krone less than
    it costs. Each point's amount is the smallest pool with its objective; its plan costs just
    that.

    A pool that is paid in by year, or that pays for scalable options, has no such steps: it gives
    evenly spread points instead, and ``is_staircase`` is false.

    Parameters
    ----------
    low, high : int
        Kroner.
    most : int
        Steps after which it stops; ``is_complete`` says whether it did.
    points : int
        How many there are where there are no steps.
    progress : callable or None
        Told after each step how many are found, and 0, since nobody knows of how many; returns
        True to stop there.

    Raises
    ------
    FrontierError
        There is no such pool.

    Examples
    --------
    >>> from optimizer.explain.examples import MILLION, small_plan
    >>> steps = staircase(small_plan(), "p", 0, 12 * MILLION).points
    >>> [(p.amount // MILLION, int(p.objective) // MILLION) for p in steps]
    [(0, 0), (3, 6), (7, 9), (11, 11)]
    """
    lever = PoolSize(pool)
    if not lever.has_steps(plan):
        amounts = even_steps(low, high, points)
        return frontier(plan, lever, amounts, time_limit=time_limit, progress=progress)
    model = _Model(plan, lever, _Effort(0.0, time_limit))
    steps = itertools.islice(_stepped(model, low, high), most)
    found = _followed(steps, 0, progress)
    last = found[-1]
    is_complete = last.status is Status.INFEASIBLE or (
        last.status is Status.OPTIMAL and last.amount <= low
    )
    kept = [p for p in found if p.objective is not None]
    return Frontier(plan, lever, tuple(reversed(_merged(kept))), is_complete, is_staircase=True)


def _stepped(model: _Model, low: int, high: int) -> Iterator[Point]:
    """Yield the best plans downwards from the largest size, each at what it costs."""
    appraisal, size = Appraisal(model.plan), high
    while True:
        point = model.point(size)
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
