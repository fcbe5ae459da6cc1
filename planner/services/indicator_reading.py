"""A CSV of indicators, which may be anything, as values, with every mistake by line and column.

One line a number: municipality, indicator, unit, series, year, value, source, date of the source,
remark. The first line says which column is which, in Danish or English, in any order. Columns are
parted by semicolon, comma or tabulator; numbers are Danish (``1.234,5``).
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO

from optimizer.sentence import Sentence
from planner.model.base import FIRST_YEAR, LAST_YEAR
from planner.services.cases import decimal_text
from planner.services.shelf import first_day
from planner.services.writing import clean, folded

MOST_BYTES = 1_000_000
MOST_LINES = 5_000
MOST_FAULTS = 1_000
LONGEST = {"municipality": 200, "indicator": 200, "unit": 40, "series": 200, "source": 500,
           "note": 2_000}  # fmt: skip
LARGEST = Decimal(10) ** 15
MOST_DECIMALS = 6
LONGEST_FOUND = 60
FORMULA_STARTS = ("=", "+", "-", "@", "\t")

#: the columns in the order of an export: Danish heading, English heading, whether it must be there
COLUMNS: Mapping[str, tuple[str, str, bool]] = {
    "municipality": ("kommune", "municipality", True),
    "indicator": ("nøgletal", "indicator", True),
    "unit": ("enhed", "unit", True),
    "series": ("serie", "series", True),
    "year": ("år", "year", True),
    "value": ("værdi", "value", True),
    "source": ("kilde", "source", True),
    "source_date": ("kildedato", "source date", False),
    "note": ("bemærkning", "remark", False),
}
NEEDED = tuple(name for name, (_da, _en, needed) in COLUMNS.items() if needed)
#: reads a number as people write it; a ValueError where it is none
ReadNumber = Callable[[str], Decimal]


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong at one place of the file.

    Parameters
    ----------
    line : int
        Counted from one; 0 where the whole file is meant.
    column : str
        Its heading; empty where the whole line is meant.
    """

    line: int
    column: str
    found: str
    message: Sentence


@dataclass(frozen=True, slots=True)
class Point:
    """One number of one series: a year, a value as decimal text, and where it comes from."""

    series: str
    year: int
    value: str
    source: str
    source_date: str = ""


@dataclass(frozen=True, slots=True)
class ReadIndicator:
    """All numbers that a file has of one indicator, in its order."""

    municipality: str
    title: str
    unit: str
    note: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file holds, and everything that is wrong with it."""

    indicators: tuple[ReadIndicator, ...]
    faults: tuple[LineFault, ...]


def decoded(content: bytes) -> str | None:
    """Return the text of a file as a spreadsheet writes it; None where it is none."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def read_indicators(text: str, number: ReadNumber) -> ReadFile:
    """Return the indicators of a CSV and every mistake in it; a line with a mistake is left out."""
    if len(text.encode("utf-8")) > MOST_BYTES:
        return ReadFile((), (_whole("Filen er større end 1 MB.", "The file is larger than 1 MB."),))
    records, broken = _records(text)
    if not records:
        empty = _whole("Filen er tom.", "The file is empty.")
        return ReadFile((), (*broken, *(() if broken else (empty,))))
    (line, heading), *rest = records
    places, faults = _places(line, heading)
    faults += broken
    if len(rest) > MOST_LINES:
        faults.append(
            _whole(
                f"Filen har {len(rest)} linjer; der er plads til {MOST_LINES}.",
                f"The file has {len(rest)} lines; there is room for {MOST_LINES}.",
            )
        )
    if not set(NEEDED) <= set(places) or len(rest) > MOST_LINES:
        return ReadFile((), tuple(faults))
    gathering = _Gathering(heading, places, number)
    for place, cells in rest:
        gathering.take(place, cells)
    return ReadFile(gathering.indicators(), tuple([*faults, *gathering.faults][:MOST_FAULTS]))


def _whole(da: str, en: str) -> LineFault:
    return LineFault(0, "", "", Sentence(da, en))


def _records(text: str) -> tuple[list[tuple[int, list[str]]], list[LineFault]]:
    """Return the filled lines with their numbers, and where the file cannot be parted further."""
    first = text.partition("\n")[0]
    delimiter = next((mark for mark in ";\t," if mark in first), ";")
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = [clean(cell) for cell in next(reader)]
        except StopIteration:
            return found, []
        except csv.Error:
            wrong = Sentence(
                "Et anførselstegn er ikke lukket; resten af filen kan ikke læses.",
                "A quotation mark is not closed; the rest of the file cannot be read.",
            )
            return found, [LineFault(line, "", "", wrong)]
        if any(cells):
            found.append((line, cells))


def _places(line: int, heading: Sequence[str]) -> tuple[dict[str, int], list[LineFault]]:
    """Return where each column stands, and what is wrong with the headings."""
    names = {words[i]: name for name, words in COLUMNS.items() for i in (0, 1)}
    places: dict[str, int] = {}
    faults = []
    for place, words in enumerate(heading):
        name = names.get(folded(words))
        if name is None and words:
            known = ", ".join(danish for danish, _en, _needed in COLUMNS.values())
            faults.append(
                LineFault(
                    line,
                    words[:LONGEST_FOUND],
                    words[:LONGEST_FOUND],
                    Sentence(
                        f"Kolonnen er ukendt. Brug {known}.",
                        f"The column is unknown. Use {known}.",
                    ),
                )
            )
        elif name in places:
            twice = Sentence("Kolonnen står der to gange.", "The column stands there twice.")
            faults.append(LineFault(line, words, words, twice))
        elif name is not None:
            places[name] = place
    for name in NEEDED:
        if name not in places:
            danish = COLUMNS[name][0]
            missing = Sentence("Kolonnen mangler.", "The column is missing.")
            faults.append(LineFault(line, danish, "", missing))
    return places, faults


class _Gathering:
    """Gathers the lines of a file into indicators, and what is wrong with them."""

    def __init__(
        self, heading: Sequence[str], places: Mapping[str, int], number: ReadNumber
    ) -> None:
        self.heading = heading
        self.places = places
        self.number = number
        self.faults: list[LineFault] = []
        self._points: dict[tuple[str, str], list[Point]] = {}
        self._said: dict[tuple[str, str], dict[str, str]] = {}
        self._taken: dict[tuple[str, str, str, int], int] = {}

    def take(self, line: int, cells: Sequence[str]) -> None:
        """Take one line, or note everything that is wrong with it."""
        if len(cells) > len(self.heading) and any(cells[len(self.heading) :]):
            found = "; ".join(cells[len(self.heading) :])
            self._wrong(line, "", found, _TOO_MANY)
            return
        padded = [*cells, *[""] * (len(self.heading) - len(cells))]
        said = {name: padded[place] for name, place in self.places.items()}
        said = {name: said.get(name, "") for name in COLUMNS}
        wrong = list(_mistakes(said, self.number))
        for name, message in wrong:
            self._wrong(line, name, said[name], message)
        if not wrong:
            self._keep(line, said)

    def _wrong(self, line: int, name: str, found: str, message: Sentence) -> None:
        place = self.places.get(name)
        column = COLUMNS[name][0] if name and place is None else ""
        column = column if place is None else self.heading[place]
        self.faults.append(LineFault(line, column, found[:LONGEST_FOUND], message))

    def _keep(self, line: int, said: Mapping[str, str]) -> None:
        indicator = folded(said["municipality"]), folded(said["indicator"])
        first = self._said.setdefault(indicator, dict(said))
        for name in ("unit", "note"):
            if said[name] and first[name] and said[name] != first[name]:
                self._wrong(line, name, said[name], _other_than(first[name]))
                return
        first["note"] = first["note"] or said["note"]
        series, year = said["series"], int(said["year"])
        before = self._taken.setdefault((*indicator, folded(series), year), line)
        if before != line:
            self._wrong(line, "year", said["year"], _taken_by(before))
            return
        point = Point(
            series, year, decimal_text(self.number(said["value"])), said["source"],
            said["source_date"],
        )  # fmt: skip
        self._points.setdefault(indicator, []).append(point)

    def indicators(self) -> tuple[ReadIndicator, ...]:
        """Return what was gathered, in the order of the file."""
        return tuple(
            ReadIndicator(
                municipality=self._said[key]["municipality"],
                title=self._said[key]["indicator"],
                unit=self._said[key]["unit"],
                note=self._said[key]["note"],
                points=tuple(points),
            )
            for key, points in self._points.items()
        )


_TOO_MANY = Sentence(
    "Linjen har flere felter end overskriften. Sæt anførselstegn om tekst med skilletegn.",
    "The line has more fields than the heading. Put quotation marks around text with separators.",
)
_EMPTY = Sentence("Feltet mangler.", "The field is missing.")


def _other_than(first: str) -> Sentence:
    return Sentence(
        f"En tidligere linje af samme nøgletal har »{first[:LONGEST_FOUND]}«.",
        f"An earlier line of the same indicator has “{first[:LONGEST_FOUND]}”.",
    )


def _taken_by(line: int) -> Sentence:
    return Sentence(
        f"Serien har allerede et tal for det år på linje {line}.",
        f"The series has a number for that year on line {line} already.",
    )


def _mistakes(said: Mapping[str, str], number: ReadNumber) -> Iterator[tuple[str, Sentence]]:
    """Yield the columns of a line that are wrong, with what is wrong."""
    for name in NEEDED:
        if not said[name]:
            yield name, _EMPTY
    for name, most in LONGEST.items():
        if len(said[name]) > most:
            yield (
                name,
                Sentence(
                    f"Teksten er på {len(said[name])} tegn; der er plads til {most}.",
                    f"The text has {len(said[name])} characters; there is room for {most}.",
                ),
            )
        elif said[name].startswith(FORMULA_STARTS):
            yield (
                name,
                Sentence(
                    "Teksten må ikke begynde med =, +, - eller @: et regneark læser det som en"
                    " formel.",
                    "The text must not begin with =, +, - or @: a spreadsheet takes it for a"
                    " formula.",
                ),
            )
    yield from _number_mistakes(said, number)
    if said["source_date"] and first_day(said["source_date"]) is None:
        yield (
            "source_date",
            Sentence(
                "Det er ingen dato. Skriv fx 2025, 2025-10 eller 2025-10-31.",
                "That is no date. Write such as 2025, 2025-10 or 2025-10-31.",
            ),
        )


def _number_mistakes(said: Mapping[str, str], number: ReadNumber) -> Iterator[tuple[str, Sentence]]:
    year = said["year"]
    is_year = re.fullmatch(r"[0-9]{4}", year, re.ASCII)
    if year and not (is_year and FIRST_YEAR <= int(year) <= LAST_YEAR):
        yield (
            "year",
            Sentence(
                f"Skriv et årstal fra {FIRST_YEAR} til {LAST_YEAR}.",
                f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.",
            ),
        )
    if not said["value"]:
        return
    try:
        value = number(said["value"])
    except ValueError:
        yield (
            "value",
            Sentence(
                "Det er intet tal. Skriv komma før decimaler og eventuelt punktum mellem tusinder,"
                " fx 1.234,5.",
                "That is no number. Write a comma before decimals and, if you like, points between"
                " thousands, such as 1.234,5.",
            ),
        )
        return
    exponent = value.as_tuple().exponent
    if abs(value) >= LARGEST or (isinstance(exponent, int) and -exponent > MOST_DECIMALS):
        yield (
            "value",
            Sentence(
                "Tallet er for stort, eller det har mere end 6 decimaler.",
                "The number is too large, or it has more than 6 decimals.",
            ),
        )
