"""Builders of small plan documents, so that a test states only what it is about."""

import copy
from typing import Any

from optimizer import Plan, plan_from_document

Json = dict[str, Any]
MILLION = 1_000_000


def a_flow(kind: str, amount: int, year: int = 2027, **more: Any) -> Json:
    """Return one flow of the municipality's service budget."""
    flow = {"year": year, "payer": "kommune", "category": "service", "kind": kind}
    return {**flow, "amount": amount, **more}


def an_option(name: str = "base", *flows: Json, pool: str | None = "pulje", **more: Any) -> Json:
    """Return one option."""
    return {"id": name, "pool": pool, "flows": list(flows), **more}


def an_intervention(
    name: str,
    outlay: int = 0,
    saving: int = 0,
    *,
    saving_year: int = 2028,
    department: str = "social",
    option: Json | None = None,
    **more: Any,
) -> Json:
    """Return an intervention: outlay in 2027 from the pool, a saving the year after; kroner."""
    flows = []
    if outlay:
        flows.append(a_flow("outlay", -outlay))
    if saving:
        flows.append(a_flow("saving", saving, saving_year))
    base = an_option("base", *flows) | (option or {})
    return {
        "id": name, "title": f"Indsats {name}", "department": department, "options": [base], **more,
    }  # fmt: skip


def a_document(
    *interventions: Json,
    constraints: list[Json] | None = None,
    pools: list[Json] | None = None,
    relations: list[Json] | None = None,
    terms: list[Json] | None = None,
    **more: Any,
) -> Json:
    """Return a plan document; by default a pool of a hundred million and the net saving."""
    return copy.deepcopy(
        {
            "format": "bundlinje-plan/1",
            "title": "Prøve",
            "price_year": 2026,
            "budget_year": 2027,
            "horizon": [2027, 2032],
            "discount": [],
            "payers": [
                {"id": "kommune", "name": "Kommunen", "level": "municipality"},
                {"id": "region", "name": "Regionen", "level": "region"},
            ],
            "departments": [
                {"id": "social", "name": "Social"},
                {"id": "job", "name": "Beskæftigelse"},
            ],
            "interventions": list(interventions),
            "relations": relations or [],
            "scenario": {
                "title": "Prøve",
                "pools": [a_pool()] if pools is None else pools,
                "objective": {"terms": terms or [net_saving()]},
                "constraints": constraints or [],
            },
            **more,
        }
    )


def a_pool(name: str = "pulje", **more: Any) -> Json:
    """Return a pool of a hundred million, or paid in as ``more`` says."""
    amount = {} if "paid_in" in more or "total" in more else {"total": 100 * MILLION}
    return {"id": name, "name": "Puljen", "kind": "investment", **amount, **more}


def net_saving(**more: Any) -> Json:
    """Return the usual objective: undiscounted net saving of everyone over the horizon."""
    usual = {"of": "net_saving", "payers": "all", "period": "horizon", "discounted": False}
    return {**usual, **more}


def a_plan(*interventions: Json, **more: Any) -> Plan:
    """Return the plan of :func:`a_document`."""
    return plan_from_document(a_document(*interventions, **more))
