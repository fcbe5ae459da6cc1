"""Candidates out as a workbook and in again: what comes back is equal, or said with old and new."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from planner.services.case_exchange import CaseAction, cases_seen
from planner.services.case_rows import canonical
from planner.services.cases import MeasureData, case_data
from planner.services.interventions import list_interventions
from tests.planner.arguments import an_argument
from tests.planner.case_books import (
    FLOWS,
    INTERVENTIONS,
    MEASURES,
    OPTIONS,
    a_new_candidate,
    cases_of,
    faults,
    lines_of_log,
)


def test_what_goes_out_comes_back_the_same(made, rich, build, book, read):
    made(rich, build.case())

    judged = read(book())

    assert faults(judged) == []
    assert [one.action for one in judged.accepted] == [CaseAction.SAME] * 2
    assert judged.changes == []


def test_a_contract_is_not_in_the_workbook_and_is_not_lost(
    made, build, book, read, store, session, strategy, social
):
    contract = {"payer": "kommune", "year": 2030, "share": 0.5}
    case = build.case(options=(build.option(contract=contract),))
    made(case)

    changed = book()
    assert [one.action for one in read(changed).accepted] == [CaseAction.SAME]
    changed.cell(INTERVENTIONS, "title", 5).value = "Nyt navn"
    store(read(changed))

    (stored,) = cases_seen(session, strategy, actor=social).values()
    assert (stored.title, case_data(stored).options[0].contract["share"]) == ("Nyt navn", 0.5)


def test_what_is_computed_is_not_in_the_workbook_and_is_not_lost(
    made, build, book, read, store, session, strategy, social
):
    (before,) = made(build.case(argument=an_argument()))
    computed = [f for f in case_data(before).options[0].flows if f.line_id]

    changed = book()
    lines = {
        changed.cell(FLOWS, "line", row).value
        for row in range(5, changed.sheets[FLOWS].max_row + 1)
    }
    assert len(computed) == 3
    assert lines.isdisjoint(flow.line for flow in computed)
    judged = read(changed)
    assert (faults(judged), judged.changes) == ([], [])

    changed.cell(INTERVENTIONS, "title", 5).value = "Nyt navn"
    store(read(changed))
    (stored,) = cases_seen(session, strategy, actor=social).values()
    assert stored.title == "Nyt navn"
    assert [f for f in case_data(stored).options[0].flows if f.line_id] == computed
    assert len(case_data(stored).options[0].flows) == 3 + 3, "and the direct ones"


def test_a_workbook_in_english_comes_back_too(app, made, rich, book, read):
    made(rich)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        english = book("en")

    assert "Cash flows" in english.book.sheetnames
    assert english.cell(FLOWS, "kind", 5).value == "Outlay"
    judged = read(english)
    assert (faults(judged), [one.action for one in judged.accepted]) == ([], [CaseAction.SAME])


def test_numbers_are_numbers_and_text_is_never_a_formula(made, rich, book):
    made(rich)
    found = book()

    assert found.cell(FLOWS, "amount.2027", 5).value == -3_000_000
    for cell in (
        found.cell(INTERVENTIONS, "title", 5),
        found.cell(INTERVENTIONS, "supplier", 5),
        found.cell(FLOWS, "line", 5),
    ):
        assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert found.cell(OPTIONS, "minimum", 6).value == 0.125
    assert found.cell(OPTIONS, "minimum", 6).number_format.endswith("%")


def test_the_template_helps_whoever_fills_it_in(made, rich, book):
    made(rich)
    found = book()

    assert found.book.sheetnames == [
        *("Vejledning", "Indsatser", "Muligheder", "Pengestrømme", "Måltal", "Lister")
    ]
    assert found.book["Lister"].sheet_state == "hidden"
    assert found.book.custom_doc_props["template_version"].value == "bundlinje-candidates/1"
    for sheet in found.sheets.values():
        assert sheet.row_dimensions[1].hidden
        assert sheet.protection.sheet
        assert sheet.freeze_panes.endswith("5")
        assert sheet.print_title_rows == "$4:$4"
        assert sheet.cell(4, 1).comment.text
        # the heading is locked, what is written below is not
        assert sheet.cell(4, 1).protection.locked
        assert not sheet.cell(5, 1).protection.locked
    lists = found.sheets[FLOWS].data_validations.dataValidation
    assert len([rule for rule in lists if rule.type == "list"]) == 4
    assert found.cell(INTERVENTIONS, "version", 5).protection.locked


def test_an_unfinished_draft_goes_round_too(made, build, book, read):
    made(build.case("Tom", summary="", target_group="", options=()))

    judged = read(book())
    assert (faults(judged), judged.changes) == ([], [])


@pytest.mark.slow
def test_three_hundred_candidates_go_out_are_changed_and_come_back(
    session, strategy, social, made, build, book, read, store
):
    """Three hundred drafts; half of them changed in the workbook, a third beside it added."""
    rng = random.Random(7)

    def flows(number):
        return tuple(
            build.flow(year, rng.randrange(-9_000_000, 0) if year == 2027 else number + year * 900)
            for year in range(2027, 2037)
        )

    made(*(build.case(f"Indsats {n}", options=(build.option(flows=flows(n)),)) for n in range(300)))
    before = cases_of(session, strategy, social)
    changed = book()
    wanted = dict(before)
    for code in rng.sample(sorted(before), 150):
        row = changed.row_of(FLOWS, code)
        changed.cell(FLOWS, "amount.2027", row).value = -123_456
        changed.cell(INTERVENTIONS, "evidence", changed.row_of(INTERVENTIONS, code)).value = code
        old = before[code]
        option = old.options[0]
        moved = tuple(replace(f, amount=-123_456) if f.year == 2027 else f for f in option.flows)
        wanted[code] = canonical(
            replace(old, evidence=code, options=(replace(option, flows=moved),))
        )
    for number in range(100):
        a_new_candidate(changed, f"ny-{number}")

    judged = read(changed)
    assert faults(judged) == []
    counts = [len(judged.of(action)) for action in CaseAction]
    assert counts == [100, 150, 0, 150]
    assert cases_of(session, strategy, social) == before  # nothing is stored by looking
    written = lines_of_log(session)
    assert len(store(judged)) == 250

    after = cases_of(session, strategy, social)
    assert {code: after[code] for code in before} == wanted
    assert len(after) == 400
    assert lines_of_log(session) == written + 250
    again = read(book())
    assert (faults(again), again.changes, len(again.accepted)) == ([], [], 400)


def test_a_new_candidate_becomes_a_draft_of_ones_own(session, strategy, social, book, read, store):
    changed = book()
    a_new_candidate(changed)

    judged = read(changed)
    assert (faults(judged), [one.action for one in judged.changes]) == ([], [CaseAction.NEW])
    store(judged)

    (row,) = list_interventions(session, strategy=strategy, actor=social)
    assert (row.code, row.title, row.state) == ("indsats-ny-1", "Indsats ny-1", "draft")
    case = cases_seen(session, strategy, actor=social)[row.code]
    data = case_data(case)
    assert [(f.year, f.amount, f.low, f.cashable) for f in data.options[0].flows] == [
        (2027, -900_000, None, True),
        (2028, 500_000, 200_000, True),
    ]
    assert data.options[0].measures == (MeasureData(name="borgere", value=Decimal("12.5")),)
    assert case.created_by is social


def test_what_differs_is_said_with_old_and_new(made, rich, book, read):
    made(rich)
    changed = book()
    changed.cell(FLOWS, "amount.2028", 6).value = 1_400_000
    changed.cell(FLOWS, "high.2028", 6).value = None
    changed.cell(OPTIONS, "pool", 6).value = "Investeringspuljen"
    changed.cell(MEASURES, "value.2029", 6).value = 2
    changed.cell(INTERVENTIONS, "external", 5).value = "Nej"

    (one,) = read(changed).changes

    assert {(d.field, d.where[1:], d.old, d.new) for d in one.differences} == {
        ("external", (), True, False),
        ("amount", ("Mindre forbrug", "2028"), 1_500_000, 1_400_000),
        ("high", ("Mindre forbrug", "2028"), 1_500_000, None),
        ("pool", (), None, "pulje"),
        ("measure", ("timer", "2029"), Decimal("-0.125"), Decimal(2)),
    }


def test_a_line_taken_out_and_a_line_added_are_said(made, rich, book, read):
    made(rich)
    changed = book()
    # a cost of the state, without words of its own
    row = next(r for r in range(5, 12) if changed.cell(FLOWS, "kind", r).value == "Udgift")
    assert changed.cell(FLOWS, "payer", row).value == "Staten"
    changed.cell(FLOWS, "payer", row).value = "Regionen"

    (one,) = read(changed).changes

    assert [(d.field, d.where[1:], d.old, d.new, d.line) for d in one.differences] == [
        ("line", ("+1",), ("", "stat", "service", "cost", "+1"), None, ("stat", "cost")),
        ("amount", ("+1", "2030"), -20_000, None, ("stat", "cost")),
        ("line", ("+1",), None, ("", "region", "service", "cost", "+1"), ("region", "cost")),
        ("amount", ("+1", "2030"), None, -20_000, ("region", "cost")),
    ]


def test_rows_in_another_order_change_nothing(made, rich, build, book, read):
    made(rich, build.case("Anden"))
    changed = book()
    sheet = changed.sheets[FLOWS]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    for number, values in enumerate(reversed(rows), start=5):
        for place, value in enumerate(values, start=1):
            sheet.cell(number, place).value = value
            if str(value).startswith("="):
                sheet.cell(number, place).data_type = "s"

    judged = read(changed)
    assert (faults(judged), judged.changes) == ([], [])
