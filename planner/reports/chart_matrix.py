"""The four fields: what one person costs against effect or evidence (*tilbudsviften*)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log10
from typing import Any, Final

from planner.formats import Exact, Language
from planner.reports.chart_style import ACTION_TINT, INK, PAYER_COLOURS, Layer, Spec, finish
from planner.reports.drawing import alt

HEIGHT: Final = 530
PLOT_HEIGHT: Final = 380
DESIGN_WIDTH: Final = 1100
CHARACTER: Final = 7.2
LINE_HEIGHT: Final = 17
WORSE_PLACE: Final = 15
"""Square pixels of overlap that the next best place must save."""
SHAPES: Final = (
    "circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"
)  # fmt: skip
MOST_TITLES: Final = 14
"""Above so many points there is only room for their codes, and on a narrow screen for none."""
NARROW_HEIGHT: Final = 560
LABEL_PLACES: Final[tuple[tuple[int, int, Any], ...]] = (
    (11, 0, "left"),
    (-11, 0, "right"),
    (0, -16, "center"),
    (0, 17, "center"),
    (11, 17, "left"),
    (-11, -16, "right"),
)
"""Where a label may stand around its point (dx, dy, alignment), best first."""


Box = tuple[float, float, float, float]
Span = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True)
class MatrixPoint:
    """One candidate: what it costs, and how high it stands.

    Parameters
    ----------
    label, code
        Title, and the short code that stands for it where there is little room.
    price
        Kroner for each person; above zero.
    up
        In the unit of the axis: percentage points, or stars.
    group
        Word of the legend, which decides the shape.
    said
        What is said about it when it is pointed at.
    filled
        Filled, else outlined.
    href
        Where a click leads.
    """

    label: str
    code: str
    price: Exact
    up: Exact
    group: str
    said: str
    filled: bool = True
    href: str = ""


@dataclass(frozen=True, slots=True)
class MatrixAxes:
    """What the axes say, and where the four fields meet.

    Parameters
    ----------
    price_line
        Kroner.
    up_line
        In the unit of the axis that stands up.
    corners
        Names of the fields: up left, up right, down left, down right.
    whole
        Only whole numbers stand on the axis that stands up.
    """

    price: str
    up: str
    price_line: Exact
    up_line: Exact
    corners: tuple[str, str, str, str]
    whole: bool = False


def matrix_scatter(
    points: Sequence[MatrixPoint],
    axes: MatrixAxes,
    *,
    description: str,
    language: Language = "da",
) -> Spec:
    """Draw the candidates in four fields, parted at a price and a height; low price is left."""
    span = _span(points, axes)
    is_crowded = len(points) > MOST_TITLES
    places = _place_labels(points, axes, span=span, is_crowded=is_crowded)
    data = alt.InlineData(values=_rows(points, places, is_crowded=is_crowded))
    x = alt.X(
        "price:Q",
        scale=alt.Scale(type="log", domain=span[0], nice=False),
        axis=alt.Axis(
            title=axes.price,
            titleAnchor="end",
            values=[v for v in _ROUND_PRICES if span[0][0] <= v <= span[0][1]],
            grid=False,
            domain=True,
            domainColor=INK,
            format=",d",
        ),
    )
    line_x, line_y = float(Fraction(axes.price_line) / 1000), float(axes.up_line)
    layers = [
        _quadrant(span, line_x=line_x, line_y=line_y),
        _dashed().encode(x=alt.datum(line_x)),
        _dashed().encode(y=alt.datum(line_y)),
        _points(data, x, _up_axis(axes, span), list(dict.fromkeys(p.group for p in points))),
        *_labels(data),
        *_corners(axes.corners),
    ]
    chart = alt.layer(
        *layers,
        height=HEIGHT,
        params=[alt.VariableParameter(name="narrow", value=False)],
        padding={"top": 34, "right": 12},
    )
    narrow = {
        "height": NARROW_HEIGHT,
        "params": [{"name": "narrow", "value": True}],
        "config": {"legend": {"columns": 1}},
    }
    spec = finish(chart, description=description, language=language, height=HEIGHT, narrow=narrow)
    spec["config"]["legend"] |= {
        "orient": "bottom", "columns": 4, "labelLimit": 260, "symbolStrokeWidth": 2
    }  # fmt: skip
    return spec


def _up_axis(axes: MatrixAxes, span: Span) -> alt.Y:
    whole: dict[str, Any] = {"values": [0, 1, 2, 3], "format": "d"} if axes.whole else {}
    return alt.Y(
        "up:Q",
        scale=alt.Scale(domain=span[1], nice=False),
        axis=alt.Axis(
            title=axes.up,
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleX=0,
            titleY=-14,
            titleBaseline="bottom",
            **whole,
        ),
    )


_ROUND_PRICES: Final = tuple(
    step * 10**power for power in range(-1, 6) for step in (1, 2, 5) if step * 10**power >= 1
)


def _span(points: Sequence[MatrixPoint], axes: MatrixAxes) -> Span:
    """Return the ends of both axes: prices between round figures, heights from zero."""
    prices = [float(Fraction(p) / 1000) for p in (*(q.price for q in points), axes.price_line)]
    ups = [float(point.up) for point in points] + [float(axes.up_line)]
    low = max((v for v in _ROUND_PRICES if v <= min(prices) * 0.9), default=min(prices) * 0.5)
    high = min((v for v in _ROUND_PRICES if v >= max(prices) * 1.1), default=max(prices) * 2)
    bottom = min(0.0, *ups)
    if axes.whole:  # room for the names of the fields above the highest and below the lowest
        return [float(low), float(high)], [-0.6, 3.6]
    return [float(low), float(high)], [bottom * 1.1, max(ups) * 1.25 or 1.0]


def _rows(
    points: Sequence[MatrixPoint], places: Sequence[int], *, is_crowded: bool
) -> list[dict[str, Any]]:
    return [
        {
            "label": point.code if is_crowded else point.label,
            "code": "" if is_crowded else point.code,
            "price": float(Fraction(point.price) / 1000),
            "up": float(point.up),
            "group": point.group,
            "filled": point.filled,
            "place": place,
            "said": point.said,
            "href": point.href,
        }
        for point, place in zip(points, places, strict=True)
    ]


def _place_labels(
    points: Sequence[MatrixPoint], axes: MatrixAxes, *, span: Span, is_crowded: bool
) -> list[int]:
    """Choose a place for each label that covers no point, line, edge or other label."""
    spots = [_spot(point.price, point.up, span) for point in points]
    line_x, line_y = _spot(axes.price_line, axes.up_line, span)
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in spots]
    taken += [(line_x - 2, 0, line_x + 2, HEIGHT), (0, line_y - 2, DESIGN_WIDTH, line_y + 2)]
    taken += [(-300, 0, 0, HEIGHT), (DESIGN_WIDTH, 0, DESIGN_WIDTH + 300, HEIGHT)]
    chosen = []
    for (x, y), point in zip(spots, points, strict=True):
        letters = len(point.code if is_crowded else point.label)
        boxes = [_box(x, y, place, letters) for place in range(len(LABEL_PLACES))]
        costs = [
            place * WORSE_PLACE + sum(_overlap(box, other) for other in taken)
            for place, box in enumerate(boxes)
        ]
        best = costs.index(min(costs))
        chosen.append(best)
        taken.append(boxes[best])
    return chosen


def _spot(price: Exact, up: Exact, span: Span) -> tuple[float, float]:
    """Return pixels on a picture of the design width, near enough to tell what collides."""
    (left, right), (bottom, top) = span
    thousands = float(Fraction(price) / 1000)
    across = (log10(thousands) - log10(left)) / (log10(right) - log10(left))
    height = (float(up) - bottom) / ((top - bottom) or 1.0)
    return across * DESIGN_WIDTH, (1 - height) * PLOT_HEIGHT


def _box(x: float, y: float, place: int, letters: int) -> Box:
    dx, dy, align = LABEL_PLACES[place]
    width = letters * CHARACTER
    start = x + dx - {"left": 0.0, "center": width / 2, "right": width}[align]
    return (start, y + dy - LINE_HEIGHT / 2, start + width, y + dy + LINE_HEIGHT / 2)


def _overlap(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0


def _quadrant(span: Span, *, line_x: float, line_y: float) -> Layer:
    """Shade the field of low price and high effect."""
    corner = {"price": span[0][0], "to": line_x, "up": line_y, "top": span[1][1]}
    return (
        alt.Chart(alt.InlineData(values=[corner]))
        .mark_rect(color=ACTION_TINT, opacity=1, aria=False)
        .encode(x="price:Q", x2="to", y="up:Q", y2="top")
    )


def _dashed() -> Layer:
    return alt.Chart(alt.InlineData(values=[{}])).mark_rule(
        color=INK, strokeDash=[4, 3], strokeWidth=1.5, aria=False
    )


def _points(data: alt.InlineData, x: alt.X, y: alt.Y, groups: list[str]) -> Layer:
    fill = alt.condition("datum.filled", alt.value(1), alt.value(0))
    shapes = [SHAPES[place % len(SHAPES)] for place in range(len(groups))]
    return (
        alt.Chart(data)
        .mark_point(
            size=110,
            strokeWidth=2,
            opacity=1,
            stroke=PAYER_COLOURS["municipality"],
            fill=PAYER_COLOURS["municipality"],
            cursor="pointer",
        )
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "group:N",
                scale=alt.Scale(domain=groups, range=shapes),
                legend=alt.Legend(symbolStrokeColor=PAYER_COLOURS["municipality"]),
            ),
            fillOpacity=fill,
            href="href:N",
            tooltip="said:N",
            description="said:N",
        )
    )


def _labels(data: alt.InlineData) -> list[Layer]:
    base = alt.Chart(data).transform_calculate(text="narrow ? datum.code : datum.label")
    return [
        base.transform_filter(f"datum.place === {place}")
        .mark_text(align=align, dx=dx, dy=dy, aria=False)
        .encode(x="price:Q", y="up:Q", text="text:N")
        for place, (dx, dy, align) in enumerate(LABEL_PLACES)
    ]


def _corners(names: tuple[str, str, str, str]) -> list[Layer]:
    """Name the four fields in their corners."""
    sides: tuple[tuple[Any, str], ...] = (
        ("left", "top"), ("right", "top"), ("left", "bottom"), ("right", "bottom")
    )  # fmt: skip
    return [
        alt.Chart(alt.InlineData(values=[{"text": text}]))
        .mark_text(
            align=side,
            fontWeight=600,
            dx=8 if side == "left" else 0,
            dy=14 if end == "top" else alt.expr("narrow ? -27 : -12"),
            lineBreak="\n",
            aria=False,
        )
        .transform_calculate(name="narrow ? replace(datum.text, ', ', ',\\n') : datum.text")
        .encode(
            x=alt.value(0) if side == "left" else alt.value("width"),
            y=alt.value(0) if end == "top" else alt.value("height"),
            text="name:N",
        )
        for text, (side, end) in zip(names, sides, strict=True)
    ]
