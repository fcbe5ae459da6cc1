"""Numbers, money, dates and times as people read them."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from planner import formats
from planner.formats import UNKNOWN

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("amount", "danish", "english"),
    [
        (1_250_000, "1.250.000", "1,250,000"),
        (-1_250_000, "−1.250.000", "−1,250,000"),
        (999, "999", "999"),
        (0, "0", "0"),
        (None, "–", "–"),
        (UNKNOWN, "ikke oplyst", "not stated"),
        (Fraction(5, 2), "3", "3"),
        (Fraction(-5, 2), "−3", "−3"),
    ],
)
def test_kroner(amount, danish, english):
    assert formats.kroner(amount) == danish
    assert formats.kroner(amount, language="en") == english


def test_a_change_says_plus_and_minus_but_zero_has_no_sign():
    assert formats.kroner_change(1_000) == "+1.000"
    assert formats.kroner_change(-1_000) == "−1.000"
    assert formats.kroner_change(0) == "0"
    assert formats.million_change(12_400_000) == "+12,4"
    assert formats.thousand_change(-2_400_000) == "−2.400"


def test_zero_none_unknown_and_rounded_away_are_four_different_things():
    texts = {formats.million(value) for value in (0, None, UNKNOWN, 40_000)}
    assert texts == {"0", "–", "ikke oplyst", "0,0"}


def test_an_amount_that_rounds_to_zero_has_no_sign():
    assert formats.million_change(-49_999) == "0,0"
    assert formats.kroner(Fraction(-1, 3)) == "0"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (12_350_000, "12,4"),
        (-12_350_000, "−12,4"),
        (12_349_999, "12,3"),
        (1_234_500_000, "1.234,5"),
    ],
)
def test_million_rounds_half_away_from_zero(amount, text):
    assert formats.million(amount) == text


def test_million_with_other_decimals():
    assert formats.million(1_250_000, decimals=2) == "1,25"
    assert formats.million(1_250_000, decimals=0) == "1"


def test_thousand():
    assert formats.thousand(6_200_500) == "6.201"
    assert formats.thousand(6_200_499, language="en") == "6,200"


def test_money_in_a_sentence_keeps_its_unit_on_the_same_line():
    assert formats.say_kroner(161_458) == f"161.458{NB}kr."
    assert formats.say_million(12_400_000) == f"12,4{NB}mio.{NB}kr."
    assert formats.say_million_change(12_400_000, language="en") == f"+12.4{NB}million{NB}kr."
    assert formats.say_million(None) == "–"


def test_percent():
    assert formats.percent(Fraction(74, 100)) == f"74{NB}%"
    assert formats.percent(Fraction(1, 3), decimals=1) == f"33,3{NB}%"
    assert formats.percent(Fraction(74, 100), language="en") == "74%"
    assert formats.percent(UNKNOWN) == "ikke oplyst"


def test_measure_has_no_more_decimals_than_it_needs():
    assert formats.measure(Fraction(5, 2), unit="stjerner") == f"2,5{NB}stjerner"
    assert formats.measure(2_229) == "2.229"
    assert formats.measure(Fraction(1, 3)) == "0,33"
    assert formats.measure(Decimal("2.590")) == "2,59"


def test_stars_and_their_words():
    assert [formats.stars(count) for count in (0, 2, 3)] == ["☆☆☆", "★★☆", "★★★"]
    assert formats.stars_in_words(2) == "2 af 3 stjerner"
    assert formats.stars_in_words(None) == "–"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (2027, 2030, "2027–30"),
        (2027, 2027, "2027"),
        (2027, None, "2027"),
        (1998, 2004, "1998–2004"),
    ],
)
def test_years(first, last, text):
    assert formats.years(first, last) == text


def test_dates_and_times():
    moment = dt.datetime(2026, 11, 3, 9, 5, tzinfo=dt.UTC)
    assert formats.date(moment) == f"3.{NB}november 2026"
    assert formats.date(moment, language="en") == f"3{NB}November 2026"
    assert formats.time(moment) == f"kl.{NB}9.05"
    assert formats.time(moment, language="en") == f"at{NB}9:05"
    assert formats.moment(moment) == f"3.{NB}november 2026 kl.{NB}9.05"
    assert formats.moment(None) == "–"


def test_a_cell_is_written_after_the_kind_of_its_column():
    assert formats.shown(6_200_000, "thousand_change") == "+6.200"
    assert formats.shown(Fraction(259, 100), "decimal") == "2,59"
    assert formats.shown(2031, "year") == "2031"
    assert formats.shown(2_229, "count") == "2.229"
    assert formats.shown("kan ikke", "million") == "kan ikke"
    assert formats.shown(None, "million") == "–"


@given(st.integers(-(10**13), 10**13))
def test_kroner_can_be_read_back(amount):
    text = formats.kroner(amount)
    assert int(text.replace(".", "").replace("−", "-")) == amount
    assert "-" not in text


@given(st.fractions(), st.integers(0, 3))
def test_rounding_is_never_off_by_more_than_half(value, decimals):
    off = abs(formats.rounded(value, decimals=decimals) - value * 10**decimals)
    assert off <= Fraction(1, 2)
    assert formats.rounded(-value, decimals=decimals) == -formats.rounded(value, decimals=decimals)


@pytest.fixture
def say():
    app = Flask("formats")
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Copenhagen"
    language = {"now": "da"}
    Babel(app, locale_selector=lambda: language["now"])
    formats.register(app)

    def render(text, reader="da", **values):
        language["now"] = reader
        with app.test_request_context():
            return render_template_string(text, **values)

    return render


def test_filters_speak_the_readers_language(say):
    template = "{{ amount|kroner }} {{ amount|million_change(decimals=2) }} {{ 2027|years(2030) }}"
    assert say(template, amount=1_250_000) == "1.250.000 +1,25 2027–30"
    assert say(template, "en", amount=1_250_000) == "1,250,000 +1.25 2027–30"


def test_moments_are_shown_in_the_readers_time_zone(say):
    moment = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    assert say("{{ moment|moment }}", moment=moment) == f"2.{NB}juli 2026 kl.{NB}0.30"


def test_a_language_can_be_asked_for(say):
    assert say("{{ 1250|kroner(language='en') }}") == "1,250"
