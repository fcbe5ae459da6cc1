"""Every question of an explanation, answered by trying all choices of a small plan.

The judge is :class:`tests.optimizer.oracle.Oracle`, which knows nothing of the library. Each choice
is judged once, with what it breaks; prices, conflicts and loosenings are then read off the table.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.optimizer.oracle import Oracle

Json = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """One choice: its value, and the hard rules that it breaks."""

    choice: Mapping[str, Fraction]
    taken: frozenset[str]
    value: Fraction
    breaks: frozenset[str]


class Table:
    """All choices of one document at full scale."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.oracle = Oracle(document)
        self.force_path = {
            one["id"]: f"interventions[{number}].force"
            for number, one in enumerate(document["interventions"])
        }
        self.lines = [self._judge(choice) for choice in self.oracle.choices({})]

    def _judge(self, choice: Mapping[str, Fraction]) -> Judged:
        broken = self.oracle.broken(choice)
        return Judged(
            choice=choice,
            taken=frozenset(self.oracle.taken(choice)),
            value=self.oracle.objective(choice),
            breaks=frozenset(row.path for row in broken if row.price is None),
        )

    @cached_property
    def paths(self) -> list[str]:
        """Return the paths that may stand in a conflict."""
        scenario = self.document["scenario"]
        paths = [f"scenario.pools[{n}]" for n, _ in enumerate(scenario["pools"])]
        paths += [
            f"scenario.constraints[{n}]"
            for n, limit in enumerate(scenario["constraints"])
            if limit.get("soft_price") is None
        ]
        paths += [
            f"relations[{n}]"
            for n, relation in enumerate(self.document["relations"])
            if relation["kind"] != "overlap"
        ]
        paths += [
            self.force_path[one["id"]] for one in self.document["interventions"] if one.get("force")
        ]
        return paths

    def best(self) -> Fraction | None:
        """Return the value of the best plan."""
        return max((line.value for line in self.lines if not line.breaks), default=None)

    def best_with(self, name: str, *, inside: bool) -> Fraction | None:
        """Return the best value with an intervention's force replaced by in or by out."""
        excused = {self.force_path[name]}
        values = (
            line.value
            for line in self.lines
            if (name in line.taken) == inside and line.breaks <= excused
        )
        return max(values, default=None)

    def best_without(self, paths: Iterable[str]) -> Fraction | None:
        """Return the best value with some rules left out."""
        excused = frozenset(paths)
        return max((line.value for line in self.lines if line.breaks <= excused), default=None)

    def is_feasible(self, paths: Iterable[str]) -> bool:
        """Return whether some choice keeps these rules, all others left out."""
        kept = frozenset(paths)
        return any(not line.breaks & kept for line in self.lines)


def loosened(document: Json, entry: Json) -> Json:
    """Return a document with one limit loosened as an entry of ``loosening`` says."""
    result = copy.deepcopy(document)
    limit: Any = result
    for part in entry["path"].replace("]", "").split("."):
        name, _, number = part.partition("[")
        limit = limit[name][int(number)] if number else limit[name]
    by = entry["by"]
    if isinstance(by, Mapping):
        key = "by_year" if "by_year" in limit else "paid_in"
        for year, amount in by.items():
            limit[key][year] = limit[key].get(year, 0) + amount
        return result
    for key, sign in (("total", 1), ("at_most", 1), ("at_least", -1)):
        if limit.get(key) is not None:
            value = Fraction(str(limit[key])) + sign * Fraction(str(by))
            limit[key] = int(value) if value.denominator == 1 else float(value)
    if limit.get("tag") == "cumulative" and "at_least" not in limit:
        limit["at_least"] = -by
    return result
