"""Which limits decide the choice: without one of them a better plan is close at hand.

One change of a plan is tried at a time: taking one in, or taking one in and another out. Where it
raises the goal and breaks a single limit, that limit is what stands in its way. It is a proof for
the limits that are found, and says nothing of the others; nothing is solved again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice
from math import inf

from optimizer import Allocation
from optimizer.compilation import Compilation
from optimizer.intervention import intervention_of
from optimizer.program import Exact, Row

MOST_TRIALS = 20_000
# relative: what a double may hide; every finding is checked again exactly
CLOSE = 1e-9


@dataclass(frozen=True)
class Neighbours:
    """The plans one change away from an allocation."""

    allocation: Allocation

    @cached_property
    def _compilation(self) -> Compilation:
        return Compilation(self.allocation.plan)

    @cached_property
    def _rows(self) -> list[Row]:
        return self._compilation.program.rows

    @cached_property
    def _values(self) -> list[Exact]:
        return self._compilation.values(self.allocation.choice)

    @cached_property
    def _activities(self) -> list[Fraction]:
        return [row.activity(self._values) for row in self._rows]

    @cached_property
    def _rows_of(self) -> Mapping[int, list[tuple[int, Exact]]]:
        """Return for every variable the rows that it stands in, with its coefficient."""
        places: dict[int, list[tuple[int, Exact]]] = defaultdict(list)
        for number, row in enumerate(self._rows):
            for variable, coefficient in row.terms.items():
                places[variable].append((number, coefficient))
        return places

    def decisive(self) -> frozenset[str]:
        """Return the paths of the limits that were found to decide the choice."""
        wanted = {row.path for row in self._rows if row.path and row.price is None}
        sketch = _Sketch.of(self)
        found: set[str] = set()
        for taken_in, left_out in islice(self._trials(), MOST_TRIALS):
            change = self._change(taken_in, left_out)
            path = sketch.in_the_way(change)
            if path and path not in found and self._is_in_the_way(path, change):
                found.add(path)
                if found >= wanted:
                    break
        return frozenset(found)

    def _trials(self) -> Iterator[tuple[str, str | None]]:
        """Yield (taken in, left out): first what changes least."""
        choice, keys = self.allocation.choice, self._compilation.chosen_variable
        entangled = {i for o in self._compilation.appraisal.overlaps for i in o.interventions}
        free = [key for key in keys if intervention_of(key) not in entangled]
        chosen = {intervention_of(key): key for key in choice}
        outside = [key for key in free if key not in choice]
        yield from ((key, chosen.get(intervention_of(key))) for key in outside)
        for other in (key for key in free if key in choice):
            for key in outside:
                if intervention_of(key) not in chosen:
                    yield key, other

    def _change(self, taken_in: str, left_out: str | None) -> dict[int, Exact]:
        """Return by how much every variable changes."""
        choose, scale = self._compilation.chosen_variable, self._compilation.scale_variable
        change: dict[int, Exact] = {choose[taken_in]: 1, scale[taken_in]: 1}
        if left_out is not None:
            for variable in {choose[left_out], scale[left_out]}:
                change[variable] = -self._values[variable]
        return change

    def _is_in_the_way(self, path: str, change: Mapping[int, Exact]) -> bool:
        """Return whether a change is better and breaks this limit alone, exactly."""
        objective = self._compilation.program.objective
        gain = sum((objective.get(v, 0) * by for v, by in change.items()), Fraction(0))
        moved: dict[int, Exact] = defaultdict(int)
        for variable, by in change.items():
            for number, coefficient in self._rows_of.get(variable, ()):
                moved[number] += coefficient * by
        broken: set[str] = set()
        for number, by in moved.items():
            row, before = self._rows[number], self._activities[number]
            more = row.broken_by(before + by) - row.broken_by(before)
            if row.price is not None:
                gain -= row.price * more
            elif more > 0:
                broken.add(row.path)
        return gain > 0 and broken == {path}


@dataclass(frozen=True, slots=True)
class _Sketch:
    """The hard rows in doubles: a quick look that sorts out most changes."""

    paths: list[str]
    room_up: list[float]
    room_down: list[float]
    rows_of: Mapping[int, list[tuple[int, float]]]
    worth: Mapping[int, float]

    @classmethod
    def of(cls, plans: Neighbours) -> "_Sketch":
        rows, activities = plans._rows, plans._activities  # noqa: SLF001 - its other half
        up, down = [], []
        for row, activity in zip(rows, activities, strict=True):
            is_hard = row.price is None
            close = CLOSE * max(1.0, float(abs(activity)))
            up.append(
                float(row.upper - activity) + close if is_hard and row.upper is not None else inf
            )
            down.append(
                float(activity - row.lower) + close if is_hard and row.lower is not None else inf
            )
        return cls(
            paths=[row.path for row in rows],
            room_up=up,
            room_down=down,
            rows_of={
                variable: [(number, float(c)) for number, c in places]
                for variable, places in plans._rows_of.items()  # noqa: SLF001
            },
            worth={v: float(c) for v, c in plans._compilation.program.objective.items()},  # noqa: SLF001
        )

    def in_the_way(self, change: Mapping[int, Exact]) -> str:
        """Return the one limit that a better plan seems to break; empty where none or several."""
        if sum(self.worth.get(v, 0.0) * float(by) for v, by in change.items()) <= 0:
            return ""
        moved: dict[int, float] = defaultdict(float)
        for variable, by in change.items():
            size = float(by)
            for number, coefficient in self.rows_of.get(variable, ()):
                moved[number] += coefficient * size
        broken = ""
        for number, amount in moved.items():
            if amount > self.room_up[number] or -amount > self.room_down[number]:
                path = self.paths[number]
                if not path or (broken and path != broken):
                    return ""
                broken = path
        return broken


def decisive_limits(allocation: Allocation) -> frozenset[str]:
    """Return the paths (``scenario.constraints[2]``) of limits that decide the allocation."""
    return Neighbours(allocation).decisive() if allocation.has_plan else frozenset()
