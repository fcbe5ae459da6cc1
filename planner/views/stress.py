"""A result in hard times."""

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from planner.extensions import db, me
from planner.formats import reader_language as language
from planner.model import AllocationRecord
from planner.model.states import StudyKind
from planner.reports.stress import disappointments_table, stress_report
from planner.services import scenarios
from planner.views.result_study import ResultStudy, source_of

STUDY = ResultStudy(
    StudyKind.STRESS,
    "stress",
    lazy_gettext("Looking for the best plan in each case"),
    lazy_gettext("%(done)s of %(total)s cases"),
)

blueprint = Blueprint("stress", __name__, url_prefix="/allocations")


@blueprint.get("/<int:allocation_id>/stress")
def show(allocation_id: int) -> str:
    """Show what a result gives in hard times, and what would be best then."""
    record = _record(allocation_id)
    state = STUDY.state(record)
    plan, study = state.allocation.plan, state.study
    return render_template(
        "stress/show.html",
        state=state,
        scenario=record.scenario,
        report=None
        if study is None
        else stress_report(study.document, plan, language=language(), source=source_of(study)),
        disappointments=disappointments_table(state.allocation, source=source_of(record)),
        price_note=_("Amounts in %(year)s prices", year=plan.price_year),
    )


def _record(allocation_id: int) -> AllocationRecord:
    return scenarios.get_allocation(db.session, allocation_id, actor=me())


@blueprint.post("/<int:allocation_id>/stress")
def calculate(allocation_id: int) -> AnyResponse:
    """Ask what a result gives in hard times."""
    return STUDY.calculate(_record(allocation_id))


@blueprint.get("/<int:allocation_id>/stress/job")
def job(allocation_id: int) -> Response:
    """Say how far the hard times of a result are."""
    return STUDY.told(_record(allocation_id))
