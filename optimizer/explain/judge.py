"""Judging many choices that are near to each other: only what changes is added up anew, exactly.

:func:`optimizer.allocation.judged` adds up every row. Between two plans that differ in three
interventions, three columns differ; the rest of every sum stands.
"""

from fractions import Fraction

from optimizer.allocation import RowResult, judged_lazy, judged_row
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.program import Exact, Row


class Judge:
    """The sums of one choice, from which those of others are found.

    The program may not change while it is used.
    """

    def __init__(self, compilation: Compilation, choice: Choice) -> None:
        self.compilation = compilation
        program = compilation.program
        self._rows = [row for row in program.rows if row.tag != "cut"]
        self._columns: list[list[tuple[int, Exact]]] = [[] for _ in program.variables]
        for number, row in enumerate(self._rows):
            for variable, coefficient in row.terms.items():
                self._columns[variable].append((number, coefficient))
        self._sizes: dict[int, float] = {}
        self._values = compilation.values(choice)
        self._worth = program.value(self._values)
        self._sums = [row.activity(self._values) for row in self._rows]
        results = [self._result(n, self._values) for n in range(len(self._rows))]
        self._losses = {n: self._loss(r) for n, r in enumerate(results) if r.row.price is not None}
        self._loss_of_all = sum(self._losses.values(), Fraction(0))
        self._broken = {
            n: r for n, r in enumerate(results) if not r.is_kept and r.row.price is None
        }

    def judge(self, choice: Choice) -> tuple[Fraction, list[RowResult]]:
        """Return the objective after soft prices, and the hard rules that a choice breaks."""
        values = self.compilation.values(choice)
        sums: dict[int, Fraction] = {}
        worth = self._worth
        coefficients = self.compilation.program.objective
        for variable, (old, new) in enumerate(zip(self._values, values, strict=True)):
            if old == new:
                continue
            worth += coefficients.get(variable, 0) * (new - old)
            for number, coefficient in self._columns[variable]:
                sums[number] = sums.get(number, self._sums[number]) + coefficient * (new - old)
        broken = [result for n, result in self._broken.items() if n not in sums]
        loss = self._loss_of_all
        for number, activity in sums.items():
            row = self._rows[number]
            is_over = bool(row.broken_by(activity))
            if row.price is not None:
                after = self._loss(self._result(number, values)) if is_over else Fraction(0)
                loss += after - self._losses[number]
            elif is_over:
                result = self._result(number, values)
                broken += [] if result.is_kept else [result]
        return worth - loss, broken + self._lazy(values)

    def share(self, row: Row, by: Fraction) -> float:
        """Return how much a row is broken by, in times of its largest coefficient."""
        size = self._sizes.get(id(row))
        if size is None:
            size = max((abs(float(c)) for c in row.terms.values()), default=1.0) or 1.0
            self._sizes[id(row)] = size
        return float(by) / size

    def _result(self, number: int, values: list[Exact]) -> RowResult:
        return judged_row(self._rows[number], values, self.compilation.scales)

    @staticmethod
    def _loss(result: RowResult) -> Fraction:
        return (result.row.price or Fraction(0)) * result.broken_by

    def _lazy(self, values: list[Exact]) -> list[RowResult]:
        hard = (lazy for lazy in self.compilation.lazy_rows if lazy.price is None)
        results = (judged_lazy(self.compilation, lazy, values) for lazy in hard)
        return [result for result in results if not result.is_kept]
