"""Scenarios: what a draft holds, what its plan says, and what publishing freezes."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from optimizer import plan_document, plan_from_document
from planner.model import AllocationRecord, EventRecord
from planner.model.states import CaseState, Force, ScenarioState, WrongStateError
from planner.services import scenarios
from planner.services.interventions import (
    accept_case,
    create_accepted,
    create_draft,
    new_draft_from,
    submit_case,
    withdraw_intervention,
)
from planner.services.scenarios import (
    CandidateChoice,
    LimitData,
    MissingReasonError,
    NotAllocatedError,
    ScenarioData,
    create_scenario,
    newer_cases,
    scenario_document,
)
from planner.services.writing import Conflict, NotFoundError

AT_MOST_TWO = {"tag": "chosen", "at_most": 2}


@pytest.fixture
def cases(session, build, department, clock):
    return [
        create_accepted(
            session, build.case(key.upper()), department=department(place), by=None, now=clock()
        )
        for key, place in (("a", "social"), ("b", "social"), ("c", "employment"))
    ]


@pytest.fixture
def scenario(session, strategy, cases, person, clock):
    return create_scenario(
        session, strategy, ScenarioData(title="Først"), by=person("finance"), now=clock()
    )


@pytest.fixture
def change(session, scenario, clock):
    """Any of the changes, from the present version."""

    def changed(name, *arguments, **options):
        options = {"by": None, "now": clock(), "seen_version": scenario.version} | options
        return getattr(scenarios, name)(session, scenario, *arguments, **options)

    return changed


def allocated(session, scenario, clock, *, status="optimal"):
    record = AllocationRecord(
        scenario=scenario,
        scenario_version=scenario.version,
        plan_sha256="0" * 64,
        plan={},
        result={},
        status=status,
        created_at=clock(),
    )
    session.add(record)
    session.flush()
    return record


def test_accepted_cases_take_part_and_the_plan_is_one_that_can_be_read(
    session, scenario, build, department, clock
):
    create_draft(
        session, build.case("kladde"), department=department("social"), by=None, now=clock()
    )

    document = scenario_document(session, scenario)

    plan = plan_from_document(document)
    assert [i["id"] for i in plan_document(plan)["interventions"]] == ["a", "b", "c"]
    assert document["scenario"]["pools"] == [
        {"id": "pulje", "name": "Investeringspuljen", "kind": "investment", "total": 10_000_000}
    ]
    assert document["horizon"] == [2027, 2036]


def test_withdrawn_candidates_do_not_take_part_in_a_new_scenario(session, strategy, cases, clock):
    withdraw_intervention(
        session, cases[0].intervention, reason="x", by=None, now=clock(), seen_version=1
    )

    made = create_scenario(session, strategy, ScenarioData(title="x"), by=None, now=clock())

    assert [c.case for c in made.candidates] == cases[1:]


def test_only_limits_that_are_on_are_in_the_plan(session, scenario, change):
    limit = change("add_limit", AT_MOST_TWO)
    assert scenario_document(session, scenario)["scenario"]["constraints"] == [AT_MOST_TWO]

    change("switch_limit", limit.id, is_on=False)
    assert scenario_document(session, scenario)["scenario"]["constraints"] == []

    change("switch_limit", limit.id, is_on=True)
    change("change_limit", limit.id, {"tag": "chosen", "at_most": 1})
    assert scenario_document(session, scenario)["scenario"]["constraints"][0]["at_most"] == 1

    change("remove_limit", limit.id)
    assert scenario.limits == []
    with pytest.raises(NotFoundError):
        change("remove_limit", limit.id)


def test_who_takes_no_part_is_left_out_unless_something_names_it(session, scenario, cases, change):
    change(
        "update_candidates",
        [CandidateChoice(intervention_id=cases[2].intervention_id, takes_part=False)],
    )
    ids = [i["id"] for i in scenario_document(session, scenario)["interventions"]]
    assert ids == ["a", "b"]

    change(
        "update_relations", [{"kind": "requires", "intervention": "a", "needs": "c", "reason": "r"}]
    )

    document = scenario_document(session, scenario)
    last = document["interventions"][-1]
    assert (last["id"], last["force"]) == ("c", "out")
    assert document["relations"] == scenario.relations
    plan_from_document(document)


@pytest.mark.parametrize(
    "where",
    [{"interventions": ["c"]}, {"options": ["c/base"]}],
)
def test_a_limit_may_name_who_takes_no_part(session, scenario, cases, change, where):
    change(
        "update_candidates",
        [CandidateChoice(intervention_id=cases[2].intervention_id, takes_part=False)],
    )
    change("add_limit", {"tag": "chosen", "at_most": 1, "where": where})

    plan_from_document(scenario_document(session, scenario))


def test_the_reason_of_an_overlap_is_part_of_the_plan(session, scenario, change):
    overlap = {
        "kind": "overlap",
        "interventions": ["a", "b"],
        "payer": "kommune",
        "loses": {"2028": 100},
        "reason": "Samme hjemmehjælp",
    }
    change("update_relations", [overlap])

    document = scenario_document(session, scenario)

    assert document["relations"] == [overlap]
    plan_from_document(document)


def test_force_needs_a_reason_and_is_in_the_plan(session, scenario, cases, change):
    choice = CandidateChoice(intervention_id=cases[0].intervention_id, force=Force.IN)
    with pytest.raises(MissingReasonError):
        change("update_candidates", [choice])
    with pytest.raises(NotFoundError):
        change("update_candidates", [CandidateChoice(intervention_id=999)])

    change(
        "update_candidates",
        [
            CandidateChoice(
                intervention_id=cases[0].intervention_id, force=Force.IN, force_reason="Lovkrav"
            )
        ],
    )

    first = scenario_document(session, scenario)["interventions"][0]
    assert (first["force"], first["force_reason"]) == ("in", "Lovkrav")


def test_every_change_counts_up_and_is_logged_and_none_is_not(session, scenario, change):
    def lines():
        return session.scalar(select(func.count()).select_from(EventRecord))

    for name, arguments, options in (
        ("update_title", (), {"title": "Ny", "description": "tekst"}),
        ("update_objective", ({"terms": [{"of": "measure", "measure": "citizens"}]},), {}),
        ("update_then", ([{"terms": [{"of": "measure", "measure": "citizens"}]}],), {}),
        ("update_pools", ([],), {}),
        ("update_relations", ([{"kind": "excludes", "interventions": ["a", "b"]}],), {}),
    ):
        version, before = scenario.version, lines()
        change(name, *arguments, **options)
        assert (scenario.version, lines()) == (version + 1, before + 1)
        change(name, *arguments, **options)
        assert (scenario.version, lines()) == (version + 1, before + 1)
    with pytest.raises(Conflict):
        change("update_title", title="x", description="", seen_version=1)


def test_a_newer_case_is_told_and_used_only_when_asked(session, scenario, cases, change, clock):
    assert newer_cases(session, scenario) == []
    second = new_draft_from(session, cases[0], by=None, now=clock())
    assert newer_cases(session, scenario) == []
    submit_case(session, second, by=None, now=clock(), seen_version=1)
    accept_case(session, second, by=None, now=clock(), seen_version=2)

    (newer,) = newer_cases(session, scenario)
    assert (newer.candidate.case, newer.newest) == (cases[0], second)

    change("use_case", second)
    assert newer_cases(session, scenario) == []
    assert scenario.candidates[0].case is second


def test_drafts_and_other_strategies_cases_are_never_used(
    session, scenario, cases, change, build, department, clock
):
    draft = create_draft(
        session, build.case("kladde"), department=department("social"), by=None, now=clock()
    )
    other = build.strategy(session, title="Andet år")
    foreign = create_accepted(
        session, build.case("fremmed"), department=other.departments[0], by=None, now=clock()
    )
    for case in (draft, foreign):
        with pytest.raises(NotFoundError):
            change("add_candidates", [case])

    submit_case(session, draft, by=None, now=clock(), seen_version=1)
    change("add_candidates", [draft, cases[0]])
    assert len(scenario.candidates) == 4
    assert draft.state is CaseState.SUBMITTED


def test_accepted_later_is_told_as_missing(session, scenario, build, department, clock):
    late = create_accepted(
        session, build.case("sen"), department=department("social"), by=None, now=clock()
    )

    assert scenarios.missing_candidates(session, scenario) == [late]


def test_a_copy_is_a_draft_with_the_same_plan(session, scenario, cases, change, person, clock):
    change("add_limit", AT_MOST_TWO)
    change(
        "update_candidates",
        [
            CandidateChoice(
                intervention_id=cases[0].intervention_id, force=Force.OUT, force_reason="Nej"
            )
        ],
    )
    allocated(session, scenario, clock)
    change("publish_scenario")

    copy = scenarios.copy_scenario(
        session, scenario, title="Kopi", by=person("finance"), now=clock()
    )

    assert copy.is_draft
    assert copy.copied_from is scenario
    first, second = (scenario_document(session, s) for s in (scenario, copy))
    second["scenario"]["title"] = first["scenario"]["title"]
    assert first == second


@pytest.mark.parametrize("status", [None, "infeasible", "no_answer", "stale"])
def test_without_a_present_plan_nothing_is_published(session, scenario, change, clock, status):
    if status is not None:
        allocated(session, scenario, clock, status="optimal" if status == "stale" else status)
    if status == "stale":
        change("update_title", title="ændret", description="")

    with pytest.raises(NotAllocatedError):
        change("publish_scenario")


def test_published_is_frozen_for_services_and_database(session, scenario, change, clock):
    limit = change("add_limit", AT_MOST_TWO)
    record = allocated(session, scenario, clock)
    change("publish_scenario")
    session.commit()

    assert scenarios.is_current(scenario, record)
    for name, arguments, options in (
        ("update_title", (), {"title": "x", "description": ""}),
        ("update_pools", ([],), {}),
        ("add_limit", (AT_MOST_TWO,), {}),
        ("switch_limit", (limit.id,), {"is_on": False}),
        ("publish_scenario", (), {}),
    ):
        with pytest.raises(WrongStateError):
            change(name, *arguments, **options)
    for statement in (
        "UPDATE scenario SET title = 'x'",
        "UPDATE scenario SET pools = '[]'",
        "UPDATE scenario SET \"then\" = '[]'",
        "UPDATE scenario SET state = 'draft'",
        "DELETE FROM scenario",
        "UPDATE scenario_limit SET is_on = NOT is_on",
        "DELETE FROM scenario_limit",
        "UPDATE scenario_candidate SET takes_part = NOT takes_part",
        "DELETE FROM scenario_candidate",
        "UPDATE allocation SET status = 'x'",
        "DELETE FROM allocation",
        "INSERT INTO allocation SELECT id + 1, scenario_id, scenario_version, plan_sha256,"  # noqa: ISC004
        " plan, result, labels_en, status, created_at, created_by_id FROM allocation",
    ):
        with pytest.raises(IntegrityError, match=r"never|keeps|no draft"):
            session.execute(text(statement))
        session.rollback()
    session.execute(text("UPDATE scenario SET state = 'adopted'"))


def test_who_sees_which_scenarios(session, scenario, change, person, clock):
    def seen():
        return {
            name
            for name in ("finance", "auditor", "politician", "social", "administrator")
            if scenarios.list_scenarios(session, actor=person(name))
        }

    assert seen() == {"finance", "auditor"}
    with pytest.raises(NotFoundError):
        scenarios.get_scenario(session, scenario.id, actor=person("politician"))
    allocated(session, scenario, clock)
    change("publish_scenario")
    assert seen() == {"finance", "auditor", "politician"}
    found = scenarios.get_scenario(session, scenario.id, actor=person("politician"))
    assert found.state is ScenarioState.PUBLISHED


def test_named_cases_and_limits_come_from_an_import(session, strategy, cases, clock):
    made = create_scenario(
        session,
        strategy,
        ScenarioData(
            title="Hentet",
            pools=[],
            limits=(
                LimitData(AT_MOST_TWO),
                LimitData({"tag": "chosen", "at_most": 9}, is_on=False),
            ),
            cases=(cases[1],),
            outcomes={"net_saving": {"b/base": [1, 2], "a/base": [3, 4]}},
        ),
        by=None,
        now=clock(),
    )

    document = scenario_document(session, made)

    assert [i["id"] for i in document["interventions"]] == ["b"]
    assert document["scenario"]["constraints"] == [AT_MOST_TWO]
    assert document["outcomes"] == {"net_saving": {"b/base": [1, 2]}}
