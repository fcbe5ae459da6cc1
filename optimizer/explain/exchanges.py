"""Plans an exchange or two away from a known one: found in milliseconds, where a search takes more.

An intervention is put into a plan, and one or two others are taken out to make room; or it is taken
out, and another put in. All pairs are looked at in floating-point numbers at once; the best few are
then judged exactly. Overlaps and other helping variables are left to that judgement.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import islice

import numpy as np
import numpy.typing as npt

from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.explain.judge import Judge
from optimizer.intervention import intervention_of
from optimizer.program import Row

MOST_JUDGED = 4
#: relative to the largest coefficient of a row: what counts as kept before it is judged exactly
ALMOST = 1e-9
MOST_PAIRED = 150

Numbers = npt.NDArray[np.float64]
Way = tuple[str, Fraction]
#: (gain, in, out)
Exchange = tuple[float, list[Way], list[Way]]


class Exchanges:
    """One plan, with what every option adds to every hard row and to the objective."""

    def __init__(self, compilation: Compilation, choice: Choice) -> None:
        self.compilation = compilation
        self.judge = Judge(compilation, choice)
        self.choice = dict(choice)
        rows = [r for r in compilation.program.rows if _counts(r)]
        self.sizes = np.array([max(map(_size, r.terms.values()), default=1.0) for r in rows])
        lower = np.array(
            [-np.inf if r.lower is None else float(r.lower - r.constant) for r in rows]
        )
        upper = np.array([np.inf if r.upper is None else float(r.upper - r.constant) for r in rows])
        values = compilation.values(choice)
        now = np.array([float(r.activity(values) - r.constant) for r in rows])
        self.below, self.above = (lower - now) / self.sizes, (upper - now) / self.sizes
        self._columns = _columns(rows, self.sizes, len(compilation.program.variables))
        worth = compilation.program.objective
        self._worth = {v: float(c) for v, c in worth.items()}
        self._in = [(key, Fraction(scale)) for key, scale in choice.items()]
        self._names = {intervention_of(key) for key in choice}
        self._keys = compilation.keys_of

    def with_(self, name: str) -> dict[str, Fraction] | None:
        """Return a plan with an intervention in that is not in this one."""
        ways = [way for key in self._keys[name] for way in self._ways(key)]
        return self._best(self._entering(ways))

    def without(self, name: str) -> dict[str, Fraction] | None:
        """Return a plan without an intervention that is in this one."""
        gone = [way for way in self._in if intervention_of(way[0]) == name]
        return self._best(self._leaving(gone))

    @cached_property
    def _inside(self) -> tuple[Numbers, Numbers]:
        return self._effects(self._in)

    @cached_property
    def _outside(self) -> tuple[list[Way], Numbers, Numbers]:
        ways = [
            way
            for name, keys in self._keys.items()
            if name not in self._names
            for key in keys
            for way in self._ways(key)
        ]
        return (ways, *self._effects(ways))

    # ---- looking ----

    def _entering(self, ways: list[Way]) -> list[Exchange]:
        """Return (gain, in, out) of the exchanges that seem to keep every rule."""
        found: list[Exchange] = []
        effects, gains = self._inside
        for way in ways:
            (effect,), (gain,) = self._effects([way])
            found += [(gain, [way], [])] if self._fits(effect[None, :])[0] else []
            alone = self._fits(effect[None, :] - effects)
            found += [(gain - gains[k], [way], [self._in[k]]) for k in np.flatnonzero(alone)]
            if alone.any():
                continue
            for one, two in self._pairs_for(effect):
                loss = gains[one] + gains[two]
                found.append((gain - loss, [way], [self._in[one], self._in[two]]))
        return found

    @cached_property
    def _pairs(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Numbers]:
        """Return every two that are in, and what both add to the rows together."""
        effects = self._inside[0]
        first, second = np.triu_indices(min(len(self._in), MOST_PAIRED), k=1)
        return first, second, effects[first] + effects[second]

    def _pairs_for(self, effect: Numbers) -> Iterator[tuple[int, int]]:
        """Yield the pairs that make room: looked at first by the rows that lack it, which are few.

        Of all rows, only the pairs that are left are looked at.
        """
        first, second, sums = self._pairs
        lacking = np.flatnonzero((effect < self.below - ALMOST) | (effect > self.above + ALMOST))
        after = effect[lacking] - sums[:, lacking]
        low, high = self.below[lacking] - ALMOST, self.above[lacking] + ALMOST
        helping = np.flatnonzero(((after >= low) & (after <= high)).all(axis=1))
        fitting = helping[self._fits(effect - sums[helping])]
        yield from zip(first[fitting], second[fitting], strict=True)

    def _leaving(self, gone: list[Way]) -> list[Exchange]:
        """Return the same for taking some out and putting one other in, or none."""
        effects, gains = self._effects(gone)
        effect, gain = effects.sum(axis=0), gains.sum()
        found: list[Exchange] = []
        if self._fits(-effect[None, :])[0]:
            found.append((-gain, [], gone))
        others, more, worth = self._outside
        if others:
            fitting = np.flatnonzero(self._fits(more - effect[None, :]))
            found += [(worth[k] - gain, [others[k]], gone) for k in fitting]
        return found

    def _fits(self, changes: Numbers) -> npt.NDArray[np.bool_]:
        """Return for each change of all rows whether none would be broken."""
        kept = (changes >= self.below - ALMOST) & (changes <= self.above + ALMOST)
        return np.asarray(kept.all(axis=1))

    def _best(self, found: list[Exchange]) -> dict[str, Fraction] | None:
        """Return the best exchange that keeps every rule exactly."""
        found.sort(key=lambda one: -one[0])
        best: tuple[Fraction, dict[str, Fraction]] | None = None
        for _, coming, going in islice(found, MOST_JUDGED):
            away = {key for key, _ in going}
            choice = {k: s for k, s in self.choice.items() if k not in away} | dict(coming)
            objective, broken = self.judge.judge(choice)
            if not broken and (best is None or objective > best[0]):
                best = (objective, choice)
        return None if best is None else best[1]

    # ---- numbers ----

    def _ways(self, key: str) -> Iterator[Way]:
        yield key, Fraction(1)
        minimum = self.compilation.plan.options[key][1].minimum_scale
        if minimum is not None and minimum != 1:
            yield key, minimum

    def _effects(self, ways: list[Way]) -> tuple[Numbers, Numbers]:
        """Return what each way adds to the rows, and to the objective."""
        effects = np.zeros((len(ways), len(self.sizes)))
        gains = np.zeros(len(ways))
        for number, (key, scale) in enumerate(ways):
            chosen = self.compilation.chosen_variable[key]
            size = self.compilation.scale_variable[key]
            parts = {chosen: 1.0} | {size: float(scale)} if size != chosen else {chosen: 1.0}
            for variable, value in parts.items():
                numbers, coefficients = self._columns.get(variable, EMPTY)
                effects[number, numbers] += coefficients * value
                gains[number] += self._worth.get(variable, 0.0) * value
        return effects, gains


EMPTY: tuple[list[int], Numbers] = ([], np.zeros(0))


def _counts(row: Row) -> bool:
    """Return whether a row is a rule that choices alone keep or break."""
    return row.price is None and row.tag not in {"cut", "definition", "elastic"}


def _size(coefficient: object) -> float:
    return abs(float(coefficient))  # type: ignore[arg-type]


def _columns(
    rows: list[Row], sizes: Numbers, count: int
) -> Mapping[int, tuple[list[int], Numbers]]:
    """Return for every variable the rows that it stands in, and its coefficients there."""
    numbers: list[list[int]] = [[] for _ in range(count)]
    values: list[list[float]] = [[] for _ in range(count)]
    for place, row in enumerate(rows):
        for variable, coefficient in row.terms.items():
            numbers[variable].append(place)
            values[variable].append(float(coefficient) / sizes[place])
    return {v: (numbers[v], np.array(values[v])) for v in range(count) if numbers[v]}
