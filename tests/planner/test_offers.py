"""The fan of offers: prices and effects by hand, fields at medians, nothing left out unsaid."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from html import unescape

import pytest

from optimizer import Appraisal
from optimizer.case_figures import CaseFigures
from optimizer.cases.figures import NO_SUCCESSES, price_per_success
from optimizer.cases.judged import successes_in
from planner.reports.offers import Offer, offer_figures, offers_report
from planner.services.cases import MeasureData
from planner.services.interventions import create_accepted
from tests.optimizer.builders import MILLION, a_flow, a_plan, an_intervention


def an_offer(title, price, effect, **changes):
    values = {
        "title": title,
        "code": title[:3],
        "href": f"/{title}",
        "group": "Ledige",
        "stars": 2,
        "price": None if price is None else Fraction(price),
        "effect": None if effect is None else Fraction(effect),
    }
    return Offer(**(values | changes))


def report(*offers, axis="effect"):
    return offers_report(offers, axis=axis, price_year=2027, source="prøve", language="da")


def figures(**measures):
    flows = [
        a_flow("outlay", -3 * MILLION, 2027),
        a_flow("cost", -1 * MILLION, 2028, payer="region"),
        a_flow("saving", 9 * MILLION, 2028),
    ]
    plan = a_plan(
        an_intervention("a", option={"flows": flows, "measures": measures}), horizon=[2026, 2033]
    )
    return Appraisal(plan), plan.options["a/base"][1]


def test_price_is_all_spending_of_every_purse_through_extra_successes():
    appraisal, option = figures(borgere=40, ekstra_succeser=16)

    found = offer_figures(an_offer("A", None, None), appraisal, option)

    # (3 + 1) million / 16 and 16 / 40, by hand; the savings are not taken off
    assert (found.price, found.effect, found.per_citizen) == (250_000, Fraction(2, 5), False)


def test_without_a_stated_success_the_price_is_per_citizen_and_says_so():
    appraisal, option = figures(citizens=40)

    found = offer_figures(an_offer("A", None, None), appraisal, option)

    assert (found.price, found.effect, found.per_citizen) == (100_000, None, True)


def test_no_added_success_has_no_price_and_is_not_priced_per_citizen():
    appraisal, option = figures(citizens=40, extra_successes=0)

    found = offer_figures(an_offer("A", None, None), appraisal, option)

    assert (found.price, found.effect, found.per_citizen) == (None, 0, False)
    assert price_per_success(CaseFigures(appraisal, option), successes_in(option)) is NO_SUCCESSES


@pytest.mark.parametrize("name", ["extra_successes", "ekstra_succeser", "Ekstra succeser"])
def test_successes_are_known_by_their_names(name):
    assert successes_in(figures(**{name: 7})[1]).extra == 7


def test_the_fields_part_at_the_medians():
    made = report(
        an_offer("A", 100_000, "0.3"),
        an_offer("B", 200_000, "0.2"),
        an_offer("C", 300_000, "0.1"),
        an_offer("D", 400_000, "0.4"),
    )

    # medians by hand: 250,000 kr. and 25 points
    fields = {row.cells[0].value: row.cells[-1].value for row in made.table.rows}
    assert list(fields) == ["A", "B", "C", "D"]
    assert fields["A"] == "Low price, high effect"
    assert fields["B"] == "Low price, low effect"
    assert fields["C"] == "High price, low effect"
    assert fields["D"] == "High price, high effect"
    assert "250.000" in made.chart.measure_line
    assert "25 points" in made.chart.measure_line


def test_what_cannot_be_placed_stands_in_the_table_and_is_named():
    made = report(
        an_offer("A", 100_000, "0.3"),
        an_offer("Uden tal", None, None),
        an_offer("Kun borgere", 50_000, None, per_citizen=True),
    )

    assert len(made.chart.table.rows) == 1
    assert len(made.table.rows) == 3
    assert "Kun borgere, Uden tal" in made.notes[-1]
    assert any("per citizen helped" in note for note in made.notes)


def test_against_evidence_a_price_per_citizen_is_drawn_as_an_outline():
    made = report(
        an_offer("A", 100_000, "0.3"),
        an_offer("B", 50_000, None, per_citizen=True),
        axis="evidence",
    )

    text = json.dumps(made.chart.spec)
    assert re.findall(r'"filled": (\w+)', text).count("false") >= 1
    assert len(made.chart.table.rows) == 2


def test_many_target_groups_share_the_last_shape():
    made = report(*(an_offer(f"A{n}", 1000 + n, "0.1", group=f"G{n}") for n in range(12)))

    text = json.dumps(made.chart.spec)
    assert "Other target groups" in text
    assert len(set(re.findall(r'"group": "([^"]+)"', text))) == 7


def test_nothing_to_place_is_a_table_without_a_picture():
    assert report(an_offer("A", None, None)).chart is None


@pytest.fixture
def two(session, build, department, person, clock):
    by, now = person("social"), clock()
    measures = (
        MeasureData(name="borgere", value=Decimal(40)),
        MeasureData(name="ekstra_succeser", value=Decimal(10)),
    )
    option = build.option(measures=measures)
    create_accepted(
        session, build.case("Housing First", options=(option,)), department=department("social"),
        by=by, now=now,
    )  # fmt: skip
    create_accepted(
        session, build.case("Jobhjælp", target_group="Unge"), department=department("employment"),
        by=by, now=now,
    )  # fmt: skip
    session.commit()


def test_the_page_has_the_same_number_as_the_picture(client_for, two):
    page = client_for("politician").page("/interventions/matrix")

    assert "300" in page.words  # 3 million for ten successes, in 1,000 kr.
    assert "Jobhjælp" in page.words
    assert "/interventions/housing-first" in page.links


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("department=social", "Housing First", "Jobhjælp"),
        ("group=Unge&up=evidence", "Jobhjælp", "Housing First"),
        ("state=accepted&group=Hjemløse", "Housing First", "Jobhjælp"),
        ("up=nonsense&department=nobody", "Housing First", "intet"),
    ],
)
def test_the_address_narrows_the_picture(client_for, two, query, there, gone):
    html = unescape(client_for("finance").get(f"/interventions/matrix?{query}").text)

    assert f">{there}</a>" in html
    assert f">{gone}</a>" not in html


def test_an_empty_picture_says_so(client_for, two):
    words = client_for("finance").page("/interventions/matrix?state=withdrawn").words

    assert "Ingen indsats passer" in words
