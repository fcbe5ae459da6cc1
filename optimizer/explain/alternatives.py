"""Plans that are nearly as good and as different as possible, and what they have in common.

Whether an intervention is in every plan within e of the best follows from its price exactly: it is
always in when leaving it out costs more than e, never in when taking it in does.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from optimizer.allocation import Allocation, judged
from optimizer.answer import Answer, Effort
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.explain.explaining import Explanation
from optimizer.explain.known import taken
from optimizer.explain.prices import Price
from optimizer.explain.question import Question
from optimizer.explain.replanning import Replanner
from optimizer.intervention import Force
from optimizer.keeping import keep_objective
from optimizer.program import Exact, Row, Variable
from optimizer.scenario import Plan
from optimizer.search import Search
from optimizer.sentence import same

WITHIN = Fraction(1, 100)


class Standing(StrEnum):
    """Whether an intervention is in the plans that are nearly best."""

    ALWAYS = "always"
    BORDERLINE = "borderline"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan that is nearly as good as the best.

    ``differs`` is by how many interventions it differs from the nearest plan before it.
    """

    choice: Mapping[str, Fraction]
    objective: Fraction
    differs: int

    @property
    def taken(self) -> frozenset[str]:
        """Return the ids of the interventions in it."""
        return taken(self.choice)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Nearly best plans, the best first, each as different as possible from those before.

    ``is_complete``: no further plan within e differs from all of these in any intervention.
    """

    plans: tuple[Alternative, ...]
    least: Fraction
    is_complete: bool = False

    @property
    def in_all(self) -> frozenset[str]:
        """Return the ids of the interventions that all of these plans have in common."""
        return frozenset.intersection(*(plan.taken for plan in self.plans))

    @property
    def in_some(self) -> frozenset[str]:
        """Return the ids of the interventions in some but not all of these plans."""
        return frozenset.union(*(plan.taken for plan in self.plans)) - self.in_all


def standings(explanation: Explanation, within: Fraction = WITHIN) -> dict[str, Standing]:
    """Return whether each intervention is always, never or sometimes in a plan within e.

    Exact where the prices are. An intervention with a force is what its force says.

    Examples
    --------
    >>> from optimizer.explain import explain, standings
    >>> from optimizer.explain.examples import small_plan
    >>> from fractions import Fraction
    >>> {k: str(v) for k, v in standings(explain(small_plan()), Fraction(1, 5)).items()}
    {'a': 'always', 'b': 'borderline', 'c': 'borderline'}
    """
    room = within * abs(explanation.objective or Fraction(0))
    forces = {i.id: i.force for i in explanation.plan.interventions}
    return {p.intervention: _standing(p, room, forces[p.intervention]) for p in explanation.prices}


def _standing(price: Price, room: Fraction, force: Force | None) -> Standing:
    always_or_never = Standing.ALWAYS if price.chosen else Standing.NEVER
    if force is not None:
        return always_or_never
    if price.is_open:
        return Standing.UNKNOWN
    if price.price is None or price.price > room:
        return always_or_never
    if price.gap is not None and price.price + price.gap <= room:
        return Standing.BORDERLINE
    return Standing.UNKNOWN


# ---- as different as possible ----


def alternatives(
    plan: Plan,
    allocation: Allocation,
    *,
    within: Fraction = WITHIN,
    count: int = 5,
    time_limit: float = 60.0,
    progress: Callable[[int, int], bool] | None = None,
) -> Alternatives:
    """Return up to ``count`` plans within e of an allocation, as different as possible.

    Each plan found is the one whose nearest neighbour among those before it is as far away as
    possible, in interventions that are in one and not in the other; of those with the same
    interventions it is the best.

    Parameters
    ----------
    plan : Plan
    allocation : Allocation
        The plan that is compared with; it stands first.
    within : Fraction
        The share e of its objective that may be given up.
    count : int
        At most so many plans, the first among them.
    time_limit : float
        Seconds.
    progress : callable or None
        Called with (plans found, plans wanted); returns True to stop.

    Raises
    ------
    ValueError
        The allocation has no plan.

    Examples
    --------
    >>> from optimizer import allocate
    >>> from optimizer.explain import alternatives
    >>> from optimizer.explain.examples import small_plan
    >>> from fractions import Fraction
    >>> plan = small_plan()
    >>> found = alternatives(plan, allocate(plan), within=Fraction(1, 5))
    >>> [sorted(p.taken) for p in found.plans], sorted(found.in_all)
    ([['a', 'b'], ['a', 'c']], ['a'])
    """
    objective = allocation.objective
    if objective is None:
        message = "there is no plan to find alternatives to"
        raise ValueError(message)
    search = _Spreading(plan, objective - within * abs(objective))
    found = [Alternative(dict(allocation.choice), objective, 0)]
    deadline = time.perf_counter() + time_limit
    while len(found) < count:
        further = search.furthest(found, deadline)
        if further is None or not further.differs:
            return Alternatives(tuple(found), search.least, is_complete=further is not None)
        found.append(further)
        if progress is not None and progress(len(found), count):
            break
    return Alternatives(tuple(found), search.least)


class _Spreading:
    """The plan as a program that maximises the distance to plans already found."""

    def __init__(self, plan: Plan, least: Fraction) -> None:
        self.plan, self.least = plan, least
        self.compilation = Compilation(plan)
        self.keys = self.compilation.keys_of
        self.replanner = Replanner(plan)

    def furthest(self, found: list[Alternative], deadline: float) -> Alternative | None:
        """Return the plan that is furthest from all found; None where the time ran out."""
        compilation = Compilation(self.plan)
        keep_objective(compilation, self.least)
        program = compilation.program
        names = [plan.taken for plan in found]

        def nearest(choice: Choice) -> int:
            mine = taken(choice)
            return min(len(mine ^ other) for other in names)

        distance = compilation.auxiliary(Variable("distance", 0, len(self.keys)), nearest)
        for plan in found:
            program.rows.append(self._distance_row(compilation, plan, distance))
        program.objective = {distance: 1}
        result = Search(compilation).best(Effort(gap=0.0, time_limit=_left(deadline)))
        if result.answer is Answer.INFEASIBLE or result.choice is None:
            return None
        choice = self._best_with(taken(result.choice), deadline) or result.choice
        objective, _ = judged(self.compilation, choice)
        return Alternative(choice, objective, nearest(choice))

    def _best_with(self, inside: frozenset[str], deadline: float) -> Choice | None:
        """Return the best plan with exactly these interventions; None where none is found in time.

        How different plans are says nothing of scale and options, so the search left them anyhow.
        """
        forces = {
            i.id: Force.IN if i.id in inside else Force.OUT
            for i in self.plan.interventions
            if i.force is None
        }
        return self.replanner.best(Question(forces=forces), seconds=_left(deadline)).choice

    def _distance_row(self, compilation: Compilation, plan: Alternative, distance: int) -> Row:
        """Return distance <= how many interventions differ from a plan."""
        terms: dict[int, Exact] = {distance: 1}
        for name, keys in self.keys.items():
            sign = 1 if name in plan.taken else -1
            for key in keys:
                terms[compilation.chosen_variable[key]] = sign
        return Row(same(""), terms, upper=len(plan.taken), tag="distance")


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.perf_counter())
