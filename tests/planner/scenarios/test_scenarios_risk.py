"""Possible futures of a scenario: their limits in the browser, the fund, and the risk page."""

import json
import re
from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer import allocate as optimize
from optimizer import plan_from_document
from planner.formats import million_change, percent, thousand_change
from planner.model import AllocationRecord, ScenarioRecord
from planner.reports.chart_risk import bins_of
from planner.reports.risk import risk_report
from planner.services.interventions import create_accepted
from planner.services.scenarios import (
    LimitData,
    ScenarioData,
    create_scenario,
    default_outcomes,
    latest_allocation,
    scenario_document,
)

MILLION = 1_000_000


@pytest.fixture
def cases(session, build, department, clock):
    """Three candidates whose savings may come out low or high."""
    made = []
    for place, title in enumerate(("Alfa", "Beta", "Gamma")):
        saved = (2 + place) * MILLION
        flows = (
            build.flow(2027, -3 * MILLION),
            build.flow(2030, saved, low=saved // 4, high=2 * saved),
            build.flow(2032, 2 * MILLION, low=0, high=3 * MILLION),
            build.flow(2033, MILLION, payer="region"),
        )
        case = build.case(title, options=(build.option(flows=flows),))
        made.append(
            create_accepted(session, case, department=department("social"), by=None, now=clock())
        )
    session.commit()
    return made


@pytest.fixture
def stored(session):
    """The last result of a scenario."""

    def read(scenario):
        session.rollback()
        return latest_allocation(session, session.get_one(ScenarioRecord, scenario.id))

    return read


def scenario_with(session, strategy, clock, *limits, **changes):
    made = create_scenario(
        session,
        strategy,
        ScenarioData(title="Risiko", limits=tuple(map(LimitData, limits)), **changes),
        by=None,
        now=clock(),
    )
    session.commit()
    return made


# ---- Outcomes ----


def test_a_new_scenario_has_futures_and_an_imported_one_its_own(
    finance, session, scenario, strategy, cases, clock
):
    document = scenario_document(session, scenario)
    assert document["outcomes"] == default_outcomes()
    assert document["outcomes"]["sample"]["count"] == 1000

    made = finance.submit("/scenarios/new", {"title": "Ny"})
    identity = int(made.location.rpartition("/")[2])
    session.rollback()
    assert session.get_one(ScenarioRecord, identity).outcomes == default_outcomes()
    session.rollback()
    without = scenario_with(session, strategy, clock, outcomes=None)
    assert "outcomes" not in scenario_document(session, without)


def test_futures_change_no_goal(session, strategy, cases, clock):
    values = set()
    for outcomes in (None, default_outcomes()):
        made = scenario_with(session, strategy, clock, outcomes=outcomes)
        plan = plan_from_document(scenario_document(session, made))
        values.add(optimize(plan).objective)
    assert len(values) == 1


# ---- Limits in the browser ----


@pytest.mark.parametrize(
    ("tag", "typed", "stored_as"),
    [
        (
            "expected_shortfall",
            {"level": "95", "at_most": "3.000.000", "payers": ["kommune"]},
            {"level": 0.95, "at_most": 3_000_000, "payers": ["kommune"]},
        ),
        ("chance_of_loss", {"at_most": "20"}, {"at_most": 0.2}),
        ("disappointments", {"count": "2", "at_least": "-500.000"}, {"count": 2}),
        ("changes", {"at_most": "1"}, {"at_most": 1}),
        (
            "outcome_fund",
            {"fund": "pulje", "split": "shapley", "payers": ["kommune", "region"]},
            {"fund": "pulje", "split": "shapley"},
        ),
    ],
)
def test_each_of_the_new_limits_is_added_and_kept(
    finance, scenario, solve, fresh, allocate, stored, tag, typed, stored_as
):
    path = f"/scenarios/{scenario.id}"
    form = f"{path}/limits/new/{tag}"
    finance.page(form)
    answer = finance.submit(form, typed)
    assert answer.status_code == 303, answer.text
    (limit,) = fresh(ScenarioRecord, scenario.id).limits
    assert limit.content["tag"] == tag
    assert limit.content.items() >= stored_as.items()

    page = allocate()
    assert "Bedste plan, bevist." in page.words
    solve()
    assert stored(scenario).status == "optimal"
    assert finance.page(path).words.count("Hvorfor?") >= 3
    if tag == "chance_of_loss":
        assert "Uden den vinder målet" in finance.page(path).words


def test_changes_are_counted_from_the_last_result(finance, scenario, allocate, stored, fresh):
    path = f"/scenarios/{scenario.id}/limits/new/changes"
    assert not re.findall(r"checked|selected", finance.get(path).text.partition("reference")[2])
    allocate()
    chosen = [f"{c['intervention']}/{c['option']}" for c in stored(scenario).result["chosen"]]
    assert len(chosen) == 3

    assert finance.submit(path, {"at_most": "1"}).status_code == 303

    (limit,) = fresh(ScenarioRecord, scenario.id).limits
    assert sorted(limit.content["reference"]) == sorted(chosen)


def test_what_an_outcome_fund_pays_is_no_pool(
    finance, session, strategy, cases, clock, allocate, cells, stored
):
    fund = {"tag": "outcome_fund", "fund": "pulje", "payers": "all", "split": "proportional"}
    made = scenario_with(session, strategy, clock, fund)
    document = scenario_document(session, made)
    assert document["scenario"]["pools"] == []
    session.rollback()

    words = allocate(made.id).words

    allocation = optimize(plan_from_document(stored(made).plan))
    html = finance.get(f"/scenarios/{made.id}").text
    rows = cells(html, 'id="contributions"')
    assert "Hvem der bidrager til effektfonden" in words
    names = {p.id: p.name for p in allocation.plan.payers}
    for part, row in zip(allocation.contributions, rows[1:], strict=False):
        assert row == [
            names[part.payer],
            thousand_change(part.gain),
            thousand_change(part.contribution).lstrip("+"),
            thousand_change(part.gain - part.contribution),
        ]
    assert rows[-1][0] == "I alt"
    assert len(rows) == len(allocation.contributions) + 2


# ---- The risk page ----


def test_the_risk_page_tells_what_the_optimizer_found(
    finance, session, strategy, cases, clock, allocate, cells, stored
):
    limits = (
        {"tag": "expected_shortfall", "payers": ["kommune"], "level": 0.9, "at_most": 20 * MILLION},
    )
    made = scenario_with(session, strategy, clock, *limits)
    page = allocate(made.id)
    record = stored(made)
    path = f"/allocations/{record.id}/risk"
    assert path in page.links
    risk = optimize(plan_from_document(record.plan)).risk

    words = finance.page(path).words.replace("\xa0", " ")
    html = finance.get(path).text

    assert "1.000 lige sandsynlige udfald" in words
    assert million_change(risk.mean) in words
    assert percent(risk.chance_of_loss).replace("\xa0", " ") in words
    for level in (Fraction(95, 100), Fraction(9, 10)):
        assert million_change(-risk.net.expected_shortfall(level)) in words
    assert "de dårligste 5 %" in words
    assert "de dårligste 10 %" in words
    spec = json.loads(re.search(r"data-spec>(.*?)</script>", html, re.DOTALL)[1])
    drawn = next(rows for rows in spec["datasets"].values() if "count" in rows[0])
    counts = [row["count"] for row in drawn]
    assert sum(counts) == 1000
    table = cells(html, 'id="distribution"')
    assert sum(int(row[1].replace(".", "")) for row in table[1:]) == 1000
    rows = cells(html, 'id="contributions"')[1:]
    assert rows[-1][1:] == [
        thousand_change(-risk.net.expected_shortfall(level))
        for level in (Fraction(9, 10), Fraction(95, 100))
    ]
    for title, losses in (("Alfa", 0), ("Beta", 1), ("Gamma", 2)):
        (row,) = (row for row in rows if row[0] == title)
        key = next(k for k in risk.draws.keys if k.startswith(cases[losses].intervention.key))
        for place, level in ((1, Fraction(9, 10)), (2, Fraction(95, 100))):
            found = optimize(plan_from_document(record.plan))
            part = risk.contributions(found.choice, level)[key]
            assert row[place] == thousand_change(-part)
    assert len(re.findall(r"<summary>\d\. Nettobesparelse", html)) == 5
    assert f"1. Nettobesparelse {million_change(risk.worst)}" in words
    assert "in 1,000 equally likely futures" in finance.page(f"{path}?lang=en").words


def test_parts_of_the_risk_add_up(app, session, strategy, cases, clock):
    overlap = {
        "kind": "overlap",
        "interventions": [c.intervention.key for c in cases[:2]],
        "payer": "kommune",
        "loses": {"2030": 300_000},
        "category": "service",
        "cashable": True,
        "reason": "Samme borgere",
    }
    made = scenario_with(session, strategy, clock, relations=(overlap,))
    allocation = optimize(plan_from_document(scenario_document(session, made)))
    assert len(allocation.choice) == 3
    with app.test_request_context("/"):
        report = risk_report(allocation, language="da", source="")
    for table in (report.contributions, *(one.table for one in report.worst)):
        *parts, total = table.rows
        assert len(parts) == 4  # three interventions and the overlap
        for column in range(1, len(total.cells)):
            gap = sum(row.cells[column].value for row in parts) - total.cells[column].value
            assert abs(gap) < Fraction(1, 100), (table.title, column)
    firsts = [one.table.rows[-1].cells[1].value for one in report.worst]
    assert firsts == sorted(firsts)


def test_a_plan_without_futures_says_so_and_can_get_them(
    finance, session, strategy, cases, clock, allocate, stored, fresh
):
    made = scenario_with(session, strategy, clock, outcomes=None)
    page = allocate(made.id)
    path = f"/allocations/{stored(made).id}/risk"
    assert path in page.links
    assert "ingen mulige udfald" in finance.page(path).words

    assert finance.submit(path, to=path.replace("risk", "outcomes")).status_code == 303

    assert fresh(ScenarioRecord, made.id).outcomes == default_outcomes()
    session.rollback()
    allocate(made.id)
    assert "lige sandsynlige udfald" in finance.page(f"/allocations/{stored(made).id}/risk").words


def test_where_there_is_no_plan_there_is_no_risk(
    finance, session, strategy, cases, clock, allocate, stored
):
    made = scenario_with(session, strategy, clock, {"tag": "chosen", "at_least": 4})
    allocate(made.id)
    assert "ingen risiko" in finance.page(f"/allocations/{stored(made).id}/risk").words


def test_councillors_see_the_risk_of_what_is_published_only(
    finance, client_for, scenario, allocate, session
):
    path = f"/scenarios/{scenario.id}"
    allocate()
    finance.submit(f"{path}/title", {"title": "Nyt navn"})
    allocate()
    session.rollback()
    tried, last = session.scalars(select(AllocationRecord.id).order_by(AllocationRecord.id)).all()
    session.rollback()
    politician = client_for("politician")
    politician.page(f"/allocations/{last}/risk", status=404)
    finance.submit(f"{path}/publish")
    assert "Risiko" in politician.page(f"/allocations/{last}/risk").words
    politician.page(f"/allocations/{tried}/risk", status=404)
    assert client_for("auditor").get(f"/allocations/{tried}/risk").status_code == 200
    finance.page("/allocations/999/risk", status=404)


def test_bins_are_round_and_never_span_nothing():
    bins = bins_of([-2_600_000.0, -1.0, 0.0, 2_400_000.0, 9_900_000.0])
    assert sum(one.count for one in bins) == 5
    assert {one.high - one.low for one in bins} == {1_000_000}
    assert not any(one.low < 0 < one.high for one in bins)
    assert [one.count for one in bins if one.low in {-1_000_000, 0}] == [1, 1]
    assert [one.count for one in bins_of([7.0, 7.0])] == [2]
