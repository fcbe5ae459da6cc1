"""Small multiples: bars in panels side by side, on one scale or each on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from flask_babel import gettext as _

from planner.formats import Exact, Language
from planner.reports.chart_style import INK, MUTED, PLAN, Layer, Panels, Spec, colour, finish
from planner.reports.drawing import alt

STEP: Final = 32
TITLE_HEIGHT: Final = 46
DESIGN_WIDTH: Final = 190
"""Narrowest panel that the labels are sure to fit in; a wider one has more air."""
CHARACTER: Final = 8
SMALL_CHARACTER: Final = 6.5
LABEL_GAP: Final = 10
FEW: Final = 3
NAME_CHARACTER: Final = 7.4
SPACING: Final = 24
"""Pixels between panels; a label at the right may reach into them."""
FULL_LENGTH: Final = 100
LABELS_AT_MOST: Final = 190


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is, how long, and the text at its end.

    Parameters
    ----------
    label
        Name of the row, the same in every panel.
    value
        Length, in the panel's unit.
    text
        The figure as people read it.
    best
        Mark it as the best of its panel, by shape and word.
    level
        Payer level of its colour; ``plain`` is grey.
    """

    label: str
    value: Exact
    text: str
    best: bool = False
    level: str = "municipality"


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure: a title, a line under it, and a bar for each row."""

    title: str
    detail: str
    bars: tuple[Bar, ...]


def draw_panels(
    panels: Sequence[Panel],
    *,
    description: str,
    language: Language,
    one_scale: bool = True,
    emphasis: bool = False,
) -> Spec:
    """Draw panels of horizontal bars; `emphasis` sets every figure in bold."""
    names = list(dict.fromkeys(bar.label for panel in panels for bar in panel.bars))
    rows = _rows(panels, one_scale=one_scale, emphasis=emphasis)
    y = alt.Y(
        "label:N",
        sort=names,
        axis=_row_axis(_label_width(names)),
        scale=alt.Scale(paddingInner=0.35),
    )
    x = alt.X("length:Q", axis=None, scale=_bar_scale(rows, many=len(panels) > FEW))
    levels = sorted({row["level"] for row in rows})
    scale = alt.Scale(domain=levels, range=[colour(level) for level in levels])
    base = alt.Chart().encode(y=y)
    bars = base.mark_bar(**PLAN).encode(
        x=x,
        color=alt.Color("level:N", scale=scale, legend=None),
        stroke=alt.Stroke("level:N", scale=scale, legend=None),
        tooltip="said:N",
        description="said:N",
    )
    layers = [bars, base.mark_rule(color=INK, aria=False).encode(x=alt.datum(0))]
    layers += [
        _end_text(base, x, bold=bold, left=left) for bold in (False, True) for left in (0, 1)
    ]
    layers += [
        _best_text(base, x, letters=letters, left=left)
        for letters, left in sorted({(len(r["text"]), r["left"]) for r in rows if r["mark"]})
    ]
    layers.append(_detail_line(base))
    height = len(names) * STEP
    chart = alt.layer(*layers, height=height).facet(
        facet=alt.Facet(
            "panel:N",
            sort=[panel.title for panel in panels],
            header=alt.Header(labelPadding=10, title=None),
        ),
        data=alt.InlineData(values=rows),
        columns=len(panels),
        spacing=SPACING,
        bounds="flush",  # else a label that reaches into the gap would push the panels apart
    )
    return finish(
        chart,
        description=description,
        language=language,
        height=height + TITLE_HEIGHT,
        panels=Panels(
            count=len(panels), labels=_label_width(names), spacing=SPACING, title=TITLE_HEIGHT
        ),
    )


def _label_width(names: Sequence[str]) -> int:
    longest = max((len(name) for name in names), default=0)
    return min(LABELS_AT_MOST, int(longest * NAME_CHARACTER) + 26)


def _row_axis(width: int) -> alt.Axis:
    """Write the names flush left, in a column of `width` pixels."""
    return alt.Axis(
        grid=False, labelColor=INK, labelAlign="left", labelLimit=width - 4, labelPadding=width
    )


def _rows(panels: Sequence[Panel], *, one_scale: bool, emphasis: bool) -> list[dict[str, Any]]:
    everywhere = _largest([bar for panel in panels for bar in panel.bars])
    rows = []
    for panel in panels:
        largest = everywhere if one_scale else _largest(panel.bars)
        for bar in panel.bars:
            mark = f"▲ {_('best')}" if bar.best else ""
            rows.append(
                {
                    "panel": panel.title,
                    "detail": panel.detail if bar is panel.bars[0] else "",
                    "label": bar.label,
                    "level": bar.level,
                    "length": float(Fraction(bar.value) / largest * FULL_LENGTH),
                    "text": bar.text,
                    "mark": mark,
                    "bold": bar.best or emphasis,
                    "left": int(bar.value < 0),
                    "said": f"{panel.title}, {panel.detail}. {bar.label}: {bar.text} {mark}",
                }
            )
    return rows


def _largest(bars: Sequence[Bar]) -> Fraction:
    return max((abs(Fraction(bar.value)) for bar in bars), default=Fraction(0)) or Fraction(1)


def _bar_scale(rows: Sequence[dict[str, Any]], *, many: bool) -> alt.Scale:
    """Stretch the bars over what the labels at both ends leave of a panel's width."""
    below = max((-row["length"] for row in rows if row["left"]), default=0.0)
    above = max((row["length"] for row in rows if not row["left"]), default=0.0)
    unit = DESIGN_WIDTH / 2 / ((below + above) or 1.0)
    left = max((_room(row, below, unit) for row in rows if row["left"]), default=0)
    right = max((_room(row, above, unit) for row in rows if not row["left"]), default=0)
    lent = SPACING // 2 + (
        left // 2 if many else 0
    )  # many panels are tight: lend from the next one
    right = max(right - lent, 0)
    return alt.Scale(
        domain=[-below, above or 1.0],
        range=[left, alt.ExprRef(f"child_width - {right}")],
        nice=False,
        zero=False,
    )


def _room(row: dict[str, Any], longest: float, unit: float) -> int:
    """Return the pixels a label needs beyond the longest bar; a shorter bar lends it some."""
    mark = 0 if row["left"] else len(row["mark"])  # that of a negative bar stands right of zero
    label: float = len(row["text"]) * CHARACTER + mark * SMALL_CHARACTER + LABEL_GAP
    length: float = abs(row["length"])
    return max(0, round(label - (longest - length) * unit))


def _end_text(base: Layer, x: alt.X, *, bold: bool, left: int) -> Layer:
    chosen = f"datum.bold === {str(bold).lower()} && datum.left === {left}"
    mark = base.transform_filter(chosen).mark_text(
        align="right" if left else "left",
        dx=-6 if left else 6,
        fontWeight=600 if bold else 400,
        aria=False,
    )
    return mark.encode(x=x, text="text:N")


def _best_text(base: Layer, x: alt.X, *, letters: int, left: int) -> Layer:
    """Write the mark of the best after its figure; right of zero when that is negative."""
    chosen = f"datum.mark !== '' && datum.left === {left} && length(datum.text) === {letters}"
    dx = 8 if left else round(letters * CHARACTER) + LABEL_GAP + 2
    mark = base.transform_filter(chosen).mark_text(
        align="left", dx=dx, fontSize=12, color=MUTED, aria=False
    )
    return mark.encode(x=alt.datum(0) if left else x, text="mark:N")


def _detail_line(base: Layer) -> Layer:
    """Write the line under a panel's title, in the room that the header leaves for it."""
    mark = base.transform_filter("datum.detail !== ''").mark_text(
        align="left", color=MUTED, aria=False
    )
    return mark.encode(x=alt.value(0), y=alt.value(-9), text="detail:N")
