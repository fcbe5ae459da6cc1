"""Calculations: asking for one, taking it on, following it, storing its result.

Nothing is computed here: a worker reads the plan, lets go of the database, solves, and stores the
result if the scenario is still at the version that it was made from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from optimizer import Plan, plan_document, plan_from_document, plan_sha256
from planner.model import AllocationRecord, JobRecord, PersonRecord, ScenarioRecord
from planner.model.states import SCENARIO, JobKind, JobStatus, next_state
from planner.services.events import record_event
from planner.services.explanations import begin_explaining
from planner.services.job_notices import tell_over
from planner.services.job_queue import is_answered, is_proved, key_of, latest, tell
from planner.services.leases import Hold, held
from planner.services.scenarios import scenario_document
from planner.services.writing import NotFoundError

TIME_LIMIT = 60
LONGEST_TIME_LIMIT = 600

# stored as they are, said in the reader's language by the page
SCENARIO_CHANGED = "scenario_changed"
WENT_WRONG = "went_wrong"

_OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class StoredResult:
    """What a worker hands in: the result in Danish, and the labels of its rows in English."""

    document: dict[str, Any]
    labels_en: list[str]


def request_allocation(
    session: Session,
    scenario: ScenarioRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    time_limit: int = TIME_LIMIT,
) -> JobRecord:
    """Ask for the best plan of a scenario; asking again while it is under way changes nothing.

    Raises
    ------
    optimizer.PlanErrors
        When the scenario is not a plan that can be solved; all errors at once.
    """
    next_state(SCENARIO, scenario.state, "allocate")
    under_way = session.scalar(
        select(JobRecord).where(
            JobRecord.scenario_id == scenario.id,
            JobRecord.kind == JobKind.ALLOCATE,
            JobRecord.scenario_version == scenario.version,
            JobRecord.status.in_(_OPEN),
            JobRecord.cancel.is_(False),
        )
    )
    if under_way is not None:
        return under_way
    plan = plan_from_document(scenario_document(session, scenario))
    job = JobRecord(
        kind=JobKind.ALLOCATE,
        status=JobStatus.QUEUED,
        scenario=scenario,
        scenario_version=scenario.version,
        plan=plan_document(plan),
        time_limit=max(1, min(time_limit, LONGEST_TIME_LIMIT)),
        created_at=now,
        created_by=by,
    )
    job.key = key_of(job)
    session.add(job)
    session.flush()
    record_event(
        session,
        by=by,
        now=now,
        action="allocation.request",
        object=scenario,
        after={"job": job.id, "plan_sha256": plan_sha256(plan)},
    )
    return job


def get_job(session: Session, job_id: int) -> JobRecord:
    """Return one calculation.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    job = session.get(JobRecord, job_id)
    if job is None:
        raise NotFoundError
    return job


def latest_job(session: Session, scenario: ScenarioRecord) -> JobRecord | None:
    """Return the scenario's last allocating, under way or over."""
    return latest(session, JobKind.ALLOCATE, JobRecord.scenario_id == scenario.id)


def cancel_job(
    session: Session, job: JobRecord, *, by: PersonRecord | None, now: datetime
) -> JobRecord:
    """Stop a calculation: at once when it waits, at the solver's next word when it runs."""
    session.refresh(job, with_for_update=True)  # a worker may be ending it at this moment
    if job.is_over:
        return job
    job.cancel = True
    if job.status is JobStatus.QUEUED:
        job.status = JobStatus.CANCELLED
        job.finished_at = now
    record_event(
        session,
        by=by,
        now=now,
        action="allocation.cancel",
        object=job.scenario,
        after={"job": job.id},
    )
    return job


def known_result(session: Session, job: JobRecord) -> StoredResult | None:
    """Return the proved result of the very same calculation; None: it has to be solved."""
    found = session.scalar(
        select(AllocationRecord)
        .join(JobRecord, JobRecord.allocation_id == AllocationRecord.id)
        .where(is_answered(job))
        .order_by(AllocationRecord.id.desc())
        .limit(1)
    )
    if found is None or not is_proved(found.result):
        return None
    return StoredResult(document=found.result, labels_en=found.labels_en)


def report_progress(
    session: Session,
    hold: Hold,
    *,
    best: float | None,
    bound: float | None,
    seconds: float,
    so_far: Mapping[str, Any] | None = None,
) -> bool:
    """Write down how far a calculation is; return whether it is to stop.

    Parameters
    ----------
    so_far : mapping or None
        What the best plan so far funds, where it is a new one; see `JobRecord.so_far`.
    """
    gap = None if best is None or bound is None else abs(bound - best) / max(1.0, abs(best))
    return tell(
        session,
        hold,
        best=None if best is None else f"{best:.0f}",
        bound=None if bound is None else f"{bound:.0f}",
        gap=None if gap is None else f"{gap:.6f}",
        seconds=f"{seconds:.1f}",
        **({} if so_far is None else {"so_far": dict(so_far)}),
    )


def store_result(
    session: Session, job: JobRecord, plan: Plan, result: StoredResult, *, now: datetime
) -> AllocationRecord | None:
    """Store a result, unless the scenario has changed since it was asked for.

    A worker asks `planner.services.leases.held` first, in the same transaction.
    """
    session.refresh(job)
    session.refresh(job.scenario)
    if not job.end(now):
        return None
    tell_over(session, job, now=now)
    if job.scenario.version != job.scenario_version or not job.scenario.is_draft:
        job.error = SCENARIO_CHANGED
        return None
    allocation = AllocationRecord(
        scenario=job.scenario,
        scenario_version=job.scenario_version,
        plan_sha256=plan_sha256(plan),
        plan=job.plan,
        result=result.document,
        labels_en=result.labels_en,
        status=result.document["status"],
        created_at=now,
        created_by=job.created_by,
    )
    session.add(allocation)
    session.flush()
    job.allocation = allocation
    # before the line in the log, which is what others wait for longest
    begin_explaining(session, allocation, by=job.created_by, now=now)
    record_event(
        session,
        by=job.created_by,
        now=now,
        action="allocation.store",
        object=allocation,
        after={
            "scenario": job.scenario_id,
            "scenario_version": job.scenario_version,
            "plan_sha256": allocation.plan_sha256,
            "status": allocation.status,
        },
    )
    return allocation


def fail_job(session: Session, hold: Hold, *, error: str, now: datetime) -> bool:
    """End a worker's calculation that went wrong, with one plain sentence; return whether it did.

    It changes nothing when the calculation is not the worker's any more.
    """
    job = held(session, hold)
    if job is None:
        return False
    job.status, job.error = JobStatus.FAILED, error
    job.finished_at, job.lease_until = now, None
    tell_over(session, job, now=now)
    session.flush()
    return True
