"""The pages that send out the candidates' workbook and take it in."""

import io

import pytest

from planner.services.intervention_list import list_interventions
from planner.services.interventions import create_draft
from tests.planner.case_books import FLOWS, INTERVENTIONS, a_new_candidate, opened

WORKBOOK, TEMPLATE = "/interventions/import/workbook.xlsx", "/interventions/import/template.xlsx"
UPLOAD, STORE = "/interventions/import", "/interventions/import/store"


@pytest.fixture
def draft(session, build, department, clock):
    case = create_draft(
        session, build.case(), department=department("social"), by=None, now=clock()
    )
    session.commit()
    return case


@pytest.fixture
def social(client_for):
    return client_for("social")


def sent(client, data, name="bog.xlsx"):
    return client.post(
        UPLOAD,
        data={"csrf_token": client.token(), "book": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )


def stored_form(client, answer):
    return next(form for form in client.read(answer).forms if "packed" in form["fields"])["fields"]


def test_the_workbook_holds_what_one_may_see(social, client_for, draft):
    answer = social.get(WORKBOOK)
    assert answer.headers["Content-Disposition"].endswith('bundlinje-candidates-1-2026-11-23.xlsx"')
    assert opened(answer.data).cell(INTERVENTIONS, "code", 5).value == draft.intervention.code
    other = opened(client_for("employment").get(WORKBOOK).data)
    assert other.cell(INTERVENTIONS, "code", 5).value is None


def test_the_template_is_empty_and_in_the_readers_language(social, draft):
    assert opened(social.get(TEMPLATE).data).last(INTERVENTIONS) == 4
    social.get("/?lang=en")
    book = opened(social.get(TEMPLATE).data)
    assert book.book.sheetnames[1] == "Interventions"
    assert book.cell(INTERVENTIONS, "title", 4).value == "Title *"


def test_the_list_leads_to_the_workbook(social, client_for, draft):
    page = social.page("/interventions")
    assert {WORKBOOK, TEMPLATE, UPLOAD} <= set(page.links)
    reader = client_for("social_reader").page("/interventions")
    assert WORKBOOK in reader.links
    assert UPLOAD not in reader.links
    assert client_for("finance").get(UPLOAD).status_code == 403


def test_rows_are_shown_and_stored_only_when_confirmed(social, session, strategy, person, draft):
    book = opened(social.get(WORKBOOK).data)
    book.cell(FLOWS, "amount.2028", 6).value = 1_400_000
    book.cell(INTERVENTIONS, "title", 5).value = "<b>Nyt navn</b>"
    a_new_candidate(book)

    answer = sent(social, book.saved())
    page = social.read(answer)

    assert answer.status_code == 200
    for said in ("Intet er gemt endnu.", "Kladden ændres", "Ny indsats", "Gem 2 kladder"):
        assert said in page.words
    # old and new
    for said in ("1.500.000", "1.400.000", "Housing First", "<b>Nyt navn</b>"):
        assert said in page.words
    session.expire_all()
    assert len(list_interventions(session, strategy=strategy, actor=person("social"))) == 1

    fields = stored_form(social, answer)
    done = social.post(STORE, data=fields)
    assert done.status_code == 303
    # pressed twice: done once
    assert social.post(STORE, data=fields).status_code == 303
    session.expire_all()
    rows = list_interventions(session, strategy=strategy, actor=person("social"))
    assert sorted(row.title for row in rows) == ["<b>Nyt navn</b>", "Indsats ny-1"]
    assert "2 indsatser er gemt som kladder." in social.page("/interventions").words


def test_what_is_refused_stands_with_its_cell_and_the_rest_can_be_stored(social, draft):
    book = opened(social.get(WORKBOOK).data)
    book.cell(FLOWS, "payer", 5).value = "Banken"
    a_new_candidate(book)

    answer = sent(social, book.saved())
    page = social.read(answer)

    assert answer.status_code == 422
    for said in ("Pengestrømme D5", "Banken", "Kommunen, Regionen, Staten", "Gem 1 kladde"):
        assert said in page.words
    assert "1 afvist indsats udelades." in page.words


def test_a_workbook_without_changes_offers_nothing_to_store(social, draft):
    answer = sent(social, social.get(WORKBOOK).data)

    assert answer.status_code == 200
    assert "Ingen række ændrer nogen indsats." in social.read(answer).words
    assert "packed" not in str(social.read(answer).forms)


def test_a_file_that_is_none_is_refused_at_its_field(social):
    for data in (b"", b"Titel;Pris\n"):
        answer = sent(social, data)
        assert answer.status_code == 422
        assert "fil" in social.read(answer).words.casefold()


def test_what_somebody_saved_meanwhile_is_said_and_nothing_is_stored(
    social, session, draft, clock, strategy, person
):
    from dataclasses import replace

    from planner.services.cases import case_data
    from planner.services.interventions import save_draft

    book = opened(social.get(WORKBOOK).data)
    book.cell(INTERVENTIONS, "title", 5).value = "Mit navn"
    a_new_candidate(book)
    fields = stored_form(social, sent(social, book.saved()))
    data = replace(case_data(draft), title="Deres navn")
    save_draft(session, draft, data, by=None, now=clock(), seen_version=1)
    session.commit()

    answer = social.post(STORE, data=fields)

    assert answer.status_code == 409
    assert "Noget er ændret, siden filen blev læst. Intet blev gemt." in social.read(answer).words
    session.expire_all()
    rows = list_interventions(session, strategy=strategy, actor=person("social"))
    assert [row.title for row in rows] == ["Deres navn"]
    # what can be stored now is offered
    assert social.post(STORE, data=stored_form(social, answer)).status_code == 303


def test_a_spoilt_hidden_field_is_refused(social, draft):
    answer = social.post(STORE, data={"csrf_token": social.token(), "packed": "abc"})
    assert answer.status_code == 422
    assert "Rækkerne kom ikke helt frem" in social.read(answer).words


def test_the_preview_is_english_for_english_readers(social, draft):
    book = opened(social.get(WORKBOOK).data)
    book.cell(INTERVENTIONS, "external", 5).value = True
    book.cell(FLOWS, "amount.2027", 5).value = 7
    social.get("/?lang=en")

    words = social.read(sent(social, book.saved())).words
    assert "Money out of the purse is written with a minus" in words
