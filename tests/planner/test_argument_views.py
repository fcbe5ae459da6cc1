"""The pages of an argument: steps, autosave, preview, and where the numbers come from."""

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from planner.model import EventRecord
from planner.services.acceptances import counted_data, saving_lines
from planner.services.cases import case_data
from planner.services.intervention_list import get_intervention
from planner.services.intervention_page import history_of
from planner.services.interventions import save_draft
from tests.planner.arguments import an_argument, an_effect

CODE = "/interventions/housing-first"
EDIT = f"{CODE}/edit"
EFFECT = {
    "effect-0-outcome": "I egen bolig",
    "effect-0-citizens-2027": "40",
    "effect-0-with-expected": "40",
    "effect-0-without-x": "3",
    "effect-0-without-n": "20",
    "effect-0-years": "2",
    "effect-0-fade": "50",
}
USE = {
    "use-0-name": "Døgn på herberg",
    "use-0-expected": "30",
    "use-0-price": "1.000",
    "use-0-unit": "døgn",
    "use-0-price_year": "2027",
    "use-0-source": "Opdigtet eksempel",
    "use-0-budget_line": "5.38.42",
}
COST = {"cost-0-name": "Kursus", "cost-0-total-expected-2027": "200.000"}


@pytest.fixture
def draft(build, add_draft):
    """A draft with one option and, where asked, an argument."""

    def make(argument=None, flows=(), **changes):
        option = build.option(flows=flows, measures=(), **changes)
        return add_draft(options=(option,), argument=argument)

    return make


def plain(client, answer):
    return client.read(answer).words.replace("\N{NO-BREAK SPACE}", " ")


def auto(client, step, **changes):
    """Send a step as the page does by itself."""
    form = next(f for f in client.page(f"{EDIT}/{step}").forms if "version" in f["fields"])
    return client.post(
        f"{EDIT}/{step}",
        data=form["fields"] | {"do": "save"} | changes,
        headers={"X-Autosave": "1"},
    )


def test_a_case_is_written_step_by_step(draft, client_for, stored_case):
    draft()
    client = client_for("social")

    for step, values in (("effect", EFFECT), ("consequences", USE), ("costs", COST)):
        answer = client.submit(f"{EDIT}/{step}", values | {"do": "next"})
        assert answer.status_code == 303, (step, plain(client, answer))

    data = stored_case()
    assert data.typed is None
    # 40 x (40 % - 15 %) x 30 x 1,000 kr., half of it left in the second year
    assert [(f.year, f.amount) for f in data.options[0].flows] == [
        (2027, 300_000),
        (2028, 150_000),
        (2027, -200_000),
    ]


@pytest.mark.parametrize("step", ["effect", "consequences", "costs"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_saving_a_page_unchanged_changes_nothing(draft, client_for, stored_case, step, language):
    draft(an_argument())
    before = stored_case()
    client = client_for("social")
    client.get(f"/?lang={language}")

    assert client.submit(f"{EDIT}/{step}", {"do": "save"}).status_code == 303

    assert stored_case() == before


def test_what_is_half_written_is_kept_and_said(draft, client_for, stored_case):
    draft()
    client = client_for("social")

    client.submit(f"{EDIT}/effect", EFFECT | {"effect-0-with-expected": "mange", "do": "next"})

    assert stored_case().argument is None
    assert stored_case().typed["effect"]["effect-0-with-expected"] == "mange"
    words = plain(client, client.get(f"{EDIT}/effect"))
    assert "»mange« kan ikke læses" in words, words
    assert "kan ikke læses" in plain(client, client.get(f"{EDIT}/check"))


def test_an_item_can_be_added_and_taken_out(draft, client_for, stored_case):
    draft(an_argument())
    client = client_for("social")

    page = client.read(client.submit(f"{EDIT}/effect", {"do": "add"}))
    assert "effect-1-outcome" in page.ids
    page = client.read(client.submit(f"{EDIT}/effect", {"do": "drop-0"}))

    assert "effect-1-outcome" not in page.ids
    assert stored_case().argument == an_argument() | {"price_year": 2027}, "only shown, not stored"


def test_autosave_answers_with_the_new_version(draft, client_for, stored_case):
    draft()
    client = client_for("social")

    answer = auto(client, "effect", **EFFECT)

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    said = json.loads(answer.text)
    assert (said["version"], said["errors"]) == (2, [])
    assert stored_case().argument["effects"][0]["outcome"] == "I egen bolig"


def test_autosave_says_what_is_missing_and_stores_the_rest(draft, client_for, stored_case):
    draft()
    client = client_for("social")

    said = json.loads(auto(client, "effect", **{"effect-0-outcome": "Bolig"}).text)

    assert said["version"] == 2
    assert {name for name, _text in said["errors"]} >= {"effect-0-citizens-2027", "effect-0-years"}
    assert stored_case().typed["effect"]["effect-0-outcome"] == "Bolig"


def test_autosave_after_somebody_else_stores_nothing(draft, client_for, stored_case):
    draft()
    client = client_for("social")
    client.submit(f"{EDIT}/effect", EFFECT | {"do": "save"})

    answer = auto(client, "effect", version="1", **{"effect-0-outcome": "Andet"})

    assert answer.status_code == 409
    assert json.loads(answer.text)["by"]
    assert stored_case().argument["effects"][0]["outcome"] == "I egen bolig"


@pytest.mark.parametrize("step", ["description", "evidence", "options", "flows", "measures"])
def test_every_other_step_saves_itself_too(draft, client_for, step):
    draft(an_argument())

    answer = auto(client_for("social"), step)

    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    assert json.loads(answer.text)["errors"] == []


def test_the_preview_follows_what_is_typed_and_stores_nothing(draft, client_for, stored_case):
    draft()
    client = client_for("social")
    fields = client.page(f"{EDIT}/effect").forms[-1]["fields"]

    with client.application.app_context():
        # a part of a page, so it is not judged as a whole one
        answer = FlaskClient.open(
            client, f"{CODE}/figures/effect", method="POST", data=fields | EFFECT
        )

    assert answer.status_code == 200
    assert "25,0 procentpoint" in answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert stored_case().argument is None


@pytest.mark.parametrize(("name", "status"), [("employment", 404), ("social_reader", 403)])
def test_the_preview_is_for_those_who_write_the_draft(draft, client_for, name, status):
    draft()
    client = client_for(name)

    assert client.send(f"{CODE}/figures/effect", EFFECT).status_code == status


@pytest.mark.parametrize("language", ["da", "en"])
def test_each_number_says_where_it_comes_from(draft, client_for, language):
    draft(an_argument())
    client = client_for("social")

    page = client.page(f"{CODE}/calculation?lang={language}")

    words = page.words.replace("\N{NO-BREAK SPACE}", " ")
    formula = {
        "da": "40 × (40 % − 15 %) × 30 døgn × 1.000 kr. = 300.000 kr.",
        "en": "40 × (40 % − 15 %) × 30 døgn × 1,000 kr. = 300,000 kr.",
    }[language]
    assert formula in words
    assert "opdigtet eksempel" in words


def test_nothing_is_computed_yet(draft, client_for):
    draft()

    assert (
        "Der er ikke regnet noget ud endnu"
        in client_for("social").page(f"{CODE}/calculation").words
    )


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_page_of_an_intervention_shows_its_argument(draft, client_for, language):
    draft(an_argument())

    page = client_for("social").page(f"{CODE}?lang={language}")

    assert {"effect", "figures"} <= set(page.ids)
    assert f"{CODE}/calculation" in {link.split("?")[0] for link in page.links}


def test_an_option_with_a_contract_counts_what_it_pays(draft, client_for, build):
    contract = {"payer": "kommune", "year": 2030, "share": 0.5}
    saving = (build.flow(2028, 400_000),)
    draft(an_argument(effects=[an_effect()]), flows=saving, contract=contract)

    page = client_for("social").page(CODE)

    assert {"contract", "figures"} <= set(page.ids)
    assert client_for("social").get(f"{EDIT}/effect").status_code == 200


def test_computed_savings_have_budget_owners(draft, session):
    case = draft(an_argument())

    assert [(line.key.line, line.amounts) for line in saving_lines(case)] == [
        ("Døgn på herberg", {"2027": 300_000, "2028": 150_000})
    ]
    assert counted_data(case) == case_data(case)


def test_what_equalisation_leaves_is_computed_and_not_stored(draft, client_for, stored_case):
    draft(an_argument())
    before, client = stored_case(), client_for("social")

    words = plain(client, client.get(f"{CODE}/calculation?retention=90"))

    # 450,000 - 200,000; nine tenths of the savings leave 405,000
    assert "Netto i budgetperioden +0,3 +0,2" in words, words
    assert stored_case() == before
    words = plain(client, client.get(f"{CODE}/calculation?retention=110"))
    assert "skriv en procent fra 0 til 100" in words
    assert "Før udligning" not in words


def test_the_history_tells_saves_in_a_row_as_one(draft, client_for, session, person, clock):
    case, who = draft(), person("social")

    def save(minutes, by=who, **changes):
        clock.forward(minutes=minutes)
        data = replace(case_data(case), **changes)
        save_draft(session, case, data, by=by, now=clock(), seen_version=case.version)

    save(1, title="A")
    save(1, title="B", evidence="C")
    save(29, summary="D")
    save(31, title="E")
    save(1, by=None, title="F")
    save(1, title="G")
    session.commit()

    view = get_intervention(session, "housing-first", actor=who)
    saves = [line for line in history_of(session, view) if line.action == "case.save"]
    assert [set(line.fields) for line in saves] == [
        {"title"},
        {"title"},
        {"title"},
        {"title", "evidence", "summary"},
    ]
    logged = select(EventRecord).where(EventRecord.action == "case.save")
    assert len(session.scalars(logged).all()) == 6, "the log keeps every one"


def test_an_effect_without_consequences_is_sent_to_them(draft, client_for):
    draft(an_argument(effects=[an_effect(consequences=[])], costs=[]))

    page = client_for("social").page(f"{EDIT}/check")

    assert any(link.endswith("/consequences#use-0-name") for link in page.links)
