"""The sheets with every cash flow and every measure, each scaled by a formula."""

from fractions import Fraction

from flask_babel import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from optimizer import CashFlow, Intervention, Option
from planner.reports.workbook_layout import FLOW_COLUMNS, MEASURE_COLUMNS, Layout
from planner.reports.workbook_page import FIRST, Page


def _at(row: int, column: str) -> str:
    return str(xl_rowcol_to_cell(row, FLOW_COLUMNS.index(column)))


def write_flows(page: Page, layout: Layout) -> None:
    """Write every flow of every option; those of options that are not chosen count zero times."""
    page.widths(5, 12, 34, 12, 7, 7, 20, 14, 14, 12, 9, 16, 7, 14, 14, 14, 9, 14, 10, 14)
    page.title(
        layout.names["flows"],
        _(
            "Kroner in %(year)s prices; plus is into the purse. Every option is here; what is not"
            " chosen has scale 0.",
            year=layout.plan.price_year,
        ),
    )
    page.head(
        [
            *(_("No."), _("Code"), _("Intervention"), _("Option"), _("Year")),
            *(_("Purse no."), _("Purse"), _("Level"), _("Control category"), _("Kind")),
            *(_("Cashable"), _("Budget line"), _("Pool no."), _("Amount"), _("Low"), _("High")),
            *(_("Chosen scale"), _("Amount in the plan"), _("Discount factor")),
            _("Discounted"),
        ],
        freeze=3,
    )
    row = FIRST
    for i, o, flow in layout.rated_flows:
        scale = layout.scale_of(i.id, _at(row, "option"))
        value = layout.allocation.choice.get(f"{i.id}/{o.id}", Fraction(0))
        _write_head(page, row, layout, i, o)
        _write_flow(page, row, layout, flow, scale=(scale, value))
        row += 1
    for pair, flow in layout.overlap_flows:
        both = ",".join(f'{layout.intervention_cell(i, "option")}<>""' for i in pair)
        value = Fraction(all(i in layout.chosen for i in pair))
        page.number(row, 0, 0, "plain")
        page.text(row, 2, _("Overlap: %(pair)s", pair=" + ".join(pair)))
        page.number(row, FLOW_COLUMNS.index("pool_number"), 0, "plain")
        _write_flow(page, row, layout, flow, scale=(f"IF(AND({both}),1,0)", value))
        row += 1
    page.sheet.autofilter(FIRST - 1, 0, max(FIRST, row - 1), len(FLOW_COLUMNS) - 1)


def _write_head(page: Page, row: int, layout: Layout, i: Intervention, o: Option) -> None:
    page.number(row, 0, layout.numbers[i.id], "plain")
    for column, text in (("intervention", i.id), ("title", i.title), ("option", o.id)):
        page.text(row, FLOW_COLUMNS.index(column), text)
    page.number(
        row, FLOW_COLUMNS.index("pool_number"), layout.pool_numbers.get(o.pool or "", 0), "plain"
    )


def _write_flow(
    page: Page,
    row: int,
    layout: Layout,
    flow: CashFlow,
    *,
    scale: tuple[str, Fraction],
) -> None:
    place = FLOW_COLUMNS.index
    payer = layout.plan.payer_by_id[flow.payer]
    page.number(row, place("year"), flow.year, "plain")
    page.number(row, place("payer_number"), layout.payer_numbers[flow.payer], "plain")
    texts = {
        "payer": payer.name,
        "level": layout.level_word(payer.level),
        "category": flow.category.label.say(layout.language),
        "kind": layout.kind_word(flow.kind),
        "cashable": _("yes") if flow.cashable else _("no"),
        "budget_line": flow.budget_line or "",
    }
    for column, text in texts.items():
        page.text(row, place(column), text)
    for column, amount in (("amount", flow.amount), ("low", flow.low), ("high", flow.high)):
        page.number(row, place(column), amount)
    expression, value = scale
    factor = layout.appraisal.factors.by_year[flow.year]
    page.formula(row, place("scale"), f"={expression}", value, "number")
    in_plan = f"={_at(row, 'amount')}*{_at(row, 'scale')}"
    page.formula(row, place("in_plan"), in_plan, flow.amount * value)
    page.formula(row, place("factor"), f"={layout.factor_cell(flow.year)}", factor, "factor")
    page.formula(
        row,
        place("discounted"),
        f"={_at(row, 'in_plan')}*{_at(row, 'factor')}",
        flow.amount * value * factor,
    )


def write_measures(page: Page, layout: Layout) -> None:
    """Write every measure of every option, such as citizens and hours."""
    page.widths(5, 12, 14, 24, 9, 16, 10, 16)
    page.title(layout.names["measures"], _("Quantities that are not money, each in its own unit."))
    page.head(
        [
            *(_("No."), _("Code"), _("Option"), _("Measure"), _("Year")),
            *(_("Amount"), _("Chosen scale"), _("Amount in the plan")),
        ],
        freeze=3,
    )
    row = FIRST
    for i in layout.plan.interventions:
        for o in i.options:
            for name, measure in sorted(o.measures.items()):
                years = measure.by_year
                for year, value in (years if years is not None else {0: measure.total}).items():
                    _write_measure(page, row, layout, (i, o, name), year=year or None, value=value)
                    row += 1


def _write_measure(
    page: Page,
    row: int,
    layout: Layout,
    what: tuple[Intervention, Option, str],
    *,
    year: int | None,
    value: Fraction,
) -> None:
    i, o, name = what
    place = MEASURE_COLUMNS.index

    def at(column: str) -> str:
        return str(xl_rowcol_to_cell(row, place(column)))

    page.number(row, place("number"), layout.numbers[i.id], "plain")
    for column, text in (("intervention", i.id), ("option", o.id), ("measure", name)):
        page.text(row, place(column), text)
    if year is None:
        page.text(row, place("year"), _("in total"))
    else:
        page.number(row, place("year"), year, "plain")
    scale = layout.allocation.choice.get(f"{i.id}/{o.id}", Fraction(0))
    page.number(row, place("value"), value, "number")
    page.formula(row, place("scale"), f"={layout.scale_of(i.id, at('option'))}", scale, "number")
    page.formula(row, place("in_plan"), f"={at('value')}*{at('scale')}", value * scale, "number")
