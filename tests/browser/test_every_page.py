"""Every page that is linked to, as everybody, in both languages: it answers, reads well, and fits.

A page is loaded once for a person and a language, and judged at both widths; one that another
person has been shown word for word is not judged again.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from planner.access import CLOSED
from tests.browser import desk
from tests.browser.people import PEOPLE
from tests.browser.reading import LANGUAGES, Judge
from tests.browser.routes import follow_links, kind_of
from tests.browser.threads import aside
from tests.optimizer.cases import CASES

# asked for by the pages themselves, by other programs, or after a step, and no place to read
NOT_READ = frozenset(
    {
        *("static", "assets.charts", "health.healthz", "security.login", "security.logout"),
        *(
            "allocations.job",
            "allocations.explaining",
            "frontier.job",
            "stress.job",
            "alternatives.job",
            "cut_list.job",
            "robustness.job",
            "rule_costs.job",
            "difference.job",
            "exchange.plan_file",
            "exchange.result_file",
            "exchange.workbook",
        ),
        *("compare.export", "interventions.export", "library.export", "library.list_file"),
        *("interventions.workbook", "interventions.template", "scenarios.export", "log.export"),
        "interventions.attachment",
        "indicators.export",
    }
)

pytestmark = pytest.mark.slow


# --- Following every link -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reached(site) -> dict[str, list[str]]:
    """One address of each kind of page that each person is led to."""
    return aside(follow_all, site.app)


def follow_all(app: Flask) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    faults: list[str] = []
    for name in PEOPLE:
        kinds: dict[tuple[Any, ...], str] = {}
        for address, answer in follow_links(app, name, every=name == "okonomi"):
            faults += [f"{name} {address}: {fault}" for fault in faults_of(answer)]
            if answer.mimetype == "text/html":
                # a councillor asks for a scenario and is shown its allocation
                shown = address if not answer.history else answer.request.path
                kinds.setdefault(kind_of(app, shown), shown)
        found[name] = list(kinds.values())
    assert faults == [], "\n".join(faults)
    return found


def faults_of(answer: Any) -> Iterator[str]:
    if answer.status_code != 200:
        yield str(answer.status_code)
    if answer.mimetype != "text/html":
        if not answer.get_data():
            yield "empty"
        return
    html = answer.text
    if len(re.findall(r"<h1[ >]", html)) != 1:
        yield "not one h1"
    if not re.search(r"<title>\s*[^\s·<]", html):
        yield "no title"
    if not re.search(r'<html lang="(da|en)"', html):
        yield "no language"


def test_every_link_leads_to_a_page(reached):
    assert all(len(addresses) >= 1 for addresses in reached.values())
    assert len(reached["okonomi"]) > 20


def test_somebody_is_led_to_every_page_there_is(site, reached):
    pages = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in rule.methods}
    found = {
        kind_of(site.app, address)[0] for addresses in reached.values() for address in addresses
    }
    assert pages - CLOSED - NOT_READ - found == set()


# --- Reading every kind of page -------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PEOPLE)
def test_every_kind_of_page_can_be_read_by_everybody(visit, reached, judge, name, language):
    visitor = visit(name)
    visitor.go(f"/?lang={language}")
    faults = list(judge.faults(visitor.page, language))  # with the person's own bar
    for address in reached[name]:
        if judge.knows(visitor.page.request.get(address).text()):
            continue
        visitor.go(address)
        faults += [f"{address} {fault}" for fault in judge.faults(visitor.page, language)]
    assert faults == [], "\n".join(faults)


# --- States that the demonstration has no example of ----------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["infeasible.json", "uganda_hbp.json"])
def test_a_scenario_reads_well_before_and_after(visit, judge, name, language):
    """Not calculated yet; and then with no plan that fits, or with a plan that is not of money."""
    page = visit("okonomi").page
    desk.upload(page, next(CASES.rglob(name)))
    page.goto(f"{page.url.partition('#')[0]}?lang={language}")
    faults = list(judge.faults(page, language))
    page.locator("button.primary", has_text=re.compile("Fordel|Allocate")).first.click()
    expect(page.locator("#result .status")).to_be_visible()
    faults += judge.faults(page, language)
    # the names in the files are English, and stay so
    faults = [fault for fault in faults if not fault.startswith("English: ")]
    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_studied_reads_well(visit, judge, language):
    """A frontier, one of its points as a scenario, and the plan of a result in hard times."""
    page = visit("okonomi").page
    page.goto("/scenarios/1/frontier?lang=" + language)
    page.get_by_role("button", name=re.compile("^(Beregn|Calculate)$")).click()
    expect(page.locator("[data-job]")).to_have_count(0, timeout=120_000)
    expect(page.locator("#points tbody tr").first).to_be_visible()
    faults = list(judge.faults(page, language))
    page.locator("#points tbody tr").last.locator("button").click()
    expect(page.locator("#result .status")).to_be_visible(timeout=120_000)
    page.locator("a[href$='/stress']").click()
    page.locator("main form button.primary").click()
    expect(page.locator("main table").first).to_contain_text(
        re.compile("Halv effekt|Half the effect"), timeout=120_000
    )
    faults += judge.faults(page, language)
    assert faults == [], "\n".join(faults)
