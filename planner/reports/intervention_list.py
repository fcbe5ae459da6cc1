"""The list of interventions: its lines, their order, and the table with its sum row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from planner.formats import Exact
from planner.reports.values import Cell, Column, Row, Table

SORTS: Final = (
    "title",
    "department",
    "state",
    "stars",
    "citizens",
    "outlay",
    "period",
    "after",
    "npv",
    "payback",
)
TEXT_SORTS: Final = frozenset({"title", "department", "state", "payback"})
_DANISH_ORDER = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}", "é": "e"})
STATE_ORDER: Final = (
    "case.submitted",
    "case.draft",
    "case.returned",
    "case.accepted",
    "case.withdrawn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One intervention of the list with its figures; None where nobody has said.

    Parameters
    ----------
    note
        Code and target group, under the title.
    state
        Code of `planner.words`, such as ``case.accepted``.
    citizens, outlay, period, after, npv, payback
        Figures of its first option; money in kroner, of the municipality but for the outlay.
    """

    title: str
    href: str
    note: str
    department: str
    state: str
    state_note: str = ""
    stars: int = 0
    citizens: Fraction | None = None
    outlay: int | None = None
    period: Fraction | None = None
    after: Fraction | None = None
    npv: Fraction | None = None
    payback: int | None = None


def danish_order(text: str) -> str:
    """Return a key that sorts text in Danish order, æ, ø and å last."""
    return text.casefold().replace("aa", "å").translate(_DANISH_ORDER)


def sort_lines(lines: Sequence[ListLine], key: str, *, descending: bool) -> list[ListLine]:
    """Return the lines in the order asked for; those without the figure come last."""
    by_title = sorted(lines, key=lambda line: danish_order(line.title))
    if key == "title":
        return by_title[::-1] if descending else by_title
    known = [line for line in by_title if _sort_value(line, key) is not None]
    unknown = [line for line in by_title if _sort_value(line, key) is None]
    known.sort(key=lambda line: _sort_value(line, key) or 0, reverse=descending)
    return known + unknown


def _sort_value(line: ListLine, key: str) -> Exact | str | None:
    values: dict[str, Exact | str | None] = {
        "department": danish_order(line.department),
        "state": f"{STATE_ORDER.index(line.state)}",
        "stars": line.stars,
        "citizens": line.citizens,
        "outlay": line.outlay,
        "period": line.period,
        "after": line.after,
        "npv": line.npv,
        "payback": line.payback,
    }
    if key in {"department", "state"}:
        return str(values[key])
    return values[key]


def list_table(lines: Sequence[ListLine], shown: Sequence[ListLine], *, price_year: int) -> Table:
    """Return the list with its sum row.

    Parameters
    ----------
    lines
        All that pass the filters; the sums are theirs.
    shown
        Those of this page, in order.
    """
    columns = (
        Column("title", _("Intervention"), "link"),
        Column("department", _("Department"), "link"),  # a whole line on a narrow screen
        Column("state", _("State"), "state"),
        Column("stars", _("Evidence"), "stars"),
        Column("citizens", _("Citizens"), "count"),
        Column("outlay", _("Outlay"), "thousand"),
        Column("period", _("Net in the period"), "thousand_change"),
        Column("after", _("Net after"), "thousand_change"),
        Column("npv", _("Present value"), "thousand_change"),
        Column("payback", _("Paid back in"), "year"),
    )
    rows = [_list_row(line) for line in shown]
    if len(lines) > 1:
        rows.append(_sum_row(lines))
    return Table(
        title=_("Interventions"),
        caption=_(
            "Amounts in 1,000 kr., %(year)d prices, the municipality's purse", year=price_year
        ),
        columns=columns,
        rows=tuple(rows),
    )


def _list_row(line: ListLine) -> Row:
    return Row(
        (
            Cell(line.title, href=line.href, note=line.note),
            Cell(line.department),
            Cell(line.state, note=line.state_note or None),
            Cell(line.stars),
            Cell(line.citizens),
            Cell(line.outlay),
            Cell(line.period),
            Cell(line.after),
            Cell(line.npv),
            Cell(line.payback),
        )
    )


def _sum_row(lines: Sequence[ListLine]) -> Row:
    name = ngettext("In all, one intervention", "In all, %(num)s interventions", len(lines))
    return Row(
        (
            Cell(name),
            Cell(""),
            Cell(""),
            Cell(""),
            Cell(_total(line.citizens for line in lines)),
            Cell(_total(line.outlay for line in lines)),
            Cell(_total(line.period for line in lines)),
            Cell(_total(line.after for line in lines)),
            Cell(_total(line.npv for line in lines)),
            Cell(""),
        ),
        kind="sum",
    )


def total_outlay(lines: Iterable[ListLine]) -> Fraction:
    """Return what all the lines together ask for, kroner."""
    return _total(line.outlay for line in lines) or Fraction(0)


def _total(values: Iterable[Exact | None]) -> Fraction | None:
    known = [Fraction(value) for value in values if value is not None]
    return sum(known, Fraction(0)) if known else None
