"""The goal at each size of a pool: one nested order, and the best plan at each size by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from flask_babel import gettext as _

from planner.formats import Language
from planner.reports.chart_style import EDGE, INK, MUTED, PAYER_COLOURS, Layer, Spec, finish
from planner.reports.drawing import alt, pen

HEIGHT: Final = 280
NESTED: Final = "nested"
BEST: Final = "best"
Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class SizePoint:
    """One size of the pool in kroner, with the goal in the unit of the axis.

    Parameters
    ----------
    nested, best : number or None
        None where there is no plan.
    said : str
    """

    amount: int
    nested: Fraction | None
    best: Fraction | None
    said: str


def cut_list_lines(
    points: Sequence[SizePoint], *, own: int, description: str, language: Language = "da"
) -> Spec:
    """Draw both lines over the size of the pool; the pool's own size is marked."""
    low, high = pen(min(p.amount for p in points)), pen(max(p.amount for p in points))
    x = alt.X(
        "amount:Q",
        axis=alt.Axis(tickCount=8, format=",~f"),
        scale=alt.Scale(domain=[low, high], nice=False, zero=False, padding=12),
    )
    y = alt.Y("goal:Q", axis=alt.Axis(tickCount=6), scale=alt.Scale(zero=False))
    layers = _own(pen(own))
    for line, colour, dash in ((BEST, EDGE, [5, 4]), (NESTED, PAYER_COLOURS["municipality"], [])):
        rows = _rows(points, line)
        if not rows:
            continue
        base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
        layers.append(base.mark_line(color=colour, strokeWidth=2, strokeDash=dash, aria=False))
        shape = "circle" if line == NESTED else "diamond"
        points_of_line = base.mark_point(
            color=colour, filled=line == NESTED, size=60, shape=shape, opacity=1
        )
        layers.append(points_of_line.encode(tooltip="said:N", description="said:N"))
    layers += _names(points, x, y)
    return finish(
        alt.layer(*layers, height=HEIGHT),
        description=description,
        language=language,
        height=HEIGHT,
    )


def _rows(points: Sequence[SizePoint], line: str) -> list[dict[str, Any]]:
    values = [(p, p.nested if line == NESTED else p.best) for p in points]
    return [
        {"amount": pen(p.amount), "goal": float(value), "said": p.said}
        for p, value in values
        if value is not None
    ]


def _own(amount: float) -> list[Layer]:
    base = alt.Chart(alt.InlineData(values=[{"amount": amount, "said": _("the pool now")}]))
    rule = base.mark_rule(color=MUTED, strokeDash=[4, 3], aria=False).encode(x="amount:Q")
    text = base.mark_text(align="left", dx=6, dy=-6, baseline="bottom", color=INK, aria=False)
    at_foot = alt.value(alt.ExprRef(expr="height"))
    return [rule, text.encode(x="amount:Q", y=at_foot, text="said:N")]


def _names(points: Sequence[SizePoint], x: alt.X, y: alt.Y) -> list[Layer]:
    """Name the one line at its right end, and the other where it is furthest away."""
    nested = [(p, p.nested) for p in points if p.nested is not None]
    apart = [
        (p.best - p.nested, p, p.best)
        for p in points
        if p.best is not None and p.nested is not None and p.best > p.nested
    ]
    names = []
    if nested:
        names.append(_name(*nested[-1], _("one order"), align="right", down=16))
    if apart:
        _gap, point, best = max(apart, key=lambda one: one[0])
        names.append(_name(point, best, _("best at each size"), align="left", down=-14))
    return [name.encode(x=x, y=y, text="said:N") for name in names]


def _name(point: SizePoint, goal: Fraction, said: str, *, align: Align, down: int) -> Layer:
    row = {"amount": pen(point.amount), "goal": float(goal), "said": said}
    return alt.Chart(alt.InlineData(values=[row])).mark_text(
        align=align, dy=down, color=INK, aria=False
    )
