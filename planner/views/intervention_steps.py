"""What all steps of the form share: the draft, the list of steps, saving, conflicts, the check."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone
from werkzeug.wrappers import Response

from planner import formats
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.argument_form import ArgumentForm
from planner.forms.argument_steps import Surroundings
from planner.model import CaseRecord, RoundRecord, StrategyRecord
from planner.model.states import Origin
from planner.reports.intervention_words import (
    GAP_FIELDS,
    STEP_WORDS,
    STEPS,
    field_word,
    gap_sentence,
)
from planner.reports.interventions import option_name
from planner.services.case_checks import ARGUMENT_STEPS, Gap, Missing, advice_for, missing_in
from planner.services.case_plan import years_offered
from planner.services.cases import CaseData, OptionData, case_data
from planner.services.comments import FIELDS_OF_STEP, threads_at, threads_of
from planner.services.events import people_of
from planner.services.intervention_list import InterventionView
from planner.services.intervention_page import changes_since
from planner.services.interventions import save_draft
from planner.services.writing import Conflict
from planner.views.comments import shown_threads
from planner.views.intervention_list import price_note
from planner.views.rounds import locked_words

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft that is being written, at one step."""

    view: InterventionView
    step: str
    data: CaseData

    @classmethod
    def of(cls, view: InterventionView, step: str) -> "Draft":
        """Return the newest version as a draft at ``step``."""
        return cls(view, step, case_data(view.current))

    @property
    def case(self) -> CaseRecord:
        """The stored version."""
        return self.view.current

    @property
    def code(self) -> str:
        """The address of the intervention."""
        return self.view.intervention.code

    @property
    def strategy(self) -> StrategyRecord:
        """The strategy that it belongs to."""
        return self.view.intervention.strategy

    def address(self, step: str, option: str | None = None) -> str:
        """Return where a step is."""
        return url_for("interventions.edit", code=self.code, step=step, option=option)

    def option(self) -> OptionData | None:
        """Return the option that the address asks for, else the first one."""
        asked = request.args.get("option", "")
        options = self.data.options
        found = next((option for option in options if option.key == asked), None)
        return found or next(iter(options), None)


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody else saved the draft in the meantime: who, when, and what differs.

    Parameters
    ----------
    who : list of str
        ``Name, time`` of each save.
    differences : list of (label, original, theirs, mine)
        For steps whose fields are few.
    """

    who: list[str]
    differences: list[tuple[str, str, str, str]]


# --- Pages ----------------------------------------------------------------------------------------


def step_page(
    draft: Draft,
    *,
    errors: Sequence[tuple[str, str]] = (),
    wrong: int = 0,
    clash: Clash | None = None,
    key: str | None = None,
    **values: Any,
) -> str:
    """Return the page of a step.

    Parameters
    ----------
    errors : sequence of (anchor, text)
        For the summary of a grid; forms of fields bring their own.
    wrong : int
        How many things are wrong, for the list of steps.
    """
    if is_autosave():
        return json.dumps({"errors": _all_errors(errors, values.get("form")), "by": _who(clash)})
    place = STEPS.index(draft.step)
    return render_template(
        f"interventions/{draft.step}.html",
        draft=draft,
        step_word=STEP_WORDS[draft.step],
        steps=_steps(draft, wrong or len(errors)),
        detail=_(
            "Step %(number)d of %(count)d in %(title)s, version %(version)d (draft)."
            " You can leave things open and come back.",
            number=place + 1,
            count=len(STEPS),
            title=draft.case.title,
            version=draft.case.number,
        ),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (draft.case.title, url_for("interventions.show", code=draft.code)),
            (str(STEP_WORDS[draft.step]), None),
        ],
        saved=_saved_words(draft.case),
        previous=STEPS[place - 1] if place else "",
        following=STEPS[place + 1] if place + 1 < len(STEPS) else "",
        words=STEP_WORDS,
        errors=list(errors),
        clash=clash,
        version=draft.case.version,
        key=key or str(uuid4()),
        price_note=price_note(draft.strategy),
        threads=shown_threads(
            draft.view, threads_at(threads_of(db.session, draft.view), draft.step)
        ),
        comment_field=next(iter(FIELDS_OF_STEP.get(draft.step, ())), ""),
        **values,
    )


def is_autosave() -> bool:
    """Return whether the page saves by itself, and wants no page back."""
    return "X-Autosave" in request.headers


def as_json(answer: Answer) -> Response:
    """Return the answer to a page that saves by itself."""
    body, status = answer if isinstance(answer, tuple) else (answer, 200)
    if isinstance(body, Response):
        return body
    return Response(body, status, mimetype="application/json")


def _all_errors(errors: Sequence[tuple[str, str]], form: Any) -> list[tuple[str, str]]:
    found = list(errors)
    for field in form or ():
        texts = [text for text in field.errors if not isinstance(text, dict | list)]
        found += [(field.id, f"{field.label.text}: {text}") for text in texts]
    return found


def _who(clash: Clash | None) -> str:
    return ", ".join(clash.who) if clash is not None else ""


def _saved_words(case: CaseRecord) -> str:
    moment = to_user_timezone(case.edited_at)
    language = reader_language()
    if case.edited_at.date() == now().date():
        return _("Saved %(time)s", time=formats.time(moment, language=language))
    return _("Saved %(date)s", date=formats.date(moment, language=language))


def _steps(draft: Draft, wrong: int) -> list[tuple[str, str, str, str]]:
    missing = expanded(draft, missing_in(draft.case))
    begun = _begun(draft.data)
    items = []
    for step in STEPS:
        count = sum(gap.step == step for gap in missing)
        state, words = "done", _("filled in")
        if step == "check":
            state, words = "todo", ""
            if missing:
                words = ngettext("%(num)s thing missing", "%(num)s things missing", len(missing))
        elif count:
            state = "miss"
            words = ngettext("%(num)s thing missing", "%(num)s things missing", count)
        elif not begun[step]:
            state, words = "todo", _("not begun")
        if step == draft.step:
            state = "here"
            if wrong:
                words = ngettext("%(num)s error", "%(num)s errors", wrong)
        items.append((str(STEP_WORDS[step]), draft.address(step), state, words))
    return items


def _begun(data: CaseData) -> dict[str, bool]:
    argument = data.argument or {}
    return {
        "description": bool(data.title),
        "evidence": bool(data.evidence or data.evidence_stars),
        "options": bool(data.options),
        "flows": any(f.origin is Origin.DIRECT for o in data.options for f in o.flows),
        "measures": any(option.measures for option in data.options),
        "effect": bool(argument.get("effects")),
        "consequences": any(e.get("consequences") for e in argument.get("effects") or []),
        "costs": bool(argument.get("costs")),
    }


# --- Saving ---------------------------------------------------------------------------------------


def wish() -> str:
    """Return what the pressed button asks for: ``save``, ``next``, ``add-…`` or ``drop-…``."""
    return request.form.get("do", "save")


def place_in(wish_: str, verb: str) -> int | None:
    """Return the number behind a verb: ``drop-3`` is 3; None for another wish."""
    name, _dash, number = wish_.partition("-")
    return int(number) if name == verb and number.isascii() and number.isdigit() else None


def seen_version() -> int | None:
    """Return the version that the form was made from; None when it is missing or no number."""
    return request.form.get("version", type=int)


def store(
    draft: Draft,
    data: CaseData,
    *,
    fields: Sequence[str],
    again: Callable[[Clash], str],
    option: str | None = None,
    errors: Sequence[tuple[str, str]] = (),
    wrong: Sequence[str] = (),
) -> Answer:
    """Save the draft and go on; when somebody else was first, show both.

    Parameters
    ----------
    fields : sequence of str
        The fields of `CaseData` that this step changes.
    again : callable
        Makes the page anew with what was typed.
    errors : sequence of (field, text)
        What is still missing or wrong in what is stored.
    wrong : sequence of str
        The fields that cannot be read: the page does not go on, although that was asked for.
    """
    seen = seen_version()
    try:
        save_draft(db.session, draft.case, data, by=me(), now=now(), seen_version=seen)
    except Conflict:
        return again(clash_of(draft, data, fields, seen or 0)), 409
    if is_autosave():
        words = _saved_words(draft.case)
        version = draft.case.version
        return json.dumps(
            {"version": version, "saved": words, "errors": list(errors), "wrong": list(wrong)}
        )
    goes_on = wish() == "next" and not wrong
    step = STEPS[STEPS.index(draft.step) + 1] if goes_on else draft.step
    flash(_("Saved."), "success")
    return redirect(draft.address(step, option if step == draft.step else None), 303)


def clash_of(draft: Draft, mine: CaseData, fields: Sequence[str], seen: int) -> Clash:
    """Return who saved in the meantime, and original, theirs and mine, field by field."""
    lines = changes_since(db.session, draft.case, seen)
    names = people_of(db.session, lines)
    original: dict[str, Any] = {}
    for line in lines:
        for name, value in (line.before or {}).items():
            original.setdefault(name, value)
    differences = []
    for name in fields:
        theirs, typed = getattr(draft.data, name), getattr(mine, name)
        is_short = not any(isinstance(value, tuple | dict) for value in (theirs, typed))
        if theirs != typed and is_short:
            before = original.get(name, theirs)
            row = (field_word(name), _text(before), _text(theirs), _text(typed))
            differences.append(row)
    who = [
        f"{names.get(line.actor, _('the system'))}, "
        + line.at.replace("T", " ").replace("Z", " UTC")
        for line in lines
    ]
    return Clash(who, differences)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) if value not in {None, ""} else "–"


# --- A locked form -------------------------------------------------------------------------------


def locked_page(view: InterventionView, the_round: RoundRecord) -> str:
    """Return the page that stands in for the form while the round keeps it locked."""
    return render_template(
        "rounds/locked.html",
        view=view,
        the_round=the_round,
        words=locked_words(the_round),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (view.current.title, url_for("interventions.show", code=view.intervention.code)),
            (_("The form is locked"), None),
        ],
    )


# --- The check ------------------------------------------------------------------------------------


def check_page(view: InterventionView) -> str:
    """Return the last step: what is missing, what would help, and the button."""
    draft = Draft.of(view, "check")
    missing = expanded(draft, missing_in(view.current))
    required = {gap.gap for gap in missing}
    return step_page(
        draft,
        missing=[said(draft, gap) for gap in missing],
        advice=[said(draft, gap) for gap in advice_for(draft.data) if gap.gap not in required],
    )


def surroundings(draft: Draft) -> Surroundings:
    """Return the years, purses and price year that an argument is written in."""
    strategy = draft.strategy
    years = years_offered(strategy, draft.data)
    return Surroundings(
        years=[year for year in years if year >= strategy.budget_year] or list(years),
        payers=[(p.key, p.name, str(p.level)) for p in strategy.payers],
        price_year=draft.data.price_year or strategy.price_year,
        options=[
            (option.key, option_name(option.title, place))
            for place, option in enumerate(draft.data.options)
        ],
    )


def expanded(draft: Draft, missing: Sequence[Missing]) -> list[Missing]:
    """Return the gaps, with what the argument lacks, or has wrong, at the fields of its steps."""
    if not any(gap.gap in {Gap.TYPED, Gap.ARGUMENT} for gap in missing):
        return list(missing)
    form = ArgumentForm(surroundings(draft), draft.data.argument, draft.data.typed)
    found: list[Missing] = []
    for gap in missing:
        if gap.gap is Gap.ARGUMENT:
            gap = replace(gap, anchor=form.field_at(gap.said))  # noqa: PLW2901
        if gap.gap is not Gap.TYPED:
            found.append(gap)
            continue
        errors = form.errors(gap.step) or [("", _("waits for the step “Effect”"))]
        found += [Missing(Gap.TYPED, gap.step, anchor=anchor, said=text) for anchor, text in errors]
    return found


def said(draft: Draft, gap: Missing) -> tuple[str, str]:
    """Return a gap as (address of the field, sentence)."""
    places = {option.key: place for place, option in enumerate(draft.data.options)}
    name = ""
    if gap.option in places:
        option = draft.data.options[places[gap.option]]
        name = option_name(option.title, places[gap.option])
    several = len(draft.data.options) > 1
    line = gap.said or _("Line %(number)d", number=gap.place + 1)
    if gap.sentence is None:
        text = gap_sentence(gap.gap, option=name, line=line, several=several)
    else:
        text = gap.sentence.say(reader_language())
        text = f"{name}: {text}" if name and several else text
    return _address(draft, gap), text


def _address(draft: Draft, gap: Missing) -> str:
    anchor = gap.anchor or GAP_FIELDS.get(gap.gap, "")
    if gap.step in ARGUMENT_STEPS:
        return f"{draft.address(gap.step)}#{anchor}" if anchor else draft.address(gap.step)
    if gap.gap == "budget_line":
        anchor = f"line-{gap.place}-budget"
    elif gap.gap == "amounts":
        anchor = f"line-{gap.place}-amount-{draft.strategy.budget_year}"
    if gap.step == "attachments":
        return url_for("interventions.attachments", code=draft.code) + "#file"
    if gap.step == "owners":
        return url_for("interventions.owners", code=draft.code) + f"#line-{gap.place}"
    address = draft.address(gap.step, gap.option or None)
    return f"{address}#{anchor}" if anchor else address
