"""Plan files through the browser: looked at first, stored whole or not at all, taken out again."""

import io
import json
import re
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from optimizer import allocate, plan_document, plan_sha256, read_plan
from planner.model import (
    AccessEventRecord,
    Base,
    IdempotencyRecord,
    ScenarioRecord,
    StrategyRecord,
)
from planner.services.exchange import export_plan, import_plan
from planner.services.jobs import StoredResult, request_allocation, store_result
from planner.services.leases import claim
from planner.services.scenarios import publish_scenario

CASES = Path(__file__).resolve().parents[1] / "cases"
INVALID = CASES / "plans" / "invalid"
OVERLAP = CASES / "plans" / "overlap.json"


def a_file(content, name="plan.json"):
    data = content.read_bytes() if isinstance(content, Path) else content
    return (io.BytesIO(data), name)


def counts(session):
    """How many rows each table has; a repeated form's memory and refusals apart."""
    session.rollback()
    return {
        name: session.scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
        if name not in {IdempotencyRecord.__tablename__, AccessEventRecord.__tablename__}
    }


@pytest.fixture
def preview(client_for):
    """Upload a file as finance and return the answer."""
    client = client_for("finance")

    def uploaded(content, **options):
        return client.submit("/import", {"plan": a_file(content, **options)}, to="/import")

    return uploaded


@pytest.fixture
def stored(session, clock):
    """Import a case by the service, calculate it, and publish it where asked."""

    def made(path=OVERLAP, *, publish=False, calculate=True):
        scenario = import_plan(session, read_plan(path), by=None, now=clock())
        if calculate:
            plan = export_plan(session, scenario)
            job = request_allocation(session, scenario, by=None, now=clock())
            session.flush()
            claim(session, job.id, now=clock())
            allocation = allocate(plan, gap=0)
            labels = [row["label"] for row in allocation.document("en")["rows"]]
            result = StoredResult(json.loads(json.dumps(allocation.document("da"))), labels)
            store_result(session, job, plan, result, now=clock())
        if publish:
            publish_scenario(session, scenario, by=None, now=clock(), seen_version=1)
        session.commit()
        return scenario.id

    return made


# --- In -------------------------------------------------------------------------------------------


def test_a_file_is_shown_first_and_then_becomes_a_strategy(client_for, session):
    client = client_for("finance")
    plan = read_plan(OVERLAP)
    before = counts(session)

    page = client.submit("/import", {"plan": a_file(OVERLAP)}, to="/import")

    assert page.status_code == 200
    for words in (plan.title, "Intet er gemt endnu", plan.interventions[0].title):
        assert words in page.text
    assert counts(session) == before

    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    answer = client.post("/import/store", data=fields | {"note": "Fra en nabo"})

    assert answer.status_code == 303
    scenario = session.scalars(select(ScenarioRecord)).one()
    assert answer.location == f"/scenarios/{scenario.id}"
    assert export_plan(session, scenario) == plan
    assert scenario.created_by is not None
    assert scenario.strategy.note == "Fra en nabo"
    assert session.scalar(select(func.count()).select_from(StrategyRecord)) == 2


def test_sending_the_same_form_twice_stores_once(client_for, session, preview):
    client = client_for("finance")
    page = client.submit("/import", {"plan": a_file(OVERLAP)}, to="/import")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))

    first, second = (client.post("/import/store", data=fields) for _ in range(2))

    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(ScenarioRecord)) == 1


def test_a_file_too_large_for_the_page_is_sent_once_more(client_for, session, monkeypatch):
    monkeypatch.setattr("planner.services.exchange_reading.LONGEST_PACKED", 10)
    client = client_for("finance")
    page = client.submit("/import", {"plan": a_file(OVERLAP)}, to="/import")
    assert 'name="packed"' not in page.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))

    answer = client.post("/import/store", data=fields | {"plan": a_file(OVERLAP)})

    assert answer.status_code == 303
    assert session.scalar(select(func.count()).select_from(ScenarioRecord)) == 1


def test_a_remark_that_is_too_long_comes_back_and_nothing_is_stored(client_for, session):
    client = client_for("finance")
    page = client.submit("/import", {"plan": a_file(OVERLAP)}, to="/import")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    before = counts(session)

    answer = client.post("/import/store", data=fields | {"note": "ord " * 600})

    assert answer.status_code == 422
    assert "ord ord" in answer.text
    assert counts(session) == before


EXPECTED = json.loads((INVALID / "errors.expected.json").read_text(encoding="utf-8"))


def test_no_invalid_file_is_forgotten():
    here = {path.name for path in INVALID.glob("*.json")} - {"errors.expected.json"}

    assert here <= set(EXPECTED)
    assert len(here) > 20


@pytest.mark.parametrize("name", [n for n in sorted(EXPECTED) if (INVALID / n).exists()])
def test_every_planted_mistake_is_named_with_its_place(client_for, session, preview, name):
    before = counts(session)

    answer = preview(INVALID / name)

    assert answer.status_code == 422
    assert "Filen blev ikke gemt" in answer.text
    plain = answer.text.replace("<wbr>", "")
    for place in EXPECTED[name]:
        assert f"{place}</code>" in plain
    assert counts(session) == before


def test_mistakes_are_told_in_english_too(client_for):
    client = client_for("finance")
    client.get("/?lang=en")

    answer = client.submit("/import", {"plan": a_file(INVALID / "ten_errors.json")}, to="/import")

    assert "The file was not stored: 10 things must be corrected" in answer.text
    assert "Write whole kroner, not 0.25." in answer.text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02\xff",
        b"PK\x03\x04",
        b"[" * 400_000,
        b'{"a":' * 80_000,
        b'{"price_year": ' + b"9" * 5000 + b"}",
        b'{"title": "\\ud800", "\\ud800": 1}',
        json.dumps({"<script>alert(1)</script>": 1}).encode(),
        b'{"interventions": [' + b"0," * 4_000 + b"0]}",
        json.dumps({"x" * 5000: 1}).encode(),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_hostile_files_get_an_answer_and_change_nothing(client_for, session, data):
    client = client_for("finance")
    before = counts(session)

    looked_at = client.submit("/import", {"plan": a_file(data)}, to="/import")
    stored = client.send("/import/store", {"plan": a_file(data)})

    assert looked_at.status_code == stored.status_code == 422
    assert "<script>alert" not in looked_at.text
    assert counts(session) == before


def test_no_file_at_all_is_said_plainly(client_for):
    client = client_for("finance")

    answer = client.submit("/import", {}, to="/import")

    assert answer.status_code == 422
    assert "Filen er tom" in answer.text


def test_a_file_over_the_limit_is_too_much(client_for):
    client = client_for("finance")

    answer = client.post(
        "/import",
        input_stream=io.BytesIO(b"--x"),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(13 * 1024 * 1024)},
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "name", ["administrator", "social", "social_reader", "politician", "auditor"]
)
def test_only_finance_imports(client_for, session, name):
    client = client_for(name)
    before = counts(session)

    assert client.get("/import").status_code == 403
    assert client.send("/import", {"plan": a_file(OVERLAP)}).status_code == 403
    assert client.send("/import/store", {"plan": a_file(OVERLAP)}).status_code == 403
    assert counts(session) == before


# --- Out ------------------------------------------------------------------------------------------

DOWNLOADS = {
    "plan.json": ("application/json", "bundlinje-plan-{}-2026-11-23.json"),
    "result.json": ("application/json", "bundlinje-result-{}-2026-11-23.json"),
    "workbook.xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "bundlinje-workbook-{}-2026-11-23.xlsx",
    ),
}


@pytest.mark.parametrize("what", DOWNLOADS)
@pytest.mark.parametrize("name", ["finance", "auditor"])
def test_downloads_say_what_they_are(client_for, stored, what, name):
    identity = stored()

    answer = client_for(name).get(f"/scenarios/{identity}/{what}")

    mimetype, filename = DOWNLOADS[what]
    assert answer.status_code == 200
    assert answer.mimetype == mimetype
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{filename.format(identity)}"'
    )


def test_the_files_say_the_same(client_for, stored):
    plan = read_plan(OVERLAP)
    identity = stored()
    client = client_for("finance")

    document = client.get(f"/scenarios/{identity}/plan.json").json
    result = client.get(f"/scenarios/{identity}/result.json").json
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/scenarios/{identity}/workbook.xlsx").data), data_only=True
    )

    assert document == plan_document(plan)
    assert result["plan_sha256"] == plan_sha256(plan)
    first = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(max_col=2)}
    assert first["Investeret"] == result["totals"]["invested"]
    assert first["Kommunen: netto i budgetperioden"] == sum(
        result["totals"]["net_saving"][p.id]["budget_period"]
        for p in plan.payers
        if p.level.value == "municipality"
    )
    assert first["Planens fingeraftryk (SHA-256)"] == result["plan_sha256"]


def test_the_result_speaks_the_readers_language(client_for, stored):
    identity = stored()
    client = client_for("finance")

    danish = client.get(f"/scenarios/{identity}/result.json?lang=da").json
    english = client.get(f"/scenarios/{identity}/result.json?lang=en").json

    labels = [[row["label"] for row in document["rows"]] for document in (danish, english)]
    assert labels[0] != labels[1]
    without = [
        [{k: v for k, v in row.items() if k != "label"} for row in document["rows"]]
        for document in (danish, english)
    ]
    assert without[0] == without[1]


def test_a_scenario_without_a_result_has_only_its_plan_file(client_for, stored):
    identity = stored(calculate=False)
    client = client_for("finance")

    assert client.get(f"/scenarios/{identity}/plan.json").status_code == 200
    assert client.get(f"/scenarios/{identity}/result.json").status_code == 404
    assert client.get(f"/scenarios/{identity}/workbook.xlsx").status_code == 404


@pytest.mark.parametrize("what", DOWNLOADS)
def test_a_politician_takes_what_is_published_and_cannot_tell_what_else_there_is(
    client_for, stored, what
):
    published, draft = stored(publish=True), stored()
    client = client_for("politician")

    assert client.get(f"/scenarios/{published}/{what}").status_code == 200
    hidden, missing = (client.get(f"/scenarios/{n}/{what}") for n in (draft, 999999))
    assert hidden.status_code == missing.status_code == 404
    token = re.compile(r'name="csrf_token" value="[^"]*"|/scenarios/[0-9]+/')
    assert token.sub("", hidden.text) == token.sub("", missing.text)


@pytest.mark.parametrize("what", DOWNLOADS)
@pytest.mark.parametrize("name", ["social", "social_reader", "administrator"])
def test_who_sees_no_scenarios_downloads_none(client_for, stored, what, name):
    identity = stored(publish=True)

    assert client_for(name).get(f"/scenarios/{identity}/{what}").status_code == 403
