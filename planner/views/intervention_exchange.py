"""Candidates as a workbook out, and a workbook in: looked at first, stored when one says so."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from optimizer import FlowKind
from planner import formats
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.exchange import WorkbookStoreForm, WorkbookUploadForm
from planner.model import StrategyRecord
from planner.reports.case_workbook import CaseWorkbook, case_workbook
from planner.reports.intervention_words import field_word
from planner.reports.values import Cell, Column, Row, Table
from planner.services import case_exchange
from planner.services.case_differences import Difference
from planner.services.case_exchange import (
    CaseAction,
    ChangedSinceError,
    JudgedCandidate,
    JudgedCases,
)
from planner.services.case_plan import direct_flows, grouped_flows, years_offered
from planner.services.case_rows import years_in
from planner.services.cases import CaseData, case_data
from planner.services.strategies import get_strategy
from planner.services.workbook_reading import BookError
from planner.views.workbook_parts import MOST_SHOWN, fault_table, workbook_answer
from planner.words import state as state_word

REFUSED = 422
CHANGED = 409
STATES = ("draft", "submitted", "returned", "accepted", "withdrawn")
LONGEST_SHOWN = 160
MOST_DIFFERENCES = 300


# --- Out ------------------------------------------------------------------------------------------


def workbook() -> Response:
    """Download every candidate that the reader may see, to be changed and read in again."""
    strategy = _strategy()
    cases = case_exchange.cases_seen(db.session, strategy, actor=me())
    words = {state: str(state_word(f"case.{state}").label) for state in STATES}
    rows = case_exchange.rows_out(cases, words)
    years = {year for case in cases.values() for year in years_in(case_data(case))}
    return _book(strategy, rows, years, f"candidates-{strategy.id}")


def template() -> Response:
    """Download the workbook without candidates."""
    strategy = _strategy()
    return _book(strategy, {}, set(), f"candidates-template-{strategy.id}")


def _strategy() -> StrategyRecord:
    return get_strategy(db.session, request.args.get("strategy", type=int))


def _book(strategy: StrategyRecord, rows: Any, years: set[int], what: str) -> Response:
    source = CaseWorkbook(
        strategy_id=strategy.id,
        title=strategy.title,
        price_year=strategy.price_year,
        years=sorted({*years_offered(strategy, CaseData(title="")), *years}),
        lists=case_exchange.lists_for(strategy),
        rows=rows,
    )
    return workbook_answer(case_workbook(source, language=reader_language()), what)


# --- In -------------------------------------------------------------------------------------------


def upload() -> str:
    """Ask for a workbook."""
    return _upload_page(WorkbookUploadForm())


def _upload_page(form: WorkbookUploadForm) -> str:
    strategy = request.args.get("strategy", type=int)
    return render_template("interventions/import.html", form=form, asked=strategy)


def preview() -> tuple[str, int]:
    """Show every row of the workbook, accepted or refused; store nothing."""
    file = request.files.get("book")
    try:
        judged = case_exchange.read_book(db.session, file.read() if file else b"", by=me())
    except BookError as error:
        return _refused(error)
    return _preview_page(judged), REFUSED if judged.faults else 200


def store() -> AnyResponse | tuple[str, int]:
    """Store every accepted candidate as drafts, or none."""
    form = WorkbookStoreForm()
    try:
        stored = case_exchange.store_book(db.session, form.packed.data or "", by=me(), now=now())
    except BookError as error:
        return _refused(error)
    except ChangedSinceError as error:
        return _preview_page(error.judged, is_late=True), CHANGED
    flash(
        ngettext(
            "%(num)d intervention is stored as a draft.",
            "%(num)d interventions are stored as drafts.",
            len(stored),
        ),
        "success",
    )
    return redirect(url_for("interventions.index"), 303)


def _refused(error: BookError) -> tuple[str, int]:
    form = WorkbookUploadForm(formdata=None)
    form.book.errors = [error.message.say(reader_language())]
    return _upload_page(form), REFUSED


def _preview_page(judged: JudgedCases, *, is_late: bool = False) -> str:
    changes = judged.changes
    changed = [one for one in changes if one.case is not None]
    rows = [(one, d) for one in changed for d in one.differences]
    return render_template(
        "interventions/import_preview.html",
        form=WorkbookStoreForm(formdata=None, packed=judged.packed),
        is_late=is_late,
        strategy=judged.strategy,
        counts=_counts(judged),
        accepted=_accepted_table(judged) if changes else None,
        changes=_difference_table(rows[:MOST_DIFFERENCES], judged) if rows else None,
        more_changes=max(0, len(rows) - MOST_DIFFERENCES),
        faults=fault_table(judged.faults),
        more=max(0, len(judged.faults) - MOST_SHOWN),
        refused=judged.refused,
        store=ngettext("Store %(num)d draft", "Store %(num)d drafts", len(changes)),
    )


def _counts(judged: JudgedCases) -> list[tuple[str, str]]:
    return [
        (_("New interventions"), str(len(judged.of(CaseAction.NEW)))),
        (_("Changed drafts"), str(len(judged.of(CaseAction.CHANGED)))),
        (_("New versions"), str(len(judged.of(CaseAction.NEW_DRAFT)))),
        (_("Unchanged"), str(len(judged.of(CaseAction.SAME)))),
        (_("Refused interventions"), str(judged.refused)),
    ]


def _accepted_table(judged: JudgedCases) -> Table:
    names = {d.key: d.name for d in judged.strategy.departments}
    words = {
        CaseAction.NEW: _("New intervention"),
        CaseAction.CHANGED: _("Draft is changed"),
        CaseAction.NEW_DRAFT: _("New draft is made"),
    }
    return Table(
        title=_("Accepted interventions"),
        caption="",
        columns=(
            Column("title", _("Intervention")),
            Column("what", _("What happens"), "link"),
            Column("department", _("Department"), "link"),
            Column("lines", _("Lines of money"), "count"),
            Column("place", _("Row")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(one.data.title, note=one.code),
                    Cell(words[one.action]),
                    Cell(names[one.department]),
                    Cell(sum(len(grouped_flows(direct_flows(o))) for o in one.data.options)),
                    Cell(f"{one.sheet}, {one.row}"),
                )
            )
            for one in judged.changes
        ),
    )


# --- Old and new ----------------------------------------------------------------------------------


def _difference_table(
    rows: Sequence[tuple[JudgedCandidate, Difference]], judged: JudgedCases
) -> Table:
    names = {
        "pool": {pool.key: pool.name for pool in judged.strategy.pools},
        "line": {payer.key: payer.name for payer in judged.strategy.payers},
    }
    return Table(
        title=_("Old and new"),
        caption=_("Amounts in whole kroner."),
        columns=(
            Column("code", _("Intervention")),
            # a whole line each on a narrow screen
            Column("field", _("Field"), "link"),
            Column("old", _("Stored now"), "link"),
            Column("new", _("In the workbook"), "link"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(one.data.title, note=one.code),
                    Cell(_field(difference.field), note=_where(difference, names) or None),
                    Cell(_shown(difference.field, difference.old, names)),
                    Cell(_shown(difference.field, difference.new, names)),
                )
            )
            for one, difference in rows
        ),
    )


def _where(difference: Difference, names: dict[str, dict[str, str]]) -> str:
    """Return option, line and year; a line without words is called by its kind and payer."""
    payer, kind = difference.line
    words = [*difference.where]
    if payer and not words[1]:
        label = FlowKind(kind).label.say(reader_language())
        words[1] = f"{label}, {names['line'].get(payer, payer)}"
    return " · ".join(words)


def _field(name: str) -> str:
    words = {
        "option": _("Option"),
        "order": _("Order of the options"),
        "pool": _("The outlay is paid from"),
        "minimum": _("Smallest part"),
        "line": _("Line"),
        "amount": _("Expected"),
        "low": _("Low"),
        "high": _("High"),
        "measure": _("Measure"),
        "price_year": _("Price year"),
    }
    return words[name] if name in words else field_word(name)


def _shown(field: str, value: Any, names: dict[str, dict[str, str]]) -> str:
    """Return a value as the preview writes it."""
    if field == "pool":
        return names["pool"].get(value or "", _("each payer's ordinary budget"))
    if value is None or value == "":
        return formats.NONE
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        known: dict[str, str] = names.get(field, {})
        shown = value[1:2] if field == "line" else value
        return ", ".join(str(known.get(one, one)) for one in shown) or formats.NONE
    if isinstance(value, str):
        text = " ".join(value.split())
        return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
    return _number(field, value)


def _number(field: str, value: Any) -> str:
    language = reader_language()
    if field == "minimum":
        return formats.percent(value, decimals=1, language=language)
    if field in {"amount", "low", "high"}:
        return formats.kroner(value, language=language)
    if field == "price_year":
        return str(value)
    return formats.measure(value, decimals=6, language=language)
