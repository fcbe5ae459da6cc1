"""dev.py: installs when something changed, and only then; tells every check's outcome."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def dev():
    spec = importlib.util.spec_from_file_location("bundlinje_dev", ROOT / "dev.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bundlinje_dev"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bundlinje_dev"]


@pytest.fixture
def house(dev, monkeypatch, tmp_path):
    """Return an environment in a folder of its own; commands are written down, not run."""
    commands = []

    def write_down(command):
        commands.append(" ".join(command))
        if "venv" in command:
            Path(command[-1]).mkdir(exist_ok=True)

    monkeypatch.setattr(dev, "_call", write_down)
    monkeypatch.setattr(dev, "_catalogue_is_stale", lambda: False)
    lock = tmp_path / "requirements.txt"
    lock.write_text("flask==3 \\\n    --hash=sha256:a\nsetuptools==84 \\\n    --hash=sha256:b\n")
    environment = dev.Environment(tmp_path / ".venv", lock)
    return dev, environment, commands


def test_first_setup_installs_with_hashes_and_builds_with_the_pinned_tool(house):
    dev, environment, commands = house

    dev.set_up(environment)

    making, builder, everything, project, proof = commands
    assert making.endswith(f"-m venv --clear --without-pip {environment.folder}")
    assert "--require-hashes --no-deps --only-binary :all: -r" in builder
    assert "--no-build-isolation" in everything
    assert "--require-hashes --no-deps" in everything
    assert project.endswith(f"--no-deps --no-index --editable {ROOT}")
    assert " check " in proof
    pinned = (environment.folder / "requirements-build.txt").read_text()
    assert pinned == "setuptools==84 \\\n    --hash=sha256:b\n"


def test_second_setup_runs_nothing(house):
    dev, environment, commands = house
    dev.set_up(environment)
    commands.clear()

    dev.set_up(environment)

    assert commands == []


def test_changed_requirements_remake_the_environment(house):
    dev, environment, commands = house
    dev.set_up(environment)
    commands.clear()
    environment.requirements.write_text("flask==4 \\\n    --hash=sha256:c\n")

    dev.set_up(environment)

    assert len(commands) == 5


def test_changed_metadata_installs_only_the_project(house, monkeypatch):
    dev, environment, commands = house
    dev.set_up(environment)
    commands.clear()
    monkeypatch.setattr(dev, "_project_stamp", lambda: "changed")

    dev.set_up(environment)

    command, proof = commands
    assert "--editable" in command
    assert " check " in proof


def test_an_interrupted_setup_begins_again(house, monkeypatch):
    dev, environment, commands = house

    def fail(environment):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(dev, "_install_project", fail)
        with pytest.raises(SystemExit):
            dev.set_up(environment)
    commands.clear()

    dev.set_up(environment)

    assert len(commands) == 5


def test_a_newer_part_makes_the_catalogue_stale(dev, monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "TRANSLATIONS", tmp_path)
    part, compiled = tmp_path / "a.po", tmp_path / "LC_MESSAGES" / "messages.mo"
    compiled.parent.mkdir()

    def age(path, seconds):
        path.touch()
        os.utime(path, (seconds, seconds))

    age(part, 100)
    assert dev._catalogue_is_stale()
    age(compiled, 200)
    assert not dev._catalogue_is_stale()
    age(part, 300)
    assert dev._catalogue_is_stale()


@pytest.mark.parametrize("codes", [(0, 0), (1, 0), (0, 1)])
def test_all_checks_are_run_and_told_even_if_one_fails(dev, monkeypatch, capsys, codes):
    steps = [
        dev.Step(
            f"step {n}", [sys.executable, "-c", f"print('said {n}'); raise SystemExit({code})"]
        )
        for n, code in enumerate(codes)
    ]
    monkeypatch.setattr(dev, "static_steps", lambda: steps)

    passed = dev.check()

    told = capsys.readouterr().out
    assert passed == (sum(codes) == 0)
    for n, code in enumerate(codes):
        assert f"step {n}" in told
        assert (f"\nsaid {n}" in told) == bool(code)


def test_build_machine_runs_everything():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert "set -eu" in script
    assert script.rstrip().endswith("exec python3 dev.py test")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_only_what_is_missing_is_installed(dev, monkeypatch):
    commands = []
    monkeypatch.setattr(dev.shutil, "which", lambda name: None if name == "redis-server" else name)
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0)

    def run(command, **_options):
        commands.append(command)
        return dev.subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(dev.subprocess, "run", run)
    dev.install_what_tests_need()
    assert [command[-1] for command in commands] == ["update", "redis-server"]
    assert "--no-install-recommends" in commands[1]

    commands.clear()
    monkeypatch.setattr(dev.shutil, "which", lambda name: name)
    dev.install_what_tests_need()
    assert commands == []


def test_where_nothing_can_be_installed_it_says_so(dev, monkeypatch, capsys):
    monkeypatch.setattr(dev.shutil, "which", lambda _name: None)
    monkeypatch.setattr(dev, "POSTGRESQL", "/nowhere")
    dev.install_what_tests_need()
    said = capsys.readouterr().out
    assert "chromium, libatomic1, postgresql, redis-server" in said
