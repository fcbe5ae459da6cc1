"""If a pool gets smaller or larger: one order for a result."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from planner.extensions import db, me
from planner.formats import reader_language as language
from planner.model import AllocationRecord
from planner.model.states import StudyKind
from planner.reports.cut_list import PoolSteps, cut_list_report, pools_of
from planner.services import scenarios
from planner.services.writing import NotFoundError
from planner.views.result_study import ResultStudy, StudyState, source_of

STUDY = ResultStudy(
    StudyKind.CUT_LIST, "cut_list", lazy_gettext("Looking for one order at every size")
)

blueprint = Blueprint("cut_list", __name__, url_prefix="/allocations")


@blueprint.get("/<int:allocation_id>/cut-list")
def show(allocation_id: int) -> str:
    """Show one order for smaller and larger sizes of a pool."""
    record = _record(allocation_id)
    state = STUDY.state(record)
    plan = state.allocation.plan
    pools = () if state.study is None else pools_of(state.study.document)
    chosen = _chosen(pools)
    names = {pool.id: pool.name or pool.id for pool in plan.scenario.pools}
    return render_template(
        "cut_list/show.html",
        state=state,
        scenario=record.scenario,
        pools=[(one.pool, names[one.pool]) for one in pools],
        chosen=None if chosen is None else chosen.pool,
        report=None
        if chosen is None
        else cut_list_report(chosen, plan, language=language(), source=_source(state)),
        price_note=_("Amounts in %(year)s prices", year=plan.price_year),
    )


def _record(allocation_id: int) -> AllocationRecord:
    return scenarios.get_allocation(db.session, allocation_id, actor=me())


def _source(state: StudyState) -> str:
    return "" if state.study is None else source_of(state.study)


def _chosen(pools: tuple[PoolSteps, ...]) -> PoolSteps | None:
    wanted = request.args.get("pool")
    if wanted is None:
        return pools[0] if pools else None
    found = next((one for one in pools if one.pool == wanted), None)
    if found is None:
        raise NotFoundError
    return found


@blueprint.post("/<int:allocation_id>/cut-list")
def calculate(allocation_id: int) -> AnyResponse:
    """Ask for one order at every size."""
    return STUDY.calculate(_record(allocation_id))


@blueprint.get("/<int:allocation_id>/cut-list/job")
def job(allocation_id: int) -> Response:
    """Say how far the search for one order is."""
    return STUDY.told(_record(allocation_id))
