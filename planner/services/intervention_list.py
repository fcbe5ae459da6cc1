"""Looking at interventions: the list and its filters, and one of them with its versions."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from planner.access import visible
from planner.model import (
    CaseRecord,
    DepartmentRecord,
    FlowRecord,
    InterventionRecord,
    OptionRecord,
    PersonRecord,
    StrategyRecord,
)
from planner.model.states import CaseState
from planner.services.writing import NotFoundError, folded

_SPELT_OUT = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionFilters:
    """What a list is narrowed to; empty means everything.

    Parameters
    ----------
    departments : frozenset of str
        Keys of departments.
    states : frozenset of str
        Case states, or ``"withdrawn"``.
    text : str
        Looked for in code, title, target group, supplier, tags and department.
    """

    departments: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    target_group: str = ""
    stars_at_least: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionRow:
    """One line of the list: the newest version that the reader may see.

    Parameters
    ----------
    state : str
        The case's state, or ``"withdrawn"``.
    accepted_number, latest_number : int or None
        The newest accepted version, and the newest that the reader may see.
    """

    intervention_id: int
    case_id: int
    code: str
    key: str
    title: str
    summary: str
    department: str
    department_key: str
    target_group: str
    supplier: str
    external: bool
    evidence_stars: int
    tags: tuple[str, ...]
    state: str
    case_state: CaseState
    number: int
    accepted_number: int | None
    accepted_case_id: int | None
    withdrawn: bool
    price_year: int
    edited_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionView:
    """One intervention with the versions that the reader may see, oldest first."""

    intervention: InterventionRecord
    cases: list[CaseRecord]
    current: CaseRecord

    @property
    def accepted(self) -> CaseRecord | None:
        """The newest accepted version."""
        return _last(case for case in self.cases if case.state is CaseState.ACCEPTED)


def _last(cases: Iterable[CaseRecord]) -> CaseRecord | None:
    found = None
    for case in cases:
        found = case
    return found


def list_interventions(
    session: Session,
    *,
    strategy: StrategyRecord,
    actor: PersonRecord,
    filters: InterventionFilters | None = None,
) -> list[InterventionRow]:
    """Return the interventions of a strategy that ``actor`` may see, in one query."""
    filters = filters or InterventionFilters()
    by_intervention: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            InterventionRecord.id.label("intervention_id"),
            InterventionRecord.code,
            InterventionRecord.key,
            InterventionRecord.withdrawn_at,
            DepartmentRecord.name.label("department"),
            DepartmentRecord.key.label("department_key"),
            CaseRecord.id.label("case_id"),
            CaseRecord.number,
            CaseRecord.state,
            CaseRecord.title,
            CaseRecord.summary,
            CaseRecord.target_group,
            CaseRecord.supplier,
            CaseRecord.external,
            CaseRecord.evidence_stars,
            CaseRecord.tags,
            CaseRecord.price_year,
            CaseRecord.edited_at,
            CaseRecord.submitted_at,
            CaseRecord.decided_at,
            CaseRecord.reason,
        )
        .join(CaseRecord.intervention)
        .join(InterventionRecord.department)
        .where(InterventionRecord.strategy_id == strategy.id, visible(actor, CaseRecord))
        .order_by(InterventionRecord.id, CaseRecord.number)
    ):
        by_intervention[row.intervention_id].append(row)
    rows = (_row_of(versions) for versions in by_intervention.values())
    return [row for row in rows if passes(row, filters)]


def _row_of(versions: list[Any]) -> InterventionRow:
    newest = versions[-1]
    accepted = [row for row in versions if row.state is CaseState.ACCEPTED]
    withdrawn = newest.withdrawn_at is not None
    return InterventionRow(
        intervention_id=newest.intervention_id,
        case_id=newest.case_id,
        code=newest.code,
        key=newest.key,
        title=newest.title,
        summary=newest.summary,
        department=newest.department,
        department_key=newest.department_key,
        target_group=newest.target_group,
        supplier=newest.supplier,
        external=newest.external,
        evidence_stars=newest.evidence_stars,
        tags=tuple(newest.tags),
        state="withdrawn" if withdrawn else str(newest.state),
        case_state=newest.state,
        number=newest.number,
        accepted_number=accepted[-1].number if accepted else None,
        accepted_case_id=accepted[-1].case_id if accepted else None,
        withdrawn=withdrawn,
        price_year=newest.price_year,
        edited_at=newest.edited_at,
        submitted_at=newest.submitted_at,
        decided_at=newest.decided_at,
        reason=newest.reason,
    )


def passes(row: InterventionRow, filters: InterventionFilters) -> bool:
    """Say whether a line of the list is one of those asked for."""
    return (
        (not filters.departments or row.department_key in filters.departments)
        and (not filters.states or row.state in filters.states)
        and (not filters.target_group or folded(row.target_group) == folded(filters.target_group))
        and row.evidence_stars >= filters.stars_at_least
        and _has_words(row, filters.text)
    )


def _has_words(row: InterventionRow, text: str) -> bool:
    haystack = _searchable(
        " ".join((row.code, row.title, row.target_group, row.supplier, row.department, *row.tags))
    )
    return all(word in haystack for word in _searchable(text).split())


def _searchable(text: str) -> str:
    """Return ``text`` without accents and with æ, ø, å spelt out: ``Lær`` is found by ``laer``."""
    plain = folded(text).translate(_SPELT_OUT)
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


def get_intervention(session: Session, code: str, *, actor: PersonRecord) -> InterventionView:
    """Return one intervention as ``actor`` may see it.

    Raises
    ------
    NotFoundError
        When it does not exist or no version of it is for ``actor``; the two look the same.
    """
    flows = (
        selectinload(CaseRecord.options)
        .selectinload(OptionRecord.flows)
        .selectinload(FlowRecord.payer)
    )
    measures = selectinload(CaseRecord.options).selectinload(OptionRecord.measures)
    cases = session.scalars(
        select(CaseRecord)
        .join(CaseRecord.intervention)
        .where(InterventionRecord.code == code, visible(actor, CaseRecord))
        .options(
            flows,
            measures,
            selectinload(CaseRecord.intervention).selectinload(InterventionRecord.department),
        )
        .order_by(CaseRecord.number)
    ).all()
    if not cases:
        raise NotFoundError
    return InterventionView(
        intervention=cases[-1].intervention, cases=list(cases), current=cases[-1]
    )
