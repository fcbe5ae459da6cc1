"""The documentation of the library runs: every example, every line that the tour shows."""

import doctest
import importlib
import pkgutil

import pytest

import optimizer
from tests.optimizer.cases import CASES

ROOT = CASES.parents[1]
MODULES = sorted(
    m.name
    for m in pkgutil.walk_packages(optimizer.__path__, "optimizer.")
    if not m.name.endswith(".explain") and ".explain." not in m.name  # tested beside its own tests
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", optimizer.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    documented = getattr(optimizer, name)
    (found,) = doctest.DocTestFinder(recurse=False).find(documented, name)
    assert found.examples


@pytest.mark.parametrize(("page", "least"), [("library.md", 30), ("frontier.md", 20)])
def test_a_page_shows_what_it_says(monkeypatch: pytest.MonkeyPatch, page: str, least: int) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "docs" / page), module_relative=False)
    assert result.attempted > least
    assert result.failed == 0
