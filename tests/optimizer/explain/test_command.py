"""The command ``bundlinje explain``."""

import json
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner, Result

from optimizer import Status
from optimizer.explain import Explanation
from optimizer.explain.examples import small_plan
from planner.cli import main
from tests.optimizer.cases import INVALID, PLANS


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(main, ["explain", *(str(a) for a in arguments)])


def test_the_document_is_printed() -> None:
    result = run(PLANS / "winston_42.json", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["objective"] == 42_000
    assert {i["price_to_enter"] for i in document["interventions"]} == {None, 4000}


def test_within_a_gap_the_widths_stand_in_the_document_that_is_as_ever() -> None:
    exact, enough = (
        json.loads(run(PLANS / "weingartner_28.json", "--json", *gap).stdout)
        for gap in ((), ("--gap", "0.1"))
    )
    assert set(enough["interventions"][0]) == set(exact["interventions"][0])
    assert {i["price_gap"] for i in exact["interventions"]} == {0}
    widths = [i["price_gap"] for i in enough["interventions"]]
    assert 0 < max(widths) <= 0.15 * enough["objective"]


def test_an_infeasible_plan_is_explained_and_that_is_no_failure() -> None:
    result = run(PLANS / "infeasible.json", "--language", "en")
    assert result.exit_code == 0
    assert "These cannot all hold" in result.stdout


def test_the_labels_of_the_document_are_in_the_language_that_is_asked_for() -> None:
    labels = [
        json.loads(run(PLANS / "infeasible.json", "--json", *language).stdout)["loosening"][1][
            "label"
        ]
        for language in ((), ("--language", "en"))
    ]
    assert labels == [
        "Mindst 7.000.000\N{NO-BREAK SPACE}kr. i udlæg",
        "At least 7,000,000\N{NO-BREAK SPACE}kr. in outlay",
    ]


def test_mistakes_go_to_standard_error_one_a_line() -> None:
    plan = next(p for p in sorted(INVALID.glob("*.json")) if p.name != "errors.expected.json")
    result = run(plan, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.strip()


def test_a_file_that_is_not_there_is_said_to_be_unreadable() -> None:
    result = run("no-such-plan.json", "--language", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be read" in result.stderr


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.FEASIBLE, 0), (Status.INFEASIBLE, 0), (Status.UNBOUNDED, 4), (Status.NO_ANSWER, 5)],
)
def test_the_exit_code(monkeypatch: pytest.MonkeyPatch, status: Status, code: int) -> None:
    objective = Fraction(1) if status is Status.FEASIBLE else None
    found = Explanation(small_plan(), status, objective=objective)
    monkeypatch.setattr("optimizer.explain.explain", lambda plan, **_: found)
    assert run(PLANS / "winston_42.json").exit_code == code
    document = json.loads(run(PLANS / "winston_42.json", "--json").stdout)
    assert document.get("status") == (None if status is Status.INFEASIBLE else status)
