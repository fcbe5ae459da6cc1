"""What every test may use: hypothesis settings, a browser, and a record of rendered templates."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import jinja2
import pytest

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TEMPLATES = ROOT / "templates"

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if IN_CI else "here")

RENDERED: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    """Record the name of every template that any Jinja environment hands out from now on."""
    for name in ("get_template", "select_template"):
        setattr(jinja2.Environment, name, _recording(getattr(jinja2.Environment, name)))


def _recording(load: Callable[..., jinja2.Template]) -> Callable[..., jinja2.Template]:
    def load_and_record(*args: Any, **kwargs: Any) -> jinja2.Template:
        template = load(*args, **kwargs)
        if template.name:
            RENDERED.add(template.name)
        return template

    return load_and_record


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser."""
    for item in items:
        if {"browser", "chromium"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the templates that another process has rendered, where the tests are spread."""
    RENDERED.update(getattr(node, "workeroutput", {}).get("rendered", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the whole suite: every template must have been rendered by some test."""
    worker = getattr(session.config, "workeroutput", None)
    if worker is not None:
        worker["rendered"] = sorted(RENDERED)
    elif _is_whole_suite(session.config) and never_rendered():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name the templates that no test has rendered."""
    if _is_whole_suite(config) and never_rendered():
        terminalreporter.section("templates that no test renders", red=True)
        terminalreporter.line("\n".join(sorted(never_rendered())))


def never_rendered() -> set[str]:
    """Return the templates that no test has loaded so far."""
    return {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*")} - RENDERED


def _is_whole_suite(config: pytest.Config) -> bool:
    everything = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    narrowed = ("keyword", "markexpr", "lf", "last_failed", "deselect", "ignore", "stepwise")
    is_listing = config.getoption("collectonly", default=False)
    return everything and not is_listing and not any(config.getoption(n, None) for n in narrowed)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, but on the build machine it fails."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and IN_CI:
        pytest.fail("no Chromium is installed: run the tests with `python3 dev.py test`")
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str) -> dict[str, Any]:
    """How pytest-playwright starts the browser: the system's own, quiet; as root no sandbox."""
    quiet = ["background-networking", "component-update", "sync", "gpu", "quic", "dev-shm-usage"]
    arguments = ["--no-first-run", *(f"--disable-{name}" for name in quiet)]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {"executable_path": chromium, "args": arguments, "headless": True}


@pytest.fixture(autouse=True)
def _no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of the one who runs the tests out of them."""
    for name in list(os.environ):
        if name.startswith("BUNDLINJE_"):
            monkeypatch.delenv(name)
