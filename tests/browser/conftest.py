"""The whole application as a reader meets it: served, with its worker, in a real browser."""

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from waitress import create_server, wasyncore

from planner.app import create_app
from planner.cli import THREADS
from planner.clock import utc_now
from planner.config import Config, database_path
from planner.migrations import upgrade
from planner.model.database import engine_for, writing
from planner.services.demo import PASSWORD, load_demo
from tests.browser.people import ANONYMOUS, add_others
from tests.browser.threads import aside

CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
PATIENCE_MS = 20_000
WIDE = {"width": 1280, "height": 900}

expect.set_options(timeout=PATIENCE_MS)  # a loaded machine draws slowly

# what the browser finds against the Content-Security-Policy, told through the console
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


@dataclass(slots=True)
class Clock:
    """The application's clock; a test moves it ahead instead of waiting."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass(slots=True)
class Site:
    """The application, where it is served, its clock, and who has signed in to it."""

    app: Flask
    url: str
    clock: Clock
    signed_in: dict[str, Any] = field(default_factory=dict)

    def move_clock(self, ahead: timedelta) -> None:
        """Let it be so much later than it is; everybody has to sign in again."""
        self.clock.ahead = ahead
        self.signed_in.clear()


@dataclass(slots=True)
class Visitor:
    """A page of one person, and all that its browser complained about."""

    page: Page
    complaints: list[str]

    def go(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, (path, answer.status)


@pytest.fixture(scope="module")
def browser(browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser that is gone when the module is done, so that its event loop disturbs nobody."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**browser_type_launch_args)
        yield started
        started.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served to this machine, with a worker of its own."""
    folder = tmp_path_factory.mktemp("site")
    clock = Clock()
    app = aside(_demonstration, folder, clock)
    worker = _start_worker(folder)
    with _served(app) as port:
        yield Site(app, f"http://127.0.0.1:{port}", clock)
    worker.terminate()
    worker.wait(timeout=10)
    aside(_close_connections, app)


@contextmanager
def _served(app: Flask) -> Iterator[int]:
    """Serve with the server that `bundlinje run` uses, for as long as it is needed."""
    open_sockets: dict[int, Any] = {}
    server = create_server(app, host="127.0.0.1", port=0, map=open_sockets, threads=THREADS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    # closed by its own thread: nobody else may touch what it is waiting for
    server.trigger.pull_trigger(lambda: wasyncore.close_all(open_sockets))
    thread.join(timeout=10)
    server.task_dispatcher.shutdown()


def _demonstration(folder: Path, clock: Clock) -> Flask:
    url = f"sqlite:///{database_path(folder)}"
    engine = engine_for(url)
    upgrade(engine)
    app = create_app(
        Config(
            database_url=url,
            secret_key=secrets.token_hex(32),
            data_folder=folder,
            password_cost=CHEAP,
            clock=clock,
        )
    )
    with app.app_context(), writing(engine) as session:
        load_demo(session, utc_now())
        add_others(session)
        session.commit()
    engine.dispose()
    return app


def _close_connections(app: Flask) -> None:
    from planner.extensions import db

    with app.app_context():
        db.engine.dispose()


def _start_worker(folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "planner.worker", "--data", str(folder)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("BUNDLINJE_")}
    return subprocess.Popen([*command, "--parent", str(os.getpid())], env=own)


# --- People in front of it ------------------------------------------------------------------------


@pytest.fixture
def visit(
    site: Site, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Make a page for somebody: `visit("okonomi")`; at the end no browser may have complained."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def one(name: str = ANONYMOUS, **options: Any) -> Visitor:
        state = _signed_in(site, browser, name) if name != ANONYMOUS else None
        context = _context(browser, site, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        _listen(page, name, complaints)
        return Visitor(page, complaints)

    yield one
    for context in contexts:
        context.close()
    assert complaints == [], "\n".join(complaints)


def _context(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    values = {"base_url": site.url, "locale": "da-DK", "viewport": WIDE, "reduced_motion": "reduce"}
    context = browser.new_context(**(values | options))
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(TELL_VIOLATIONS)
    return context


def _listen(page: Page, name: str, complaints: list[str]) -> None:
    def complain(text: str) -> None:
        complaints.append(f"{name} {page.url}: {text}")

    page.on("pageerror", lambda error: complain(str(error)))
    page.on("crash", lambda _page: complain("crashed"))

    def on_console(message: Any) -> None:
        # an error page that was asked for is not an error of the page
        is_the_page = message.location["url"].split("#")[0] == page.url.split("#")[0]
        is_answer = is_the_page and re.search(r"status of [45]\d\d", message.text)
        if message.type in {"error", "warning"} and not is_answer:
            complain(f"{message.text} {message.location['url']}")

    page.on("console", on_console)


def _signed_in(site: Site, browser: Browser, name: str) -> Any:
    if name not in site.signed_in:
        context = _context(browser, site)
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("E-mail").fill(f"{name}@nordby.example")
        page.get_by_label("Adgangskode").fill(PASSWORD)
        page.get_by_role("button", name="Log ind").click()
        expect(page).to_have_url(f"{site.url}/")
        site.signed_in[name] = context.storage_state()
        context.close()
    return site.signed_in[name]
