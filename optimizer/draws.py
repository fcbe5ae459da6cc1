"""Net saving by outcome and option: the matrix that every risk measure looks at.

Explicit outcomes are read from the plan; sampled ones are drawn here, the same on every machine
for the same seed.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.appraisal import Appraisal, Selection
from optimizer.intervention import CashFlow, Intervention, Option, option_key
from optimizer.outcome import ExplicitOutcomes, SampledOutcomes
from optimizer.scenario import Plan

Floats = NDArray[np.float64]
SHAPE = 6.0  # alpha + beta of the Beta distribution
MOST_EXACT = 2**44  # doubles add up 512 whole numbers of this size exactly
FINEST = 10_000  # discounted draws are rounded to this part of a krone


@dataclass(frozen=True, slots=True)
class Draws:
    """Discounted net saving of some payers, by outcome and option.

    Parameters
    ----------
    keys : tuple of str
        Option keys, one a column.
    numerators : ndarray of shape (outcomes, options)
        Net saving at scale 1 in kroner x ``denominator``, whole numbers, so that sums of them are
        the same on every machine and in every order.
    denominator : int
    is_rounded : bool
        Discounting gave more digits than there is room for; each number is good to half of
        1 / ``denominator`` kroner.
    """

    keys: tuple[str, ...]
    numerators: Floats
    denominator: int = 1
    is_rounded: bool = False

    @property
    def count(self) -> int:
        """Return the number of outcomes."""
        return int(self.numerators.shape[0])

    @property
    def net_saving(self) -> Floats:
        """Return kroner, an ndarray of shape (outcomes, options)."""
        return self.numerators if self.denominator == 1 else self.numerators / self.denominator


def draws_of(
    plan: Plan, appraisal: Appraisal, payers: frozenset[str] | None, keys: Sequence[str]
) -> Draws:
    """Return the draws of a plan's options; a plan without outcomes has one, the expected.

    Parameters
    ----------
    payers : frozenset of str or None
        Whose net saving; None is everybody's. Explicit outcomes are given for the payers of the
        plan's risk limits, and only options that are not listed are added up here.
    keys : sequence of str
        The options, in the order of the columns.
    """
    match plan.outcomes:
        case SampledOutcomes():
            return _sampled(plan, appraisal, payers, keys, plan.outcomes)
        case ExplicitOutcomes():
            listed: Mapping[str, tuple[Fraction, ...]] = plan.outcomes.net_saving
        case _:
            listed = {}
    count = len(next(iter(listed.values()), (0,)))
    selection = Selection(payers=payers, discounted=True)
    columns = [
        listed.get(key) or (appraisal.total(plan.options[key][1].flows, selection),) * count
        for key in keys
    ]
    return _as_numbers(tuple(keys), columns, count)


def _as_numbers(
    keys: tuple[str, ...], columns: Sequence[tuple[Fraction, ...]], count: int
) -> Draws:
    """Return exact columns as doubles: whole numerators where they are small enough."""
    exact = {value for column in columns for value in column}
    denominator = math.lcm(1, *(value.denominator for value in exact))
    most = max((abs(value * denominator) for value in exact), default=Fraction(0))
    if most <= MOST_EXACT:
        matrix = np.array([[float(v * denominator) for v in column] for column in columns]).T
        return Draws(keys, matrix.reshape(count, len(keys)), denominator)
    matrix = np.array([[float(v) for v in column] for column in columns]).T
    return _rounded(keys, matrix.reshape(count, len(keys)))


def _rounded(keys: tuple[str, ...], kroner: Floats) -> Draws:
    """Return draws in doubles as whole parts of a krone, as fine as their size leaves room for."""
    largest = float(np.abs(kroner).max(initial=1.0))
    denominator = FINEST
    while denominator > 1 and largest * denominator > MOST_EXACT:
        denominator //= 10
    return Draws(keys, np.rint(kroner * denominator), denominator, is_rounded=True)


# ---- sampling ----


def uniforms(plan: Plan, outcomes: SampledOutcomes) -> Iterator[tuple[Intervention, Floats]]:
    """Yield every intervention with its correlated uniform draws, an ndarray of shape (outcomes,).

    Z = sqrt(all) A + sqrt(department) D + sqrt(target_group) G + sqrt(rest) E and u = Phi(Z), from
    scrambled Sobol points whose columns are A, then the departments, the target groups and the
    interventions, each in the order of their sorted ids. Interventions without a target group
    share none: each has one of its own.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - slow to load, only for sampling

    departments = sorted({i.department for i in plan.interventions})
    groups = sorted({group_of(i) for i in plan.interventions})
    names = sorted(i.id for i in plan.interventions)
    normal = _normals(outcomes, 1 + len(departments) + len(groups) + len(names))
    column = {
        key: number
        for number, key in enumerate(
            [
                ("all", ""),
                *(("department", name) for name in departments),
                *(("target_group", name) for name in groups),
                *(("own", name) for name in names),
            ]
        )
    }
    shares = {name: float(share) for name, share in outcomes.correlation.items()}
    shares["own"] = float(1 - sum(outcomes.correlation.values(), Fraction(0)))
    for intervention in plan.interventions:
        of = {
            "all": "",
            "department": intervention.department,
            "target_group": group_of(intervention),
            "own": intervention.id,
        }
        z = np.zeros(outcomes.count)
        for level, name in of.items():
            z += math.sqrt(max(0.0, shares.get(level, 0.0))) * normal[:, column[level, name]]
        yield intervention, ndtr(z)


def group_of(intervention: Intervention) -> str:
    """Return the target group, or a name that no other intervention shares."""
    return intervention.target_group or f"\0{intervention.id}"


def _normals(outcomes: SampledOutcomes, columns: int) -> Floats:
    """Return independent standard normals, an ndarray of shape (outcomes, columns)."""
    from scipy.special import ndtri  # noqa: PLC0415 - slow to load, only for sampling
    from scipy.stats import qmc  # noqa: PLC0415

    engine = qmc.Sobol(columns, scramble=True, rng=outcomes.seed)
    with warnings.catch_warnings():
        # any count is allowed; only the balance of a power of two is lost
        warnings.simplefilter("ignore", UserWarning)
        points = engine.random(outcomes.count)
    least = 2.0**-33  # half a step of the points: 0 itself would be minus infinity
    normals: Floats = ndtri(np.clip(points, least, 1 - least))
    return normals


class FlowSampler:
    """Draws the flows of one intervention, all at the same uniform numbers."""

    def __init__(self, uniform: Floats) -> None:
        self.uniform = uniform
        self._quantiles: dict[Fraction, Floats] = {}

    def draw(self, flow: CashFlow) -> Floats | int:
        """Return the flow in every outcome, whole kroner; one number where it is certain.

        The quantile of the Beta distribution on [low, high] with mean ``amount`` and
        alpha + beta = 6, rounded to whole kroner, half away from zero.
        """
        low, high, amount = flow.low, flow.high, flow.amount
        if low == high or amount in (low, high):
            return amount
        position = Fraction(amount - low, high - low)
        values = low + (high - low) * self._quantile(position)
        whole: Floats = np.copysign(np.floor(np.abs(values) + 0.5), values)
        return whole

    def payments(self, option: Option) -> list[int]:
        """Return what the option's contract pays in every outcome, whole kroner."""
        terms = option.contract
        if terms is None:
            return [0] * len(self.uniform)
        saving = np.zeros(len(self.uniform))
        for flow in option.flows:
            if terms.measures(flow):
                saving += self.draw(flow)
        return terms.payments([int(s) for s in saving.tolist()], option.measures)

    def _quantile(self, position: Fraction) -> Floats:
        from scipy.special import betaincinv  # noqa: PLC0415 - slow to load, only for sampling

        found = self._quantiles.get(position)
        if found is None:
            alpha = SHAPE * float(position)
            found = self._quantiles[position] = betaincinv(alpha, SHAPE - alpha, self.uniform)
        return found


def payments_drawn(plan: Plan, outcomes: SampledOutcomes) -> dict[str, list[int]]:
    """Return what every option under a contract pays, by outcome; whole kroner."""
    return {
        option_key(intervention, option): sampler.payments(option)
        for intervention, uniform in uniforms(plan, outcomes)
        for sampler in (FlowSampler(uniform),)
        for option in intervention.options
        if option.contract is not None
    }


def _sampled(
    plan: Plan,
    appraisal: Appraisal,
    payers: frozenset[str] | None,
    keys: Sequence[str],
    outcomes: SampledOutcomes,
) -> Draws:
    column = {key: number for number, key in enumerate(keys)}
    matrix = np.zeros((outcomes.count, len(keys)))
    factor = {year: float(value) for year, value in appraisal.factors.by_year.items()}
    for intervention, uniform in uniforms(plan, outcomes):
        sampler = FlowSampler(uniform)
        for option in intervention.options:
            place = column.get(f"{intervention.id}/{option.id}")
            if place is None:
                continue
            for flow in option.flows:
                if payers is None or flow.payer in payers:
                    matrix[:, place] += factor[flow.year] * sampler.draw(flow)
            terms = option.contract
            if terms is not None and (payers is None or terms.payer in payers):
                paid = np.array(sampler.payments(option), float)
                matrix[:, place] -= factor[terms.year] * paid
    return _rounded(tuple(keys), matrix) if plan.discount else Draws(tuple(keys), matrix)


# ---- risk measures ----


def tail_mass(count: int, level: Fraction) -> Fraction:
    """Return how many of ``count`` outcomes the worst (1 - level) share is; at least one."""
    return max(Fraction(1), (1 - level) * count)


def tail_weights(losses: Floats, level: Fraction) -> tuple[NDArray[np.intp], list[Fraction]]:
    """Return the outcomes of the worst (1 - level) share and their weights, which sum to 1.

    The tail may hold a fraction of an outcome (Rockafellar-Uryasev): with five outcomes at level
    0.7 it is 1.5 outcomes. Level 1 is the worst outcome alone.
    """
    mass = tail_mass(len(losses), level)
    whole, part = int(mass), mass - int(mass)
    weights = [1 / mass] * whole + ([part / mass] if part else [])
    # the worst first, and of equals the earlier: a partition alone would not be the same every day
    order = np.argsort(-losses, kind="stable")[: len(weights)]
    return order, weights
