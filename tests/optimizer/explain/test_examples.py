"""The examples in the documentation of the package, run as they stand."""

import doctest
import importlib
import pkgutil
import re

import pytest

import optimizer.explain
from tests.optimizer.cases import CASES

ROOT = CASES.parents[1]
MODULES = sorted(m.name for m in pkgutil.iter_modules(optimizer.explain.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module(name: str) -> None:
    module = importlib.import_module(f"optimizer.explain.{name}")
    assert doctest.testmod(module).failed == 0


def test_there_are_examples_for_what_is_asked_for() -> None:
    finder = doctest.DocTestFinder()
    with_examples = {
        test.name
        for name in MODULES
        for test in finder.find(importlib.import_module(f"optimizer.explain.{name}"))
        if test.examples
    }
    functions = [n for n in optimizer.explain.__all__ if n[0].islower()]
    assert functions
    for function in functions:
        assert any(name.endswith(f".{function}") for name in with_examples), function


def test_the_page_about_it_runs_and_names_every_function(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(code, "docs/explain.md", "exec"), {})
    assert "Best plan, proved" in capsys.readouterr().out
    named = set(re.findall(r"`(?:core_index\()?(\w+)\(", page)) | {"core_index"}
    assert {name for name in optimizer.explain.__all__ if name[0].islower()} <= named
