"""Plans known already: each is a lower bound, a start and a witness for other questions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from optimizer.allocation import judged, judged_row
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.explain.judge import Judge
from optimizer.explain.question import Question, force_paths
from optimizer.intervention import intervention_of
from optimizer.program import LazyRow, Row

MOST_JUDGED_AGAIN = 25


@dataclass(frozen=True, slots=True)
class Known:
    """A choice, its exact objective under the plan's own rules, and the paths that it breaks."""

    choice: Mapping[str, Fraction]
    objective: Fraction
    taken: frozenset[str]
    breaks: frozenset[str]


def taken(choice: Choice) -> frozenset[str]:
    """Return the ids of the interventions that are chosen."""
    return frozenset(intervention_of(key) for key in choice)


class KnownPlans:
    """All plans found so far, best first."""

    def __init__(self, compilation: Compilation) -> None:
        self.compilation = compilation
        self._plans: dict[tuple[tuple[str, Fraction], ...], Known] = {}
        self._sorted: list[Known] | None = None
        self._judge: Judge | None = None
        self.force_path = force_paths(compilation.plan)
        rules: tuple[Row | LazyRow, ...] = (*compilation.program.rows, *compilation.lazy_rows)
        self._soft = {rule.path for rule in rules if rule.price is not None}
        self._numbers: dict[str, list[int]] = {}
        for number, row in enumerate(compilation.program.rows):
            self._numbers.setdefault(row.path, []).append(number)

    def __iter__(self) -> Iterator[Known]:
        """Yield the plans, best first."""
        if self._sorted is None:
            self._sorted = sorted(self._plans.values(), key=lambda k: -k.objective)
        return iter(self._sorted)

    def add(self, choice: Choice) -> Known:
        """File a choice, judged by the plan's own rules: no question may be posed now."""
        key = tuple(sorted(choice.items()))
        known = self._plans.get(key)
        if known is None:
            if self._judge is None:
                self._judge = Judge(self.compilation, choice)
            objective, broken = self._judge.judge(choice)
            paths = frozenset(result.row.path for result in broken)
            known = Known(dict(choice), objective, taken(choice), paths)
            self._plans[key] = known
            self._sorted = None
        return known

    def suits(self, known: Known, question: Question) -> bool:
        """Return whether a plan keeps every rule that a question leaves as it is."""
        if not question.is_met_by(known.taken):
            return False
        excused = question.touched.union(self.force_path[name] for name in question.forces)
        return known.breaks <= excused

    def best(self, question: Question) -> tuple[Mapping[str, Fraction], Fraction] | None:
        """Return the best known plan under a question, which is posed now, and its objective."""
        suiting = (known for known in self if self.suits(known, question))
        is_soft = not self._soft.isdisjoint(question.touched)
        best: tuple[Mapping[str, Fraction], Fraction] | None = None
        for known in islice(suiting, MOST_JUDGED_AGAIN):
            objective = self._again(known, question.touched, is_soft=is_soft)
            if objective is not None and (best is None or objective > best[1]):
                best = (known.choice, objective)
                if not is_soft:
                    return best  # the others are worth less
        return best

    def _again(self, known: Known, touched: frozenset[str], *, is_soft: bool) -> Fraction | None:
        """Return a plan's objective under the question posed now; None where a rule is broken.

        It keeps all that is not touched; where that is hard, its objective is as it was.
        """
        compilation = self.compilation
        if is_soft:
            objective, results = judged(compilation, known.choice)
            is_kept = all(r.is_kept or r.row.price is not None for r in results)
            return objective if is_kept else None
        numbers = [n for path in touched for n in self._numbers.get(path, ())]
        lazy = [rule for rule in compilation.lazy_rows if rule.path in touched]
        if not numbers and not lazy:
            return known.objective
        values, rows = compilation.values(known.choice), compilation.program.rows
        is_kept = all(judged_row(rows[n], values, compilation.scales).is_kept for n in numbers)
        if not is_kept or any(compilation.broken_by(rule, values) for rule in lazy):
            return None
        return known.objective
