"""The candidates' workbook as rows: each cell read by its column, or named with what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from optimizer.sentence import Sentence
from optimizer.shelf_reader import FieldError
from planner.case_limits import MOST_DECIMALS, MOST_MEASURED, is_storable
from planner.case_sheets import (
    FORMAT,
    FORMAT_PREFIX,
    HEAD_ROW,
    KEY_ROW,
    TITLES,
    Lists,
    Sheet,
    SheetColumn,
    column_of,
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
    stray_faults,
    text_in,
)

MOST_KRONER = 100_000_000_000
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class CaseBook:
    """The rows of a workbook by sheet, and what is wrong apart from them.

    Parameters
    ----------
    years : mapping
        The years that a sheet has a column for.
    """

    rows: Mapping[Sheet, tuple[RawRow, ...]]
    years: Mapping[Sheet, frozenset[int]]
    faults: tuple[CellFault, ...]


def strategy_of(sheets: list[RawSheet]) -> int:
    """Return the number of the strategy that a workbook was downloaded from.

    Raises
    ------
    BookError
        When it is no workbook of candidates, or of a format that is not read here.
    """
    for sheet in sheets:
        head = sheet.rows.get(KEY_ROW, {})
        mark = head[0].value if 0 in head else None
        if not isinstance(mark, str) or not mark.startswith(FORMAT_PREFIX):
            continue
        if mark != FORMAT:
            said = mark[:LONGEST_FOUND]
            raise BookError(
                f"Projektmappen har formatet »{said}«; her læses »{FORMAT}«. Hent en ny, og flyt"
                " rækkerne over i den.",
                f"The workbook has the format “{said}”; “{FORMAT}” is read here. Download a new"
                " one and move the rows into it.",
            )
        number = head[1].value if 1 in head else None
        if isinstance(number, int) and not isinstance(number, bool):
            return number
    raise BookError(
        "Projektmappen er ikke hentet fra Indsatser: det skjulte mærke i arket Vejledning mangler."
        " Hent en ny, og flyt rækkerne over i den.",
        "The workbook was not downloaded from Interventions: the hidden mark in the sheet Guide is"
        " missing. Download a new one and move the rows into it.",
    )


def read_case_book(sheets: list[RawSheet], lists: Lists) -> CaseBook:
    """Return the rows of a workbook of candidates, and name all that cannot be read."""
    rows: dict[Sheet, tuple[RawRow, ...]] = {}
    years: dict[Sheet, frozenset[int]] = {}
    faults: list[CellFault] = []
    for raw in sheets:
        if not raw.rows or _is_ours(raw):
            continue
        sheet, columns, wrong = _columns(raw)
        faults += wrong
        if sheet is None:
            continue
        if sheet in rows:
            faults.append(CellFault(raw.title, "", 0, "", _TWICE))
            continue
        _refuse_missing(raw.title, sheet, columns)
        faults += merge_faults(raw, below=HEAD_ROW)
        below = sorted(number for number in raw.rows if number > HEAD_ROW)
        faults += (fault for number in below for fault in stray_faults(raw, number, columns))
        rows[sheet] = tuple(_row(raw, number, columns, lists) for number in below)
        years[sheet] = frozenset(c.year for c in columns.values() if c.year is not None)
    for sheet in Sheet:
        if sheet not in rows:
            title = TITLES[sheet]
            raise BookError(
                f"Arket »{title.da}« mangler. Hent en ny projektmappe.",
                f"The sheet “{title.en}” is missing. Download a new workbook.",
            )
    return CaseBook(rows, years, tuple(faults))


_TWICE = Sentence(
    "Arket står to gange, og dette blev ikke læst.",
    "The sheet stands twice, and this one was not read.",
)


def _is_ours(raw: RawSheet) -> bool:
    """Say whether the sheet is the guide or the lists: it holds nothing to be read."""
    mark = raw.rows.get(KEY_ROW, {}).get(0)
    return mark is not None and str(mark.value).startswith((FORMAT_PREFIX, "lists."))


# --- Columns --------------------------------------------------------------------------------------


def _columns(
    raw: RawSheet,
) -> tuple[Sheet | None, dict[int, SheetColumn], list[CellFault]]:
    found: dict[int, SheetColumn] = {}
    faults: list[CellFault] = []
    sheet: Sheet | None = None
    for place, cell in raw.rows.get(KEY_ROW, {}).items():
        known = column_of(str(cell.value).strip())
        if known is None or (sheet or known[0]) != known[0] or known[1] in found.values():
            said = Sentence(
                "Nøglen i den skjulte række kendes ikke, eller den står to gange.",
                "The key in the hidden row is not known, or it stands twice.",
            )
            at = f"{column_letter(place)}{KEY_ROW}"
            faults.append(CellFault(raw.title, at, KEY_ROW, cell.shown, said))
            continue
        sheet, found[place] = known
    if sheet is not None:
        return sheet, found, faults
    return None, {}, [CellFault(raw.title, "", 0, raw.title[:LONGEST_FOUND], _UNKNOWN_SHEET)]


_UNKNOWN_SHEET = Sentence(
    "Arket hører ikke til projektmappen og blev ikke læst.",
    "The sheet is none of the workbook's and was not read.",
)


def _refuse_missing(title: str, sheet: Sheet, columns: dict[int, SheetColumn]) -> None:
    known = {column.key for column in columns.values()}
    for column in columns_of(sheet):
        # without its version a row could overwrite what somebody else has saved
        if column.key not in known and (column.is_required or column.key == "version"):
            raise BookError(
                f"Kolonnen »{column.heading.da}« mangler i arket »{title}«. Hent en ny"
                " projektmappe, og flyt rækkerne over i den.",
                f"The column “{column.heading.en}” is missing in the sheet “{title}”. Download a"
                " new workbook and move the rows into it.",
            )


# --- Rows and cells -------------------------------------------------------------------------------


def _row(raw: RawSheet, number: int, columns: dict[int, SheetColumn], lists: Lists) -> RawRow:
    values: dict[str, Any] = {}
    shown: dict[str, str] = {}
    faults: list[FieldError] = []
    cells = raw.rows[number]
    for place, column in columns.items():
        if column.key == "state":
            continue
        cell = cells.get(place)
        if cell is None:
            if column.is_required:
                faults.append(FieldError(column.key, _REQUIRED))
            continue
        shown[column.key] = cell.shown
        value, wrong = _value(cell, column, lists)
        if wrong is None:
            values[column.key] = value
        else:
            faults.append(FieldError(column.key, wrong))
    places = {column.key: place for place, column in columns.items()}
    return RawRow(raw.title, number, places, values, shown, tuple(faults))


_REQUIRED = Sentence("Udfyld cellen.", "Fill in the cell.")


def _value(cell: RawCell, column: SheetColumn, lists: Lists) -> Read:
    if (wrong := no_value(cell)) is not None:
        return None, wrong
    if column.kind in {"kroner", "share", "number", "whole"}:
        number, wrong = number_in(cell)
        return (None, wrong) if wrong is not None else _number(number, column)
    if column.kind == "choice":
        return _choice(cell, column, lists)
    text, wrong = text_in(cell)
    if wrong is not None:
        return None, wrong
    if not is_storable(text):
        return None, Sentence(
            "Teksten har tegn, der ikke kan gemmes. Skriv den igen i hånden.",
            "The text has signs that cannot be stored. Write it again by hand.",
        )
    if len(text) > column.longest:
        return None, Sentence(
            f"Skriv højst {column.longest} tegn; her står {len(text)}.",
            f"Write at most {column.longest} characters; here are {len(text)}.",
        )
    return text, None


def _number(number: Fraction, column: SheetColumn) -> Read:
    if column.kind in {"kroner", "whole"}:
        if number.denominator != 1:
            return None, Sentence("Skriv et helt tal.", "Write a whole number.")
        if abs(number) > MOST_KRONER:
            return None, Sentence("Tallet er for stort.", "The number is too large.")
        return int(number), None
    decimal = Decimal(number.numerator) / Decimal(number.denominator)
    if column.kind == "share" and not 0 <= decimal <= 1:
        return None, Sentence(
            "Skriv en procent fra 0 til 100.", "Write a percentage from 0 to 100."
        )
    if abs(decimal) > MOST_MEASURED or decimal != round(decimal, MOST_DECIMALS):
        return None, Sentence(
            f"Skriv et tal med højst {MOST_DECIMALS} decimaler.",
            f"Write a number with at most {MOST_DECIMALS} decimals.",
        )
    return decimal, None


def _choice(cell: RawCell, column: SheetColumn, lists: Lists) -> Read:
    choices = lists[column.choices]
    if isinstance(cell.value, bool) and column.choices == "yes_no":
        return ("yes" if cell.value else "no"), None
    wanted = str(cell.value).strip().casefold()
    for choice in choices:
        labels = {choice.label.da.casefold(), choice.label.en.casefold()}
        if wanted in labels or (choice.value and wanted == choice.value.casefold()):
            return choice.value, None
    names = [choice.label for choice in choices[:MOST_LISTED]]
    more = ", …" if len(choices) > MOST_LISTED else ""
    return None, Sentence(
        f"Vælg en af: {', '.join(n.da for n in names)}{more}.",
        f"Choose one of: {', '.join(n.en for n in names)}{more}.",
    )
