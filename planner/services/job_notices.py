"""Telling whoever asked for a calculation that it is over, if they may have left meanwhile."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.model import JobRecord, NoticeRecord, PersonRecord
from planner.model.states import JobKind, JobStatus, NoticeKind
from planner.services.notices import notify

#: whoever waits no longer than this is still there
STILL_THERE = timedelta(seconds=10)
#: an explanation comes by itself with each result
UNTOLD = frozenset({JobKind.EXPLAIN})


def key_of(job_id: int) -> str:
    """Return what a notice about a calculation is known by."""
    return f"calculated:{job_id}"


def tell_over(session: Session, job: JobRecord, *, now: datetime) -> None:
    """Tell whoever asked that a calculation is done or has failed, unless it was a short one."""
    is_told = job.status in {JobStatus.DONE, JobStatus.FAILED} and job.kind not in UNTOLD
    if not is_told or job.created_by is None or now - job.created_at < STILL_THERE:
        return
    path = f"/scenarios/{job.scenario_id}"
    notify(
        session,
        [job.created_by],
        NoticeKind.CALCULATED,
        about=job,
        key=key_of(job.id),
        title=job.scenario.title,
        path=f"{path}/frontier" if job.kind == JobKind.FRONTIER else path,
        now=now,
    )


def note_seen(session: Session, job_id: int, *, by: PersonRecord, now: datetime) -> None:
    """Note that a person has watched a calculation to its end: they need not be told."""
    for notice in session.scalars(
        select(NoticeRecord).where(
            NoticeRecord.person_id == by.id,
            NoticeRecord.key == key_of(job_id),
            NoticeRecord.read_at.is_(None),
        )
    ):
        notice.read_at = now
