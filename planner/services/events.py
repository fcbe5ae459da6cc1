"""The log: one line per change, each chained to the line before it.

A line's hash is the SHA-256 of the previous hash and the line's canonical JSON (sorted keys,
no floats, UTC to the second), so an edit, a removal or an insertion shows.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any, ClassVar, Protocol

from sqlalchemy import Engine, Row, func, select, text
from sqlalchemy.orm import Session

from planner.model import AccessEventRecord, EventRecord, PersonRecord
from planner.model.database import writing

FIRST_HASH = "0" * 64
# any number: all writers of the log take the same lock
_LOCK = 7_202_611


class Loggable(Protocol):
    """Any record that events may be about."""

    KIND: ClassVar[str]
    id: int


def actor_of(person: PersonRecord | None) -> str:
    """Return how the log names ``person``: never by name or address."""
    return "system" if person is None else f"person:{person.id}"


def record_event(
    session: Session,
    *,
    by: PersonRecord | None,
    now: datetime,
    action: str,
    object: Loggable,  # noqa: A002 - the log's own word
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    request_id: str | None = None,
) -> EventRecord:
    """Add one line to the log, in the transaction of the change itself.

    Parameters
    ----------
    by : PersonRecord or None
        Who did it; None is the system itself or the command line.
    action : str
        What was done, as ``kind.verb``.
    object : record
        What it was done to; it must have a ``KIND``.
    before, after : dict or None
        What changed; names and addresses of persons never stand here.
    request_id : str or None
        The request; default the one that the session carries.
    """
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = session.execute(
        select(EventRecord.seq, EventRecord.hash).order_by(EventRecord.seq.desc()).limit(1)
    ).first()
    seq, prev = (1, FIRST_HASH) if last is None else (last.seq + 1, last.hash)
    line = EventRecord(
        seq=seq,
        at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        actor=actor_of(by),
        action=action,
        object_kind=object.KIND,
        object_id=str(object.id),
        before=None if before is None else _plain(before),
        after=None if after is None else _plain(after),
        request_id=request_id or session.info.get("request_id"),
        version=getattr(object, "version", None),
        prev=prev,
    )
    line.hash = hash_of(line)
    session.add(line)
    session.flush()
    return line


def changed_keys(
    before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both dictionaries with only the keys whose values differ."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return (
        {key: before[key] for key in keys if key in before},
        {key: after[key] for key in keys if key in after},
    )


def hash_of(line: EventRecord | Row[Any]) -> str:
    """Return the hash that ``line`` must have."""
    content = {
        "seq": line.seq,
        "at": line.at,
        "actor": line.actor,
        "action": line.action,
        "object_kind": line.object_kind,
        "object_id": line.object_id,
        "before": line.before,
        "after": line.after,
        "request_id": line.request_id,
        "version": line.version,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{line.prev}\n{canonical}".encode()).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float | Decimal | Fraction):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"{type(value).__name__} cannot stand in the log")


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `verify_events` found."""

    count: int
    head: str
    broken: tuple[int, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every line is as it was written."""
        return not self.broken


# a start looks at so many lines: all of a small log, and never more than a blink
CHECKED_AT_START = 2_000
_HASHED = (
    *(EventRecord.seq, EventRecord.at, EventRecord.actor, EventRecord.action),
    *(EventRecord.object_kind, EventRecord.object_id, EventRecord.before, EventRecord.after),
    *(EventRecord.request_id, EventRecord.version, EventRecord.prev, EventRecord.hash),
)


def verify_events(session: Session, *, newest: int | None = None) -> ChainReport:
    """Walk the log and name every line that is not as it was written.

    Parameters
    ----------
    newest : int or None
        Walk only so many of the last lines; None walks them all.
    """
    prev, expected = FIRST_HASH, 1
    if newest is not None:
        before = session.execute(
            select(EventRecord.seq, EventRecord.hash)
            .order_by(EventRecord.seq.desc())
            .offset(newest)
            .limit(1)
        ).first()
        if before is not None:
            prev, expected = before.hash, before.seq + 1
    broken, count = [], 0
    # rows, not records: a long log is walked in half the time
    for line in session.execute(
        select(*_HASHED)
        .where(EventRecord.seq >= expected)
        .order_by(EventRecord.seq)
        .execution_options(yield_per=1000)
    ):
        if line.seq != expected or line.prev != prev or line.hash != hash_of(line):
            broken.append(line.seq)
        prev, expected, count = line.hash, line.seq + 1, count + 1
    return ChainReport(count=count, head=prev, broken=tuple(broken))


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some lines of the log, newest first."""

    lines: list[EventRecord]
    total: int
    page: int
    pages: int


def list_events(session: Session, *, page: int = 1, size: int = 100) -> EventPage:
    """Return one page of the log, newest first."""
    total = session.scalar(select(func.count()).select_from(EventRecord)) or 0
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    lines = session.scalars(
        select(EventRecord).order_by(EventRecord.seq.desc()).offset((page - 1) * size).limit(size)
    ).all()
    return EventPage(lines=list(lines), total=total, page=page, pages=pages)


def events_of(session: Session, kind: str, identity: int | str) -> list[EventRecord]:
    """Return the lines about one object, oldest first."""
    return list(
        session.scalars(
            select(EventRecord)
            .where(EventRecord.object_kind == kind, EventRecord.object_id == str(identity))
            .order_by(EventRecord.seq)
        )
    )


def people_of(session: Session, lines: list[EventRecord]) -> dict[str, str]:
    """Return the names behind the actors of ``lines``."""
    identities = {
        int(line.actor.removeprefix("person:"))
        for line in lines
        if line.actor.startswith("person:")
    }
    found = session.execute(
        select(PersonRecord.id, PersonRecord.name).where(PersonRecord.id.in_(identities))
    )
    return {f"person:{identity}": name for identity, name in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A look-up that was refused."""

    actor: str
    endpoint: str
    path: str
    status: int
    request_id: str | None


def log_refusal(engine: Engine, refusal: Refusal, *, now: datetime) -> None:
    """Write down a refused look-up, over a connection of its own."""
    with writing(engine) as session:
        session.add(
            AccessEventRecord(
                at=now,
                actor=refusal.actor,
                endpoint=refusal.endpoint[:100],
                path=refusal.path[:400],
                status=refusal.status,
                request_id=refusal.request_id,
            )
        )
        session.commit()
