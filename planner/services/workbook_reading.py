"""An uploaded workbook, which may be anything, as sheets of filled cells: never a crash.

What is read is whole or refused: the file's own word for its size is not believed, hidden rows and
sheets are read like others, merged cells are named, and a formula is nobody's value.
"""

import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from optimizer.sentence import Sentence
from optimizer.shelf_reader import FieldError
from planner.services.writing import clean

MOST_CELLS = 2_000_000
MOST_ROWS = 20_000
LAST_ROW = 1_048_576
MOST_MEMBERS = 500
MOST_PART = 20_000_000
MOST_UNPACKED = 60_000_000
# a row of them lies in memory at once, some 400 bytes each
MOST_ELEMENTS = 1_000_000
# merges, formats and the like become objects, slower and larger than cells
MOST_OBJECTS = 60_000
LONGEST_FOUND = 60
# what the reader of workbooks raises on files that are none
BROKEN = (
    *(zipfile.BadZipFile, ParseError, zlib.error),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OverflowError),
    *(RuntimeError, NotImplementedError, OSError),
)
_MACROS = re.compile(r"(?i)vbaProject|xl/macrosheets/")


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
class RawCell:
    """What stands in a filled cell; ``type`` is ``f`` for a formula and ``e`` for an error."""

    value: Any
    type: str = "n"

    @property
    def shown(self) -> str:
        """The beginning of it, to be said where it is wrong."""
        text = getattr(self.value, "text", None) or self.value
        return str(text)[:LONGEST_FOUND]


@dataclass(frozen=True, slots=True)
class Merge:
    """A rectangle of cells that are merged; rows from one, ``place`` from zero."""

    first_row: int
    last_row: int
    place: int


@dataclass(frozen=True, slots=True)
class RawSheet:
    """The filled cells of a sheet by row, counted from one, and place, counted from zero."""

    title: str
    rows: Mapping[int, Mapping[int, RawCell]] = field(default_factory=dict)
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands: readable values by column, and what could not be read.

    Parameters
    ----------
    places : mapping
        Where each known column stands, counted from zero.
    """

    sheet: str
    row: int
    places: Mapping[str, int]
    values: Mapping[str, Any]
    shown: Mapping[str, str]
    faults: tuple[FieldError, ...]

    def fault(self, error: FieldError) -> CellFault:
        """Return an error of a field at its cell."""
        place = self.places.get(error.field)
        cell = "" if place is None else f"{column_letter(place)}{self.row}"
        return CellFault(self.sheet, cell, self.row, self.shown.get(error.field, ""), error.message)


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


# --- The file -------------------------------------------------------------------------------------


def read_sheets(data: bytes) -> list[RawSheet]:
    """Return every sheet of an uploaded workbook.

    Raises
    ------
    BookError
        When it is no workbook, or is too large, or has macros.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - it loads numpy; a start needs neither

    if not data:
        raise BookError("Vælg en fil.", "Choose a file.")
    try:
        _refuse_dangerous(data)
        with warnings.catch_warnings():
            # what the library cannot show in a workbook it writes is of no interest here
            warnings.simplefilter("ignore")
            book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
            try:
                return _sheets(book)
            finally:
                book.close()
    except BROKEN as error:
        raise BookError(
            "Filen er ikke en Excel-projektmappe (.xlsx), eller den er beskadiget eller låst med"
            " adgangskode.",
            "The file is no Excel workbook (.xlsx), or it is damaged or locked by a password.",
        ) from error


def _refuse_dangerous(data: bytes) -> None:
    """Refuse a bomb, macros and inner definitions before anything is built from the file."""
    with zipfile.ZipFile(BytesIO(data)) as packed:
        members = packed.infolist()
        sizes = [member.file_size for member in members]
        if len(members) > MOST_MEMBERS or sum(sizes) > MOST_UNPACKED or max(sizes) > MOST_PART:
            raise _too_large()
        if any(_MACROS.search(member.filename) for member in members):
            raise BookError(
                "Projektmappen har makroer. Gem den som .xlsx uden makroer.",
                "The workbook has macros. Save it as .xlsx without macros.",
            )
        for member in members:
            # never longer than it said: what is longer is damaged
            part = packed.read(member)
            if _is_heavy(member.filename, part):
                raise _too_large()
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                raise BookError(
                    "Projektmappen indeholder definitioner, som Excel ikke skriver.",
                    "The workbook holds definitions that Excel does not write.",
                )


_CELLS = (b"<c ", b"<c>", b"<c/", b"<v", b"<f", b"<row", b"<is>", b"<t>", b"<t ")


def _is_heavy(name: str, part: bytes) -> bool:
    """Say whether a part would take more memory or time than any real one."""
    elements = part.count(b"<") - part.count(b"</")
    if elements > MOST_ELEMENTS:
        return True
    others = elements - sum(part.count(tag) for tag in _CELLS)
    return others > MOST_OBJECTS and not name.casefold().endswith("sharedstrings.xml")


def _too_large() -> BookError:
    return BookError(
        "Projektmappen er for stor, når den pakkes ud.",
        "The workbook is too large when it is unpacked.",
    )


def _sheets(book: Any) -> list[RawSheet]:
    left = MOST_CELLS
    found = []
    for sheet in book.worksheets:
        rows, merges, seen = _filled(sheet)
        left -= seen
        if left < 0:
            raise _too_large()
        found.append(RawSheet(sheet.title, rows, merges))
    if not found:
        raise ValueError("a workbook has a sheet")
    if sum(len(sheet.rows) for sheet in found) > MOST_ROWS:
        raise BookError(
            f"Der er for mange rækker; højst {MOST_ROWS} ad gangen.",
            f"There are too many rows; at most {MOST_ROWS} at a time.",
        )
    return found


def _filled(sheet: Any) -> tuple[dict[int, dict[int, RawCell]], tuple[Merge, ...], int]:
    """Return the filled cells, the merges, and how many cells there were.

    The parser is asked itself: rows made by the library lose cells that stand out of order.
    """
    from openpyxl.worksheet._reader import WorkSheetParser  # noqa: PLC0415 - as in `read_sheets`

    rows: dict[int, dict[int, RawCell]] = {}
    book, seen = sheet.parent, 0
    with sheet._get_source() as source:  # noqa: SLF001 - see above
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,  # noqa: SLF001 - see above
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001 - see above
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001 - see above
        )
        for number, cells in parser.parse():
            seen += len(cells)
            if seen > MOST_CELLS or len(rows) > MOST_ROWS:
                raise _too_large()
            for cell in cells:
                _keep(rows, number, cell)
    spans = parser.merged_cells.mergeCell if parser.merged_cells else ()
    merges = tuple(Merge(s.min_row, s.max_row, s.min_col - 1) for s in spans)
    return rows, merges, seen


def _keep(rows: dict[int, dict[int, RawCell]], number: int, cell: Mapping[str, Any]) -> None:
    raw = RawCell(cell["value"], cell["data_type"])
    if not is_filled(raw):
        return
    row, place = cell["row"], cell["column"] - 1
    # the same address twice, or a cell in another row than its own: one would be lost
    if row != number or not 1 <= row <= LAST_ROW or place in rows.get(row, {}):
        raise ValueError("the cells are not where they say")
    rows.setdefault(row, {})[place] = raw


def is_filled(cell: RawCell | None) -> bool:
    """Say whether anything stands in a cell."""
    if cell is None or cell.value is None:
        return False
    return not (isinstance(cell.value, str) and not cell.value.strip())


# --- Sheets ---------------------------------------------------------------------------------------


def merge_faults(sheet: RawSheet, *, below: int) -> Iterator[CellFault]:
    """Name the merged cells under a row: what they cover would be read as empty."""
    for merge in sheet.merges:
        if merge.last_row > below:
            said = Sentence(
                "Cellerne er flettet. Ophæv fletningen, og skriv værdien i hver række.",
                "The cells are merged. Split them, and write the value in each row.",
            )
            first = max(merge.first_row, below + 1)
            filled = [row for row in sheet.rows if first <= row <= merge.last_row]
            for row in sorted(filled) or [first]:
                at = f"{column_letter(merge.place)}{row}"
                yield CellFault(sheet.title, at, row, "", said)


def stray_faults(
    sheet: RawSheet, number: int, columns: Mapping[int, object]
) -> Iterator[CellFault]:
    """Name what stands in a column without a known heading: it would be lost silently."""
    for place, cell in sheet.rows[number].items():
        if place not in columns:
            said = Sentence(
                "Cellen står uden for de kendte kolonner.",
                "The cell stands outside the known columns.",
            )
            at = f"{column_letter(place)}{number}"
            yield CellFault(sheet.title, at, number, cell.shown, said)


# --- One cell -------------------------------------------------------------------------------------

Read = tuple[Any, Sentence | None]


def no_value(cell: RawCell) -> Sentence | None:
    """Say why a cell holds no value: a formula or an error; None where it holds one."""
    if cell.type == "f":
        return Sentence(
            "Cellen har en formel; skriv selve værdien.",
            "The cell holds a formula; write the value itself.",
        )
    if cell.type == "e":
        return Sentence("Cellen har en fejl.", "The cell holds an error.")
    return None


def number_in(cell: RawCell) -> Read:
    """Return the exact number of a cell, or what is wrong."""
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        # the shortest decimal that is this number: 0.1 is a tenth
        return Fraction(repr(value)), None
    return None, Sentence(
        "Her står ikke et tal; skriv et tal, ikke tekst.",
        "Here is no number; write a number, not text.",
    )


def text_in(cell: RawCell) -> Read:
    """Return the text of a cell, its letters composed, or what is wrong."""
    if not isinstance(cell.value, str):
        return None, Sentence("Her står et tal; skriv tekst.", "Here is a number; write text.")
    return clean(cell.value.replace("\r\n", "\n")), None
