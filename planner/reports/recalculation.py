"""A case as it is and as it would be recalculated: its entries, its flows, its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from planner.reports.values import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry of the shelf that is taken anew: its version and what it says, before and after."""

    title: str
    href: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One amount, kroner: ``where`` names line and purse."""

    line: str
    where: str
    year: int
    before: int
    after: int


def entry_table(entries: Sequence[EntryChange]) -> Table:
    """Return the entries that have a newer version than the case."""
    return Table(
        title=_("From the shelf"),
        caption=_("What the case was made with, and what lies there now"),
        columns=(
            Column("entry", _("Entry"), "link"),
            # words, which need a whole line on a narrow screen
            Column("before", _("In the case"), "link"),
            Column("after", _("On the shelf now"), "link"),
        ),
        rows=tuple(
            Row((Cell(e.title, href=e.href), Cell(e.before), Cell(e.after))) for e in entries
        ),
    )


def flow_change_table(flows: Sequence[FlowChange], *, price_year: int) -> Table:
    """Return every amount before and after, and the difference."""
    return Table(
        title=_("Every amount"),
        caption=_("Kr., %(year)d prices; positive is into the purse", year=price_year),
        columns=(
            Column("line", _("Line")),
            Column("year", _("Year"), "year"),
            Column("before", _("Before"), "kroner"),
            Column("after", _("After"), "kroner"),
            Column("change", _("Difference"), "kroner_change"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(flow.line, note=flow.where),
                    Cell(flow.year),
                    Cell(flow.before),
                    Cell(flow.after),
                    Cell(flow.after - flow.before),
                )
            )
            for flow in flows
        ),
    )


def figure_change_table(before: Table, after: Table, *, title: str) -> Table:
    """Return every figure before and after.

    Parameters
    ----------
    before, after : Table
        Of two columns: the figure and its value.
    title : str
        The option that they are of; empty of a case with one.
    """
    new: Mapping[object, Cell] = {row.cells[0].value: row.cells[1] for row in after.rows}
    rows = [
        Row((row.cells[0], row.cells[1], new.get(row.cells[0].value, Cell(None))))
        for row in before.rows
    ]
    heading = _("Every figure") if not title else _("Every figure: %(option)s", option=title)
    return Table(
        title=heading,
        caption=after.caption,
        columns=(
            Column("figure", _("Figure")),
            Column("before", _("Before"), "link"),
            Column("after", _("After"), "link"),
        ),
        rows=tuple(rows),
    )
