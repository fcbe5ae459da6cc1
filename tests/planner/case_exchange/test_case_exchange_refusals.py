"""Mistakes in a workbook of candidates: each is named at its cell, and nothing is lost silently."""

import random

import pytest

from planner.services.case_exchange import CaseAction
from tests.planner.case_books import (
    FLOWS,
    INTERVENTIONS,
    MEASURES,
    OPTIONS,
    a_new_candidate,
    faults,
)

MISTAKES = [
    (INTERVENTIONS, "title", None, "Udfyld cellen"),
    (INTERVENTIONS, "title", 12, "skriv tekst"),
    (INTERVENTIONS, "title", "x" * 201, "højst 200"),
    (INTERVENTIONS, "title", "=1+1", "skriv selve værdien"),
    (INTERVENTIONS, "department", "Ukendt", "Sociale forhold, Beskæftigelse"),
    (INTERVENTIONS, "department", "Beskæftigelse", "Kun økonomi flytter"),
    (INTERVENTIONS, "evidence_stars", 4, "0 til 3"),
    (INTERVENTIONS, "evidence_stars", 1.5, "helt tal"),
    (INTERVENTIONS, "external", "måske", "Ja, Nej"),
    (INTERVENTIONS, "price_year", 2020, "2027-priser"),
    (INTERVENTIONS, "tags", ",".join(str(n) for n in range(21)), "højst 20 ord"),
    (OPTIONS, "option", None, "Udfyld cellen"),
    (OPTIONS, "option", "Stor Mulighed", "små bogstaver"),
    (OPTIONS, "pool", "En anden", "hver kasses eget budget"),
    (OPTIONS, "minimum", 40, "0 til 100"),
    (OPTIONS, "minimum", "40", "skriv et tal"),
    (FLOWS, "payer", "Banken", "Kommunen, Regionen, Staten"),
    (FLOWS, "category", None, "Udfyld cellen"),
    (FLOWS, "kind", "Gave", "Udlæg, Udgift, Besparelse"),
    (FLOWS, "cashable", "?", "Ja, Nej"),
    (FLOWS, "amount.2027", 5, "med minus"),
    (FLOWS, "amount.2028", 0.5, "helt tal"),
    (FLOWS, "amount.2028", 10**12, "for stort"),
    (FLOWS, "amount.2028", "1.000", "skriv et tal"),
    (FLOWS, "amount.2028", True, "skriv et tal"),
    (FLOWS, "amount.2028", "=SUM(A1:A2)", "formel"),
    (FLOWS, "low.2027", -2_000_000, "over det forventede"),
    (FLOWS, "high.2027", -4_000_000, "under det forventede"),
    (FLOWS, "option", "anden", "base"),
    (FLOWS, "budget_line", 5.38, "skriv tekst"),
    (MEASURES, "total", None, "enten i alt eller"),
    (MEASURES, "total", 1e300, "decimaler"),
    (MEASURES, "name", None, "Udfyld cellen"),
    (MEASURES, "value.2028", 3, "enten i alt eller"),
]


@pytest.mark.parametrize(("sheet", "key", "value", "said"), MISTAKES)
def test_each_mistake_is_named_at_its_cell(made, build, book, read, sheet, key, value, said):
    made(build.case(), build.case("Anden"))
    changed = book()
    # the line of the outlay comes first, of the saving second
    row = 6 if sheet is FLOWS and key in {"cashable", "amount.2028"} else 5
    cell = changed.cell(sheet, key, row)
    cell.value = value

    judged = read(changed)

    wanted = changed.cell(sheet, "total", 5) if key == "value.2028" else cell
    known = [(s, c) for s, c, _message in faults(judged)]
    assert (changed.sheets[sheet].title, wanted.coordinate) in known
    # a key of an option that is changed leaves its lines without one, and they say so too
    assert len(known) == 1 or key == "option"
    assert said in judged.faults[0].message.da
    assert (judged.refused, len(judged.accepted)) == (1, 1)


@pytest.mark.slow
def test_a_hundred_planted_mistakes_in_three_hundred_candidates_are_named(
    made, build, book, read, store
):
    """Every third candidate has one mistake; the other two hundred are taken."""
    made(*(build.case(f"Indsats {n}") for n in range(300)))
    changed = book()
    for row in range(5, 305):
        changed.cell(INTERVENTIONS, "evidence", row).value = "ny"
    planted = set()
    wrong = [
        *((INTERVENTIONS, "evidence_stars", 7), (INTERVENTIONS, "external", "?")),
        *((OPTIONS, "minimum", -1), (MEASURES, "total", "mange")),
        *((FLOWS, "amount.2027", 8), (FLOWS, "payer", "Ingen"), (FLOWS, "amount.2030", "=1")),
    ]
    codes = [changed.cell(INTERVENTIONS, "code", row).value for row in range(5, 305)]
    for place, code in enumerate(random.Random(3).sample(codes, 100)):
        sheet, key, value = wrong[place % len(wrong)]
        cell = changed.cell(sheet, key, changed.row_of(sheet, code))
        cell.value = value
        planted.add((changed.sheets[sheet].title, cell.coordinate))

    judged = read(changed)

    assert {(sheet, cell) for sheet, cell, _message in faults(judged)} == planted
    assert (judged.refused, len(judged.changes)) == (100, 200)
    assert len(store(judged)) == 200


def test_a_code_twice_refuses_both(made, build, book, read):
    made(build.case())
    changed = book()
    changed.add(INTERVENTIONS, code="housing-first", title="Dobbelt", department="Sociale forhold")

    judged = read(changed)
    assert [cell for _sheet, cell, _message in faults(judged)] == ["A6", "A5"]
    assert (judged.refused, judged.accepted) == (2, ())


def test_the_same_title_again_is_refused(made, build, book, read):
    made(build.case())
    changed = book()
    a_new_candidate(changed, "a", title="housing FIRST")
    a_new_candidate(changed, "b", title="Ny")
    a_new_candidate(changed, "c", title="ny")

    judged = read(changed)
    assert [cell for _sheet, cell, _message in faults(judged)] == ["B6", "B8"]
    assert [one.code for one in judged.changes] == ["b"]


def test_a_line_whose_code_is_mistyped_is_not_lost_from_its_case(made, build, book, read):
    made(build.case(), build.case("Anden"))
    changed = book()
    changed.cell(FLOWS, "code", 5).value = "housing-frst"

    judged = read(changed)

    assert [(s, c) for s, c, _m in faults(judged)] == [("Pengestrømme", "A5"), ("Indsatser", "A5")]
    assert [one.code for one in judged.accepted] == ["anden"]


def test_what_stands_outside_is_named_and_not_lost_silently(made, build, book, read):
    made(build.case(), build.case("Anden"))
    changed = book()
    changed.sheets[FLOWS]["BZ5"] = "gemt her"
    changed.book.create_sheet("Noter")["A1"] = "husk"
    changed.sheets[FLOWS].sheet_state = "hidden"
    changed.sheets[FLOWS].row_dimensions[6].hidden = True
    changed.cell(FLOWS, "amount.2028", 6).value = "skjult"

    found = [(s, c) for s, c, _message in faults(read(changed))]

    hidden = changed.cell(FLOWS, "amount.2028", 6).coordinate
    assert set(found) == {("Noter", ""), ("Pengestrømme", "BZ5"), ("Pengestrømme", hidden)}


def test_merged_cells_are_refused_by_address(made, build, book, read):
    made(build.case(), build.case("Anden"))
    changed = book()
    changed.sheets[INTERVENTIONS].merge_cells("D5:D6")

    judged = read(changed)
    assert [(c, "flettet" in m) for _s, c, m in faults(judged)] == [("D5", True), ("D6", True)]
    assert judged.accepted == ()


def test_a_row_far_below_is_read(session, made, build, book, read):
    made(build.case())
    changed = book()
    row = 900_000
    for key, value in {"code": "ny", "title": "Ny", "department": "social"}.items():
        changed.cell(INTERVENTIONS, key, row).value = value

    assert [(one.row, one.action) for one in read(changed).changes] == [(row, CaseAction.NEW)]


def test_a_year_with_amounts_must_have_its_column(made, build, book, read):
    made(build.case())
    changed = book()
    for estimate in ("amount", "low", "high"):
        changed.sheets[FLOWS].delete_cols(changed.place(FLOWS, f"{estimate}.2029"))

    judged = read(changed)
    assert ["2029" in message for _s, _c, message in faults(judged)] == [True]


def test_a_workbook_without_a_later_column_changes_nothing_there(made, rich, book, read):
    """As a template of before that column was thought of."""
    made(rich)
    changed = book()
    for key in ("tags", "supplier", "external"):
        changed.sheets[INTERVENTIONS].delete_cols(changed.place(INTERVENTIONS, key))

    judged = read(changed)
    assert (faults(judged), judged.changes) == ([], [])
