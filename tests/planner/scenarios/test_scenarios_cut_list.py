"""One order for smaller and larger pools, in the browser."""

import itertools
import json
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer import evaluate
from optimizer.explain import cut_list
from planner.formats import say_million, thousand, thousand_change
from planner.model import AllocationRecord, ScenarioRecord
from planner.reports.cut_list import cut_list_report, pools_of
from planner.result_studies import SIZES

MILLION = 1_000_000


@pytest.fixture
def page_of(study_page):
    """Allocate, ask for the order, and return the address of the page."""
    return study_page("cut-list")


def best_at(plan, amount):
    """The best value at a size of the pool, by trying every set of interventions."""
    pools = tuple(replace(pool, total=amount) for pool in plan.scenario.pools)
    sized = replace(plan, scenario=replace(plan.scenario, pools=pools))
    options = [f"{i.id}/{i.options[0].id}" for i in plan.interventions]
    found = [
        evaluate(sized, dict.fromkeys(keys, Fraction(1)))
        for count in range(len(options) + 1)
        for keys in itertools.combinations(options, count)
    ]
    return max(one.objective for one in found if not one.broken)


def test_every_number_of_the_page_is_what_the_library_says(finance, stored, page_of, cells):
    allocation, _document = stored()
    own = 10 * MILLION
    amounts = [own * percent // 100 for percent in SIZES]
    found = cut_list(allocation.plan, allocation, pool="pulje", amounts=amounts)
    assert [step.amount for step in found.steps] == sorted([own, *amounts])
    for step in found.steps:
        assert step.best == best_at(allocation.plan, step.amount)
    html = finance.get(page_of).text
    rows = cells(html, 'id="sizes"')[1:]
    assert len(rows) == len(found.steps) == len(SIZES) + 1
    titles = {i.id: i.title for i in allocation.plan.interventions}
    for step, row in zip(found.steps, rows, strict=True):
        note = "som den er nu" if step.amount == own else ""
        assert row[0] == (say_million(step.amount) + note).replace("\N{NO-BREAK SPACE}", " ")
        assert row[1:4] == [
            thousand_change(step.objective),
            thousand_change(step.best),
            thousand(step.cost),
        ]
        assert row[4] == str(len(step.choice))
        for name in step.enters:
            assert titles[name] in row[5]
    order = cells(html, 'id="order"')[1:]
    assert {row[0] for row in order} == set(titles.values())
    since = {}
    for step in found.steps:
        for key in step.choice:
            since.setdefault(titles[key.partition("/")[0]], step.amount)
    assert sorted(since.values()) == [5 * MILLION, 6 * MILLION, 9 * MILLION, 12 * MILLION]
    for row in order:
        said = say_million(since[row[0]]).replace("\N{NO-BREAK SPACE}", " ")
        first = " eller mindre" if since[row[0]] == 5 * MILLION else ""
        assert row[1] == said + first


def test_each_size_holds_all_that_a_smaller_one_holds(stored, page_of):
    _allocation, document = stored()
    (pool,) = pools_of(document)
    for smaller, larger in itertools.pairwise(pool.steps):
        assert smaller.taken <= larger.taken


def test_the_picture_has_a_point_for_each_size_and_line(finance, page_of):
    html = finance.get(page_of).text
    spec = json.loads(re.search(r"data-spec>(.*?)</script>", html, re.DOTALL)[1])
    rows = [row for data in spec["datasets"].values() for row in data if "goal" in row]
    # both lines are the same here, so their points are written once
    points = [row["amount"] for row in rows if ":" in row["said"]]
    assert points == sorted([10.0, *(percent / 10 for percent in SIZES)])


def test_the_finding_is_the_dearest_size_and_what_has_no_plan_says_so(app, stored, page_of):
    allocation, document = stored()
    (pool,) = pools_of(document)

    def report(*steps):
        with app.test_request_context("/", headers={"Accept-Language": "da"}):
            return cut_list_report(
                replace(pool, steps=steps), allocation.plan, language="da", source=""
            )

    assert report(*pool.steps).chart.finding.startswith("Én rækkefølge er lige så god")
    first, second, *rest = pool.steps
    dear = replace(second, cost=Fraction(2_500_000), is_proved=False)
    nothing = replace(first, choice={}, nested=None, best=None, cost=None)
    shown = report(nothing, dear, *rest)
    assert shown.chart.finding.replace("\N{NO-BREAK SPACE}", " ") == (
        "At holde fast i én rækkefølge koster højst 2,5 mio. kr., ved en pulje på 6,0 mio. kr."
    )
    line = shown.sizes.rows[0].cells
    assert [cell.value for cell in line[1:]] == ["ingen plan passer"] * 2 + [None, None, ""]
    assert "Ikke alle bedste planer er bevist." in shown.sizes.total_note
    # not a plan anywhere: nobody is in
    everywhere = [replace(step, choice={}, nested=None, best=None) for step in pool.steps]
    bare = report(*everywhere)
    assert {row.cells[1].value for row in bare.order.rows} == {"ikke ved nogen af størrelserne"}


def test_a_pool_that_is_not_there_does_not_exist(finance, page_of):
    assert finance.get(f"{page_of}?pool=pulje").status_code == 200
    assert finance.get(f"{page_of}?pool=anden").status_code == 404


def test_it_is_followed_and_asked_for_once(finance, session, scenario, allocate):
    allocate()
    session.rollback()
    number = session.scalars(select(AllocationRecord.id)).one()
    session.rollback()
    path = f"/allocations/{number}/cut-list"
    assert finance.get(f"{path}/job").status_code == 404
    finance.submit(path)
    assert "Venter på sin tur" in finance.page(path).words
    assert finance.get(f"{path}/job").json["status"] == "queued"


def test_councillors_see_the_order_of_what_is_published_only(finance, client_for, session, page_of):
    politician = client_for("politician")
    politician.page(page_of, status=404)
    session.rollback()
    identity = session.scalars(select(ScenarioRecord.id)).one()
    session.rollback()
    finance.submit(f"/scenarios/{identity}/publish")
    assert "Rækkefølgen" in politician.page(page_of).words
