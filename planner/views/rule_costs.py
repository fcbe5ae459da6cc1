"""What a result's limits and forced choices cost, alone and together."""

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from planner.extensions import db, me
from planner.formats import reader_language as language
from planner.model import AllocationRecord
from planner.model.states import StudyKind
from planner.reports.rule_costs import rule_costs_report
from planner.services import scenarios
from planner.views.result_study import ResultStudy, source_of

STUDY = ResultStudy(
    StudyKind.RULE_COSTS, "rule_costs", lazy_gettext("Looking for the best plan without each limit")
)

blueprint = Blueprint("rule_costs", __name__, url_prefix="/allocations")


@blueprint.get("/<int:allocation_id>/rule-costs")
def show(allocation_id: int) -> str:
    """Show what each limit and each forced choice costs, and all of them."""
    record = _record(allocation_id)
    state = STUDY.state(record)
    plan = state.allocation.plan
    return render_template(
        "rule_costs/show.html",
        state=state,
        scenario=record.scenario,
        report=None
        if state.study is None
        else rule_costs_report(
            state.study.document, plan, language=language(), source=source_of(state.study)
        ),
        price_note=_("Amounts in %(year)s prices", year=plan.price_year),
    )


def _record(allocation_id: int) -> AllocationRecord:
    return scenarios.get_allocation(db.session, allocation_id, actor=me())


@blueprint.post("/<int:allocation_id>/rule-costs")
def calculate(allocation_id: int) -> AnyResponse:
    """Ask what the rules cost."""
    return STUDY.calculate(_record(allocation_id))


@blueprint.get("/<int:allocation_id>/rule-costs/job")
def job(allocation_id: int) -> Response:
    """Say how far it is."""
    return STUDY.told(_record(allocation_id))
