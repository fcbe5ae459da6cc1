"""A case as part of a plan: which years it spans, whom it reaches, and its option."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from fractions import Fraction

from optimizer.appraisal import Years
from optimizer.cases.business_case import BusinessCase, Variant
from optimizer.cases.computing import cost_parts, is_within
from optimizer.cases.provenance import Computed
from optimizer.intervention import CashFlow, FlowKind, Measure, Option
from optimizer.sentence import rounded


def span_of(case: BusinessCase, variant: Variant | None = None) -> Years | None:
    """Return the first and last year in which anything of the case happens; None: never.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> span_of(small_case()), span_of(small_case(), small_case().variants[1])
    ((2027, 2029), (2028, 2030))
    """
    chosen = case.in_variant(case.variants[0] if variant is None else variant)
    years = [line.flow.year for line in chosen.direct]
    for cost in chosen.costs:
        years += cost_parts(cost, chosen)
    for route in chosen.effects:
        for start in route.citizens:
            years += [start, start + max(route.durability.length - 1, 0)]
    return (min(years), max(years)) if years else None


def citizens_started(case: BusinessCase, variant: Variant | None = None) -> dict[int, Fraction]:
    """Return how many citizens start in each year.

    Routes of one case measure different outcomes in the same people, so that the largest route
    counts, not their sum.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> {year: int(n) for year, n in citizens_started(small_case()).items()}
    {2027: 20, 2028: 20}
    """
    chosen = case.in_variant(case.variants[0] if variant is None else variant)
    most: dict[int, Fraction] = {}
    for route in chosen.effects:
        for year, n in route.citizens.items():
            most[year] = max(most.get(year, Fraction(0)), Fraction(n))
    return dict(sorted(most.items()))


def option_of(
    case: BusinessCase,
    variant: Variant,
    computed: Iterable[Computed],
    *,
    horizon: Years | None = None,
) -> Option:
    """Return the variant as an option of a plan: its computed flows, and citizens by start year.

    Examples
    --------
    >>> from optimizer.cases import flows_of
    >>> from optimizer.cases.examples import LEVELS, PAYERS, small_case
    >>> case = small_case()
    >>> small = case.variants[0]
    >>> flows = flows_of(case, small, payers=PAYERS, price_levels=LEVELS)
    >>> option = option_of(case, small, flows)
    >>> option.id, option.pool, int(option.measures["citizens"].total)
    ('lille', 'p', 40)
    """
    started = {y: n for y, n in citizens_started(case, variant).items() if is_within(y, horizon)}
    total = sum(started.values(), Fraction(0))
    return Option(
        id=variant.id,
        title=variant.title or None,
        pool=variant.pool,
        flows=tuple(c.flow for c in computed),
        measures={"citizens": Measure(total, started)} if started else {},
    )


def after_equalisation(
    flows: Iterable[CashFlow], *, payers: Collection[str], retention: Fraction = Fraction(1)
) -> tuple[CashFlow, ...]:
    """Return the flows with the savings of ``payers`` reduced to what equalisation leaves them.

    The share that a municipality keeps of a gain is the user's estimate, a fraction from 0 to 1;
    the default keeps everything. Outlays and costs stay. Rounded half away from zero.

    Examples
    --------
    >>> from optimizer.cases.examples import small_flows
    >>> before = [c.flow for c in small_flows()]
    >>> after = after_equalisation(before, payers={"kommune"}, retention=Fraction(9, 10))
    >>> [(b.amount, a.amount) for b, a in zip(before, after)][:2]
    [(208000, 187200), (104000, 104000)]
    """

    def kept(flow: CashFlow) -> CashFlow:
        if flow.kind is not FlowKind.SAVING or flow.payer not in payers:
            return flow
        low, amount, high = (
            int(rounded(value * retention)) for value in (flow.low, flow.amount, flow.high)
        )
        return replace(flow, low=low, amount=amount, high=high)

    return tuple(kept(flow) for flow in flows)
