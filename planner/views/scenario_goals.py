"""The goals of a scenario in their order: first this, then that, within so much of the first."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from planner.extensions import db, me, now
from planner.forms.goals import MOST_GOALS, GoalsForm, goals_data, moved
from planner.model.states import SCENARIO, next_state
from planner.services import scenarios
from planner.services.scenario_outline import outline_plan
from planner.views.scenario_pages import goal_lines

blueprint = Blueprint("scenario_goals", __name__, url_prefix="/scenarios")


@blueprint.route("/<int:scenario_id>/goals", methods=["GET", "POST"])
def show(scenario_id: int) -> str | tuple[str, int] | Response:
    """Show the goals in order; say what a later one may cost, move it or take it out."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    next_state(SCENARIO, scenario.state, "edit")
    form = GoalsForm(data={**goals_data(scenario.then), "version": scenario.version})
    content = form.content(scenario.then) if request.method == "POST" else None
    if content is None:
        plan = outline_plan(db.session, scenario)
        page = render_template(
            "scenarios/goals.html",
            scenario=scenario,
            form=form,
            first=goal_lines(scenario, plan, "goal", scenario.objective["terms"]),
            later=[
                (place + 2, field, goal_lines(scenario, plan, f"then-{place}", goal["terms"]))
                for place, (field, goal) in enumerate(zip(form.within, scenario.then, strict=False))
            ],
            errors=[
                (field.id, f"{_('Goal %(number)s', number=place)}: {text}")
                for place, field in enumerate(form.within, 2)
                for text in field.errors
            ],
            has_room=len(scenario.then) < MOST_GOALS,
        )
        return page if request.method == "GET" else (page, 422)
    wish = request.form.get("do", "save")
    scenarios.update_then(
        db.session,
        scenario,
        moved(content, wish),
        by=me(),
        now=now(),
        seen_version=form.seen_version,
    )
    flash(_("Saved."))
    if wish == "save":
        return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)
    if wish == "add":
        address = url_for("scenario_rules.choose", scenario_id=scenario.id, family="then")
        return redirect(address, 303)
    return redirect(url_for(".show", scenario_id=scenario.id), 303)
