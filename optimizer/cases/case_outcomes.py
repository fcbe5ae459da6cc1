"""Outcomes of cases: the distribution of what they come to, drawn in blocks of bounded memory.

The draws are scrambled Sobol points turned into normals that cases have partly in common, as in
:mod:`optimizer.draws`: by target group, by department, and all of them.
"""

import bisect
import itertools
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.cases.drawing import NET, NPV, DrawnCase, Piece
from optimizer.draws import Floats
from optimizer.errors import BundlinjeError
from optimizer.outcome import SampledOutcomes
from optimizer.sentence import Sentence, number

#: bytes of one matrix of normals; a few of them exist at a time
BLOCK_BYTES = 16 * 2**20
#: columns that scrambled Sobol points can have
MOST_COLUMNS = 21_201
#: bars of a distribution as it is kept; a quantile is good to a fraction of one
BARS = 2048
NODES = 64  # at which a quantile function is asked
ENTRIES = 1024  # of its table
FARTHEST = 6.5  # normals lie within +- this
LOSS = -0.5  # kroner: below 0 in whole kroner, so that a rounding error is no loss
LEAST = 2.0**-33  # half a step of the points: 0 itself would be minus infinity


class InputsError(BundlinjeError):
    """More uncertain inputs than the points have columns.

    Examples
    --------
    >>> print(InputsError(30_000).sentence.en)
    30,000 uncertain inputs are too many to be drawn together; 21,201 is the most.
    """

    def __init__(self, columns: int) -> None:
        some, most = number(columns), number(MOST_COLUMNS)
        self.sentence = Sentence(
            f"{some.da} usikre tal er for mange at trække sammen; højst {most.da}.",
            f"{some.en} uncertain inputs are too many to be drawn together; {most.en} is the most.",
        )
        super().__init__(self.sentence.en)


@dataclass(frozen=True, slots=True)
class Block:
    """Some draws of every case, in the order of the cases.

    Parameters
    ----------
    first : int
        Number of the first draw.
    npv, net : ndarray of shape (draws, cases)
        Present value, and undiscounted net over the horizon; kroner, not rounded.

    Examples
    --------
    >>> from optimizer.cases.drawing import drawn_flows
    >>> from optimizer.cases.example_flows import a_saving, years_2015_to_2019
    >>> case = drawn_flows([a_saving(2016, 7)], years_2015_to_2019(), id="a", department="d")
    >>> (block,) = blocks([case], SampledOutcomes(4, 7, {}))
    >>> block.first, block.net[:, 0].tolist()
    (0, [7.0, 7.0, 7.0, 7.0])
    """

    first: int
    npv: Floats
    net: Floats


@dataclass(frozen=True, slots=True)
class Distribution:
    """What one case comes to over all draws: its present value, kroner.

    Parameters
    ----------
    id : str
    count : int
        Number of draws.
    mean, lowest, highest : float
    losses : int
        Draws with a present value below 0, in whole kroner.
    not_paid_back : int
        Draws whose undiscounted net is below 0 at the end of the horizon, that is, which are not
        paid back within it.
    low, width : float
        Where the kept bars begin, and how wide each is.
    bars : tuple of int
        Draws in each kept bar.

    Examples
    --------
    >>> from optimizer.cases.drawing import drawn_flows
    >>> from optimizer.cases.example_flows import a_saving, an_outlay, years_2015_to_2019
    >>> flows = [an_outlay(2015, 1000), a_saving(2016, 2000, low=500, high=3500)]
    >>> case = drawn_flows(flows, years_2015_to_2019(), id="a", department="d")
    >>> (found,) = case_outcomes([case], SampledOutcomes(1024, 7, {}))
    >>> round(found.mean), round(found.quantile(0.05)), float(found.chance_not_paid_back)
    (1000, 69, 0.0361328125)
    """

    id: str
    count: int
    mean: float
    lowest: float
    highest: float
    losses: int
    not_paid_back: int
    low: float
    width: float
    bars: tuple[int, ...]

    @property
    def chance_of_loss(self) -> Fraction:
        """Return the share of draws with a present value below 0."""
        return Fraction(self.losses, self.count)

    @property
    def chance_not_paid_back(self) -> Fraction:
        """Return the share of draws that are not paid back within the horizon."""
        return Fraction(self.not_paid_back, self.count)

    def quantile(self, share: float) -> float:
        """Return the present value that ``share`` of the draws lie below, within its bar."""
        if self.lowest == self.highest:
            return self.lowest
        reached = list(itertools.accumulate(self.bars))
        wanted = max(share * self.count, 0.5)  # at least the first draw's bar
        place = bisect.bisect_left(reached, wanted)
        into = 1 - (reached[place] - wanted) / self.bars[place]
        return min(max(self.low + self.width * (place + into), self.lowest), self.highest)

    def histogram(self, bars: int = 40) -> list[tuple[float, float, int]]:
        """Return (from, to, draws) of at most ``bars`` equally wide bars over what was drawn."""
        filled = [place for place, draws in enumerate(self.bars) if draws]
        first, last = filled[0], filled[-1]
        step = math.ceil((last - first + 1) / bars)
        return [
            (
                self.low + self.width * place,
                self.low + self.width * (place + step),
                sum(self.bars[place : place + step]),
            )
            for place in range(first, last + 1, step)
        ]


def case_outcomes(
    cases: Sequence[DrawnCase], outcomes: SampledOutcomes, *, block_bytes: int = BLOCK_BYTES
) -> tuple[Distribution, ...]:
    """Return the distribution of every case, in their order; the same for the same seed.

    Parameters
    ----------
    cases : sequence of DrawnCase
        Made by :func:`optimizer.cases.drawing.drawn_case` or
        :func:`~optimizer.cases.drawing.drawn_flows`.
    outcomes : SampledOutcomes
        Count, seed and correlation (``optimizer.outcome.USUAL_CORRELATION`` is usual).
    block_bytes : int
        Room for one matrix of normals; changes nothing but memory and time.

    Raises
    ------
    InputsError
        More uncertain inputs than can be drawn together.
    ValueError
        Two cases have the same id.
    """
    reading = _evaluations(cases)
    tallies = [_Tally(evaluation) for evaluation in reading]
    for block in _blocks(reading, outcomes, block_bytes):
        for place, tally in enumerate(tallies):
            tally.add(block.npv[:, place], block.net[:, place])
    return tuple(tally.distribution() for tally in tallies)


def blocks(
    cases: Sequence[DrawnCase], outcomes: SampledOutcomes, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Yield the draws of some cases block by block; memory does not grow with the draws.

    Z = sqrt(all) A + sqrt(department) D + sqrt(target_group) G + sqrt(rest) E for every input, from
    scrambled Sobol points whose columns are A, then the departments, the target groups and the
    inputs of the cases, each in the order of their sorted ids. All inputs of a case share A, D, G.
    """
    yield from _blocks(_evaluations(cases), outcomes, block_bytes)


def _evaluations(cases: Sequence[DrawnCase]) -> "list[_Evaluation]":
    quantiles = _Quantiles()
    return [_Evaluation(case, quantiles) for case in cases]


def _blocks(
    reading: "Sequence[_Evaluation]", outcomes: SampledOutcomes, block_bytes: int
) -> Iterator[Block]:
    columns = _Columns([evaluation.case for evaluation in reading], outcomes)
    first = 0
    for normals in _normals(columns.count, outcomes, block_bytes):
        rows = len(normals)
        values = np.empty((2, len(reading), rows))
        for place, evaluation in enumerate(reading):
            values[:, place] = evaluation.values(columns.of(evaluation.case, normals))
        yield Block(first, values[NPV].T, values[NET].T)
        first += rows


# ---- the points ----


def _normals(columns: int, outcomes: SampledOutcomes, block_bytes: int) -> Iterator[Floats]:
    """Yield independent standard normals, ndarrays of shape (draws, columns)."""
    from scipy.special import ndtri  # noqa: PLC0415 - slow to load, only for sampling
    from scipy.stats import qmc  # noqa: PLC0415

    if columns > MOST_COLUMNS:
        raise InputsError(columns)
    engine = qmc.Sobol(columns, scramble=True, rng=outcomes.seed)
    rows, left = max(1, block_bytes // (8 * columns)), outcomes.count
    while left:
        with warnings.catch_warnings():
            # any count is allowed; only the balance of a power of two is lost
            warnings.simplefilter("ignore", UserWarning)
            points = engine.random(min(rows, left))
        np.clip(points, LEAST, 1 - LEAST, out=points)
        yield ndtri(points, out=points)
        left -= len(points)


class _Columns:
    """Which columns of the points belong to what."""

    def __init__(self, cases: Sequence[DrawnCase], outcomes: SampledOutcomes) -> None:
        if len({c.id for c in cases}) < len(cases):
            message = "two cases have the same id"
            raise ValueError(message)
        keys = [
            ("all", ""),
            *(("department", name) for name in sorted({c.department for c in cases})),
            *(("target_group", name) for name in sorted({_group(c) for c in cases})),
            *(("own", c.id) for c in sorted(cases, key=lambda c: c.id)),
        ]
        width = {("own", c.id): len(c.columns) for c in cases}
        self.place: dict[tuple[str, str], int] = {}
        self.count = 0
        for key in keys:
            self.place[key] = self.count
            self.count += width.get(key, 1)
        correlation = outcomes.correlation
        self.weight = {level: math.sqrt(float(share)) for level, share in correlation.items()}
        self.rest = math.sqrt(max(0.0, float(1 - sum(correlation.values(), Fraction(0)))))

    def of(self, case: DrawnCase, normals: Floats) -> Floats:
        """Return Z of every input of the case, an ndarray of shape (inputs, draws)."""
        common = np.zeros(len(normals))
        of = {"all": "", "department": case.department, "target_group": _group(case)}
        for level, name in of.items():
            if level in self.weight:
                common += self.weight[level] * normals[:, self.place[level, name]]
        start = self.place["own", case.id]
        own = normals[:, start : start + len(case.columns)].T
        return common + self.rest * own


def _group(case: DrawnCase) -> str:
    """Return the target group, or a name that no other case shares."""
    return case.target_group or f"\0{case.id}"


# ---- one case ----


class _Quantiles:
    """Quantiles of Beta distributions at Phi(z), each read from a table in z.

    The function itself is a hundred times as slow. It is asked at a few nodes; a spline through
    them, which is one matrix for all shapes, fills the table, and straight lines are drawn between
    its entries. For an expected between 1 and 99 % of the range that is off by less than a
    hundred-thousandth of the range.
    """

    def __init__(self) -> None:
        from scipy.interpolate import CubicSpline  # noqa: PLC0415 - slow, only for sampling
        from scipy.special import ndtr  # noqa: PLC0415

        nodes = np.linspace(-FARTHEST, FARTHEST, NODES + 1)
        self.at: Floats = ndtr(nodes)
        entries = np.linspace(-FARTHEST, FARTHEST, ENTRIES + 1)
        self.spline: Floats = CubicSpline(nodes, np.eye(NODES + 1))(entries)
        self.known: dict[tuple[float, float], Floats] = {}

    def table(self, alpha: float, beta: float) -> Floats:
        """Return the quantiles at equal steps of z."""
        from scipy.special import betaincinv  # noqa: PLC0415 - slow, only for sampling

        found = self.known.get((alpha, beta))
        if found is None:
            exact = betaincinv(alpha, beta, self.at)
            found = self.known[alpha, beta] = np.clip(self.spline @ exact, exact[0], exact[-1])
        return found


def _read(table: Floats, z: Floats) -> Floats:
    where = (z + FARTHEST) * (ENTRIES / (2 * FARTHEST))
    np.clip(where, 0, ENTRIES - LEAST, out=where)
    entry = where.astype(np.intp)
    below = table[entry]
    found: Floats = below + (where - entry) * (table[entry + 1] - below)
    return found


class _Evaluation:
    """Turns the normals of one case into kroner."""

    def __init__(self, case: DrawnCase, quantiles: _Quantiles) -> None:
        self.case = case
        self.tables = [quantiles.table(shape.alpha, shape.beta) for shape in case.shapes]

    def values(self, z: Floats) -> Floats:
        """Return present value and net, an ndarray of shape (2, draws)."""
        numbers = [
            shape.low + shape.width * _read(table, shape.sign * z[shape.column])
            for shape, table in zip(self.case.shapes, self.tables, strict=True)
        ]
        late = None
        if self.case.delay >= 0:
            late = np.floor(numbers[self.case.delay] + 0.5).astype(np.intp)
        total = np.zeros((2, z.shape[1]))
        for piece in self.case.pieces:
            total += self._piece(piece, numbers, late)
        return total

    def _piece(self, piece: Piece, numbers: list[Floats], late: NDArray[np.intp] | None) -> Floats:
        total: Floats = np.zeros((2, 1))
        for term in piece.terms:
            # one column for all draws, or one for each draw's own delay
            value = (term.coefficients if late is None else term.coefficients[late]).T
            for shape, kink in term.factors:
                drawn = numbers[shape]
                value = value * (drawn if kink is None else np.maximum(drawn - kink, 0.0))
            total = total + value
        if piece.effect is not None:
            reached, without = (
                numbers[rate] if isinstance(rate, int) else rate for rate in piece.effect
            )
            total = total * (reached - without)
        return total

    def ends(self) -> tuple[float, float]:
        """Return bounds of the present value: every number at whichever end counts most."""
        numbers = [
            (shape.low + shape.width * float(table[0]), shape.low + shape.width * float(table[-1]))
            for shape, table in zip(self.case.shapes, self.tables, strict=True)
        ]
        total = (0.0, 0.0)
        for piece in self.case.pieces:
            here = (0.0, 0.0)
            for term in piece.terms:
                found = term.coefficients[:, NPV]
                value = (float(found.min()), float(found.max()))
                for shape, kink in term.factors:
                    ends = numbers[shape]
                    if kink is not None:
                        ends = (max(ends[0] - kink, 0.0), max(ends[1] - kink, 0.0))
                    value = _times(value, ends)
                here = (here[0] + value[0], here[1] + value[1])
            if piece.effect is not None:
                (a, b), (c, d) = (
                    numbers[rate] if isinstance(rate, int) else (rate, rate)
                    for rate in piece.effect
                )
                here = _times(here, (a - d, b - c))
            total = (total[0] + here[0], total[1] + here[1])
        return total


def _times(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    products = [x * y for x in a for y in b]
    return min(products), max(products)


class _Tally:
    """Adds up the draws of one case as they come."""

    def __init__(self, evaluation: "_Evaluation") -> None:
        self.id = evaluation.case.id
        low, high = evaluation.ends()
        self.low, self.width = low, max(high - low, 1.0) / BARS
        self.bars = np.zeros(BARS, np.int64)
        self.count = self.losses = self.not_paid_back = 0
        self.sum = 0.0
        self.lowest, self.highest = math.inf, -math.inf

    def add(self, npv: Floats, net: Floats) -> None:
        """Count some draws."""
        place = ((npv - self.low) / self.width).astype(np.intp)
        self.bars += np.bincount(np.clip(place, 0, BARS - 1), minlength=BARS)
        self.count += len(npv)
        self.sum += float(npv.sum())
        self.losses += int((npv <= LOSS).sum())
        self.not_paid_back += int((net <= LOSS).sum())
        self.lowest = min(self.lowest, float(npv.min()))
        self.highest = max(self.highest, float(npv.max()))

    def distribution(self) -> Distribution:
        """Return what was counted."""
        return Distribution(
            self.id,
            self.count,
            self.sum / self.count,
            self.lowest,
            self.highest,
            self.losses,
            self.not_paid_back,
            self.low,
            self.width,
            tuple(self.bars.tolist()),
        )
