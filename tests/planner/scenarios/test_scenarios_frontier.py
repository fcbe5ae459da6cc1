"""The frontier of a scenario in the browser, and each of its points as a scenario."""

import itertools
import json
import re
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from optimizer import allocate as optimize
from optimizer import plan_document, plan_from_document
from optimizer.frontier import PoolSize, frontier, staircase
from planner import worker
from planner.formats import thousand_change
from planner.model import EventRecord, JobRecord, ScenarioRecord, StudyRecord
from planner.model.database import writing
from planner.reports.frontier_question import amounts_of, movables_of, question_of
from planner.services import job_queue, leases
from planner.services.scenario_edits import add_limit
from planner.services.scenarios import LimitData, ScenarioData, create_scenario, scenario_document

MILLION = 1_000_000
POOL = {"what": "pool-pulje"}


@pytest.fixture
def limited(session, strategy, cases, clock):
    """A scenario with limits of every unit that can be moved."""
    limits = (
        {"tag": "chosen", "at_most": 3},
        {"tag": "measure", "measure": "citizens", "at_least": 40},
        {"tag": "chance_of_loss", "payers": ["kommune"], "at_most": 0.2},
        {"tag": "evidence", "at_least": 1},
        {"tag": "invested", "where": {"departments": ["social"]}, "at_most": 6 * MILLION},
        {"tag": "invested", "at_least": 0, "at_most": 9 * MILLION},
        {"tag": "payback", "latest_year": 2040, "payers": ["kommune"]},
    )
    made = create_scenario(
        session,
        strategy,
        ScenarioData(title="Rammer", limits=tuple(map(LimitData, limits))),
        by=None,
        now=clock(),
    )
    session.commit()
    return made.id


@pytest.fixture
def one(scenario):
    """The number of the scenario; what a test asks of a record would open a transaction."""
    return scenario.id


@pytest.fixture
def ask(finance, solve):
    """Ask for a frontier, let the worker work, and return the page."""

    def press(identity, low, high, *, what="pool-pulje", steps="5"):
        path = f"/scenarios/{identity}/frontier"
        answer = finance.submit(f"{path}?what={what}", {"low": low, "high": high, "steps": steps})
        assert answer.status_code == 303, answer.text
        solve()
        return finance.page(path)

    return press


def plan_of(session, identity):
    session.rollback()
    found = session.get_one(ScenarioRecord, identity)
    plan = plan_from_document(scenario_document(session, found))
    session.rollback()
    return plan


def last_study(session):
    session.rollback()
    found = session.scalars(select(StudyRecord).order_by(StudyRecord.id.desc())).first()
    session.expunge(found)
    session.rollback()
    return found


def test_a_pools_frontier_is_what_the_library_says_and_each_line_stands_on_the_page(
    finance, session, one, ask, cells
):
    page = ask(one, "3.000.000", "15.000.000")

    study = last_study(session)
    plan = plan_of(session, one)
    amounts = [3 * MILLION, 6 * MILLION, 9 * MILLION, 12 * MILLION, 15 * MILLION]
    found = frontier(plan, PoolSize("pulje"), amounts)
    assert study.document == found.document()
    assert study.plan == plan_document(plan)
    rows = cells(finance.get(f"/scenarios/{one}/frontier").text, 'id="points"')
    assert [row[0] for row in rows[1:]] == [
        "3 mio. kr.", "6 mio. kr.", "9 mio. kr.", "12 mio. kr.", "15 mio. kr.",
    ]  # fmt: skip
    goals = [point.objective for point in found.points]
    assert [row[1] for row in rows[1:]] == [thousand_change(goal) for goal in goals]
    gains = [b - a for a, b in itertools.pairwise(goals)]
    assert [row[2] for row in rows[2:]] == [thousand_change(gain) for gain in gains]
    assert [row[3] for row in rows[1:]] == ["1", "2", "3", "4", "4"]
    assert rows[2][4].startswith("Med: ")
    assert rows[5][4] == "de samme"
    assert "Hvert punkt er den bedste plan, bevist." in page.words
    assert "Mere end 12 mio. kr. giver ikke mere" in page.words


def test_every_step_of_a_pool_is_what_the_library_says(finance, session, one, ask, cells):
    page = ask(one, "0", "15.000.000", steps="every")

    found = staircase(plan_of(session, one), "pulje", 0, 15 * MILLION)
    assert found.is_staircase
    assert last_study(session).document == found.document()
    rows = cells(finance.get(f"/scenarios/{one}/frontier").text, 'id="points"')
    goals = [point.objective for point in found.points]
    assert [row[1] for row in rows[1:]] == [thousand_change(goal) for goal in goals]
    assert "Hvert punkt er den bedste plan, bevist." in page.words


def test_steps_are_not_offered_where_there_are_none(finance, limited):
    page = finance.page(f"/scenarios/{limited}/frontier?what=limit-1-at_least")
    assert "Alle trin" not in page.words
    assert "Alle trin" in finance.page(f"/scenarios/{limited}/frontier").words


def test_the_picture_has_a_point_for_each_line_and_leads_to_it(finance, one, ask):
    ask(one, "3.000.000", "15.000.000")
    html = finance.get(f"/scenarios/{one}/frontier").text
    spec = json.loads(re.search(r"data-spec>(.*?)</script>", html, re.DOTALL)[1])
    rows = [row for data in spec["datasets"].values() for row in data]
    values = [row for row in rows if "href" in row]
    hrefs = {row["href"] for row in values}
    assert hrefs == {f"#point-{place}" for place in range(5)}
    assert all(f'id="{href[1:]}"' in html for href in hrefs)
    assert {row["amount"] for row in values} == {3, 6, 9, 12, 15}


def test_a_point_opens_as_a_scenario_with_that_pool_and_its_plan(
    finance, session, one, ask, solve, fresh
):
    ask(one, "3.000.000", "15.000.000")
    study = last_study(session)

    path = f"/scenarios/{one}/frontier"
    answer = finance.submit(path, to=f"{path}/{study.id}/1")

    assert answer.status_code == 303
    identity = int(answer.location.rpartition("/")[2])
    made = fresh(ScenarioRecord, identity)
    assert made.is_draft
    assert made.copied_from_id == one
    assert made.title == "Først: Investeringspuljen 6\u00a0mio.\u00a0kr."
    assert [(pool["id"], pool["total"]) for pool in made.pools] == [("pulje", 6 * MILLION)]
    assert fresh(ScenarioRecord, one).pools[0]["total"] == 10 * MILLION
    solve()
    page = finance.page(f"/scenarios/{identity}")
    assert "Bedste plan, bevist." in page.words
    plan = plan_of(session, identity)
    best = optimize(plan).objective
    assert float(best) == study.document["points"][1]["objective"]


def test_a_point_of_a_limit_opens_with_that_limit(finance, session, limited, ask, fresh):
    page = ask(limited, "1", "4", what="limit-0-at_most")
    assert [p["amount"] for p in last_study(session).document["points"]] == [1, 2, 3, 4]
    assert "Mere end 3 giver ikke mere" in page.words  # the pool pays for three
    study = last_study(session)
    path = f"/scenarios/{limited}/frontier"
    answer = finance.submit(path, to=f"{path}/{study.id}/0")
    made = fresh(ScenarioRecord, int(answer.location.rpartition("/")[2]))
    (moved,) = [limit for limit in made.limits if limit.content["tag"] == "chosen"]
    assert moved.content["at_most"] == 1
    assert made.title == "Rammer: Højst 1 indsats"
    assert len(made.limits) == 7


def test_a_switched_off_limit_does_not_shift_which_one_is_moved(
    finance, session, strategy, cases, clock, ask, fresh
):
    limits = (
        LimitData({"tag": "invested", "at_most": MILLION}, is_on=False),
        LimitData({"tag": "chosen", "at_most": 2}),
    )
    made = create_scenario(
        session, strategy, ScenarioData(title="Slukket", limits=limits), by=None, now=clock()
    )
    session.commit()
    identity = made.id
    ask(identity, "1", "3", what="limit-0-at_most")
    study = last_study(session)
    path = f"/scenarios/{identity}/frontier"
    answer = finance.submit(path, to=f"{path}/{study.id}/0")
    opened = fresh(ScenarioRecord, int(answer.location.rpartition("/")[2]))
    assert [limit.content.get("at_most") for limit in opened.limits] == [MILLION, 1]


def test_what_can_be_moved_is_offered_with_its_unit(finance, session, limited, app):
    plan = plan_of(session, limited)
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        found = {m.key: m for m in movables_of(plan, language="da")}
    units = {key: one.unit for key, one in found.items()}
    assert units == {
        "pool-pulje": "money",
        "limit-0-at_most": "count",
        "limit-1-at_least": "number",
        "limit-2-at_most": "percent",
        "limit-3-at_least": "number",
        "limit-4-at_most": "money",
        "limit-5-at_most": "money",
        "limit-5-at_least": "money",
        "limit-6-latest_year": "year",
    }
    # of a limit with two numbers it is said which
    assert found["limit-5-at_most"].label.endswith(": højst")
    assert found["limit-5-at_least"].label.endswith(": mindst")
    assert not found["limit-4-at_most"].label.endswith("højst")
    assert found["limit-6-latest_year"].usual == (2035, 2045)
    assert found["limit-1-at_least"].is_floor
    assert not found["limit-2-at_most"].is_floor
    assert found["limit-2-at_most"].usual == (Fraction(1, 10), Fraction(3, 10))
    assert found["pool-pulje"].usual == (5 * MILLION, 15 * MILLION)
    for key in found:
        page = finance.page(f"/scenarios/{limited}/frontier?what={key}")
        assert "Hvad skal ændres?" in page.words


@pytest.mark.parametrize(
    "what",
    [
        *("limit-1-at_least", "limit-2-at_most", "limit-3-at_least"),
        *("limit-4-at_most", "limit-6-latest_year"),
    ],
)
def test_every_kind_of_limit_gives_a_frontier(session, limited, ask, what):
    low, high = {
        "limit-1-at_least": ("40", "160"),
        "limit-2-at_most": ("5", "45,5"),
        "limit-3-at_least": ("1", "3"),
        "limit-4-at_most": ("0", "6.000.000"),
        "limit-6-latest_year": ("2030", "2034"),
    }[what]
    page = ask(limited, low, high, what=what)
    document = last_study(session).document
    assert len(document["points"]) == 5
    assert document["points"][-1]["amount"] == {
        "limit-1-at_least": 160, "limit-2-at_most": 0.455, "limit-3-at_least": 3,
        "limit-4-at_most": 6 * MILLION, "limit-6-latest_year": 2034,
    }[what]  # fmt: skip
    # the pool pays for three of them, who help forty each
    if what == "limit-1-at_least":
        assert [p["status"] for p in document["points"]][-1] == "infeasible"
        assert "Ingen plan overholder alle rammer." in page.words


def test_the_values_are_spread_evenly_and_never_twice(session, limited, app):
    plan = plan_of(session, limited)
    with app.test_request_context("/"):
        found = {m.key: m for m in movables_of(plan, language="da")}
    assert question_of(found["limit-0-at_most"], 1, 4, 11)["amounts"] == [1, 2, 3, 4]
    assert question_of(found["pool-pulje"], 0, 10, 3) == {"pool": "pulje", "amounts": [0, 5, 10]}
    asked = question_of(found["limit-2-at_most"], Fraction(1, 20), Fraction(1, 5), 4)
    assert asked["amounts"] == [0.05, 0.1, 0.15, 0.2]
    assert amounts_of(asked)[1] == Fraction(1, 10)
    halves = question_of(found["limit-1-at_least"], Fraction(1, 2), Fraction(3, 2), 3)
    assert halves["amounts"] == [0.5, 1, 1.5]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("", "5", "Udfyld feltet"),
        ("8.000.000", "5.000.000", "Skriv mere end ved begyndelsen."),
        ("-1.000.000", "5.000.000", "En pulje rummer nul eller mere."),
        ("1,5", "5.000.000", "hele kroner"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(finance, session, one, low, high, said):
    path = f"/scenarios/{one}/frontier?what=pool-pulje"
    answer = finance.submit(path, {"low": low, "high": high, "steps": "5"})
    assert answer.status_code == 422
    assert said in finance.read(answer).words
    assert session.scalar(select(JobRecord)) is None


def test_a_pool_into_which_nothing_is_paid_cannot_grow_in_proportion(finance, one):
    finance.submit(
        f"/scenarios/{one}/pools", {"p0_mode": "paid_in", "p0_year_2027": "0", "p0_total": ""}
    )
    path = f"/scenarios/{one}/frontier?what=pool-pulje"
    answer = finance.submit(path, {"low": "0", "high": "5.000.000", "steps": "5"})
    assert answer.status_code == 422
    assert "kan ikke vokse i forhold" in finance.read(answer).words


def test_what_is_not_there_cannot_be_moved(finance, one):
    path = f"/scenarios/{one}/frontier"
    for what in ("pool-findes-ikke", "limit-7-at_most", ""):
        form = {"low": "1", "high": "2", "steps": "5"}
        assert finance.send(f"{path}?what={what}", form).status_code == 404


def test_a_changed_scenario_opens_no_point(finance, session, one, ask):
    ask(one, "3.000.000", "15.000.000")
    study = last_study(session)
    finance.submit(f"/scenarios/{one}/title", {"title": "Andet navn"})
    path = f"/scenarios/{one}/frontier"
    answer = finance.send(f"{path}/{study.id}/1")
    assert answer.location.endswith("/frontier")
    page = finance.page(path)
    assert "ændret siden" in page.words
    assert "Åbn som scenarie" not in page.words
    session.rollback()
    assert len(session.scalars(select(ScenarioRecord)).all()) == 1


def test_it_is_followed_while_it_is_worked_out_and_can_be_stopped(
    finance, session, one, engine, clock, fresh
):
    path = f"/scenarios/{one}/frontier"
    finance.submit(f"{path}?what=pool-pulje", {"low": "1", "high": "9.000.000", "steps": "5"})
    page = finance.page(path)
    assert "Venter på sin tur" in page.words
    assert finance.get(f"{path}/job").json["status"] == "queued"
    (job,) = session.scalars(select(JobRecord.id)).all()
    session.rollback()
    with writing(engine) as writer:
        assert leases.claim(writer, job, now=clock()) is not None
        assert not job_queue.tell(writer, leases.Hold(job, leases.AT_ONCE.name), done=2, total=5)
        writer.commit()
    told = finance.get(f"{path}/job").json
    assert told["detail"] == "2 af 5 punkter"
    assert told["share"] == 0.4
    finance.submit(path, to=f"{path}/cancel")
    with writing(engine) as writer:
        assert job_queue.tell(writer, leases.Hold(job, leases.AT_ONCE.name), done=3, total=5)
        writer.commit()
    assert fresh(JobRecord, job).cancel


def test_a_new_question_gives_up_the_one_that_waits(finance, session, one, solve, fresh):
    path = f"/scenarios/{one}/frontier?what=pool-pulje"
    for high in ("9.000.000", "12.000.000"):
        finance.submit(path, {"low": "1", "high": high, "steps": "5"})
    session.rollback()
    first, second = session.scalars(select(JobRecord).order_by(JobRecord.id)).all()
    assert (str(first.status), str(second.status)) == ("cancelled", "queued")
    solve()
    assert last_study(session).question["amounts"][-1] == 12 * MILLION


def test_what_went_wrong_is_said(finance, session, one, engine, clock, monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr("planner.studying.frontier_of", fail)
    path = f"/scenarios/{one}/frontier"
    finance.submit(f"{path}?what=pool-pulje", {"low": "1", "high": "9.000.000", "steps": "5"})
    assert worker.run_next(engine, clock)
    assert "Beregningen gik galt" in finance.page(path).words


def test_a_study_is_logged_and_never_changed(session, one, ask, engine):
    ask(one, "3.000.000", "6.000.000")
    study = last_study(session)
    actions = set(session.scalars(select(EventRecord.action)))
    assert {"frontier.request", "study.store"} <= actions
    session.rollback()
    with writing(engine) as writer:
        writer.get(StudyRecord, study.id).document = {}
        with pytest.raises(IntegrityError):
            writer.flush()


def test_councillors_see_the_frontier_of_what_is_published_only(
    finance, client_for, session, one, ask, allocate
):
    ask(one, "3.000.000", "15.000.000")
    path = f"/scenarios/{one}/frontier"
    politician = client_for("politician")
    politician.page(path, status=404)
    allocate()
    finance.submit(f"/scenarios/{one}/publish")
    page = politician.page(path)
    assert "Mere end 12 mio. kr. giver ikke mere" in page.words
    assert "Åbn som scenarie" not in page.words
    assert "Hvad skal ændres?" not in page.words
    # it is still what was studied, so finance may go on from it
    assert "Åbn som scenarie" in finance.page(path).words
    finance.page(f"{path}?study=999", status=404)


def test_earlier_frontiers_can_be_read_again(finance, one, ask, session):
    ask(one, "3.000.000", "6.000.000")
    first = last_study(session).id
    page = ask(one, "3.000.000", "15.000.000")
    assert "3 mio. kr. til 6 mio. kr." in page.words
    link = f"/scenarios/{one}/frontier?study={first}"
    assert link in page.links
    points = finance.get(link).text.partition('id="points"')[2].partition('id="others"')[0]
    assert "6 mio. kr." in points.replace("\u00a0", " ")
    assert "15 mio. kr." not in points.replace("\u00a0", " ")


def test_a_scenario_that_is_no_plan_says_what_is_wrong(finance, session, strategy, cases, clock):
    limits = (LimitData({"tag": "measure", "measure": "findes-ikke", "at_least": 1}),)
    made = create_scenario(
        session, strategy, ScenarioData(title="Forkert", limits=limits), by=None, now=clock()
    )
    session.commit()
    page = finance.page(f"/scenarios/{made.id}/frontier")
    assert "kan ikke beregnes" in page.words
    assert "findes-ikke" in page.words


def test_what_was_found_is_read_on_though_the_scenario_is_no_plan_any_more(
    finance, session, one, ask, clock
):
    ask(one, "3.000.000", "15.000.000")
    session.rollback()
    record = session.get_one(ScenarioRecord, one)
    limit = {"tag": "measure", "measure": "findes-ikke", "at_least": 1}
    add_limit(session, record, limit, by=None, now=clock(), seen_version=record.version)
    session.commit()
    page = finance.page(f"/scenarios/{one}/frontier")
    assert "kan ikke beregnes" in page.words
    assert "Mere end 12 mio. kr. giver ikke mere" in page.words
    assert "Åbn som scenarie" not in page.words
