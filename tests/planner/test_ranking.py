"""The ranking: lines and intervals by hand, few heads, who may follow a link, and why."""

from fractions import Fraction
from html import unescape

import pytest

from optimizer.shelf import ShelfEffect, ShelfKind
from planner.reports.chart_ranking import RankedMark, ranking_bars
from planner.reports.ranking import lines_of, own_goal, ranked_effect, ranking_report
from planner.services.interventions import create_draft
from planner.services.shelf import EntryDraft, add_entry
from planner.services.shelf_uses import record_uses
from tests.planner.test_offers import two  # noqa: F401 - a fixture

OUTCOME = "i job"


def ranked(title, rate, line=None, *, group="Ledige", counts=None, **more):
    values = {"target_group": group, "outcome": OUTCOME, "p_with": Fraction(rate)}
    if line is not None:
        values["p_without"] = Fraction(line)
    if counts:
        names = ("successes_with", "observed_with", "successes_without", "observed_without")
        values |= dict(zip(names, counts, strict=True))
    return ranked_effect(ShelfEffect(**values), title=title, href=f"/{title}", source="Kilde, 2025",
                         **more)  # fmt: skip


def report(*found, outcome=OUTCOME, order="rate"):
    return ranking_report(found, outcome=outcome, order=order, source="prøve", language="da")


def titles(made):
    return [row.cells[0].value for row in made.table.rows]


def cells(made, title):
    row = next(row for row in made.table.rows if row.cells[0].value == title)
    return [cell.value for cell in row.cells[1:]]


def test_the_interval_is_newcombes_around_the_target_groups_line():
    made = report(ranked("A", "0.8", "0.6", counts=(56, 70, 48, 80)))

    # Newcombe (1998), method 10: 56/70 against 48/80 is 0.2 (0.0524 to 0.3339)
    assert cells(made, "A")[:3] == [80, 60, 20]
    assert cells(made, "A")[3] == "from +5.2 to +33.4".replace(".", ",")
    (row,) = [r for r in rows_of(made) if r["label"] == "A"]
    assert (row["value"], row["line"], row["kind"]) == (80, 60, "above")
    assert (row["low"], row["high"]) == (pytest.approx(65.24, abs=0.01), pytest.approx(93.39, 1e-3))


def rows_of(made):
    spec = made.chart.spec
    return spec["datasets"][spec["data"]["name"]]


def test_the_lines_of_the_target_groups_stand_in_the_list():
    made = report(
        ranked("A", "0.5", "0.3"),
        ranked("B", "0.25", "0.3"),
        ranked("C", "0.4", group="Unge"),
    )

    assert titles(made) == ["A", "C", "Without: Ledige", "B"]
    assert cells(made, "Without: Ledige")[:3] == [None, 30, None]


def test_two_studies_that_measured_different_lines_both_show():
    found = lines_of([ranked("A", "0.5", "0.3"), ranked("B", "0.5", "0.4")])

    assert [one.line for one in found] == [Fraction(3, 10), Fraction(2, 5)]


def test_by_added_effect_the_order_is_another_and_what_has_none_comes_last():
    made = report(
        ranked("Tæt på", "0.6", "0.58"),
        ranked("Langt fra", "0.3", "0.1"),
        ranked("Ukendt", "0.9"),
        order="effect",
    )

    assert titles(made) == ["Langt fra", "Tæt på", "Ukendt"]


def test_why_some_stand_above_and_some_below():
    made = report(
        ranked("Tæt på", "0.6", "0.58", counts=(60, 100, 58, 100)),
        ranked("Langt fra", "0.3", "0.1"),
        ranked("Under", "0.2", "0.25", group="Unge"),
        ranked("Ukendt", "0.9"),
    )
    line, turned, chance, unknown = made.why

    assert made.chart.finding.startswith("2 of 3")
    assert "above it (2)" in line
    assert "below it (1)" in line
    assert turned.startswith("Tæt på stands higher than Langt fra")
    assert "+2,0 against +20,0" in turned
    assert "Tæt på" in chance
    assert "1 intervention" in unknown


def test_without_any_line_it_says_that_the_place_tells_little():
    made = report(ranked("A", "0.5"), ranked("B", "0.4"))

    assert "no target group's line is stated" in made.chart.finding
    (only,) = made.why
    assert "2 interventions" in only
    assert {row["kind"] for row in rows_of(made)} == {"alone"}


def test_under_twenty_observed_are_told_in_heads_and_not_drawn():
    made = report(ranked("A", "0.5", "0.3"), ranked("Få", "0.6", "0.3", counts=(9, 15, 5, 16)))

    assert "Få" not in {row["label"] for row in rows_of(made)}
    assert cells(made, "Få")[:3] == [None, None, None]
    assert "9 af 15" in cells(made, "Få")[3]
    assert "Få" in made.notes[0]


def test_a_rate_that_only_counts_tell_is_theirs():
    effect = ShelfEffect(
        target_group="Ledige", outcome=OUTCOME, p_with=Fraction(1, 2),
        successes_without=8, observed_without=32,
    )  # fmt: skip
    one = ranked_effect(effect, title="A", href="", source="")

    assert (one.line, one.effect, one.counted) == (Fraction(1, 4), Fraction(1, 4), None)


def test_own_goals_are_ranked_from_nought():
    made = report(
        own_goal(title="A", href="/a", group="Ledige", effect=Fraction(1, 10)),
        own_goal(title="B", href="/b", group="Unge", effect=Fraction(3, 10)),
        own_goal(title="C", href="/c", group="Unge", effect=None),
        outcome="",
    )

    assert titles(made) == ["B", "A", "C"]
    assert cells(made, "B") == [30]
    assert "C" in made.notes[0]
    assert [row["line"] for row in rows_of(made)] == [0, 0]


def test_two_of_one_name_have_a_line_each():
    made = report(ranked("A", "0.5"), ranked("A", "0.4"))

    assert [row["label"] for row in rows_of(made)] == ["A", "A · 2"]


def test_nothing_to_draw_is_a_table_without_a_picture():
    made = report(ranked("Få", "0.6", "0.3", counts=(9, 15, 5, 16)))

    assert made.chart is None
    assert titles(made) == ["Få"]


def test_a_picture_of_noughts_can_be_drawn():
    spec = ranking_bars([RankedMark("A", 0, 0)], axis="%", description="d")

    assert spec["height"] > 0


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def effect(session, person, clock):
    values = {"target_group": "Ledige", "outcome": OUTCOME, "p_with": Fraction(1, 2)}
    values["p_without"] = Fraction(3, 10)
    draft = EntryDraft(
        kind=ShelfKind.EFFECT, title="Kursus", values=values, source="Ministeriet",
        source_date="2025",
    )  # fmt: skip
    entry = add_entry(session, draft, by=person("finance"), now=clock())
    session.commit()
    return entry


def test_the_page_shows_the_figures_with_source_and_year(client_for, two, effect):  # noqa: F811
    page = client_for("finance").page("/interventions/ranking")

    assert "Ministeriet, 2025" in page.words
    assert "50,00" in page.words
    assert "Uden indsats: Ledige" in page.words
    assert f"/library/{effect.key}" in page.links


def test_who_may_not_read_the_shelf_sees_the_figures_without_a_link(client_for, two, effect):  # noqa: F811
    page = client_for("politician").page("/interventions/ranking")

    assert "Kursus" in page.words
    assert not any(link.startswith("/library/") for link in page.links)


@pytest.mark.parametrize("query", ["outcome=own", "outcome=own&order=rate&group=Unge"])
def test_candidates_are_ranked_by_what_they_state(client_for, two, effect, query):  # noqa: F811
    html = unescape(client_for("finance").get(f"/interventions/ranking?{query}").text)

    # 10 extra successes of 40 citizens, by hand; the other states nothing
    assert ("25,00" in html) == ("group" not in query)
    assert ">Jobhjælp</a>" in html
    assert "Kursus" not in html


def test_an_address_of_nonsense_shows_what_most_is_known_of(client_for, two, effect):  # noqa: F811
    page = client_for("finance").page("/interventions/ranking?outcome=x&order=y&group=z")

    assert "Kursus" in page.words


def test_the_candidates_that_use_an_effect_are_named(
    client_for, session, build, department, person, clock, two, effect  # noqa: F811
):  # fmt: skip
    draft = create_draft(
        session, build.case("Bruger"), department=department("social"), by=person("social"),
        now=clock(),
    )  # fmt: skip
    record_uses(session, draft, [effect.newest.id])
    session.commit()

    assert "Bruges af Bruger" in client_for("social").page("/interventions/ranking").words
    # finance may not see a draft
    assert "Bruges af" not in client_for("finance").page("/interventions/ranking").words


def test_without_any_strategy_or_effect_the_page_says_what_to_do(client_for, session):
    page = client_for("finance").page("/interventions/ranking")

    assert page.words
