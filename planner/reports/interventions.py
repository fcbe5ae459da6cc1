"""The figures and tables of one intervention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _

from optimizer import CashFlow, Category, FlowKind, Plan
from optimizer.appraisal import Appraisal, Selection
from optimizer.case_figures import CaseFigures, Meaningless, PayerFigures, Ratio
from planner import formats
from planner.formats import Language
from planner.reports.values import Cell, Column, Figure, Row, Table

# ---- Words ----


def kind_word(kind: FlowKind | str, language: Language) -> str:
    """Return the word of a kind of flow."""
    return FlowKind(kind).label.say(language)


def category_word(category: Category | str, language: Language) -> str:
    """Return the word of a control category."""
    return Category(category).label.say(language)


def line_words(
    *, kind: str, payer: str, category: str, cashable: bool, budget_line: str, language: Language
) -> str:
    """Return what a line of the grid is, in a few words: ``Kommunen · service · besparelse``."""
    words = [kind_word(kind, language), payer, category_word(category, language).lower()]
    if kind == FlowKind.SAVING:
        words.append(_("cashable") if cashable else _("not cashable"))
    if budget_line:
        words.append(budget_line)
    return " · ".join(words)


def period_words(plan: Plan, language: Language) -> tuple[str, str]:
    """Return the years of the budget period and those after it; the latter may be none."""
    first, last = plan.budget_period
    end = plan.horizon[1]
    after = formats.years(last + 1, end, language=language) if end > last else ""
    return formats.years(first, last, language=language), after


# ---- One intervention ----


def summary_sentence(figures: CaseFigures, *, language: Language) -> str:
    """Sum an option up in one sentence made from its data."""
    if not figures.has_money:
        return _("No amounts have been written for the municipality yet.")
    parts = []
    if figures.citizens:
        count = formats.measure(figures.citizens, language=language)
        parts.append(_("Helps %(count)s citizens", count=count))
    parts.append(_money_words(figures, language))
    parts.append(_payback_words(figures))
    text = "; ".join(part for part in parts[:-1] if part) + f", {parts[-1]}."
    return text[0].upper() + text[1:]


def _money_words(figures: CaseFigures, language: Language) -> str:
    years = len(figures.appraisal.plan.years)
    saved = formats.say_million(figures.saved, language=language)
    if not figures.spent:
        return _(
            "costs the municipality nothing and saves it %(saved)s over %(years)d years",
            saved=saved,
            years=years,
        )
    return _(
        "costs the municipality %(spent)s and saves it %(saved)s over %(years)d years",
        spent=formats.say_million(figures.spent, language=language),
        saved=saved,
        years=years,
    )


def _payback_words(figures: CaseFigures) -> str:
    if figures.payback_year is None:
        return _(
            "not paid back in the shown years, up to and including %(year)d",
            year=figures.appraisal.plan.horizon[1],
        )
    if not figures.spent:
        return _("no outlay to be paid back")
    return _("paid back in %(year)s", year=figures.payback_year)


def key_figures(figures: CaseFigures, *, language: Language) -> list[Figure]:
    """Return the strip: inside the budget period, after it, present value, ratio, price."""
    unit = _("million kr.")
    period, after = period_words(figures.appraisal.plan, language)
    return [
        Figure(
            _("Net in the budget period"),
            figures.budget_period,
            "million_change",
            unit,
            _("%(years)s, after outlay", years=period),
            "#years",
        ),
        Figure(
            _("Net after it"),
            figures.after if after else None,
            "million_change",
            unit,
            after or _("the shown years end with the budget period"),
            "#years",
        ),
        Figure(
            _("Present value"),
            figures.npv,
            "million_change",
            unit,
            _npv_note(figures, language),
            "#uncertainty",
        ),
        _ratio_figure(figures.benefit_cost),
        _price_figure(figures, language),
    ]


def _npv_note(figures: CaseFigures, language: Language) -> str:
    band = figures.npv_band
    if not band.is_wide:
        return _("no low or high estimate is given")
    return _(
        "low %(low)s · high %(high)s",
        low=formats.million_change(band.low, language=language),
        high=formats.million_change(band.high, language=language),
    )


def why_words(ratio: Ratio) -> str:
    """Say why a ratio or a price cannot be given."""
    if ratio.why is Meaningless.NO_SPENDING:
        return _("cannot be given: the municipality spends nothing")
    if ratio.why is Meaningless.NO_CITIZENS:
        return _("cannot be given: the number of citizens is not stated")
    return ""


def _ratio_figure(ratio: Ratio) -> Figure:
    note = why_words(ratio) or _("krone saved for each krone spent, in present value")
    return Figure(_("Benefit-cost ratio"), ratio.value, "decimal", "", note, "#payers")


def _price_figure(figures: CaseFigures, language: Language) -> Figure:
    price = figures.price_per_citizen
    note = why_words(price)
    if not note:
        note = _(
            "outlay and costs, shared by %(count)s",
            count=formats.measure(figures.citizens, language=language),
        )
    return Figure(_("Price per citizen"), price.value, "kroner", "kr.", note, "#measures")


def payer_table(payers: Sequence[PayerFigures], plan: Plan, *, language: Language) -> Table:
    """Return who pays and who gains, purse by purse; purses without money are left out."""
    touched = [payer for payer in payers if payer.is_touched]
    has_cost = any(payer.cost for payer in touched)
    period, after = period_words(plan, language)
    columns = [
        Column("payer", _("Payer")),
        Column("outlay", _("Outlay"), "thousand"),
        *([Column("cost", _("Other costs"), "thousand")] if has_cost else []),
        Column("saving", _("Saving"), "thousand"),
        Column("period", _("Net in the period"), "thousand_change", note=period),
        Column("after", _("Net after"), "thousand_change", note=after),
        Column("total", _("Net in all"), "thousand_change"),
        Column("npv", _("Present value"), "thousand_change"),
    ]
    rows = [_payer_row(_amounts_of(p), p.payer.name, has_cost=has_cost) for p in touched]
    if len(touched) > 1:
        sums = [sum(parts, Fraction(0)) for parts in zip(*map(_amounts_of, touched), strict=True)]
        rows.append(_payer_row(sums, _("All purses"), has_cost=has_cost, kind="sum"))
    return Table(
        title=_("Who pays, and who gains"),
        caption=_("1,000 kr., %(year)d prices", year=plan.price_year),
        columns=tuple(columns),
        rows=tuple(rows),
    )


def _amounts_of(payer: PayerFigures) -> list[Fraction]:
    return [
        payer.outlay,
        payer.cost,
        payer.saving,
        payer.budget_period,
        payer.after,
        payer.horizon,
        payer.discounted,
    ]


def _payer_row(
    amounts: Sequence[Fraction], name: str, *, has_cost: bool, kind: str = "normal"
) -> Row:
    kept = [amount for place, amount in enumerate(amounts) if has_cost or place != 1]
    cells = (Cell(name), *(Cell(amount) for amount in kept))
    return Row(cells, kind="sum" if kind == "sum" else "normal")


# ---- Year by year ----


@dataclass(frozen=True, slots=True)
class YearLine:
    """One row of the table of flows: a consequence in words with its flows."""

    text: str
    detail: str
    payer: str
    category: Category
    flows: tuple[CashFlow, ...]


def flow_table(appraisal: Appraisal, lines: Sequence[YearLine], *, language: Language) -> Table:
    """Return every line by year, purse by purse, with sums per control category and purse."""
    plan = appraisal.plan
    rows: list[Row] = []
    for payer in plan.payers:
        own = [line for line in lines if line.payer == payer.id]
        if own:
            rows += _payer_rows(appraisal, payer.name, own, language)
    return Table(
        title=_("Costs and savings year by year"),
        caption=_(
            "1,000 kr., %(year)d prices. The tinted years are the budget period.",
            year=plan.price_year,
        ),
        columns=_year_columns(plan),
        rows=tuple(rows),
    )


def _year_columns(plan: Plan) -> tuple[Column, ...]:
    first, last = plan.budget_period
    return (
        Column("line", _("Line")),
        *(
            Column(str(year), str(year), "thousand", tint=first <= year <= last)
            for year in plan.years
        ),
        Column("total", _("Total"), "thousand"),
    )


def _payer_rows(
    appraisal: Appraisal, name: str, lines: Sequence[YearLine], language: Language
) -> list[Row]:
    rows = [Row((Cell(name),), kind="group")]
    categories = [category for category in Category if any(x.category is category for x in lines)]
    for category in categories:
        own = [line for line in lines if line.category is category]
        rows += [
            _year_row(line.text, _by_year(appraisal, line.flows), note=line.detail) for line in own
        ]
        if len(categories) > 1:
            flows = tuple(flow for line in own for flow in line.flows)
            word = category.label.say(language).lower()
            rows.append(
                _year_row(
                    _("%(name)s, %(category)s", name=name, category=word),
                    _by_year(appraisal, flows),
                )
            )
    every = tuple(flow for line in lines for flow in line.flows)
    rows.append(_year_row(_("%(name)s, net", name=name), _by_year(appraisal, every), is_sum=True))
    return rows


def _by_year(appraisal: Appraisal, flows: Sequence[CashFlow]) -> Mapping[int, int]:
    first, last = appraisal.plan.horizon
    inside = [flow for flow in flows if first <= flow.year <= last]
    return appraisal.by_year(inside, Selection())


def _year_row(
    text: str, amounts: Mapping[int, int], *, note: str | None = None, is_sum: bool = False
) -> Row:
    cells = (
        Cell(text, note=note or None),
        *(Cell(amount) for amount in amounts.values()),
        Cell(sum(amounts.values())),
    )
    return Row(cells, kind="sum" if is_sum else "normal")


# ---- Measures and options ----


def measure_table(figures: CaseFigures) -> Table:
    """Return the quantities that are not money, in total and by year."""
    plan = figures.appraisal.plan
    measures = figures.option.measures
    years = sorted({year for m in measures.values() for year in m.by_year or {}})
    return Table(
        title=_("Measures"),
        caption=_("A person may be counted in more than one year."),
        columns=(
            Column("measure", _("Measure")),
            *(Column(str(y), str(y), "count", tint=y in range(*_span(plan))) for y in years),
            Column("total", _("Total"), "count"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(measure_word(name)),
                    *(Cell((measure.by_year or {}).get(year)) for year in years),
                    Cell(measure.total),
                )
            )
            for name, measure in measures.items()
        ),
    )


def measure_words(figures: CaseFigures, *, language: Language) -> str:
    """Say every measure's total in one line."""
    return ", ".join(
        f"{measure_word(name)} {formats.measure(measure.total, language=language)}"
        for name, measure in figures.option.measures.items()
    )


def _span(plan: Plan) -> tuple[int, int]:
    first, last = plan.budget_period
    return first, last + 1


def measure_word(name: str) -> str:
    """Return a measure's name as people say it."""
    plain = name.replace("_", " ")
    if plain == "citizens":
        return _("citizens")
    return plain


def option_table(options: Sequence[CaseFigures], hrefs: Sequence[str], *, current: int) -> Table:
    """Return the options side by side."""
    plan = options[0].appraisal.plan
    return Table(
        title=_("Options"),
        caption=_(
            "1,000 kr., %(year)d prices, the municipality's purse. At most one option is chosen.",
            year=plan.price_year,
        ),
        columns=(
            Column("option", _("Option"), "link"),
            Column("citizens", _("Citizens"), "count"),
            Column("outlay", _("Outlay"), "thousand"),
            Column("period", _("Net in the period"), "thousand_change"),
            Column("after", _("Net after"), "thousand_change"),
            Column("npv", _("Present value"), "thousand_change"),
            Column("payback", _("Paid back in"), "year"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        option_name(figures.option.title, place),
                        href=href,
                        note=_("shown now") if place == current else None,
                    ),
                    Cell(figures.citizens),
                    Cell(figures.outlay),
                    Cell(figures.budget_period),
                    Cell(figures.after),
                    Cell(figures.npv),
                    Cell(figures.payback_year),
                )
            )
            for place, (figures, href) in enumerate(zip(options, hrefs, strict=True))
        ),
    )


def option_name(title: str | None, place: int) -> str:
    """Return what an option is called."""
    return title or _("Option %(number)d", number=place + 1)
