"""The two steps that are grids: costs and savings by year, and measures."""

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, redirect, request
from flask_babel import gettext as _
from markupsafe import Markup

from optimizer import Category, FlowKind
from optimizer.case_figures import CaseFigures
from planner import formats
from planner.formats import Language, reader_language
from planner.forms.flow_grid import FlowGrid, LineValues, written
from planner.forms.measure_grid import MeasureGrid, MeasureValues
from planner.model.states import Category as StoredCategory
from planner.model.states import FlowKind as StoredKind
from planner.model.states import Origin
from planner.reports import interventions as report
from planner.reports.values import Table
from planner.services.case_plan import direct_flows, direct_measures, lines_from, years_offered
from planner.services.cases import CaseData, FlowData, MeasureData, OptionData
from planner.views.intervention_page import figures_of, line_detail, line_name
from planner.views.intervention_steps import (
    Answer,
    Clash,
    Draft,
    place_in,
    step_page,
    store,
    wish,
)

DIRECT = Origin.DIRECT


def _no_option(draft: Draft) -> Answer:
    flash(_("Add an option first."), "warning")
    return redirect(draft.address("options"), 303)


def _option_tabs(draft: Draft, current: OptionData) -> list[tuple[str, str, bool]]:
    if len(draft.data.options) < 2:  # noqa: PLR2004 - one is no choice
        return []
    return [
        (
            report.option_name(option.title, place),
            draft.address(draft.step, option.key),
            option.key == current.key,
        )
        for place, option in enumerate(draft.data.options)
    ]


def _with_option(data: CaseData, option: OptionData) -> CaseData:
    return replace(data, options=tuple(option if o.key == option.key else o for o in data.options))


# --- Costs and savings ----------------------------------------------------------------------------


def flows(draft: Draft) -> Answer:
    """Show or save the money of one option."""
    option = draft.option()
    if option is None:
        return _no_option(draft)
    years = years_offered(draft.strategy, draft.data)
    payers = [(payer.key, payer.name) for payer in draft.strategy.payers]
    if request.method == "GET":
        grid = FlowGrid.of_values(_stored_lines(_direct(option)), years=years, payers=payers)
        if not grid.lines:
            grid.add("outlay")
            grid.add("saving")
        return _flow_page(draft, option, grid)
    grid = FlowGrid.of_form(request.form.items(multi=True), years=years, payers=payers)
    asked = wish()
    dropped = place_in(asked, "drop")
    if asked.startswith("add") or dropped is not None:
        if dropped is None:
            grid.add(asked.partition("-")[2])
        else:
            grid.drop(dropped)
        return _flow_page(draft, option, grid, reading=False, is_longer=dropped is None)
    values = grid.read()
    if grid.errors:
        return _flow_page(draft, option, grid, key=request.form.get("_key")), 422
    changed = _with_flows(option, _flow_data(values, draft.strategy.budget_year))
    return store(
        draft,
        _with_option(draft.data, changed),
        fields=("options",),
        again=lambda clash: _flow_page(draft, option, grid, clash=clash),
        option=option.key,
    )


def _direct(option: OptionData) -> OptionData:
    """Return the option with what was typed in it, without what is computed."""
    return replace(option, flows=direct_flows(option), measures=direct_measures(option))


def _with_flows(option: OptionData, direct: Sequence[FlowData]) -> OptionData:
    """Return the option with other direct flows, and its computed ones as they are."""
    computed = (flow for flow in option.flows if flow.origin is Origin.COMPUTED)
    return replace(option, flows=(*direct, *computed))


def _stored_lines(option: OptionData) -> list[LineValues]:
    return [
        LineValues(
            text=line.text,
            payer=line.payer,
            category=str(line.category),
            kind=str(line.kind),
            cashable=line.cashable,
            budget_line=line.budget_line,
            amounts={
                flow.year: (
                    flow.amount,
                    None if flow.low == flow.amount else flow.low,
                    None if flow.high == flow.amount else flow.high,
                )
                for flow in line.flows
            },
        )
        for line in lines_from(option)
    ]


def _flow_data(lines: Sequence[LineValues], budget_year: int) -> tuple[FlowData, ...]:
    """Return the flows of the lines; a line without amounts keeps its words with a zero."""
    found = []
    for line in lines:
        amounts = {year: a for year, a in line.amounts.items() if a[0] or a[1:] != (None, None)}
        found += [
            FlowData(
                year=year,
                payer=line.payer,
                category=StoredCategory(line.category),
                kind=StoredKind(line.kind),
                amount=amount,
                low=low,
                high=high,
                cashable=line.cashable,
                budget_line=line.budget_line,
                line=line.text,
            )
            for year, (amount, low, high) in (amounts or {budget_year: (0, None, None)}).items()
        ]
    return tuple(found)


def _flow_page(
    draft: Draft,
    option: OptionData,
    grid: FlowGrid,
    *,
    clash: Clash | None = None,
    key: str | None = None,
    reading: bool = True,
    is_longer: bool = False,
) -> str:
    language = reader_language()
    values = grid.read()
    if not reading:
        grid.errors = []
        for line in grid.lines:
            line.errors = {}
    budget_year = draft.strategy.budget_year
    typed = _with_flows(option, _flow_data(values, budget_year))
    return step_page(
        draft,
        errors=grid.errors,
        clash=clash,
        key=key,
        theirs=_stored_table(draft, option, language) if clash is not None else None,
        option=option,
        tabs=_option_tabs(draft, option),
        grid=grid,
        rows=[
            _row(grid, place, language) | {"is_new": is_longer and place == len(grid.lines) - 1}
            for place in range(len(grid.lines))
        ],
        sums={year: _sum_text(grid.sum_in(year)) for year in grid.years},
        total=_sum_text(grid.total()),
        budget_years=list(draft.strategy.budget_period),
        choices=_choices(grid, language),
        preview=_preview(draft, typed, language),
    )


def _row(grid: FlowGrid, place: int, language: Language) -> dict[str, object]:
    line = grid.lines[place]
    known = dict(grid.payers)
    kinds, categories = set(FlowKind), set(Category)
    return {
        "line": line,
        "name": grid.name_of(place),
        "prefix": f"line-{place}",
        "words": report.line_words(
            kind=line.kind if line.kind in kinds else str(FlowKind.SAVING),
            payer=known.get(line.payer, ""),
            category=line.category if line.category in categories else str(Category.SERVICE),
            cashable=line.cashable,
            budget_line=line.budget_line,
            language=language,
        ),
        "is_open": line.is_open or bool({"payer", "category", "kind", "budget"} & set(line.errors)),
        "sum": _sum_text(grid.sum_of(place)),
        "sum_low": _sum_text(grid.sum_of(place, "low")),
        "sum_high": _sum_text(grid.sum_of(place, "high")),
    }


def _sum_text(amount: int | None) -> str | Markup:
    return _("missing") if amount is None else written(amount)


def _choices(grid: FlowGrid, language: Language) -> dict[str, list[tuple[str, str]]]:
    return {
        "kind": [(str(kind), kind.label.say(language)) for kind in FlowKind],
        "payer": grid.payers,
        "category": [(str(c), c.label.say(language)) for c in Category],
    }


def _preview(draft: Draft, option: OptionData, language: Language) -> dict[str, object] | None:
    """Return how the option looks with what can be read of the typed amounts."""
    data = _with_option(draft.data, option)
    every = figures_of(draft.strategy, data, draft.view.intervention.key)
    place = [o.key for o in data.options].index(option.key)
    figures = every[place]
    if not figures.has_money:
        return None
    return {
        "sentence": report.summary_sentence(figures, language=language),
        "facts": _preview_facts(figures, language),
    }


def _preview_facts(figures: CaseFigures, language: Language) -> list[tuple[str, str]]:
    period, after = report.period_words(figures.appraisal.plan, language)
    facts = [(period, figures.budget_period), (_("Present value"), figures.npv)]
    if after:
        facts.insert(1, (after, figures.after))
    return [(word, formats.million_change(amount, language=language)) for word, amount in facts]


def _stored_table(draft: Draft, option: OptionData, language: Language) -> Table | None:
    """Return what somebody else has stored, to be read beside one's own text."""
    figures = {f.option.id: f for f in figures_of(draft.strategy, draft.data, "theirs")}
    lines = [
        report.YearLine(
            text=line_name(line, language),
            detail=line_detail(line, language),
            payer=line.payer,
            category=line.category,
            flows=line.flows,
        )
        for line in lines_from(option)
    ]
    if not lines:
        return None
    return report.flow_table(figures[option.key].appraisal, lines, language=language)


# --- Measures -------------------------------------------------------------------------------------


def measures(draft: Draft) -> Answer:
    """Show or save the measures of one option."""
    option = draft.option()
    if option is None:
        return _no_option(draft)
    years = years_offered(draft.strategy, draft.data)
    if request.method == "GET":
        grid = MeasureGrid.of_values(_stored_measures(_direct(option)), years=years)
        if not grid.lines and not option.measures:
            grid.add("citizens" if reader_language() == "en" else "borgere")
        return _measure_page(draft, option, grid)
    grid = MeasureGrid.of_form(request.form.items(multi=True), years=years)
    dropped = place_in(wish(), "drop")
    if wish() == "add" or dropped is not None:
        if dropped is None:
            grid.add()
        else:
            grid.drop(dropped)
        return _measure_page(draft, option, grid)
    values = grid.read()
    if grid.errors:
        return _measure_page(draft, option, grid, key=request.form.get("_key")), 422
    changed = replace(option, measures=_measure_data(values))
    return store(
        draft,
        _with_option(draft.data, changed),
        fields=("options",),
        again=lambda clash: _measure_page(draft, option, grid, clash=clash),
        option=option.key,
    )


def _stored_measures(option: OptionData) -> list[MeasureValues]:
    names = dict.fromkeys(measure.name for measure in option.measures)
    return [
        MeasureValues(
            name,
            next((m.value for m in option.measures if m.name == name and m.year is None), None),
            {m.year: m.value for m in option.measures if m.name == name and m.year is not None},
        )
        for name in names
    ]


def _measure_data(values: Sequence[MeasureValues]) -> tuple[MeasureData, ...]:
    found = []
    for value in values:
        if value.total is not None:
            found.append(MeasureData(name=value.name, value=value.total))
        found += [
            MeasureData(name=value.name, value=amount, year=year)
            for year, amount in value.by_year.items()
        ]
    return tuple(found)


def _measure_page(
    draft: Draft,
    option: OptionData,
    grid: MeasureGrid,
    *,
    clash: Clash | None = None,
    key: str | None = None,
) -> str:
    return step_page(
        draft,
        errors=grid.errors,
        clash=clash,
        key=key,
        option=option,
        tabs=_option_tabs(draft, option),
        grid=grid,
        computed=_stored_measure_words(
            replace(option, measures=tuple(m for m in option.measures if m.origin is not DIRECT))
        ),
        theirs=_stored_measure_words(option) if clash is not None else [],
        budget_years=list(draft.strategy.budget_period),
    )


def _stored_measure_words(option: OptionData) -> list[str]:
    return [
        f"{m.name}{f' {m.year}' if m.year else ''}: {formats.measure(m.value)}"
        for m in option.measures
    ]
