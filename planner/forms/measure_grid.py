"""The measures of one option: quantities that are not money, in total or year by year."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _

from optimizer.case_figures import CITIZEN_MEASURES
from planner.case_limits import (
    LONGEST_MEASURE,
    MOST_DECIMALS,
    MOST_MEASURED,
    MOST_MEASURES,
    is_storable,
)
from planner.forms.interventions import NOT_STORABLE
from planner.forms.numbers import NotANumberError, parse_decimal, write_number

_FIELD = re.compile(r"measure-(\d{1,4})-(name|total|\d{4})")


@dataclass(frozen=True, slots=True)
class MeasureValues:
    """One measure as values: either a total, or amounts by year."""

    name: str
    total: Decimal | None
    by_year: Mapping[int, Decimal]


@dataclass(slots=True)
class MeasureLine:
    """One measure as it was typed; ``typed`` is by ``"total"`` or year."""

    name: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether nobody has written anything in it; the offered name alone is nothing."""
        name = self.name.strip()
        texts = [*self.typed.values(), "" if name in CITIZEN_MEASURES else name]
        return not any(text.strip() for text in texts)

    def typed_in(self, part: str | int) -> str:
        """Return what stands in one field."""
        return self.typed.get(str(part), "")

    def error_in(self, part: str | int) -> str:
        """Return what is wrong with one field."""
        return self.errors.get(str(part), "")


class MeasureGrid:
    """The measures of one option, as typed; `read` gives the values and notes what is wrong."""

    def __init__(self, lines: Iterable[MeasureLine], *, years: Sequence[int]) -> None:
        self.lines = list(lines)
        self.years = list(years)
        self.errors: list[tuple[str, str]] = []

    @classmethod
    def of_values(cls, values: Iterable[MeasureValues], *, years: Sequence[int]) -> "MeasureGrid":
        """Return the grid of what is stored."""
        lines = []
        for value in values:
            typed = {str(year): write_number(amount) for year, amount in value.by_year.items()}
            if value.total is not None:
                typed["total"] = write_number(value.total)
            lines.append(MeasureLine(value.name, typed))
        return cls(lines, years=years)

    @classmethod
    def of_form(cls, fields: Iterable[tuple[str, str]], *, years: Sequence[int]) -> "MeasureGrid":
        """Return the grid of what was sent."""
        found: dict[int, MeasureLine] = {}
        for name, text in fields:
            match = _FIELD.fullmatch(name)
            if match is None:
                continue
            line = found.setdefault(int(match[1]), MeasureLine())
            if match[2] == "name":
                line.name = text
            else:
                line.typed[match[2]] = text
        return cls([found[place] for place in sorted(found)][:MOST_MEASURES], years=years)

    @property
    def has_room(self) -> bool:
        """Whether another measure may be added."""
        return len(self.lines) < MOST_MEASURES

    def add(self, name: str = "") -> None:
        """Add one empty measure, if there is room."""
        if self.has_room:
            self.lines.append(MeasureLine(name))

    def drop(self, place: int) -> None:
        """Take one measure out."""
        if 0 <= place < len(self.lines):
            del self.lines[place]

    def name_of(self, place: int) -> str:
        """Return what a measure is called in errors and for a screen reader."""
        return self.lines[place].name.strip() or _("Measure %(number)d", number=place + 1)

    def read(self) -> list[MeasureValues]:
        """Return the measures that can be read, and note in ``errors`` everything that cannot."""
        self.errors = []
        values: list[MeasureValues] = []
        for place, line in enumerate(self.lines):
            line.errors = {}
            if line.is_blank:
                continue
            value = self._values(place, line)
            if value.name and any(value.name == other.name for other in values):
                said = _("%(name)s: the name stands twice.", name=value.name)
                self._note(place, "name", said)
            values.append(value)
        return values

    def _values(self, place: int, line: MeasureLine) -> MeasureValues:
        name = line.name.strip()
        if not name:
            self._note(
                place,
                "name",
                _("%(measure)s: write a name, for instance citizens.", measure=self.name_of(place)),
            )
        elif not is_storable(name):
            self._note(place, "name", f"{name[:40]}: {NOT_STORABLE}")
        elif len(name) > LONGEST_MEASURE:
            said = _("%(line)s: write at most %(max)d characters.", line=name, max=LONGEST_MEASURE)
            self._note(place, "name", said)
        total = self._number(place, "total")
        found = {year: self._number(place, str(year)) for year in self.years}
        by_year = {year: amount for year, amount in found.items() if amount is not None}
        if total is not None and by_year:
            said = _(
                "%(name)s: write either the total or the years, not both.", name=self.name_of(place)
            )
            self._note(place, "total", said)
        elif total is None and not by_year and not line.errors:
            said = _("%(name)s: write a total, or amounts by year.", name=self.name_of(place))
            self._note(place, "total", said)
        return MeasureValues(name, total, by_year)

    def _number(self, place: int, part: str) -> Decimal | None:
        text = self.lines[place].typed_in(part)
        if not text.strip():
            return None
        try:
            value = parse_decimal(text)
        except NotANumberError:
            self._unreadable(place, part, text)
            return None
        exponent = value.as_tuple().exponent
        if abs(value) > MOST_MEASURED or (isinstance(exponent, int) and -exponent > MOST_DECIMALS):
            self._unreadable(place, part, text)
            return None
        return value

    def _unreadable(self, place: int, part: str, text: str) -> None:
        said = _(
            "%(name)s: “%(text)s” cannot be read."
            " Write a number with a decimal comma, for instance 1.234,5.",
            name=self.name_of(place),
            text=text.strip()[:40],
        )
        self._note(place, part, said)

    def _note(self, place: int, part: str, text: str) -> None:
        self.lines[place].errors.setdefault(part, text)
        self.errors.append((f"measure-{place}-{part}", text))
