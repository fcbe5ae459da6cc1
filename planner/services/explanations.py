"""Explanations of results: asked for when a result is stored, worked out by a worker, kept.

An explanation gives way: where an allocation waits it is put back in the queue, and where a newer
result of the same scenario is stored nobody asks for it any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.model import AllocationRecord, ExplanationRecord, JobRecord, PersonRecord
from planner.model.states import JobKind, JobStatus
from planner.services.events import record_event
from planner.services.job_queue import give_up, is_answered, key_of, latest, tell
from planner.services.leases import Hold

TIME_LIMIT = 60
# these can be explained: there is a plan, or a proof that there is none
EXPLAINED = frozenset({"optimal", "feasible", "infeasible"})


@dataclass(frozen=True, slots=True)
class Explained:
    """The document ``bundlinje-explanation/1`` in both languages."""

    danish: Mapping[str, Any]
    english: Mapping[str, Any]


def explanation_of(session: Session, allocation: AllocationRecord) -> ExplanationRecord | None:
    """Return the explanation of a result, or None while there is none."""
    return session.scalar(
        select(ExplanationRecord).where(ExplanationRecord.allocation_id == allocation.id)
    )


def explaining_job(session: Session, allocation: AllocationRecord) -> JobRecord | None:
    """Return the last work on the explanation of a result, under way or over."""
    return latest(session, JobKind.EXPLAIN, JobRecord.allocation_id == allocation.id)


def begin_explaining(
    session: Session, allocation: AllocationRecord, *, by: PersonRecord | None, now: datetime
) -> JobRecord | None:
    """Put the explanation of a new result in the queue; those of older results are given up."""
    give_up(session, JobKind.EXPLAIN, allocation.scenario_id, now=now)
    if allocation.status not in EXPLAINED:
        return None
    job = JobRecord(
        kind=JobKind.EXPLAIN,
        status=JobStatus.QUEUED,
        scenario_id=allocation.scenario_id,
        scenario_version=allocation.scenario_version,
        plan={},
        allocation=allocation,
        time_limit=TIME_LIMIT,
        created_at=now,
        created_by=by,
    )
    job.key = key_of(job, of=allocation)
    session.add(job)
    return job


def known_explanation(session: Session, job: JobRecord) -> Explained | None:
    """Return the explanation that the very same question has got; None: it has to be found.

    What it could not prove it says itself, and the same time would prove no more.
    """
    found = session.scalar(
        select(ExplanationRecord)
        .join(JobRecord, JobRecord.allocation_id == ExplanationRecord.allocation_id)
        .where(is_answered(job))
        .order_by(ExplanationRecord.id.desc())
        .limit(1)
    )
    return None if found is None else Explained(found.danish, found.english)


def request_explanation(
    session: Session, allocation: AllocationRecord, *, by: PersonRecord | None, now: datetime
) -> JobRecord | None:
    """Ask for an explanation that is not there; asking while it is under way changes nothing."""
    if explanation_of(session, allocation) is not None:
        return None
    job = explaining_job(session, allocation)
    if job is not None and not job.is_over:
        return job
    made = begin_explaining(session, allocation, by=by, now=now)
    if made is not None:
        record_event(session, by=by, now=now, action="explanation.request", object=allocation)
    return made


def report_explaining(
    session: Session, hold: Hold, *, phase: str, done: int, total: int
) -> tuple[bool, bool]:
    """Write down how far an explanation is; return (whether it is given up, whether it waits)."""
    given_up = tell(session, hold, phase=phase, done=done, total=total)
    waiting = session.scalar(
        select(JobRecord.id)
        .where(JobRecord.kind == JobKind.ALLOCATE, JobRecord.status == JobStatus.QUEUED)
        .limit(1)
    )
    return given_up, waiting is not None


def store_explanation(
    session: Session, job: JobRecord, explained: Explained, *, now: datetime
) -> ExplanationRecord | None:
    """Keep the explanation of a result, unless it was given up or is there already."""
    session.refresh(job)
    if job.allocation is None or not job.end(now):
        return None
    if explanation_of(session, job.allocation) is not None:
        return None
    found = ExplanationRecord(
        allocation=job.allocation,
        danish=dict(explained.danish),
        english=dict(explained.english),
        created_at=now,
    )
    session.add(found)
    record_event(
        session,
        by=job.created_by,
        now=now,
        action="explanation.store",
        object=job.allocation,
        after={"scenario": job.scenario_id},
    )
    return found
