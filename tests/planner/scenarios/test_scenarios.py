"""The pages of a scenario: who sees them, and the walk from a draft to a councillor."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from planner import formats
from planner.access import RULES
from planner.model import AllocationRecord, JobRecord, ScenarioRecord
from planner.model.states import Role
from planner.services import scenarios

# what a browser sends for one limit of every kind, and how a plan file has it
LIMITS: dict[str, tuple[Mapping[str, Any], dict[str, Any]]] = {
    "invested": (
        {"at_most": "20.000.000", "year": "2027"},
        {"tag": "invested", "at_most": 20_000_000, "year": 2027},
    ),
    "invested_share": (
        {"at_least": "10,5", "where_departments": ["social"]},
        {"tag": "invested_share", "at_least": 0.105, "where": {"departments": ["social"]}},
    ),
    "net_saving": (
        {"at_least": "−50.000.000", "period": "budget"},
        {
            "tag": "net_saving",
            "payers": ["kommune"],
            "at_least": -50_000_000,
            "period": "budget",
            "discounted": False,
        },
    ),
    "spending": (
        {"category": "service", "by_year_2027": "9.000.000"},
        {
            "tag": "spending",
            "payers": ["kommune"],
            "category": "service",
            "by_year": {"2027": 9_000_000},
        },
    ),
    "cumulative": (
        {"payers": ["all"], "from_year": "2034", "at_least": "0"},
        {"tag": "cumulative", "payers": "all", "from_year": 2034},
    ),
    "chosen": ({"at_least": "1"}, {"tag": "chosen", "at_least": 1}),
    "measure": (
        {"measure": "citizens", "at_least": "40"},
        {"tag": "measure", "measure": "citizens", "at_least": 40},
    ),
    "evidence": ({"at_least": "1,5"}, {"tag": "evidence", "at_least": 1.5}),
    "payback": (
        {"latest_year": "2034"},
        {"tag": "payback", "payers": ["kommune"], "latest_year": 2034},
    ),
}


# ---- Who sees what ----


@pytest.mark.parametrize("name", ["social", "social_reader", "politician", "administrator"])
def test_a_draft_is_not_there_for_others(client_for, scenario, name):
    client = client_for(name)
    for path in (f"/scenarios/{scenario.id}", f"/scenarios/{scenario.id}/allocation"):
        draft, nothing = client.get(path), client.get(path.replace(str(scenario.id), "999999"))
        assert draft.status_code == nothing.status_code == 404
        assert "Først" not in draft.text
    for path in ("allocate", "numbers", "copy", "publish", "pools", "candidates"):
        assert client.send(f"/scenarios/{scenario.id}/{path}").status_code == 403


def test_an_auditor_reads_a_draft_and_changes_nothing(client_for, scenario):
    client = client_for("auditor")
    assert client.get(f"/scenarios/{scenario.id}").location.endswith("/allocation")
    words = client.page(f"/scenarios/{scenario.id}/allocation").words
    assert "Først" in words
    assert "Intet er fordelt endnu." in words
    assert client.send(f"/scenarios/{scenario.id}/allocate").status_code == 403


def test_the_list_holds_what_one_may_see(client_for, scenario, finance):
    assert "Først" in finance.page("/scenarios").words
    empty = client_for("politician").page("/scenarios").words
    assert "Intet er fremlagt endnu." in empty
    assert "Først" not in empty
    assert client_for("social").get("/scenarios").status_code == 403


def test_an_empty_list_says_how_to_begin(client_for, session):
    page = client_for("finance").page("/scenarios")
    assert "Ingen scenarier endnu." in page.words
    assert "/scenarios/new" in page.links


# ---- The whole walk ----


def test_from_a_new_scenario_to_a_councillor_who_reads_it(
    cells, finance, client_for, session, cases, solve, fresh
):
    answer = finance.submit("/scenarios/new", {"title": "Forebyg", "description": "Prøver det."})
    assert answer.status_code == 303
    path = answer.location
    identity = int(path.rpartition("/")[2])

    for tag, (sent, _document) in LIMITS.items():
        answer = finance.submit(f"{path}/limits/new/{tag}", sent)
        assert answer.status_code == 303, (tag, answer.text)
    stored = fresh(ScenarioRecord, identity)
    assert [limit.content for limit in stored.limits] == [d for _sent, d in LIMITS.values()]
    document = scenarios.scenario_document(session, stored)
    assert document["scenario"]["constraints"] == [d for _sent, d in LIMITS.values()]
    for limit in stored.limits:  # shown and sent again: nothing has changed
        answer = finance.submit(f"{path}/limits/{limit.id}")
        assert answer.status_code == 303, limit.content
    assert fresh(ScenarioRecord, identity).version == stored.version

    assert finance.submit(path, to=f"{path}/allocate").status_code == 303
    solve()
    html = finance.get(path).text
    record = session.scalars(select(AllocationRecord)).one()
    result = record.result
    assert result["status"] == "optimal"
    assert "Bedste plan, bevist." in html
    assert_page_equals_document(cells, html, result, cases)

    asked = finance.page(f"{path}/publish")
    assert "fryses" in asked.words
    answer = finance.submit(f"{path}/publish")
    assert answer.status_code == 303
    assert fresh(ScenarioRecord, identity).state == "published"

    councillor = client_for("politician")
    assert "Forebyg" in councillor.page("/scenarios").words
    assert councillor.get(path).location == f"{path}/allocation"
    read = councillor.get(f"{path}/allocation").text
    assert_page_equals_document(cells, read, result, cases)
    assert "<input" not in read.split("<main")[1].replace('<input type="hidden"', "")
    assert client_for("social").get(f"{path}/allocation").status_code == 404


def assert_page_equals_document(
    cells: Any, html: str, result: dict[str, Any], cases: list[Any]
) -> None:
    totals = result["totals"]
    own = totals["net_saving"]["kommune"]
    rows = cells(html, 'id="funding"')
    chosen = {one["intervention"] for one in result["chosen"]}
    funded = rows[2 : 2 + len(chosen)]
    titles = {case.intervention.key: case.title for case in cases}
    shown = [title for row in funded for title in titles.values() if row[0].startswith(title)]
    assert sorted(shown) == sorted(titles[key] for key in chosen)
    total = next(row for row in rows if row[0] == "I alt")
    assert total[3:] == [
        formats.thousand(totals["invested"]),
        formats.thousand_change(own["budget_period"]),
        formats.thousand_change(own["after"]),
    ]
    payers = cells(html, 'id="payers"')
    for payer, line in totals["net_saving"].items():
        name = {"kommune": "Kommunen", "region": "Regionen", "stat": "Staten"}[payer]
        shown = next(row for row in payers if row[0] == name)
        assert shown[1:] == [
            formats.thousand_change(line[key])
            for key in ("budget_period", "after", "horizon", "discounted")
        ]
    limits = {row[0]: row for row in cells(html, 'id="uses"')}
    tight = {
        path: min((r for r in result["rows"] if r["path"] == path), key=lambda r: r["slack"])[
            "label"
        ]
        for path in {r["path"] for r in result["rows"]}
        if path.startswith("scenario")
    }
    assert set(limits) - {"Ramme"} == {" ".join(label.split()) for label in tight.values()}


def test_nothing_in_a_published_scenario_changes(finance, scenario, allocate, fresh):
    allocate()
    path = f"/scenarios/{scenario.id}"
    assert finance.submit(f"{path}/publish").status_code == 303
    finance.get("/scenarios")  # shows what is said once
    version = fresh(ScenarioRecord, scenario.id).version
    html = finance.get(f"{path}/allocation").text

    for part, data in [
        ("allocate", {}),
        ("numbers", {}),
        ("publish", {}),
        ("title", {"title": "Andet"}),
        ("pools", {}),
        ("candidates", {}),
        ("limits/new/chosen", {"at_least": "1"}),
        ("goal/0", {}),
        ("goal/0/remove", {}),
        ("relations/new/excludes", {}),
        ("candidates/missing", {}),
        ("limits/1/switch", {"on": "no"}),
    ]:
        answer = finance.send(f"{path}/{part}", {"version": version, **data})
        assert answer.status_code in {404, 409}, (part, answer.status_code)
    assert finance.get(path).location == f"{path}/allocation"
    assert fresh(ScenarioRecord, scenario.id).version == version
    unstable = re.compile(r'name="(csrf_token|_key)" value="[^"]*"')
    assert unstable.sub("", finance.get(f"{path}/allocation").text) == unstable.sub("", html)


# ---- Copies, versions, words ----


def test_a_copy_is_a_draft_of_its_own(finance, scenario, session, fresh):
    path = f"/scenarios/{scenario.id}"
    answer = finance.submit(path, to=f"{path}/copy")
    assert answer.status_code == 303
    assert answer.location != path
    made = fresh(ScenarioRecord, int(answer.location.rpartition("/")[2]))
    assert made.title == "Først (kopi)"
    assert made.copied_from_id == scenario.id


def test_another_persons_change_is_not_overwritten(finance, scenario, session, clock, fresh):
    path = f"/scenarios/{scenario.id}/title"
    form = finance.page(path).forms[-1]["fields"]
    stored = fresh(ScenarioRecord, scenario.id)
    scenarios.update_title(
        session, stored, title="Deres navn", description="", by=None, now=clock(), seen_version=1
    )
    session.commit()

    answer = finance.post(path, data=form | {"title": "Mit navn"})

    assert answer.status_code == 409
    assert "Deres navn" in answer.text
    assert "Mit navn" in answer.text
    pools = {"p0_mode": "total", "p0_total": "1", "p0_case": "low", "p0_available": "same_year"}
    for part in ("allocate", "numbers", "publish", "pools", "candidates"):
        path = f"/scenarios/{scenario.id}/{part}"
        assert finance.send(path, {"version": 1, **pools}).status_code == 409, part
        assert finance.send(path, pools).status_code == 428, part


def test_the_desk_reads_the_same_in_english(finance, scenario, allocate):
    allocate()
    page = finance.page(f"/scenarios/{scenario.id}?lang=en")
    for words in ("Best plan, proved.", "Pool and goal", "Who is funded", "Publish", "In all"):
        assert words in page.words
    for danish in ("Bedste plan", "Puljen og målet", "Hvem får midler", "Fremlæg"):
        assert danish not in page.words


def test_downloads_are_linked_and_answer(finance, scenario, allocate):
    page = allocate()
    for name in ("plan.json", "result.json", "workbook.xlsx"):
        link = f"/scenarios/{scenario.id}/{name}"
        assert link in page.links
        answer = finance.get(link)
        assert answer.status_code == 200, link
        answer.close()


def test_every_chart_has_its_numbers_as_a_table(cells, finance, scenario, allocate):
    allocate()
    html = finance.get(f"/scenarios/{scenario.id}").text
    names = re.findall(r'<figure class="chart"\s+id="([\w-]+)"', html)
    assert names == ["payers", "pool", "money", "departments"]
    for name in names:
        assert len(cells(html, f'id="{name}"')) > 1
    for spec in re.findall(
        r'<script type="application/json" data-spec>(.*?)</script>', html, re.DOTALL
    ):
        assert json.loads(spec)["description"]


def test_a_scenario_that_is_no_plan_says_everything_that_is_wrong(
    finance, session, scenario, clock, fresh
):
    stored = fresh(ScenarioRecord, scenario.id)
    scenarios.update_pools(session, stored, [], by=None, now=clock(), seen_version=stored.version)
    session.commit()
    path = f"/scenarios/{scenario.id}"
    answer = finance.submit(path, to=f"{path}/allocate")
    assert answer.status_code == 422
    assert "pulje" in answer.text
    assert not session.scalars(select(JobRecord)).all()


def test_only_the_roles_of_the_table_may_ask():
    for endpoint, rule in RULES.items():
        if endpoint.split(".")[0] in {"scenario_rules", "scenario_parts"}:
            assert rule.roles == {Role.FINANCE}, endpoint
