"""People and their accounts: making, changing and closing them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.model import DepartmentRecord, PersonRecord, RoleRecord
from planner.model.states import Role
from planner.services.events import record_event
from planner.services.writing import NotAllowedError, clean, next_version, require_version

SHORTEST_PASSWORD = 10
LANGUAGES = ("da", "en")


class TakenEmailError(Exception):
    """Another account has the same e-mail."""


class WeakPasswordError(Exception):
    """The password is too short."""


def folded_email(email: str) -> str:
    """Return an e-mail as it is stored and looked for."""
    return clean(email).casefold()


def list_people(session: Session) -> list[PersonRecord]:
    """Return everybody with an account, by name."""
    people = session.scalars(select(PersonRecord)).all()
    return sorted(people, key=lambda person: (not person.active, person.name.casefold()))


def find_person(session: Session, email: str) -> PersonRecord | None:
    """Return the account with this e-mail."""
    return session.scalar(select(PersonRecord).where(PersonRecord.email == folded_email(email)))


def demo_people(session: Session) -> list[PersonRecord]:
    """Return the open demonstration accounts."""
    return list(
        session.scalars(
            select(PersonRecord)
            .where(PersonRecord.is_demo.is_(True), PersonRecord.active.is_(True))
            .order_by(PersonRecord.id)
        )
    )


def has_demo_people(session: Session) -> bool:
    """Say whether an open demonstration account exists."""
    return bool(demo_people(session))


def ensure_roles(session: Session) -> dict[Role, RoleRecord]:
    """Return the roles by name."""
    found = {role.name: role for role in session.scalars(select(RoleRecord))}
    for name in Role:
        if name not in found:
            found[name] = RoleRecord(name=name)
            session.add(found[name])
    session.flush()
    return found


def create_person(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    roles: Iterable[Role],
    departments: Iterable[DepartmentRecord] = (),
    language: str | None = None,
    is_demo: bool = False,
    by: PersonRecord | None,
    now: datetime,
) -> PersonRecord:
    """Make an account.

    Raises
    ------
    TakenEmailError
        When another account has the e-mail.
    WeakPasswordError
        When the password is too short.
    """
    if find_person(session, email) is not None:
        raise TakenEmailError
    known = ensure_roles(session)
    person = PersonRecord(
        email=folded_email(email),
        name=clean(name),
        password=_hashed(password),
        active=True,
        fs_uniquifier=uuid4().hex,
        language=language,
        is_demo=is_demo,
        created_at=now,
        roles=[known[role] for role in sorted(set(roles))],
        departments=list(departments),
    )
    session.add(person)
    record_event(
        session,
        by=by,
        now=now,
        action="person.create",
        object=person,
        after={
            "roles": sorted(person.role_names),
            "departments": sorted(person.department_ids),
            "is_demo": is_demo,
        },
    )
    return person


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPasswordError
    return str(hash_password(password))


def update_person(
    session: Session,
    person: PersonRecord,
    *,
    name: str,
    roles: Iterable[Role],
    departments: Iterable[DepartmentRecord],
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> PersonRecord:
    """Change a person's name, roles and departments; nobody changes their own rights.

    Raises
    ------
    NotAllowedError
        When ``by`` would change their own roles or departments.
    """
    require_version(person, seen_version)
    wanted = frozenset(roles)
    departments = list(departments)
    wanted_ids = frozenset(department.id for department in departments)
    if _is_own(by, person) and (wanted, wanted_ids) != (person.role_names, person.department_ids):
        raise NotAllowedError
    before = {
        "roles": sorted(person.role_names),
        "departments": sorted(person.department_ids),
    }
    known = ensure_roles(session)
    renamed = person.name != clean(name)
    person.name = clean(name)
    person.roles = [known[role] for role in sorted(wanted)]
    person.departments = departments
    after = {
        "roles": sorted(person.role_names),
        "departments": sorted(person.department_ids),
        # names never stand in the log, only that they changed
        "renamed": renamed,
    }
    if renamed or before != {key: after[key] for key in before}:
        next_version(person)
        record_event(
            session,
            by=by,
            now=now,
            action="person.update",
            object=person,
            before=before,
            after=after,
        )
    return person


def _is_own(by: PersonRecord | None, person: PersonRecord) -> bool:
    return by is not None and by.id == person.id


def set_active(
    session: Session,
    person: PersonRecord,
    *,
    active: bool,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> PersonRecord:
    """Close an account or open it again; it bites on the person's next request.

    Raises
    ------
    NotAllowedError
        When ``by`` would close their own account.
    """
    require_version(person, seen_version)
    if _is_own(by, person):
        raise NotAllowedError
    if person.active == active:
        return person
    person.active = active
    person.fs_uniquifier = uuid4().hex
    next_version(person)
    record_event(
        session,
        by=by,
        now=now,
        action="person.open" if active else "person.close",
        object=person,
        before={"active": not active},
        after={"active": active},
    )
    return person


def deactivate_person(
    session: Session,
    person: PersonRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> PersonRecord:
    """Close an account."""
    return set_active(session, person, active=False, by=by, now=now, seen_version=seen_version)


def set_language(
    session: Session, person: PersonRecord, *, language: str, now: datetime
) -> PersonRecord:
    """Remember the language that a person chose."""
    if language not in LANGUAGES or person.language == language:
        return person
    before = {"language": person.language}
    person.language = language
    next_version(person)
    record_event(
        session,
        by=person,
        now=now,
        action="person.language",
        object=person,
        before=before,
        after={"language": language},
    )
    return person


def change_password(
    session: Session,
    person: PersonRecord,
    *,
    password: str,
    by: PersonRecord | None,
    now: datetime,
) -> PersonRecord:
    """Give a person another password; everywhere they are signed in, they are signed out.

    Raises
    ------
    WeakPasswordError
        When the password is too short.
    """
    person.password = _hashed(password)
    person.fs_uniquifier = uuid4().hex
    next_version(person)
    record_event(session, by=by, now=now, action="person.password", object=person)
    return person
