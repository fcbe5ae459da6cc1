"""Candidate interventions: listing, drafting, submitting, assessing, withdrawing."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.model import (
    CaseRecord,
    DepartmentRecord,
    InterventionRecord,
    PersonRecord,
    RoundRecord,
    StrategyRecord,
)
from planner.model.states import CASE, INTERVENTION, CaseState, Stage, WrongStateError, next_state
from planner.services.acceptances import copy_owners
from planner.services.attachments import copy_attachments
from planner.services.case_argument import computed_or_kept, with_computed
from planner.services.case_checks import Missing, missing_in
from planner.services.case_shelf import note_uses, with_shelf
from planner.services.cases import (
    CaseData,
    FlowData,
    MeasureData,
    OptionData,
    build_options,
    case_data,
    case_document,
    case_documents,
)
from planner.services.events import changed_keys, record_event
from planner.services.intervention_list import (
    InterventionFilters,
    InterventionRow,
    InterventionView,
    get_intervention,
    list_interventions,
)
from planner.services.notices import tell_returned
from planner.services.road import StepData, note_step
from planner.services.rounds import require_unlocked
from planner.services.writing import clean, next_version, require_version, slug

__all__ = [
    "CaseData",
    "CaseNotReadyError",
    "FlowData",
    "InterventionFilters",
    "InterventionRow",
    "InterventionView",
    "MeasureData",
    "OptionData",
    "accept_case",
    "case_data",
    "case_document",
    "case_documents",
    "create_accepted",
    "create_draft",
    "get_intervention",
    "list_interventions",
    "move_intervention",
    "new_draft_from",
    "return_case",
    "save_draft",
    "slug",
    "submit_case",
    "withdraw_intervention",
]

# addresses below /interventions/ that are pages of their own
RESERVED_CODES = frozenset({"new", "import", "export", "matrix", "ranking"})


class CaseNotReadyError(Exception):
    """A case that cannot be submitted yet; ``missing`` says all that is missing or wrong."""

    def __init__(self, missing: Iterable[Missing]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(one.gap for one in self.missing))


def _free(wanted: str, taken: Iterable[str]) -> str:
    taken = set(taken)
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def _free_key(session: Session, strategy: StrategyRecord, title: str) -> str:
    taken = session.scalars(
        select(InterventionRecord.key).where(InterventionRecord.strategy_id == strategy.id)
    )
    return _free(slug(title), taken)


def _free_code(session: Session, key: str) -> str:
    wanted = re.sub(r"[\s/?#%]+", "-", key)[:100]
    taken = session.scalars(
        select(InterventionRecord.code).where(InterventionRecord.code.startswith(wanted))
    )
    return _free(wanted, {*taken, *RESERVED_CODES})


def create_draft(
    session: Session,
    data: CaseData,
    *,
    department: DepartmentRecord,
    by: PersonRecord | None,
    now: datetime,
    key: str | None = None,
    the_round: RoundRecord | None = None,
    copied_from: CaseRecord | None = None,
) -> CaseRecord:
    """Make a new intervention with its first draft.

    Parameters
    ----------
    the_round : RoundRecord or None
        The round that it is a candidate of.
    copied_from : CaseRecord or None
        The version that its content was taken from, for the log.
    key : str or None
        Its id in plan files; default made from the title.

    Raises
    ------
    CaseErrors, CaseError
        The argument of a case that is no copy cannot be read or computed.
    """
    session.flush()
    key = key or _free_key(session, department.strategy, data.title)
    intervention = InterventionRecord(
        strategy=department.strategy,
        department=department,
        key=key,
        code=_free_code(session, key),
        round=the_round,
        created_at=now,
        created_by=by,
    )
    known, is_copy = with_shelf(session, data), copied_from is not None
    case = _new_case(intervention, known, number=1, by=by, now=now, is_copy=is_copy)
    session.add_all([intervention, case])
    session.flush()
    note_uses(session, case)
    after = {"intervention": intervention.code, "number": 1, "title": case.title}
    after |= _origin(copied_from)
    record_event(session, by=by, now=now, action="case.create", object=case, after=after)
    return case


def _origin(case: CaseRecord | None) -> dict[str, Any]:
    if case is None:
        return {}
    return {"copied_from": case.intervention.code, "copied_number": case.number}


def create_accepted(
    session: Session,
    data: CaseData,
    *,
    department: DepartmentRecord,
    by: PersonRecord | None,
    now: datetime,
    key: str | None = None,
) -> CaseRecord:
    """Make a new intervention whose first version is accepted, as an import does."""
    case = create_draft(session, data, department=department, by=by, now=now, key=key)
    case.state = CaseState.ACCEPTED
    case.submitted_at = case.decided_at = now
    case.submitted_by = case.decided_by = by
    next_version(case)
    record_event(
        session,
        by=by,
        now=now,
        action="case.import",
        object=case,
        before={"state": CaseState.DRAFT},
        after={"state": CaseState.ACCEPTED},
    )
    return case


def _new_case(
    intervention: InterventionRecord,
    data: CaseData,
    *,
    number: int,
    by: PersonRecord | None,
    now: datetime,
    is_copy: bool,
) -> CaseRecord:
    strategy = intervention.strategy
    list(strategy.payers)  # read now: reading later would flush a case that is half made
    case = CaseRecord(
        intervention=intervention,
        number=number,
        state=CaseState.DRAFT,
        created_at=now,
        created_by=by,
    )
    computed = computed_or_kept if is_copy else with_computed
    _fill(case, computed(data, strategy), strategy=strategy, by=by, now=now)
    return case


def _fill(
    case: CaseRecord,
    data: CaseData,
    *,
    strategy: StrategyRecord,
    by: PersonRecord | None,
    now: datetime,
) -> None:
    case.title = clean(data.title)
    case.summary = clean(data.summary)
    case.target_group = clean(data.target_group)
    case.supplier = clean(data.supplier)
    case.external = data.external
    case.evidence_stars = data.evidence_stars
    case.evidence = clean(data.evidence)
    case.tags = [clean(tag) for tag in data.tags]
    case.price_year = data.price_year or strategy.price_year
    case.argument, case.typed = data.argument, data.typed or None
    case.edited_at, case.edited_by = now, by
    case.options.extend(build_options(data.options, {p.key: p for p in strategy.payers}))


def save_draft(
    session: Session,
    case: CaseRecord,
    data: CaseData,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
    action: str = "case.save",
) -> CaseRecord:
    """Replace the content of a draft; an unchanged one is left alone.

    An argument that no longer fits the strategy keeps the amounts that it came to when it did.

    Parameters
    ----------
    action : str
        What the line of the log is called.
    """
    require_version(case, seen_version)
    _require_open(case, "save")
    require_unlocked(case.intervention, "save", now=now)
    next_state(CASE, case.state, "save")
    data = computed_or_kept(with_shelf(session, data), case.intervention.strategy)
    old = asdict(case_data(case))
    before, after = changed_keys(
        old, asdict(data) | {"price_year": data.price_year or old["price_year"]}
    )
    if not after:
        return case
    case.options.clear()
    session.flush()
    _fill(case, data, strategy=case.intervention.strategy, by=by, now=now)
    note_uses(session, case)
    next_version(case)
    record_event(session, by=by, now=now, action=action, object=case, before=before, after=after)
    return case


def _require_open(case: CaseRecord, action: str) -> None:
    """Refuse every step of a case whose intervention has been withdrawn."""
    if case.intervention.is_withdrawn:
        raise WrongStateError(INTERVENTION, case.intervention.state, action)


def _move(
    session: Session,
    case: CaseRecord,
    action: str,
    *,
    by: PersonRecord | None,
    now: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    _require_open(case, action)
    before = case.state
    case.state = CaseState(next_state(CASE, case.state, action))
    next_version(case)
    record_event(
        session,
        by=by,
        now=now,
        action=f"case.{action}",
        object=case,
        before={"state": before},
        after={"state": case.state, **(after or {})},
    )


def submit_case(
    session: Session,
    case: CaseRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> CaseRecord:
    """Hand a draft in; from here on its content never changes.

    Raises
    ------
    CaseNotReadyError
        With all that is missing or wrong.
    """
    require_version(case, seen_version)
    next_state(CASE, case.state, "submit")
    require_unlocked(case.intervention, "submit", now=now)
    missing = missing_in(case)
    if missing:
        raise CaseNotReadyError(missing)
    case.submitted_at, case.submitted_by = now, by
    _move(session, case, "submit", by=by, now=now)
    return case


def accept_case(
    session: Session,
    case: CaseRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
    remark: str = "",
) -> CaseRecord:
    """Find a submitted case sound enough to be shown and allocated."""
    require_version(case, seen_version)
    case.decided_at, case.decided_by, case.reason = now, by, clean(remark)
    _move(session, case, "accept", by=by, now=now, after={"reason": case.reason})
    return case


def return_case(
    session: Session,
    case: CaseRecord,
    *,
    reason: str,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> CaseRecord:
    """Send a submitted case back, with the reason."""
    if not clean(reason):
        raise ValueError("a case is returned with a reason")
    require_version(case, seen_version)
    case.decided_at, case.decided_by, case.reason = now, by, clean(reason)
    _move(session, case, "return", by=by, now=now, after={"reason": case.reason})
    tell_returned(session, case, now=now)
    return case


def new_draft_from(
    session: Session,
    case: CaseRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
) -> CaseRecord:
    """Make the next version from an accepted or returned one, or return the open draft."""
    versions = session.scalars(
        select(CaseRecord)
        .where(CaseRecord.intervention_id == case.intervention_id)
        .order_by(CaseRecord.number)
    ).all()
    for version in versions:
        if version.state is CaseState.DRAFT:
            return version
    _require_open(case, "new_draft")
    next_state(CASE, case.state, "new_draft")
    draft = _new_case(
        case.intervention,
        with_shelf(session, case_data(case)),
        number=versions[-1].number + 1,
        by=by,
        now=now,
        is_copy=True,
    )
    session.add(draft)
    session.flush()
    note_uses(session, draft)
    copy_owners(session, case, draft)
    copy_attachments(session, case, draft)
    record_event(
        session,
        by=by,
        now=now,
        action="case.new_draft",
        object=draft,
        after={
            "intervention": case.intervention.code,
            "number": draft.number,
            "from_number": case.number,
        },
    )
    return draft


def withdraw_intervention(
    session: Session,
    intervention: InterventionRecord,
    *,
    reason: str,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> InterventionRecord:
    """Take an intervention back; it stays visible as withdrawn."""
    if not clean(reason):
        raise ValueError("an intervention is withdrawn with a reason")
    require_version(intervention, seen_version)
    next_state(INTERVENTION, intervention.state, "withdraw")
    intervention.withdrawn_at, intervention.withdrawn_by = now, by
    intervention.withdrawn_reason = clean(reason)
    note_step(
        session,
        intervention,
        Stage.WITHDRAWN,
        StepData(owner=by.name if by else "", on_date=now.date(), reason=reason),
        by=by,
        now=now,
    )
    next_version(intervention)
    record_event(
        session,
        by=by,
        now=now,
        action="intervention.withdraw",
        object=intervention,
        after={"reason": intervention.withdrawn_reason},
    )
    return intervention


def move_intervention(
    session: Session,
    intervention: InterventionRecord,
    department: DepartmentRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> InterventionRecord:
    """Give an intervention to another department of its strategy; the cases go with it."""
    if department.strategy_id != intervention.strategy_id:
        raise ValueError("the department belongs to another strategy")
    require_version(intervention, seen_version)
    next_state(INTERVENTION, intervention.state, "move")
    before = intervention.department
    if before is department:
        return intervention
    intervention.department = department
    next_version(intervention)
    record_event(
        session,
        by=by,
        now=now,
        action="intervention.move",
        object=intervention,
        before={"department": before.key},
        after={"department": department.key},
    )
    return intervention
