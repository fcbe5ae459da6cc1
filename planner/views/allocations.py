"""Allocating: asking for it, following it, reading the result."""

from collections.abc import Callable

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
from werkzeug.wrappers import Response as AnyResponse

from optimizer import PlanErrors
from planner.access import allowed, may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.forms.base import BaseForm
from planner.forms.numbers_in_place import Typed, read_numbers
from planner.forms.scenarios import USUAL_TIME_LIMIT, time_limit_of
from planner.model import JobRecord, ScenarioRecord
from planner.model.states import SCENARIO, next_state
from planner.services import explanations, jobs, loosening, scenarios
from planner.services.scenario_outline import outline_plan
from planner.services.writing import NotFoundError, require_version
from planner.views.following import followed, told
from planner.views.job_words import explaining_line, job_line
from planner.views.scenario_pages import (
    bench_of,
    compare_href,
    price_note,
    workbench,
)

blueprint = Blueprint("allocations", __name__, url_prefix="/scenarios")

MOST_ERRORS_SHOWN = 20


# ---- Asking ----


@blueprint.post("/<int:scenario_id>/allocate")
def allocate(scenario_id: int) -> AnyResponse | tuple[str, int]:
    """Take the numbers that stand in the limits, and ask for the best plan.

    A short calculation is waited for, with no transaction open; a longer one is followed on the
    page.
    """
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    typed = _take_numbers(scenario)
    if typed.errors:
        return _bench_again(scenario, typed)
    try:
        job = jobs.request_allocation(
            db.session,
            scenario,
            by=me(),
            now=now(),
            time_limit=time_limit_of(request.form.get("time_limit")),
        )
    except PlanErrors as errors:
        return _bench_again(scenario, typed, problems=errors)
    return _followed(scenario, job)


def _followed(scenario: ScenarioRecord, job: JobRecord) -> AnyResponse:
    """Lead to the result, once it is there or after a while."""
    href = url_for("scenarios.show", scenario_id=scenario.id) + "#result"
    return followed(redirect(href, 303), job)


@blueprint.post("/<int:scenario_id>/loosen")
def loosen(scenario_id: int) -> AnyResponse:
    """Loosen the one limit that was chosen by what would help, and ask for the best plan then."""
    return _eased(scenario_id, loosening.loosen, _("The limit is loosened."))


@blueprint.post("/<int:scenario_id>/release")
def release(scenario_id: int) -> AnyResponse:
    """Give up the one rule without a number that was chosen, and ask for the best plan then."""
    told_then = _("It is given up; the scenario's history keeps it.")
    return _eased(scenario_id, loosening.release, told_then)


def _eased(scenario_id: int, ease: Callable[..., object], done: str) -> AnyResponse:
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    path, seen = request.form.get("path", ""), BaseForm().seen_version
    ease(db.session, scenario, path, by=me(), now=now(), seen_version=seen)
    job = jobs.request_allocation(
        db.session, scenario, by=me(), now=now(), time_limit=USUAL_TIME_LIMIT
    )
    flash(done)
    return _followed(scenario, job)


@blueprint.post("/<int:scenario_id>/numbers")
def numbers(scenario_id: int) -> AnyResponse | tuple[str, int]:
    """Take the numbers that stand in the limits."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    typed = _take_numbers(scenario)
    if typed.errors:
        return _bench_again(scenario, typed)
    flash(_("Saved.") if typed.changes else _("Nothing was changed."))
    return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)


def _take_numbers(scenario: ScenarioRecord) -> Typed:
    form = BaseForm()
    require_version(scenario, form.seen_version)
    next_state(SCENARIO, scenario.state, "edit")
    typed = read_numbers(
        request.form,
        {limit.id: limit.content for limit in scenario.limits if limit.is_on},
        outline_plan(db.session, scenario),
        language(),
    )
    if not typed.errors:
        for limit_id, content in typed.changes.items():
            scenarios.change_limit(
                db.session,
                scenario,
                limit_id,
                content,
                by=me(),
                now=now(),
                seen_version=scenario.version,
            )
    return typed


def _bench_again(
    scenario: ScenarioRecord, typed: Typed, *, problems: PlanErrors | None = None
) -> tuple[str, int]:
    bench = bench_of(scenario, typed=request.form, wrong=typed.errors)
    if problems is not None:
        shown = problems.errors[:MOST_ERRORS_SHOWN]
        bench.errors.extend(("", error.say(language())) for error in shown)
    return workbench(bench, time_limit=time_limit_of(request.form.get("time_limit"))), 422


# ---- Following ----


@blueprint.get("/<int:scenario_id>/job")
def job(scenario_id: int) -> Response:
    """Say how far the scenario's last calculation is."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    found = jobs.latest_job(db.session, scenario)
    if found is None:
        raise NotFoundError
    return told(found, job_line(found))


@blueprint.get("/<int:scenario_id>/explanation")
def explaining(scenario_id: int) -> Response:
    """Say how far the explanation of the scenario's last result is."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    record = scenarios.latest_allocation(db.session, scenario)
    found = None if record is None else explanations.explaining_job(db.session, record)
    if found is None:
        raise NotFoundError
    return told(found, explaining_line(found))


@blueprint.post("/<int:scenario_id>/explain")
def explain(scenario_id: int) -> AnyResponse:
    """Ask for the explanation of a result that has none."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    record = scenarios.latest_allocation(db.session, scenario)
    if record is None:
        raise NotFoundError
    explanations.request_explanation(db.session, record, by=me(), now=now())
    return redirect(url_for("scenarios.show", scenario_id=scenario.id) + "#result", 303)


@blueprint.post("/<int:scenario_id>/job/cancel")
def cancel(scenario_id: int) -> AnyResponse:
    """Stop the scenario's calculation."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    found = jobs.latest_job(db.session, scenario)
    if found is None:
        raise NotFoundError
    jobs.cancel_job(db.session, found, by=me(), now=now())
    flash(_("The calculation is being stopped."))
    return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)


# ---- Reading ----


@blueprint.get("/<int:scenario_id>/allocation")
def show(scenario_id: int) -> str:
    """Show the last result without the desk, as councillors read it."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    bench = bench_of(scenario)
    return render_template(
        "scenarios/allocation.html",
        bench=bench,
        form=BaseForm(formdata=None),
        price_note=price_note(bench),
        compare_href=compare_href(scenario),
        may_copy=allowed(me(), "copy", scenario),
        sees_list=may_ask(me(), "scenarios.index"),
    )
