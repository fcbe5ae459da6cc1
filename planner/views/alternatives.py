"""Other plans that are nearly as good as a result, each of which opens as a scenario."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from planner.access import allowed, may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.model import AllocationRecord
from planner.model.states import StudyKind
from planner.reports.alternatives import (
    AlternativesReport,
    Near,
    alternatives_report,
    near_of,
    percents_of,
    plan_name,
)
from planner.services import jobs, scenarios, studies
from planner.services.plan_choices import open_choices
from planner.services.writing import NotFoundError
from planner.views.following import followed
from planner.views.result_study import ResultStudy, StudyState, source_of

LONGEST_TITLE = 200
STUDY = ResultStudy(
    StudyKind.ALTERNATIVES, "alternatives", lazy_gettext("Looking for other good plans")
)

blueprint = Blueprint("alternatives", __name__, url_prefix="/allocations")


@blueprint.get("/<int:allocation_id>/alternatives")
def show(allocation_id: int) -> str:
    """Show the plans that give up at most a chosen share of the goal."""
    record = _record(allocation_id)
    state = STUDY.state(record)
    percents = [] if state.study is None else percents_of(state.study.document)
    percent = request.args.get("within", default=percents[0] if percents else 0, type=int)
    near = None if state.study is None else _near(state, percent)
    is_of_now = state.study is not None and studies.is_of_now(db.session, state.study)
    return render_template(
        "alternatives/show.html",
        state=state,
        scenario=record.scenario,
        percent=percent,
        percents=percents,
        report=None if near is None else _report(state, near),
        is_of_now=is_of_now,
        may_open=is_of_now
        and may_ask(me(), "alternatives.open_plan")
        and allowed(me(), "copy", record.scenario),
        price_note=_("Amounts in %(year)s prices", year=state.allocation.plan.price_year),
    )


def _record(allocation_id: int) -> AllocationRecord:
    return scenarios.get_allocation(db.session, allocation_id, actor=me())


def _near(state: StudyState, percent: int) -> Near:
    found = None if state.study is None else near_of(state.study.document, percent)
    if found is None:
        raise NotFoundError
    return found


def _report(state: StudyState, near: Near) -> AlternativesReport | None:
    if state.study is None:
        return None
    return alternatives_report(
        near,
        state.allocation.plan,
        is_proved=state.study.document["proved"],
        language=language(),
        source=source_of(state.study),
    )


@blueprint.post("/<int:allocation_id>/alternatives")
def calculate(allocation_id: int) -> AnyResponse:
    """Ask for other plans that are nearly as good."""
    return STUDY.calculate(_record(allocation_id))


@blueprint.get("/<int:allocation_id>/alternatives/job")
def job(allocation_id: int) -> Response:
    """Say how far the search for other plans is."""
    return STUDY.told(_record(allocation_id))


@blueprint.post("/<int:allocation_id>/alternatives/<int:percent>/<int:place>")
def open_plan(allocation_id: int, percent: int, place: int) -> AnyResponse:
    """Make a draft where the open choices are as in one of the plans, and ask for its best plan."""
    record = _record(allocation_id)
    state = STUDY.state(record)
    near = _near(state, percent)
    if state.study is None or place >= len(near.plans):
        raise NotFoundError
    name = plan_name(place, percent)
    taken = near.plans[place].taken
    try:
        made = open_choices(
            db.session,
            state.study,
            {name: name in taken for name in near.undecided},
            title=f"{record.scenario.title}: {name}"[:LONGEST_TITLE],
            reason=_("As in %(plan)s", plan=name),
            by=me(),
            now=now(),
        )
    except studies.ChangedSinceError:
        flash(_("The scenario has been changed since. Allocate again before you open a plan."))
        return redirect(url_for("alternatives.show", allocation_id=record.id, within=percent), 303)
    asked = jobs.request_allocation(db.session, made, by=me(), now=now())
    flash(_("A new scenario was made from the plan."))
    return followed(redirect(url_for("scenarios.show", scenario_id=made.id), 303), asked)
