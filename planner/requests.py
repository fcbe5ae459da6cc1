"""What happens around every request: who may, which session, once only, one commit, headers."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import uuid4

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security.signals import user_authenticated
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from planner.access import RULES, may_ask
from planner.extensions import current_person, db, now
from planner.model.database import writer
from planner.services.events import Refusal, actor_of, log_refusal
from planner.services.writing import content_hash, earlier_answer, store_answer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_SESSION_SECONDS = 12 * 60 * 60
KEY_FIELD = "_key"
# fields that say nothing about what the form asks for
NOT_CONTENT = frozenset({"csrf_token", KEY_FIELD})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'; object-src 'none'"
)


def register(app: Flask) -> None:
    """Put the hooks around every request of ``app``, in this order."""
    app.before_request(_begin)
    app.before_request(_ask_for_access)
    app.before_request(_answer_repeated_form)
    app.after_request(_finish)
    user_authenticated.connect(_note_sign_in, app)


def _begin() -> None:
    g.request_id = uuid4().hex[:12]
    rule = RULES.get(request.endpoint or "")
    g.writes = request.method not in SAFE_METHODS and not (rule is not None and rule.reads)
    database = db.session
    database.bind = writer(db.engine) if g.writes else db.engine
    database.info["request_id"] = g.request_id


def _ask_for_access() -> AnyResponse | None:
    if request.endpoint is None:
        return None  # routing answers with its own 404 or 405
    rule = RULES.get(request.endpoint)
    if rule is None:
        abort(404)
    if rule.anybody:
        return None
    person = current_person()
    if person is None or _is_over():
        session.pop("_user_id", None)
        if request.method in SAFE_METHODS:
            wanted = request.full_path if request.query_string else request.path
            return redirect(url_for("security.login", next=wanted), 303)
        flash(_("You have been signed out. Sign in and try again; nothing was saved."), "warning")
        return redirect(url_for("security.login"), 303)
    if not may_ask(person, request.endpoint):
        abort(403)
    return None


def _is_over() -> bool:
    since = session.get("signed_in_at")
    return since is None or now().timestamp() - since > LONGEST_SESSION_SECONDS


def _note_sign_in(_app: Flask, **_details: object) -> None:
    session["signed_in_at"] = int(now().timestamp())
    session.permanent = True


# --- Once only ------------------------------------------------------------------------------------


def _content() -> Iterable[tuple[str, str]]:
    yield ":method", request.method
    yield ":path", request.path
    for name, values in request.form.lists():
        if name not in NOT_CONTENT:
            yield from ((name, value) for value in values)
    for name, files in request.files.lists():
        for file in files:
            yield name, f"{file.filename}:{sha256(file.stream.read()).hexdigest()}"
            file.stream.seek(0)


def _answer_repeated_form() -> AnyResponse | None:
    g.form_key = None
    if not g.writes or not request.form.get(KEY_FIELD):
        return None
    key, content = request.form[KEY_FIELD][:64], content_hash(_content())
    answer = earlier_answer(db.session, actor=actor_of(current_person()), key=key, content=content)
    if answer is None:
        g.form_key = (key, content)
        return None
    flash(_("Already saved."), "info")
    return redirect(answer.location, 303)


# --- One commit -----------------------------------------------------------------------------------


def stop_writing() -> None:
    """Undo everything of this request; from here on its session only reads."""
    g.writes = False
    db.session.rollback()
    db.session.bind = db.engine


def _finish(response: Response) -> Response:
    if g.get("writes", False):
        if response.status_code < 400:  # noqa: PLR2004 - the first status that refuses
            _commit(response)
        else:
            stop_writing()
    if response.status_code == 302 and request.method not in SAFE_METHODS:  # noqa: PLR2004
        response.status_code = 303
    if g.get("refused") is not None:
        _log_refusal(response.status_code)
    _renew_session(response)
    return _with_headers(response)


def _renew_session(response: Response) -> None:
    """Let a page keep its reader signed in for another hour; scripts, files and numbers do not.

    They arrive late, and with the cookie of the page that asked for them: what has been chosen
    since, such as the language, would be undone.
    """
    if response.mimetype == "text/html" and session.permanent:
        session.modified = True


def _commit(response: AnyResponse) -> None:
    if g.get("form_key") is not None and response.location:
        key, content = g.form_key
        store_answer(
            db.session,
            actor=actor_of(current_person()),
            key=key,
            content=content,
            location=response.location,
            now=now(),
        )
    # an error page that is made after a failing commit must not try again
    g.writes = False
    db.session.commit()


def finish_writing(response: AnyResponse) -> None:
    """Commit now what this request has written, with its answer; what follows only reads."""
    _commit(response)
    db.session.bind = db.engine


def refuse() -> None:
    """Remember that this request was refused, for the log of refused look-ups.

    Strangers and addresses that lead nowhere are not logged: they would fill the disk.
    """
    person = current_person()
    if person is not None and request.endpoint is not None:
        g.refused = actor_of(person)


def _log_refusal(status: int) -> None:
    refusal = Refusal(
        actor=g.refused,
        endpoint=request.endpoint or "",
        path=request.path,
        status=status,
        request_id=g.request_id,
    )
    db.session.rollback()  # lets go of the lock that the log needs
    try:
        log_refusal(db.engine, refusal, now=now())
    except SQLAlchemyError:
        current_app.logger.exception("a refused look-up could not be logged")


# --- Headers --------------------------------------------------------------------------------------


def _with_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    # versioned files say themselves how long they live
    if not response.cache_control.immutable:
        response.headers["Cache-Control"] = "no-store"
    return response
