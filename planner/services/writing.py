"""The rules of every change: nothing is overwritten unseen, and nothing is done twice."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Protocol

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from planner.model import IdempotencyRecord

ANSWERS_KEPT = timedelta(days=30)


class NotFoundError(Exception):
    """There is no such thing, or it is not for this person to see; nobody can tell which."""


class NotAllowedError(Exception):
    """The person may see it, but not do this to it."""


class MissingVersionError(Exception):
    """A change came without saying which version it was made from."""


class Conflict(Exception):  # noqa: N818 - it is the word of the interface
    """Somebody else changed the object in the meantime.

    Parameters
    ----------
    kind, identity : str
        Which object.
    seen : int
        The version that the change was made from.
    current : int
        The version that is stored.
    """

    def __init__(self, *, kind: str, identity: str, seen: int, current: int) -> None:
        super().__init__(f"{kind} {identity} is at version {current}, the change came from {seen}")
        self.kind = kind
        self.identity = identity
        self.seen = seen
        self.current = current


class RepeatedKeyError(Exception):
    """A form's key came again with another content."""


class Versioned(Protocol):
    """Any record with a version."""

    KIND: ClassVar[str]
    id: int
    version: int


def require_version(record: Versioned, seen: int | None) -> None:
    """Refuse a change that was made from another version than the stored one.

    Raises
    ------
    MissingVersionError
        When ``seen`` is None.
    Conflict
        When somebody else has changed the record.
    """
    if seen is None:
        raise MissingVersionError
    if record.version != seen:
        raise Conflict(kind=record.KIND, identity=str(record.id), seen=seen, current=record.version)


def next_version(record: Versioned) -> None:
    """Count the change; the database refuses it if another one came between."""
    record.version += 1


def clean(text: str) -> str:
    """Return ``text`` trimmed, with its letters composed (å may come in two parts)."""
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """Return ``text`` for searching, where Ø equals ø."""
    return clean(text).casefold()


def slug(text: str) -> str:
    """Return ``text`` as a short name: ``Lær for livet`` becomes ``laer-for-livet``."""
    plain = folded(text).replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80] or "indsats"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered when the same form came before."""

    location: str


def content_hash(parts: Iterable[tuple[str, str]]) -> str:
    """Return a fingerprint of a form's content, whatever the order of its fields."""
    digest = sha256()
    for name, value in sorted(parts):
        digest.update(f"{len(name)}:{name}={len(value)}:{value};".encode())
    return digest.hexdigest()


def earlier_answer(session: Session, *, actor: str, key: str, content: str) -> Answer | None:
    """Return what was answered to the same form before, or None when it is new.

    Raises
    ------
    RepeatedKeyError
        When the key came with another content.
    """
    if session.get_bind().dialect.name == "postgresql":
        # a second sending waits for the first; SQLite has one writer at a time anyway
        lock = int.from_bytes(sha256(f"{actor}:{key}".encode()).digest()[:8], signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
    found = session.scalar(
        select(IdempotencyRecord).where(
            IdempotencyRecord.actor == actor, IdempotencyRecord.key == key
        )
    )
    if found is None:
        return None
    if found.content_hash != content:
        raise RepeatedKeyError
    return Answer(found.location)


def store_answer(
    session: Session, *, actor: str, key: str, content: str, location: str, now: datetime
) -> None:
    """Keep the answer in the same transaction as the change, and forget those of last month."""
    session.execute(
        delete(IdempotencyRecord).where(IdempotencyRecord.created_at < now - ANSWERS_KEPT)
    )
    session.add(
        IdempotencyRecord(
            actor=actor, key=key, content_hash=content, location=location, created_at=now
        )
    )
