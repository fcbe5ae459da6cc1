"""Engines and sessions: who may write, and the settings without which the application refuses.

A session reads only, unless it is opened as a writer. A writer takes the database's write lock
before its first read (`BEGIN IMMEDIATE`), so what it has read is still true when it writes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.pool import ConnectionPoolEntry

from planner.model.events import AccessEventRecord, EventRecord, IdempotencyRecord
from planner.model.jobs import JobRecord
from planner.model.notices import NoticeRecord
from planner.model.states import JobStatus

BUSY_MILLISECONDS = 10_000

SQLITE_SETTINGS: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "busy_timeout": BUSY_MILLISECONDS,
    "trusted_schema": 0,
}


class DatabaseSettingError(Exception):
    """The database does not work the way that keeps data safe."""


class UnloggedChangeError(Exception):
    """A transaction changed something without a line in the log."""


class PlannerSession(Session):
    """A session that refuses to commit a change that nobody has logged."""

    # a notice tells of a change that has a line of its own
    UNLOGGED: ClassVar = (
        *(AccessEventRecord, IdempotencyRecord, JobRecord, EventRecord),
        NoticeRecord,
    )


@event.listens_for(PlannerSession, "before_flush")
def _note_changes(session: Session, _context: UOWTransaction, _objects: object) -> None:
    changed = [*session.new, *session.deleted, *filter(session.is_modified, session.dirty)]
    if any(isinstance(record, EventRecord) for record in session.new):
        session.info["logged"] = True
    if any(not isinstance(record, PlannerSession.UNLOGGED) for record in changed):
        session.info["changed"] = True
    if any(isinstance(one, JobRecord) and one.status is JobStatus.QUEUED for one in changed):
        session.info["asked"] = True


@event.listens_for(PlannerSession, "before_commit")
def _refuse_unlogged(session: Session) -> None:
    session.flush()
    if session.info.get("changed") and not session.info.get("logged"):
        raise UnloggedChangeError


@event.listens_for(PlannerSession, "after_commit")
def _ring(session: Session) -> None:
    """Tell the workers that there may be a calculation to do, now that they can see it."""
    bell = session.get_bind().get_execution_options().get("bell")
    if session.info.pop("asked", False) and bell is not None:
        bell()


@event.listens_for(PlannerSession, "after_commit")
@event.listens_for(PlannerSession, "after_rollback")
def _forget_changes(session: Session) -> None:
    session.info.pop("changed", None)
    session.info.pop("logged", None)
    session.info.pop("asked", None)


def engine_for(url: str, *, bell: Callable[[], None] | None = None) -> Engine:
    """Return an engine for ``url`` with the application's settings."""
    engine = create_engine(url, **engine_options(url, bell=bell))
    return configure_engine(engine)


def engine_options(url: str, *, bell: Callable[[], None] | None = None) -> dict[str, Any]:
    """Return what `sqlalchemy.create_engine` needs besides the address.

    Parameters
    ----------
    bell : callable or None
        Rung after each commit that asked for a calculation.
    """
    options: dict[str, Any] = {"execution_options": {} if bell is None else {"bell": bell}}
    if make_url(url).get_backend_name() == "sqlite":
        return options
    settings = (
        "-c synchronous_commit=on -c statement_timeout=5000 -c lock_timeout=5000 -c timezone=UTC"
    )
    return {**options, "pool_pre_ping": True, "connect_args": {"options": settings}}


def configure_engine(engine: Engine) -> Engine:
    """Let ``engine`` begin its transactions the way the module says."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    # first, so that setting the journal waits for others
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    for name, value in SQLITE_SETTINGS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def writer(engine: Engine) -> Engine:
    """Return the same engine, for transactions that write."""
    return engine.execution_options(writes=True)


@contextmanager
def reading(engine: Engine) -> Iterator[PlannerSession]:
    """Give a session that only reads."""
    with PlannerSession(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[PlannerSession]:
    """Give a session that may write; whoever opens it commits."""
    with PlannerSession(writer(engine), expire_on_commit=False) as session:
        yield session


def assert_settings(engine: Engine) -> None:
    """Refuse a database that could lose or let through what it must not.

    Raises
    ------
    DatabaseSettingError
        Naming the first setting that is wrong.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found: dict[str, Any] = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in SQLITE_SETTINGS
            }
            wanted: dict[str, Any] = SQLITE_SETTINGS
        else:
            found = {
                "synchronous_commit": connection.exec_driver_sql("SHOW synchronous_commit").scalar()
            }
            wanted = {"synchronous_commit": "on"}
    for name, value in wanted.items():
        if found[name] != value:
            raise DatabaseSettingError(f"{name} is {found[name]!r}, it must be {value!r}")
