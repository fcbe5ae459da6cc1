"""The small plan of the examples in the documentation."""

from typing import Any

from optimizer.planfile import plan_from_document
from optimizer.scenario import Plan

MILLION = 1_000_000
#: id, outlay and saving in millions
PROJECTS = (("a", 3, 9), ("b", 4, 7), ("c", 4, 6))


def small_plan(*, pool: int = 7, at_least: int | None = None) -> Plan:
    """Return three interventions and a pool of so many millions, for trying things out.

    ``at_least`` asks that so many of them are chosen.

    Examples
    --------
    >>> from optimizer import allocate
    >>> sorted(allocate(small_plan()).choice)
    ['a/base', 'b/base']
    """
    limits = [] if at_least is None else [{"tag": "chosen", "at_least": at_least}]
    document: dict[str, Any] = {
        "format": "bundlinje-plan/1",
        "title": "Three interventions",
        "price_year": 2027,
        "budget_year": 2027,
        "discount": [],
        "payers": [{"id": "m", "name": "The municipality", "level": "municipality"}],
        "departments": [{"id": "d", "name": "Social affairs"}],
        "interventions": [_intervention(*project) for project in PROJECTS],
        "scenario": {
            "title": "Example",
            "pools": [
                {"id": "p", "name": "The pool", "kind": "investment", "total": pool * MILLION}
            ],
            "objective": {
                "terms": [
                    {"of": "net_saving", "payers": "all", "period": "horizon", "discounted": False}
                ]
            },
            "constraints": limits,
        },
    }
    return plan_from_document(document)


def _intervention(name: str, outlay: int, saving: int) -> dict[str, Any]:
    flow = {"payer": "m", "category": "service"}
    return {
        "id": name,
        "title": f"Intervention {name}",
        "department": "d",
        "options": [
            {
                "id": "base",
                "pool": "p",
                "flows": [
                    {**flow, "year": 2027, "kind": "outlay", "amount": -outlay * MILLION},
                    {**flow, "year": 2028, "kind": "saving", "amount": saving * MILLION},
                ],
            }
        ],
    }
