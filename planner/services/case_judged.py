"""A case with an argument, judged: its figures, what moves them, and what evidence takes off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from optimizer.case_figures import CaseFigures, own_payers
from optimizer.cases import Computed
from optimizer.cases.figures import (
    UNDER_CONTRACT,
    Figures,
    Perspective,
    Successes,
    figures_of,
)
from optimizer.cases.in_plan import after_equalisation
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
from optimizer.intervention import CashFlow, FlowKind, Option
from optimizer.sentence import same
from planner.model import CaseRecord, StrategyRecord
from planner.model.states import Origin
from planner.services.acceptances import counted_option
from planner.services.case_argument import DIRECT, Argued, argued, flow_data
from planner.services.case_plan import direct_flows, intervention_from, plan_of
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
    written : Option or None
        The option as it is written, with its contract.
    """

    argued: Argued
    perspective: Perspective
    payers: frozenset[str] | None
    stars: int
    paid: CashFlow | None = None
    written: Option | None = None

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
        """Return which flows grow with the added effect; None: the case has no effect."""
        return follows_route(self.argued.computed, self.argued.case)

    @cached_property
    def successes(self) -> Successes | None:
        """Return citizens and success rates of the first effect."""
        return successes_of(self.argued.case, self.perspective.horizon)

    @cached_property
    def figures(self) -> Figures:
        """Return every figure of the case.

        How much effect is enough is not told of a contract, whose payment is no share of it.
        """
        found = figures_of(
            self.flows,
            self.perspective,
            payers=self.payers,
            successes=self.successes,
            follows=self.follows,
        )
        return found if self.paid is None else replace(found, break_even=UNDER_CONTRACT)

    @cached_property
    def sums(self) -> CaseFigures:
        """Return the sums that pictures and sentences are made of."""
        return self.perspective.case(self.flows, self.payers)

    @cached_property
    def standard_cases(self) -> tuple[StandardCase, ...]:
        """Return the case under the assumptions that every case is looked at under.

        A contract pays in each of them for the saving that is made there.
        """
        return standard_cases(
            self.computed,
            self.perspective,
            payers=self.payers,
            successes=self.successes,
            follows=self.follows,
            contract=None if self.written is None else self.written.contract,
            measures=None if self.written is None else self.written.measures,
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

    def after_equalisation(self, retention: Fraction) -> Figures:
        """Return the figures when the municipality keeps only this share of its savings."""
        own = self.payers or frozenset(payer.id for payer in self.perspective.payers)
        kept = after_equalisation(self.flows, payers=own, retention=retention)
        return figures_of(kept, self.perspective, payers=self.payers)

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


def judge(
    data: CaseData, option: OptionData, strategy: StrategyRecord, *, case: CaseRecord | None = None
) -> Judged:
    """Return one option of a case, judged; cashable is what budget owners have accepted.

    Parameters
    ----------
    data, option : CaseData, OptionData
        As they are stored, or as somebody is about to store them.
    case : CaseRecord or None
        The version whose budget owners are asked; None: cashable is what the form says.

    Raises
    ------
    CaseErrors, CaseError
        The argument cannot be read or computed as the strategy is now.
    """
    plan = plan_of(strategy, [intervention_from(data, key="case", department="")])
    written = next(o for o in plan.interventions[0].options if o.id == option.key)
    found = argued(data, option, strategy)
    return Judged(
        found
        if case is None
        else replace(found, computed=_as_accepted(found.computed, option, case)),
        Perspective.of(plan),
        own_payers(plan.payers),
        data.evidence_stars,
        None if written.contract is None else settled(written).flows[-1],
        written,
    )


def _as_accepted(
    computed: Sequence[Computed], option: OptionData, case: CaseRecord
) -> tuple[Computed, ...]:
    """Return flows cashable where an owner has accepted what their lines come to now."""
    places = [place for place, flow in enumerate(option.flows) if flow.origin is Origin.DIRECT]
    typed = [f"{DIRECT}{place}" for place in places]
    made = [one for one in computed if one.line not in typed]
    anew = replace(option, flows=(*direct_flows(option), *(flow_data(one) for one in made)))
    flags = [flow.cashable for flow in counted_option(anew, case).flows]
    keys: list[str | int] = [*typed, *map(id, made)]
    flag_of = dict(zip(keys, flags, strict=True))
    return tuple(_flagged(one, flag_of.get(one.line, flag_of.get(id(one)))) for one in computed)


def _flagged(one: Computed, flag: object) -> Computed:
    if one.flow.kind is not FlowKind.SAVING:
        return one
    return replace(one, flow=replace(one.flow, cashable=bool(flag)))
