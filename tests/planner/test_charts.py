"""The pictures: right amounts, right side of zero, complete without the page around them."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import vl_convert

import planner
from planner.reports import charts
from planner.reports.chart_style import PAYER_COLOURS, PROPERTIES, RESERVED_HEIGHTS
from planner.reports.charts import (
    Bar,
    BarYear,
    DepartmentAmount,
    LinePoint,
    MatrixAxes,
    MatrixPoint,
    Panel,
    PayerAmount,
    PoolYear,
)

STYLESHEET = (Path(planner.__file__).parent / "static" / "bundlinje.css").read_text("utf-8")

AMOUNTS = [
    BarYear(2027, "Kommune", "municipality", -2_400_000),
    BarYear(2028, "Kommune", "municipality", 1_000_000),
    BarYear(2028, "Region", "region", 200_000),
    BarYear(2029, "Region", "region", 0),
]
POINTS = [
    LinePoint(2027, -2_400_000, -2_600_000, -2_200_000),
    LinePoint(2028, -3_800_000, -4_400_000, -3_000_000),
    LinePoint(2029, -1_000_000, -2_000_000, 500_000),
    LinePoint(2030, 200_000, -1_500_000, 1_500_000),
    LinePoint(2031, 900_000, -1_400_000, 2_000_000),
]
PAYERS = [
    PayerAmount("Kommune", "municipality", -7_000_000, 37_300_000),
    PayerAmount("Borgere", "citizen", 0, 0),
]
POOL = [
    PoolYear(2027, 18_000_000, 0, 16_600_000, 1_400_000),
    PoolYear(2028, 14_000_000, 760_000, 16_100_000, 60_000),
]
MATRIX = [
    MatrixPoint("Housing First II", "SOC-01", 161_000, 32, "Hjemløse", "sagt", href="/a"),
    MatrixPoint("Dialog mod vold", "SOC-02", 182_000, 23, "Familier", "om vold", href="/x"),
    MatrixPoint("Job til mor", "BES-03", 229_000, -2, "Mødre", "om job", filled=False),
]
AXES = MatrixAxes("Pris", "Mereffekt", 200_000, 16, ("nv", "nø", "sv", "sø"))


def panels():
    return [
        Panel(
            title,
            "2027–30",
            (
                Bar("Forebyggelse først", Fraction(first), first, best=first == "5.9"),
                Bar("Mindst risiko", Fraction(second), second),
            ),
        )
        for title, first, second in (("Kommune", "5.9", "-7.3"), ("Region", "27.4", "10.5"))
    ]


TOTAL_POOL = [replace(year, paid_in=None, repaid=0) for year in POOL]

SPECS = {
    "bars_by_year": charts.bars_by_year(AMOUNTS, description="d"),
    "cumulative_line": charts.cumulative_line(POINTS, payback_year=2030, description="d"),
    "payer_bars": charts.payer_bars(PAYERS, period="2027–30", after="2031–36", description="d"),
    "department_bars": charts.department_bars(
        [DepartmentAmount("Børn og unge", 10_500_000, 2_100_000, -300_000)],
        period="2027–30",
        after="2031–36",
        description="d",
    ),
    "small_multiples": charts.small_multiples(panels(), description="d"),
    "own_scales": charts.small_multiples(panels(), description="d", one_scale=False),
    "pool_balance": charts.pool_balance(POOL, description="d"),
    "pool_with_a_total": charts.pool_balance(TOTAL_POOL, description="d"),
    "matrix_scatter": charts.matrix_scatter(MATRIX, AXES, description="d"),
    "line_that_never_pays_back": charts.cumulative_line(
        [LinePoint(2027, -1_000_000), LinePoint(2028, -1_500_000)], description="d"
    ),
}


@pytest.fixture(params=sorted(SPECS))
def spec(request):
    return SPECS[request.param]


def drawn(spec):
    return vl_convert.vegalite_to_svg(json.dumps(spec | _fixed_width(spec)))


def _fixed_width(spec):
    return {"width": 700} if spec.get("width") == "container" else {}


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def test_every_chart_can_be_drawn_without_the_page(spec):
    svg = drawn(spec)
    assert svg.startswith("<svg")
    assert "NaN" not in svg
    assert "Infinity" not in svg


def test_every_chart_describes_itself_and_says_how_much_room_it_takes(spec):
    assert spec["description"] == "d"
    assert spec["usermeta"]["reserve"] in RESERVED_HEIGHTS
    assert f".reserve-{spec['usermeta']['reserve']} " in STYLESHEET


def test_every_colour_is_a_property_of_the_stylesheet(spec):
    colours = {text.lower() for text in strings(spec) if re.fullmatch(r"#[0-9a-fA-F]{3,8}", text)}
    assert colours
    assert colours <= set(PROPERTIES)


def test_every_chart_survives_json(spec):
    assert json.loads(json.dumps(spec)) == spec


@pytest.mark.parametrize("colour", sorted(PROPERTIES))
def test_the_stylesheet_has_the_same_light_colours(colour):
    light = STYLESHEET.split("@media")[0]
    found = re.search(rf"--{PROPERTIES[colour]}: (#[0-9a-f]+);", light)
    assert found is not None
    assert found[1] in {colour, f"#{colour[1]}{colour[3]}{colour[5]}"}


def test_axes_are_written_in_danish_or_english():
    english = charts.bars_by_year(AMOUNTS, description="d", language="en")
    assert SPECS["bars_by_year"]["config"]["locale"]["number"]["decimal"] == ","
    assert english["config"]["locale"]["number"]["decimal"] == "."
    fractions = [BarYear(2027, "Kommune", "municipality", 400_000)]
    assert ">0,40<" in drawn(charts.bars_by_year(fractions, description="d"))


def rows_of(spec, part):
    """Return the rows that a part of a chart draws; altair keeps each set of rows once."""
    data = part["data"]
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


def test_out_of_the_purse_is_below_zero_and_nothing_is_not_drawn():
    spec = SPECS["bars_by_year"]
    rows = rows_of(spec, spec["layer"][0])
    assert [(row["year"], row["payer"], row["amount"]) for row in rows] == [
        (2027, "Kommune", -2.4),
        (2028, "Kommune", 1.0),
        (2028, "Region", 0.2),
    ]
    assert rows[0]["said"].startswith("2027, Kommune: −2,4")


def test_a_payer_has_its_own_colour_everywhere():
    spec = SPECS["bars_by_year"]
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "Kommune": PAYER_COLOURS["municipality"],
        "Region": PAYER_COLOURS["region"],
    }


def test_a_plan_is_pale_and_what_happened_is_filled():
    actual = charts.bars_by_year(AMOUNTS, description="d", actual=True)
    assert SPECS["bars_by_year"]["layer"][0]["mark"]["fillOpacity"] < 0.5
    assert actual["layer"][0]["mark"]["fillOpacity"] == 1


def test_the_line_marks_the_low_point_and_the_payback_year_only_where_there_is_one():
    texts = list(strings(SPECS["cumulative_line"]))
    assert "lowest −3,8 in 2028" in texts
    paid_back = [text for text in texts if "paid back" in text]
    assert paid_back == ["paid back in 2030"]
    never = strings(SPECS["line_that_never_pays_back"])
    assert not [text for text in never if "paid back" in text]


def panel_rows(name):
    return rows_of(SPECS[name], SPECS[name])


def test_panels_on_one_scale_are_as_long_as_their_amounts():
    lengths = {(row["panel"], row["label"]): row["length"] for row in panel_rows("small_multiples")}
    unit = lengths["Region", "Forebyggelse først"] / 27.4
    assert lengths["Kommune", "Mindst risiko"] == pytest.approx(-7.3 * unit)


def test_panels_on_their_own_scale_fill_their_panel():
    longest = {}
    for row in panel_rows("own_scales"):
        longest[row["panel"]] = max(longest.get(row["panel"], 0), abs(row["length"]))
    assert longest == {"Kommune": 100, "Region": 100}


def test_the_best_is_marked_by_shape_and_word():
    marks = [row["mark"] for row in panel_rows("small_multiples")]
    assert marks == ["▲ best", "", "", ""]
    assert "▲ best" in drawn(SPECS["small_multiples"])


def test_payers_are_shown_inside_the_period_and_after_it():
    texts = [(row["panel"], row["text"]) for row in panel_rows("payer_bars")]
    assert texts == [
        ("In the budget period", "−7,0"),
        ("In the budget period", "0"),
        ("After it", "+37,3"),
        ("After it", "0"),
    ]


def test_labels_of_candidates_in_the_same_place_do_not_share_a_spot():
    crowd = [
        MatrixPoint(f"Indsats nummer {n}", f"X-{n}", 200_000 + n, 20, "Ledige", "sagt")
        for n in range(4)
    ]
    spec = charts.matrix_scatter(
        crowd, replace(AXES, price_line=900_000, up_line=5), description="d"
    )
    points = next(layer for layer in spec["layer"] if "shape" in layer["encoding"])
    assert len({row["place"] for row in rows_of(spec, points)}) == 4


def test_many_candidates_have_room_for_their_codes_only_and_for_nothing_when_narrow():
    many = [MatrixPoint(f"Indsats {n}", f"X-{n}", 1000 + n, n, "Ledige", "sagt") for n in range(15)]
    for points, words in ((many, ("X-0", "")), (many[:14], ("Indsats 0", "X-0"))):
        spec = charts.matrix_scatter(points, AXES, description="d")
        layer = next(layer for layer in spec["layer"] if "shape" in layer["encoding"])
        first = rows_of(spec, layer)[0]
        assert (first["label"], first["code"]) == words


def test_fields_of_candidates_that_cost_the_same_can_be_drawn():
    same = [MatrixPoint(name, name, 1, 0, "Ledige", "sagt") for name in "AB"]
    spec = charts.matrix_scatter(same, replace(AXES, price_line=1, up_line=0), description="d")
    assert "NaN" not in drawn(spec)


def test_a_pool_with_a_total_shows_what_is_used_and_left_and_no_empty_payments():
    told = set(strings(SPECS["pool_with_a_total"]))

    assert {"Outlay", "Left at the end"} <= told
    assert not told & {"Paid in", "Repaid", "In and out", "Balance at the end of the year"}
    assert {"Paid in", "In and out"} <= set(strings(SPECS["pool_balance"]))


def test_panels_below_each_other_leave_room_for_their_titles():
    panels = SPECS["small_multiples"]["usermeta"]["panels"]

    assert panels["title"] >= 40
