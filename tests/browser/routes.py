"""Following every link of the application, without a browser, as one of its people."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from planner.services.demo import PASSWORD
from tests.browser.people import ANONYMOUS

# interventions, and query strings of one list, are many: so many of each kind are followed
VIEWS = 2
MANY = 3


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
    """Return a client that somebody has signed in with."""
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


def follow_links(app: Flask, name: str, *, every: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield the addresses that can be reached from the front page, with their answers.

    ``every`` follows all pages, and only the views of a page by their kind.
    """
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
            kind, query = kind_of(app, link), _names_of_query(link)[1]
            followed[kind, query] += 1
            most = VIEWS if query else MANY
            if followed[kind, query] <= most or (every and not query):
                waiting.append(link)


def kind_of(app: Flask, address: str) -> tuple[Any, ...]:
    """Return what makes a page different from others: its route, and words in its address."""
    path, query = _names_of_query(address)
    endpoint, values = app.url_map.bind("localhost").match(path, method="GET")
    words = tuple(
        value for name, value in sorted(values.items()) if isinstance(value, str) and name != "code"
    )
    return endpoint, words, query.count("s")


def _names_of_query(address: str) -> tuple[str, tuple[str, ...]]:
    path, _, query = address.partition("?")
    return path, tuple(sorted(part.partition("=")[0] for part in query.split("&") if part))
