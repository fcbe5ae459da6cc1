"""The shelf out as a workbook and in again: equal, or refused at its cell; never half stored."""

import io
import random
import zipfile
from fractions import Fraction

import pytest
from openpyxl import Workbook, load_workbook

from optimizer.shelf import ShelfKind
from planner.reports.shelf_workbook import ShelfRow, shelf_workbook
from planner.services.shelf import EntryDraft, ShelfFilters, add_entry, list_entries, retire_entry
from planner.services.shelf_exchange import (
    ChangedSinceError,
    RowAction,
    packed,
    read_book,
    store_rows,
    unpacked,
)
from planner.services.workbook_reading import BookError, column_letter

PRICES, EFFECTS, CONSEQUENCES = "Enhedspriser", "Effekter", "Konsekvenser"
HOSTILE = "=HYPERLINK(1)"


@pytest.fixture
def language(app):
    """The reader's language: the application's own, Danish."""
    with app.test_request_context(headers={"Accept-Language": "da"}):
        yield "da"


@pytest.fixture
def shelf(session, clock):
    """A price, an effect and a consequence."""

    def lay(kind, title, **values):
        return add_entry(
            session,
            EntryDraft(
                kind=kind, title=title, values=values, source=HOSTILE, source_date="2025-10"
            ),
            by=None,
            now=clock(),
        )

    return [
        lay(
            *(ShelfKind.UNIT_PRICE, "Sengedag"),
            amount=6_000,
            unit="-dag",
            price_year=2026,
            category="service",
            share_municipality=Fraction(1, 5),
            share_region=Fraction(4, 5),
        ),
        lay(
            *(ShelfKind.EFFECT, "+Vejen til job"),
            target_group="@alle",
            outcome="ude af ydelse",
            p_with=Fraction(2249, 10_000),
            stars=0,
            grade="few_studies",
        ),
        lay(
            *(ShelfKind.CONSEQUENCE, "Færre sengedage"),
            unit_price="sengedag",
            year_0=Fraction(-1, 8),
            year_2=Fraction(-3),
        ),
    ]


@pytest.fixture
def export(session, shelf, language):
    """The shelf's own workbook, opened to be changed."""

    def made(speaks="da"):
        rows = [
            ShelfRow(
                kind=e.kind,
                key=e.key,
                title=e.title,
                number=e.newest.number,
                is_retired=e.is_retired,
                content=e.newest.says,
                source=e.newest.source,
                source_date=e.newest.source_date,
            )
            for e in list_entries(session, ShelfFilters(with_retired=True))
        ]
        return load_workbook(io.BytesIO(shelf_workbook(rows, language=speaks)))

    return made


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cell_of(sheet, heading, row=5):
    """The cell of a column, by the beginning of its heading."""
    for cell in sheet[4]:
        if str(cell.value).startswith(heading):
            return sheet.cell(row, cell.column)
    raise LookupError(heading)


def a_new_price(book, row=6, **changes):
    values = {
        "Titel": "Døgn",
        "Pris pr. enhed": 1_400,
        "Enhed": "døgn",
        "Prisår": 2026,
        "Styringsområde": "service",
        "Andel: kommune": 1,
        "Kilde": "Regnskab",
    }
    for heading, value in (values | changes).items():
        cell_of(book[PRICES], heading, row).value = value


def faults(found):
    return [(f.sheet, f.cell, f.found) for f in found.faults]


# --- Out and in again -----------------------------------------------------------------------------


def test_what_goes_out_comes_back_the_same(session, export, clock):
    found = read_book(session, saved(export()), now=clock())

    assert faults(found) == []
    assert [row.action for row in found.accepted] == [RowAction.SAME] * 3
    assert found.changes == []


def test_a_workbook_in_english_comes_back_too(session, export, app, clock):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        book = export("en")

    assert "Unit prices" in book.sheetnames
    found = read_book(session, saved(book), now=clock())
    assert (faults(found), len(found.accepted), found.changes) == ([], 3, [])


def test_numbers_are_numbers_and_text_is_never_a_formula(export):
    book = export()

    price = book[PRICES]
    assert cell_of(price, "Pris pr. enhed").value == 6_000
    assert cell_of(price, "Andel: region").value == 0.8
    assert cell_of(price, "Andel: region").number_format.endswith("%")
    for cell in (cell_of(price, "Kilde"), cell_of(price, "Enhed"), cell_of(book[EFFECTS], "Mål")):
        assert cell.data_type == "s"
    assert cell_of(price, "Kilde").value == HOSTILE
    assert cell_of(book[CONSEQUENCES], "Mængde i år 0").value == -0.125
    assert cell_of(book[EFFECTS], "National").value == "Få studier"
    # nought stars is told apart from not assessed
    assert cell_of(book[EFFECTS], "Evidensstjerner").value == 0


def test_a_changed_row_is_a_new_version_and_a_row_without_a_key_a_new_entry(session, export, clock):
    book = export()
    cell_of(book[PRICES], "Pris pr. enhed").value = 6_500
    a_new_price(book)
    # refers to the row that is new in the same workbook
    consequence = book[CONSEQUENCES]
    for heading, value in {"Titel": "Nye døgn", "Enhedspris": "doegn", "Kilde": "Skøn"}.items():
        cell_of(consequence, heading, 6).value = value
    cell_of(consequence, "Mængde i år 1", 6).value = -0.1

    found = read_book(session, saved(book), now=clock())
    assert faults(found) == []
    assert len(list_entries(session)) == 3  # nothing is stored by looking
    store_rows(session, unpacked(packed(found.changes)), by=None, now=clock())

    entries = {entry.key: entry for entry in list_entries(session)}
    assert [v.says.amount for v in entries["sengedag"].versions] == [6_000, 6_500]
    assert entries["doegn"].newest.says.share_municipality == 1
    assert entries["nye-doegn"].newest.says.by_year == (0, Fraction(-1, 10))
    again = read_book(session, saved(export()), now=clock())
    assert (faults(again), again.changes) == ([], [])


def test_rows_that_were_judged_are_not_stored_on_a_shelf_that_has_changed(session, export, clock):
    book = export()
    cell_of(book[PRICES], "Pris pr. enhed").value = 6_500
    rows = read_book(session, saved(book), now=clock()).changes
    store_rows(session, rows, by=None, now=clock())

    with pytest.raises(ChangedSinceError):
        store_rows(session, rows, by=None, now=clock())
    book = export()
    a_new_price(book)
    rows = read_book(session, saved(book), now=clock()).changes
    store_rows(session, rows, by=None, now=clock())
    with pytest.raises(ChangedSinceError):
        store_rows(session, rows, by=None, now=clock())


# --- Refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "heading", "value", "said"),
    [
        (PRICES, "Pris pr. enhed", "6.000", "skriv et tal"),
        (PRICES, "Pris pr. enhed", True, "skriv et tal"),
        (PRICES, "Pris pr. enhed", -1, "mindst 0"),
        (PRICES, "Pris pr. enhed", 0.5, "helt tal"),
        (PRICES, "Pris pr. enhed", 1e300, "for meget"),
        (PRICES, "Pris pr. enhed", "=1+1", "formel"),
        (PRICES, "Pris pr. enhed", "#REF!", "fejl"),
        (PRICES, "Pris pr. enhed", None, "Udfyld feltet."),
        (PRICES, "Prisår", 26, "1900"),
        (PRICES, "Styringsområde", "Drift", "Service, Anlæg, Overførsler"),
        (PRICES, "Andel: region", 0.7, "100 %"),
        (PRICES, "Andel: region", 80, "højst 100"),
        (PRICES, "Titel", "Andet", "den ændres ikke"),
        (PRICES, "Titel", 12, "skriv tekst"),
        (PRICES, "Version", 7, "nyeste version er 1"),
        (PRICES, "Version", None, "nyeste version er 1"),
        (PRICES, "Nøgle", "ukendt", "ikke på hylden"),
        (PRICES, "Kilde", None, "Udfyld feltet."),
        (PRICES, "Kildens dato", "snart", "ingen dato"),
        (PRICES, "Kildens dato", 2099, "ikke kommet"),
        (EFFECTS, "Evidensstjerner", 4, "højst 3"),
        (EFFECTS, "Succesrate med", None, "succesrate"),
        (CONSEQUENCES, "Enhedspris", "intet", "ingen enhedspris"),
    ],
)
def test_each_mistake_is_named_at_its_cell(session, export, clock, sheet, heading, value, said):
    book = export()
    cell = cell_of(book[sheet], heading)
    cell.value = value
    if value == "#REF!":
        cell.data_type = "e"

    found = read_book(session, saved(book), now=clock())

    where = [(f.sheet, f.cell) for f in found.faults]
    # shares that do not add up are said at the first share, an unknown key at its version
    column = {"Andel: region": "Andel: kommune", "Nøgle": "Version"}.get(heading, heading)
    wanted = cell if said not in {"100 %", "ikke på hylden"} else cell_of(book[sheet], column)
    assert where == [(sheet, wanted.coordinate)]
    assert said in found.faults[0].message.da
    assert (found.refused_rows, len(found.accepted)) == (1, 2)


def test_all_mistakes_of_all_sheets_come_at_once_and_no_row_is_lost(session, export, clock):
    """A hundred planted mistakes in three hundred rows, each named by its cell."""
    book = export()
    sheet = book[PRICES]
    for row in range(6, 306):
        a_new_price(book, row, Titel=f"Pris {row}")
    chosen = random.Random(5).sample(range(6, 306), 100)
    wrong = {"Pris pr. enhed": "mange", "Prisår": 26, "Styringsområde": "x", "Kilde": None}
    planted = set()
    for place, row in enumerate(chosen):
        heading = list(wrong)[place % 4]
        cell = cell_of(sheet, heading, row)
        cell.value = wrong[heading]
        planted.add(cell.coordinate)

    found = read_book(session, saved(book), now=clock())

    assert {f.cell for f in found.faults} == planted
    assert (len(found.accepted), found.refused_rows) == (203, 100)
    store_rows(session, unpacked(packed(found.changes)), by=None, now=clock())
    assert len(list_entries(session)) == 203


def test_the_same_key_or_title_twice_is_refused(session, export, clock):
    book = export()
    a_new_price(book, 6)
    a_new_price(book, 7)
    sheet = book[PRICES]
    for cell in sheet[5]:
        sheet.cell(8, cell.column).value = cell.value
    cell_of(sheet, "Kilde", 8).value = "en anden"

    found = read_book(session, saved(book), now=clock())

    assert [(f.cell, f.row) for f in found.faults] == [
        (cell_of(sheet, "Titel", 7).coordinate, 7),
        (cell_of(sheet, "Nøgle", 8).coordinate, 8),
    ]


def test_a_retired_row_may_stay_but_not_change(session, shelf, export, clock):
    price = shelf[0]
    retire_entry(session, price, reason="x", by=None, now=clock(), seen_version=1)
    book = export()
    # the consequence stands on the retired price, and is left as it is
    assert faults(read_book(session, saved(book), now=clock())) == []

    cell_of(book[PRICES], "Pris pr. enhed").value = 1
    (fault,) = read_book(session, saved(book), now=clock()).faults
    assert "udgået" in fault.message.da


def test_what_stands_outside_is_named_and_not_lost_silently(session, export, clock):
    book = export()
    book[PRICES]["AZ5"] = "gemt her"
    book[PRICES]["B4"] = "Navn *"
    book.create_sheet("Mine noter")["A1"] = "husk"
    book[EFFECTS].sheet_state = "hidden"

    found = read_book(session, saved(book), now=clock())

    assert ("Mine noter", "", "Mine noter") in faults(found)
    assert (PRICES, "AZ5", "gemt her") in faults(found)
    assert (PRICES, "B4", "Navn *") in faults(found)
    assert any("»Titel« mangler" in f.message.da for f in found.faults)
    # a hidden sheet is read like any other
    assert EFFECTS in {row.sheet for row in found.accepted}


def test_a_row_far_below_is_read(session, export, clock):
    book = export()
    a_new_price(book, 100_000)

    found = read_book(session, saved(book), now=clock())

    assert [(row.row, row.action) for row in found.changes] == [(100_000, RowAction.NEW)]


def with_member(book, name, change):
    """The workbook with one of its files changed."""
    packed_in = zipfile.ZipFile(io.BytesIO(saved(book)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for member in packed_in.namelist():
            data = packed_in.read(member)
            out.writestr(member, change(data) if member == name else data)
    return buffer.getvalue()


def test_a_file_that_lies_about_its_size_loses_no_row(session, export, clock):
    book = export()
    a_new_price(book)

    def lie(data):
        start = data.index(b'<dimension ref="') + len(b'<dimension ref="')
        return data[:start] + b"A1" + data[data.index(b'"', start) :]

    found = read_book(session, with_member(book, "xl/worksheets/sheet2.xml", lie), now=clock())

    assert [row.draft.title for row in found.changes] == ["Døgn"]


def a_foreign_book():
    return saved(Workbook())


def a_bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", b" " * 70_000_000)
    return buffer.getvalue()


def many_members():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for number in range(600):
            out.writestr(f"{number}", b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Vælg en fil"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "ikke en Excel"),
        (b"PK\x03\x04 not really", "ikke en Excel"),
        (b"Titel;Pris\n", "ikke en Excel"),
        (a_foreign_book(), "ikke hentet fra Videnshylden"),
        (a_bomb(), "for stor"),
        (many_members(), "for stor"),
    ],
    ids=["nothing", "old xls", "torn zip", "text", "foreign", "bomb", "members"],
)
def test_a_file_that_is_none_is_refused_with_a_reason(session, clock, data, said):
    with pytest.raises(BookError) as wrong:
        read_book(session, data, now=clock())
    assert said in wrong.value.message.da


def test_another_format_is_refused_by_name(session, export, clock):
    book = export()
    book["Vejledning"]["B4"] = "bundlinje-shelf/9"

    with pytest.raises(BookError) as wrong:
        read_book(session, saved(book), now=clock())
    assert "bundlinje-shelf/9" in wrong.value.message.da


def test_xml_entities_are_not_read(session, export, clock):
    def attack(data):
        head = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        return head + data[data.index(b"<worksheet") :].replace(b">6000<", b">&x;<")

    with pytest.raises(BookError):
        read_book(session, with_member(export(), "xl/worksheets/sheet2.xml", attack), now=clock())


@pytest.mark.parametrize("seed", range(30))
def test_a_workbook_with_a_wrong_byte_is_read_whole_or_refused(session, export, clock, seed):
    data = bytearray(saved(export()))
    data[random.Random(seed).randrange(len(data))] ^= 0xFF

    try:
        found = read_book(session, bytes(data), now=clock())
    except BookError:
        return
    assert len(found.accepted) + found.refused_rows == 3


def test_too_many_changes_at_once_are_refused(session, export, clock):
    book = export()
    for row in range(6, 507):
        a_new_price(book, row, Titel=f"Pris {row}")
    changes = read_book(session, saved(book), now=clock()).changes
    assert len(changes) == 501

    packed(changes[:500])
    with pytest.raises(BookError) as wrong:
        packed(changes)
    assert "højst 500" in wrong.value.message.da


def test_columns_are_named_as_a_spreadsheet_names_them():
    from openpyxl.utils import get_column_letter

    places = [0, 1, 25, 26, 27, 51, 52, 700, 701, 702, 703, 16_383]
    assert [column_letter(p) for p in places] == [get_column_letter(p + 1) for p in places]


def test_too_many_rows_are_refused(session, export, clock):
    book = export()
    for row in range(6, 2_010):
        book[PRICES].cell(row, 2).value = "x"

    with pytest.raises(BookError) as wrong:
        read_book(session, saved(book), now=clock())
    assert "2000" in wrong.value.message.da


@pytest.mark.parametrize("text", ["", "x", "eJwDAAAAAAE=", "eJyLrlZKTFKyUjJU0lFKSlayAhLGtQA="])
def test_a_text_that_was_not_packed_here_is_refused(text):
    with pytest.raises(BookError):
        unpacked(text)
