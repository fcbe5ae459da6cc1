"""What an argument comes to, in words, figures, tables and pictures."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer.appraisal import Selection
from optimizer.case_figures import CaseFigures
from optimizer.cases import Computed, EffectRoute
from optimizer.cases.added_effect import CountError, added_effect
from optimizer.cases.figures import BreakEven, Figures, Said
from optimizer.cases.optimism import STARTING_TABLE_NOTE, BeforeAndAfter
from optimizer.cases.sensitivity import Result, StandardCase, Tornado
from optimizer.intervention import CashFlow, FlowKind
from optimizer.sentence import Sentence
from planner import formats
from planner.formats import Language
from planner.reports.chart_steps import Step, Swing, tornado_bars, waterfall
from planner.reports.interventions import period_words
from planner.reports.values import Cell, Chart, Column, Row, Table

MOST_BARS = 10


# ---- Words ----


def effect_words(route: EffectRoute, *, language: Language) -> str:
    """Say the added effect: with its interval where it was counted, in heads alone when few."""
    counted = route.success.counted, route.without.counted
    if counted[0] is not None and counted[1] is not None:
        try:
            found = added_effect(
                *(counted[0].successes, counted[0].observed),
                *(counted[1].successes, counted[1].observed),
            )
        except CountError as wrong:
            return wrong.sentence.say(language)
        return found.sentence().say(language)
    if not route.is_share:
        return _(
            "%(effect)s: %(success)s with the intervention, %(without)s without",
            effect=formats.number_change(route.added_effect, decimals=1, language=language),
            success=formats.number(route.success.expected, decimals=1, language=language),
            without=formats.number(route.without.expected, decimals=1, language=language),
        )
    return _(
        "%(points)s percentage points: %(success)s with the intervention, %(without)s without",
        points=formats.number_change(route.added_effect * 100, decimals=1, language=language),
        success=formats.percent(route.success.expected, language=language),
        without=formats.percent(route.without.expected, language=language),
    )


def said(value: Said, written: Any, language: Language) -> str:
    """Return a figure as ``written`` puts it, or why there is none."""
    return value.say(language) if isinstance(value, Sentence) else str(written(value))


def break_even_words(figures: Figures, language: Language) -> str:
    """Say how many of how many must succeed."""
    found = figures.break_even
    sentence = found.sentence() if isinstance(found, BreakEven) else found
    return sentence.say(language)


def facts(figures: Figures, sums: CaseFigures, *, language: Language) -> list[tuple[str, str]]:
    """Return what a preview lists: net in and after the budget period, payback, ratio, price."""
    period, after = period_words(sums.appraisal.plan, language)

    def million(amount: Fraction) -> str:
        return formats.say_million_change(amount, language=language)

    def kroner(amount: Fraction) -> str:
        return formats.say_kroner(formats.rounded(amount), language=language)

    found = [(_("Net %(years)s", years=period), million(figures.budget_period))]
    if after:
        found.append((_("Net %(years)s", years=after), million(figures.after)))
    found += [
        (_("Present value"), million(figures.npv.expected)),
        (_("Paid back"), figures.payback.say(language)),
        (
            _("Benefit per krone spent"),
            said(figures.benefit_cost, lambda v: _decimal(v, language), language),
        ),
        (_("Price per extra success"), said(figures.price_per_success, kroner, language)),
        (_("Pays back if"), break_even_words(figures, language)),
    ]
    return found


def _decimal(value: Fraction, language: Language) -> str:
    return formats.number(value, decimals=2, language=language)


# ---- Tables ----


def figure_table(figures: Figures, sums: CaseFigures, *, language: Language) -> Table:
    """Return every figure of the case, one a row."""
    plan = sums.appraisal.plan

    def million(amount: Fraction) -> str:
        return formats.say_million_change(amount, language=language)

    def kroner(amount: Fraction) -> str:
        return formats.say_kroner(formats.rounded(amount), language=language)

    def ratio(value: Fraction) -> str:
        return _decimal(value, language)

    rows = [
        *facts(figures, sums, language=language),
        (_("Benefit per krone, every purse (SROI)"), said(figures.sroi, ratio, language)),
        (_("Present value per citizen"), said(figures.npv_per_citizen, kroner, language)),
        (_("Price per citizen"), said(figures.price_per_citizen, kroner, language)),
        (_("What a citizen may cost at most"), said(figures.break_even_cost, kroner, language)),
        (_("Cashable"), million(figures.cashable)),
        (
            _("Cashable share of the savings"),
            said(figures.cashable_share, lambda v: formats.percent(v, language=language), language),
        ),
    ]
    return Table(
        title=_("Every figure"),
        caption=_("The municipality's purse, %(year)d prices", year=plan.price_year),
        columns=(Column("figure", _("Figure")), Column("value", _("Value"))),
        rows=tuple(Row((Cell(label), Cell(text))) for label, text in rows),
    )


def sensitivity_table(cases: Iterable[StandardCase], *, language: Language) -> Table:
    """Return the case under each assumption."""
    columns = (
        Column("case", _("Assumption")),
        Column("npv", _("Present value"), "million_change"),
        Column("period", _("Net in the budget period"), "million_change"),
        Column("after", _("Net after it"), "million_change"),
        Column("payback", _("Paid back in")),
    )
    rows = []
    for case in cases:
        label = case.label.say(language)
        if isinstance(case.result, Result):
            result = case.result
            payback = str(result.payback_year) if result.payback_year else _("not in these years")
            cells = (result.npv, result.budget_period, result.after, payback)
            rows.append(Row((Cell(label), *map(Cell, cells))))
        else:
            why = case.result.say(language)
            rows.append(Row((Cell(label, note=why), *(Cell(None) for _column in columns[1:]))))
    return Table(
        title=_("If it goes otherwise"),
        caption=_("Million kr., the municipality's purse"),
        columns=columns,
        rows=tuple(rows),
    )


def optimism_table(both: BeforeAndAfter, *, stars: int, language: Language) -> Table:
    """Return the figures before and after the correction for weak evidence."""
    rows = [
        (_("Net in the budget period"), both.before.budget_period, both.after.budget_period),
        (_("Net after it"), both.before.after, both.after.after),
        (_("Present value"), both.before.npv.expected, both.after.npv.expected),
    ]
    taken = formats.percent(both.correction.benefit, language=language)
    put_on = formats.percent(both.correction.cost, language=language)
    return Table(
        title=_("Corrected for optimism"),
        caption=_(
            "Million kr.; with %(stars)s the savings are cut by %(benefit)s and the costs raised by"
            " %(cost)s",
            stars=formats.stars_in_words(stars, language=language),
            benefit=taken,
            cost=put_on,
        ),
        columns=(
            Column("figure", _("Figure")),
            Column("before", _("As it is written"), "million_change"),
            Column("after", _("Corrected"), "million_change"),
        ),
        rows=tuple(Row((Cell(label), Cell(a), Cell(b))) for label, a, b in rows),
        total_note=STARTING_TABLE_NOTE.say(language),
    )


def equalisation_table(before: Figures, after: Figures) -> Table:
    """Return the figures before and after equalisation."""
    rows = [
        (_("Net in the budget period"), before.budget_period, after.budget_period),
        (_("Net after it"), before.after, after.after),
        (_("Present value"), before.npv.expected, after.npv.expected),
    ]
    return Table(
        title=_("After equalisation"),
        caption=_("Million kr., the municipality's purse"),
        columns=(
            Column("figure", _("Figure")),
            Column("before", _("Before equalisation"), "million_change"),
            Column("after", _("After equalisation"), "million_change"),
        ),
        rows=tuple(Row((Cell(label), Cell(a), Cell(b))) for label, a, b in rows),
    )


# ---- Pictures ----


def waterfall_chart(
    computed: Sequence[Computed],
    routes: Sequence[EffectRoute],
    sums: CaseFigures,
    *,
    source: str,
    language: Language,
) -> Chart:
    """Return the way from the effect to the municipality's net, line by line."""
    steps = _steps(computed, sums)
    net = sums.net
    finding = _(
        "%(saved)s saved and %(spent)s spent is %(net)s",
        saved=formats.say_million(sums.saved, language=language),
        spent=formats.say_million(sums.spent, language=language),
        net=formats.say_million_change(net, language=language),
    )
    extra = "; ".join(_extra_words(route, language) for route in routes)
    plan = sums.appraisal.plan
    unit = _("The municipality's purse, million kr., %(year)d prices", year=plan.price_year)
    return Chart(
        name="waterfall",
        finding=finding,
        measure_line=f"{extra}. {unit}" if extra else unit,
        spec=waterfall(
            [*steps, Step(_("Net"), net, is_sum=True)], description=finding, language=language
        ),
        table=Table(
            title=_("From effect to net"),
            caption=_("1,000 kr., %(year)d prices", year=plan.price_year),
            columns=(Column("line", _("Line")), Column("amount", _("Total"), "thousand")),
            rows=(
                *(Row((Cell(step.label), Cell(step.amount))) for step in steps),
                Row((Cell(_("Net")), Cell(net)), kind="sum"),
            ),
        ),
        source=source,
        description=finding,
    )


def _steps(computed: Sequence[Computed], sums: CaseFigures) -> list[Step]:
    """Return the savings, largest first, and then what it costs."""
    lines: dict[tuple[bool, str], list[CashFlow]] = {}
    for one in computed:
        lines.setdefault((one.flow.kind is not FlowKind.SAVING, one.name), []).append(one.flow)
    own = Selection(payers=sums.payers)
    first, last = sums.appraisal.plan.horizon
    totals = [
        (
            is_cost,
            name,
            sums.appraisal.total([f for f in flows if first <= f.year <= last], own),
        )
        for (is_cost, name), flows in lines.items()
    ]
    kept = sorted((row for row in totals if row[2]), key=lambda row: (row[0], -abs(row[2])))
    return [Step(name, amount) for _is_cost, name, amount in kept]


def _extra_words(route: EffectRoute, language: Language) -> str:
    citizens = sum(route.citizens.values(), Fraction(0))
    return _(
        "%(citizens)s citizens give %(extra)s extra successes (%(outcome)s)",
        citizens=formats.measure(citizens, language=language),
        extra=formats.measure(
            sum(route.extra_successes().values(), Fraction(0)), decimals=1, language=language
        ),
        outcome=route.outcome,
    )


def tornado_chart(found: Tornado, sums: CaseFigures, *, source: str, language: Language) -> Chart:
    """Return what every uncertain input moves, the longest first."""
    bars = found.bars[:MOST_BARS]
    swings = [Swing(bar.label.say(language), bar.at_low, bar.at_high) for bar in bars]
    finding = _("Most depends on: %(input)s", input=swings[0].label)
    plan = sums.appraisal.plan
    return Chart(
        name="tornado",
        finding=finding,
        measure_line=_(
            "Present value when one number alone is low or high, million kr., %(year)d prices",
            year=plan.price_year,
        ),
        spec=tornado_bars(swings, found.expected, description=finding, language=language),
        table=Table(
            title=_("What moves the result"),
            caption=_(
                "Present value, 1,000 kr., %(year)d prices; expected %(amount)s",
                year=plan.price_year,
                amount=formats.thousand_change(found.expected, language=language),
            ),
            columns=(
                Column("input", _("Input")),
                Column("low", _("When it is low"), "thousand_change"),
                Column("high", _("When it is high"), "thousand_change"),
            ),
            rows=tuple(Row((Cell(s.label), Cell(s.low), Cell(s.high))) for s in swings),
        ),
        source=source,
        description=finding,
    )


# ---- Where each number comes from ----


def calculation(
    computed: Iterable[Computed], names: dict[str, str], *, language: Language
) -> list[dict[str, Any]]:
    """Return every line with its amounts, each with its formula, and what the formula was fed with.

    Parameters
    ----------
    names : dict
        Key of a purse to its name.
    """
    lines: dict[str, dict[str, Any]] = {}
    for one in computed:
        line = lines.setdefault(
            one.line, {"id": one.line.replace("/", "."), "name": one.name, "amounts": []}
        )
        line["amounts"].append(
            {
                "year": one.flow.year,
                "payer": names.get(one.flow.payer, one.flow.payer),
                "amount": formats.say_kroner(one.flow.amount, language=language),
                "formula": one.provenance.formula.say(language),
                "inputs": [
                    (given.name.say(language), given.value.say(language), given.source)
                    for given in one.provenance.inputs
                ],
            }
        )
    return list(lines.values())
