"""The road of a candidate: each step by whoever may take it, and nothing out of turn."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from planner.access import allowed
from planner.model import EventRecord, StageStepRecord
from planner.model.states import Stage, WrongStateError
from planner.services.interventions import (
    create_accepted,
    create_draft,
    submit_case,
    withdraw_intervention,
)
from planner.services.road import ACTIONS, StepData, StepNotReadyError, ahead_of, take_step
from planner.services.rounds import RoundData, create_round

PATH = "/interventions/housing-first"
WHOLE = ("present", "assess", "develop", "ready", "council", "mayor", "agree", "follow")


@pytest.fixture
def accepted(session, build, department, clock):
    case = create_accepted(
        session, build.case(), department=department("social"), by=None, now=clock()
    )
    session.commit()
    return case


@pytest.fixture
def go(session, person, clock):
    def step(intervention, action, by="finance", **changes):
        values = {"owner": "Ejer", "on_date": date(2026, 11, 20), "reason": "Fordi"} | changes
        return take_step(
            session,
            intervention,
            action,
            StepData(**values),
            by=person(by),
            now=clock(),
            seen_version=intervention.version,
        )

    return step


@pytest.mark.parametrize(
    ("last", "stage"),
    [("permanent", "made_permanent"), ("change", "changed"), ("stop", "stopped")],
)
def test_the_whole_road_in_order_with_one_line_each(session, accepted, go, last, stage):
    intervention = accepted.intervention
    before = len(session.scalars(select(EventRecord)).all())

    reached = [str(go(intervention, action).to_stage) for action in (*WHOLE, last)]

    assert reached == [
        *("presented", "assessed", "in_development", "ready", "approved_by_council"),
        *("approved_by_mayor", "running", "followed_up", stage),
    ]
    assert str(intervention.stage) == stage
    assert len(session.scalars(select(EventRecord)).all()) == before + 9
    assert ahead_of(intervention.stage) == ()
    for action in ACTIONS:
        with pytest.raises(WrongStateError):
            go(intervention, action)


def test_no_step_is_jumped_over(accepted, go):
    for action in ACTIONS:
        if action != "present":
            with pytest.raises(WrongStateError):
                go(accepted.intervention, action)


def test_sent_back_it_keeps_the_reason_and_begins_again(session, accepted, go):
    intervention = accepted.intervention
    go(intervention, "present")
    step = go(intervention, "back", reason="Målgruppen er uklar")

    assert (step.from_stage, step.to_stage) == (Stage.PRESENTED, Stage.RETURNED)
    assert step.reason == "Målgruppen er uklar"
    go(intervention, "present")
    assert [str(s.to_stage) for s in session.scalars(select(StageStepRecord))] == [
        *("presented", "returned", "presented")
    ]


@pytest.mark.parametrize("changes", [{"owner": " "}, {"reason": ""}])
def test_a_step_back_needs_an_owner_and_a_reason(accepted, go, changes):
    go(accepted.intervention, "present")
    with pytest.raises(ValueError, match="owner"):
        go(accepted.intervention, "back", **changes)


def test_an_assessment_needs_a_submitted_case_and_ready_an_accepted_one(
    session, build, department, clock, go, strategy, person
):
    the_round = create_round(
        session,
        strategy,
        RoundData(
            name="R",
            opens_at=datetime(2026, 11, 1, tzinfo=UTC),
            deadline=datetime(2026, 12, 1, tzinfo=UTC),
            departments=("social",),
            required={"assessed": ["evidence", "supplier"]},
        ),
        by=person("finance"),
        now=clock(),
    )
    case = create_draft(
        session,
        build.case(),
        department=department("social"),
        by=None,
        now=clock(),
        the_round=the_round,
    )
    go(case.intervention, "present")

    with pytest.raises(StepNotReadyError) as refused:
        go(case.intervention, "assess")

    gaps = [str(one.gap) for one in refused.value.missing]
    assert gaps == ["submitted_case", "evidence", "supplier"]
    assert case.intervention.stage is Stage.PRESENTED


def test_ready_for_decision_needs_a_case_that_finance_has_accepted(
    session, build, department, person, clock, go
):
    flows = (build.flow(2027, -3), build.flow(2028, 5, budget_line="5.38"))
    case = create_draft(
        session,
        build.case(options=(build.option(flows=flows),)),
        department=department("social"),
        by=None,
        now=clock(),
    )
    submit_case(session, case, by=person("social"), now=clock(), seen_version=1)
    for action in ("present", "assess", "develop"):
        go(case.intervention, action)

    with pytest.raises(StepNotReadyError) as refused:
        go(case.intervention, "ready")

    assert [str(one.gap) for one in refused.value.missing] == ["accepted_case"]


def test_withdrawn_takes_no_more_steps_and_stays(session, accepted, go, person, clock):
    intervention = accepted.intervention
    withdraw_intervention(
        session,
        intervention,
        reason="Nej",
        by=person("social"),
        now=clock(),
        seen_version=intervention.version,
    )

    assert intervention.stage is Stage.WITHDRAWN
    with pytest.raises(WrongStateError):
        go(intervention, "present")
    assert not any(allowed(person("finance"), action, intervention) for action in ACTIONS)


def test_a_step_is_never_changed_or_removed(session, accepted, go):
    go(accepted.intervention, "present")
    session.commit()
    for statement in ("UPDATE stage_step SET reason = 'x'", "DELETE FROM stage_step"):
        with pytest.raises(IntegrityError, match="never"):
            session.execute(text(statement))
        session.rollback()


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("social", {"present"}),
        ("finance", {"present"}),
        ("employment", set()),
        ("politician", set()),
        ("auditor", set()),
    ],
)
def test_the_next_step_is_a_button_for_whoever_may_take_it(client_for, accepted, name, actions):
    links = client_for(name).page(PATH).links

    assert {link.rsplit("/", 1)[1] for link in links if "/road/" in link} == actions


def test_the_page_takes_the_step_and_names_every_fault(client_for, accepted, session):
    finance = client_for("finance")
    address = f"{PATH}/road/present"
    wrong = {"owner": "", "on_date": "2026-11-24"}
    refused = finance.submit(address, wrong)
    assert refused.status_code == 422
    for anchor in ("owner", "on_date"):
        assert f'href="#{anchor}"' in refused.text

    sent = {"owner": "Direktør for det sociale", "on_date": "2026-11-20"}
    assert finance.submit(address, sent).status_code == 303

    words = finance.page(PATH).words
    assert "Forelagt rådet, 20. november 2026, Direktør for det sociale" in words
    assert "forelagde indsatsen for rådet" in words
    assert "Direktør for det sociale" not in client_for("politician").page(PATH).words
    assert finance.submit(f"{PATH}/road/back", {"reason": ""}).status_code == 422
    assert client_for("politician").get(address).status_code == 403
    assert client_for("employment").get(f"{PATH}/road/assess").status_code == 403
    assert finance.get(f"{PATH}/road/council").status_code == 409
    assert finance.get(f"{PATH}/road/nothing").status_code == 404


def test_a_step_that_lacks_something_says_so_before_it_is_sent(
    client_for, session, build, department, clock, go
):
    case = create_draft(
        session, build.case(), department=department("social"), by=None, now=clock()
    )
    go(case.intervention, "present", by="social")
    session.commit()

    page = client_for("social").page(f"{PATH}/road/assess")

    assert "Indsend investeringscasen først." in page.words
    assert f"{PATH}/edit/check" in page.links
