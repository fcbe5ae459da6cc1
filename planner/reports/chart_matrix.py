"""The four fields: price of one more success against added effect (*tilbudsviften*)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log10
from typing import Any, Final

from flask_babel import gettext as _

from planner import formats
from planner.formats import Exact, Language
from planner.reports.chart_style import ACTION_TINT, INK, PAYER_COLOURS, Layer, Spec, finish
from planner.reports.drawing import alt

HEIGHT: Final = 460
PLOT_HEIGHT: Final = 380
DESIGN_WIDTH: Final = 1100
CHARACTER: Final = 7.2
LINE_HEIGHT: Final = 17
WORSE_PLACE: Final = 15
"""Square pixels of overlap that the next best place must save."""
SHAPES: Final = ("cross", "square", "circle", "triangle-up")
NARROW_HEIGHT: Final = 360
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
    """One candidate: kroner for one more success, and success rate with minus without.

    Parameters
    ----------
    label, code
        Title, and the short code that stands for it on a narrow screen.
    price
        Kroner for each extra success; above zero.
    effect
        Added effect as a share of one: 0.32 is 32 points.
    stars
        Evidence, 0 to 3: decides the shape.
    funded
        Filled when the chosen scenario funds it.
    href
        Where a click leads.
    """

    label: str
    code: str
    price: int
    effect: Exact
    stars: int
    funded: bool = False
    href: str = ""


def matrix_scatter(
    points: Sequence[MatrixPoint],
    *,
    price_line: int,
    effect_line: Exact,
    description: str,
    language: Language = "da",
) -> Spec:
    """Draw the candidates in four fields, parted at a price and an effect; low price is left."""
    span = _span(points, price_line=price_line, effect_line=effect_line)
    places = _place_labels(points, span=span, price_line=price_line, effect_line=effect_line)
    data = alt.InlineData(values=_rows(points, places, language=language))
    x = alt.X(
        "price:Q",
        scale=alt.Scale(type="log", domain=span[0], nice=False),
        axis=alt.Axis(
            title=_("Price of one more success, 1,000 kr. (logarithmic)"),
            titleAnchor="end",
            values=[v for v in _ROUND_PRICES if span[0][0] <= v <= span[0][1]],
            grid=False,
            domain=True,
            domainColor=INK,
            format=",d",
        ),
    )
    y = alt.Y(
        "effect:Q",
        scale=alt.Scale(domain=span[1], nice=False),
        axis=alt.Axis(
            title=_("Added effect, percentage points"),
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleX=0,
            titleY=-14,
            titleBaseline="bottom",
        ),
    )
    line_x, line_y = price_line / 1000, float(Fraction(effect_line) * 100)
    layers = [
        _quadrant(span, line_x=line_x, line_y=line_y),
        _dashed().encode(x=alt.datum(line_x)),
        _dashed().encode(y=alt.datum(line_y)),
        _points(data, x, y),
        *_labels(data),
        *_corners(),
    ]
    chart = alt.layer(
        *layers,
        height=HEIGHT,
        params=[alt.VariableParameter(name="narrow", value=False)],
        padding={"top": 34, "right": 12},
    )
    narrow = {"height": NARROW_HEIGHT, "params": [{"name": "narrow", "value": True}]}
    return finish(chart, description=description, language=language, height=HEIGHT, narrow=narrow)


_ROUND_PRICES: Final = tuple(
    step * 10**power for power in range(-1, 6) for step in (1, 2, 5) if step * 10**power >= 1
)


def _span(points: Sequence[MatrixPoint], *, price_line: int, effect_line: Exact) -> Span:
    """Return the ends of both axes: prices between round figures, effects from zero."""
    prices = [point.price / 1000 for point in points] + [price_line / 1000]
    effects = [float(Fraction(point.effect) * 100) for point in points]
    effects.append(float(Fraction(effect_line) * 100))
    low = max((v for v in _ROUND_PRICES if v <= min(prices) * 0.9), default=min(prices) * 0.5)
    high = min((v for v in _ROUND_PRICES if v >= max(prices) * 1.1), default=max(prices) * 2)
    bottom = min(0.0, *effects)
    return [float(low), float(high)], [bottom * 1.1, max(effects) * 1.15]


def _rows(
    points: Sequence[MatrixPoint], places: Sequence[int], *, language: Language
) -> list[dict[str, Any]]:
    rows = []
    for point, place in zip(points, places, strict=True):
        said = _(
            "%(title)s: %(price)s for one more success, added effect %(effect)s points, %(stars)s",
            title=point.label,
            price=formats.say_kroner(point.price, language=language),
            effect=formats.number_change(Fraction(point.effect) * 100, language=language),
            stars=formats.stars_in_words(point.stars, language=language),
        )
        rows.append(
            {
                "label": point.label,
                "code": point.code,
                "price": point.price / 1000,
                "effect": float(Fraction(point.effect) * 100),
                "stars": point.stars,
                "funded": point.funded,
                "place": place,
                "said": said,
                "href": point.href,
            }
        )
    return rows


def _place_labels(
    points: Sequence[MatrixPoint], *, span: Span, price_line: int, effect_line: Exact
) -> list[int]:
    """Choose a place for each label that covers no point, line, edge or other label."""
    spots = [_spot(point.price / 1000, point.effect, span) for point in points]
    line_x, line_y = _spot(price_line / 1000, effect_line, span)
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in spots]
    taken += [(line_x - 2, 0, line_x + 2, HEIGHT), (0, line_y - 2, DESIGN_WIDTH, line_y + 2)]
    taken += [(-300, 0, 0, HEIGHT), (DESIGN_WIDTH, 0, DESIGN_WIDTH + 300, HEIGHT)]
    chosen = []
    for (x, y), point in zip(spots, points, strict=True):
        boxes = [_box(x, y, place, len(point.label)) for place in range(len(LABEL_PLACES))]
        costs = [
            place * WORSE_PLACE + sum(_overlap(box, other) for other in taken)
            for place, box in enumerate(boxes)
        ]
        best = costs.index(min(costs))
        chosen.append(best)
        taken.append(boxes[best])
    return chosen


def _spot(price: float, effect: Exact, span: Span) -> tuple[float, float]:
    """Return pixels on a picture of the design width, near enough to tell what collides."""
    (left, right), (bottom, top) = span
    across = (log10(price) - log10(left)) / (log10(right) - log10(left))
    up = (float(Fraction(effect) * 100) - bottom) / ((top - bottom) or 1.0)
    return across * DESIGN_WIDTH, (1 - up) * PLOT_HEIGHT


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
    corner = {"price": span[0][0], "to": line_x, "effect": line_y, "top": span[1][1]}
    return (
        alt.Chart(alt.InlineData(values=[corner]))
        .mark_rect(color=ACTION_TINT, opacity=1, aria=False)
        .encode(x="price:Q", x2="to", y="effect:Q", y2="top")
    )


def _dashed() -> Layer:
    return alt.Chart(alt.InlineData(values=[{}])).mark_rule(
        color=INK, strokeDash=[4, 3], strokeWidth=1.5, aria=False
    )


def _points(data: alt.InlineData, x: alt.X, y: alt.Y) -> Layer:
    fill = alt.condition("datum.funded", alt.value(1), alt.value(0))
    return (
        alt.Chart(data)
        .mark_point(
            size=110,
            strokeWidth=2,
            opacity=1,
            stroke=PAYER_COLOURS["municipality"],
            fill=PAYER_COLOURS["municipality"],
        )
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "stars:N", scale=alt.Scale(domain=[0, 1, 2, 3], range=list(SHAPES)), legend=None
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
        .encode(x="price:Q", y="effect:Q", text="text:N")
        for place, (dx, dy, align) in enumerate(LABEL_PLACES)
    ]


def _corners() -> list[Layer]:
    """Name the four fields in their corners."""
    texts: tuple[tuple[str, Any, str], ...] = (
        (_("Low price, high effect"), "left", "top"),
        (_("High price, high effect"), "right", "top"),
        (_("Low price, low effect"), "left", "bottom"),
        (_("High price, low effect"), "right", "bottom"),
    )
    return [
        alt.Chart(alt.InlineData(values=[{"text": text}]))
        .mark_text(align=side, fontWeight=600, dx=8 if side == "left" else 0, dy=dy, aria=False)
        .encode(
            x=alt.value(0) if side == "left" else alt.value("width"),
            y=alt.value(0) if end == "top" else alt.value("height"),
            text="text:N",
        )
        for text, side, end in texts
        for dy in ((14,) if end == "top" else (-12,))
    ]
