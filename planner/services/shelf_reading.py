"""An uploaded workbook, which may be anything, as cells of the shelf's sheets: never a crash.

Nothing is calculated and nothing is guessed: a formula, an error or a text where a number belongs
is refused at its cell, with what was found and what is allowed.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from optimizer.sentence import Sentence
from optimizer.shelf import ShelfKind
from optimizer.shelf_reader import FieldError
from optimizer.shelf_sheets import (
    FORMAT,
    FORMAT_PREFIX,
    GUIDE,
    HEAD_ROW,
    SheetColumn,
    columns_of,
)
from planner.services.workbook_reading import (
    LONGEST_FOUND,
    BookError,
    CellFault,
    RawCell,
    RawRow,
    RawSheet,
    Read,
    column_letter,
    merge_faults,
    no_value,
    number_in,
    read_sheets,
    stray_faults,
    text_in,
)

MOST_ROWS = 2_000
GUIDE_ROWS = 20
NUMBERS = frozenset({"kroner", "share", "number", "count", "year"})


@dataclass(frozen=True, slots=True)
class ShelfRawRow(RawRow):
    """One row of the sheet of a kind."""

    kind: ShelfKind


@dataclass(frozen=True, slots=True)
class RawBook:
    """Every row of a workbook, and what is wrong with its sheets."""

    rows: tuple[ShelfRawRow, ...]
    faults: tuple[CellFault, ...]


def read_cells(data: bytes) -> RawBook:
    """Return the rows of an uploaded workbook.

    Raises
    ------
    BookError
        When it is no workbook of ours, or too large to be one.
    """
    sheets = read_sheets(data)
    by_name = {
        name.casefold(): kind for kind in ShelfKind for name in (kind.plural.da, kind.plural.en)
    }
    guides = {GUIDE.da.casefold(), GUIDE.en.casefold()}
    _refuse_other_format([s for s in sheets if s.title.casefold() in guides])
    rows: list[ShelfRawRow] = []
    faults: list[CellFault] = []
    for sheet in sorted(sheets, key=lambda s: _order(by_name, s.title)):
        kind = by_name.get(sheet.title.casefold())
        if kind is not None:
            _read_sheet(sheet, kind, rows, faults)
        elif sheet.title.casefold() not in guides:
            unknown = Sentence(
                "Arket hører ikke til hylden og blev ikke læst.",
                "The sheet is none of the shelf's and was not read.",
            )
            faults.append(CellFault(sheet.title, "", 0, sheet.title[:LONGEST_FOUND], unknown))
    return RawBook(tuple(rows), tuple(faults))


def _order(by_name: dict[str, ShelfKind], title: str) -> int:
    """Put unit prices first: consequences refer to them."""
    kind = by_name.get(title.casefold())
    return len(ShelfKind) if kind is None else list(ShelfKind).index(kind)


def _refuse_other_format(guides: list[RawSheet]) -> None:
    found = ""
    for sheet in guides:
        for number in sorted(sheet.rows)[:GUIDE_ROWS]:
            texts = (str(cell.value) for cell in sheet.rows[number].values())
            found = next((t for t in texts if t.startswith(FORMAT_PREFIX)), found)
    if not found:
        raise BookError(
            "Projektmappen er ikke hentet fra Videnshylden: arket Vejledning mangler. Hent en"
            " ny, og flyt rækkerne over i den.",
            "The workbook was not downloaded from the shelf: the sheet Guide is missing. Download"
            " a new one and move the rows into it.",
        )
    if found != FORMAT:
        said = found[:LONGEST_FOUND]
        raise BookError(
            f"Projektmappen har formatet »{said}«; her læses »{FORMAT}«. Hent en ny, og flyt"
            " rækkerne over i den.",
            f"The workbook has the format “{said}”; “{FORMAT}” is read here. Download a new one"
            " and move the rows into it.",
        )


# --- One sheet ------------------------------------------------------------------------------------


def _read_sheet(
    sheet: RawSheet, kind: ShelfKind, rows: list[ShelfRawRow], faults: list[CellFault]
) -> None:
    columns = _headings(sheet, kind, faults)
    faults += merge_faults(sheet, below=HEAD_ROW)
    for number in sorted(number for number in sheet.rows if number > HEAD_ROW):
        if len(rows) >= MOST_ROWS:
            raise BookError(
                f"Der er for mange rækker; højst {MOST_ROWS} ad gangen.",
                f"There are too many rows; at most {MOST_ROWS} at a time.",
            )
        rows.append(_row(sheet, kind, number, columns))
        faults += stray_faults(sheet, number, columns)


def _headings(sheet: RawSheet, kind: ShelfKind, faults: list[CellFault]) -> dict[int, SheetColumn]:
    by_heading = {
        heading.casefold(): column
        for column in columns_of(kind)
        for heading in (column.heading.da, column.heading.en)
    }
    columns: dict[int, SheetColumn] = {}
    for place, cell in sheet.rows.get(HEAD_ROW, {}).items():
        text = str(cell.value).strip()
        column = by_heading.get(text.removesuffix("*").strip().casefold())
        if column is None or column in columns.values():
            wrong = Sentence(
                "Overskriften kendes ikke, eller den står to gange.",
                "The heading is not known, or it stands twice.",
            )
            at = f"{column_letter(place)}{HEAD_ROW}"
            faults.append(CellFault(sheet.title, at, HEAD_ROW, text[:LONGEST_FOUND], wrong))
        else:
            columns[place] = column
    faults += _missing_headings(sheet.title, kind, {column.name for column in columns.values()})
    return columns


def _missing_headings(sheet: str, kind: ShelfKind, found: set[str]) -> Iterator[CellFault]:
    for column in columns_of(kind):
        # without its number a row could overwrite what somebody else has renewed
        if column.name not in found and (column.is_required or column.name in {"key", "number"}):
            heading = column.heading
            missing = Sentence(
                f"Kolonnen »{heading.da}« mangler i række {HEAD_ROW}.",
                f"The column “{heading.en}” is missing in row {HEAD_ROW}.",
            )
            yield CellFault(sheet, "", HEAD_ROW, "", missing)


def _row(
    sheet: RawSheet, kind: ShelfKind, number: int, columns: dict[int, SheetColumn]
) -> ShelfRawRow:
    values: dict[str, Any] = {}
    shown: dict[str, str] = {}
    faults: list[FieldError] = []
    for place, column in columns.items():
        cell = sheet.rows[number].get(place)
        if cell is None or column.name == "state":
            continue
        shown[column.name] = cell.shown
        value, wrong = _value(cell, column)
        if wrong is None:
            values[column.name] = value
        else:
            faults.append(FieldError(column.name, wrong))
    places = {column.name: place for place, column in columns.items()}
    return ShelfRawRow(sheet.title, number, places, values, shown, tuple(faults), kind)


# --- One cell -------------------------------------------------------------------------------------


def _value(cell: RawCell, column: SheetColumn) -> Read:
    """Return what a filled cell says, or what is wrong with it."""
    if (wrong := no_value(cell)) is not None:
        return None, wrong
    if column.about.kind in NUMBERS:
        return number_in(cell)
    if column.name == "source_date":
        return _date_text(cell.value)
    text, wrong = text_in(cell)
    if wrong is None and column.about.kind == "choice":
        return _choice(text, column)
    return text, wrong


def _date_text(value: Any) -> Read:
    if isinstance(value, dt.datetime | dt.date):
        return value.strftime("%Y-%m-%d"), None
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None, Sentence(
            "Her står ingen dato; skriv fx 2025, 2025-10 eller 2025-10-31.",
            "Here is no date; write such as 2025, 2025-10 or 2025-10-31.",
        )
    return str(value).strip(), None


def _choice(text: str, column: SheetColumn) -> Read:
    wanted = text.casefold()
    for choice in column.about.choices:
        if wanted in {
            choice.value.casefold(),
            choice.label.da.casefold(),
            choice.label.en.casefold(),
        }:
            return choice.value, None
    # said by the reader of contents, with every choice there is
    return text, None
