"""Jobs 1 to 5 of the product, with their numbers, in a real browser."""

from datetime import timedelta
from fractions import Fraction

import pytest
from playwright.sync_api import Locator, Page, expect

from optimizer import Case, read_plan
from optimizer.appraisal import Appraisal
from optimizer.case_figures import SAVING, SPENDING, CaseFigures, later, weaker
from planner import formats
from tests.browser import known
from tests.browser.desk import allocate, press, result_of
from tests.browser.threads import aside
from tests.optimizer.cases import REAL

pytestmark = pytest.mark.slow

LOCKED = "Skemaet er låst: det hører til runden Budget 2027."


# --- Job 1: collect proposals by a deadline -------------------------------------------------------


@pytest.fixture
def move_clock(site):
    """Let it be later than it is, until the test is over."""
    yield site.move_clock
    site.move_clock(timedelta(0))


def test_proposals_are_collected_by_a_deadline(site, visit, move_clock):
    finance, social = visit("okonomi").page, visit("social").page
    deadline = (site.clock() + timedelta(days=10)).replace(hour=12, minute=0, second=0)
    finance.goto("/rounds/new")
    finance.get_by_label("Navn").fill("Budget 2027")
    finance.get_by_label("Frist").fill(deadline.strftime("%Y-%m-%dT%H:%M"))
    finance.get_by_role("group", name="Kræves for at indsende").get_by_label(
        "En budgetansvarlig for hver besparelse"
    ).check()
    press(finance, "Gem")
    until = f"{formats.date(deadline)} kl. 12.00"
    expect(finance.get_by_text(f"Åben til {until}")).to_be_visible()
    the_round = finance.url

    # without a budget owner it is blocked, and the field is named
    handed_in, left_behind = aside(known.add_drafts, site.app)
    social.goto(f"/interventions/{handed_in}/edit/check")
    expect(social.get_by_text("Én ting mangler, før den kan indsendes")).to_be_visible()
    expect(social.get_by_role("button", name="Indsend", exact=True)).to_have_count(0)
    social.get_by_role("link", name="Mindre forbrug: skriv den budgetansvarlige.").click()
    expect(social.locator("#lines-0-person")).to_be_in_viewport()
    social.locator("#lines-0-kind").select_option("budget_cut")
    social.locator("#lines-0-person").select_option(label="Socialforvaltningen")
    press(social, "Gem")
    social.goto(f"/interventions/{handed_in}/edit/check")
    press(social, "Indsend")
    expect(social.locator(".head")).to_contain_text("Indsendt")

    # after the deadline the form is locked, and says until when and who can open it
    move_clock(timedelta(days=11))
    finance, social = visit("okonomi").page, visit("social").page
    social.goto(f"/interventions/{left_behind}/edit/description")
    said = f"{LOCKED} Runden var åben til {until}. Økonomi kan åbne den igen."
    expect(social.locator("main")).to_contain_text(said)
    expect(social.get_by_label("Titel")).to_have_count(0)

    finance.goto(the_round)
    expect(finance.locator("main")).to_contain_text("1 indsats: 1 indsendt")
    finance.get_by_role("link", name="Åbn runden igen").click()
    finance.get_by_label("Begrundelse").fill("Byrådet vil se flere forslag")
    press(finance, "Åbn runden igen")
    expect(finance.get_by_role("status").first).to_contain_text("Runden er åben igen")
    social.reload()
    expect(social.get_by_label("Titel")).to_have_value("Bostøtte om aftenen")


# --- Jobs 2 and 3: one profile, weak effect and delay ---------------------------------------------


def published() -> CaseFigures:
    """Return the figures of the published case, as `optimizer` makes them."""
    plan = read_plan(REAL / "danish_cases.json")
    _intervention, option = plan.options["hjoerring_2015/council"]
    return CaseFigures(Appraisal(plan), option, frozenset({"kommune"}))


def row_of(table: Locator, name: str) -> list[str]:
    """Return the numbers of one row of a table."""
    header = table.page.get_by_role("rowheader", name=name, exact=True)
    return table.get_by_role("row").filter(has=header).locator("td").all_inner_texts()


def by_year(amounts) -> list[str]:
    return [formats.thousand_change(amounts[year]) for year in range(2015, 2020)]


def test_one_profile_and_what_if_it_goes_otherwise(site, visit):
    case = aside(known.add_profile, site.app)
    page = visit("okonomi").page
    page.goto(f"/interventions/{case}")
    sums = published()

    lead, so_far = page.locator(".lead"), page.locator("#cumulative")
    expect(lead).to_contain_text("sparer den for 285,3 mio. kr. over 5 år, tjent hjem i 2018")
    expect(page.locator("#waterfall")).to_contain_text("giver +160,3 mio. kr.")
    expect(so_far).to_contain_text("Ved udgangen af 2018 er der sparet 168,3 mio. kr.")
    so_far.locator("summary").click()
    table = so_far.locator("table")
    saved = row_of(table, "Opsummeret besparelse")
    assert saved == ["0", "+7.300", "+76.300", "+168.300", "+285.300"]
    # the page has the optimizer's own figures, and they are the published ones
    assert saved == by_year(sums.cumulative(kinds=SAVING))
    assert row_of(table, "Opsummeret udlæg og udgift") == by_year(sums.cumulative(kinds=SPENDING))
    assert row_of(table, "Opsummeret netto, forventet") == []
    assert row_of(table, "Opsummeret netto") == by_year(sums.cumulative())
    assert (sums.saved, sums.net, sums.payback_year) == (285_300_000, 160_300_000, 2018)

    # half the effect, one click from the case's page
    page.get_by_role("link", name="den halve effekt", exact=True).click()
    expect(lead).to_contain_text("tjent hjem i 2019")
    half = weaker(sums.option, Fraction(1, 2))
    assert sum(f.in_case(Case.EXPECTED) for f in half.flows if f.amount > 0) == 142_650_000
    assert row_of(page.locator("#payers"), "Kommunen")[1] == "142.650"
    page.get_by_role("link", name="158 mio.").first.click()
    expect(lead).to_contain_text("ikke tjent hjem i de viste år til og med 2019")
    assert row_of(page.locator("#payers"), "Kommunen")[:2] == ["−158.000", "142.650"]

    # one year's delay at full effect
    page.get_by_role("link", name="125 mio.").first.click()
    page.get_by_role("link", name="effekten et år senere", exact=True).click()
    expect(lead).to_contain_text("sparer den for 168,3 mio. kr. over 5 år, tjent hjem i 2019")
    late = CaseFigures(sums.appraisal, later(sums.option, 1, 2019), sums.payers)
    assert (late.saved, late.payback_year) == (168_300_000, 2019)
    so_far.locator("summary").click()
    assert row_of(so_far.locator("table"), "Opsummeret netto") == by_year(late.cumulative())


# --- Job 4: horizon honesty -----------------------------------------------------------------------


def test_a_break_even_beyond_the_view_is_not_promised(site, visit):
    case, strategy = aside(known.add_long_view, site.app)
    page = visit("okonomi").page
    page.goto(f"/interventions/{case}")
    expect(page.locator(".lead")).to_contain_text("tjent hjem i 2046")  # 19 years after 2027

    page.goto(f"/settings/strategies/{strategy}")
    page.get_by_label("Sidste år, der tæller").fill("2036")
    press(page, "Gem")
    page.goto(f"/interventions/{case}")

    expect(page.locator(".lead")).to_contain_text("ikke tjent hjem i de viste år til og med 2036")
    expect(page.locator("#cumulative h2")).to_have_text(
        "Ikke tjent hjem i de viste år til og med 2036"
    )
    assert "2046" not in page.locator("main").inner_text()
    expect(page.locator("main")).to_contain_text("Beløb uden for dem, i 2037–56, er ikke talt med")
    first, second = page.locator(".figures > div").all_inner_texts()[:2]
    assert first.split("\n")[:2] == ["Netto i budgetperioden", "−16,0 mio. kr."]
    assert second.split("\n")[:2] == ["Netto derefter", "+6,0 mio. kr."]


# --- Job 5: no double counting --------------------------------------------------------------------

SAME = "samme målgruppe (Unge uden bolig) og budgetlinje"
UNSAID = "Nogle besparelser kan være talt med to gange"


def funding(page: Page) -> dict[str, list[str]]:
    """Return the rows of the table of the funded, by the first line of their name."""
    rows = page.locator("#funding tbody tr").all()
    texts = [row.locator("th, td").all_inner_texts() for row in rows]
    return {cells[0].split("\n")[0].strip(): cells for cells in texts if len(cells) > 1}


def way_out(page: Page, first: str, second: str, words: str) -> None:
    """Follow one of the links that a pair of candidates is pointed out with."""
    pair = page.locator("#shared li").filter(has_text=first).filter(has_text=second)
    pair.get_by_role("link", name=words).click()


def test_no_krone_is_counted_twice(site, visit):
    scenario = aside(known.add_shared, site.app)
    desk = f"/scenarios/{scenario}"
    finance = visit("okonomi").page
    finance.goto(desk)
    allocate(finance)

    # 2 x 3 - 2, 2 x 2 - 1 and 2 x 0.9 - 0.5: everything counted, and said to be too much
    assert result_of(finance)["totals"]["net_saving"]["kommune"]["budget_period"] == 8_300_000
    assert funding(finance)["I alt"][-2:] == ["+8.300", "0"]
    expect(finance.locator("#candidates")).to_contain_text(UNSAID)
    counted = finance.locator("#candidates").get_by_text(
        "Begge er valgt, så deres fælles besparelse"
    )
    expect(counted).to_have_count(2)

    # both departments are warned, each on its own case's page, and so is finance
    for name, code, other in (
        ("social", "HELE", "Bolig og job"),
        ("beskaeftigelse", "JOB", "Bostøtte i hele byen"),
    ):
        department = visit(name).page
        department.goto(f"/interventions/{code}")
        expect(department.locator(".notice.warn")).to_contain_text(f"budgetlinje som {other}")
        department.get_by_role("link", name="Se overlap").click()
        warned = department.locator("#overlaps")
        expect(warned).to_be_in_viewport()
        expect(warned).to_contain_text(SAME)
        expect(warned.get_by_role("link", name=other)).to_be_visible()
        expect(warned.get_by_role("link", name="Skriv det fælles tab")).to_have_count(0)

    finance.goto("/")
    way_out(finance, "Bostøtte i hele byen", "Bolig og job", "Skriv det fælles tab")
    finance.locator("#loses_2028").fill("1.000.000")
    press(finance, "Gem")
    expect(finance.locator(".errors")).to_contain_text("Begrundelse")
    finance.get_by_label("Begrundelse").fill("De samme unge står i begge")
    press(finance, "Gem")
    finance.goto("/")
    way_out(
        finance, "Bostøtte i hele byen", "Bostøtte i midtbyen", "Den ene er en del af den anden"
    )
    finance.get_by_label("Begrundelse").fill("Midtbyen er med i hele byen")
    press(finance, "Gem")

    # the joint saving is a million smaller, and the part is not added to its whole
    finance.goto(desk)
    allocate(finance)
    expect(finance.locator("main")).not_to_contain_text(UNSAID)
    document, rows = result_of(finance), funding(finance)
    assert {one["intervention"] for one in document["chosen"]} == {"HELE", "JOB"}
    assert document["totals"]["net_saving"]["kommune"]["budget_period"] == 6_000_000
    assert rows["Bostøtte i hele byen"][-2:] == ["+4.000", "0"]
    assert rows["Bolig og job"][-2:] == ["+3.000", "0"]
    assert rows["Tabt ved overlap"][-2:] == ["−1.000", "0"]
    assert "De samme unge står i begge" in rows["Tabt ved overlap"][0]
    assert rows["I alt"][-2:] == ["+6.000", "0"]

    # the case's own page says so, too
    finance.goto("/interventions/HELE")
    declared = finance.locator("#overlaps")
    expect(declared).to_contain_text("1,0 mio. kr. af besparelserne går tabt, når begge vælges")
    expect(declared).to_contain_text("De samme unge står i begge")
    expect(declared).to_contain_text(f"Kun én af dem kan vælges i {known.SHARED}")
