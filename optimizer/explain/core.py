"""The core index: how often an intervention is in the best plan when the uncertain varies.

After robust portfolio modelling (Liesiö, Mild and Salo 2007): what is in every best plan can be
decided now, what is in none can be dropped, and only the rest needs more thought.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.allocating import allocate
from optimizer.draws import FlowSampler, uniforms
from optimizer.explain.known import taken
from optimizer.financing import settled
from optimizer.intervention import Case, CashFlow, Option, option_key
from optimizer.outcome import USUAL_CORRELATION, SampledOutcomes
from optimizer.pool import InvestmentPool
from optimizer.scenario import Plan
from optimizer.sentence import NO_BREAK_SPACE, Sentence, joined, number

CASES = (Case.EXPECTED, Case.LOW, Case.HIGH)
TENTH = Fraction(1, 10)
A_TENTH_EACH_WAY = (1 - TENTH, 1 + TENTH)
NOTHING = Sentence("", "")
AS_PLANNED = Sentence("som planen", "as planned")
#: of outcomes where the plan has none of its own
USUAL = SampledOutcomes(count=0, seed=1, correlation=USUAL_CORRELATION)
Flows = tuple[CashFlow, ...]


@dataclass(frozen=True, slots=True)
class Variation:
    """The plan with something uncertain turned out otherwise, by name."""

    name: Sentence
    plan: Plan


@dataclass(frozen=True, slots=True)
class CoreIndex:
    """The share of the variations' best plans that contain each intervention.

    ``plans`` are the variations that have a plan, with what is in it.
    """

    share: Mapping[str, Fraction]
    plans: tuple[tuple[Variation, frozenset[str]], ...]
    without_plan: tuple[Variation, ...] = ()


def core_index(variations: Iterable[Variation], *, time_limit: float = 60.0) -> CoreIndex:
    """Return how often each intervention is in the best plan, over given variations.

    Examples
    --------
    >>> from optimizer.explain import core_index, variations
    >>> from optimizer.explain.examples import small_plan
    >>> from fractions import Fraction
    >>> index = core_index(variations(small_plan(), pools=(Fraction(1, 2), 2)))
    >>> {name: str(share) for name, share in index.share.items()}
    {'a': '1', 'b': '2/3', 'c': '1/3'}
    """
    deadline = time.perf_counter() + time_limit
    plans, without = [], []
    for variation in variations:
        left = max(0.0, deadline - time.perf_counter())
        allocation = allocate(variation.plan, time_limit=left)
        if allocation.has_plan:
            plans.append((variation, taken(allocation.choice)))
        else:
            without.append(variation)
    names = [i.id for i in plans[0][0].plan.interventions] if plans else []
    share = {n: Fraction(sum(n in inside for _, inside in plans), len(plans)) for n in names}
    return CoreIndex(share, tuple(plans), tuple(without))


# ---- what varies ----


def variations(
    plan: Plan,
    *,
    cases: Sequence[Case] = CASES,
    draws: int = 0,
    pools: Sequence[Fraction | int] = A_TENTH_EACH_WAY,
    weights: Sequence[Sequence[Fraction | int]] = (),
) -> tuple[Variation, ...]:
    """Return the plan under every combination of evidence, pool size and weights, each once.

    Parameters
    ----------
    cases : sequence of Case
        All flows as expected, all as low, all as high.
    draws : int
        Beside them, so many outcomes drawn from low, expected and high: with the seed and the
        correlation of the plan's own sampled outcomes, or else the usual ones.
    pools : sequence of number
        Factors of all pools, beside 1.
    weights : sequence of sequences of number
        Weights of the objective's terms in their order, beside the plan's own.

    Examples
    --------
    >>> from optimizer.explain import variations
    >>> from optimizer.explain.examples import small_plan
    >>> [v.plan.scenario.pools[0].total for v in variations(small_plan())]
    [7000000, 6300000, 7700000]
    """
    evidence = (*(Variation(_case_name(c), _in_case(plan, c)) for c in cases), *_drawn(plan, draws))
    sizes = dict.fromkeys((Fraction(1), *(Fraction(size) for size in pools)))
    own = tuple(term.weight for term in plan.scenario.objective)
    sets = dict.fromkeys((own, *(tuple(Fraction(w) for w in ws) for ws in weights)))
    found: list[Variation] = []
    for one, size, weight in itertools.product(evidence, sizes, sets):
        changed = _weighted(_sized(one.plan, size), weight)
        names = [one.name, _size_name(size), _weight_name(weight, own)]
        name = joined([n for n in names if n.da], ", ")
        if all(changed != other.plan for other in found):
            found.append(Variation(name if name.da else AS_PLANNED, changed))
    return tuple(found)


def _case_name(case: Case) -> Sentence:
    match case:
        case Case.LOW:
            return Sentence("alt lavt", "all low")
        case Case.HIGH:
            return Sentence("alt højt", "all high")
    return NOTHING


def _size_name(size: Fraction) -> Sentence:
    percent, space = number(size * 100), NO_BREAK_SPACE
    words = Sentence(f"pulje {percent.da}{space}%", f"pool {percent.en}{space}%")
    return NOTHING if size == 1 else words


def _weight_name(weight: tuple[Fraction, ...], own: tuple[Fraction, ...]) -> Sentence:
    numbers = [number(w) for w in weight]
    da, en = "; ".join(n.da for n in numbers), "; ".join(n.en for n in numbers)
    return NOTHING if weight == own else Sentence(f"vægte {da}", f"weights {en}")


def _in_case(plan: Plan, case: Case) -> Plan:
    def amounts(_: str, flows: Flows) -> list[int]:
        return [flow.in_case(case) for flow in flows]

    return plan if case is Case.EXPECTED else _with_amounts(plan, amounts)


def _drawn(plan: Plan, count: int) -> Iterator[Variation]:
    """Yield the plan with all flows as they come out in one drawn outcome after the other."""
    if not count:
        return
    own = plan.outcomes if isinstance(plan.outcomes, SampledOutcomes) else USUAL
    samplers = {i.id: FlowSampler(u) for i, u in uniforms(plan, replace(own, count=count))}
    drawn = {
        option_key(i, o): [samplers[i.id].draw(flow) for flow in o.flows]
        for i in plan.interventions
        for o in i.options
    }
    for outcome in range(count):

        def amounts(key: str, _: Flows, outcome: int = outcome) -> list[int]:
            return [d if isinstance(d, int) else int(d[outcome]) for d in drawn[key]]

        name = Sentence(f"udfald {outcome + 1}", f"outcome {outcome + 1}")
        yield Variation(name, _with_amounts(plan, amounts))


def _with_amounts(plan: Plan, amounts: Callable[[str, Flows], list[int]]) -> Plan:
    """Return the plan with the expected amount of every flow replaced."""

    def changed(key: str, option: Option) -> Option:
        pairs = zip(option.flows, amounts(key, option.flows), strict=True)
        return settled(replace(option, flows=tuple(replace(flow, amount=to) for flow, to in pairs)))

    return plan.with_options(changed)


def _sized(plan: Plan, size: Fraction) -> Plan:
    if size == 1:
        return plan

    def pool(one: InvestmentPool) -> InvestmentPool:
        if one.total is not None:
            return replace(one, total=round(one.total * size))
        paid_in = {year: round(amount * size) for year, amount in (one.paid_in or {}).items()}
        return replace(one, paid_in=paid_in)

    pools = tuple(pool(one) for one in plan.scenario.pools)
    return replace(plan, scenario=replace(plan.scenario, pools=pools))


def _weighted(plan: Plan, weights: tuple[Fraction, ...]) -> Plan:
    terms = plan.scenario.objective
    objective = tuple(replace(t, weight=w) for t, w in zip(terms, weights, strict=True))
    return replace(plan, scenario=replace(plan.scenario, objective=objective))
