"""The form by keyboard alone: from an empty case to a submitted one, argument and all."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

TITLE = "Egen bolig til unge hjemløse"
MOST_TABS = 250
#: what a person would say of the element that has the focus
FOCUSED = """
() => {
  const one = document.activeElement;
  return [one.id, one.getAttribute("name") ?? "", one.value ?? "", one.textContent.trim()];
}
"""


class Keys:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, wanted: str) -> None:
        """Press Tab until a field of that id, or a button or link of those words, has the focus."""
        for _press in range(MOST_TABS):
            identity, _name, _value, text = self.page.evaluate(FOCUSED)
            if wanted in {identity, " ".join(text.split())}:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is not reached by Tab on {self.page.url}")

    def fill(self, identity: str, text: str) -> None:
        self.to(identity)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def choose(self, identity: str, words: str) -> None:
        """Choose in a list by typing the beginning of the words."""
        self.to(identity)
        self.page.keyboard.type(words[:6])
        chosen = self.page.locator(f"#{identity} option:checked")
        expect(chosen).to_have_text(re.compile(words))

    def press(self, words: str) -> None:
        """Press a button or follow a link."""
        self.to(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def begin(keys: Keys, page: Page) -> None:
    page.goto("/interventions")
    keys.press("Ny indsats")
    keys.fill("title", TITLE)
    keys.fill("summary", "40 unge om året får egen bolig.")
    keys.fill("target_group", "Unge hjemløse")
    keys.press("Gem og gå til evidens")
    keys.to("stars-0")
    page.keyboard.press("ArrowRight")
    keys.fill("evidence", "Egen optælling.")
    keys.press("Gem og gå til muligheder")
    heading(page, "Muligheder")
    keys.press("Gem og gå til effekt")


def write_effect(keys: Keys, page: Page) -> None:
    heading(page, "Effekt")
    keys.fill("effect-0-outcome", "I egen bolig efter et år")
    keys.fill("effect-0-citizens-2027", "40")
    page.keyboard.press("ArrowRight")  # the grid moves like a spreadsheet
    page.keyboard.type("40")
    keys.fill("effect-0-with-x", "28")
    keys.fill("effect-0-with-n", "40")
    keys.fill("effect-0-without-x", "16")
    keys.fill("effect-0-without-n", "40")
    keys.fill("effect-0-years", "3")
    # 28 of 40 against 16 of 40 is 30 points; the preview has Newcombe's interval
    expect(page.locator("[data-preview]")).to_contain_text("30 procentpoint (fra")
    keys.press("Gem og gå til konsekvenser")


def write_consequence(keys: Keys, page: Page) -> None:
    heading(page, "Konsekvenser")
    keys.fill("use-0-name", "Døgn på herberg")
    keys.fill("use-0-expected", "50")
    keys.fill("use-0-unit", "døgn")
    keys.fill("use-0-price", "1.000")
    keys.fill("use-0-source", "Eget regnskab 2026")
    keys.fill("use-0-budget_line", "5.38.42 Herberg")
    keys.fill("use-0-owner", "Socialchefen")
    # 40 x 0.30 x 50 x 1,000 = 600,000 a start year and year: two starts, three years each
    expect(page.locator("[data-preview]")).to_contain_text("3,6 mio.")


def submit(keys: Keys, page: Page) -> None:
    keys.press("Gem og gå til direkte tal")
    heading(page, "Direkte tal")
    keys.press("Gem og gå til måltal")
    heading(page, "Måltal")
    keys.press("Gem og gennemse")
    name_owner(keys, page)
    expect(page.get_by_text("Alt det krævede er på plads")).to_be_visible()
    keys.press("Indsend")
    expect(page.get_by_role("status").first).to_contain_text("Indsendt")


def name_owner(keys: Keys, page: Page) -> None:
    """Name the budget owner that the round asks for."""
    keys.press("Døgn på herberg: skriv den budgetansvarlige.")
    keys.choose("lines-0-kind", "Budgetreduktion")
    keys.choose("lines-0-person", "Socialforvaltningen")
    keys.press("Gem")
    keys.press("Luk")
    keys.press("Gennemse og indsend")


def test_a_case_is_written_and_submitted_by_keyboard_alone(visit):
    page = visit("social").page
    keys = Keys(page)
    begin(keys, page)
    write_effect(keys, page)
    write_consequence(keys, page)
    expect(page.locator("[data-saved]")).to_contain_text("Gemt")
    keys.press("Gem og gå til udgifter")

    heading(page, "Udgifter")
    keys.fill("cost-0-name", "Boligvejledere")
    keys.fill("cost-0-total-expected-2027", "halvanden mio")
    keys.press("Gem og gå til direkte tal")
    heading(page, "Udgifter")
    expect(page.locator(".errors")).to_contain_text("»halvanden mio« kan ikke læses")
    assert page.input_value("#cost-0-total-expected-2027") == "halvanden mio"
    keys.fill("cost-0-total-expected-2027", "1.500.000")
    submit(keys, page)

    heading(page, TITLE)
    # 3,600,000 saved and 1,500,000 laid out, all in the budget period
    assert re.search(r"\+2,1", page.locator("dl.figures").inner_text())
    expect(page.locator("#waterfall")).to_contain_text("24 ekstra succeser")


def test_what_cannot_be_read_is_said_while_one_writes(visit):
    page = visit("social").page
    keys = Keys(page)
    begin(keys, page)
    field = page.locator("#effect-0-with-expected")

    keys.fill("effect-0-with-expected", "mange")
    keys.to("effect-0-with-high")
    expect(page.locator("[data-saved]")).to_contain_text("»mange« kan ikke læses")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby").split()
    assert "effect-0-with-expected-error" in described
    expect(page.locator("#effect-0-with-expected-error")).to_contain_text("kan ikke læses")
    expect(page.locator("#effect-0-outcome")).not_to_have_attribute("aria-invalid", "true")

    field.fill("42")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#effect-0-with-expected-error")).to_have_count(0)
    assert "effect-0-with-expected-unit" in field.get_attribute("aria-describedby")
