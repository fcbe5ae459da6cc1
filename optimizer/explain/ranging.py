"""How far a marginal price holds: the relaxation with one limit's number made a variable.

Let delta be how much the limit is loosened. The relaxation's best objective is a concave function
of delta; its slope at 0 is the price, and the price holds as long as the function follows that
line: the least and the greatest delta at which some point still reaches the line. Two small linear
programs after the first, whatever the degeneracy of the basis.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.answer import Answer, Effort
from optimizer.compilation import Compilation
from optimizer.explain.engine import INFINITE, VariedEngine
from optimizer.explain.limits import Limit
from optimizer.program import Row
from optimizer.search import Search

MOST_ROUNDS = 200
#: relative: how near to the line counts as on it, strictest first
ON_THE_LINE = (0.0, 1e-12, 1e-10, 1e-8)
#: a slope smaller than this, relative to the objective, is none
FLAT = 1e-8
STRICT = 1e-10
#: a delta greater than this, in steps, is no end
NO_END = 1e7
#: a delta smaller than this, in steps or of the limit's number, is none
NO_WAY, NO_WAY_OF_IT = 1e-6, 1e-8
#: where the slope to the right is measured, in steps, nearer while that is steeper by more than so
NEAR, STEEPER = (1e-3, 1e-5, 1e-7), 1.01


@dataclass(frozen=True, slots=True)
class Slope:
    """The marginal price of a limit, and by how much it may be loosened or tightened meanwhile.

    ``price`` is in objective units per unit of the limit; ``tighter`` <= 0 <= ``looser`` in units
    of the limit, None where there is no end.
    """

    price: float
    tighter: float | None
    looser: float | None


class Ranging:
    """A relaxed engine with a column for how much a limit is loosened, in steps."""

    def __init__(self, compilation: Compilation, cuts: list[Row]) -> None:
        self.compilation = compilation
        self.engine = VariedEngine(compilation.program, relaxed=True)
        self.highs = self.engine.highs
        self.highs.setOptionValue("primal_feasibility_tolerance", STRICT)
        self.cuts: list[tuple[int, Row]] = []
        self._search = Search(compilation)
        self._add(cuts)
        self.delta = int(self.highs.getNumCol())
        nothing = np.zeros(0)
        self.highs.addCol(0.0, 0.0, 0.0, 0, np.zeros(0, np.int32), nothing)
        worth = self.engine.matrix.objective
        columns = np.array([*worth, self.delta], np.int32)
        values = np.array([*worth.values(), 0.0])
        self.highs.addRow(-INFINITE, INFINITE, len(columns), columns, values)
        self.line = int(self.highs.getNumRow()) - 1

    def slope(self, limit: Limit) -> Slope | None:
        """Return the price of a limit and how far it holds; None where the relaxation fails."""
        coefficients = self._coefficients(limit)
        for place, value in coefficients.items():
            self.highs.changeCoeff(place, self.delta, value)
        try:
            return self._slope(limit)
        finally:
            self._hold(0.0, 0.0)
            for place in coefficients:
                self.highs.changeCoeff(place, self.delta, 0.0)

    # ---- the three programs ----

    def _slope(self, limit: Limit) -> Slope | None:
        top, slope = self._at(limit, 0.0)
        if top is None:
            return None
        looser = self._furthest(limit, top, slope, sign=1)
        if looser is not None and looser < self._no_way(limit):
            slope = self._to_the_right(limit, top)  # a kink: the price is that of loosening
            looser = self._furthest(limit, top, slope, sign=1)
        tighter = self._furthest(limit, top, slope, sign=-1)
        step = float(limit.step)
        price = slope / self.engine.matrix.objective_scale / step
        return Slope(
            price,
            None if tighter is None else -max(0.0, tighter) * step,
            None if looser is None else max(0.0, looser) * step,
        )

    def _to_the_right(self, limit: Limit, top: float) -> float:
        """Return the slope of loosening: that of the steepest short way, as the best is concave.

        A way that is long for the plan (a thousand kroner where all it holds is ten) leads past
        where the slope holds.
        """
        steepest: float | None = None
        for near in NEAR:
            beyond, slope = self._at(limit, near)
            if beyond is not None:
                slope = max(0.0, (beyond - top) / near)
            if steepest is not None and slope <= STEEPER * steepest:
                break
            steepest = slope
        return steepest or 0.0

    def _no_way(self, limit: Limit) -> float:
        """Return the number of steps below which a way is round-off."""
        rows = [self.compilation.program.rows[number] for number in limit.rows]
        ends = [abs(float(end)) for row in rows for end in (row.lower, row.upper) if end]
        return max(NO_WAY, NO_WAY_OF_IT * max(ends, default=0.0) / float(limit.step))

    def _at(self, limit: Limit, delta: float) -> tuple[float | None, float]:
        """Return the best objective and its slope with the limit loosened by delta steps."""
        self._hold(delta, delta)
        if not self._solve(limit):
            return None, 0.0
        top = -float(self.highs.getInfo().objective_function_value)
        slope = -float(self.highs.getSolution().col_dual[self.delta])
        return top, max(0.0, slope)

    def _furthest(self, limit: Limit, top: float, slope: float, *, sign: int) -> float | None:
        """Return how far the line is followed to one side, in steps; None without end."""
        if sign > 0 and slope <= FLAT * max(1.0, abs(top)):
            return None  # it does not bind, and never will when loosened
        self._hold(0.0 if sign > 0 else -INFINITE, INFINITE if sign > 0 else 0.0)
        self.highs.changeCoeff(self.line, self.delta, -slope)
        self._aim(sign)
        for share in ON_THE_LINE:
            self.highs.changeRowBounds(self.line, top - share * max(1.0, abs(top)), INFINITE)
            found = self._solve(limit)
            if found:
                break
        reached = sign * float(self.highs.getSolution().col_value[self.delta]) if found else None
        self.highs.changeRowBounds(self.line, -INFINITE, INFINITE)
        self.highs.changeCoeff(self.line, self.delta, 0.0)
        self._aim(0)
        return None if reached is None or reached > NO_END else reached

    # ---- the engine ----

    def _solve(self, limit: Limit) -> bool:
        for _ in range(MOST_ROUNDS):
            solution = self.engine.solve(Effort())
            if solution.answer is not Answer.OPTIMAL or solution.values is None:
                return False
            cuts = self._violated(limit, solution.values)
            if not cuts:
                return True
            first = len(self.cuts)
            self._add(cuts)
            for place, cut in self.cuts[first:]:
                if self._moves(limit, cut):
                    self.highs.changeCoeff(place, self.delta, self._of_cut(place, limit))
        return False

    def _violated(self, limit: Limit, values: list[float]) -> list[Row]:
        moved = [self.compilation.lazy_rows[number] for number in limit.lazy]
        by = Fraction(self.highs.getSolution().col_value[self.delta]) * limit.step
        own = [rule.upper for rule in moved]
        for rule in moved:
            rule.upper = rule.upper + by
        try:
            found = self._search.violated(values)
        finally:
            for rule, upper in zip(moved, own, strict=True):
                rule.upper = upper
        # the column says by how much the limit is moved: the cut itself is that of its own number
        return [
            replace(cut, upper=(cut.upper or 0) - by) if self._moves(limit, cut) else cut
            for cut in found
        ]

    def _add(self, cuts: list[Row]) -> None:
        self.cuts.extend((self.engine.add(cut), cut) for cut in cuts)

    def _hold(self, lower: float, upper: float) -> None:
        self.highs.changeColBounds(self.delta, lower, upper)

    def _aim(self, sign: int) -> None:
        self.engine.aim({} if sign else None)
        self.highs.changeColCost(self.delta, float(-sign))

    def _coefficients(self, limit: Limit) -> dict[int, float]:
        """Return what the column stands with in every solver row that moves with the limit."""
        step = float(limit.step)
        result = {}
        for number in limit.rows:
            scale = self.engine.matrix.scales[number]
            for place, is_lower, is_upper in self.engine.places(number):
                rises = is_upper and (not is_lower or self._wants_more(place))
                result[place] = -step * scale if rises else step * scale
        for place, cut in self.cuts:
            if self._moves(limit, cut):
                result[place] = self._of_cut(place, limit)
        return result

    def _wants_more(self, place: int) -> bool:
        """Return whether a row that must equal a number would better equal a greater one."""
        self._hold(0.0, 0.0)
        self.engine.solve(Effort())
        return float(self.highs.getSolution().row_dual[place]) < 0

    def _moves(self, limit: Limit, cut: Row) -> bool:
        return bool(limit.lazy) and cut.path == limit.path

    def _of_cut(self, place: int, limit: Limit) -> float:
        return -float(limit.step) * self.engine.added_scale(place)
