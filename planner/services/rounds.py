"""Rounds: opening, changing, closing and reopening the windows in which candidates come in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from planner.access import visible
from planner.model import (
    DepartmentRecord,
    InterventionRecord,
    PersonRecord,
    RoundRecord,
    StrategyRecord,
)
from planner.model.rounds import RoundPhase
from planner.model.states import (
    INTERVENTION,
    ROUND,
    CaseState,
    RoundState,
    WrongStateError,
    next_state,
)
from planner.services.events import changed_keys, record_event
from planner.services.intervention_list import InterventionRow, list_interventions
from planner.services.writing import NotFoundError, clean, next_version, require_version

# the last moment of handing in, and later decisions that may ask for more
STAGES = ("submitted", "assessed", "ready", "approved_by_council")


class TakenNameError(Exception):
    """Another round of the strategy has the same name."""


class NotTakenError(Exception):
    """The round does not take the department, or is not open."""


class RoundOverError(WrongStateError):
    """The form is locked, for the round that its case belongs to is not open.

    Parameters
    ----------
    the_round : RoundRecord
        The round, to say until when it was open.
    """

    def __init__(self, the_round: RoundRecord, action: str) -> None:
        super().__init__(ROUND, the_round.state, action)
        self.round = the_round


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundData:
    """What finance decides about a round.

    Parameters
    ----------
    opens_at, deadline : datetime
        First and last moment of handing in, with time zone.
    departments : tuple of str
        Keys of the departments that may submit.
    required : dict
        By stage of `STAGES`, the codes of `planner.services.case_checks.REQUIRABLE`.
    """

    name: str
    opens_at: datetime
    deadline: datetime
    departments: tuple[str, ...] = ()
    template: str = ""
    required: dict[str, list[str]] = field(default_factory=dict)


def list_rounds(session: Session, strategy: StrategyRecord) -> list[RoundRecord]:
    """Return the rounds of a strategy, the latest deadline first."""
    return list(
        session.scalars(
            select(RoundRecord)
            .where(RoundRecord.strategy_id == strategy.id)
            .options(selectinload(RoundRecord.departments))
            .order_by(RoundRecord.deadline.desc(), RoundRecord.id)
        )
    )


def get_round(session: Session, round_id: int, *, actor: PersonRecord) -> RoundRecord:
    """Return one round.

    Raises
    ------
    NotFoundError
        When it does not exist or is not for ``actor``.
    """
    found = session.scalar(
        select(RoundRecord).where(RoundRecord.id == round_id, visible(actor, RoundRecord))
    )
    if found is None:
        raise NotFoundError
    return found


def rounds_for(
    session: Session, strategy: StrategyRecord, department_ids: Iterable[int], *, now: datetime
) -> list[RoundRecord]:
    """Return the rounds that are open and take one of the departments, the next deadline first."""
    wanted = set(department_ids)
    return [
        one
        for one in reversed(list_rounds(session, strategy))
        if one.phase(now) is RoundPhase.OPEN and any(one.takes(key) for key in wanted)
    ]


def candidates_in(
    session: Session, the_round: RoundRecord, *, actor: PersonRecord
) -> list[InterventionRow]:
    """Return the interventions of a round that ``actor`` may see."""
    within = set(
        session.scalars(
            select(InterventionRecord.id).where(InterventionRecord.round_id == the_round.id)
        )
    )
    rows = list_interventions(session, strategy=the_round.strategy, actor=actor)
    return [row for row in rows if row.intervention_id in within]


# --- The lock -------------------------------------------------------------------------------------


def lock_of(intervention: InterventionRecord, *, now: datetime) -> RoundRecord | None:
    """Return the round that keeps the department's form locked, or None.

    What finance has decided about was handed in in time: a returned case is mended, and an
    accepted one goes on, without asking the round again.
    """
    the_round = intervention.round
    if the_round is None or the_round.phase(now) is RoundPhase.OPEN:
        return None
    decided = {CaseState.ACCEPTED, CaseState.RETURNED}
    return None if any(case.state in decided for case in intervention.cases) else the_round


def require_unlocked(intervention: InterventionRecord, action: str, *, now: datetime) -> None:
    """Refuse a step of the form while the round keeps it locked.

    Raises
    ------
    RoundOverError
        Naming the round.
    """
    locked_by = lock_of(intervention, now=now)
    if locked_by is not None:
        raise RoundOverError(locked_by, action)


# --- Changes --------------------------------------------------------------------------------------


def create_round(
    session: Session,
    strategy: StrategyRecord,
    data: RoundData,
    *,
    by: PersonRecord | None,
    now: datetime,
) -> RoundRecord:
    """Open a round.

    Raises
    ------
    TakenNameError
        When the strategy has one of that name.
    """
    _require_free(session, strategy, data.name, None)
    made = RoundRecord(strategy=strategy, created_at=now, created_by=by, state=RoundState.OPEN)
    _fill(made, data)
    session.add(made)
    session.flush()
    record_event(session, by=by, now=now, action="round.create", object=made, after=_content(made))
    return made


def update_round(
    session: Session,
    the_round: RoundRecord,
    data: RoundData,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> RoundRecord:
    """Change what a round asks for; an unchanged one is left alone."""
    require_version(the_round, seen_version)
    next_state(ROUND, the_round.state, "edit")
    _require_free(session, the_round.strategy, data.name, the_round)
    old = _content(the_round)
    _fill(the_round, data)
    before, after = changed_keys(old, _content(the_round))
    if after:
        next_version(the_round)
        record_event(
            session,
            by=by,
            now=now,
            action="round.update",
            object=the_round,
            before=before,
            after=after,
        )
    return the_round


def close_round(
    session: Session,
    the_round: RoundRecord,
    *,
    reason: str,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> RoundRecord:
    """Close a round before its deadline, or for good after it, with the reason."""
    return _turn(session, the_round, "close", reason, {}, by=by, now=now, seen_version=seen_version)


def reopen_round(
    session: Session,
    the_round: RoundRecord,
    *,
    deadline: datetime,
    reason: str,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> RoundRecord:
    """Open a round again until a new deadline, with the reason.

    Raises
    ------
    ValueError
        When the new deadline has passed already, or no reason is given.
    """
    if deadline <= now:
        raise ValueError("a round is reopened until a moment that is still to come")
    return _turn(
        session,
        the_round,
        "reopen",
        reason,
        {"deadline": deadline},
        by=by,
        now=now,
        seen_version=seen_version,
    )


def _turn(
    session: Session,
    the_round: RoundRecord,
    action: str,
    reason: str,
    changes: dict[str, datetime],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> RoundRecord:
    if not clean(reason):
        raise ValueError("a round is closed and reopened with a reason")
    require_version(the_round, seen_version)
    old = _content(the_round) | {"state": the_round.state}
    the_round.state = RoundState(next_state(ROUND, the_round.state, action))
    for name, value in changes.items():
        setattr(the_round, name, value)
    the_round.reason = clean(reason)
    before, after = changed_keys(old, _content(the_round) | {"state": the_round.state})
    next_version(the_round)
    record_event(
        session,
        by=by,
        now=now,
        action=f"round.{action}",
        object=the_round,
        before=before,
        after=after | {"reason": the_round.reason},
    )
    return the_round


def enter_round(
    session: Session,
    intervention: InterventionRecord,
    the_round: RoundRecord | None,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> InterventionRecord:
    """Let an intervention belong to a round, or to none.

    Raises
    ------
    NotTakenError
        When the round is not open or does not take the department.
    RoundOverError
        When the round that it belongs to keeps it locked.
    """
    require_version(intervention, seen_version)
    next_state(INTERVENTION, intervention.state, "enter_round")
    if the_round is intervention.round:
        return intervention
    require_unlocked(intervention, "enter_round", now=now)
    if the_round is not None and not (
        the_round.strategy_id == intervention.strategy_id
        and the_round.phase(now) is RoundPhase.OPEN
        and the_round.takes(intervention.department_id)
    ):
        raise NotTakenError
    before = intervention.round
    intervention.round = the_round
    next_version(intervention)
    record_event(
        session,
        by=by,
        now=now,
        action="intervention.enter_round",
        object=intervention,
        before={"round": None if before is None else before.name},
        after={"round": None if the_round is None else the_round.name},
    )
    return intervention


def _require_free(
    session: Session, strategy: StrategyRecord, name: str, mine: RoundRecord | None
) -> None:
    for other in list_rounds(session, strategy):
        if other is not mine and other.name.casefold() == clean(name).casefold():
            raise TakenNameError


def _fill(the_round: RoundRecord, data: RoundData) -> None:
    known: dict[str, DepartmentRecord] = {d.key: d for d in the_round.strategy.departments}
    the_round.name = clean(data.name)
    the_round.opens_at, the_round.deadline = data.opens_at, data.deadline
    the_round.template = clean(data.template)
    the_round.required = {
        stage: list(data.required[stage]) for stage in STAGES if data.required.get(stage)
    }
    the_round.departments = [known[key] for key in known if key in data.departments]


def _content(the_round: RoundRecord) -> dict[str, Any]:
    return {
        "name": the_round.name,
        "opens_at": the_round.opens_at,
        "deadline": the_round.deadline,
        "departments": [d.key for d in the_round.departments],
        "template": the_round.template,
        "required": dict(the_round.required),
    }
