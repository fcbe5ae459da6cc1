"""Scenarios side by side: the same figures as the results, and only what one may see."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from flask_babel import force_locale
from sqlalchemy import select

from optimizer import allocate, plan_from_document, read_plan
from planner.model import AllocationRecord, ScenarioRecord
from planner.reports.comparison import Side, Sides, comparison_of
from planner.reports.stored import stored_allocation
from planner.services.exchange import export_plan, import_plan
from planner.services.jobs import StoredResult, request_allocation, store_result
from planner.services.leases import claim
from planner.services.scenarios import publish_scenario, update_title

CASES = Path(__file__).resolve().parents[1] / "cases"
DEMO = files("planner") / "demo"
NAMES = ("forebyggelse", "beskaeftigelse", "forsigtig")
TITLES = ("Forebyggelse først", "Beskæftigelse først", "Forsigtig")


@cache
def demo_document(name):
    return json.loads((DEMO / f"{name}.json").read_text(encoding="utf-8"))


@cache
def solved(text):
    """The result documents of a plan, as JSON that has lain in the database."""
    allocation = allocate(plan_from_document(json.loads(text)), gap=1e-6)
    return (
        json.loads(json.dumps(allocation.document("da"))),
        [row["label"] for row in allocation.document("en")["rows"]],
    )


@pytest.fixture
def store(session, clock):
    """Import a plan, calculate it unless told not to, publish it where asked."""

    def stored(plan, *, strategy=None, publish=False, calculate=True):
        scenario = import_plan(session, plan, by=None, now=clock(), strategy=strategy)
        if calculate:
            job = request_allocation(session, scenario, by=None, now=clock())
            session.flush()
            claim(session, job.id, now=clock())
            document, labels = solved(json.dumps(job.plan, sort_keys=True))
            plan = export_plan(session, scenario)
            store_result(session, job, plan, StoredResult(document, labels), now=clock())
        if publish:
            publish_scenario(session, scenario, by=None, now=clock(), seen_version=1)
        session.commit()
        return scenario

    return stored


@pytest.fixture
def three(store):
    """The demonstration's three scenarios in one strategy; the last one is published."""
    first = store(plan_from_document(demo_document(NAMES[0])))
    return [
        first,
        store(plan_from_document(demo_document(NAMES[1])), strategy=first.strategy),
        store(plan_from_document(demo_document(NAMES[2])), strategy=first.strategy, publish=True),
    ]


def address(*scenarios):
    return "/compare?" + "&".join(f"s={getattr(s, 'id', s)}" for s in scenarios)


# --- The report -----------------------------------------------------------------------------------


def side(name, **changes):
    document = demo_document(name)
    result, _labels = solved(json.dumps(document, sort_keys=True))
    values = {
        "title": document["scenario"]["title"],
        "href": "/scenarios/1",
        "state": "scenario.draft",
        "strategy": document["title"],
        "allocation": stored_allocation(document, result),
        "version": 1,
        "calculated": "23. november 2026",
    }
    return Side(**(values | changes))


@pytest.fixture
def danish(app):
    with app.test_request_context("/?lang=da"):
        yield


@pytest.fixture
def report(danish):
    return comparison_of(Sides(tuple(side(n) for n in NAMES), "da"), source="prøve")


def result_of(name):
    return solved(json.dumps(demo_document(name), sort_keys=True))[0]


def own(result, part):
    return Fraction(repr(result["totals"]["net_saving"]["kommune"][part]))


def test_the_figures_are_those_of_the_result_documents(report):
    lines = {
        row.cells[0].value: [c.value for c in row.cells[1:]] for row in report.money.table.rows
    }
    results = [result_of(name) for name in NAMES]

    for label, part in (
        ("Kommune, budgetperioden", "budget_period"),
        ("Kommune, derefter", "after"),
        ("Nutidsværdi", "discounted"),
    ):
        for shown, result in zip(lines[label], results, strict=True):
            assert abs(shown - own(result, part)) < Fraction(1, 100), label
    for label, payer in (("Region", "region"), ("Stat", "stat")):
        for shown, result in zip(lines[label], results, strict=True):
            expected = Fraction(repr(result["totals"]["net_saving"][payer]["horizon"]))
            assert abs(shown - expected) < Fraction(1, 100)


def test_the_matrix_marks_exactly_what_each_result_chose(report):
    rows = [row for row in report.matrix.rows if row.kind == "normal"]
    for place, name in enumerate(NAMES):
        marked = {row.cells[0].note.split(" · ")[0] for row in rows if row.cells[4 + place].value}
        chosen = [one["intervention"] for one in result_of(name)["chosen"]]
        assert marked == set(chosen)
        marks = sum(row.cells[4 + place].value for row in rows)
        assert marks == len(chosen), "two options of one intervention are marked"
        assert report.matrix.rows[-1].cells[4 + place].value == str(len(chosen))
    everything = {i["id"] for i in demo_document(NAMES[0])["interventions"]}
    assert {row.cells[0].note.split(" · ")[0] for row in rows} == everything


def test_the_columns_of_the_matrix_add_up_to_the_totals(report):
    rows = [row for row in report.matrix.rows if row.kind == "normal"]
    for place, name in enumerate(NAMES):
        mine = [row for row in rows if row.cells[4 + place].value]
        allocation = side(name).allocation
        lost = sum(
            -flow.amount
            for overlap in allocation.appraisal.active_overlaps(allocation.choice)
            for flow in overlap.flows()
            if flow.payer == "kommune" and flow.year <= 2030
        )
        outlay = sum(row.cells[1].value for row in mine)
        period = sum(row.cells[2].value for row in mine)
        assert abs(outlay - Fraction(repr(result_of(name)["totals"]["invested"]))) < 1
        assert abs(period - lost - own(result_of(name), "budget_period")) < 1


def test_the_differences_are_told_in_three_to_seven_sentences(report):
    assert 3 <= len(report.says) <= 7
    said = " ".join(f"{bold}{rest}" for bold, rest in report.says)
    for title in TITLES:
        assert title in said
    assert "Forsigtig koster mindst i budgetperioden" in said
    assert "Forebyggelse først når flest borgere" in said
    assert ".." not in said
    assert "  " not in said
    assert all(rest.endswith(".") for _bold, rest in report.says if rest)


def test_the_best_is_marked_once_a_panel_and_never_for_outlay(report):
    for chart in (report.money, report.other):
        (rows,) = chart.spec["datasets"].values()
        best = {}
        for row in rows:
            best.setdefault(row["panel"], []).append("▲" in json.dumps(row, ensure_ascii=False))
        for panel, marks in best.items():
            assert sum(marks) == (0 if panel == "Udlæg" else 1), panel


def test_limits_that_differ_come_first_and_show_their_use(report):
    kinds = [row.kind for row in report.limits.rows]
    groups = [place for place, kind in enumerate(kinds) if kind == "group"]
    assert [report.limits.rows[place].cells[0].value for place in groups] == [
        "Her er de forskellige",
        "Ens i dem alle",
    ]
    lines = {
        row.cells[0].value: [(c.value, c.note) for c in row.cells[1:]]
        for row in report.limits.rows
        if row.kind == "normal"
    }
    assert [value for value, _use in lines["Borgere, mindst"]] == ["4.500", None, "2.000"]
    assert lines["Borgere, mindst"][0][1] == "(4.507,8)"
    share, use = lines["Andel af udlægget til Beskæftigelse, mindst"][1]
    assert share == "50\N{NO-BREAK SPACE}%"
    assert use.startswith("(5")
    assert next(iter(lines)) == "Mål"
    assert "(blød)" in lines["Stigning i udgifter for Nordby Kommune: Service, 2027, højst"][1][0]
    assert lines["Besluttet på forhånd: ikke med"][2][0] == "Digital selvbetjening med hjælp"


def test_year_by_year_adds_up_to_the_result(report):
    outlay, net, cumulative, *pools = report.years
    for place, name in enumerate(NAMES):
        result = result_of(name)
        assert sum(c.value for c in outlay.rows[place].cells[1:]) == pytest.approx(
            float(result["totals"]["invested"])
        )
        total = own(result, "horizon")
        assert abs(sum(c.value for c in net.rows[place].cells[1:]) - total) < 1
        assert abs(cumulative.rows[place].cells[-1].value - total) < 1
        for pool, table in zip(result["pools"], pools, strict=True):
            balances = [float(c.value) for c in table.rows[place].cells[1:]]
            assert balances == pytest.approx([year["balance"] for year in pool["years"]])


def test_other_versions_of_a_case_are_named(danish):
    sides = Sides(
        (
            side(NAMES[0], versions={"BU-01": 1, "BU-02": 1}),
            side(NAMES[1], versions={"BU-01": 2, "BU-02": 1}),
        ),
        "da",
    )

    found = comparison_of(sides, source="")

    assert found.assumptions_summary == "1 investeringscase er ikke samme version"
    last = found.assumptions.rows[-1].cells
    assert [cell.value for cell in last[1:]] == ["version 1", "version 2"]


def test_equal_scenarios_are_said_to_be_equal(danish):
    sides = Sides((side(NAMES[0], title="Den ene"), side(NAMES[0], title="Den anden")), "da")

    found = comparison_of(sides, source="")

    said = " ".join(bold for bold, _rest in found.says)
    assert "De vælger de samme indsatser." in said
    assert "De giver kommunen det samme i budgetperioden" in said
    assert "De når lige mange borgere" in said
    assert not any(row.kind == "group" and "forskellige" in row.cells[0].value
                   for row in found.limits.rows)  # fmt: skip
    assert found.assumptions_summary == "ens i dem alle"


def test_ties_speak_of_several_in_english(danish):
    sides = Sides(
        (
            side(NAMES[0], title="A"),
            side(NAMES[0], title="B"),
            side(NAMES[2], title="C"),
        ),
        "en",
    )
    with force_locale("en"):
        found = comparison_of(sides, source="")

    said = " ".join(bold for bold, _rest in found.says)
    assert "A and B reach most citizens" in said


def plain_side(path, title):
    plan = read_plan(path)
    allocation = allocate(plan, gap=0)
    return Side(
        title=title,
        href="/scenarios/1",
        state="scenario.draft",
        strategy=plan.title,
        allocation=allocation,
        version=1,
        calculated="i dag",
    )


@pytest.mark.parametrize(
    "pair",
    [
        ("real/uganda_hbp", "real/uganda_hbp_task_shifting"),
        ("plans/star_oil_lp", "plans/weingartner_28"),
        ("real/danish_cases", "real/wsipp"),
        ("plans/probe_12", "plans/rpm15_criterion1"),
    ],
)
@pytest.mark.parametrize("language", ["da", "en"])
def test_any_two_plans_can_be_held_against_each_other(danish, pair, language):
    with force_locale(language):
        sides = Sides(
            tuple(
                plain_side(CASES / f"{name}.json", title)
                for name, title in zip(pair, "AB", strict=True)
            ),
            language,
        )
        found = comparison_of(sides, source="")

    assert found.warnings or sides.are_comparable
    assert found.says
    for row in found.matrix.rows[:-1]:
        assert any(isinstance(cell.value, bool) for cell in row.cells)


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["finance", "auditor"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_page_shows_the_difference_first(client_for, three, name, language):
    client = client_for(name)
    client.get(f"/?lang={language}")

    page = client.page(address(*three))

    order = (
        ["Det er forskellen", "mio. kr., 2027-priser", "Indsats for indsats", "Mål og rammer",
         "År for år"]
        if language == "da"
        else ["This is the difference", "million kr., 2027 prices", "Intervention by intervention",
              "Goal and limits", "Year by year"]
    )  # fmt: skip
    places = [page.words.index(words) for words in order]
    assert places == sorted(places)
    for title in TITLES:
        assert title in page.words
    assert ("Beløb i 2027-priser" if language == "da" else "Amounts in 2027 prices") in page.words


def test_links_lead_to_the_scenarios_and_the_interventions(client_for, three, session):
    client = client_for("finance")

    page = client.page(address(*three))

    for scenario in three:
        assert f"/scenarios/{scenario.id}" in page.links
    assert "/interventions/BU-01" in page.links
    change = next(link for link in page.links if link.startswith("/compare/choose"))
    chosen = client.get(change).text
    assert len(re.findall(r"checked", chosen)) == 3


def test_a_politician_compares_what_is_published_and_learns_nothing_else(client_for, three, store):
    other = store(plan_from_document(demo_document(NAMES[0])), publish=True)
    client = client_for("politician")

    assert client.get(address(three[2], other)).status_code == 200
    hidden, missing = client.get(address(three[0], other)), client.get(address(999999, other))

    assert hidden.status_code == missing.status_code == 404
    token = re.compile(r'name="csrf_token" value="[^"]*"|s=[0-9]+')
    assert token.sub("", hidden.text) == token.sub("", missing.text)
    choices = client.page("/compare").words
    assert "Forsigtig" in choices
    assert "Beskæftigelse først" not in choices


@pytest.mark.parametrize("name", ["administrator", "social", "social_reader"])
def test_who_sees_no_scenarios_compares_none(client_for, three, name):
    client = client_for(name)

    assert client.get(address(*three)).status_code == 403
    assert client.get("/compare/choose").status_code == 403


def test_fewer_than_two_or_more_than_four_gives_the_page_to_choose(client_for, three):
    client = client_for("finance")

    nothing = client.page("/compare")
    one = client.page(address(three[0]))
    twice = client.page(address(three[0], three[0]))
    many = client.page(address(*three, 4, 5))

    assert nothing.headings == ["Sammenlign scenarier"]
    assert "Vælg mindst ét til." in one.words
    assert "Vælg mindst ét til." in twice.words
    assert "højst stå fire" in many.words


def test_where_there_is_nothing_to_compare_it_says_what_belongs_there(client_for):
    page = client_for("finance").page("/compare")

    assert "endnu ikke to scenarier" in page.words
    assert "/scenarios" in page.links


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "", "٣", "9" * 40, "%00", "1;2"])
def test_an_address_that_names_no_scenario_is_not_here(client_for, three, text):
    client = client_for("finance")

    assert client.get(f"/compare?s={three[0].id}&s={text}").status_code == 404


def test_a_scenario_without_a_result_is_said_and_linked(client_for, three, store):
    bare = store(
        plan_from_document(demo_document(NAMES[0])), strategy=three[0].strategy, calculate=False
    )
    client = client_for("finance")

    page = client.page(address(three[0], three[1], bare))
    alone = client.page(address(three[0], bare))

    assert "er ikke beregnet endnu" in page.words
    assert f"/scenarios/{bare.id}" in page.links
    assert page.headings[0].startswith("To veje")
    assert "Færre end to af dem" in alone.words


def test_a_scenario_that_nothing_fits_is_said(client_for, three, store):
    stuck = store(read_plan(CASES / "plans" / "infeasible.json"))

    page = client_for("finance").page(address(three[0], three[1], stuck))

    assert "er ikke med her" in page.words


def test_a_result_that_is_older_than_its_scenario_is_said(client_for, three, session, clock):
    scenario = session.get(ScenarioRecord, three[0].id)
    update_title(
        session,
        scenario,
        title="Forebyggelse først",
        description="ændret",
        by=None,
        now=clock(),
        seen_version=scenario.version,
    )
    session.commit()

    page = client_for("finance").page(address(*three))

    assert "er ændret, siden det blev beregnet" in page.words


def test_scenarios_of_other_strategies_and_price_years_come_with_a_warning(
    client_for, three, store
):
    other = store(read_plan(CASES / "plans" / "overlap.json"))
    older = store(replace(read_plan(CASES / "plans" / "overlap.json"), price_year=2020))
    client = client_for("finance")

    strategies = client.page(address(three[0], other)).words
    prices = client.page(address(three[0], older)).words

    assert "hører til forskellige strategier" in strategies
    assert "2020 og 2027" in prices
    assert "Beløb i 2027-priser" not in prices


def test_two_scenarios_of_one_name_can_be_told_apart(client_for, three, store):
    twin = store(plan_from_document(demo_document(NAMES[0])), strategy=three[0].strategy)

    page = client_for("finance").page(address(three[0], twin))

    assert f"Forebyggelse først ({three[0].id})" in page.words
    assert f"Forebyggelse først ({twin.id})" in page.words


def test_looking_changes_nothing(client_for, three, session):
    before = session.scalars(select(AllocationRecord.id)).all()
    versions = [s.version for s in session.scalars(select(ScenarioRecord))]

    client_for("finance").page(address(*three))

    session.expire_all()
    assert session.scalars(select(AllocationRecord.id)).all() == before
    assert [s.version for s in session.scalars(select(ScenarioRecord))] == versions


# ---- As a file ----


def test_the_comparison_is_downloaded_with_the_tables_of_the_page(client_for, three, session):
    session.commit()
    client = client_for("finance")
    links = client.page(address(*three)).links
    answers = {
        ending: client.get(next(link for link in links if f"/export/{ending}" in link))
        for ending in ("xlsx", "csv")
    }

    book = openpyxl.load_workbook(BytesIO(answers["xlsx"].data))
    matrix = next(s for s in book.worksheets if s["A1"].value == "Indsats for indsats")
    assert [cell.value for cell in matrix[4]][-3:] == list(TITLES)
    outlays = {row[0].value: row[2].value for row in matrix.iter_rows(min_row=5)}
    text = answers["csv"].data.decode("utf-8-sig")
    assert "Indsats for indsats" in text
    for title, outlay in outlays.items():
        if isinstance(outlay, int):
            assert title in text
            assert f";{outlay};" in text
    identities = "-".join(str(scenario.id) for scenario in three)
    assert f"bundlinje-comparison-{identities}-" in answers["csv"].headers["Content-Disposition"]


def test_what_one_may_not_see_is_in_no_file(client_for, three, session):
    session.commit()

    answer = client_for("politician").get(
        address(*three).replace("/compare", "/compare/export/csv")
    )

    assert answer.status_code == 404
