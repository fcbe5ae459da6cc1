"""What every kind of calculation shares: the last one, its place, being told to stop, its key."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from planner import __version__
from planner.model import AllocationRecord, JobRecord
from planner.model.states import JobKind, JobStatus
from planner.services.leases import Hold, changed


def latest(session: Session, kind: JobKind, *where: ColumnElement[bool]) -> JobRecord | None:
    """Return the last calculation of a kind, under way or over."""
    asked = select(JobRecord).where(JobRecord.kind == kind, *where)
    return session.scalar(asked.order_by(JobRecord.id.desc()).limit(1))


def place_of(session: Session, job: JobRecord) -> int | None:
    """Return the place of a calculation among those that wait, from 1; None: it does not wait."""
    if job.status is not JobStatus.QUEUED:
        return None
    is_late = JobRecord.kind == JobKind.EXPLAIN
    older = JobRecord.id < job.id
    # as `leases.turn` has it: explanations after the rest, each in the order of asking
    before = or_(~is_late, older) if job.kind == JobKind.EXPLAIN else and_(~is_late, older)
    waiting = select(func.count(JobRecord.id)).where(
        JobRecord.status == JobStatus.QUEUED, JobRecord.cancel.is_(False), before
    )
    return 1 + (session.scalar(waiting) or 0)


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


def tell(session: Session, hold: Hold, **values: object) -> bool:
    """Write down how far a worker's calculation is; return whether it is to stop.

    It is also to stop when it is not the worker's any more.
    """
    if not changed(session, update(JobRecord).where(hold.is_held).values(**values)):
        return True
    return bool(session.scalar(select(JobRecord.cancel).where(JobRecord.id == hold.job_id)))


# --- The same is computed once --------------------------------------------------------------------


@cache
def solver_version() -> str:
    """Return what computes: the solver and this program, as their results depend on both."""
    return f"highs {version('highspy')}, bundlinje {__version__}"


def key_of(job: JobRecord, of: AllocationRecord | None = None) -> str:
    """Return the SHA-256 of all that the answer of a calculation depends on.

    Parameters
    ----------
    of : AllocationRecord or None
        The result that it is about.
    """
    result: Mapping[str, Any] = {} if of is None else of.result
    about = {name: result.get(name) for name in ("status", "objective", "bound", "chosen")}
    parts = [
        str(job.kind),
        job.plan or ({} if of is None else of.plan),
        job.question,
        job.time_limit,
        about,
        solver_version(),
    ]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def is_answered(job: JobRecord) -> ColumnElement[bool]:
    """Return the condition that a calculation is done which asked the very same."""
    return and_(
        JobRecord.kind == job.kind,
        JobRecord.key == job.key,
        JobRecord.key.is_not(None),
        JobRecord.status == JobStatus.DONE,
    )


def is_proved(document: object) -> bool:
    """Say whether a document claims something, and nothing that more time could change."""
    claims = list(_claims(document))
    return bool(claims) and all(claims)


def _claims(part: object) -> Any:
    if isinstance(part, list):
        for one in part:
            yield from _claims(one)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "status":
                yield value in {"optimal", "infeasible"}
            elif name in {"proved", "complete"}:
                yield bool(value)
            else:
                yield from _claims(value)
