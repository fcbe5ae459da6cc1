"""Who has which calculation, and until when: claimed, kept, given back, taken from the dead.

A worker has a calculation as long as its lease lasts, and renews it while it lives. Whatever it
writes names it: when its lease has lapsed and somebody else has the calculation, its writes change
nothing. So nothing is lost with a worker, and no result is stored twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, Update, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from planner.config import LEASE_SECONDS
from planner.model import JobRecord
from planner.model.states import JobKind, JobStatus
from planner.services.job_notices import tell_over

MOST_ATTEMPTS = 2
#: stored as it is, said in the reader's language by the page
WORKER_STOPPED = "worker_stopped"


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works: a name that no other has, and for how long its word holds."""

    name: str
    lease_seconds: int = LEASE_SECONDS

    def until(self, now: datetime) -> datetime:
        """Return when a lease that begins now lapses."""
        return now + timedelta(seconds=self.lease_seconds)


@dataclass(frozen=True, slots=True)
class Hold:
    """A calculation that a worker has."""

    job_id: int
    owner: str

    @property
    def is_held(self) -> ColumnElement[bool]:
        """Return the condition that it still is the worker's."""
        return (
            (JobRecord.id == self.job_id)
            & (JobRecord.owner == self.owner)
            & (JobRecord.status == JobStatus.RUNNING)
        )


#: takes on a calculation whose result is stored in the same transaction
AT_ONCE = Worker("at once")


# --- Taking on ------------------------------------------------------------------------------------


def claim_next(session: Session, *, now: datetime, worker: Worker = AT_ONCE) -> JobRecord | None:
    """Take on the calculation whose turn it is, or return None."""
    first = _ready(select(JobRecord.id)).order_by(*turn()).limit(1)
    job_id = session.scalar(first.with_for_update(skip_locked=True, of=JobRecord))
    return None if job_id is None else claim(session, job_id, now=now, worker=worker)


def is_waiting(session: Session) -> bool:
    """Say whether a calculation could be taken on; asking locks nothing."""
    return session.scalar(_ready(select(JobRecord.id)).limit(1)) is not None


def _ready(asked: Select[int]) -> Select[int]:
    """Narrow to what waits, without what is being computed already: that is waited for."""
    running = aliased(JobRecord)
    same = select(running.id).where(
        running.status == JobStatus.RUNNING, running.key == JobRecord.key
    )
    return asked.where(
        JobRecord.status == JobStatus.QUEUED, JobRecord.cancel.is_(False), ~same.exists()
    )


def turn() -> tuple[ColumnElement[bool], InstrumentedAttribute[int]]:
    """Return the order in which calculations are taken on; explanations come after the rest."""
    return (JobRecord.kind == JobKind.EXPLAIN, JobRecord.id)


def claim(
    session: Session, job_id: int, *, now: datetime, worker: Worker = AT_ONCE
) -> JobRecord | None:
    """Take on one calculation, unless somebody else has it, or is computing the same."""
    claimed = (
        update(JobRecord)
        .where(JobRecord.id == job_id, JobRecord.status == JobStatus.QUEUED)
        .values(
            status=JobStatus.RUNNING,
            started_at=now,
            attempts=JobRecord.attempts + 1,
            owner=worker.name,
            lease_until=worker.until(now),
        )
    )
    try:
        with session.begin_nested():
            if not changed(session, claimed):
                return None
    except IntegrityError:  # another worker began the same at this very moment
        return None
    return session.get(JobRecord, job_id, populate_existing=True)


# --- Having ---------------------------------------------------------------------------------------


def held(session: Session, hold: Hold) -> JobRecord | None:
    """Return a calculation that still is the worker's, locked until the commit; None: it is not."""
    return session.scalar(
        select(JobRecord)
        .where(hold.is_held)
        .with_for_update(of=JobRecord)
        .execution_options(populate_existing=True)
    )


def renew(session: Session, hold: Hold, *, until: datetime) -> bool:
    """Keep a calculation for longer; return whether it still is the worker's."""
    return changed(session, update(JobRecord).where(hold.is_held).values(lease_until=until))


def give_back(session: Session, hold: Hold, *, now: datetime) -> bool:
    """Let a calculation wait again, as if it had not been taken on; return whether it was held.

    One that was to stop is cancelled.
    """
    mine = update(JobRecord).where(hold.is_held)
    ended = {"status": JobStatus.CANCELLED, "finished_at": now, "lease_until": None}
    waits = {"status": JobStatus.QUEUED, "attempts": JobRecord.attempts - 1, **_NOTHING_YET}
    return changed(session, mine.where(JobRecord.cancel).values(**ended)) or changed(
        session, mine.values(**waits)
    )


_NOTHING_YET: dict[str, Any] = {
    "lease_until": None,
    "done": None,
    "total": None,
    "best": None,
    "bound": None,
    "gap": None,
    "seconds": None,
    "so_far": None,
}


# --- Taking from the dead -------------------------------------------------------------------------


def _lapsed(now: datetime, seconds: int) -> ColumnElement[bool]:
    """Return the condition that nobody keeps a running calculation.

    A lease further ahead than any is given was written before the clock was put back.
    """
    return (JobRecord.status == JobStatus.RUNNING) & or_(
        JobRecord.lease_until.is_(None),
        JobRecord.lease_until < now,
        JobRecord.lease_until > now + 2 * timedelta(seconds=seconds),
    )


def any_lapsed(session: Session, *, now: datetime, worker: Worker) -> bool:
    """Say whether a calculation has lost its worker; asking locks nothing."""
    asked = select(func.count(JobRecord.id)).where(_lapsed(now, worker.lease_seconds))
    return bool(session.scalar(asked))


def reap(session: Session, *, now: datetime, worker: Worker) -> int:
    """Put calculations that have lost their worker back in the queue; return how many.

    One that was to stop is cancelled. One that has lost two workers has failed: it may be what
    ends them.
    """
    lost = session.scalars(
        select(JobRecord)
        .where(_lapsed(now, worker.lease_seconds))
        .with_for_update(skip_locked=True, of=JobRecord)
    ).all()
    for job in lost:
        for name, nothing in _NOTHING_YET.items():
            setattr(job, name, nothing)
        if job.cancel:
            job.status, job.finished_at = JobStatus.CANCELLED, now
        elif job.attempts >= MOST_ATTEMPTS:
            job.status, job.error, job.finished_at = JobStatus.FAILED, WORKER_STOPPED, now
            tell_over(session, job, now=now)
        else:
            job.status = JobStatus.QUEUED
    session.flush()
    return len(lost)


def changed(session: Session, statement: Update) -> bool:
    """Carry out a guarded update; return whether it changed a row."""
    done = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount > 0
