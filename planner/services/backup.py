"""Backup and restore of the whole embedded database.

A copy of the file of a running database is not sound; `VACUUM INTO` is. Every copy is checked:
the database's own integrity, references, the chain of the log, and the files of cases, each against
its fingerprint.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import copyfile

from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import DatabaseError

from planner.config import DATABASE_FILE
from planner.model import AttachmentRecord
from planner.model.database import engine_for, reading
from planner.services.attachments import FOLDER
from planner.services.events import ChainReport, verify_events


class BackupError(Exception):
    """A backup that cannot be made or cannot be trusted; the message says why."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A sound copy and the state of its log."""

    path: Path
    size: int
    chain: ChainReport
    # how many files of cases lie beside it, each with the content that the database names
    files: int = 0


def back_up(engine: Engine, target: Path) -> BackupReport:
    """Write a sound copy of the database to ``target`` while it is in use.

    Raises
    ------
    BackupError
        When the database is not SQLite, the target exists, or the copy is not sound.
    """
    if engine.dialect.name != "sqlite":
        raise BackupError("PostgreSQL is backed up with pg_dump")
    if target.exists():
        raise BackupError(f"{target} exists already")
    target.parent.mkdir(parents=True, exist_ok=True)
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA query_only=OFF")
        cursor.execute("VACUUM INTO ?", (str(target),))
        cursor.close()
    finally:
        raw.close()
    target.chmod(0o600)
    _copy_files(target, files_of(Path(str(engine.url.database))))
    return check(target)


def files_of(database: Path) -> Path:
    """Return where the files of cases lie: in the data folder, or beside a copy."""
    if database.name == DATABASE_FILE:
        return database.parent / FOLDER
    return database.with_name(f"{database.name}.{FOLDER}")


def _copy_files(target: Path, source: Path) -> None:
    """Copy the files that the database at ``target`` names; what is there already stays."""
    for fingerprint in _fingerprints(target):
        place = Path(fingerprint[:2]) / fingerprint
        goal = files_of(target) / place
        if not (source / place).is_file():
            raise BackupError(f"the file {fingerprint} of a case is missing")
        if not goal.is_file():
            goal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            copyfile(source / place, goal)
            goal.chmod(0o600)


def _fingerprints(path: Path) -> list[str]:
    """Return the SHA-256 of every file that a database names; an older one names none."""
    engine = engine_for(f"sqlite:///{path}")
    try:
        if not inspect(engine).has_table(AttachmentRecord.__tablename__):
            return []
        with reading(engine) as session:
            return list(session.scalars(select(AttachmentRecord.sha256).distinct()))
    finally:
        engine.dispose()


def _checked_files(path: Path) -> int:
    names = _fingerprints(path)
    for fingerprint in names:
        file = files_of(path) / fingerprint[:2] / fingerprint
        if not file.is_file():
            raise BackupError(f"the file {fingerprint} of a case is missing")
        if sha256(file.read_bytes()).hexdigest() != fingerprint:
            raise BackupError(f"the file {fingerprint} of a case has been changed")
    return len(names)


def check(path: Path) -> BackupReport:
    """Return a report about a sound copy.

    Raises
    ------
    BackupError
        When the file is missing, is no database of ours, or has been changed.
    """
    if not path.is_file():
        raise BackupError(f"{path} does not exist")
    if not path.read_bytes()[:16].startswith(b"SQLite format 3"):
        raise BackupError(f"{path} is not a database")
    try:
        chain = _checked(path)
    except DatabaseError as error:
        raise BackupError(f"{path} is damaged") from error
    if not chain.is_sound:
        raise BackupError(f"the log in {path} has been changed from line {chain.broken[0]}")
    files = _checked_files(path)
    return BackupReport(path=path, size=path.stat().st_size, chain=chain, files=files)


def _checked(path: Path) -> ChainReport:
    engine = engine_for(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            integrity = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if integrity != "ok" or dangling is not None:
            raise BackupError(f"{path} is damaged")
        with reading(engine) as session:
            return verify_events(session)
    finally:
        engine.dispose()


def restore(source: Path, database: Path) -> BackupReport:
    """Put a checked copy where the database lies; what lay there is kept beside it.

    The application must not run meanwhile.

    Raises
    ------
    BackupError
        When the copy is not sound.
    """
    check(source)
    database.parent.mkdir(parents=True, exist_ok=True)
    fresh = database.with_name(database.name + ".restoring")
    copyfile(source, fresh)
    fresh.chmod(0o600)
    if database.exists():
        _put_aside(database)
    fresh.replace(database)
    _copy_files(database, files_of(source))
    return check(database)


def _put_aside(database: Path) -> None:
    number = 1
    while (aside := database.with_name(f"{database.name}.before-restore-{number}")).exists():
        number += 1
    # a last checkpoint, so that what is put aside is whole without its journal
    engine = engine_for(f"sqlite:///{database}")
    with engine.connect() as connection:
        connection.rollback()
        raw = connection.connection.cursor()
        raw.execute("PRAGMA query_only=OFF")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
    engine.dispose()
    database.replace(aside)
    for rest in ("-wal", "-shm"):
        database.with_name(database.name + rest).unlink(missing_ok=True)
