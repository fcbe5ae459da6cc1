"""One plan, asked again and again with something changed, each time to a proved answer.

How a question is decided, cheapest first: by the relaxation alone (no plan, or the best known plan
reaches its bound); else by a search among the few variables that reduced costs leave open. A plan
that moves one of the others is worth at most the relaxation's bound less the width of what was
left open, so when the plan found is worth that much, it is proved best of all.
"""

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.allocation import judged
from optimizer.answer import Answer, Effort, Solution
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.explain.engine import Columns, Numbers, VariedEngine
from optimizer.explain.known import KnownPlans
from optimizer.explain.posing import Posing
from optimizer.explain.question import Question, Reply
from optimizer.intervention import Force
from optimizer.program import Row
from optimizer.scenario import Plan
from optimizer.search import Search

MOST_ROUNDS = 200
#: of the size of the objective: what the relaxation's bound may be off by
ROUND_OFF = 1e-9
#: in times of the width that the last questions usually needed (all measured, see the benchmark):
#: what is left open where no plan is known; how far off a known plan must be for a quick search to
#: pay; what is left open to that search; and how far from the best there it may stop
GENEROUS, WORTHWHILE, NEAR, ROUGH = 3.0, 1.3, 0.2, 0.1
MOST_REMEMBERED = 15
#: how near to an end of its bounds a variable of the relaxation is said to be at it
AT_AN_END = 1e-7
NOTHING_CHANGED = Question()
EXACTLY = Fraction(0)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The relaxation's answer, in the engine's own units."""

    answer: Answer
    top: float = np.inf
    values: Numbers | None = None
    reduced: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What one search gave: the best plan among what was left open."""

    answer: Answer
    choice: Mapping[str, Fraction] | None = None
    objective: Fraction | None = None
    bound: Fraction | None = None


class Replanner:
    """A compiled plan in two engines, one whole and one relaxed.

    Parameters
    ----------
    plan : Plan
    threads : int
    is_cancelled : callable
        Asked between searches; True ends them.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        threads: int = 1,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.plan = plan
        self.compilation = Compilation(plan)
        self.program = self.compilation.program
        self.known = KnownPlans(self.compilation)
        self.threads = threads
        self.is_cancelled = is_cancelled
        #: how many relaxations and searches were run
        self.counts = {"relaxations": 0, "searches": 0}
        self._search = Search(self.compilation)
        self._whole = VariedEngine(self.program)
        self._relaxed = VariedEngine(self.program, relaxed=True)
        self._engines = (self._whole, self._relaxed)
        self._posing = Posing(self.compilation, self._engines)
        self._top = np.inf
        self._widths: deque[float] = deque(maxlen=MOST_REMEMBERED)
        self.posed = self._posing.posed

    # ---- asking ----

    def best(
        self,
        question: Question = NOTHING_CHANGED,
        *,
        seconds: float = 60.0,
        ceiling: Fraction | None = None,
        roughly: bool = True,
        gap: Fraction = EXACTLY,
        slack: Fraction = EXACTLY,
    ) -> Reply:
        """Return the best plan under a question, proved as far as the seconds reach.

        ``ceiling`` is an objective that is known to be out of reach of anything better;
        ``roughly``: a quick search for a plan comes before the proof; ``gap``: how near to its
        bound, in times of its size, a plan is good enough, so that no search more is begun;
        ``slack``: the same in units of the objective, and a search that has begun stops there.
        """
        with self.posed(question):
            deadline = time.perf_counter() + seconds
            relaxed, reply = self._begun(question, deadline, ceiling, roughly=roughly, slack=slack)
            if relaxed is not None:
                reply = self._searched(relaxed, reply, deadline, gap=gap, slack=slack)
            if reply.answer is Answer.INFEASIBLE:
                reply = self._refuted(question) or reply
        if reply.choice is not None:
            self.known.add(reply.choice)
        return reply

    def bound(
        self,
        question: Question = NOTHING_CHANGED,
        *,
        seconds: float = 60.0,
        ceiling: Fraction | None = None,
        roughly: bool = False,
        slack: Fraction = EXACTLY,
    ) -> Reply:
        """Return what the relaxation and the known plans say of a question, without a proof.

        ``roughly``: a quick search may find a better plan, and ends with the first one that is
        within ``slack`` of the bound, in units of the objective.
        """
        deadline = time.perf_counter() + seconds
        with self.posed(question):
            _, reply = self._begun(question, deadline, ceiling, roughly=roughly, slack=slack)
        if reply.choice is not None:
            self.known.add(reply.choice)
        return reply

    def turning_bounds(self, *, seconds: float = 60.0) -> dict[tuple[str, Force], Fraction]:
        """Return what no plan with an intervention in, or out, can be better than: of all at once.

        One relaxation of the plan as it is; a variable at an end that has to leave it costs at
        least its reduced cost. Of interventions that it leaves free to move nothing more is known
        than the relaxation's bound.
        """
        relaxed = self._relaxation(time.perf_counter() + seconds)
        if relaxed.values is None or relaxed.reduced is None:
            return {}
        self._top = relaxed.top
        bounds: dict[tuple[str, Force], Fraction] = {}
        for name, keys in self.compilation.keys_of.items():
            columns = [self.compilation.chosen_variable[key] for key in keys]
            at, cost = relaxed.values[columns], relaxed.reduced[columns]
            least_in = np.where(at < AT_AN_END, cost, 0.0).min()
            least_out = np.where(at > 1 - AT_AN_END, cost, 0.0).max()
            for force, least in ((Force.IN, least_in), (Force.OUT, least_out)):
                bound = self._outward(relaxed, relaxed.top - float(least))
                if bound is not None:
                    bounds[name, force] = bound
        return bounds

    def below_top(self, objective: Fraction) -> float:
        """Return how far a plan is below the relaxation's bound, in the unit of ``usual``."""
        return self._top - self._scaled(objective)

    def is_feasible(self, question: Question, *, seconds: float = 60.0) -> bool | None:
        """Return whether any plan exists under a question; None where the time ran out."""
        if not question.moved and any(self.known.suits(k, question) for k in self.known):
            return True
        deadline = time.perf_counter() + seconds
        with self.posed(question), self._aimless():
            if self._relaxation(deadline).answer is Answer.INFEASIBLE:
                return False
            self._whole.look_for_plans(hard=True)
            tried = self._try(deadline, None)
        if tried.choice is not None:
            self.known.add(tried.choice)
            return True
        return False if tried.answer is Answer.INFEASIBLE else None

    @property
    def cuts(self) -> list[Row]:
        """Return the rows that were added so far, all of which the plan as it is keeps."""
        return [cut for _, cut in self._posing.cuts]

    def named_by_relaxation(self) -> frozenset[str]:
        """Return the paths that the relaxation's proof names, where it has no point; else none."""
        engine = self._relaxed
        with self._aimless():
            if self._relaxation(time.perf_counter() + 60).answer is not Answer.INFEASIBLE:
                return frozenset()
            ray = engine.infeasibility_proof()
        places = {
            place: row.path
            for number, row in enumerate(self.program.rows)
            for place, _, _ in engine.places(number)
        }
        places.update((place, cut.path) for place, cut in self._posing.cuts)
        return frozenset(places.get(place, "") for place in ray)

    # ---- deciding ----

    def _searched(
        self, relaxed: Relaxed, reply: Reply, deadline: float, *, gap: Fraction, slack: Fraction
    ) -> Reply:
        """Return what searches prove, each of them as wide as the last has shown to be needed."""
        width, allowed = self._first_width(relaxed, reply), self._scaled(slack)
        while not reply.is_within(gap, slack) and self._has_time(deadline):
            self._whole.look_for_plans(hard=reply.objective is None or not self._widths)
            with self._content(relaxed, slack):
                tried = self._narrow(relaxed, width, reply, deadline, allowed=allowed)
            reply = self._learned(relaxed, width, reply, tried, is_exact=not slack)
            if tried.answer is not Answer.OPTIMAL:
                return reply  # proved that there is none, or the time is up
            if slack and self._needed(relaxed, reply) <= width + self._margin(relaxed):
                break  # as near as was asked for, but for round-off
            width = self._needed(relaxed, reply)  # without a plan: everything
        if reply.objective is not None:
            needed = self._needed(relaxed, reply)
            if self._margin(relaxed) < needed < np.inf:
                self._widths.append(needed)
        return reply

    def _begun(
        self,
        question: Question,
        deadline: float,
        ceiling: Fraction | None,
        *,
        roughly: bool,
        slack: Fraction,
    ) -> tuple[Relaxed | None, Reply]:
        """Return what is known of a question before anything is proved by searching.

        The relaxation is None where it is not needed, or has shown that there is no plan.
        """
        at_ceiling = self._at_ceiling(question, ceiling)
        if at_ceiling is not None:
            return None, at_ceiling
        relaxed = self._relaxation(deadline)
        if relaxed.answer is Answer.INFEASIBLE:
            return None, Reply(Answer.INFEASIBLE)
        reply = self._from_known(question, relaxed)
        return relaxed, self._roughly(relaxed, reply, deadline, slack) if roughly else reply

    def _roughly(self, relaxed: Relaxed, reply: Reply, deadline: float, slack: Fraction) -> Reply:
        """Return a better plan if a quick search near the relaxation finds one; nothing is proved.

        It pays: with a good plan to begin from, the proof takes a third of the time.
        """
        usual, needed = self.usual, self._needed(relaxed, reply)
        good = max(self._scaled(slack), WORTHWHILE * usual)
        if not usual or reply.is_proved or needed <= good:
            return reply
        self._whole.look_for_plans(hard=True)
        with self._content(relaxed, slack):
            tried = self._narrow(relaxed, NEAR * usual, reply, deadline, allowed=ROUGH * usual)
            if tried.objective is None and reply.objective is None:  # any plan is better than none
                tried = self._narrow(relaxed, GENEROUS * usual, reply, deadline, allowed=usual)
        if tried.objective is None or tried.choice is None:
            return reply
        if reply.objective is not None and reply.objective >= tried.objective:
            return reply
        return replace(
            reply,
            answer=Answer.FEASIBLE,
            choice=tried.choice,
            objective=tried.objective,
        )

    @property
    def usual(self) -> float:
        """Return how far below the relaxation's bound the best plan usually lies; 0: not known."""
        return statistics.median(self._widths) if self._widths else 0.0

    def _has_time(self, deadline: float) -> bool:
        return time.perf_counter() < deadline and not self.is_cancelled()

    def _relaxation(self, deadline: float) -> Relaxed:
        engine = self._relaxed
        for _ in range(MOST_ROUNDS):
            solution = engine.solve(self._effort(deadline))
            self.counts["relaxations"] += 1
            if solution.answer is not Answer.OPTIMAL or solution.values is None:
                return Relaxed(solution.answer)
            cuts = self._search.violated(solution.values)
            if not cuts:
                break
            self._posing.keep(cuts)
        top = -float(engine.highs.getInfo().objective_function_value)
        return Relaxed(Answer.OPTIMAL, top, engine.column_values(), engine.reduced_costs())

    def _at_ceiling(self, question: Question, ceiling: Fraction | None) -> Reply | None:
        """Return the best known plan if it is as good as any can be."""
        known = None if ceiling is None else self.known.best(question)
        if known is None or ceiling is None or known[1] < ceiling:
            return None
        choice, objective = known
        return Reply(Answer.OPTIMAL, choice, objective, objective)

    def _refuted(self, question: Question) -> Reply | None:
        """Return a known plan that keeps every rule where the solver says that there is none."""
        known = self.known.best(question)
        return None if known is None else Reply(Answer.FEASIBLE, *known)

    def _from_known(self, question: Question, relaxed: Relaxed) -> Reply:
        """Return the best known plan; proved where it reaches the relaxation's bound."""
        top = self._outward(relaxed, relaxed.top)
        known = self.known.best(question)
        if known is None:
            return Reply(Answer.NO_ANSWER, bound=top)
        choice, objective = known
        reply = Reply(Answer.FEASIBLE, choice, objective, top)
        if self._needed(relaxed, reply) <= self._margin(relaxed):
            return replace(reply, answer=Answer.OPTIMAL, bound=objective)
        return reply

    def _needed(self, relaxed: Relaxed, reply: Reply) -> float:
        """Return how far the plan lies below the relaxation's bound: what must be left open."""
        if reply.objective is None:
            return np.inf
        return max(0.0, relaxed.top - self._scaled(reply.objective))

    def _first_width(self, relaxed: Relaxed, reply: Reply) -> float:
        """Return what is left open first: what is needed; with no plan, a little, then more."""
        if reply.objective is None and self.usual:
            return GENEROUS * self.usual
        return self._needed(relaxed, reply)

    def _narrow(
        self,
        relaxed: Relaxed,
        width: float,
        reply: Reply,
        deadline: float,
        *,
        allowed: float = 0.0,
    ) -> Tried:
        """Search among the plans that move no variable whose reduced cost is above the width.

        ``allowed`` is how far from the best among them it may stop.
        """
        columns = self._closed(relaxed, width)
        start = reply.choice if self._needed(relaxed, reply) <= width else None
        if len(columns):
            values = relaxed.values[columns] if relaxed.values is not None else np.zeros(0)
            self._whole.fix(columns, np.round(values))
        try:
            tried = self._try(deadline, start, allowed)
        finally:
            self._whole.free(columns)
        if tried.answer is Answer.INFEASIBLE and len(columns):
            return replace(tried, answer=Answer.OPTIMAL)  # among what was left open only
        return tried

    def _closed(self, relaxed: Relaxed, width: float) -> Columns:
        if relaxed.reduced is None or not np.isfinite(width):
            return np.zeros(0, np.int32)
        is_closed = self._whole.whole & (relaxed.reduced > width + self._margin(relaxed))
        return np.flatnonzero(is_closed).astype(np.int32)

    def _learned(
        self, relaxed: Relaxed, width: float, reply: Reply, tried: Tried, *, is_exact: bool
    ) -> Reply:
        """Return what is known after a search of a given width, exact or stopped a little off."""
        if tried.answer is Answer.INFEASIBLE:
            return Reply(Answer.INFEASIBLE)
        best = reply
        if tried.objective is not None and (
            reply.objective is None or tried.objective > reply.objective
        ):
            best = Reply(Answer.FEASIBLE, tried.choice, tried.objective)
        if (
            tried.answer is Answer.OPTIMAL
            and is_exact
            and (self._needed(relaxed, best) <= width + self._margin(relaxed))
        ):
            return replace(best, answer=Answer.OPTIMAL, bound=best.objective)
        return replace(best, bound=self._bound_after(relaxed, width, reply, tried, best))

    def _bound_after(
        self, relaxed: Relaxed, width: float, reply: Reply, tried: Tried, best: Reply
    ) -> Fraction | None:
        """Return what no plan can be better than, inside or outside of what was left open."""
        inside = tried.bound if tried.objective is not None else None
        if inside is not None:
            inside = self._outward(relaxed, self._scaled(inside))
        if inside is None and tried.answer is not Answer.OPTIMAL:
            return reply.bound
        outside = self._outward(relaxed, relaxed.top - width)
        bounds = [b for b in (inside, outside, best.objective) if b is not None]
        bound = max(bounds, default=reply.bound)
        return bound if reply.bound is None or bound is None else min(bound, reply.bound)

    def _try(self, deadline: float, start: Choice | None, allowed: float = 0.0) -> Tried:
        """Solve, check exactly, cut off what is broken, and again."""
        values = None if start is None else self.compilation.values(start)
        first = None if values is None else self._whole.completed(values)
        for _ in range(MOST_ROUNDS):
            solution = self._whole.solve(self._effort(deadline, allowed), start=first)
            self.counts["searches"] += 1
            if solution.values is None:
                return Tried(solution.answer)
            choice = self.compilation.choice(solution.values)
            objective, results = judged(self.compilation, choice)
            cuts = self._search.cuts(solution.values, choice, results)
            if not cuts:
                return Tried(solution.answer, choice, objective, _bound(solution))
            self._posing.keep(cuts)
        return Tried(Answer.NO_ANSWER)

    @contextmanager
    def _content(self, relaxed: Relaxed, slack: Fraction) -> Iterator[None]:
        """Let a search end with the first plan within ``slack`` of the relaxation's bound."""
        if slack:
            self._whole.be_content_with(relaxed.top - self._scaled(slack) + self._margin(relaxed))
        try:
            yield
        finally:
            self._whole.be_content_with(np.inf)

    # ---- units ----

    def _effort(self, deadline: float, allowed: float = 0.0) -> Effort:
        left = max(0.0, deadline - time.perf_counter())
        absolute = allowed / self._whole.matrix.objective_scale
        return Effort(gap=0.0, absolute_gap=absolute, time_limit=left, threads=self.threads)

    def _scaled(self, objective: Fraction) -> float:
        return float(objective) * self._whole.matrix.objective_scale

    def _real(self, value: float) -> Fraction | None:
        if not np.isfinite(value):
            return None
        return Fraction(value) / Fraction(self._whole.matrix.objective_scale)

    def _outward(self, relaxed: Relaxed, value: float) -> Fraction | None:
        """Return what a bound is at most, whatever the solver's round-off."""
        return self._real(value + self._margin(relaxed))

    @staticmethod
    def _margin(relaxed: Relaxed) -> float:
        return ROUND_OFF * max(1.0, abs(relaxed.top)) if np.isfinite(relaxed.top) else 0.0

    @contextmanager
    def _aimless(self) -> Iterator[None]:
        """Ask only whether there is a plan."""
        for engine in self._engines:
            engine.aim({})
        try:
            yield
        finally:
            for engine in self._engines:
                engine.aim(None)


def _bound(solution: Solution) -> Fraction | None:
    return None if solution.bound is None else Fraction(solution.bound)
