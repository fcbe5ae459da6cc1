"""The Flask extensions, made once; `planner.app` binds them to an application."""

from collections import deque
from datetime import datetime, timedelta

from flask import current_app, g
from flask_babel import Babel
from flask_login import current_user
from flask_security.core import Security
from flask_security.datastore import FSQLALiteUserDatastore
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session

from planner.model import PersonRecord, RoleRecord
from planner.model.database import PlannerSession

db = SQLAlchemy(session_options={"class_": PlannerSession, "expire_on_commit": False})
csrf = CSRFProtect()
babel = Babel()
security = Security()


def datastore() -> FSQLALiteUserDatastore:
    """Return what Flask-Security finds people with."""
    return FSQLALiteUserDatastore(db, PersonRecord, RoleRecord)


def now() -> datetime:
    """Return the moment of this request; the same one throughout."""
    if "now" not in g:
        g.now = current_app.config["CLOCK"]()
    moment: datetime = g.now
    return moment


def current_session() -> Session:
    """Return the request's session: it writes on a POST and only reads on a GET."""
    return db.session


def current_person() -> PersonRecord | None:
    """Return who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001 - the proxy's target


def me() -> PersonRecord:
    """Return who is signed in, on a page that asks for it."""
    person = current_person()
    if person is None:
        raise LookupError("nobody is signed in")
    return person


class FailedTries:
    """Counts failed tries to sign in, by e-mail and by address, within a minute.

    Only failures count. The counts live in this process.
    """

    MOST_KEYS = 10_000

    def __init__(self, *, most: int = 5, within: timedelta = timedelta(minutes=1)) -> None:
        self.most = most
        self.within = within
        self._failures: dict[str, deque[datetime]] = {}

    def too_many(self, key: str, *, now: datetime) -> bool:
        """Say whether ``key`` has used its tries."""
        failures = self._failures.get(key)
        if failures is None:
            return False
        while failures and failures[0] <= now - self.within:
            failures.popleft()
        if not failures:
            del self._failures[key]
            return False
        return len(failures) >= self.most

    def count(self, key: str, *, now: datetime) -> None:
        """Count one failure."""
        if len(self._failures) >= self.MOST_KEYS:
            for known in list(self._failures):
                self.too_many(known, now=now)  # forgets those that are over
        self._failures.setdefault(key, deque(maxlen=self.most)).append(now)
