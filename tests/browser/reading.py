"""Reading a page as a stranger would: axe, both widths, dark, and the language it is in."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from babel.messages.catalog import Catalog
from playwright.sync_api import Page, expect

from planner.catalogue import merge_parts, read_parts

NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 900}
LANGUAGES = ("da", "en")

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
# most of axe's time goes to contrast, and a colour is the same in every language
BUT_CONTRAST = RULES | {"rules": {"color-contrast": {"enabled": False}}}
# what may be right at one width and wrong at another although all the same is shown
OF_WIDTH = {
    "runOnly": ["target-size", "scrollable-region-focusable"],
    "resultTypes": ["violations"],
}
SHOWN = "h1, h2, h3, label, legend, button, th, dt, summary, caption, nav a, a.button, .err, .help"

AXE = Axe()
# axe is half a megabyte to read: once a page is enough, and only what it finds comes back
IS_THERE = "() => 'axe' in window"
FIND = "async (rules) => (await axe.run(rules)).violations"

# differs from one answer to the next, or from one person to another, and reads the same
PASSING = re.compile(
    r'<header class="top">.*?</header>'  # each person's own bar is read on their other pages
    r'|<input[^>]*name="(?:csrf_token|_key)"[^>]*>'
    r'|<p class="fine">[^<]*\b[0-9a-f]{12}\b</p>',  # the number of one request
    re.DOTALL,
)


def likeness(html: str) -> str:
    """Return what two answers have in common when they are the same page to a reader."""
    return sha256(PASSING.sub("", html).encode("utf-8")).hexdigest()


class Judge:
    """Finds what is wrong with the page that a browser shows, at both widths and in the dark."""

    def __init__(self) -> None:
        self._english = set(_english(merge_parts(read_parts())))
        self._known: set[str] = set()

    def knows(self, html: str) -> bool:
        """Say whether a page like this has been judged before; from now on it has."""
        found = likeness(html)
        if found in self._known:
            return True
        self._known.add(found)
        return False

    def faults(self, page: Page, language: str) -> Iterator[str]:
        """Say what is wrong with the page as it stands.

        Every rule is asked at one width in Danish and at the other in English; colours, light and
        dark, in Danish only.
        """
        is_first = language == LANGUAGES[0]
        yield from self._words(page, language)
        wait_for_charts(page)
        yield from (f"1280: {f}" for f in _at(page, WIDE, RULES if is_first else OF_WIDTH))
        page.set_viewport_size(NARROW)
        yield from (f"390: {f}" for f in _at(page, NARROW, OF_WIDTH if is_first else BUT_CONTRAST))
        if is_first:
            page.emulate_media(color_scheme="dark")
            yield from (f"dark: {fault}" for fault in violations(page, CONTRAST))
            page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)

    def _words(self, page: Page, language: str) -> Iterator[str]:
        if page.get_attribute("html", "lang") != language:
            yield "another language"
        if page.locator("h1").count() != 1:
            yield "not one h1"
        if language == "da":
            words = {" ".join(w.split()) for w in page.locator(SHOWN).all_inner_texts()}
            yield from (f"English: {word}" for word in sorted(words & self._english))


def wait_for_charts(page: Page) -> None:
    """Wait until every picture that can be seen is drawn."""
    expect(page.locator("[data-plot]:visible:not(:has(svg))")).to_have_count(0)


def violations(page: Page, rules: dict[str, Any]) -> Iterator[str]:
    """Say what axe finds."""
    if not page.evaluate(IS_THERE):
        page.evaluate(AXE.axe_script)
    for violation in page.evaluate(FIND, rules):
        places = [node["html"][:160] for node in violation["nodes"][:3]]
        why = violation["nodes"][0]["failureSummary"].replace("\n", " ")[:300]
        yield f"axe {violation['id']}: {places} {why}"


def _at(page: Page, size: dict[str, int], rules: dict[str, Any]) -> Iterator[str]:
    """Say what is wrong at one width, as it comes and with what is folded away opened."""
    yield from _too_wide(page, size["width"])
    page.evaluate(OPEN_ALL)
    wait_for_charts(page)
    yield from _too_wide(page, size["width"])
    yield from violations(page, rules)


# opens what is folded away, and waits until the page has seen how wide its tables are
OPEN_ALL = """
() => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  return new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
}
"""

# what is wider than its own place, the innermost first
FARTHEST = """
() => [...document.querySelectorAll("body *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth
                   && getComputedStyle(one).overflowX === "visible"
                   && !one.closest(".hidden, .skip, svg"))
  .slice(-2)
  .map((one) => one.outerHTML.slice(0, 160))
"""


def _too_wide(page: Page, width: int) -> Iterator[str]:
    try:  # it may take a moment to settle after the change of size
        expect(page.locator("html")).to_have_js_property("scrollWidth", width, timeout=5_000)
    except AssertionError:
        is_wide = page.evaluate("document.documentElement.scrollWidth")
        yield f"{is_wide} px wide: {page.evaluate(FARTHEST)}"


# --- Texts that a Danish page may not show --------------------------------------------------------


def _english(catalogue: Catalog) -> Iterator[str]:
    """Yield the texts whose Danish is another."""
    danish = {form for m in catalogue if m.id for form in _forms(m.string)}
    for message in catalogue:
        for english in _forms(message.id):
            if english and "%" not in english and english not in danish:
                yield english


def _forms(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())
