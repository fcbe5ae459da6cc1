"""The pictures: plain amounts in, a checked Vega-Lite specification out.

Out of the purse is drawn below zero, into it above. A plan is outlined and pale. Amounts come as
whole kroner and are turned into millions for the pen only: no figure is ever read back out of a
picture, and every text on it is written by `planner.formats` from the exact amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _

from planner import formats
from planner.formats import Exact, Language
from planner.reports.chart_matrix import MatrixAxes, MatrixPoint, matrix_scatter
from planner.reports.chart_panels import Bar, Panel, draw_panels
from planner.reports.chart_pool import PoolYear, pool_balance
from planner.reports.chart_style import (
    ACTUAL,
    BAND,
    GROUND,
    INK,
    MUTED,
    PAYER_COLOURS,
    PLAN,
    Layer,
    Spec,
    colour,
    finish,
)
from planner.reports.drawing import alt, pen, year_axis, zero_line

__all__ = [
    "Bar",
    "BarYear",
    "DepartmentAmount",
    "LinePoint",
    "MatrixAxes",
    "MatrixPoint",
    "Panel",
    "PayerAmount",
    "PoolYear",
    "bars_by_year",
    "cumulative_line",
    "department_bars",
    "matrix_scatter",
    "payer_bars",
    "pool_balance",
    "small_multiples",
]

PICTURE_HEIGHT: Final = 240
# pixels above the highest and below the lowest point of a line, for the words that stand there
ROOM_FOR_WORDS: Final = 22


@dataclass(frozen=True, slots=True)
class BarYear:
    """What one payer pays (negative) or gets (positive) in one year, in kroner."""

    year: int
    payer: str
    level: str
    amount: int


@dataclass(frozen=True, slots=True)
class LinePoint:
    """Net of all years up to and including one, in kroner, with its low and high estimate."""

    year: int
    amount: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class PayerAmount:
    """What one payer nets inside the budget period and after it, in kroner."""

    payer: str
    level: str
    period: int
    after: int


@dataclass(frozen=True, slots=True)
class DepartmentAmount:
    """What one department lays out, and nets inside the budget period and after it, in kroner."""

    department: str
    outlay: int
    period: int
    after: int


def bars_by_year(
    amounts: Sequence[BarYear],
    *,
    description: str,
    language: Language = "da",
    actual: bool = False,
    height: int = PICTURE_HEIGHT,
) -> Spec:
    """Draw money by year and payer, stacked away from zero; payers keep the order they come in."""
    payers = list(dict.fromkeys(amount.payer for amount in amounts))
    colours = {amount.payer: colour(amount.level) for amount in amounts}
    rows = [
        {
            "year": amount.year,
            "payer": amount.payer,
            "place": payers.index(amount.payer),
            "amount": pen(amount.amount),
            "said": f"{amount.year}, {amount.payer}: "
            + formats.say_million_change(amount.amount, language=language),
        }
        for amount in amounts
        if amount.amount
    ]
    shown = payers[::-1]  # the legend lists them as they are stacked, the last one on top
    scale = alt.Scale(domain=shown, range=[colours[payer] for payer in shown])
    look = ACTUAL if actual else PLAN
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(**look)
        .encode(
            x=year_axis(),
            y=alt.Y("amount:Q", stack="zero"),
            color=alt.Color("payer:N", scale=scale),
            stroke=alt.Stroke("payer:N", scale=scale),
            order=alt.Order("place:O"),
            tooltip=alt.Tooltip("said:N"),
            description=alt.Description("said:N"),
        )
    )
    chart = alt.layer(bars, zero_line(), height=height)
    narrow = {"config": {"legend": {"orient": "top", "columns": 3}}}
    return finish(chart, description=description, language=language, height=height, narrow=narrow)


def cumulative_line(
    points: Sequence[LinePoint],
    *,
    description: str,
    payback_year: int | None = None,
    language: Language = "da",
    height: int = PICTURE_HEIGHT,
) -> Spec:
    """Draw the net so far by year, with its low-high band, the low point and the payback year.

    In a small picture these two are marked without words, and only the ends of the axis are told.
    """
    is_small = height < PICTURE_HEIGHT
    x = alt.X("year:O", scale=alt.Scale(type="point", padding=0.1))
    if is_small:
        x = x.axis(values=[points[0].year, points[-1].year])
    rows = [_line_row(point, language=language) for point in points]
    layers = [
        *_band([row for row in rows if "low" in row], x),
        zero_line(),
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(color=PAYER_COLOURS["municipality"], strokeWidth=2.5, aria=False)
        .encode(x=x, y=alt.Y("amount:Q", scale=alt.Scale(padding=ROOM_FOR_WORDS))),
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(size=160, opacity=0)
        .encode(x=x, y="amount:Q", tooltip="said:N", description="said:N"),
        *_marked_points(
            points, payback_year=payback_year, language=language, has_words=not is_small
        ),
        *_end_labels(points[-1], language=language),
    ]
    chart = alt.layer(*layers, height=height, padding={"right": 78})
    return finish(chart, description=description, language=language, height=height)


def _band(rows: list[dict[str, Any]], x: alt.X) -> list[Layer]:
    """Fill from low to high; without rows no layer, for which the browser would complain."""
    if not rows:
        return []
    area = alt.Chart(alt.InlineData(values=rows)).mark_area(color=BAND, opacity=1, aria=False)
    return [area.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high"))]


def _line_row(point: LinePoint, *, language: Language) -> dict[str, Any]:
    said = f"{point.year}: {formats.say_million_change(point.amount, language=language)}"
    row: dict[str, Any] = {"year": point.year, "amount": pen(point.amount), "said": said}
    if point.low is not None and point.high is not None:
        row |= {"low": pen(point.low), "high": pen(point.high)}
    return row


def _marked_points(
    points: Sequence[LinePoint],
    *,
    payback_year: int | None,
    language: Language,
    has_words: bool = True,
) -> list[Layer]:
    """Mark the year it is paid back (ring, above) and the low point (dot, below)."""
    marks = []
    lowest = min(points, key=lambda point: point.amount)
    if lowest.amount < 0 and lowest is not points[-1]:
        said = _(
            "lowest %(amount)s in %(year)s",
            amount=formats.million_change(lowest.amount, language=language),
            year=lowest.year,
        )
        side = _side(points.index(lowest), len(points))
        dot = _marked(lowest, said, side=side, fill=PAYER_COLOURS["municipality"], above=False)
        marks += dot if has_words else dot[:1]
    paid_back = next((point for point in points if point.year == payback_year), None)
    if paid_back is not None:
        said = _("paid back in %(year)s", year=paid_back.year)
        side = _side(points.index(paid_back), len(points))
        ring = _marked(paid_back, said, side=side, fill=GROUND, above=True)
        marks += ring if has_words else ring[:1]
    return marks


def _side(place: int, count: int) -> str:
    """Let a text near an edge of the picture grow inwards."""
    if place < count / 4:
        return "left"
    return "right" if place >= count * 3 / 4 else "center"


def _marked(point: LinePoint, said: str, *, side: str, fill: str, above: bool) -> list[Layer]:
    row = {"year": point.year, "amount": pen(point.amount), "said": said}
    base = alt.Chart(alt.InlineData(values=[row])).encode(x="year:O", y="amount:Q")
    ring = base.mark_point(
        filled=True,
        fill=fill,
        stroke=PAYER_COLOURS["municipality"],
        strokeWidth=2.5,
        size=70,
        opacity=1,
        aria=False,
    )
    halo: dict[str, Any] = {
        **(_beside_a_rise(side) if above else _under(side)),
        "fontWeight": 600 if above else 400,
        "aria": False,
    }
    behind = base.mark_text(**halo, stroke=GROUND, strokeWidth=4, strokeJoin="round")
    return [ring, behind.encode(text="said:N"), base.mark_text(**halo).encode(text="said:N")]


def _beside_a_rise(side: str) -> dict[str, Any]:
    """Place a text where a line that rises to the right does not cross it."""
    if side == "left":
        return {"align": "left", "dx": 10, "dy": 12}
    return {"align": "right", "dx": -9, "dy": -9}


def _under(side: str) -> dict[str, Any]:
    return {"align": side, "dx": {"left": -6, "center": 0, "right": 6}[side], "dy": 19}


def _end_labels(last: LinePoint, *, language: Language) -> list[Layer]:
    """Write low, expected and high at the right end, apart from each other."""
    labels: list[tuple[int, str, Any, str]] = [(last.amount, "", 600, INK)]
    if last.low is not None and last.high is not None:
        labels += [(last.high, _("high"), 400, MUTED), (last.low, _("low"), 400, MUTED)]
    return [
        alt.Chart(
            alt.InlineData(
                values=[
                    {
                        "year": last.year,
                        "amount": pen(amount),
                        "text": f"{_million(amount, language)} {word}".strip(),
                    }
                ]
            )
        )
        .mark_text(align="left", dx=10, fontWeight=weight, color=ink, aria=False)
        .encode(x="year:O", y="amount:Q", text="text:N")
        for amount, word, weight, ink in labels
    ]


def payer_bars(
    amounts: Sequence[PayerAmount],
    *,
    period: str,
    after: str,
    description: str,
    language: Language = "da",
) -> Spec:
    """Draw each payer's net inside the budget period and after it, two panels on one scale.

    `period` and `after` are the years, such as ``2027–30``.
    """
    panels = [
        Panel(
            title=title,
            detail=years,
            bars=tuple(
                Bar(payer.payer, value, _million(value, language), level=payer.level)
                for payer, value in values
            ),
        )
        for title, years, values in (
            (_("In the budget period"), period, [(payer, payer.period) for payer in amounts]),
            (_("After it"), after, [(payer, payer.after) for payer in amounts]),
        )
    ]
    return draw_panels(panels, description=description, language=language, emphasis=True)


def department_bars(
    amounts: Sequence[DepartmentAmount],
    *,
    period: str,
    after: str,
    description: str,
    language: Language = "da",
) -> Spec:
    """Draw each department's outlay and net, three panels on one scale."""
    columns = (
        (_("Outlay"), period, "plain", [(row.department, row.outlay) for row in amounts]),
        (
            _("Net in the budget period"),
            period,
            "municipality",
            [(row.department, row.period) for row in amounts],
        ),
        (
            _("Net after it"),
            after,
            "municipality",
            [(row.department, row.after) for row in amounts],
        ),
    )
    panels = [
        Panel(
            title=title,
            detail=years,
            bars=tuple(
                Bar(
                    name,
                    value,
                    formats.million(value, language=language)
                    if level == "plain"
                    else _million(value, language),
                    level=level,
                )
                for name, value in values
            ),
        )
        for title, years, level, values in columns
    ]
    return draw_panels(panels, description=description, language=language)


def small_multiples(
    panels: Sequence[Panel],
    *,
    description: str,
    one_scale: bool = True,
    language: Language = "da",
) -> Spec:
    """Draw scenarios against each other, one panel a measure; the best is marked by shape and word.

    With ``one_scale=False`` every panel has a scale of its own from zero, for measures in different
    units; the measure line under the title must then say so.
    """
    return draw_panels(panels, description=description, language=language, one_scale=one_scale)


def _million(value: Exact, language: Language) -> str:
    return formats.million_change(value, language=language)
