"""An uploaded workbook, which may be anything, as cells of the shelf's sheets: never a crash.

Nothing is calculated and nothing is guessed: a formula, an error or a text where a number belongs
is refused at its cell, with what was found and what is allowed.
"""

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

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

MOST_ROWS = 2_000
MOST_CELLS = 2_000_000
MOST_MEMBERS = 500
MOST_UNPACKED = 60_000_000
GUIDE_ROWS = 20
LONGEST_FOUND = 60
NUMBERS = frozenset({"kroner", "share", "number", "count", "year"})
# what the reader of workbooks raises on files that are none
BROKEN = (
    *(zipfile.BadZipFile, ParseError, zlib.error),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OverflowError),
    *(RuntimeError, NotImplementedError, OSError),
)


class BookError(Exception):
    """The whole file cannot be read; ``message`` says why."""

    def __init__(self, da: str, en: str) -> None:
        super().__init__(en)
        self.message = Sentence(da, en)


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong at one cell.

    Parameters
    ----------
    sheet, cell : str
        Where; the cell is empty where the whole sheet is meant.
    row : int
        Counted from one; 0 where the whole sheet is meant.
    found : str
        What stands there.
    """

    sheet: str
    cell: str
    row: int
    found: str
    message: Sentence


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands: readable values by column, and what could not be read."""

    kind: ShelfKind
    sheet: str
    row: int
    places: dict[str, int]
    values: dict[str, Any]
    shown: dict[str, str]
    faults: tuple[FieldError, ...]

    def fault(self, error: FieldError) -> CellFault:
        """Return an error of a field at its cell."""
        place = self.places.get(error.field)
        cell = "" if place is None else f"{column_letter(place)}{self.row}"
        return CellFault(self.sheet, cell, self.row, self.shown.get(error.field, ""), error.message)


@dataclass(frozen=True, slots=True)
class RawBook:
    """Every row of a workbook, and what is wrong with its sheets."""

    rows: tuple[RawRow, ...]
    faults: tuple[CellFault, ...]


def read_cells(data: bytes) -> RawBook:
    """Return the rows of an uploaded workbook.

    Raises
    ------
    BookError
        When it is no workbook of ours, or too large to be one.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - it loads numpy; a start needs neither

    if not data:
        raise BookError("Vælg en fil.", "Choose a file.")
    try:
        _refuse_bomb(data)
        book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
        try:
            return _read(book)
        finally:
            book.close()
    except BROKEN as error:
        raise BookError(
            "Filen er ikke en Excel-projektmappe (.xlsx), eller den er beskadiget eller låst med"
            " adgangskode.",
            "The file is no Excel workbook (.xlsx), or it is damaged or locked by a password.",
        ) from error


def _refuse_bomb(data: bytes) -> None:
    with zipfile.ZipFile(BytesIO(data)) as packed:
        members = packed.infolist()
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED:
        raise BookError(
            "Projektmappen er for stor, når den pakkes ud.",
            "The workbook is too large when it is unpacked.",
        )


def _read(book: Any) -> RawBook:
    by_name = {
        name.casefold(): kind for kind in ShelfKind for name in (kind.plural.da, kind.plural.en)
    }
    guides = {GUIDE.da.casefold(), GUIDE.en.casefold()}
    _refuse_other_format([s for s in book.worksheets if s.title.casefold() in guides])
    rows: list[RawRow] = []
    faults: list[CellFault] = []
    for sheet in sorted(book.worksheets, key=lambda s: _order(by_name, s.title)):
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


def _refuse_other_format(guides: list[Any]) -> None:
    found = ""
    for sheet in guides:
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_row=GUIDE_ROWS, max_col=4, values_only=True):
            texts = (str(value) for value in row if isinstance(value, str))
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


def column_letter(place: int) -> str:
    """Return the letters of a column counted from zero, as a spreadsheet names it.

    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    letters, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


# --- One sheet ------------------------------------------------------------------------------------


def _read_sheet(sheet: Any, kind: ShelfKind, rows: list[RawRow], faults: list[CellFault]) -> None:
    # the file's own word for its size may be wrong, and rows would be lost
    sheet.reset_dimensions()
    columns: dict[int, SheetColumn] = {}
    seen = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        seen += len(cells)
        if seen > MOST_CELLS or len(rows) > MOST_ROWS:
            raise BookError(
                f"Der er for mange rækker; højst {MOST_ROWS} ad gangen.",
                f"There are too many rows; at most {MOST_ROWS} at a time.",
            )
        if number == HEAD_ROW:
            columns = _headings(sheet.title, kind, cells, faults)
        elif number > HEAD_ROW and any(_is_filled(cell) for cell in cells):
            rows.append(_row(sheet.title, kind, number, cells, columns))
            faults += _strays(sheet.title, number, cells, columns)
    if not columns:
        faults += _missing_headings(sheet.title, kind, set())


def _is_filled(cell: Any) -> bool:
    value = cell.value
    return value is not None and not (isinstance(value, str) and not value.strip())


def _headings(
    sheet: str, kind: ShelfKind, cells: Any, faults: list[CellFault]
) -> dict[int, SheetColumn]:
    by_heading = {
        heading.casefold(): column
        for column in columns_of(kind)
        for heading in (column.heading.da, column.heading.en)
    }
    columns: dict[int, SheetColumn] = {}
    for place, cell in enumerate(cells):
        if not _is_filled(cell):
            continue
        text = str(cell.value).strip()
        column = by_heading.get(text.removesuffix("*").strip().casefold())
        if column is None or column in columns.values():
            wrong = Sentence(
                "Overskriften kendes ikke, eller den står to gange.",
                "The heading is not known, or it stands twice.",
            )
            at = f"{column_letter(place)}{HEAD_ROW}"
            faults.append(CellFault(sheet, at, HEAD_ROW, text[:LONGEST_FOUND], wrong))
        else:
            columns[place] = column
    faults += _missing_headings(sheet, kind, {column.name for column in columns.values()})
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


def _strays(
    sheet: str, number: int, cells: Any, columns: dict[int, SheetColumn]
) -> Iterator[CellFault]:
    """Name what stands in a column without a known heading: it would be lost silently."""
    for place, cell in enumerate(cells):
        if place not in columns and _is_filled(cell):
            stray = Sentence(
                "Cellen står uden for de kendte kolonner.",
                "The cell stands outside the known columns.",
            )
            at = f"{column_letter(place)}{number}"
            yield CellFault(sheet, at, number, str(cell.value)[:LONGEST_FOUND], stray)


def _row(
    sheet: str, kind: ShelfKind, number: int, cells: Any, columns: dict[int, SheetColumn]
) -> RawRow:
    values: dict[str, Any] = {}
    shown: dict[str, str] = {}
    faults: list[FieldError] = []
    for place, column in columns.items():
        cell = cells[place] if place < len(cells) else None
        if cell is None or not _is_filled(cell) or column.name == "state":
            continue
        shown[column.name] = str(cell.value)[:LONGEST_FOUND]
        value, wrong = _value(cell, column)
        if wrong is None:
            values[column.name] = value
        else:
            faults.append(FieldError(column.name, wrong))
    places = {column.name: place for place, column in columns.items()}
    return RawRow(kind, sheet, number, places, values, shown, tuple(faults))


# --- One cell -------------------------------------------------------------------------------------


def _value(cell: Any, column: SheetColumn) -> tuple[Any, Sentence | None]:
    """Return what a filled cell says, or what is wrong with it."""
    value = cell.value
    if cell.data_type == "f":
        return None, Sentence(
            "Cellen har en formel; skriv selve værdien.",
            "The cell holds a formula; write the value itself.",
        )
    if cell.data_type == "e":
        return None, Sentence("Cellen har en fejl.", "The cell holds an error.")
    if column.about.kind in NUMBERS:
        return _number(value)
    if column.name == "source_date":
        return _date_text(value)
    if not isinstance(value, str):
        return None, Sentence("Her står et tal; skriv tekst.", "Here is a number; write text.")
    if column.about.kind == "choice":
        return _choice(value.strip(), column)
    return value.strip(), None


def _number(value: Any) -> tuple[Any, Sentence | None]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # the shortest decimal that is this number: 0.1 is a tenth
        return Fraction(repr(value)), None
    return None, Sentence(
        "Her står ikke et tal; skriv et tal, ikke tekst.",
        "Here is no number; write a number, not text.",
    )


def _date_text(value: Any) -> tuple[Any, Sentence | None]:
    if isinstance(value, dt.datetime | dt.date):
        return value.strftime("%Y-%m-%d"), None
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None, Sentence(
            "Her står ingen dato; skriv fx 2025, 2025-10 eller 2025-10-31.",
            "Here is no date; write such as 2025, 2025-10 or 2025-10-31.",
        )
    return str(value).strip(), None


def _choice(text: str, column: SheetColumn) -> tuple[Any, Sentence | None]:
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
