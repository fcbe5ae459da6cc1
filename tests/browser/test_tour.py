"""README's tour, followed as it is written: every word that it names stands where it says."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import allocate, press
from tests.browser.reading import NARROW

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
TOUR = README.partition("## A tour of ten minutes")[2].partition("\n## ")[0]
STEPS = [step.strip() for step in re.split(r"\n\d+\. ", TOUR)[1:]]
# what the tour names, and what is said about English readers of a Danish page
NAMED = re.compile(r"\*{1,2}([^*\n]+?)\*{1,2}")
NOT_ON_A_PAGE = {"Sign in"}

pytestmark = pytest.mark.slow


class Tourist:
    """Walks from page to page and checks off the words of the step."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seen = ""

    def look(self) -> None:
        """Take in what can be read here, at both widths."""
        self.seen += "\n" + self.page.locator("body").inner_text()

    def go(self, name: str | re.Pattern[str], *, exact: bool = True) -> None:
        self.look()
        self.page.get_by_role("link", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()
        self.look()

    def has_seen(self, step: int) -> None:
        """Check that all words of a step (from 1) have been seen since the last one."""
        self.look()
        missing = {w for w in NAMED.findall(STEPS[step - 1]) if w not in self.seen}
        assert missing - NOT_ON_A_PAGE == set(), f"step {step}"
        self.seen = ""


def test_the_tour_has_nine_steps():
    assert len(STEPS) == 9


@pytest.mark.parametrize("size", [None, NARROW], ids=["wide", "narrow"])
def test_finance_follows_the_tour(visit, site, size):
    options = {"viewport": size} if size else {}
    tourist = Tourist(visit("okonomi", **options).page)
    page = tourist.page
    page.goto("/")
    tourist.has_seen(1)

    tourist.go("Indsatser")
    tourist.go("IPS+ i psykiatrien")
    tourist.has_seen(2)

    tourist.go("Scenarier")
    tourist.go("Forebyggelse først")
    tourist.has_seen(3)

    press(page, "Kopiér")  # the tour itself works on the original, which it publishes
    page.locator(".limit input[value='4.500']").fill("4.700")
    tourist.look()
    allocate(page)
    tourist.has_seen(4)

    tourist.go("Tilføj ramme")
    tourist.go(re.compile("Antal indsatser"), exact=False)
    page.get_by_label("Højst").fill("10")
    press(page, "Gem")
    allocate(page)
    tourist.has_seen(5)
    expect(page.locator("#funding tbody tr").first).to_contain_text("10 indsatser")
    desk = page.url.partition("#")[0]

    tourist.go("Scenarier")
    for place in (0, 1):
        page.get_by_role("checkbox").nth(place).check()
    press(page, "Sammenlign de valgte")
    expect(page.locator("h2").first).to_have_text("Det er forskellen")
    tourist.has_seen(6)

    page.goto(desk)
    tourist.go("Hent")
    expect(page.locator("#downloads a")).to_have_count(3)
    tourist.go("Fremlæg")
    press(page, "Fremlæg")
    expect(page.locator(".head")).to_contain_text("Fremlagt")
    tourist.has_seen(7)
    tourist.go("Scenarier")
    tourist.has_seen(9)

    council = visit("politiker", **options).page
    council.goto("/scenarios")
    states = council.locator("main tbody .state").all_inner_texts()
    assert states
    assert set(states) == {"Fremlagt"}


def test_a_department_follows_the_tour(visit):
    tourist = Tourist(visit("beskaeftigelse").page)
    tourist.page.goto("/")
    tourist.go("Indsatser")
    tourist.go("Ny indsats")
    tourist.page.get_by_label("Titel").fill("Rundtur")
    press(tourist.page, "Gem og gå til evidens")
    tourist.look()
    expect(tourist.page.locator(".steps li")).to_have_count(9)
    tourist.has_seen(8)
