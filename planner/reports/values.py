"""What a report is made of, before it becomes HTML, Excel, PDF or JSON.

A report function turns domain objects into these frozen values; a template, the workbook writer and
the API each render the same values, so a figure cannot differ between them. Nothing here formats:
`planner.formats` does that, by the kind that a column or figure carries.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

from planner.formats import UNKNOWN, Unknown

__all__ = [
    "NUMERIC_KINDS",
    "UNKNOWN",
    "Cell",
    "Chart",
    "Column",
    "Figure",
    "LimitUse",
    "Row",
    "Status",
    "Table",
    "Value",
    "Why",
]

Kind = Literal[
    "text",
    "link",
    "kroner",
    "kroner_change",
    "thousand",
    "thousand_change",
    "million",
    "million_change",
    "count",
    "count_change",
    "decimal",
    "percent",
    "year",
    "stars",
    "date",
    "moment",
    "state",
    "mark",
]

Exact = int | Fraction | Decimal
RAIL_END: Final = 87

NUMERIC_KINDS: Final[frozenset[str]] = frozenset(
    {
        *("kroner", "kroner_change", "thousand", "thousand_change", "million", "million_change"),
        *("count", "count_change", "decimal", "percent", "year"),
    }
)


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to "Hvorfor?", shown in a row of its own below the row it belongs to.

    Parameters
    ----------
    finding
        The answer in one sentence, set in bold.
    detail
        What follows from it.
    facts
        Pairs of a short label and a text: the limits it meets, what would let it in.
    try_label, try_href
        A way to try it.
    """

    finding: str
    detail: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    try_label: str = ""
    try_href: str | None = None


Value = str | int | bool | Fraction | Decimal | dt.date | dt.datetime | Unknown | Why | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds decides how every cell is aligned and written.

    Parameters
    ----------
    key
        Stable name, also the heading in JSON and the key that sort links use.
    label
        Heading, in the reader's language.
    kind
        How its cells are written; kinds of money carry their unit, stated once in the caption.
    note
        Explanation shown with the heading (unit, or what is counted).
    tint
        Shade the column, as the years of the budget period are.
    essential
        False lets the column leave on a narrow screen.
    """

    key: str
    label: str
    kind: Kind = "text"
    note: str = ""
    tint: bool = False
    essential: bool = True

    @property
    def is_number(self) -> bool:
        """Whether the column stands right-aligned in tabular figures."""
        return self.kind in NUMERIC_KINDS


@dataclass(frozen=True, slots=True)
class Cell:
    """One value with the place that shows its parts, and a small line under it.

    In a column of kind ``state`` the value is a code of `planner.words`, such as ``case.accepted``.
    ``expanded`` marks a link that opens (False) or has opened (True) the why-row below. ``why`` is
    an answer that is folded in the cell itself.
    """

    value: Value
    href: str | None = None
    note: str | None = None
    expanded: bool | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Parameters
    ----------
    cells
        As many as the table has columns. A ``group`` or ``why`` row has one cell and spans all.
    kind
        ``sum`` carries the double line, ``group`` is a heading inside the table, ``why`` an answer
        below a row of kind ``open``.
    anchor
        The row's id in HTML, for links that lead to it.
    """

    cells: tuple[Cell, ...]
    kind: Literal["normal", "sum", "group", "open", "why"] = "normal"
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table that HTML, Excel and the API render alike.

    Parameters
    ----------
    title
        What the table is called, as heading of a sheet and accessible name.
    caption
        Unit, price year and whose purse, shown once above the table.
    columns, rows
        What it holds; the first column names the row.
    source
        Where the figures come from and when they were calculated.
    total_note
        Said below when shown parts do not add up to the shown sum.
    """

    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    source: str = ""
    total_note: str = ""

    def __post_init__(self) -> None:
        """Refuse a row that does not fit the columns: it would shift every figure after it."""
        for place, row in enumerate(self.rows):
            expected = 1 if row.kind in {"group", "why"} else len(self.columns)
            if len(row.cells) != expected:
                message = (
                    f"Row {place} of {self.title!r} has {len(row.cells)} cells, not {expected}."
                )
                raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure of the strip: label above, unit small, note below, a link to its parts."""

    label: str
    value: Value
    kind: Kind = "text"
    unit: str = ""
    note: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and the same numbers as a table.

    Parameters
    ----------
    name
        Stable name, unique on its page: id of the figure and name of a download.
    finding
        The title: what the picture shows, made from the data.
    measure_line
        Measure, unit and price year.
    spec
        Vega-Lite specification from `planner.reports.charts`.
    table
        The same numbers, folded under the picture; the only way for keyboard and screen reader.
    source
        Where the figures come from and when they were calculated.
    description
        The picture in one or two sentences for those who cannot see it; the finding if left out.
    """

    name: str
    finding: str
    measure_line: str
    spec: dict[str, Any] = field(hash=False)
    table: Table
    source: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The outcome in one sentence: told by shape, word and colour, in that order."""

    kind: Literal["good", "part", "none", "wait"]
    headline: str
    detail: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit as a sentence, with how much of it the plan uses.

    Parameters
    ----------
    sentence
        The limit, as people say it.
    state
        ``binds`` (the choice would change without it), ``slack``, ``broken`` (a soft limit at a
        price), ``off`` or ``unsolved``.
    use
        What the plan uses, in words: "9,3 brugt; luft 0,7 mio. kr.".
    used, mark
        Lengths of the bar and place of the limit on a rail from 0 to 100; None draws no bar.
    href
        Where the limit is edited.
    """

    sentence: str
    state: Literal["binds", "slack", "broken", "off", "unsolved"] = "unsolved"
    use: str = ""
    used: Fraction | int | None = None
    mark: Fraction | int | None = None
    href: str | None = None

    @classmethod
    def rail(cls, *, used: Exact, limit: Exact) -> tuple[Fraction, Fraction]:
        """Place use and limit on one rail from 0 to 100, the larger of them at 87.

        >>> LimitUse.rail(used=8, limit=10)
        (Fraction(348, 5), Fraction(87, 1))
        """
        largest = max(Fraction(used), Fraction(limit))
        if largest <= 0:
            return Fraction(0), Fraction(RAIL_END)
        scale = Fraction(RAIL_END) / largest
        return max(Fraction(used), Fraction(0)) * scale, max(Fraction(limit), Fraction(0)) * scale
