"""The candidates as an Excel workbook that is filled in elsewhere and read in again.

A cell that may be changed is unlocked and has its list; a hidden row carries the keys by which the
columns are known when the workbook comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from flask_babel import gettext as _

from planner.case_sheets import (
    FORMAT,
    GUIDE,
    HEAD_ROW,
    LISTS,
    TITLES,
    Lists,
    Sheet,
    SheetColumn,
    columns_of,
)
from planner.formats import Language
from planner.reports.table_files import FORMULA_STARTS
from planner.reports.workbook import OPTIONS
from planner.reports.workbook_page import LONGEST_TEXT, column_range, excel_number

#: empty rows that have lists of choices too, for what is added by hand
ROWS_FOR_NEW: Final = 500
MOST_KRONER: Final = 100_000_000_000
#: what stays in view while one scrolls to the right
FROZEN: Final = {Sheet.INTERVENTIONS: 2, Sheet.OPTIONS: 2, Sheet.FLOWS: 3, Sheet.MEASURES: 3}
A3, A4 = 8, 9

LOOKS: Final[dict[str, dict[str, Any]]] = {
    "text": {"num_format": "@", "valign": "top"},
    "long": {"num_format": "@", "valign": "top", "text_wrap": True},
    "choice": {"num_format": "@", "valign": "top"},
    "kroner": {"num_format": "#,##0;[Red]-#,##0", "valign": "top"},
    "share": {"num_format": "0.####%", "valign": "top"},
    "number": {"num_format": "#,##0.######", "valign": "top"},
    "whole": {"num_format": "0", "valign": "top", "align": "left"},
}
HEAD: Final = {
    "bold": True,
    "bottom": 1,
    "text_wrap": True,
    "valign": "top",
    "locked": True,
    "bg_color": "#E8EEF3",
}
MUTED: Final = {"font_color": "#565C66", "bg_color": "#F4F5F7"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWorkbook:
    """What a workbook is made from.

    Parameters
    ----------
    strategy_id : int
        Written in the hidden mark, so that the workbook finds its way back.
    years : sequence of int
        The columns of amounts.
    rows : mapping
        Rows by sheet, each with values by column; empty for a template.
    """

    strategy_id: int
    title: str
    price_year: int
    years: Sequence[int]
    lists: Lists
    rows: Mapping[Sheet, Sequence[Mapping[str, Any]]]


def case_workbook(source: CaseWorkbook, *, language: Language) -> bytes:
    """Return the workbook as the bytes of an .xlsx file: a guide, four sheets, hidden lists."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        book.set_properties({"title": source.title, "author": "Bundlinje"})
        book.set_custom_property("template_version", FORMAT)
        _Writer(book, source, language).write()
    return buffer.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, source: CaseWorkbook, language: Language) -> None:
        self.book = book
        self.source = source
        self.language = language
        self.looks = {
            (kind, is_locked, quoted): book.add_format(
                {
                    **look,
                    **(MUTED if is_locked else {}),
                    "locked": is_locked,
                    "quote_prefix": quoted,
                }
            )
            for kind, look in LOOKS.items()
            for is_locked in (False, True)
            for quoted in (False, True)
        }
        self.head = book.add_format(HEAD)
        self.title = book.add_format({"bold": True, "font_size": 14, "locked": True})
        self.note = book.add_format({"font_color": "#565C66", "locked": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.bold = book.add_format({"bold": True, "valign": "top"})
        self.ranges: dict[str, str] = {}

    def write(self) -> None:
        """Write everything."""
        guide = self.book.add_worksheet(GUIDE.say(self.language))
        sheets = {
            sheet: self.book.add_worksheet(TITLES[sheet].say(self.language)) for sheet in Sheet
        }
        self._lists(self.book.add_worksheet(LISTS.say(self.language)))
        self._guide(guide)
        for sheet, page in sheets.items():
            self._sheet(page, sheet)

    # ---- the guide and the lists ----

    def _top(self, page: Any, title: str, note: str) -> None:
        page.hide_gridlines(2)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_footer("&L&A&R&P / &N")
        page.set_row(0, None, self.note, {"hidden": True})
        page.set_row(1, None, self.title)
        page.set_row(2, None, self.note)
        page.write_string(1, 0, title, self.title)
        page.write_string(2, 0, note, self.note)

    def _guide(self, page: Any) -> None:
        self._top(
            page,
            _("Interventions of %(strategy)s", strategy=self.source.title[:200]),
            _("How to fill in the workbook and read it in again."),
        )
        page.set_paper(A4)
        page.write_string(0, 0, FORMAT)
        page.write_number(0, 1, self.source.strategy_id)
        page.set_column(0, 0, 30)
        page.set_column(1, 1, 96)
        row = HEAD_ROW
        for label, text in (
            *self._how_to(),
            (_("Version of the template"), FORMAT),
        ):
            page.write_string(row, 0, label, self.bold)
            page.write_string(row, 1, text, self.wrapped)
            row += 1
        for sheet in Sheet:
            row += 1
            page.write_string(row, 0, TITLES[sheet].say(self.language), self.head)
            page.write_string(row, 1, self._about(sheet), self.head)
            for column in columns_of(sheet):
                row += 1
                page.write_string(row, 0, self._heading(column), self.wrapped)
                page.write_string(row, 1, column.help.say(self.language), self.wrapped)
            row += 1
        page.protect("", {"format_columns": True, "format_rows": True})

    def _how_to(self) -> list[tuple[str, str]]:
        return [
            (
                _("New intervention"),
                _(
                    "Write a row in the sheet Interventions with a code of your own, such as new-1,"
                    " and use the same code in the other sheets. Leave Version empty."
                ),
            ),
            (
                _("Change one"),
                _(
                    "Change its rows, or add some with its code. A row that you take out of"
                    " Options, Cash flows or Measures is taken out of the draft."
                ),
            ),
            (_("Leave as it is"), _("What you do not change stays as it is.")),
            (
                _("Read it in"),
                _(
                    "Choose Import from Excel at Interventions. First you see every row, accepted"
                    " or refused, and nothing is stored until you say so."
                ),
            ),
            (
                _("Amounts"),
                _(
                    "Whole kroner in %(year)d prices, money out of the purse with a minus. Write"
                    " numbers, not formulas.",
                    year=self.source.price_year,
                ),
            ),
            (
                _("Low and high"),
                _("Only where they differ from the expected amount; else leave them empty."),
            ),
            (_("Required"), _("A heading with * must be filled in.")),
            (
                _("Grey cells"),
                _("Are written by Bundlinje. The sheets are protected without a password."),
            ),
        ]

    def _about(self, sheet: Sheet) -> str:
        return {
            Sheet.INTERVENTIONS: _("One row an intervention."),
            Sheet.OPTIONS: _("One row for each way to do it; at most one of them is chosen."),
            Sheet.FLOWS: _("One row a consequence, with its amounts by year."),
            Sheet.MEASURES: _("One row for each thing that is counted, in total or by year."),
        }[sheet]

    def _lists(self, page: Any) -> None:
        for place, (name, choices) in enumerate(self.source.lists.items()):
            page.write_string(0, place, f"lists.{name}")
            for row, choice in enumerate(choices, start=1):
                page.write_string(row, place, choice.label.say(self.language))
            self.ranges[name] = "=" + column_range(page.get_name(), place, 1, len(choices))
        page.protect()
        page.hide()

    # ---- one sheet ----

    def _heading(self, column: SheetColumn) -> str:
        return column.heading.say(self.language) + (" *" if column.is_required else "")

    def _sheet(self, page: Any, sheet: Sheet) -> None:
        columns = columns_of(sheet, self.source.years)
        rows = self.source.rows.get(sheet, ())
        note = _("Whole kroner in %(year)d prices.", year=self.source.price_year)
        note = f"{self._about(sheet)} {note}" if sheet is Sheet.FLOWS else self._about(sheet)
        self._top(page, TITLES[sheet].say(self.language), note)
        page.set_paper(A3)
        page.set_row(HEAD_ROW - 1, 32, self.head)
        for place, column in enumerate(columns):
            self._column(page, sheet, place, column, len(rows))
        for number, row in enumerate(rows, start=HEAD_ROW):
            for place, column in enumerate(columns):
                self._cell(page, number, place, column, row.get(column.key))
        page.freeze_panes(HEAD_ROW, FROZEN[sheet])
        page.repeat_rows(HEAD_ROW - 1)
        page.autofilter(HEAD_ROW - 1, 0, HEAD_ROW - 1 + max(len(rows), 1), len(columns) - 1)
        allowed = ("format_columns", "format_rows", "insert_rows", "delete_rows", "sort")
        page.protect("", dict.fromkeys((*allowed, "autofilter"), True))

    def _column(self, page: Any, sheet: Sheet, place: int, column: SheetColumn, count: int) -> None:
        page.set_column(place, place, column.width, self._look(column))
        page.write_string(0, place, f"{sheet}.{column.key}")
        page.write_string(HEAD_ROW - 1, place, self._heading(column), self.head)
        text = column.help.say(self.language)
        if text:
            page.write_comment(
                HEAD_ROW - 1, place, text, {"author": "Bundlinje", "x_scale": 2, "y_scale": 1}
            )
        rule = self._rule(column)
        if rule:
            last = HEAD_ROW + count + ROWS_FOR_NEW
            page.data_validation(HEAD_ROW, place, last, place, rule)

    def _look(self, column: SheetColumn, *, quoted: bool = False) -> Any:
        return self.looks[column.kind, column.is_locked, quoted]

    def _rule(self, column: SheetColumn) -> dict[str, Any]:
        """Return what a spreadsheet itself refuses in a column."""
        if column.choices:
            message = _("Choose one of the list.")
            return {"validate": "list", "source": self.ranges[column.choices]} | _said(message)
        if column.kind == "kroner":
            between = {"criteria": "between", "minimum": -MOST_KRONER, "maximum": MOST_KRONER}
            return {"validate": "integer", **between} | _said(_("Write whole kroner."))
        if column.kind == "share":
            between = {"criteria": "between", "minimum": 0, "maximum": 1}
            return {"validate": "decimal", **between} | _said(
                _("Write a percentage from 0 to 100.")
            )
        return {}

    def _cell(self, page: Any, row: int, place: int, column: SheetColumn, value: Any) -> None:
        look = self._look(column)
        if value is None or (value == "" and not column.choices):
            return
        if isinstance(value, int | Decimal | Fraction):
            page.write_number(row, place, excel_number(Fraction(value)), look)
            return
        text = str(value)
        if column.choices:
            text = self._label(column.choices, text)
        if text.lstrip().startswith(FORMULA_STARTS):
            # stays text also when somebody opens the cell and presses Enter
            look = self._look(column, quoted=True)
        page.write_string(row, place, text[:LONGEST_TEXT], look)

    def _label(self, name: str, value: str) -> str:
        choices = self.source.lists[name]
        found = next((choice for choice in choices if choice.value == value), None)
        return value if found is None else found.label.say(self.language)


def _said(message: str) -> dict[str, Any]:
    return {"ignore_blank": True, "error_title": "Bundlinje", "error_message": message}
