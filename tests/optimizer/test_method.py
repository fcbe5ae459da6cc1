"""The method page is made from the classes, and is up to date."""

import runpy
import warnings
from pathlib import Path

import pytest

from optimizer.constraints import constraints
from optimizer.method import KINDS, method_page
from optimizer.objectives import objectives
from optimizer.quantity import quantities
from optimizer.relations import relations

PAGE = Path(__file__).resolve().parents[2] / "docs" / "method.md"
FAMILIES = (constraints, objectives, relations)


def test_the_page_is_up_to_date() -> None:
    """Else: ``python -m optimizer.method > docs/method.md``."""
    assert PAGE.read_text(encoding="utf-8") == method_page()


def test_the_command_writes_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it is imported above, and run anew here
        runpy.run_module("optimizer.method", run_name="__main__")
    assert capsys.readouterr().out == method_page()


def test_a_source_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constraints["chosen"], "source", "Lærebogen, kapitel 3")
    assert "\nSource: Lærebogen, kapitel 3\n" in method_page()


def test_every_rule_stands_there_with_both_names_and_its_tag() -> None:
    page = method_page()
    for registry in FAMILIES:
        for cls in registry.classes():
            assert f"### {cls.title.da} · {cls.title.en} (`{cls.tag}`)\n" in page
            assert cls.about.da in page
            assert cls.about.en in page
            for name in quantities(cls):
                assert f"| `{name}` |" in page


def test_every_kind_of_field_has_words() -> None:
    kinds = {
        about.kind
        for registry in FAMILIES
        for cls in registry.classes()
        for about in quantities(cls).values()
    }
    assert kinds <= set(KINDS) | {"choice"}


def test_bounds_are_said() -> None:
    page = method_page()
    stars = "| `at_least` | Mindst | At least | number, stars | required, at least 0, at most 3 |"
    assert stars in page
    assert "may be left out, above 0" in page
    assert "`service`, `construction` or `transfers`" in page
