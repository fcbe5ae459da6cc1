"""A result in hard times."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response as AnyResponse

from planner import formats
from planner.access import may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.forms.base import BaseForm
from planner.model import AllocationRecord, JobRecord, StudyRecord
from planner.model.states import StudyKind
from planner.reports.stored import stored_allocation
from planner.reports.stress import disappointments_table, stress_report
from planner.services import scenarios, studies
from planner.services.writing import NotFoundError
from planner.views.following import JobLine, counted_line, followed, parts_done, told

blueprint = Blueprint("stress", __name__, url_prefix="/allocations")


@blueprint.get("/<int:allocation_id>/stress")
def show(allocation_id: int) -> str:
    """Show what a result gives in hard times, and what would be best then."""
    record = scenarios.get_allocation(db.session, allocation_id, actor=me())
    study = studies.stress_of(db.session, record)
    job = studies.latest_job(db.session, StudyKind.STRESS, allocation=record)
    is_under_way = job is not None and not job.is_over
    allocation = stored_allocation(record.plan, record.result)
    return render_template(
        "stress/show.html",
        record=record,
        scenario=record.scenario,
        has_plan=allocation.has_plan,
        report=None
        if study is None
        else stress_report(
            study.document, allocation.plan, language=language(), source=_source(study)
        ),
        disappointments=disappointments_table(allocation, source=_source(record)),
        job=job_line(job) if job is not None and is_under_way else None,
        may_calculate=may_ask(me(), "stress.calculate") and not is_under_way,
        form=BaseForm(formdata=None),
        price_note=_("Amounts in %(year)s prices", year=allocation.plan.price_year),
    )


def _source(thing: StudyRecord | AllocationRecord) -> str:
    moment = formats.moment(to_user_timezone(thing.created_at), language=language())
    return _("Bundlinje, calculated %(moment)s", moment=moment)


@blueprint.post("/<int:allocation_id>/stress")
def calculate(allocation_id: int) -> AnyResponse:
    """Ask what a result gives in hard times."""
    record = scenarios.get_allocation(db.session, allocation_id, actor=me())
    if not stored_allocation(record.plan, record.result).has_plan:
        raise NotFoundError
    job = studies.request_stress(db.session, record, by=me(), now=now())
    return followed(redirect(url_for("stress.show", allocation_id=record.id), 303), job)


@blueprint.get("/<int:allocation_id>/stress/job")
def job(allocation_id: int) -> Response:
    """Say how far the hard times of a result are."""
    record = scenarios.get_allocation(db.session, allocation_id, actor=me())
    found = studies.latest_job(db.session, StudyKind.STRESS, allocation=record)
    if found is None:
        raise NotFoundError
    return told(found, job_line(found))


def job_line(job: JobRecord) -> JobLine:
    """Return what is said of the work under way."""
    return counted_line(
        job,
        url=url_for("stress.job", allocation_id=job.allocation_id),
        headline=_("Looking for the best plan in each case"),
        detail=_("%(done)s of %(total)s cases", **parts_done(job)),
    )
