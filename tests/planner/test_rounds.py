"""Rounds: what they ask for, until when, and what is said when it is too late."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from planner.model import EventRecord, RoundRecord
from planner.model.rounds import RoundPhase
from planner.services.interventions import (
    CaseNotReadyError,
    create_draft,
    return_case,
    save_draft,
    submit_case,
)
from planner.services.rounds import (
    NotTakenError,
    RoundData,
    RoundOverError,
    close_round,
    create_round,
    enter_round,
    lock_of,
    reopen_round,
    rounds_for,
    update_round,
)

PATH = "/interventions/housing-first"
OPENS = datetime(2026, 11, 1, 11, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def a_round(session, strategy, person, clock):
    def make(name="Budget 2028", **changes):
        values = {
            "name": name,
            "opens_at": OPENS,
            "deadline": DEADLINE,
            "departments": ("social",),
            "required": {"submitted": ["evidence", "supplier"]},
        }
        made = create_round(
            session, strategy, RoundData(**(values | changes)), by=person("finance"), now=clock()
        )
        session.commit()
        return made

    return make


@pytest.fixture
def draft(session, build, department, person, clock, a_round):
    case = create_draft(
        session,
        build.case(),
        department=department("social"),
        by=person("social"),
        now=clock(),
        the_round=a_round(),
    )
    session.commit()
    return case


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        (OPENS - timedelta(seconds=1), "planned"),
        (OPENS, "open"),
        (DEADLINE, "open"),
        (DEADLINE + timedelta(seconds=1), "over"),
    ],
)
def test_the_moment_alone_says_where_a_round_is(a_round, moment, phase):
    assert a_round().phase(moment) is RoundPhase(phase)


def test_a_round_is_found_by_the_departments_that_it_takes(
    session, strategy, department, a_round, clock
):
    mine = a_round()
    a_round("Overførselssag", departments=("employment",))
    a_round("Til næste år", opens_at=DEADLINE, deadline=DEADLINE + timedelta(days=1))

    assert rounds_for(session, strategy, [department("social").id], now=clock()) == [mine]
    assert rounds_for(session, strategy, [department("social").id], now=OPENS.replace(day=2))
    assert rounds_for(session, strategy, [], now=clock()) == []


def test_what_the_round_requires_is_all_named_at_once(session, draft, person, clock):
    with pytest.raises(CaseNotReadyError) as refused:
        submit_case(session, draft, by=person("social"), now=clock(), seen_version=1)

    assert [str(one.gap) for one in refused.value.missing] == ["evidence", "supplier"]


def test_the_page_links_each_requirement_to_its_field(client_for, draft):
    client = client_for("social")

    page = client.page(f"{PATH}/edit/check")

    assert f"{PATH}/edit/evidence#evidence" in page.links
    assert f"{PATH}/edit/description#supplier" in page.links
    assert "2 ting mangler, før den kan indsendes" in page.words
    answer = client.send(f"{PATH}/submit", {"version": "1"})
    assert answer.status_code == 422
    assert "Skriv, hvem der udfører den." in answer.text
    for link in (one for one in page.links if "#evidence" in one or "#supplier" in one):
        path, _hash, anchor = link.partition("#")
        assert anchor in client.page(path).ids


def test_after_the_deadline_nothing_is_saved_or_submitted(session, draft, build, person, clock):
    late = {"by": person("social"), "now": DEADLINE + timedelta(seconds=1), "seen_version": 1}

    with pytest.raises(RoundOverError):
        save_draft(session, draft, build.case("Ny titel"), **late)
    with pytest.raises(RoundOverError):
        submit_case(session, draft, **late)

    assert (draft.title, draft.version) == ("Housing First", 1)


def test_after_the_deadline_the_form_says_until_when_and_who_can_open_it(
    client_for, draft, clock, session
):
    social = client_for("social")
    typed = social.page(f"{PATH}/edit/description").hidden | {"title": "Sendt for sent"}
    clock.now = DEADLINE + timedelta(minutes=1)
    social = client_for("social")

    for step in ("description", "check"):
        words = social.page(f"{PATH}/edit/{step}").words
        assert "Runden var åben til 1. december 2026 kl. 12.00" in words
        assert "Økonomi kan åbne den igen" in words
    answer = social.send(f"{PATH}/edit/description", {"version": "1", "title": typed["title"]})
    assert answer.status_code == 409
    assert "Sendt for sent" in answer.text
    assert "Budget 2028" in answer.text
    page = social.page(PATH)
    assert "Skemaet er låst" in page.words
    assert f"{PATH}/edit/check" not in page.links
    session.refresh(draft)
    assert draft.title == "Housing First"


def test_reopened_by_finance_with_a_reason_it_can_be_submitted(client_for, draft, clock, session):
    clock.now = DEADLINE + timedelta(hours=1)
    finance = client_for("finance")
    address = f"/rounds/{draft.intervention.round_id}"
    assert f"{address}/reopen" in finance.page(address).links

    for wrong in ({"reason": ""}, {"deadline": "2026-11-30T12:00"}, {"deadline": "i morgen"}):
        sent = {"reason": "Syg sagsbehandler", "deadline": "2026-12-08T12:00"} | wrong
        assert finance.submit(f"{address}/reopen", sent).status_code == 422
    sent = {"reason": "Syg sagsbehandler", "deadline": "2026-12-08T12:00"}
    assert finance.submit(f"{address}/reopen", sent).status_code == 303

    session.expire_all()
    assert draft.intervention.round.deadline == datetime(2026, 12, 8, 11, 0, tzinfo=UTC)
    line = session.scalar(select(EventRecord).order_by(EventRecord.seq.desc()).limit(1))
    assert (line.action, line.after["reason"]) == ("round.reopen", "Syg sagsbehandler")
    session.rollback()
    assert "Skemaet er låst" not in client_for("social").page(PATH).words


def test_closed_by_finance_it_locks_before_the_deadline(session, draft, person, clock):
    the_round = draft.intervention.round
    close_round(
        session, the_round, reason="Aflyst", by=person("finance"), now=clock(), seen_version=1
    )

    assert the_round.phase(clock()) is RoundPhase.CLOSED
    assert lock_of(draft.intervention, now=clock()) is the_round
    with pytest.raises(ValueError, match="still to come"):
        reopen_round(
            session,
            the_round,
            deadline=clock(),
            reason="x",
            by=person("finance"),
            now=clock(),
            seen_version=2,
        )


def test_a_returned_case_is_mended_though_the_round_is_over(session, draft, build, person, clock):
    update_round(
        session,
        draft.intervention.round,
        RoundData(name="Budget 2028", opens_at=OPENS, deadline=DEADLINE, departments=("social",)),
        by=person("finance"),
        now=clock(),
        seen_version=1,
    )
    submit_case(session, draft, by=person("social"), now=clock(), seen_version=1)
    late = DEADLINE + timedelta(days=2)
    assert lock_of(draft.intervention, now=late) is not None

    return_case(session, draft, reason="Mangler", by=person("finance"), now=late, seen_version=2)

    assert lock_of(draft.intervention, now=late) is None


def test_only_an_open_round_that_takes_the_department_is_entered(
    session, build, department, person, clock, a_round
):
    case = create_draft(
        session, build.case(), department=department("employment"), by=None, now=clock()
    )
    by = {"by": person("employment"), "now": clock(), "seen_version": 1}
    with pytest.raises(NotTakenError):
        enter_round(session, case.intervention, a_round(), **by)
    later = a_round("Senere", opens_at=DEADLINE, deadline=DEADLINE + timedelta(days=1))
    with pytest.raises(NotTakenError):
        enter_round(session, case.intervention, later, **by)
    mine = a_round("Vores", departments=("employment",))

    enter_round(session, case.intervention, mine, **by)

    assert case.intervention.round is mine


# ---- Pages ----


def test_finance_makes_and_changes_a_round(client_for, session):
    finance = client_for("finance")
    form = {
        "name": "Budget 2028",
        "opens_at": "2026-11-20T08:00",
        "deadline": "2027-03-15T12:00",
        "departments": ["social", "employment"],
        "template": "Skriv om borgeren.",
        "submitted": ["evidence"],
        "ready": ["band"],
    }
    answer = finance.submit("/rounds/new", form)
    assert answer.status_code == 303

    made = session.scalar(select(RoundRecord))
    # summer time begins on 28 March
    assert made.deadline == datetime(2027, 3, 15, 11, 0, tzinfo=UTC)
    assert made.required == {"submitted": ["evidence"], "ready": ["band"]}
    address = f"/rounds/{made.id}"
    session.rollback()
    page = finance.page(address)
    assert "Skriv om borgeren." in page.words
    assert "Åben til 15. marts 2027 kl. 12.00" in page.words
    assert finance.submit(f"{address}/edit", {"name": "Budget 2029"}).status_code == 303
    assert "Budget 2029" in client_for("social").page("/rounds").words
    assert finance.submit("/rounds/new", form | {"name": "BUDGET 2029"}).status_code == 422
    wrong = form | {"name": "", "departments": [], "deadline": "2026-11-20T08:00"}
    refused = finance.submit("/rounds/new", wrong)
    assert refused.status_code == 422
    for anchor in ("name", "departments", "deadline"):
        assert f'href="#{anchor}"' in refused.text


def test_a_department_chooses_the_round_and_sees_only_its_own(
    client_for, session, build, department, clock, a_round
):
    the_round = a_round(departments=("social", "employment"))
    create_draft(session, build.case(), department=department("social"), by=None, now=clock())
    create_draft(
        session,
        build.case("Skjult kladde"),
        department=department("employment"),
        by=None,
        now=clock(),
        the_round=the_round,
    )
    session.commit()
    social = client_for("social")

    assert social.submit(f"{PATH}/round", {"round": "9999"}).status_code == 422
    assert social.submit(f"{PATH}/round", {"round": str(the_round.id)}).status_code == 303

    words = social.page(f"/rounds/{the_round.id}").words
    assert "Housing First" in words
    assert "Skjult kladde" not in words
    assert social.get(f"/rounds/{the_round.id}/edit").status_code == 403
    assert client_for("politician").get("/rounds").status_code == 403


def test_a_round_counts_its_candidates_by_where_they_are(
    client_for, session, build, department, person, clock, a_round
):
    the_round = a_round(required={})
    for title, steps in (
        ("Kladde", ()),
        ("Anden kladde", ()),
        ("Venter", (submit_case,)),
        ("Tilbage", (submit_case, partial(return_case, reason="Mangler"))),
    ):
        case = create_draft(
            session,
            build.case(title),
            department=department("social"),
            by=None,
            now=clock(),
            the_round=the_round,
        )
        for step in steps:
            step(session, case, by=None, now=clock(), seen_version=case.version)
    session.commit()
    address = f"/rounds/{the_round.id}"

    words = client_for("social").page(address).words
    assert "4 indsatser: 2 kladder, 1 indsendt, 1 sendt tilbage" in words
    words = client_for("finance").page(address).words
    assert "2 indsatser: 1 indsendt, 1 sendt tilbage" in words


def test_a_new_intervention_enters_the_open_round(client_for, session, a_round):
    the_round = a_round()
    social = client_for("social")
    assert "Budget 2028" in social.page("/interventions/new").words

    answer = social.submit("/interventions/new", {"title": "Ny", "do": "save"})

    assert answer.status_code == 303
    assert "Budget 2028" in social.page("/interventions/ny").words
    session.refresh(the_round)
    session.rollback()


def test_a_stale_change_is_a_conflict(client_for, a_round):
    the_round = a_round()
    address = f"/rounds/{the_round.id}"

    answer = client_for("finance").submit(f"{address}/close", {"reason": "x", "version": "7"})

    assert answer.status_code == 409
