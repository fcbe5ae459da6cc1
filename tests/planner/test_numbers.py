"""Danish numbers: what is read, and what is refused rather than guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from planner.forms.numbers import (
    NotANumberError,
    NotWholeKronerError,
    TooLargeError,
    parse_decimal,
    parse_kroner,
    write_number,
)

REFUSED = [
    *("", " ", "-", "NaN", "nan", "inf", "1e5", "1_000", "１２３", "(500)", "1.234.56", "12,345.6"),
    *("kr. 5", "0.035", "12.5", "1.2", "1,250,000", "0.123.456", "1.2345", "--5", "+5", "5,"),
    *(",5", "1 000", "1\u00a0000", "0x10", "5\x00", "٣", "1.234,", "9" * 10_000),
]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("1.234", "1234"),
        ("1.234,5", "1234.5"),
        (" −500 ", "-500"),
        ("0,035", "0.035"),
        ("1250000", "1250000"),
        ("007", "7"),
    ],
)
def test_danish_numbers_are_read(text, number):
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize("text", REFUSED)
def test_everything_else_is_refused(text):
    with pytest.raises(NotANumberError):
        parse_decimal(text)
    with pytest.raises(NotANumberError):
        parse_kroner(text)


@pytest.mark.parametrize("text", ["10,000", "1,5", "1.234,56", "0,50"])
def test_money_takes_no_oere_and_nothing_that_could_be_thousands(text):
    with pytest.raises(NotWholeKronerError):
        parse_kroner(text)


@pytest.mark.parametrize("text", ["1.250.000", "1.250.000,0", "1250000,00"])
def test_money_takes_whole_kroner(text):
    assert parse_kroner(text) == 1_250_000


def test_money_ends_at_a_hundred_billion():
    assert parse_kroner("-100.000.000.000") == -100_000_000_000
    with pytest.raises(TooLargeError):
        parse_kroner("100.000.000.001")


@given(some.integers(-(10**11), 10**11))
def test_what_is_written_is_read_back(amount):
    assert parse_kroner(write_number(amount)) == amount


@given(some.decimals(-(10**9), 10**9, places=4))
def test_decimals_are_written_and_read_back(value):
    assert parse_decimal(write_number(value)) == value


@given(some.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        parse_decimal(text)
    except NotANumberError:
        return
    assert text.strip()
