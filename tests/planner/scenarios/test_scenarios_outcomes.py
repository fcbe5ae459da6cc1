"""Possible futures asked for on a page, and rules without a number that one press gives up."""

import pytest

from planner.model import ScenarioRecord
from planner.model.states import Force
from planner.services.scenarios import (
    CandidateChoice,
    LimitData,
    ScenarioData,
    create_scenario,
    update_candidates,
)

MILLION = 1_000_000
TYPED = {
    "count": "2.000",
    "seed": "7",
    "target_group": "40",
    "department": "12,5",
    "all": "0",
}
SAMPLE = {
    "sample": {
        "count": 2000,
        "seed": 7,
        "correlation": {"target_group": 0.4, "department": 0.125, "all": 0},
    }
}


# ---- Possible futures ----


def test_futures_are_drawn_as_asked_and_said_on_the_workbench(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}"
    words = finance.page(path).words.replace("\xa0", " ")
    assert "Mulige udfald" in words
    assert "1.000, trukket" in words
    assert "fælles: målgruppe 30 %, forvaltning 10 %, alle 5 %; startværdi 1" in words

    assert finance.submit(f"{path}/outcomes", TYPED).status_code == 303

    assert fresh(ScenarioRecord, scenario.id).outcomes == SAMPLE
    words = finance.page(path).words.replace("\xa0", " ")
    assert "2.000, trukket" in words
    assert "fælles: målgruppe 40 %, forvaltning 12,5 %, alle 0 %; startværdi 7" in words
    form = next(f for f in finance.page(f"{path}/outcomes").forms if "count" in f["fields"])
    assert form["fields"]["department"] == ["12,5"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"count": "0"}, "Skriv et helt tal fra 1 til 10.000."),
        ({"count": "10.001"}, "Skriv et helt tal fra 1 til 10.000."),
        ({"count": "1,5"}, "Skriv et helt tal, fx 12."),
        ({"count": ""}, "Udfyld feltet."),
        ({"seed": "-1"}, "Skriv et helt tal fra 0 til 1.000.000.000."),
        ({"all": "101"}, "Skriv en procent fra 0 til 100."),
        ({"target_group": "60", "all": "30"}, "De tre er tilsammen mere end 100 %."),
    ],
)
def test_what_cannot_be_drawn_is_said_at_its_field_and_not_stored(
    finance, scenario, fresh, typed, said
):
    before = fresh(ScenarioRecord, scenario.id).outcomes

    answer = finance.submit(f"/scenarios/{scenario.id}/outcomes", TYPED | typed)

    assert answer.status_code == 422
    assert said in finance.read(answer).words.replace("\xa0", " ")
    assert all(f'value="{text}"' in answer.text for text in typed.values())
    assert fresh(ScenarioRecord, scenario.id).outcomes == before


def test_futures_are_taken_away_and_the_page_says_who_needs_them(
    finance, session, strategy, cases, clock, fresh
):
    risk = {"tag": "chance_of_loss", "payers": "all", "at_most": 0.5}
    made = create_scenario(
        session,
        strategy,
        ScenarioData(title="Risiko", limits=(LimitData(risk), LimitData(risk, is_on=False))),
        by=None,
        now=clock(),
    )
    session.commit()
    path = f"/scenarios/{made.id}/outcomes"
    assert "1 ramme ser på udfaldene" in finance.page(path).words

    assert finance.submit(path, to=f"{path}/remove").status_code == 303

    assert fresh(ScenarioRecord, made.id).outcomes is None
    assert "ingen: kun det forventede tæller" in finance.page(f"/scenarios/{made.id}").words
    page = finance.page(path)
    assert f"{path}/remove" not in [form["action"] for form in page.forms]
    # what is offered then are the usual shares
    form = next(f for f in page.forms if "count" in f["fields"])
    assert [form["fields"][n] for n in ("count", "target_group", "department", "all")] == [
        ["1.000"], ["30"], ["10"], ["5"],
    ]  # fmt: skip


def test_listed_futures_are_replaced_only_when_asked(
    finance, session, strategy, cases, clock, fresh
):
    listed = {"net_saving": {"alfa/basis": [1, 2, 3]}}
    made = create_scenario(
        session, strategy, ScenarioData(title="Fil", outcomes=listed), by=None, now=clock()
    )
    session.commit()
    path = f"/scenarios/{made.id}"
    assert "3, opført i en planfil" in finance.page(path).words
    assert "erstattes de af trukne udfald" in finance.page(f"{path}/outcomes").words
    assert fresh(ScenarioRecord, made.id).outcomes == listed

    finance.submit(f"{path}/outcomes", TYPED)

    assert fresh(ScenarioRecord, made.id).outcomes == SAMPLE


# ---- Giving up what has no number ----


@pytest.fixture
def conflicting(session, strategy, cases, clock):
    """Alfa is forced in, and needs Beta, which is forced out; Gamma only takes no part."""
    relation = {"kind": "requires", "intervention": "alfa", "needs": "beta", "reason": "Hus"}
    made = create_scenario(
        session,
        strategy,
        ScenarioData(title="Strid", relations=(relation,), outcomes=None),
        by=None,
        now=clock(),
    )
    update_candidates(
        session,
        made,
        [
            CandidateChoice(
                intervention_id=cases[0].intervention_id, force=Force.IN, force_reason="Løfte"
            ),
            CandidateChoice(
                intervention_id=cases[1].intervention_id, force=Force.OUT, force_reason="Nej"
            ),
        ],
        by=None,
        now=clock(),
        seen_version=1,
    )
    session.commit()
    return made


def ways(page, path):
    """The forms that give something up, by the place in the plan."""
    return {f["fields"]["path"][0]: f for f in page.forms if f["action"] == f"{path}/release"}


@pytest.mark.parametrize("way", ["alfa", "beta", "relation"])
def test_one_press_gives_up_a_choice_or_a_relation_and_allocates_again(
    finance, conflicting, allocate, solve, fresh, way
):
    path = f"/scenarios/{conflicting.id}"
    assert "Ingen plan overholder alle rammer." in allocate(conflicting.id).words
    solve()
    offered = ways(finance.page(path), path)
    assert set(offered) == {"interventions[0].force", "interventions[1].force", "relations[0]"}
    place = {
        "alfa": "interventions[0].force",
        "beta": "interventions[1].force",
        "relation": "relations[0]",
    }[way]

    sent = finance.post(offered[place]["action"], data=offered[place]["fields"])
    assert sent.status_code == 303
    solve()

    assert "Bedste plan, bevist." in finance.page(path).words
    stored = fresh(ScenarioRecord, conflicting.id)
    forces = [c.force for c in stored.candidates][:2]
    assert (
        forces
        == {
            "alfa": [None, Force.OUT],
            "beta": [Force.IN, None],
            "relation": [Force.IN, Force.OUT],
        }[way]
    )
    assert len(stored.relations) == (0 if way == "relation" else 1)


def test_nothing_is_given_up_that_was_not_offered(finance, conflicting, allocate, solve, fresh):
    path = f"/scenarios/{conflicting.id}"
    allocate(conflicting.id)
    send = {"version": str(fresh(ScenarioRecord, conflicting.id).version)}
    early = finance.send(f"{path}/release", send | {"path": "relations[0]"})
    assert early.status_code == 404
    solve()
    for wrong in ("", "relations[7]", "scenario.pools[0]"):
        assert finance.send(f"{path}/release", send | {"path": wrong}).status_code == 404
    stale = finance.send(f"{path}/release", {"version": "0", "path": "relations[0]"})
    assert stale.status_code == 409
    assert len(fresh(ScenarioRecord, conflicting.id).relations) == 1
