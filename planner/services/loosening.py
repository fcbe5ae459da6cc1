"""Loosening one limit of a draft by what the explanation of its result says would help."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from optimizer import plan_document, plan_from_document
from optimizer.allocation import index_of
from planner.model import AllocationRecord, PersonRecord, ScenarioRecord
from planner.services.explanations import explanation_of
from planner.services.scenario_edits import change_limit, update_pools
from planner.services.scenario_plan import limit_at
from planner.services.scenarios import is_current, latest_allocation
from planner.services.writing import NotFoundError

Json = Any


def loosen(
    session: Session,
    scenario: ScenarioRecord,
    path: str,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Loosen the limit or pool at ``path`` of the plan, by the amount in the explanation.

    Raises
    ------
    NotFoundError
        When the last result is not of the present content, has no explanation, or the explanation
        does not name the limit.
    """
    allocation = latest_allocation(session, scenario)
    if allocation is None or not is_current(scenario, allocation):
        raise NotFoundError
    loosened = _loosened(session, allocation, path)
    place = index_of(path)
    if path.startswith("scenario.pools"):
        changed = loosened["pools"][place]
        pools = [changed if pool["id"] == changed["id"] else pool for pool in scenario.pools]
        return update_pools(session, scenario, pools, by=by, now=now, seen_version=seen_version)
    limit = limit_at(scenario, place)
    change_limit(
        session,
        scenario,
        limit.id,
        loosened["constraints"][place],
        by=by,
        now=now,
        seen_version=seen_version,
    )
    return scenario


def _loosened(session: Session, allocation: AllocationRecord, path: str) -> dict[str, Json]:
    from optimizer.explain import loosened_plan  # noqa: PLC0415 - takes a while to load

    found = explanation_of(session, allocation)
    ways = () if found is None else found.danish["loosening"]
    way = next((one for one in ways if one["path"] == path), None)
    if way is None:
        raise NotFoundError
    plan = loosened_plan(plan_from_document(allocation.plan), path, _amount(way["by"]))
    scenario: dict[str, Json] = plan_document(plan)["scenario"]
    return scenario


def _amount(by: Json) -> Fraction | Mapping[int, int]:
    if isinstance(by, Mapping):
        return {int(year): int(amount) for year, amount in by.items()}
    return Fraction(repr(by))
