"""What is installed from a wheel works by itself, outside the checkout."""

import email
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

import planner

ROOT = Path(__file__).resolve().parent.parent
PLAN = ROOT / "planner" / "demo" / "forebyggelse.json"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Build the wheel once, with the tools that are installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def members(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """Install the wheel into a folder of its own; the environment has no pip, its parent has."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys._base_executable, "-m", "pip", "--python", sys.executable, "install"]
    options = ["-qq", "--no-deps", "--no-index", "--target", str(folder)]
    subprocess.run([*pip, *options, str(wheel)], check=True, capture_output=True)
    return folder


def away_from_checkout(installed, tmp_path):
    """Say how to start a program far from the checkout, where the installed files come first."""
    return {
        "cwd": tmp_path,
        "env": {**os.environ, "PYTHONPATH": str(installed), "PYTHONUNBUFFERED": "1"},
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "text": True,
    }


def run_outside(installed, tmp_path, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "planner.cli", *arguments],
        **away_from_checkout(installed, tmp_path),
        stderr=subprocess.STDOUT,
        check=False,
    )


def files_below(folder, *patterns):
    paths = (path for pattern in patterns for path in folder.rglob(pattern))
    return {path.relative_to(folder).as_posix() for path in paths if path.is_file()}


def test_both_packages_are_whole(members):
    modules = {
        f"{package}/{name}"
        for package in ("planner", "optimizer")
        for name in files_below(ROOT / package, "*.py")
    }

    assert modules - members == set()
    assert "optimizer/py.typed" in members


def test_templates_lie_in_the_package(members):
    templates = {f"planner/templates/{name}" for name in files_below(ROOT / "templates", "*.*")}

    assert templates
    assert templates - members == set()


def test_static_files_migrations_and_demo_plans_are_carried(members):
    wanted = {
        f"planner/{folder}/{name}"
        for folder in ("static", "migrations", "demo")
        for name in files_below(ROOT / "planner" / folder, "*.*")
        if "__pycache__" not in name
    }

    assert wanted - members == set()
    for folder in ("static", "migrations/versions", "demo"):
        assert any(name.startswith(f"planner/{folder}/") for name in members), folder


def test_compiled_danish_is_carried(members):
    assert "planner/translations/da/LC_MESSAGES/messages.mo" in members


def test_nothing_else_is_carried(members):
    first = {name.split("/")[0] for name in members}

    assert first == {"planner", "optimizer", f"bundlinje-{planner.__version__}.dist-info"}
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in members)


def test_metadata_names_licence_and_command(wheel):
    folder = f"bundlinje-{planner.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
        commands = archive.read(f"{folder}/entry_points.txt").decode()
        licence = archive.read(f"{folder}/licenses/LICENSE").decode()

    assert metadata["License-Expression"] == "EUPL-1.2"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "bundlinje = planner.cli:main" in commands
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in licence


def test_installed_command_checks_a_plan_outside_the_checkout(installed, tmp_path):
    copy = tmp_path / "plan.json"
    copy.write_bytes(PLAN.read_bytes())

    version = run_outside(installed, tmp_path, "--version")
    checked = run_outside(installed, tmp_path, "check", str(copy))

    assert planner.__version__ in version.stdout
    assert checked.returncode == 0, checked.stdout


@pytest.fixture
def served(installed, tmp_path):
    """Serve the installed application on a free port and return its address."""
    command = [sys.executable, "-m", "planner.cli", "run", "--port", "0", "--data", str(tmp_path)]
    server = subprocess.Popen(command, **away_from_checkout(installed, tmp_path))
    try:
        first_line = server.stdout.readline()  # ends at once where the server does
        yield first_line.split()[-1] if first_line else ""
    finally:
        server.terminate()  # a shell that runs this in the background has SIGINT ignored
        server.communicate(timeout=30)


@pytest.mark.slow
def test_installed_application_serves_danish_pages_with_its_demonstration(served):
    """Templates, static files, migrations, demo plans and texts are all found where they lie."""
    with urllib.request.urlopen(f"{served}/login", timeout=30) as answer:
        page = answer.read().decode()
    style = re.search(r'href="(/[^"]+\.css[^"]*)"', page)

    assert 'lang="da"' in page
    assert "Adgangskode" in page
    assert "okonomi@nordby.example" in page
    with urllib.request.urlopen(f"{served}{style[1]}", timeout=30) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_pin_with_hashes_and_name_no_address(name):
    lock = (ROOT / name).read_text(encoding="utf-8")
    pins = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]

    assert pins
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []
    assert re.findall(r"://|find-links|index-url|extra-index|file:", lock) == []


def test_dependencies_are_those_that_are_pinned():
    """What the package asks for is pinned too, so that the tested versions are the served ones."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    asked = set(re.findall(r'^    "([a-z-]+)(?:\[binary\])?>=', text, flags=re.MULTILINE))
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==", lock, flags=re.MULTILINE))

    assert asked
    assert asked - pinned == set()
