"""The risk of an allocation: what its net saving may turn out to be."""

import math
from dataclasses import dataclass
from fractions import Fraction

from optimizer.appraisal import Appraisal, Choice
from optimizer.by_outcome import NetByOutcome, net_by_outcome
from optimizer.constraints.risk import USUAL_LEVEL, ExpectedShortfall, RiskLimit
from optimizer.draws import Draws, Floats, draws_of, tail_weights
from optimizer.objectives.money import MoneyTerm
from optimizer.program import exact_sum
from optimizer.scenario import Plan


@dataclass(frozen=True, slots=True)
class Risk:
    """The distribution of the discounted net saving of some payers over the outcomes, kroner.

    Parameters
    ----------
    payers : frozenset of str or None
        None is everybody.
    outcomes : int
        How many futures there are, all equally likely.
    expected_shortfall : tuple of (level, mean loss in the worst 1 - level of the outcomes)
    chance_of_loss : Fraction
        Share of the outcomes with a net saving more than 1 kr. below nothing.
    net : NetByOutcome
        The net saving itself.
    draws : Draws
        That of every option at scale 1.
    """

    payers: frozenset[str] | None
    outcomes: int
    mean: Fraction
    worst: Fraction
    best: Fraction
    expected_shortfall: tuple[tuple[Fraction, Fraction], ...]
    chance_of_loss: Fraction
    net: NetByOutcome
    draws: Draws

    def contributions(self, choice: Choice, level: Fraction) -> dict[str, Fraction]:
        """Return each chosen option's mean loss in the portfolio's worst tail, kroner.

        Together with the overlap losses they are the expected shortfall (Euler allocation).
        """
        order, weights = tail_weights(-self.net.numerators, level)
        losses = {}
        for key, scale in choice.items():
            savings = self._column(key)[order].tolist()
            mean = exact_sum(w * Fraction(x) for w, x in zip(weights, savings, strict=True))
            losses[key] = -mean * scale / self.draws.denominator
        return losses

    def means(self, choice: Choice) -> dict[str, Fraction]:
        """Return each chosen option's mean over the outcomes, overlap losses aside, kroner."""
        count = self.draws.count
        return {
            key: Fraction(math.fsum(self._column(key))) * scale / (count * self.draws.denominator)
            for key, scale in choice.items()
        }

    def of(self, outcome: int, choice: Choice) -> dict[str, Fraction]:
        """Return what each chosen option saves in one outcome, overlap losses aside, kroner."""
        return {
            key: Fraction(float(self._column(key)[outcome])) * scale / self.draws.denominator
            for key, scale in choice.items()
        }

    def _column(self, key: str) -> Floats:
        column: Floats = self.draws.numerators[:, self.draws.keys.index(key)]
        return column

    def worst_outcomes(self, count: int) -> list[int]:
        """Return the numbers of the worst outcomes, the worst first."""
        order, _ = tail_weights(-self.net.numerators, Fraction(0))
        return [int(number) for number in order[:count]]


def risk_payers(plan: Plan) -> frozenset[str] | None:
    """Return whose risk it is: that of the risk limits, else of the objective, else everybody's."""
    for limit in plan.scenario.constraints:
        if isinstance(limit, RiskLimit):
            return limit.payers
    for term in plan.scenario.objective:
        if isinstance(term, MoneyTerm):
            return term.payers
    return None


def risk_of(
    plan: Plan,
    appraisal: Appraisal,
    choice: Choice,
    *,
    payers: frozenset[str] | str | None = "limits",
) -> Risk:
    """Return the risk of a choice.

    Parameters
    ----------
    payers : frozenset of str or None
        Whose net saving; by default that of :func:`risk_payers`.
    """
    whose = risk_payers(plan) if isinstance(payers, str) else payers
    draws = draws_of(plan, appraisal, whose, sorted(plan.options))
    net = net_by_outcome(draws, appraisal, whose, choice)
    levels = {
        limit.level for limit in plan.scenario.constraints if isinstance(limit, ExpectedShortfall)
    } or {USUAL_LEVEL}
    shortfalls = tuple((level, net.expected_shortfall(level)) for level in sorted(levels))
    return Risk(
        payers=whose,
        outcomes=draws.count,
        mean=net.mean,
        worst=-net.expected_shortfall(Fraction(1)),
        best=net.best,
        expected_shortfall=shortfalls,
        chance_of_loss=net.chance_of_loss(),
        net=net,
        draws=draws,
    )
