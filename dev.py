#!/usr/bin/env python3
"""Bundlinje from a bare checkout: needs python3.11 or later, pip and git, nothing else.

Commands:

    python3 dev.py setup [--dev]     make .venv (or .venv-dev, for tests) ready for use
    python3 dev.py run [--port N] [--host H] [--data DIR]
                                     serve the application; a demonstration where nothing is yet
    python3 dev.py test [--fast] [pytest arguments]
                                     every check and all tests; --fast: tests without a browser only
    python3 dev.py check             the checks without the tests
    python3 dev.py format            put code and templates in the form that the checks ask for
    python3 dev.py screenshot        make docs/screenshot.png from the demonstration
    python3 dev.py lock              remake both requirements files (needs uv)
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
POSTGRESQL = "/usr/lib/postgresql"  # a folder for each version
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TRANSLATIONS = ROOT / "planner" / "translations" / "da"
OLDEST_PYTHON = (3, 11)
COMMANDS = ("setup", "run", "test", "check", "format", "screenshot", "lock")


@dataclass(frozen=True)
class Environment:
    """A virtual environment of this checkout, and the requirements that it holds."""

    folder: Path
    requirements: Path

    def program(self, name: str) -> str:
        """Return the path of a program in the environment."""
        return str(self.folder / SCRIPTS / name)


RUN = Environment(ROOT / ".venv", ROOT / "requirements.txt")
DEV = Environment(ROOT / ".venv-dev", ROOT / "requirements-dev.txt")


# --- Setting up -----------------------------------------------------------------------------------


def set_up(environment: Environment) -> None:
    """Make ``environment`` ready: nothing is installed unless the pinned requirements changed."""
    wanted = {"requirements": _requirements_stamp(environment), "project": _project_stamp()}
    stamp = environment.folder / "bundlinje-stamp.json"
    found = _read_stamp(stamp)
    if found.get("requirements") != wanted["requirements"]:
        _say(f"Making {environment.folder.name} (once, one to two minutes) ...")
        _install_requirements(environment)
        found = {}
    if found.get("project") != wanted["project"]:
        _install_project(environment)
        stamp.write_text(json.dumps(wanted), encoding="utf-8")
    if _catalogue_is_stale():
        _call([environment.program("python"), "-m", "planner.catalogue"])


def _requirements_stamp(environment: Environment) -> str:
    lock = environment.requirements.read_bytes()
    return hashlib.sha256(lock + sys.version.encode() + str(ROOT).encode()).hexdigest()


def _project_stamp() -> str:
    import tomllib  # noqa: PLC0415 - absent before 3.11, where main() has a sentence to say first

    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tables = [pyproject["project"], pyproject["build-system"], pyproject["tool"]["hatch"]]
    files = [ROOT / "hatch_build.py", ROOT / "planner" / "__init__.py"]
    parts = [json.dumps(tables), *(path.read_text(encoding="utf-8") for path in files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read_stamp(stamp: Path) -> dict[str, str]:
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _install_requirements(environment: Environment) -> None:
    """Make the environment afresh and install the pinned requirements, each with its hash.

    flask-principal is published as source only. It is built with the pinned setuptools, which
    therefore comes first; letting pip fetch a build environment would escape the hashes.
    The lock names every package, so pip resolves nothing (--no-deps): for a dependency with an
    extra, such as coverage[toml], it would otherwise look past the pin at the newest release and
    stop, on the day that one appears, because it has no hash. `pip check` proves the lock whole.
    """
    _call([sys.executable, "-m", "venv", "--clear", "--without-pip", str(environment.folder)])
    lock = environment.requirements.read_text(encoding="utf-8")
    builder = environment.folder / "requirements-build.txt"
    pins = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)
    builder.write_text("".join(pin for pin in pins if pin.startswith("setuptools==")), "utf-8")
    pinned = ("--require-hashes", "--no-deps", "--only-binary", ":all:")
    _pip(environment, "install", *pinned, "-r", str(builder))
    _pip(
        environment,
        *("install", *pinned, "--no-binary", "flask-principal", "--no-build-isolation"),
        *("-r", str(environment.requirements)),
    )


def _install_project(environment: Environment) -> None:
    offline = ("--no-build-isolation", "--no-deps", "--no-index")
    _pip(environment, "install", *offline, "--editable", str(ROOT))
    _pip(environment, "check")


def _pip(environment: Environment, command: str, *arguments: str) -> None:
    pip = [sys.executable, "-m", "pip", "--python", environment.program("python")]
    options = ["-qq", "--disable-pip-version-check", "--no-input"]
    _call([*pip, command, *options, *arguments])


def _catalogue_is_stale() -> bool:
    parts = [path.stat().st_mtime for path in TRANSLATIONS.glob("*.po")]
    compiled = TRANSLATIONS / "LC_MESSAGES" / "messages.mo"
    return bool(parts) and (not compiled.exists() or max(parts) > compiled.stat().st_mtime)


# --- Checks and tests -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One check: its name and the command that makes it."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    step: Step
    passed: bool
    seconds: float
    output: str


def static_steps() -> list[Step]:
    """Return the checks that need no test run, in the order in which they are told."""
    python, ruff = DEV.program("python"), DEV.program("ruff")
    short = ["--output-format", "concise"]
    return [
        Step("format", [ruff, "format", "--check", *short, "."]),
        Step("lint", [ruff, "check", *short, "."]),
        Step("types", [DEV.program("mypy")]),
        Step("imports", [DEV.program("lint-imports"), "--no-logo"]),
        Step("template format", [DEV.program("djlint"), "templates", "--check"]),
        Step("template lint", [DEV.program("djlint"), "templates", "--lint", "--quiet"]),
        Step("Danish texts", [python, "-m", "planner.catalogue", "--check"]),
    ]


def check() -> bool:
    """Run every check, two at a time, and return whether all passed."""
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        outcomes = []
        for outcome in pool.map(_run_step, static_steps()):
            outcomes.append(outcome)
            _say(f"{outcome.step.name:16} {_word(outcome):6} {outcome.seconds:6.1f} s")
    for outcome in outcomes:
        if not outcome.passed:
            _say(f"\n--- {outcome.step.name} failed: {_shown(outcome.step.command)}")
            _say(outcome.output.rstrip())
    return all(outcome.passed for outcome in outcomes)


def _run_step(step: Step) -> Outcome:
    started = time.monotonic()
    ended = subprocess.run(
        step.command,
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
    )
    seconds = time.monotonic() - started
    return Outcome(step, ended.returncode == 0, seconds, ended.stdout)


def _word(outcome: Outcome) -> str:
    return "ok" if outcome.passed else "FAILED"


def _shown(command: Sequence[str]) -> str:
    return " ".join([os.path.relpath(command[0], ROOT), *command[1:]])


def find_browser() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def install_what_tests_need() -> None:
    """Install Debian's Chromium and servers where they are missing; say so where that fails."""
    missing = [package for package, is_there in _needed() if not is_there]
    if not missing:
        return
    if not shutil.which("apt-get"):
        _say(f"Not installed, so some tests cannot run: {', '.join(missing)}.")
        return
    _say(f"Installing {', '.join(missing)} for the tests (once) ...")
    rights = [] if os.geteuid() == 0 else ["sudo"]
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*rights, *quiet, "install", "-y", "--no-install-recommends"]
    for command in ([*rights, *quiet, "update"], [*install, *missing]):
        ended = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if ended.returncode:
            _say(f"{' '.join(command)} failed:\n{ended.stderr.strip()}")


def _needed() -> list[tuple[str, bool]]:
    """Return Debian's packages that tests use, and whether what they bring is there."""
    browser = find_browser() is not None
    return [
        ("chromium", browser),
        ("libatomic1", browser),
        ("postgresql", bool(shutil.which("initdb") or any(Path(POSTGRESQL).glob("*/bin/initdb")))),
        ("redis-server", shutil.which("redis-server") is not None),
    ]


def test(arguments: Sequence[str], *, fast: bool) -> int:
    """Check everything, then run the tests; pytest's closing line is the last one printed."""
    set_up(DEV)
    passed = True
    if not fast:
        install_what_tests_need()
        passed = check()
        _say("" if passed else "\nThe checks named above failed; the tests run all the same.\n")
    chosen = ["-m", "not browser", *arguments] if fast else list(arguments)
    # one process a core; a file stays in one of them, with the site that its tests share. In the
    # order of the folders: the browser's few long files come first, so that none is left for last
    spread = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [DEV.program("python"), "-m", "pytest", *spread, *chosen]
    ended = subprocess.run(command, cwd=ROOT, check=False)
    return ended.returncode or int(not passed)


def put_in_form() -> int:
    """Format code and templates in place."""
    set_up(DEV)
    ruff = DEV.program("ruff")
    commands = [
        [ruff, "check", "--fix", "--quiet", "."],
        [ruff, "format", "--quiet", "."],
        [DEV.program("djlint"), "templates", "--reformat", "--quiet"],
    ]
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=False)
    return 0


# --- Running and locking --------------------------------------------------------------------------


def run(arguments: Sequence[str]) -> int:
    """Become ``bundlinje run``."""
    set_up(RUN)
    command = [RUN.program("bundlinje"), "run", *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606 - this process becomes the server
    return subprocess.run(command, check=False).returncode


def screenshot() -> int:
    """Make the picture of README."""
    set_up(DEV)
    command = [DEV.program("python"), str(ROOT / "docs" / "screenshot.py")]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def lock() -> int:
    """Remake both requirements files from their .in files, with hashes and without addresses."""
    uv = shutil.which("uv")
    if uv is None:
        _say("uv is needed: install it in an environment of its own and put it on the PATH.")
        return 1
    options = "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header"
    for environment in (RUN, DEV):
        target = environment.requirements
        source = target.with_suffix(".in")
        command = [uv, "pip", "compile", "--quiet", *options.split(), "--no-annotate"]
        _call([*command, "--output-file", target.name, source.name])
    return 0


def _call(command: Sequence[str]) -> None:
    ended = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL)
    if ended.returncode:
        sys.exit(f"This failed: {_shown(command)}")


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    """Do what the command line asks for."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("Python 3.11 or later is needed.")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS)
    chosen = parser.parse_args(sys.argv[1:2])
    rest = sys.argv[2:]
    if chosen.command == "run":
        return run(rest)
    if chosen.command == "test":
        fast = "--fast" in rest
        return test([argument for argument in rest if argument != "--fast"], fast=fast)
    if chosen.command == "setup":
        set_up(DEV if "--dev" in rest else RUN)
        return 0
    if chosen.command == "check":
        set_up(DEV)
        return 0 if check() else 1
    if chosen.command == "screenshot":
        return screenshot()
    return put_in_form() if chosen.command == "format" else lock()


if __name__ == "__main__":
    sys.exit(main())
