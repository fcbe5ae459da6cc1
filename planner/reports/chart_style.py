"""How every chart looks, and what the browser is told about it.

A specification is complete by itself in light colours, so that it also becomes SVG for a paper.
Its ``usermeta`` tells ``static/charts.js`` three things: which colour is which property of the
stylesheet (dark and print follow from that), what to change on a narrow screen, and, for pictures
of several panels, how wide a panel may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import vl_convert

from planner.formats import Language

Spec = dict[str, Any]
Layer = Any
"""An altair chart: its chain of calls ends in a type that says nothing."""

INK: Final = "#1b1b1f"
MUTED: Final = "#565c66"
LINE: Final = "#d5d9e0"
EDGE: Final = "#747c88"
GROUND: Final = "#ffffff"
BAND: Final = "#d3e5f0"
ACTION_TINT: Final = "#e9f2f7"
PAYER_COLOURS: Final[dict[str, str]] = {
    "municipality": "#0072b2",
    "region": "#009e73",
    "state": "#e69f00",
    "citizen": "#cc79a7",
    "other": "#7f7f7f",
}
"""Okabe and Ito's colours, one a payer level, everywhere the same."""

PROPERTIES: Final[dict[str, str]] = {
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    EDGE: "edge",
    GROUND: "ground",
    BAND: "band",
    ACTION_TINT: "action-tint",
    **{colour: level for level, colour in PAYER_COLOURS.items()},
}
FONT: Final = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", '
    '"Liberation Sans", Arial, sans-serif'
)
TEXT_SIZE: Final = 13
RESERVED_HEIGHTS: Final = range(120, 601, 40)
PLAN: Final[dict[str, Any]] = {"fillOpacity": 0.22, "strokeWidth": 1.5}
ACTUAL: Final[dict[str, Any]] = {"fillOpacity": 1.0, "strokeWidth": 1.5}


@dataclass(frozen=True, slots=True)
class Panels:
    """Several panels side by side, below each other when narrow.

    Parameters
    ----------
    count
        Panels in a row on a wide screen.
    labels
        Pixels that the row labels (or the axis) take at the left of a row of panels.
    spacing
        Pixels between panels.
    title
        Pixels that a panel's title takes when it stands below another panel.
    """

    count: int
    labels: int
    spacing: int = 24
    title: int = 0


def colour(level: str) -> str:
    """Return the colour of a payer level; ``plain`` is grey, ``ink`` is text."""
    return {"plain": EDGE, "ink": INK}.get(level, PAYER_COLOURS.get(level, PAYER_COLOURS["other"]))


@cache
def _locale(language: Language) -> Spec:
    name: Literal["en-GB", "da-DK"] = "en-GB" if language == "en" else "da-DK"
    return {
        "number": dict(vl_convert.get_format_locale(name)),
        "time": dict(vl_convert.get_time_format_locale(name)),
    }


def _config(language: Language) -> Spec:
    return {
        "font": FONT,
        "background": None,
        "locale": _locale(language),
        "view": {"stroke": None},
        "axis": {
            "domain": False,
            "ticks": False,
            "title": None,
            "labelColor": MUTED,
            "labelFontSize": TEXT_SIZE,
            "labelPadding": 8,
            "gridColor": LINE,
            "titleColor": MUTED,
            "titleFontSize": TEXT_SIZE,
            "titleFontWeight": "normal",
        },
        "axisX": {"grid": False, "labelAngle": 0, "labelOverlap": True},
        "axisY": {"grid": True, "tickCount": 6},
        "text": {"color": INK, "fontSize": TEXT_SIZE},
        "rule": {"color": INK},
        "legend": {
            "title": None,
            "orient": "right",
            "labelColor": INK,
            "labelFontSize": TEXT_SIZE,
            "labelLimit": 180,
            "symbolType": "square",
            "symbolSize": 90,
            "symbolStrokeWidth": 1.5,
        },
        "header": {
            "title": None,
            "labelAnchor": "start",
            "labelAlign": "left",
            "labelColor": INK,
            "labelFontSize": TEXT_SIZE,
            "labelFontWeight": 600,
            "labelLimit": 240,
        },
    }


def finish(
    chart: Layer,
    *,
    description: str,
    language: Language,
    height: int,
    panels: Panels | None = None,
    narrow: Spec | None = None,
) -> Spec:
    """Validate a chart and return its specification, dressed and described.

    Parameters
    ----------
    chart
        The altair chart; altair checks it against the grammar of Vega-Lite.
    description
        Accessible name of the picture.
    language
        Decides separators on the axes.
    height
        Height in pixels that the page keeps free before the picture has come.
    panels
        Given when the picture consists of several panels.
    narrow
        What is merged into the specification on a narrow screen.
    """
    spec: Spec = chart.to_dict()
    spec["description"] = description
    spec["config"] = _config(language)
    spec["padding"] = {"left": 0, "right": 0, "top": 4, "bottom": 2, **spec.get("padding", {})}
    if panels is None:
        spec["width"] = "container"
        spec["autosize"] = {"type": "fit", "contains": "padding"}
    reserve = next((size for size in RESERVED_HEIGHTS if size >= height), RESERVED_HEIGHTS[-1])
    spec["usermeta"] = {"reserve": reserve, "colours": PROPERTIES}
    if panels is not None:
        spec["usermeta"]["panels"] = {
            "count": panels.count,
            "labels": panels.labels,
            "spacing": panels.spacing,
            "title": panels.title,
        }
    if narrow:
        spec["usermeta"]["narrow"] = narrow
    return spec
