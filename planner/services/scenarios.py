"""Scenarios: drafting, copying, publishing, and the plan file that one of them is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from optimizer.outcome import USUAL_CORRELATION
from planner.access import sees_drafts, visible
from planner.model import (
    AllocationRecord,
    CaseRecord,
    InterventionRecord,
    PersonRecord,
    ScenarioCandidateRecord,
    ScenarioLimitRecord,
    ScenarioRecord,
    StrategyRecord,
)
from planner.model.states import SCENARIO, CaseState, PayerLevel, ScenarioState, next_state
from planner.services.events import record_event
from planner.services.scenario_edits import (
    CandidateChoice,
    MissingReasonError,
    add_candidates,
    add_limit,
    change_limit,
    remove_limit,
    switch_limit,
    update_candidates,
    update_objective,
    update_outcomes,
    update_pools,
    update_relations,
    update_then,
    update_title,
    use_case,
)
from planner.services.scenario_plan import scenario_document
from planner.services.writing import NotFoundError, clean, next_version, require_version

__all__ = [
    "CandidateChoice",
    "LimitData",
    "MissingReasonError",
    "NewerCase",
    "NotAllocatedError",
    "ScenarioData",
    "add_candidates",
    "add_limit",
    "change_limit",
    "copy_scenario",
    "create_scenario",
    "default_objective",
    "default_outcomes",
    "default_pools",
    "get_allocation",
    "get_scenario",
    "is_current",
    "latest_allocation",
    "latest_allocations",
    "list_scenarios",
    "missing_candidates",
    "newer_cases",
    "newest_accepted",
    "publish_scenario",
    "remove_limit",
    "scenario_document",
    "switch_limit",
    "update_candidates",
    "update_objective",
    "update_outcomes",
    "update_pools",
    "update_relations",
    "update_then",
    "update_title",
    "use_case",
]

DEFAULT_POOL = 10_000_000
STATUSES_WITH_A_PLAN = frozenset({"optimal", "feasible"})


def default_outcomes() -> dict[str, Any]:
    """Return the possible futures of a new scenario: drawn from low, expected and high.

    The correlations are the shares of the variance that effects have in common.
    """
    correlation = {name: float(share) for name, share in USUAL_CORRELATION.items()}
    return {"sample": {"count": 1000, "seed": 1, "correlation": correlation}}


class NotAllocatedError(Exception):
    """The scenario has no plan that belongs to its present content."""


@dataclass(frozen=True, slots=True)
class LimitData:
    """One limit as a constraint of a plan file, and whether it is on."""

    content: dict[str, Any]
    is_on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioData:
    """The content of a new scenario.

    Parameters
    ----------
    objective, pools : or None
        None: what `default_objective` and `default_pools` say.
    outcomes : or None
        Possible futures as a plan file has them; left out: `default_outcomes`, None: none.
    cases : tuple of CaseRecord or None
        The case versions that it uses; None: the newest accepted one of each intervention.
    """

    title: str
    description: str = ""
    objective: dict[str, Any] | None = None
    pools: list[dict[str, Any]] | None = None
    relations: tuple[dict[str, Any], ...] = ()
    outcomes: dict[str, Any] | None = field(default_factory=default_outcomes)
    limits: tuple[LimitData, ...] = ()
    cases: tuple[CaseRecord, ...] | None = None


@dataclass(frozen=True, slots=True)
class NewerCase:
    """A candidate whose business case has a newer accepted version than the scenario uses."""

    candidate: ScenarioCandidateRecord
    newest: CaseRecord


# --- Reading --------------------------------------------------------------------------------------


def list_scenarios(
    session: Session,
    *,
    actor: PersonRecord,
    strategy: StrategyRecord | None = None,
) -> list[ScenarioRecord]:
    """Return the scenarios that ``actor`` may see, the oldest first."""
    query = (
        select(ScenarioRecord)
        .where(visible(actor, ScenarioRecord))
        .options(selectinload(ScenarioRecord.candidates), selectinload(ScenarioRecord.strategy))
        .order_by(ScenarioRecord.id)
    )
    if strategy is not None:
        query = query.where(ScenarioRecord.strategy_id == strategy.id)
    return list(session.scalars(query))


def get_scenario(session: Session, scenario_id: int, *, actor: PersonRecord) -> ScenarioRecord:
    """Return one scenario with its limits and candidates.

    Raises
    ------
    NotFoundError
        When it does not exist or is not for ``actor``; the two look the same.
    """
    candidates = selectinload(ScenarioRecord.candidates)
    found = session.scalar(
        select(ScenarioRecord)
        .where(ScenarioRecord.id == scenario_id, visible(actor, ScenarioRecord))
        .options(
            selectinload(ScenarioRecord.strategy),
            selectinload(ScenarioRecord.limits),
            candidates.selectinload(ScenarioCandidateRecord.case),
            candidates.selectinload(ScenarioCandidateRecord.intervention).selectinload(
                InterventionRecord.department
            ),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def newest_accepted(session: Session, strategy: StrategyRecord) -> list[CaseRecord]:
    """Return the newest accepted case of each intervention that is not withdrawn."""
    newest = (
        select(CaseRecord.intervention_id, func.max(CaseRecord.number).label("number"))
        .where(CaseRecord.state == CaseState.ACCEPTED)
        .group_by(CaseRecord.intervention_id)
        .subquery()
    )
    return list(
        session.scalars(
            select(CaseRecord)
            .join(
                newest,
                (CaseRecord.intervention_id == newest.c.intervention_id)
                & (CaseRecord.number == newest.c.number),
            )
            .join(CaseRecord.intervention)
            .where(
                InterventionRecord.strategy_id == strategy.id,
                InterventionRecord.withdrawn_at.is_(None),
            )
            .order_by(InterventionRecord.id)
        )
    )


def newer_cases(session: Session, scenario: ScenarioRecord) -> list[NewerCase]:
    """Return the candidates for which a newer accepted version exists."""
    newest = {case.intervention_id: case for case in newest_accepted(session, scenario.strategy)}
    return [
        NewerCase(candidate, newest[candidate.intervention_id])
        for candidate in scenario.candidates
        if candidate.intervention_id in newest
        and newest[candidate.intervention_id].number > candidate.case.number
    ]


def missing_candidates(session: Session, scenario: ScenarioRecord) -> list[CaseRecord]:
    """Return the accepted cases of interventions that the scenario does not know yet."""
    known = {candidate.intervention_id for candidate in scenario.candidates}
    return [
        case
        for case in newest_accepted(session, scenario.strategy)
        if case.intervention_id not in known
    ]


def latest_allocation(session: Session, scenario: ScenarioRecord) -> AllocationRecord | None:
    """Return the last stored result, whether or not the scenario has changed since."""
    return session.scalar(
        select(AllocationRecord)
        .where(AllocationRecord.scenario_id == scenario.id)
        .order_by(AllocationRecord.id.desc())
        .limit(1)
    )


def get_allocation(
    session: Session, allocation_id: int, *, actor: PersonRecord
) -> AllocationRecord:
    """Return one stored result of a scenario that ``actor`` may see.

    Who sees no drafts sees no result that was drafted on the way either, only the last.

    Raises
    ------
    NotFoundError
        When it does not exist or is not for ``actor``; the two look the same.
    """
    found = session.get(AllocationRecord, allocation_id)
    if found is None:
        raise NotFoundError
    scenario = get_scenario(session, found.scenario_id, actor=actor)
    if found is not latest_allocation(session, scenario) and not sees_drafts(actor):
        raise NotFoundError
    return found


def is_current(scenario: ScenarioRecord, allocation: AllocationRecord) -> bool:
    """Say whether the result belongs to the scenario's present content."""
    return not scenario.is_draft or allocation.scenario_version == scenario.version


def latest_allocations(
    session: Session, scenarios: Iterable[ScenarioRecord]
) -> dict[int, AllocationRecord]:
    """Return the last result of each scenario, by the scenario's id, in one query."""
    newest = (
        select(func.max(AllocationRecord.id))
        .where(AllocationRecord.scenario_id.in_([scenario.id for scenario in scenarios]))
        .group_by(AllocationRecord.scenario_id)
    )
    found = session.scalars(select(AllocationRecord).where(AllocationRecord.id.in_(newest)))
    return {allocation.scenario_id: allocation for allocation in found}


# --- Writing --------------------------------------------------------------------------------------


def default_objective(strategy: StrategyRecord) -> dict[str, Any]:
    """Return the goal of a new scenario: the municipality's discounted net saving."""
    own = [p.key for p in strategy.payers if p.level is PayerLevel.MUNICIPALITY]
    return {
        "terms": [
            {
                "of": "net_saving",
                "payers": own or "all",
                "period": "horizon",
                "discounted": True,
            }
        ]
    }


def default_pools(strategy: StrategyRecord) -> list[dict[str, Any]]:
    """Return every pool of the strategy with a round amount to begin from."""
    return [
        {"id": pool.key, "name": pool.name, "kind": str(pool.kind), "total": DEFAULT_POOL}
        for pool in strategy.pools
    ]


def create_scenario(
    session: Session,
    strategy: StrategyRecord,
    data: ScenarioData,
    *,
    by: PersonRecord | None,
    now: datetime,
) -> ScenarioRecord:
    """Make a draft; accepted candidates take part unless ``data`` names the cases."""
    cases = newest_accepted(session, strategy) if data.cases is None else data.cases
    scenario = ScenarioRecord(
        strategy=strategy,
        title=clean(data.title),
        description=clean(data.description),
        state=ScenarioState.DRAFT,
        objective=data.objective or default_objective(strategy),
        pools=default_pools(strategy) if data.pools is None else data.pools,
        relations=list(data.relations),
        outcomes=data.outcomes,
        created_at=now,
        created_by=by,
        edited_at=now,
        edited_by=by,
        limits=[
            ScenarioLimitRecord(position=place, content=limit.content, is_on=limit.is_on)
            for place, limit in enumerate(data.limits)
        ],
        candidates=[
            ScenarioCandidateRecord(intervention_id=case.intervention_id, case=case)
            for case in cases
        ],
    )
    session.add(scenario)
    record_event(
        session,
        by=by,
        now=now,
        action="scenario.create",
        object=scenario,
        after={"title": scenario.title, "candidates": len(scenario.candidates)},
    )
    return scenario


def copy_scenario(
    session: Session,
    scenario: ScenarioRecord,
    *,
    title: str,
    by: PersonRecord | None,
    now: datetime,
) -> ScenarioRecord:
    """Make a draft with the same content."""
    next_state(SCENARIO, scenario.state, "copy")
    copy = ScenarioRecord(
        strategy=scenario.strategy,
        title=clean(title),
        description=scenario.description,
        state=ScenarioState.DRAFT,
        objective=scenario.objective,
        then=scenario.then,
        pools=scenario.pools,
        relations=scenario.relations,
        outcomes=scenario.outcomes,
        copied_from=scenario,
        created_at=now,
        created_by=by,
        edited_at=now,
        edited_by=by,
        limits=[
            ScenarioLimitRecord(position=limit.position, content=limit.content, is_on=limit.is_on)
            for limit in scenario.limits
        ],
        candidates=[
            ScenarioCandidateRecord(
                intervention_id=candidate.intervention_id,
                case_id=candidate.case_id,
                takes_part=candidate.takes_part,
                force=candidate.force,
                force_reason=candidate.force_reason,
            )
            for candidate in scenario.candidates
        ],
    )
    session.add(copy)
    record_event(
        session,
        by=by,
        now=now,
        action="scenario.copy",
        object=copy,
        after={"title": copy.title, "copied_from": scenario.id},
    )
    return copy


def publish_scenario(
    session: Session,
    scenario: ScenarioRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Show the scenario to politicians; its inputs and its result never change again.

    Raises
    ------
    NotAllocatedError
        When there is no plan, or the scenario has changed since it was made.
    """
    require_version(scenario, seen_version)
    state = next_state(SCENARIO, scenario.state, "publish")
    allocation = latest_allocation(session, scenario)
    if (
        allocation is None
        or not is_current(scenario, allocation)
        or allocation.status not in STATUSES_WITH_A_PLAN
    ):
        raise NotAllocatedError
    scenario.state = ScenarioState(state)
    scenario.published_at, scenario.published_by = now, by
    next_version(scenario)
    record_event(
        session,
        by=by,
        now=now,
        action="scenario.publish",
        object=scenario,
        before={"state": ScenarioState.DRAFT},
        after={
            "state": scenario.state,
            "allocation": allocation.id,
            "plan_sha256": allocation.plan_sha256,
        },
    )
    return scenario
