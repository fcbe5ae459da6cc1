"""One sheet of a workbook: what is text stays text, what is a number stays a number."""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, Literal

from xlsxwriter.utility import xl_rowcol_to_cell

FORMATS: Final[dict[str, dict[str, Any]]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"font_color": "#565C66"},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "text": {},
    "money": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.00"},
    "factor": {"num_format": "0.000000"},
    "share": {"num_format": "0.00%"},
    "plain": {"num_format": "0", "align": "left"},
    "moment": {"num_format": "dd-mm-yyyy hh:mm", "align": "left"},
    "sum": {"bold": True, "top": 1, "bottom": 6, "num_format": "#,##0"},
    "sum_text": {"bold": True, "top": 1, "bottom": 6},
}
Kind = Literal[
    "title",
    "note",
    "head",
    "text",
    "money",
    "number",
    "factor",
    "share",
    "plain",
    "moment",
    "sum",
    "sum_text",
]
LONGEST_TEXT: Final = 32_000
HEAD: Final = 3
FIRST: Final = 4
"""Row of the headings and first row of the lines, counted from zero."""

Number = int | float | Fraction


def excel_number(value: Number) -> int | float:
    """Return an exact number as Excel holds it: whole numbers whole."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


def quoted(text: str) -> str:
    """Return a text as it stands inside a formula."""
    return '"' + text.replace('"', '""') + '"'


def cell(sheet: str, row: int, column: int) -> str:
    """Return the absolute address of a cell on another sheet."""
    return f"{sheet_reference(sheet)}{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def sheet_reference(sheet: str) -> str:
    """Return a sheet's name as it stands before an address."""
    return "'" + sheet.replace("'", "''") + "'!"


def column_range(sheet: str, column: int, first: int, last: int) -> str:
    """Return the absolute address of a part of a column; at least one cell."""
    start = xl_rowcol_to_cell(first, column, row_abs=True, col_abs=True)
    end = xl_rowcol_to_cell(max(first, last), column, row_abs=True, col_abs=True)
    return f"{sheet_reference(sheet)}{start}:{end}"


class Formats:
    """The few looks of a workbook."""

    def __init__(self, book: Any) -> None:
        self._made = {name: book.add_format(look) for name, look in FORMATS.items()}

    def __getitem__(self, kind: str) -> Any:
        """Return the look of a kind."""
        return self._made[kind]


class Page:
    """Writes one sheet. Rows and columns are counted from zero."""

    def __init__(self, sheet: Any, formats: Formats) -> None:
        self.sheet = sheet
        self.formats = formats
        self.row = HEAD
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)

    @property
    def name(self) -> str:
        """The sheet's name."""
        return str(self.sheet.get_name())

    def widths(self, *widths: float) -> None:
        """Set the widths of the first columns, in characters."""
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)

    def title(self, text: str, note: str) -> None:
        """Write what the sheet is called, and its unit and price year."""
        self.text(0, 0, text, "title")
        self.text(1, 0, note, "note")

    def head(self, labels: Sequence[str], *, freeze: int | None = None) -> None:
        """Write headings in the present row; ``freeze`` keeps them and that many columns."""
        for place, label in enumerate(labels):
            self.text(self.row, place, label, "head")
        self.row += 1
        if freeze is not None:
            self.sheet.freeze_panes(self.row, freeze)
            self.sheet.repeat_rows(self.row - 1)

    def skip(self, rows: int = 1) -> None:
        """Leave some rows empty."""
        self.row += rows

    # ---- cells ----

    def text(self, row: int, column: int, text: str, kind: Kind = "text") -> None:
        """Write text as text, whatever it begins with."""
        self.sheet.write_string(row, column, text[:LONGEST_TEXT], self.formats[kind])

    def number(self, row: int, column: int, value: Number | None, kind: Kind = "money") -> None:
        """Write a number; nothing for None."""
        if value is not None:
            self.sheet.write_number(row, column, excel_number(value), self.formats[kind])

    def formula(
        self, row: int, column: int, formula: str, value: Number, kind: Kind = "money"
    ) -> None:
        """Write a formula with the value that it must have."""
        self.sheet.write_formula(row, column, formula, self.formats[kind], excel_number(value))

    def formula_text(self, row: int, column: int, formula: str, value: str) -> None:
        """Write a formula that gives a text."""
        self.sheet.write_formula(row, column, formula, self.formats["text"], value)

    def pair(
        self,
        label: str,
        value: Number | str | dt.datetime | None,
        *,
        kind: Kind = "money",
        formula: str = "",
    ) -> str:
        """Write a label and its value in the next row, and return the value's address."""
        row = self.row
        self.row += 1
        self.text(row, 0, label)
        if isinstance(value, str):
            self.text(row, 1, value)
        elif isinstance(value, dt.datetime):
            self.sheet.write_datetime(row, 1, value, self.formats[kind])
        elif formula and value is not None:
            self.formula(row, 1, formula, value, kind)
        else:
            self.number(row, 1, value, kind)
        return cell(self.name, row, 1)
