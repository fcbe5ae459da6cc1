"""Stress: the same plan when things turn out worse than expected, and what would be best then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from optimizer.allocating import allocate, evaluate
from optimizer.appraisal import Appraisal, Choice, Selection
from optimizer.intervention import Case, CashFlow, FlowKind, Option
from optimizer.program import exact_sum
from optimizer.relations import Overlap
from optimizer.risk import risk_payers
from optimizer.scenario import Plan
from optimizer.sentence import Sentence, rounded

HALF, FIFTH_MORE = Fraction(1, 2), Fraction(6, 5)


class Stress(StrEnum):
    """What turns out otherwise.

    Examples
    --------
    >>> [stress.value for stress in Stress]
    ['expected', 'half_effect', 'year_late', 'costs_up', 'all_low']
    """

    EXPECTED = "expected"
    HALF_EFFECT = "half_effect"
    YEAR_LATE = "year_late"
    COSTS_UP = "costs_up"
    ALL_LOW = "all_low"

    @property
    def label(self) -> Sentence:
        """Return its name."""
        return LABELS[self]


LABELS: Mapping[Stress, Sentence] = {
    Stress.EXPECTED: Sentence("Som forventet", "As expected"),
    Stress.HALF_EFFECT: Sentence("Halv effekt", "Half the effect"),
    Stress.YEAR_LATE: Sentence("Et år forsinket", "A year late"),
    Stress.COSTS_UP: Sentence("Udgifter +20 %", "Costs +20 %"),
    Stress.ALL_LOW: Sentence("Alt lavt", "All low"),
}


def stressed(plan: Plan, stress: Stress) -> Plan:
    """Return the plan under a stress.

    - *half effect*: savings are halved, low and high too, and so are the losses of overlaps;
    - *a year late*: they move a year, and what passes the horizon is lost; costs stay;
    - *costs up*: outlay and costs are 20 % higher;
    - *all low*: every flow is its low.

    Whole kroner, rounded half away from zero. Explicit outcomes are given numbers and stay. What an
    outcome contract pays follows the savings.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> plan = stressed(small_plan(), Stress.HALF_EFFECT)
    >>> [flow.amount for flow in plan.options["a/base"][1].flows]
    [-3000000, 4500000]
    """
    if stress is Stress.EXPECTED:
        return plan
    last = plan.horizon[1]
    changed = plan.with_flows(lambda _, option: _flows(option.flows, stress, last))
    relations = tuple(
        replace(r, loses=_losses(r.loses, stress, last)) if isinstance(r, Overlap) else r
        for r in plan.relations
    )
    return replace(changed, relations=relations)


def _flows(flows: tuple[CashFlow, ...], stress: Stress, last: int) -> list[CashFlow]:
    changed = [_flow(flow, stress) for flow in flows]
    return [flow for flow in changed if flow.year <= last]


def _flow(flow: CashFlow, stress: Stress) -> CashFlow:
    is_saving = flow.kind is FlowKind.SAVING
    match stress:
        case Stress.HALF_EFFECT if is_saving:
            return _times(flow, HALF)
        case Stress.YEAR_LATE if is_saving:
            return replace(flow, year=flow.year + 1)
        case Stress.COSTS_UP if not is_saving:
            return _times(flow, FIFTH_MORE)
        case Stress.ALL_LOW:
            return replace(flow, amount=flow.low, high=flow.low)
    return flow


def _times(flow: CashFlow, factor: Fraction) -> CashFlow:
    low, amount, high = (
        int(rounded(value * factor)) for value in (flow.low, flow.amount, flow.high)
    )
    return replace(flow, low=low, amount=amount, high=high)


def _losses(loses: Mapping[int, int], stress: Stress, last: int) -> Mapping[int, int]:
    if stress is Stress.HALF_EFFECT:
        return {year: int(rounded(loss * HALF)) for year, loss in loses.items()}
    if stress is Stress.YEAR_LATE:
        return {year + 1: loss for year, loss in loses.items() if year < last}
    return loses


@dataclass(frozen=True, slots=True)
class StressCell:
    """A choice under a stress: what it gives, and whether it still keeps every limit.

    Examples
    --------
    >>> StressCell(Fraction(5), is_kept=True).is_kept
    True
    """

    objective: Fraction
    is_kept: bool


@dataclass(frozen=True, slots=True)
class StressTable:
    """Choices under every stress.

    Parameters
    ----------
    choices : mapping of name to choice
        ``today`` is the one that was asked about; the others are best under the stress of their
        name. A stress under which nothing fits has none.
    cells : mapping of (name of the choice, stress) to StressCell
    is_proved : bool
        Whether every best plan is proved.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> table = stress_table(small_plan(), {"c/base": Fraction(1)})
    >>> int(table.best(Stress.EXPECTED)), int(table.regret("today", Stress.EXPECTED))
    (9000000, 7000000)
    """

    choices: Mapping[str, Choice]
    cells: Mapping[tuple[str, Stress], StressCell]
    is_proved: bool

    def best(self, stress: Stress) -> Fraction | None:
        """Return the best objective under a stress; None where nothing fits."""
        cell = self.cells.get((stress.value, stress))
        return None if cell is None else cell.objective

    def regret(self, name: str, stress: Stress) -> Fraction | None:
        """Return how much less a choice gives than the best under a stress.

        None where nothing fits, or where the choice breaks a limit then. A choice that does not
        can be better only by what the best was not proved by.
        """
        best, cell = self.best(stress), self.cells.get((name, stress))
        if best is None or cell is None or not cell.is_kept:
            return None
        return max(Fraction(0), best - cell.objective)


def stress_table(
    plan: Plan,
    choice: Choice,
    *,
    time_limit: float = 60.0,
    progress: Callable[[int, int], object] | None = None,
) -> StressTable:
    """Return what a choice gives under each stress, beside what would be best then.

    Of objectives in order it is the first that counts.

    Parameters
    ----------
    time_limit : float
        Seconds in all.
    progress : callable or None
        Told after each stress how many are done, and of how many.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> table = stress_table(small_plan(), {"a/base": Fraction(1), "b/base": Fraction(1)})
    >>> int(table.cells["today", Stress.HALF_EFFECT].objective)
    1000000
    >>> int(table.best(Stress.HALF_EFFECT)), int(table.regret("today", Stress.HALF_EFFECT))
    (1500000, 500000)
    """
    plan = replace(plan, scenario=replace(plan.scenario, then=()))
    plans = {stress: stressed(plan, stress) for stress in Stress}
    choices: dict[str, Choice] = {"today": dict(choice)}
    is_proved = True
    for done, (stress, changed) in enumerate(plans.items(), 1):
        best = allocate(changed, gap=0, time_limit=time_limit / len(plans))
        is_proved = is_proved and best.status.value in {"optimal", "infeasible"}
        if best.has_plan:
            choices[stress.value] = dict(best.choice)
        if progress is not None:
            progress(done, len(plans))
    cells = {}
    for name, one in choices.items():
        for stress, changed in plans.items():
            found = evaluate(changed, one)
            cells[name, stress] = StressCell(found.objective or Fraction(0), not found.broken)
    return StressTable(choices, cells, is_proved)


@dataclass(frozen=True, slots=True)
class Disappointment:
    """What is left when some of the chosen come out low, or give nothing at all.

    Parameters
    ----------
    keys : tuple of option keys
        The most promising: those with the greatest saving, the greatest first.
    expected, low, nothing : Fraction
        Discounted net saving: of the choice, with the most promising at their low, and with them
        without any saving; kroner.
    falling : tuple of option keys
        Those that fall most from expected to low, the greatest fall first.
    fallen : Fraction
        Discounted net saving with these at their low: the figure that the limit
        ``disappointments`` looks at, kroner.

    Examples
    --------
    >>> nobody = Disappointment((), Fraction(9), Fraction(9), Fraction(9), (), Fraction(9))
    >>> nobody.expected == nobody.fallen
    True
    """

    keys: tuple[str, ...]
    expected: Fraction
    low: Fraction
    nothing: Fraction
    falling: tuple[str, ...]
    fallen: Fraction


def disappointed(plan: Plan, choice: Choice, count: int) -> Disappointment:
    """Return what is left of a choice when ``count`` of the chosen disappoint.

    The most promising come out low, or save nothing; and, apart from that, those that fall most
    come out low, than which nothing that ``count`` lows can do is worse. The net saving is that of
    the payers whose risk the plan looks at.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> found = disappointed(small_plan(), {"a/base": Fraction(1), "b/base": Fraction(1)}, 1)
    >>> found.keys, int(found.expected), int(found.nothing)
    (('a/base',), 9000000, 0)
    """
    appraisal, payers = Appraisal(plan), risk_payers(plan)
    expected = Selection(payers=payers, discounted=True)
    saved = replace(expected, kinds=frozenset({FlowKind.SAVING}))
    saving = _totals(appraisal, choice, saved)
    refund = {
        key: scale * appraisal.total(_unpaid(option), expected)
        for key, _, option, scale in appraisal.chosen(choice)
    }
    likely = _totals(appraisal, choice, expected)
    low = _totals(appraisal, choice, replace(expected, case=Case.LOW))
    fall = {key: max(Fraction(0), likely[key] - low[key]) for key in choice}
    most, falling = _greatest(saving)[:count], _greatest(fall)[:count]
    net = appraisal.net(choice, expected)
    return Disappointment(
        keys=most,
        expected=net,
        low=net - exact_sum(likely[key] - low[key] for key in most),
        nothing=net - exact_sum(saving[key] - refund[key] for key in most),
        falling=falling,
        fallen=net - exact_sum(fall[key] for key in falling),
    )


def _unpaid(option: Option) -> tuple[CashFlow, ...]:
    """Return what an outcome contract no longer costs when nothing is saved, as a flow."""
    if option.contract is None:
        return ()
    paid = option.flows[-1]
    still = option.contract.payment(0, option.measures)
    return (replace(paid, amount=-still - paid.amount),)


def _totals(appraisal: Appraisal, choice: Choice, selection: Selection) -> dict[str, Fraction]:
    return {
        key: scale * appraisal.total(option.flows, selection)
        for key, _, option, scale in appraisal.chosen(choice)
    }


def _greatest(values: Mapping[str, Fraction]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda key: (-values[key], key)))
