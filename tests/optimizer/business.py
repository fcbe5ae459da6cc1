"""Documents of business cases for the tests: the golden ones, and random ones."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from optimizer.cases import BusinessCase, PriceLevels, case_from_document
from optimizer.cases.examples import PAYERS
from tests.optimizer.cases import CASES

Json = dict[str, Any]
GOLDEN = CASES / "business"
NAMES = ("employment", "housing")
#: invented, and awkward on purpose: no ratio is a round number
LEVELS = PriceLevels(
    {2022: Fraction(907, 10), 2025: Fraction(1003, 10), 2026: Fraction(104)}, "opdigtet eksempel"
)
START, PRICE_YEARS = (2026, 2027, 2028), (2022, 2025, 2026)


def golden(name: str) -> Any:
    """Return the document of a golden file."""
    return json.loads(Path(GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def read(document: Json) -> BusinessCase:
    """Return the case of a document, everything checked."""
    return case_from_document(document, payers=PAYERS, price_levels=LEVELS)


@st.composite
def uncertain(draw: st.DrawFn, values: list[Any]) -> Any:
    """Return a number, or one with a low and a high."""
    low, middle, high = sorted(
        (draw(st.sampled_from(values)) for _ in range(3)), key=lambda v: Fraction(str(v))
    )
    return draw(st.sampled_from((middle, {"expected": middle, "low": low, "high": high})))


@st.composite
def splits(draw: st.DrawFn, *, days: bool) -> Json:
    """Return a split of any rule; shelters only where the quantity is days."""
    two = {"municipality": "kommune", "state": "stat"}
    thirds = {"kommune": "1/3", "region": "1/3", "stat": "1/3"}
    fixed = {
        "shares": draw(st.sampled_from(({"kommune": 1}, thirds, {"kommune": 0.7, "stat": 0.3})))
    }
    rules = [
        {"rule": "fixed", **fixed},
        {"rule": "dated", "by_year": {"2000": fixed, "2028": {"shares": {"region": 1}}}},
        {"rule": "refusion", **two, "weeks_before": draw(st.sampled_from((0, 3, 30)))},
        {
            "rule": "central_refund",
            **two,
            "yearly_cost": draw(st.sampled_from((0, 900_001, 3_000_000))),
            "price_year": draw(st.sampled_from(PRICE_YEARS)),
        },
    ]
    if days:
        rules.append({"rule": "shelter", **two, "days_without": draw(st.integers(100, 200))})
    return draw(st.sampled_from(rules))


@st.composite
def consequences(draw: st.DrawFn, name: str, *, less: bool) -> Json:
    """Return a consequence; with ``less`` never more use."""
    amounts = [-100, -30, -7, -0.5, 0] if less else [-30, -7, -0.5, 0, 4, 19]
    if draw(st.booleans()):
        quantity = draw(uncertain(amounts))
    else:
        quantity = {
            "by_year": {str(j): draw(uncertain(amounts)) for j in draw(st.sets(st.integers(0, 3)))}
        }
    return {
        "id": name,
        "name": name.title(),
        "quantity": quantity,
        "price": {
            "kroner": draw(uncertain([0, 1, 999.5, 1234, "10/3"])),
            "unit": "døgn",
            "price_year": draw(st.sampled_from(PRICE_YEARS)),
            "source": "opdigtet",
        },
        "category": draw(st.sampled_from(("service", "transfers"))),
        "split": draw(splits(days=True)),
        "cashability": draw(st.sampled_from(("budget_cut", "time_freed"))),
    }


@st.composite
def effects(draw: st.DrawFn, name: str, *, less: bool) -> Json:
    """Return an effect route with up to two consequences."""
    shares = [0, 0.1, 0.25, "1/3", 0.5, 0.75]
    durability = draw(
        st.sampled_from(({"row": [1]}, {"row": [0.5, 1, "2/3"]}, {"decay": 0.1, "years": 3}))
    )
    return {
        "id": name,
        "outcome": "I job",
        "citizens": {
            str(year): draw(st.integers(0, 60)) for year in draw(st.sets(st.sampled_from(START)))
        },
        "success": draw(uncertain(shares) if draw(st.booleans()) else st.just({"counted": [3, 7]})),
        "without": draw(uncertain(shares)),
        "durability": durability,
        "consequences": [
            draw(consequences(f"k{n}", less=less)) for n in range(draw(st.integers(0, 2)))
        ],
    }


@st.composite
def costs(draw: st.DrawFn, name: str, routes: list[str]) -> Json:
    """Return a cost line, in total or per citizen."""
    result = {
        "id": name,
        "name": name.title(),
        "kind": draw(st.sampled_from(("outlay", "cost"))),
        "category": "service",
        "split": {"rule": "fixed", "shares": {"kommune": "2/3", "region": "1/3"}},
        "price_year": draw(st.sampled_from(PRICE_YEARS)),
    }
    years = ["0", "2"] if routes and draw(st.booleans()) else ["2026", "2029"]
    if years[0] == "0":
        result["per_citizen"] = draw(st.sampled_from(routes))
    result["gross"] = {year: draw(uncertain([1000, 25_001, 40_000])) for year in years}
    if draw(st.booleans()):
        result["alternative"] = {years[0]: draw(uncertain([0, 1, 999]))}
    return result


@st.composite
def direct(draw: st.DrawFn, name: str) -> Json:
    """Return an amount entered directly."""
    low, amount, high = sorted(draw(st.integers(-10_000, 10_000)) for _ in range(3))
    return {
        "id": name,
        "name": name.title(),
        "year": draw(st.sampled_from(START)),
        "payer": draw(st.sampled_from(("kommune", "region"))),
        "category": "construction",
        "kind": "saving",
        "amount": amount,
        "low": low,
        "high": high,
        "price_year": draw(st.sampled_from(PRICE_YEARS)),
    }


@st.composite
def documents(draw: st.DrawFn, *, less: bool = False) -> Json:
    """Return a valid case document."""
    routes = [draw(effects(f"e{n}", less=less)) for n in range(draw(st.integers(0, 2)))]
    names = [route["id"] for route in routes]
    return {
        "format": "bundlinje-case/1",
        "price_year": draw(st.sampled_from(PRICE_YEARS)),
        "effects": routes,
        "costs": [draw(costs(f"c{n}", names)) for n in range(draw(st.integers(0, 2)))],
        "direct": [draw(direct(f"d{n}")) for n in range(draw(st.integers(0, 2)))],
        "variants": [
            {"id": "base"},
            {
                "id": "anden",
                "scale": draw(st.sampled_from((0, 0.5, "1/3", 2))),
                "shift": draw(st.integers(-2, 3)),
                "citizens": {
                    name: {"2027": 5} for name in draw(st.sets(st.sampled_from(names or ["e0"])))
                }
                if names
                else {},
                "costs": [],
            },
        ],
    }
