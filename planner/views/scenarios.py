"""Scenarios: the list, the workbench, copying, publishing."""

from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from planner.access import allowed, may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.forms.base import BaseForm
from planner.forms.scenarios import ScenarioForm
from planner.model import ScenarioRecord
from planner.model.states import SCENARIO, next_state
from planner.reports.allocation_status import brief_status
from planner.reports.list_files import ScenarioLine, scenario_table
from planner.reports.scenario_facts import pool_total
from planner.reports.stored import Brief, brief_of
from planner.services import scenarios
from planner.services.strategies import get_strategy, list_strategies
from planner.views import (
    allocations,
    following,
    risk,
    scenario_goals,
    scenario_parts,
    scenario_rules,
)
from planner.views.downloads import tables_file
from planner.views.scenario_pages import bench_of, workbench

blueprint = Blueprint("scenarios", __name__, url_prefix="/scenarios")


def register(app: Flask) -> None:
    """Add the pages of scenarios, of their parts, and of their allocations."""
    for part in (
        blueprint,
        scenario_rules.blueprint,
        scenario_parts.blueprint,
        scenario_goals.blueprint,
    ):
        app.register_blueprint(part)
    app.register_blueprint(allocations.blueprint)
    app.register_blueprint(risk.blueprint)
    app.config.setdefault("ALLOCATION_WAIT_SECONDS", following.WAIT_SECONDS)


@blueprint.app_context_processor
def _keys() -> dict[str, object]:
    """Give pages with many small forms a key for each of them."""
    return {"new_key": lambda: str(uuid4())}


# ---- The list ----


@blueprint.get("")
def index() -> str:
    """List the scenarios that the reader may see."""
    found = scenarios.list_scenarios(db.session, actor=me())
    latest = scenarios.latest_allocations(db.session, found) if found else {}
    lines = [
        _line(s, brief_of(latest[s.id].plan, latest[s.id].result) if s.id in latest else None)
        | {"is_current": s.id in latest and scenarios.is_current(s, latest[s.id])}
        for s in found
    ]
    return render_template(
        "scenarios/index.html",
        groups=_by_strategy(found, lines),
        count=len(found),
        may_create=may_ask(me(), "scenarios.create"),
        may_compare="compare.show" in current_app.view_functions,
        price_note=_price_note(found),
        downloads=[
            (kind, url_for("scenarios.export", ending=ending))
            for kind, ending in (("Excel", "xlsx"), ("CSV", "csv"))
        ],
    )


@blueprint.get("/export/<ending>")
def export(ending: str) -> FlaskResponse:
    """Download the scenarios that the reader may see."""
    found = scenarios.list_scenarios(db.session, actor=me())
    latest = scenarios.latest_allocations(db.session, found) if found else {}
    briefs = {
        number: brief_of(allocation.plan, allocation.result)
        for number, allocation in latest.items()
    }
    table = scenario_table([_file_line(scenario, briefs.get(scenario.id)) for scenario in found])
    return tables_file([table], ending=ending, what="scenarios-all")


def _file_line(scenario: ScenarioRecord, brief: Brief | None) -> ScenarioLine:
    line = _line(scenario, brief)
    period, after = (brief.period, brief.after) if brief is not None else (None, None)
    return ScenarioLine(
        number=scenario.id,
        title=scenario.title,
        strategy=scenario.strategy.title,
        state=line["state"],
        status=line["status"] or _("Not calculated yet."),
        pool=Fraction(line["pool"]),
        period=None if period is None else Fraction(period),
        after=None if after is None else Fraction(after),
        changed=to_user_timezone(line["changed_at"]).date(),
    )


def _line(scenario: ScenarioRecord, brief: Brief | None) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "title": scenario.title,
        "description": scenario.description,
        "state": f"scenario.{scenario.state}",
        "href": url_for("scenarios.show", scenario_id=scenario.id),
        "pool": pool_total(scenario.pools),
        "status": None if brief is None else brief_status(brief, language=language()),
        "brief": brief,
        "changed_at": scenario.published_at or scenario.edited_at,
        "changed_by": (scenario.published_by or scenario.edited_by),
    }


def _by_strategy(
    found: list[ScenarioRecord], lines: list[dict[str, Any]]
) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for scenario, line in zip(found, lines, strict=True):
        groups.setdefault(scenario.strategy.title, []).append(line)
    return list(groups.items())


def _price_note(found: list[ScenarioRecord]) -> str:
    years = sorted({scenario.strategy.price_year for scenario in found})
    return _("Amounts in %(year)s prices", year=years[0]) if len(years) == 1 else ""


# ---- One scenario ----


@blueprint.get("/<int:scenario_id>")
def show(scenario_id: int) -> str | Response:
    """Show the workbench; who may not change the scenario is led to its allocation."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    if not allowed(me(), "edit", scenario):
        return redirect(url_for("allocations.show", scenario_id=scenario.id), 303)
    return workbench(bench_of(scenario))


@blueprint.route("/new", methods=["GET", "POST"])
def create() -> str | tuple[str, int] | Response:
    """Make a draft in which every accepted candidate takes part."""
    form = ScenarioForm()
    strategies = list_strategies(db.session)
    chosen = request.values.get("strategy", type=int)
    if request.method == "GET" or not form.validate():
        page = render_template(
            "scenarios/new.html", form=form, strategies=strategies, strategy=chosen
        )
        return page if request.method == "GET" else (page, 422)
    strategy = get_strategy(db.session, chosen)
    scenario = scenarios.create_scenario(
        db.session,
        strategy,
        scenarios.ScenarioData(title=form.title.data, description=form.description.data or ""),
        by=me(),
        now=now(),
    )
    flash(_("The scenario is made. Set its pool, goal and limits, and press Allocate."))
    return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)


@blueprint.route("/<int:scenario_id>/title", methods=["GET", "POST"])
def rename(scenario_id: int) -> str | tuple[str, int] | Response:
    """Change title and description."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    next_state(SCENARIO, scenario.state, "edit")
    form = ScenarioForm(
        data={
            "title": scenario.title,
            "description": scenario.description,
            "version": scenario.version,
        }
    )
    if request.method == "GET" or not form.validate():
        page = render_template("scenarios/title.html", form=form, scenario=scenario)
        return page if request.method == "GET" else (page, 422)
    scenarios.update_title(
        db.session,
        scenario,
        title=form.title.data,
        description=form.description.data or "",
        by=me(),
        now=now(),
        seen_version=form.seen_version,
    )
    flash(_("Saved."))
    return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)


@blueprint.post("/<int:scenario_id>/copy")
def copy(scenario_id: int) -> Response:
    """Make a draft with the same content."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    title = _("%(title)s (copy)", title=scenario.title[:190])
    made = scenarios.copy_scenario(db.session, scenario, title=title, by=me(), now=now())
    db.session.flush()
    flash(_("This is a copy of “%(title)s”. Give it a name of its own.", title=scenario.title))
    return redirect(url_for("scenarios.show", scenario_id=made.id), 303)


@blueprint.route("/<int:scenario_id>/publish", methods=["GET", "POST"])
def publish(scenario_id: int) -> str | tuple[str, int] | Response:
    """Ask before publishing, and publish: from then on nothing in it changes."""
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    next_state(SCENARIO, scenario.state, "publish")
    form = BaseForm(data={"version": scenario.version})
    if request.method == "GET":
        return _publish_page(scenario, form)
    try:
        scenarios.publish_scenario(
            db.session, scenario, by=me(), now=now(), seen_version=form.seen_version
        )
    except scenarios.NotAllocatedError:
        return _publish_page(scenario, form), 422
    flash(_("The scenario is published. Councillors can see it now, and nothing in it changes."))
    return redirect(url_for("allocations.show", scenario_id=scenario.id), 303)


def _publish_page(scenario: ScenarioRecord, form: BaseForm) -> str:
    bench = bench_of(scenario)
    result = bench.result
    results = None if result is None or not result.is_current else result.report.results
    is_ready = results is not None
    return render_template(
        "scenarios/publish.html",
        bench=bench,
        scenario=scenario,
        form=form,
        is_ready=is_ready,
        # their parts are on another page
        figures=[replace(f, href=None) for f in results.figures] if results is not None else [],
    )
