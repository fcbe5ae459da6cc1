"""Changes of a draft scenario: each refuses what was not made from the present version."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from planner.model import (
    CaseRecord,
    PersonRecord,
    ScenarioCandidateRecord,
    ScenarioLimitRecord,
    ScenarioRecord,
)
from planner.model.states import SCENARIO, CaseState, Force, next_state
from planner.services.events import changed_keys, record_event
from planner.services.writing import NotFoundError, clean, next_version, require_version


class MissingReasonError(Exception):
    """A candidate is forced in or out without a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateChoice:
    """Whether a candidate takes part, and whether it is decided beforehand."""

    intervention_id: int
    takes_part: bool = True
    force: Force | None = None
    force_reason: str = ""


def _begin_edit(scenario: ScenarioRecord, seen_version: int | None) -> None:
    require_version(scenario, seen_version)
    next_state(SCENARIO, scenario.state, "edit")


def _end_edit(
    session: Session,
    scenario: ScenarioRecord,
    action: str,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    by: PersonRecord | None,
    now: datetime,
) -> None:
    scenario.edited_at, scenario.edited_by = now, by
    next_version(scenario)
    record_event(
        session,
        by=by,
        now=now,
        action=f"scenario.{action}",
        object=scenario,
        before=before,
        after=after,
    )


def _set(
    session: Session,
    scenario: ScenarioRecord,
    action: str,
    values: dict[str, Any],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    _begin_edit(scenario, seen_version)
    before, after = changed_keys({key: getattr(scenario, key) for key in values}, values)
    if not after:
        return scenario
    for key, value in values.items():
        setattr(scenario, key, value)
    _end_edit(session, scenario, action, before=before, after=after, by=by, now=now)
    return scenario


def update_title(
    session: Session,
    scenario: ScenarioRecord,
    *,
    title: str,
    description: str,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Give the scenario another title and description."""
    values = {"title": clean(title), "description": clean(description)}
    return _set(
        session, scenario, "update_title", values, by=by, now=now, seen_version=seen_version
    )


def update_objective(
    session: Session,
    scenario: ScenarioRecord,
    objective: dict[str, Any],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Set the first goal: the ``terms`` of a plan file's ``objective``."""
    values = {"objective": objective}
    return _set(
        session, scenario, "update_objective", values, by=by, now=now, seen_version=seen_version
    )


def update_then(
    session: Session,
    scenario: ScenarioRecord,
    then: list[dict[str, Any]],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Set the goals after the first, as ``then`` of a plan file's ``objective``."""
    values = {"then": then}
    return _set(session, scenario, "update_then", values, by=by, now=now, seen_version=seen_version)


def update_pools(
    session: Session,
    scenario: ScenarioRecord,
    pools: list[dict[str, Any]],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Set the pools, as ``pools`` of a plan file."""
    values = {"pools": pools}
    return _set(
        session, scenario, "update_pools", values, by=by, now=now, seen_version=seen_version
    )


def update_relations(
    session: Session,
    scenario: ScenarioRecord,
    relations: list[dict[str, Any]],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Set the relations, as in a plan file, each with an optional ``reason``."""
    values = {"relations": relations}
    return _set(
        session, scenario, "update_relations", values, by=by, now=now, seen_version=seen_version
    )


def update_outcomes(
    session: Session,
    scenario: ScenarioRecord,
    outcomes: dict[str, Any] | None,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Set the possible futures, as ``outcomes`` of a plan file."""
    values = {"outcomes": outcomes}
    return _set(
        session, scenario, "update_outcomes", values, by=by, now=now, seen_version=seen_version
    )


def _limit(scenario: ScenarioRecord, limit_id: int) -> ScenarioLimitRecord:
    for limit in scenario.limits:
        if limit.id == limit_id:
            return limit
    raise NotFoundError


def add_limit(
    session: Session,
    scenario: ScenarioRecord,
    content: dict[str, Any],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
    place: int | None = None,
    is_on: bool = True,
) -> ScenarioLimitRecord:
    """Add a limit at the end, or at the ``place`` that it was taken from."""
    _begin_edit(scenario, seen_version)
    if place is None:
        place = max((limit.position for limit in scenario.limits), default=-1) + 1
    limit = ScenarioLimitRecord(position=place, content=content, is_on=is_on)
    scenario.limits.append(limit)
    _end_edit(session, scenario, "add_limit", before=None, after=content, by=by, now=now)
    return limit


def change_limit(
    session: Session,
    scenario: ScenarioRecord,
    limit_id: int,
    content: dict[str, Any],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioLimitRecord:
    """Replace the content of a limit."""
    _begin_edit(scenario, seen_version)
    limit = _limit(scenario, limit_id)
    before = limit.content
    if before == content:
        return limit
    limit.content = content
    _end_edit(session, scenario, "change_limit", before=before, after=content, by=by, now=now)
    return limit


def switch_limit(
    session: Session,
    scenario: ScenarioRecord,
    limit_id: int,
    *,
    is_on: bool,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioLimitRecord:
    """Switch a limit on or off."""
    _begin_edit(scenario, seen_version)
    limit = _limit(scenario, limit_id)
    if limit.is_on == is_on:
        return limit
    limit.is_on = is_on
    after = {"limit": limit_id, "is_on": is_on}
    before = {"limit": limit_id, "is_on": not is_on}
    _end_edit(session, scenario, "switch_limit", before=before, after=after, by=by, now=now)
    return limit


def remove_limit(
    session: Session,
    scenario: ScenarioRecord,
    limit_id: int,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Take a limit out of a draft; the log keeps it."""
    _begin_edit(scenario, seen_version)
    limit = _limit(scenario, limit_id)
    before = limit.content
    scenario.limits.remove(limit)
    _end_edit(session, scenario, "remove_limit", before=before, after=None, by=by, now=now)


def update_candidates(
    session: Session,
    scenario: ScenarioRecord,
    choices: Iterable[CandidateChoice],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Say for some candidates whether they take part and whether they are forced.

    Raises
    ------
    MissingReasonError
        When one is forced without a reason.
    """
    _begin_edit(scenario, seen_version)
    known = {candidate.intervention_id: candidate for candidate in scenario.candidates}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for choice in choices:
        candidate = known.get(choice.intervention_id)
        if candidate is None:
            raise NotFoundError
        key = candidate.intervention.key
        old, new = _choice_values(candidate), _choose(candidate, choice)
        if old != new:
            before[key], after[key] = old, new
    if after:
        _end_edit(
            session, scenario, "update_candidates", before=before, after=after, by=by, now=now
        )
    return scenario


def _choice_values(candidate: ScenarioCandidateRecord) -> dict[str, Any]:
    return {
        "takes_part": candidate.takes_part,
        "force": None if candidate.force is None else str(candidate.force),
        "force_reason": candidate.force_reason,
    }


def _choose(candidate: ScenarioCandidateRecord, choice: CandidateChoice) -> dict[str, Any]:
    reason = clean(choice.force_reason)
    if choice.force is not None and not reason:
        raise MissingReasonError(candidate.intervention.key)
    candidate.takes_part = choice.takes_part
    candidate.force = choice.force
    candidate.force_reason = reason if choice.force is not None else ""
    return _choice_values(candidate)


def add_candidates(
    session: Session,
    scenario: ScenarioRecord,
    cases: Iterable[CaseRecord],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Let more submitted or accepted cases take part."""
    _begin_edit(scenario, seen_version)
    known = {candidate.intervention_id for candidate in scenario.candidates}
    added = [case for case in cases if case.intervention_id not in known]
    for case in added:
        _require_usable(scenario, case)
        scenario.candidates.append(
            ScenarioCandidateRecord(intervention_id=case.intervention_id, case=case)
        )
    if added:
        after = {"cases": [case.id for case in added]}
        _end_edit(session, scenario, "add_candidates", before=None, after=after, by=by, now=now)
    return scenario


def use_case(
    session: Session,
    scenario: ScenarioRecord,
    case: CaseRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> ScenarioRecord:
    """Let the scenario use another version of a candidate's business case."""
    _begin_edit(scenario, seen_version)
    _require_usable(scenario, case)
    for candidate in scenario.candidates:
        if candidate.intervention_id == case.intervention_id:
            before, after = {"case": candidate.case_id}, {"case": case.id}
            candidate.case = case
            _end_edit(session, scenario, "use_case", before=before, after=after, by=by, now=now)
            return scenario
    raise NotFoundError


def _require_usable(scenario: ScenarioRecord, case: CaseRecord) -> None:
    usable = case.state in {CaseState.SUBMITTED, CaseState.ACCEPTED}
    if not usable or case.intervention.strategy_id != scenario.strategy_id:
        raise NotFoundError
