"""Loosening or giving up one rule of a draft, as the explanation of its result offers it."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from optimizer import plan_document, plan_from_document
from optimizer.allocation import index_of
from planner.model import AllocationRecord, PersonRecord, ScenarioRecord
from planner.services.explanations import explanation_of
from planner.services.scenario_edits import (
    CandidateChoice,
    change_limit,
    switch_limit,
    update_candidates,
    update_pools,
    update_relations,
)
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
    allocation = _current(session, scenario)
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


def release(
    session: Session,
    scenario: ScenarioRecord,
    path: str,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Give up the rule at ``path`` of the plan: a forced choice, a relation or a limit.

    A choice is left to the goal, and who takes no part but is named by a rule takes part; a
    relation is taken out; a limit is switched off and kept.

    Raises
    ------
    NotFoundError
        As for `loosen`.
    """
    allocation = _current(session, scenario)
    found = explanation_of(session, allocation)
    offered = () if found is None else found.danish.get("releases", ())
    if all(one["path"] != path for one in offered):
        raise NotFoundError
    place = index_of(path)
    who: dict[str, Any] = {"by": by, "now": now, "seen_version": seen_version}
    if path.startswith("relations"):
        kept = [*scenario.relations[:place], *scenario.relations[place + 1 :]]
        update_relations(session, scenario, kept, **who)
    elif path.startswith("interventions"):
        key = allocation.plan["interventions"][place]["id"]
        one = next(c for c in scenario.candidates if c.intervention.key == key)
        choice = CandidateChoice(intervention_id=one.intervention_id)
        update_candidates(session, scenario, [choice], **who)
    else:
        switch_limit(session, scenario, limit_at(scenario, place).id, is_on=False, **who)


def _current(session: Session, scenario: ScenarioRecord) -> AllocationRecord:
    """Return the last result, if it belongs to what the scenario says now."""
    allocation = latest_allocation(session, scenario)
    if allocation is None or not is_current(scenario, allocation):
        raise NotFoundError
    return allocation


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
