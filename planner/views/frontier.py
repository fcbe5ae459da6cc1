"""What other sizes of a pool, or values of a limit, would give: asked, followed, opened."""

from fractions import Fraction

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response as AnyResponse

from optimizer import Plan, PlanErrors, plan_from_document
from planner import formats
from planner.access import allowed, may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.forms.frontier import EVERY_STEP, FrontierForm, frontier_form
from planner.forms.rule_parts import as_decimal
from planner.model import JobRecord, ScenarioRecord, StudyRecord
from planner.model.states import JobStatus, StudyKind
from planner.reports.frontier import (
    FrontierReport,
    frontier_label,
    frontier_report,
    point_name,
    point_plan,
)
from planner.reports.frontier_question import (
    Movable,
    cannot_be_moved,
    movables_of,
    question_of,
    question_of_steps,
)
from planner.services import jobs, scenarios, studies
from planner.services.writing import NotFoundError
from planner.views.following import JobLine, counted_line, followed, parts_done, told

LONGEST_TITLE = 200

blueprint = Blueprint("frontier", __name__, url_prefix="/scenarios")


# ---- The page ----


@blueprint.get("/<int:scenario_id>/frontier")
def show(scenario_id: int) -> str:
    """Show the last frontier of a scenario, or the one that is asked for."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    return _page(scenario, request.args.get("what", ""))


def _page(scenario: ScenarioRecord, what: str, form: FrontierForm | None = None) -> str:
    plan, problems = _plan_of(scenario)
    movables = [] if plan is None else movables_of(plan, language=language())
    chosen = next((m for m in movables if m.key == what), movables[0] if movables else None)
    may_ask_for_one = may_ask(me(), "frontier.calculate") and chosen is not None
    if form is None and chosen is not None:
        form = _form(chosen)
    known = studies.frontiers_of(db.session, scenario)
    shown = _shown(known)
    is_of_now = shown is not None and studies.is_of_now(db.session, shown)
    job = studies.latest_job(db.session, StudyKind.FRONTIER, scenario=scenario)
    return render_template(
        "frontier/show.html",
        scenario=scenario,
        chosen=chosen,
        choices=[(one.key, one.label) for one in movables],
        unit=_unit(chosen),
        now_said="" if chosen is None else _now(chosen),
        form=form if may_ask_for_one else None,
        problems=problems,
        job=None if job is None or job.is_over else job_line(job),
        may_cancel=may_ask(me(), "frontier.cancel"),
        failed=job is not None and job.status is JobStatus.FAILED,
        shown=shown,
        report=None if shown is None else _report(shown),
        may_open=is_of_now
        and may_ask(me(), "frontier.open_point")
        and allowed(me(), "copy", scenario),
        is_of_now=is_of_now,
        others=[(one.id, _label(one)) for one in known if one is not shown],
        price_note=_("Amounts in %(year)s prices", year=scenario.strategy.price_year),
    )


def _unit(movable: Movable | None) -> str:
    return "" if movable is None else {"money": "kr.", "percent": "%"}.get(movable.unit, "")


def _now(movable: Movable) -> str:
    return _("Now: %(value)s", value=movable.say(movable.value, language=language()))


def _plan_of(scenario: ScenarioRecord) -> tuple[Plan | None, list[str]]:
    try:
        return plan_from_document(scenarios.scenario_document(db.session, scenario)), []
    except PlanErrors as errors:
        return None, [error.say(language()) for error in errors.errors[:5]]


def _shown(known: list[StudyRecord]) -> StudyRecord | None:
    wanted = request.args.get("study", type=int)
    if wanted is None:
        return known[0] if known else None
    found = next((one for one in known if one.id == wanted), None)
    if found is None:
        raise NotFoundError
    return found


def _report(study: StudyRecord) -> FrontierReport:
    moment = formats.moment(to_user_timezone(study.created_at), language=language())
    return frontier_report(
        study.document,
        study.question,
        plan_from_document(study.plan),
        language=language(),
        source=_("Bundlinje, calculated %(moment)s", moment=moment),
    )


def _label(study: StudyRecord) -> str:
    return frontier_label(study.question, plan_from_document(study.plan), language=language())


def _form(movable: Movable) -> FrontierForm:
    made = frontier_form(
        movable.unit, is_pool=movable.key.startswith("pool-"), has_steps=movable.has_steps
    )
    write = int if movable.unit in {"money", "year"} else as_decimal
    low, high = (write(edge) for edge in movable.usual)
    return made(data={"low": low, "high": high})


# ---- Asking ----


@blueprint.post("/<int:scenario_id>/frontier")
def calculate(scenario_id: int) -> AnyResponse | tuple[str, int]:
    """Ask for a frontier; a short calculation is waited for, a longer one is followed."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    plan, _problems = _plan_of(scenario)
    what = request.args.get("what", "")
    movables = [] if plan is None else movables_of(plan, language=language())
    chosen = next((m for m in movables if m.key == what), None)
    if plan is None or chosen is None:
        raise NotFoundError
    form = _form(chosen)
    if not form.validate():
        return _page(scenario, what, form), 422
    low, high = Fraction(form.low.data), Fraction(form.high.data)
    if form.steps.data == EVERY_STEP:
        question = question_of_steps(chosen, low, high)
    else:
        question = question_of(chosen, low, high, int(form.steps.data))
    wrong = cannot_be_moved(question, plan)
    if wrong is not None:
        form.form_errors.append(wrong.say(language()))
        return _page(scenario, what, form), 422
    job = studies.request_frontier(db.session, scenario, question, by=me(), now=now())
    href = url_for("frontier.show", scenario_id=scenario.id, what=what)
    return followed(redirect(href, 303), job)


@blueprint.post("/<int:scenario_id>/frontier/cancel")
def cancel(scenario_id: int) -> AnyResponse:
    """Stop the frontier that is under way."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    found = studies.latest_job(db.session, StudyKind.FRONTIER, scenario=scenario)
    if found is None:
        raise NotFoundError
    jobs.cancel_job(db.session, found, by=me(), now=now())
    flash(_("The calculation is being stopped."))
    return redirect(url_for("frontier.show", scenario_id=scenario.id), 303)


# ---- Following ----


@blueprint.get("/<int:scenario_id>/frontier/job")
def job(scenario_id: int) -> Response:
    """Say how far the last frontier of a scenario is."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    found = studies.latest_job(db.session, StudyKind.FRONTIER, scenario=scenario)
    if found is None:
        raise NotFoundError
    return told(found, job_line(found))


def job_line(job: JobRecord) -> JobLine:
    """Return what is said of a frontier under way."""
    return counted_line(
        job,
        url=url_for("frontier.job", scenario_id=job.scenario_id),
        headline=_("Looking for the best plan at each point"),
        detail=_("%(done)s of %(total)s points", **parts_done(job))
        if job.total
        else _("%(done)s steps found so far", **parts_done(job)),
    )


# ---- A point as a scenario ----


@blueprint.post("/<int:scenario_id>/frontier/<int:study_id>/<int:place>")
def open_point(scenario_id: int, study_id: int, place: int) -> AnyResponse:
    """Make a draft with the pool or limit as at one point, and ask for its best plan."""
    study = studies.get_frontier(db.session, study_id, actor=me())
    report = _report(study)
    if study.scenario_id != scenario_id or place >= len(report.points):
        raise NotFoundError
    point = report.points[place]
    plan = plan_from_document(study.plan)
    path, changed = point_plan(study.question, plan, point.amount)
    name = point_name(study.question, plan, point.amount, language=language())
    try:
        made = studies.open_point(
            db.session,
            study,
            changed,
            path=path,
            title=f"{study.scenario.title}: {name}"[:LONGEST_TITLE],
            by=me(),
            now=now(),
        )
    except studies.ChangedSinceError:
        flash(_("The scenario has been changed since. Calculate again before you open a point."))
        return redirect(url_for("frontier.show", scenario_id=scenario_id), 303)
    asked = jobs.request_allocation(db.session, made, by=me(), now=now())
    flash(_("A new scenario was made from the point."))
    return followed(redirect(url_for("scenarios.show", scenario_id=made.id), 303), asked)
