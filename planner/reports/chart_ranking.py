"""A ranking: the share that succeeds, from the target group's line on (*rangliste*)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from planner.formats import Exact, Language
from planner.reports.chart_style import GROUND, INK, MUTED, PAYER_COLOURS, Layer, Spec, finish
from planner.reports.drawing import alt

STEP: Final = 30
NARROW_STEP: Final = 46
AXES_HEIGHT: Final = 60
LABELS: Final = 400
"""Pixels that the names at the left may take on a wide screen."""
NARROW_LABELS: Final = 320
ROOM: Final = 1.35
"""Times the largest value: the figures stand right of the marks, also on a narrow screen."""
MARK: Final = PAYER_COLOURS["municipality"]


@dataclass(frozen=True, slots=True)
class RankedMark:
    """One line of the list, in percent.

    Parameters
    ----------
    label
        What stands at the left, unique in the picture.
    value
        Where it reaches.
    line
        What its target group reaches without it; None: not stated.
    low, high
        The interval of ``value``, around the line; None: not known.
    text
        What stands at the right of it.
    said
        What is said about it when it is pointed at.
    is_line
        The line of a target group, not an intervention.
    """

    label: str
    value: Exact
    line: Exact | None = None
    low: Exact | None = None
    high: Exact | None = None
    text: str = ""
    said: str = ""
    href: str = ""
    is_line: bool = False


def ranking_bars(
    marks: Sequence[RankedMark], *, axis: str, description: str, language: Language = "da"
) -> Spec:
    """Draw each intervention as a bar from its target group's line, in the order given.

    Filled above the line, outlined below it; a ring where no line is stated.
    """
    rows = [_row(mark) for mark in marks]
    ends = [float(v) for m in marks for v in (m.value, m.line, m.low, m.high) if v is not None]
    domain = [min(0.0, min(ends) * 1.1), (max(ends) or 1.0) * ROOM]
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(title=axis, titleAnchor="end", grid=True, tickCount=6),
    )
    y = alt.Y(
        "label:N",
        sort=[mark.label for mark in marks],
        axis=alt.Axis(
            grid=False,
            labelColor=INK,
            labelLimit=LABELS,
            labelExpr="narrow ? '' : datum.label",
        ),
    )
    # every mark answers: the line of an interval lies over the middle of its bar
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=x, y=y, tooltip=alt.Tooltip("said:N"), href=alt.Href("href:N")
    )
    # a layer without a mark would be a picture without a name to a screen reader
    kinds = {row["kind"] for row in rows}
    chart = alt.layer(
        *_bars(base, kinds),
        *(_intervals(base) if any("low" in row for row in rows) else []),
        *_ends(base, kinds),
        *_words(base),
        height=len(marks) * STEP,
        params=[alt.VariableParameter(name="narrow", value=False)],
    )
    narrow = {
        "height": len(marks) * NARROW_STEP,
        "params": [{"name": "narrow", "value": True}],
    }
    return finish(
        chart,
        description=description,
        language=language,
        height=len(marks) * STEP + AXES_HEIGHT,
        narrow=narrow,
    )


def _row(mark: RankedMark) -> dict[str, Any]:
    row: dict[str, Any] = {
        "label": mark.label,
        "value": float(mark.value),
        "end": float(max(v for v in (mark.value, mark.line, mark.high) if v is not None)),
        "text": mark.text,
        "said": mark.said,
        "href": mark.href,
        "kind": _kind(mark),
    }
    parts = {"line": mark.line, "low": mark.low, "high": mark.high}
    return row | {name: float(value) for name, value in parts.items() if value is not None}


def _kind(mark: RankedMark) -> str:
    if mark.is_line:
        return "line"
    if mark.line is None:
        return "alone"
    return "above" if mark.value >= mark.line else "below"


def _bars(base: Layer, kinds: Collection[str]) -> list[Layer]:
    """Draw from the line to where it reaches, and the line itself as a stroke."""
    parted = base.transform_filter("isValid(datum.line)")
    return [
        *(
            base.transform_filter(f"datum.kind === '{kind}'")
            .mark_bar(size=12, fill=fill, stroke=MARK, strokeWidth=1.5)
            .encode(x2="line:Q", description="said:N")
            for kind, fill in (("above", MARK), ("below", GROUND))
            if kind in kinds
        ),
        parted.mark_tick(color=INK, thickness=3, size=22, aria=False).encode(x="line:Q"),
    ]


def _intervals(base: Layer) -> list[Layer]:
    known = base.transform_filter("isValid(datum.low)")
    rule = known.mark_rule(color=INK, strokeWidth=1.5, aria=False).encode(x="low:Q", x2="high:Q")
    ends = (
        known.mark_tick(color=INK, thickness=1.5, size=9, aria=False).encode(x=f"{end}:Q")
        for end in ("low", "high")
    )
    return [rule, *ends]


def _ends(base: Layer, kinds: Collection[str]) -> list[Layer]:
    """Draw a ring where no line is stated, and a diamond for the line of a target group."""
    return [
        base.transform_filter(f"datum.kind === '{kind}'")
        .mark_point(
            shape=shape, size=90, strokeWidth=2, stroke=stroke, fill=GROUND, opacity=1,
            fillOpacity=1,
        )
        .encode(description="said:N")
        for kind, shape, stroke in (("alone", "circle", MARK), ("line", "diamond", INK))
        if kind in kinds
    ]  # fmt: skip


def _words(base: Layer) -> list[Layer]:
    """Write the figure at the right, and on a narrow screen the name above."""
    figure = base.mark_text(align="left", dx=10, color=INK, aria=False).encode(
        x="end:Q", text="text:N"
    )
    name = (
        base.transform_calculate(above="narrow ? datum.label : ''")
        .mark_text(align="left", dx=2, dy=-17, limit=NARROW_LABELS, color=MUTED, aria=False)
        .encode(x=alt.value(0), text="above:N")
    )
    return [figure, name]
