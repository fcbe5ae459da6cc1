"""Why two scenarios' results differ: a section of the comparison, worked out when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from planner.access import may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.model import AllocationRecord, JobRecord, ScenarioRecord
from planner.model.states import JobStatus, StudyKind
from planner.reports.difference import Compared, DifferenceReport, difference_report
from planner.reports.stored import stored_allocation
from planner.services import studies
from planner.services.scenarios import get_scenario, latest_allocations
from planner.services.writing import NotFoundError
from planner.views.following import JobLine, counted_line, followed, parts_done, told
from planner.views.result_study import source_of

TWO = 2

blueprint = Blueprint("difference", __name__, url_prefix="/compare/difference")


@dataclass(frozen=True, slots=True)
class DifferenceSection:
    """What the comparison of two shows of why they differ."""

    report: DifferenceReport | None
    job: JobLine | None
    failed: bool
    calculate_href: str | None


def section_of(scenarios: Sequence[ScenarioRecord], titles: Sequence[str]) -> DifferenceSection:
    """Return what is known of why two scenarios with a plan differ."""
    first, second = _results(scenarios)
    job = _latest_job(first, second)
    is_under_way = job is not None and not job.is_over
    may = may_ask(me(), "difference.calculate") and not is_under_way
    asked = [scenario.id for scenario in scenarios]
    return DifferenceSection(
        report=_report(first, second, titles),
        job=_line(job, asked) if job is not None and is_under_way else None,
        failed=job is not None and job.status is JobStatus.FAILED,
        calculate_href=url_for("difference.calculate", s=asked) if may else None,
    )


def _report(
    first: AllocationRecord, second: AllocationRecord, titles: Sequence[str]
) -> DifferenceReport | None:
    study = studies.study_of(db.session, StudyKind.DIFFERENCE, second, {"first": first.id})
    if study is None:
        return None
    plans = [stored_allocation(one.plan, one.result).plan for one in (first, second)]
    return difference_report(
        study.document,
        Compared(titles[0], plans[0]),
        Compared(titles[1], plans[1]),
        language=language(),
        source=source_of(study),
    )


def _results(scenarios: Sequence[ScenarioRecord]) -> tuple[AllocationRecord, AllocationRecord]:
    """Return the last results of two scenarios, which both have a plan."""
    records = latest_allocations(db.session, scenarios)
    found = [records[one.id] for one in scenarios if one.id in records]
    if len(found) != TWO:
        raise NotFoundError
    if not all(stored_allocation(one.plan, one.result).has_plan for one in found):
        raise NotFoundError
    return found[0], found[1]


def _asked() -> list[ScenarioRecord]:
    asked = request.args.getlist("s", type=int)
    if len(set(asked)) != TWO:
        raise NotFoundError
    return [get_scenario(db.session, identity, actor=me()) for identity in asked]


def _latest_job(first: AllocationRecord, second: AllocationRecord) -> JobRecord | None:
    """Return the last work on the second result where it was to be compared with the first."""
    job = studies.latest_job(db.session, StudyKind.DIFFERENCE, allocation=second)
    return job if job is not None and job.question == {"first": first.id} else None


def _line(job: JobRecord, asked: list[int]) -> JobLine:
    return counted_line(
        job,
        url=url_for("difference.job", s=asked),
        headline=_("Finding out why they are different"),
        detail=_("%(done)s of %(total)s steps", **parts_done(job)),
    )


@blueprint.post("")
def calculate() -> AnyResponse:
    """Ask why two results differ."""
    scenarios = _asked()
    first, second = _results(scenarios)
    job = studies.request_study(
        db.session, StudyKind.DIFFERENCE, second, {"first": first.id}, by=me(), now=now()
    )
    href = url_for("compare.show", s=[one.id for one in scenarios]) + "#why-different"
    return followed(redirect(href, 303), job)


@blueprint.get("/job")
def job() -> Response:
    """Say how far it is."""
    scenarios = _asked()
    found = _latest_job(*_results(scenarios))
    if found is None:
        raise NotFoundError
    return told(found, _line(found, [one.id for one in scenarios]))
