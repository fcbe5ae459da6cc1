"""The comments of a case: a page of their own, and what other pages show of them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from planner import formats
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.comments import CommentForm
from planner.model import CommentRecord
from planner.reports.intervention_words import COMMENT_FIELD_WORDS
from planner.services import comments as service
from planner.services.comments import Thread
from planner.services.intervention_list import InterventionView
from planner.services.interventions import get_intervention
from planner.services.writing import NotAllowedError
from planner.views.intervention_margin import is_insider

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """One comment as it is shown."""

    who: str
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownThread:
    """A thread as it is shown; the addresses are empty where one may not."""

    identity: int
    about: str
    version: int
    said: list[Said]
    is_open: bool
    resolved: str
    answer_href: str
    resolve_href: str


def shown_threads(view: InterventionView, threads: list[Thread]) -> list[ShownThread]:
    """Return the threads for a page."""
    may = allowed(me(), "comment", view.current)
    return [_shown(thread, view.intervention.code, may=may) for thread in threads]


def _shown(thread: Thread, code: str, *, may: bool) -> ShownThread:
    first = thread.first
    resolved = ""
    if first.resolved_at is not None and first.resolved_by is not None:
        resolved = _(
            "Resolved by %(name)s, %(when)s.",
            name=first.resolved_by.name,
            when=formats.moment(to_user_timezone(first.resolved_at), language=reader_language()),
        )
    answer = url_for("interventions.comments", code=code, thread=first.id)
    close = url_for("interventions.resolve_comment", code=code, comment_id=first.id)
    return ShownThread(
        identity=first.id,
        about=str(COMMENT_FIELD_WORDS[first.field]),
        version=first.case.number,
        said=[_said(comment) for comment in (first, *thread.answers)],
        is_open=thread.is_open,
        resolved=resolved,
        answer_href=answer if may else "",
        resolve_href=close if may and thread.is_open else "",
    )


def _said(comment: CommentRecord) -> Said:
    when = formats.moment(to_user_timezone(comment.created_at), language=reader_language())
    return Said(comment.author.name, when, comment.text)


def comment_part(view: InterventionView) -> dict[str, Any]:
    """Return what the page of an intervention shows; nothing to those who do not work with it."""
    if not is_insider(me(), view):
        return {"threads": None, "open_threads": 0}
    threads = shown_threads(view, service.threads_of(db.session, view))
    return {"threads": threads, "open_threads": sum(thread.is_open for thread in threads)}


def comments(code: str) -> Answer:
    """Show every thread; say something new, or answer the thread that the address names."""
    view = get_intervention(db.session, code, actor=me())
    if not is_insider(me(), view):
        raise NotAllowedError
    threads = service.threads_of(db.session, view)
    asked = request.args.get("thread", type=int)
    answered = None if asked is None else service.find_thread(threads, asked)
    may = allowed(me(), "comment", view.current)
    form = CommentForm(data={"field": request.args.get("field", "")})
    form.offer([(name, COMMENT_FIELD_WORDS[name]) for name in service.FIELDS])
    if answered is not None:
        form.field.data = answered.first.field
    if request.method == "POST" and not may:
        raise NotAllowedError
    if form.validate_on_submit():
        service.add_comment(
            db.session,
            view.current,
            text=form.text.data or "",
            field=form.field.data or "",
            answers=answered,
            by=me(),
            now=now(),
        )
        flash(_("The comment stands with the case."), "success")
        return redirect(url_for("interventions.comments", code=code), 303)
    page = render_template(
        "interventions/comments.html",
        view=view,
        form=form if may else None,
        answered=None if answered is None else _shown(answered, code, may=may),
        threads=shown_threads(view, threads),
        key=form.key.data or str(uuid4()),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (view.current.title, url_for("interventions.show", code=code)),
            (_("Comments"), None),
        ],
        back=url_for("interventions.show", code=code),
    )
    return (page, 422) if request.method == "POST" else page


def resolve_comment(code: str, comment_id: int) -> Answer:
    """Close a thread."""
    view = get_intervention(db.session, code, actor=me())
    if not allowed(me(), "comment", view.current):
        raise NotAllowedError
    thread = service.find_thread(service.threads_of(db.session, view), comment_id)
    service.resolve(db.session, thread, by=me(), now=now())
    flash(_("Resolved."), "success")
    return redirect(url_for("interventions.comments", code=code), 303)
