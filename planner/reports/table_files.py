"""The tables of a page as a file: an Excel workbook, or text that a spreadsheet opens.

Numbers stay numbers, exact and in their own unit; text stays text, also when it begins like a
formula. What is said below a figure on the page stands in a column of its own.
"""

import csv
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO
from typing import Any, Final

import xlsxwriter
from flask_babel import gettext as _

from planner import formats
from planner.formats import Language, Unknown
from planner.reports.values import Cell, Column, Row, Table
from planner.reports.workbook import OPTIONS
from planner.reports.workbook_page import Formats, Kind, Page
from planner.words import state

EXCEL_FORMATS: Final[dict[str, str]] = {
    "kroner": "#,##0",
    "kroner_change": "+#,##0;-#,##0;0",
    # whole kroner in the cell, shown in the unit that the caption says
    "thousand": "#,##0,",
    "thousand_change": "+#,##0,;-#,##0,;0",
    "million": "#,##0.0,,",
    "million_change": "+#,##0.0,,;-#,##0.0,,;0",
    "count": "#,##0",
    "count_change": "+#,##0;-#,##0;0",
    "decimal": "#,##0.00",
    "percent": "0.0%",
    "year": "0",
    "stars": "0",
}
MONEY: Final = frozenset(kind for kind in EXCEL_FORMATS if kind.startswith(("kr", "th", "mi")))
DECIMALS: Final = 6
LONGEST_SHEET: Final = 31
FORBIDDEN_IN_SHEETS: Final = str.maketrans("[]:*?/\\'", "        ")
# what a spreadsheet takes for the beginning of a formula, also in full width
FORMULA_STARTS: Final = tuple("=+-@＝＋－＠")
HEAD_ROW: Final = 3

Exact = int | Fraction | Decimal


def _is_number(value: object) -> bool:
    return isinstance(value, (int, Fraction, Decimal)) and not isinstance(value, bool)


def _words(cell: Cell, column: Column, language: Language) -> str:
    """Return what stands in a cell that holds no number; nothing where there is none."""
    value = cell.value
    if value is None or value == "":
        return ""
    if column.kind == "state":
        return str(state(str(value)).label)
    if isinstance(value, bool):
        return _("Included") if value else ""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, Unknown):
        return formats.shown(value, column.kind, language=language)
    return str(value)


def _noted(table: Table) -> list[int]:
    """Return the places of the columns that have small lines under their figures."""
    rows = [row for row in table.rows if len(row.cells) == len(table.columns)]
    return [
        place for place in range(len(table.columns)) if any(row.cells[place].note for row in rows)
    ]


def _spread(table: Table) -> list[tuple[Column, bool]]:
    """Return the columns of the file; True where it holds the notes of a column."""
    noted = _noted(table)
    return [
        (column, is_note)
        for place, column in enumerate(table.columns)
        for is_note in ((False, True) if place in noted else (False,))
    ]


def _rows(table: Table) -> list[Row]:
    """Return the rows that are figures or headings; answers to "why" belong to the page."""
    return [row for row in table.rows if row.kind != "why"]


def _cells(row: Row, table: Table) -> list[tuple[Cell, Column]]:
    """Return the cells of a row as the file has them, each with its column."""
    text = Column("text", "")
    if len(row.cells) != len(table.columns):
        return [(row.cells[0], text)]
    noted = _noted(table)
    found: list[tuple[Cell, Column]] = []
    for place, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True)):
        found.append((cell, column))
        if place in noted:
            found.append((Cell(cell.note), text))
    return found


def _heading(column: Column, *, is_note: bool) -> str:
    return _("%(column)s, note", column=column.label) if is_note else column.label


# --- Excel ----------------------------------------------------------------------------------------


def tables_workbook(tables: Sequence[Table], *, language: Language) -> bytes:
    """Return an Excel workbook with a sheet for each table."""
    buffer = BytesIO()
    names = _sheet_names([table.title for table in tables])
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        book.set_properties({"author": "Bundlinje"})
        looks = Formats(book)
        numbers = {
            (kind, is_sum): book.add_format({"num_format": form, **(_SUM if is_sum else {})})
            for kind, form in EXCEL_FORMATS.items()
            for is_sum in (False, True)
        }
        for table, name in zip(tables, names, strict=True):
            _write_sheet(Page(book.add_worksheet(name), looks), table, numbers, language)
    return buffer.getvalue()


_SUM: Final = {"bold": True, "top": 1, "bottom": 6}


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Return a name for each sheet: allowed, short enough, each once."""
    names: list[str] = []
    for title in titles:
        plain = " ".join(title.translate(FORBIDDEN_IN_SHEETS).split()) or "Bundlinje"
        name, number = plain[:LONGEST_SHEET].strip(), 2
        while name.casefold() in {other.casefold() for other in names}:
            name = f"{plain[: LONGEST_SHEET - 4].strip()} {number}"
            number += 1
        names.append(name)
    return names


def _write_sheet(
    page: Page, table: Table, numbers: dict[tuple[str, bool], Any], language: Language
) -> None:
    page.title(table.title, table.caption)
    page.widths(42, *(16 for _column in _spread(table)[1:]))
    page.row = HEAD_ROW
    page.head([_heading(column, is_note=note) for column, note in _spread(table)], freeze=1)
    for row in _rows(table):
        is_sum = row.kind == "sum"
        for place, (cell, column) in enumerate(_cells(row, table)):
            if _is_number(cell.value):
                look = numbers.get((column.kind, is_sum), numbers["decimal", is_sum])
                number = _excel(cell.value)
                page.sheet.write_number(page.row, place, number, look)
            else:
                words = _words(cell, column, language)
                if not words and not is_sum:
                    continue
                kind: Kind = "sum_text" if is_sum else "head" if row.kind == "group" else "text"
                page.text(page.row, place, words, kind)
        page.row += 1
    if table.total_note:
        page.text(page.row + 1, 0, table.total_note, "note")


def _excel(value: Any) -> int | float:
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


# --- Text -----------------------------------------------------------------------------------------


def tables_csv(tables: Sequence[Table], *, language: Language) -> bytes:
    """Return the tables as text with separators, each below its title when there are several.

    Money is in whole kroner and shares in percent, with the decimal sign and separator that a
    spreadsheet in the reader's language expects.
    """
    text = StringIO()
    writer = csv.writer(text, delimiter=";" if language == "da" else ",")
    for place, table in enumerate(tables):
        if len(tables) > 1:
            writer.writerows([[]] * bool(place))
            writer.writerow([harmless(table.title)])
        writer.writerow([harmless(_csv_heading(column, note)) for column, note in _spread(table)])
        for row in _rows(table):
            cells = _cells(row, table)
            writer.writerow([_csv_cell(cell, column, language) for cell, column in cells])
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) else text


def _csv_heading(column: Column, is_note: bool) -> str:  # noqa: FBT001 - a pair of `_spread`
    heading = _heading(column, is_note=is_note)
    if is_note:
        return heading
    unit = "kr." if column.kind in MONEY else "%" if column.kind == "percent" else ""
    return f"{heading} ({unit})" if unit else heading


def _csv_cell(cell: Cell, column: Column, language: Language) -> str:
    if not _is_number(cell.value):
        return harmless(_words(cell, column, language))
    exact = Fraction(str(cell.value))
    if column.kind == "percent":
        exact *= 100
    places = 0 if column.kind in MONEY else DECIMALS
    rounded = Decimal(round(exact * 10**places)).scaleb(-places)
    text = format(rounded, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "da" else text
