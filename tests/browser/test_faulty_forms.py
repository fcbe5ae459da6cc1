"""Every form, sent in with nonsense: what is answered reads as well as the form itself."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Response

from tests.browser.people import ANONYMOUS
from tests.browser.reading import LANGUAGES, Judge
from tests.browser.routes import follow_links, kind_of
from tests.browser.threads import aside

pytestmark = pytest.mark.slow

# each has the forms of one trade; what the others have of forms, these have too
PEOPLE = [ANONYMOUS, "admin", "okonomi", "social"]

# long, without a place to break, and neither a number, a year nor an address
NONSENSE = "ikke/et@tal" * 30
NOTHING = "  "

FORMS = "form[method=post]:has(:is(input:not([type=hidden]), select, textarea))"

# fills a form with one text, takes every tick out, and sends it
SEND = """
(form, text) => {
  for (const field of form.querySelectorAll("input, textarea")) {
    if (["hidden", "submit", "file"].includes(field.type)) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = false;
    // the browser lets nobody type anything but a date
    else if (["date", "datetime-local"].includes(field.type)) field.value = "";
    else { field.removeAttribute("maxlength"); field.value = text; }
  }
  form.noValidate = true;
  form.requestSubmit(form.querySelector("button.primary[type=submit]"));
}
"""

# lists can only be chosen from, and of evidence everything may be left out
CANNOT_FAIL = {"/settings", "/department", "/evidence", "/round", "/shelf"}
# these keep what is wrong as it was typed, and say so on the page that follows; what is computed
# from them is gone then, so they come last
KEPT = {"effect", "consequences", "costs"}
# nonsense is a reason like any other, and what is done with it is done once only
ONCE = {
    *("interventions.withdraw", "interventions.return_", "interventions.take_step"),
    *("acceptances.accept", "library.retire", "rounds.close", "rounds.reopen"),
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module")
def asked(site) -> dict[str, dict[Any, str]]:
    """Return the address of one page of each kind with a form, for each person."""
    return {name: aside(_pages_with_forms, site.app, name) for name in PEOPLE}


def _pages_with_forms(app: Flask, name: str) -> dict[Any, str]:
    if name == ANONYMOUS:
        return {("security.login", ()): "/login"}
    found: dict[Any, str] = {}
    for address, answer in follow_links(app, name):
        html = answer.text if answer.mimetype == "text/html" else ""
        if "<label" in html.partition("<main")[2] and 'method="post"' in html.partition("<main")[2]:
            found.setdefault(kind_of(app, address), address)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PEOPLE)
def test_what_is_wrong_with_a_form_can_be_read(visit, site, asked, judge, name, language):
    visitor = visit(name)
    visitor.page.goto(f"/?lang={language}")
    faults = []
    for kind, address in sorted(asked[name].items(), key=lambda item: _keeps(item[0])):
        refused = 0
        visitor.page.goto(address)
        forms = visitor.page.locator(FORMS).count()  # none, when it was emptied in one language
        for place in range(forms):
            for text in (NOTHING,) if kind[0] in ONCE else (NONSENSE, NOTHING):
                answer = _sent(visitor.page, address, place, text)
                is_kept = _keeps(kind) and visitor.page.locator(".errors[role=alert]").count() > 0
                if answer.status < 400 and not is_kept:
                    continue  # it took even that
                refused += 1
                where = f"{address} {place} {text[:5]}"
                if answer.status != 422 and not is_kept:
                    faults.append(f"{where}: {answer.status}")
                elif not judge.knows(answer.text()):
                    faults += [f"{where} {f}" for f in judge.faults(visitor.page, language)]
                break
        if forms and not refused and not address.endswith(tuple(CANNOT_FAIL)):
            faults.append(f"{address}: nothing was refused")
    assert faults == [], "\n".join(faults)


def _keeps(kind: Any) -> bool:
    """Return whether a page is a step of the form that stores what cannot be read as well."""
    return bool(KEPT.intersection(kind[1]))


def _sent(page: Page, address: str, place: int, text: str) -> Response:
    """Send the form at ``place`` of a page with ``text`` in every field."""
    page.goto(address)
    with page.expect_navigation() as navigation:
        page.locator(FORMS).nth(place).evaluate(SEND, text)
    answer = navigation.value
    assert answer is not None
    return answer
