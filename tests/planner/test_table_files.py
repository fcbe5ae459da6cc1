"""Tables as files: the page's own values, numbers as numbers, text never a formula."""

import csv
from fractions import Fraction
from io import BytesIO, StringIO

import openpyxl
import pytest

from planner.reports.table_files import harmless, tables_csv, tables_workbook
from planner.reports.values import UNKNOWN, Cell, Column, Row, Table
from planner.services.interventions import create_accepted, create_draft

EVIL = '=HYPERLINK("http://x","y")'
STARTS = [
    EVIL,
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
]


def a_table(title="Indsatser: 1/2 [alle]", **changes):
    values = {
        "title": title,
        "caption": "Beløb i 1.000 kr.",
        "columns": (
            Column("title", "Indsats"),
            Column("outlay", "Udgift", "thousand"),
            Column("net", "Netto", "thousand_change"),
            Column("share", "Andel", "percent"),
            Column("citizens", "Borgere", "count"),
            Column("state", "Tilstand", "state"),
            Column("in", "Med", "mark"),
        ),
        "rows": (
            Row((Cell("En gruppe"),), kind="group"),
            Row(
                (
                    Cell(EVIL, note="+47 A-1"),
                    Cell(1_234_567),
                    Cell(Fraction(-2_500_001, 2)),
                    Cell(Fraction(1, 8)),
                    Cell(None),
                    Cell("case.accepted"),
                    Cell(value=True),
                )
            ),
            Row(
                (
                    Cell("I alt"),
                    Cell(UNKNOWN),
                    Cell(0),
                    Cell(None),
                    Cell(Fraction(5, 2)),
                    Cell(""),
                    Cell(value=False),
                ),
                kind="sum",
            ),
        ),
    }
    return Table(**(values | changes))


@pytest.fixture
def danish(app):
    with app.test_request_context("/?lang=da"):
        yield


def read_csv(data: bytes, delimiter=";"):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_a_text_file_holds_whole_kroner_and_harmless_words(danish):
    assert read_csv(tables_csv([a_table()], language="da")) == [
        [
            "Indsats",
            "Indsats, note",
            "Udgift (kr.)",
            "Netto (kr.)",
            "Andel (%)",
            "Borgere",
            "Tilstand",
            "Med",
        ],
        ["En gruppe"],
        [f"'{EVIL}", "'+47 A-1", "1234567", "-1250000", "12,5", "", "Godkendt af økonomi", "Med"],
        ["I alt", "", "ikke oplyst", "0", "", "2,5", "", ""],
    ]


def test_a_text_file_in_english_has_points_and_commas(danish):
    rows = read_csv(tables_csv([a_table()], language="en"), delimiter=",")

    assert rows[2][4] == "12.5"


def test_several_tables_stand_below_each_other_with_their_titles(danish):
    rows = read_csv(tables_csv([a_table("Første"), a_table("=Anden")], language="da"))

    assert rows[0] == ["Første"]
    assert rows[5:7] == [[], ["'=Anden"]]


def test_a_workbook_holds_exact_numbers_shown_in_the_unit_of_the_caption(danish):
    tables = [a_table(), a_table(), a_table("X" * 40)]
    book = openpyxl.load_workbook(BytesIO(tables_workbook(tables, language="da")))

    assert len({name.casefold() for name in book.sheetnames}) == 3
    sheet = book.worksheets[0]
    assert (sheet["A1"].value, sheet["A2"].value) == (tables[0].title, "Beløb i 1.000 kr.")
    assert [cell.value for cell in sheet[6]] == [
        EVIL,
        "+47 A-1",
        1_234_567,
        -1_250_000.5,
        0.125,
        None,
        "Godkendt af økonomi",
        "Med",
    ]
    assert sheet["A6"].data_type == "s"
    assert sheet["C6"].number_format == "#,##0,"


@pytest.mark.parametrize("text", STARTS)
def test_what_begins_like_a_formula_is_text(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Housing First", "3+4", "", "−5"])
def test_other_words_are_left_alone(text):
    assert harmless(text) == text


# ---- The pages ----


@pytest.fixture
def some(session, build, department, clock):
    social, employment = department("social"), department("employment")
    who = {"by": None, "now": clock()}
    create_accepted(session, build.case(EVIL), department=social, **who)
    create_accepted(session, build.case("Beta", target_group="Unge"), department=employment, **who)
    create_draft(session, build.case("Hemmelig"), department=social, **who)
    session.commit()


def test_the_list_is_downloaded_as_the_page_shows_it(client_for, some):
    client = client_for("politician")
    links = client.page("/interventions?department=social&sort=title&order=up").links
    address = next(link for link in links if "/export/csv" in link)
    assert "department=social" in address

    answer = client.get(address)

    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="bundlinje-interventions-1-2026-11-23.csv"'
    )
    rows = read_csv(answer.data)
    assert [row[0] for row in rows[1:]] == [f"'{EVIL}"]
    place = rows[0].index("Udgift (kr.)") if "Udgift (kr.)" in rows[0] else None
    assert "3000000" in rows[1]
    assert place is None or rows[1][place] == "3000000"


def test_a_draft_is_in_nobody_elses_file(client_for, some):
    def first_column(name):
        return [r[0] for r in read_csv(client_for(name).get("/interventions/export/csv").data)]

    assert "Hemmelig" in first_column("social")
    assert "Hemmelig" not in first_column("finance")
    assert "Hemmelig" not in first_column("politician")


def test_the_list_as_a_workbook(client_for, some):
    answer = client_for("finance").get("/interventions/export/xlsx")

    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    titles = [row[0].value for row in sheet.iter_rows(min_row=5)]
    assert {EVIL, "Beta"} < set(titles)
    assert 3_000_000 in [cell.value for cell in sheet[5]]


def test_there_is_no_other_kind_of_file(client_for, some):
    client = client_for("finance")

    for path in ("/interventions/export/pdf", "/compare/export/csv?s=1", "/compare/export/csv"):
        assert client.get(path).status_code == 404
