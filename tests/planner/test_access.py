"""Who may do what to which thing: the oracle is a table to read, not the function."""

import pytest
from sqlalchemy import select

from planner.access import allowed, may_ask, visible
from planner.model import (
    AllocationRecord,
    CaseRecord,
    EventRecord,
    InterventionRecord,
    ScenarioRecord,
)
from planner.services.interventions import (
    accept_case,
    create_draft,
    new_draft_from,
    return_case,
    submit_case,
)
from planner.services.scenarios import ScenarioData, create_scenario

NAMES = (
    "social",
    "social_reader",
    "employment",
    "finance",
    "politician",
    "auditor",
    "administrator",
)

# action on a case of the department "social", by state: who may
CASES = {
    ("draft", "see"): {"social", "social_reader", "auditor"},
    ("draft", "save"): {"social"},
    ("draft", "submit"): {"social"},
    ("draft", "accept"): set(),
    ("draft", "return"): set(),
    ("draft", "new_draft"): set(),
    ("submitted", "see"): {"social", "social_reader", "finance", "auditor"},
    ("submitted", "save"): set(),
    ("submitted", "submit"): set(),
    ("submitted", "accept"): {"finance"},
    ("submitted", "return"): {"finance"},
    ("submitted", "new_draft"): set(),
    ("returned", "see"): {"social", "social_reader", "finance", "auditor"},
    ("returned", "save"): set(),
    ("returned", "accept"): set(),
    ("returned", "new_draft"): {"social"},
    ("accepted", "see"): set(NAMES),
    ("accepted", "save"): set(),
    ("accepted", "accept"): set(),
    ("accepted", "return"): set(),
    ("accepted", "new_draft"): {"social"},
    ("accepted", "delete"): set(),
}

SCENARIOS = {
    ("draft", "see"): {"finance", "auditor"},
    ("draft", "edit"): {"finance"},
    ("draft", "allocate"): {"finance"},
    ("draft", "publish"): {"finance"},
    ("draft", "copy"): {"finance"},
    ("published", "see"): {"finance", "auditor", "politician"},
    ("published", "edit"): set(),
    ("published", "allocate"): set(),
    ("published", "publish"): set(),
    ("published", "copy"): {"finance"},
}


@pytest.fixture
def case(session, build, department, clock):
    """A case of the department "social" in a given state."""

    def in_state(state):
        made = create_draft(
            session, build.case(), department=department("social"), by=None, now=clock()
        )
        if state != "draft":
            submit_case(session, made, by=None, now=clock(), seen_version=1)
        if state == "accepted":
            accept_case(session, made, by=None, now=clock(), seen_version=2)
        if state == "returned":
            return_case(session, made, reason="x", by=None, now=clock(), seen_version=2)
        session.flush()
        return made

    return in_state


@pytest.mark.parametrize(("state", "action"), CASES)
def test_cases(case, person, state, action):
    thing = case(state)

    assert {name for name in NAMES if allowed(person(name), action, thing)} == CASES[state, action]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "accepted"])
def test_the_filter_and_the_decision_agree(session, case, person, state):
    thing = case(state)
    for name in NAMES:
        seen = session.scalars(select(CaseRecord).where(visible(person(name), CaseRecord))).all()
        assert (thing in seen) is allowed(person(name), "see", thing)
        found = session.scalars(
            select(InterventionRecord).where(visible(person(name), InterventionRecord))
        ).all()
        assert (thing.intervention in found) is allowed(person(name), "see", thing.intervention)


@pytest.mark.parametrize(("state", "action"), SCENARIOS)
def test_scenarios(session, strategy, person, clock, state, action):
    scenario = create_scenario(session, strategy, ScenarioData(title="x"), by=None, now=clock())
    if state == "published":
        from planner.model.states import ScenarioState

        scenario.state = ScenarioState.PUBLISHED
        session.flush()
    who = {name for name in NAMES if allowed(person(name), action, scenario)}

    assert who == SCENARIOS[state, action]
    for name in NAMES:
        seen = session.scalars(
            select(ScenarioRecord).where(visible(person(name), ScenarioRecord))
        ).all()
        assert (scenario in seen) is allowed(person(name), "see", scenario)


def test_withdrawing(case, person):
    thing = case("accepted").intervention
    who = {name for name in NAMES if allowed(person(name), "withdraw", thing)}

    assert who == {"social", "finance"}


def test_a_new_draft_hides_from_others_while_the_accepted_version_shows(
    session, case, person, clock
):
    first = case("accepted")
    second = new_draft_from(session, first, by=None, now=clock())

    assert allowed(person("politician"), "see", first)
    assert not allowed(person("politician"), "see", second)
    assert allowed(person("politician"), "see", first.intervention)


def test_what_is_not_named_is_denied(session, person, strategy):
    for name in NAMES:
        assert not allowed(person(name), "see", strategy)
        assert not session.scalars(
            select(EventRecord).where(visible(person(name), EventRecord))
        ).all()
        assert not session.scalars(
            select(AllocationRecord).where(visible(person(name), AllocationRecord))
        ).all()
        assert not may_ask(person(name), "no.such_page")
    assert not may_ask(None, "overview.overview")
    assert may_ask(None, "security.login")


def test_a_person_without_a_role_sees_nothing(session, case, person):
    case("accepted")
    nobody = person("finance")
    nobody.roles = []

    assert not session.scalars(select(CaseRecord).where(visible(nobody, CaseRecord))).all()
    assert not may_ask(nobody, "overview.overview")
