"""The wrong pocket put right: who gains more than it pays, and the smallest transfers for losses.

A saving often lands in another purse than the one that pays. The least that must change hands so
that nobody loses is the sum of the losses; those who gain give it in proportion to their gain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.appraisal import Selection
from optimizer.constraints.fund import OUTLAY, OutcomeFund
from optimizer.intervention import FlowKind
from optimizer.payers import Level
from optimizer.program import exact_sum

if TYPE_CHECKING:
    from optimizer.allocation import Allocation

PAID = frozenset({FlowKind.OUTLAY, FlowKind.COST})
#: whose gain may be asked to make up for the losses of others
PUBLIC = frozenset({Level.MUNICIPALITY, Level.REGION, Level.STATE})


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one payer gives another, present value in kroner.

    Examples
    --------
    >>> Transfer("stat", "kommune", Fraction(5)).giver
    'stat'
    """

    giver: str
    receiver: str
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Purse:
    """How one payer stands, present values over the horizon in kroner.

    Parameters
    ----------
    paid : Fraction
        Outlay and costs, and contributions to outcome funds in place of their outlay; negative.
    saved : Fraction
        Savings, less what is lost to overlaps.
    moved : Fraction
        What it receives (positive) or gives (negative) so that nobody loses.

    Examples
    --------
    >>> purse = Purse("kommune", paid=Fraction(-9), saved=Fraction(4), moved=Fraction(5))
    >>> int(purse.net), int(purse.after)
    (-5, 0)
    """

    payer: str
    paid: Fraction
    saved: Fraction
    moved: Fraction

    @property
    def net(self) -> Fraction:
        """Return what it gains without transfers."""
        return self.paid + self.saved

    @property
    def after(self) -> Fraction:
        """Return what it gains with them."""
        return self.net + self.moved


@dataclass(frozen=True, slots=True)
class Settlement:
    """Every payer's stand and the transfers that make up for the losses.

    Parameters
    ----------
    missing : Fraction
        Losses that the gains do not cover; zero where nobody needs to lose.

    Examples
    --------
    >>> from optimizer import evaluate
    >>> from optimizer.explain.examples import small_plan
    >>> found = settlement(evaluate(small_plan(), {"a/base": 1}))
    >>> [(purse.payer, int(purse.net)) for purse in found.purses], found.transfers
    ([('m', 6000000)], ())
    """

    purses: tuple[Purse, ...]
    transfers: tuple[Transfer, ...]
    missing: Fraction

    @property
    def total(self) -> Fraction:
        """Return how much changes hands."""
        return exact_sum(transfer.amount for transfer in self.transfers)


def smallest_transfers(
    nets: Mapping[str, Fraction], givers: frozenset[str] | None = None
) -> tuple[Transfer, ...]:
    """Return the smallest transfers after which nobody loses, or as little as the gains allow.

    With M = min(sum of gains, sum of losses), payer a gives M gain_a / sum of gains, payer b
    receives M loss_b / sum of losses, and a gives b its part of both: M gain_a loss_b / (sum of
    gains x sum of losses). Less than M cannot do: each loss must be made up for.

    Parameters
    ----------
    givers : frozenset of payer ids or None
        Whose gain may be used; None: everybody's.

    Examples
    --------
    >>> nets = {"kommune": Fraction(-6), "region": Fraction(3), "stat": Fraction(9)}
    >>> [(t.giver, t.receiver, t.amount) for t in smallest_transfers(nets)]
    [('region', 'kommune', Fraction(3, 2)), ('stat', 'kommune', Fraction(9, 2))]
    """
    gains = {a: n for a, n in nets.items() if n > 0 and (givers is None or a in givers)}
    losses = {b: -n for b, n in nets.items() if n < 0}
    gain, loss = exact_sum(gains.values()), exact_sum(losses.values())
    moved = min(gain, loss)
    if not moved:
        return ()
    return tuple(
        Transfer(a, b, Fraction(moved * gains[a] * losses[b]) / (gain * loss))
        for a in gains
        for b in losses
    )


def settlement(allocation: "Allocation") -> Settlement:
    """Return how every payer of an allocation stands, and the transfers that make up for losses.

    Amounts are the payers' discounted totals over the horizon; of an outcome fund a payer's
    contribution stands in place of its booked outlay. Public purses give; whoever loses receives.

    Examples
    --------
    >>> from optimizer import evaluate
    >>> from optimizer.explain.examples import small_plan
    >>> int(settlement(evaluate(small_plan(), {"a/base": 1})).total)
    0
    """
    totals = allocation.payer_totals
    nets = {payer: total.discounted for payer, total in totals.items()}
    paid = {payer: _paid(allocation, payer) for payer in nets}
    for payer, shift in _fund_shifts(allocation).items():
        nets[payer] += shift
        paid[payer] += shift
    levels = allocation.plan.payer_by_id
    public = frozenset(payer for payer in nets if levels[payer].level in PUBLIC)
    transfers = smallest_transfers(nets, public)
    moved = dict.fromkeys(nets, Fraction(0))
    for one in transfers:
        moved[one.giver] -= one.amount
        moved[one.receiver] += one.amount
    return Settlement(
        purses=tuple(
            Purse(payer, paid[payer], net - paid[payer], moved[payer])
            for payer, net in nets.items()
        ),
        transfers=transfers,
        missing=exact_sum(max(Fraction(0), -net - moved[payer]) for payer, net in nets.items()),
    )


def _paid(allocation: "Allocation", payer: str) -> Fraction:
    selection = Selection(payers=frozenset({payer}), kinds=PAID, discounted=True)
    appraisal = allocation.appraisal
    return exact_sum(
        scale * appraisal.total(option.flows, selection)
        for _key, _intervention, option, scale in appraisal.chosen(allocation.choice)
    )


def _fund_shifts(allocation: "Allocation") -> dict[str, Fraction]:
    """Return what each payer is better off when contributions take the place of booked outlay."""
    shifts: dict[str, Fraction] = {}
    funds = [c for c in allocation.plan.scenario.constraints if isinstance(c, OutcomeFund)]
    for fund in funds:
        mine = frozenset(fund.options(allocation.plan))
        for payer in allocation.payer_totals:
            booked = Selection(payers=frozenset({payer}), kinds=OUTLAY, discounted=True)
            outlay = allocation.appraisal.net(allocation.choice, booked, mine)
            shifts[payer] = shifts.get(payer, Fraction(0)) - outlay
    for part in allocation.contributions:
        shifts[part.payer] -= part.contribution
    return shifts
