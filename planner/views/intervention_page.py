"""The page of one intervention: its case as one version and option of it stand."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from uuid import uuid4

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Option
from optimizer.appraisal import Appraisal
from optimizer.case_figures import CaseFigures, later, own_payers, payer_figures, weaker
from optimizer.financing import settled
from optimizer.sentence import listing
from planner import formats
from planner.access import INSIDERS, allowed
from planner.extensions import db, me
from planner.formats import Language, reader_language
from planner.model import CaseRecord, PersonRecord, StrategyRecord
from planner.reports import contracts
from planner.reports import intervention_charts as pictures
from planner.reports import interventions as report
from planner.services.acceptances import counted_data
from planner.services.case_plan import FlowLine, intervention_from, lines_from, plan_of
from planner.services.cases import CaseData
from planner.services.intervention_list import InterventionView
from planner.services.intervention_page import scenario_uses
from planner.services.interventions import get_intervention
from planner.services.overlaps import SharedLine, shared_lines
from planner.views import intervention_margin as margin
from planner.views.attachments import shown_files
from planner.views.comments import comment_part
from planner.views.intervention_calculation import of_argument
from planner.views.intervention_list import price_note
from planner.views.overlaps import pointed_out
from planner.views.owners import shown_lines
from planner.views.road import road_aside
from planner.views.shelf_flags import remarks as shelf_remarks

HALF = Fraction(1, 2)
WHAT_IFS = ("", "half", "late", "both")


@dataclass(frozen=True, slots=True)
class Shown:
    """Which version, option and what-if the page shows, with its figures.

    Parameters
    ----------
    written : Option or None
        The option without what its contract pays among its flows.
    """

    case: CaseRecord
    data: CaseData
    place: int
    what: str
    every: list[CaseFigures]
    written: Option | None
    figures: CaseFigures | None
    lines: list[FlowLine]


def show(code: str) -> str:
    """Show one intervention; ``version``, ``option`` and ``what`` in the address choose."""
    person, language = me(), reader_language()
    view = get_intervention(db.session, code, actor=person)
    shown = _shown(view)
    strategy = view.intervention.strategy
    shared = _shared_with(person, view)
    values = {
        "view": view,
        "shown": shown,
        "strategy": strategy,
        "state": margin.state_of(view, shown.case),
        "actions": margin.actions(person, view),
        "crumbs": margin.crumbs(view, shown.case),
        "detail": margin.detail(view, shown.case, language),
        "warnings": margin.warnings(view, shown.case, language)
        + shelf_remarks(view, shown.case)
        + _left_out_warning(shown, language)
        + _counted_twice_warning(shared, code, language)
        + _what_if_warning(shown),
        "tabs": _option_tabs(shown),
        "may_duplicate": allowed(person, "duplicate", view.current),
        "copy_key": str(uuid4()),
        "files": shown_files(view, shown.case),
        **comment_part(view),
        **_owners(person, view, shown.case, language),
        "road_aside": road_aside(person, view, language, names=margin.is_insider(person, view)),
        "round_aside": margin.round_aside(person, view),
        "facts": margin.facts(view, shown.case),
        "next": margin.next_words(person, view, shown.case),
        "road": margin.road(shown.case),
        "ticks": margin.ticks(person, view),
        "uses": margin.uses(scenario_uses(db.session, view, actor=person), person),
        **_overlaps(person, view, shared, language),
        "history": margin.history(person, view),
        "versions": margin.versions(view),
        "stars_words": formats.stars_in_words(shown.case.evidence_stars, language=language),
        "edit_url": margin.editing(person, view),
        "price_note": price_note(strategy),
    }
    if shown.figures is not None:
        values |= _figures(shown, shown.figures, language)
        if shown.figures.has_money and not shown.what:
            source = _("Bundlinje, business case version %(number)d", number=shown.case.number)
            option = shown.data.options[shown.place]
            values |= of_argument(shown.case, shown.data, option, source, language)
    values["calculation_url"] = url_for(
        "interventions.calculation",
        code=code,
        version=request.args.get("version"),
        option=request.args.get("option"),
    )
    return render_template("interventions/show.html", **values)


def _overlaps(
    person: PersonRecord, view: InterventionView, shared: list[SharedLine], language: Language
) -> dict[str, Any]:
    """Return the overlaps that are declared, and those that are only pointed out."""
    declared = margin.overlaps(view, person, language)
    words = ngettext("%(num)s declared", "%(num)s declared", len(declared))
    if shared and not declared:
        words = ngettext("%(num)s to look at", "%(num)s to look at", len(shared))
    return {
        "overlaps": declared,
        "shared": [pointed_out(pair, person, on=view.intervention.code) for pair in shared],
        "overlap_words": words if shared or declared else _("none declared"),
    }


def _counted_twice_warning(
    shared: list[SharedLine], code: str, language: Language
) -> list[margin.Remark]:
    """Warn of those that no scenario says anything of, as far as the reader can see."""
    others = [p.other_than(code).title for p in shared if not p.declared_in and not p.apart_in]
    if not others:
        return []
    text = _(
        "Its savings may be counted twice: the same target group and budget line as %(others)s.",
        others=listing(others).say(language),
    )
    return [margin.Remark(text, "warn", "#overlaps", _("See the overlaps"))]


def _shared_with(person: PersonRecord, view: InterventionView) -> list[SharedLine]:
    """Return the candidates that may save the same kroner, for those who make and assess cases."""
    if not person.role_names & INSIDERS:
        return []
    intervention = view.intervention
    return shared_lines(db.session, intervention.strategy, actor=person, code=intervention.code)


def _owners(
    person: PersonRecord, view: InterventionView, case: CaseRecord, language: Language
) -> dict[str, Any]:
    """Return the saving lines with their owners; they name people, so only for insiders."""
    if not margin.is_insider(person, view):
        return {"owner_lines": None, "owner_words": ""}
    lines = shown_lines(case, person, language)
    accepted = sum(bool(line.accepted) for line in lines)
    words = ngettext(
        "%(accepted)d of %(num)s line accepted",
        "%(accepted)d of %(num)s lines accepted",
        len(lines),
        accepted=accepted,
    )
    return {"owner_lines": lines, "owner_words": words}


# --- What is shown --------------------------------------------------------------------------------


def _shown(view: InterventionView) -> Shown:
    asked = request.args.get("version", type=int)
    case = next((c for c in view.cases if c.number == asked), view.current)
    data = counted_data(case)
    keys = [option.key for option in data.options]
    key = request.args.get("option", "")
    place = keys.index(key) if key in keys else 0
    what = request.args.get("what", "")
    what = what if what in WHAT_IFS else ""
    every = figures_of(view.intervention.strategy, data, view.intervention.key)
    if not every:
        return Shown(case, data, place, what, every, None, None, [])
    plan = every[place].appraisal.plan
    written = plan.interventions[0].options[place]
    written = _otherwise(written, what, last_year=plan.horizon[1])
    figures = replace(every[place], option=settled(written))
    return Shown(case, data, place, what, every, written, figures, lines_from(data.options[place]))


def figures_of(strategy: StrategyRecord, data: CaseData, key: str) -> list[CaseFigures]:
    """Return the figures of every option of a case, as the municipality's purse sees them.

    What an outcome contract pays for the expected saving is one of the option's flows.
    """
    plan = plan_of(strategy, [intervention_from(data, key=key, department="")])
    appraisal, payers = Appraisal(plan), own_payers(plan.payers)
    return [
        CaseFigures(appraisal, settled(option), payers) for option in plan.interventions[0].options
    ]


def _otherwise(option: Option, what: str, *, last_year: int) -> Option:
    """Return the option as it would be if it went otherwise."""
    if what in {"half", "both"}:
        option = weaker(option, HALF)
    if what in {"late", "both"}:
        option = later(option, 1, last_year)
    return option


def _figures(shown: Shown, figures: CaseFigures, language: Language) -> dict[str, object]:
    appraisal = figures.appraisal
    source = _("Bundlinje, business case version %(number)d", number=shown.case.number)
    has_flows = bool(figures.option.flows)
    return {
        "sentence": report.summary_sentence(figures, language=language),
        "strip": report.key_figures(figures, language=language) if has_flows else [],
        "money": pictures.money_chart(figures, source=source, language=language)
        if has_flows
        else None,
        "cumulative": pictures.cumulative_chart(figures, source=source, language=language)
        if figures.has_money
        else None,
        "payers": report.payer_table(
            payer_figures(appraisal, figures.option), appraisal.plan, language=language
        ),
        "flows": report.flow_table(
            appraisal, _year_lines(shown, figures, language), language=language
        ),
        "contract": _contract(shown, figures, language),
        "flows_words": _flows_words(figures, language),
        "measures": report.measure_table(figures) if figures.option.measures else None,
        "options": report.option_table(
            shown.every,
            [_here(option=o.option.id, what=None) for o in shown.every],
            current=shown.place,
        )
        if len(shown.every) > 1
        else None,
        "measure_words": report.measure_words(figures, language=language),
        "uncertainty": pictures.uncertainty_words(figures, language=language),
        "what_ifs": _what_ifs(shown),
    }


def _contract(
    shown: Shown, figures: CaseFigures, language: Language
) -> contracts.ContractReport | None:
    """Return what the option's contract pays, beside the first option that has none."""
    if shown.written is None or shown.written.contract is None:
        return None
    options = figures.appraisal.plan.interventions[0].options
    last_year = figures.appraisal.plan.horizon[1]
    own = next(
        (
            contracts.OwnFinancing(
                report.option_name(option.title, place),
                replace(figures, option=_otherwise(option, shown.what, last_year=last_year)),
            )
            for place, option in enumerate(options)
            if option.contract is None
        ),
        None,
    )
    return contracts.contract_report(shown.written, figures, own, language=language)


def _payment_line(shown: Shown, figures: CaseFigures, language: Language) -> report.YearLine | None:
    terms = None if shown.written is None else shown.written.contract
    if terms is None:
        return None
    paid = figures.option.flows[-1]
    detail = (report.kind_word(paid.kind, language), paid.category.label.say(language).lower())
    return report.YearLine(
        _("Payment under the contract"), " · ".join(detail), paid.payer, paid.category, (paid,)
    )


def _year_lines(shown: Shown, figures: CaseFigures, language: Language) -> list[report.YearLine]:
    payment = _payment_line(shown, figures, language)
    return _written_lines(shown, figures, language) + ([] if payment is None else [payment])


def _written_lines(shown: Shown, figures: CaseFigures, language: Language) -> list[report.YearLine]:
    last_year = figures.appraisal.plan.horizon[1]
    return [
        report.YearLine(
            text=line_name(line, language),
            detail=line_detail(line, language),
            payer=line.payer,
            category=line.category,
            flows=_otherwise(
                replace(figures.option, flows=line.flows), shown.what, last_year=last_year
            ).flows,
        )
        for line in shown.lines
    ]


def line_name(line: FlowLine, language: Language) -> str:
    """Return what a line is called: its text, else its budget line, else its kind."""
    kind = report.kind_word(line.kind, language)
    is_told = line.text and line.text.casefold() != line.kind.label.da.casefold()
    return line.text if is_told else line.budget_line or kind


def line_detail(line: FlowLine, language: Language) -> str:
    """Return kind, category, cashability and budget line of a line in a few words."""
    words = [report.kind_word(line.kind, language), line.category.label.say(language).lower()]
    if line.kind == "saving":
        words.append(_("cashable") if line.cashable else _("not cashable"))
    if line.budget_line and line.budget_line != line_name(line, language):
        words.append(line.budget_line)
    return " · ".join(words)


def _flows_words(figures: CaseFigures, language: Language) -> str:
    return _(
        "%(saved)s saved, of which %(cashable)s is cashable",
        saved=formats.say_million(figures.saved, language=language),
        cashable=formats.say_million(figures.cashable, language=language),
    )


def _here(**changes: str | None) -> str:
    asked: dict[str, str | None] = {
        name: request.args.get(name) for name in ("version", "option", "what")
    }
    code = (request.view_args or {})["code"]
    values: dict[str, Any] = {name: value for name, value in (asked | changes).items() if value}
    return url_for("interventions.show", code=code, **values)


def _option_tabs(shown: Shown) -> list[tuple[str, str, bool]]:
    if len(shown.data.options) < 2:  # noqa: PLR2004 - one is no choice
        return []
    return [
        (report.option_name(option.title, place), _here(option=option.key), place == shown.place)
        for place, option in enumerate(shown.data.options)
    ]


def _what_ifs(shown: Shown) -> list[tuple[str, str, bool]]:
    words = {
        "": _("as expected"),
        "half": _("half the effect"),
        "late": _("the effect one year later"),
        "both": _("half the effect, one year later"),
    }
    return [(word, _here(what=what or None), what == shown.what) for what, word in words.items()]


def _left_out_warning(shown: Shown, language: Language) -> list[margin.Remark]:
    """Say that some amounts lie outside the strategy's years, so that no figure counts them."""
    if shown.figures is None:
        return []
    first, last = shown.figures.appraisal.plan.horizon
    flows = shown.data.options[shown.place].flows
    outside = {flow.year for flow in flows if not first <= flow.year <= last and flow.amount}
    if not outside:
        return []
    text = _(
        "The shown years are %(shown)s. Amounts outside them, in %(outside)s, are not counted.",
        shown=formats.years(first, last, language=language),
        outside=formats.years(min(outside), max(outside), language=language),
    )
    return [margin.Remark(text, "calm")]


def _what_if_warning(shown: Shown) -> list[margin.Remark]:
    if not shown.what:
        return []
    text = _("A what-if: the figures on this page are not those of the case. Nothing is stored.")
    return [margin.Remark(text, "warn", _here(what=None), _("Back to what is expected"))]
