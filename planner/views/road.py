"""The road of one candidate: the list of steps in the margin, and the page that takes a step."""

from dataclasses import dataclass
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from planner import formats
from planner.access import DEPARTMENT, allowed
from planner.extensions import db, me, now
from planner.formats import Language, reader_language
from planner.forms.road import StepForm
from planner.model import InterventionRecord, PersonRecord
from planner.model.states import INTERVENTION, TRANSITIONS, WrongStateError
from planner.reports.intervention_words import STEP_ACTION_WORDS
from planner.services import road
from planner.services.case_checks import Missing
from planner.services.intervention_list import InterventionView
from planner.services.interventions import get_intervention
from planner.services.writing import NotAllowedError
from planner.views.intervention_steps import Draft, said
from planner.words import state as state_word

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class RoadAside:
    """What the margin shows: the steps as ticks, and the buttons for the next ones."""

    steps: list[tuple[str, str]]
    buttons: list[tuple[str, str]]


def road_aside(
    person: PersonRecord, view: InterventionView, language: Language, *, names: bool
) -> RoadAside:
    """Return the road of an intervention.

    Parameters
    ----------
    names : bool
        Whether the reader may see who answers for each step, and why it was taken.
    """
    intervention = view.intervention
    begun = formats.date(to_user_timezone(intervention.created_at), language=language)
    steps = [(f"{state_word('stage.idea').label}, {begun}", "done")]
    for step in road.steps_of(db.session, intervention):
        words = [str(state_word(f"stage.{step.to_stage}").label)]
        words.append(formats.date(step.on_date, language=language))
        if names and step.owner:
            words.append(step.owner)
        reason = f": {step.reason}" if names and step.reason else ""
        steps.append((", ".join(words) + reason, "done"))
    ahead = () if intervention.is_withdrawn else road.ahead_of(intervention.stage)
    steps += [(str(state_word(f"stage.{stage}").label), "todo") for stage in ahead]
    return RoadAside(steps, _buttons(person, intervention))


def _buttons(person: PersonRecord, intervention: InterventionRecord) -> list[tuple[str, str]]:
    return [
        (
            str(STEP_ACTION_WORDS[action]),
            url_for("interventions.take_step", code=intervention.code, action=action),
        )
        for action in road.ACTIONS
        if allowed(person, action, intervention)
    ]


def take_step(code: str, action: str) -> Answer:
    """Show what a step needs, and take it."""
    if action not in road.ACTIONS:
        abort(404)
    view = get_intervention(db.session, code, actor=me())
    intervention = view.intervention
    if not allowed(me(), action, intervention):
        if _may_ever(view, action):
            raise WrongStateError(intervention.KIND, intervention.stage, action)
        raise NotAllowedError
    needs_reason = action in road.WITH_REASON
    today = to_user_timezone(now()).date()
    form = StepForm(data={"owner": me().name, "on_date": today})
    form.offer_reason(is_needed=needs_reason)
    if form.validate_on_submit() & form.sound_on(today, needs_reason=needs_reason):
        data = road.StepData(
            owner=form.owner.data or "",
            on_date=form.on_date.data or today,
            reason=form.reason.data or "",
        )
        try:
            road.take_step(
                db.session,
                intervention,
                action,
                data,
                by=me(),
                now=now(),
                seen_version=form.seen_version,
            )
        except road.StepNotReadyError:
            pass  # the page says all that is missing
        else:
            flash(_("The step is written down."), "success")
            return redirect(url_for("interventions.show", code=code), 303)
    return _step_page(view, action, form, needs_reason=needs_reason)


def _may_ever(view: InterventionView, action: str) -> bool:
    """Say whether another stage would have let the reader take the step."""
    roles = me().role_names
    if view.intervention.department_id not in me().department_ids:
        roles -= DEPARTMENT
    return any(
        roles & transition.roles
        for (kind, _state, name), transition in TRANSITIONS.items()
        if kind == INTERVENTION and name == action
    )


def _step_page(
    view: InterventionView, action: str, form: StepForm, *, needs_reason: bool
) -> Answer:
    is_sent = request.method == "POST"
    intervention = view.intervention
    missing = [_missing_link(view, gap) for gap in road.lacking_for(intervention, action)]
    page = render_template(
        "interventions/road_step.html",
        view=view,
        form=form,
        title=str(STEP_ACTION_WORDS[action]),
        needs_reason=needs_reason,
        missing=missing,
        version=(form.seen_version if is_sent else None) or intervention.version,
        key=form.key.data or str(uuid4()),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (view.current.title, url_for("interventions.show", code=intervention.code)),
            (str(STEP_ACTION_WORDS[action]), None),
        ],
        back=url_for("interventions.show", code=intervention.code),
        language=reader_language(),
    )
    return (page, 422) if is_sent else page


def _missing_link(view: InterventionView, gap: Missing) -> tuple[str, str]:
    """Return what is missing as (address, sentence); the form only for who may open it."""
    address, sentence = said(Draft.of(view, "check"), gap)
    may_edit = bool(gap.step) and allowed(me(), "save", view.current)
    here = url_for("interventions.show", code=view.intervention.code)
    return (address if may_edit else here), sentence
