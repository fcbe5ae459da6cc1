"""The shelf changes: who is told, what a recalculation shows, and what it stores and leaves."""

from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer.shelf import ShelfKind
from planner.extensions import db
from planner.model import CaseRecord, EventRecord
from planner.model.database import reading
from planner.services.cases import case_data
from planner.services.interventions import accept_case, create_draft, submit_case
from planner.services.recalculation import renewal_of
from planner.services.scenarios import ScenarioData, create_scenario
from planner.services.shelf import EntryDraft, add_entry, add_version, retire_entry
from planner.services.shelf_notices import tell_flags
from tests.planner.arguments import a_consequence, an_argument, an_effect

CODE = "/interventions/housing-first"
PAGE = f"{CODE}/recalculate"


def a_price(amount=1_000, **frame):
    values = {
        "amount": amount, "unit": "døgn", "price_year": 2027, "category": "service",
        "share_municipality": Fraction(1),
    }  # fmt: skip
    return EntryDraft(
        kind=ShelfKind.UNIT_PRICE, title="Herbergsdøgn", values=values,
        **{"source": "Opdigtet regnskab", "source_date": "2026"} | frame,
    )  # fmt: skip


@pytest.fixture
def entry(session, clock):
    found = add_entry(session, a_price(), by=None, now=clock())
    session.commit()
    return found


@pytest.fixture
def renew(session, entry, clock):
    """Lay a dearer version on the shelf."""

    def later(amount=1_100):
        add_version(
            session, entry, a_price(amount), by=None, now=clock(), seen_version=entry.version
        )
        session.commit()

    return later


@pytest.fixture
def case(session, build, department, person, clock, entry):
    """300,000 and 150,000 kr. saved for 200,000, at the price of the shelf's first version."""
    price = {"kroner": 1000, "unit": "døgn", "price_year": 2027, "source": "Opdigtet regnskab",
             "entry": "herbergsdoegn", "version": 1}  # fmt: skip
    effect = an_effect(consequences=[a_consequence(price=price)])
    made = create_draft(
        session,
        build.case(
            argument=an_argument(effects=[effect]),
            options=(build.option(flows=(), measures=()),),
        ),
        department=department("social"),
        by=person("social"),
        now=clock(),
    )
    session.commit()
    return made


@pytest.fixture
def accepted(session, case, person, clock):
    for step, name in ((submit_case, "social"), (accept_case, "finance")):
        step(session, case, by=person(name), now=clock(), seen_version=case.version)
    session.commit()
    return case


@pytest.fixture
def versions(app):
    """The amounts of each version, and the version of the shelf that it refers to."""

    def read():
        with app.app_context(), reading(db.engine) as session:
            cases = session.scalars(select(CaseRecord).order_by(CaseRecord.number)).all()
            return [
                (
                    str(case.state),
                    [flow.amount for flow in case_data(case).options[0].flows],
                    [use.version.number for use in case.shelf_uses],
                )
                for case in cases
            ]

    return read


def said(client, place):
    return client.page(place).words.replace("\N{NO-BREAK SPACE}", " ")


# --- Who is told ----------------------------------------------------------------------------------


def test_a_newer_version_is_said_on_case_list_and_shelf(client_for, case, renew):
    client = client_for("social")
    for place in (CODE, "/interventions"):
        assert "nyere tal" not in said(client, place)

    renew()

    words = said(client, CODE)
    assert "Videnshylden har nyere tal end investeringscasen: Herbergsdøgn." in words
    assert PAGE in client.page(CODE).links
    assert "nyere tal på hylden" in said(client, "/interventions")
    assert "1 sted bruges en tidligere version." in said(client, "/library/herbergsdoegn")


def test_an_old_source_is_said_when_its_time_has_come(client_for, case, clock):
    client = client_for("social")
    assert "Kilden er gammel" not in said(client, CODE)

    clock.forward(days=3 * 366 + 40)
    client = client_for("social")

    assert "Kilden er gammel: Herbergsdøgn." in said(client, CODE)
    assert "gammel kilde på hylden" in said(client, "/interventions")


def test_what_has_left_the_shelf_is_said_and_not_renewed(
    session, client_for, case, entry, renew, clock
):
    renew()
    retire_entry(session, entry, reason="Forkert", by=None, now=clock(), seen_version=entry.version)
    session.commit()

    client = client_for("social")
    assert "Er udgået af hylden: Herbergsdøgn." in said(client, CODE)
    assert "Intet ville ændre sig." in said(client, PAGE)


def test_the_scenario_says_which_of_its_cases(session, client_for, accepted, renew, person, clock):
    scenario = create_scenario(
        session, accepted.intervention.strategy, ScenarioData(title="Forebyggelse"),
        by=person("finance"), now=clock(),
    )  # fmt: skip
    session.commit()
    client, place = client_for("finance"), f"/scenarios/{scenario.id}"
    assert "bør ses efter" not in said(client, place)

    renew()

    for page in (place, f"{place}/allocation"):
        words = said(client, page)
        assert "1 investeringscase er lavet med tal fra Videnshylden, som bør ses efter." in words
        assert "Housing First : Videnshylden har nyere tal" in words
    assert "Forebyggelse" in said(client, "/library/herbergsdoegn")


def test_a_councillor_is_not_told_of_work_that_is_not_theirs(client_for, accepted, renew):
    renew()

    assert "nyere tal" not in said(client_for("politician"), CODE)
    assert "nyere tal" not in said(client_for("politician"), "/interventions")


def test_the_departments_editors_are_told_once_for_each_change(session, case, renew, clock):
    def told():
        made = tell_flags(session, now=clock())
        session.commit()
        return [(one.person.name, str(one.kind), one.said["path"]) for one in made]

    assert told() == []
    renew()
    assert told() == [("Social", "flagged", CODE)]
    assert told() == []
    renew(1_200)
    assert told() == [("Social", "flagged", CODE)]
    clock.forward(days=3 * 366 + 40)
    # the version that lies there has grown old as well
    assert told() == [("Social", "flagged", CODE)]
    assert told() == []


# --- What it shows --------------------------------------------------------------------------------


def test_every_amount_and_figure_stands_before_and_after(client_for, case, renew):
    renew()
    client = client_for("social")

    words = said(client, PAGE)

    assert "Version 1: 1.000 kr. pr. døgn, 2027-priser" in words
    assert "Version 2: 1.100 kr. pr. døgn, 2027-priser" in words
    # 10 extra successes x 30 days, half of them a year later, at 100 kr. more
    for amounts in ("300.000 330.000 +30.000", "150.000 165.000 +15.000", "−200.000 −200.000 0"):
        assert amounts in words, words
    # net in the budget period: 450,000 - 200,000, and 495,000 - 200,000
    assert "+0,3 mio. kr. +0,3 mio. kr." in words
    # 200,000 kr. for 10 extra successes, before and after
    assert "20.000 kr. 20.000 kr." in words


def test_looking_stores_nothing(client_for, case, renew, versions):
    renew()
    before = versions()

    said(client_for("social"), PAGE)

    assert versions() == before


def test_a_price_year_without_an_index_is_said(session, client_for, case, entry, clock):
    draft = a_price(1_100)
    values = dict(draft.values) | {"price_year": 2024}
    other = EntryDraft(
        kind=draft.kind, title=draft.title, values=values, source="Kilde", source_date="2026"
    )
    add_version(session, entry, other, by=None, now=clock(), seen_version=entry.version)
    session.commit()
    client = client_for("social")

    assert "Prisniveauet 2024 står ikke i pristabellen" in said(client, PAGE)
    answer = client.post(PAGE, data={"csrf_token": client.token(), "version": case.version})
    assert answer.status_code == 422


def test_rules_that_changed_are_recalculated_too(session, case):
    for flow in case.options[0].flows:
        flow.amount += 5
    session.flush()

    found = renewal_of(session, case)

    assert not found.entries
    assert [(f.before, f.after) for f in found.flows] == [
        (300_005, 300_000),
        (150_005, 150_000),
        (-199_995, -200_000),
    ]
    session.rollback()


# --- What it stores -------------------------------------------------------------------------------


def test_a_draft_is_recalculated_in_place_with_one_line_in_the_log(
    client_for, case, renew, versions, app
):
    renew()

    answer = client_for("social").submit(PAGE)

    assert answer.status_code == 303
    assert versions() == [("draft", [330_000, 165_000, -200_000], [2])]
    with app.app_context(), reading(db.engine) as session:
        line = session.scalars(select(EventRecord).order_by(EventRecord.seq.desc())).first()
        assert line.action == "case.recalculate"
        assert line.after["argument"]["effects"][0]["consequences"][0]["price"]["version"] == 2


def test_an_accepted_version_keeps_what_it_had_and_a_new_one_is_made(
    client_for, accepted, renew, versions
):
    renew()
    client = client_for("social")

    assert client.submit(PAGE).status_code == 303

    assert versions() == [
        ("accepted", [300_000, 150_000, -200_000], [1]),
        ("draft", [330_000, 165_000, -200_000], [2]),
    ]
    assert "genberegnede den (version 2)" in said(client, CODE)


def test_a_draft_that_is_half_filled_in_is_finished_first(client_for, case, renew, versions):
    client = client_for("social")
    client.submit(f"{CODE}/edit/costs", {"cost-0-name": "", "do": "save"})
    renew()
    before = versions()

    assert "Nogle trin i kladden er ikke udfyldt til ende." in said(client, PAGE)
    form = {"csrf_token": client.token(), "version": 2}
    assert client.post(PAGE, data=form).status_code == 422

    assert versions() == before


def test_only_the_department_stores_it(client_for, accepted, renew, versions):
    renew()
    before = versions()
    client = client_for("finance")

    assert "Den forvaltning, der ejer investeringscasen, gemmer den." in said(client, PAGE)
    form = {"csrf_token": client.token(), "version": accepted.version}
    assert client.post(PAGE, data=form).status_code == 403
    assert client_for("politician").get(PAGE).status_code == 403
    assert client_for("employment").get(PAGE).status_code == 200
    assert versions() == before


def test_whoever_was_second_is_told(client_for, case, renew, versions):
    renew()
    client = client_for("social")
    form = {"csrf_token": client.token(), "version": case.version}
    client.submit(f"{CODE}/edit/effect", {"effect-0-source": "En anden", "do": "save"})

    assert client.post(PAGE, data=form).status_code == 409
    assert versions()[0][2] == [1]
