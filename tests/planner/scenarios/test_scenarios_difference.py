"""Why two results differ, on the comparison of two scenarios."""

import json
import re
from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer import evaluate
from optimizer.explain import difference
from planner.formats import thousand_change
from planner.model import AllocationRecord, ScenarioRecord, StudyRecord
from planner.reports.difference import Compared, difference_report
from planner.reports.stored import stored_allocation
from planner.services.scenarios import LimitData, ScenarioData, create_scenario

MILLION = 1_000_000


@pytest.fixture
def two(finance, session, strategy, scenario, cases, clock, allocate):
    """Two scenarios with results: the second has less in the pool and one limit."""
    first = scenario.id
    made = create_scenario(
        session,
        strategy,
        ScenarioData(
            title="Mindre",
            limits=(LimitData({"tag": "chosen", "at_most": 1}),),
        ),
        by=None,
        now=clock(),
    )
    made.pools = [dict(pool) | {"total": 6 * MILLION} for pool in made.pools]
    session.commit()
    second = made.id
    session.rollback()
    allocate(first)
    allocate(second)
    return first, second


@pytest.fixture
def page_of(finance, two, solve):
    """Ask why they differ, and return the address of the comparison."""
    first, second = two
    path = f"/compare?s={first}&s={second}"
    assert "Det er ikke beregnet" in finance.page(path).words
    answer = finance.submit(path, to=f"/compare/difference?s={first}&s={second}")
    assert answer.status_code == 303
    assert answer.location.endswith(f"/compare?s={first}&s={second}#why-different")
    solve()
    return path


@pytest.fixture
def stored(session, two):
    """The two stored results and the stored study."""

    def read():
        session.rollback()
        results = [
            stored_allocation(record.plan, record.result)
            for number in two
            for record in session.scalars(
                select(AllocationRecord).where(AllocationRecord.scenario_id == number)
            )
        ]
        document = session.scalars(select(StudyRecord)).one().document
        session.rollback()
        return (*results, document)

    return read


def test_the_parts_are_the_librarys_and_add_up_to_the_whole(finance, stored, page_of, cells):
    first, second, _document = stored()
    found = difference(first, second)
    assert [part.changes[0].value for part in found.parts] == ["pools", "limits"]
    assert sum(part.adds for part in found.parts) == found.whole
    assert found.whole == second.objective - first.objective
    # the pool pays for two in place of three, the limit allows one: each time the least one goes
    alone = [
        evaluate(first.plan, {f"{i.id}/{i.options[0].id}": Fraction(1)}).objective
        for i in first.plan.interventions
    ]
    _least, third, second_best, _best = sorted(alone)
    assert [part.adds for part in found.parts] == [-third, -second_best]
    html = finance.get(page_of).text
    rows = cells(html[html.index("<h2>Hvorfor er de forskellige?</h2>") :], "<h2>")[1:]
    assert [row[0] for row in rows] == ["Først", "Puljen", "Rammerne", "Mindre"]
    assert [row[1] for row in rows] == [
        thousand_change(value)
        for value in (found.first, *(part.adds for part in found.parts), found.second)
    ]
    titles = {i.id: i.title for i in first.plan.interventions}
    for part, row in zip(found.parts, rows[1:3], strict=True):
        assert len(part.leaves) == 1
        assert row[2] == "Ud: " + titles[part.leaves[0]]


def test_the_picture_leads_from_the_one_total_to_the_other(finance, stored, page_of):
    first, second, _document = stored()
    html = finance.get(page_of).text
    start = html.index('id="difference"')
    spec = json.loads(re.search(r"data-spec>(.*?)</script>", html[start:], re.DOTALL)[1])
    bars = [row for data in spec["datasets"].values() for row in data if "start" in row]
    assert [bar["kind"] for bar in bars] == ["total", "less", "less", "total"]
    assert bars[0]["end"] == bars[1]["start"] == float(first.objective) / MILLION
    assert bars[1]["end"] == bars[2]["start"]
    assert bars[2]["end"] == pytest.approx(bars[3]["end"])
    assert bars[3]["end"] == pytest.approx(float(second.objective) / MILLION)


def test_the_finding_names_what_matters_most(app, stored, page_of):
    first, second, document = stored()
    sides = Compared("Først", first.plan), Compared("Mindre", second.plan)
    with app.test_request_context("/", headers={"Accept-Language": "da"}):

        def report(changed):
            return difference_report(changed, *sides, language="da", source="")

        shown = report(document)
        assert re.match(r"Mindre når \d,\d\smio\.\skr\. mindre end Først; ", shown.finding)
        # the second best is worth more than the third
        assert "mest betyder rammerne (−" in shown.finding
        nothing = document | {"parts": [], "second": document["first"]}
        assert report(nothing).finding == "Først og Mindre bygger på det samme og når det samme"
        parts = json.loads(json.dumps(document["parts"]))
        parts[0]["changes"][0]["change"] = "goal"
        parts[1]["proved"] = False
        apart = document | {"parts": parts, "second": document["second"] + 4000}
        note = report(apart).table.total_note
        assert "Selve målet" in note
        assert "ikke helt det sidste tal" in note
        assert "Ikke alle bedste planer er bevist." in note
        assert "mere end Først" in report(document | {"second": document["first"] + 9}).finding
        same = report(document | {"second": document["first"]})
        assert same.finding == "Mindre når det samme som Først"
        later = document | {"parts": [parts[0] | {"changes": []}]}
        assert report(later).table.rows[1].cells[0].value == "Fundet senere"


def test_it_is_for_two_with_a_plan_and_a_known_pair_only(finance, session, two, solve):
    first, second = two
    assert finance.send(f"/compare/difference?s={first}").status_code == 404
    assert finance.send(f"/compare/difference?s={first}&s={first}").status_code == 404
    assert finance.send(f"/compare/difference?s={first}&s=99").status_code == 404
    assert finance.get(f"/compare/difference/job?s={first}&s={second}").status_code == 404
    path = f"/compare?s={first}&s={second}"
    finance.submit(path, to=f"/compare/difference?s={first}&s={second}")
    told = finance.get(f"/compare/difference/job?s={first}&s={second}")
    assert told.json["status"] == "queued"
    assert finance.get(f"/compare/difference/job?s={second}&s={first}").status_code == 404
    assert "Venter på sin tur" in finance.page(path).words


def test_councillors_read_it_when_both_are_published(finance, client_for, two, page_of, session):
    politician = client_for("politician")
    for number in two:
        finance.submit(f"/scenarios/{number}/publish")
    page = politician.page(page_of)
    assert "Hvorfor er de forskellige?" in page.words
    session.rollback()
    assert session.scalars(select(ScenarioRecord.id)).all() == list(two)
    assert politician.send(f"/compare/difference?s={two[0]}&s={two[1]}").status_code == 403
