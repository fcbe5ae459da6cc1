"""The argument of a case: from its effects and costs to the flows and measures that are stored.

The document in `CaseRecord.argument` is read by `optimizer.cases`; its variants stand for the
options of the case, by their key, and say only how the argument differs there. What it comes to is
stored beside what was typed directly, marked as computed, every time a case is saved. So all that
reads flows sees one kind of flow, and a submitted version is frozen with its numbers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from optimizer import CashFlow, PlanError, Sentence
from optimizer import FlowKind as Kind
from optimizer.case_figures import CITIZEN_MEASURES
from optimizer.cases import (
    BusinessCase,
    CaseError,
    CaseErrors,
    Cashability,
    Computed,
    PricedFlow,
    PriceLevels,
    Variant,
    case_from_document,
    citizens_started,
    flows_of,
)
from optimizer.cases.prices import NO_LEVELS
from optimizer.cases.tables import price_levels_from_document
from optimizer.payers import Level, Payer
from optimizer.sentence import rounded
from planner.model import CaseRecord, StrategyRecord
from planner.model.states import Category, FlowKind, Origin
from planner.services.case_plan import cash_flow, direct_flows, direct_measures
from planner.services.cases import CaseData, FlowData, MeasureData, OptionData
from planner.services.saving_lines import LineKey

FORMAT = "bundlinje-case/1"
CITIZENS = CITIZEN_MEASURES[1]
EXTRA = "ekstra_succeser"
#: what the line of an amount that was typed directly begins with, before its place in the option
DIRECT = "direkte-"
#: of a measure that is no whole number, such as 40 citizens x 1/3
DECIMALS = 6
LONGEST_NAME = 100
LONGEST_LINE = 200
_ITEM = re.compile(r"(effects|costs)\[(\d+)\](?:\.consequences\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Argued:
    """The argument of one option, read: the case with the option's direct amounts in it.

    Parameters
    ----------
    case : BusinessCase
        As this option has it, direct amounts included.
    computed : tuple of Computed
        Every flow of the case in the years that count, with where it comes from.
    levels : PriceLevels
    """

    case: BusinessCase
    computed: tuple[Computed, ...]
    levels: PriceLevels


def payers_of(strategy: StrategyRecord) -> tuple[Payer, ...]:
    """Return the purses of a strategy as the optimizer's."""
    return tuple(Payer(p.key, p.name, Level(p.level)) for p in strategy.payers)


def levels_of(strategy: StrategyRecord) -> PriceLevels:
    """Return the price index that a strategy budgets with; an empty one where it has none."""
    if strategy.price_levels is None:
        return NO_LEVELS
    return price_levels_from_document(strategy.price_levels)


def horizon_of(strategy: StrategyRecord) -> tuple[int, int] | None:
    """Return the years that count; None: all of them."""
    if strategy.horizon_first is None or strategy.horizon_last is None:
        return None
    return strategy.horizon_first, strategy.horizon_last


def read_argument(document: Mapping[str, Any], strategy: StrategyRecord) -> BusinessCase:
    """Return the case that a document describes, checked against the strategy.

    Raises
    ------
    CaseErrors
        Holds every mistake, each with its path.
    """
    return case_from_document(
        dict(document), payers=payers_of(strategy), price_levels=levels_of(strategy)
    )


def document_of(data: CaseData, strategy: StrategyRecord, **parts: Any) -> dict[str, Any] | None:
    """Return the case document with some of its parts made anew; None when nothing is in it.

    The variants are those of the options that still exist.
    """
    known = dict(data.argument or {}) | parts
    keys = {option.key for option in data.options}
    document: dict[str, Any] = {
        "format": FORMAT,
        "price_year": data.price_year or strategy.price_year,
    }
    document |= {key: known[key] for key in ("effects", "costs") if known.get(key)}
    variants = [variant for variant in known.get("variants") or [] if variant["id"] in keys]
    if variants:
        document["variants"] = variants
    return document if len(document) > 2 else None  # noqa: PLR2004 - format and price year


def variant_of(case: BusinessCase, option: OptionData) -> Variant:
    """Return what the argument says of an option; one that it does not name has the whole case."""
    found = next((v for v in case.variants if v.id == option.key), Variant(id=option.key))
    return replace(found, title=option.title, pool=option.pool)


# --- What is stored -------------------------------------------------------------------------------


def with_computed(data: CaseData, strategy: StrategyRecord) -> CaseData:
    """Return the case with the flows and measures that its argument comes to, option by option.

    What was computed before is made anew; what was typed directly stays. A measure that somebody
    typed is not computed beside it.

    Raises
    ------
    CaseErrors, CaseError
        The argument cannot be read or computed.
    """
    case = None if data.argument is None else read_argument(data.argument, strategy)
    options = tuple(_option_with_computed(option, case, strategy) for option in data.options)
    return replace(data, options=options)


def computed_or_kept(data: CaseData, strategy: StrategyRecord) -> CaseData:
    """Return the case computed anew; where its argument no longer fits the strategy, as it was.

    The amounts that were stored then stay until it is mended: `outgrown` says what is wrong.
    """
    try:
        return with_computed(data, strategy)
    except (CaseErrors, CaseError):
        return data


def outgrown(data: CaseData, strategy: StrategyRecord) -> list[PlanError]:
    """Return why the argument cannot be computed as the strategy is now; nothing when it can."""
    try:
        with_computed(data, strategy)
    except CaseErrors as wrong:
        return named(wrong.errors, data.argument or {})
    except CaseError as wrong:
        return [PlanError("", wrong.message)]
    return []


def named(errors: Iterable[PlanError], document: Mapping[str, Any]) -> list[PlanError]:
    """Return mistakes in a case document, each beginning with the name of the item it is in."""
    found = []
    for error in errors:
        name, said = _name_at(error.path, document), error.message
        if name:
            said = Sentence(f"{name}: {said.da}", f"{name}: {said.en}")
        found.append(PlanError(error.path, said))
    return found


def _name_at(path: str, document: Mapping[str, Any]) -> str:
    """Return what the item that a path is in is called; nothing where it has no name."""
    found = _ITEM.match(path)
    if found is None:
        return ""
    item = document[found[1]][int(found[2])]
    if found[3] is not None:
        item = item["consequences"][int(found[3])]
    return str(item.get("name") or item.get("outcome") or "")


def _option_with_computed(
    option: OptionData, case: BusinessCase | None, strategy: StrategyRecord
) -> OptionData:
    typed = replace(
        option,
        flows=direct_flows(option),
        measures=direct_measures(option),
    )
    if case is None:
        return typed
    variant = variant_of(case, option)
    computed = flows_of(
        case,
        variant,
        payers=payers_of(strategy),
        price_levels=levels_of(strategy),
        horizon=horizon_of(strategy),
    )
    names = {measure.name for measure in typed.measures}
    measures = (m for m in _measures(case.in_variant(variant), horizon_of(strategy)))
    return replace(
        typed,
        flows=(*typed.flows, *(flow_data(one) for one in _by_line(computed))),
        measures=(*typed.measures, *(m for m in measures if m.name not in names)),
    )


def _by_line(computed: Iterable[Computed]) -> list[Computed]:
    """Return the flows line by line, in the order in which the lines begin."""
    return sorted(computed, key=lambda one: (one.line, one.flow.payer, one.flow.year))


def flow_data(computed: Computed) -> FlowData:
    """Return a computed flow as it is stored."""
    flow = computed.flow
    return FlowData(
        year=flow.year,
        payer=flow.payer,
        category=Category(flow.category),
        kind=FlowKind(flow.kind),
        amount=flow.amount,
        low=None if flow.low == flow.amount else flow.low,
        high=None if flow.high == flow.amount else flow.high,
        cashable=flow.cashable or flow.kind is not Kind.SAVING,
        budget_line=flow.budget_line or "",
        line=computed.name[:LONGEST_LINE],
        origin=Origin.COMPUTED,
        line_id=computed.line,
    )


def _measures(case: BusinessCase, horizon: tuple[int, int] | None) -> list[MeasureData]:
    """Return citizens and extra successes by start year, as measures."""
    rows = {CITIZENS: citizens_started(case)}
    for route in case.effects:
        name = EXTRA if len(case.effects) == 1 else f"{EXTRA}: {route.outcome}"[:LONGEST_NAME]
        rows[name] = route.extra_successes()
    return [
        MeasureData(name=name, year=year, value=_decimal(value), origin=Origin.COMPUTED)
        for name, row in rows.items()
        for year, value in sorted(row.items())
        if value and (horizon is None or horizon[0] <= year <= horizon[1])
    ]


def _decimal(value: Fraction | int) -> Decimal:
    whole = rounded(Fraction(value), DECIMALS)
    return Decimal(whole.numerator) / Decimal(whole.denominator)


# --- What it says of its savings ------------------------------------------------------------------


class SaidOfSaving(NamedTuple):
    """What the form of a consequence says of the saving that it computes."""

    kind: str
    owner: str


def said_of_savings(case: CaseRecord) -> dict[LineKey, SaidOfSaving]:
    """Return the kind and the owner of each computed saving line, where the argument tells them.

    Two consequences of one saving line that say different things say nothing.
    """
    consequences = {
        f"{effect['id']}/{consequence['id']}": consequence
        for effect in (case.argument or {}).get("effects") or []
        for consequence in effect.get("consequences") or []
    }
    found: dict[LineKey, set[SaidOfSaving]] = {}
    for option in case.options:
        for flow in option.flows:
            said = consequences.get(flow.line_id)
            if said is not None and flow.kind is FlowKind.SAVING:
                key = LineKey(flow.payer.key, str(flow.category), flow.line, flow.budget_line)
                kind = str(said.get("cashability", Cashability.BUDGET_CUT))
                found.setdefault(key, set()).add(SaidOfSaving(kind, said.get("owner", "")))
    return {key: said.pop() for key, said in found.items() if len(said) == 1}


# --- What is shown --------------------------------------------------------------------------------


def argued(data: CaseData, option: OptionData, strategy: StrategyRecord) -> Argued:
    """Return the argument of one option with its direct amounts, computed anew with provenance.

    Raises
    ------
    CaseErrors, CaseError
        The argument cannot be read or computed as the strategy is now.
    """
    price_year = data.price_year or strategy.price_year
    document = data.argument or {"format": FORMAT, "price_year": price_year}
    case = read_argument(document, strategy)
    chosen = case.in_variant(variant_of(case, option))
    chosen = replace(chosen, direct=tuple(_direct(option, price_year)))
    levels = levels_of(strategy)
    computed = flows_of(
        chosen, payers=payers_of(strategy), price_levels=levels, horizon=horizon_of(strategy)
    )
    return Argued(chosen, computed, levels)


def _direct(option: OptionData, price_year: int) -> Iterable[PricedFlow]:
    for place, flow in enumerate(option.flows):
        if flow.origin is Origin.DIRECT:
            cash: CashFlow = cash_flow(flow)
            yield PricedFlow(
                id=f"{DIRECT}{place}",
                name=flow.line or flow.budget_line or cash.kind.label.da,
                flow=cash,
                price_year=price_year,
                cashability=Cashability.BUDGET_CUT if flow.cashable else Cashability.NONE,
            )
