"""Series of an indicator by year: one line each, named at its end or in a legend above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from planner.formats import Exact, Language
from planner.reports.chart_style import EDGE, INK, PAYER_COLOURS, Layer, Spec, finish
from planner.reports.drawing import alt

HEIGHT: Final = 220
LEGEND: Final = 30
#: so many lines are told apart by their names; more need a legend
NAMED: Final = 2
COLOURS: Final = (
    PAYER_COLOURS["municipality"], EDGE, PAYER_COLOURS["region"], PAYER_COLOURS["state"],
    PAYER_COLOURS["citizen"], INK,
)  # fmt: skip
SHAPES: Final = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down")
DASHES: Final[tuple[list[int], ...]] = ([1, 0], [6, 4], [2, 3], [8, 3, 2, 3], [1, 0], [4, 2])


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One number of one series, and what is said about it when it is pointed at."""

    series: str
    year: int
    value: Exact
    said: str


def series_by_year(
    points: Sequence[YearPoint], *, description: str, language: Language = "da"
) -> Spec:
    """Draw each series as a line over the years, each with its own colour, dash and shape."""
    names = list(dict.fromkeys(point.series for point in points))
    looks = [place % len(COLOURS) for place in range(len(names))]
    is_named = len(names) <= NAMED
    legend: Any = None if is_named else alt.Legend(orient="top", columns=3)

    def scale(values: Sequence[Any]) -> alt.Scale:
        return alt.Scale(domain=names, range=[values[look] for look in looks])

    rows = [
        {"series": p.series, "year": p.year, "value": float(p.value), "said": p.said}
        for p in points
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("year:O", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value:Q", scale=alt.Scale(zero=False, padding=26)),
        color=alt.Color("series:N", scale=scale(COLOURS), legend=legend),
    )
    line = base.mark_line(strokeWidth=2, aria=False).encode(
        strokeDash=alt.StrokeDash("series:N", scale=scale(DASHES), legend=legend)
    )
    marks = base.mark_point(size=60, opacity=1, filled=True).encode(
        shape=alt.Shape("series:N", scale=scale(SHAPES), legend=legend),
        tooltip="said:N",
        description="said:N",
    )
    layers = [line, marks, *(_names(points, names) if is_named else [])]
    height = HEIGHT + (0 if is_named else LEGEND)
    narrow = {"config": {"legend": {"columns": 1}}}
    return finish(
        alt.layer(*layers, height=height),
        description=description,
        language=language,
        height=height,
        narrow=narrow,
    )


def _names(points: Sequence[YearPoint], names: Sequence[str]) -> list[Layer]:
    """Write the name of each line at its last point: the higher one above, the lower below."""
    lasts = [max((p for p in points if p.series == name), key=lambda p: p.year) for name in names]
    first_year, last_year = (edge(p.year for p in points) for edge in (min, max))
    highest = max(last.value for last in lasts)
    layers = []
    for last in lasts:
        is_up = last.value == highest
        row = {"year": last.year, "value": float(last.value), "text": last.series}
        align: Any = "right" if last.year == last_year != first_year else "center"
        layers.append(
            alt.Chart(alt.InlineData(values=[row]))
            .mark_text(align=align, dx=6, dy=-14 if is_up else 16, color=INK, aria=False)
            .encode(x="year:O", y="value:Q", text="text:N")
        )
    return layers
