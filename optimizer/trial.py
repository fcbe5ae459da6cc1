"""Trying plans without a solver: whether there is any at all, or another one just as good."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice

from optimizer.allocation import Swap, judged
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.intervention import Force, intervention_of
from optimizer.program import Exact

MOST_OPTIONS = 300
MOST_TRIALS = 60
MOST_SWAPS = 5


def keeps_all(compilation: Compilation, choice: Choice) -> Fraction | None:
    """Return the objective of a choice that keeps every hard rule, else None."""
    objective, results = judged(compilation, choice)
    if all(r.is_kept or r.row.price is not None for r in results):
        return objective
    return None


def some_plan(compilation: Compilation) -> dict[str, Fraction] | None:
    """Return the empty or the greedy plan if it keeps every hard rule, else None.

    It is asked when a solver says that no plan exists (CBC has been seen to err); a plan that
    keeps all rules to the last fraction of a krone refutes it.
    """
    start = {
        f"{i.id}/{i.options[0].id}": Fraction(1)
        for i in compilation.plan.interventions
        if i.force is Force.IN
    }
    if not _missing(compilation, start):
        return start
    if len(compilation.plan.options) > MOST_OPTIONS:
        return None
    return _greedy(compilation, start)


def _greedy(compilation: Compilation, start: dict[str, Fraction]) -> dict[str, Fraction] | None:
    """Take in, best objective first, whatever lessens what is broken."""
    worth = compilation.program.objective
    keys = sorted(
        compilation.chosen_variable,
        key=lambda k: (-worth.get(compilation.scale_variable[k], 0), k),
    )
    plan = dict(start)
    taken = {intervention_of(k) for k in plan}
    missing = _missing(compilation, plan)
    for key in keys:
        if intervention_of(key) in taken:
            continue
        tried = {**plan, key: Fraction(1)}
        left = _missing(compilation, tried)
        if left < missing:
            plan, missing = tried, left
            taken.add(intervention_of(key))
        if not missing:
            return plan
    return None


def _missing(compilation: Compilation, choice: Choice) -> Fraction:
    """Return how far a choice is from keeping the hard rules, each rule in its own size."""
    _, results = judged(compilation, choice)
    total = Fraction(0)
    for result in results:
        broken_by = result.row.broken_by(result.activity)  # no krone of tolerance here
        if broken_by and result.row.price is None:
            sizes = [abs(Fraction(c)) for c in result.row.terms.values()]
            size = max(sizes, default=Fraction(1))
            total += broken_by / size
    return total


def equally_good(compilation: Compilation, choice: Choice, objective: Fraction) -> tuple[Swap, ...]:
    """Return some single changes that leave the objective exactly as it is and break nothing.

    Looked for among leaving one out, taking one in, and exchanging one for another of the same
    worth; all or nothing options only. Finding none does not prove the plan unique.
    """
    worth = compilation.program.objective
    values = {k: worth.get(v, 0) for k, v in compilation.scale_variable.items()}
    out = [k for k in choice if choice[k] == 1]
    chosen = {intervention_of(k) for k in choice}
    by_worth: dict[Exact, list[str]] = {}
    for key, value in values.items():
        if key not in choice:
            by_worth.setdefault(value, []).append(key)
    trials = _trials(out, chosen, values, by_worth)
    found = []
    for swap in islice(trials, MOST_TRIALS):
        other = {k: s for k, s in choice.items() if k not in swap.without}
        other.update(dict.fromkeys(swap.instead, Fraction(1)))
        if keeps_all(compilation, other) == objective:
            found.append(swap)
        if len(found) == MOST_SWAPS:
            break
    return tuple(found)


def _trials(
    out: list[str],
    chosen: set[str],
    values: Mapping[str, Exact],
    by_worth: Mapping[Exact, list[str]],
) -> Iterator[Swap]:
    """Yield the changes whose worth adds up to nothing, before overlaps and soft prices."""
    for key in out:
        if values[key] == 0:
            yield Swap((key,), ())
    for key in by_worth.get(0, ()):
        if intervention_of(key) not in chosen:
            yield Swap((), (key,))
    for key in out:
        for other in by_worth.get(values[key], ()):
            name = intervention_of(other)
            if name == intervention_of(key) or name not in chosen:
                yield Swap((key,), (other,))
