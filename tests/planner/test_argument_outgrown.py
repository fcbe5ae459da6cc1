"""An argument that no longer fits its strategy: said where it can be mended, and nothing lost."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from planner.extensions import db
from planner.model import CaseRecord
from planner.model.database import reading
from planner.model.states import Origin
from planner.services.case_checks import Gap, missing_in
from planner.services.cases import case_data
from planner.services.events import record_event
from planner.services.interventions import (
    CaseNotReadyError,
    accept_case,
    create_draft,
    new_draft_from,
    save_draft,
    submit_case,
)
from tests.planner.arguments import SOURCE, a_consequence, an_argument, an_effect

CODE = "/interventions/housing-first"
EDIT = f"{CODE}/edit"
INDEX = {"source": SOURCE, "index": {"2025": 100, "2027": 110}}
PRICE = {"kroner": 1000, "unit": "døgn", "price_year": 2025, "source": SOURCE}
WHY = "Prisniveauet 2025 står ikke i pristabellen"


@pytest.fixture
def index(session, strategy, clock):
    """Change the price index of the strategy."""

    def change(levels):
        strategy.price_levels = levels
        record_event(session, by=None, now=clock(), action="strategy.update", object=strategy)
        session.commit()

    return change


@pytest.fixture
def draft(session, index, build, department, person, clock):
    """A draft whose price is of 2025: 1,100 kr. in 2027, so 330,000 kr. in the first year."""
    index(INDEX)
    effect = an_effect(consequences=[a_consequence(price=PRICE)])
    case = create_draft(
        session,
        build.case(argument=an_argument(effects=[effect]), options=(build.option(flows=()),)),
        department=department("social"),
        by=person("social"),
        now=clock(),
    )
    session.commit()
    return case


@pytest.fixture
def outgrown(index, draft):
    """The same, after the strategy has lost its price index."""
    index(None)
    return draft


@pytest.fixture
def stored(app):
    def read(number=1):
        with app.app_context(), reading(db.engine) as session:
            cases = session.scalars(select(CaseRecord).order_by(CaseRecord.id)).all()
            return case_data(cases[number - 1])

    return read


def computed(data):
    return [(f.year, f.amount) for f in data.options[0].flows if f.origin is Origin.COMPUTED]


AMOUNTS = [(2027, 330_000), (2028, 165_000), (2027, -200_000)]


def plain(page):
    return page.words.replace("\N{NO-BREAK SPACE}", " ")


def test_another_step_is_saved_and_the_amounts_stay(outgrown, client_for, stored):
    answer = client_for("social").submit(f"{EDIT}/description", {"title": "Andet", "do": "save"})

    assert answer.status_code == 303
    assert stored().title == "Andet"
    assert computed(stored()) == AMOUNTS


def test_what_is_wrong_stands_in_the_list_and_at_the_field(outgrown, client_for):
    client = client_for("social")

    page = client.page(f"{EDIT}/check")
    assert f"Døgn på herberg: {WHY}" in plain(page)
    assert any(link.endswith("/consequences#use-0-price_year") for link in page.links)

    page = client.page(f"{EDIT}/consequences")
    assert WHY in plain(page)
    assert "Uden det, der ikke er udfyldt til ende." in plain(page)


def test_it_cannot_be_submitted_before_it_is_mended(session, outgrown, index, clock):
    with pytest.raises(CaseNotReadyError) as refused:
        submit_case(session, outgrown, by=None, now=clock(), seen_version=outgrown.version)
    assert [(one.gap, one.step) for one in refused.value.missing] == [
        (Gap.ARGUMENT, "consequences")
    ]

    index(INDEX)
    assert missing_in(outgrown) == []
    submit_case(session, outgrown, by=None, now=clock(), seen_version=outgrown.version)


def test_the_page_of_the_case_says_that_the_stored_amounts_count(outgrown, client_for):
    client = client_for("social")
    for path in (CODE, f"{CODE}/calculation"):
        words = plain(client.page(path))
        assert "kan ikke længere regnes igen" in words, path
        assert WHY in words, path


def test_a_copy_and_a_next_version_keep_the_amounts(
    session, draft, index, clock, client_for, stored
):
    case = draft
    submit_case(session, case, by=None, now=clock(), seen_version=case.version)
    accept_case(session, case, by=None, now=clock(), seen_version=case.version)
    index(None)

    again = new_draft_from(session, case, by=None, now=clock())
    session.commit()
    assert computed(case_data(again)) == AMOUNTS

    assert client_for("social").submit(CODE, to=f"{CODE}/duplicate").status_code == 303
    assert computed(stored(3)) == AMOUNTS


def test_a_workbook_with_other_words_is_stored(session, outgrown, clock):
    """As the form: what the workbook does not hold stays as it was."""
    data = replace(case_data(outgrown), title="Fra projektmappen")
    save_draft(session, outgrown, data, by=None, now=clock(), seen_version=outgrown.version)

    assert outgrown.title == "Fra projektmappen"
    assert computed(case_data(outgrown)) == AMOUNTS


def test_the_step_itself_keeps_what_was_typed(outgrown, client_for, stored):
    """Saved as it is, what cannot be computed waits as fields, and comes back with the index."""
    client = client_for("social")
    answer = client.submit(f"{EDIT}/consequences", {"do": "save"})

    assert answer.status_code == 303
    assert stored().typed["consequences"]["use-0-price"] == "1.000"
    assert computed(stored()) == [(2027, -200_000)], "what can be computed counts"
