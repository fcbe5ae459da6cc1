"""Solve, check exactly, cut off what is broken, and again: until a plan keeps every hard rule.

The solver works with a tolerance, so it may hand back a plan that spends 6,000,001 of 6,000,000.
Every answer is evaluated exactly; a row that is broken is cut off and the program solved again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.allocation import RowResult, judged
from optimizer.answer import Answer, Effort, Progress, Solution, SolverName
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.program import Exact, Row
from optimizer.sentence import same
from optimizer.watch import Follower

if TYPE_CHECKING:
    from optimizer.solver import Engine

MOST_CUTS = 200
MOST_ROUNDS = 200
#: with rules kept by cuts, plans good enough to find the cuts, before the asked gap
ROUGH_GAPS = (1e-2, 1e-3)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search ended with.

    ``answer`` is the solver's; ``choice``, ``objective`` and ``results`` are exact, and set where
    there is a plan that keeps every hard rule.
    """

    answer: Answer
    choice: dict[str, Fraction] | None = None
    objective: Fraction | None = None
    bound: Fraction | None = None
    results: tuple[RowResult, ...] = ()


class Search:
    """The loop over one compiled plan."""

    def __init__(self, compilation: Compilation, solver: SolverName = "highs") -> None:
        self.compilation = compilation
        self.solver: SolverName = solver
        self.seconds = {"build": 0.0, "transfer": 0.0, "solve": 0.0, "check": 0.0}
        self.name = self.version = ""
        self._engine: Engine | None = None
        self._seen: set[tuple[tuple[str, Fraction], ...]] = set()

    def best(self, effort: Effort, progress: Progress | None = None) -> Found:
        """Return the best plan that keeps every hard rule, as far as the effort reaches."""
        deadline = time.perf_counter() + effort.time_limit
        if self.compilation.lazy_rows:
            self._cut_relaxation(effort, deadline)
        roughness = ROUGH_GAPS if self.compilation.lazy_rows else ()
        gaps = [*(g for g in roughness if g > effort.gap), effort.gap]
        follower = None if progress is None else Follower(self.compilation, progress)
        good: Found | None = None
        for _ in range(MOST_CUTS):
            rough = replace(effort, gap=gaps[0])
            found, cuts = self._try(rough, deadline, follower)
            is_stopped = follower is not None and follower.is_stopped
            if found.choice is None or (cuts and is_stopped):
                return _best_of(found, good, follower)  # refining, the time may have run out
            if cuts:
                self._add(cuts)
            elif len(gaps) > 1 and not is_stopped:
                gaps.pop(0)
                good = found
            else:
                return found if len(gaps) == 1 else replace(found, answer=Answer.FEASIBLE)
        return _best_of(Found(Answer.NO_ANSWER), good, follower)

    def _try(
        self, effort: Effort, deadline: float, follower: Follower | None
    ) -> tuple[Found, list[Row]]:
        """Solve once; return the plan found, and the cuts that it calls for."""
        left = max(0.0, deadline - time.perf_counter())
        solution = self._solve(replace(effort, time_limit=left), follower)
        if solution.values is None:
            return Found(solution.answer), []
        began = time.perf_counter()
        choice = self.compilation.choice(solution.values)
        objective, results = judged(self.compilation, choice)
        cuts = self.cuts(solution.values, choice, results)
        self.seconds["check"] += time.perf_counter() - began
        bound = None if solution.bound is None else Fraction(solution.bound)
        return Found(solution.answer, choice, objective, bound, results), cuts

    def cuts(
        self, values: Sequence[float], choice: Choice, results: Sequence[RowResult]
    ) -> list[Row]:
        """Return rows that rule out what an answer breaks, each with the path of its rule.

        None where the choice keeps every hard rule. A cut that the answer breaks by less than the
        solver's tolerance would be added for ever, so a choice seen before is ruled out by itself.
        """
        broken = [r for r in results if not r.is_kept and r.row.price is None]
        if not broken:
            return self._soft_cuts(values)
        seen = tuple(sorted(choice.items()))
        if seen in self._seen:
            return [replace(self._ruled_out(r, choice), path=r.row.path) for r in broken]
        self._seen.add(seen)
        cuts = [replace(self._cut(r, choice), path=r.row.path) for r in broken if r.row.terms]
        return cuts + self._lazy_cuts(choice) + self._soft_cuts(values)

    # ---- rules kept by cuts ----

    def _cut_relaxation(self, effort: Effort, deadline: float) -> None:
        """Add the tail cuts of the relaxation first: they are cheap to find and mostly needed."""
        for _ in range(MOST_ROUNDS):
            left = max(0.0, deadline - time.perf_counter())
            solution = self._solve(replace(effort, time_limit=left), None, relaxed=True)
            if solution.values is None:
                return
            cuts = self.violated(solution.values)
            if not cuts:
                return
            self._add(cuts)

    def violated(self, values: Sequence[float]) -> list[Row]:
        """Return the lazy cuts that some values of the variables break."""
        cuts = (replace(y.cut(values), path=y.path) for y in self.compilation.lazy_rows)
        return [cut for cut in cuts if is_violated(cut, values)]

    def _soft_cuts(self, values: Sequence[float]) -> list[Row]:
        """Return cuts for soft lazy rules that cost more than the solver has seen so far."""
        soft = [lazy for lazy in self.compilation.lazy_rows if lazy.softener is not None]
        cuts = [replace(lazy.cut(values), path=lazy.path) for lazy in soft]
        return [cut for cut in cuts if is_violated(cut, values)]

    def _lazy_cuts(self, choice: Choice) -> list[Row]:
        """Return cuts for the hard lazy rules that a choice breaks."""
        exact = self.compilation.values(choice)
        floats = [float(v) for v in exact]
        return [
            replace(lazy.cut(floats), path=lazy.path)
            for lazy in self.compilation.lazy_rows
            if lazy.softener is None and self.compilation.broken_by(lazy, exact)
        ]

    def _ruled_out(self, broken: RowResult, choice: Choice) -> Row:
        """Return a row that rules out a choice and no other, whatever rule it breaks.

        With a scale in it, another scale might keep the rule: the limit is moved in instead.
        """
        options = self.compilation.plan.options
        if not any(options[key][1].minimum_scale is not None for key in choice):
            return self._without(choice)
        row, by = broken.row, 2 * broken.broken_by
        if row.terms:
            too_much = row.upper is not None and broken.activity > row.upper
            return self._moved_in(
                replace(row, lower=None) if too_much else replace(row, upper=None), by
            )
        lazy = next(r for r in self.compilation.lazy_rows if r.path == row.path)
        return self._moved_in(lazy.cut([float(v) for v in self.compilation.values(choice)]), by)

    def _without(self, choice: Choice) -> Row:
        """Return a row that rules out one choice and no other."""
        terms: dict[int, Exact] = {
            v: -1 if key in choice else 1 for key, v in self.compilation.chosen_variable.items()
        }
        return Row(same(""), terms, lower=1 - len(choice), tag="cut")

    # ---- the solver ----

    def _add(self, cuts: list[Row]) -> None:
        self.compilation.program.rows.extend(cuts)
        if self._engine is not None:
            for cut in cuts:
                self._engine.add(cut)

    def _solve(
        self, effort: Effort, follower: Follower | None, *, relaxed: bool = False
    ) -> Solution:
        # PuLP, HiGHS and numpy take half a second to load: only when something is solved
        from optimizer.solver import Engine, solve  # noqa: PLC0415

        program = self.compilation.program
        progress = None if follower is None else follower.told
        if self.solver == "cbc":
            if relaxed:
                return Solution(Answer.NO_ANSWER)
            solution = solve(program, solver="cbc", effort=effort, progress=progress)
        else:
            if self._engine is None:
                self._engine = Engine(program)
                for phase, spent in self._engine.seconds.items():
                    self.seconds[phase] += spent
            self._engine.relax(relaxed=relaxed)
            improved = None if follower is None else follower.found
            solution = self._engine.solve(effort, progress=progress, improved=improved)
        for phase, spent in solution.seconds.items():
            self.seconds[phase] += spent
        self.name, self.version = solution.name, solution.version
        return solution

    def _cut(self, broken: RowResult, choice: Choice) -> Row:
        """Return a row that rules out what broke another one, and nothing that keeps it.

        Where no scale can mend it: at least one of the choices that push it over must change.
        Where another scale could: the limit, moved in by what it was missed by.
        """
        row = broken.row
        if any(self._is_amount(variable) for variable in row.terms):
            return self._ruled_out(broken, choice)
        values = self.compilation.values(choice)
        too_much = row.upper is not None and broken.activity > row.upper
        scaled = self.compilation.scaled_options
        kindest = list(values)
        for variable in self.compilation.scales.intersection(row.terms):
            if values[scaled[variable][0]]:
                pushes = (row.terms[variable] > 0) == too_much
                kindest[variable] = scaled[variable][1] if pushes else 1
        # only the side that is broken: the kindest scales may well pass the other one
        side = replace(row, lower=None) if too_much else replace(row, upper=None)
        if kindest != values and not side.broken_by(side.activity(kindest)):
            return self._moved_in(side, 2 * broken.broken_by)
        terms: dict[int, Exact] = {}
        for variable, coefficient in row.terms.items():
            choose = scaled[variable][0] if variable in scaled else variable
            pushes = (coefficient > 0) == too_much
            if values[choose] and pushes:
                terms[choose] = -1
            elif not values[choose] and not pushes:
                terms[choose] = 1
        ones = sum(1 for sign in terms.values() if sign == -1)
        return Row(same(""), terms, lower=1 - ones, tag="cut")

    def _is_amount(self, variable: int) -> bool:
        """Return whether a variable is neither a choice nor a scale nor yes or no."""
        return self.compilation.program.variables[variable].upper is None

    @staticmethod
    def _moved_in(row: Row, by: Fraction) -> Row:
        return Row(
            same(""),
            row.terms,
            lower=None if row.lower is None else row.lower + by,
            upper=None if row.upper is None else row.upper - by,
            tag="cut",
            constant=row.constant,
        )


def _best_of(found: Found, good: Found | None, follower: Follower | None) -> Found:
    """Return the best plan that is known where a search ended without one of its own."""
    known = good
    seen = None if follower is None else follower.best
    if seen is not None and (good is None or seen.objective > (good.objective or 0)):
        known = Found(Answer.FEASIBLE, seen.choice, seen.objective, results=seen.results)
    if known is None:
        return found if found.choice is None else Found(Answer.NO_ANSWER)
    told = (None if good is None else good.bound, None if follower is None else follower.bound)
    bound = min((b for b in told if b is not None), default=None)
    return replace(known, answer=Answer.FEASIBLE, bound=bound)


def is_violated(cut: Row, values: Sequence[float]) -> bool:
    """Return whether a row with an upper limit is broken by more than round-off."""
    activity = sum(float(c) * values[v] for v, c in cut.terms.items())
    upper = float(cut.upper or 0)
    return activity > upper + 1e-7 * max(1.0, abs(activity), abs(upper))
