"""From an exact program to the floating-point matrix that a solver works on.

Every row, and the objective, is multiplied by its own power of two so that its largest coefficient
lies between 512 and 1,024. A power of two loses no digit, and at that size one krone of a
hundred million stands clear of the solver's feasibility tolerance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from optimizer.program import Program, Row

SIZE = 10  # largest scaled coefficient is below 2 ** SIZE
INFINITY = math.inf


@dataclass(slots=True)
class MatrixRow:
    """One scaled row: lower <= sum of values[k] * column[k] <= upper."""

    columns: list[int]
    values: list[float]
    lower: float
    upper: float
    #: number of the program's row that it comes from
    source: int


@dataclass(slots=True)
class Matrix:
    """Columns, scaled rows and a scaled objective to be maximised.

    ``objective_scale`` times the real objective is the objective of the matrix, and ``scales[k]``
    times row k of the program is its row here. The first
    ``program_columns`` columns are the program's variables; the rest are by how much soft rows are
    broken.
    """

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    objective: dict[int, float] = field(default_factory=dict)
    rows: list[MatrixRow] = field(default_factory=list)
    scales: list[float] = field(default_factory=list)
    objective_scale: float = 1.0
    program_columns: int = 0

    def add_column(self, lower: float, upper: float, *, integer: bool) -> int:
        """Add a column and return its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.lower) - 1


def scale_for(values: Sequence[float]) -> float:
    """Return the power of two that brings the largest absolute value just under 2 ** SIZE."""
    largest = max((abs(v) for v in values), default=0.0)
    if not largest or not math.isfinite(largest):
        return 1.0
    return math.ldexp(1.0, SIZE - math.frexp(largest)[1])


def matrix_of(program: Program) -> Matrix:
    """Return the matrix of a program, soft rows with a column for what they are broken by."""
    matrix = Matrix()
    for variable in program.variables:
        lower = -INFINITY if variable.lower is None else float(variable.lower)
        upper = INFINITY if variable.upper is None else float(variable.upper)
        matrix.add_column(lower, upper, integer=variable.integer)
    matrix.program_columns = len(matrix.lower)
    objective = {v: float(c) for v, c in program.objective.items() if c}
    prices: dict[int, float] = {}
    for number, row in enumerate(program.rows):
        _add_row(matrix, row, number, prices)
    objective.update(prices)
    matrix.objective_scale = scale_for(list(objective.values()))
    matrix.objective = {v: c * matrix.objective_scale for v, c in objective.items()}
    return matrix


def scaled_row(row: Row, source: int = -1) -> tuple[MatrixRow, float]:
    """Return the matrix row of a row of a program, its price aside, and the scale it was given."""
    values = [float(c) for c in row.terms.values()]
    scale = scale_for(values)
    lower = -INFINITY if row.lower is None else float(row.lower - row.constant) * scale
    upper = INFINITY if row.upper is None else float(row.upper - row.constant) * scale
    scaled = [v * scale for v in values]
    return MatrixRow(list(row.terms), scaled, lower, upper, source), scale


def _add_row(matrix: Matrix, row: Row, source: int, prices: dict[int, float]) -> None:
    hard, scale = scaled_row(row, source)
    matrix.scales.append(scale)
    if row.price is None:
        matrix.rows.append(hard)
        return
    # the column counts scaled units, so that its coefficient is of the size of the others
    broken = matrix.add_column(0.0, INFINITY, integer=False)
    prices[broken] = -float(row.price) / scale
    columns = [*hard.columns, broken]
    if hard.upper < INFINITY:
        values = [*hard.values, -1.0]
        matrix.rows.append(MatrixRow(columns, values, -INFINITY, hard.upper, source))
    if hard.lower > -INFINITY:
        values = [*hard.values, 1.0]
        matrix.rows.append(MatrixRow(columns, values, hard.lower, INFINITY, source))
