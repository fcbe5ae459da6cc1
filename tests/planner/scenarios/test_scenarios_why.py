"""Every why on the page of a result: worked out by the worker, the same as `bundlinje explain`."""

import json
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from optimizer import plan_from_document
from optimizer.explain import explain
from planner import explaining, worker
from planner.formats import say_kroner
from planner.model import AllocationRecord, ExplanationRecord, JobRecord, ScenarioRecord
from planner.model.states import JobKind, JobStatus
from planner.services import explanations, jobs
from planner.services.events import events_of
from planner.services.interventions import create_accepted
from planner.services.scenarios import LimitData, ScenarioData, create_scenario

MILLION = 1_000_000


def why_of(html, title):
    """What is folded under "Hvorfor?" of the row that is called so."""
    found = re.search(
        rf'<span class="hidden"> {re.escape(title)}</span></summary>(.*?)</details>',
        html,
        re.DOTALL,
    )
    assert found, f"no why at {title}"
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split()).replace("\xa0", " ")


def said(value):
    return say_kroner(Fraction(repr(value))).replace("\xa0", " ")


@pytest.fixture
def tight(session, strategy, cases, person, clock):
    """The pool pays for three; two are allowed, and the scales are wide apart."""
    limits = (
        LimitData({"tag": "chosen", "at_most": 2}),
        LimitData({"tag": "evidence", "at_least": 1}),
    )
    made = create_scenario(
        session, strategy, ScenarioData(title="Stram", limits=limits), by=None, now=clock()
    )
    session.commit()
    return made


@pytest.fixture
def impossible(session, strategy, cases, clock):
    limits = (
        LimitData({"tag": "evidence", "at_least": 0}, is_on=False),
        LimitData({"tag": "chosen", "at_least": 4}),
    )
    made = create_scenario(
        session, strategy, ScenarioData(title="Umulig", limits=limits), by=None, now=clock()
    )
    session.commit()
    return made


def test_a_stored_result_is_explained_in_the_background(finance, tight, allocate, solve, session):
    page = allocate(tight.id)
    path = f"/scenarios/{tight.id}"
    job = session.scalars(select(JobRecord).where(JobRecord.kind == JobKind.EXPLAIN)).one()
    assert job.status is JobStatus.QUEUED
    assert "Hvorfor regnes ud om lidt" in page.words
    assert "Hvorfor?" not in page.words
    told = finance.get(f"{path}/explanation").json
    assert (told["status"], told["share"], told["href"]) == ("queued", None, None)

    solve()

    page = finance.page(path)
    assert "Hvorfor regnes ud" not in page.words
    assert page.words.count("Hvorfor?") == 4 + 3  # interventions; two limits and the pool
    assert finance.get(f"{path}/explanation").json["status"] == "done"


def test_every_price_on_the_page_is_that_of_bundlinje_explain(finance, tight, allocate, solve):
    allocate(tight.id)
    solve()
    path = f"/scenarios/{tight.id}"
    plan = plan_from_document(json.loads(finance.get(f"{path}/plan.json").data))
    document = explain(plan).document()
    html = finance.get(path).text

    assert document["interventions"]
    assert document["rows"]
    for one in document["interventions"]:
        words = why_of(html, plan.intervention_by_id[one["intervention"]].title)
        label = "Pris for at sige nej" if one["chosen"] else "Pris for at komme med"
        price = one["price_of_leaving_out"] if one["chosen"] else one["price_to_enter"]
        assert f"{label} {said(price)}" in words
        assert one["sentence"]["da"].replace("\xa0", " ") in words
        for blocker in one["blocked_by"]:
            assert blocker["label"].replace("\xa0", " ") in words
        for other in one["replaced_by"]:
            assert plan.intervention_by_id[other].title in words
    for row in document["rows"]:
        words = why_of(html, row["label"])
        assert said(row["more_buys"]) in words
        assert (said(row["less_costs"]) if row["less_costs"] is not None else "ingen plan") in words
        assert "Grænsepris (skøn)" in words
    chosen = why_of(html, "Højst 2 indsatser")
    row = next(r for r in document["rows"] if r["path"] == "scenario.constraints[0]")
    assert row["more_buys"] > 0
    assert f"Løsnet med 1 giver den {said(row['more_buys'])}" in chosen
    assert "Skønnet gælder" in chosen


def test_the_answers_are_read_in_english_and_by_councillors(
    finance, client_for, tight, allocate, solve
):
    allocate(tight.id)
    solve()
    path = f"/scenarios/{tight.id}"
    english = finance.page(f"{path}?lang=en").words
    assert "Price of leaving it out" in english
    assert "is funded. Saying no costs" in english
    finance.get("/?lang=da")

    finance.submit(f"{path}/publish")
    politician = client_for("politician")
    assert "Pris for at komme med" in politician.page(f"{path}/allocation").words
    assert politician.get(f"{path}/explanation").json["status"] == "done"


def test_how_far_an_explanation_is(finance, tight, allocate, session, fresh):
    allocate(tight.id)
    path = f"/scenarios/{tight.id}"
    job = session.scalars(select(JobRecord).where(JobRecord.kind == JobKind.EXPLAIN)).one()
    for phase, words, share in (
        ("best", "Beviser den bedste plan", None),
        ("interventions", "2 af 4 indsatser", 0.5),
        ("limits", "2 af 4 rammer", 0.5),
        ("conflict", "ikke kan overholdes sammen", 0.5),
    ):
        job = fresh(JobRecord, job.id)
        job.status, job.phase, job.done, job.total = JobStatus.RUNNING, phase, 2, 4
        session.commit()
        told = finance.get(f"{path}/explanation").json
        assert words in told["detail"]
        assert told["share"] == share
        assert words in finance.page(path).words


def test_an_explanation_gives_way_to_an_allocation(
    finance, tight, allocate, engine, clock, session, fresh
):
    allocate(tight.id)
    job = session.scalars(select(JobRecord).where(JobRecord.kind == JobKind.EXPLAIN)).one()
    job_id, path = job.id, f"/scenarios/{tight.id}"
    finance.submit(path, to=f"{path}/allocate")  # asked for while it waits

    worker.run_job(engine, job_id, clock)

    job = fresh(JobRecord, job_id)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert session.scalars(select(ExplanationRecord)).all() == []
    session.rollback()
    assert worker.run_next(engine, clock)  # the allocation comes first, though it is younger
    assert fresh(JobRecord, job_id).status is JobStatus.CANCELLED  # its result is an old one now
    newest = session.scalars(select(JobRecord).order_by(JobRecord.id.desc())).first()
    assert (newest.kind, newest.status) == (JobKind.EXPLAIN, JobStatus.QUEUED)


def test_an_explanation_that_failed_can_be_asked_for_again(
    finance, tight, allocate, solve, session, monkeypatch
):
    allocate(tight.id)

    def fails(*_things, **_named):
        raise RuntimeError("inside")

    path = f"/scenarios/{tight.id}"
    with monkeypatch.context() as patch:
        patch.setattr(explaining, "explained", fails)
        solve()
    failed = session.scalars(select(JobRecord).where(JobRecord.kind == JobKind.EXPLAIN)).one()
    assert (failed.status, failed.error) == (JobStatus.FAILED, jobs.WENT_WRONG)
    assert "Det er ikke regnet ud, hvorfor" in finance.page(path).words
    assert finance.get(f"{path}/explanation").json["headline"] == "Forklaringen blev ikke færdig"

    for _ in range(2):  # the second asks for nothing new
        assert finance.send(f"{path}/explain").status_code == 303
    asked = session.scalars(select(JobRecord).where(JobRecord.kind == JobKind.EXPLAIN)).all()
    assert [job.status for job in asked] == [JobStatus.FAILED, JobStatus.QUEUED]
    solve()
    assert "Pris for at komme med" in finance.page(path).words
    session.rollback()
    allocation = session.scalars(select(AllocationRecord)).one()
    actions = [line.action for line in events_of(session, "allocation", allocation.id)]
    assert sorted(actions) == ["allocation.store", "explanation.request", "explanation.store"]
    assert explanations.request_explanation(session, allocation, by=None, now=None) is None


def test_an_explanation_is_never_changed(tight, allocate, solve, session):
    allocate(tight.id)
    solve()
    session.rollback()
    stored = session.scalars(select(ExplanationRecord)).one()
    for change in ("UPDATE explanation SET danish = '{}'", "DELETE FROM explanation"):
        with pytest.raises(DatabaseError, match="never"):
            session.connection().exec_driver_sql(change)
        session.rollback()
    assert session.get_one(ExplanationRecord, stored.id).danish["objective"] > 0


def test_an_explanation_of_another_plan_says_so(finance, tight, allocate, solve, monkeypatch):
    found = explaining.explained

    def better(allocation, **named):
        """As if the result had been the best found in time, and a better one came up later."""
        explanation = found(allocation, **named)
        first = next(price for price in explanation.prices if not price.chosen)
        turned = replace(first, chosen=True)
        prices = [turned if price is first else price for price in explanation.prices]
        return replace(explanation, prices=tuple(prices))

    words = "Hvert hvorfor gælder den plan"
    allocate(tight.id)
    with monkeypatch.context() as patch:
        patch.setattr(explaining, "explained", better)
        solve()
    assert words in finance.page(f"/scenarios/{tight.id}").words
    allocate(tight.id)
    solve()
    assert words not in finance.page(f"/scenarios/{tight.id}").words


# ---- Nothing fits ----


def test_where_nothing_fits_the_smallest_conflict_and_the_ways_out_are_shown(
    finance, impossible, allocate, solve
):
    words = allocate(impossible.id).words
    assert "Ingen plan overholder alle rammer." in words
    assert "Hvorfor regnes ud om lidt" in words
    solve()

    path = f"/scenarios/{impossible.id}"
    html = finance.get(path).text
    known = html[html.index('id="diagnosis"') :].replace("&nbsp;", " ").replace("\xa0", " ")
    plan = plan_from_document(json.loads(finance.get(f"{path}/plan.json").data))
    document = explain(plan).document()
    assert {r["path"] for r in document["conflict"]} == {
        "scenario.pools[0]",
        "scenario.constraints[0]",
    }
    for rule in document["conflict"]:
        assert rule["label"].replace("\xa0", " ") in known
    assert "bevist" in known
    assert [one["by"] for one in document["loosening"]] == [2 * MILLION, 1]
    assert "Løsnes med 2.000.000 kr." in known
    assert "Løsnes med 1<" in known
    for one in document["loosening"]:
        assert f"Den bedste plan når da {said(one['objective'])}" in known
    assert known.count("Løsn og fordel igen") == 2
    assert "No plan keeps every limit." in finance.get(f"{path}?lang=en").text
    for name in ("plan.json", "result.json", "workbook.xlsx"):
        answer = finance.get(f"{path}/{name}")
        assert answer.status_code == 200, name
        answer.close()


@pytest.mark.parametrize("way", ["scenario.pools[0]", "scenario.constraints[0]"])
def test_one_press_loosens_and_allocates_again(
    finance, impossible, allocate, solve, fresh, session, way
):
    allocate(impossible.id)
    solve()
    path = f"/scenarios/{impossible.id}"
    page = finance.page(path)
    form = next(
        f for f in page.forms if f["action"] == f"{path}/loosen" and f["fields"]["path"] == [way]
    )
    assert finance.post(form["action"], data=form["fields"]).status_code == 303
    solve()

    page = finance.page(path)
    assert "Bedste plan, bevist." in page.words
    scenario = fresh(ScenarioRecord, impossible.id)
    actions = [line.action for line in events_of(session, "scenario", scenario.id)]
    if way == "scenario.pools[0]":
        assert scenario.pools[0]["total"] == 12 * MILLION
        assert "scenario.update_pools" in actions
    else:
        # the first limit that is on, not the first one
        assert [limit.content["at_least"] for limit in scenario.limits] == [0, 3]
        assert "scenario.change_limit" in actions


def test_a_pool_that_is_paid_in_by_year_is_loosened_in_its_years(
    finance, session, strategy, cases, clock, allocate, solve, fresh
):
    pool = {"id": "pulje", "name": "Puljen", "kind": "investment", "carry_over": True}
    made = create_scenario(
        session,
        strategy,
        ScenarioData(
            title="År for år",
            pools=[pool | {"paid_in": {"2027": 7 * MILLION, "2028": 1 * MILLION}}],
            limits=(LimitData({"tag": "chosen", "at_least": 4}),),
        ),
        by=None,
        now=clock(),
    )
    session.commit()
    allocate(made.id)
    solve()
    path = f"/scenarios/{made.id}"
    page = finance.page(path)
    assert "Løsnes med 5.000.000 kr. i 2027" in page.words.replace("\xa0", " ")
    form = next(f for f in page.forms if f["fields"].get("path") == ["scenario.pools[0]"])
    assert finance.post(form["action"], data=form["fields"]).status_code == 303
    solve()
    assert "Bedste plan, bevist." in finance.page(path).words
    (loosened,) = fresh(ScenarioRecord, made.id).pools
    assert loosened["paid_in"] == {"2027": 12 * MILLION, "2028": 1 * MILLION}


def test_nothing_is_loosened_that_was_not_offered(finance, impossible, tight, allocate, solve):
    allocate(impossible.id)
    path = f"/scenarios/{impossible.id}"
    version = {"version": "1"}
    early = finance.send(f"{path}/loosen", version | {"path": "scenario.pools[0]"})
    assert early.status_code == 404
    solve()
    for wrong in ("", "scenario.pools[7]", "nothing"):
        assert finance.send(f"{path}/loosen", version | {"path": wrong}).status_code == 404
    stale = finance.send(f"{path}/loosen", {"version": "0", "path": "scenario.pools[0]"})
    assert stale.status_code == 409
    finance.submit(f"{path}/title", {"title": "Nyt navn"})
    changed = finance.send(f"{path}/loosen", {"version": "2", "path": "scenario.pools[0]"})
    assert changed.status_code == 404
    assert "Løsn og fordel igen" not in finance.page(path).words
    assert finance.send(f"/scenarios/{tight.id}/loosen", version).status_code == 404


def test_a_share_is_loosened_by_as_much_as_it_takes(
    finance, session, strategy, cases, build, department, clock, allocate, solve
):
    """A third is no decimal number: what is written down must still be enough."""
    flows = (build.flow(2027, -6 * MILLION), build.flow(2029, 9 * MILLION))
    case = build.case("Dyr", options=(build.option(flows=flows),), tags=("dyr",))
    create_accepted(session, case, department=department("social"), by=None, now=clock())
    limits = (
        LimitData({"tag": "chosen", "at_least": 2}),
        LimitData({"tag": "chosen", "where": {"tags": ["dyr"]}, "at_least": 1}),
        LimitData({"tag": "invested_share", "where": {"tags": ["dyr"]}, "at_most": 0.3}),
    )
    made = create_scenario(
        session, strategy, ScenarioData(title="Andel", limits=limits), by=None, now=clock()
    )
    session.commit()
    allocate(made.id)
    solve()
    path = f"/scenarios/{made.id}"
    form = next(
        f
        for f in finance.page(path).forms
        if f["fields"].get("path") == ["scenario.constraints[2]"]
    )
    assert finance.post(form["action"], data=form["fields"]).status_code == 303
    solve()
    assert "Bedste plan, bevist." in finance.page(path).words
