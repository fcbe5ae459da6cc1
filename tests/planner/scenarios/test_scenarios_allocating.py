"""Asking for an allocation, following it, and what its page says of the answer."""

import re

import pytest
from sqlalchemy import select

from planner import worker
from planner.model import JobRecord, ScenarioRecord
from planner.model.states import JobStatus
from planner.services import jobs, leases
from planner.services.interventions import (
    create_accepted,
)
from planner.services.scenarios import LimitData, ScenarioData, create_scenario

MILLION = 1_000_000

# ---- Allocating ----


def test_without_javascript_a_calculation_is_followed_on_the_page(
    finance, scenario, session, fresh
):
    path = f"/scenarios/{scenario.id}"
    answer = finance.submit(path, {"time_limit": "60"}, to=f"{path}/allocate")
    assert answer.status_code == 303
    job = session.scalars(select(JobRecord)).one()
    assert (job.status, job.time_limit) == (JobStatus.QUEUED, 60)

    waiting = finance.page(path)
    assert "Venter på sin tur" in waiting.words
    assert "Se igen" in waiting.words
    told = finance.get(f"{path}/job").json
    assert told["status"] == "queued"
    assert told["share"] is None

    job = fresh(JobRecord, job.id)
    job.status, job.best, job.bound = JobStatus.RUNNING, "34900000", "35179200"
    job.gap, job.seconds = "0.008", "12.0"
    session.commit()
    told = finance.get(f"{path}/job").json
    assert told["status"] == "running"
    assert told["share"] == pytest.approx(0.2)
    for words in ("+34,9", "højst 0,8", "12 af højst 60 sekunder"):
        assert words in told["detail"]
        assert words in finance.page(path).words
    assert "0.8% from the best possible" in finance.get(f"{path}/job?lang=en").json["detail"]

    finance.get("/?lang=da")
    assert finance.submit(path, to=f"{path}/job/cancel").status_code == 303
    assert fresh(JobRecord, job.id).cancel


def test_an_odd_time_limit_is_the_usual_one(finance, scenario, session):
    path = f"/scenarios/{scenario.id}"
    finance.submit(path, {"time_limit": "999999"}, to=f"{path}/allocate")
    assert session.scalars(select(JobRecord)).one().time_limit == 30


def test_the_page_says_the_place_and_then_what_the_plan_so_far_funds(
    finance, scenario, session, strategy, person, clock, fresh
):
    for title in ("Før", "Også før"):
        other = create_scenario(
            session, strategy, ScenarioData(title=title), by=person("finance"), now=clock()
        )
        jobs.request_allocation(session, other, by=person("finance"), now=clock())
    session.commit()
    path = f"/scenarios/{scenario.id}"
    finance.submit(path, to=f"{path}/allocate")
    assert "Nr. 3 i køen" in finance.page(path).words
    assert finance.get(f"{path}/job").json["detail"] == "Nr. 3 i køen"

    last = session.scalars(select(JobRecord).order_by(JobRecord.id.desc())).first()
    job = fresh(JobRecord, last.id)
    job.status = JobStatus.RUNNING
    titles = ["Alfa", "Beta", "Gamma", "Delta", "Epsilon"]
    job.so_far = {"funded": 7, "of": 40, "invested": 12_400_000, "titles": titles}
    session.commit()
    words = (
        "Den bedste plan indtil nu finansierer 7 af 40 indsatser for 12,4\N{NO-BREAK SPACE}mio."
        "\N{NO-BREAK SPACE}kr.: Alfa, Beta, Gamma, Delta, Epsilon og 2 til."
    )
    assert finance.get(f"{path}/job").json["plan"] == words
    assert " ".join(words.split()) in " ".join(finance.page(path).words.split())


def test_a_cancelled_and_a_failed_calculation_say_so(finance, scenario, session, clock, fresh):
    path = f"/scenarios/{scenario.id}"
    finance.submit(path, to=f"{path}/allocate")
    finance.submit(path, to=f"{path}/job/cancel")
    assert "annulleret" in finance.page(path).words

    finance.submit(path, to=f"{path}/allocate")
    job = session.scalars(select(JobRecord).order_by(JobRecord.id.desc())).first()
    job = fresh(JobRecord, job.id)
    job.status, job.error = JobStatus.FAILED, jobs.WENT_WRONG
    session.commit()
    assert "Beregningen gik galt" in finance.page(path).words

    job = fresh(JobRecord, job.id)
    job.error = leases.WORKER_STOPPED
    session.commit()
    assert "er gået ned to gange" in finance.page(path).words


def test_the_request_waits_for_a_short_calculation_with_nothing_open(
    app, finance, scenario, engine, clock, monkeypatch
):
    app.config["ALLOCATION_WAIT_SECONDS"] = 5
    looks = []

    def look(seconds):
        looks.append(seconds)
        # the worker writes while the request waits: a lock of ours would stop it
        if len(looks) == 1:
            worker.run_next(engine, clock)

    monkeypatch.setattr("planner.views.following.time.sleep", look)
    path = f"/scenarios/{scenario.id}"

    assert finance.submit(path, to=f"{path}/allocate").status_code == 303
    assert len(looks) == 1
    assert "Bedste plan, bevist." in finance.page(path).words


def test_a_second_press_asks_only_once(finance, scenario, session):
    path = f"/scenarios/{scenario.id}"
    form = next(f for f in finance.page(path).forms if f["action"] == f"{path}/allocate")
    for _ in range(2):
        assert finance.post(form["action"], data=form["fields"]).status_code == 303
    assert len(session.scalars(select(JobRecord)).all()) == 1


def test_numbers_in_the_limits_are_taken_along(
    finance, session, strategy, cases, clock, solve, fresh
):
    limits = (
        LimitData({"tag": "chosen", "at_most": 3}),
        LimitData({"tag": "evidence", "at_least": 1}, is_on=False),
    )
    made = create_scenario(
        session, strategy, ScenarioData(title="Tal", limits=limits), by=None, now=clock()
    )
    session.commit()
    path, name = f"/scenarios/{made.id}", f"limit-{made.limits[0].id}-at_most"

    wrong = finance.submit(path, {name: "to"}, to=f"{path}/allocate")
    assert wrong.status_code == 422
    assert 'value="to"' in wrong.text
    assert f'aria-describedby="{name}-error"' in wrong.text
    assert not session.scalars(select(JobRecord)).all()

    assert finance.submit(path, {name: "2"}, to=f"{path}/allocate").status_code == 303
    assert fresh(ScenarioRecord, made.id).limits[0].content == {"tag": "chosen", "at_most": 2}
    solve()
    assert "2 af 4 indsatser får midler" in finance.page(path).words

    saved = finance.post(
        f"{path}/numbers",
        data=next(f for f in finance.page(path).forms if f["action"].endswith("/allocate"))[
            "fields"
        ]
        | {name: "1"},
    )
    assert saved.status_code == 303
    assert "ændret, siden dette blev beregnet" in finance.page(path).words


def test_a_result_stays_readable_when_something_has_changed(finance, scenario, allocate):
    path = f"/scenarios/{scenario.id}"
    fresh_page = allocate()
    assert "intet ændret siden" in fresh_page.words
    assert "ændret, siden dette" not in fresh_page.words

    finance.submit(f"{path}/title", {"title": "Nyt navn"})
    page = finance.page(path)
    assert "ændret, siden dette blev beregnet" in page.words
    assert "Bedste plan, bevist." in page.words
    assert "Tryk Fordel først" in finance.page(f"{path}/publish").words


def test_publishing_without_a_plan_is_refused(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}/publish"
    assert "Tryk Fordel først" in finance.page(path).words
    answer = finance.send(path, {"version": scenario.version})
    assert answer.status_code == 422
    assert fresh(ScenarioRecord, scenario.id).state == "draft"


def test_plans_that_are_just_as_good_are_named(
    finance, session, strategy, build, department, clock, solve
):
    for title in ("Tvilling A", "Tvilling B"):
        create_accepted(
            session, build.case(title), department=department("social"), by=None, now=clock()
        )
    data = ScenarioData(
        title="Ens",
        pools=[{"id": "pulje", "name": "Puljen", "kind": "investment", "total": 3 * MILLION}],
    )
    made = create_scenario(session, strategy, data, by=None, now=clock())
    session.commit()
    path = f"/scenarios/{made.id}"
    finance.submit(path, to=f"{path}/allocate")
    solve()

    words = finance.page(path).words
    assert "Andre planer er præcis lige så gode" in words
    assert re.search(r"Tvilling [AB] i stedet for Tvilling [AB]\.", words)


def test_a_limit_that_stands_in_the_way_decides_the_choice(
    cells, finance, session, strategy, cases, clock, solve
):
    limits = (
        LimitData({"tag": "chosen", "at_most": 2}),
        LimitData({"tag": "measure", "measure": "citizens", "at_least": 10}),
    )
    made = create_scenario(
        session, strategy, ScenarioData(title="Styrer", limits=limits), by=None, now=clock()
    )
    session.commit()
    path = f"/scenarios/{made.id}"
    finance.submit(path, to=f"{path}/allocate")
    solve()

    lines = re.findall(r'<li class="limit (\w+)">', finance.get(path).text)
    assert lines == ["binds", "slack"]
    rows = {row[0]: row for row in cells(finance.get(path).text, 'id="uses"')}
    assert rows["Højst 2 indsatser"][1:] == ["2", "højst 2", "0", "Styrer valget"]
    assert rows["Mindst 10 citizens"][1:] == ["80", "mindst 10", "70", "Luft"]
