"""What the frame of every page shows: who reads, in which language, where one may go."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_babel import get_locale, lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.urls import iri_to_uri

from planner import formats
from planner.access import may_ask
from planner.extensions import current_person, db
from planner.model import PersonRecord
from planner.model.states import Role
from planner.services.strategies import get_strategy
from planner.services.writing import NotFoundError

LANGUAGES = {"da": "Dansk", "en": "English"}

PLACES = (
    (lazy_gettext("Overview"), "/"),
    (lazy_gettext("Interventions"), "/interventions"),
    (lazy_gettext("Scenarios"), "/scenarios"),
    (lazy_gettext("Knowledge"), "/library"),
)
# pages that belong to a place though their address does not begin with it
BELOW = {
    "/interventions": ("/rounds",),
    "/scenarios": ("/compare", "/import"),
    "/library": ("/method", "/indicators"),
}
SETTINGS = "/settings"
METHOD = "/method"
# where a place leads those who may not use its own page
INSTEAD = {"/library": METHOD}

ROLE_WORDS = {
    Role.ADMINISTRATOR: lazy_gettext("Administrator"),
    Role.FINANCE: lazy_gettext("Finance"),
    Role.DEPARTMENT_EDITOR: lazy_gettext("Department"),
    Role.DEPARTMENT_READER: lazy_gettext("Department, reads only"),
    Role.POLITICIAN: lazy_gettext("Councillor"),
    Role.AUDITOR: lazy_gettext("Auditor"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """The person at the right of the bar."""

    name: str
    role_words: str


def register(app: Flask) -> None:
    """Give every template of ``app`` the frame's values and the formats."""
    formats.register(app)
    app.context_processor(_frame)


def choose_language() -> str:
    """Return the reader's language: chosen, else the browser's, else Danish."""
    for asked in (request.args.get("lang"), session.get("language")):
        if asked in LANGUAGES:
            return str(asked)
    if not g.get("is_bare", False):
        person = current_person()
        if person is not None and person.language in LANGUAGES:
            return str(person.language)
    return request.accept_languages.best_match(LANGUAGES) or "da"


def remember_language() -> None:
    """Keep the language that the address asks for."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and session.get("language") != asked:
        session["language"] = asked


def _frame() -> dict[str, Any]:
    language = str(get_locale().language)
    values: dict[str, Any] = {
        "language": language,
        "language_links": _language_links(language),
        "places": [],
        "person": None,
        "municipality": "",
        "illustrative": False,
        "settings_url": "",
        "sign_out_url": "/logout",
    }
    # an error page must come also when the database is away
    person = None if g.get("is_bare", False) else current_person()
    return values if person is None else values | _frame_of(person)


def _frame_of(person: PersonRecord) -> dict[str, Any]:
    try:
        strategy = get_strategy(db.session)
        municipality, illustrative = strategy.municipality, strategy.is_illustrative
    except NotFoundError:
        municipality, illustrative = "", False
    return {
        "places": list(_places(person)),
        "person": Reader(person.name, roles_in_words(person)),
        "municipality": municipality,
        "illustrative": illustrative,
        "method_url": METHOD if may_go(person, METHOD) else "",
        "settings_url": SETTINGS if may_go(person, SETTINGS) else "",
    }


def _places(person: PersonRecord) -> Iterator[tuple[Any, str, str]]:
    for label, path in PLACES:
        shown = path if may_go(person, path) else INSTEAD.get(path, path)
        if may_go(person, shown):
            yield label, shown, _current(shown)


def knowledge_tabs(current: str) -> list[tuple[str, str, bool]]:
    """Return the tabs of the place Knowledge: those of its pages that the reader may see."""
    pages = (
        ("/library", lazy_gettext("The knowledge shelf")),
        ("/indicators", lazy_gettext("Indicators")),
        (METHOD, lazy_gettext("Method")),
    )
    person = current_person()
    return [
        (str(words), path, path == current)
        for path, words in pages
        if person is not None and may_go(person, path)
    ]


def roles_in_words(person: PersonRecord) -> str:
    """Return what the person is, in the reader's language: ``Forvaltning (Sociale forhold)``."""
    words = ", ".join(str(ROLE_WORDS[role]) for role in Role if role in person.role_names)
    departments = sorted({department.name for department in person.departments})
    if not departments:
        return words
    return f"{words}, {', '.join(departments)}"


def may_go(person: PersonRecord, path: str) -> bool:
    """Say whether a page exists at ``path`` that ``person`` may ask for."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return False
    try:
        endpoint, _arguments = adapter.match(path, method="GET")
    except HTTPException:
        return False
    return may_ask(person, endpoint)


def _current(path: str) -> str:
    if request.path == path:
        return "page"
    below = (path, *BELOW.get(path, ()))
    is_below = path != "/" and f"{request.path}/".startswith(tuple(f"{p}/" for p in below))
    return "true" if is_below else ""


def _language_links(language: str) -> list[tuple[str, str, str, bool]]:
    path = request.path if request.method in {"GET", "HEAD"} else "/"
    links = []
    for code, label in LANGUAGES.items():
        arguments = MultiDict(request.args) if path == request.path else MultiDict()
        arguments["lang"] = code
        query = "&".join(
            f"{iri_to_uri(name)}={iri_to_uri(value)}"
            for name, values in arguments.lists()
            for value in values
        )
        links.append((code, label, f"{path}?{query}", code == language))
    return links
