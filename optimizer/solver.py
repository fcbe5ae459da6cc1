"""The only module that knows PuLP: a program in, a solver's answer out.

PuLP holds the model; HiGHS runs in this process and gets the rows in bulk (PuLP's own loop adds
them one by one, about seven times slower); CBC is the alternative, run by PuLP as a child process.
What a solver says is translated here and believed nowhere: see :mod:`optimizer.allocating`.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import highspy
import numpy as np
import pulp

from optimizer.answer import Answer, Effort, Improved, Progress, Solution, SolverName
from optimizer.errors import SolverError
from optimizer.matrix import INFINITY, Matrix, matrix_of, scaled_row
from optimizer.program import Exact, Program, Row

SEED = 0


def solve(
    program: Program,
    *,
    solver: SolverName = "highs",
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Return what a solver claims about a program.

    Raises
    ------
    SolverError
        The solver is missing, refused an option, or crashed.
    """
    effort = effort or Effort()
    if solver == "highs":
        engine = Engine(program)
        solution = engine.solve(effort, progress=progress)
        solution.seconds.update(engine.seconds)
        return solution
    began = time.perf_counter()
    matrix = matrix_of(program)
    model = pulp_model(matrix)
    built = time.perf_counter()
    solution = _solve_with_cbc(matrix, model, effort, progress)
    solution.seconds["build"] = built - began
    if solution.values is not None:
        solution.values = solution.values[: matrix.program_columns]
    return solution


def pulp_model(matrix: Matrix) -> pulp.LpProblem:
    """Return the PuLP problem of a matrix, its names made of numbers only."""
    problem = pulp.LpProblem("bundlinje", pulp.LpMaximize)
    variables = [
        problem.add_variable(
            f"x{number:08d}",  # PuLP sorts by name
            None if lower == -INFINITY else lower,
            None if upper == INFINITY else upper,
            pulp.LpInteger if integer else pulp.LpContinuous,
        )
        for number, (lower, upper, integer) in enumerate(
            zip(matrix.lower, matrix.upper, matrix.integer, strict=True)
        )
    ]
    # PuLP forgets a variable that stands nowhere, and all after it would take its place
    worth = {variable: matrix.objective.get(v, 0.0) for v, variable in enumerate(variables)}
    problem.setObjective(pulp.LpAffineExpression(worth))
    for number, row in enumerate(matrix.rows):
        terms = {variables[v]: c for v, c in zip(row.columns, row.values, strict=True)}
        expression = pulp.LpAffineExpression(terms)
        sides = [(row.lower, pulp.LpConstraintGE), (row.upper, pulp.LpConstraintLE)]
        if row.lower == row.upper:
            sides = [(row.lower, pulp.LpConstraintEQ)]
        for bound, sense in sides:
            if abs(bound) != INFINITY:
                name = f"r{number:08d}{'g' if sense == pulp.LpConstraintGE else ''}"
                problem.addConstraint(pulp.LpConstraint(expression, sense, name, bound))
    return problem


# ---- HiGHS ----


class BulkHiGHS(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's in-process HiGHS with the whole model handed over at once."""

    def buildSolverModel(self, lp: pulp.LpProblem) -> None:  # noqa: N802 - PuLP's name
        """Pass columns and rows as arrays."""
        columns = lp.variables()
        for number, variable in enumerate(columns):
            variable.index = number
        objective = np.zeros(len(columns))
        for variable, coefficient in lp.objective.items():
            objective[variable.index] = -coefficient
        starts, indices, values, lower, upper = [0], [], [], [], []
        for constraint in lp.constraints():
            for variable, coefficient in constraint.items():
                if coefficient:
                    indices.append(variable.index)
                    values.append(coefficient)
            starts.append(len(indices))
            bounds = constraint.getLb(), constraint.getUb()
            lower.append(-highspy.kHighsInf if bounds[0] is None else bounds[0])
            upper.append(highspy.kHighsInf if bounds[1] is None else bounds[1])
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(columns), len(lower)
        model.col_cost_ = objective
        model.col_lower_ = np.array(
            [-highspy.kHighsInf if v.lowBound is None else v.lowBound for v in columns], float
        )
        model.col_upper_ = np.array(
            [highspy.kHighsInf if v.upBound is None else v.upBound for v in columns], float
        )
        model.row_lower_, model.row_upper_ = np.array(lower, float), np.array(upper, float)
        kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
        model.integrality_ = [kinds[v.cat == pulp.LpInteger] for v in columns]
        matrix = model.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.num_col_, matrix.num_row_ = len(columns), len(lower)
        matrix.start_ = np.array(starts, np.int32)
        matrix.index_ = np.array(indices, np.int32)
        matrix.value_ = np.array(values, float)
        lp.solverModel.passModel(model)


class Engine:
    """HiGHS holding one program in this process, asked again and again with a few things changed.

    Explanations, frontiers and cuts ask the same program many times: with an intervention forced
    in, with a pool one million larger, with one more row. It is built once; the best plan so far
    is a start for the next search. Numbers of variables and rows are those of the program; values,
    bounds and objective are in real units, the scaling stays inside.
    """

    _threads: ClassVar[int | None] = None

    def __init__(self, program: Program) -> None:
        began = time.perf_counter()
        self.program = program
        self.matrix = matrix_of(program)
        model = pulp_model(self.matrix)
        built = time.perf_counter()
        bulk = BulkHiGHS(msg=False)
        bulk.createAndConfigureSolver(model)
        bulk.buildSolverModel(model)
        #: seconds spent on building and on handing the model over
        self.seconds = {"build": built - began, "transfer": time.perf_counter() - built}
        self.highs: Any = model.solverModel
        #: program row -> [(solver row, is lower side, is upper side)]
        self._places: dict[int, list[tuple[int, bool, bool]]] = {}
        for place, constraint in enumerate(model.constraints()):
            row = self.matrix.rows[int(constraint.name[1:9])]  # the name that pulp_model gave
            lower, upper = constraint.getLb() is not None, constraint.getUb() is not None
            self._places.setdefault(row.source, []).append((place, lower, upper))
        self._relaxed = False

    # ---- changing ----

    def bound_row(self, number: int, *, lower: Exact | None, upper: Exact | None) -> None:
        """Set the limits of a row of the program; None is no limit."""
        row = self.program.rows[number]
        scale = self.matrix.scales[number]
        low = -INFINITY if lower is None else float(lower - row.constant) * scale
        high = INFINITY if upper is None else float(upper - row.constant) * scale
        for place, is_lower, is_upper in self._places.get(number, ()):
            self.highs.changeRowBounds(
                place,
                low if is_lower else -highspy.kHighsInf,
                high if is_upper else highspy.kHighsInf,
            )

    def bound_variable(self, number: int, lower: float, upper: float) -> None:
        """Set the bounds of a variable."""
        self.highs.changeColBounds(number, lower, upper)

    def add(self, row: Row) -> int:
        """Add a hard row; return its place for :meth:`drop`."""
        scaled, _ = scaled_row(row)
        self.highs.addRow(
            scaled.lower,
            scaled.upper,
            len(scaled.columns),
            np.array(scaled.columns, np.int32),
            np.array(scaled.values, float),
        )
        return int(self.highs.getNumRow()) - 1

    def drop_from(self, place: int) -> None:
        """Take away the rows that were added at ``place`` and after."""
        last = int(self.highs.getNumRow()) - 1
        if place <= last:
            self.highs.deleteRows(last - place + 1, np.arange(place, last + 1, dtype=np.int32))

    def relax(self, *, relaxed: bool) -> None:
        """Let whole variables be any number, or make them whole again."""
        if relaxed == self._relaxed:
            return
        kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
        for number, integer in enumerate(self.matrix.integer):
            if integer:
                self.highs.changeColIntegrality(number, kinds[not relaxed])
        self._relaxed = relaxed

    # ---- asking ----

    def solve(
        self,
        effort: Effort,
        *,
        progress: Progress | None = None,
        improved: Improved | None = None,
        start: Sequence[float] | None = None,
    ) -> Solution:
        """Return what HiGHS claims about the program as it stands now.

        ``start`` is a plan to begin from: values of the program's variables. ``improved`` is given
        those of each plan that is the best so far, in this thread, as it is found.
        """
        began = time.perf_counter()
        self._share_threads(effort.threads)
        _configure(self.highs, effort, self.matrix.objective_scale)
        if start is not None:
            known = np.arange(len(start), dtype=np.int32)
            self.highs.setSolution(len(start), known, np.array(start, float))
        with _watched(self.highs, self.matrix, progress, improved):
            self._run()
        answer = _highs_answer(self.highs) or self._unbounded_or_infeasible()
        solution = Solution(answer, name="HiGHS", version=self.highs.version())
        if answer in {Answer.OPTIMAL, Answer.FEASIBLE}:
            values = list(self.highs.getSolution().col_value)
            solution.values = values[: self.matrix.program_columns]
            is_whole = any(self.matrix.integer) and not self._relaxed
            solution.bound = _highs_bound(self.highs, self.matrix, answer, is_whole=is_whole)
        solution.seconds = {"solve": time.perf_counter() - began}
        return solution

    def _unbounded_or_infeasible(self) -> Answer:
        """Tell the two apart by asking again without an objective."""
        count = len(self.matrix.lower)
        columns = np.arange(count, dtype=np.int32)
        cost = np.array(self.highs.getLp().col_cost_)
        self.highs.changeColsCost(count, columns, np.zeros(count))
        self._run()
        status = self.highs.getModelStatus()
        self.highs.changeColsCost(count, columns, cost)
        if status == highspy.HighsModelStatus.kInfeasible:
            return Answer.INFEASIBLE
        is_solved = status == highspy.HighsModelStatus.kOptimal
        return Answer.UNBOUNDED if is_solved else Answer.NO_ANSWER

    @classmethod
    def _share_threads(cls, threads: int) -> None:
        """Let HiGHS begin anew with another number of threads: one process has one set of them."""
        if cls._threads not in {None, threads}:
            highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - it takes no keyword
        cls._threads = threads

    def _run(self) -> None:
        if self.highs.run() == highspy.HighsStatus.kError:
            message = "HiGHS stopped with an error"
            raise SolverError(message)

    def duals(self) -> list[float]:
        """Return, after a relaxed solve, what the objective gains per unit a row is loosened by.

        One number a row of the program, objective units per real unit of the row; never negative.
        """
        found = list(self.highs.getSolution().row_dual)
        scale = self.matrix.objective_scale
        prices = []
        for number in range(len(self.program.rows)):
            raw = sum(abs(found[place]) for place, _, _ in self._places.get(number, ()))
            prices.append(raw * self.matrix.scales[number] / scale)
        return prices


def _configure(engine: Any, effort: Effort, objective_scale: float) -> None:
    options: dict[str, Any] = {
        "output_flag": False,
        "mip_rel_gap": effort.gap,
        "mip_abs_gap": effort.absolute_gap * objective_scale,
        "time_limit": float(max(effort.time_limit, 0.0)),
        "threads": effort.threads,
        "random_seed": SEED,
        # HiGHS calls a wrong plan best where one krone meets millions: at 1e-6 presolve took
        # 1,000,001 x + 12,000,000 y <= 13,000,000 for a row that always holds. Of 90,000 small
        # plans made to provoke it: 73 at 1e-6, 33 at 1e-7, 2 at 1e-8, 10 at 3e-9, 21 at 1e-9.
        "mip_feasibility_tolerance": 1e-8,
    }
    for name, value in options.items():
        # HiGHS reports a mistyped option; PuLP would pass over it in silence
        if engine.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            message = f"HiGHS refused the option {name}={value}"
            raise SolverError(message)


def _highs_answer(engine: Any) -> Answer | None:
    """Return the answer; None where it is unbounded or infeasible and HiGHS cannot say which."""
    status = engine.getModelStatus()
    known = highspy.HighsModelStatus
    if status == known.kModelEmpty:  # said of any program without columns, its rows unread
        lp = engine.getLp()
        is_kept = all(
            low <= 0 <= high for low, high in zip(lp.row_lower_, lp.row_upper_, strict=True)
        )
        return Answer.OPTIMAL if is_kept else Answer.INFEASIBLE
    if status == known.kOptimal:
        return Answer.OPTIMAL
    if status == known.kInfeasible:
        return Answer.INFEASIBLE
    if status == known.kUnbounded:
        return Answer.UNBOUNDED
    if status == known.kUnboundedOrInfeasible:
        return None
    has_plan = engine.getInfo().primal_solution_status == 2  # noqa: PLR2004 - kSolutionStatusFeasible
    return Answer.FEASIBLE if has_plan else Answer.NO_ANSWER


def _highs_bound(engine: Any, matrix: Matrix, answer: Answer, *, is_whole: bool) -> float | None:
    info = engine.getInfo()
    if is_whole:
        bound = -info.mip_dual_bound
    elif answer is Answer.OPTIMAL:
        bound = -info.objective_function_value
    else:
        return None
    return bound / matrix.objective_scale if abs(bound) != INFINITY else None


@contextmanager
def _watched(
    engine: Any, matrix: Matrix, progress: Progress | None, improved: Improved | None
) -> Iterator[None]:
    """Report best, bound and plans while HiGHS works, and stop it when asked to."""

    def finite(value: float) -> float | None:
        return -value / matrix.objective_scale if abs(value) < highspy.kHighsInf else None

    def look(event: Any) -> None:
        out = event.data_out
        if progress is not None and progress(
            finite(out.mip_primal_bound), finite(out.mip_dual_bound), out.running_time
        ):
            event.interrupt()

    def take(event: Any) -> None:
        if improved is not None:
            # HiGHS uses the array again after this call
            values = np.array(event.data_out.mip_solution, float)
            improved(values[: matrix.program_columns].tolist())

    told = [(engine.cbMipInterrupt, look)] if progress is not None else []
    told += [(engine.cbMipImprovingSolution, take)] if improved is not None else []
    for event, listener in told:
        event.subscribe(listener)
    try:
        yield
    finally:
        for event, listener in told:
            event.unsubscribe(listener)


# ---- CBC ----


def _solve_with_cbc(
    matrix: Matrix, model: pulp.LpProblem, effort: Effort, progress: Progress | None
) -> Solution:
    if progress is not None and progress(None, None, 0.0):
        return Solution(Answer.NO_ANSWER, name="CBC")
    path = pulp.PULP_CBC_CMD.pulp_cbc_path
    if not os.access(path, os.X_OK):
        message = "CBC is not installed; use HiGHS"
        raise SolverError(message)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        engine = pulp.COIN_CMD(
            path=path,
            msg=False,
            gapRel=effort.gap,
            gapAbs=effort.absolute_gap * matrix.objective_scale,
            timeLimit=max(effort.time_limit, 0.0),
            # told of one thread, CBC now and then waits ten seconds for it
            threads=effort.threads if effort.threads > 1 else None,
            logPath=str(log),
            options=[f"randomCbcSeed {SEED + 1}"],
        )
        engine.tmpDir = folder
        try:
            engine.actualSolve(model)
        except pulp.PulpSolverError as error:
            message = f"CBC stopped with an error: {error}"
            raise SolverError(message) from error
        text = log.read_text(encoding="utf-8", errors="replace")
    solution = Solution(_cbc_answer(model, text), name="CBC", version=_cbc_version(text))
    if solution.answer in {Answer.OPTIMAL, Answer.FEASIBLE}:
        solution.values = [float(v.varValue or 0.0) for v in model.variables()]
        solution.bound = _cbc_bound(text, model, matrix, effort)
    solution.seconds = {"transfer": 0.0, "solve": time.perf_counter() - began}
    return solution


def _cbc_answer(model: pulp.LpProblem, log: str) -> Answer:
    answers = {
        pulp.LpSolutionOptimal: Answer.OPTIMAL,
        pulp.LpSolutionIntegerFeasible: Answer.FEASIBLE,
        pulp.LpSolutionInfeasible: Answer.INFEASIBLE,
        pulp.LpSolutionUnbounded: Answer.UNBOUNDED,
    }
    # its preprocessing cannot tell infeasible from unbounded, but the relaxation had a best value
    if "Pre-processing says infeasible" in log and "Continuous objective value is" in log:
        return Answer.INFEASIBLE
    # the status says Optimal at a time limit; only the solution status tells
    return answers.get(model.sol_status, Answer.NO_ANSWER)


def _cbc_version(log: str) -> str:
    found = re.search(r"^Version:\s*(\S+)", log, re.MULTILINE)
    return found.group(1) if found else ""


def _cbc_bound(log: str, model: pulp.LpProblem, matrix: Matrix, effort: Effort) -> float | None:
    """Return the bound that CBC's log states; for a proved plan its value plus the asked gap."""
    value = float(pulp.value(model.objective) or 0.0) / matrix.objective_scale
    if model.sol_status == pulp.LpSolutionOptimal:
        return value + max(effort.gap * abs(value), effort.absolute_gap)
    found = re.search(r"^Upper bound:\s*(-?[\d.]+(?:e[+-]\d+)?)", log, re.MULTILINE)
    return float(found.group(1)) / matrix.objective_scale if found else None
