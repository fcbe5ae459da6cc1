"""Business cases as the optimizer sees them, so that a page's figures are sums of `appraisal`.

Unlike the reader of plan files this refuses nothing: a draft may be unfinished. A flow outside the
strategy's horizon counts nowhere and is left out; `planner.services.case_checks` says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from optimizer import (
    CashFlow,
    Category,
    Department,
    DiscountStep,
    FlowKind,
    Intervention,
    Level,
    Measure,
    Option,
    Payer,
    Plan,
    Scenario,
)
from optimizer.contract_reader import read_contract
from optimizer.financing import PaymentTerms, settled
from optimizer.reading import ObjectReader, Reading
from planner.model import FlowRecord, MeasureRecord, OptionRecord, PayerRecord, StrategyRecord
from planner.model.states import Origin
from planner.services.cases import CaseData, FlowData, MeasureData, OptionData

# years that a form offers when the strategy does not say which years count
YEARS_OFFERED = 10


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One row of the flow grid: a consequence in words, with its amounts by year."""

    text: str
    payer: str
    category: Category
    kind: FlowKind
    cashable: bool
    budget_line: str
    flows: tuple[CashFlow, ...]
    line_id: str = ""


# --- From plain values ----------------------------------------------------------------------------


def option_from(data: OptionData) -> Option:
    """Return one option of a case as the optimizer's."""
    measures = _measures(data.measures)
    return Option(
        id=data.key,
        pool=data.pool,
        flows=tuple(cash_flow(flow) for flow in data.flows),
        title=data.title or None,
        minimum_scale=None if data.scalable_minimum is None else Fraction(data.scalable_minimum),
        measures=measures,
        contract=contract_from(data.contract, measures),
    )


def contract_from(
    stored: Mapping[str, Any] | None, measures: Mapping[str, Measure]
) -> PaymentTerms | None:
    """Return the terms of a stored contract; None where there is none, or one that cannot be read.

    A price of a measure that the option no longer has pays nothing: `case_checks` says so.
    """
    if stored is None:
        return None
    reading = Reading()
    option = ObjectReader(reading, {"contract": dict(stored)}, "", ("contract",))
    # which payers there are is not asked here
    payers = {stored.get("payer"), *stored.get("of", ())}
    return read_contract(reading, option, payers, measures)


def intervention_from(data: CaseData, *, key: str, department: str) -> Intervention:
    """Return a case as the optimizer's intervention."""
    return Intervention(
        id=key,
        title=data.title,
        department=department,
        options=tuple(option_from(option) for option in data.options),
        target_group=data.target_group or None,
        supplier=data.supplier or None,
        external=data.external,
        evidence_stars=data.evidence_stars,
        tags=data.tags,
    )


def direct_flows(data: OptionData) -> tuple[FlowData, ...]:
    """Return the flows that a person has entered, which a grid or a workbook may change."""
    return tuple(flow for flow in data.flows if flow.origin is Origin.DIRECT)


def direct_measures(data: OptionData) -> tuple[MeasureData, ...]:
    """Return the measures that a person has entered, which a grid or a workbook may change."""
    return tuple(measure for measure in data.measures if measure.origin is Origin.DIRECT)


def grouped_flows(flows: Iterable[FlowData]) -> list[list[FlowData]]:
    """Return flows as the rows of a grid.

    Flows that agree in everything but year and amount form one row; a second amount in the same
    year begins another row, so that no flow is hidden by another.
    """
    rows: dict[tuple[Any, ...], list[FlowData]] = {}
    for flow in flows:
        said = (
            flow.line,
            flow.payer,
            str(flow.category),
            str(flow.kind),
            flow.cashable,
            flow.budget_line,
            flow.line_id,
        )
        turn = 0
        while any(other.year == flow.year for other in rows.get((*said, turn), ())):
            turn += 1
        rows.setdefault((*said, turn), []).append(flow)
    return list(rows.values())


def lines_from(data: OptionData) -> list[FlowLine]:
    """Return the flows of an option as the rows of the grid (`grouped_flows`)."""
    return [
        FlowLine(
            text=flows[0].line,
            payer=flows[0].payer,
            category=Category(flows[0].category),
            kind=FlowKind(flows[0].kind),
            cashable=flows[0].cashable,
            budget_line=flows[0].budget_line,
            line_id=flows[0].line_id,
            flows=tuple(cash_flow(flow) for flow in flows),
        )
        for flows in grouped_flows(data.flows)
    ]


def cash_flow(flow: FlowData) -> CashFlow:
    """Return one flow as the optimizer's."""
    return CashFlow(
        year=flow.year,
        payer=flow.payer,
        category=Category(flow.category),
        kind=FlowKind(flow.kind),
        amount=flow.amount,
        low=flow.amount if flow.low is None else flow.low,
        high=flow.amount if flow.high is None else flow.high,
        cashable=flow.cashable,
        budget_line=flow.budget_line or None,
    )


def _measures(measures: Iterable[MeasureData]) -> dict[str, Measure]:
    return _summed((m.name, m.year, Fraction(m.value)) for m in measures)


def _summed(rows: Iterable[tuple[str, int | None, Fraction]]) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for name, year, value in rows:
        known = found.get(name, Measure(Fraction(0)))
        by_year = dict(known.by_year or {})
        if year is not None:
            by_year[year] = value
        found[name] = Measure(known.total + value, by_year or None)
    return found


# --- The plan around them -------------------------------------------------------------------------


def plan_of(
    strategy: StrategyRecord,
    interventions: Sequence[Intervention],
    *,
    horizon: tuple[int, int] | None = None,
) -> Plan:
    """Return a plan of the strategy with these interventions, to be appraised, not allocated.

    ``horizon`` None: what `horizon_of` says.
    """
    first, last = horizon or horizon_of(strategy, interventions)
    return Plan(
        title=strategy.title,
        price_year=strategy.price_year,
        budget_year=strategy.budget_year,
        budget_years=strategy.budget_years,
        horizon=(first, last),
        discount=tuple(
            DiscountStep(step["after_year"], Fraction(str(step["rate"])))
            for step in strategy.discount
        ),
        payers=tuple(Payer(p.key, p.name, Level(p.level)) for p in strategy.payers),
        departments=tuple(Department(d.key, d.name) for d in strategy.departments),
        interventions=tuple(_within(i, first, last) for i in interventions),
        scenario=Scenario(title=strategy.title, pools=(), objective=()),
    )


def horizon_of(strategy: StrategyRecord, interventions: Iterable[Intervention]) -> tuple[int, int]:
    """Return the years that count: the strategy's, else the span of flows and budget period."""
    if strategy.horizon_first is not None and strategy.horizon_last is not None:
        return strategy.horizon_first, strategy.horizon_last
    years = {f.year for i in interventions for o in i.options for f in o.flows}
    years |= {strategy.budget_period[0], strategy.budget_period[-1]}
    return min(years), max(years)


def years_offered(strategy: StrategyRecord, data: CaseData) -> range:
    """Return the years of a form: those that count, and any year that already has an amount."""
    years = {flow.year for option in data.options for flow in option.flows}
    if strategy.horizon_first is not None and strategy.horizon_last is not None:
        years |= {strategy.horizon_first, strategy.horizon_last}
    else:
        years |= {strategy.budget_year, strategy.budget_year + YEARS_OFFERED - 1}
        years.add(strategy.budget_period[-1])
    return range(min(years), max(years) + 1)


def _within(intervention: Intervention, first: int, last: int) -> Intervention:
    return replace(
        intervention, options=tuple(within(o, (first, last)) for o in intervention.options)
    )


def within(option: Option, horizon: tuple[int, int]) -> Option:
    """Return the option without flows, and a payment, outside the years that count."""
    first, last = horizon
    if option.contract is not None and not first <= option.contract.year <= last:
        option = replace(option, contract=None)
    if all(first <= flow.year <= last for flow in option.flows):
        return option
    return replace(option, flows=tuple(f for f in option.flows if first <= f.year <= last))


# --- Many cases at once ---------------------------------------------------------------------------


def first_options(session: Session, case_ids: Iterable[int]) -> dict[int, tuple[Option, int]]:
    """Return the first option of each case and how many it has, with three queries.

    For a list of hundreds: titles and lines stay in the database. What an outcome contract pays is
    one of the flows.
    """
    wanted = sorted(set(case_ids))
    options: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            OptionRecord.id,
            OptionRecord.case_id,
            OptionRecord.key,
            OptionRecord.title,
            OptionRecord.contract,
        )
        .where(OptionRecord.case_id.in_(wanted))
        .order_by(OptionRecord.case_id, OptionRecord.position)
    ):
        options[row.case_id].append(row)
    firsts = [rows[0].id for rows in options.values()]
    flows = _flows_of(session, firsts)
    measures = _measures_of(session, firsts)
    return {
        case_id: (
            settled(
                Option(
                    id=rows[0].key,
                    pool=None,
                    flows=tuple(flows.get(rows[0].id, ())),
                    title=rows[0].title or None,
                    measures=measures.get(rows[0].id, {}),
                    contract=contract_from(rows[0].contract, measures.get(rows[0].id, {})),
                )
            ),
            len(rows),
        )
        for case_id, rows in options.items()
    }


def _flows_of(session: Session, option_ids: Sequence[int]) -> Mapping[int, list[CashFlow]]:
    flows: dict[int, list[CashFlow]] = defaultdict(list)
    categories = {str(category): category for category in Category}
    kinds = {str(kind): kind for kind in FlowKind}
    for row in session.execute(
        select(
            FlowRecord.option_id,
            FlowRecord.year,
            PayerRecord.key,
            # as plain text: tens of thousands of rows need no second translation
            type_coerce(FlowRecord.category, String),
            type_coerce(FlowRecord.kind, String),
            FlowRecord.amount,
            FlowRecord.low,
            FlowRecord.high,
        )
        .join(FlowRecord.payer)
        .where(FlowRecord.option_id.in_(option_ids))
    ):
        option_id, year, payer, category, kind, amount, low, high = row
        flows[option_id].append(
            CashFlow(
                year=year,
                payer=payer,
                category=categories[category],
                kind=kinds[kind],
                amount=amount,
                low=amount if low is None else low,
                high=amount if high is None else high,
            )
        )
    return flows


def _measures_of(session: Session, option_ids: Sequence[int]) -> Mapping[int, dict[str, Measure]]:
    rows: dict[int, list[tuple[str, int | None, Fraction]]] = defaultdict(list)
    for option_id, name, year, value in session.execute(
        select(
            MeasureRecord.option_id, MeasureRecord.name, MeasureRecord.year, MeasureRecord.value
        ).where(MeasureRecord.option_id.in_(option_ids))
    ):
        rows[option_id].append((name, year, Fraction(value)))
    return {option_id: _summed(found) for option_id, found in rows.items()}
