"""The workbook's formulas, calculated by a small checker of our own, give our figures."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask_babel import force_locale
from openpyxl.utils import range_boundaries

from optimizer import allocate, evaluate, plan_document, plan_from_document, read_plan
from planner.reports.stored import stored_allocation
from planner.reports.workbook import WorkbookInput, allocation_workbook

CASES = Path(__file__).parent.parent / "cases"
MOMENT = dt.datetime(2026, 11, 23, 14, 3, tzinfo=dt.UTC)
PLANS = [
    "plans/overlap",
    "plans/repayment_next_year",
    "plans/discount_steps_forced_in",
    "plans/star_oil_lp",
    "plans/spending_ceiling",
    "plans/infeasible",
    "real/danish_cases_2027",
    "real/uganda_hbp",
]

# --- The checker: as much of Excel's arithmetic as the workbook uses ------------------------------

TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*)|"(?P<text>(?:[^"]|"")*)"
    |(?P<ref>(?:'(?:[^']|'')+'!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)
    |(?P<name>[A-Z]+)(?=\()|(?P<op><>|<=|>=|--|[-+*/&=<>(),]))""",
    re.VERBOSE,
)


class Sheets:
    """Calculates cells from formulas alone; stored values of formulas are never looked at."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(BytesIO(content))
        self.known: dict[tuple[str, int, int], Any] = {}

    def value(self, sheet: str, row: int, column: int) -> Any:
        place = (sheet, row, column)
        if place not in self.known:
            raw = self.book[sheet].cell(row, column).value
            is_formula = isinstance(raw, str) and raw.startswith("=") and self._typed(*place) == "f"
            self.known[place] = Formula(self, sheet, raw[1:]).value() if is_formula else raw
        return self.known[place]

    def _typed(self, sheet: str, row: int, column: int) -> str:
        return str(self.book[sheet].cell(row, column).data_type)

    def area(self, sheet: str, reference: str) -> list[Any]:
        left, top, right, bottom = range_boundaries(reference.replace("$", ""))
        return [
            self.value(sheet, row, column)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]

    def formulas(self) -> Iterator[tuple[str, int, int]]:
        for sheet in self.book.worksheets:
            for line in sheet.iter_rows():
                for cell in line:
                    if cell.data_type == "f":
                        yield sheet.title, cell.row, cell.column


class Formula:
    def __init__(self, sheets: Sheets, sheet: str, text: str) -> None:
        self.sheets, self.sheet = sheets, sheet
        self.tokens = []
        place = 0
        while place < len(text):
            found = TOKEN.match(text, place)
            assert found, text[place:]
            self.tokens.append((found.lastgroup, found[found.lastgroup or ""]))
            place = found.end()
        self.tokens.append(("end", ""))

    def value(self) -> Any:
        result = self.comparison()
        assert self.tokens[0][0] == "end", self.tokens
        return result

    def peek(self) -> str:
        return self.tokens[0][1] if self.tokens[0][0] == "op" else ""

    def take(self) -> str:
        return self.tokens.pop(0)[1]

    def comparison(self) -> Any:
        left = self.joined()
        if self.peek() not in {"=", "<>", "<", ">", "<=", ">="}:
            return left
        operator, right = self.take(), self.joined()
        if isinstance(left, list):
            return [compared(one, operator, right) for one in left]
        return compared(left, operator, right)

    def joined(self) -> Any:
        left = self.sum()
        while self.peek() == "&":
            self.take()
            left = f"{left}{self.sum()}"
        return left

    def sum(self) -> Any:
        left = self.product()
        while self.peek() in {"+", "-"}:
            sign = 1 if self.take() == "+" else -1
            left = number(left) + sign * number(self.product())
        return left

    def product(self) -> Any:
        left = self.factor()
        while self.peek() in {"*", "/"}:
            operator, right = self.take(), self.factor()
            left = number(left) * number(right) if operator == "*" else number(left) / number(right)
        return left

    def factor(self) -> Any:
        kind, text = self.tokens.pop(0)
        if kind == "number":
            return Fraction(text)
        if kind == "text":
            return text.replace('""', '"')
        if kind == "ref":
            return self.reference(text)
        if kind == "name":
            return self.call(text)
        if text == "-":
            return -number(self.factor())
        if text == "--":
            inner = self.factor()
            return [int(one) for one in inner]
        assert text == "(", text
        inner = self.comparison()
        assert self.take() == ")"
        return inner

    def reference(self, text: str) -> Any:
        sheet, _, reference = text.rpartition("!")
        name = sheet[1:-1].replace("''", "'") if sheet else self.sheet
        values = self.sheets.area(name, reference)
        return values if ":" in reference else values[0]

    def call(self, name: str) -> Any:
        assert self.take() == "("
        arguments = [self.comparison()]
        while self.peek() == ",":
            self.take()
            arguments.append(self.comparison())
        assert self.take() == ")"
        return getattr(self, name)(*arguments)

    def SUM(self, *areas: list[Any]) -> Fraction:  # noqa: N802
        return sum((number(v) for area in areas for v in area if is_number(v)), Fraction(0))

    def SUMPRODUCT(self, *areas: list[Any]) -> Fraction:  # noqa: N802
        total = Fraction(0)
        for line in zip(
            *(area if isinstance(area, list) else [area] for area in areas), strict=True
        ):
            product = Fraction(1)
            for one in line:
                product *= number(one)
            total += product
        return total

    def SUMIFS(self, summed: list[Any], *pairs: Any) -> Fraction:  # noqa: N802
        keep = [True] * len(summed)
        for area, wanted in zip(pairs[::2], pairs[1::2], strict=True):
            assert len(area) == len(summed)
            keep = [k and meets(v, wanted) for k, v in zip(keep, area, strict=True)]
        return sum((number(v) for k, v in zip(keep, summed, strict=True) if k), Fraction(0))

    def IF(self, condition: Any, then: Any, otherwise: Any) -> Any:  # noqa: N802
        return then if condition else otherwise

    def AND(self, *conditions: Any) -> bool:  # noqa: N802
        return all(conditions)

    def EXACT(self, one: Any, other: Any) -> bool:  # noqa: N802
        return (one or "") == (other or "")

    def MIN(self, *values: Any) -> Fraction:  # noqa: N802
        return min(number(v) for v in values)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)


def number(value: Any) -> Fraction:
    if value is None:
        return Fraction(0)
    assert is_number(value), value
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def compared(left: Any, operator: str, right: Any) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        left, right = left or "", right or ""
    else:
        left, right = number(left), number(right)
    return {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        ">": left > right,
        "<=": left <= right,
        ">=": left >= right,
    }[operator]


def meets(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, str):
        found = re.fullmatch(r"(<=|>=|<|>)(-?\d+)", wanted)
        if found:
            return is_number(value) and compared(value, found[1], int(found[2]))
        assert not set(wanted) & set("*?~<>="), wanted
        return isinstance(value, str) and value.casefold() == wanted.casefold()
    return is_number(value) and number(value) == number(wanted)


# --- The tests ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _language(app: Any) -> Iterator[None]:
    with app.test_request_context("/?lang=da"):
        yield


def source_of(name: str) -> WorkbookInput:
    plan = read_plan(CASES / f"{name}.json")
    result = allocate(plan, gap=0).document("da")
    # what lies in the database has been JSON
    return WorkbookInput(
        title=plan.scenario.title,
        version=3,
        plan=json.loads(json.dumps(plan_document(plan))),
        result=json.loads(json.dumps(result)),
        calculated_at=MOMENT,
    )


@pytest.fixture(params=PLANS)
def source(request: pytest.FixtureRequest) -> WorkbookInput:
    return source_of(request.param)


def test_every_formula_gives_the_figure_that_stands_in_its_cell(source: WorkbookInput) -> None:
    content = allocation_workbook(source, language="da")
    sheets = Sheets(content)
    stored = openpyxl.load_workbook(BytesIO(content), data_only=True)
    count = 0
    for sheet, row, column in sheets.formulas():
        found, written = sheets.value(sheet, row, column), stored[sheet].cell(row, column).value
        if isinstance(found, str):
            assert found == written, (sheet, row, column)
        else:
            assert abs(float(number(found)) - float(written)) <= 1e-6 * max(
                1, abs(float(written))
            ), (
                sheet,
                row,
                column,
            )
        count += 1
    assert count > 10


def test_the_totals_are_those_of_the_result_document(source: WorkbookInput) -> None:
    sheets = Sheets(allocation_workbook(source, language="da"))
    allocation = stored_allocation(source.plan, source.result)
    payers = source.plan["payers"]
    for place, payer in enumerate(payers, start=5):
        found = [number(sheets.value("Kasser", place, column)) for column in range(4, 9)]
        totals = source.result["totals"]
        if totals is None:
            assert found == [0, 0, 0, 0, 0]
            continue
        expected = totals["net_saving"][payer["id"]]
        keys = ("before", "budget_period", "after", "horizon", "discounted")
        for amount, key in zip(found, keys, strict=True):
            assert abs(amount - Fraction(repr(expected[key]))) < Fraction(1, 100), (payer, key)
    invested = next(
        sheets.value("Resultat", row, 2)
        for row in range(1, 30)
        if sheets.value("Resultat", row, 1) == "Investeret"
    )
    assert abs(number(invested) - allocation.invested) < Fraction(1, 100)


def test_the_pool_follows_its_result(source: WorkbookInput) -> None:
    sheets = Sheets(allocation_workbook(source, language="da"))
    lines = [
        [sheets.value("Pulje", row, column) for column in range(1, 6)]
        for row in range(1, sheets.book["Pulje"].max_row + 1)
    ]
    years = [line for line in lines if is_number(line[0]) and is_number(line[4])]
    expected = [year for pool in source.result["pools"] for year in pool["years"]]
    if source.result["totals"] is None:
        return
    assert len(years) == len(expected)
    for line, year in zip(years, expected, strict=True):
        assert line[0] == year["year"]
        for place, key in ((2, "outlay"), (3, "repaid"), (4, "balance")):
            assert abs(number(line[place]) - Fraction(repr(year[key]))) < Fraction(1, 100), line


def test_another_choice_typed_in_the_sheet_gives_what_evaluate_gives() -> None:
    source = source_of("plans/repayment_next_year")
    plan = plan_from_document(source.plan)
    sheets = Sheets(allocation_workbook(source, language="da"))
    key = next(
        key
        for key in plan.options
        if key not in stored_allocation(source.plan, source.result).choice
    )
    intervention, option = key.split("/")
    page = sheets.book["Indsatser"]
    row = next(r for r in range(5, page.max_row) if page.cell(r, 2).value == intervention)
    page.cell(row, 7).value, page.cell(row, 9).value = option, 1
    kept = stored_allocation(source.plan, source.result).choice
    changed = evaluate(plan, {**kept, key: Fraction(1)})
    for place, payer in enumerate(plan.payers, start=5):
        found = number(sheets.value("Kasser", place, 8))
        assert abs(found - changed.payer_totals[payer.id].discounted) < Fraction(1, 100)


def test_text_stays_text_and_a_minus_stays_a_minus() -> None:
    source = source_of("plans/overlap")
    source.plan["interventions"][0]["title"] = "=HYPERLINK(1)"
    source.plan["interventions"][1]["title"] = "-500"
    book = openpyxl.load_workbook(BytesIO(allocation_workbook(source, language="da")))
    page = book["Indsatser"]
    assert [(page.cell(r, 3).value, page.cell(r, 3).data_type) for r in (5, 6)] == [
        ("=HYPERLINK(1)", "s"),
        ("-500", "s"),
    ]
    amounts = [book["Pengestrømme"].cell(r, 14).value for r in range(5, 11)]
    assert all(isinstance(amount, int) for amount in amounts)
    assert min(amounts) < 0
    assert book["Pengestrømme"].cell(5, 14).number_format == "#,##0"


def test_the_sheets_keep_their_heads_and_speak_the_readers_language() -> None:
    source = source_of("plans/overlap")
    danish = openpyxl.load_workbook(BytesIO(allocation_workbook(source, language="da")))
    assert danish.sheetnames == [
        "Resultat",
        "Indsatser",
        "Pengestrømme",
        "Kasser",
        "Pulje",
        "Måltal",
        "Rammer",
    ]
    assert danish["Indsatser"].freeze_panes == "D5"
    assert danish["Pengestrømme"].freeze_panes == "D5"
    with force_locale("en"):
        english = openpyxl.load_workbook(BytesIO(allocation_workbook(source, language="en")))
    assert english.sheetnames[:3] == ["Result", "Interventions", "Cash flows"]


def test_the_same_result_gives_the_same_file() -> None:
    source = source_of("plans/overlap")
    assert allocation_workbook(source, language="da") == allocation_workbook(source, language="da")


def test_the_first_sheet_names_what_it_was_made_from() -> None:
    source = source_of("plans/overlap")
    page = openpyxl.load_workbook(BytesIO(allocation_workbook(source, language="da")))["Resultat"]
    texts = {page.cell(row, 1).value: page.cell(row, 2).value for row in range(1, page.max_row + 1)}
    assert source.result["plan_sha256"] in texts.values()
    assert texts["Prisår"] == source.plan["price_year"]
    assert texts["Scenariets version"] == 3
    assert texts["Status"] == "Bedste plan, bevist."
    assert texts["Beregnet"] == MOMENT.replace(tzinfo=None)
