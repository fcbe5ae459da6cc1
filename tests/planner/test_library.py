"""The pages of the knowledge shelf: who reads, who keeps it, and what each page says."""

import io
import re
from fractions import Fraction

import pytest
from openpyxl import load_workbook

from optimizer.shelf import ShelfKind
from planner.services.interventions import create_draft
from planner.services.shelf import EntryDraft, add_entry, add_version, get_entry, list_entries
from planner.services.shelf_uses import record_uses

TYPED = {
    "title": "Sengedag",
    "amount": "6.000",
    "unit": "dag",
    "price_year": "2026",
    "category": "service",
    "share_municipality": "20",
    "share_region": "80 %",
    "source": "Regionens takster",
    "source_date": "2026",
}
EFFECT = {
    "title": "Vejen til job",
    "target_group": "Ledige",
    "outcome": "i job",
    "p_with": "35",
    "p_without": "30,5",
    "stars": "2",
    "source": "Studie",
}


def a_price(amount=1_400, **changes):
    values = {
        "amount": amount,
        "unit": "døgn",
        "price_year": 2026,
        "category": "service",
        "share_municipality": Fraction(1),
    }
    frame = {"title": "Herbergsdøgn", "source": "Regnskab", "source_date": "2025"} | changes
    return EntryDraft(kind=ShelfKind.UNIT_PRICE, values=values, **frame)


@pytest.fixture
def price(session, person, clock):
    """An entry with two versions, the first used by a draft of the department "social"."""
    entry = add_entry(session, a_price(), by=person("finance"), now=clock())
    session.commit()
    return entry


@pytest.fixture
def used(session, price, build, department, person, clock):
    case = create_draft(
        session, build.case("Min sag"), department=department("social"), by=None, now=clock()
    )
    record_uses(session, case, [price.newest.id])
    add_version(
        *(session, price, a_price(1_500)), by=person("finance"), now=clock(), seen_version=1
    )
    session.commit()
    return case


# --- Who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "place", "reads", "keeps"),
    [
        ("finance", "/library", True, True),
        ("administrator", "/library", True, True),
        ("social", "/library", True, False),
        ("social_reader", "/library", True, False),
        ("auditor", "/library", True, False),
        ("politician", "/method", False, False),
    ],
)
def test_whoever_works_with_cases_reads_and_finance_keeps_it(
    client_for, price, name, place, reads, keeps
):
    client = client_for(name)

    assert place in client.page("/").links
    for path in ("/library", "/library/herbergsdoegn", "/library/flags", "/library/export.xlsx"):
        assert client.get(path).status_code == (200 if reads else 403)
    for path in ("new", "herbergsdoegn/new-version", "herbergsdoegn/retire", "settings", "import"):
        assert client.get(f"/library/{path}").status_code == (200 if keeps else 403)
    if reads:
        links = client.page("/library").links + client.page("/library/herbergsdoegn").links
        kept = {"/library/new", "/library/import", "/library/herbergsdoegn/new-version"}
        assert kept <= set(links) if keeps else not kept & set(links)


# --- The list -------------------------------------------------------------------------------------


def test_an_empty_shelf_says_what_belongs_there(client_for):
    assert "Hylden er tom." in client_for("social").page("/library").words


def test_the_address_narrows_the_list(client_for, session, price, clock):
    draft = EntryDraft(
        kind=ShelfKind.EFFECT,
        title="Vejen til job",
        values={"target_group": "Ledige", "outcome": "i job", "p_with": Fraction(1, 2)},
        source="Studie",
    )
    add_entry(session, draft, by=None, now=clock())
    session.commit()
    client = client_for("social")

    def shown(query):
        words = client.page(f"/library{query}").words
        return {title for title in ("Herbergsdøgn", "Vejen til job") if title in words}

    assert shown("") == {"Herbergsdøgn", "Vejen til job"}
    assert shown("?kind=effect") == {"Vejen til job"}
    assert shown("?q=REGNSKAB") == {"Herbergsdøgn"}
    assert shown("?kind=effect&q=regnskab") == set()
    assert shown("?kind=nothing") == {"Herbergsdøgn", "Vejen til job"}
    assert "1.400 kr. pr. døgn, 2026-priser" in client.page("/library").words.replace("\xa0", " ")
    assert "1,400" in client.page("/library?lang=en").words


# --- Adding ---------------------------------------------------------------------------------------


def test_finance_lays_a_price_up_and_everybody_reads_it(client_for, session):
    answer = client_for("finance").submit("/library/new?kind=unit_price", TYPED)

    assert (answer.status_code, answer.location) == (303, "/library/sengedag")
    entry = get_entry(session, "sengedag")
    assert entry.newest.says.share_region == Fraction(4, 5)
    words = client_for("social").page("/library/sengedag").words.replace("\xa0", " ")
    for said in ("6.000 kr. pr. dag", "Andel: region 80 %", "Regionens takster", "Version 1"):
        assert said in words
    # what nobody pays is no fact
    assert "Andel: stat" not in words


def test_an_effect_shows_its_added_effect_and_keeps_grade_and_size_apart(client_for):
    client_for("administrator").submit("/library/new?kind=effect", EFFECT)

    words = client_for("auditor").page("/library/vejen-til-job").words.replace("\xa0", " ")
    for said in (
        *("35 % mod 30,5 %, mereffekt 4,5 procentpoint", "Evidensstjerner 2"),
        *("National evidensvurdering Ikke oplyst", "Observerede med indsatsen ikke oplyst"),
    ):
        assert said in words


def test_a_consequence_chooses_its_price_from_the_shelf(client_for, session, price):
    client = client_for("finance")
    typed = {"title": "Færre døgn", "unit_price": price.key, "year_0": "−90", "source": "Skøn"}

    answer = client.submit("/library/new?kind=consequence", typed)

    assert answer.status_code == 303
    assert get_entry(session, "faerre-doegn").newest.says.by_year == (-90,)


def test_without_a_price_one_is_told_to_add_it_first(client_for):
    page = client_for("finance").page("/library/new?kind=consequence")

    assert "Læg enhedsprisen op først." in page.words


def test_all_that_is_wrong_stands_at_its_field_at_once_and_nothing_typed_is_lost(
    client_for, session
):
    client = client_for("finance")
    typed = TYPED | {"amount": "12,50", "price_year": "26", "share_region": "70", "source": ""}
    typed |= {"source_date": "snart", "short": "NEW", "note": "<b>min note</b>"}

    answer = client.submit("/library/new?kind=unit_price", typed)

    assert answer.status_code == 422
    page = client.read(answer)
    assert "6 ting skal rettes" in page.words
    for said in (
        *("Skriv hele kroner", "fire cifre", "Udfyld feltet.", "»snart« er ingen dato"),
        *("Brug små bogstaver", "Andelene giver 90"),
    ):
        assert said in page.words
    fields = next(form for form in page.forms if "amount" in form["fields"])["fields"]
    assert (fields["amount"], fields["note"]) == (["12,50"], ["<b>min note</b>"])
    assert list_entries(session) == []


def test_shares_that_do_not_add_up_are_said(client_for):
    client = client_for("finance")

    page = client.read(client.submit("/library/new?kind=unit_price", TYPED | {"share_region": "7"}))

    assert "Andelene giver 27 %; de skal give 100 %." in page.words.replace("\xa0", " ")


def test_sending_twice_lays_up_once(client_for, session):
    client = client_for("finance")
    page = client.page("/library/new?kind=unit_price")
    form = next(form for form in page.forms if "amount" in form["fields"])

    for _time in range(2):
        answer = client.post("/library/new?kind=unit_price", data=form["fields"] | TYPED)
        assert answer.status_code == 303

    assert len(list_entries(session)) == 1


# --- Renewing -------------------------------------------------------------------------------------


def test_a_new_version_begins_with_what_is_there(client_for, session, price):
    client = client_for("finance")
    path = f"/library/{price.key}/new-version"
    fields = next(f for f in client.page(path).forms if "amount" in f["fields"])["fields"]
    assert (fields["amount"], fields["share_municipality"]) == (["1.400"], ["100"])
    assert (fields["share_state"], fields["source_date"]) == ([""], ["2025"])

    answer = client.submit(path, {"amount": "1.550"})

    assert answer.status_code == 303
    session.expire_all()
    assert [v.says.amount for v in get_entry(session, price.key).versions] == [1_400, 1_550]


def test_the_second_to_renew_is_told(client_for, session, price):
    client = client_for("finance")
    path = f"/library/{price.key}/new-version"
    page = client.page(path)
    form = next(form for form in page.forms if "amount" in form["fields"])["fields"]
    client_for("administrator").submit(path, {"amount": "1.550"})

    answer = client.post(path, data=form | {"amount": "1.600"})

    assert answer.status_code == 409
    assert "1.600" in client.read(answer).words
    session.expire_all()
    assert get_entry(session, price.key).newest.says.amount == 1_550


def test_two_versions_stand_side_by_side(client_for, session, price, used, clock):
    client = client_for("social")
    words = client.page(f"/library/{price.key}").words.replace("\xa0", " ")
    assert "Pris pr. enhed 1.400 kr. 1.500 kr. +100 kr. (+7 %)" in words
    assert "1 sted bruges en tidligere version." in words
    assert "Beløbene er i" not in words

    third = a_price(1_600)
    third = EntryDraft(
        kind=third.kind,
        title=third.title,
        values=dict(third.values) | {"price_year": 2028},
        source="Nyt",
    )
    add_version(session, get_entry(session, price.key), third, by=None, now=clock(), seen_version=2)
    session.commit()
    page = client.page(f"/library/{price.key}?from=1&to=3")
    words = page.words.replace("\xa0", " ")
    assert "1.400 kr. 1.600 kr. +200 kr. (+14 %)" in words
    assert "Beløbene er i 2026- og 2028-priser" in words
    earlier = client.page(f"/library/{price.key}?version=1").words
    assert "Dette er version 1." in earlier


def test_a_use_is_seen_by_those_who_may_see_the_case(client_for, price, used):
    for name, sees in (("social", True), ("employment", False), ("finance", False)):
        client = client_for(name)
        for path in (f"/library/{price.key}", "/library/flags"):
            page = client.page(path)
            assert ("Min sag" in page.words) is sees, (name, path)
            assert (f"/interventions/{used.intervention.code}" in page.links) is sees


def test_flags_lead_to_the_two_versions(client_for, price, used):
    page = client_for("social").page("/library/flags")

    assert "Bruger version 1; den nyeste er 2." in page.words
    assert f"/library/{price.key}?from=1&to=2" in page.links


# --- Retiring, age, overview, log -----------------------------------------------------------------


def test_retiring_needs_a_reason_and_stays_visible(client_for, price):
    client = client_for("finance")
    path = f"/library/{price.key}/retire"

    assert client.submit(path, {"reason": " "}).status_code == 422
    assert client.submit(path, {"reason": "Erstattet af takst"}).status_code == 303

    address = f"/library/{price.key}"
    assert address not in client.page("/library").links
    assert address in client.page("/library?retired=1").links
    assert "Erstattet af takst" in client.page(f"/library/{price.key}").words
    for again in (path, f"/library/{price.key}/new-version"):
        assert client.get(again).location == f"/library/{price.key}"


@pytest.mark.parametrize(("typed", "status"), [("5", 303), ("0", 422), ("2,5", 422), ("x", 422)])
def test_the_age_is_set_in_whole_years(client_for, typed, status):
    client = client_for("finance")

    assert client.submit("/library/settings", {"years": typed}).status_code == status

    said = "efter 5 år" if status == 303 else "efter 3 år"
    assert said in client.page("/library").words


def test_finance_is_told_on_the_overview(client_for, price, clock):
    assert "Videnshylden" not in client_for("finance").page("/").words
    clock.now = clock.now.replace(year=2029, month=1, day=2)

    page = client_for("finance").page("/")

    assert "1 post har en gammel kilde." in page.words
    assert "/library/flags" in page.links
    assert "gammel kilde" not in client_for("social").page("/").words
    assert "Gammel kilde" in client_for("social").page("/library").words
    assert "mere end 3 år gammel" in client_for("social").page(f"/library/{price.key}").words


def test_the_log_says_it_in_danish(client_for, price, used):
    words = client_for("auditor").page("/settings/log").words

    assert "Videnshylde: lagt op" in words
    assert "Videnshylde: ny version" in words
    assert "shelf." not in words


# --- The workbook ---------------------------------------------------------------------------------


def export(client):
    answer = client.get("/library/export.xlsx")
    assert re.fullmatch(
        r'attachment; filename="bundlinje-library-all-\d{4}-\d\d-\d\d\.xlsx"',
        answer.headers["Content-Disposition"],
    )
    return load_workbook(io.BytesIO(answer.data))


def send(client, data):
    page = client.page("/library/import")
    form = next(form for form in page.forms if form["action"] == "/library/import")
    return client.post(
        "/library/import",
        data=form["fields"] | {"book": (io.BytesIO(data), "hylde.xlsx")},
        content_type="multipart/form-data",
    )


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_goes_out_is_changed_looked_at_and_stored(client_for, session, price):
    client = client_for("finance")
    book = export(client)
    book["Enhedspriser"]["E5"] = 1_700
    book["Enhedspriser"]["B6"] = "Uden noget"

    answer = send(client, saved(book))

    assert answer.status_code == 422
    page = client.read(answer)
    for said in ("Nye versioner 1", "Afviste rækker 1", "Enhedspriser E6", "1 afvist række"):
        assert said in page.words
    session.expire_all()
    assert len(get_entry(session, price.key).versions) == 1

    store = next(form for form in page.forms if form["action"] == "/library/import/store")
    assert client.post("/library/import/store", data=store["fields"]).status_code == 303
    session.expire_all()
    assert get_entry(session, price.key).newest.says.amount == 1_700
    # the same form again is answered, and does nothing
    assert client.post("/library/import/store", data=store["fields"]).status_code == 303
    session.expire_all()
    assert len(get_entry(session, price.key).versions) == 2


def test_a_workbook_without_changes_has_nothing_to_store(client_for, price):
    client = client_for("finance")

    answer = send(client, saved(export(client)))

    assert answer.status_code == 200
    assert "Ingen række ændrer noget på hylden." in client.read(answer).words


def test_a_shelf_that_changed_meanwhile_is_said_and_nothing_is_stored(client_for, session, price):
    client = client_for("finance")
    book = export(client)
    book["Enhedspriser"]["E5"] = 1_700
    page = client.read(send(client, saved(book)))
    client.submit(f"/library/{price.key}/new-version", {"amount": "1.550"})
    store = next(form for form in page.forms if form["action"] == "/library/import/store")

    answer = client.post("/library/import/store", data=store["fields"])

    assert answer.status_code == 422
    assert "Hylden er ændret" in client.read(answer).words
    session.expire_all()
    assert get_entry(session, price.key).newest.says.amount == 1_550


@pytest.mark.parametrize("data", [b"", b"no workbook"])
def test_a_file_that_is_none_is_said_at_the_field(client_for, data):
    client = client_for("finance")

    answer = send(client, data)

    assert answer.status_code == 422
    assert "Én ting skal rettes" in client.read(answer).words


def test_rows_that_were_tampered_with_are_refused(client_for, session):
    client = client_for("finance")

    answer = client.send("/library/import/store", {"packed": "tampered"})

    assert answer.status_code == 422
    assert list_entries(session) == []
