"""The process that calculates: takes one job at a time, solves it, stores the result.

It holds no transaction while it solves. Run as ``python -m planner.worker --data DIR``, or
``bundlinje worker`` on any machine that reaches the database. One thread solves; the other keeps
what the worker has, takes jobs from dead workers, and ends the process within two seconds when it
is asked to, or when the process that started it is gone.
"""

import argparse
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import FrameType
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

import optimizer
from optimizer import Allocation, Plan, plan_from_document
from planner.bell import POLL_SECONDS, Bell, NoBell, bell_at
from planner.clock import utc_now
from planner.config import (
    LEASE_SECONDS,
    database_url,
    default_data_folder,
    lease_seconds,
    queue_url,
)
from planner.explaining import explain_job
from planner.model import JobRecord
from planner.model.database import engine_for, reading, writing
from planner.model.states import STUDY_JOBS, JobKind
from planner.noticing import tell
from planner.outbox import Outbox, outbox_from
from planner.progress import Progress
from planner.services import jobs, leases
from planner.services.leases import AT_ONCE, Hold, Worker
from planner.studying import study_job
from planner.telling import Due, finishing

TELL_SECONDS = 30.0
REAP_SECONDS = 2.0
#: how long the solver may take to hear that the worker ends
GRACE_SECONDS = 1.5
#: where pages are served by the same machine, they come before the solver
NICENESS = 10

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def new_worker(lease: int = LEASE_SECONDS) -> Worker:
    """Return a worker with a name that tells where it runs, and that no other has."""
    return Worker(f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:12]}", lease)


@dataclass(frozen=True, slots=True)
class Task:
    """What is known about a job while no transaction is open."""

    hold: Hold
    plan: Plan
    time_limit: int
    is_over: Callable[[], bool]


@dataclass(slots=True)
class Shift:
    """A worker at work: what it has in hand, and whether it is to stop.

    Parameters
    ----------
    ending : threading.Event
        Set when the worker is to end.
    hold : Hold or None
        The job that it has.
    is_lost : bool
        The job has been taken from it, so there is no use in going on.
    """

    engine: Engine
    clock: Clock = utc_now
    worker: Worker = AT_ONCE
    ending: threading.Event = field(default_factory=threading.Event)
    hold: Hold | None = None
    is_lost: bool = False

    # ---- In the thread that solves ----

    def run_next(self) -> bool:
        """Take on the job whose turn it is and finish it; return False when there is none."""
        with reading(self.engine) as session:
            if not leases.is_waiting(session):
                return False
        with writing(self.engine) as session:
            job = leases.claim_next(session, now=self.clock(), worker=self.worker)
            session.commit()
        if job is not None:
            self._work(job)
        return job is not None

    def run_job(self, job_id: int) -> None:
        """Take on one waiting job and finish it."""
        with writing(self.engine) as session:
            job = leases.claim(session, job_id, now=self.clock(), worker=self.worker)
            session.commit()
        if job is not None:
            self._work(job)

    @property
    def is_over(self) -> bool:
        """Return whether the solver is to stop: the job is lost, or the worker ends."""
        return self.is_lost or self.ending.is_set()

    def _work(self, job: JobRecord) -> None:
        hold = Hold(job.id, self.worker.name)
        self.is_lost, self.hold = False, hold
        try:
            self._answer(job, hold)
        except OperationalError:  # it is taken on again when its lease has lapsed
            logger.exception("job %s lost the database", job.id)
        except Exception:  # whatever went wrong is said on the page, and the worker goes on
            logger.exception("job %s failed", job.id)
            if not self.ending.is_set():
                with writing(self.engine) as session:
                    jobs.fail_job(session, hold, error=jobs.WENT_WRONG, now=self.clock())
                    session.commit()
        finally:
            if not self.ending.is_set():  # else it is given back, see `leave`
                self.hold = None

    def _answer(self, job: JobRecord, hold: Hold) -> None:
        if job.kind == JobKind.EXPLAIN:
            explain_job(self.engine, hold, clock=self.clock, is_over=lambda: self.is_over)
        elif job.kind in STUDY_JOBS:
            study_job(self.engine, hold, clock=self.clock, is_over=lambda: self.is_over)
        else:
            self._allocate(job, hold)

    def _allocate(self, job: JobRecord, hold: Hold) -> None:
        plan = plan_from_document(job.plan)
        with reading(self.engine) as session:
            result = jobs.known_result(session, job)
        if result is None:
            task = Task(hold, plan, job.time_limit, lambda: self.is_over)
            result = _result_of(solve(self.engine, task))
        if self.is_over:
            return  # cut short: the next worker takes the job on again
        with finishing(self.engine, hold) as (session, ours):
            if ours is not None:
                jobs.store_result(session, ours, plan, result, now=self.clock())

    # ---- In the thread that looks after it ----

    def keep(self) -> None:
        """Renew the lease of the job in hand; when it is the worker's no more, stop the solver."""
        hold = self.hold
        if hold is None:
            return
        with writing(self.engine) as session:
            is_ours = leases.renew(session, hold, until=self.worker.until(self.clock()))
            session.commit()
        if not is_ours and self.hold is hold:
            self.is_lost = True

    def reap(self) -> int:
        """Put the jobs of dead workers back in the queue; return how many."""
        with reading(self.engine) as session:
            if not leases.any_lapsed(session, now=self.clock(), worker=self.worker):
                return 0
        with writing(self.engine) as session:
            count = leases.reap(session, now=self.clock(), worker=self.worker)
            session.commit()
        return count

    def leave(self) -> None:
        """Give back the job in hand, so that another worker takes it on at once."""
        self.ending.set()
        hold = self.hold
        if hold is not None:
            with writing(self.engine) as session:
                leases.give_back(session, hold, now=self.clock())
                session.commit()
        self.hold = None


def run_next(engine: Engine, clock: Clock = utc_now) -> bool:
    """Take on the job whose turn it is and finish it, in this process."""
    return Shift(engine, clock).run_next()


def run_job(engine: Engine, job_id: int, clock: Clock = utc_now) -> None:
    """Take on one waiting job and finish it, in this process."""
    Shift(engine, clock).run_job(job_id)


def solve(engine: Engine, task: Task) -> Allocation:
    """Return the best plan that is found in the task's time; no transaction is open."""
    return optimizer.allocate(
        task.plan,
        time_limit=float(task.time_limit),
        progress=Progress(engine, task.hold, task.is_over, task.plan),
    )


def _result_of(allocation: Allocation) -> jobs.StoredResult:
    return jobs.StoredResult(
        document=allocation.document("da"),
        labels_en=[str(row["label"]) for row in allocation.document("en")["rows"]],
    )


# --- The process ----------------------------------------------------------------------------------


def work_on(shift: Shift, outbox: Outbox | None = None, bell: Bell | None = None) -> None:
    """Take on jobs until the shift ends; ``bell`` tells when there may be one.

    With an ``outbox`` the worker also tells of near deadlines and sends the notices that wait.
    """
    telling, bell = Due(TELL_SECONDS), bell or NoBell()
    while not shift.ending.is_set():
        found = False
        try:
            if outbox is not None and telling.now(time.monotonic()):
                tell(shift.engine, outbox, clock=shift.clock)
            found = shift.run_next()
        except SQLAlchemyError:
            logger.exception("the database does not answer")
        if not found:
            bell.listen(shift.ending)


@dataclass(slots=True)
class LookingAfter:
    """What the other thread does at each turn: the parent, the lease, the dead."""

    shift: Shift
    parent: int | None
    renewing: Due
    reaping: Due = field(default_factory=lambda: Due(REAP_SECONDS))

    def turn(self, seconds: float) -> None:
        """Do what is due; ``seconds`` are those of a clock that nobody moves."""
        if self.parent is not None and os.getppid() != self.parent:
            self.shift.ending.set()
            return
        try:
            if self.renewing.now(seconds):
                self.shift.keep()
            if self.reaping.now(seconds):
                self.shift.reap()
        except SQLAlchemyError:
            logger.exception("the database does not answer")


def work(
    shift: Shift, *, parent: int | None, outbox: Outbox | None = None, bell: Bell | None = None
) -> None:
    """Work until the shift ends, or the process ``parent`` is gone (None: it is not looked at)."""
    solving = threading.Thread(target=work_on, args=(shift, outbox, bell), daemon=True)
    after = LookingAfter(shift, parent, Due(shift.worker.lease_seconds / 3))
    after.turn(time.monotonic())
    solving.start()
    while not shift.ending.wait(POLL_SECONDS):
        after.turn(time.monotonic())
    solving.join(GRACE_SECONDS)
    try:
        shift.leave()
    except SQLAlchemyError:
        logger.exception("the job in hand waits until its lease lapses")


def serve(data: Path | None, *, parent: int | None = None) -> None:
    """Be a worker until a signal ends it, or the parent is gone; then this process is over."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    bell = bell_at(queue_url())
    engine = engine_for(database_url(data), bell=bell.ring)
    shift = Shift(engine, worker=new_worker(lease_seconds()))

    def end(_signal: int, _frame: FrameType | None) -> None:
        shift.ending.set()

    # Ctrl+C goes to the whole group: the worker ends with the application
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    outbox = outbox_from((data or default_data_folder()).resolve())
    work(shift, parent=parent, outbox=outbox, bell=bell)
    logging.shutdown()
    # the solver may be in the middle of something and hears nothing: nobody waits for it
    os._exit(0)


def main(arguments: list[str] | None = None) -> None:
    """Start the worker."""
    parser = argparse.ArgumentParser(prog="python -m planner.worker", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the embedded database")
    parser.add_argument("--parent", type=int, help="end when this process is gone")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s worker %(message)s")
    serve(chosen.data, parent=chosen.parent)


if __name__ == "__main__":
    main()
