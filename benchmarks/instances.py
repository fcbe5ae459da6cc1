"""Made-up plans of a given size, the same on every machine. All numbers are illustrative."""

import random
from typing import Any

YEARS = range(2027, 2037)
DEPARTMENTS = 10


def large_plan(interventions: int = 1000, options: int = 3, seed: int = 1) -> dict[str, Any]:
    """Return a plan document with departments, ceilings, a pool by year, relations and overlaps."""
    draw = random.Random(seed)  # noqa: S311 - an instance, not a secret
    items = [_intervention(draw, number, options) for number in range(interventions)]
    total = sum(-o["flows"][0]["amount"] for i in items for o in i["options"][:1])
    shares = (0.14, 0.06, 0.04, 0.02)
    yearly = {str(y): _round(total * s) for y, s in zip(YEARS, shares, strict=False)}
    return {
        "format": "bundlinje-plan/1",
        "title": f"Illustrative: {interventions} interventions x {options} options",
        "price_year": 2027,
        "budget_year": 2027,
        "horizon": [YEARS[0], YEARS[-1]],
        "discount": [{"after_year": 0, "rate": 0.035}],
        "payers": [
            {"id": "kommune", "name": "Kommunen", "level": "municipality"},
            {"id": "region", "name": "Regionen", "level": "region"},
            {"id": "stat", "name": "Staten", "level": "state"},
        ],
        "departments": [{"id": f"d{n}", "name": f"Forvaltning {n}"} for n in range(DEPARTMENTS)],
        "interventions": items,
        "relations": _relations(draw, interventions),
        "scenario": {
            "title": "Illustrative",
            "pools": [
                {
                    "id": "pulje",
                    "name": "Investeringspuljen",
                    "kind": "investment",
                    "paid_in": yearly,
                    "carry_over": True,
                    "repayment": {
                        "share": 0.25,
                        "payers": ["kommune"],
                        "case": "expected",
                        "available": "next_year",
                    },
                }
            ],
            "objective": {
                "terms": [
                    {
                        "of": "net_saving",
                        "payers": ["kommune"],
                        "period": "horizon",
                        "discounted": True,
                    }
                ]
            },
            "constraints": _limits(total, interventions),
        },
    }


def _round(amount: float) -> int:
    return int(amount) // 10_000 * 10_000


def _intervention(draw: random.Random, number: int, options: int) -> dict[str, Any]:
    size = draw.choice([1, 2, 3, 5, 8]) * draw.uniform(0.5, 1.5)
    return {
        "id": f"i{number:05d}",
        "title": f"Indsats {number}",
        "department": f"d{draw.randrange(DEPARTMENTS)}",
        "target_group": f"g{draw.randrange(40)}",
        "external": draw.random() < 0.3,  # noqa: PLR2004
        "evidence_stars": draw.randrange(4),
        "options": [_option(draw, size * (1 + 0.6 * n), n) for n in range(options)],
    }


def _option(draw: random.Random, size: float, number: int) -> dict[str, Any]:
    outlay = _round(size * 1_000_000)
    yearly = outlay * draw.uniform(0.1, 0.3) * (1 - 0.08 * number)
    category = draw.choice(["service", "transfers"])
    first = YEARS[0] + draw.randrange(2)

    def flow(year: int, payer: str, kind: str, amount: float) -> dict[str, Any]:
        kinds = "service" if kind == "outlay" else category
        return {
            "year": year,
            "payer": payer,
            "category": kinds,
            "kind": kind,
            "amount": _round(amount) if amount >= 0 else -_round(-amount),
        }

    flows = [flow(first, "kommune", "outlay", -outlay * 0.6)]
    flows.append(flow(first + 1, "kommune", "outlay", -outlay * 0.4))
    for year in range(first + 1, YEARS[-1] + 1):
        flows.append(flow(year, "kommune", "saving", yearly * draw.uniform(0.7, 1.2)))
        flows.append(flow(year, draw.choice(["region", "stat"]), "saving", yearly * 0.4))
    return {
        "id": f"o{number}",
        "pool": "pulje",
        "flows": flows,
        "measures": {"borgere": draw.randrange(10, 300), "timer": draw.randrange(100, 4000)},
    }


def _relations(draw: random.Random, interventions: int) -> list[dict[str, Any]]:
    def some(count: int) -> list[str]:
        return [f"i{n:05d}" for n in draw.sample(range(interventions), count)]

    relations: list[dict[str, Any]] = []
    for _ in range(interventions // 20):
        first, second = some(2)
        relations.append({"kind": "requires", "intervention": first, "needs": second})
        relations.append({"kind": "excludes", "interventions": some(3)})
        relations.append(
            {
                "kind": "overlap",
                "interventions": some(2),
                "payer": "kommune",
                "loses": {str(y): 10_000 * draw.randrange(5, 60) for y in YEARS[2:8]},
            }
        )
    return relations


def _limits(total: int, interventions: int) -> list[dict[str, Any]]:
    budget = total * 0.2
    limits: list[dict[str, Any]] = [
        {"tag": "invested", "at_least": _round(budget * 0.05), "where": {"departments": [f"d{n}"]}}
        for n in range(DEPARTMENTS)
    ]
    limits += [
        {"tag": "invested", "at_most": _round(budget * 0.2), "where": {"departments": [f"d{n}"]}}
        for n in range(DEPARTMENTS)
    ]
    return [
        *limits,
        {
            "tag": "spending",
            "payers": ["kommune"],
            "category": "service",
            "by_year": {"2027": _round(budget * 0.5), "2028": _round(budget * 0.35)},
        },
        {"tag": "invested_share", "at_most": 0.35, "where": {"external": True}},
        {"tag": "evidence", "at_least": 1.7},
        {"tag": "measure", "measure": "borgere", "at_least": interventions * 20},
        {"tag": "measure", "measure": "timer", "at_most": interventions * 480},
        {"tag": "payback", "payers": ["kommune"], "latest_year": 2035},
        {"tag": "chosen", "at_most": interventions // 3},
        {
            "tag": "net_saving",
            "payers": ["region"],
            "period": "horizon",
            "discounted": False,
            "at_least": 0,
        },
    ]
