"""Interventions: the road of a case, who sees which version, and what is frozen."""

import dataclasses
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from planner.model import CaseRecord, EventRecord
from planner.model.states import CaseState, FlowKind, WrongStateError
from planner.services.interventions import (
    CaseNotReadyError,
    InterventionFilters,
    MeasureData,
    accept_case,
    case_data,
    case_document,
    create_accepted,
    create_draft,
    get_intervention,
    list_interventions,
    new_draft_from,
    return_case,
    save_draft,
    submit_case,
    withdraw_intervention,
)
from planner.services.writing import Conflict, NotFoundError


@pytest.fixture
def draft(session, build, department, person, clock):
    return create_draft(
        session, build.case(), department=department("social"), by=person("social"), now=clock()
    )


def lines(session):
    return session.scalar(select(func.count()).select_from(EventRecord))


def submitted(session, case, clock):
    return submit_case(session, case, by=None, now=clock(), seen_version=case.version)


def accepted(session, case, clock):
    submitted(session, case, clock)
    return accept_case(session, case, by=None, now=clock(), seen_version=case.version)


def test_a_draft_is_what_was_written(session, draft, build):
    session.flush()
    session.expire_all()

    assert case_data(draft) == dataclasses.replace(build.case(), price_year=2027)
    assert draft.intervention.code == "housing-first"
    assert draft.number == 1


def test_the_same_title_gets_another_code(session, draft, build, department, clock):
    second = create_draft(
        session, build.case(), department=department("employment"), by=None, now=clock()
    )
    reserved = create_draft(
        session, build.case("New"), department=department("social"), by=None, now=clock()
    )

    assert second.intervention.code == "housing-first-2"
    assert reserved.intervention.code == "new-2"


def test_a_code_is_unique_also_over_strategies(session, draft, build, clock):
    other = build.strategy(session, title="Andet år")
    session.flush()

    case = create_draft(
        session,
        build.case(),
        department=other.departments[0],
        by=None,
        now=clock(),
        key="housing-first",
    )

    assert (case.intervention.key, case.intervention.code) == ("housing-first", "housing-first-2")


def test_saving_replaces_the_content_counts_up_and_logs(session, draft, build, person, clock):
    before = lines(session)
    data = build.case("Bolig først", options=(build.option("a"), build.option("b", pool=None)))

    save_draft(session, draft, data, by=person("social"), now=clock(), seen_version=1)

    assert draft.version == 2
    assert [option.key for option in draft.options] == ["a", "b"]
    assert lines(session) == before + 1


def test_saving_the_same_again_changes_nothing(session, draft, build, person, clock):
    before = lines(session)

    save_draft(session, draft, build.case(), by=person("social"), now=clock(), seen_version=1)

    assert (draft.version, lines(session)) == (1, before)


def test_a_stale_save_is_refused(session, draft, build, clock):
    save_draft(session, draft, build.case("a"), by=None, now=clock(), seen_version=1)

    with pytest.raises(Conflict):
        save_draft(session, draft, build.case("b"), by=None, now=clock(), seen_version=1)


def test_the_road_of_a_case(session, draft, person, clock):
    submitted(session, draft, clock)
    assert draft.state is CaseState.SUBMITTED
    return_case(
        session,
        draft,
        reason="Mangler budgetansvarlig",
        by=person("finance"),
        now=clock(),
        seen_version=2,
    )
    assert (draft.state, draft.reason) == (CaseState.RETURNED, "Mangler budgetansvarlig")

    second = new_draft_from(session, draft, by=person("social"), now=clock())
    assert (second.number, second.state) == (2, CaseState.DRAFT)
    assert new_draft_from(session, draft, by=person("social"), now=clock()) is second

    accepted(session, second, clock)
    third = new_draft_from(session, second, by=person("social"), now=clock())
    assert third.number == 3
    assert case_data(third) == case_data(second)


@pytest.mark.parametrize("step", ["accept", "return", "submit", "save", "new_draft"])
def test_steps_out_of_turn_are_refused(session, draft, build, clock, step):
    if step in {"submit", "save"}:
        submitted(session, draft, clock)
    if step == "new_draft":
        session.execute(text("UPDATE business_case SET state = 'submitted'"))
        session.refresh(draft)
    by = {"by": None, "now": clock()}
    seen = by | {"seen_version": draft.version}
    take = {
        "accept": lambda: accept_case(session, draft, **seen),
        "return": lambda: return_case(session, draft, reason="x", **seen),
        "submit": lambda: submit_case(session, draft, **seen),
        "save": lambda: save_draft(session, draft, build.case("x"), **seen),
        "new_draft": lambda: new_draft_from(session, draft, **by),
    }[step]

    with pytest.raises(WrongStateError):
        take()


def test_a_case_that_no_plan_could_hold_is_not_submitted(session, build, department, clock):
    wrong = build.option(flows=(build.flow(2027, 5, kind=FlowKind.OUTLAY), build.flow(2028, -1)))
    case = create_draft(
        session,
        build.case(options=(wrong, build.option("b", pool="ingen"))),
        department=department("social"),
        by=None,
        now=clock(),
    )

    with pytest.raises(CaseNotReadyError) as caught:
        submitted(session, case, clock)

    assert "plan" in {one.gap for one in caught.value.missing}
    assert case.state is CaseState.DRAFT


def test_a_case_that_lacks_its_words_or_budget_line_is_not_submitted(
    session, build, department, clock
):
    nameless = build.option(flows=(build.flow(2027, -3), build.flow(2028, 4, budget_line="")))
    case = create_draft(
        session,
        build.case(summary=" ", target_group="", options=(nameless,)),
        department=department("social"),
        by=None,
        now=clock(),
    )

    with pytest.raises(CaseNotReadyError) as caught:
        submitted(session, case, clock)

    assert [one.gap for one in caught.value.missing] == ["summary", "target_group", "budget_line"]
    assert case.state is CaseState.DRAFT


def test_returning_and_withdrawing_need_a_reason(session, draft, clock):
    submitted(session, draft, clock)
    with pytest.raises(ValueError, match="reason"):
        return_case(session, draft, reason=" ", by=None, now=clock(), seen_version=2)
    with pytest.raises(ValueError, match="reason"):
        withdraw_intervention(
            session, draft.intervention, reason="", by=None, now=clock(), seen_version=1
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE business_case SET title = 'x'",
        "UPDATE business_case SET state = 'draft'",
        "UPDATE flow SET amount = amount + 1",
        "UPDATE case_option SET pool = NULL",
        "UPDATE case_option SET contract = '{}'",
        "UPDATE measure SET value = '1'",
        "DELETE FROM flow",
        "DELETE FROM measure",
        "DELETE FROM business_case",
        "INSERT INTO measure (option_id, name, value) SELECT id, 'new', '1' FROM case_option",
        "INSERT INTO case_option (case_id, key, title, position)"  # noqa: ISC004
        " SELECT id, 'new', '', 9 FROM business_case",
    ],
)
def test_a_submitted_case_is_frozen_by_the_database(session, draft, clock, statement):
    submitted(session, draft, clock)
    session.commit()

    with pytest.raises(IntegrityError, match="submitted case"):
        session.execute(text(statement))


def test_who_sees_which_version(session, draft, person, clock, strategy):
    def seen():
        found = {}
        for name in ("social", "social_reader", "employment", "finance", "politician", "auditor"):
            try:
                view = get_intervention(session, "housing-first", actor=person(name))
            except NotFoundError:
                found[name] = None
            else:
                found[name] = view.current.number
            rows = list_interventions(session, strategy=strategy, actor=person(name))
            assert [row.number for row in rows] == ([] if found[name] is None else [found[name]])
        return found

    own = {"social": 1, "social_reader": 1, "auditor": 1}
    others = {"employment": None, "finance": None, "politician": None}
    assert seen() == own | others
    submitted(session, draft, clock)
    assert seen() == own | others | {"finance": 1}
    accept_case(session, draft, by=None, now=clock(), seen_version=2)
    assert seen() == dict.fromkeys(own | others, 1)
    new_draft_from(session, draft, by=None, now=clock())
    assert seen() == dict.fromkeys(own, 2) | dict.fromkeys(others, 1)


def test_the_administrator_sees_no_drafts(session, draft, person, strategy):
    assert not list_interventions(session, strategy=strategy, actor=person("administrator"))


def test_withdrawn_stays_visible(session, draft, person, clock, strategy):
    accepted(session, draft, clock)
    withdraw_intervention(
        session,
        draft.intervention,
        reason="Ingen leverandør",
        by=person("social"),
        now=clock(),
        seen_version=1,
    )

    (row,) = list_interventions(session, strategy=strategy, actor=person("politician"))

    assert (row.state, row.withdrawn) == ("withdrawn", True)
    with pytest.raises(WrongStateError):
        withdraw_intervention(
            session, draft.intervention, reason="x", by=None, now=clock(), seen_version=2
        )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"a", "b"}),
        ({"departments": frozenset({"social"})}, {"a"}),
        ({"states": frozenset({"draft"})}, {"a", "b"}),
        ({"states": frozenset({"accepted", "withdrawn"})}, set()),
        ({"target_group": "HJEMLØSE"}, {"a"}),
        ({"stars_at_least": 3}, {"b"}),
        ({"text": "sma\u030aBØRN"}, {"b"}),
        ({"text": "beskæftigelse små"}, {"b"}),
        ({"text": "forebyg"}, {"a"}),
        ({"text": "forebyg små"}, set()),
    ],
)
def test_filters(session, build, department, person, clock, strategy, filters, found):
    for key, place, changes in (
        ("a", "social", {}),
        ("b", "employment", {"target_group": "Småbørn", "evidence_stars": 3, "tags": ()}),
    ):
        create_draft(
            session,
            build.case(f"Indsats {key}", **changes),
            department=department(place),
            by=None,
            now=clock(),
            key=key,
        )

    rows = list_interventions(
        session, strategy=strategy, actor=person("auditor"), filters=InterventionFilters(**filters)
    )

    assert {row.code for row in rows} == found


def test_the_plan_object_of_a_case(session, build, department, clock):
    option = build.option(
        scalable_minimum=Decimal("0.40"),
        flows=(
            build.flow(2027, -100, line="a"),
            build.flow(2028, 50, low=10, high=60, cashable=False, budget_line="5.38"),
        ),
        measures=(
            MeasureData(name="citizens", value=Decimal(40)),
            MeasureData(name="hours", value=Decimal("900.5"), year=2027),
            MeasureData(name="hours", value=Decimal(100), year=2028),
        ),
    )
    case = create_draft(
        session,
        build.case(options=(option,), supplier="Fonden", external=True),
        department=department("social"),
        by=None,
        now=clock(),
    )

    assert case_document(case) == {
        "id": "housing-first",
        "title": "Housing First",
        "department": "social",
        "target_group": "Hjemløse",
        "supplier": "Fonden",
        "external": True,
        "evidence_stars": 2,
        "tags": ["forebyggelse"],
        "options": [
            {
                "id": "base",
                "title": "Fuld skala",
                "pool": "pulje",
                "scalable": {"minimum": 0.4},
                "flows": [
                    {
                        "year": 2027,
                        "payer": "kommune",
                        "category": "service",
                        "kind": "outlay",
                        "amount": -100,
                    },
                    {
                        "year": 2028,
                        "payer": "kommune",
                        "category": "service",
                        "kind": "saving",
                        "amount": 50,
                        "low": 10,
                        "high": 60,
                        "cashable": False,
                        "budget_line": "5.38",
                    },
                ],
                "measures": {"citizens": 40, "hours": {"2027": 900.5, "2028": 100}},
            }
        ],
    }


def test_a_list_of_many_costs_no_more_queries_than_one_of_few(
    session, build, department, person, clock, strategy
):
    def queries():
        statements = []

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        engine = session.get_bind()
        actor = person("auditor")
        event.listen(engine, "before_cursor_execute", note)
        list_interventions(session, strategy=strategy, actor=actor)
        event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    for number in range(3):
        create_accepted(
            session, build.case(str(number)), department=department("social"), by=None, now=clock()
        )
    few = queries()
    for number in range(20):
        create_accepted(
            session, build.case(str(number)), department=department("social"), by=None, now=clock()
        )

    assert queries() == few == 1
    assert session.scalar(select(func.count()).select_from(CaseRecord)) == 23
