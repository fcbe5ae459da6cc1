"""A case with an argument, judged: its figures, what moves them, and what evidence takes off."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from optimizer.case_figures import CaseFigures, own_payers
from optimizer.cases.figures import Figures, Perspective, Successes, figures_of
from optimizer.cases.judged import follows_route, successes_of
from optimizer.cases.optimism import BeforeAndAfter, before_and_after
from optimizer.cases.sensitivity import (
    StandardCase,
    Tornado,
    standard_cases,
    tornado,
    tornado_of_flows,
)
from optimizer.financing import settled
from optimizer.intervention import CashFlow
from optimizer.sentence import same
from planner.model import StrategyRecord
from planner.services.case_argument import Argued, argued
from planner.services.case_plan import intervention_from, plan_of
from planner.services.cases import CaseData, OptionData


@dataclass(frozen=True)
class Judged:
    """Everything that is said of one option, as the municipality's purse sees it.

    Parameters
    ----------
    argued : Argued
    perspective : Perspective
    payers : frozenset of str or None
        Whose purse; None: everybody's.
    stars : int
        Evidence, 0-3.
    paid : CashFlow or None
        What an outcome contract pays for the expected saving.
    """

    argued: Argued
    perspective: Perspective
    payers: frozenset[str] | None
    stars: int
    paid: CashFlow | None = None

    @property
    def flows(self) -> list[CashFlow]:
        """Return every flow of the option, and what its contract pays."""
        return self.computed if self.paid is None else [*self.computed, self.paid]

    @property
    def computed(self) -> list[CashFlow]:
        """Return every flow of the option but what its contract pays."""
        return [computed.flow for computed in self.argued.computed]

    @cached_property
    def follows(self) -> Callable[[CashFlow], bool] | None:
        """Return which flows grow with the added effect; None: the case has no effect.

        What is paid by result does too.
        """
        grows = follows_route(self.argued.computed, self.argued.case)
        if grows is None:
            return None
        return lambda flow: flow is self.paid or grows(flow)

    @cached_property
    def successes(self) -> Successes | None:
        """Return citizens and success rates of the first effect."""
        return successes_of(self.argued.case, self.perspective.horizon)

    @cached_property
    def figures(self) -> Figures:
        """Return every figure of the case."""
        return figures_of(
            self.flows,
            self.perspective,
            payers=self.payers,
            successes=self.successes,
            follows=self.follows,
        )

    @cached_property
    def sums(self) -> CaseFigures:
        """Return the sums that pictures and sentences are made of."""
        return self.perspective.case(self.flows, self.payers)

    @cached_property
    def standard_cases(self) -> tuple[StandardCase, ...]:
        """Return the case under the assumptions that every case is looked at under."""
        return standard_cases(
            self.flows,
            self.perspective,
            payers=self.payers,
            successes=self.successes,
            follows=self.follows,
        )

    @cached_property
    def tornado(self) -> Tornado:
        """Return what every uncertain input moves by itself; direct amounts move by line."""
        if not self.argued.case.effects and not self.argued.case.costs:
            names = {id(c.flow): c.name for c in self.argued.computed}
            return tornado_of_flows(
                self.flows,
                self.perspective,
                payers=self.payers,
                lines=lambda flow: same(names[id(flow)]),
            )
        return tornado(
            self.argued.case,
            self.perspective,
            payers=self.payers,
            price_levels=self.argued.levels,
        )

    @cached_property
    def corrected(self) -> BeforeAndAfter:
        """Return the figures before and after the correction for its evidence."""
        return before_and_after(
            self.flows,
            self.perspective,
            stars=self.stars,
            payers=self.payers,
            successes=self.successes,
        )


def judge(data: CaseData, option: OptionData, strategy: StrategyRecord) -> Judged:
    """Return one option of a case, judged.

    Raises
    ------
    CaseErrors, CaseError
        The argument cannot be read or computed as the strategy is now.
    """
    plan = plan_of(strategy, [intervention_from(data, key="case", department="")])
    written = next(o for o in plan.interventions[0].options if o.id == option.key)
    return Judged(
        argued(data, option, strategy),
        Perspective.of(plan),
        own_payers(plan.payers),
        data.evidence_stars,
        None if written.contract is None else settled(written).flows[-1],
    )
