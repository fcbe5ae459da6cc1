"""The sheets that add up: interventions, purses, pools; and the limits."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from optimizer import CashFlow, Intervention, InvestmentPool, Option, Payer
from optimizer.appraisal import Selection
from optimizer.intervention import FlowKind
from planner.reports.workbook_layout import INTERVENTION_COLUMNS, Layout
from planner.reports.workbook_page import FIRST, Number, Page, cell, quoted

MONEY = ("outlay", "period", "after", "discounted")


def address(row: int, column: int) -> str:
    """Return the address of a cell on the same sheet."""
    return str(xl_rowcol_to_cell(row, column))


# --- Interventions --------------------------------------------------------------------------------


def write_interventions(page: Page, layout: Layout) -> None:
    """Write one row an intervention; change an option or a scale and everything follows."""
    page.widths(5, 12, 36, 22, 22, 9, 12, 20, 10, 16, 16, 16, 16, 12)
    page.title(
        layout.names["interventions"],
        _(
            "Whole kroner in %(year)s prices. Change the chosen option or the scale here, and every"
            " sheet follows.",
            year=layout.plan.price_year,
        ),
    )
    page.head(
        [
            *(_("No."), _("Code"), _("Intervention"), _("Department"), _("Target group")),
            *(_("Evidence, stars"), _("Chosen option"), _("Name of the option"), _("Scale")),
            _("Outlay"),
            layout.own_words(_("net in the budget period")),
            layout.own_words(_("net after it")),
            layout.own_words(_("net present value")),
            _("Citizens, counted as courses"),
        ],
        freeze=3,
    )
    departments = {d.id: d.name for d in layout.plan.departments}
    for i in layout.plan.interventions:
        _write_intervention(page, layout, i, departments[i.department])
    _write_overlaps(page, layout)
    _write_total(page, layout)


def _write_intervention(page: Page, layout: Layout, i: Intervention, department: str) -> None:
    row, place = layout.intervention_row(i.id), INTERVENTION_COLUMNS.index
    option, scale = layout.chosen.get(i.id, (None, Fraction(0)))
    page.number(row, place("number"), layout.numbers[i.id], "plain")
    texts = {
        "intervention": i.id,
        "title": i.title,
        "department": department,
        "target_group": i.target_group or "",
        "option": option.id if option else "",
        "option_title": (option.title or "") if option else _("not chosen"),
    }
    for column, text in texts.items():
        page.text(row, place(column), text)
    page.number(row, place("stars"), i.evidence_stars, "plain")
    page.number(row, place("scale"), scale, "number")
    flows = option.flows if option else ()
    for column in MONEY:
        value = scale * _money(layout, flows, column)
        page.formula(row, place(column), _sum_of(layout, column, address(row, 0)), value)
    if layout.citizens is not None:
        _write_citizens(page, layout, row, option=option, scale=scale)


def _write_citizens(
    page: Page, layout: Layout, row: int, *, option: Option | None, scale: Fraction
) -> None:
    measure = None if option is None else option.measures.get(layout.citizens or "")
    page.formula(
        row,
        INTERVENTION_COLUMNS.index("citizens"),
        f"=SUMIFS({layout.measures('in_plan')},{layout.measures('number')},{address(row, 0)},"
        f"{layout.measures('measure')},{quoted(layout.citizens or '')})",
        Fraction(0) if measure is None else scale * measure.total,
    )


def _money(layout: Layout, flows: tuple[CashFlow, ...], column: str) -> Fraction:
    first, last = layout.plan.budget_period
    selections = {
        "outlay": Selection(kinds=frozenset({FlowKind.OUTLAY})),
        "period": Selection(payers=layout.own, years=(first, last)),
        "after": Selection(
            payers=layout.own, years=(last + 1, max(last + 1, layout.plan.horizon[1]))
        ),
        "discounted": Selection(payers=layout.own, discounted=True),
    }
    amount = layout.appraisal.total(flows, selections[column])
    return -amount if column == "outlay" else amount


def _sum_of(layout: Layout, column: str, number: str) -> str:
    """Return the formula that adds up one column of the flows of one intervention."""
    of_one = f"{layout.flows('number')},{number}"
    if column == "outlay":
        kind = quoted(layout.kind_word(FlowKind.OUTLAY))
        return f"=-SUMIFS({layout.flows('in_plan')},{of_one},{layout.flows('kind')},{kind})"
    if column == "discounted":
        return f"=SUMIFS({layout.flows('discounted')},{of_one}{layout.own_criterion})"
    period = _period(layout, column)
    return f"=SUMIFS({layout.flows('in_plan')},{of_one}{period}{layout.own_criterion})"


def _period(layout: Layout, column: str) -> str:
    """Return the part of a SUMIFS that leaves the years of a period only."""
    years, first, last = layout.flows("year"), layout.first_year_cell, layout.last_year_cell
    if column == "before":
        return f',{years},"<"&{first}'
    if column == "after":
        return f',{years},">"&{last}'
    return f',{years},">="&{first},{years},"<="&{last}'


def _write_overlaps(page: Page, layout: Layout) -> None:
    row, place = layout.overlap_row, INTERVENTION_COLUMNS.index
    page.number(row, 0, 0, "plain")
    page.text(row, place("title"), _("Overlap: savings that would be counted twice"))
    losses = [
        flow
        for o in layout.appraisal.active_overlaps(layout.allocation.choice)
        for flow in o.flows()
    ]
    for column in MONEY:
        value = _money(layout, tuple(losses), column)
        page.formula(row, place(column), _sum_of(layout, column, address(row, 0)), value)


def _write_total(page: Page, layout: Layout) -> None:
    row, place = layout.total_row, INTERVENTION_COLUMNS.index
    for number in range(len(INTERVENTION_COLUMNS)):
        page.text(row, number, "", "sum_text")
    page.text(row, place("title"), _("In total"), "sum_text")
    whole = layout.own_total
    values: dict[str, Number] = {
        "outlay": layout.allocation.invested,
        "period": whole.budget_period,
        "after": whole.after,
        "discounted": whole.discounted,
    }
    if layout.citizens is not None:
        values["citizens"] = layout.appraisal.measured(layout.allocation.choice, layout.citizens)
    for column, value in values.items():
        above = f"{address(FIRST, place(column))}:{address(row - 1, place(column))}"
        page.formula(row, place(column), f"=SUM({above})", value, "sum")


# --- Purses ---------------------------------------------------------------------------------------

PARTS = ("before", "budget_period", "after", "horizon", "discounted")


def write_purses(page: Page, layout: Layout) -> None:
    """Write what each purse gets: by period, by year; and the discount factors."""
    page.widths(9, 30, 16, 16, 16, 16, 16, 16)
    page.title(
        layout.names["purses"],
        _(
            "Net saving in whole kroner, %(year)s prices; plus is into the purse.",
            year=layout.plan.price_year,
        ),
    )
    page.head(
        [
            *(_("No."), _("Purse"), _("Level"), _("Before the budget period")),
            *(_("In the budget period"), _("After it"), _("In total"), _("Discounted")),
        ],
        freeze=2,
    )
    for payer in layout.plan.payers:
        _write_purse(page, layout, payer)
    row = FIRST + len(layout.plan.payers)
    for column in range(2):
        page.text(row, column, "", "sum_text")
    page.text(row, 1, _("All purses"), "sum_text")
    page.text(row, 2, "", "sum_text")
    totals = layout.allocation.payer_totals.values()
    for place, part in enumerate(PARTS, start=3):
        value = sum((getattr(t, part) for t in totals), Fraction(0))
        above = f"{address(FIRST, place)}:{address(max(FIRST, row - 1), place)}"
        page.formula(row, place, f"=SUM({above})", value, "sum")
    _write_years(page, layout)
    _write_factors(page, layout)


def _write_purse(page: Page, layout: Layout, payer: Payer) -> None:
    number = layout.payer_numbers[payer.id]
    row = FIRST + number - 1
    page.number(row, 0, number, "plain")
    page.text(row, 1, payer.name)
    page.text(row, 2, layout.level_word(payer.level))
    of_one = f"{layout.flows('payer_number')},{address(row, 0)}"
    totals = layout.allocation.payer_totals[payer.id]
    for place, part in enumerate(PARTS, start=3):
        summed = "discounted" if part == "discounted" else "in_plan"
        period = "" if part in {"horizon", "discounted"} else _period(layout, part)
        formula = f"=SUMIFS({layout.flows(summed)},{of_one}{period})"
        page.formula(row, place, formula, getattr(totals, part))


def _write_years(page: Page, layout: Layout) -> None:
    page.row = layout.years_table_row
    page.head([_("No."), _("Purse")])
    for place, year in enumerate(layout.plan.years, start=2):
        page.number(page.row - 1, place, year, "head")
    for payer in layout.plan.payers:
        row, number = page.row, layout.payer_numbers[payer.id]
        page.row += 1
        page.number(row, 0, number, "plain")
        page.text(row, 1, payer.name)
        by_year = layout.appraisal.net_by_year(
            layout.allocation.choice, Selection(payers=frozenset({payer.id}))
        )
        for place, year in enumerate(layout.plan.years, start=2):
            head = str(xl_rowcol_to_cell(layout.years_table_row, place, row_abs=True))
            formula = (
                f"=SUMIFS({layout.flows('in_plan')},{layout.flows('payer_number')},"
                f"{address(row, 0)},{layout.flows('year')},{head})"
            )
            page.formula(row, place, formula, by_year[year])


def _write_factors(page: Page, layout: Layout) -> None:
    page.row = layout.factor_table_row
    page.head([_("Year"), _("Rate"), _("Discount factor")])
    factors, budget_year = layout.appraisal.factors, layout.plan.budget_year
    steps = layout.plan.discount
    for year in layout.factor_years:
        row, after = page.row, year - budget_year
        page.row += 1
        rate = next((s.rate for s in reversed(steps) if s.after_year < after), Fraction(0))
        if after < 0 and steps:
            rate = steps[0].rate
        page.number(row, 0, year, "plain")
        page.number(row, 1, rate, "share")
        factor = factors.by_year[year]
        if after == 0:
            page.number(row, 2, factor, "factor")
            continue
        formula = (
            f"={address(row - 1, 2)}/(1+{address(row, 1)})"
            if after > 0
            else f"={address(row + 1, 2)}*(1+{address(row, 1)})"
        )
        page.formula(row, 2, formula, factor, "factor")


# --- Pools ----------------------------------------------------------------------------------------


def write_pools(page: Page, layout: Layout) -> None:
    """Write every pool year by year, and what each option repays at full scale."""
    page.widths(12, 16, 16, 16, 16)
    page.title(
        layout.names["pools"],
        _("Whole kroner in %(year)s prices.", year=layout.plan.price_year),
    )
    for pool in layout.plan.scenario.pools:
        page.text(page.row, 0, pool.name, "title")
        page.skip()
        _write_pool(page, layout, pool)
        page.skip(2)
    if not layout.plan.scenario.pools:
        page.text(page.row, 0, _("The plan has no pool."))


def _write_pool(page: Page, layout: Layout, pool: InvestmentPool) -> None:
    years = layout.allocation.pools[pool.id]
    if pool.total is not None:
        page.pair(_("In total"), pool.total)
    total = cell(page.name, page.row - 1, 1)
    page.head([_("Year"), _("Paid in"), _("Outlay"), _("Repaid"), _("Balance")])
    first = page.row
    repaying = _repaying(layout, pool)
    repaid_first = first + len(years) + 2
    number = layout.pool_numbers[pool.id]
    outlay_word = quoted(layout.kind_word(FlowKind.OUTLAY))
    for place, year in enumerate(years):
        row = first + place
        page.number(row, 0, year.year, "plain")
        page.number(row, 1, year.paid_in)
        formula = (
            f"=-SUMIFS({layout.flows('in_plan')},{layout.flows('pool_number')},{number},"
            f"{layout.flows('kind')},{outlay_word},{layout.flows('year')},{address(row, 0)})"
        )
        page.formula(row, 2, formula, year.outlay)
        if repaying:
            last = repaid_first + len(repaying) - 1
            scales = f"{address(repaid_first, 2)}:{address(last, 2)}"
            amounts = f"{address(repaid_first, 3 + place)}:{address(last, 3 + place)}"
            page.formula(row, 3, f"=SUMPRODUCT({scales},{amounts})", year.repaid)
        else:
            page.number(row, 3, 0)
        page.formula(row, 4, _balance(pool, row, is_first=place == 0, total=total), year.balance)
    page.row = first + len(years)
    if repaying:
        _write_repayment(page, layout, repaying)


def _balance(pool: InvestmentPool, row: int, *, is_first: bool, total: str) -> str:
    """Return the formula of a pool's balance at the end of a year."""
    moved = f"{address(row, 1)}-{address(row, 2)}+{address(row, 3)}"
    if pool.total is not None:
        before = total if is_first else address(row - 1, 4)
        return f"={before}-{address(row, 2)}"
    if is_first or not pool.carry_over:
        return f"={moved}"
    return f"={address(row - 1, 4)}+{moved}"


Repaying = list[tuple[Intervention, Option, Mapping[int, Fraction]]]


def _repaying(layout: Layout, pool: InvestmentPool) -> Repaying:
    found: Repaying = []
    for key, (i, o) in layout.plan.options.items():
        repaid = layout.appraisal.repaid(key, o, pool)
        if repaid:
            found.append((i, o, repaid))
    return found


def _write_repayment(page: Page, layout: Layout, repaying: Repaying) -> None:
    page.skip()
    years = list(layout.plan.years)
    page.head([_("Repays at full scale"), _("Option"), _("Chosen scale"), *map(str, years)])
    for i, o, repaid in repaying:
        row = page.row
        page.row += 1
        page.text(row, 0, i.id)
        page.text(row, 1, o.id)
        scale = layout.allocation.choice.get(f"{i.id}/{o.id}", Fraction(0))
        page.formula(row, 2, f"={layout.scale_of(i.id, address(row, 1))}", scale, "number")
        for place, year in enumerate(years, start=3):
            page.number(row, place, repaid.get(year, Fraction(0)))


# --- Limits ---------------------------------------------------------------------------------------


def write_limits(page: Page, result: Mapping[str, Any], *, name: str) -> None:
    """Write every limit, pool and relation as our own check found it, each in its own unit."""
    page.widths(70, 8, 18, 18, 18, 18, 12, 18)
    page.title(
        name,
        _("As checked when it was calculated, each in its own unit; these do not follow a change."),
    )
    page.head(
        [
            *(_("Limit"), _("Year"), _("At least"), _("In the plan"), _("At most")),
            *(_("Room"), _("Binds"), _("Broken by")),
        ],
        freeze=1,
    )
    for line in result["rows"]:
        row = page.row
        page.row += 1
        page.text(row, 0, line["label"])
        page.number(row, 1, line["year"], "plain")
        for place, key in ((2, "lower"), (3, "activity"), (4, "upper"), (7, "broken_by")):
            page.number(row, place, line[key], _kind(line[key]))
        if line["slack"] is None:
            continue
        rooms = []
        if line["lower"] is not None:
            rooms.append(f"{address(row, 3)}-{address(row, 2)}")
        if line["upper"] is not None:
            rooms.append(f"{address(row, 4)}-{address(row, 3)}")
        page.formula(row, 5, f"=MIN({','.join(rooms)})", line["slack"], _kind(line["slack"]))
        yes, no = _("yes"), _("no")
        formula = f"=IF({address(row, 5)}<=0,{quoted(yes)},{quoted(no)})"
        page.formula_text(row, 6, formula, yes if line["binding"] else no)


def _kind(value: float | None) -> Any:
    return "money" if value is None or float(value).is_integer() else "number"
