"""Attachments of a case: taken in by their content, kept by their fingerprint, given out again."""

import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.model import AttachmentRecord, CaseRecord, PersonRecord
from planner.model.attachments import MOST_BYTES
from planner.model.states import CASE, next_state
from planner.services.events import record_event
from planner.services.file_kinds import kind_of, safe_name
from planner.services.rounds import require_unlocked
from planner.services.writing import NotFoundError

FOLDER = "attachments"
MOST_BYTES_OF_CASE = 100 * 1024 * 1024


class AttachmentError(Exception):
    """A file that is not taken."""


class EmptyFileError(AttachmentError):
    """A file without content."""


class TooLargeFileError(AttachmentError):
    """A file that is larger than one may be."""


class UnknownFileError(AttachmentError):
    """A file of a kind that is not taken, whatever its name says."""


class FullCaseError(AttachmentError):
    """The files of the case would be larger together than they may be."""


def attachments_of(session: Session, case: CaseRecord) -> list[AttachmentRecord]:
    """Return the files of a version that have not been taken out, oldest first."""
    return list(
        session.scalars(
            select(AttachmentRecord)
            .where(AttachmentRecord.case_id == case.id, AttachmentRecord.removed_at.is_(None))
            .order_by(AttachmentRecord.id)
        )
    )


def path_in(folder: Path, fingerprint: str) -> Path:
    """Return where a file with this SHA-256 lies below the data folder."""
    return folder / FOLDER / fingerprint[:2] / fingerprint


def add_attachment(
    session: Session,
    case: CaseRecord,
    *,
    folder: Path,
    name: str,
    content: bytes,
    by: PersonRecord | None,
    now: datetime,
) -> AttachmentRecord:
    """Keep a file with a draft.

    Parameters
    ----------
    folder : path
        The data folder.

    Raises
    ------
    AttachmentError
        When the file is empty, too large, of another kind, or one too many.
    """
    next_state(CASE, case.state, "save")
    require_unlocked(case.intervention, "save", now=now)
    if not content:
        raise EmptyFileError
    if len(content) > MOST_BYTES:
        raise TooLargeFileError
    kind = kind_of(content)
    if kind is None:
        raise UnknownFileError
    there = attachments_of(session, case)
    if sum(one.size for one in there) + len(content) > MOST_BYTES_OF_CASE:
        raise FullCaseError
    fingerprint = sha256(content).hexdigest()
    made = AttachmentRecord(
        case=case,
        name=safe_name(name, kind),
        kind=kind,
        size=len(content),
        sha256=fingerprint,
        created_at=now,
        created_by=by,
    )
    _keep(path_in(folder, fingerprint), content)
    session.add(made)
    session.flush()
    record_event(
        session,
        by=by,
        now=now,
        action="case.attach",
        object=case,
        after={"attachment": made.id, "sha256": fingerprint, "size": made.size},
    )
    return made


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole, before the row that names it is committed."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.part{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(0o600)
    fresh.replace(path)


def remove_attachment(
    session: Session, attachment: AttachmentRecord, *, by: PersonRecord | None, now: datetime
) -> None:
    """Take a file out of a draft; it is kept, but no longer shown."""
    case = attachment.case
    next_state(CASE, case.state, "save")
    require_unlocked(case.intervention, "save", now=now)
    if attachment.removed_at is None:
        attachment.removed_at, attachment.removed_by = now, by
        record_event(
            session,
            by=by,
            now=now,
            action="case.detach",
            object=case,
            after={"attachment": attachment.id},
        )


def find_attachment(
    session: Session, cases: list[CaseRecord], attachment_id: int
) -> AttachmentRecord:
    """Return a file of one of the versions that the reader may see.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = session.get(AttachmentRecord, attachment_id)
    if found is None or found.removed_at is not None or found.case not in cases:
        raise NotFoundError
    return found


def copy_attachments(session: Session, source: CaseRecord, target: CaseRecord) -> None:
    """Let a new draft begin with the files of the version that it is made from."""
    for one in attachments_of(session, source):
        session.add(
            AttachmentRecord(
                case=target,
                name=one.name,
                kind=one.kind,
                size=one.size,
                sha256=one.sha256,
                created_at=one.created_at,
                created_by_id=one.created_by_id,
            )
        )
