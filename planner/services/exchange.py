"""Plan files in and out: a file becomes a strategy with one scenario, a scenario becomes a file."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from optimizer import (
    Intervention,
    Option,
    Plan,
    PlanErrors,
    plan_document,
    plan_from_document,
    plan_sha256,
)
from optimizer.planfile import contract_document
from planner.model import (
    AllocationRecord,
    CaseRecord,
    FlowRecord,
    InterventionRecord,
    MeasureRecord,
    OptionRecord,
    PersonRecord,
    PoolRecord,
    ScenarioCandidateRecord,
    ScenarioLimitRecord,
    ScenarioRecord,
    StrategyRecord,
)
from planner.model.base import Base
from planner.model.states import (
    CaseState,
    Category,
    FlowKind,
    Force,
    PayerLevel,
    PoolKind,
    ScenarioState,
)
from planner.services.events import record_event
from planner.services.exchange_checks import exact_text, joining_errors, storing_errors
from planner.services.interventions import RESERVED_CODES
from planner.services.scenarios import latest_allocation, newest_accepted, scenario_document
from planner.services.strategies import (
    DepartmentData,
    PayerData,
    PoolData,
    StrategyData,
    create_strategy,
)

__all__ = ["export_plan", "import_plan", "plan_file", "result_file", "storing_errors"]

LONGEST_CODE = 100


# --- In -------------------------------------------------------------------------------------------


def import_plan(
    session: Session,
    plan: Plan,
    *,
    by: PersonRecord | None,
    now: datetime,
    strategy: StrategyRecord | None = None,
    note: str = "",
    summaries: Mapping[str, str] | None = None,
) -> ScenarioRecord:
    """Store a plan as a draft scenario, in a strategy of its own; touch no other.

    Parameters
    ----------
    strategy : StrategyRecord or None
        The strategy that the scenario joins. Its frame must be the plan's; interventions that it
        knows are used as they are, others are added with an accepted case.
    note : str
        A remark: on the new strategy, and as the scenario's description.
    summaries : mapping of intervention id to str, or None
        Short texts for the cases that are made; a plan file has none.

    Raises
    ------
    optimizer.PlanErrors
        What cannot be stored, or contradicts ``strategy``; nothing has been written then.
    """
    errors = storing_errors(plan)
    if strategy is not None:
        errors += joining_errors(session, plan, strategy)
    if errors:
        raise PlanErrors(errors)
    if strategy is None:
        strategy = _store_strategy(session, plan, note=note, by=by, now=now)
    else:
        _add_missing_pools(strategy, plan)
    session.flush()
    storing = _Storing(session, plan, strategy, by=by, now=now)
    storing.add_interventions(summaries or {})
    return storing.add_scenario(note)


def _store_strategy(
    session: Session, plan: Plan, *, note: str, by: PersonRecord | None, now: datetime
) -> StrategyRecord:
    document = plan_document(plan)
    return create_strategy(
        session,
        StrategyData(
            title=plan.title,
            municipality="",
            price_year=plan.price_year,
            budget_year=plan.budget_year,
            budget_years=plan.budget_years,
            horizon_first=plan.horizon[0],
            horizon_last=plan.horizon[1],
            discount=document["discount"],
            note=note,
        ),
        payers=[PayerData(p.id, p.name, PayerLevel(p.level.value)) for p in plan.payers],
        departments=[DepartmentData(d.id, d.name) for d in plan.departments],
        pools=[PoolData(p.id, p.name, PoolKind(p.kind.value)) for p in plan.scenario.pools],
        by=by,
        now=now,
    )


def _add_missing_pools(strategy: StrategyRecord, plan: Plan) -> None:
    known = {pool.key for pool in strategy.pools}
    strategy.pools.extend(
        PoolRecord(key=pool.id, name=pool.name, kind=PoolKind(pool.kind.value))
        for pool in plan.scenario.pools
        if pool.id not in known
    )


@dataclass(slots=True)
class _Stored:
    """A row that was inserted in bulk, as the log names it."""

    KIND: ClassVar[str] = "case"
    id: int
    version: int = 1


class _Storing:
    """Puts one plan into one strategy, table by table."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        strategy: StrategyRecord,
        *,
        by: PersonRecord | None,
        now: datetime,
    ) -> None:
        self.session = session
        self.plan = plan
        self.strategy = strategy
        self.by = by
        self.by_id = None if by is None else by.id
        self.now = now
        #: intervention key to (intervention id, case id)
        self.cases = {
            key: (case.intervention_id, case.id)
            for key, case in _keyed(session, newest_accepted(session, strategy))
        }
        self.added = [i for i in plan.interventions if i.id not in self.cases]

    def _insert(self, record: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        """Insert all rows with one statement."""
        if rows:
            # with their nulls, or rows without a value would each be a statement of their own
            self.session.execute(insert(record), rows, execution_options={"render_nulls": True})

    def _ids(self, query: Select[*tuple[Any, ...]]) -> dict[Any, int]:
        """Return the ids of this strategy's rows by what else the query names."""
        rows = self.session.execute(query.where(InterventionRecord.strategy_id == self.strategy.id))
        return {tuple(row[1:]) if len(row) > 2 else row[1]: row[0] for row in rows}  # noqa: PLR2004

    # ---- interventions ----

    def add_interventions(self, summaries: Mapping[str, str]) -> None:
        """Add the interventions that the strategy does not know, each with an accepted case."""
        codes = _codes(self.session, [i.id for i in self.added])
        departments = {d.key: d.id for d in self.strategy.departments}
        self._insert(
            InterventionRecord,
            [
                {
                    "strategy_id": self.strategy.id,
                    "department_id": departments[i.department],
                    "key": i.id,
                    "code": code,
                    "created_at": self.now,
                    "created_by_id": self.by_id,
                }
                for i, code in zip(self.added, codes, strict=True)
            ],
        )
        keys = self._ids(select(InterventionRecord.id, InterventionRecord.key))
        interventions = [keys[i.id] for i in self.added]
        self._insert(
            CaseRecord,
            [
                self._case(i, intervention_id, summaries.get(i.id, ""))
                for i, intervention_id in zip(self.added, interventions, strict=True)
            ],
        )
        made = self._ids(
            select(CaseRecord.id, CaseRecord.intervention_id)
            .join(CaseRecord.intervention)
            .where(CaseRecord.state == CaseState.DRAFT, CaseRecord.number == 1)
        )
        cases = [made[intervention_id] for intervention_id in interventions]
        self._add_options(cases)
        self._accept(cases)
        for i, intervention_id, case_id, code in zip(
            self.added, interventions, cases, codes, strict=True
        ):
            self.cases[i.id] = (intervention_id, case_id)
            record_event(
                self.session,
                by=self.by,
                now=self.now,
                action="case.import",
                object=_Stored(case_id),
                after={
                    "intervention": code,
                    "number": 1,
                    "title": i.title,
                    "state": CaseState.ACCEPTED,
                },
            )

    def _case(self, i: Intervention, intervention_id: int, summary: str) -> dict[str, Any]:
        moments = {
            f"{step}_{what}": value
            for step in ("created", "edited", "submitted", "decided")
            for what, value in (("at", self.now), ("by_id", self.by_id))
        }
        return moments | {
            "intervention_id": intervention_id,
            "number": 1,
            "state": CaseState.DRAFT,
            "title": i.title,
            "summary": summary,
            "target_group": i.target_group or "",
            "supplier": i.supplier or "",
            "external": i.external,
            "evidence_stars": i.evidence_stars,
            "tags": list(i.tags),
            "price_year": self.plan.price_year,
        }

    def _accept(self, cases: Sequence[int]) -> None:
        # only now: what belongs to an accepted case can never be added or changed
        self.session.execute(
            update(CaseRecord)
            .where(CaseRecord.id.in_(cases))
            .values(state=CaseState.ACCEPTED)
            .execution_options(synchronize_session=False)
        )

    def _add_options(self, cases: Sequence[int]) -> None:
        options = [
            (case_id, place, option)
            for i, case_id in zip(self.added, cases, strict=True)
            for place, option in enumerate(i.options)
        ]
        self._insert(
            OptionRecord,
            [
                {
                    "case_id": case_id,
                    "key": option.id,
                    "title": option.title or "",
                    "pool": option.pool,
                    "scalable_minimum": None
                    if option.minimum_scale is None
                    else exact_text(option.minimum_scale),
                    "contract": None
                    if option.contract is None
                    else contract_document(option.contract),
                    "position": place,
                }
                for case_id, place, option in options
            ],
        )
        payers = {payer.key: payer.id for payer in self.strategy.payers}
        made = self._ids(
            select(OptionRecord.id, OptionRecord.case_id, OptionRecord.key)
            .join(OptionRecord.case)
            .join(CaseRecord.intervention)
        )
        pairs = [(made[case_id, option.id], option) for case_id, _, option in options]
        self._insert(FlowRecord, [row for key, o in pairs for row in _flows(key, o, payers)])
        self._insert(MeasureRecord, [row for key, o in pairs for row in _measures(key, o)])

    # ---- scenario ----

    def add_scenario(self, note: str) -> ScenarioRecord:
        """Add the draft scenario with its pools, goal, limits and candidates."""
        document = plan_document(self.plan)
        content = document["scenario"]
        scenario = ScenarioRecord(
            strategy=self.strategy,
            title=self.plan.scenario.title,
            description=note,
            state=ScenarioState.DRAFT,
            objective={"terms": content["objective"]["terms"]},
            then=content["objective"].get("then", []),
            pools=content["pools"],
            relations=document.get("relations", []),
            outcomes=document.get("outcomes"),
            created_at=self.now,
            created_by=self.by,
            edited_at=self.now,
            edited_by=self.by,
            limits=[
                ScenarioLimitRecord(position=place, content=limit, is_on=True)
                for place, limit in enumerate(content["constraints"])
            ],
        )
        self.session.add(scenario)
        self.session.flush()
        self._insert(
            ScenarioCandidateRecord, [self._candidate(scenario, i) for i in self.plan.interventions]
        )
        self.session.expire(scenario, ["candidates"])
        self._log(scenario)
        return scenario

    def _candidate(self, scenario: ScenarioRecord, i: Intervention) -> dict[str, Any]:
        intervention_id, case_id = self.cases[i.id]
        return {
            "scenario_id": scenario.id,
            "intervention_id": intervention_id,
            "case_id": case_id,
            "force": None if i.force is None else Force(i.force.value),
            "force_reason": i.force_reason or "",
        }

    def _log(self, scenario: ScenarioRecord) -> None:
        record_event(
            self.session,
            by=self.by,
            now=self.now,
            action="scenario.import",
            object=scenario,
            after={
                "title": scenario.title,
                "strategy": self.strategy.id,
                "candidates": len(self.plan.interventions),
                "new_interventions": len(self.added),
                "plan_sha256": plan_sha256(self.plan),
            },
        )


def _keyed(session: Session, cases: Iterable[CaseRecord]) -> list[tuple[str, CaseRecord]]:
    found = list(cases)
    rows = session.execute(
        select(InterventionRecord.id, InterventionRecord.key).where(
            InterventionRecord.id.in_([case.intervention_id for case in found])
        )
    )
    keys = {row.id: row.key for row in rows}
    return [(keys[case.intervention_id], case) for case in found]


def _codes(session: Session, keys: Sequence[str]) -> list[str]:
    """Return a free address for each intervention: its id, with a number where that is taken."""
    taken = {*session.scalars(select(InterventionRecord.code)), *RESERVED_CODES}
    codes = []
    for key in keys:
        wanted = re.sub(r"[^\w.-]+", "-", key)[:LONGEST_CODE].strip(".-") or "indsats"
        code, number = wanted, 1
        while code in taken:
            number += 1
            code = f"{wanted}-{number}"
        taken.add(code)
        codes.append(code)
    return codes


def _lines(option: Option) -> list[str]:
    """Return a name for each flow's row: what it is, numbered where a year comes twice."""
    seen: Counter[tuple[Any, ...]] = Counter()
    lines = []
    for flow in option.flows:
        row = (flow.payer, flow.category, flow.kind, flow.budget_line, flow.cashable, flow.year)
        seen[row] += 1
        word = flow.kind.label.da
        lines.append(word if seen[row] == 1 else f"{word} {seen[row]}")
    return lines


def _flows(option_id: int, option: Option, payers: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "option_id": option_id,
            "position": place,
            "line": line,
            "year": flow.year,
            "payer_id": payers[flow.payer],
            "category": Category(flow.category.value),
            "kind": FlowKind(flow.kind.value),
            "amount": flow.amount,
            "low": None if flow.low == flow.amount else flow.low,
            "high": None if flow.high == flow.amount else flow.high,
            "cashable": flow.cashable and flow.kind.value == FlowKind.SAVING,
            "budget_line": flow.budget_line or "",
        }
        for place, (flow, line) in enumerate(zip(option.flows, _lines(option), strict=True))
    ]


def _measures(option_id: int, option: Option) -> list[dict[str, Any]]:
    rows = []
    for name, measure in option.measures.items():
        values: list[tuple[int | None, Fraction]] = [(None, measure.total)]
        if measure.by_year is not None:
            values = list(measure.by_year.items())
        rows += [
            {"option_id": option_id, "name": name, "year": year, "value": exact_text(value)}
            for year, value in values
        ]
    return rows


# --- Out ------------------------------------------------------------------------------------------


def export_plan(session: Session, scenario: ScenarioRecord) -> Plan:
    """Return the plan that the scenario is now.

    Raises
    ------
    optimizer.PlanErrors
        When the draft is not a valid plan yet.
    """
    return plan_from_document(scenario_document(session, scenario))


def plan_file(session: Session, scenario: ScenarioRecord) -> dict[str, Any]:
    """Return the document that is downloaded as the scenario's plan file.

    Of a published scenario it is the one that its result was computed from; of a draft what it
    holds now, also while that is not yet a valid plan: `bundlinje check` says what is missing.
    """
    if not scenario.is_draft:
        allocation = latest_allocation(session, scenario)
        if allocation is not None:
            return dict(allocation.plan)
    document = scenario_document(session, scenario)
    try:
        return plan_document(plan_from_document(document))
    except PlanErrors:
        return document


def result_file(allocation: AllocationRecord, *, language: str = "da") -> dict[str, Any]:
    """Return the stored result document with its labels in ``language``."""
    result = dict(allocation.result)
    if language != "en" or len(allocation.labels_en) != len(result["rows"]):
        return result
    result["rows"] = [
        row | {"label": label}
        for row, label in zip(result["rows"], allocation.labels_en, strict=True)
    ]
    return result
