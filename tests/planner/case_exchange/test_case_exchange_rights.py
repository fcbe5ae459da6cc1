"""A workbook of candidates and who may change what: whose it is, its state, who saved since."""

from dataclasses import replace

import pytest

from planner.services.case_exchange import (
    CaseAction,
    ChangedSinceError,
    cases_seen,
    mark_of,
    store_book,
)
from planner.services.cases import case_data
from planner.services.interventions import (
    accept_case,
    return_case,
    save_draft,
    submit_case,
    withdraw_intervention,
)
from planner.services.workbook_reading import BookError
from tests.planner.case_books import INTERVENTIONS, a_new_candidate, cases_of, faults, lines_of_log


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
