"""Allocating: the solver proposes, exact arithmetic decides."""

import time
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from optimizer.allocation import (
    Allocation,
    SolverNote,
    Status,
    choice_problems,
    judged,
    reported,
)
from optimizer.answer import Answer, Effort, Progress, SolverName
from optimizer.compilation import Compilation
from optimizer.errors import ChoiceErrors
from optimizer.scenario import Plan
from optimizer.search import Found, Search
from optimizer.trial import equally_good, some_plan

#: below this relative difference a bound and an objective are the same double
ROUND_OFF = Fraction(1, 10**9)
ONE_KRONE = Fraction(1)


def allocate(
    plan: Plan,
    *,
    solver: SolverName = "highs",
    gap: float = 1e-6,
    time_limit: float = 60.0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Allocation:
    """Return the allocation with the greatest objective that keeps every hard rule.

    Parameters
    ----------
    plan : Plan
    solver : "highs" or "cbc"
    gap : float
        Relative gap at which a plan counts as proved, e.g. 1e-6. 0 asks for the very best.
    time_limit : float
        Seconds for the solver; a good plan found by then is returned as ``feasible``.
    threads : int
        The answer does not depend on it.
    progress : callable or None
        Called with (best objective so far, bound, seconds) while solving; returns True to stop.

    Raises
    ------
    SolverError
        The solver cannot be used.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> allocation = allocate(small_plan())
    >>> sorted(allocation.choice), int(allocation.objective), allocation.status.value
    (['a/base', 'b/base'], 9000000, 'optimal')
    """
    began = time.perf_counter()
    search = Search(Compilation(plan), solver)
    search.seconds["build"] = time.perf_counter() - began
    is_money = all(term.is_money for term in plan.scenario.objective)
    # 0.9 kr.: a plan counts as proved when bound and objective differ by less than 1 kr.
    effort = Effort(gap, 0.9 if is_money else 0.0, time_limit, threads)
    found = search.best(effort, progress)
    return _allocation(search, found, effort, is_money=is_money)


def evaluate(plan: Plan, choice: Mapping[str, Fraction | int]) -> Allocation:
    """Return the same for a given choice, without a solver.

    ``feasible``, or ``infeasible`` where a hard rule is broken (see ``allocation.broken``).

    Raises
    ------
    ChoiceErrors
        The choice names options that do not exist, or scales they may not have.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> too_much = evaluate(small_plan(), {"b/base": 1, "c/base": 1})
    >>> too_much.status.value, [int(row.broken_by) for row in too_much.broken]
    ('infeasible', [1000000])
    """
    exact = {key: Fraction(scale) for key, scale in choice.items()}
    problems = choice_problems(plan, exact)
    if problems:
        raise ChoiceErrors(problems)
    began = time.perf_counter()
    compilation = Compilation(plan)
    built = time.perf_counter()
    objective, results = judged(compilation, exact)
    is_kept = all(r.is_kept or r.row.price is not None for r in results)
    return Allocation(
        plan=plan,
        status=Status.FEASIBLE if is_kept else Status.INFEASIBLE,
        choice=exact,
        objective=objective,
        rows=reported(results),
        seconds={"build": built - began, "check": time.perf_counter() - built},
    )


def _allocation(search: Search, found: Found, effort: Effort, *, is_money: bool) -> Allocation:
    """Return what a search found as an allocation, with the status that it deserves."""
    note = SolverNote(search.name, search.version, effort.threads)
    plan = search.compilation.plan
    if found.choice is None or found.objective is None:
        return _without_plan(search, found, note)
    began = time.perf_counter()
    found = _without_idle(search, found)
    choice, objective = found.choice or {}, found.objective or Fraction(0)
    bound = None if found.bound is None else max(objective, found.bound)
    if bound is not None and bound - objective <= ROUND_OFF * max(Fraction(1), abs(objective)):
        bound = objective
    proved = is_proved(found.answer, objective, bound, effort, is_money=is_money)
    swaps = equally_good(search.compilation, choice, objective) if proved else ()
    search.seconds["check"] += time.perf_counter() - began
    return Allocation(
        plan=plan,
        status=Status.OPTIMAL if proved else Status.FEASIBLE,
        choice=choice,
        objective=objective,
        bound=bound,
        rows=reported(found.results),
        solver=note,
        seconds=search.seconds,
        equally_good=swaps,
    )


def _without_plan(search: Search, found: Found, note: SolverNote) -> Allocation:
    plan, status = search.compilation.plan, Status(found.answer.value)
    if found.answer is Answer.INFEASIBLE:
        refuted = some_plan(search.compilation)
        if refuted is not None:  # the solver erred: a plan that keeps every rule is at hand
            objective, results = judged(search.compilation, refuted)
            return Allocation(
                plan,
                Status.FEASIBLE,
                refuted,
                objective,
                rows=reported(results),
                solver=note,
                seconds=search.seconds,
            )
    if status in {Status.OPTIMAL, Status.FEASIBLE}:
        status = Status.NO_ANSWER
    return Allocation(plan, status, solver=note, seconds=search.seconds)


def is_proved(
    answer: Answer,
    objective: Fraction,
    bound: Fraction | None,
    effort: Effort,
    *,
    is_money: bool,
) -> bool:
    """Return whether a plan is proved to the asked gap (kroner: also when under 1 kr. apart)."""
    if bound is None:
        return False
    gap = (bound - objective) / max(Fraction(1), abs(objective))
    if gap <= Fraction(effort.gap) or (is_money and bound - objective < ONE_KRONE):
        return True
    # scales were cleaned of round-off, so the exact value may lie a hair under the bound
    nearly = 1000 * ROUND_OFF
    return answer is Answer.OPTIMAL and gap <= max(Fraction(effort.gap) * (1 + nearly), nearly)


def _without_idle(search: Search, found: Found) -> Found:
    """Return the plan without options at scale 0, where leaving them out costs nothing."""
    choice, objective = found.choice or {}, found.objective or Fraction(0)
    lean = {key: scale for key, scale in choice.items() if scale}
    if len(lean) == len(choice):
        return found
    value, results = judged(search.compilation, lean)
    is_kept = all(r.is_kept or r.row.price is not None for r in results)
    if is_kept and value >= objective:
        return replace(found, choice=lean, objective=value, results=results)
    return found
