"""What finance does in the browser: pressing, importing a plan file, allocating, reading it."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect


def press(page: Page, name: str) -> None:
    """Press the first button of that name."""
    page.get_by_role("button", name=name, exact=True).first.click()


def upload(page: Page, path: Path) -> None:
    """Import a plan file and come to the desk of its scenario."""
    page.goto("/scenarios")
    page.get_by_role("link", name="Indlæs en planfil").click()
    page.get_by_label("Planfil").set_input_files(path)
    press(page, "Læs filen")
    press(page, "Gem strategi og scenarie")


def allocate(page: Page) -> None:
    """Ask for the plan; the worker makes it, and the page goes on by itself."""
    page.get_by_role("button", name="Fordel", exact=True).click()
    expect(page.locator("#result .status.good")).to_be_visible()


def result_of(page: Page) -> dict[str, Any]:
    """Return the result document that the page offers."""
    answer = page.request.get(f"{page.url.split('#')[0]}/result.json")
    assert answer.ok
    document: dict[str, Any] = json.loads(answer.body())
    return document
