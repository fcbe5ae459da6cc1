"""The values that every output of a report shares."""

from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest

from planner import words
from planner.formats import CELL_FORMATTERS
from planner.reports.values import (
    NUMERIC_KINDS,
    Cell,
    Column,
    LimitUse,
    Row,
    Table,
    Why,
)

COLUMNS = (Column("title", "Indsats", "link"), Column("outlay", "Udlæg", "thousand"))


def table(*rows):
    return Table("Hvem får midler", "1.000 kr.", COLUMNS, rows)


def test_a_table_takes_rows_that_fit_its_columns():
    why = Row((Cell(Why("Den trækker midler fra forebyggelsen.")),), "why")
    group = Row((Cell("Får midler", note="1 indsats"),), "group")
    made = table(group, Row((Cell("IPS+", "/interventions/BES-01"), Cell(10_000_000))), why)
    assert [row.kind for row in made.rows] == ["group", "normal", "why"]


@pytest.mark.parametrize(
    "row",
    [
        Row((Cell("IPS+"),)),
        Row((Cell("IPS+"), Cell(1), Cell(2))),
        Row((Cell("I alt"),), "sum"),
        Row((Cell("Får midler"), Cell(1)), "group"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(row):
    with pytest.raises(ValueError, match="cells"):
        table(row)


def test_values_do_not_change():
    with pytest.raises(FrozenInstanceError):
        COLUMNS[0].label = "Andet"


def test_every_kind_of_number_can_be_written():
    assert set(CELL_FORMATTERS) >= NUMERIC_KINDS
    assert Column("a", "A", "thousand_change").is_number
    assert not Column("a", "A", "stars").is_number


@pytest.mark.parametrize(
    ("used", "limit", "place"),
    [
        (8, 10, (Fraction(87 * 8, 10), 87)),
        (35, 20, (87, Fraction(87 * 20, 35))),
        (0, 10, (0, 87)),
        (-5, 10, (0, 87)),
        (0, 0, (0, 87)),
    ],
)
def test_use_and_limit_share_one_rail(used, limit, place):
    assert LimitUse.rail(used=used, limit=limit) == place


def test_a_state_has_a_word_and_a_tone():
    assert words.state("case.accepted").tone == "good"
    assert words.state("job.running").label != words.state("stage.running").label
    with pytest.raises(KeyError):
        words.state("accepted")
