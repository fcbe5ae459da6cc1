"""The steps of an argument in a browser: they save themselves, and the button waits its turn."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def begun(visit, title):
    """A draft of the social department, open at its step on the effect."""
    page = visit("social").page
    page.goto("/interventions/new")
    page.get_by_label("Titel").fill(title)
    page.get_by_role("button", name="Gem kladden").first.click()
    page.wait_for_url("**/edit/description")
    page.goto(page.url.replace("description", "effect"))
    return page


def test_what_is_typed_is_stored_without_a_button(visit):
    page = begun(visit, "Gemmer selv")

    with page.expect_response(lambda answer: "x-autosave" in answer.request.headers) as saved:
        page.locator("#effect-0-outcome").fill("I egen bolig")
    assert saved.value.status == 200
    page.goto(page.url)

    assert page.locator("#effect-0-outcome").input_value() == "I egen bolig"


def test_the_button_waits_for_a_save_under_way(visit):
    page = begun(visit, "Gemmer to gange")
    held = []

    def hold(route):
        """Let the server store what the page sent by itself, but not answer yet."""
        if "x-autosave" in route.request.headers:
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/edit/effect", hold)
    page.locator("#effect-0-outcome").fill("I egen bolig")
    while not held:
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Gem kladden").last.click(no_wait_after=True)
    route, answer = held[0]
    route.fulfill(response=answer)

    expect(page.get_by_text("Gemt.", exact=True)).to_be_visible()
    assert page.locator("#effect-0-outcome").input_value() == "I egen bolig"
