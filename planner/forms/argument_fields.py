"""The fields of an argument as they were typed: what they say, and what is missing or wrong.

Fields are named ``<item>-<number>-<part>``, for instance ``effect-0-outcome``, and a row by year
``<item>-<number>-<part>-<year>``. What was typed is kept as text, so that nothing is lost when
something cannot be read or is not there yet.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer.cases.quantities import exact_document
from planner.case_limits import is_storable
from planner.forms.interventions import NOT_STORABLE
from planner.forms.numbers import (
    NotANumberError,
    NotWholeKronerError,
    TooLargeError,
    parse_decimal,
    parse_kroner,
    write_number,
)

MOST_ITEMS = 30
MOST_FIELDS = 4_000
LONGEST_TEXT = 200
LONGEST_VALUE = 2_000
FIRST_YEAR = 1900
LAST_YEAR = 2200
Json = Any
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """One field of an item, as a template draws it.

    Parameters
    ----------
    part : str
        Its name behind the item's.
    unit : str
        Stands inside the field's right edge.
    choices : sequence of (value, text)
        Of a list field; empty for a text field.
    """

    part: str
    label: Any
    help: Any = ""
    unit: Any = ""
    width: str = ""
    choices: Sequence[Choice] = ()
    optional: bool = False


@dataclass(slots=True)
class Typed:
    """Fields and their mistakes.

    Parameters
    ----------
    values : dict
        Name to text.
    errors : list of (name, text)
        All that is missing or wrong, in reading order.
    wrong : list of str
        Names of the fields that hold something that cannot be read.
    """

    values: dict[str, str] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def of_form(cls, pairs: Iterable[tuple[str, str]], kind: str) -> "Typed":
        """Return the fields of one kind of item out of what was sent."""
        pattern = re.compile(rf"{kind}-\d{{1,3}}-.{{1,150}}")
        found = {name: text[:LONGEST_VALUE] for name, text in pairs if pattern.fullmatch(name)}
        return cls(dict(list(found.items())[:MOST_FIELDS]))

    def get(self, name: str) -> str:
        """Return what stands in a field."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """Return what is missing or wrong in a field, for the line above it."""
        return " ".join(text for at, text in self.errors if at == name)

    def places(self, kind: str) -> list[int]:
        """Return the numbers of the items, in order."""
        found = {int(name.split("-", 2)[1]) for name in self.values if name.startswith(f"{kind}-")}
        return sorted(found)[:MOST_ITEMS]

    def is_blank(self, prefix: str, *, beside: Iterable[str] = ()) -> bool:
        """Return whether nobody has written in an item.

        Parameters
        ----------
        beside : iterable of str
            Parts that have something in them from the start.
        """
        left_out = {f"{prefix}{part}" for part in beside}
        return not any(
            text.strip()
            for name, text in self.values.items()
            if name.startswith(prefix) and name not in left_out
        )

    def drop(self, kind: str, place: int) -> None:
        """Take one item out; those behind it move up."""
        kept = [other for other in self.places(kind) if other != place]
        moved: dict[str, str] = {}
        for new, old in enumerate(kept):
            before, after = f"{kind}-{old}-", f"{kind}-{new}-"
            moved |= {
                after + name.removeprefix(before): text
                for name, text in self.values.items()
                if name.startswith(before)
            }
        self.values = moved

    # ---- noting ----

    def note(self, name: str, text: str, *, is_wrong: bool = True) -> None:
        """Note what is wrong with a field, or (``is_wrong`` False) that it is not filled in yet."""
        self.errors.append((name, text))
        if is_wrong:
            self.wrong.append(name)

    def missing(self, name: str, label: Any) -> None:
        """Note that a field is not filled in yet."""
        self.note(name, _("%(field)s: fill in this field.", field=label), is_wrong=False)

    # ---- reading ----

    def text(
        self, name: str, label: Any, *, longest: int = LONGEST_TEXT, required: bool = True
    ) -> str:
        """Read one line of text."""
        text = self.get(name).strip()
        if not text and required:
            self.missing(name, label)
        elif not is_storable(text):
            self.note(name, f"{label}: {NOT_STORABLE}")
        elif len(text) > longest:
            self.note(
                name, _("%(line)s: write at most %(max)d characters.", line=label, max=longest)
            )
        return text

    def choice(self, name: str, label: Any, known: Iterable[str]) -> str | None:
        """Read one of a list."""
        value = self.get(name)
        if value in set(known):
            return value
        if not value.strip():
            self.missing(name, label)
        else:
            self.note(name, _("%(line)s: choose one of the list.", line=label))
        return None

    def decimal(
        self, name: str, label: Any, *, required: bool = True, least: int | None = None
    ) -> Fraction | None:
        """Read a number with a decimal comma."""
        said = _("Write a number with a decimal comma, for instance 1.234,5.")
        return self._read(name, label, _fraction, said, required=required, least=least)

    def percent(
        self, name: str, label: Any, *, required: bool = True, inside: bool = True
    ) -> Fraction | None:
        """Read a percentage as a fraction; ``inside``: from 0 to 100 %."""
        said = _("Write a percentage, for instance 42 or 42,5.")

        def read(text: str) -> Fraction:
            return _fraction(text.strip().removesuffix("%")) / 100

        found = self._read(name, label, read, said, required=required)
        if found is not None and inside and not 0 <= found <= 1:
            self.note(name, _("%(field)s: write a percentage from 0 to 100.", field=label))
            return None
        return found

    def whole(
        self,
        name: str,
        label: Any,
        *,
        required: bool = True,
        least: int = 0,
        most: int | None = None,
    ) -> int | None:
        """Read a whole number."""
        said = _("Write a whole number, for instance 40.")
        found = self._read(name, label, parse_kroner, said, required=required, least=least)
        if found is not None and most is not None and found > most:
            text = _("%(field)s: write at most %(most)s.", field=label, most=write_number(most))
            self.note(name, text)
            return None
        return found

    def year(self, name: str, label: Any) -> int | None:
        """Read a calendar year."""
        said = _("Write a year with four digits, for instance 2027.")

        def read(text: str) -> int:
            year = parse_kroner(text)
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise NotANumberError
            return year

        return self._read(name, label, read, said, required=True)

    def kroner(self, name: str, label: Any, *, required: bool = False) -> int | None:
        """Read whole kroner, 0 or more."""
        said = _("Write an amount in whole kroner, for instance 1.250.000.")
        return self._read(name, label, parse_kroner, said, required=required, least=0)

    def row(
        self, prefix: str, columns: Iterable[int], read: Callable[[str, str], Any], label: Any
    ) -> dict[int, Any]:
        """Read a row of fields, one a year; empty ones are left out."""
        found = {}
        for column in columns:
            value = read(f"{prefix}-{column}", f"{label} {column}")
            if value is not None:
                found[column] = value
        return found

    def _read(
        self,
        name: str,
        label: Any,
        read: Callable[[str], Any],
        said: str,
        *,
        required: bool,
        least: int | None = None,
    ) -> Any:
        text = self.get(name)
        if not text.strip():
            if required:
                self.missing(name, label)
            return None
        try:
            found = read(text)
        except NotWholeKronerError:
            said = _("Write a whole number without decimals, for instance 1.250.000.")
        except (NotANumberError, TooLargeError):
            pass
        else:
            if least is None or found >= least:
                return found
            said = _("Write a number that is at least %(least)d.", least=least)
        words = _(
            "%(field)s: “%(text)s” cannot be read. %(said)s",
            field=label,
            text=text.strip()[:40],
            said=said,
        )
        self.note(name, words)
        return None

    # ---- low, expected and high ----

    def ordered(self, prefix: str, label: Any, values: Mapping[str, Fraction | int | None]) -> bool:
        """Return whether low <= expected <= high, noting it where they are not."""
        return self.ordered_at(prefix, "", label, values)

    def ordered_at(
        self, prefix: str, behind: str, label: Any, values: Mapping[str, Fraction | int | None]
    ) -> bool:
        """Return the same of fields whose names end in ``behind``."""
        low, middle, high = (values[key] for key in ("low", "expected", "high"))
        if middle is not None and low is not None and low > middle:
            self.note(
                f"{prefix}low{behind}", _("%(field)s: low is above the expected.", field=label)
            )
            return False
        if middle is not None and high is not None and high < middle:
            self.note(
                f"{prefix}high{behind}", _("%(field)s: high is below the expected.", field=label)
            )
            return False
        return True


def _fraction(text: str) -> Fraction:
    return Fraction(parse_decimal(text))


# --- Numbers, as a document and as a field --------------------------------------------------------


def uncertain(
    expected: Fraction | int,
    low: Fraction | int | None = None,
    high: Fraction | int | None = None,
) -> Json:
    """Return a number with its ends as a case document writes it, shortest form."""
    ends = {"low": low, "high": high}
    document = {k: exact_document(v) for k, v in ends.items() if v is not None and v != expected}
    if not document:
        return exact_document(expected)
    return {"expected": exact_document(expected), **document}


def ends_of(value: Json) -> tuple[str, str, str]:
    """Return low, expected and high of a document's number as fields show them."""
    if not isinstance(value, Mapping):
        return "", shown(value), ""
    return shown(value.get("low")), shown(value.get("expected")), shown(value.get("high"))


def shown(value: Json, *, times: int = 1) -> str:
    """Return a document's number as a field shows it; None: nothing."""
    if value is None:
        return ""
    exact = number_in(value) * times
    if exact.denominator == 1:
        return write_number(exact.numerator)
    # a number that no decimal says exactly is shown with as many digits as a person can use
    return write_number(round(Decimal(exact.numerator) / Decimal(exact.denominator), 6))


def number_in(value: Json) -> Fraction:
    """Return a document's number exactly."""
    return Fraction(value) if isinstance(value, str) else Fraction(str(value))
