"""Candidates out as a workbook and in again: equal, or refused by cell; stored all or none."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from planner.model import EventRecord
from planner.services.case_exchange import (
    CaseAction,
    ChangedSinceError,
    cases_seen,
    mark_of,
    read_book,
    store_book,
)
from planner.services.case_rows import canonical
from planner.services.cases import MeasureData, case_data
from planner.services.interventions import (
    accept_case,
    create_draft,
    list_interventions,
    return_case,
    save_draft,
    submit_case,
    withdraw_intervention,
)
from planner.services.workbook_reading import BookError
from tests.planner.arguments import an_argument
from tests.planner.case_books import (
    FLOWS,
    INTERVENTIONS,
    MEASURES,
    OPTIONS,
    a_new_candidate,
    download,
    opened,
)

HOSTILE = "=HYPERLINK(1)"


@pytest.fixture
def language(app):
    """The reader's language: the application's own, Danish."""
    with app.test_request_context(headers={"Accept-Language": "da"}):
        yield "da"


@pytest.fixture
def social(person):
    return person("social")


@pytest.fixture
def made(session, build, department, social, clock, language):
    """Make drafts of the social department."""

    def make(*cases, place="social"):
        return [
            create_draft(session, case, department=department(place), by=social, now=clock())
            for case in cases
        ]

    return make


@pytest.fixture
def rich(build):
    """A case with everything that a workbook must carry."""
    flows = (
        build.flow(2027, -3_000_000, line="=Start"),
        build.flow(2028, 1_500_000, low=900_000, high=1_500_000),
        build.flow(2029, 2_500_000, low=0),
        build.flow(2029, 70_000),
        build.flow(2030, -20_000, kind="cost", payer="stat", line="", budget_line="+1"),
        build.flow(2031, 0, line="Nul", cashable=False, budget_line=""),
    )
    measures = (
        MeasureData(name="citizens", value=Decimal("12.5")),
        MeasureData(name="timer", value=Decimal(3), year=2028),
        MeasureData(name="timer", value=Decimal("-0.125"), year=2029),
    )
    return build.case(
        HOSTILE,
        summary="To linjer\n– den anden: æøå",
        supplier="@firma",
        external=True,
        evidence="-",
        tags=("forebyggelse", "+1"),
        options=(
            build.option(flows=flows, measures=measures),
            build.option("del", title="", pool=None, scalable_minimum=Decimal("0.125"), flows=()),
        ),
    )


@pytest.fixture
def book(session, strategy, social, language):
    """What the social department downloads, opened to be changed."""
    return lambda speaks=language: opened(download(session, strategy, social, speaks))


@pytest.fixture
def read(session, social):
    return lambda changed, by=social: read_book(session, changed.saved(), by=by)


@pytest.fixture
def store(session, social, clock):
    return lambda judged, by=social: store_book(session, judged.packed, by=by, now=clock())


def faults(judged):
    return [(f.sheet, f.cell, f.message.da) for f in judged.faults]


def lines_of_log(session):
    return session.scalar(select(func.count()).select_from(EventRecord))


def cases_of(session, strategy, actor):
    return {
        code: canonical(case_data(case))
        for code, case in cases_seen(session, strategy, actor=actor).items()
    }


# --- Out and in again -----------------------------------------------------------------------------


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


# --- Whose it is, and in which state --------------------------------------------------------------


def test_a_returned_version_is_kept_and_a_new_draft_made(
    session, strategy, social, made, build, book, read, store, clock
):
    (case,) = made(build.case())
    submit_case(session, case, by=social, now=clock(), seen_version=1)
    return_case(session, case, reason="for kort", by=None, now=clock(), seen_version=2)
    changed = book()
    changed.cell(INTERVENTIONS, "evidence", 5).value = "mere"

    judged = read(changed)
    assert [one.action for one in judged.changes] == [CaseAction.NEW_DRAFT]
    store(judged)

    newest = cases_seen(session, strategy, actor=social)["housing-first"]
    assert (newest.number, newest.state, newest.evidence) == (2, "draft", "mere")
    assert (case.state, case.evidence) == ("returned", "")


@pytest.mark.parametrize("state", ["submitted", "withdrawn", "other department"])
def test_what_may_not_be_changed_is_refused_and_may_stay(
    session, made, build, book, read, clock, social, state
):
    place = "employment" if state == "other department" else "social"
    (case,) = made(build.case(), place=place)
    if state != "withdrawn":
        submit_case(session, case, by=social, now=clock(), seen_version=1)
    if state == "withdrawn":
        withdraw_intervention(
            session, case.intervention, reason="x", by=social, now=clock(), seen_version=1
        )
    if state == "other department":
        accept_case(session, case, by=None, now=clock(), seen_version=2)
    assert read(book()).changes == []

    changed = book()
    changed.cell(INTERVENTIONS, "evidence", 5).value = "mere"
    judged = read(changed)

    said = {
        "submitted": "indsendt",
        "withdrawn": "trukket tilbage",
        "other department": "hører til Beskæftigelse",
    }[state]
    ((sheet, cell, message),) = faults(judged)
    assert (sheet, cell) == ("Indsatser", "A5")
    assert said in message
    assert (judged.refused, judged.accepted) == (1, ())


def test_the_drafts_of_others_are_neither_seen_nor_guessed(made, build, book, read):
    made(build.case("Hemmelig"), place="employment")
    changed = book()
    assert "Hemmelig" not in str([c.value for row in changed.sheets[INTERVENTIONS] for c in row])
    a_new_candidate(changed, "hemmelig", version="v1.1")
    a_new_candidate(changed, "findes-ikke", version="v1.1")
    a_new_candidate(changed, "fremmed", department="Beskæftigelse")

    found = [message for _sheet, _cell, message in faults(read(changed))]
    assert found[0] == found[1]
    assert "din egen forvaltning" in found[2]


def test_what_somebody_saved_since_the_download_is_not_overwritten(
    session, made, build, book, read, clock, person
):
    (case,) = made(build.case())
    changed = book()
    changed.cell(INTERVENTIONS, "evidence", 5).value = "min"
    data = replace(case_data(case), evidence="deres")
    save_draft(session, case, data, by=person("finance"), now=clock(), seen_version=1)

    ((_sheet, cell, message),) = faults(read(changed))

    assert cell == changed.cell(INTERVENTIONS, "version", 5).coordinate
    assert "Finance" in message
    assert mark_of(case) == "v1.2"
    assert mark_of(case) in message


def test_what_is_saved_between_preview_and_storing_stops_all_of_it(
    session, strategy, social, made, build, book, read, store, clock
):
    first, _second = made(build.case(), build.case("Anden"))
    changed = book()
    for row in (5, 6):
        changed.cell(INTERVENTIONS, "evidence", row).value = "min"
    judged = read(changed)
    data = replace(case_data(first), evidence="deres")
    save_draft(session, first, data, by=None, now=clock(), seen_version=1)
    written = lines_of_log(session)

    with pytest.raises(ChangedSinceError) as late:
        store(judged)

    assert len(late.value.judged.faults) == 1
    assert lines_of_log(session) == written
    found = cases_of(session, strategy, social)
    assert [case.evidence for case in found.values()] == ["deres", ""]


def test_what_was_previewed_is_judged_again_with_the_rights_of_now(made, build, book, read, person,
                                                                   session, clock):  # fmt: skip
    made(build.case())
    changed = book()
    changed.cell(INTERVENTIONS, "evidence", 5).value = "min"
    packed = read(changed).packed

    for name in ("employment", "politician", "social_reader", "finance"):
        with pytest.raises(ChangedSinceError):
            store_book(session, packed, by=person(name), now=clock())


@pytest.mark.parametrize("packed", ["", "æ", "eJw=", "x" * 99])
def test_a_text_that_no_preview_made_is_refused(session, social, clock, packed):
    with pytest.raises(BookError):
        store_book(session, packed, by=social, now=clock())


# --- Refused by cell ------------------------------------------------------------------------------

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


# --- Other workbooks ------------------------------------------------------------------------------


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
