"""The two pictures of an intervention: money by year and payer, and the net so far."""

from typing import Literal

from flask_babel import gettext as _

from optimizer import Case, FlowKind, Plan
from optimizer.appraisal import Selection
from optimizer.case_figures import SAVING, SPENDING, CaseFigures
from planner import formats
from planner.formats import Language
from planner.reports.charts import PICTURE_HEIGHT, BarYear, LinePoint, bars_by_year, cumulative_line
from planner.reports.values import Cell, Chart, Column, Row, Table


def money_chart(figures: CaseFigures, *, source: str, language: Language) -> Chart:
    """Return what each purse pays and gets, year by year."""
    plan = figures.appraisal.plan
    bars, rows = _bars(figures)
    finding = _money_finding(figures, language)
    return Chart(
        name="money",
        finding=finding,
        measure_line=_(
            "Plan by year and payer, million kr., %(year)d prices; below zero is out of the purse",
            year=plan.price_year,
        ),
        spec=bars_by_year(bars, description=finding, language=language),
        table=Table(
            title=_("Money by year and payer"),
            caption=_("1,000 kr., %(year)d prices", year=plan.price_year),
            columns=_columns(plan, with_total=True),
            rows=tuple(rows),
        ),
        source=source,
        description=finding,
    )


def _bars(figures: CaseFigures) -> tuple[list[BarYear], list[Row]]:
    appraisal, flows = figures.appraisal, figures.option.flows
    bars, rows = [], []
    for payer in appraisal.plan.payers:
        one = frozenset({payer.id})
        for kinds, words in (
            (SPENDING, _("%(payer)s, outlay and costs", payer=payer.name)),
            (SAVING, _("%(payer)s, savings", payer=payer.name)),
        ):
            amounts = appraisal.by_year(flows, Selection(payers=one, kinds=kinds))
            if not any(amounts.values()):
                continue
            bars += [
                BarYear(year, payer.name, str(payer.level), amount)
                for year, amount in amounts.items()
            ]
            cells = (Cell(words), *map(Cell, amounts.values()), Cell(sum(amounts.values())))
            rows.append(Row(cells))
    return bars, rows


def _money_finding(figures: CaseFigures, language: Language) -> str:
    flows, appraisal = figures.option.flows, figures.appraisal
    own = figures.payers
    outlay = -appraisal.total(flows, Selection(payers=own, kinds=frozenset({FlowKind.OUTLAY})))
    saved = appraisal.by_year(flows, Selection(payers=own, kinds=SAVING))
    since = next((year for year, amount in saved.items() if amount > 0), None)
    amount = formats.say_million(outlay, language=language)
    if outlay and since is not None:
        return _(
            "The municipality lays out %(amount)s and saves from %(year)d",
            amount=amount,
            year=since,
        )
    if outlay:
        return _("The municipality lays out %(amount)s and saves nothing itself", amount=amount)
    if since is not None:
        return _("The municipality lays out nothing and saves from %(year)d", year=since)
    return _("The municipality neither lays out nor saves")


def cumulative_chart(
    figures: CaseFigures,
    *,
    source: str,
    language: Language,
    height: int = PICTURE_HEIGHT,
) -> Chart:
    """Return the municipality's net so far, with its band and the year it is paid back."""
    plan = figures.appraisal.plan
    expected = figures.cumulative()
    low, high = figures.cumulative(Case.LOW), figures.cumulative(Case.HIGH)
    has_band = any(low[year] != high[year] for year in expected)
    points = [
        LinePoint(year, amount, low[year], high[year]) if has_band else LinePoint(year, amount)
        for year, amount in expected.items()
    ]
    finding = payback_finding(figures)
    measure_line = _(
        "The municipality's net so far, million kr., %(year)d prices", year=plan.price_year
    )
    if has_band:
        measure_line += _("; the band is low to high")
    payback = figures.payback_year if figures.spent else None
    if payback is not None:
        measure_line += ". " + _saved_by(figures, payback, language)
    return Chart(
        name="cumulative",
        finding=finding,
        measure_line=measure_line,
        spec=cumulative_line(
            points,
            description=finding,
            payback_year=payback,
            language=language,
            height=height,
        ),
        table=_cumulative_table(figures, has_band=has_band),
        source=source,
        description=finding,
    )


def payback_finding(figures: CaseFigures) -> str:
    """Say when it is paid back, and whether that holds in the low case too."""
    last = figures.appraisal.plan.horizon[1]
    expected, low = figures.payback_year, figures.payback_in(Case.LOW)
    if not figures.has_money:
        return _("No money of the municipality moves")
    if expected is None:
        return _("Not paid back in the shown years, up to and including %(year)d", year=last)
    if not figures.spent:
        return _("Nothing to be paid back: no outlay or costs")
    if low is None:
        return _("Paid back in %(year)d, but not in the low case", year=expected)
    if low != expected:
        return _("Paid back in %(year)d, in the low case in %(low)d", year=expected, low=low)
    return _("Paid back in %(year)d", year=expected)


def _saved_by(figures: CaseFigures, year: int, language: Language) -> str:
    return _(
        "At the end of %(year)d %(saved)s is saved and %(spent)s spent",
        year=year,
        saved=formats.say_million(figures.cumulative(kinds=SAVING)[year], language=language),
        spent=formats.say_million(-figures.cumulative(kinds=SPENDING)[year], language=language),
    )


def _cumulative_table(figures: CaseFigures, *, has_band: bool) -> Table:
    """Return savings, spending and net so far; their sum of the last year is that of all years."""
    plan = figures.appraisal.plan
    net = _("Net so far")
    names = {
        Case.LOW: _("Net so far, low"),
        Case.EXPECTED: _("Net so far, expected") if has_band else net,
        Case.HIGH: _("Net so far, high"),
    }
    lines = [
        (_("Savings so far"), figures.cumulative(kinds=SAVING)),
        (_("Outlay and costs so far"), figures.cumulative(kinds=SPENDING)),
        *((names[c], figures.cumulative(c)) for c in Case if has_band or c is Case.EXPECTED),
    ]
    return Table(
        title=net,
        caption=_("So far, 1,000 kr., %(year)d prices", year=plan.price_year),
        columns=_columns(plan, with_total=False),
        rows=tuple(Row((Cell(name), *map(Cell, amounts.values()))) for name, amounts in lines),
    )


def _columns(plan: Plan, *, with_total: bool) -> tuple[Column, ...]:
    first, last = plan.budget_period
    kind: Literal["thousand", "thousand_change"] = "thousand" if with_total else "thousand_change"
    years = tuple(
        Column(str(year), str(year), kind, tint=first <= year <= last) for year in plan.years
    )
    total = (Column("total", _("Total"), kind),) if with_total else ()
    return (Column("line", ""), *years, *total)


def uncertainty_words(figures: CaseFigures, *, language: Language) -> str:
    """Say low, expected and high present value in one line."""
    band = figures.npv_band
    if not band.is_wide:
        return _("no low or high estimate is given")
    return _(
        "low %(low)s, expected %(expected)s, high %(high)s",
        low=formats.million_change(band.low, language=language),
        expected=formats.million_change(band.expected, language=language),
        high=formats.say_million_change(band.high, language=language),
    )
