"""Comments between finance and a department: threads at a field or at the whole case."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from planner.model import CaseRecord, CommentRecord, PersonRecord
from planner.model.states import CASE, next_state
from planner.services.events import record_event
from planner.services.intervention_list import InterventionView
from planner.services.notices import tell_commented
from planner.services.writing import NotFoundError, clean

# the fields that a comment may stand at, by the step of the form that they belong to
FIELDS_OF_STEP: dict[str, tuple[str, ...]] = {
    "description": ("title", "summary", "target_group", "supplier"),
    "evidence": ("evidence",),
    "options": ("options",),
    "effect": ("effect", "citizens", "success"),
    "consequences": ("consequences",),
    "costs": ("costs",),
    "flows": ("flows", "owners"),
    "measures": ("measures",),
}
FIELDS = ("", *(name for names in FIELDS_OF_STEP.values() for name in names))


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and its answers, oldest first."""

    first: CommentRecord
    answers: tuple[CommentRecord, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be resolved."""
        return self.first.resolved_at is None


def threads_of(session: Session, view: InterventionView) -> list[Thread]:
    """Return the threads about the versions that the reader may see: open ones first."""
    comments = session.scalars(
        select(CommentRecord)
        .where(CommentRecord.case_id.in_([case.id for case in view.cases]))
        .options(joinedload(CommentRecord.author), joinedload(CommentRecord.resolved_by))
        .order_by(CommentRecord.id)
    ).all()
    answers: dict[int, list[CommentRecord]] = defaultdict(list)
    for comment in comments:
        if comment.thread_id is not None:
            answers[comment.thread_id].append(comment)
    threads = [Thread(c, tuple(answers[c.id])) for c in comments if c.thread_id is None]
    return sorted(threads, key=lambda thread: not thread.is_open)


def threads_at(threads: list[Thread], step: str) -> list[Thread]:
    """Return the open threads at the fields of one step of the form; the check shows them all."""
    fields = FIELDS if step == "check" else FIELDS_OF_STEP.get(step, ())
    return [thread for thread in threads if thread.is_open and thread.first.field in fields]


def find_thread(threads: list[Thread], comment_id: int) -> Thread:
    """Return one thread.

    Raises
    ------
    NotFoundError
        When it is not among them.
    """
    for thread in threads:
        if thread.first.id == comment_id:
            return thread
    raise NotFoundError


def add_comment(
    session: Session,
    case: CaseRecord,
    *,
    text: str,
    by: PersonRecord,
    now: datetime,
    field: str = "",
    answers: Thread | None = None,
) -> CommentRecord:
    """Say something about a case, or answer; an answer opens a resolved thread again.

    Raises
    ------
    ValueError
        When there is no text, or no such field.
    """
    next_state(CASE, case.state, "comment")
    if not clean(text) or field not in FIELDS:
        raise ValueError("a comment has a text, and stands at a field that there is")
    if answers is not None:
        field = answers.first.field
        answers.first.resolved_at = answers.first.resolved_by = None
    comment = CommentRecord(
        case=case,
        thread_id=None if answers is None else answers.first.id,
        field=field,
        author=by,
        text=clean(text),
        created_at=now,
    )
    session.add(comment)
    session.flush()
    record_event(
        session,
        by=by,
        now=now,
        action="case.comment",
        object=case,
        after={"comment": comment.id, "field": field},
    )
    tell_commented(session, comment, by=by, now=now)
    return comment


def resolve(session: Session, thread: Thread, *, by: PersonRecord, now: datetime) -> None:
    """Close a thread; one that is closed already is left alone."""
    next_state(CASE, thread.first.case.state, "comment")
    if not thread.is_open:
        return
    thread.first.resolved_at, thread.first.resolved_by = now, by
    record_event(
        session,
        by=by,
        now=now,
        action="case.resolve_comment",
        object=thread.first.case,
        after={"comment": thread.first.id},
    )
