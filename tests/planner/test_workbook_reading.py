"""Hostile workbooks: refused, or read whole; none kills the process or loses a row silently."""

import io
import random
import resource
import time
import zipfile

import pytest
from openpyxl import Workbook

from planner.services import workbook_reading
from planner.services.workbook_packing import pack, plain_sheets, sheets_from, unpack
from planner.services.workbook_reading import BookError, RawCell, column_letter, read_sheets
from tests.planner.case_books import members, with_part

SHEET = "xl/worksheets/sheet1.xml"


def a_book(rows=3):
    book = Workbook()
    for number in range(1, rows + 1):
        book.active.append([f"række {number}", number, number / 8])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def filled(data):
    """Every filled cell by its address."""
    (sheet,) = read_sheets(data)
    return {
        f"{column_letter(place)}{row}": cell.value
        for row, cells in sheet.rows.items()
        for place, cell in cells.items()
    }


def refused(data):
    with pytest.raises(BookError) as wrong:
        read_sheets(data)
    return wrong.value.message.da


def sheet_of(rows):
    """The workbook with other rows in the sheet's own XML."""

    def change(part):
        start, end = part.index(b"<sheetData>"), part.index(b"</sheetData>")
        return part[: start + 11] + rows + part[end:]

    return with_part(a_book(), SHEET, change)


def cell(address, value=1):
    return f'<c r="{address}"><v>{value}</v></c>'.encode()


def row(number, *cells):
    return f'<row r="{number}">'.encode() + b"".join(cells) + b"</row>"


# --- Read whole -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [b"A1", b"A1:XFD1048576", b"C3:A1"])
def test_the_files_own_word_for_its_size_is_not_believed(size):
    def lie(part):
        start = part.index(b'<dimension ref="') + len(b'<dimension ref="')
        return part[:start] + size + part[part.index(b'"', start) :]

    assert filled(with_part(a_book(), SHEET, lie)) == filled(a_book())


def test_cells_out_of_order_are_all_read():
    found = filled(sheet_of(row(2, cell("A2"), cell("Z2"), cell("B2")) + row(1, cell("A1"))))

    assert set(found) == {"A2", "Z2", "B2", "A1"}


def test_a_cell_at_the_far_end_is_read_at_once():
    began = time.perf_counter()
    assert filled(sheet_of(row(1_048_576, cell("XFD1048576")))) == {"XFD1048576": 1}
    assert time.perf_counter() - began < 5  # a million empty rows are not made


def test_hidden_rows_columns_and_sheets_are_read():
    book = Workbook()
    book.active["A1"], book.active["C7"] = "a", "b"
    book.active.row_dimensions[7].hidden = True
    book.active.column_dimensions["C"].hidden = True
    other = book.create_sheet("Anden")
    other["B2"] = "c"
    other.sheet_state = "veryHidden"
    buffer = io.BytesIO()
    book.save(buffer)

    first, second = read_sheets(buffer.getvalue())
    assert first.rows == {1: {0: RawCell("a", "s")}, 7: {2: RawCell("b", "s")}}
    assert second.rows == {2: {1: RawCell("c", "s")}}


def test_a_formula_is_said_to_be_one_and_never_worked_out():
    kinds = (
        b'<c r="A1"><f>1+1</f><v>2</v></c>',
        b'<c r="B1"><f t="array" ref="B1">SUM(A1)</f></c>',
        b'<c r="C1"><f t="shared" si="0" ref="C1:C2">[1]Ark1!A1</f><v>9</v></c>',
        b'<c r="D1"><f t="dataTable" ref="D1"></f><v>9</v></c>',
    )
    (sheet,) = read_sheets(sheet_of(row(1, *kinds)))

    assert [found.type for found in sheet.rows[1].values()] == ["f"] * 4
    assert all(workbook_reading.no_value(found) is not None for found in sheet.rows[1].values())
    assert all(isinstance(found.shown, str) for found in sheet.rows[1].values())


def test_links_to_other_workbooks_are_not_followed():
    link = b'<externalLink xmlns="x"><externalBook/></externalLink>'

    data = members(a_book(), lambda name, part: part)
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as out:
        out.writestr("xl/externalLinks/externalLink1.xml", link)
    assert filled(buffer.getvalue()) == filled(a_book())


@pytest.mark.parametrize("text", ["inf", "1E999", "nan", "-1E999"])
def test_what_is_no_finite_number_is_no_number(text):
    try:
        found = filled(sheet_of(row(1, cell("A1", text))))
    except BookError:
        return
    value, wrong = workbook_reading.number_in(RawCell(found["A1"]))
    assert value is None
    assert wrong is not None


# --- Refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        row(2_000_000_000, cell("A2000000000")),
        row(1_048_577, cell("A1048577")),
        row(1, cell("A1"), cell("A1", 2)),
        row(1, cell("A1")) + row(1, cell("A1", 2)),
        row(1, cell("B7")),
        row(1, cell("ZZZZZ1")),
        row(1, b'<c r="A1" t="s"><v>999999</v></c>'),
        row(1, b'<c r="A0"><v>1</v></c>'),
        row(-1, cell("A-1")),
    ],
)
def test_cells_that_are_not_where_they_say_are_refused(rows):
    assert "beskadiget" in refused(sheet_of(rows))


def test_a_row_of_millions_of_cells_is_refused_before_it_is_built():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert "for stor" in refused(sheet_of(row(1, b"<c/>" * 1_500_000)))
    # kilobytes: nowhere near the gigabyte that the cells would take
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


def test_a_sheet_of_a_hundred_thousand_merges_is_refused_before_it_is_built():
    def change(part):
        merges = b"<mergeCells>" + b'<mergeCell ref="A5:B9"/>' * 100_000 + b"</mergeCells>"
        return part.replace(b"</sheetData>", b"</sheetData>" + merges)

    assert "for stor" in refused(with_part(a_book(), SHEET, change))


def a_bomb(size):
    return members(a_book(), lambda name, part: b" " * size if name == SHEET else part)


def many_members():
    buffer = io.BytesIO(a_book())
    with zipfile.ZipFile(buffer, "a") as out:
        for number in range(600):
            out.writestr(f"{number}", b"")
    return buffer.getvalue()


def with_macros():
    buffer = io.BytesIO(a_book())
    with zipfile.ZipFile(buffer, "a") as out:
        out.writestr("xl/vbaProject.bin", b"x")
    return buffer.getvalue()


def entities(definition):
    head = b'<?xml version="1.0"?><!DOCTYPE a [' + definition + b"]>"
    return with_part(a_book(), SHEET, lambda part: head + part[part.index(b"<worksheet") :])


def billion_laughs():
    lines = [b'<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">'.encode() for n in range(1, 10)]
    return entities(b"".join(lines))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Vælg en fil"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "ikke en Excel"),
        (b"PK\x03\x04 not really", "ikke en Excel"),
        (b"PK\x05\x06" + b"\0" * 18, "ikke en Excel"),
        (b"Titel;Pris\n", "ikke en Excel"),
        (a_bomb(21_000_000), "for stor"),
        (many_members(), "for stor"),
        (with_macros(), "makroer"),
        (entities(b'<!ENTITY x SYSTEM "file:///etc/hostname">'), "definitioner"),
        (billion_laughs(), "definitioner"),
        (with_part(a_book(), SHEET, lambda part: part[: len(part) // 2]), "beskadiget"),
        (with_part(a_book(), SHEET, lambda _part: None), "beskadiget"),
        (with_part(a_book(), "xl/workbook.xml", lambda _part: b"<a/>"), "beskadiget"),
        (with_part(a_book(), "[Content_Types].xml", lambda _part: None), "beskadiget"),
    ],
    ids=[
        *("nothing", "old xls", "torn zip", "empty zip", "text", "bomb", "members", "macros"),
        *("outside entity", "inner entities", "half a sheet", "no sheet", "no book", "no types"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_reason(data, said):
    assert said in refused(data)


def test_a_part_that_says_it_is_small_is_not_read_further_than_it_says():
    """A bomb whose directory lies about its size."""
    data = bytearray(a_bomb(19_000_000))
    true = (19_000_000).to_bytes(4, "little")
    for start in [n for n in range(len(data)) if data[n : n + 4] == true]:
        data[start : start + 4] = (1_000).to_bytes(4, "little")

    assert "beskadiget" in refused(bytes(data))


@pytest.mark.parametrize("seed", range(40))
def test_a_wrong_byte_is_refused_or_changes_only_what_it_hit(seed):
    rng = random.Random(seed)
    data = bytearray(a_book(20))
    data[rng.randrange(len(data))] ^= rng.randrange(1, 256)

    try:
        sheets = read_sheets(bytes(data))
    except BookError:
        return
    assert [len(sheet.rows) for sheet in sheets] == [20]


@pytest.mark.parametrize("seed", range(60))
def test_xml_with_a_wrong_byte_never_brings_a_crash(seed):
    """The change is made inside, where no checksum betrays it."""
    rng = random.Random(seed)

    def change(part):
        damaged = bytearray(part)
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        return bytes(damaged)

    names = zipfile.ZipFile(io.BytesIO(a_book(5))).namelist()
    data = with_part(a_book(5), rng.choice(names), change)
    try:
        assert all(len(sheet.rows) <= 6 for sheet in read_sheets(data))
    except BookError as error:
        assert error.message.da


# --- Kept on the page -----------------------------------------------------------------------------


def test_what_is_packed_is_unpacked_the_same():
    (sheet,) = read_sheets(a_book())

    (found,) = sheets_from(unpack(pack(plain_sheets([sheet], {("Sheet", 1), ("Sheet", 3)}))))

    assert set(found.rows) == {1, 3}
    for number, cells in found.rows.items():
        assert [c.value for c in cells.values()] == [c.value for c in sheet.rows[number].values()]


def test_what_is_too_long_for_a_page_is_not_packed():
    noise = random.Random(1)
    assert pack(["".join(chr(noise.randrange(300, 9_000)) for _n in range(300_000))]) is None


@pytest.mark.parametrize(
    "plain",
    [
        1,
        {},
        [1],
        [["a"]],
        [["a", [[1, [[0, None]]]]]],
        [["a", [[1, [[0, [2]]]]]]],
        [["a", [["x", []]]]],
    ],
)
def test_another_shape_is_refused(plain):
    if plain == {}:
        assert sheets_from(plain) == []
        return
    with pytest.raises(BookError):
        sheets_from(unpack(pack(plain)))
