"""Indicators: listing them, and storing what a file has of them as new versions.

A file holds the whole of each indicator that it names; one that it does not name stays as it is.
Nothing is changed: what is new is a new version beside the old one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from planner.model import IndicatorRecord, IndicatorVersionRecord, PersonRecord
from planner.services.events import record_event
from planner.services.indicator_reading import COLUMNS, Point, ReadIndicator
from planner.services.interventions import slug
from planner.services.writing import NotFoundError, folded

LONGEST_KEY = 90
RESERVED_KEYS = frozenset({"import", "export"})

#: folded municipality and title
Name = tuple[str, str]


class ChangedSinceError(Exception):
    """Somebody stored another version after the file was looked at."""


@dataclass(frozen=True, slots=True)
class IndicatorChange:
    """What storing one indicator of a file would do.

    Parameters
    ----------
    number : int
        The newest version that is stored; 0 where there is none.
    is_same : bool
        The file says what is stored already.
    lost : int
        Numbers of the newest version that the file does not have.
    """

    read: ReadIndicator
    number: int
    is_same: bool
    lost: int


# --- Reading --------------------------------------------------------------------------------------


def list_indicators(session: Session) -> list[IndicatorRecord]:
    """Return every indicator with its versions, by municipality in the order they came in."""
    query = select(IndicatorRecord).options(selectinload(IndicatorRecord.versions))
    return list(session.scalars(query.order_by(IndicatorRecord.municipality, IndicatorRecord.id)))


def get_indicator(session: Session, key: str) -> IndicatorRecord:
    """Return the indicator of an address.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = session.scalar(
        select(IndicatorRecord)
        .where(IndicatorRecord.key == key)
        .options(
            selectinload(IndicatorRecord.versions).selectinload(IndicatorVersionRecord.created_by)
        )
    )
    if found is None:
        raise NotFoundError
    return found


def get_version(indicator: IndicatorRecord, number: int | None) -> IndicatorVersionRecord:
    """Return one version of an indicator; None: the newest.

    Raises
    ------
    NotFoundError
        When there is none of that number.
    """
    if number is None:
        return indicator.newest
    found = next((one for one in indicator.versions if one.number == number), None)
    if found is None:
        raise NotFoundError
    return found


def points_of(version: IndicatorVersionRecord) -> list[Point]:
    """Return the numbers of a version, in their order."""
    return [Point(*stored) for stored in version.points]


def rows_out(indicators: Sequence[IndicatorRecord]) -> list[dict[str, str]]:
    """Return the newest numbers as lines of the file that can be read in again."""
    return [
        {
            "municipality": indicator.municipality,
            "indicator": indicator.title,
            "unit": indicator.newest.unit,
            "series": point.series,
            "year": str(point.year),
            "value": point.value.replace(".", ","),
            "source": point.source,
            "source_date": point.source_date,
            "note": "" if place else indicator.newest.note,
        }
        for indicator in indicators
        for place, point in enumerate(points_of(indicator.newest))
    ]


def headings() -> dict[str, str]:
    """Return the Danish heading of each column of the file, in its order."""
    return {name: danish for name, (danish, _english, _needed) in COLUMNS.items()}


# --- Comparing ------------------------------------------------------------------------------------


def changes(session: Session, read: Sequence[ReadIndicator]) -> list[IndicatorChange]:
    """Return what storing the indicators of a file would do, in its order."""
    known = _known(session)
    return [_change(known.get(_name_of(one)), one) for one in read]


def _known(session: Session) -> dict[Name, IndicatorRecord]:
    return {(folded(i.municipality), folded(i.title)): i for i in list_indicators(session)}


def _name_of(read: ReadIndicator) -> Name:
    return folded(read.municipality), folded(read.title)


def _change(indicator: IndicatorRecord | None, read: ReadIndicator) -> IndicatorChange:
    if indicator is None:
        return IndicatorChange(read, 0, is_same=False, lost=0)
    newest = indicator.newest
    stored = points_of(newest)
    places = {(folded(p.series), p.year) for p in read.points}
    return IndicatorChange(
        read,
        newest.number,
        is_same=(newest.unit, newest.note, stored) == (read.unit, read.note, list(read.points)),
        lost=sum((folded(p.series), p.year) not in places for p in stored),
    )


# --- Storing --------------------------------------------------------------------------------------


def store_indicators(
    session: Session,
    read: Sequence[ReadIndicator],
    *,
    seen: Mapping[Name, int],
    by: PersonRecord | None,
    now: datetime,
) -> list[IndicatorRecord]:
    """Store a new version of every indicator that the file changes, or of none.

    Parameters
    ----------
    seen : mapping
        Name to the newest version when the file was looked at; 0 where there was none.

    Raises
    ------
    ChangedSinceError
        When one of them has another newest version by now.
    """
    known, stored = _known(session), []
    keys = {indicator.key for indicator in known.values()} | RESERVED_KEYS
    changed = [(_name_of(one), _change(known.get(_name_of(one)), one)) for one in read]
    if any(seen.get(name) != change.number for name, change in changed):
        raise ChangedSinceError
    for name, change in changed:
        if change.is_same:
            continue
        indicator = known.get(name) or _new(change.read, keys, by=by, now=now)
        session.add(indicator)
        _append(session, indicator, change.read, by=by, now=now)
        stored.append(indicator)
    return stored


def seen_in(found: Sequence[IndicatorChange]) -> dict[Name, int]:
    """Return the newest versions that a preview was made against."""
    return {_name_of(change.read): change.number for change in found}


def _new(
    read: ReadIndicator, keys: set[str], *, by: PersonRecord | None, now: datetime
) -> IndicatorRecord:
    stem = slug(f"{read.municipality} {read.title}")[:LONGEST_KEY].strip("-")
    key, number = stem, 1
    while key in keys:
        number += 1
        key = f"{stem}-{number}"
    keys.add(key)
    return IndicatorRecord(
        key=key,
        municipality=read.municipality,
        title=read.title,
        created_at=now,
        created_by=by,
    )


def _append(
    session: Session,
    indicator: IndicatorRecord,
    read: ReadIndicator,
    *,
    by: PersonRecord | None,
    now: datetime,
) -> None:
    before = _document(indicator.newest) if indicator.versions else None
    version = IndicatorVersionRecord(
        number=len(indicator.versions) + 1,
        unit=read.unit,
        note=read.note,
        points=[[p.series, p.year, p.value, p.source, p.source_date] for p in read.points],
        created_at=now,
        created_by=by,
    )
    indicator.versions.append(version)
    session.flush()
    after = {"key": indicator.key, "title": indicator.title, **_document(version)}
    action = "indicator.version" if before else "indicator.add"
    record_event(
        session, by=by, now=now, action=action, object=indicator, before=before, after=after
    )


def _document(version: IndicatorVersionRecord) -> dict[str, Any]:
    """Return what the log keeps of a version: its frame; the numbers lie in the version itself."""
    return {"number": version.number, "unit": version.unit, "points": len(version.points)}
