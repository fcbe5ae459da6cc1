"""A strategy's price index and discount steps: who reads and changes them, and what they do."""

import pytest
from sqlalchemy import select

from planner.model import EventRecord, StrategyRecord
from tests.planner.arguments import an_argument

TABLE = "2025 100\r\n2026\t103,0\r\n2027; 106,09"
SOURCE = "Opdigtet indeks, juni 2026"


@pytest.fixture
def place(session):
    return f"/settings/strategies/{session.scalars(select(StrategyRecord.id)).first()}/prices"


def strategy(session):
    session.expire_all()
    return session.scalars(select(StrategyRecord)).first()


def last_line(session):
    return session.scalars(select(EventRecord).order_by(EventRecord.seq.desc())).first()


def said(page):
    return page.words.replace("\N{NO-BREAK SPACE}", " ")


def test_an_index_is_pasted_in_and_amounts_of_any_year_follow(client_for, session, place):
    client = client_for("finance")
    assert "Der er intet indeks endnu." in client.page(place).words

    answer = client.submit(f"{place}/edit", {"table": TABLE, "source": SOURCE})

    assert answer.status_code == 303
    assert strategy(session).price_levels == {
        "source": SOURCE,
        "index": {"2025": 100, "2026": 103, "2027": 106.09},
    }
    # 1,000 x 106.09/100 = 1,060.9; 1,000 x 106.09/103 = 1,030
    words = said(client.page(place))
    assert "2025 100,00 1.061 2026 103,00 1.030 2027 106,09 1.000" in words, words
    line = last_line(session)
    assert (line.action, line.after["price_levels"]["source"]) == ("strategy.prices", SOURCE)


def test_what_is_stored_comes_back_and_saving_it_again_changes_nothing(client_for, session, place):
    client = client_for("finance")
    client.submit(f"{place}/edit", {"table": TABLE, "source": SOURCE})
    before = strategy(session).version, last_line(session).seq

    assert client.submit(f"{place}/edit").status_code == 303

    assert (strategy(session).version, last_line(session).seq) == before


def test_an_empty_table_takes_the_index_away(client_for, session, place):
    client = client_for("finance")
    client.submit(f"{place}/edit", {"table": TABLE, "source": SOURCE})

    client.submit(f"{place}/edit", {"table": "", "source": ""})

    assert strategy(session).price_levels is None


@pytest.mark.parametrize(
    ("changes", "said_"),
    [
        ({"table": "2027 100\nmange\n2026 -3"}, ["Linje 2, »mange«", "Linje 3, »2026 -3«"]),
        ({"table": "2027 100\n2027 101"}, ["Linje 2: 2027 står to gange."]),
        ({"table": "2027 0"}, ["Linje 1"]),
        ({"table": "2027 1.2.3"}, ["Linje 1"]),
        ({"table": "0027 100"}, ["Linje 1"]),
        ({"table": "2025 100\n2026 103"}, ["Strategiens eget prisår 2027 skal stå i tabellen."]),
        ({"table": TABLE, "source": " "}, ["Skriv, hvor indekset kommer fra."]),
        ({"table": "\n".join(f"{y} 100" for y in range(1950, 2051))}, ["Skriv højst 100 år."]),
    ],
)
def test_what_cannot_be_read_is_said_line_by_line_and_kept(
    client_for, session, place, changes, said_
):
    client = client_for("finance")

    answer = client.submit(f"{place}/edit", {"source": SOURCE} | changes)

    assert answer.status_code == 422
    page = client.read(answer)
    assert all(text in page.words for text in said_), page.words
    assert changes["table"].splitlines()[0] in answer.text
    assert strategy(session).price_levels is None


def test_a_case_counts_with_the_index_from_its_next_saving_on(
    client_for, session, build, department, person, clock, place
):
    from planner.services.interventions import create_draft

    case = create_draft(
        session,
        build.case(
            argument=an_argument(), options=(build.option(flows=(), measures=()),)
        ),
        department=department("social"), by=person("social"), now=clock(),
    )  # fmt: skip
    session.commit()
    client_for("finance").submit(f"{place}/edit", {"table": TABLE, "source": SOURCE})
    client = client_for("social")
    step = f"/interventions/{case.intervention.code}/edit/consequences"

    client.submit(step, {"use-0-price_year": "2025", "do": "save"})

    session.expire_all()
    # 10 extra successes x 30 days x 1,000 kr. of 2025 x 106.09/100; half a year later
    assert [flow.amount for flow in case.options[0].flows][:2] == [318_270, 159_135]


def test_the_ministrys_steps_stand_with_year_and_source_and_can_be_chosen(
    client_for, session, place
):
    client = client_for("finance")
    words = said(client.page(place))
    assert "2013 4 % 3 % 2 % Finansministeriet: Ny og lavere samfundsøkonomisk" in words
    assert "2023 3,5 % 2,5 % 1,5 % Finansministeriet: Nøgletalskatalog, 2023" in words
    assert "Denne strategi bruger sine egne trin." in words

    page = client.page(place)
    form = next(f for f in page.forms if f["fields"].get("published") == ["2013"])
    assert client.post(f"{place}/discount", data=form["fields"]).status_code == 303

    assert strategy(session).discount == [
        {"after_year": 0, "rate": 0.04},
        {"after_year": 35, "rate": 0.03},
        {"after_year": 70, "rate": 0.02},
    ]
    assert last_line(session).action == "strategy.discount"
    page = client.page(place)
    assert "Denne strategi bruger sine egne trin." not in page.words
    assert [f["fields"]["published"] for f in page.forms if "published" in f["fields"]] == [
        ["2023"], ["2021"],
    ]  # fmt: skip


def test_a_publication_that_there_is_not(client_for, session, place):
    client = client_for("finance")
    form = {"csrf_token": client.token(), "published": "2019", "version": "1"}

    assert client.post(f"{place}/discount", data=form).status_code == 404


@pytest.mark.parametrize("name", ["social", "social_reader", "politician", "auditor"])
def test_all_read_and_only_finance_changes(client_for, place, name):
    client = client_for(name)

    assert place in client.page("/settings").links
    page = client.page(place)
    assert not [f for f in page.forms if "published" in f["fields"]]
    assert f"{place}/edit" not in page.links
    assert client.get(f"{place}/edit").status_code == 403
    form = {"csrf_token": client.token(), "published": "2013", "version": "1"}
    assert client.post(f"{place}/discount", data=form).status_code == 403


def test_whoever_was_second_is_told(client_for, session, place):
    client = client_for("finance")
    page = client.page(f"{place}/edit")
    (form,) = (f for f in page.forms if "table" in f["fields"])
    client.submit(f"{place}/edit", {"table": TABLE, "source": SOURCE})

    late = form["fields"] | {"table": "2027 100", "source": "En anden"}
    assert client.post(f"{place}/edit", data=late).status_code == 409
    assert strategy(session).price_levels["source"] == SOURCE
