"""The page of one intervention: figures, options, what-ifs, versions, history, scenarios."""

import re
from decimal import Decimal

import pytest

from planner.model.states import FlowKind
from planner.services.interventions import (
    MeasureData,
    accept_case,
    create_accepted,
    create_draft,
    new_draft_from,
    return_case,
    save_draft,
    submit_case,
)
from planner.services.scenarios import ScenarioData, create_scenario


@pytest.fixture
def hjoerring(session, build, clock):
    """Investment 125 in 2015, savings 7.3, 69, 92 and 117: a strategy without discounting."""
    strategy = build.strategy(
        session,
        title="Hjørring",
        price_year=2015,
        budget_year=2015,
        horizon_first=2015,
        horizon_last=2019,
        discount=[],
    )
    savings = {2016: 7_300_000, 2017: 69_000_000, 2018: 92_000_000, 2019: 117_000_000}
    options = tuple(
        build.option(
            key,
            title=title,
            flows=(
                build.flow(2015, -investment),
                *(build.flow(year, amount) for year, amount in savings.items()),
            ),
        )
        for key, title, investment in (
            ("125", "Investering 125", 125_000_000),
            ("158", "Investering 158", 158_000_000),
        )
    )
    case = create_accepted(
        session,
        build.case("Hjørringmodellen", options=options),
        department=strategy.departments[1],
        by=None,
        now=clock(),
    )
    session.commit()
    return f"/interventions/{case.intervention.code}"


def figures(html: str) -> list[str]:
    return [
        " ".join(re.sub(r"<[^>]+>", " ", found).split())
        for found in re.findall(r'<dd class="value">(.*?)</dd>', html, re.DOTALL)
    ]


def test_one_profile_is_seen(client_for, hjoerring):
    """PRODUCT, job 2: cumulative 168.3 of savings by 2018, payback 2018, total 285.3, net 160.3."""
    page = client_for("politician").page(hjoerring)
    html = client_for("politician").get(hjoerring).text

    assert figures(html)[:3] == ["+43,3 mio. kr.", "+117,0 mio. kr.", "+160,3 mio. kr."]
    assert figures(html)[3] == "2,28"  # 285,3 / 125
    assert figures(html)[4] == "3.125.000 kr."  # 125 mio. for 40 citizens
    assert "Tjent hjem i 2018" in page.words
    assert "tjent hjem i 2018" in page.words
    assert "sparer den for 285,3" in page.words
    assert "−125.000 7.300 69.000 92.000 117.000 160.300" in page.words
    assert "−125.000 −117.700 −48.700 +43.300 +160.300" in page.words
    assert "Opsummeret besparelse 0 +7.300 +76.300 +168.300 +285.300" in page.words
    said = "Ved udgangen af 2018 er der sparet 168,3 mio. kr. og brugt 125,0 mio. kr."
    assert said in page.words


@pytest.mark.parametrize(
    ("query", "saved", "finding"),
    [
        ("option=125&what=half", "142,7", "Tjent hjem i 2019"),
        ("option=158&what=half", "142,7", "Ikke tjent hjem i de viste år til og med 2019"),
        ("option=125&what=late", "168,3", "Tjent hjem i 2019"),
    ],
)
def test_weak_effect_and_delay(client_for, hjoerring, query, saved, finding):
    """PRODUCT, job 3; said to be a what-if, and nothing is stored."""
    page = client_for("finance").page(f"{hjoerring}?{query}")

    assert finding in page.words
    assert f"sparer den for {saved} mio. kr." in page.words
    assert "Et tænkt udfald" in page.words
    assert "Et tænkt udfald" not in client_for("finance").page(hjoerring).words


def test_a_what_if_changes_the_lines_too(client_for, hjoerring):
    client = client_for("finance")

    assert "0 3.650 34.500 46.000 58.500 142.650" in client.page(f"{hjoerring}?what=half").words
    assert "0 0 7.300 69.000 92.000 168.300" in client.page(f"{hjoerring}?what=late").words


def test_a_break_even_beyond_the_view_is_not_invented(
    client_for, session, build, department, clock
):
    option = build.option(
        flows=(
            build.flow(2027, -19_000_000),
            *(build.flow(y, 1_000_000) for y in range(2028, 2037)),
        )
    )
    case = create_accepted(
        session,
        build.case(options=(option,)),
        department=department("social"),
        by=None,
        now=clock(),
    )
    session.commit()

    page = client_for("finance").page(f"/interventions/{case.intervention.code}")

    assert "Ikke tjent hjem i de viste år til og med 2036" in page.words
    assert page.words.index("Netto i budgetperioden") < page.words.index("Netto derefter")
    assert "Beløb uden for dem" not in page.words


def test_amounts_beyond_the_view_are_said_to_be_left_out(
    client_for, session, build, department, clock
):
    flows = (
        build.flow(2027, -19_000_000),
        *(build.flow(y, 1_000_000) for y in range(2028, 2047)),
    )
    create_accepted(
        session,
        build.case(options=(build.option(flows=flows),)),
        department=department("social"),
        by=None,
        now=clock(),
    )
    session.commit()

    page = client_for("finance").page(PATH)

    assert "De viste år er 2027–36. Beløb uden for dem, i 2037–46, er ikke talt med." in page.words
    assert "sparer den for 9,0 mio. kr." in page.words
    assert "Ikke tjent hjem i de viste år til og med 2036" in page.words


def test_each_what_if_is_one_link_at_the_figures(client_for, hjoerring):
    html = client_for("finance").get(hjoerring).text
    at_the_figures = html.partition('<nav class="switch"')[2].partition("</nav>")[0]

    links = re.findall(r'href="[^"]*\?what=(\w+)"[^>]*>([^<]+)<', at_the_figures)

    assert links == [
        ("half", "den halve effekt"),
        ("late", "effekten et år senere"),
        ("both", "den halve effekt, et år senere"),
    ]


@pytest.fixture
def accepted(session, build, department, person, clock):
    """One accepted case with three purses, two categories, a band, and time that is freed."""
    flows = (
        build.flow(2027, -3_000_000, line="Bostøtte"),
        build.flow(2028, -500_000, line="Drift", kind=FlowKind.COST, category="service"),
        build.flow(
            2028, 2_000_000, line="Herberg", budget_line="5.38", low=1_000_000, high=2_500_000
        ),
        build.flow(2032, 4_000_000, line="Ydelser", category="transfers", budget_line="5.57"),
        build.flow(2029, 250_000, line="Frigjort tid", cashable=False),
        build.flow(2029, 700_000, line="Psykiatri", payer="region", cashable=False),
    )
    case = create_draft(
        session,
        build.case(options=(build.option(flows=flows), build.option("halv", title="Halv"))),
        department=department("social"),
        by=person("social"),
        now=clock(),
    )
    submit_case(session, case, by=person("social"), now=clock(), seen_version=1)
    accept_case(session, case, by=person("finance"), now=clock(), seen_version=2)
    session.commit()
    return case


PATH = "/interventions/housing-first"


def test_who_pays_and_who_gains(client_for, accepted):
    words = client_for("politician").page(PATH).words

    assert "Kommunen −3.000 −500 6.250 −1.250 +4.000 +2.750" in words
    assert "Regionen 0 0 700 +700 0 +700" in words
    assert "Alle kasser −3.000 −500 6.950 −550 +4.000 +3.450" in words
    assert "heraf kan 6,0 mio. kr. hentes" in words


def test_every_line_by_year_with_sums_per_category_and_purse(client_for, accepted):
    words = client_for("politician").page(PATH).words

    assert "Herberg Besparelse · service · kan hentes · 5.38 0 2.000 0 0 0 0 0 0 0 0 2.000" in words
    assert "Frigjort tid Besparelse · service · kan ikke hentes 0 0 250" in words
    assert "Kommunen, service −3.000 1.500 250 0 0 0 0 0 0 0 −1.250" in words
    assert "Kommunen, overførsler 0 0 0 0 0 4.000 0 0 0 0 4.000" in words
    assert "Kommunen, netto −3.000 1.500 250 0 0 4.000 0 0 0 0 2.750" in words


def test_low_and_high_are_seen(client_for, accepted):
    words = client_for("politician").page(PATH).words

    assert "Tjent hjem i 2032, men" not in words
    assert "Opsummeret netto, lav −3.000 −2.500 −2.250" in words
    assert "Opsummeret netto, høj −3.000 −1.000 −750" in words


def test_options_are_links(client_for, accepted):
    client = client_for("politician")
    page = client.page(PATH)

    assert f"{PATH}?option=halv" in page.links
    assert "koster kommunen 3,0" in client.page(f"{PATH}?option=halv").words
    assert client.page(f"{PATH}?option=%00&version=x&what=x").words


@pytest.mark.parametrize(
    ("name", "names"),
    [("social", True), ("finance", True), ("auditor", True), ("politician", False),
     ("employment", False)],
)  # fmt: skip
def test_who_did_what_is_for_those_who_work_with_it(client_for, accepted, name, names):
    words = client_for(name).page(PATH).words

    assert ("Finance: godkendte den (version 1)" in words) is names
    assert ("Social: indsendte den (version 1)" in words) is names


def test_a_ratio_without_meaning_says_why(client_for, session, build, department, clock):
    option = build.option(flows=(build.flow(2028, 500_000),), measures=())
    case = create_accepted(
        session,
        build.case(options=(option,)),
        department=department("social"),
        by=None,
        now=clock(),
    )
    session.commit()

    words = client_for("finance").page(f"/interventions/{case.intervention.code}").words

    assert "kan ikke siges: kommunen bruger intet" in words
    assert "kan ikke siges: antallet af borgere er ikke oplyst" in words
    assert "Koster ikke kommunen noget" in words


def test_citizens_by_year_are_a_table(client_for, session, build, department, clock):
    measures = (
        MeasureData(name="borgere", value=Decimal(30), year=2027),
        MeasureData(name="borgere", value=Decimal("10.5"), year=2028),
        MeasureData(name="timer_i_alt", value=Decimal(900)),
    )
    case = create_accepted(
        session,
        build.case(options=(build.option(measures=measures),)),
        department=department("social"),
        by=None,
        now=clock(),
    )
    session.commit()

    words = client_for("finance").page(f"/interventions/{case.intervention.code}").words

    assert "Hjælper 40,5 borgere" in words
    assert "timer i alt" in words


def test_a_draft_without_anything_is_a_page(client_for, session, build, department, clock):
    create_draft(
        session,
        build.case("Tom", summary="", target_group="", options=()),
        department=department("social"),
        by=None,
        now=clock(),
    )
    session.commit()
    client = client_for("social")

    page = client.page("/interventions/tom")

    assert "Ingen beløb endnu" in page.words
    assert "Skriv målgruppen." in page.words
    assert "/interventions/tom/edit/flows" in page.links


def test_flows_outside_the_horizon_are_no_crash(client_for, session, build, strategy, department,
                                                clock):  # fmt: skip
    create_draft(
        session,
        build.case(
            "Skæv", options=(build.option(flows=(build.flow(2050, 7), build.flow(2027, -5))),)
        ),
        department=department("social"),
        by=None,
        now=clock(),
    )
    session.commit()
    client = client_for("social")

    assert client.get("/interventions/skaev").status_code == 200
    assert client.get("/interventions").status_code == 200
    assert "2050 ligger uden for de år" in client.page("/interventions/skaev/edit/check").words


def test_versions_and_a_newer_draft(client_for, session, accepted, build, person, clock):
    draft = new_draft_from(session, accepted, by=person("social"), now=clock())
    save_draft(
        session, draft, build.case("Housing First III"), by=person("social"), now=clock(),
        seen_version=draft.version,
    )  # fmt: skip
    session.commit()
    editor = client_for("social")

    assert "Housing First III" in editor.page(PATH).words
    assert "Version 1 er godkendt; scenarierne bruger den" in editor.page(PATH).words
    old = editor.page(f"{PATH}?version=1")
    assert "Dette er version 1. Der findes en nyere." in old.words
    for name in ("finance", "politician", "employment"):
        html = client_for(name).get(PATH).text
        assert "Housing First III" not in html
        assert "Housing First III" not in client_for(name).get(f"{PATH}?version=2").text


def test_a_returned_case_shows_the_reason(client_for, session, build, department, person, clock):
    case = create_draft(
        session, build.case("Retur"), department=department("social"), by=None, now=clock()
    )
    submit_case(session, case, by=None, now=clock(), seen_version=1)
    return_case(
        session, case, reason="<b>Mangler</b> ejer", by=person("finance"), now=clock(),
        seen_version=2,
    )  # fmt: skip
    session.commit()

    page = client_for("social").page("/interventions/retur")

    assert "Sendt tilbage af økonomi: <b>Mangler</b> ejer" in page.words


def test_scenarios_say_when_a_newer_version_exists(client_for, session, accepted, strategy, person,
                                                   build, clock):  # fmt: skip
    create_scenario(
        session, strategy, ScenarioData(title="Forsigtig"), by=person("finance"), now=clock()
    )
    draft = new_draft_from(session, accepted, by=person("social"), now=clock())
    submit_case(session, draft, by=None, now=clock(), seen_version=draft.version)
    accept_case(session, draft, by=None, now=clock(), seen_version=draft.version)
    session.commit()

    assert "Forsigtig" in client_for("finance").page(PATH).words
    assert "Det bruger version 1; version 2 er nyere." in client_for("finance").page(PATH).words
    assert "Forsigtig" not in client_for("politician").page(PATH).words
    assert "Forsigtig" not in client_for("social").page(PATH).words


def test_overlaps_come_from_the_scenarios(client_for, session, accepted, strategy, department,
                                          person, build, clock):  # fmt: skip
    other = create_accepted(
        session, build.case("Dialog"), department=department("social"), by=None, now=clock()
    )
    overlap = {
        "kind": "overlap",
        "interventions": ["housing-first", other.intervention.key],
        "payer": "kommune",
        "loses": {"2028": 300_000, "2029": 200_000},
        "reason": "Samme borgere",
    }
    create_scenario(
        session,
        strategy,
        ScenarioData(title="Forsigtig", relations=(overlap,)),
        by=person("finance"),
        now=clock(),
    )
    session.commit()

    page = client_for("finance").page(PATH)

    assert "/interventions/dialog" in page.links
    assert "af besparelserne går tabt, når begge vælges, i Forsigtig. Samme borgere" in page.words
    assert "/interventions/dialog" not in client_for("politician").page(PATH).links


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize(
    "name", ["social", "social_reader", "employment", "finance", "politician", "administrator"]
)
def test_everybody_reads_it_in_both_languages(client_for, accepted, name, language):
    html = client_for(name).get(f"{PATH}?lang={language}").text

    assert f'lang="{language}"' in html
    assert ("Who pays, and who gains" in html) is (language == "en")


def test_hostile_text_stays_text(client_for, session, build, department, clock):
    evil = "<script>alert(1)</script>\"'{{ 7*7 }}"
    create_accepted(
        session,
        build.case(
            evil, summary=evil, target_group=evil, supplier=evil, evidence=evil, tags=(evil,),
            options=(build.option(title=evil, flows=(build.flow(2027, -5, line=evil),)),),
        ),
        department=department("social"),
        by=None,
        now=clock(),
        key="evil",
    )  # fmt: skip
    session.commit()
    client = client_for("finance")

    for path in ("/interventions/evil", "/interventions"):
        html = client.get(path).text
        assert "<script>alert" not in html
        assert "{{ 7*7 }}" in html
