"""The process that calculates: takes one job at a time, solves it, stores the result.

It holds no transaction while it solves. Run as ``python -m planner.worker --data DIR``; it ends
when the process that started it is gone.
"""

import argparse
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

import optimizer
from optimizer import Allocation, Plan, plan_from_document
from planner.clock import utc_now
from planner.config import database_url, default_data_folder
from planner.explaining import explain_job
from planner.model import JobRecord
from planner.model.database import PlannerSession, engine_for, writing
from planner.model.states import STUDY_JOBS, JobKind
from planner.noticing import tell
from planner.outbox import Outbox, outbox_from
from planner.services import jobs
from planner.studying import study_job
from planner.telling import Teller

POLL_SECONDS = 0.25
TELL_SECONDS = 30.0

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Task:
    """What is known about a job while no transaction is open."""

    job_id: int
    plan: Plan
    time_limit: int
    parent: int | None = None


def _is_orphan(parent: int | None) -> bool:
    return parent is not None and os.getppid() != parent


@dataclass(slots=True)
class Progress(Teller):
    """Tells how far the solver is, by the solver's own seconds."""

    def __call__(self, best: float | None, bound: float | None, seconds: float) -> bool:
        """Take the solver's word; return True to cancel."""

        def told(session: PlannerSession) -> bool:
            return jobs.report_progress(
                session, self.job_id, best=best, bound=bound, seconds=seconds
            )

        return self.write(told, at=seconds)


def run_next(engine: Engine, clock: Clock = utc_now, *, parent: int | None = None) -> bool:
    """Take on the oldest waiting job and finish it; return False when there is none."""
    with writing(engine) as session:
        job = jobs.claim_next(session, now=clock())
        session.commit()
    if job is not None:
        _work(engine, job, clock=clock, parent=parent)
    return job is not None


def run_job(engine: Engine, job_id: int, clock: Clock = utc_now) -> None:
    """Take on one waiting job and finish it, in this process."""
    with writing(engine) as session:
        job = jobs.claim(session, job_id, now=clock())
        session.commit()
    if job is not None:
        _work(engine, job, clock=clock)


def _work(engine: Engine, job: JobRecord, *, clock: Clock, parent: int | None = None) -> None:
    try:
        if job.kind == JobKind.EXPLAIN:
            explain_job(engine, job.id, clock=clock, is_over=lambda: _is_orphan(parent))
            return
        if job.kind in STUDY_JOBS:
            study_job(engine, job.id, clock=clock, is_over=lambda: _is_orphan(parent))
            return
        plan = plan_from_document(job.plan)
        allocation = solve(engine, Task(job.id, plan, job.time_limit, parent))
        if _is_orphan(parent):
            return  # cut short: the next worker takes the job on again
        _store(engine, job.id, plan, allocation, now=clock())
    except Exception:  # whatever went wrong is said on the page, and the worker goes on
        logger.exception("job %s failed", job.id)
        with writing(engine) as session:
            jobs.fail_job(session, job.id, error=jobs.WENT_WRONG, now=clock())
            session.commit()


def solve(engine: Engine, task: Task) -> Allocation:
    """Return the best plan that is found in the task's time; no transaction is open."""
    return optimizer.allocate(
        task.plan,
        time_limit=float(task.time_limit),
        progress=Progress(engine, task.job_id, lambda: _is_orphan(task.parent)),
    )


def _store(
    engine: Engine, job_id: int, plan: Plan, allocation: Allocation, *, now: datetime
) -> None:
    result = jobs.StoredResult(
        document=allocation.document("da"),
        labels_en=[str(row["label"]) for row in allocation.document("en")["rows"]],
    )
    with writing(engine) as session:
        job = session.get_one(JobRecord, job_id)
        jobs.store_result(session, job, plan, result, now=now)
        session.commit()


def work(
    engine: Engine, *, parent: int | None, clock: Clock = utc_now, outbox: Outbox | None = None
) -> None:
    """Work until the process ``parent`` is gone; None: for ever.

    With an ``outbox`` it also tells of near deadlines and sends the notices that wait.
    """
    told_at = -TELL_SECONDS
    with writing(engine) as session:
        jobs.recover_jobs(session, now=clock())
        session.commit()
    while not _is_orphan(parent):
        try:
            if outbox is not None and time.monotonic() - told_at >= TELL_SECONDS:
                told_at = time.monotonic()
                tell(engine, outbox, clock=clock)
            found = run_next(engine, clock, parent=parent)
        except SQLAlchemyError:
            logger.exception("the database does not answer")
            found = False
        if not found:
            time.sleep(POLL_SECONDS)


def main(arguments: list[str] | None = None) -> None:
    """Start the worker."""
    parser = argparse.ArgumentParser(prog="python -m planner.worker", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the embedded database")
    parser.add_argument("--parent", type=int, help="end when this process is gone")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s worker %(message)s")
    # Ctrl+C goes to the whole group: the worker ends quietly with the application
    with suppress(KeyboardInterrupt):
        outbox = outbox_from((chosen.data or default_data_folder()).resolve())
        work(engine_for(database_url(chosen.data)), parent=chosen.parent, outbox=outbox)


if __name__ == "__main__":
    main()
