"""What would make a plan possible: each limit that alone can, with the smallest amount it takes.

Only rules of the conflict can: whatever makes a plan possible by itself breaks every conflict. The
smallest amount is the least by which any choice breaks the limit while it keeps all others; for
shares and mean stars, whose row is multiplied out, the ratio is brought down step by step
(Dinkelbach 1967). Each is checked by allocating the loosened plan.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from optimizer.allocation import index_of
from optimizer.constraints.base import Constraint
from optimizer.explain.conflict import Conflict, ConflictSearch, Rule
from optimizer.explain.elastic import Amount, least_amount
from optimizer.explain.question import Question
from optimizer.explain.replanning import Replanner
from optimizer.pool import InvestmentPool
from optimizer.scenario import Plan
from optimizer.sentence import Sentence

#: fields that a number is added to, and fields that it is taken from
RAISED, LOWERED = ("at_most", "total"), ("at_least",)


@dataclass(frozen=True, slots=True)
class Loosening:
    """One limit that, loosened by ``by`` in its own unit, makes a plan possible.

    ``by`` is a mapping of year to kroner where the limit is by year. ``objective`` is the best
    then; ``is_proved`` says that nothing smaller would do and that nothing is better.
    """

    rule: Rule
    by: Amount
    objective: Fraction
    is_proved: bool = True

    @property
    def path(self) -> str:
        """Return the place of the limit in the plan."""
        return self.rule.path

    @property
    def label(self) -> Sentence:
        """Return what the limit says."""
        return self.rule.label


@dataclass(frozen=True, slots=True)
class Release:
    """One rule without a number (a force, a relation) that makes a plan possible when left out."""

    rule: Rule
    objective: Fraction
    is_proved: bool = True


@dataclass(frozen=True, slots=True)
class WaysOut:
    """Everything that alone makes a plan possible, best objective first."""

    loosenings: tuple[Loosening, ...] = ()
    releases: tuple[Release, ...] = ()


def ways_out(
    replanner: Replanner, search: ConflictSearch, conflict: Conflict, *, seconds: float = 60.0
) -> WaysOut:
    """Return the single changes that make an allocation possible."""
    everything = [rule.path for rule in search.rules]
    loosenings, releases = [], []
    share = seconds / max(1, len(conflict.rules))
    for rule in conflict.rules:
        if not search.is_feasible(path for path in everything if path != rule.path):
            continue
        if has_number(replanner.plan, rule.path):
            loosening = _loosened(replanner, rule, share)
            loosenings += [loosening] if loosening else []
        else:
            reply = replanner.best(Question(without=frozenset({rule.path})), seconds=share)
            if reply.objective is not None:
                releases.append(Release(rule, reply.objective, reply.is_proved))
    loosenings.sort(key=lambda one: -one.objective)
    releases.sort(key=lambda one: -one.objective)
    return WaysOut(tuple(loosenings), tuple(releases))


def has_number(plan: Plan, path: str) -> bool:
    """Return whether a rule has a number that can be raised or lowered."""
    if path.startswith("scenario.pools"):
        return True
    if not path.startswith("scenario.constraints"):
        return False
    limit = plan.scenario.constraints[index_of(path)]
    names = (*RAISED, *LOWERED, "by_year")
    return any(getattr(limit, name, None) is not None for name in names)


def loosened_plan(plan: Plan, path: str, by: Amount) -> Plan:
    """Return a plan with the limit at ``path`` loosened by an amount in its own unit.

    ``at_most`` and ``total`` are raised, ``at_least`` is lowered; by year where the limit is.

    Examples
    --------
    >>> from optimizer.explain import explain, loosened_plan
    >>> from optimizer.explain.examples import small_plan
    >>> plan = small_plan(at_least=3)
    >>> ways = explain(plan).ways_out.loosenings
    >>> [(one.path, int(one.by), int(one.objective)) for one in ways]
    [('scenario.pools[0]', 4000000, 11000000), ('scenario.constraints[0]', 1, 9000000)]
    >>> loosened_plan(plan, ways[0].path, ways[0].by).scenario.pools[0].total
    11000000
    """
    number, scenario = index_of(path), plan.scenario
    if path.startswith("scenario.pools"):
        pools = list(scenario.pools)
        pools[number] = _larger(pools[number], by)
        return replace(plan, scenario=replace(scenario, pools=tuple(pools)))
    limits = list(scenario.constraints)
    limits[number] = _looser(limits[number], by)
    return replace(plan, scenario=replace(scenario, constraints=tuple(limits)))


def _larger(pool: InvestmentPool, by: Amount) -> InvestmentPool:
    if isinstance(by, Mapping):
        return replace(pool, paid_in=_added(pool.paid_in or {}, by))
    return replace(pool, total=(pool.total or 0) + int(by))


def _looser(limit: Constraint, by: Amount) -> Constraint:
    changed: dict[str, Any] = {}
    if isinstance(by, Mapping):
        changed["by_year"] = _added(getattr(limit, "by_year", {}), by)
    else:
        for names, sign in ((RAISED, 1), (LOWERED, -1)):
            for name in names:
                value = getattr(limit, name, None)
                if value is not None:
                    changed[name] = _of_kind(value, value + sign * by)
    return replace(limit, **changed)


def _of_kind(own: Fraction | int, value: Fraction | int) -> Fraction | int:
    return int(value) if isinstance(own, int) else value


def _added(amounts: Mapping[int, int], by: Mapping[int, int]) -> dict[int, int]:
    years = sorted({*amounts, *by})
    return {year: amounts.get(year, 0) + by.get(year, 0) for year in years}


def _loosened(replanner: Replanner, rule: Rule, seconds: float) -> Loosening | None:
    found = least_amount(replanner.plan, rule.path, seconds=seconds / 2)
    if found is None:
        return None
    again = Replanner(loosened_plan(replanner.plan, rule.path, found.by), threads=replanner.threads)
    again.known.add(found.choice)
    reply = again.best(seconds=seconds / 2)
    if reply.objective is None:
        return None
    return Loosening(rule, found.by, reply.objective, found.is_proved and reply.is_proved)


def amounts(by: Amount) -> Iterable[Fraction | int]:
    """Return the numbers of an amount, one or one a year."""
    return by.values() if isinstance(by, Mapping) else (by,)
