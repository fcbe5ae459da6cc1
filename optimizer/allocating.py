"""Allocating: the solver proposes, exact arithmetic decides."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from optimizer.allocation import (
    Allocation,
    LaterObjective,
    SolverNote,
    Status,
    choice_problems,
    judged,
    relative_gap,
    reported,
)
from optimizer.answer import Answer, Effort, Progress, SolverName
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.errors import ChoiceErrors
from optimizer.keeping import keep_objective
from optimizer.program import Row, total_of
from optimizer.scenario import Plan
from optimizer.search import Found, Search
from optimizer.sentence import same
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

    With objectives in order it is the best by the last of them among the plans that give up no
    more of each earlier one than it allows; ``time_limit`` is then for each.

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
        A :class:`optimizer.Watch` also holds the best plan so far, and can be cancelled from
        another thread. A solve that is stopped returns its best plan, ``feasible``, and its gap.
        While a later objective is solved the numbers stay those of the first.

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
    is_money = plan.scenario.is_money
    # 0.9 kr.: a plan counts as proved when bound and objective differ by less than 1 kr.
    effort = Effort(gap, 0.9 if is_money else 0.0, time_limit, threads)
    found = search.best(effort, progress)
    allocation = _allocation(search, found, effort, is_money=is_money)
    if plan.scenario.then and allocation.has_plan:
        return _in_order(allocation, solver, replace(effort, absolute_gap=0.0), progress)
    return allocation


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
        later=tuple(
            LaterObjective(value, None, Status.FEASIBLE) for value in _later(compilation, exact)
        ),
    )


# ---- objectives in order ----


def _in_order(
    first: Allocation, solver: SolverName, effort: Effort, progress: Progress | None
) -> Allocation:
    """Return the plan that is best by the objectives after the first, each within the one before.

    Soft limits belong to the first objective. What an objective may give up counts from the value
    that was found for it, so that the plan at hand always keeps it.
    """
    plan, choice = first.plan, first.choice
    best, later, seconds = first.objective or Fraction(0), [], dict(first.seconds)
    floors: list[Fraction] = []
    for one in plan.scenario.then:
        floors.append(best - one.within * abs(best))
        compilation = _program_of(plan, floors)
        search = Search(compilation, solver)
        found = search.best(effort, _still(progress, first, sum(seconds.values())))
        for phase, spent in search.seconds.items():
            seconds[phase] = seconds.get(phase, 0.0) + spent
        choice = choice if found.choice is None else found.choice
        best = compilation.program.value(compilation.values(choice))
        bound = _bound(found, best)
        proved = is_proved(found.answer, best, bound, effort, is_money=False)
        later.append((bound, Status.OPTIMAL if proved else Status.FEASIBLE))
    final = evaluate(plan, choice)
    return replace(
        final,
        status=first.status,
        bound=first.bound,
        solver=first.solver,
        seconds=seconds,
        later=tuple(
            LaterObjective(one.objective, bound, status)
            for one, (bound, status) in zip(final.later, later, strict=True)
        ),
    )


def _still(progress: Progress | None, first: Allocation, spent: float) -> Progress | None:
    """Return what is told while later objectives are solved: the first one's numbers, and time."""
    if progress is None:
        return None
    told, best, bound = progress, float(first.objective or 0), first.bound
    most = None if bound is None else float(bound)
    return lambda _best, _bound, seconds: told(best, most, spent + seconds)


def _program_of(plan: Plan, floors: Sequence[Fraction]) -> Compilation:
    """Return the program of the objective after as many as there are floors, which they keep."""
    compilation = Compilation(plan)
    keep_objective(compilation, floors[0])
    for one, least in zip(plan.scenario.then, floors[1:], strict=False):
        row = Row(same(""), compilation.aim(one.terms), lower=least, tag="nearly")
        compilation.program.rows.append(row)
    aim = plan.scenario.then[len(floors) - 1]
    compilation.program.objective = compilation.aim(aim.terms)
    return compilation


def _later(compilation: Compilation, choice: Choice) -> Iterator[Fraction]:
    """Yield what a choice gives of each objective after the first."""
    for one in compilation.plan.scenario.then:
        terms = compilation.aim(one.terms)  # may add variables, so the values come after
        yield total_of(terms, compilation.values(choice))


def _allocation(search: Search, found: Found, effort: Effort, *, is_money: bool) -> Allocation:
    """Return what a search found as an allocation, with the status that it deserves."""
    note = SolverNote(search.name, search.version, effort.threads)
    plan = search.compilation.plan
    if found.choice is None or found.objective is None:
        return _without_plan(search, found, note)
    began = time.perf_counter()
    found = _without_idle(search, found)
    choice, objective = found.choice or {}, found.objective or Fraction(0)
    bound = _bound(found, objective)
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


def _bound(found: Found, objective: Fraction) -> Fraction | None:
    """Return what no plan is better than; the objective itself where only round-off is between."""
    if found.bound is None:
        return None
    bound = max(objective, found.bound)
    is_same = bound - objective <= ROUND_OFF * max(Fraction(1), abs(objective))
    return objective if is_same else bound


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
    gap = relative_gap(bound, objective)
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
