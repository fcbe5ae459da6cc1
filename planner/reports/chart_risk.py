"""The net saving over possible futures, as a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _

from planner import formats
from planner.formats import Exact, Language
from planner.reports.chart_style import EDGE, INK, PAYER_COLOURS, PLAN, Layer, Spec, finish
from planner.reports.drawing import alt, pen

MOST_BINS: Final = 24


@dataclass(frozen=True, slots=True)
class Bin:
    """How many outcomes have a net saving from ``low`` up to ``high``, kroner."""

    low: int
    high: int
    count: int


def bins_of(values: Sequence[float]) -> tuple[Bin, ...]:
    """Return bins of a round width, so that nothing is the border between loss and gain.

    >>> [(b.low, b.high, b.count) for b in bins_of([-1.0, 0.0, 3.5])][:2]
    [(-1, 0, 1), (0, 1, 1)]
    """
    least, most = min(values), max(values)
    width = _round_width((most - least) / MOST_BINS)
    first, last = int(least // width), int(most // width)
    counts = dict.fromkeys(range(first, last + 1), 0)
    for value in values:
        counts[int(value // width)] += 1
    return tuple(Bin(place * width, (place + 1) * width, n) for place, n in counts.items())


def _round_width(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 ... that is not below ``least``."""
    size = 1
    while True:
        for step in (1, 2, 5):
            if step * size >= least:
                return step * size
        size *= 10


def net_saving_histogram(
    bins: Sequence[Bin], *, mean: Exact, description: str, language: Language = "da"
) -> Spec:
    """Draw how many outcomes have which net saving; losses grey, gains blue, the mean marked."""
    rows = [
        {
            "low": pen(one.low),
            "high": pen(one.high),
            "count": one.count,
            "kind": "loss" if one.high <= 0 else "gain",
            "said": _(
                "%(low)s to %(high)s: %(count)s outcomes",
                low=formats.say_million_change(one.low, language=language),
                high=formats.say_million_change(one.high, language=language),
                count=formats.number(one.count, language=language),
            ),
        }
        for one in bins
    ]
    scale = alt.Scale(domain=["loss", "gain"], range=[EDGE, PAYER_COLOURS["municipality"]])
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(**PLAN)
        .encode(
            x=alt.X("low:Q", bin="binned", axis=alt.Axis(tickCount=8, format=",~f")),
            x2="high:Q",
            # room above the highest bar for the word at the mean
            y=alt.Y(
                "count:Q",
                axis=alt.Axis(tickCount=5),
                scale=alt.Scale(domainMin=0, domainMax=1.2 * max(one.count for one in bins)),
            ),
            color=alt.Color("kind:N", scale=scale, legend=None),
            stroke=alt.Stroke("kind:N", scale=scale, legend=None),
            tooltip="said:N",
            description="said:N",
        )
    )
    middle = (min(0, bins[0].low) + max(0, bins[-1].high)) / 2
    said = _("mean %(mean)s", mean=formats.million_change(mean, language=language))
    marks = _mark(mean, said, is_right=mean > middle)
    zero = (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_rule(color=INK, aria=False)
        .encode(x=alt.datum(0))
    )
    return finish(
        alt.layer(bars, zero, *marks, height=260),
        description=description,
        language=language,
        height=280,
    )


def _mark(value: Exact, said: str, *, is_right: bool) -> list[Layer]:
    """Mark a value; at the right its text grows inwards, so that a narrow picture holds it."""
    base = alt.Chart(alt.InlineData(values=[{"at": pen(value), "said": said}])).encode(x="at:Q")
    rule = base.mark_rule(color=INK, strokeWidth=2, strokeDash=[4, 3], aria=False)
    place: dict[str, Any] = {"align": "left", "dx": 6}
    if is_right:
        place = {"align": "right", "dx": -6}
    text = base.mark_text(**place, y=8, fontWeight=600, aria=False)
    return [rule, text.encode(text="said:N")]
