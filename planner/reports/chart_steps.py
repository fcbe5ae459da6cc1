"""Two pictures of one case: from its savings and costs to its net, and what moves the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from planner import formats
from planner.formats import Exact, Language
from planner.reports.chart_style import EDGE, INK, PAYER_COLOURS, PLAN, Spec, finish
from planner.reports.drawing import alt, pen

ROW: Final = 30
LABELS: Final = 340


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall, kroner; the last one (``is_sum``) begins at zero."""

    label: str
    amount: Exact
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Swing:
    """What one input moves the result to, kroner."""

    label: str
    low: Exact
    high: Exact


def waterfall(steps: Sequence[Step], *, description: str, language: Language = "da") -> Spec:
    """Draw each step from where the one before it ended, top to bottom."""
    rows, at = [], 0.0
    for step in steps:
        begin = 0.0 if step.is_sum else at
        at = begin + pen(step.amount)
        rows.append(
            {
                "label": step.label,
                "begin": begin,
                "end": at,
                "kind": "sum" if step.is_sum else "out" if step.amount < 0 else "in",
                "text": formats.million_change(step.amount, language=language),
                "said": f"{step.label}: "
                + formats.say_million_change(step.amount, language=language),
                "right": max(begin, at),
            }
        )
    own = PAYER_COLOURS["municipality"]
    scale = alt.Scale(domain=["in", "out", "sum"], range=[own, EDGE, INK])
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=_labels([s.label for s in steps]))
    bars = base.mark_bar(**PLAN, height={"band": 0.62}).encode(
        x=alt.X("begin:Q", axis=alt.Axis(tickCount=6, format=",~f")),
        x2="end:Q",
        color=alt.Color("kind:N", scale=scale, legend=None),
        stroke=alt.Stroke("kind:N", scale=scale, legend=None),
        tooltip="said:N",
        description="said:N",
    )
    words = base.mark_text(align="left", dx=6, aria=False).encode(x="right:Q", text="text:N")
    height = ROW * len(steps) + 30
    chart = alt.layer(bars, words, _zero(), height=ROW * len(steps), padding={"right": 48})
    return finish(
        chart, description=description, language=language, height=height, narrow=_narrow()
    )


def tornado_bars(
    swings: Sequence[Swing], expected: Exact, *, description: str, language: Language = "da"
) -> Spec:
    """Draw the result at the low and at the high end of each input around the expected one."""
    rows = [
        {
            "label": swing.label,
            "end": pen(amount),
            "begin": pen(expected),
            "kind": kind,
            "said": _(
                "%(input)s, %(end)s: %(amount)s",
                input=swing.label,
                end=word,
                amount=formats.say_million_change(amount, language=language),
            ),
        }
        for swing in swings
        for kind, word, amount in (
            ("low", _("low"), swing.low),
            ("high", _("high"), swing.high),
        )
    ]
    scale = alt.Scale(domain=["low", "high"], range=[EDGE, PAYER_COLOURS["municipality"]])
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(**PLAN, height={"band": 0.62})
        .encode(
            y=_labels([swing.label for swing in swings]),
            x=alt.X("begin:Q", axis=alt.Axis(tickCount=6, format=",~f")),
            x2="end:Q",
            color=alt.Color("kind:N", scale=scale, legend=None),
            stroke=alt.Stroke("kind:N", scale=scale, legend=None),
            tooltip="said:N",
            description="said:N",
        )
    )
    middle = (
        alt.Chart(alt.InlineData(values=[{"at": pen(expected)}]))
        .mark_rule(color=INK, strokeWidth=2, aria=False)
        .encode(x="at:Q")
    )
    chart = alt.layer(bars, middle, _zero(), height=ROW * len(swings))
    return finish(
        chart,
        description=description,
        language=language,
        height=ROW * len(swings) + 30,
        narrow=_narrow(),
    )


def _labels(order: list[str]) -> alt.Y:
    axis = alt.Axis(labelLimit=LABELS, grid=False, labelColor=INK)
    return alt.Y("label:N", sort=list(dict.fromkeys(order)), axis=axis)


def _zero() -> alt.Chart:
    return (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_rule(color=INK, aria=False)
        .encode(x=alt.datum(0))
    )


def _narrow() -> Spec:
    return {"config": {"axisY": {"labelLimit": 110}}}
