"""From one total to another, by the parts that lie between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from planner.formats import Exact, Language
from planner.reports.chart_style import EDGE, INK, MUTED, PAYER_COLOURS, PLAN, Layer, Spec, finish
from planner.reports.drawing import alt

STEP: Final = 40
#: pixels of a label's line
LABEL_WIDTH: Final = 230
#: of the whole span, so that the figures at the ends of the bars have room
AIR: Final = 0.28


@dataclass(frozen=True, slots=True)
class Stretch:
    """One bar, from where to where in the unit of the axis, with the figure at its end.

    Parameters
    ----------
    is_total : bool
        Whether it stands on zero and is what the parts lie between.
    """

    label: str
    start: Exact
    end: Exact
    text: str
    is_total: bool = False


def waterfall(stretches: Sequence[Stretch], *, description: str, language: Language = "da") -> Spec:
    """Draw the first total, each part where the one before ended, and the last total."""
    rows = [_row(one) for one in stretches]
    edges = [edge for row in rows for edge in (row["start"], row["end"])] + [0.0]
    span = (max(edges) - min(edges)) or 1.0
    x = alt.X(
        "start:Q",
        axis=alt.Axis(tickCount=5, format=",~f"),
        scale=alt.Scale(domain=[min(edges), max(edges) + AIR * span], nice=False),
    )
    y = alt.Y(
        "label:N",
        sort=[row["label"] for row in rows],
        axis=alt.Axis(grid=False, labelColor=INK),
        scale=alt.Scale(paddingInner=0.35),
    )
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y)
    scale = alt.Scale(
        domain=["total", "more", "less"],
        range=[EDGE, PAYER_COLOURS["municipality"], PAYER_COLOURS["state"]],
    )
    bars = base.mark_bar(**PLAN).encode(
        x=x,
        x2="end:Q",
        color=alt.Color("kind:N", scale=scale, legend=None),
        stroke=alt.Stroke("kind:N", scale=scale, legend=None),
        tooltip="said:N",
        description="said:N",
    )
    text = base.mark_text(align="left", dx=6, aria=False).encode(x=alt.X("right:Q"), text="text:N")
    zero = (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_rule(color=MUTED, aria=False)
        .encode(x=alt.datum(0))
    )
    height = STEP * len(rows)
    layers: list[Layer] = [bars, zero, text]
    spec = finish(
        alt.layer(*layers, height=height),
        description=description,
        language=language,
        height=height + STEP,
        narrow={"config": {"axisY": {"labelLimit": LABEL_WIDTH // 2}}},
    )
    spec["config"]["axisY"] = {**spec["config"]["axisY"], "labelLimit": LABEL_WIDTH}
    return spec


def _row(one: Stretch) -> dict[str, Any]:
    kind = "total" if one.is_total else "more" if one.end >= one.start else "less"
    return {
        "label": one.label,
        "start": float(one.start),
        "end": float(one.end),
        "right": float(max(one.start, one.end)),
        "kind": kind,
        "text": one.text,
        "said": f"{one.label}: {one.text}",
    }
