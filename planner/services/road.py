"""The road of one candidate: from idea to made permanent, changed or stopped.

Which step leads where, and who may take it, stands in `planner.model.states.TRANSITIONS` alone;
here each step is checked for what it needs, taken, and written down.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.model import CaseRecord, InterventionRecord, PersonRecord, StageStepRecord
from planner.model.states import (
    INTERVENTION,
    CaseState,
    Stage,
    WrongStateError,
    next_state,
)
from planner.services.case_checks import Gap, Missing, required_in
from planner.services.events import record_event
from planner.services.writing import clean, next_version, require_version

# the order of the road; its three ends come after it
MAIN_ROAD = (
    Stage.IDEA,
    Stage.PRESENTED,
    Stage.ASSESSED,
    Stage.IN_DEVELOPMENT,
    Stage.READY,
    Stage.APPROVED_BY_COUNCIL,
    Stage.APPROVED_BY_MAYOR,
    Stage.RUNNING,
    Stage.FOLLOWED_UP,
)
ACTIONS = (
    *("present", "assess", "develop", "ready", "council", "mayor", "agree", "follow"),
    *("permanent", "change", "stop", "back"),
)
WITH_REASON = frozenset({"change", "stop", "back"})


class StepNotReadyError(Exception):
    """A step that the case is not ready for; ``missing`` says all that it lacks."""

    def __init__(self, missing: Iterable[Missing]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(one.gap for one in self.missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepData:
    """What is written down about a step.

    Parameters
    ----------
    owner : str
        Who answers for it, by name.
    on_date : date
        The day of the decision itself.
    """

    owner: str
    on_date: date
    reason: str = ""


def steps_of(session: Session, intervention: InterventionRecord) -> list[StageStepRecord]:
    """Return the steps that an intervention has taken, oldest first."""
    return list(
        session.scalars(
            select(StageStepRecord)
            .where(StageStepRecord.intervention_id == intervention.id)
            .order_by(StageStepRecord.id)
        )
    )


def ahead_of(stage: Stage) -> tuple[Stage, ...]:
    """Return the stages of the main road that lie ahead."""
    if stage is Stage.RETURNED:
        return MAIN_ROAD[1:]
    return MAIN_ROAD[MAIN_ROAD.index(stage) + 1 :] if stage in MAIN_ROAD else ()


def lacking_for(intervention: InterventionRecord, action: str) -> list[Missing]:
    """Return what the case lacks for a step: the right version, and what its round requires."""
    to = next_state(INTERVENTION, intervention.stage, action)
    states = {case.state for case in intervention.cases}
    missing = []
    if to == Stage.ASSESSED and not states - {CaseState.DRAFT}:
        missing.append(Missing(Gap.SUBMITTED_CASE, "check"))
    if to == Stage.READY and CaseState.ACCEPTED not in states:
        missing.append(Missing(Gap.ACCEPTED_CASE, ""))
    return [*missing, *required_in(_version_that_counts(intervention), to)]


def _version_that_counts(intervention: InterventionRecord) -> CaseRecord:
    """Return the newest accepted version, else the newest submitted one, else the newest."""
    cases = intervention.cases
    for state in (CaseState.ACCEPTED, CaseState.SUBMITTED):
        found = [case for case in cases if case.state is state]
        if found:
            return found[-1]
    return cases[-1]


def take_step(
    session: Session,
    intervention: InterventionRecord,
    action: str,
    data: StepData,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> StageStepRecord:
    """Take one step of the road.

    Parameters
    ----------
    action : str
        One of `ACTIONS`.

    Raises
    ------
    WrongStateError
        When the present stage does not allow the step, or the intervention is withdrawn.
    StepNotReadyError
        With all that the case lacks.
    ValueError
        When the owner, or a reason that the step needs, is missing.
    """
    if not clean(data.owner) or (action in WITH_REASON and not clean(data.reason)):
        raise ValueError("a step has an owner, and some a reason")
    require_version(intervention, seen_version)
    if intervention.is_withdrawn:
        raise WrongStateError(INTERVENTION, intervention.state, action)
    missing = lacking_for(intervention, action)
    if missing:
        raise StepNotReadyError(missing)
    to = Stage(next_state(INTERVENTION, intervention.stage, action))
    step = note_step(session, intervention, to, data, by=by, now=now)
    next_version(intervention)
    record_event(
        session,
        by=by,
        now=now,
        action=f"intervention.{action}",
        object=intervention,
        before={"stage": step.from_stage},
        after={"stage": to, "on_date": data.on_date.isoformat(), "reason": step.reason},
    )
    return step


def note_step(
    session: Session,
    intervention: InterventionRecord,
    to: Stage,
    data: StepData,
    *,
    by: PersonRecord | None,
    now: datetime,
) -> StageStepRecord:
    """Write a step down and move the intervention; the caller checks and logs."""
    step = StageStepRecord(
        intervention=intervention,
        from_stage=intervention.stage,
        to_stage=to,
        owner=clean(data.owner),
        on_date=data.on_date,
        reason=clean(data.reason),
        created_at=now,
        created_by=by,
    )
    intervention.stage = to
    session.add(step)
    return step
