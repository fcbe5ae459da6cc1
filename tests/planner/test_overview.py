"""The first page: each sees what waits for them, and only that."""

import pytest
from sqlalchemy import select, text

from planner.model import AllocationRecord, StrategyRecord
from planner.services.interventions import (
    accept_case,
    create_accepted,
    create_draft,
    new_draft_from,
    return_case,
    submit_case,
)
from planner.services.scenarios import ScenarioData, create_scenario, publish_scenario


@pytest.fixture
def cases(session, build, department, person, clock):
    """One case in each state, all of the department "social", and a draft of another."""
    by = {"by": person("social"), "now": clock()}
    social = {"department": department("social")} | by
    create_draft(session, build.case("Min kladde"), **social)
    submitted = create_draft(session, build.case("Indsendt sag"), **social)
    submit_case(session, submitted, **by, seen_version=1)
    returned = create_draft(session, build.case("Returneret sag"), **social)
    submit_case(session, returned, **by, seen_version=1)
    return_case(session, returned, reason="Mangler ejer", **by, seen_version=2)
    accepted = create_accepted(session, build.case("Godkendt sag"), **social)
    create_draft(session, build.case("Andres kladde"), department=department("employment"), **by)
    session.commit()
    return accepted


def test_a_department_sees_its_drafts_and_what_came_back(client_for, cases):
    page = client_for("social").page("/")

    for words in ("Min kladde", "Returneret sag", "Mangler ejer"):
        assert words in page.words
    assert "Andres kladde" not in page.words
    assert "/interventions/returneret-sag" in page.links


def test_finance_sees_what_to_assess_and_no_drafts(client_for, cases):
    page = client_for("finance").page("/")

    assert "Indsendt sag" in page.words
    assert "kladde" not in page.words.replace("Kladde", "")
    assert "/interventions/indsendt-sag" in page.links


@pytest.mark.parametrize("name", ["politician", "administrator", "auditor", "social_reader"])
def test_nothing_waits_for_the_others(client_for, cases, name):
    page = client_for(name).page("/?lang=en")

    assert "Nothing waits for you just now." in page.words


def test_finance_is_told_about_newer_cases_and_compares(
    client_for, session, strategy, cases, clock
):
    for title in ("Første", "Andet"):
        create_scenario(session, strategy, ScenarioData(title=title), by=None, now=clock())
    draft = new_draft_from(session, cases, by=None, now=clock())
    submit_case(session, draft, by=None, now=clock(), seen_version=1)
    accept_case(session, draft, by=None, now=clock(), seen_version=2)
    session.commit()

    page = client_for("finance").page("/")

    assert page.links.count("/scenarios/1") == 2
    assert any(link.startswith("/compare?s=") for link in page.links)


def test_a_politician_sees_what_is_published(client_for, session, strategy, cases, clock):
    scenario = create_scenario(
        session, strategy, ScenarioData(title="Fremlagt plan"), by=None, now=clock()
    )
    create_scenario(session, strategy, ScenarioData(title="Hemmelig"), by=None, now=clock())
    session.add(
        AllocationRecord(
            scenario=scenario,
            scenario_version=1,
            plan_sha256="0" * 64,
            plan={},
            result={},
            status="optimal",
            created_at=clock(),
        )
    )
    publish_scenario(session, scenario, by=None, now=clock(), seen_version=1)
    session.commit()

    page = client_for("politician").page("/")

    assert "Fremlagt plan" in page.words
    assert "Hemmelig" not in page.words


@pytest.mark.parametrize(("name", "may"), [("finance", True), ("social", False)])
def test_without_a_strategy_one_is_told_how_to_begin(client_for, session, name, may):
    session.execute(text("DELETE FROM person_department"))
    for table in ("payer", "pool", "department", "strategy"):
        session.execute(text(f"DELETE FROM {table}"))
    session.commit()
    assert session.scalar(select(StrategyRecord)) is None

    client = client_for(name)
    page = client.page("/")

    assert ("/settings/strategies/new" in page.links) is may
    assert "Der er ingen strategi endnu." in client.page("/interventions").words
