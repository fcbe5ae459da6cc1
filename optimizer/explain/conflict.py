"""Why nothing fits: a set of rules that cannot all hold, and of which none can be spared.

Rules are left out, half of them at once first, as long as the rest still cannot hold (QuickXplain,
Junker 2004: a deletion filter by halves). Every plan found on the way shows at once that all sets
without the rules that it breaks can hold. Where the relaxation alone has no point, its
infeasibility proof names few rules to begin with.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.explain.question import Question
from optimizer.explain.replanning import Replanner
from optimizer.program import Row
from optimizer.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be in a conflict, in whole: a pool, a limit, a relation, a force."""

    path: str
    label: Sentence


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that cannot all hold.

    ``is_proved``: none can be spared, and the time sufficed to prove both.
    """

    rules: tuple[Rule, ...]
    is_proved: bool

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the places of the rules in the plan."""
        return tuple(rule.path for rule in self.rules)


def hard_rules(replanner: Replanner) -> tuple[Rule, ...]:
    """Return every rule that an allocation must keep, in whole, in the order of the program."""
    plan, program = replanner.plan, replanner.program
    labels: dict[str, Sentence] = {}
    rows: Iterable[Row] = (
        *program.rows,
        *(lazy.row() for lazy in replanner.compilation.lazy_rows),
    )
    for row in rows:
        if row.path and row.price is None and row.tag != "cut":
            labels.setdefault(row.path, row.label)
    for number, limit in enumerate(plan.scenario.constraints):
        path = f"scenario.constraints[{number}]"
        if path in labels:
            labels[path] = limit.named(plan)
    for number, pool in enumerate(plan.scenario.pools):
        path = f"scenario.pools[{number}]"
        if path in labels and pool.total is None:
            labels[path] = Sentence(
                f"{pool.name}: saldoen må ikke gå under nul i noget år",
                f"{pool.name}: the balance may not fall below zero in any year",
            )
    return tuple(Rule(path, label) for path, label in labels.items())


class ConflictSearch:
    """The search for one smallest conflict of a plan that cannot be allocated."""

    def __init__(self, replanner: Replanner, *, seconds: float = 60.0) -> None:
        self.replanner = replanner
        self.rules = hard_rules(replanner)
        self._all = frozenset(rule.path for rule in self.rules)
        self._deadline = time.perf_counter() + seconds
        self._is_sure = True

    def conflict(self) -> Conflict:
        """Return an irreducible set of rules of the plan, which has no allocation."""
        candidates = self._hint() or [rule.path for rule in self.rules]
        needed = frozenset(self._needed([], candidates, grown=False))
        rules = tuple(rule for rule in self.rules if rule.path in needed)
        return Conflict(rules, self._is_sure)

    def is_feasible(self, paths: Iterable[str]) -> bool:
        """Return whether these rules can hold without the others; True where it is not known."""
        left = max(0.0, self._deadline - time.perf_counter())
        question = Question(without=self._all.difference(paths))
        answer = self.replanner.is_feasible(question, seconds=left)
        if answer is None:
            self._is_sure = False
        return answer is not False

    def _hint(self) -> list[str]:
        """Return the rules that the relaxation's own proof names, if they are a conflict."""
        named = self.replanner.named_by_relaxation()
        hint = [rule.path for rule in self.rules if rule.path in named]
        if 0 < len(hint) < len(self.rules) and not self.is_feasible(hint):
            return hint
        return []

    def _needed(self, kept: list[str], paths: list[str], *, grown: bool) -> list[str]:
        """Return which of the paths are needed beside those that are kept (``grown``: more now).

        Kept and paths together cannot hold.
        """
        if grown and not self.is_feasible(kept):
            return []
        if len(paths) == 1:
            return paths
        first, second = paths[: len(paths) // 2], paths[len(paths) // 2 :]
        later = self._needed([*kept, *first], second, grown=True)
        return [*self._needed([*kept, *later], first, grown=bool(later)), *later]
