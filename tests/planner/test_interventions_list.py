"""The list: who sees what, filters in the address, sorting, sums, five hundred of them."""

import re
from html import unescape

import pytest
from sqlalchemy import event

from planner.services.interventions import (
    create_accepted,
    create_draft,
    submit_case,
    withdraw_intervention,
)


def rows(html: str) -> list[str]:
    """The lines of the table as words, without the sum row."""
    body = re.search(r"<tbody.*?</tbody>", html, re.DOTALL)
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", body[0] if body else "", re.DOTALL)
    words = [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]
    return [line for line in words if not line.startswith("I alt")]


def titles(html: str) -> list[str]:
    return re.findall(r'<th role="rowheader" scope="row"><a href="[^"]+">([^<]+)</a>', html)


@pytest.fixture
def some(session, build, department, person, clock):
    """Accepted, submitted, draft and withdrawn ones of two departments."""
    by, now = person("social"), clock()
    social, employment = department("social"), department("employment")
    create_accepted(session, build.case("Lær for livet"), department=social, by=by, now=now)
    big = build.option(flows=(build.flow(2027, -9_000_000), build.flow(2032, 20_000_000)))
    create_accepted(
        session,
        build.case("Ærlig hjælp", options=(big,), target_group="Unge", evidence_stars=3),
        department=employment,
        by=by,
        now=now,
    )
    sent = create_draft(session, build.case("Åben rådgivning"), department=social, by=by, now=now)
    submit_case(session, sent, by=by, now=now, seen_version=sent.version)
    create_draft(
        session, build.case("Socialt udkast", options=()), department=social, by=by, now=now
    )
    gone = create_accepted(session, build.case("Zoneterapi"), department=social, by=by, now=now)
    withdraw_intervention(session, gone.intervention, reason="Nej", by=by, now=now, seen_version=1)
    session.commit()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("social", {"Lær", "Ærlig", "Åben", "Socialt", "Zoneterapi"}),
        ("social_reader", {"Lær", "Ærlig", "Åben", "Socialt", "Zoneterapi"}),
        ("employment", {"Lær", "Ærlig", "Zoneterapi"}),
        ("finance", {"Lær", "Ærlig", "Åben", "Zoneterapi"}),
        ("politician", {"Lær", "Ærlig", "Zoneterapi"}),
        ("administrator", {"Lær", "Ærlig", "Zoneterapi"}),
        ("auditor", {"Lær", "Ærlig", "Åben", "Socialt", "Zoneterapi"}),
    ],
)
def test_each_sees_what_is_for_them(client_for, some, name, expected):
    html = client_for(name).get("/interventions").text

    assert {title.split()[0] for title in titles(html)} == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=laer", ["Lær for livet"]),
        ("q=LÆR+hjem", ["Lær for livet"]),
        ("q=aerlig", ["Ærlig hjælp"]),
        ("q=aaben", ["Åben rådgivning"]),
        ("department=employment", ["Ærlig hjælp"]),
        ("state=submitted", ["Åben rådgivning"]),
        ("state=withdrawn", ["Zoneterapi"]),
        ("state=draft", ["Socialt udkast"]),
        ("group=Unge", ["Ærlig hjælp"]),
        ("stars=3", ["Ærlig hjælp"]),
        ("q=ingen+s%C3%A5dan", []),
    ],
)
def test_the_address_filters(client_for, some, query, expected):
    assert titles(client_for("social").get(f"/interventions?{query}").text) == expected


def test_what_is_not_on_the_lists_filters_nothing(client_for, some):
    query = "department=%00&state=x&group=nobody&stars=99&sort=x&order=x&page=x&strategy=x"

    assert len(titles(client_for("social").get(f"/interventions?{query}").text)) == 5


def test_titles_sort_in_danish_order(client_for, some):
    client = client_for("finance")

    up = titles(client.get("/interventions?sort=title").text)

    assert up == ["Lær for livet", "Zoneterapi", "Ærlig hjælp", "Åben rådgivning"]
    assert titles(client.get("/interventions?sort=title&order=down").text) == up[::-1]


def test_the_sorted_column_says_so_and_its_link_turns_it(client_for, some):
    html = client_for("finance").get("/interventions?sort=outlay&q=a").text

    heading = re.search(r"<th[^>]*aria-sort=\"(\w+)\"[^>]*>\s*<a href=\"([^\"]+)\"", html)
    assert heading[1] == "descending"
    assert "sort=outlay" in heading[2]
    assert "order=up" in heading[2]
    assert "q=a" in heading[2]
    assert titles(html)[0] == "Ærlig hjælp"


def test_those_without_the_figure_come_last_either_way(client_for, some):
    client = client_for("social")
    for order in ("up", "down"):
        assert titles(client.get(f"/interventions?sort=npv&order={order}").text)[-1].startswith(
            "Socialt"
        )


def test_figures_are_those_of_a_hand(client_for, some):
    html = client_for("finance").get("/interventions?q=laer").text

    # −3.000.000 in 2027, +1.500.000 in 2028, +2.500.000 in 2029; 3,5 %:
    # −3.000.000 + 1.449.275,36 + 2.333.776,75 = 783.052,12
    (line,) = rows(html)
    assert line.endswith("40 3.000 +1.000 0 +783 2029")
    assert "2027-priser" in html


def test_the_sum_is_of_all_that_pass(client_for, some):
    html = client_for("finance").get("/interventions?department=social").text

    total = re.search(r'<tr role="row" class="sum".*?</tr>', html, re.DOTALL)[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", total).split())
    assert words.startswith("I alt, 3 indsatser")
    assert "120 9.000 +3.000 0 +2.349" in words


def test_states_are_pills_and_stars_have_words(client_for, some):
    html = client_for("social").get("/interventions").text

    for word in ("Godkendt af økonomi", "Indsendt", "Kladde", "Trukket tilbage", "3 af 3 stjerner"):
        assert word in html


@pytest.mark.parametrize(
    ("name", "may"),
    [("social", True), ("finance", False), ("politician", False), ("social_reader", False)],
)
def test_only_editors_begin_a_new_one(client_for, some, name, may):
    assert ("/interventions/new" in client_for(name).get("/interventions").text) is may


def test_an_empty_list_says_how_to_begin(client_for):
    page = client_for("social").page("/interventions")

    assert "/interventions/new" in page.links
    assert "Ingen indsatser endnu" in page.words


def test_english_too(client_for, some):
    html = client_for("finance").get("/interventions?lang=en&q=laer").text

    assert 'lang="en"' in html
    assert "Net in the period" in html
    assert "+1,000" in html


def test_another_strategy_is_chosen_in_the_address(client_for, session, build, some, clock):
    other = build.strategy(session, title="Budget 2028")
    create_accepted(
        session, build.case("Fra en anden"), department=other.departments[0], by=None, now=clock()
    )
    session.commit()
    client = client_for("finance")

    assert titles(client.get(f"/interventions?strategy={other.id}").text) == ["Fra en anden"]
    assert "Budget 2028" in client.get("/interventions").text
    client.page("/interventions?strategy=999999", status=404)


def many(session, build, department, clock, count):
    for number in range(count):
        create_accepted(
            session,
            build.case(f"Nummer {number}"),
            department=department("social"),
            by=None,
            now=clock(),
        )
    session.commit()


def queries(client, path):
    from planner.extensions import db

    seen = []
    with client.application.app_context():
        engine = db.engine

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_more_interventions_cost_no_more_queries(client_for, session, build, department, clock):
    client = client_for("finance")
    many(session, build, department, clock, 2)
    client.get("/interventions")
    few = queries(client, "/interventions")
    page = queries(client, "/interventions/nummer-0")
    many(session, build, department, clock, 20)

    assert queries(client, "/interventions") == few
    assert queries(client, "/interventions/nummer-0") == page


def test_pages_when_there_are_hundreds(client_for, session, build, department, clock, monkeypatch):
    from planner.views import intervention_list

    monkeypatch.setattr(intervention_list, "PAGE_SIZE", 2)
    many(session, build, department, clock, 5)
    client = client_for("finance")

    seen = [titles(client.get(f"/interventions?sort=title&page={n}").text) for n in (1, 2, 3, 99)]

    assert seen[0] == ["Nummer 0", "Nummer 1"]
    assert seen[2] == seen[3] == ["Nummer 4"]
    html = client.get("/interventions?sort=title&page=2").text
    assert "3–4 af 5" in html
    assert "I alt, 5 indsatser" in html
