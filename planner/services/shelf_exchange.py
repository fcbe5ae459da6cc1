"""A workbook of the shelf in: every row is judged first, and nothing is stored until confirmed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from optimizer.sentence import Sentence
from optimizer.shelf import CONTENTS, ShelfKind
from optimizer.shelf_reader import (
    FieldError,
    ShelfErrors,
    content_document,
    content_from_document,
    content_of,
    values_of,
)
from planner.model import PersonRecord, ShelfEntryRecord
from planner.services.shelf import (
    EntryDraft,
    Known,
    ShelfFilters,
    add_entry,
    add_version,
    judge,
    known_on,
    list_entries,
    tidy,
)
from planner.services.shelf_reading import ShelfRawRow, read_cells
from planner.services.workbook_packing import lost, pack, unpack
from planner.services.workbook_reading import BookError, CellFault

# each writes a line of the log, some milliseconds in which nobody else can save
MOST_CHANGES = 500


class RowAction(StrEnum):
    """What storing a row does."""

    NEW = "new"
    VERSION = "version"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A row that may lie on the shelf.

    Parameters
    ----------
    number : int
        The version that the row renews; 0 for a new entry.
    """

    sheet: str
    row: int
    action: RowAction
    draft: EntryDraft
    number: int


@dataclass(frozen=True, slots=True)
class JudgedBook:
    """Every row of a workbook, accepted or refused."""

    accepted: tuple[AcceptedRow, ...]
    refused_rows: int
    faults: tuple[CellFault, ...]

    def of(self, action: RowAction) -> list[AcceptedRow]:
        """Return the accepted rows that do this."""
        return [row for row in self.accepted if row.action is action]

    @property
    def changes(self) -> list[AcceptedRow]:
        """The rows that storing would do something with."""
        return [row for row in self.accepted if row.action is not RowAction.SAME]


class ChangedSinceError(Exception):
    """The shelf has changed since the workbook was looked at."""


def read_book(session: Session, data: bytes, *, now: datetime) -> JudgedBook:
    """Judge every row of an uploaded workbook; store nothing.

    Raises
    ------
    BookError
        When the whole file cannot be read.
    """
    raw = read_cells(data)
    judging = _Judging(session, now)
    for row in raw.rows:
        judging.take(row)
    faults = (*raw.faults, *judging.faults)
    refused = {(fault.sheet, fault.row) for fault in faults}
    accepted = tuple(a for a in judging.accepted if (a.sheet, a.row) not in refused)
    return JudgedBook(accepted, len(raw.rows) - len(accepted), faults)


class _Judging:
    """Judges row after row, each beside those before it."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.now = now
        entries = list_entries(session, ShelfFilters(with_retired=True))
        self.entries = {entry.key: entry for entry in entries}
        self.known = known_on(session)
        self.seen: set[str] = set()
        self.accepted: list[AcceptedRow] = []
        self.faults: list[CellFault] = []

    def take(self, row: ShelfRawRow) -> None:
        """Accept a row, or note everything that is wrong with it."""
        key = str(row.values.get("key", ""))
        entry = self.entries.get(key)
        draft = _draft(row, key)
        errors = list(row.faults)
        if key and key in self.seen:
            errors.append(_error("key", "Nøglen står i en række før.", "The key stands above."))
        self.seen.add(key)
        faulty = {error.field for error in errors}
        if entry is None:
            found, action, number = self._new(draft, row), RowAction.NEW, 0
        else:
            found, action = self._renewed(draft, row, entry)
            number = entry.newest.number
        # what could not be read is said already, and is not missing too
        errors += [error for error in found if error.field not in faulty]
        if errors:
            self.faults += [row.fault(error) for error in errors]
            return
        if action is RowAction.NEW:
            self.known.learn(row.kind, key or self.known.free_key(draft.title), draft.title)
        self.accepted.append(AcceptedRow(row.sheet, row.row, action, draft, number))

    def _new(self, draft: EntryDraft, row: ShelfRawRow) -> Sequence[FieldError]:
        errors = self._judged(draft, is_new=True)
        if not row.values.get("number"):
            return errors
        lost = _error(
            "number",
            "Rækken har en version, men nøglen er ikke på hylden.",
            "The row has a version, but the key is not on the shelf.",
        )
        # the title may well be on the shelf: under the key that was changed
        return [lost, *(error for error in errors if error.field != "title")]

    def _judged(self, draft: EntryDraft, *, is_new: bool) -> Sequence[FieldError]:
        try:
            judge(draft, self.known, now=self.now, is_new=is_new)
        except ShelfErrors as wrong:
            return wrong.errors
        return ()

    def _renewed(
        self, draft: EntryDraft, row: ShelfRawRow, entry: ShelfEntryRecord
    ) -> tuple[Sequence[FieldError], RowAction]:
        errors = list(_identity_errors(row, entry))
        if not errors and not row.faults and _is_same(draft, entry):
            return (), RowAction.SAME
        if entry.is_retired:
            errors.append(
                _error(
                    "key",
                    "Posten er udgået og får ingen nye versioner.",
                    "The entry has been retired and gets no new versions.",
                )
            )
        return [*errors, *self._judged(draft, is_new=False)], RowAction.VERSION


def _error(field: str, da: str, en: str) -> FieldError:
    return FieldError(field, Sentence(da, en))


def _identity_errors(row: ShelfRawRow, entry: ShelfEntryRecord) -> Iterable[FieldError]:
    if entry.kind is not row.kind:
        other = entry.kind.label
        yield _error(
            "key",
            f"Nøglen er en anden slags: {other.da.lower()}.",
            f"The key is of another kind: {other.en.lower()}.",
        )
    if tidy(str(row.values.get("title", ""))) != entry.title:
        yield _error(
            "title",
            f"Titlen på hylden er »{entry.title}«; den ændres ikke.",
            f"The title on the shelf is “{entry.title}”; it is not changed.",
        )
    newest = entry.newest.number
    if row.values.get("number") != newest and "number" not in {e.field for e in row.faults}:
        yield _error(
            "number",
            f"Den nyeste version er {newest}. Hent hylden igen, og ret i den.",
            f"The newest version is {newest}. Download the shelf again and change that.",
        )


def _draft(row: ShelfRawRow, key: str) -> EntryDraft:
    fields = CONTENTS[row.kind].__dataclass_fields__
    return EntryDraft(
        kind=row.kind,
        title=tidy(str(row.values.get("title", ""))),
        key=key,
        values={
            name: tidy(value) if isinstance(value, str) else value
            for name, value in row.values.items()
            if name in fields
        },
        source=tidy(str(row.values.get("source", ""))),
        source_date=str(row.values.get("source_date", "")),
    )


def _is_same(draft: EntryDraft, entry: ShelfEntryRecord) -> bool:
    newest = entry.newest
    try:
        content = content_of(draft.kind, draft.values)
    except ShelfErrors:
        return False
    return (
        content == newest.says
        and draft.source == newest.source
        and draft.source_date == newest.source_date
    )


# --- From the preview to the shelf ----------------------------------------------------------------


def packed(rows: Sequence[AcceptedRow]) -> str:
    """Return rows as a short text for a hidden field.

    Raises
    ------
    BookError
        When there are too many for one page.
    """
    if len(rows) > MOST_CHANGES:
        raise _too_many()
    plain = [
        [
            str(row.draft.kind),
            row.draft.key,
            row.draft.title,
            row.number,
            content_document(content_of(row.draft.kind, row.draft.values)),
            row.draft.source,
            row.draft.source_date,
        ]
        for row in rows
    ]
    short = pack(plain)
    if short is None:
        raise _too_many()
    return short


def _too_many() -> BookError:
    return BookError(
        f"Der er for mange ændringer på én gang; højst {MOST_CHANGES}. Del dem på flere"
        " projektmapper.",
        f"There are too many changes at once; at most {MOST_CHANGES}. Divide them between several"
        " workbooks.",
    )


def unpacked(text: str) -> list[AcceptedRow]:
    """Return the rows that `packed` made the text from.

    Raises
    ------
    BookError
        When it was not made by `packed`.
    """
    try:
        return [_unpacked(row) for row in unpack(text)]
    except (ValueError, TypeError, KeyError, ShelfErrors) as error:
        raise lost() from error


def _unpacked(plain: Sequence[Any]) -> AcceptedRow:
    kind_word, key, title, number, document, source, source_date = plain
    kind = ShelfKind(kind_word)
    draft = EntryDraft(
        kind=kind,
        key=str(key),
        title=str(title),
        values=values_of(content_from_document(kind, document)),
        source=str(source),
        source_date=str(source_date),
    )
    action = RowAction.VERSION if int(number) else RowAction.NEW
    return AcceptedRow("", 0, action, draft, int(number))


def store_rows(
    session: Session,
    rows: Sequence[AcceptedRow],
    *,
    by: PersonRecord | None,
    now: datetime,
) -> None:
    """Lay every row on the shelf, or none: a new entry, or a new version of a known one.

    Raises
    ------
    ChangedSinceError
        When the shelf is no longer as it was when the rows were judged.
    """
    entries = {entry.key: entry for entry in list_entries(session)}
    known: Known = known_on(session)
    try:
        for row in rows:
            if row.action is RowAction.NEW:
                add_entry(session, row.draft, by=by, now=now, known=known)
                continue
            entry = entries.get(row.draft.key)
            if entry is None or entry.newest.number != row.number:
                raise ChangedSinceError
            add_version(
                *(session, entry, row.draft),
                by=by,
                now=now,
                seen_version=entry.version,
                known=known,
            )
    except ShelfErrors as wrong:
        raise ChangedSinceError from wrong
