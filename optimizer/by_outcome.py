"""What a choice saves in every outcome, and the risk measures of that distribution."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.appraisal import Appraisal, Choice, Selection
from optimizer.draws import Draws, Floats, tail_mass, tail_weights
from optimizer.program import exact_sum

Flags = NDArray[np.bool_]
MOST_COMMON = 100  # so that sums of numerators times scales stay exact in doubles


@dataclass(frozen=True, slots=True)
class NetByOutcome:
    """The discounted net saving of one choice in every outcome.

    Parameters
    ----------
    numerators : ndarray of shape (outcomes,)
        Kroner x ``denominator``, overlap losses not taken off.
    shift : Fraction
        The overlap losses, kroner, zero or negative: the same in every outcome.
    """

    numerators: Floats
    denominator: int
    shift: Fraction

    @property
    def kroner(self) -> Floats:
        """Return net saving by outcome, an ndarray of shape (outcomes,)."""
        return self.numerators / self.denominator + float(self.shift)

    @property
    def mean(self) -> Fraction:
        """Return the mean over the outcomes, kroner."""
        total = Fraction(math.fsum(self.numerators))
        return total / (len(self.numerators) * self.denominator) + self.shift

    @property
    def best(self) -> Fraction:
        """Return the best outcome, kroner."""
        return self.of(int(self.numerators.argmax()))

    def of(self, outcome: int) -> Fraction:
        """Return the net saving in one outcome, kroner."""
        return Fraction(float(self.numerators[outcome])) / self.denominator + self.shift

    def expected_shortfall(self, level: Fraction) -> Fraction:
        """Return the mean loss in the worst (1 - level) share of the outcomes, kroner.

        The tail may hold a fraction of an outcome.
        """
        order, _ = tail_weights(-self.numerators, level)
        mass = tail_mass(len(self.numerators), level)
        worst = self.numerators[order].tolist()
        tail = Fraction(math.fsum(worst[: int(mass)]))
        if mass > int(mass):
            tail += (mass - int(mass)) * Fraction(worst[-1])
        return -(tail / (mass * self.denominator) + self.shift)

    def is_below(self, threshold: Fraction | int) -> Flags:
        """Return where the net saving is below ``threshold`` kroner, shape (outcomes,)."""
        limit = (Fraction(threshold) - self.shift) * self.denominator
        if (self.numerators == np.rint(self.numerators)).all():
            # a whole number is below any number exactly when it is below that number rounded up
            limit = Fraction(math.ceil(limit))
        below: Flags = self.numerators < float(limit)
        return below

    def chance_of_loss(self, threshold: int = 0) -> Fraction:
        """Return the share of outcomes whose net saving is more than 1 kr. below ``threshold``."""
        return Fraction(int(self.is_below(threshold - 1).sum()), len(self.numerators))


def net_by_outcome(
    draws: Draws, appraisal: Appraisal, payers: frozenset[str] | None, choice: Choice
) -> NetByOutcome:
    """Return what a choice saves some payers in every outcome."""
    places = {key: place for place, key in enumerate(draws.keys)}
    chosen = sorted(places[key] for key in choice)
    scales = [choice[draws.keys[place]] for place in chosen]
    common = math.lcm(1, *(Fraction(scale).denominator for scale in scales))
    if common > MOST_COMMON:
        common = 1  # long decimals: as doubles, good enough for the 1 kr. of scales
    selection = Selection(payers=payers, discounted=True)
    shift = exact_sum(
        appraisal.total(overlap.flows(), selection) for overlap in appraisal.active_overlaps(choice)
    )
    weights = np.array([float(scale * common) for scale in scales])
    numerators: Floats = draws.numerators[:, chosen] @ weights
    return NetByOutcome(numerators, draws.denominator * common, shift)


def tail_coefficients(draws: Draws, losses: Floats, level: Fraction) -> tuple[Fraction, ...]:
    """Return each option's mean loss in the worst tail of some losses, kroner at scale 1.

    The sum over any choice is at most its expected shortfall, and equal where the tail is its own.
    """
    order, weights = tail_weights(losses, level)
    shares = np.array([float(w) for w in weights])
    means = (shares @ draws.numerators[order]) / draws.denominator
    return tuple(Fraction(-mean) for mean in means.tolist())


def losses_of(
    draws: Draws,
    scales: Sequence[float],
    overlaps: Mapping[int, Fraction],
    values: Sequence[float],
) -> Floats:
    """Return the loss in every outcome at any values of the variables, kroner."""
    shift = sum(float(loss) * float(values[variable]) for variable, loss in overlaps.items())
    losses: Floats = -(draws.numerators @ np.array(scales)) / draws.denominator - shift
    return losses
