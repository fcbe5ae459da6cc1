"""Every page that is linked to, as everybody: it answers, reads well, and fits a telephone."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.catalog import Catalog
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect

from planner.catalogue import merge_parts, read_parts
from planner.services.demo import PASSWORD

ANONYMOUS = "anonymous"
PEOPLE = [ANONYMOUS, "admin", "okonomi", "social", "beskaeftigelse", "politiker"]
NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 900}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
# interventions, and query strings of one list, are many: finance follows every page and the first
# of its views, the others so many of each kind
VIEWS = 2
MANY = 3
SHOWN = "h1, h2, h3, label, legend, button, th, dt, summary, caption, nav a, a.button"

AXE = Axe()

pytestmark = pytest.mark.slow


# --- Following every link -------------------------------------------------------------------------


class Links(HTMLParser):
    """The addresses within the site that one page links to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = (dict(attrs).get("href") or "").split("#")[0]
        if tag == "a" and href.startswith("/") and "lang=" not in href:
            self.found.append(href)


def client_of(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    if name != ANONYMOUS:
        page = client.get("/login").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        answer = client.post(
            "/login",
            data={
                "email": f"{name}@nordby.example",
                "password": PASSWORD,
                "csrf_token": token[1],
            },
        )
        assert answer.status_code == 303
    return client


def names_of_query(address: str) -> tuple[str, tuple[str, ...]]:
    path, _, query = address.partition("?")
    return path, tuple(sorted(part.partition("=")[0] for part in query.split("&") if part))


def follow_links(app: Flask, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the addresses that can be reached from the front page, with their answers."""
    client = client_of(app, name)
    waiting, known = ["/"], {"/"}
    followed: Counter[Any] = Counter()
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address, follow_redirects=True)
        yield address, answer
        links = Links(answer.text).found if answer.mimetype == "text/html" else []
        answer.close()
        for link in dict.fromkeys(link for link in links if link not in known):
            known.add(link)
            kind, query = kind_of(app, link), names_of_query(link)[1]
            followed[kind, query] += 1
            most = VIEWS if query else MANY
            if followed[kind, query] <= most or (name == "okonomi" and not query):
                waiting.append(link)


def kind_of(app: Flask, address: str) -> tuple[Any, ...]:
    """Return what makes a page different from others: its route, and words in its address."""
    path, query = names_of_query(address)
    endpoint, values = app.url_map.bind("localhost").match(path, method="GET")
    words = tuple(
        value for name, value in sorted(values.items()) if isinstance(value, str) and name != "code"
    )
    return endpoint, words, query.count("s")


@pytest.fixture(scope="module")
def reached(site) -> dict[str, list[str]]:
    """One address of each kind of page that each person is led to."""
    # in a thread: the browser's event loop may run in this one, which Flask refuses
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(follow_all, site.app).result()


def follow_all(app: Flask) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    faults: list[str] = []
    for name in PEOPLE:
        kinds: dict[tuple[Any, ...], str] = {}
        for address, answer in follow_links(app, name):
            faults += [f"{name} {address}: {fault}" for fault in faults_of(answer)]
            if answer.mimetype == "text/html":
                kinds.setdefault(kind_of(app, address), address)
        found[name] = list(kinds.values())
    assert faults == [], "\n".join(faults)
    return found


def faults_of(answer: Any) -> Iterator[str]:
    if answer.status_code != 200:
        yield str(answer.status_code)
    if answer.mimetype != "text/html":
        if not answer.get_data():
            yield "empty"
        return
    html = answer.text
    if len(re.findall(r"<h1[ >]", html)) != 1:
        yield "not one h1"
    if not re.search(r"<title>\s*[^\s·<]", html):
        yield "no title"
    if not re.search(r'<html lang="(da|en)"', html):
        yield "no language"


def test_every_link_leads_to_a_page(reached):
    assert all(len(addresses) >= 1 for addresses in reached.values())
    assert len(reached["okonomi"]) > 20


# --- Reading every kind of page -------------------------------------------------------------------


@pytest.fixture(scope="module")
def english_words() -> set[str]:
    """Texts that no Danish page may show: those whose Danish is another."""
    return set(_english(merge_parts(read_parts())))


def _english(catalogue: Catalog) -> Iterator[str]:
    danish = {form for m in catalogue if m.id for form in _forms(m.string)}
    for message in catalogue:
        for english in _forms(message.id):
            if english and "%" not in english and english not in danish:
                yield english


def _forms(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def addresses(reached, name: str) -> list[tuple[str, int]]:
    """Return what to read as `name`, with the status it must have."""
    own = [(address, 200) for address in reached[name]]
    errors = [("/findes-ikke", 404), ("/interventions/findes-ikke", 404), ("/people", 404)]
    if name == ANONYMOUS:
        return [*own, ("/findes-ikke", 404)]
    if name != "okonomi":
        errors.append(("/exchange/import", 404))
    return own + errors + [("/scenarios/new", 403)] * (name != "okonomi")


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [
        pytest.param("da", WIDE, "light", id="da-wide"),
        pytest.param("en", NARROW, "light", id="en-narrow"),
    ],
)
def test_every_kind_of_page_can_be_read_by_everybody(
    visit, reached, english_words, name, language, size, scheme
):
    read_all(visit, addresses(reached, name), name, language, size, scheme, english_words)


@pytest.mark.parametrize(
    ("language", "size"),
    [pytest.param("da", NARROW, id="da-narrow"), pytest.param("en", WIDE, id="en-wide")],
)
def test_finance_sees_the_most_and_sees_it_in_the_dark_too(
    visit, reached, english_words, language, size
):
    read_all(visit, addresses(reached, "okonomi"), "okonomi", language, size, "dark", english_words)


def read_all(visit, pages, name, language, size, scheme, english_words) -> None:
    visitor = visit(name, viewport=size, color_scheme=scheme)
    visitor.page.goto(f"{'/login' if name == ANONYMOUS else '/'}?lang={language}")
    faults = []
    for address, status in pages:
        visitor.page.set_viewport_size(size)
        answer = visitor.page.goto(address)
        if answer.status != status:
            faults.append(f"{address}: {answer.status}")
            continue
        wait_for_charts(visitor.page)
        where = f"{name} {language} {size['width']} {scheme} {address}"
        faults += [f"{where}: {fault}" for fault in judge(visitor.page, language, english_words)]
    assert faults == [], "\n".join(faults)


def wait_for_charts(page) -> None:
    expect(page.locator("[data-plot]:visible:not(:has(svg))")).to_have_count(0)


def judge(page, language: str, english_words: set[str]) -> Iterator[str]:
    for violation in AXE.run(page, options=RULES).response["violations"]:
        places = [node["html"][:160] for node in violation["nodes"][:3]]
        why = violation["nodes"][0]["failureSummary"].replace("\n", " ")[:300]
        yield f"axe {violation['id']}: {places} {why}"
    if page.get_attribute("html", "lang") != language:
        yield "another language"
    if page.locator("h1").count() != 1:
        yield "not one h1"
    if language == "da":
        words = set(page.locator(SHOWN).all_inner_texts())
        left = {" ".join(word.split()) for word in words} & english_words
        yield from (f"English: {word}" for word in sorted(left))
    page.set_viewport_size(NARROW)
    try:  # it may take a moment to settle after the change of size
        expect(page.locator("html")).to_have_js_property("scrollWidth", NARROW["width"])
    except AssertionError:
        yield f"{page.evaluate('document.documentElement.scrollWidth')} px wide on a telephone"
