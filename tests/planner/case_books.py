"""Workbooks of candidates as tests make, change and damage them."""

import io
import zipfile

from openpyxl import load_workbook
from sqlalchemy import func, select

from planner.case_sheets import KEY_ROW, Sheet
from planner.model import EventRecord
from planner.reports.case_workbook import CaseWorkbook, case_workbook
from planner.services import case_exchange
from planner.services.case_rows import canonical, years_in
from planner.services.cases import case_data

WORDS = dict.fromkeys(("draft", "submitted", "returned", "accepted", "withdrawn"), "-")
INTERVENTIONS, OPTIONS, FLOWS, MEASURES = Sheet
HOSTILE = "=HYPERLINK(1)"


def source_of(session, strategy, actor):
    """What a download is made from."""
    cases = case_exchange.cases_seen(session, strategy, actor=actor)
    years = {year for case in cases.values() for year in years_in(case_data(case))}
    return CaseWorkbook(
        strategy_id=strategy.id,
        title=strategy.title,
        price_year=strategy.price_year,
        years=sorted({*range(2027, 2037), *years}),
        lists=case_exchange.lists_for(strategy),
        rows=case_exchange.rows_out(cases, WORDS),
    )


def download(session, strategy, actor, language="da"):
    """The workbook of what a person sees, as bytes."""
    return case_workbook(source_of(session, strategy, actor), language=language)


def opened(data):
    return Book(load_workbook(io.BytesIO(data)))


class Book:
    """A workbook whose cells are found by the keys of the hidden row."""

    def __init__(self, book):
        self.book = book
        self.sheets = {}
        for sheet in book.worksheets:
            mark = str(sheet.cell(KEY_ROW, 1).value)
            name = mark.partition(".")[0]
            if name in set(Sheet):
                self.sheets[Sheet(name)] = sheet

    def place(self, sheet, key):
        for cell in self.sheets[sheet][KEY_ROW]:
            if cell.value == f"{sheet}.{key}":
                return cell.column
        raise LookupError(key)

    def cell(self, sheet, key, row):
        return self.sheets[sheet].cell(row, self.place(sheet, key))

    def row_of(self, sheet, code):
        """The first row with a code."""
        return next(
            row
            for row in range(5, self.sheets[sheet].max_row + 1)
            if self.cell(sheet, "code", row).value == code
        )

    def add(self, sheet, **values):
        """Write a row below the others; dots are written as underscores before a year."""
        row = max(5, self.last(sheet) + 1)
        for key, value in values.items():
            head, _mark, year = key.rpartition("_")
            name = f"{head}.{year}" if year.isdigit() else key
            self.cell(sheet, name, row).value = value
        return row

    def last(self, sheet):
        """The last row in which anything stands."""
        cells = self.sheets[sheet]
        row = cells.max_row
        while all(cell.value is None for cell in cells[row]):
            row -= 1
        return row

    def saved(self):
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def a_new_candidate(book, code="ny-1", **changes):
    """Rows of a candidate that is whole."""
    head = {"title": f"Indsats {code}", "department": "Sociale forhold", "evidence_stars": 1}
    row = book.add(INTERVENTIONS, code=code, **(head | changes))
    book.add(OPTIONS, code=code, option="basis", title="Fuld", pool="Investeringspuljen")
    flow = {"payer": "Kommunen", "category": "Service"}
    book.add(FLOWS, code=code, **flow, line="Start", kind="Udlæg", amount_2027=-900_000)
    book.add(
        *(FLOWS,),
        code=code,
        **flow,
        line="Mindre",
        kind="Besparelse",
        cashable="Ja",
        budget_line="5.38",
        amount_2028=500_000,
        low_2028=200_000,
    )
    book.add(MEASURES, code=code, name="borgere", total=12.5)
    return row


def members(data, change):
    """The file with its parts changed by ``change(name, bytes)``; None leaves a part out."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                out.writestr(name, part)
    return buffer.getvalue()


def with_part(data, name, change):
    return members(data, lambda n, part: change(part) if n == name else part)


def faults(judged):
    return [(f.sheet, f.cell, f.message.da) for f in judged.faults]


def lines_of_log(session):
    return session.scalar(select(func.count()).select_from(EventRecord))


def cases_of(session, strategy, actor):
    return {
        code: canonical(case_data(case))
        for code, case in case_exchange.cases_seen(session, strategy, actor=actor).items()
    }
