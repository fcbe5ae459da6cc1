"""Two versions of a case field by field, and a case as the start of a new one."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from planner.model import EventRecord, InterventionRecord
from planner.services.cases import MeasureData, case_data
from planner.services.interventions import create_accepted, new_draft_from, save_draft
from planner.services.versions import differences, unchanged

PATH = "/interventions/housing-first"


@pytest.fixture
def two(session, build, department, person, clock):
    """Version 1, and a draft in which a text, an amount, a line and a measure are different."""
    first = create_accepted(
        session, build.case(), department=department("social"), by=None, now=clock()
    )
    second = new_draft_from(session, first, by=person("social"), now=clock())
    data = case_data(second)
    (option,) = data.options
    outlay, early, late = option.flows
    changed = replace(
        option,
        flows=(
            outlay,
            replace(early, amount=1_200_000, low=1_000_000),
            late,
            build.flow(2030, 7, line="Ny linje"),
        ),
        measures=(MeasureData(name="citizens", value=Decimal("42.5")),),
    )
    save_draft(
        session,
        second,
        replace(data, summary="Hjælper 42.", tags=("a", "b"), options=(changed,)),
        by=person("social"),
        now=clock(),
        seen_version=1,
    )
    session.commit()
    return first, second


def test_each_field_that_differs_is_found_and_nothing_else(two):
    found = [(d.field, d.where, d.before, d.after) for d in differences(*two)]

    line = ("Mindre forbrug", "5.38", "kommune")
    assert found == [
        ("summary", (), "Hjælper 40 hjemløse i egen bolig.", "Hjælper 42."),
        ("tags", (), ("forebyggelse",), ("a", "b")),
        ("amount", (*line, "2028"), 1_500_000, 1_200_000),
        ("amount", ("Ny linje", "5.38", "kommune", "2030"), None, 7),
        ("low", (*line, "2028"), None, 1_000_000),
        ("cashable", ("Ny linje", "5.38", "kommune"), None, True),
        ("measure", ("citizens",), Decimal(40), Decimal("42.5")),
    ]
    assert "summary" not in unchanged(*two)
    assert "title" in unchanged(*two)


def test_the_same_version_differs_in_nothing_and_the_other_way_is_mirrored(two):
    first, second = two

    assert differences(first, first) == []
    there, back = differences(first, second), differences(second, first)
    assert {(d.field, d.where, d.before, d.after) for d in there} == {
        (d.field, d.where, d.after, d.before) for d in back
    }


def test_the_page_shows_both_values(client_for, two):
    social = client_for("social")
    assert f"{PATH}/versions" in social.page(PATH).links

    words = social.page(f"{PATH}/versions?a=1&b=2").words

    assert "Mindre forbrug · 5.38 · Kommunen · 2028 1.500.000 1.200.000" in words
    assert "citizens 40 42,5" in words
    assert "Uændret: titel" in words
    assert "Der er ingen forskel." in social.page(f"{PATH}/versions?a=2&b=2").words
    assert social.get(f"{PATH}/versions?a=x&b=99").status_code == 200


def test_nobody_compares_with_a_draft_that_is_not_theirs(client_for, two):
    page = client_for("politician").page(f"{PATH}/versions?a=1&b=2")

    assert "Hjælper 42." not in page.words
    assert "Der er ingen forskel." in page.words


def test_a_copy_begins_a_new_intervention_in_ones_own_department(client_for, two, session):
    answer = client_for("employment").submit(PATH, to=f"{PATH}/duplicate")

    assert answer.location == "/interventions/housing-first-kopi/edit/description"
    copy = session.scalar(
        select(InterventionRecord).where(InterventionRecord.code == "housing-first-kopi")
    )
    assert copy.department.key == "employment"
    (case,) = copy.cases
    # what another department sees is the accepted version, not the draft
    assert case.title == "Housing First (kopi)"
    assert case_data(case).options == case_data(two[0]).options
    line = session.scalar(select(EventRecord).order_by(EventRecord.seq.desc()).limit(1))
    assert (line.action, line.after["copied_from"]) == ("case.create", "housing-first")
    session.rollback()
    for other in ("finance", "politician", "social_reader"):
        assert client_for(other).send(f"{PATH}/duplicate").status_code == 403
