"""The knowledge shelf in the form of a case: by keyboard alone, and every page of it read."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reading import LANGUAGES, Judge

pytestmark = pytest.mark.slow

FLAGGED = "/interventions/SOC-07"


def press_to(page, name):
    """Move the focus to a button or link with the keyboard, and press Enter."""
    wanted = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first
    expect(wanted).to_be_visible()
    for _step in range(200):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def begun(visit, title):
    page = visit("social").page
    page.goto("/interventions/new")
    page.get_by_label("Titel").fill(title)
    page.get_by_role("button", name="Gem kladden").first.click()
    page.wait_for_url("**/edit/description")
    return page


def test_an_effect_is_chosen_by_keyboard_alone(visit):
    page = begun(visit, "Valgt fra hylden")
    page.goto(page.url.replace("description", "effect"))

    press_to(page, re.compile("Vælg fra Videnshylden"))
    page.wait_for_url("**/edit/effect/shelf*")
    page.keyboard.press("/")  # the search box
    page.keyboard.type("egen bolig")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=egen+bolig*")
    press_to(page, re.compile("^Vælg Egen bolig med støtte"))

    page.wait_for_url("**/edit/effect#effect-0-outcome")
    assert page.locator("#effect-0-outcome").input_value() == "i egen bolig efter 12 måneder"
    counts = [page.locator(f"#effect-0-{part}").input_value() for part in
              ("with-x", "with-n", "without-x", "without-n")]  # fmt: skip
    assert counts == ["32", "40", "14", "40"]
    expect(page.get_by_text("Fra hylden:")).to_be_visible()


def test_what_was_typed_is_there_after_choosing(visit):
    page = begun(visit, "Skrevet og valgt")
    page.goto(page.url.replace("description", "effect"))
    page.locator("#effect-0-outcome").fill("i egen bolig")
    page.locator("#effect-0-citizens-2027").fill("40")

    page.get_by_role("button", name=re.compile("Vælg fra Videnshylden")).click()
    page.get_by_role("button", name=re.compile("Egen bolig med støtte")).click()

    page.wait_for_url("**/edit/effect#effect-0-outcome")
    assert page.locator("#effect-0-citizens-2027").input_value() == "40"
    assert page.locator("#effect-0-with-n").input_value() == "40"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_it_reads_well(visit, language):
    visitor, judge = visit("social"), Judge()
    visitor.go(f"/?lang={language}")
    faults = []
    for path in (
        FLAGGED,
        f"{FLAGGED}/recalculate",
        f"{FLAGGED}/edit/consequences",
        f"{FLAGGED}/edit/consequences/shelf?item=familie.stoette",
        f"{FLAGGED}/edit/effect/shelf?q=findes-ikke",
        "/settings/strategies/1/prices",
    ):
        visitor.go(path)
        faults += [f"{path} {fault}" for fault in judge.faults(visitor.page, language)]
    keeper = visit("okonomi")
    keeper.go(f"/?lang={language}")
    for path in ("/settings/strategies/1/prices", "/settings/strategies/1/prices/edit"):
        keeper.go(path)
        faults += [f"{path} {fault}" for fault in judge.faults(keeper.page, language)]
    assert faults == [], "\n".join(faults)
