"""The knowledge shelf as an Excel workbook that can be changed and read in again."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from optimizer.quantity import Quantity
from optimizer.shelf import Content, ShelfKind
from optimizer.shelf_sheets import FORMAT, GUIDE, HEAD_ROW, STATES, SheetColumn, columns_of
from planner.formats import Language
from planner.reports.workbook import OPTIONS
from planner.reports.workbook_page import Formats, Kind, Page, excel_number

#: empty rows that have lists of choices too, for what is added by hand
ROWS_FOR_NEW = 200
WIDE, NARROW = 32, 14
#: a spreadsheet shows no longer help at a heading
LONGEST_LISTED = 250
#: looks of numbers by kind, with as many decimals as were typed
Exact = dict[str, Any]
KINDS: dict[str, Kind] = {
    "kroner": "money",
    "share": "share",
    "number": "number",
    "count": "plain",
    "year": "plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    """One entry with its newest version."""

    kind: ShelfKind
    key: str
    title: str
    number: int
    is_retired: bool
    content: Content
    source: str
    source_date: str


def shelf_workbook(rows: Sequence[ShelfRow], *, language: Language) -> bytes:
    """Return the workbook as the bytes of an .xlsx file: a guide, then a sheet a kind."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        book.set_properties({"author": "Bundlinje"})
        # more decimals than a plan's workbook shows: here they are typed
        looks = Formats(book)
        exact: Exact = {"share": book.add_format({"num_format": "0.00##%"})}
        exact["number"] = book.add_format({"num_format": "#,##0.######"})
        _write_guide(Page(book.add_worksheet(GUIDE.say(language)), looks), language)
        for kind in ShelfKind:
            page = Page(book.add_worksheet(kind.plural.say(language)), looks)
            of_kind = [row for row in rows if row.kind is kind]
            _write_sheet(page, kind, of_kind, exact, language)
    return buffer.getvalue()


def _write_guide(page: Page, language: Language) -> None:
    page.widths(WIDE, 90)
    page.title(_("The knowledge shelf"), _("How to change it here and read it in again."))
    page.pair(_("Format"), FORMAT)
    for label, text in (
        (_("New entry"), _("Write a row below the others. Leave Key and Version empty.")),
        (_("New version"), _("Change the row. The version before is kept on the shelf.")),
        (_("Leave as it is"), _("A row that you do not change, or take out, changes nothing.")),
        (_("Retire"), _("Entries are retired on the shelf's own pages, with a reason.")),
        (_("Numbers"), _("Write numbers as numbers, shares as percent, and no formulas.")),
        (_("Required"), _("A heading with * must be filled in.")),
    ):
        page.pair(label, text)
    page.skip()
    for kind in ShelfKind:
        page.head([kind.plural.say(language), ""])
        for column in columns_of(kind):
            if column.about.help.da:
                page.pair(column.heading.say(language), column.about.help.say(language))


def _write_sheet(
    page: Page, kind: ShelfKind, rows: Sequence[ShelfRow], exact: Exact, language: Language
) -> None:
    columns = columns_of(kind)
    page.title(kind.plural.say(language), _("One row an entry, with its newest version."))
    page.widths(*(NARROW if c.about.kind in KINDS else WIDE for c in columns))
    page.row = HEAD_ROW - 1
    page.head([_heading(column, language) for column in columns], freeze=2)
    for place, column in enumerate(columns):
        _offer_choices(page, place, column, len(rows), language)
    for row in rows:
        for place, column in enumerate(columns):
            value = _value(row, column, language)
            _write_cell(page, place, value, column.about, exact=exact, language=language)
        page.row += 1


def _heading(column: SheetColumn, language: Language) -> str:
    return column.heading.say(language) + (" *" if column.is_required else "")


def _offer_choices(
    page: Page, place: int, column: SheetColumn, count: int, language: Language
) -> None:
    labels = [c.label.say(language) for c in column.about.choices]
    if labels and len(",".join(labels)) <= LONGEST_LISTED:
        page.sheet.data_validation(
            HEAD_ROW,
            place,
            HEAD_ROW + count + ROWS_FOR_NEW,
            place,
            {"validate": "list", "source": labels, "ignore_blank": True},
        )


def _value(row: ShelfRow, column: SheetColumn, language: Language) -> Any:
    if column.name == "state":
        return STATES[row.is_retired].say(language)
    of_entry = {"key", "title", "number", "source", "source_date"}
    return getattr(row if column.name in of_entry else row.content, column.name)


def _write_cell(
    page: Page,
    place: int,
    value: Any,
    about: Quantity,
    *,
    exact: dict[str, Any],
    language: Language,
) -> None:
    kind = about.kind
    if value is None or (value == "" and kind != "choice"):
        return
    if kind == "choice":
        label = next(c.label for c in about.choices if c.value == value)
        page.text(page.row, place, label.say(language))
    elif kind in KINDS:
        look = exact.get(kind, page.formats[KINDS[kind]])
        page.sheet.write_number(page.row, place, excel_number(value), look)
    else:
        page.text(page.row, place, str(value))
