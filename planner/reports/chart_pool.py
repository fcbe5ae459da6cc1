"""A pool year by year: what goes in and out of it, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from planner import formats
from planner.formats import Language
from planner.reports.chart_style import (
    EDGE,
    GROUND,
    INK,
    PAYER_COLOURS,
    PLAN,
    Layer,
    Panels,
    Spec,
    finish,
)
from planner.reports.drawing import alt, pen, year_axis, zero_line


@dataclass(frozen=True, slots=True)
class PoolYear:
    """One year of the pool, in kroner: all four as positive amounts, the balance at its end.

    ``paid_in`` is None in a pool with one amount for all years: nothing is paid in by year.
    """

    year: int
    paid_in: int | None
    repaid: int
    outlay: int
    balance: int


def pool_balance(years: Sequence[PoolYear], *, description: str, language: Language = "da") -> Spec:
    """Draw the pool: in and out by year above, the balance at the end of each year below.

    Of a pool with one amount for all years: the outlay above, what is left of the amount below.
    """
    chart = alt.vconcat(
        _pool_flows(years, language=language), _pool_line(years, language=language), spacing=18
    )
    return finish(
        chart,
        description=description,
        language=language,
        height=400,
        panels=Panels(count=1, labels=48, spacing=0),
    )


def _panel_title(text: str) -> alt.TitleParams:
    return alt.TitleParams(
        text, anchor="start", frame="group", fontSize=13, fontWeight=600, color=INK, offset=10
    )


def _pool_axis(title: str = "amount:Q") -> alt.Y:
    return alt.Y(title, axis=alt.Axis(minExtent=40, maxExtent=40, tickCount=4))


@dataclass(frozen=True, slots=True)
class _PoolFlow:
    """One kind of movement of the pool, with its amount in every year."""

    word: str
    ink: str
    amounts: tuple[int, ...]


def _pool_movements(years: Sequence[PoolYear]) -> list[_PoolFlow]:
    """Return what moves the pool; what it does not have is not drawn as if it were empty."""
    flows = []
    if any(year.paid_in is not None for year in years):
        flows.append(_PoolFlow(_("Paid in"), EDGE, tuple(year.paid_in or 0 for year in years)))
    if flows or any(year.repaid for year in years):
        blue = PAYER_COLOURS["municipality"]
        flows.append(_PoolFlow(_("Repaid"), blue, tuple(year.repaid for year in years)))
    return [*flows, _PoolFlow(_("Outlay"), INK, tuple(-year.outlay for year in years))]


def _pool_flows(years: Sequence[PoolYear], *, language: Language) -> Layer:
    flows = _pool_movements(years)
    rows = [
        {
            "year": year.year,
            "flow": flow.word,
            "place": place,
            "amount": pen(amount),
            "said": f"{year.year}, {flow.word}: "
            + formats.say_million_change(amount, language=language),
        }
        for place, flow in enumerate(flows)
        for year, amount in zip(years, flow.amounts, strict=True)
    ]
    into = [sum(amounts) for amounts in zip(*(f.amounts for f in flows[:-1]), strict=True)]
    sums = [
        _pool_sums(years, amounts, dy=dy, language=language)
        for amounts, dy in ((into, -9), (flows[-1].amounts, 12))
        if amounts
    ]
    words = [flow.word for flow in flows]
    scale = alt.Scale(domain=words, range=[flow.ink for flow in flows])
    legend = alt.Legend(orient="top") if len(flows) > 1 else None
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(**PLAN)
        .encode(
            x=year_axis().axis(None),
            y=_pool_axis(),
            color=alt.Color("flow:N", scale=scale, legend=legend),
            stroke=alt.Stroke("flow:N", scale=scale, legend=legend),
            order="place:O",
            tooltip="said:N",
            description="said:N",
        )
    )
    title = _panel_title(_("In and out") if len(flows) > 1 else _("Outlay"))
    return alt.layer(bars, zero_line(), *sums, height=190, title=title)


def _pool_sums(
    years: Sequence[PoolYear], amounts: Sequence[int], *, dy: int, language: Language
) -> Layer:
    """Write the sum of each year at the end of its bar."""
    rows = [
        {
            "year": year.year,
            "amount": pen(amount),
            "text": formats.million_change(amount, language=language),
        }
        for year, amount in zip(years, amounts, strict=True)
    ]
    text = alt.Chart(alt.InlineData(values=rows)).mark_text(dy=dy, aria=False)
    return text.encode(x="year:O", y="amount:Q", text="text:N")


def _pool_line(years: Sequence[PoolYear], *, language: Language) -> Layer:
    rows = [
        {
            "year": year.year,
            "amount": pen(year.balance),
            "text": formats.million(year.balance, language=language),
            "said": f"{year.year}: {formats.say_million(year.balance, language=language)}",
        }
        for year in years
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=year_axis(), y=_pool_axis())
    line = base.mark_line(
        color=INK,
        strokeWidth=2,
        point=alt.OverlayMarkDef(filled=True, fill=GROUND, stroke=INK, strokeWidth=2, size=60),
    ).encode(tooltip="said:N", description="said:N")
    text = base.mark_text(dy=-14, fontWeight=600, aria=False).encode(text="text:N")
    has_total = all(year.paid_in is None for year in years)
    title = _panel_title(_("Left at the end") if has_total else _("Balance at the end of the year"))
    return alt.layer(zero_line(), line, text, height=90, title=title)
