"""Telling a department that the knowledge shelf has moved on under one of its cases."""

from collections import defaultdict
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from planner.model import NoticeRecord
from planner.model.states import NoticeKind
from planner.services.notices import editors_of, notify
from planner.services.shelf_uses import ShelfFlag, flags


def tell_flags(session: Session, *, now: datetime) -> list[NoticeRecord]:
    """Tell the editors of every intervention whose cases are flagged, once for each change."""
    by_intervention: dict[int, list[ShelfFlag]] = defaultdict(list)
    for flag in flags(session, now=now):
        by_intervention[flag.use.case.intervention_id].append(flag)
    made = []
    for found in by_intervention.values():
        case = max((flag.use.case for flag in found), key=lambda one: one.number)
        made += notify(
            session,
            editors_of(session, [case.intervention.department_id]),
            NoticeKind.FLAGGED,
            about=case,
            key=f"flagged:{case.intervention_id}:{_what(found)}",
            title=case.title,
            path=f"/interventions/{case.intervention.code}",
            now=now,
        )
    return made


def _what(found: list[ShelfFlag]) -> str:
    """Return a short name for what is flagged: it changes when something else is."""
    lines = sorted(
        f"{flag.use.version.entry_id}:{flag.newest}:{flag.is_old}:{flag.is_retired}"
        for flag in found
    )
    return sha256("\n".join(lines).encode()).hexdigest()[:16]
