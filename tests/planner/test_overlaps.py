"""Two candidates for the same people on the same budget line are pointed out to both."""

import pytest
from sqlalchemy import select

from planner.model import ScenarioRecord
from planner.model.states import Stage
from planner.services.interventions import create_accepted, create_draft, withdraw_intervention
from planner.services.overlaps import shared_lines
from planner.services.scenarios import ScenarioData, create_scenario, update_relations


@pytest.fixture
def candidates(session, build, department, clock):
    """Alfa and Beta share group and line; Gamma has another line, Delta another group."""

    def case(title, owner="social", line="5.38", group="Hjemløse"):
        saved = build.flow(2028, 5, budget_line=line, category="transfers")
        flows = (build.flow(2027, -3), saved)
        return create_accepted(
            session,
            build.case(title, target_group=group, options=(build.option(flows=flows),)),
            department=department(owner),
            by=None,
            now=clock(),
        )

    made = [
        case("Alfa"),
        case("Beta", "employment", line=" 5.38", group="hjemløse"),
        case("Gamma", line="5.57"),
        case("Delta", group="Unge"),
    ]
    session.commit()
    return made


@pytest.fixture
def scenario(session, strategy, candidates, person, clock):
    made = create_scenario(
        session, strategy, ScenarioData(title="Udkast"), by=person("finance"), now=clock()
    )
    session.commit()
    return made


def pairs(session, strategy, actor):
    return [
        (pair.first.title, pair.second.title)
        for pair in shared_lines(session, strategy, actor=actor)
    ]


def test_the_same_group_and_line_is_found_however_it_is_written(
    session, strategy, candidates, person
):
    assert pairs(session, strategy, person("finance")) == [("Alfa", "Beta")]
    assert pairs(session, strategy, person("politician")) == [("Alfa", "Beta")]


def test_withdrawn_takes_nobodys_saving(session, strategy, candidates, person, clock):
    withdraw_intervention(
        session,
        candidates[1].intervention,
        reason="Nej",
        by=person("employment"),
        now=clock(),
        seen_version=candidates[1].intervention.version,
    )

    assert pairs(session, strategy, person("finance")) == []


def test_stopped_takes_nobodys_saving(session, strategy, candidates, person):
    candidates[0].intervention.stage = Stage.STOPPED
    session.flush()

    assert pairs(session, strategy, person("finance")) == []


def test_a_draft_of_another_department_is_not_given_away(
    session, strategy, build, department, person, clock
):
    for owner in ("social", "employment"):
        create_draft(session, build.case(owner), department=department(owner), by=None, now=clock())

    assert pairs(session, strategy, person("social")) == []
    assert pairs(session, strategy, person("auditor")) == [("social", "employment")]


def test_both_pages_and_finance_are_told_with_a_link_to_declare_the_loss(
    client_for, candidates, scenario, session
):
    finance = client_for("finance")
    overview = finance.page("/")
    assert "Kan være talt med to gange" in overview.words
    assert "Samme målgruppe (Hjemløse) og budgetlinje (5.38)" in overview.words
    for code, other in (("alfa", "beta"), ("beta", "alfa")):
        page = client_for("social").page(f"/interventions/{code}")
        assert "De samme kroner må ikke tælles med to gange." in page.words
        assert f"samme målgruppe og budgetlinje som {other.capitalize()}." in page.words
        assert "#overlaps" in page.links
        assert f"/interventions/{other}" in page.links
        assert not any("/relations/" in link for link in page.links)
    assert "to gange" not in client_for("social").page("/interventions/gamma").words
    assert "Kan være talt" not in client_for("social").page("/").words

    address = next(link for link in overview.links if "/relations/new/overlap" in link)
    form = finance.page(address).forms[-1]["fields"]
    assert form["interventions"] == ["alfa", "beta"]
    assert form["category"] == ["transfers"]


def test_once_declared_it_is_said_where_and_not_asked_again(
    client_for, candidates, scenario, session
):
    stored = session.get(ScenarioRecord, scenario.id)
    finance = client_for("finance")
    address = next(link for link in finance.page("/").links if "/relations/new/overlap" in link)
    page = finance.page(address)
    typed = next(f["fields"] for f in page.forms if "interventions" in f["fields"])
    year = next(name for name in typed if name.startswith("loses"))
    answer = finance.post(address.split("?")[0], data=typed | {year: "1000", "reason": "Samme"})
    assert answer.status_code == 303, finance.read(answer).words

    page = finance.page("/")
    assert "Det fælles tab er skrevet i Udkast." in page.words
    assert "samme målgruppe og budgetlinje som" not in finance.page("/interventions/alfa").words
    assert not any("/relations/new/overlap" in link for link in page.links)
    session.refresh(stored)
    assert session.scalar(select(ScenarioRecord.relations))[0]["interventions"] == ["alfa", "beta"]
    session.rollback()


@pytest.mark.parametrize("order", [["alfa", "beta"], ["beta", "alfa"]])
def test_a_part_of_a_whole_is_kept_from_being_chosen_beside_it(
    client_for, candidates, scenario, session, strategy, person, clock, order
):
    finance = client_for("finance")
    address = next(link for link in finance.page("/").links if "/new/excludes" in link)
    form = finance.page(address).forms[-1]["fields"]
    assert form["interventions"] == ["alfa", "beta"]
    (before,) = shared_lines(session, strategy, actor=person("finance"))
    assert before.open_in == before.unsaid_in == ((scenario.id, "Udkast"),)
    session.rollback()

    relation = {"kind": "excludes", "interventions": order}
    update_relations(
        session,
        session.get_one(ScenarioRecord, scenario.id),
        [relation],
        by=None,
        now=clock(),
        seen_version=1,
    )
    session.commit()

    (after,) = shared_lines(session, strategy, actor=person("finance"))
    assert after.apart_in == ((scenario.id, "Udkast"),)
    assert (after.open_in, after.unsaid_in, after.declared_in) == ((), (), ())
    session.rollback()
    page = finance.page("/")
    assert "Kun én af dem kan vælges i Udkast." in page.words
    assert not any("/relations/new/" in link for link in page.links)


def test_the_scenario_itself_says_what_it_does_not_say(client_for, candidates, scenario):
    finance = client_for("finance")
    page = finance.page(f"/scenarios/{scenario.id}")

    assert "Nogle besparelser kan være talt med to gange" in page.words
    assert "Samme målgruppe (Hjemløse) og budgetlinje (5.38)." in page.words
    assert "Begge er valgt" not in page.words  # nothing is allocated yet
    assert any(f"/scenarios/{scenario.id}/relations/new/overlap" in link for link in page.links)
