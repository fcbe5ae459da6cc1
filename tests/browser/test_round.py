"""A round that finance closes and opens again, as a department meets it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import press

FORM = "/interventions/SOC-07/edit/description"

pytestmark = pytest.mark.slow


def test_a_closed_round_locks_the_form_and_a_reopened_one_does_not(visit):
    finance, social = visit("okonomi").page, visit("social").page
    finance.goto("/interventions")
    finance.get_by_role("link", name="Runder", exact=True).click()
    finance.get_by_role("link", name="Budget 2028").click()
    finance.get_by_role("link", name="Luk runden").click()
    finance.get_by_label("Begrundelse").fill("Budgettet er lagt")
    press(finance, "Luk runden")
    expect(finance.get_by_role("status").first).to_contain_text("Runden er lukket")

    social.goto(FORM)
    expect(social.get_by_text("Skemaet er låst")).to_have_count(2)
    expect(social.get_by_text("Økonomi har lukket runden: Budgettet er lagt")).to_be_visible()
    expect(social.locator("main form")).to_have_count(0)

    finance.get_by_role("link", name="Åbn runden igen").click()
    finance.get_by_label("Begrundelse").fill("En uge mere")
    press(finance, "Åbn runden igen")
    expect(finance.get_by_text(re.compile("^Åben til"))).to_be_visible()
    social.goto(FORM)
    expect(social.get_by_label("Titel")).to_be_visible()
