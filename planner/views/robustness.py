"""How sure the choices of a result are, when the uncertain varies."""

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from optimizer.intervention import intervention_of
from planner.extensions import db, me
from planner.formats import reader_language as language
from planner.model import AllocationRecord
from planner.model.states import StudyKind
from planner.reports.robustness import robustness_report
from planner.services import scenarios
from planner.views.result_study import ResultStudy, source_of

STUDY = ResultStudy(
    StudyKind.ROBUSTNESS, "robustness", lazy_gettext("Looking for the best plan in each turn")
)

blueprint = Blueprint("robustness", __name__, url_prefix="/allocations")


@blueprint.get("/<int:allocation_id>/robustness")
def show(allocation_id: int) -> str:
    """Show how often each intervention belongs to the best plan."""
    record = _record(allocation_id)
    state = STUDY.state(record)
    plan = state.allocation.plan
    now = frozenset(intervention_of(key) for key in state.allocation.choice)
    study = state.study
    # a plan that fits in none of the turns says nothing of its choices
    is_known = study is not None and bool(study.document["best"])
    return render_template(
        "robustness/show.html",
        state=state,
        scenario=record.scenario,
        report=robustness_report(
            study.document, plan, now, language=language(), source=source_of(study)
        )
        if study is not None and is_known
        else None,
        price_note=_("Amounts in %(year)s prices", year=plan.price_year),
    )


def _record(allocation_id: int) -> AllocationRecord:
    return scenarios.get_allocation(db.session, allocation_id, actor=me())


@blueprint.post("/<int:allocation_id>/robustness")
def calculate(allocation_id: int) -> AnyResponse:
    """Ask how sure the choices are."""
    return STUDY.calculate(_record(allocation_id))


@blueprint.get("/<int:allocation_id>/robustness/job")
def job(allocation_id: int) -> Response:
    """Say how far it is."""
    return STUDY.told(_record(allocation_id))
