"""A small argument with invented figures whose flows can be computed by hand."""

from typing import Any

SOURCE = "opdigtet eksempel"


def a_consequence(**changes: Any) -> dict[str, Any]:
    """Thirty fewer days a year at 1,000 kr. an extra success, all of it the municipality's."""
    values: dict[str, Any] = {
        "id": "herberg",
        "name": "Døgn på herberg",
        "quantity": -30,
        "price": {"kroner": 1000, "unit": "døgn", "price_year": 2027, "source": SOURCE},
        "category": "service",
        "split": {"rule": "fixed", "shares": {"kommune": 1}},
        "budget_line": "5.38.42",
        "owner": "Socialchefen",
    }
    return values | changes


def an_effect(**changes: Any) -> dict[str, Any]:
    """40 citizens in 2027, 40 % against 15 %: 10 extra successes, half left a year later."""
    values: dict[str, Any] = {
        "id": "bolig",
        "outcome": "i egen bolig efter et år",
        "citizens": {"2027": 40},
        "success": {"expected": 0.4, "low": 0.3, "high": 0.5},
        "without": {"counted": [3, 20]},
        "durability": {"decay": 0.5, "years": 2},
        "consequences": [a_consequence()],
        "source": SOURCE,
    }
    return values | changes


def a_cost(**changes: Any) -> dict[str, Any]:
    """Courses for 200,000 kr. in 2027."""
    values: dict[str, Any] = {
        "id": "kursus",
        "name": "Kursus for medarbejdere",
        "kind": "outlay",
        "gross": {"2027": 200_000},
        "category": "service",
        "split": {"rule": "fixed", "shares": {"kommune": 1}},
        "price_year": 2027,
    }
    return values | changes


def an_argument(**changes: Any) -> dict[str, Any]:
    """The case document: 300,000 kr. saved in 2027 and 150,000 in 2028, for 200,000 laid out."""
    values: dict[str, Any] = {
        "format": "bundlinje-case/1",
        "price_year": 2027,
        "effects": [an_effect()],
        "costs": [a_cost()],
    }
    return values | changes
