"""Budget owners: named before a case is submitted, accepting by name and date, and counted."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from planner.model import AcceptanceRecord, EventRecord
from planner.model.states import Cashability, WrongStateError
from planner.services.acceptances import (
    OwnerData,
    accept_cut,
    counted_data,
    name_owners,
    saving_lines,
    waiting_for,
)
from planner.services.case_checks import missing_in
from planner.services.cases import case_document
from planner.services.interventions import (
    accept_case,
    create_accepted,
    create_draft,
    new_draft_from,
    save_draft,
    submit_case,
)
from planner.services.rounds import RoundData, create_round
from planner.services.writing import Conflict, NotFoundError

PATH = "/interventions/housing-first"
DAY = date(2026, 11, 23)


@pytest.fixture
def draft(session, build, strategy, department, person, clock):
    """A draft with two saving lines in a round that requires a budget owner."""
    the_round = create_round(
        session,
        strategy,
        RoundData(
            name="Budget 2028",
            opens_at=datetime(2026, 11, 1, tzinfo=UTC),
            deadline=datetime(2026, 12, 1, tzinfo=UTC),
            departments=("social",),
            required={"submitted": ["budget_owner"]},
        ),
        by=person("finance"),
        now=clock(),
    )
    flows = (
        build.flow(2027, -3_000_000),
        build.flow(2028, 1_500_000),
        build.flow(2029, 2_500_000),
        build.flow(2029, 400_000, line="Frigjort tid", budget_line="5.40"),
    )
    case = create_draft(
        session,
        build.case(options=(build.option(flows=flows),)),
        department=department("social"),
        by=person("social"),
        now=clock(),
        the_round=the_round,
    )
    session.commit()
    return case


@pytest.fixture
def name(session, person, clock):
    """Declare the first line a budget cut of an owner, the second freed time."""

    def declare(case, owner="employment", **changes):
        first, second = saving_lines(case)
        data = {"kind": Cashability.BUDGET_CUT, "person": owner and person(owner)} | changes
        return name_owners(
            session,
            case,
            [(first, OwnerData(**data)), (second, OwnerData(kind=Cashability.TIME_FREED))],
            by=person("social"),
            now=clock(),
            seen_version=case.version,
        )

    return declare


@pytest.fixture
def accept(session, person, clock):
    def word(case, who="employment"):
        return accept_cut(
            session,
            saving_lines(case)[0],
            on_date=DAY,
            by=person(who),
            now=clock(),
            seen_version=case.version,
        )

    return word


def cashable(case):
    """Whether each saving of the plan file counts as cashable, by year and budget line."""
    return [
        flow.get("cashable", True)
        for flow in case_document(case)["options"][0]["flows"]
        if flow["kind"] == "saving"
    ]


def test_a_line_sums_its_years_and_the_outlay_is_none(draft):
    lines = saving_lines(draft)

    assert [line.amounts for line in lines] == [
        {"2028": 1_500_000, "2029": 2_500_000},
        {"2029": 400_000},
    ]
    assert lines[0].total == 4_000_000


def test_without_an_owner_each_line_is_named(draft, name):
    assert [(str(m.gap), m.place, m.said) for m in missing_in(draft)] == [
        ("budget_owner", 0, "Mindre forbrug"),
        ("budget_owner", 1, "Frigjort tid"),
    ]

    name(draft, owner=None)
    assert [m.place for m in missing_in(draft)] == [0]  # freed time needs no owner
    name(draft)
    assert missing_in(draft) == []


def test_only_an_accepted_cut_is_cashable(draft, name, accept):
    assert cashable(draft) == [True, True, True]  # as given, while nobody has said anything
    name(draft)
    assert cashable(draft) == [False, False, False]
    accept(draft)
    assert cashable(draft) == [True, True, False]
    shown = [f.cashable for f in counted_data(draft).options[0].flows if f.amount > 0]
    assert shown == [True, True, False]


def test_avoided_growth_is_never_cashable_though_accepted(draft, name, accept):
    name(draft, kind=Cashability.AVOIDED_GROWTH)
    accept(draft)

    assert cashable(draft) == [False, False, False]


def test_other_amounts_must_be_accepted_anew(session, draft, name, accept, build, person, clock):
    name(draft)
    accept(draft)
    data = counted_data(draft)
    flows = (*data.options[0].flows[:-1], build.flow(2030, 1))
    changed = build.case(options=(build.option(flows=flows),))
    save_draft(
        session, draft, changed, by=person("social"), now=clock(), seen_version=draft.version
    )

    line = saving_lines(draft)[0]
    assert line.amounts == {"2028": 1_500_000, "2029": 2_500_000, "2030": 1}
    assert line.awaits
    assert cashable(draft)[:3] == [False, False, False]


def test_another_owner_must_accept_anew(draft, name, accept):
    name(draft)
    accept(draft)
    name(draft, owner="finance")

    assert saving_lines(draft)[0].awaits
    assert cashable(draft) == [False, False, False]


def test_what_is_imported_keeps_its_flags(session, build, department, clock):
    flows = (
        build.flow(2027, -1),
        build.flow(2028, 5, cashable=False),
        build.flow(2029, 7, budget_line="x", line="b"),
    )
    case = create_accepted(
        session,
        build.case(options=(build.option(flows=flows),)),
        department=department("social"),
        by=None,
        now=clock(),
    )

    assert cashable(case) == [False, True]
    assert counted_data(case).options[0].flows[1].cashable is False


def test_a_new_draft_keeps_the_owners_and_must_be_accepted(
    session, draft, name, accept, person, clock
):
    name(draft)
    accept(draft)
    by = {"now": clock()}
    submit_case(session, draft, by=person("social"), seen_version=draft.version, **by)
    accept_case(session, draft, by=person("finance"), seen_version=draft.version, **by)

    second = new_draft_from(session, draft, by=person("social"), **by)

    line = saving_lines(second)[0]
    assert line.record.person is person("employment")
    assert line.awaits
    assert cashable(draft) == [True, True, False]


def test_nobody_accepts_for_another_and_not_after_the_decision(
    session, draft, name, accept, person, clock
):
    name(draft)
    with pytest.raises(NotFoundError):
        accept(draft, who="finance")
    submit_case(session, draft, by=person("social"), now=clock(), seen_version=draft.version)
    assert [line.key.budget_line for line in waiting_for(session, person("employment"))] == ["5.38"]
    assert waiting_for(session, person("finance")) == []
    accept_case(session, draft, by=person("finance"), now=clock(), seen_version=draft.version)

    with pytest.raises(WrongStateError):
        accept(draft)
    assert waiting_for(session, person("employment")) == []


def test_a_case_that_changed_meanwhile_is_not_accepted(session, draft, name, person, clock):
    name(draft)
    with pytest.raises(Conflict):
        accept_cut(
            session,
            saving_lines(draft)[0],
            on_date=DAY,
            by=person("employment"),
            now=clock(),
            seen_version=draft.version - 1,
        )


def test_the_database_keeps_every_acceptance(session, draft, name, accept, person, clock):
    name(draft)
    accept(draft)
    submit_case(session, draft, by=person("social"), now=clock(), seen_version=draft.version)
    session.commit()
    for statement in (
        "UPDATE acceptance SET name = 'x'",
        "DELETE FROM acceptance",
        "UPDATE saving_line SET name = 'x'",
        "DELETE FROM saving_line",
    ):
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
        session.rollback()


# ---- Pages: job 1 ----


def test_job_1_submit_without_a_budget_owner_is_blocked_and_filled_it_is_submitted(
    client_for, draft, session
):
    social = client_for("social")
    check = social.page(f"{PATH}/edit/check")
    assert "Mindre forbrug: skriv den budgetansvarlige." in check.words
    assert f"{PATH}/owners#line-0" in check.links
    refused = social.send(f"{PATH}/submit", {"version": "1"})
    assert refused.status_code == 422
    assert "skriv den budgetansvarlige" in refused.text
    assert "line-0" in social.page(f"{PATH}/owners").ids

    filled = {
        "lines-0-kind": "budget_cut",
        "lines-0-name": "Centerchefen",
        "lines-0-email": "center@proeveby.example",
        "lines-1-kind": "time_freed",
    }
    assert social.submit(f"{PATH}/owners", filled).status_code == 303
    answer = social.submit(f"{PATH}/edit/check", to=f"{PATH}/submit")

    assert answer.status_code == 303
    assert "Indsendt." in social.get(PATH).text


def test_the_owner_accepts_in_the_tool(client_for, draft, name, session):
    name(draft)
    session.commit()
    owner = client_for("employment")
    assert "Et af dine budgetter bliver mindre: Mindre forbrug." in owner.page("/").words
    address = next(link for link in owner.page("/acceptances").links if "/acceptances/" in link)
    words = owner.page(address).words
    assert "1.500.000" in words
    assert "Du accepterer som Employment." in words
    assert owner.get(PATH).status_code == 404  # the line is shared, the draft is not
    assert owner.submit(address, {"on_date": "2026-11-24"}).status_code == 422

    assert owner.submit(address, {"on_date": "2026-11-23"}).status_code == 303

    given = session.scalar(select(AcceptanceRecord))
    assert (given.name, given.on_date) == ("Employment", DAY)
    line = session.scalar(select(EventRecord).order_by(EventRecord.seq.desc()).limit(1))
    assert line.action == "case.accept_cut"
    assert "Employment" not in str(line.after)
    session.rollback()
    assert "accepteret af Employment den 23. november 2026" in client_for("social").page(PATH).words
    for stranger in ("politician", "finance", "social"):
        assert client_for(stranger).get(address).status_code == 404


def test_finance_writes_down_the_word_of_an_owner_without_an_account(
    client_for, draft, name, session, person, clock
):
    name(draft, owner=None, name="Centerchefen", email="c@proeveby.example")
    session.commit()
    finance = client_for("finance")
    assert "Centerchefen" not in finance.page("/acceptances").words  # still a draft
    submit_case(session, draft, by=person("social"), now=clock(), seen_version=draft.version)
    session.commit()

    address = next(link for link in finance.page("/acceptances").links if "/acceptances/" in link)
    assert "at Centerchefen, som ikke har en konto" in finance.page(address).words
    assert finance.submit(address).status_code == 303
    assert "accepteret af Centerchefen" in finance.page(f"{PATH}/owners").words


def test_faults_are_named_at_their_fields_all_at_once(client_for, draft):
    social = client_for("social")

    wrong = {"lines-0-kind": "magic", "lines-0-email": "nix", "lines-1-person": "9999"}
    refused = social.submit(f"{PATH}/owners", wrong)

    assert refused.status_code == 422
    for anchor in ("lines-0-kind", "lines-0-email", "lines-1-person"):
        assert f'href="#{anchor}"' in refused.text
    hostile = {"lines-77-kind": "budget_cut", "lines-x-kind": "none"}
    assert social.submit(f"{PATH}/owners", hostile).status_code == 303


def test_who_works_with_the_case_reads_and_only_its_editors_write(client_for, draft, name, session):
    name(draft)
    session.commit()
    reader = client_for("social_reader")

    assert "Employment" in reader.page(f"{PATH}/owners").words
    assert reader.send(f"{PATH}/owners", {"version": "2"}).status_code == 403
    assert client_for("politician").get(f"{PATH}/owners").status_code == 403
    assert client_for("finance").get(f"{PATH}/owners").status_code == 404
