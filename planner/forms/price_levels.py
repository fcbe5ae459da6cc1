"""The form of a strategy's price index: one year a line, as it is pasted from a spreadsheet."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from planner.forms.base import FIRST_YEAR, LAST_YEAR, BaseForm, TextField
from planner.forms.numbers import NotANumberError, TooLargeError, parse_decimal, write_number

MOST_YEARS = 100
LONGEST_TABLE = 5_000
GREATEST_INDEX = 1_000_000
_LINE = re.compile(r"(\d{4})[\s;:]+(\S+)", re.ASCII)


class PriceLevelsForm(BaseForm):
    """The index by year, and where it comes from."""

    table = TextAreaField(
        lazy_gettext("The index, one year a line"),
        validators=[Optional(), Length(max=LONGEST_TABLE)],
        description=lazy_gettext(
            "The year and the index, for instance 2026 103,1. Two columns of a spreadsheet can be"
            " pasted in. Only the ratio between years counts."
        ),
        render_kw={"rows": 12, "spellcheck": "false"},
    )
    source = TextField(
        lazy_gettext("Where the index comes from"),
        validators=[Optional(), Length(max=200)],
        description=lazy_gettext(
            "Who publishes it and when, for instance: KL, price and wage estimate, June 2026."
        ),
    )
    price_year: int = 0

    def index(self) -> dict[int, Fraction]:
        """Return the index by year, once the form has been found sound."""
        return _lines(self.table.data or "")[0]

    def validate_table(self, field: Field) -> None:
        """Refuse lines that cannot be read, all of them at once."""
        index, wrong = _lines(field.data or "")
        if index and not wrong and self.price_year not in index:
            wrong = [
                gettext(
                    "The strategy's own price year %(year)d must be in the table.",
                    year=self.price_year,
                )
            ]
        if len(index) > MOST_YEARS:
            wrong = [gettext("Write at most %(most)d years.", most=MOST_YEARS)]
        if wrong:
            raise ValidationError(" ".join(wrong))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that an index has a source."""
        sound = bool(super().validate(extra_validators))
        if (self.table.data or "").strip() and not (self.source.data or "").strip():
            self.source.errors = [gettext("Write where the index comes from.")]
            return False
        return sound


def written(index: Mapping[int, Fraction]) -> str:
    """Return an index as the form shows it, the first year first."""
    return "\n".join(f"{year} {write_number(_decimal(index[year]))}" for year in sorted(index))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _lines(text: str) -> tuple[dict[int, Fraction], list[str]]:
    """Return the years and values that can be read, and what is wrong with the other lines."""
    index: dict[int, Fraction] = {}
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        year = int(found[1]) if found else 0
        value = _value(found[2]) if found else None
        if not FIRST_YEAR <= year <= LAST_YEAR or value is None:
            said = gettext(
                "Line %(number)d, “%(text)s”: write a year and an index above 0, for instance"
                " 2026 103,1.",
                number=number,
                text=line.strip()[:40],
            )
            wrong.append(said)
        elif year in index:
            wrong.append(
                gettext("Line %(number)d: %(year)d stands twice.", number=number, year=year)
            )
        else:
            index[year] = value
    return index, wrong


def _value(text: str) -> Fraction | None:
    try:
        found = Fraction(parse_decimal(text))
    except (NotANumberError, TooLargeError):
        return None
    return found if 0 < found <= GREATEST_INDEX else None
