"""The best goal at each size of a pool, or value of a limit, as a staircase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.formats import Exact, Language
from planner.reports.chart_style import INK, MUTED, PAYER_COLOURS, Layer, Spec, finish
from planner.reports.drawing import alt

HEIGHT = 300


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of the picture, in the units of its axes.

    Parameters
    ----------
    goal : number or None
        None where there is no plan.
    href : str
        The line of the table that says more.
    """

    amount: Exact
    goal: Exact | None
    said: str
    href: str


@dataclass(frozen=True, slots=True)
class Now:
    """What the scenario says itself, in the unit of the axis, and how it is called."""

    amount: Exact
    said: str


def frontier_line(
    marks: Sequence[Mark],
    *,
    now: Now | None,
    is_floor: bool,
    is_year: bool = False,
    description: str,
    language: Language = "da",
) -> Spec:
    """Draw the goal over the value that is moved.

    Between two points only the worse is known to be reached, so the line is a staircase.
    """
    rows = [
        {
            "amount": float(mark.amount),
            "goal": float(mark.goal),
            "said": mark.said,
            "href": mark.href,
        }
        for mark in marks
        if mark.goal is not None
    ]
    low, high = (float(edge(mark.amount for mark in marks)) for edge in (min, max))
    x = alt.X(
        "amount:Q",
        axis=alt.Axis(tickCount=8, format="~f" if is_year else ",~f"),
        scale=alt.Scale(domain=[low, high], nice=False, zero=False, padding=12),
    )
    y = alt.Y("goal:Q", axis=alt.Axis(tickCount=6), scale=alt.Scale(zero=False))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    line = base.mark_line(
        color=PAYER_COLOURS["municipality"],
        strokeWidth=2,
        interpolate="step-before" if is_floor else "step-after",
        aria=False,
    )
    points = base.mark_point(
        color=PAYER_COLOURS["municipality"], filled=True, size=70, opacity=1, cursor="pointer"
    ).encode(tooltip="said:N", description="said:N", href="href:N")
    layers = [*_now(now, low, high, is_floor=is_floor), line, points]
    return finish(
        alt.layer(*layers, height=HEIGHT),
        description=description,
        language=language,
        height=HEIGHT,
    )


def _now(now: Now | None, low: float, high: float, *, is_floor: bool) -> list[Layer]:
    """Mark what the scenario says now, in words where the picture is empty."""
    if now is None or not low <= float(now.amount) <= high:
        return []
    base = alt.Chart(alt.InlineData(values=[{"amount": float(now.amount), "said": now.said}]))
    rule = base.mark_rule(color=MUTED, strokeDash=[4, 3], aria=False).encode(x="amount:Q")
    text = base.mark_text(
        align="right" if is_floor else "left",
        dx=-6 if is_floor else 6,
        dy=-6,
        baseline="bottom",
        color=INK,
        aria=False,
    ).encode(x="amount:Q", y=alt.value(alt.ExprRef(expr="height")), text="said:N")
    return [rule, text]
