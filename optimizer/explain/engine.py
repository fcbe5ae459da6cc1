"""The engine of explanations: one program, relaxed or whole, asked with bounds moved about.

It adds to :class:`optimizer.solver.Engine` what hundreds of questions in a row need: bounds moved
in bulk, another objective, reduced costs, and starts that are complete.
"""

from collections.abc import Mapping, Sequence

import highspy
import numpy as np
import numpy.typing as npt

from optimizer.errors import SolverError
from optimizer.matrix import scaled_row
from optimizer.program import Exact, Program, Row
from optimizer.solver import Engine

NOISE = 1e-9
#: HiGHS' heuristics that search small programs of their own, and those that only round
COSTLY = tuple(
    f"mip_heuristic_run_{name}"
    for name in ("rens", "rins", "root_reduced_cost", "feasibility_jump")
)
CHEAP = ("mip_heuristic_run_zi_round", "mip_heuristic_run_shifting")
INFINITE = highspy.kHighsInf
Columns = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.float64]


class VariedEngine(Engine):
    """An engine whose bounds, rows and objective are moved and put back.

    ``relaxed`` lets all variables be any number, for good: two engines side by side are faster than
    one that is switched to and fro, since each keeps the basis it ended with.
    """

    def __init__(self, program: Program, *, relaxed: bool = False) -> None:
        super().__init__(program)
        if relaxed:
            self.relax(relaxed=True)
        # presolving anew in the middle of a short search costs three times what it gains
        self.highs.setOptionValue("mip_allow_restart", False)  # noqa: FBT003 - it takes no keyword
        matrix = self.matrix
        self.columns = len(matrix.lower)
        self.lower = np.array(matrix.lower)
        self.upper = np.array(matrix.upper)
        self.whole = np.array(matrix.integer)
        self._added_scales: dict[int, float] = {}
        #: columns of what soft rows are broken by: (column, program row, -1 above, 1 below)
        self._broken = [
            (row.columns[-1], row.source, row.values[-1])
            for row in matrix.rows
            if row.columns and row.columns[-1] >= matrix.program_columns
        ]

    def bound_row(self, number: int, *, lower: Exact | None, upper: Exact | None) -> None:
        """Set the limits of a row of the program, also on a side that had none."""
        places = self._places.get(number, ())
        if len(places) != 1 or self.program.rows[number].price is not None:
            super().bound_row(number, lower=lower, upper=upper)
            return
        constant, scale = self.program.rows[number].constant, self.matrix.scales[number]
        self.highs.changeRowBounds(
            places[0][0],
            -INFINITE if lower is None else float(lower - constant) * scale,
            INFINITE if upper is None else float(upper - constant) * scale,
        )

    def bound_columns(self, columns: Sequence[int], lower: float, upper: float) -> None:
        """Set the same bounds for several columns, until :meth:`restore`."""
        numbers = np.asarray(columns, np.int32)
        self.lower[numbers], self.upper[numbers] = lower, upper
        self.free(numbers)

    def restore(self, columns: Sequence[int]) -> None:
        """Give columns the bounds of the program back."""
        numbers = np.asarray(columns, np.int32)
        self.lower[numbers] = np.array([self.matrix.lower[c] for c in columns])
        self.upper[numbers] = np.array([self.matrix.upper[c] for c in columns])
        self.free(numbers)

    def fix(self, columns: Columns, values: Numbers) -> None:
        """Fix each column at its value, until :meth:`free`."""
        if len(columns):
            self.highs.changeColsBounds(len(columns), columns, values, values)

    def free(self, columns: Columns) -> None:
        """Let columns that were fixed move within their bounds again."""
        if len(columns):
            low, high = self.lower[columns], self.upper[columns]
            self.highs.changeColsBounds(len(columns), columns, low, high)

    def switch(self, place: int, row: Row, *, is_on: bool) -> None:
        """Make an added row count, or not count, without taking it away."""
        scaled, _ = scaled_row(row)
        low, high = (scaled.lower, scaled.upper) if is_on else (-INFINITE, INFINITE)
        self.highs.changeRowBounds(place, low, high)

    def aim(self, worth: Mapping[int, float] | None) -> None:
        """Maximise another objective, in the matrix' own units; None is the program's own."""
        cost = np.zeros(self.columns)
        for column, value in (self.matrix.objective if worth is None else worth).items():
            cost[column] = -value
        self.highs.changeColsCost(self.columns, np.arange(self.columns, dtype=np.int32), cost)

    def look_for_plans(self, *, hard: bool) -> None:
        """Let a search spend much on finding plans, or little, when a good one is known already."""
        for name in COSTLY:
            self.highs.setOptionValue(name, hard)
        for name in CHEAP:
            self.highs.setOptionValue(name, not hard)

    def be_content_with(self, objective: float) -> None:
        """Let a search end with the first plan worth so much, matrix units; infinity: the best."""
        self.highs.setOptionValue("objective_target", -objective)

    def reduced_costs(self) -> Numbers:
        """Return, after a relaxed solve, what moving each column by one costs, matrix units."""
        duals = np.array(self.highs.getSolution().col_dual, float)[: self.columns]
        return np.asarray(np.abs(duals), float)

    def column_values(self) -> Numbers:
        """Return the values of all columns."""
        return np.array(self.highs.getSolution().col_value)[: self.columns]

    def infeasibility_proof(self) -> list[int]:
        """Return the solver rows that prove a relaxed program infeasible; empty where unknown."""
        _, exists, ray = self.highs.getDualRay()
        if not exists:
            return []
        size = max((abs(value) for value in ray), default=0.0)
        return [place for place, value in enumerate(ray) if abs(value) > NOISE * size]

    def completed(self, values: Sequence[Exact]) -> list[float]:
        """Return values of the program's variables, and by how much soft rows are broken."""
        result = [float(v) for v in values] + [0.0] * (self.columns - len(values))
        for column, number, sign in self._broken:
            row = self.program.rows[number]
            activity = row.activity(values)
            limit = row.upper if sign < 0 else row.lower
            if limit is not None:
                over = activity - limit if sign < 0 else limit - activity
                scale = self.matrix.scales[number]
                result[column] = max(result[column], float(over) * scale)
        return result

    def _run(self) -> None:
        """Run HiGHS; where it stops with an error (the basis it kept is no good), run it anew."""
        try:
            super()._run()
        except SolverError:
            self.highs.clearSolver()
            super()._run()

    def places(self, number: int) -> list[tuple[int, bool, bool]]:
        """Return where a row of the program stands: (solver row, is lower, is upper side)."""
        return self._places.get(number, [])

    def add(self, row: Row) -> int:
        """Add a hard row; return its place."""
        place = super().add(row)
        self._added_scales[place] = scaled_row(row)[1]
        return place

    def added_scale(self, place: int) -> float:
        """Return what an added row was multiplied by."""
        return self._added_scales[place]
