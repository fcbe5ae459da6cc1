"""Following a calculation: waited for while it is short, then asked about by the page."""

import time
from dataclasses import dataclass

from flask import Response, current_app, jsonify, url_for
from flask_babel import gettext as _
from sqlalchemy import Engine
from werkzeug.wrappers import Response as AnyResponse

from planner.extensions import db
from planner.model import JobRecord
from planner.model.database import reading
from planner.model.states import JobStatus
from planner.requests import finish_writing
from planner.services import job_queue, jobs

WAIT_SECONDS = 2.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class JobLine:
    """A calculation under way, as the page shows it before the browser asks again."""

    url: str
    headline: str
    detail: str
    share: float | None
    #: what the best plan so far funds
    plan: str = ""
    #: where the page says that it was watched to the end
    seen: str = ""


def followed(response: AnyResponse, job: JobRecord) -> AnyResponse:
    """Commit what was asked for, and wait a little with no transaction open for its answer."""
    job_id = job.id
    finish_writing(response)
    wait_for(db.engine, job_id, seconds=current_app.config["ALLOCATION_WAIT_SECONDS"])
    return response


def wait_for(engine: Engine, job_id: int, *, seconds: float) -> None:
    """Wait until a calculation is over, for a while; each look is a short reading transaction."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with reading(engine) as session:
            if jobs.get_job(session, job_id).is_over:
                return
        time.sleep(POLL_SECONDS)


def told(job: JobRecord, line: JobLine) -> Response:
    """Return what the browser asks for while it waits."""
    return jsonify(
        status=str(job.status),
        headline=line.headline,
        detail=line.detail,
        plan=line.plan,
        share=line.share,
        href=None,
    )


def counted_line(job: JobRecord, *, url: str, headline: str, detail: str) -> JobLine:
    """Return what is said of work that is parts_done in parts; ``detail`` names done and total."""
    is_running = job.status is JobStatus.RUNNING
    return JobLine(
        url=url,
        headline=headline if is_running else _("Waiting for its turn"),
        detail=detail if is_running and (job.total or job.done) else place(job),
        share=(job.done or 0) / job.total if is_running and job.total else None,
        seen=url_for("notices.seen", job_id=job.id),
    )


def place(job: JobRecord) -> str:
    """Return the place of a calculation that waits, in words; nothing where it does not wait."""
    number = job_queue.place_of(db.session, job)
    return "" if number is None else _("No. %(place)s in the queue", place=number)


def parts_done(job: JobRecord) -> dict[str, int]:
    """Return how many parts of a calculation are done, and of how many."""
    return {"done": job.done or 0, "total": job.total or 0}
