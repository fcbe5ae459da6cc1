"""Every error page, brought about in a browser and read in both languages."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, Response
from sqlalchemy.exc import OperationalError

from planner.config import MEBIBYTE, database_path
from planner.extensions import FailedTries
from planner.views.errors import WORDS
from tests.browser.people import SIGNED_IN
from tests.browser.reading import LANGUAGES, Judge

pytestmark = pytest.mark.slow

TITLE = "/scenarios/1/title"
# as long as what somebody may paste, and nowhere to break it
UNBROKEN = "Investeringsstrategi" * 12


@dataclass(slots=True)
class Scene:
    """What it takes to bring an error about: a page, another one, and the application itself."""

    site: Any
    visit: Callable[..., Any]
    patch: pytest.MonkeyPatch
    language: str

    def page(self, name: str, **options: Any) -> Page:
        """Return a page of somebody's that speaks the language."""
        page = self.visit(name, **options).page
        page.goto(f"/?lang={self.language}")
        return page

    @contextmanager
    def broken(self, endpoint: str, error: Exception) -> Iterator[None]:
        """Let one page of the running application fail."""

        def fail(**_arguments: Any) -> str:
            raise error

        with self.patch.context() as patch:
            patch.setitem(self.site.app.view_functions, endpoint, fail)
            yield


def sent(page: Page, selector: str = "main form") -> Response:
    """Send a form as it stands and return what is answered."""
    with page.expect_navigation() as navigation:
        page.locator(selector).first.evaluate("form => { form.noValidate = true; form.submit() }")
    answer = navigation.value
    assert answer is not None
    return answer


def asked(page: Page, address: str) -> Response:
    answer = page.goto(address)
    assert answer is not None
    return answer


# --- How each of them comes about -----------------------------------------------------------------


def forged(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("okonomi")
    page.goto(TITLE)
    page.locator("#title").fill(UNBROKEN)
    page.locator("main [name=csrf_token]").first.evaluate("field => { field.value = 'x' }")
    return page, sent(page)


def for_another_role(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("politiker")
    return page, asked(page, "/scenarios/new")


def not_there(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("social")
    return page, asked(page, f"/interventions/{UNBROKEN}")


def not_there_for_a_stranger(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("anonymous")
    return page, asked(page, "/findes-ikke")


def not_that_way(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("admin")
    return page, asked(page, "/logout")


def overtaken(scene: Scene) -> tuple[Page, Response]:
    """Two have the same form; the second to save it is told what the first has written."""
    page, other = scene.page("okonomi"), scene.page("okonomi")
    for one, text in ((page, f"Min {UNBROKEN}"), (other, f"Din {UNBROKEN} {scene.language}")):
        one.goto(TITLE)
        one.locator("#description").fill(text)
    assert sent(other).status == 200
    return page, sent(page)


def too_much(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("okonomi")
    page.goto("/import")
    large = {"name": "plan.json", "mimeType": "application/json", "buffer": b" " * 13 * MEBIBYTE}
    page.locator("input[type=file]").set_input_files(large)
    return page, sent(page)


def changed_and_sent_again(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("okonomi")
    page.goto("/scenarios/new")
    key = page.locator("main [name=_key]").first.input_value()
    for title in ("Det ene", UNBROKEN):
        page.goto("/scenarios/new")
        page.locator("main [name=_key]").first.evaluate(
            "(field, key) => { field.value = key }", key
        )
        page.locator("#title").fill(title)
        answer = sent(page)
    return page, answer


def without_a_version(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("okonomi")
    page.goto(TITLE)
    page.locator("main [name=version]").first.evaluate("field => field.remove()")
    return page, sent(page)


def guessing(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("anonymous")
    for _attempt in range(FailedTries().most + 1):
        page.goto("/login")
        page.locator("#email").fill("nobody@nordby.example")
        page.locator("#password").fill("guess")
        answer = sent(page)
    scene.site.app.extensions["bundlinje-failed-tries"] = FailedTries()
    return page, answer


def our_mistake(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("okonomi")
    page.goto(TITLE)
    page.locator("#title").fill(UNBROKEN)
    with scene.broken("scenarios.rename", RuntimeError("broken by a test")):
        return page, sent(page)


def locked(scene: Scene) -> tuple[Page, Response]:
    """Another program holds the database's write lock for longer than anybody waits."""
    page = scene.page("okonomi")
    page.goto(TITLE)
    page.locator("#title").fill(UNBROKEN)
    if scene.language != "da":  # once is enough to wait for ten seconds
        busy = sqlite3.OperationalError("database is locked")
        with scene.broken("scenarios.rename", OperationalError("BEGIN IMMEDIATE", {}, busy)):
            return page, sent(page)
    folder = scene.site.app.config["DATA_FOLDER"]
    other = sqlite3.connect(database_path(folder), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        return page, sent(page)
    finally:
        other.execute("ROLLBACK")
        other.close()


def full(scene: Scene) -> tuple[Page, Response]:
    page = scene.page("okonomi")
    page.goto(TITLE)
    page.locator("#title").fill(UNBROKEN)
    no_room = sqlite3.OperationalError("database or disk is full")
    with scene.broken("scenarios.rename", OperationalError("UPDATE", {}, no_room)):
        return page, sent(page)


WAYS: dict[str, tuple[int, Callable[[Scene], tuple[Page, Response]]]] = {
    "forged": (400, forged),
    "for another role": (403, for_another_role),
    "not there": (404, not_there),
    "not there, for a stranger": (404, not_there_for_a_stranger),
    "not that way": (405, not_that_way),
    "overtaken": (409, overtaken),
    "too much": (413, too_much),
    "changed and sent again": (422, changed_and_sent_again),
    "without a version": (428, without_a_version),
    "guessing": (429, guessing),
    "our mistake": (500, our_mistake),
    "locked": (503, locked),
    "full": (507, full),
}


def test_every_error_page_has_a_way_to_it():
    assert {status for status, _way in WAYS.values()} == set(WORDS)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", WAYS)
def test_every_error_page_can_be_read(site, visit, monkeypatch, judge, way, language):
    status, bring_about = WAYS[way]
    page, answer = bring_about(Scene(site, visit, monkeypatch, language))

    assert answer.status == status
    assert list(judge.faults(page, language)) == []


# --- As everybody ---------------------------------------------------------------------------------

# what each of them is refused, whoever they are and wherever they look
REFUSED = {
    "admin": {"/scenarios/new": 403, "/interventions/new": 403},
    "okonomi": {"/settings/people": 403, "/interventions/new": 403},
    "social": {"/scenarios/new": 403, "/scenarios/1": 404},
    "beskaeftigelse": {"/settings/log": 403, "/scenarios/1/allocation": 404},
    "laeser": {"/interventions/new": 403, "/scenarios/1": 404},
    "politiker": {"/import": 403, "/scenarios/1": 404},
    "revisor": {"/scenarios/new": 403, "/settings/people": 403},
}
EVERYWHERE = {"/findes-ikke": 404, "/interventions/findes-ikke": 404, "/logout": 405}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_reads_well_for_everybody(visit, judge, name, language):
    visitor = visit(name)
    visitor.go(f"/?lang={language}")
    faults = []
    for address, status in (REFUSED[name] | EVERYWHERE).items():
        visitor.go(address, status=status)
        faults += [f"{address} {fault}" for fault in judge.faults(visitor.page, language)]
    assert faults == [], "\n".join(faults)


def test_every_role_is_refused_something():
    assert sorted(REFUSED) == sorted(SIGNED_IN)
