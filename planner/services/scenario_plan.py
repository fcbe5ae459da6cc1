"""A scenario as a plan file document: the cases it uses, its relations, its limits."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from optimizer.intervention import intervention_of
from planner.model import ScenarioCandidateRecord, ScenarioLimitRecord, ScenarioRecord
from planner.services.cases import case_documents
from planner.services.strategies import strategy_document


def scenario_document(session: Session, scenario: ScenarioRecord) -> dict[str, Any]:
    """Return the scenario as a plan file document.

    Limits that are switched off and candidates that take no part are left out; a candidate that
    takes no part but is named by a relation or a limit stays in as forced out, so that the
    relation keeps its meaning.
    """
    constraints = [dict(limit.content) for limit in _limits_on(scenario)]
    named = _named_interventions([*scenario.relations, *constraints])
    candidates = [
        candidate
        for candidate in scenario.candidates
        if candidate.takes_part or candidate.intervention.key in named
    ]
    cases = case_documents(session, [candidate.case_id for candidate in candidates])
    document = strategy_document(scenario.strategy)
    document["interventions"] = [
        cases[candidate.case_id] | _force_of(candidate) for candidate in candidates
    ]
    document["relations"] = [_relation_document(relation) for relation in scenario.relations]
    if scenario.outcomes is not None:
        document["outcomes"] = _outcomes_of(scenario.outcomes, document["interventions"])
    # what an outcome fund pays is paid by contributions: there is no pool of its name
    funds = {limit["fund"] for limit in constraints if "fund" in limit}
    document["scenario"] = {
        "title": scenario.title,
        "pools": [dict(pool) for pool in scenario.pools if pool["id"] not in funds],
        "objective": goal_document(scenario),
        "constraints": constraints,
    }
    return document


def goal_document(scenario: ScenarioRecord) -> dict[str, Any]:
    """Return the goal, and those after it, as ``objective`` of a plan file."""
    goal = dict(scenario.objective)
    # never as an empty list: it would change what older plans are named by
    return goal | {"then": [dict(one) for one in scenario.then]} if scenario.then else goal


def limit_at(scenario: ScenarioRecord, place: int) -> ScenarioLimitRecord:
    """Return the limit that stands at a place among the constraints of the plan file."""
    return _limits_on(scenario)[place]


def _limits_on(scenario: ScenarioRecord) -> list[ScenarioLimitRecord]:
    return [limit for limit in scenario.limits if limit.is_on]


def _force_of(candidate: ScenarioCandidateRecord) -> dict[str, Any]:
    if not candidate.takes_part:
        return {"force": "out", "force_reason": "Deltager ikke i scenariet"}
    force: dict[str, Any] = {}
    if candidate.force is not None:
        force["force"] = str(candidate.force)
    if candidate.force_reason:
        force["force_reason"] = candidate.force_reason
    return force


def _relation_document(relation: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in relation.items() if key != "reason" or value}


def _outcomes_of(outcomes: dict[str, Any], interventions: list[dict[str, Any]]) -> dict[str, Any]:
    if "net_saving" not in outcomes:
        return dict(outcomes)
    options = {
        f"{intervention['id']}/{option['id']}"
        for intervention in interventions
        for option in intervention["options"]
    }
    kept = {key: value for key, value in outcomes["net_saving"].items() if key in options}
    return {**outcomes, "net_saving": kept}


def _named_interventions(parts: Iterable[dict[str, Any]]) -> set[str]:
    named: set[str] = set()
    for part in parts:
        where = part.get("where") or {}
        named.update(part.get("interventions") or ())
        named.update(part[key] for key in ("intervention", "needs") if key in part)
        named.update(where.get("interventions") or ())
        named.update(
            intervention_of(option)
            for option in [*(where.get("options") or ()), *(part.get("reference") or ())]
        )
    return named
