"""Notices: who is told what, once; shown on the overview, and sent by the worker as e-mail.

A notice is no change of its own: the log has the line about what it tells.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from optimizer.sentence import Sentence
from planner.model import (
    CaseRecord,
    CommentRecord,
    DepartmentRecord,
    NoticeRecord,
    PersonRecord,
    RoleRecord,
    RoundRecord,
)
from planner.model.rounds import RoundPhase
from planner.model.states import NoticeKind, Role
from planner.services.writing import NotFoundError

WARNED_BEFORE = timedelta(days=3)
MOST_AT_ONCE = 100
SEEN_WITHIN = timedelta(minutes=1)


class Thing(Protocol):
    """Any record that a notice may be about."""

    KIND: ClassVar[str]
    id: int


def words_of(notice: NoticeRecord) -> Sentence:
    """Return the sentence of a notice."""
    title = str(notice.said.get("title", ""))
    sentences = {
        NoticeKind.RETURNED: Sentence(
            f"Økonomi har sendt »{title}« tilbage med en begrundelse.",
            f"Finance has returned “{title}” with a reason.",
        ),
        NoticeKind.COMMENTED: Sentence(
            f"Der er en ny kommentar til »{title}«.", f"There is a new comment on “{title}”."
        ),
        NoticeKind.DEADLINE_NEAR: Sentence(
            f"Fristen for runden »{title}« udløber om højst tre dage.",
            f"The deadline of the round “{title}” is at most three days away.",
        ),
        NoticeKind.FLAGGED: Sentence(
            f"Noget, som »{title}« bygger på, er ændret eller blevet for gammelt.",
            f"Something that “{title}” is built on has changed or grown too old.",
        ),
        NoticeKind.CALCULATED: Sentence(
            f"Beregningen af »{title}« er slut.", f"The calculation of “{title}” is over."
        ),
    }
    return sentences[notice.kind]


# --- Telling --------------------------------------------------------------------------------------


def notify(
    session: Session,
    people: Iterable[PersonRecord],
    kind: NoticeKind,
    *,
    about: Thing,
    key: str,
    title: str,
    path: str,
    now: datetime,
) -> list[NoticeRecord]:
    """Tell each of ``people`` something, unless they have been told it before.

    Parameters
    ----------
    key : str
        What happened: nobody is told the same key twice.
    title, path : str
        What the sentence names, and the page that it leads to.
    """
    told = set(session.scalars(select(NoticeRecord.person_id).where(NoticeRecord.key == key)))
    made = [
        NoticeRecord(
            person_id=person.id,
            kind=kind,
            object_kind=about.KIND,
            object_id=about.id,
            key=key,
            said={"title": title, "path": path},
            created_at=now,
        )
        for person in people
        if person.active and person.id not in told
    ]
    session.add_all(made)
    return made


def editors_of(session: Session, department_ids: Iterable[int]) -> list[PersonRecord]:
    """Return who edits the cases of some departments."""
    return list(
        session.scalars(
            select(PersonRecord)
            .where(
                PersonRecord.active.is_(True),
                PersonRecord.roles.any(RoleRecord.name == Role.DEPARTMENT_EDITOR),
                PersonRecord.departments.any(DepartmentRecord.id.in_(list(department_ids))),
            )
            .order_by(PersonRecord.id)
        )
    )


def people_of_finance(session: Session) -> list[PersonRecord]:
    """Return who has the role of finance."""
    return list(
        session.scalars(
            select(PersonRecord)
            .where(
                PersonRecord.active.is_(True),
                PersonRecord.roles.any(RoleRecord.name == Role.FINANCE),
            )
            .order_by(PersonRecord.id)
        )
    )


def _path_of(case: CaseRecord) -> str:
    return f"/interventions/{case.intervention.code}"


def tell_returned(session: Session, case: CaseRecord, *, now: datetime) -> None:
    """Tell the department that a case came back."""
    notify(
        session,
        editors_of(session, [case.intervention.department_id]),
        NoticeKind.RETURNED,
        about=case,
        key=f"returned:{case.id}",
        title=case.title,
        path=_path_of(case),
        now=now,
    )


def tell_commented(
    session: Session, comment: CommentRecord, *, by: PersonRecord, now: datetime
) -> None:
    """Tell the other side of a comment: finance tells the department, the department finance."""
    case = comment.case
    is_finance = Role.FINANCE in by.role_names
    department = [case.intervention.department_id]
    other = editors_of(session, department) if is_finance else people_of_finance(session)
    # finance does not see a draft, nor what is said about it
    if not is_finance and case.submitted_at is None:
        other = editors_of(session, department)
    notify(
        session,
        [person for person in other if person.id != by.id],
        NoticeKind.COMMENTED,
        about=case,
        key=f"commented:{comment.id}",
        title=case.title,
        path=f"{_path_of(case)}/comments",
        now=now,
    )


def tell_deadlines(session: Session, *, now: datetime) -> list[NoticeRecord]:
    """Tell departments of every round whose deadline is at most three days away, once each."""
    made = []
    for the_round in session.scalars(
        select(RoundRecord).where(
            RoundRecord.deadline >= now, RoundRecord.deadline <= now + WARNED_BEFORE
        )
    ):
        if the_round.phase(now) is RoundPhase.OPEN:
            made += notify(
                session,
                editors_of(session, [department.id for department in the_round.departments]),
                NoticeKind.DEADLINE_NEAR,
                about=the_round,
                # a deadline that is moved is told anew
                key=f"deadline:{the_round.id}:{the_round.deadline:%Y%m%dT%H%M}",
                title=the_round.name,
                path=f"/rounds/{the_round.id}",
                now=now,
            )
    return made


# --- Reading --------------------------------------------------------------------------------------


def unread_of(session: Session, person: PersonRecord) -> list[NoticeRecord]:
    """Return what a person has not read yet, newest first."""
    return list(
        session.scalars(
            select(NoticeRecord)
            .where(NoticeRecord.person_id == person.id, NoticeRecord.read_at.is_(None))
            .order_by(NoticeRecord.id.desc())
            .limit(MOST_AT_ONCE)
        )
    )


def read_notice(
    session: Session, notice_id: int, *, by: PersonRecord, now: datetime
) -> NoticeRecord:
    """Note that a person has read a notice of theirs.

    Raises
    ------
    NotFoundError
        When it does not exist or is somebody else's.
    """
    notice = session.get(NoticeRecord, notice_id)
    if notice is None or notice.person_id != by.id:
        raise NotFoundError
    notice.read_at = notice.read_at or now
    return notice


# --- Mailing --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice that waits to be sent: to whom, and its words in the reader's language."""

    notice_id: int
    email: str
    name: str
    text: str
    path: str
    language: str


def letters_to_send(session: Session, *, now: datetime) -> list[Letter]:
    """Return the notices that nobody has been mailed yet, oldest first, a hundred at most.

    That a calculation is over is mailed a minute later, and not to one who has seen it by then.
    """
    watched = NoticeRecord.read_at.is_not(None) | (NoticeRecord.created_at > now - SEEN_WITHIN)
    notices = session.scalars(
        select(NoticeRecord)
        .where(
            NoticeRecord.mailed_at.is_(None),
            ~((NoticeRecord.kind == NoticeKind.CALCULATED) & watched),
        )
        .options(joinedload(NoticeRecord.person))
        .order_by(NoticeRecord.id)
        .limit(MOST_AT_ONCE)
    )
    return [_letter(notice) for notice in notices]


def _letter(notice: NoticeRecord) -> Letter:
    person, said = notice.person, notice.said
    language: Any = "en" if person.language == "en" else "da"
    text = words_of(notice).say(language)
    return Letter(notice.id, person.email, person.name, text, str(said["path"]), language)


def note_mailed(session: Session, notice_ids: Iterable[int], *, now: datetime) -> None:
    """Note that letters have been sent."""
    for notice in session.scalars(
        select(NoticeRecord).where(NoticeRecord.id.in_(list(notice_ids)))
    ):
        notice.mailed_at = now
