"""The knowledge shelf: finding, adding, renewing and retiring what lies on it.

An entry is never changed. What is new is a new version beside the old one, so that a case which
was made with the old one still says where its figures came from.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from optimizer.sentence import Sentence
from optimizer.shelf import Content, ShelfConsequence, ShelfKind
from optimizer.shelf_reader import (
    FILL_IN,
    FieldError,
    ShelfErrors,
    content_document,
    content_of,
)
from planner.model import PersonRecord, ShelfEntryRecord, ShelfSettingRecord, ShelfVersionRecord
from planner.model.shelf import DEFAULT_YEARS
from planner.services.events import changed_keys, record_event
from planner.services.writing import (
    NotFoundError,
    clean,
    folded,
    next_version,
    require_version,
    slug,
)

RESERVED_KEYS = frozenset({"new", "import", "export", "settings", "flags", "rules"})
LONGEST_TITLE = 200
LONGEST_SOURCE = 500
LONGEST_KEY = 80
FEWEST_YEARS, MOST_YEARS = 1, 50
SETTING_ID = 1
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class RetiredError(Exception):
    """The entry has left the shelf, and gets no new version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What somebody wants to lay on the shelf, not looked at yet.

    Parameters
    ----------
    key : str
        Its address; empty makes one from the title. A new version has the entry's.
    values : mapping
        The fields of the content, as `optimizer.shelf_reader.content_of` takes them.
    source_date : str
        A year, a month or a day: ``2025``, ``2025-10``, ``2025-10-31``; empty where unknown.
    """

    kind: ShelfKind
    title: str
    values: Mapping[str, Any]
    source: str
    source_date: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFilters:
    """What a list of the shelf is narrowed to; the default is all that is in use."""

    kind: ShelfKind | None = None
    text: str = ""
    with_retired: bool = False


@dataclass(slots=True)
class Known:
    """What is on the shelf already, as a draft is judged against it."""

    keys: set[str] = field(default_factory=set)
    titles: set[tuple[ShelfKind, str]] = field(default_factory=set)
    prices: set[str] = field(default_factory=set)

    def learn(self, kind: ShelfKind, key: str, title: str) -> None:
        """Take note of an entry that is in use."""
        self.keys.add(key)
        self.titles.add((kind, folded(title)))
        if kind is ShelfKind.UNIT_PRICE:
            self.prices.add(key)

    def free_key(self, title: str) -> str:
        """Return a key made from the title, with a number where that is taken."""
        stem = slug(title)[: LONGEST_KEY - 5].strip("-")
        key, number = stem, 1
        while key in self.keys or key in RESERVED_KEYS:
            number += 1
            key = f"{stem}-{number}"
        return key


# --- Reading --------------------------------------------------------------------------------------


def list_entries(session: Session, filters: ShelfFilters | None = None) -> list[ShelfEntryRecord]:
    """Return the entries that fit, by kind and title, each with its versions."""
    asked = filters or ShelfFilters()
    query = select(ShelfEntryRecord).options(selectinload(ShelfEntryRecord.versions))
    if asked.kind is not None:
        query = query.where(ShelfEntryRecord.kind == asked.kind)
    if not asked.with_retired:
        query = query.where(ShelfEntryRecord.retired_at.is_(None))
    order = list(ShelfKind)
    found = [entry for entry in session.scalars(query) if _fits(entry, folded(asked.text))]
    return sorted(found, key=lambda entry: (order.index(entry.kind), folded(entry.title)))


def _fits(entry: ShelfEntryRecord, words: str) -> bool:
    """Say whether every word stands somewhere in the entry."""
    newest = entry.newest
    texts = [entry.title, entry.key, newest.source, *map(str, newest.content.values())]
    everything = folded(" ".join(texts))
    return all(word in everything for word in words.split())


def get_entry(session: Session, key: str) -> ShelfEntryRecord:
    """Return the entry of an address.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = session.scalar(
        select(ShelfEntryRecord)
        .where(ShelfEntryRecord.key == key)
        .options(
            selectinload(ShelfEntryRecord.versions).selectinload(ShelfVersionRecord.created_by)
        )
    )
    if found is None:
        raise NotFoundError
    return found


def known_on(session: Session) -> Known:
    """Return what a draft must fit beside."""
    rows = session.execute(
        select(
            ShelfEntryRecord.kind,
            ShelfEntryRecord.key,
            ShelfEntryRecord.title,
            ShelfEntryRecord.retired_at,
        )
    ).all()
    return Known(
        keys={row.key for row in rows},
        titles={(row.kind, folded(row.title)) for row in rows},
        prices={
            row.key for row in rows if row.kind is ShelfKind.UNIT_PRICE and row.retired_at is None
        },
    )


# --- Judging --------------------------------------------------------------------------------------


def judge(draft: EntryDraft, known: Known, *, now: datetime, is_new: bool) -> Content:
    """Return the content of a draft that may lie on the shelf.

    Raises
    ------
    ShelfErrors
        With everything that is wrong, the fields of the content among it.
    """
    errors = list(_frame_errors(draft, known, is_new=is_new))
    content = None
    try:
        content = content_of(draft.kind, _cleaned(draft.values))
    except ShelfErrors as wrong:
        errors += wrong.errors
    if isinstance(content, ShelfConsequence) and content.unit_price not in known.prices:
        errors.append(
            FieldError(
                "unit_price",
                Sentence(
                    f"Der er ingen enhedspris i brug med nøglen »{content.unit_price}«.",
                    f"There is no unit price in use with the key “{content.unit_price}”.",
                ),
            )
        )
    errors += _source_errors(draft, now)
    if errors or content is None:
        raise ShelfErrors(errors)
    return content


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tidy(v) if isinstance(v, str) else v for name, v in values.items()}


def tidy(text: str) -> str:
    """Return ``text`` trimmed, composed, and without characters that nobody can see."""
    seen = (c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return clean("".join(seen))


def _too_long(text: str, most: int) -> Sentence:
    return Sentence(
        f"Teksten er på {len(text)} tegn; der er plads til {most}.",
        f"The text has {len(text)} characters; there is room for {most}.",
    )


def _frame_errors(draft: EntryDraft, known: Known, *, is_new: bool) -> list[FieldError]:
    if not is_new:
        return []
    errors, title = [], tidy(draft.title)
    if not title:
        errors.append(FieldError("title", FILL_IN))
    elif len(title) > LONGEST_TITLE:
        errors.append(FieldError("title", _too_long(title, LONGEST_TITLE)))
    elif (draft.kind, folded(title)) in known.titles:
        taken = Sentence(
            "Der er allerede en post med denne titel. Lav en ny version af den.",
            "There is an entry of this title already. Make a new version of it.",
        )
        errors.append(FieldError("title", taken))
    return errors + _key_errors(draft.key, known)


def _key_errors(key: str, known: Known) -> list[FieldError]:
    if not key:
        return []
    if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY or key in RESERVED_KEYS:
        wrong = Sentence(
            "Brug små bogstaver a–z, tal og bindestreger, fx »herbergsdoegn«, højst 80 tegn.",
            "Use lower case a–z, digits and hyphens, such as “shelter-night”, at most 80.",
        )
        return [FieldError("key", wrong)]
    if key in known.keys:
        return [FieldError("key", Sentence("Nøglen er i brug.", "The key is taken."))]
    return []


def _source_errors(draft: EntryDraft, now: datetime) -> list[FieldError]:
    errors, source = [], tidy(draft.source)
    if not source:
        errors.append(FieldError("source", FILL_IN))
    elif len(source) > LONGEST_SOURCE:
        errors.append(FieldError("source", _too_long(source, LONGEST_SOURCE)))
    if draft.source_date:
        first = first_day(draft.source_date)
        if first is None:
            wrong = Sentence(
                f"»{draft.source_date[:40]}« er ingen dato. Skriv fx 2025, 2025-10 eller"
                " 2025-10-31.",
                f"“{draft.source_date[:40]}” is no date. Write such as 2025, 2025-10 or"
                " 2025-10-31.",
            )
            errors.append(FieldError("source_date", wrong))
        elif first > now.date():
            ahead = Sentence("Datoen er ikke kommet endnu.", "The date has not come yet.")
            errors.append(FieldError("source_date", ahead))
    return errors


def first_day(text: str) -> date | None:
    """Return the first day of a year, a month or a day as written; None where it is none."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- Changing -------------------------------------------------------------------------------------


def add_entry(
    session: Session,
    draft: EntryDraft,
    *,
    by: PersonRecord | None,
    now: datetime,
    known: Known | None = None,
) -> ShelfEntryRecord:
    """Lay something new on the shelf, with its first version.

    Parameters
    ----------
    known : Known or None
        What `known_on` told, when several are laid up at once; it learns of the new one.

    Raises
    ------
    ShelfErrors
        With everything that is wrong with it.
    """
    known = known_on(session) if known is None else known
    content = judge(draft, known, now=now, is_new=True)
    title = tidy(draft.title)
    entry = ShelfEntryRecord(
        kind=draft.kind,
        key=draft.key or known.free_key(title),
        title=title,
        created_at=now,
        created_by=by,
    )
    session.add(entry)
    _append(entry, content, draft, by=by, now=now)
    known.learn(entry.kind, entry.key, title)
    _log(session, entry, "shelf.add", by=by, now=now)
    return entry


def _append(
    entry: ShelfEntryRecord,
    content: Content,
    draft: EntryDraft,
    *,
    by: PersonRecord | None,
    now: datetime,
) -> None:
    entry.versions.append(
        ShelfVersionRecord(
            number=len(entry.versions) + 1,
            content=content_document(content),
            source=tidy(draft.source),
            source_date=draft.source_date,
            created_at=now,
            created_by=by,
        )
    )


def _log(
    session: Session,
    entry: ShelfEntryRecord,
    action: str,
    *,
    by: PersonRecord | None,
    now: datetime,
) -> None:
    """Write down the newest version, and what it says else than the one before."""
    documents = [_document(version) for version in entry.versions[-2:]]
    named = {"key": entry.key, "title": entry.title, "kind": str(entry.kind)}
    if len(documents) == 1:
        before, after = None, named | documents[0]
    else:
        before, changed = changed_keys(*documents)
        after = {"key": entry.key, **changed}
    record_event(session, by=by, now=now, action=action, object=entry, before=before, after=after)


def _document(version: ShelfVersionRecord) -> dict[str, Any]:
    return {
        "number": version.number,
        **version.content,
        "source": version.source,
        "source_date": version.source_date,
    }


def add_version(
    session: Session,
    entry: ShelfEntryRecord,
    draft: EntryDraft,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
    known: Known | None = None,
) -> ShelfVersionRecord:
    """Add a version; the earlier ones stay as they are.

    Raises
    ------
    ShelfErrors
        With everything that is wrong with it.
    RetiredError
        When the entry has left the shelf.
    """
    require_version(entry, seen_version)
    if entry.is_retired:
        raise RetiredError
    known = known_on(session) if known is None else known
    content = judge(draft, known, now=now, is_new=False)
    _append(entry, content, draft, by=by, now=now)
    next_version(entry)
    _log(session, entry, "shelf.version", by=by, now=now)
    return entry.newest


def retire_entry(
    session: Session,
    entry: ShelfEntryRecord,
    *,
    reason: str,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Take an entry out of use, with a reason; it stays visible.

    Raises
    ------
    RetiredError
        When it has left the shelf already.
    """
    require_version(entry, seen_version)
    if entry.is_retired:
        raise RetiredError
    entry.retired_at, entry.retired_by, entry.retired_reason = now, by, tidy(reason)
    next_version(entry)
    record_event(
        session,
        by=by,
        now=now,
        action="shelf.retire",
        object=entry,
        after={"key": entry.key, "reason": entry.retired_reason},
    )


# --- Age ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShelfSetting:
    """After how many years an entry is to be looked at again; ``version`` 0: never set."""

    years: int
    version: int


def get_setting(session: Session) -> ShelfSetting:
    """Return what is set for the shelf."""
    found = session.get(ShelfSettingRecord, SETTING_ID)
    if found is None:
        return ShelfSetting(DEFAULT_YEARS, 0)
    return ShelfSetting(found.years, found.version)


def set_years(
    session: Session,
    years: int,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Set after how many years an entry is to be looked at again."""
    found = session.get(ShelfSettingRecord, SETTING_ID)
    before = None if found is None else found.years
    if found is None:
        found = ShelfSettingRecord(id=SETTING_ID, years=years)
        session.add(found)
    else:
        require_version(found, seen_version)
        found.years = years
        next_version(found)
    record_event(
        session,
        by=by,
        now=now,
        action="shelf.years",
        object=found,
        before=None if before is None else {"years": before},
        after={"years": years},
    )


def is_old(version: ShelfVersionRecord, *, now: datetime, years: int) -> bool:
    """Say whether the source of a version is older than ``years``.

    Counted from the last day that the source's date may mean (a year: its 31 December), and from
    the day the version was made where the source has no date.
    """
    limit = now.date().year - years, now.date().month, now.date().day
    if not version.source_date:
        made = version.created_at.date()
        return (made.year, made.month, made.day) < limit
    parts = [int(part) for part in version.source_date.split("-")]
    # 12 and 31 are the latest that a missing month or day can be
    last = (parts[0], parts[1] if len(parts) > 1 else 12, parts[2] if len(parts) > 2 else 31)  # noqa: PLR2004
    return last < limit
