"""The steps of a case: submit, accept, return, begin a new draft; and withdrawing it all."""

from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from planner.access import allowed
from planner.extensions import db, me, now
from planner.forms.base import BaseForm, choices
from planner.forms.interventions import MoveForm, ReasonForm
from planner.forms.rounds import EnterRoundForm
from planner.model import CaseRecord, InterventionRecord
from planner.model.states import WrongStateError
from planner.services.intervention_list import InterventionView
from planner.services.interventions import (
    CaseNotReadyError,
    accept_case,
    get_intervention,
    move_intervention,
    new_draft_from,
    return_case,
    submit_case,
    withdraw_intervention,
)
from planner.services.rounds import NotTakenError, rounds_for
from planner.services.rounds import enter_round as enter
from planner.services.writing import NotAllowedError
from planner.views.intervention_margin import crumbs
from planner.views.intervention_steps import check_page

Answer = str | Response | tuple[str, int]


def may(view: InterventionView, action: str, *, of_all: bool = False) -> None:
    """Refuse a step that the reader may not take, or that the present state does not allow.

    Raises
    ------
    NotAllowedError
        It is never for this reader.
    WrongStateError
        Somebody took another step in the meantime.
    """
    thing: CaseRecord | InterventionRecord = view.intervention if of_all else view.current
    if allowed(me(), action, thing):
        return
    if view.intervention.is_withdrawn or _would_be_allowed(view, action):
        raise WrongStateError(thing.KIND, str(thing.state), action)
    raise NotAllowedError


def _would_be_allowed(view: InterventionView, action: str) -> bool:
    """Say whether only the state stands between the reader and the step."""
    mine = view.intervention.department_id in me().department_ids
    return action in {"accept", "return", "move"} or mine


def seen_version() -> int | None:
    """Return the version that the form was made from; None when it is missing or no number."""
    return request.form.get("version", type=int)


def _back(code: str) -> Response:
    return redirect(url_for("interventions.show", code=code), 303)


def submit(code: str) -> Answer:
    """Hand the draft in, or say everything that is missing."""
    view = get_intervention(db.session, code, actor=me())
    may(view, "submit")
    case = view.current
    try:
        submit_case(db.session, case, by=me(), now=now(), seen_version=seen_version())
    except CaseNotReadyError:
        return check_page(view), 422
    flash(_("Submitted. Finance checks the case; you are told here when it is decided."), "success")
    return _back(code)


def accept(code: str) -> Answer:
    """Find the case sound."""
    view = get_intervention(db.session, code, actor=me())
    may(view, "accept")
    accept_case(db.session, view.current, by=me(), now=now(), seen_version=seen_version())
    flash(_("Accepted. Scenarios can use this version now."), "success")
    return _back(code)


def new_draft(code: str) -> Answer:
    """Begin the next version, or go on with the one that is open."""
    view = get_intervention(db.session, code, actor=me())
    if not allowed(me(), "save", view.current):
        may(view, "new_draft")
    draft = new_draft_from(db.session, view.current, by=me(), now=now())
    flash(_("Version %(number)d is a draft that only your department sees.", number=draft.number))
    return redirect(url_for("interventions.edit", code=code, step="description"), 303)


def return_(code: str) -> Answer:
    """Send the case back with a reason."""
    view = get_intervention(db.session, code, actor=me())
    may(view, "return")
    form = ReasonForm()
    if form.validate_on_submit():
        return_case(
            db.session,
            view.current,
            reason=form.reason.data or "",
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Returned. The department sees the reason and can begin a new draft."), "success")
        return _back(code)
    return _reason_page(
        view,
        form,
        version=view.current.version,
        title=_("Return the case"),
        lead=_("The department reads the reason. Say what is missing, and what would be right."),
        button=_("Return"),
    )


def withdraw(code: str) -> Answer:
    """Take the intervention back; it stays visible."""
    view = get_intervention(db.session, code, actor=me())
    may(view, "withdraw", of_all=True)
    form = ReasonForm()
    if form.validate_on_submit():
        withdraw_intervention(
            db.session,
            view.intervention,
            reason=form.reason.data or "",
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Withdrawn. It stays visible with the reason."), "success")
        return _back(code)
    return _reason_page(
        view,
        form,
        version=view.intervention.version,
        title=_("Withdraw the intervention"),
        lead=_(
            "It cannot be undone. The intervention stays visible as withdrawn, and drafts of"
            " scenarios no longer take it up."
        ),
        button=_("Withdraw"),
    )


def move(code: str) -> Answer:
    """Give the intervention to another department."""
    view = get_intervention(db.session, code, actor=me())
    may(view, "move", of_all=True)
    intervention = view.intervention
    departments = {d.key: d for d in intervention.strategy.departments}
    form = MoveForm(data={"department": intervention.department.key})
    form.department.choices = choices(*((key, d.name) for key, d in departments.items()))
    if form.validate_on_submit():
        move_intervention(
            db.session,
            intervention,
            departments[form.department.data],
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Saved."), "success")
        return _back(code)
    return _reason_page(
        view,
        form,
        version=intervention.version,
        title=_("Change the department"),
        lead=_(
            "From then on the new department edits the drafts, and the former one no longer sees"
            " them. Plans that were calculated before stay as they are."
        ),
        button=_("Save"),
    )


def enter_round(code: str) -> Answer:
    """Let the intervention belong to a round that is open, or to none."""
    view = get_intervention(db.session, code, actor=me())
    may(view, "enter_round", of_all=True)
    intervention = view.intervention
    strategy, departments = intervention.strategy, {intervention.department_id}
    offered = {str(one.id): one for one in rounds_for(db.session, strategy, departments, now=now())}
    if intervention.round is not None:
        offered.setdefault(str(intervention.round.id), intervention.round)
    form = EnterRoundForm(data={"round": str(intervention.round_id or "")})
    form.round.choices = choices(
        ("", _("no round")), *((key, one.name) for key, one in offered.items())
    )
    if form.validate_on_submit():
        try:
            enter(
                db.session,
                intervention,
                offered.get(form.round.data),
                by=me(),
                now=now(),
                seen_version=form.seen_version,
            )
        except NotTakenError:
            form.round.errors = [_("The round is not open to the department.")]
        else:
            flash(_("Saved."), "success")
            return _back(code)
    return _reason_page(
        view,
        form,
        version=intervention.version,
        title=_("Choose the round"),
        lead=_("The round says what is required, and until when the case can be submitted."),
        button=_("Save"),
    )


def _reason_page(
    view: InterventionView, form: BaseForm, *, version: int, title: str, lead: str, button: str
) -> Answer:
    is_wrong = request.method == "POST"
    page = render_template(
        "interventions/reason.html",
        view=view,
        crumbs=[
            *crumbs(view, view.current)[:2],
            (view.current.title, url_for("interventions.show", code=view.intervention.code)),
            (title, None),
        ],
        form=form,
        asked=next(field for field in form if field.name in {"reason", "department", "round"}),
        version=(form.seen_version if is_wrong else None) or version,
        key=form.key.data or str(uuid4()),
        title=title,
        lead=lead,
        button=button,
        back=url_for("interventions.show", code=view.intervention.code),
    )
    return (page, 422) if is_wrong else page
