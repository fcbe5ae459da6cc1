"""The tables behind cases as documents: price index and rule book, there and back, and wrong."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from optimizer.cases import (
    RULES,
    CaseErrors,
    RuleBook,
    in_force,
    price_levels_document,
    price_levels_from_document,
    rules_document,
    rules_from_document,
)
from tests.optimizer.business import LEVELS, Json


def paths(read: Any, document: Json) -> list[str]:
    with pytest.raises(CaseErrors) as caught:
        read(document)
    return [error.path for error in caught.value.errors]


def test_price_levels_come_back_equal() -> None:
    assert price_levels_from_document(price_levels_document(LEVELS)) == LEVELS


def test_wrong_price_levels_are_named_at_once() -> None:
    document = {"kilde": "?", "index": {"2025": 0, "år": 100, "2026": "x", "2027": -1}}
    assert paths(price_levels_from_document, document) == [
        "kilde", "source", "index.2025", "index.år", "index.2026", "index.2027",
    ]  # fmt: skip
    assert paths(price_levels_from_document, []) == [""]


def with_newer_limits() -> RuleBook:
    newer = replace(RULES.central[0], valid_from=date(2026, 1, 1), price_year=2026)
    return replace(RULES, central=(*RULES.central, newer))


@pytest.mark.parametrize("rules", [RULES, with_newer_limits()])
def test_a_rule_book_comes_back_equal(rules: RuleBook) -> None:
    assert rules_from_document(rules_document(rules)) == rules


def test_entries_are_sorted_by_date() -> None:
    document = rules_document(RULES)
    document["shelter"].reverse()
    assert rules_from_document(document) == RULES


def test_a_newer_entry_is_in_force_from_its_year() -> None:
    document = rules_document(RULES)
    document["shelter"].append(
        {"valid_from": "2030-01-01", "share": 0.25, "days": 60, "source": "opdigtet"}
    )
    rules = rules_from_document(document)
    assert in_force(rules.shelter, 2029).days == 90
    assert (in_force(rules.shelter, 2030).days, in_force(rules.shelter, 2030).share) == (
        60, Fraction(1, 4),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "entry", "wrong"),
    [
        ("refusion", {"steps": [[2, 0.8]]}, "steps"),
        ("refusion", {"steps": [[1, 0.8], [1, 0.4]]}, "steps"),
        ("refusion", {"steps": [[1, 80]]}, "steps[0][1]"),
        ("refusion", {"steps": [[1.5, 0.8]]}, "steps[0][0]"),
        ("refusion", {"steps": [5]}, "steps[0]"),
        ("refusion", {"steps": []}, "steps"),
        ("refusion", {"valid_from": "1. januar 2016"}, "valid_from"),
        ("refusion", {"valid_from": "20160101"}, "valid_from"),
        ("refusion", {"valid_from": 2016}, "valid_from"),
        ("refusion", {"source": ""}, "source"),
        ("central_refund", {"price_year": None}, "price_year"),
        ("shelter", {"share": None}, "share"),
        ("shelter", {"days": 400}, "days"),
    ],
)
def test_one_mistake_in_an_entry(key: str, entry: Json, wrong: str) -> None:
    document = rules_document(RULES)
    document[key][0] |= entry
    assert paths(rules_from_document, document) == [f"{key}[0].{wrong}"]


def test_two_entries_of_one_date_and_a_missing_limit_of_days() -> None:
    document = rules_document(RULES)
    document["shelter"][1]["valid_from"] = "2007-01-01"
    del document["shelter"][2]["days"]
    document["refusion"] = []
    assert paths(rules_from_document, document) == [
        "refusion", "shelter[1].valid_from", "shelter[2].days",
    ]  # fmt: skip
