"""Numbers, money, dates and times as people read them, in Danish and in English.

Every function is pure: it takes an exact value and a language and returns text. `register` is the
only part that knows Flask; it installs the functions as template filters in the reader's language.

Three things are never mixed up: zero is ``0``, none is ``–`` (``None``), and what nobody has told
us is ``ikke oplyst`` (`UNKNOWN`). Rounding is half away from zero and only for show, so a sum of
rounded parts may differ in the last digit from the rounded sum.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, Final, Literal

import flask
import flask_babel

from planner import words

Language = Literal["da", "en"]
Exact = int | Fraction | Decimal


class Unknown(Enum):
    """The one value that stands for what nobody has told us."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
Shown = Exact | Unknown | None

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"
NONE: Final = "\N{EN DASH}"
UNKNOWN_WORDS: Final[dict[Language, str]] = {"da": "ikke oplyst", "en": "not stated"}
MILLION_UNIT: Final[dict[Language, str]] = {
    "da": f"mio.{NO_BREAK}kr.",
    "en": f"million{NO_BREAK}kr.",
}
SEPARATORS: Final[dict[Language, tuple[str, str]]] = {"da": (".", ","), "en": (",", ".")}
MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "da": (
        *("januar", "februar", "marts", "april", "maj", "juni", "juli"),
        *("august", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
}
STARS_AT_MOST: Final = 3


# ---- Rounding and digits ----


def rounded(value: Exact, *, decimals: int = 0) -> int:
    """Return `value` in units of its last shown digit, rounded half away from zero.

    >>> rounded(Fraction(5, 2)), rounded(Fraction(-5, 2)), rounded(Fraction(1, 8), decimals=2)
    (3, -3, 13)
    """
    scaled = Fraction(value) * 10**decimals
    doubled = abs(scaled) * 2 + 1
    size: int = doubled.numerator // (doubled.denominator * 2)
    return -size if scaled < 0 else size


def _digits(units: int, *, decimals: int, language: Language) -> str:
    thousands, decimal = SEPARATORS[language]
    whole, part = divmod(abs(units), 10**decimals)
    text = f"{whole:,}".replace(",", thousands)
    return f"{text}{decimal}{part:0{decimals}d}" if decimals else text


def _written(value: Shown, *, decimals: int, language: Language, plus: bool = False) -> str:
    """Write one value; an exact zero is ``0``, what only rounds to zero keeps its decimals."""
    if value is None:
        return NONE
    if isinstance(value, Unknown):
        return UNKNOWN_WORDS[language]
    if value == 0:
        return "0"
    units = rounded(value, decimals=decimals)
    digits = _digits(units, decimals=decimals, language=language)
    if units == 0:
        return digits
    sign = MINUS if units < 0 else "+" if plus else ""
    return sign + digits


def _scaled(value: Shown, divisor: int) -> Shown:
    if value is None or isinstance(value, Unknown):
        return value
    return Fraction(value) / divisor


# ---- Numbers ----


def number(value: Shown, *, decimals: int = 0, language: Language = "da") -> str:
    """Write a number with a fixed count of decimals: ``2.229`` or ``2,59``."""
    return _written(value, decimals=decimals, language=language)


def number_change(value: Shown, *, decimals: int = 0, language: Language = "da") -> str:
    """Write a number as a change, with plus or minus."""
    return _written(value, decimals=decimals, language=language, plus=True)


def measure(value: Shown, *, unit: str = "", decimals: int = 2, language: Language = "da") -> str:
    """Write an amount with no more decimals than it needs, and its unit: ``2,5 stjerner``."""
    if value is None or isinstance(value, Unknown):
        return _written(value, decimals=0, language=language)
    needed = next(
        (count for count in range(decimals) if Fraction(value) * 10**count % 1 == 0), decimals
    )
    text = _written(value, decimals=needed, language=language)
    return f"{text}{NO_BREAK}{unit}" if unit else text


def percent(share: Shown, *, decimals: int = 0, language: Language = "da") -> str:
    """Write a share of one as percent: ``74 %`` in Danish, ``74%`` in English."""
    if share is None or isinstance(share, Unknown):
        return _written(share, decimals=0, language=language)
    text = _written(Fraction(share) * 100, decimals=decimals, language=language)
    return f"{text}%" if language == "en" else f"{text}{NO_BREAK}%"


def stars(count: int | Unknown | None, *, language: Language = "da") -> str:
    """Draw evidence stars: ``★★☆``. The words for a screen reader are `stars_in_words`."""
    if count is None or isinstance(count, Unknown):
        return _written(count, decimals=0, language=language)
    return "★" * count + "☆" * (STARS_AT_MOST - count)


def stars_in_words(count: int | Unknown | None, *, language: Language = "da") -> str:
    """Say evidence stars in words: ``2 af 3 stjerner``."""
    if count is None or isinstance(count, Unknown):
        return _written(count, decimals=0, language=language)
    if language == "en":
        return f"{count} of {STARS_AT_MOST} stars"
    return f"{count} af {STARS_AT_MOST} stjerner"


# ---- Money ----


def kroner(amount: Shown, *, language: Language = "da") -> str:
    """Write whole kroner without a unit: ``1.250.000``."""
    return _written(amount, decimals=0, language=language)


def kroner_change(amount: Shown, *, language: Language = "da") -> str:
    """Write whole kroner as a change: ``+1.250.000``."""
    return _written(amount, decimals=0, language=language, plus=True)


def thousand(amount: Shown, *, language: Language = "da") -> str:
    """Write kroner in units of 1.000 kr.: 6200000 is ``6.200``."""
    return _written(_scaled(amount, 1_000), decimals=0, language=language)


def thousand_change(amount: Shown, *, language: Language = "da") -> str:
    """Write kroner in units of 1.000 kr. as a change: ``+6.200``."""
    return _written(_scaled(amount, 1_000), decimals=0, language=language, plus=True)


def million(amount: Shown, *, decimals: int = 1, language: Language = "da") -> str:
    """Write kroner in millions: 12400000 is ``12,4``."""
    return _written(_scaled(amount, 1_000_000), decimals=decimals, language=language)


def million_change(amount: Shown, *, decimals: int = 1, language: Language = "da") -> str:
    """Write kroner in millions as a change: ``+12,4``."""
    return _written(_scaled(amount, 1_000_000), decimals=decimals, language=language, plus=True)


def _with_unit(text: str, amount: Shown, unit: str) -> str:
    return text if amount is None or isinstance(amount, Unknown) else f"{text}{NO_BREAK}{unit}"


def say_kroner(amount: Shown, *, language: Language = "da") -> str:
    """Write whole kroner for a sentence: ``1.250.000 kr.``."""
    return _with_unit(kroner(amount, language=language), amount, "kr.")


def say_million(amount: Shown, *, decimals: int = 1, language: Language = "da") -> str:
    """Write millions for a sentence: ``12,4 mio. kr.``."""
    text = million(amount, decimals=decimals, language=language)
    return _with_unit(text, amount, MILLION_UNIT[language])


def say_million_change(amount: Shown, *, decimals: int = 1, language: Language = "da") -> str:
    """Write millions as a change for a sentence: ``+12,4 mio. kr.``."""
    text = million_change(amount, decimals=decimals, language=language)
    return _with_unit(text, amount, MILLION_UNIT[language])


# ---- Time ----


def years(first: int | None, last: int | None = None, *, language: Language = "da") -> str:
    """Write a span of years: ``2027–30``, in full across a century, one year alone."""
    if first is None:
        return _written(None, decimals=0, language=language)
    if last is None or last == first:
        return str(first)
    same_century = first // 100 == last // 100
    return f"{first}{NONE}{last % 100:02d}" if same_century else f"{first}{NONE}{last}"


def date(moment: dt.date | None, *, language: Language = "da") -> str:
    """Write a date: ``23. november 2026``."""
    if moment is None:
        return NONE
    month = MONTHS[language][moment.month - 1]
    dot = "." if language == "da" else ""
    return f"{moment.day}{dot}{NO_BREAK}{month} {moment.year}"


def time(moment: dt.datetime | dt.time | None, *, language: Language = "da") -> str:
    """Write a time of day: ``kl. 14.03``, in English ``at 14:03``."""
    if moment is None:
        return NONE
    if language == "da":
        return f"kl.{NO_BREAK}{moment.hour}.{moment.minute:02d}"
    return f"at{NO_BREAK}{moment.hour}:{moment.minute:02d}"


def moment(value: dt.datetime | None, *, language: Language = "da") -> str:
    """Write date and time: ``23. november 2026 kl. 14.03``."""
    if value is None:
        return NONE
    return f"{date(value, language=language)} {time(value, language=language)}"


# ---- One cell of a table ----

Formatter = Callable[..., str]


def _two_decimals(value: Shown, *, language: Language = "da") -> str:
    return number(value, decimals=2, language=language)


def _year(value: int | Unknown | None, *, language: Language = "da") -> str:
    return str(value) if isinstance(value, int) else _written(value, decimals=0, language=language)


CELL_FORMATTERS: Final[dict[str, Formatter]] = {
    "kroner": kroner,
    "kroner_change": kroner_change,
    "thousand": thousand,
    "thousand_change": thousand_change,
    "million": million,
    "million_change": million_change,
    "count": number,
    "count_change": number_change,
    "decimal": _two_decimals,
    "percent": percent,
    "year": _year,
    "stars": stars,
    "date": date,
    "moment": moment,
}


def shown(value: Any, kind: str = "text", *, language: Language = "da") -> str:
    """Write a table cell or key figure after the kind of its column.

    Text in a column of numbers ("kan ikke") is shown as it is.
    """
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Unknown):
        return _written(value, decimals=0, language=language)
    formatter = CELL_FORMATTERS.get(kind)
    return formatter(value, language=language) if formatter else str(value)


# ---- The thin layer that knows the reader ----

FILTERS: Final[dict[str, Formatter]] = {
    function.__name__: function
    for function in (
        *(number, number_change, measure, percent, stars, stars_in_words),
        *(kroner, kroner_change, thousand, thousand_change, million, million_change),
        *(say_kroner, say_million, say_million_change),
        *(years, date, time, moment, shown),
    )
}


def reader_language() -> Language:
    """Return the language of the person who reads this answer; Danish outside a request."""
    locale = flask_babel.get_locale()
    return "en" if locale is not None and locale.language == "en" else "da"


def _for_reader(formatter: Formatter) -> Formatter:
    def spoken(value: Any, *arguments: Any, **options: Any) -> str:
        if isinstance(value, dt.datetime):
            value = flask_babel.to_user_timezone(value)
        options.setdefault("language", reader_language())
        return formatter(value, *arguments, **options)

    spoken.__name__ = formatter.__name__
    spoken.__doc__ = formatter.__doc__
    return spoken


def register(app: flask.Flask) -> None:
    """Install every formatter as a template filter in the reader's language and time zone.

    The filter ``state`` gives the word and tone of a state code.
    """
    for name, formatter in FILTERS.items():
        app.jinja_env.filters[name] = _for_reader(formatter)
    app.jinja_env.filters["state"] = words.state
