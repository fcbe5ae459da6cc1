"""The words of a contract follow what is typed, and nothing is stored by it."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_the_sentence_of_a_contract_follows_the_fields(visit):
    page = visit("social").page
    page.goto("/interventions/new")
    page.locator("input[name=title]").fill("Mestring i hverdagen")
    page.locator("button.primary").click()
    options = page.url.partition("/edit/")[0] + "/edit/options"
    page.goto(options)
    page.locator("#options-0-has_contract").check()
    page.locator("#contract-1 summary").click()
    page.locator("#options-0-contract-year").fill("2031")
    page.locator("#options-0-contract-share").fill("50")
    page.locator("#options-0-contract-cap").fill("4.000.000")
    page.keyboard.press("Tab")

    said = page.locator("#contract-1 [data-said]")
    expect(said).to_have_text(
        "Betaler 50 % af Nordby Kommunes besparelse til og med 2031, højst 4,0 mio. kr."
        " Nordby Kommune betaler i 2031."
    )
    assert not page.locator("#options-0-contract-gate-error").count()
    page.locator("#options-0-has_contract").uncheck()
    expect(said).to_have_text("")
    # what was typed is still there, and leaving without saving leaves nothing behind
    expect(page.locator("#options-0-contract-share")).to_have_value("50")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(options)
    expect(page.locator("#options-0-has_contract")).not_to_be_checked()
