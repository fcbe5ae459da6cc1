"""What the studies of a result share: asked for, waited for, followed, shown when done."""

from dataclasses import dataclass

from flask import Response, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, to_user_timezone
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response as AnyResponse

from optimizer import Allocation
from planner import formats
from planner.access import may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.model import AllocationRecord, JobRecord, StudyRecord
from planner.model.states import JobStatus, StudyKind
from planner.reports.stored import stored_allocation
from planner.services import studies
from planner.services.writing import NotFoundError
from planner.views.following import JobLine, counted_line, followed, parts_done, told

STEPS = lazy_gettext("%(done)s of %(total)s steps")


@dataclass(frozen=True, slots=True)
class StudyState:
    """A result and what is known of one kind of study of it.

    Parameters
    ----------
    study : StudyRecord or None
        The last one that was found.
    job : JobLine or None
        The work under way.
    failed : bool
        Whether the last work went wrong.
    calculate_href : str or None
        Where it is asked for, by whoever may.
    """

    record: AllocationRecord
    allocation: Allocation
    study: StudyRecord | None
    job: JobLine | None
    failed: bool
    calculate_href: str | None


@dataclass(frozen=True, slots=True)
class ResultStudy:
    """One kind of study of a result.

    Parameters
    ----------
    views : str
        The blueprint, with the endpoints ``show``, ``calculate`` and ``job``.
    headline : LazyString
        What the worker is doing.
    counted : LazyString
        How far it is, with ``%(done)s`` and ``%(total)s``.
    """

    kind: StudyKind
    views: str
    headline: LazyString
    counted: LazyString = STEPS

    def state(self, record: AllocationRecord) -> StudyState:
        """Return what is known of this study of a result."""
        job = studies.latest_job(db.session, self.kind, allocation=record)
        is_under_way = job is not None and not job.is_over
        allocation = stored_allocation(record.plan, record.result)
        may = may_ask(me(), f"{self.views}.calculate") and allocation.has_plan
        return StudyState(
            record=record,
            allocation=allocation,
            study=studies.study_of(db.session, self.kind, record),
            job=self.line(job) if job is not None and is_under_way else None,
            failed=job is not None and job.status is JobStatus.FAILED,
            calculate_href=self._href("calculate", record) if may and not is_under_way else None,
        )

    def calculate(self, record: AllocationRecord) -> AnyResponse:
        """Ask for it; a short calculation is waited for, a longer one is followed on the page."""
        if not stored_allocation(record.plan, record.result).has_plan:
            raise NotFoundError
        job = studies.request_study(db.session, self.kind, record, {}, by=me(), now=now())
        return followed(redirect(self._href("show", record), 303), job)

    def told(self, record: AllocationRecord) -> Response:
        """Say how far the work is."""
        found = studies.latest_job(db.session, self.kind, allocation=record)
        if found is None:
            raise NotFoundError
        return told(found, self.line(found))

    def line(self, job: JobRecord) -> JobLine:
        """Return what is said of the work under way."""
        return counted_line(
            job,
            url=url_for(f"{self.views}.job", allocation_id=job.allocation_id),
            headline=str(self.headline),
            detail=str(self.counted) % parts_done(job),
        )

    def _href(self, view: str, record: AllocationRecord) -> str:
        return url_for(f"{self.views}.{view}", allocation_id=record.id)


def source_of(found: StudyRecord | AllocationRecord) -> str:
    """Return where the numbers of a study or of a result are from."""
    moment = formats.moment(to_user_timezone(found.created_at), language=language())
    return _("Bundlinje, calculated %(moment)s", moment=moment)
