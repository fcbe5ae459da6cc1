"""Workbooks that are something else, older, or spoilt: refused with a reason, or read whole."""

import random

import pytest

from planner.services.case_exchange import CaseAction, read_book
from planner.services.workbook_reading import BookError
from tests.planner.case_books import FLOWS, INTERVENTIONS, MEASURES, OPTIONS, faults


def refused_book(session, changed, by):
    with pytest.raises(BookError) as wrong:
        read_book(session, changed.saved(), by=by)
    return wrong.value.message.da


def test_another_format_is_refused_by_name(session, book, social):
    for mark in ("bundlinje-candidates/0", "bundlinje-candidates/2"):
        changed = book()
        changed.book["Vejledning"]["A1"] = mark
        assert mark in refused_book(session, changed, social)


def test_a_workbook_of_something_else_is_refused_with_the_reason(session, book, social):
    changed = book()
    changed.book["Vejledning"]["A1"] = None
    assert "ikke hentet fra Indsatser" in refused_book(session, changed, social)

    changed = book()
    changed.book["Vejledning"]["B1"] = 999
    assert "strategi findes ikke" in refused_book(session, changed, social)


@pytest.mark.parametrize("sheet", [INTERVENTIONS, OPTIONS, FLOWS, MEASURES])
def test_a_missing_sheet_is_never_read_as_an_empty_one(session, made, build, book, social, sheet):
    made(build.case())
    changed = book()
    changed.book.remove(changed.sheets[sheet])
    assert "mangler" in refused_book(session, changed, social)


@pytest.mark.parametrize("key", ["code", "version", "title", "department"])
def test_a_missing_column_is_refused_by_name(session, made, build, book, social, key):
    made(build.case())
    changed = book()
    place = changed.place(INTERVENTIONS, key)
    heading = changed.sheets[INTERVENTIONS].cell(4, place).value.removesuffix(" *")
    changed.sheets[INTERVENTIONS].delete_cols(place)
    assert f"»{heading}«" in refused_book(session, changed, social)


def test_sheets_and_headings_may_be_called_anything(made, build, book, read):
    made(build.case())
    changed = book()
    for number, sheet in enumerate(changed.sheets.values()):
        sheet.title = f"Ark {number}"
        sheet["A4"] = "Vores nummer"

    judged = read(changed)
    assert (faults(judged), judged.changes, len(judged.accepted)) == ([], [], 1)


@pytest.mark.parametrize("seed", range(12))
def test_every_row_of_a_spoilt_workbook_is_accepted_or_refused(made, build, book, read, seed):
    """Cells are overwritten at random: whoever is hit is refused or said to change."""
    made(*(build.case(f"Indsats {n}") for n in range(12)))
    rng = random.Random(seed)
    changed = book()
    hit = set()
    for _time in range(6):
        sheet = rng.choice([INTERVENTIONS, OPTIONS, FLOWS, MEASURES])
        row = rng.randrange(5, changed.last(sheet) + 1)
        code = changed.cell(sheet, "code", row).value
        place = rng.choice(
            [
                cell.column
                for cell in changed.sheets[sheet][1]
                if str(cell.value).rpartition(".")[2] not in {"code", "state", "version"}
            ]
        )
        cell = changed.sheets[sheet].cell(row, place)
        new = rng.choice(["x", -7, 3.5, "=1", True, "Kommunen"])
        if cell.value != new:
            hit.add(code)
            cell.value = new

    judged = read(changed)

    assert len(judged.accepted) + judged.refused == 12
    untouched = {one.code for one in judged.accepted if one.action is CaseAction.SAME}
    # nobody who was hit passes as unchanged, and nobody else is drawn in
    assert untouched == {one.code for one in judged.accepted} - {c.code for c in judged.changes}
    assert len(untouched) == 12 - len(hit)
    assert (judged.refused == 0) == (judged.faults == ())
