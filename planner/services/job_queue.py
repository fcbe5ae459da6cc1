"""What every kind of calculation shares: the last one, giving up older ones, being told to stop."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from planner.model import JobRecord
from planner.model.states import JobKind, JobStatus


def latest(session: Session, kind: JobKind, *where: ColumnElement[bool]) -> JobRecord | None:
    """Return the last calculation of a kind, under way or over."""
    asked = select(JobRecord).where(JobRecord.kind == kind, *where)
    return session.scalar(asked.order_by(JobRecord.id.desc()).limit(1))


def give_up(session: Session, kind: JobKind, scenario_id: int, *, now: datetime) -> None:
    """Cancel what waits of a kind for a scenario, and tell what runs to stop."""
    older = (
        update(JobRecord)
        .where(JobRecord.scenario_id == scenario_id, JobRecord.kind == kind)
        .execution_options(synchronize_session=False)
    )
    waiting = older.where(JobRecord.status == JobStatus.QUEUED)
    session.execute(waiting.values(status=JobStatus.CANCELLED, cancel=True, finished_at=now))
    session.execute(older.where(JobRecord.status == JobStatus.RUNNING).values(cancel=True))


def tell(session: Session, job_id: int, **values: object) -> bool:
    """Write down how far a running calculation is; return whether it is to stop."""
    session.execute(
        update(JobRecord)
        .where(JobRecord.id == job_id, JobRecord.status == JobStatus.RUNNING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(session.scalar(select(JobRecord.cancel).where(JobRecord.id == job_id)))
