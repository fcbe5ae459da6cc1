"""The page that shows a case recalculated, old against new, and stores it when asked to."""

from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from optimizer.cases import CaseError, CaseErrors
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import Language, reader_language
from planner.model import ShelfVersionRecord
from planner.model.states import CaseState
from planner.reports import argument as told
from planner.reports import recalculation as report
from planner.reports.interventions import option_name
from planner.reports.shelf import headline
from planner.reports.values import Table
from planner.services.intervention_list import InterventionView
from planner.services.interventions import get_intervention
from planner.services.recalculation import Renewal, both_judged, renewal_of
from planner.services.recalculation import recalculate as store
from planner.services.rounds import lock_of
from planner.views.intervention_actions import may, seen_version
from planner.views.intervention_list import price_note
from planner.views.rounds import locked_words

Answer = str | Response | tuple[str, int]


def recalculate(code: str) -> Answer:
    """Show the newest version recalculated; a POST stores it as a draft."""
    view = get_intervention(db.session, code, actor=me())
    if request.method == "GET":
        return _page(view)
    if not allowed(me(), "save", view.current):
        may(view, "new_draft")
    if view.current.typed:
        return _page(view), 422
    try:
        draft = store(db.session, view.current, by=me(), now=now(), seen_version=seen_version())
    except (CaseErrors, CaseError):
        return _page(view), 422
    flash(
        _("Recalculated. Version %(number)d is a draft; look it over and submit it.",
          number=draft.number),
        "success",
    )  # fmt: skip
    return redirect(url_for("interventions.show", code=code), 303)


def _page(view: InterventionView) -> str:
    language, strategy = reader_language(), view.intervention.strategy
    problems: list[str] = []
    renewal = None
    try:
        renewal = renewal_of(db.session, view.current)
    except CaseErrors as wrong:
        problems = [error.message.say(language) for error in wrong.errors]
    except CaseError as wrong:
        problems = [wrong.message.say(language)]
    changes = renewal is not None and renewal.changes_anything
    return render_template(
        "interventions/recalculate.html",
        view=view,
        problems=problems,
        changes=changes,
        entries=_entry_table(renewal, language) if renewal and renewal.entries else None,
        flows=_flow_table(renewal, view) if renewal and changes else None,
        figures=_figure_tables(renewal, view, language) if renewal and changes else [],
        hindrance=_hindrance(view),
        stores_in=_stores_in(view),
        key=str(uuid4()),
        price_note=price_note(strategy),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (view.current.title, url_for("interventions.show", code=view.intervention.code)),
            (_("Recalculate"), None),
        ],
    )


def _hindrance(view: InterventionView) -> str:
    """Say why the reader cannot store it; nothing where they can."""
    case = view.current
    locked_by = lock_of(view.intervention, now=now())
    if case.typed:
        return _("Some steps of the draft are not filled in to the end. Finish them first.")
    if allowed(me(), "save", case) or allowed(me(), "new_draft", case):
        return "" if locked_by is None else locked_words(locked_by)
    if case.state is CaseState.SUBMITTED:
        return _("Finance is assessing this version. It can be recalculated when it is decided.")
    return _("The department that owns the case stores it.")


def _stores_in(view: InterventionView) -> str:
    case = view.current
    if case.state is CaseState.DRAFT:
        return _("It is stored in the draft, version %(number)d.", number=case.number)
    return _(
        "It is stored as a new draft; version %(number)d keeps what it has, and so do the scenarios"
        " that use it.",
        number=case.number,
    )


# --- Tables ---------------------------------------------------------------------------------------


def _entry_table(renewal: Renewal, language: Language) -> Table:
    changes = []
    for used, newest in renewal.entries:
        pair: dict[str, Any] = {"from": used.number, "to": newest.number}
        href = url_for("library.show", code=used.entry.key, **pair)
        said = _said(used, language), _said(newest, language)
        changes.append(report.EntryChange(used.entry.title, href, *said))
    return report.entry_table(changes)


def _said(version: ShelfVersionRecord, language: Language) -> str:
    words = headline(version.says, language=language)
    return _("Version %(number)d: %(words)s", number=version.number, words=words)


def _names(renewal: Renewal) -> dict[str, str]:
    """Return what each option is called; empty where there is one."""
    options = renewal.new.options
    if len(options) < 2:  # noqa: PLR2004 - one needs no name
        return {}
    return {o.key: option_name(o.title, place) for place, o in enumerate(options)}


def _flow_table(renewal: Renewal, view: InterventionView) -> Table:
    strategy = view.intervention.strategy
    payers, names = {p.key: p.name for p in strategy.payers}, _names(renewal)
    flows = [
        report.FlowChange(
            line=flow.line,
            where=" · ".join(
                part for part in (payers[flow.payer], names.get(flow.option, "")) if part
            ),
            year=flow.year,
            before=flow.before,
            after=flow.after,
        )
        for flow in renewal.flows
    ]
    return report.flow_change_table(flows, price_year=strategy.price_year)


def _figure_tables(renewal: Renewal, view: InterventionView, language: Language) -> list[Table]:
    names, tables = _names(renewal), []
    for option in renewal.new.options:
        both = both_judged(renewal, option.key, view.intervention.strategy)
        if both is None or not all(judged.flows for judged in both):
            continue
        before, after = (
            told.figure_table(judged.figures, judged.sums, language=language) for judged in both
        )
        title = names.get(option.key, "")
        tables.append(report.figure_change_table(before, after, title=title))
    return tables
