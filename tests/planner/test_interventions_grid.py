"""The grids of the form, without a database: what is read, what is kept, what is said."""

from decimal import Decimal

import pytest
from flask import Flask

from planner.extensions import babel
from planner.forms.flow_grid import FlowGrid, LineValues
from planner.forms.measure_grid import MeasureGrid, MeasureValues

YEARS = (2027, 2028, 2029)
PAYERS = (("kommune", "Kommunen"), ("stat", "Staten"))
LINE = {
    "line-0-text": "Herberg",
    "line-0-payer": "kommune",
    "line-0-category": "service",
    "line-0-kind": "saving",
    "line-0-cashable": "y",
    "line-0-budget": "5.38.42",
}


@pytest.fixture(autouse=True)
def _english():
    app = Flask("planner")
    babel.init_app(app, locale_selector=lambda: "en")
    with app.test_request_context():
        yield


def flow_grid(**cells) -> FlowGrid:
    fields = {**LINE, **{name.replace("_", "-"): text for name, text in cells.items()}}
    return FlowGrid.of_form(fields.items(), years=YEARS, payers=PAYERS)


def test_danish_amounts_are_read():
    grid = flow_grid(line_0_amount_2027="1.250.000", line_0_amount_2029="−7")

    (line,) = grid.read()

    assert grid.errors == []
    assert line == LineValues(
        text="Herberg",
        payer="kommune",
        category="service",
        kind="saving",
        cashable=True,
        budget_line="5.38.42",
        amounts={2027: (1_250_000, None, None), 2029: (-7, None, None)},
    )


def test_what_is_stored_comes_back_as_it_was():
    line = flow_grid(line_0_amount_2027="100", line_0_low_2027="50").read()[0]

    grid = FlowGrid.of_values([line], years=YEARS, payers=PAYERS)

    assert grid.read() == [line]
    assert grid.lines[0].typed_in("low", 2027) == "50"
    assert grid.has_band


@pytest.mark.parametrize(
    "text",
    [
        "1,2 mio",
        "12.5",
        "1_000",
        "１２３",
        "1e400",
        "NaN",
        "(500)",
        "10,000",
        "1.234.56",
        "9" * 10_000,
    ],
)
def test_what_cannot_be_read_is_kept_and_said(text):
    grid = flow_grid(line_0_amount_2028=text, line_0_amount_2027="5")

    (line,) = grid.read()

    assert [anchor for anchor, _said in grid.errors] == ["line-0-amount-2028"]
    assert "Herberg 2028" in grid.errors[0][1]
    assert grid.lines[0].typed_in("amount", 2028) == text
    assert line.amounts == {2027: (5, None, None)}
    assert grid.sum_of(0) is None
    assert grid.sum_in(2027) == 5
    assert grid.total() is None


def test_everything_is_said_at_once():
    grid = flow_grid(
        line_0_kind="gift", line_0_payer="us", line_0_text="x\x00", line_0_amount_2027="?"
    )

    grid.read()

    assert {anchor for anchor, _said in grid.errors} == {
        "line-0-kind",
        "line-0-payer",
        "line-0-text",
        "line-0-amount-2027",
    }


@pytest.mark.parametrize("kind", ["outlay", "cost"])
@pytest.mark.parametrize("case", ["amount", "high"])
def test_money_out_of_the_purse_has_a_minus(kind, case):
    grid = flow_grid(line_0_kind=kind, **{f"line_0_{case}_2027": "5"})

    grid.read()

    assert (f"line-0-{case}-2027", grid.errors[0][1]) == grid.errors[0]
    assert "minus" in grid.errors[0][1]


@pytest.mark.parametrize(
    ("cells", "anchor"),
    [
        ({"line_0_amount_2027": "5", "line_0_low_2027": "6"}, "line-0-low-2027"),
        ({"line_0_amount_2027": "5", "line_0_high_2027": "4"}, "line-0-high-2027"),
        ({"line_0_low_2027": "1"}, "line-0-low-2027"),
    ],
)
def test_low_expected_and_high_are_in_order(cells, anchor):
    grid = flow_grid(**cells)

    grid.read()

    assert [found for found, _said in grid.errors] == [anchor]


def test_what_cannot_be_read_is_not_compared():
    grid = flow_grid(line_0_amount_2027="?", line_0_low_2027="6")

    grid.read()

    assert [anchor for anchor, _said in grid.errors] == ["line-0-amount-2027"]


def test_a_line_nobody_wrote_in_is_left_out():
    fields = {"line-3-kind": "saving", "line-3-payer": "kommune", "line-3-amount-2027": "  "}
    grid = FlowGrid.of_form(fields.items(), years=YEARS, payers=PAYERS)

    assert grid.read() == []
    assert grid.errors == []


def test_fields_that_are_none_are_ignored():
    fields = {"line-x-text": "a", "line-0-amount-20277": "1", "line-0-evil-2027": "1", "do": "x"}
    grid = FlowGrid.of_form(fields.items(), years=YEARS, payers=PAYERS)

    assert grid.read() == []


def test_a_year_outside_the_columns_is_no_amount():
    assert flow_grid(line_0_amount_1999="5").read()[0].amounts == {}


def test_a_cashable_cost_is_only_a_cost():
    grid = flow_grid(line_0_kind="cost", line_0_amount_2027="-5")
    grid.lines[0].cashable = False

    assert grid.read()[0].cashable


def test_sixty_lines_are_the_most():
    fields = {f"line-{n}-text": "a" for n in range(200)}
    grid = FlowGrid.of_form(fields.items(), years=YEARS, payers=PAYERS)

    grid.add()

    assert len(grid.lines) == 60


def measure_grid(**cells) -> MeasureGrid:
    fields = {name.replace("_", "-"): text for name, text in cells.items()}
    return MeasureGrid.of_form(fields.items(), years=YEARS)


def test_measures_are_totals_or_years():
    grid = measure_grid(
        measure_0_name="borgere",
        measure_0_2027="30",
        measure_0_2028="12,5",
        measure_1_name="timer",
        measure_1_total="900",
    )

    values = grid.read()

    assert grid.errors == []
    assert values == [
        MeasureValues("borgere", None, {2027: Decimal(30), 2028: Decimal("12.5")}),
        MeasureValues("timer", Decimal(900), {}),
    ]
    assert MeasureGrid.of_values(values, years=YEARS).read() == values


@pytest.mark.parametrize(
    ("cells", "anchor"),
    [
        ({"measure_0_name": "a", "measure_0_total": "1", "measure_0_2027": "1"}, "measure-0-total"),
        ({"measure_0_name": "a"}, "measure-0-total"),
        ({"measure_0_total": "1"}, "measure-0-name"),
        ({"measure_0_name": "a", "measure_0_total": "1.5"}, "measure-0-total"),
        ({"measure_0_name": "a", "measure_0_total": "0,1234567"}, "measure-0-total"),
        ({"measure_0_name": "a", "measure_0_total": "9" * 14}, "measure-0-total"),
        ({"measure_0_name": "a" * 101, "measure_0_total": "1"}, "measure-0-name"),
        ({"measure_0_name": "a\x07", "measure_0_total": "1"}, "measure-0-name"),
    ],
)
def test_a_wrong_measure_is_said_at_its_field(cells, anchor):
    grid = measure_grid(**cells)

    grid.read()

    assert [found for found, _said in grid.errors] == [anchor]


def test_a_name_stands_once():
    grid = measure_grid(
        measure_0_name="a", measure_0_total="1", measure_1_name="a", measure_1_total="2"
    )

    grid.read()

    assert [found for found, _said in grid.errors] == ["measure-1-name"]


def test_the_offered_name_alone_is_nothing():
    assert measure_grid(measure_0_name="borgere").read() == []
