"""The library stands alone: no web, no database, and nothing heavy until it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def modules_after(code: str) -> set[str]:
    """Return what a fresh interpreter has loaded after some code, by top-level name."""
    report = "\nimport sys\nprint(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run(
        [sys.executable, "-c", code + report], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


WEB = {"flask", "sqlalchemy", "wtforms", "werkzeug", "jinja2", "babel", "planner", "alembic"}
HEAVY = {"pandas", "numpy", "pulp", "highspy", "scipy"}


def test_importing_it_loads_no_web_no_database_and_nothing_heavy() -> None:
    assert modules_after("import optimizer") & (WEB | HEAVY) == set()


def test_reading_and_evaluating_need_no_solver() -> None:
    code = (
        "from optimizer import read_plan, evaluate\n"
        "plan = read_plan('tests/cases/plans/overlap.json')\n"
        "evaluate(plan, {}).document()"
    )
    assert modules_after(code) & (WEB | HEAVY) == set()


def test_allocating_loads_the_solver_and_no_web() -> None:
    code = (
        "from optimizer import read_plan, allocate\n"
        "allocate(read_plan('tests/cases/plans/overlap.json'))"
    )
    loaded = modules_after(code)
    assert {"pulp", "highspy"} <= loaded
    assert loaded & WEB == set()


def test_only_the_solver_module_speaks_to_pulp() -> None:
    speakers = set()
    for path in (ROOT / "optimizer").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "pulp" for name in names):
                speakers.add(path.name)
    assert speakers == {"solver.py"}


@pytest.mark.parametrize("name", ["oracle.py"])
def test_the_judge_does_not_know_the_library(name: str) -> None:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    assert "optimizer" not in text


def test_the_public_names_are_all_there() -> None:
    import optimizer

    assert all(hasattr(optimizer, name) for name in optimizer.__all__)
    assert sorted(optimizer.__all__) == optimizer.__all__
