"""Other plans that are nearly as good as a result, in the browser, and each as a scenario."""

import itertools
import json
from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer import Status, evaluate
from optimizer.explain import alternatives, explain, standings
from planner import worker
from planner.formats import thousand, thousand_change
from planner.model import AllocationRecord, JobRecord, ScenarioRecord
from planner.reports.alternatives import NearPlan, alternatives_report, near_of
from planner.reports.stored import stored_allocation
from planner.services.scenarios import LimitData, ScenarioData, create_scenario

MILLION = 1_000_000


@pytest.fixture
def page_of(study_page):
    """Allocate, ask for other plans, and return the address of the page."""
    return study_page("alternatives")


def every_plan(plan):
    """The value of every set of interventions that keeps every limit, by trying them all."""
    options = [f"{i.id}/{i.options[0].id}" for i in plan.interventions]
    for count in range(len(options) + 1):
        for keys in itertools.combinations(options, count):
            found = evaluate(plan, dict.fromkeys(keys, Fraction(1)))
            if not found.broken:
                yield frozenset(key.partition("/")[0] for key in keys), found.objective


def test_what_is_always_open_and_never_in_is_so_when_every_plan_is_tried(stored, page_of):
    allocation, document = stored()
    everything = dict(every_plan(allocation.plan))
    best = max(everything.values())
    assert allocation.objective == best
    seen = set()
    for percent in (1, 2, 5):
        near = near_of(document, percent)
        least = best - Fraction(percent, 100) * best
        good = [taken for taken, value in everything.items() if value >= least]
        for intervention in allocation.plan.interventions:
            inside = sum(intervention.id in taken for taken in good)
            word = {0: "never", len(good): "always"}.get(inside, "borderline")
            assert near.standings[intervention.id] == word
            seen.add(word)
        assert all(plan.taken in good for plan in near.plans)
        assert near.is_complete == (len(near.plans) == len(good))
    assert seen == {"always", "borderline", "never"}


def test_every_number_of_the_page_is_what_the_library_says(finance, stored, page_of, cells):
    allocation, document = stored()
    explanation = explain(allocation.plan, allocation=allocation)
    for percent in (1, 2, 5):
        within = Fraction(percent, 100)
        found = alternatives(allocation.plan, allocation, within=within, count=5)
        near = near_of(document, percent)
        words = standings(explanation, within)
        assert near.standings == {name: word.value for name, word in words.items()}

        html = finance.get(f"{page_of}?within={percent}").text
        rows = cells(html, 'id="plans"')[1:]
        assert [row[1] for row in rows] == [thousand_change(p.objective) for p in found.plans]
        best = found.plans[0].objective
        assert [row[2] for row in rows] == [thousand(best - p.objective) for p in found.plans]
        assert [row[3] for row in rows] == [str(len(p.taken)) for p in found.plans]

        said = {"always": "● Altid med", "borderline": "◐ På vippen", "never": "○ Aldrig med"}
        lines = [row for row in cells(html, 'id="matrix"')[1:] if len(row) > 1]
        titles = {i.title: i.id for i in allocation.plan.interventions}
        assert {row[0] for row in lines} == set(titles)
        for row in lines:
            name = titles[row[0]]
            assert row[1] == said[words[name].value]
            inside = ["Med" if name in plan.taken else "–" for plan in found.plans]
            assert row[2:] == inside


def test_one_sentence_sums_it_up(app, stored, page_of):
    allocation, document = stored()
    with app.test_request_context("/", headers={"Accept-Language": "da"}):

        def finding(near):
            return alternatives_report(
                near, allocation.plan, is_proved=True, language="da", source=""
            ).finding

        near = near_of(document, 5)
        always, never = len(near.standing("always")), len(near.standing("never"))
        assert finding(near).endswith(f"på vippen; {always} er altid med og {never} aldrig")
        alone = json.loads(json.dumps(document))
        for part in alone["within"]:
            part["standings"] = dict.fromkeys(part["standings"], "always")
        assert finding(near_of(alone, 1)) == (
            "Intet andet valg kommer inden for 1 % af den bedste plan"
        )


def test_a_plan_that_is_not_proved_and_a_choice_not_decided_say_so(app, stored, page_of):
    allocation, document = stored()
    near = near_of(document, 5)
    name = next(iter(near.standings))
    near.standings[name] = "unknown"
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        report = alternatives_report(
            near, allocation.plan, is_proved=False, language="da", source=""
        )
    assert "ikke er bevist" in report.plans.total_note
    said = [row.cells[1].value for row in report.matrix.rows if len(row.cells) > 1]
    assert any(text.startswith("? ") for text in said)
    assert name in near.undecided


def test_a_plan_opens_as_a_scenario_that_gives_exactly_that_plan(
    finance, session, stored, page_of, engine, clock, fresh
):
    _allocation, document = stored()
    near = near_of(document, 5)
    place, wanted = 1, near.plans[1]
    answer = finance.submit(f"{page_of}?within=5", to=f"{page_of}/5/{place}")
    assert answer.status_code == 303
    identity = int(answer.location.rsplit("/", 1)[1])
    made = fresh(ScenarioRecord, identity)
    assert made.title == "Først: plan 2 inden for 5 %"
    forced = {c.intervention.key: str(c.force) for c in made.candidates if c.force is not None}
    assert forced == {n: "in" if n in wanted.taken else "out" for n in near.undecided}
    assert {c.force_reason for c in made.candidates if c.force} == {"Som i plan 2 inden for 5 %"}
    session.rollback()
    waiting = session.scalars(select(JobRecord.id).where(JobRecord.scenario_id == identity)).all()
    session.rollback()
    for job in waiting:
        worker.run_job(engine, job, clock)
    record = session.scalars(
        select(AllocationRecord).where(AllocationRecord.scenario_id == identity)
    ).one()
    found = stored_allocation(record.plan, record.result)
    assert found.status is Status.OPTIMAL
    assert NearPlan(found.choice, found.objective, 0).taken == wanted.taken
    assert found.objective == pytest.approx(wanted.objective)


def test_a_scenario_that_was_changed_does_not_open_a_plan(finance, session, page_of):
    session.rollback()
    (one,) = session.scalars(select(ScenarioRecord.id)).all()
    session.rollback()
    finance.submit(f"/scenarios/{one}/title", {"title": "Andet navn"})
    answer = finance.send(f"{page_of}/5/1")
    assert answer.location.endswith("/alternatives?within=5")
    page = finance.page(page_of)
    assert "Fordel igen, før du åbner en plan" in page.words
    assert "Åbn som scenarie" not in page.words
    session.rollback()
    assert len(session.scalars(select(ScenarioRecord)).all()) == 1


def test_a_share_or_a_plan_that_was_not_asked_for_does_not_exist(finance, page_of):
    assert finance.get(f"{page_of}?within=3").status_code == 404
    assert finance.send(f"{page_of}/5/99").status_code == 404
    assert finance.send(f"{page_of}/3/0").status_code == 404


def test_without_a_plan_there_is_nothing_to_try(finance, session, strategy, cases, clock, allocate):
    limits = (LimitData({"tag": "chosen", "at_least": 4}),)
    made = create_scenario(
        session, strategy, ScenarioData(title="Umulig", limits=limits), by=None, now=clock()
    )
    session.commit()
    allocate(made.id)
    session.rollback()
    number = session.scalars(select(AllocationRecord.id)).one()
    session.rollback()
    path = f"/allocations/{number}/alternatives"
    assert "ingen plan" in finance.page(path).words
    assert finance.send(path).status_code == 404
    assert finance.send(f"{path}/1/0").status_code == 404


def test_councillors_see_the_other_plans_of_what_is_published_only(
    finance, client_for, session, scenario, page_of
):
    politician = client_for("politician")
    politician.page(page_of, status=404)
    session.rollback()
    identity = session.scalars(select(ScenarioRecord.id)).one()
    session.rollback()
    finance.submit(f"/scenarios/{identity}/publish")
    html = politician.get(page_of).text
    assert "Altid med" in html
    assert "Åbn som scenarie" not in html
