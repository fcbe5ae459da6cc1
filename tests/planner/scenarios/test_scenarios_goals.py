"""Goals in order: first this, then that, asked for on a page and told wherever a result is."""

import io
import json
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from planner.model import ScenarioRecord
from planner.services.cases import MeasureData
from planner.services.interventions import create_accepted
from planner.services.scenarios import ScenarioData, create_scenario, update_then

MILLION = 1_000_000
CITIZENS = {"of": "measure", "measure": "citizens"}
LOW = {"of": "net_saving", "payers": "all", "period": "horizon", "discounted": False, "case": "low"}


@pytest.fixture
def cases(session, build, department, clock):
    """The pool pays for one: Alfa nets 10 mio. and helps 5, Beta 9.5 and 40, Gamma 5 and 900."""
    made = []
    for title, saving, citizens in (("Alfa", 20, 5), ("Beta", 19.5, 40), ("Gamma", 15, 900)):
        flows = (
            build.flow(2027, -10 * MILLION),
            build.flow(2028, int(saving * MILLION)),
        )
        helped = (MeasureData(name="citizens", value=Decimal(citizens)),)
        option = build.option(flows=flows, measures=helped)
        made.append(
            create_accepted(
                session,
                build.case(title, options=(option,)),
                department=department("social"),
                by=None,
                now=clock(),
            )
        )
    session.commit()
    return made


@pytest.fixture
def scenario(session, strategy, cases, clock):
    goal = {
        "terms": [{"of": "net_saving", "payers": "all", "period": "horizon", "discounted": False}]
    }
    made = create_scenario(
        session, strategy, ScenarioData(title="To mål", objective=goal), by=None, now=clock()
    )
    session.commit()
    return made


@pytest.fixture
def with_goals(session, scenario, clock):
    """The scenario with citizens as its second goal, within some share."""

    def made(*goals):
        update_then(
            session,
            scenario,
            [{"terms": [term], "within": within} for term, within in goals],
            by=None,
            now=clock(),
            seen_version=scenario.version,
        )
        session.commit()
        return scenario

    return made


def plain(words):
    return words.replace("\xa0", " ")


# ---- The form ----


def test_a_further_goal_is_added_loosened_moved_and_taken_out(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}"
    assert "Der er ikke flere mål" in finance.page(f"{path}/goals").words
    added = finance.submit(f"{path}/goals", {"do": "add"})
    assert added.location.endswith("/then/new")
    for tag, typed in (
        ("measure", {"measure": "citizens"}),
        ("net_saving", {"payers": ["all"], "period": "horizon"}),
    ):
        sent = finance.submit(f"{path}/then/new/{tag}", typed)
        assert sent.location.endswith("/goals")
    first, second = fresh(ScenarioRecord, scenario.id).then
    assert first == {"terms": [{"of": "measure", "measure": "citizens"}], "within": 0}
    assert second["terms"][0]["of"] == "net_saving"

    sent = finance.submit(f"{path}/goals", {"within-0": "2,5", "within-1": "10", "do": "up-1"})

    assert sent.status_code == 303
    then = fresh(ScenarioRecord, scenario.id).then
    assert [one["within"] for one in then] == [0.1, 0.025]
    assert then[1]["terms"] == first["terms"]
    words = plain(finance.page(path).words)
    assert "Dernæst Størst" in words
    assert "inden for 10 % af det bedste for målet før" in words
    assert "inden for 2,5 % af det bedste for målet før" in words
    finance.submit(f"{path}/goals", {"do": "drop-0"})
    assert fresh(ScenarioRecord, scenario.id).then == [then[1]]
    assert len(fresh(ScenarioRecord, scenario.id).objective["terms"]) == 1


def test_the_terms_of_a_further_goal_are_its_own(finance, with_goals, fresh):
    scenario = with_goals((CITIZENS, 0.05))
    path = f"/scenarios/{scenario.id}"
    finance.submit(f"{path}/then-0/new/measure", {"measure": "citizens", "weight": "2"})
    finance.submit(f"{path}/then-0/1", {"measure": "citizens", "weight": "3"})

    (goal,) = fresh(ScenarioRecord, scenario.id).then
    assert [term.get("weight", 1) for term in goal["terms"]] == [1, 3]
    assert goal["within"] == 0.05
    finance.submit(f"{path}/then-0/1", to=f"{path}/then-0/1/remove")
    assert fresh(ScenarioRecord, scenario.id).then == [goal | {"terms": goal["terms"][:1]}]
    for missing in (
        "then-1/0",
        "then-0/1",
        "then-x/0",
        "then/0",
        "then-1/new/measure",
        "then-1/new",
    ):
        assert finance.get(f"{path}/{missing}").status_code == 404, missing


@pytest.mark.parametrize("typed", ["101", "-1", "", "lidt"])
def test_a_tolerance_that_is_none_is_said_and_nothing_is_stored(finance, with_goals, fresh, typed):
    scenario = with_goals((CITIZENS, 0.05), (LOW, 0))
    before = fresh(ScenarioRecord, scenario.id).then

    answer = finance.submit(f"/scenarios/{scenario.id}/goals", {"within-0": typed, "do": "drop-1"})

    assert answer.status_code == 422
    assert "Mål 2: Skriv en procent" in plain(finance.read(answer).words)
    assert fresh(ScenarioRecord, scenario.id).then == before


# ---- The result ----


@pytest.mark.parametrize(
    ("within", "chosen", "citizens"),
    [(0, "Alfa", "5"), (0.05, "Beta", "40"), (0.5, "Gamma", "900")],
)
def test_the_plan_follows_the_tolerance_and_the_page_says_what_each_goal_reaches(
    finance, with_goals, allocate, within, chosen, citizens
):
    scenario = with_goals((CITIZENS, within))

    words = plain(allocate(scenario.id).words)

    table = words[words.index("Målene i rækkefølge") :]
    net = {"Alfa": "10.000.000", "Beta": "9.500.000", "Gamma": "5.000.000"}[chosen]
    assert f"{net} kr. Bedste plan, bevist." in table
    assert f"{citizens} Bedste plan, bevist." in table
    result = json.loads(finance.get(f"/scenarios/{scenario.id}/result.json").data)
    assert [one["intervention"] for one in result["chosen"]] == [chosen.lower()]
    assert [one["objective"] for one in result["objectives_in_order"]] == [int(citizens)]


def test_answers_to_why_are_said_to_be_by_the_first_goal(finance, with_goals, allocate, solve):
    scenario = with_goals((CITIZENS, 0.05))
    allocate(scenario.id)
    solve()

    words = finance.page(f"/scenarios/{scenario.id}").words

    assert "efter det første mål alene" in words
    assert "en anden plan, der er mindst lige så god" not in words


def test_every_other_place_tells_the_goals_in_order(finance, with_goals, allocate, scenario):
    with_goals((CITIZENS, 0.05))
    allocate(scenario.id)
    path = f"/scenarios/{scenario.id}"

    said = "inden for 5 % af det bedste for målet før"
    assert said in plain(finance.page(f"{path}/allocation").words)
    finance.submit(path, to=f"{path}/copy")
    allocate(scenario.id + 1)
    compared = plain(finance.page(f"/compare?s={scenario.id}&s={scenario.id + 1}").words)
    assert "Mål 2 Størst" in compared
    assert f"{said} (40)" in compared
    plan = json.loads(finance.get(f"{path}/plan.json").data)
    assert plan["scenario"]["objective"]["then"] == [{"terms": [CITIZENS], "within": 0.05}]
    answer = finance.get(f"{path}/workbook.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = {str(row[0].value): row[1].value for row in sheet.iter_rows(max_col=2)}
    value = next(v for k, v in rows.items() if k.startswith("Værdi af mål 2"))
    assert (value, rows["Status for mål 2"]) == (40, "Bedste plan, bevist.")
