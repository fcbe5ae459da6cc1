"""Which cases and scenarios use which version of the shelf, and which of them should look again."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from optimizer.shelf import ShelfKind
from planner.access import visible
from planner.model import (
    CaseRecord,
    CaseShelfUseRecord,
    InterventionRecord,
    PersonRecord,
    ScenarioCandidateRecord,
    ScenarioRecord,
    ShelfEntryRecord,
    ShelfVersionRecord,
)
from planner.model.states import CASE, CaseState, WrongStateError
from planner.services.shelf import get_setting, is_old, list_entries
from planner.services.writing import NotFoundError


@dataclass(frozen=True, slots=True)
class ShelfUse:
    """A case that is made with a version, and the scenarios that the case stands in."""

    version: ShelfVersionRecord
    case: CaseRecord
    scenarios: tuple[ScenarioRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFlag:
    """A use that should be looked at again.

    Parameters
    ----------
    newest : int
        The number of the entry's newest version.
    is_old : bool
        The source of the used version is older than the set age.
    is_retired : bool
        The entry has left the shelf.
    """

    use: ShelfUse
    newest: int
    is_old: bool
    is_retired: bool

    @property
    def has_newer(self) -> bool:
        """Whether the entry has a version after the one that is used."""
        return self.use.version.number < self.newest


def record_uses(session: Session, case: CaseRecord, version_ids: Collection[int]) -> None:
    """Say which versions of the shelf a draft is made with; those of before are forgotten.

    The change belongs to the saving of the case: whoever saves writes the line of the log, with
    the versions among what was changed.

    Raises
    ------
    NotFoundError
        When there is no such version.
    WrongStateError
        When the case is no draft any more: what a submitted case used is never changed.
    """
    if case.state is not CaseState.DRAFT:
        raise WrongStateError(CASE, str(case.state), "save")
    wanted = set(version_ids)
    found = set(
        session.scalars(select(ShelfVersionRecord.id).where(ShelfVersionRecord.id.in_(wanted)))
    )
    if found != wanted:
        raise NotFoundError
    kept = [use for use in case.shelf_uses if use.shelf_version_id in wanted]
    new = sorted(wanted - {use.shelf_version_id for use in kept})
    case.shelf_uses = [*kept, *(CaseShelfUseRecord(shelf_version_id=one) for one in new)]
    session.flush()


def uses_of(
    session: Session, entry: ShelfEntryRecord, *, actor: PersonRecord | None = None
) -> list[ShelfUse]:
    """Return the uses of every version of an entry, the newest version first.

    Parameters
    ----------
    actor : PersonRecord or None
        Leaves only what this person may see; None leaves all.
    """
    found = _uses(session, actor, ShelfVersionRecord.entry_id == entry.id)
    return sorted(found, key=lambda use: (-use.version.number, use.case.title, use.case.id))


def users_by_entry(
    session: Session, kind: ShelfKind, *, actor: PersonRecord
) -> dict[int, list[CaseRecord]]:
    """Return the cases that ``actor`` may see by the id of the entry that they are made with."""
    of_kind = select(ShelfEntryRecord.id).where(ShelfEntryRecord.kind == kind)
    found: dict[int, dict[int, CaseRecord]] = defaultdict(dict)
    for use in _uses(session, actor, ShelfVersionRecord.entry_id.in_(of_kind)):
        # the newest version of each candidate says what it is called now
        cases = found[use.version.entry_id]
        known = cases.get(use.case.intervention_id)
        if known is None or known.number < use.case.number:
            cases[use.case.intervention_id] = use.case
    return {
        entry: sorted(cases.values(), key=lambda case: case.title) for entry, cases in found.items()
    }


def flags(session: Session, *, now: datetime, actor: PersonRecord | None = None) -> list[ShelfFlag]:
    """Return the uses whose version is not the newest, is too old, or has left the shelf.

    Only of cases that still count: an intervention's newest case, its newest accepted one, and
    those that stand in a scenario; never of withdrawn interventions.
    """
    years = get_setting(session).years
    newest = _newest_numbers(session)
    counting = _counting_cases(session)
    flagged = []
    for use in _uses(session, actor, InterventionRecord.withdrawn_at.is_(None)):
        if use.case.id not in counting and not use.scenarios:
            continue
        flag = ShelfFlag(
            use=use,
            newest=newest[use.version.entry_id],
            is_old=is_old(use.version, now=now, years=years),
            is_retired=use.version.entry.is_retired,
        )
        if flag.has_newer or flag.is_old or flag.is_retired:
            flagged.append(flag)
    return sorted(flagged, key=lambda f: (f.use.case.title, f.use.version.entry.title))


def flags_by_case(
    session: Session, *, now: datetime, actor: PersonRecord | None = None
) -> dict[int, list[ShelfFlag]]:
    """Return the same by the id of the case."""
    found: dict[int, list[ShelfFlag]] = defaultdict(list)
    for flag in flags(session, now=now, actor=actor):
        found[flag.use.case.id].append(flag)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Attention:
    """How much of the shelf and of what stands on it should be looked at again."""

    old_entries: int
    flagged_cases: int

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.old_entries or self.flagged_cases)


def attention(session: Session, *, now: datetime, actor: PersonRecord | None = None) -> Attention:
    """Count the entries whose newest version is too old, and the cases that are flagged."""
    years = get_setting(session).years
    old = sum(is_old(entry.newest, now=now, years=years) for entry in list_entries(session))
    cases = {flag.use.case.id for flag in flags(session, now=now, actor=actor)}
    return Attention(old_entries=old, flagged_cases=len(cases))


# --- Queries --------------------------------------------------------------------------------------


def _uses(
    session: Session, actor: PersonRecord | None, condition: ColumnElement[bool]
) -> list[ShelfUse]:
    query = (
        select(CaseShelfUseRecord)
        .join(CaseShelfUseRecord.version)
        .join(CaseShelfUseRecord.case)
        .join(CaseRecord.intervention)
        .where(condition)
        .options(
            joinedload(CaseShelfUseRecord.version).joinedload(ShelfVersionRecord.entry),
            joinedload(CaseShelfUseRecord.case).joinedload(CaseRecord.intervention),
        )
    )
    if actor is not None:
        query = query.where(visible(actor, CaseRecord))
    found = session.scalars(query).all()
    scenarios = _scenarios(session, {use.case_id for use in found}, actor)
    return [ShelfUse(use.version, use.case, tuple(scenarios[use.case_id])) for use in found]


def _scenarios(
    session: Session, cases: Iterable[int], actor: PersonRecord | None
) -> dict[int, list[ScenarioRecord]]:
    query = (
        select(ScenarioCandidateRecord)
        .join(ScenarioCandidateRecord.scenario)
        .where(ScenarioCandidateRecord.case_id.in_(sorted(cases)))
        .where(ScenarioCandidateRecord.takes_part)
        .options(selectinload(ScenarioCandidateRecord.scenario))
        .order_by(ScenarioRecord.id)
    )
    if actor is not None:
        query = query.where(visible(actor, ScenarioRecord))
    by_case: dict[int, list[ScenarioRecord]] = defaultdict(list)
    for candidate in session.scalars(query):
        by_case[candidate.case_id].append(candidate.scenario)
    return by_case


def _newest_numbers(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(ShelfVersionRecord.entry_id, func.max(ShelfVersionRecord.number)).group_by(
            ShelfVersionRecord.entry_id
        )
    )
    return {row[0]: row[1] for row in rows}


def _counting_cases(session: Session) -> set[int]:
    """Return the newest case of every intervention, and its newest accepted one."""
    counting: set[int] = set()
    for states in (tuple(CaseState), (CaseState.ACCEPTED,)):
        newest = (
            select(CaseRecord.intervention_id, func.max(CaseRecord.number).label("number"))
            .where(CaseRecord.state.in_(states))
            .group_by(CaseRecord.intervention_id)
            .subquery()
        )
        counting |= set(
            session.scalars(
                select(CaseRecord.id).join(
                    newest,
                    (newest.c.intervention_id == CaseRecord.intervention_id)
                    & (newest.c.number == CaseRecord.number),
                )
            )
        )
    return counting
