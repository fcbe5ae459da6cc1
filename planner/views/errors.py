"""One page for everything that goes wrong: what happened, what was kept, what to do."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from planner.extensions import db
from planner.model.states import WrongStateError
from planner.requests import NOT_CONTENT, SAFE_METHODS, refuse, stop_writing
from planner.services.events import events_of, people_of
from planner.services.rounds import RoundOverError
from planner.services.writing import (
    Conflict,
    MissingVersionError,
    NotAllowedError,
    NotFoundError,
    RepeatedKeyError,
)
from planner.views.field_words import in_words
from planner.views.rounds import locked_words

RETRY_SECONDS = 10
SECRET_FIELDS = frozenset({"password", "new_password", "repeated"})


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says: the title, and what to do now."""

    title: Any
    advice: Any


WORDS: dict[int, Words] = {
    400: Words(
        lazy_gettext("The request could not be read"),
        lazy_gettext("Go back, load the page again and send it once more."),
    ),
    403: Words(
        lazy_gettext("This is not for your role"),
        lazy_gettext("Ask an administrator if you need to do this."),
    ),
    404: Words(
        lazy_gettext("The page is not here"),
        lazy_gettext("It may have been moved, or it is not for you. Begin from the overview."),
    ),
    405: Words(
        lazy_gettext("The page cannot be used that way"),
        lazy_gettext("Begin from the overview."),
    ),
    409: Words(
        lazy_gettext("Somebody else was there first"),
        lazy_gettext("See the present version, and write what you still want changed."),
    ),
    413: Words(
        lazy_gettext("That is too much at once"),
        lazy_gettext("Send a smaller file, at most 12 MB, or fewer fields."),
    ),
    422: Words(
        lazy_gettext("The form was changed after it was sent"),
        lazy_gettext("Load the page again and fill it in anew."),
    ),
    428: Words(
        lazy_gettext("The form does not say which version it was made from"),
        lazy_gettext("Load the page again and send it once more."),
    ),
    429: Words(
        lazy_gettext("Too many tries"),
        lazy_gettext("Wait a minute and try again."),
    ),
    500: Words(
        lazy_gettext("Something went wrong here"),
        lazy_gettext(
            "Try again. If it happens again, give the number below to your administrator."
        ),
    ),
    503: Words(
        lazy_gettext("The database does not answer"),
        lazy_gettext("Wait a moment and try again."),
    ),
    507: Words(
        lazy_gettext("There is no room left"),
        lazy_gettext("You can still read. Tell your administrator that the disk is full."),
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change that somebody else made in the meantime."""

    who: str
    when: datetime
    what: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that the error page shows."""

    code: int
    title: str
    advice: str
    kept: str
    request_id: str
    typed: list[tuple[str, str]] = field(default_factory=list)
    theirs: list[Difference] = field(default_factory=list)
    back: str = ""


def register(app: Flask) -> None:
    """Answer every kind of error with the one page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(NotFoundError, _not_found)
    app.register_error_handler(NotAllowedError, _not_allowed)
    app.register_error_handler(Conflict, _conflict)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(WrongStateError, _stale)
    app.register_error_handler(RoundOverError, _round_over)
    app.register_error_handler(MissingVersionError, _missing_version)
    app.register_error_handler(RepeatedKeyError, _repeated_key)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(Exception, _unknown)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect
        return error
    answer = _answer(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _csrf(_error: CSRFError) -> Response:
    return _answer(400, typed=_typed())


def _not_found(_error: NotFoundError) -> Response:
    return _answer(404)


def _not_allowed(_error: NotAllowedError) -> Response:
    return _answer(403)


def _stale(_error: Exception) -> Response:
    return _answer(409, typed=_typed())


def _round_over(error: RoundOverError) -> Response:
    words = Words(_("The form is locked"), locked_words(error.round))
    return _answer(409, typed=_typed(), words=words)


def _missing_version(_error: MissingVersionError) -> Response:
    return _answer(428, typed=_typed())


def _repeated_key(_error: RepeatedKeyError) -> Response:
    return _answer(422, typed=_typed())


def _conflict(error: Conflict) -> Response:
    stop_writing()
    return _answer(409, typed=_typed(), theirs=_theirs(error))


def _database(error: SQLAlchemyError) -> Response:
    text = str(getattr(error, "orig", ""))
    if "full" in text and isinstance(error, DBAPIError):
        current_app.logger.error("the disk is full")
        return _answer(507, typed=_typed())
    # a page that tries to write while it only reads is a mistake of ours, and no wait helps
    if isinstance(error, OperationalError) and "readonly" not in text:
        current_app.logger.error("the database does not answer", exc_info=error)
        answer = _answer(503, typed=_typed())
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer
    return _unknown(error)


def _unknown(error: Exception) -> Response:
    current_app.logger.error("request %s failed", g.get("request_id"), exc_info=error)
    return _answer(500, typed=_typed())


def _answer(
    code: int,
    *,
    typed: list[tuple[str, str]] | None = None,
    theirs: list[Difference] | None = None,
    words: Words | None = None,
) -> Response:
    words = words or WORDS.get(code, WORDS[400 if code < 500 else 500])  # noqa: PLR2004 - whose fault
    _let_go(code)
    # the page for "not yours" and for "not there" must be the same, byte for byte
    request_id = "" if code == 404 else g.get("request_id", "")  # noqa: PLR2004
    problem = Problem(
        code=code,
        title=str(words.title),
        advice=str(words.advice),
        kept="" if request.method in SAFE_METHODS else _("Nothing was saved."),
        request_id=request_id,
        typed=typed or [],
        theirs=theirs or [],
        back=request.path if typed else "",
    )
    if _wants_json():
        answer = jsonify(ok=False, error=problem.title, code=code, request_id=request_id)
    else:
        answer = Response(render_template("errors/error.html", problem=problem))
    answer.status_code = code
    if code == 429:  # noqa: PLR2004 - the tries of one minute
        answer.headers["Retry-After"] = "60"
    return answer


def _let_go(code: int) -> None:
    if code in {403, 404}:
        refuse()
    if code >= 500:  # noqa: PLR2004 - ours: the frame must not ask the database
        g.is_bare = True
    try:
        stop_writing()
    except SQLAlchemyError:
        g.is_bare = True
        g.writes = False


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _typed() -> list[tuple[str, str]]:
    """Return what stood in the form, so that no text is lost; never a password."""
    return [
        (in_words(name), value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_CONTENT and name not in SECRET_FIELDS and name != "version" and value
    ]


def _theirs(error: Conflict) -> list[Difference]:
    lines = [
        line
        for line in events_of(db.session, error.kind, error.identity)
        if line.version is not None and line.version > error.seen
    ]
    names = people_of(db.session, lines)
    return [
        Difference(
            who=names.get(line.actor, _("the system")),
            when=datetime.fromisoformat(line.at),
            what=[
                (in_words(key), _short((line.before or {}).get(key)), _short(value))
                for key, value in (line.after or {}).items()
            ],
        )
        for line in lines
    ]


def _short(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list | dict):
        return str(_("%(count)s parts", count=len(value)))
    return str(value)[:300]
