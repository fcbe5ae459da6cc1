"""A result when it turns out worse than expected, in the browser."""

import json
from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer.stress import Stress, disappointed, stress_table
from planner.formats import thousand, thousand_change
from planner.model import AllocationRecord, JobRecord, ScenarioRecord
from planner.model.database import writing
from planner.reports.stress import stress_document, stress_report, stress_table_of
from planner.services import job_queue, leases
from planner.services.scenarios import LimitData, ScenarioData, create_scenario

MILLION = 1_000_000


@pytest.fixture
def stressed_page(study_page):
    """Allocate, work out the hard times, and return the address of the page."""
    return study_page("stress")


def test_every_number_of_the_table_is_what_the_library_says(finance, stressed_page, stored, cells):
    allocation, document = stored()
    table = stress_table(allocation.plan, allocation.choice)
    assert document == json.loads(json.dumps(stress_document(table, allocation.plan)))

    html = finance.get(stressed_page).text
    rows = cells(html, 'id="stress"')[1:]
    assert [row[0] for row in rows] == [stress.label.da for stress in Stress]
    for stress, row in zip(Stress, rows, strict=True):
        assert row[1] == thousand_change(table.cells["today", stress].objective)
        assert row[2] == thousand_change(table.best(stress))
        regret = table.regret("today", stress)
        assert row[3] == ("–" if regret is None else thousand(regret))
        kept = table.cells["today", stress].is_kept
        assert (row[4] == "overholdt") is kept
    # three outlays of three million, a fifth more, are more than the pool of ten
    assert rows[3][4] == "brydes: Investeringspuljen: udlæg i alt højst 10.000.000 kr."
    # with half the effect nothing pays, so the best then is to fund nothing
    half = rows[1]
    assert half[2] == "0"
    assert half[3] == thousand(-table.cells["today", Stress.HALF_EFFECT].objective)
    assert half[5].startswith("Ud: ")
    assert rows[0][5] == "de samme"


def test_every_plan_stands_in_every_case(finance, stressed_page, stored, cells):
    _allocation, document = stored()
    table = stress_table_of(document)
    rows = cells(finance.get(stressed_page).text, 'id="matrix"')
    assert [row[0] for row in rows[1:]] == [
        "Denne plan",
        *(f"Bedst hvis: {s.label.da.lower()}" for s in Stress),
    ]
    for name, row in zip(table.choices, rows[1:], strict=True):
        for stress, said in zip(Stress, row[1:], strict=True):
            cell = table.cells[name, stress]
            note = "" if cell.is_kept else "en ramme brydes"
            assert said == thousand_change(cell.objective) + note


def test_a_stored_table_reads_as_it_was(stored, stressed_page):
    allocation, document = stored()
    table = stress_table(allocation.plan, allocation.choice)
    again = stress_table_of(document)
    assert again.choices == table.choices
    assert stress_document(again, allocation.plan) == stress_document(table, allocation.plan)


def test_what_is_left_when_the_most_promising_fail(finance, stressed_page, stored, cells):
    allocation, _document = stored()
    rows = cells(finance.get(stressed_page).text, 'id="disappointments"')[1:]
    assert len(rows) == 3
    for count, row in enumerate(rows, 1):
        found = disappointed(allocation.plan, allocation.choice, count)
        titles = [allocation.plan.options[key][0].title for key in found.keys]
        assert row[0] == ", ".join(titles)
        assert row[1:] == [
            thousand_change(one) for one in (found.expected, found.low, found.nothing)
        ]


def test_the_finding_says_what_stands_in_the_table(app, finance, stressed_page, stored):
    allocation, document = stored()
    with app.test_request_context("/", headers={"Accept-Language": "da"}):

        def finding(changed):
            return stress_report(changed, allocation.plan, language="da", source="").finding

        assert finding(document) in finance.page(stressed_page).words
        assert finding(document).startswith("Planen bryder en ramme i 1 af 4")
        kept = json.loads(json.dumps(document))
        for cell in kept["cells"]:
            cell["kept"] = True
        table = stress_table_of(kept)
        worse = sum(1 for s in Stress if s is not Stress.EXPECTED and table.regret("today", s))
        assert worse
        assert finding(kept) == (
            f"En anden plan ville være bedre i {worse} af 4 tilfælde, hvor det går skævt"
        )
        same = json.loads(json.dumps(kept))
        for cell in same["cells"]:
            cell["objective"] = 5
        assert finding(same).startswith("Ingen anden plan")
        unproved = stress_report(
            document | {"proved": False}, allocation.plan, language="da", source=""
        )
        assert "Ikke alle bedste planer er bevist." in unproved.table.total_note


def test_a_stress_under_which_nothing_fits_says_so(app, stressed_page, stored):
    allocation, document = stored()
    without = document | {
        "choices": {k: v for k, v in document["choices"].items() if k != "all_low"},
        "cells": [cell for cell in document["cells"] if cell["choice"] != "all_low"],
    }
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        report = stress_report(without, allocation.plan, language="da", source="")
    last = report.table.rows[-1]
    assert last.cells[2].value == "ingen plan passer"
    assert last.cells[3].value is None
    assert last.cells[5].value == ""


def test_without_a_plan_there_is_nothing_to_try(finance, session, strategy, cases, clock, allocate):
    limits = (LimitData({"tag": "chosen", "at_least": 4}),)
    made = create_scenario(
        session, strategy, ScenarioData(title="Umulig", limits=limits), by=None, now=clock()
    )
    session.commit()
    identity = made.id
    allocate(identity)
    session.rollback()
    number = session.scalars(select(AllocationRecord.id)).one()
    session.rollback()
    path = f"/allocations/{number}/stress"
    assert "ingen plan" in finance.page(path).words
    assert finance.send(path).status_code == 404


def test_it_is_followed_and_asked_for_once(
    finance, session, scenario, allocate, engine, clock, fresh
):
    allocate()
    session.rollback()
    number = session.scalars(select(AllocationRecord.id)).one()
    session.rollback()
    path = f"/allocations/{number}/stress"
    assert finance.get(f"{path}/job").status_code == 404
    finance.submit(path)
    page = finance.page(path)
    assert "Venter på sin tur" in page.words
    assert finance.send(path).status_code == 303
    session.rollback()
    (job,) = session.scalars(select(JobRecord.id).where(JobRecord.kind == "stress")).all()
    session.rollback()
    with writing(engine) as writer:
        assert leases.claim(writer, job, now=clock()) is not None
        assert not job_queue.tell(writer, leases.Hold(job, leases.AT_ONCE.name), done=2, total=5)
        writer.commit()
    told = finance.get(f"{path}/job").json
    assert (told["detail"], told["share"]) == ("2 af 5 tilfælde", 0.4)


def test_councillors_see_the_hard_times_of_what_is_published_only(
    finance, client_for, session, scenario, stressed_page
):
    politician = client_for("politician")
    politician.page(stressed_page, status=404)
    session.rollback()
    identity = session.scalars(select(ScenarioRecord.id)).one()
    session.rollback()
    finance.submit(f"/scenarios/{identity}/publish")
    page = politician.page(stressed_page)
    assert "Gået glip af" in page.words
    assert "Beregn" not in page.words.split()


def test_regret_is_never_below_nothing(stored, stressed_page):
    _allocation, document = stored()
    table = stress_table_of(document)
    assert all((table.regret(n, s) or 0) >= Fraction(0) for n, s in table.cells)
