"""Options by financing in the form, and what a contract pays on the page of the intervention."""

import pytest

from planner.services.case_plan import first_options
from planner.services.interventions import case_data
from tests.planner.test_interventions_form import EDIT, Filled, filled

MILLION = 1_000_000
PATH = f"{EDIT}/options"
PAGE = "/interventions/housing-first"
TERMS = {
    "options-0-has_contract": "y",
    "options-0-contract-payer": "kommune",
    "options-0-contract-year": "2031",
    "options-0-contract-until": "2030",
    "options-0-contract-share": "50",
    "options-0-contract-cap": "3.000.000",
    "options-0-contract-gate": "1.000.000",
}
SAID = (
    "Betaler 50 % af Kommunens besparelse til og med 2030, højst 3,0 mio. kr., intet under"
    " 1,0 mio. kr. Kommunen betaler i 2031."
)


@pytest.fixture
def draft(build, add_draft):
    """An outlay of 3 mio. and a saving of 4 mio. (0.5 to 10) in 2028."""
    return add_draft(
        build.flow(2027, -3 * MILLION),
        build.flow(2028, 4 * MILLION, low=MILLION // 2, high=10 * MILLION),
    )


@pytest.fixture
def options(session, draft):
    """The stored options, read afresh."""

    def read():
        session.rollback()
        session.refresh(draft)
        return case_data(draft).options

    return read


@pytest.fixture
def client(client_for, draft):
    return client_for("social")


def plain(answer_or_words):
    return str(answer_or_words).replace("\xa0", " ").replace("&nbsp;", " ")


def test_a_contract_is_stored_said_in_words_and_taken_out(client, options):
    assert options()[0].contract is None

    sent = client.post(PATH, data=filled(client, PATH) | TERMS)

    assert sent.status_code == 303, sent.text
    contract = {
        "payer": "kommune",
        "year": 2031,
        "until": 2030,
        "share": 0.5,
        "cap": 3 * MILLION,
        "gate": MILLION,
    }
    assert options()[0].contract == contract
    assert SAID in plain(client.page(PATH).words)
    # what was stored fills the form again, and changes nothing
    assert client.post(PATH, data=filled(client, PATH)).status_code == 303
    assert options()[0].contract == contract

    fields = filled(client, PATH)
    del fields["options-0-has_contract"]
    assert client.post(PATH, data=fields).status_code == 303
    assert options()[0].contract is None


def test_prices_by_row_and_whose_saving_is_measured(client, options):
    fields = filled(client, PATH) | TERMS | {
        "options-0-contract-share": "",
        "options-0-contract-prices-0-measure": "citizens",
        "options-0-contract-prices-0-price": "25.000",
        "options-0-contract-prices-0-threshold": "2,5",
        "options-0-contract-of": ["kommune", "region"],
        "options-0-contract-kind": "outlay",
        "options-0-contract-category": "transfers",
    }  # fmt: skip
    assert client.post(PATH, data=fields).status_code == 303

    contract = options()[0].contract
    assert contract["prices"] == [{"measure": "citizens", "price": 25_000, "threshold": 2.5}]
    assert (contract["of"], contract["kind"], contract["category"]) == (
        ["kommune", "region"],
        "outlay",
        "transfers",
    )
    assert "25.000 kr. for hver »citizens« over 2,5" in plain(client.page(PATH).words)
    again = filled(client, PATH)
    assert again["options-0-contract-prices-1-price"] == ""
    again["options-0-contract-of"] = ["kommune", "region"]
    for name in ("measure", "price", "threshold"):
        again[f"options-0-contract-prices-0-{name}"] = ""
    again["options-0-contract-fixed"] = "7"
    assert client.post(PATH, data=again).status_code == 303
    assert "prices" not in options()[0].contract


def test_everything_that_is_wrong_is_said_at_its_field_at_once(client, options):
    wrong = TERMS | {
        "options-0-contract-year": "2099",
        "options-0-contract-until": "to",
        "options-0-contract-share": "101",
        "options-0-contract-cap": "1,5",
        "options-0-contract-gate": "-1",
        "options-0-contract-prices-0-price": "5",
    }

    answer = client.post(PATH, data=filled(client, PATH) | wrong)

    assert answer.status_code == 422
    for name in ("year", "until", "share", "cap", "gate", "prices-0-measure"):
        assert f'id="options-0-contract-{name}-error"' in answer.text, name
        assert f'href="#options-0-contract-{name}"' in answer.text, name
    for text in ("2099", "to", "101", "1,5", "-1"):
        assert f'value="{text}"' in answer.text
    assert options()[0].contract is None


def test_a_contract_that_pays_nothing_or_has_no_payer_is_refused(client, options):
    empty = {"options-0-has_contract": "y", "options-0-contract-year": ""}

    answer = client.post(PATH, data=filled(client, PATH) | empty)

    assert answer.status_code == 422
    words = plain(client.read(answer).words)
    assert "Skriv, hvad der betales: en andel, et fast beløb eller en pris pr. enhed." in words
    assert "Betales i: Udfyld feltet." in words
    assert options()[0].contract is None


def test_saying_it_in_words_stores_nothing(client, options):
    answer = client.post(PATH, data=filled(client, PATH) | TERMS | {"do": "show"})

    assert answer.status_code == 200
    assert SAID in plain(client.read(answer).words)
    assert options()[0].contract is None


def test_the_same_work_is_financed_as_a_mix_in_one_press(client, options):
    page = client.post(PATH, data=filled(client, PATH) | {"do": "copy-0"})
    assert page.status_code == 200
    terms = {name.replace("options-0", "options-1"): text for name, text in TERMS.items()}
    fields = Filled(page.text).fields | terms | {
        "options-1-title": "Blanding",
        "options-1-pool": "pulje",
        "options-1-outlay_share": "40",
        "do": "save",
    }  # fmt: skip

    assert client.post(PATH, data=fields).status_code == 303

    own, mix = options()
    assert [f.amount for f in own.flows] == [-3 * MILLION, 4 * MILLION]
    assert [(f.amount, f.low) for f in mix.flows] == [
        (-1_200_000, None),
        (4 * MILLION, MILLION // 2),
    ]
    assert (mix.key, mix.pool, mix.measures) == ("blanding", "pulje", own.measures)
    assert mix.contract is not None
    assert own.contract is None


def test_the_page_says_what_is_paid_in_each_case_against_own_financing(client, options):
    page = client.post(PATH, data=filled(client, PATH) | {"do": "copy-0"})
    terms = {name.replace("options-0", "options-1"): text for name, text in TERMS.items()}
    fields = Filled(page.text).fields | terms | {"options-1-title": "Kontrakt", "do": "save"}
    assert client.post(PATH, data=fields).status_code == 303

    words = plain(client.page(f"{PAGE}?option=kontrakt").words)

    assert "Hvad kontrakten betaler" in words
    assert SAID in words
    # half of 0.5 is nothing below the gate; half of 4; half of 10 is cut at the cap
    assert "Målt besparelse 500 4.000 10.000" in words
    assert "Kontrakten betaler 0 2.000 3.000" in words
    assert "Kommunens netto med kontrakten 500 2.000 7.000" in words
    assert "Kommunens netto med egen finansiering (Fuld skala) −2.500 1.000 7.000" in words
    assert "Betaling efter kontrakten" in words
    # half the effect: 250, 2.000 and 5.000 are measured, and the payment follows
    halved = plain(client.page(f"{PAGE}?option=kontrakt&what=half").words)
    assert "Kontrakten betaler 0 1.000 2.500" in halved
    assert "Hvad kontrakten betaler" not in client.page(PAGE).words


def test_a_contract_of_a_measure_that_is_gone_keeps_the_case_from_being_submitted(
    client, session, draft, options
):
    from planner.services.case_checks import missing_in

    fields = filled(client, PATH) | TERMS | {
        "options-0-contract-prices-0-measure": "citizens",
        "options-0-contract-prices-0-price": "5",
    }  # fmt: skip
    assert client.post(PATH, data=fields).status_code == 303
    path = f"{EDIT}/measures"
    gone = filled(client, path) | {"measure-0-name": "", "measure-0-total": ""}
    assert client.post(path, data=gone).status_code == 303

    session.rollback()
    session.refresh(draft)
    assert {(gap.step, gap.option) for gap in missing_in(draft)} == {("options", "base")}
    assert client.page(PATH).words


def test_lists_count_what_the_contract_pays(client, session, draft, options):
    assert client.post(PATH, data=filled(client, PATH) | TERMS).status_code == 303
    session.rollback()

    option, count = first_options(session, [draft.id])[draft.id]

    assert count == 1
    assert [flow.amount for flow in option.flows] == [-3 * MILLION, 4 * MILLION, -2 * MILLION]
