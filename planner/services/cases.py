"""The business case as plain values and as the ``intervention`` object of a plan file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, object_session

from optimizer.sentence import rounded
from planner.model import (
    CaseRecord,
    DepartmentRecord,
    FlowRecord,
    InterventionRecord,
    MeasureRecord,
    OptionRecord,
    PayerRecord,
)
from planner.model.states import Category, FlowKind, Origin
from planner.services.saving_lines import Declared, LineKey, declared_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowData:
    """Whole kroner of one payer in one year; positive is into the purse.

    Parameters
    ----------
    payer : str
        Key of a payer of the strategy.
    line : str
        The consequence in words; flows with the same line form one row of the grid.
    low, high : int or None
        The whole flow in the bad and the good case; None: as ``amount``.
    origin, line_id : Origin, str
        Of a computed flow: the line of the argument that it was computed from.
    """

    year: int
    payer: str
    category: Category
    kind: FlowKind
    amount: int
    low: int | None = None
    high: int | None = None
    cashable: bool = True
    budget_line: str = ""
    line: str = ""
    origin: Origin = Origin.DIRECT
    line_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureData:
    """A quantity that is not money, in total or (``year``) in one year."""

    name: str
    value: Decimal
    year: int | None = None
    origin: Origin = Origin.DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionData:
    """One way to do it.

    Parameters
    ----------
    pool : str or None
        Key of the pool that pays the outlay; None: each payer's ordinary budget.
    scalable_minimum : Decimal or None
        Smallest scale from 0 to 1; None: all or nothing.
    contract : dict or None
        The outcome contract under which it is done, as a plan file has it.
    """

    key: str
    title: str = ""
    pool: str | None = None
    scalable_minimum: Decimal | None = None
    flows: tuple[FlowData, ...] = ()
    measures: tuple[MeasureData, ...] = ()
    contract: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseData:
    """One version of a business case, apart from who did what with it.

    Parameters
    ----------
    argument : dict or None
        The case document that flows and measures are computed from.
    typed : dict or None
        Step to the fields as they were typed, where a step could not be read to the end.
    """

    title: str
    summary: str = ""
    target_group: str = ""
    supplier: str = ""
    external: bool = False
    evidence_stars: int = 0
    evidence: str = ""
    tags: tuple[str, ...] = ()
    price_year: int | None = None
    argument: dict[str, Any] | None = None
    typed: dict[str, Any] | None = None
    options: tuple[OptionData, ...] = ()


def financed_otherwise(option: OptionData, key: str, outlay_share: Decimal) -> OptionData:
    """Return the same work as another option, of whose outlay only a share is paid by the purses.

    The rest is an investor's, whom a contract pays by result. Rounded half away from zero.
    """
    flows = []
    for flow in option.flows:
        if flow.kind is not FlowKind.OUTLAY:
            flows.append(flow)
            continue
        amount, low, high = (
            None if value is None else int(rounded(value * Fraction(outlay_share)))
            for value in (flow.amount, flow.low, flow.high)
        )
        if amount or low or high:
            flows.append(replace(flow, amount=amount or 0, low=low, high=high))
    return replace(option, key=key, flows=tuple(flows), contract=None)


def decimal_text(value: Decimal) -> str:
    """Return ``value`` as plain digits without an exponent: ``0.4``, ``40``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def json_number(text: str) -> int | float:
    """Return decimal text as a JSON number, whole where it is whole."""
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def build_options(
    options: Iterable[OptionData], payers: Mapping[str, PayerRecord]
) -> list[OptionRecord]:
    """Return new records for ``options``."""
    return [
        OptionRecord(
            key=option.key,
            title=option.title,
            pool=option.pool,
            scalable_minimum=None
            if option.scalable_minimum is None
            else decimal_text(option.scalable_minimum),
            contract=option.contract,
            position=place,
            flows=_flow_records(option.flows, payers),
            measures=[
                MeasureRecord(
                    name=m.name, year=m.year, value=decimal_text(m.value), origin=m.origin
                )
                for m in option.measures
            ],
        )
        for place, option in enumerate(options)
    ]


def _flow_records(flows: Iterable[FlowData], payers: Mapping[str, PayerRecord]) -> list[FlowRecord]:
    places: dict[tuple[Any, ...], int] = {}
    records = []
    for flow in flows:
        row = (
            *(flow.line, flow.payer, flow.category, flow.kind, flow.budget_line, flow.cashable),
            flow.line_id,
        )
        place = places.setdefault(row, len(places))
        records.append(
            FlowRecord(
                position=place,
                line=flow.line,
                year=flow.year,
                payer_id=payers[flow.payer].id,
                category=flow.category,
                kind=flow.kind,
                amount=flow.amount,
                low=flow.low,
                high=flow.high,
                cashable=flow.cashable if flow.kind is FlowKind.SAVING else False,
                budget_line=flow.budget_line,
                origin=flow.origin,
                line_id=flow.line_id,
            )
        )
    return records


def case_data(case: CaseRecord) -> CaseData:
    """Return a stored case as plain values, for a form or a new draft."""
    return CaseData(
        title=case.title,
        summary=case.summary,
        target_group=case.target_group,
        supplier=case.supplier,
        external=case.external,
        evidence_stars=case.evidence_stars,
        evidence=case.evidence,
        tags=tuple(case.tags),
        price_year=case.price_year,
        argument=case.argument,
        typed=case.typed,
        options=tuple(_option_data(option) for option in case.options),
    )


def _option_data(option: OptionRecord) -> OptionData:
    return OptionData(
        key=option.key,
        title=option.title,
        pool=option.pool,
        scalable_minimum=None
        if option.scalable_minimum is None
        else Decimal(option.scalable_minimum),
        flows=tuple(
            FlowData(
                year=flow.year,
                payer=flow.payer.key,
                category=flow.category,
                kind=flow.kind,
                amount=flow.amount,
                low=flow.low,
                high=flow.high,
                cashable=flow.cashable or flow.kind is not FlowKind.SAVING,
                budget_line=flow.budget_line,
                line=flow.line,
                origin=flow.origin,
                line_id=flow.line_id,
            )
            for flow in option.flows
        ),
        measures=tuple(
            MeasureData(name=m.name, value=Decimal(m.value), year=m.year, origin=m.origin)
            for m in option.measures
        ),
        contract=option.contract,
    )


def case_document(case: CaseRecord) -> dict[str, Any]:
    """Return one case as the ``intervention`` object of a plan file."""
    session = object_session(case)
    if session is None:
        raise ValueError("the case belongs to no session")
    return case_documents(session, [case.id])[case.id]


def case_documents(session: Session, case_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return many cases as plan file objects, with five queries however many there are."""
    session.flush()
    wanted = sorted(set(case_ids))
    documents = {
        row.case_id: _head(row)
        for row in session.execute(
            select(
                CaseRecord.id.label("case_id"),
                InterventionRecord.key,
                CaseRecord.title,
                DepartmentRecord.key.label("department"),
                CaseRecord.target_group,
                CaseRecord.supplier,
                CaseRecord.external,
                CaseRecord.evidence_stars,
                CaseRecord.tags,
            )
            .join(CaseRecord.intervention)
            .join(InterventionRecord.department)
            .where(CaseRecord.id.in_(wanted))
        )
    }
    flows = _flows_by_option(session, wanted)
    measures = _measures_by_option(session, wanted)
    for row in session.execute(
        select(
            OptionRecord.id,
            OptionRecord.case_id,
            OptionRecord.key,
            OptionRecord.title,
            OptionRecord.pool,
            OptionRecord.scalable_minimum,
            OptionRecord.contract,
        )
        .where(OptionRecord.case_id.in_(wanted))
        .order_by(OptionRecord.case_id, OptionRecord.position)
    ):
        option: dict[str, Any] = {"id": row.key, "pool": row.pool, "flows": flows[row.id]}
        if row.title:
            option["title"] = row.title
        if row.scalable_minimum is not None:
            option["scalable"] = {"minimum": json_number(row.scalable_minimum)}
        if row.id in measures:
            option["measures"] = measures[row.id]
        if row.contract is not None:
            option["contract"] = dict(row.contract)
        documents[row.case_id]["options"].append(option)
    return documents


def _head(row: Row[Any]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": row.key,
        "title": row.title,
        "department": row.department,
        "external": row.external,
        "evidence_stars": row.evidence_stars,
        "tags": list(row.tags),
        "options": [],
    }
    if row.target_group:
        document["target_group"] = row.target_group
    if row.supplier:
        document["supplier"] = row.supplier
    return document


def _flows_by_option(session: Session, case_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    flows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows: list[Any] = list(
        session.execute(
            select(
                FlowRecord.option_id,
                FlowRecord.line,
                FlowRecord.year,
                PayerRecord.key,
                FlowRecord.category,
                FlowRecord.kind,
                FlowRecord.amount,
                FlowRecord.low,
                FlowRecord.high,
                FlowRecord.cashable,
                FlowRecord.budget_line,
            )
            .join(FlowRecord.payer)
            .join(FlowRecord.option)
            .where(OptionRecord.case_id.in_(case_ids))
            .order_by(FlowRecord.option_id, FlowRecord.position, FlowRecord.year, FlowRecord.id)
        )
    )
    accepted = _accepted_lines(rows, declared_lines(session, case_ids))
    for row in rows:
        flow: dict[str, Any] = {
            "year": row.year,
            "payer": row.key,
            "category": str(row.category),
            "kind": str(row.kind),
            "amount": row.amount,
        }
        if row.low is not None:
            flow["low"] = row.low
        if row.high is not None:
            flow["high"] = row.high
        cashable = accepted.get((row.option_id, _line_key(row)), row.cashable)
        if row.kind is FlowKind.SAVING and not cashable:
            flow["cashable"] = False
        if row.budget_line:
            flow["budget_line"] = row.budget_line
        flows[row.option_id].append(flow)
    return flows


def _line_key(row: Row[Any]) -> LineKey:
    return LineKey(row.key, str(row.category), row.line, row.budget_line)


def _accepted_lines(
    rows: Iterable[Row[Any]], declared: Mapping[int, Mapping[LineKey, Declared]]
) -> dict[tuple[int, LineKey], bool]:
    """Return of each declared saving line whether it is cashable as it stands."""
    amounts: dict[tuple[int, LineKey], dict[str, int]] = defaultdict(dict)
    for row in rows:
        key = _line_key(row)
        if row.kind is FlowKind.SAVING and key in declared.get(row.option_id, {}):
            years = amounts[row.option_id, key]
            years[str(row.year)] = years.get(str(row.year), 0) + row.amount
    return {
        (option_id, key): declared[option_id][key].is_cashable(years)
        for (option_id, key), years in amounts.items()
    }


def _measures_by_option(session: Session, case_ids: list[int]) -> dict[int, dict[str, Any]]:
    measures: dict[int, dict[str, Any]] = {}
    for row in session.execute(
        select(MeasureRecord.option_id, MeasureRecord.name, MeasureRecord.year, MeasureRecord.value)
        .join(MeasureRecord.option)
        .where(OptionRecord.case_id.in_(case_ids))
        .order_by(MeasureRecord.option_id, MeasureRecord.name, MeasureRecord.year)
    ):
        of_option = measures.setdefault(row.option_id, {})
        if row.year is None:
            of_option[row.name] = json_number(row.value)
        else:
            of_option.setdefault(row.name, {})[str(row.year)] = json_number(row.value)
    return measures
