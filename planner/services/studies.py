"""Studies of a plan: asked for by a person, worked out by a worker, kept, opened as scenarios."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from optimizer import PlanErrors, plan_document, plan_from_document, plan_sha256
from planner.model import (
    AllocationRecord,
    JobRecord,
    PersonRecord,
    ScenarioRecord,
    StudyRecord,
)
from planner.model.states import JobKind, JobStatus, StudyKind
from planner.services.events import record_event
from planner.services.job_notices import tell_over
from planner.services.job_queue import give_up, is_proved, key_of, latest
from planner.services.scenario_edits import change_limit, update_pools
from planner.services.scenario_plan import limit_at
from planner.services.scenarios import copy_scenario, get_scenario, scenario_document
from planner.services.writing import NotFoundError

Json = Any
TIME_LIMIT = 60
MOST_SHOWN = 8
POOLS = "scenario.pools["
KINDS = {kind: JobKind(kind) for kind in StudyKind}


class ChangedSinceError(Exception):
    """The scenario is no longer what was studied, so a copy of it would be another."""


# ---- Asking ----


def request_frontier(
    session: Session,
    scenario: ScenarioRecord,
    question: dict[str, Json],
    *,
    by: PersonRecord | None,
    now: datetime,
) -> JobRecord:
    """Ask for the best plan at several sizes of a pool, or values of a limit.

    Raises
    ------
    optimizer.PlanErrors
        When the scenario is not a plan that can be solved; all errors at once.
    """
    plan = plan_document(plan_from_document(scenario_document(session, scenario)))
    job = JobRecord(kind=JobKind.FRONTIER, scenario_id=scenario.id, plan=plan, question=question)
    return _request(session, job, scenario, by=by, now=now)


def request_study(
    session: Session,
    kind: StudyKind,
    allocation: AllocationRecord,
    question: dict[str, Json],
    *,
    by: PersonRecord | None,
    now: datetime,
) -> JobRecord:
    """Ask something of a result; asking the same while it is under way changes nothing."""
    under_way = latest_job(session, kind, allocation=allocation)
    if under_way is not None and not under_way.is_over and under_way.question == question:
        return under_way
    job = JobRecord(
        kind=KINDS[kind],
        scenario_id=allocation.scenario_id,
        plan=allocation.plan,
        question=question,
        allocation_id=allocation.id,
    )
    return _request(session, job, allocation.scenario, by=by, now=now, of=allocation)


def _request(
    session: Session,
    job: JobRecord,
    scenario: ScenarioRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    of: AllocationRecord | None = None,
) -> JobRecord:
    """Put a study in the queue; what was asked before of the same and still waits is given up."""
    give_up(session, JobKind(job.kind), scenario.id, now=now)
    job.status = JobStatus.QUEUED
    job.scenario_version = scenario.version
    job.time_limit = TIME_LIMIT
    job.created_at, job.created_by = now, by
    job.key = key_of(job, of)
    session.add(job)
    session.flush()
    after = {"job": job.id, "question": job.question}
    record_event(
        session, by=by, now=now, action=f"{job.kind}.request", object=scenario, after=after
    )
    return job


# ---- Following ----


def latest_job(
    session: Session,
    kind: StudyKind,
    *,
    scenario: ScenarioRecord | None = None,
    allocation: AllocationRecord | None = None,
) -> JobRecord | None:
    """Return the last work on a kind of study, under way or over."""
    where = []
    if scenario is not None:
        where.append(JobRecord.scenario_id == scenario.id)
    if allocation is not None:
        where.append(JobRecord.allocation_id == allocation.id)
    return latest(session, KINDS[kind], *where)


def known_study(session: Session, job: JobRecord) -> dict[str, Json] | None:
    """Return what the very same question has found, all proved; None: it has to be found."""
    asked = select(StudyRecord).where(StudyRecord.key == job.key, StudyRecord.key.is_not(None))
    found = session.scalar(asked.order_by(StudyRecord.id.desc()).limit(1))
    return found.document if found is not None and is_proved(found.document) else None


def store_study(
    session: Session, job: JobRecord, document: dict[str, Json], *, now: datetime
) -> StudyRecord | None:
    """Keep what was found, unless it was given up."""
    session.refresh(job)
    if not job.end(now):
        return None
    study = StudyRecord(
        kind=StudyKind(job.kind),
        scenario_id=job.scenario_id,
        allocation_id=job.allocation_id,
        plan_sha256=plan_sha256(plan_from_document(job.plan)),
        key=job.key,
        plan=job.plan,
        question=job.question or {},
        document=document,
        created_at=now,
        created_by=job.created_by,
    )
    session.add(study)
    session.flush()
    tell_over(session, job, now=now)
    after = {"scenario": job.scenario_id, "kind": study.kind, "plan_sha256": study.plan_sha256}
    record_event(
        session, by=job.created_by, now=now, action="study.store", object=study, after=after
    )
    return study


# ---- Reading ----


def frontiers_of(session: Session, scenario: ScenarioRecord) -> list[StudyRecord]:
    """Return the last frontiers of a scenario, the newest first."""
    return list(
        session.scalars(
            select(StudyRecord)
            .where(StudyRecord.scenario_id == scenario.id, StudyRecord.kind == StudyKind.FRONTIER)
            .order_by(StudyRecord.id.desc())
            .limit(MOST_SHOWN)
        )
    )


def study_of(
    session: Session,
    kind: StudyKind,
    allocation: AllocationRecord,
    question: dict[str, Json] | None = None,
) -> StudyRecord | None:
    """Return the last study of a kind of a result, of one question where it is given."""
    asked = (
        select(StudyRecord)
        .where(StudyRecord.allocation_id == allocation.id, StudyRecord.kind == kind)
        .order_by(StudyRecord.id.desc())
    )
    if question is None:
        return session.scalar(asked.limit(1))
    return next((one for one in session.scalars(asked) if one.question == question), None)


def get_frontier(session: Session, study_id: int, *, actor: PersonRecord) -> StudyRecord:
    """Return one frontier of a scenario that ``actor`` may see.

    Raises
    ------
    NotFoundError
        When it does not exist or is not for ``actor``; the two look the same.
    """
    found = session.get(StudyRecord, study_id)
    if found is None or found.kind is not StudyKind.FRONTIER:
        raise NotFoundError
    get_scenario(session, found.scenario_id, actor=actor)
    return found


def is_of_now(session: Session, study: StudyRecord) -> bool:
    """Say whether the scenario is still what was studied."""
    try:
        plan = plan_from_document(scenario_document(session, study.scenario))
    except PlanErrors:
        return False  # what cannot be calculated was not studied
    return plan_sha256(plan) == study.plan_sha256


# ---- What was found as a scenario ----


def copy_studied(
    session: Session,
    study: StudyRecord,
    *,
    title: str,
    by: PersonRecord | None,
    now: datetime,
) -> ScenarioRecord:
    """Make a draft like the studied scenario.

    Raises
    ------
    ChangedSinceError
        When the scenario has been changed since it was studied.
    """
    if not is_of_now(session, study):
        raise ChangedSinceError
    return copy_scenario(session, study.scenario, title=title, by=by, now=now)


def open_point(
    session: Session,
    study: StudyRecord,
    changed: Mapping[str, Json],
    *,
    path: str,
    title: str,
    by: PersonRecord | None,
    now: datetime,
) -> ScenarioRecord:
    """Make a draft like the studied scenario, with the pool or limit as at one point.

    Parameters
    ----------
    changed : mapping
        The pool or limit as a plan file has it.
    path : str
        Its place in the plan.

    Raises
    ------
    ChangedSinceError
        When the scenario has been changed since it was studied.
    """
    copy = copy_studied(session, study, title=title, by=by, now=now)
    seen = copy.version
    if path.startswith(POOLS):
        pools = [dict(changed) if p["id"] == changed["id"] else p for p in copy.pools]
        return update_pools(session, copy, pools, by=by, now=now, seen_version=seen)
    place = int(path.partition("[")[2].partition("]")[0])
    limit = limit_at(copy, place)
    change_limit(session, copy, limit.id, dict(changed), by=by, now=now, seen_version=seen)
    return copy
