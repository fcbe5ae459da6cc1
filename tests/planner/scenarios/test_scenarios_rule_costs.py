"""What limits and forced choices cost, alone and together, and before they are saved."""

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer import evaluate
from optimizer.explain import Explainer, explain, rule_costs
from planner.formats import say_kroner, thousand
from planner.model import AllocationRecord, JobRecord, ScenarioRecord
from planner.model.states import Force
from planner.reports.rule_costs import rule_costs_report
from planner.reports.stored import stored_allocation
from planner.services.scenario_edits import CandidateChoice, update_candidates
from planner.services.scenarios import LimitData, ScenarioData, create_scenario


@pytest.fixture
def ruled(session, strategy, cases, clock):
    """A scenario with two limits of which the tighter binds, and its least candidate forced in."""
    limits = ({"tag": "chosen", "at_most": 2}, {"tag": "chosen", "at_most": 3})
    made = create_scenario(
        session,
        strategy,
        ScenarioData(title="Bundet", limits=tuple(map(LimitData, limits))),
        by=None,
        now=clock(),
    )
    least = next(c for c in made.candidates if c.case.title == "Alfa")
    choice = CandidateChoice(
        intervention_id=least.intervention_id,
        takes_part=True,
        force=Force.IN,
        force_reason="Aftalt",
    )
    update_candidates(
        session,
        made,
        [choice],
        by=None,
        now=clock(),
        seen_version=made.version,
    )
    session.commit()
    number = made.id
    session.rollback()
    return number


@pytest.fixture
def page_of(study_page, ruled):
    """Allocate, ask what the rules cost, and return the address of the page."""
    return study_page("rule-costs", ruled)


def best(plan, *, force, limits):
    """The best value with or without the force and some of the limits, by trying every set."""
    kept = tuple(plan.scenario.constraints[place] for place in limits)
    freed = replace(
        plan,
        scenario=replace(plan.scenario, constraints=kept),
        interventions=tuple(
            replace(i, force=i.force if force else None) for i in plan.interventions
        ),
    )
    options = [f"{i.id}/{i.options[0].id}" for i in freed.interventions]
    found = [
        evaluate(freed, dict.fromkeys(keys, Fraction(1)))
        for count in range(len(options) + 1)
        for keys in itertools.combinations(options, count)
        if not force or "alfa/base" in keys
    ]
    return max(one.objective for one in found if not one.broken)


def test_each_cost_is_what_the_best_plan_gains_without_it(finance, stored, page_of, cells):
    allocation, _document = stored()
    plan = allocation.plan
    now = best(plan, force=True, limits=(0, 1))
    assert allocation.objective == now
    force = best(plan, force=False, limits=(0, 1)) - now
    tight = best(plan, force=True, limits=(1,)) - now
    loose = best(plan, force=True, limits=(0,)) - now
    together = best(plan, force=False, limits=()) - now
    assert loose == 0 < force < tight < together

    found = rule_costs(Explainer(plan, allocation=allocation))
    assert [cost.cost for cost in found.alone] == [force, tight, loose]
    assert found.together.cost == together

    rows = cells(finance.get(page_of).text, 'id="costs"')[1:]
    assert [row[0] for row in rows if len(row) == 1] == ["Afgjort på forhånd", "Rammer"]
    lines = [row for row in rows if len(row) == 2]
    assert [row[1] for row in lines] == [thousand(v) for v in (force, tight, loose, together)]
    assert "Alfa" in lines[0][0]
    assert lines[-1][0] == "Alle tilsammen"
    assert "Tilsammen koster rammer og valg afgjort på forhånd" in finance.page(page_of).words


def test_what_is_not_proved_or_has_no_plan_says_so(app, stored, page_of):
    allocation, document = stored()
    alone = document["alone"]
    with app.test_request_context("/", headers={"Accept-Language": "da"}):

        def report(*costs, together):
            lines = [one | dict(zip(("cost", "gap"), c, strict=True)) for one, c in costs]
            changed = document | {"alone": lines, "together": document["together"] | together}
            return rule_costs_report(changed, allocation.plan, language="da", source="")

        shown = report(
            (alone[0], (None, 0)),
            (alone[1], (1_000_000, 500_000)),
            (alone[2], (2_000_000, None)),
            together={"cost": None},
        )
        assert shown.finding.startswith("Det vides ikke")
        notes = [row.cells[1].note for row in shown.table.rows if len(row.cells) > 1]
        assert notes[0] == "der blev ikke fundet en plan uden"
        assert notes[1] == "mindst; ikke bevist"
        assert notes[2].startswith("mindst; højst 1,5")
        free = report((alone[0], (0, 0)), together={"cost": 0})
        assert free.finding == "Rammer og valg afgjort på forhånd koster ingenting"
        bare = report(together={"cost": 0})
        assert bare.table is None
        assert bare.finding.startswith("Intet er afgjort på forhånd")


def test_councillors_see_it_of_what_is_published_only(finance, client_for, ruled, page_of):
    politician = client_for("politician")
    politician.page(page_of, status=404)
    finance.submit(f"/scenarios/{ruled}/publish")
    assert "Alle tilsammen" in politician.page(page_of).words
    assert finance.get(f"{page_of}/job").json["status"] == "done"


# ---- Before it is saved ----


def test_a_choice_shows_its_price_before_it_is_forced(
    finance, session, scenario, allocate, solve, cells
):
    (number,) = [scenario.id]
    path = f"/scenarios/{number}/candidates"
    session.rollback()
    assert "beregnes, når der fordeles" in finance.page(path).words
    allocate(number)
    assert "beregnes, når der fordeles" in finance.page(path).words
    solve()  # the explanation
    session.rollback()
    record = session.scalars(select(AllocationRecord)).one()
    allocation = stored_allocation(record.plan, record.result)
    assert session.scalars(select(JobRecord.kind)).all() == ["allocate", "explain"]
    session.rollback()

    explanation = explain(allocation.plan, allocation=allocation)
    rows = cells(finance.get(path).text, '<table role="table" class="stack"')[1:]
    assert len(rows) == 4
    titles = {i.title: i.id for i in allocation.plan.interventions}
    for row in rows:
        title = next(title for title in titles if row[0].startswith(title))
        price = explanation.price_of[titles[title]]
        words = "Pris for at sige nej" if price.chosen else "Pris for at komme med"
        said = " ".join(f"{words}: {say_kroner(price.price)}".split())
        assert said in row[2]
    words = finance.page(path).words
    assert "Priserne er fra resultatet fra" in words
    assert "ændret siden" not in words
    finance.submit(f"/scenarios/{number}/title", {"title": "Andet navn"})
    assert "Scenariet er ændret siden." in finance.page(path).words
    session.rollback()
    assert session.get_one(ScenarioRecord, number).title == "Andet navn"
