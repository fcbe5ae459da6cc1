"""Two versions of a case side by side, and a case as the start of a new intervention."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from planner import formats
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import Language, reader_language
from planner.model import CaseRecord
from planner.reports.intervention_words import (
    CASHABILITY_WORDS,
    VERSION_FIELD_WORDS,
    field_word,
)
from planner.services.cases import case_data, decimal_text
from planner.services.intervention_list import InterventionView
from planner.services.interventions import create_draft, get_intervention
from planner.services.versions import TEXTS, Difference, differences, unchanged
from planner.services.writing import NotAllowedError
from planner.views.argument_said import differing
from planner.views.intervention_list import price_note
from planner.views.intervention_margin import is_insider

LONGEST_TITLE = 200


def versions(code: str) -> str:
    """Show what differs between the versions ``a`` and ``b``; default the two newest."""
    view, language = get_intervention(db.session, code, actor=me()), reader_language()
    first, second = _asked(view)
    found = differences(first, second) if first is not second else []
    if not is_insider(me(), view):  # owners are people
        found = [one for one in found if one.field != "owner"]
    return render_template(
        "interventions/versions.html",
        view=view,
        first=first,
        second=second,
        choices=[(case.number, _("Version %(number)d", number=case.number)) for case in view.cases],
        rows=_rows(found, first, second, view, language),
        unchanged=", ".join(field_word(name).lower() for name in unchanged(first, second)),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (view.current.title, url_for("interventions.show", code=code)),
            (_("Compare versions"), None),
        ],
        price_note=price_note(view.intervention.strategy),
    )


def _asked(view: InterventionView) -> tuple[CaseRecord, CaseRecord]:
    by_number = {case.number: case for case in view.cases}
    usual = (view.cases[-2] if len(view.cases) > 1 else view.current, view.current)
    first, second = (
        by_number.get(request.args.get(name, type=int) or 0, case)
        for name, case in zip("ab", usual, strict=True)
    )
    return first, second


def _rows(
    found: list[Difference],
    first: CaseRecord,
    second: CaseRecord,
    view: InterventionView,
    language: Language,
) -> list[tuple[str, str, str, str]]:
    """Return all that differs in the order of the form: the argument stands behind the texts."""
    texts = sum(one.field in TEXTS for one in found)
    rows = [_row(one, view, language) for one in found]
    return [*rows[:texts], *differing(first, second, view, language), *rows[texts:]]


def _row(one: Difference, view: InterventionView, language: Language) -> tuple[str, str, str, str]:
    """Return label, place, and both values in words."""
    label = field_word(one.field) if one.field in TEXTS else str(VERSION_FIELD_WORDS[one.field])
    payers = {payer.key: payer.name for payer in view.intervention.strategy.payers}
    where = " · ".join(payers.get(part, part) for part in one.where)
    return (
        label,
        where,
        _value(one.before, one.field, language),
        _value(one.after, one.field, language),
    )


def _value(value: Any, field: str, language: Language) -> str:
    if value is None or value in ("", ()):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field == "owner":
        kind, owner = value
        return ", ".join(filter(None, (str(CASHABILITY_WORDS[kind]), owner)))
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, Decimal):
        return decimal_text(value).replace(".", "," if language == "da" else ".")
    if field in {"amount", "low", "high"}:
        return formats.kroner(value, language=language)
    return str(value)


def duplicate(code: str) -> Response:
    """Make a new intervention of one's own that begins with the content of this one."""
    view = get_intervention(db.session, code, actor=me())
    own = [
        department
        for department in view.intervention.strategy.departments
        if department.id in me().department_ids
    ]
    if not own or not allowed(me(), "duplicate", view.current):
        raise NotAllowedError
    same = [department for department in own if department is view.intervention.department]
    data = case_data(view.current)
    ending = _(" (copy)")
    made = create_draft(
        db.session,
        replace(data, title=data.title[: LONGEST_TITLE - len(ending)] + ending),
        department=(same or own)[0],
        by=me(),
        now=now(),
        copied_from=view.current,
    )
    flash(_("The copy is a draft that only your department sees."), "success")
    new = made.intervention.code
    return redirect(url_for("interventions.edit", code=new, step="description"), 303)
