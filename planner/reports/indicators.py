"""Indicators as pictures and tables, the file that holds them, and what an upload would change."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from planner import formats
from planner.formats import Language
from planner.reports.chart_indicator import YearPoint, series_by_year
from planner.reports.values import Cell, Chart, Column, Row, Table

MOST_IN_FINDING: Final = 2


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a series, with its source."""

    series: str
    year: int
    value: Decimal
    source: str
    source_date: str

    @property
    def told_source(self) -> str:
        """The source with its date."""
        return ", ".join(part for part in (self.source, self.source_date) if part)


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is shown of one indicator."""

    key: str
    title: str
    unit: str
    numbers: tuple[Number, ...]


def indicator_chart(indicator: Indicator, *, language: Language) -> Chart:
    """Return the picture of an indicator; its title tells the newest numbers."""
    finding = _finding(indicator, language)
    points = [
        YearPoint(
            number.series,
            number.year,
            number.value,
            f"{number.year}, {number.series}: {told(number.value, indicator.unit, language)}"
            f" ({number.told_source})",
        )
        for number in sorted(indicator.numbers, key=lambda n: n.year)
    ]
    return Chart(
        name=f"indicator-{indicator.key}",
        finding=finding,
        measure_line=_(
            "%(title)s, %(unit)s. The axis does not begin at nought.",
            title=indicator.title,
            unit=indicator.unit,
        ),
        spec=series_by_year(points, description=finding, language=language),
        table=numbers_by_year(indicator, language=language),
        source="; ".join(dict.fromkeys(number.told_source for number in indicator.numbers)),
    )


def told(value: Decimal, unit: str, language: Language) -> str:
    """Return a number with its unit: ``2,13 %``."""
    return formats.measure(value, unit=unit, language=language)


def _finding(indicator: Indicator, language: Language) -> str:
    """Return the newest numbers that the series share a year for, else the newest of each."""
    series = list(dict.fromkeys(number.series for number in indicator.numbers))
    years = [{n.year for n in indicator.numbers if n.series == name} for name in series]
    shared = set.intersection(*years)
    if len(series) == 1:
        return _course(indicator, language)
    if not shared:
        return indicator.title
    year = max(shared)
    at_year = {n.series: n.value for n in indicator.numbers if n.year == year}
    parts = [f"{name} {told(at_year[name], indicator.unit, language)}" for name in series]
    shown = parts[:MOST_IN_FINDING]
    return _("%(year)d: %(numbers)s", year=year, numbers=_(" against ").join(shown))


def _course(indicator: Indicator, language: Language) -> str:
    ordered = sorted(indicator.numbers, key=lambda n: n.year)
    first, last = ordered[0], ordered[-1]
    at_last = told(last.value, indicator.unit, language)
    if first.year == last.year:
        return _("%(title)s: %(value)s in %(year)d", title=indicator.title, value=at_last,
                 year=last.year)  # fmt: skip
    return _(
        "%(title)s: from %(first)s in %(begin)d to %(last)s in %(end)d",
        title=indicator.title,
        first=told(first.value, indicator.unit, language),
        begin=first.year,
        last=at_last,
        end=last.year,
    )


def numbers_by_year(indicator: Indicator, *, language: Language) -> Table:
    """Return the numbers with a line for each year and a column for each series."""
    series = list(dict.fromkeys(number.series for number in indicator.numbers))
    found = {(n.year, n.series): n.value for n in indicator.numbers}
    return Table(
        title=indicator.title,
        caption=_("Unit: %(unit)s", unit=indicator.unit),
        columns=(
            Column("year", _("Year")),
            *(Column(f"series-{place}", name, "count") for place, name in enumerate(series)),
        ),
        rows=tuple(
            Row(
                (
                    Cell(str(year)),
                    *(Cell(_exact(found.get((year, name)), language)) for name in series),
                )
            )
            for year in sorted({n.year for n in indicator.numbers})
        ),
    )


def _exact(value: Decimal | None, language: Language) -> str | None:
    """Return a number with every decimal that its source gave it."""
    if value is None:
        return None
    exponent = value.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return formats.number(value, decimals=decimals, language=language)


def sources_table(indicator: Indicator, *, language: Language) -> Table:
    """Return every number with its source."""
    return Table(
        title=_("Every number with its source"),
        caption=_("Unit: %(unit)s", unit=indicator.unit),
        columns=(
            Column("series", _("Series")),
            Column("year", _("Year"), "count"),
            Column("value", _("Value"), "count"),
            Column("source", _("Source"), "link"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(number.series),
                    Cell(str(number.year)),
                    Cell(_exact(number.value, language)),
                    Cell(number.told_source),
                )
            )
            for number in indicator.numbers
        ),
    )


def versions_table(versions: Sequence[tuple[int, dt.datetime, str, int, str]]) -> Table:
    """Return the versions, given newest first as number, moment, person, numbers and address."""
    return Table(
        title=_("Versions"),
        caption=_("Newest first. A version is never changed."),
        columns=(
            Column("number", _("Version"), "link"),
            Column("at", _("Stored at"), "moment"),
            Column("by", _("By")),
            Column("numbers", _("Numbers"), "count"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(_("Version %(number)d", number=number), href=href),
                    Cell(at),
                    Cell(by or None),
                    Cell(numbers),
                )
            )
            for number, at, by, numbers, href in versions
        ),
    )


# --- The file -------------------------------------------------------------------------------------


def indicators_csv(headings: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return lines as the file that is read in again, as a Danish spreadsheet opens it."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings.values())
    writer.writerows([row[name] for name in headings] for row in rows)
    return text.getvalue().encode("utf-8-sig")


# --- An upload ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """What storing one indicator of a file would do.

    Parameters
    ----------
    number
        The newest version that is stored; 0 where there is none.
    lost
        Numbers of it that the file does not have.
    """

    municipality: str
    title: str
    points: int
    number: int
    is_same: bool
    lost: int


def changes_table(lines: Sequence[ChangeLine]) -> Table:
    """Return what would happen to each indicator of a file."""
    return Table(
        title=_("What the CSV file holds"),
        caption="",
        columns=(
            Column("title", _("Indicator")),
            Column("points", _("Numbers"), "count"),
            Column("what", _("What happens"), "link"),
        ),
        rows=tuple(
            Row((Cell(line.title, note=line.municipality), Cell(line.points), Cell(_what(line))))
            for line in lines
        ),
    )


def _what(line: ChangeLine) -> str:
    if line.is_same:
        return _("Nothing: it is stored already")
    if not line.number:
        return _("New indicator")
    said = _("Version %(number)d", number=line.number + 1)
    if not line.lost:
        return said
    lost = ngettext(
        "%(num)d number is not in the file and stays in the earlier version",
        "%(num)d numbers are not in the file and stay in the earlier version",
        line.lost,
    )
    return f"{said}; {lost}"


def faults_table(faults: Sequence[tuple[int, str, str, str]]) -> Table:
    """Return what is wrong, given as line, column, what was found and what would be right."""
    return Table(
        title=_("Errors in the file"),
        caption=_("Nothing is stored. Correct them in the file and read it again."),
        columns=(
            Column("line", _("Place")),
            Column("column", _("Column"), "link"),
            Column("found", _("Found"), "link"),
            Column("wrong", _("What is wrong"), "link"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(_("Line %(number)d", number=line) if line else _("The whole file")),
                    Cell(column or None),
                    Cell(found or None),
                    Cell(wrong),
                )
            )
            for line, column, found, wrong in faults
        ),
    )
