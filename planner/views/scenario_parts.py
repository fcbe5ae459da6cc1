"""The pools, the possible futures and the candidates of a scenario."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from optimizer.constraints import constraints
from optimizer.constraints.risk import RiskLimit
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.forms.base import BaseForm
from planner.forms.outcomes import OutcomesForm, outcomes_data
from planner.forms.scenarios import PoolName, pools_data, pools_form, read_candidates
from planner.model import ScenarioCandidateRecord, ScenarioRecord
from planner.model.states import SCENARIO, Force, next_state
from planner.reports.scenario_facts import futures_fact
from planner.services import scenarios
from planner.services.scenario_outline import outline_plan
from planner.services.writing import NotFoundError
from planner.views.force_prices import force_prices

blueprint = Blueprint("scenario_parts", __name__, url_prefix="/scenarios")


def _draft(scenario_id: int) -> ScenarioRecord:
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    next_state(SCENARIO, scenario.state, "edit")
    return scenario


def _back(scenario: ScenarioRecord) -> Response:
    return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)


# ---- Pools ----


@blueprint.route("/<int:scenario_id>/pools", methods=["GET", "POST"])
def pools(scenario_id: int) -> str | tuple[str, int] | Response:
    """Say how much is in each pool, and what comes back to it."""
    scenario = _draft(scenario_id)
    names = [PoolName(p.key, p.name, str(p.kind)) for p in scenario.strategy.pools]
    plan = outline_plan(db.session, scenario)
    data = {**pools_data(names, scenario.pools), "version": scenario.version}
    form = pools_form(names, plan, language=language())(data=data)
    content = form.content() if request.method == "POST" else None
    if content is None:
        page = render_template(
            "scenarios/pools.html",
            scenario=scenario,
            form=form,
        )
        return page if request.method == "GET" else (page, 422)
    scenarios.update_pools(
        db.session, scenario, content, by=me(), now=now(), seen_version=form.seen_version
    )
    flash(_("Saved."))
    return _back(scenario)


# ---- Possible futures ----


@blueprint.route("/<int:scenario_id>/outcomes", methods=["GET", "POST"])
def outcomes(scenario_id: int) -> str | tuple[str, int] | Response:
    """Say how many possible futures are drawn, and what they have in common."""
    scenario = _draft(scenario_id)
    stored = scenario.outcomes
    is_drawn = stored is not None and "sample" in stored
    shown = stored if stored is not None and is_drawn else scenarios.default_outcomes()
    form = OutcomesForm(data={**outcomes_data(shown), "version": scenario.version})
    content = form.content() if request.method == "POST" else None
    if content is None:
        page = render_template(
            "scenarios/outcomes.html",
            scenario=scenario,
            form=form,
            now=futures_fact(stored, language=language()),
            is_listed=stored is not None and not is_drawn,
            needed=_looking_at_futures(scenario),
        )
        return page if request.method == "GET" else (page, 422)
    scenarios.update_outcomes(
        db.session, scenario, content, by=me(), now=now(), seen_version=form.seen_version
    )
    flash(_("Saved."))
    return _back(scenario)


def _looking_at_futures(scenario: ScenarioRecord) -> int:
    """Return how many limits that are on look at possible futures."""
    tags = {cls.tag for cls in constraints.classes() if issubclass(cls, RiskLimit)}
    return sum(limit.is_on and limit.content.get("tag") in tags for limit in scenario.limits)


@blueprint.post("/<int:scenario_id>/outcomes/remove")
def remove_outcomes(scenario_id: int) -> Response:
    """Take the possible futures away; the log keeps how they were drawn."""
    scenario = _draft(scenario_id)
    scenarios.update_outcomes(
        db.session, scenario, None, by=me(), now=now(), seen_version=BaseForm().seen_version
    )
    flash(_("The scenario has no possible futures; only what is expected counts."))
    return _back(scenario)


# ---- Candidates ----


@blueprint.route("/<int:scenario_id>/candidates", methods=["GET", "POST"])
def candidates(scenario_id: int) -> str | tuple[str, int] | Response:
    """Say which candidates take part, and which are decided beforehand."""
    scenario = _draft(scenario_id)
    if request.method == "GET":
        return _candidates_page(scenario, {}, {})
    known = [candidate.intervention_id for candidate in scenario.candidates]
    lines, errors = read_candidates(request.form, known)
    if errors:
        return _candidates_page(scenario, request.form.to_dict(), errors), 422
    scenarios.update_candidates(
        db.session,
        scenario,
        [
            scenarios.CandidateChoice(
                intervention_id=line.intervention_id,
                takes_part=line.takes_part,
                force=None if line.force is None else Force(line.force),
                force_reason=line.reason,
            )
            for line in lines
        ],
        by=me(),
        now=now(),
        seen_version=BaseForm().seen_version,
    )
    flash(_("Saved."))
    return _back(scenario)


def _candidates_page(
    scenario: ScenarioRecord, typed: dict[str, str], errors: dict[str, str]
) -> str:
    newer = {n.candidate.id: n.newest for n in scenarios.newer_cases(db.session, scenario)}
    return render_template(
        "scenarios/candidates.html",
        scenario=scenario,
        form=BaseForm(formdata=None, data={"version": scenario.version}),
        prices=force_prices(scenario),
        lines=[_candidate(c, typed, newer.get(c.id)) for c in _sorted(scenario)],
        missing=scenarios.missing_candidates(db.session, scenario),
        newer=len(newer),
        errors=errors,
    )


def _sorted(scenario: ScenarioRecord) -> list[ScenarioCandidateRecord]:
    places = {d.id: d.position for d in scenario.strategy.departments}
    return sorted(
        scenario.candidates,
        key=lambda c: (places.get(c.intervention.department_id, 0), c.intervention.key),
    )


def _candidate(
    candidate: ScenarioCandidateRecord, typed: dict[str, str], newest: Any
) -> dict[str, Any]:
    identity = candidate.intervention_id
    stored = {
        "takes_part": candidate.takes_part,
        "force": str(candidate.force or ""),
        "reason": candidate.force_reason,
    }
    if typed:
        stored = {
            "takes_part": f"part-{identity}" in typed,
            "force": typed.get(f"force-{identity}", ""),
            "reason": typed.get(f"reason-{identity}", ""),
        }
    return {
        **stored,
        "id": identity,
        "title": candidate.case.title,
        "code": candidate.intervention.key,
        "department": candidate.intervention.department.name,
        "number": candidate.case.number,
        "newest": newest,
        "is_withdrawn": candidate.intervention.is_withdrawn,
    }


@blueprint.post("/<int:scenario_id>/candidates/newest")
def newest(scenario_id: int) -> Response:
    """Let the scenario use the newest accepted version: of one candidate, or of all."""
    scenario, form = _draft(scenario_id), BaseForm()
    wanted = request.form.get("intervention", type=int)
    found = [
        n.newest
        for n in scenarios.newer_cases(db.session, scenario)
        if wanted is None or n.candidate.intervention_id == wanted
    ]
    if not found:
        raise NotFoundError
    seen = form.seen_version
    for case in found:
        scenarios.use_case(db.session, scenario, case, by=me(), now=now(), seen_version=seen)
        seen = scenario.version
    flash(
        ngettext(
            "The scenario uses the newest version of %(num)s intervention.",
            "The scenario uses the newest version of %(num)s interventions.",
            len(found),
        )
    )
    return redirect(url_for("scenario_parts.candidates", scenario_id=scenario.id), 303)


@blueprint.post("/<int:scenario_id>/candidates/missing")
def missing(scenario_id: int) -> Response:
    """Let every accepted intervention take part that the scenario does not know yet."""
    scenario, form = _draft(scenario_id), BaseForm()
    found = scenarios.missing_candidates(db.session, scenario)
    scenarios.add_candidates(
        db.session, scenario, found, by=me(), now=now(), seen_version=form.seen_version
    )
    flash(
        ngettext("%(num)s intervention was added.", "%(num)s interventions were added.", len(found))
    )
    return redirect(url_for("scenario_parts.candidates", scenario_id=scenario.id), 303)
