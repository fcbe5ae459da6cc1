"""Choosing from the knowledge shelf in the form of a case, and what the case remembers of it."""

from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer.shelf import ShelfKind
from planner.extensions import db
from planner.model import CaseShelfUseRecord, ShelfVersionRecord
from planner.model.database import reading
from planner.services.shelf import EntryDraft, add_entry, add_version
from tests.planner.arguments import an_argument, an_effect

CODE = "/interventions/housing-first"
EDIT = f"{CODE}/edit"


def a_price(amount=1_400, **changes):
    values = {
        "amount": amount,
        "unit": "døgn",
        "price_year": 2027,
        "category": "service",
        "share_municipality": Fraction(1, 4),
        "share_state": Fraction(3, 4),
    } | changes
    return EntryDraft(
        kind=ShelfKind.UNIT_PRICE,
        title="Herbergsdøgn",
        values=values,
        source="Opdigtet regnskab",
        source_date="2026-05",
    )


def a_study(**changes):
    values = {
        "target_group": "Hjemløse",
        "outcome": "I egen bolig",
        "p_with": Fraction(2, 5),
        "successes_without": 3,
        "observed_without": 20,
    } | changes
    return EntryDraft(
        kind=ShelfKind.EFFECT, title="Boligstudiet", values=values, source="Opdigtet studie"
    )


def days(price="herbergsdoegn", **changes):
    values = {"unit_price": price, "year_0": Fraction(-30), "year_1": Fraction(-12)} | changes
    return EntryDraft(
        kind=ShelfKind.CONSEQUENCE, title="Færre herbergsdøgn", values=values, source="Skøn"
    )


@pytest.fixture
def shelf(session, clock):
    """A price, what it is multiplied by, and an effect: each with one version."""
    entries = [
        add_entry(session, draft, by=None, now=clock()) for draft in (a_price(), days(), a_study())
    ]
    session.commit()
    return {str(entry.kind): entry for entry in entries}


@pytest.fixture
def draft(build, add_draft):
    def make(argument=None):
        return add_draft(options=(build.option(flows=(), measures=()),), argument=argument)

    return make


@pytest.fixture
def used(app):
    """The versions that cases are made with, as (key, version)."""

    def read():
        with app.app_context(), reading(db.engine) as session:
            found = session.scalars(
                select(ShelfVersionRecord).join(
                    CaseShelfUseRecord,
                    CaseShelfUseRecord.shelf_version_id == ShelfVersionRecord.id,
                )
            )
            return sorted((version.entry.key, version.number) for version in found)

    return read


def choose(client, step, title, item=""):
    """Press the button of an entry on the page of a step."""
    place = f"{EDIT}/{step}/shelf"
    page = client.page(f"{place}?item={item}")
    assert title in page.words
    form = next(f for f in page.forms if f["fields"].get("entry") == [title_key(title)])
    return client.post(place, data=form["fields"])


def title_key(title):
    return {
        "Herbergsdøgn": "herbergsdoegn",
        "Færre herbergsdøgn": "faerre-herbergsdoegn",
        "Boligstudiet": "boligstudiet",
    }[title]


# --- Filling in -----------------------------------------------------------------------------------


def test_a_case_made_from_the_shelf_alone_comes_to_hand_computed_kroner(
    shelf, draft, client_for, stored_case, used
):
    draft()
    client = client_for("social")

    assert choose(client, "effect", "Boligstudiet").status_code == 303
    written = {"effect-0-citizens-2027": "40", "effect-0-years": "2", "do": "next"}
    assert client.submit(f"{EDIT}/effect", written).status_code == 303
    assert choose(client, "consequences", "Færre herbergsdøgn").status_code == 303
    assert client.submit(f"{EDIT}/consequences", {"do": "next"}).status_code == 303

    data = stored_case()
    assert data.typed is None
    # 40 x (2/5 - 3/20) = 10 extra successes, 30 days in the year of the start and 12 in the next,
    # at 1,400 kr., a quarter of it the municipality's
    assert [(f.year, f.payer, f.amount) for f in data.options[0].flows] == [
        (2027, "kommune", 105_000),
        (2028, "kommune", 42_000),
        (2027, "stat", 315_000),
        (2028, "stat", 126_000),
    ]
    effect = data.argument["effects"][0]
    price = effect["consequences"][0]["price"]
    assert (effect["source"], price["source"]) == (
        "Opdigtet studie",
        "Opdigtet regnskab (2026-05)",
    )
    assert used() == [("boligstudiet", 1), ("faerre-herbergsdoegn", 1), ("herbergsdoegn", 1)]


def test_a_price_alone_leaves_quantity_and_name_as_they_were_typed(
    shelf, draft, client_for, stored_case
):
    draft(an_argument())
    client = client_for("social")

    choose(client, "consequences", "Herbergsdøgn", item="bolig.herberg")

    (found,) = stored_case().argument["effects"][0]["consequences"]
    assert (found["name"], found["quantity"]) == ("Døgn på herberg", -30)
    assert found["price"] == {
        "kroner": 1400,
        "unit": "døgn",
        "price_year": 2027,
        "source": "Opdigtet regnskab (2026-05)",
        "entry": "herbergsdoegn",
        "version": 1,
    }
    assert found["split"] == {"rule": "fixed", "shares": {"kommune": 0.25, "stat": 0.75}}


def test_the_button_of_an_item_stores_what_was_typed_and_fills_in_that_item(
    shelf, draft, client_for, stored_case
):
    draft(an_argument(effects=[an_effect()]))
    client = client_for("social")
    added = client.read(client.submit(f"{EDIT}/consequences", {"do": "add"}))
    sent = next(f for f in added.forms if "version" in f["fields"])["fields"] | {
        "use-1-name": "Nætter", "use-1-expected": "7", "do": "shelf-1",
    }  # fmt: skip

    answer = client.post(f"{EDIT}/consequences", data=sent)

    assert answer.location.endswith("/edit/consequences/shelf?item=bolig.naetter")
    choose(client, "consequences", "Herbergsdøgn", item="bolig.naetter")
    first, second = stored_case().argument["effects"][0]["consequences"]
    assert "entry" not in first["price"]
    assert (second["name"], second["quantity"], second["price"]["kroner"]) == ("Nætter", -7, 1400)


def test_a_rule_of_the_state_is_chosen_and_its_number_asked_for(
    session, shelf, draft, client_for, clock, stored_case
):
    changed = a_price(rule="shelter_110", share_municipality=None, share_state=None)
    entry = shelf["unit_price"]
    add_version(session, entry, changed, by=None, now=clock(), seen_version=entry.version)
    session.commit()
    draft(an_argument(effects=[an_effect(consequences=[])]))
    client = client_for("social")

    choose(client, "consequences", "Færre herbergsdøgn")

    said = client.page(f"{EDIT}/consequences")
    assert "Døgn på herberg pr. år uden indsatsen: udfyld feltet." in said.words
    client.submit(f"{EDIT}/consequences", {"use-0-days_without": "200", "do": "save"})
    (found,) = stored_case().argument["effects"][0]["consequences"]
    assert found["split"]["rule"] == "shelter"
    assert (found["price"]["version"], found["version"]) == (2, 1)


def test_an_effect_without_success_rates_cannot_be_chosen(session, shelf, draft, client_for, clock):
    size = {"p_with": None, "successes_without": None, "observed_without": None,
            "effect_size": Fraction(3, 10), "effect_measure": "standardafvigelser"}  # fmt: skip
    entry = shelf["effect"]
    add_version(session, entry, a_study(**size), by=None, now=clock(), seen_version=entry.version)
    session.commit()
    case = draft()
    client = client_for("social")

    page = client.page(f"{EDIT}/effect/shelf")

    assert "Den har ingen succesrater at udfylde med." in page.words
    form = {"entry": "boligstudiet", "version": case.version, "csrf_token": client.token()}
    assert client.post(f"{EDIT}/effect/shelf", data=form).status_code == 404


# --- What the case remembers ----------------------------------------------------------------------


def test_a_figure_that_somebody_changes_is_no_longer_the_shelfs(
    shelf, draft, client_for, stored_case, used
):
    draft(an_argument())
    client = client_for("social")
    choose(client, "consequences", "Herbergsdøgn", item="bolig.herberg")
    assert used() == [("herbergsdoegn", 1)]

    client.submit(f"{EDIT}/consequences", {"use-0-price-low": "1.200", "do": "save"})
    assert used() == [("herbergsdoegn", 1)]
    client.submit(f"{EDIT}/consequences", {"use-0-price": "1.401", "do": "save"})

    assert used() == []
    assert "entry" not in stored_case().argument["effects"][0]["consequences"][0]["price"]


@pytest.mark.parametrize("said", ["findes-ikke@1", "herbergsdoegn@9", "boligstudiet@1", "@", "x@²"])
def test_a_reference_that_is_made_up_is_not_kept(shelf, draft, client_for, stored_case, used, said):
    draft(an_argument())
    client = client_for("social")

    sent = {"use-0-price-shelf": said, "do": "save"}
    assert client.submit(f"{EDIT}/consequences", sent).status_code == 303

    assert used() == []
    assert "entry" not in stored_case().argument["effects"][0]["consequences"][0]["price"]


def test_the_step_says_what_was_taken_and_that_a_newer_version_lies_there(
    session, shelf, draft, client_for, clock
):
    draft(an_argument())
    client = client_for("social")
    choose(client, "consequences", "Herbergsdøgn", item="bolig.herberg")
    assert "Fra hylden: Herbergsdøgn , version 1." in client.page(f"{EDIT}/consequences").words

    entry = shelf["unit_price"]
    add_version(session, entry, a_price(1_500), by=None, now=clock(), seen_version=entry.version)
    session.commit()

    assert "Version 2 ligger der nu." in client.page(f"{EDIT}/consequences").words


# --- The page -------------------------------------------------------------------------------------


def test_the_page_narrows_what_it_lists(shelf, draft, client_for):
    draft()
    client = client_for("social")

    def shown(query):
        words = client.page(f"{EDIT}/consequences/shelf{query}").words
        return {title for title in ("Herbergsdøgn", "Færre herbergsdøgn") if title in words}

    assert shown("") == {"Herbergsdøgn", "Færre herbergsdøgn"}
    assert shown("?kind=unit_price") == {"Herbergsdøgn"}
    assert shown("?kind=effect") == {"Herbergsdøgn", "Færre herbergsdøgn"}
    assert shown("?q=regnskab") == {"Herbergsdøgn"}
    words = client.page(f"{EDIT}/consequences/shelf?q=findes+ikke").words
    assert "Intet på hylden passer." in words


def test_only_those_who_write_the_draft_choose_for_it(shelf, draft, client_for):
    draft()

    for name, status in (("social", 200), ("employment", 404), ("finance", 403), ("auditor", 403)):
        assert client_for(name).get(f"{EDIT}/effect/shelf").status_code == status
    client = client_for("social")
    assert client.get(f"{EDIT}/costs/shelf").status_code == 404


def test_whoever_was_second_is_told_and_nothing_is_stored(shelf, draft, client_for, stored_case):
    draft(an_argument())
    client = client_for("social")
    page = client.page(f"{EDIT}/effect/shelf")
    (form,) = (f for f in page.forms if "entry" in f["fields"])
    client.submit(f"{EDIT}/effect", {"effect-0-source": "En anden", "do": "save"})
    before = stored_case()

    assert client.post(f"{EDIT}/effect/shelf", data=form["fields"]).status_code == 409

    assert stored_case() == before
