"""From a case to cash flows: whole kroner by line, payer and year, each with its formula.

    B[a, c+j] += S_c * d_j * (-q_j) * price_a        benefit of a consequence to payer a
    C[a, t]    = gross cost - cost of the alternative that is saved

Each line is added up exactly by year, rounded once half away from zero, and parted among its
payers by largest remainder, so that the parts add up to the rounded whole.

The low of a flow is its smallest, the high its largest amount over all combinations of the
uncertain inputs of its line at their ends: the added effect, the price, and the quantities (all at
their low or all at their high). So low is the worse for that purse in that year.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import product

from optimizer.appraisal import Years
from optimizer.cases.business_case import BusinessCase, CostLine, PricedFlow, Variant
from optimizer.cases.consequence import NOTHING, Consequence
from optimizer.cases.effect import EffectRoute
from optimizer.cases.errors import CaseError
from optimizer.cases.formula import CostPart, OfConsequence, OfCost, OfDirect, Term
from optimizer.cases.prices import NO_LEVELS, PriceLevels
from optimizer.cases.provenance import Computed
from optimizer.cases.refunds import RULES, RuleBook
from optimizer.cases.splits import Parted, Terms, Use
from optimizer.cases.uncertain import Uncertain
from optimizer.intervention import Case, CashFlow, FlowKind
from optimizer.payers import Payer
from optimizer.reading import GREATEST_AMOUNT
from optimizer.sentence import Sentence, rounded

#: added effect, price in its own price year, and which of the quantities
State = tuple[Fraction, Fraction, Case]
#: start year, and years since
Cohort = tuple[int, int]


def flows_of(
    case: BusinessCase,
    variant: Variant | None = None,
    *,
    payers: Collection[Payer],
    price_levels: PriceLevels = NO_LEVELS,
    horizon: Years | None = None,
    price_year: int | None = None,
    rules: RuleBook = RULES,
) -> tuple[Computed, ...]:
    """Return the cash flows of a case, whole kroner of ``price_year``, by year, line and payer.

    Flows that are 0 in every case are left out.

    Parameters
    ----------
    variant : Variant, optional
        Default: the first of the case.
    payers : collection of Payer
        Every payer that the case names.
    price_levels : PriceLevels
        Needed where any amount is of another price year.
    horizon : (int, int), optional
        First and last year that count; an effect that lasts longer is cut there, and so is every
        other amount (:func:`optimizer.cases.in_plan.span_of` tells the whole span). Default:
        everything.
    price_year : int, optional
        Default: the case's.
    rules : RuleBook
        State refunds; the rule in force in a flow's year is used.

    Raises
    ------
    CaseError
        A payer, a price level or a rule is not known, or an alternative costs more than the
        intervention.

    Examples
    --------
    >>> from optimizer.cases.examples import LEVELS, PAYERS, small_case
    >>> found = flows_of(small_case(), payers=PAYERS, price_levels=LEVELS)
    >>> for computed in found[:3]:
    ...     flow = computed.flow
    ...     print(flow.year, computed.line, flow.payer, flow.low, flow.amount, flow.high)
    2027 bolig/herberg kommune 46800 104000 182000
    2027 bolig/herberg stat 15600 52000 109200
    2027 kursus kommune -900000 -900000 -900000
    """
    chosen = case.in_variant(case.variants[0] if variant is None else variant)
    check_payers(chosen, {payer.id for payer in payers})
    terms = Terms(price_year or case.price_year, price_levels, rules)
    found = [c for c in _every_flow(chosen, terms, horizon) if _is_anything(c.flow)]
    for computed in found:
        check_size(computed)
    return tuple(sorted(found, key=lambda c: (c.flow.year, c.line, c.flow.payer)))


def _every_flow(case: BusinessCase, terms: Terms, horizon: Years | None) -> Iterable[Computed]:
    for route in case.effects:
        for consequence in route.consequences:
            yield from _Consequences(route, consequence, terms).flows(horizon)
    for cost in case.costs:
        yield from _cost_flows(cost, case, terms, horizon)
    for line in case.direct:
        if is_within(line.flow.year, horizon):
            yield _direct_flow(line, terms)


def _is_anything(flow: CashFlow) -> bool:
    return bool(flow.low or flow.amount or flow.high)


def check_size(computed: Computed) -> None:
    """Raise CaseError where an amount is too large for a plan file."""
    flow = computed.flow
    if max(abs(flow.low), abs(flow.amount), abs(flow.high)) > GREATEST_AMOUNT:
        raise CaseError(
            Sentence(
                f"{computed.name}: beløbet i {flow.year} er over 100 mia. kr.",
                f"{computed.name}: the amount in {flow.year} is over 100 billion kroner.",
            )
        )


def check_payers(case: BusinessCase, known: Collection[str]) -> None:
    """Raise CaseError where the case names a payer that is not known."""
    named = [p for r in case.effects for c in r.consequences for p in c.split.payers]
    named += [p for cost in case.costs for p in cost.split.payers]
    named += [line.flow.payer for line in case.direct]
    for payer in named:
        if payer not in known:
            raise CaseError(
                Sentence(f"Kassen »{payer}« findes ikke.", f"There is no payer “{payer}”.")
            )


# ---- adding up and parting ----


def parted(exact: Mapping[str, Fraction]) -> dict[str, int]:
    """Return whole kroner by payer that add up to the rounded sum, by largest remainder.

    The sum is rounded half away from zero; of equal remainders the first payer by id is served.

    Examples
    --------
    >>> thirds = dict.fromkeys(("stat", "kommune", "region"), Fraction(100, 3))
    >>> parted(thirds)
    {'kommune': 34, 'region': 33, 'stat': 33}
    """
    whole = int(rounded(sum(exact.values(), Fraction(0))))
    sign = -1 if whole < 0 else 1
    parts = {payer: (sign * exact[payer]) // 1 for payer in sorted(exact)}
    missing = sign * whole - sum(parts.values())
    by_remainder = sorted(parts, key=lambda payer: parts[payer] - sign * exact[payer])
    for payer in by_remainder[:missing]:
        parts[payer] += 1
    return {payer: sign * part for payer, part in parts.items()}


def largest_and_smallest(states: Sequence[Mapping[str, Fraction]]) -> dict[str, Uncertain]:
    """Return expected (of the first state), smallest and largest whole kroner by payer."""
    whole = [parted(state) for state in states]
    return {
        payer: Uncertain(
            amount, low=min(w[payer] for w in whole), high=max(w[payer] for w in whole)
        )
        for payer, amount in whole[0].items()
    }


def is_within(year: int, horizon: Years | None) -> bool:
    """Return whether a year counts."""
    return horizon is None or horizon[0] <= year <= horizon[1]


def _ends(value: Uncertain) -> list[Fraction]:
    return list(dict.fromkeys((value.low, value.high)))


def _cash_flow(line: "Consequence | CostLine", kind: FlowKind, at: tuple[int, str],
               kroner: Uncertain, *, cashable: bool) -> CashFlow:  # fmt: skip
    return CashFlow(
        year=at[0],
        payer=at[1],
        category=line.category,
        kind=kind,
        amount=int(kroner.expected),
        low=int(kroner.low),
        high=int(kroner.high),
        cashable=cashable,
        budget_line=line.budget_line,
    )


# ---- effects ----


@dataclass(frozen=True)
class _Consequences:
    """One consequence of one route, by year."""

    route: EffectRoute
    consequence: Consequence
    terms: Terms
    _known: dict[object, Parted] = field(default_factory=dict, compare=False, repr=False)

    def flows(self, horizon: Years | None) -> Iterable[Computed]:
        """Yield a flow for each year and payer."""
        by_year: dict[int, list[Cohort]] = defaultdict(list)
        for start in self.route.citizens:
            for j in range(self.route.durability.length):
                if is_within(start + j, horizon):
                    by_year[start + j].append((start, j))
        for year, cohorts in by_year.items():
            yield from self._year(year, cohorts)

    def _year(self, year: int, cohorts: list[Cohort]) -> Iterable[Computed]:
        states = [self._kroner(state, cohorts) for state in self._states]
        for payer, kroner in largest_and_smallest(states).items():
            yield self._computed((year, payer), kroner, cohorts)

    @cached_property
    def _states(self) -> list[State]:
        effects, price = self.route.added_effects, self.consequence.price.kroner
        ends = product(_ends(effects), _ends(price), (Case.LOW, Case.HIGH))
        return [(effects.expected, price.expected, Case.EXPECTED), *ends]

    def _kroner(self, state: State, cohorts: list[Cohort]) -> dict[str, Fraction]:
        effect, price, case = state
        sums = dict.fromkeys(self.consequence.split.payers, Fraction(0))
        for start, j in cohorts:
            successes = self.route.citizens[start] * effect * self.route.durability.at(j)
            if successes:
                for payer, part in self._parts(start, j, price, case).by_payer.items():
                    sums[payer] += successes * part
        return sums

    def _use(self, start: int, j: int, price: Fraction, case: Case) -> Use:
        kroner = self.terms.kroner(price, price_year=self.consequence.price.price_year)
        units = self.consequence.quantity_at(j).in_case(case)
        return Use(start + j, j, units, kroner)

    def _parts(self, start: int, j: int, price: Fraction, case: Case) -> Parted:
        key = (start, j, price, case)
        if key not in self._known:
            use = self._use(start, j, price, case)
            self._known[key] = self.consequence.split.parts(use, self.terms)
        return self._known[key]

    def _computed(self, at: tuple[int, str], kroner: Uncertain, cohorts: list[Cohort]) -> Computed:
        route, consequence, terms = self.route, self.consequence, self.terms
        parts = [self._term(start, j, at[1]) for start, j in cohorts]
        price = consequence.price.kroner.expected
        found = [self._parts(*cohort, price, Case.EXPECTED) for cohort in cohorts]
        rules = tuple((part.rule, part.source) for part in found)
        cashability = consequence.cashability
        flow = _cash_flow(
            consequence, FlowKind.SAVING, at, kroner, cashable=cashability.is_cashable
        )
        return Computed(
            flow=flow,
            provenance=OfConsequence(
                route, consequence, tuple(parts), terms, rules, kroner.expected
            ),
            line=f"{route.id}/{consequence.id}",
            name=consequence.name,
            cashability=cashability,
            owner=consequence.owner,
        )

    def _term(self, start: int, j: int, payer: str) -> Term:
        price = self.consequence.price.kroner.expected
        use = self._use(start, j, price, Case.EXPECTED)
        part = self._parts(start, j, price, Case.EXPECTED).by_payer.get(payer, Fraction(0))
        return Term(
            start=start,
            since_start=j,
            citizens=self.route.citizens[start],
            left=self.route.durability.at(j),
            units=use.quantity,
            share=part / use.kroner if use.kroner else Fraction(0),
        )


# ---- costs ----


def _cost_flows(
    cost: CostLine, case: BusinessCase, terms: Terms, horizon: Years | None
) -> Iterable[Computed]:
    for year, parts in cost_parts(cost, case).items():
        if is_within(year, horizon):
            yield from _cost_year(cost, year, parts, terms)


def cost_parts(cost: CostLine, case: BusinessCase) -> dict[int, list[CostPart]]:
    """Return, by calendar year, how many times which gross cost and alternative fall due."""
    by_year: dict[int, list[CostPart]] = defaultdict(list)
    keys = sorted({*cost.gross, *cost.alternative})
    lines = [(k, cost.gross.get(k, NOTHING), cost.alternative.get(k, NOTHING)) for k in keys]
    if cost.per_citizen is None:
        for year, gross, alternative in lines:
            by_year[year].append(CostPart(Fraction(1), gross, alternative))
        return by_year
    citizens = next((r.citizens for r in case.effects if r.id == cost.per_citizen), {})
    for start, n in citizens.items():
        for j, gross, alternative in lines:
            by_year[start + j].append(CostPart(Fraction(n), gross, alternative))
    return by_year


def _cost_year(
    cost: CostLine, year: int, parts: list[CostPart], terms: Terms
) -> Iterable[Computed]:
    states = [
        sum(p.times * (p.gross.expected - p.alternative.expected) for p in parts),
        sum(p.times * (p.gross.high - p.alternative.low) for p in parts),
        sum(p.times * (p.gross.low - p.alternative.high) for p in parts),
    ]
    if min(states) < 0:
        raise CaseError(
            Sentence(
                f"{cost.name}: alternativet koster mere end indsatsen i {year}; skriv "
                "forskellen som en besparelse.",
                f"{cost.name}: the alternative costs more than the intervention in {year}; "
                "enter the difference as a saving.",
            )
        )
    level = terms.kroner(1, price_year=cost.price_year)
    found = [
        cost.split.parts(Use(year, 0, Fraction(1), Fraction(state) * level), terms)
        for state in states
    ]
    whole = Fraction(states[0]) * level
    for payer, kroner in largest_and_smallest([f.by_payer for f in found]).items():
        share = -found[0].by_payer[payer] / whole if whole else Fraction(0)
        yield Computed(
            flow=_cash_flow(cost, cost.kind, (year, payer), kroner, cashable=True),
            provenance=OfCost(
                cost, tuple(parts), terms, share, (found[0].rule, found[0].source), kroner.expected
            ),
            line=cost.id,
            name=cost.name,
            owner=cost.owner,
        )


# ---- direct amounts ----


def _direct_flow(line: PricedFlow, terms: Terms) -> Computed:
    flow = line.flow
    low, amount, high = (
        int(rounded(terms.kroner(kroner, price_year=line.price_year)))
        for kroner in (flow.low, flow.amount, flow.high)
    )
    is_saving = flow.kind is FlowKind.SAVING
    cashable = line.cashability.is_cashable if is_saving else True
    return Computed(
        flow=replace(flow, low=low, amount=amount, high=high, cashable=cashable),
        provenance=OfDirect(line, terms, amount),
        line=line.id,
        name=line.name,
        cashability=line.cashability if is_saving else None,
        owner=line.owner,
    )
