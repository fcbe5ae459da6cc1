"""From a department's idea to what a councillor reads, in Danish, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import allocate, press

TITLE = "Fritidsjob til unge uden for uddannelse"
OWN = "Beskæftigelse med en bund for unge"
COPY = re.compile("Beskæftigelse først")

pytestmark = pytest.mark.slow


# --- What each of them does -----------------------------------------------------------------------


def propose(page: Page) -> None:
    """Write a candidate step by step, as a department does, and submit it."""
    page.goto("/interventions")
    page.get_by_role("link", name="Ny indsats").first.click()
    page.get_by_label("Titel").fill(TITLE)
    page.get_by_label("Hvad bliver gjort, og hvorfor").fill(
        "60 unge får et fritidsjob og en mentor, og kommer i gang med en uddannelse."
    )
    page.get_by_label("Målgruppe").fill("Unge uden for uddannelse")
    press(page, "Gem og gå til evidens")

    page.get_by_label("2 stjerner").check()
    page.get_by_label("Hvad man ved").fill("Et forsøg med sammenligning i tre kommuner.")
    press(page, "Gem og gå til muligheder")

    page.get_by_label("Mulighedens navn").fill("60 unge om året")
    page.locator("button[name=do][value=next]").click()

    # a case without an effect leaves these steps as they are
    for following in ("konsekvenser", "udgifter", "direkte tal"):
        press(page, f"Gem og gå til {following}")
    fill_flows(page)
    page.locator("button[name=do][value=next]").click()

    page.locator("#measure-0-name").fill("borgere")
    page.locator("#measure-0-total").fill("60")
    page.locator("button[name=do][value=next]").click()
    name_owner(page)
    expect(page.get_by_text("Alt det krævede er på plads")).to_be_visible()
    press(page, "Indsend")
    expect(page.get_by_role("status").first).to_contain_text("Indsendt")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def name_owner(page: Page) -> None:
    """Be told that the round asks for a budget owner, and name one."""
    expect(page.get_by_role("button", name="Indsend", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Kortere tid på ydelse: skriv den budgetansvarlige.").click()
    page.locator("#lines-0-kind").select_option("budget_cut")
    page.locator("#lines-0-person").select_option(label="Beskæftigelsesforvaltningen")
    press(page, "Gem")
    page.get_by_role("link", name="Luk", exact=True).click()
    page.get_by_role("link", name="Gennemse og indsend").click()


def fill_flows(page: Page) -> None:
    """Type an outlay and a saving into the grid."""
    while page.locator("[id^=line-][id$=-text]").count() < 2:
        page.locator("button[value^=add-]").first.click()
    lines = (
        ("outlay", "Mentorer", {"2027": "-1.200.000"}),
        ("saving", "Kortere tid på ydelse", {"2028": "600.000", "2029": "1.400.000"}),
    )
    for line, (kind, text, amounts) in enumerate(lines):
        page.locator(f"#line-{line}-text").fill(text)
        details = page.locator(f"tr:has(#line-{line}-text) details")
        if not details.evaluate("element => element.open"):
            details.locator("summary").click()
        page.locator(f"#line-{line}-kind").select_option(kind)
        page.locator(f"#line-{line}-budget").fill("05.57.71")
        for year, amount in amounts.items():
            page.locator(f"#line-{line}-amount-{year}").fill(amount)
    expect(page.locator("tr:has(#line-1-text) [data-line-sum]")).to_have_text("2.000.000")


def accept(page: Page) -> None:
    """Find the case sound, as finance does."""
    page.goto("/interventions")
    page.get_by_role("link", name=TITLE).first.click()
    press(page, "Godkend")
    expect(page.get_by_role("status").first).to_contain_text("Godkendt")


def make_scenario(page: Page) -> str:
    """Make a scenario with a pool and one limit, and return its address."""
    page.goto("/scenarios")
    page.get_by_role("link", name="Nyt scenarie").first.click()
    page.get_by_label("Titel").fill(OWN)
    press(page, "Opret scenariet")
    expect(page.get_by_role("heading", level=1)).to_have_text(OWN)
    desk = page.url.split("#")[0]

    page.goto(f"{desk}/pools")
    page.get_by_label("Ét beløb").first.check()
    page.locator("#p0_total").fill("20.000.000")
    press(page, "Gem")
    expect(page.get_by_role("heading", level=1)).to_have_text(OWN)

    page.get_by_role("link", name="Tilføj ramme").click()
    page.get_by_role("link", name=re.compile("Vælg ?: Antal indsatser")).click()
    page.locator("#at_least").fill("3")
    press(page, "Gem")
    expect(page.locator("#limits .limit")).to_have_count(1)
    return desk


def publish(page: Page, desk: str) -> None:
    page.goto(f"{desk}/publish")
    press(page, "Fremlæg")
    expect(page.locator(".head")).to_contain_text("Fremlagt")


# --- The journey ----------------------------------------------------------------------------------


def test_a_candidate_goes_from_the_department_to_the_council(visit, site):
    department = visit("beskaeftigelse").page
    propose(department)
    expect(department.locator(".head")).to_contain_text("Indsendt")

    finance = visit("okonomi").page
    accept(finance)
    desk = make_scenario(finance)
    finance.goto(desk)
    allocate(finance)
    status = finance.locator("#result .status").inner_text()
    assert re.search(r"(?i)bedst", status), status
    expect(finance.locator("#funding")).to_contain_text(TITLE)
    expect(finance.locator("#uses")).to_be_visible()

    other = address_of(finance, COPY)
    compare(finance, [OWN, COPY])
    for one in (desk, other):
        publish(finance, one)

    council = visit("politiker").page
    council.goto("/scenarios")
    compare(council, [OWN, COPY])
    council.goto(desk)
    expect(council.get_by_role("heading", level=1)).to_have_text(OWN)
    expect(council.get_by_role("button", name="Fordel", exact=True)).to_have_count(0)


def address_of(page: Page, title: str | re.Pattern[str]) -> str:
    page.goto("/scenarios")
    page.get_by_role("rowheader", name=title).get_by_role("link").first.click()
    return page.url.split("#")[0].removesuffix("/allocation")


def compare(page: Page, titles: list[str | re.Pattern[str]]) -> None:
    """Tick scenarios in the list and read what differs."""
    page.goto("/scenarios")
    for title in titles:
        page.get_by_role("row").filter(has_text=title).get_by_role("checkbox").check()
    press(page, "Sammenlign de valgte")
    expect(page.get_by_role("heading", name="Det er forskellen")).to_be_visible()
    for title in titles:
        expect(page.locator("main")).to_contain_text(title)


# --- Without JavaScript ---------------------------------------------------------------------------


def test_without_javascript_a_scenario_is_copied_allocated_and_read(visit):
    finance = visit("okonomi", java_script_enabled=False).page
    address_of(finance, COPY)
    press(finance, "Kopiér")
    finance.get_by_role("button", name="Fordel", exact=True).click()
    # a plain page does not follow a calculation: the reader loads it again
    for _attempt in range(20):
        if finance.locator("#result .status.good").count():
            break
        finance.reload()
    expect(finance.locator("#result .status.good")).to_be_visible()
    expect(finance.locator("#funding table")).to_be_visible()
    numbers = finance.locator("figure.chart").first
    numbers.locator("summary").click()
    expect(numbers.locator("table")).to_be_visible()
