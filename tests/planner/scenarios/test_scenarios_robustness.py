"""How sure the choices of a result are, in the browser."""

import json
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from sqlalchemy import select

from optimizer.explain import core_index, variations
from optimizer.objectives.base import ObjectiveTerm
from planner.formats import percent
from planner.model import ScenarioRecord
from planner.reports.robustness import robustness_report
from planner.result_studies import DRAWS, Asked, robustness_of, weights_of
from planner.services.interventions import create_accepted

MILLION = 1_000_000
WORDS = {True: "● Altid med", None: "◐ På vippen", False: "○ Aldrig med"}


@pytest.fixture
def cases(session, build, department, clock):
    """One candidate that pays however it turns out, two that may not, and one that never does."""
    made = []
    for title, low, saved, high in (
        ("Alfa", 6, 6, 6),
        ("Beta", 1, 5, 8),
        ("Gamma", 1, 4, 9),
        ("Delta", 0, 1, 2),
    ):
        flows = (
            build.flow(2027, -3 * MILLION),
            build.flow(2030, saved * MILLION, low=low * MILLION, high=high * MILLION),
        )
        case = build.case(title, options=(build.option(flows=flows),))
        made.append(
            create_accepted(session, case, department=department("social"), by=None, now=clock())
        )
    session.commit()
    return made


@pytest.fixture
def page_of(study_page):
    """Allocate, ask how sure the choices are, and return the address of the page."""
    return study_page("robustness")


def test_every_number_of_the_page_is_what_the_library_says(finance, stored, page_of, cells):
    allocation, document = stored()
    varied = variations(allocation.plan, draws=DRAWS)
    index = core_index(varied)
    assert len(varied) == document["asked"] == 3 * (3 + DRAWS)
    html = finance.get(page_of).text
    rows = cells(html, 'id="choices"')[1:]
    titles = {i.title: i.id for i in allocation.plan.interventions}
    assert {row[0] for row in rows} == set(titles)
    shares = [index.share[titles[row[0]]] for row in rows]
    assert shares == sorted(shares, reverse=True)
    chosen = {key.partition("/")[0] for key in allocation.choice}
    for row, share in zip(rows, shares, strict=True):
        assert row[1] == WORDS[True if share == 1 else None if share else False]
        assert row[2] == " ".join(percent(share).split())
        assert row[3] == ("Med" if titles[row[0]] in chosen else "–")
    turns = cells(html, 'id="turns"')[1:]
    assert [row[0].lower() for row in turns] == [
        " ".join(v.name.da.split()).lower() for v, _inside in index.plans
    ]
    assert [row[1] for row in rows] == [WORDS[True], WORDS[None], WORDS[None], WORDS[False]]
    assert [row[1] for row in turns] == [str(len(inside)) for _v, inside in index.plans]
    assert f"i {len(varied)} varianter" in finance.page(page_of).words


def test_the_picture_has_a_bar_for_each_that_is_ever_in(finance, stored, page_of):
    _allocation, document = stored()
    html = finance.get(page_of).text
    spec = json.loads(re.search(r"data-spec>(.*?)</script>", html, re.DOTALL)[1])
    bars = [row for data in spec["datasets"].values() for row in data]
    ever = [share for share in document["share"].values() if share]
    assert len(bars) == len(ever)
    longest = max(ever)
    assert [bar["length"] for bar in bars] == pytest.approx(
        [100 * share / longest for share in sorted(ever, reverse=True)]
    )


def test_a_goal_of_several_parts_is_weighed_anew(stored, page_of):
    allocation, _document = stored()
    plan = allocation.plan
    assert weights_of(plan) == []
    (term,) = plan.scenario.objective
    assert isinstance(term, ObjectiveTerm)
    two = replace(plan, scenario=replace(plan.scenario, objective=(term, term)))
    half, double = Fraction(1, 2), Fraction(2)
    assert weights_of(two) == [(half, 1), (double, 1), (1, half), (1, double)]


def test_a_study_that_is_stopped_keeps_what_it_found_and_says_so(app, stored, page_of):
    allocation, _document = stored()
    heard = []

    def stop_at_the_third(done, total):
        heard.append((done, total))
        return done == 2

    cut = robustness_of(Asked(allocation, 60.0, stop_at_the_third))
    assert heard == [(0, 45), (1, 45), (2, 45)]
    assert len(cut["best"]) == 2
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        said = robustness_report(cut, allocation.plan, frozenset(), language="da", source="")
        assert "Der var ikke tid til flere af de 45" in said.intro
        turn = {"da": "alt lavt", "en": "all low"}
        without = cut | {"without_plan": [turn], "weights": True}
        said = robustness_report(without, allocation.plan, frozenset(), language="da", source="")
    assert "i 3 varianter" in said.intro
    assert "målets vægte" in said.intro
    last = [cell.value for cell in said.turns.rows[-1].cells]
    assert last == ["Alt lavt", None, "ingen plan passer"]


def test_councillors_see_it_of_what_is_published_only(finance, client_for, session, page_of):
    politician = client_for("politician")
    politician.page(page_of, status=404)
    session.rollback()
    identity = session.scalars(select(ScenarioRecord.id)).one()
    session.rollback()
    finance.submit(f"/scenarios/{identity}/publish")
    assert "I planen nu" in politician.page(page_of).words
    assert finance.get(f"{page_of}/job").json["status"] == "done"
