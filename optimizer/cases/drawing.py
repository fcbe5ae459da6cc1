"""What is drawn of a case: its uncertain inputs as distributions, and what they come to in kroner.

A case is read once: what every line comes to for one extra success per citizen, at the low,
expected and high of its quantity and its price, becomes the coefficients of a formula in the drawn
numbers. A draw is then a handful of multiplications, in whole arrays.

Linear lines, which all are but those under a rule with limits, are drawn as they are; a line under
such a rule is followed by straight pieces through low, expected and high. Drawn amounts are not
rounded to whole kroner.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.appraisal import Selection
from optimizer.cases.business_case import BusinessCase, Variant
from optimizer.cases.computing import check_payers, flows_of
from optimizer.cases.consequence import Consequence
from optimizer.cases.effect import EffectRoute
from optimizer.cases.figures import Perspective
from optimizer.cases.inputs import is_open
from optimizer.cases.prices import NO_LEVELS, PriceLevels
from optimizer.cases.refunds import RULES, RuleBook
from optimizer.cases.splits import DatedShares, FixedShares, RefusionSplit, Terms, Use
from optimizer.cases.uncertain import Uncertain
from optimizer.draws import SHAPE, Floats
from optimizer.intervention import Case, CashFlow, FlowKind
from optimizer.sentence import rounded

ENDS = (Case.LOW, Case.EXPECTED, Case.HIGH)
MIDDLE = (Case.EXPECTED,)
NO_DELAY = Uncertain(0)
#: Jeffreys' prior, so that 0 of n successes is drawn as rare, not as impossible
PRIOR = 0.5
#: a line this near to straight, in kroner, is straight
STRAIGHT = 0.01
NPV, NET = 0, 1  # the two columns of every coefficient


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn number: low + width x the quantile of Beta(alpha, beta) at u of its column.

    ``sign`` -1 reads it at 1 - u: in every column a high u is good for the purses together, so that
    what cases have in common is good or bad for all.

    Examples
    --------
    >>> rate = Shape(column=0, alpha=3.5, beta=17.5, sign=-1)
    >>> rate.low, rate.width
    (0.0, 1.0)
    """

    column: int
    alpha: float
    beta: float
    low: float = 0.0
    width: float = 1.0
    sign: int = 1


#: a known number, or the number of a shape
Drawn = float | int
#: number of a shape, and the kink from which it counts (None: from its low)
Factor = tuple[int, float | None]
#: number of the shape of a quantity or price on [0, 1], and where its expected lies there
Axis = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Term:
    """Coefficients, an ndarray of shape (delays, 2), x the product of some factors.

    Examples
    --------
    >>> Term(np.array([[90.0, 100.0]]), ((0, None),)).factors
    ((0, None),)
    """

    coefficients: Floats
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Terms that are added up and multiplied by an added effect, p_with - p_without; None: by 1.

    A rate is a known number (float) or the number of its shape (int).

    Examples
    --------
    >>> Piece((0, 0.15), ()).effect
    (0, 0.15)
    """

    effect: tuple[Drawn, Drawn] | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class DrawnCase:
    """A case ready to be drawn.

    Parameters
    ----------
    id, department : str
    target_group : str or None
        With the department, what it has in common with other cases; None shares with nobody.
    columns : tuple of str
        Names of its independent inputs.
    shapes : tuple of Shape
    pieces : tuple of Piece
    delay : int
        Number of the shape of the delay in years; -1: savings come when they are planned.

    Examples
    --------
    >>> from optimizer.cases.examples import LEVELS, PAYERS, small_case
    >>> view = Perspective(2027, (2027, 2034), PAYERS)
    >>> case = drawn_case(small_case(), view, id="bolig", department="social", price_levels=LEVELS)
    >>> case.columns
    ('bolig/success', 'bolig/without', 'bolig/herberg/quantity', 'leje')
    """

    id: str
    department: str
    target_group: str | None
    columns: tuple[str, ...]
    shapes: tuple[Shape, ...]
    pieces: tuple[Piece, ...]
    delay: int = -1


def drawn_case(
    case: BusinessCase,
    perspective: Perspective,
    *,
    id: str,  # noqa: A002 - the word of the plan
    department: str,
    target_group: str | None = None,
    variant: Variant | None = None,
    payers: frozenset[str] | None = None,
    delay: Uncertain = NO_DELAY,
    price_levels: PriceLevels = NO_LEVELS,
    rules: RuleBook = RULES,
    price_year: int | None = None,
) -> DrawnCase:
    """Return a case made ready to be drawn.

    Success rates are Beta(x + 1/2, n - x + 1/2) where ``x`` of ``n`` were counted. Every other
    uncertain number is the Beta distribution on [low, high] with its expected as mean and
    alpha + beta = 6; one whose expected is an end is known. The years of one row move together.

    Parameters
    ----------
    payers : frozenset of str or None
        Whose money; None: everybody's.
    delay : Uncertain
        Years by which all savings come later, at least 0; drawn, then rounded to a whole year.
        What falls after the horizon is lost.
    price_levels, rules, price_year
        As for :func:`optimizer.cases.computing.flows_of`.
    """
    chosen = case.in_variant(case.variants[0] if variant is None else variant)
    check_payers(chosen, {payer.id for payer in perspective.payers})
    reading = _Reading(perspective, payers, delay)
    terms = Terms(price_year or case.price_year, price_levels, rules)
    for route in chosen.effects:
        reading.add_route(route, terms)
    # costs may count the citizens of a route, so that the routes stay, without consequences
    rest = replace(chosen, effects=tuple(replace(r, consequences=()) for r in chosen.effects))
    lines: dict[str, list[CashFlow]] = {}
    for found in flows_of(
        rest,
        payers=perspective.payers,
        price_levels=price_levels,
        horizon=perspective.horizon,
        price_year=price_year,
        rules=rules,
    ):
        lines.setdefault(found.line, []).append(found.flow)
    for line, flows in lines.items():
        reading.add_amounts(line, flows)
    return reading.result(id, department, target_group)


def drawn_flows(
    flows: Iterable[CashFlow],
    perspective: Perspective,
    *,
    id: str,  # noqa: A002 - the word of the plan
    department: str,
    target_group: str | None = None,
    payers: frozenset[str] | None = None,
    delay: Uncertain = NO_DELAY,
) -> DrawnCase:
    """Return amounts made ready to be drawn, all at one u as a plan file's outcomes are.

    Examples
    --------
    >>> from optimizer.cases.example_flows import a_saving, an_outlay, years_2015_to_2019
    >>> flows = [an_outlay(2015, 10), a_saving(2016, 20, low=5, high=25)]
    >>> drawn_flows(flows, years_2015_to_2019(), id="a", department="d").columns
    ('amounts',)
    """
    reading = _Reading(perspective, payers, delay)
    reading.add_amounts("amounts", perspective.option(flows).flows)
    return reading.result(id, department, target_group)


# ---- one extra success per citizen ----

#: these part every amount alike, however large it is
PROPORTIONAL = (FixedShares, DatedShares, RefusionSplit)


@dataclass(frozen=True, slots=True)
class _PerSuccess:
    """What a consequence comes to by year if every citizen is an extra success."""

    route: EffectRoute
    consequence: Consequence
    terms: Terms
    perspective: Perspective
    payers: frozenset[str] | None

    def table(self) -> tuple[Floats, Floats]:
        """Return kroner to the payers (quantities, prices, years), to all (quantities, prices).

        The first axes are low, expected, high; or expected alone where the number is known.
        """
        cells = [[self._cell(q, p) for p in self._prices] for q in self._quantities]
        mine = np.array([[cell[0] for cell in row] for row in cells])
        total = np.array([[cell[1].sum() for cell in row] for row in cells])
        if len(self._prices) < len(self.prices):
            price = self.consequence.price.kroner
            ratios = np.array([float(price.in_case(end) / price.expected) for end in ENDS])
            mine, total = mine * ratios[:, np.newaxis], total * ratios
        return mine, total

    @property
    def prices(self) -> tuple[Case, ...]:
        return ENDS if is_open(self.consequence.price.kroner) else MIDDLE

    @property
    def _prices(self) -> tuple[Case, ...]:
        """Return the ends at which it must be computed; the others are in proportion."""
        in_proportion = isinstance(self.consequence.split, PROPORTIONAL)
        return MIDDLE if in_proportion and self.consequence.price.kroner.expected else self.prices

    @property
    def _quantities(self) -> tuple[Case, ...]:
        return ENDS if is_open(self.consequence.quantity) else MIDDLE

    def _cell(self, quantity: Case, price: Case) -> tuple[Floats, Floats]:
        consequence, durability = self.consequence, self.route.durability
        years = self.perspective.years
        mine, total = np.zeros(len(years)), np.zeros(len(years))
        kroner = self.terms.kroner(
            consequence.price.kroner.in_case(price), price_year=consequence.price.price_year
        )
        for start, citizens in self.route.citizens.items():
            for j in range(durability.length):
                if start + j not in years:
                    continue
                use = Use(start + j, j, consequence.quantity_at(j).in_case(quantity), kroner)
                left = float(citizens * durability.at(j))
                for payer, part in consequence.split.parts(use, self.terms).by_payer.items():
                    total[start + j - years.start] += left * float(part)
                    if self.payers is None or payer in self.payers:
                        mine[start + j - years.start] += left * float(part)
        return mine, total


# ---- reading ----


class _Reading:
    """Collects the columns, shapes and pieces of one case."""

    def __init__(
        self, perspective: Perspective, payers: frozenset[str] | None, delay: Uncertain
    ) -> None:
        self.perspective, self.payers = perspective, payers
        self.columns: list[str] = []
        self.shapes: list[Shape] = []
        self.pieces: list[Piece] = []
        drawn = self._number("delay", delay, sign=-1)
        self.delay = drawn if isinstance(drawn, int) else -1
        least = int(rounded(delay.expected)) if self.delay < 0 else 0
        most = int(rounded(delay.high)) if self.delay >= 0 else least
        self.weights = np.stack([self._weights(years) for years in range(least, most + 1)])
        self.on_time = np.stack([self._weights(0)] * len(self.weights))

    def result(self, id: str, department: str, target_group: str | None) -> DrawnCase:  # noqa: A002
        return DrawnCase(
            id,
            department,
            target_group,
            tuple(self.columns),
            tuple(self.shapes),
            tuple(self.pieces),
            self.delay,
        )

    # kroner

    def _weights(self, late: int) -> Floats:
        """Return what a krone of each year counts when it comes so late, of shape (years, 2)."""
        factor, last = self.perspective.appraisal.factors.by_year, self.perspective.horizon[1]
        moved = [year + late for year in self.perspective.years]
        return np.array([[float(factor[y]), 1.0] if y <= last else [0.0, 0.0] for y in moved])

    def _kroner(
        self, flows: Iterable[CashFlow], payers: frozenset[str] | None, case: Case = Case.EXPECTED
    ) -> Floats:
        """Return kroner by year of the horizon."""
        by_year = self.perspective.appraisal.by_year(flows, Selection(payers=payers, case=case))
        return np.array(list(by_year.values()), float)

    def _term(self, by_year: Floats, factors: Sequence[Factor], *, delayed: bool = True) -> Term:
        weights = self.weights if delayed else self.on_time
        coefficients: Floats = np.einsum("y,dyk->dk", by_year, weights)
        return Term(coefficients, tuple(factors))

    # numbers

    def _column(self, name: str) -> int:
        if name not in self.columns:
            self.columns.append(name)
        return self.columns.index(name)

    def _number(self, name: str, value: Uncertain, *, sign: int) -> Drawn:
        """Return the number of a new shape, or the number itself where it is known."""
        if value.counted is not None:
            x, n = value.counted.successes, value.counted.observed
            return self._shape(name, Shape(0, x + PRIOR, n - x + PRIOR, sign=sign))
        where = position(value)
        if where is None:
            return float(value.expected)
        low, width = float(value.low), float(value.high - value.low)
        return self._shape(name, Shape(0, *_parameters(where), low, width, sign))

    def _shape(self, name: str, shape: Shape) -> int:
        self.shapes.append(replace(shape, column=self._column(name)))
        return len(self.shapes) - 1

    # lines

    def add_route(self, route: EffectRoute, terms: Terms) -> None:
        """Add what one effect route comes to."""
        tables = [
            _PerSuccess(route, c, terms, self.perspective, self.payers).table()
            for c in route.consequences
        ]
        worth = sum(total[len(total) // 2, len(total[0]) // 2] for _, total in tables)
        sign = -1 if worth < 0 else 1
        effect = (
            self._number(f"{route.id}/success", route.success, sign=sign),
            self._number(f"{route.id}/without", route.without, sign=-sign),
        )
        for consequence, (mine, total) in zip(route.consequences, tables, strict=True):
            line = f"{route.id}/{consequence.id}"
            middle = total[len(total) // 2], total[:, len(total[0]) // 2]
            by_quantity = self._axis(f"{line}/quantity", consequence.quantity, middle[1])
            by_price = self._axis(f"{line}/price", consequence.price.kroner, middle[0])
            self.pieces.append(Piece(effect, self._consequence(mine, by_quantity, by_price)))

    def _consequence(
        self, mine: Floats, by_quantity: "Axis | None", by_price: "Axis | None"
    ) -> tuple[Term, ...]:
        terms = []
        for factor_q, rows in _pieces(mine, by_quantity):
            for factor_p, by_year in _pieces(rows, by_price):
                if np.abs(by_year).max() > 0:
                    factors = [f for f in (factor_q, factor_p) if f is not None]
                    terms.append(self._term(by_year, factors))
        return tuple(terms)

    def _axis(
        self, name: str, given: Uncertain | Mapping[int, Uncertain], totals: Floats
    ) -> "Axis | None":
        """Return the shape of a quantity or a price on [0, 1], and where its expected lies."""
        if not is_open(given):
            return None
        if isinstance(given, Uncertain):
            where = position(given)
        else:
            low, middle, high = (Fraction(int(kroner)) for kroner in totals)
            where = None if low == high else Fraction(middle - low, high - low)
        if where is None or not 0 < where < 1:
            return None
        sign = -1 if totals[-1] < totals[0] else 1
        shape = self._shape(name, Shape(0, *_parameters(where), sign=sign))
        return shape, float(where)

    def add_amounts(self, line: str, flows: Iterable[CashFlow]) -> None:
        """Add amounts whose low, expected and high stand in their flows, all at one u."""
        known: dict[tuple[bool, Fraction | None], list[CashFlow]] = {}
        for flow in flows:
            if self.payers is None or flow.payer in self.payers:
                where = position(Uncertain(flow.amount, flow.low, flow.high))
                known.setdefault((flow.kind is FlowKind.SAVING, where), []).append(flow)
        terms = []
        for (delayed, where), some in known.items():
            if where is None:
                by_year = self._kroner(some, self.payers)
                terms.append(self._term(by_year, (), delayed=delayed))
                continue
            low, high = (self._kroner(some, self.payers, case) for case in (Case.LOW, Case.HIGH))
            shape = self._shape(line, Shape(0, *_parameters(where)))
            terms.append(self._term(low, (), delayed=delayed))
            terms.append(self._term(high - low, [(shape, None)], delayed=delayed))
        self.pieces.append(Piece(None, tuple(terms)))


def position(value: Uncertain) -> Fraction | None:
    """Return where expected lies between low (0) and high (1); None where it is an end.

    >>> position(Uncertain(3, low=1, high=5)), position(Uncertain(3, low=1))
    (Fraction(1, 2), None)
    """
    if value.expected in (value.low, value.high):
        return None
    return (value.expected - value.low) / (value.high - value.low)


def _parameters(where: Fraction) -> tuple[float, float]:
    alpha = SHAPE * float(where)
    return alpha, SHAPE - alpha


def _pieces(
    table: Floats, axis: Axis | None
) -> Iterator[tuple[Factor | None, NDArray[np.float64]]]:
    """Yield the factors of the first axis (low, expected, high) with what each multiplies."""
    middle = table[len(table) // 2]
    if axis is None:
        yield None, middle
        return
    shape, where = axis
    low, high = table[0], table[-1]
    yield None, low
    bend = middle - (low + where * (high - low))
    if np.abs(bend).max() <= STRAIGHT:
        yield (shape, None), high - low
        return
    first, second = (middle - low) / where, (high - middle) / (1 - where)
    yield (shape, None), first
    yield (shape, where), second - first
