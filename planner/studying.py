"""The worker's part that studies a plan; no transaction is open while it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from optimizer import Allocation, Plan, plan_from_document
from optimizer.levers import PoolSize
from planner.model import AllocationRecord, JobRecord
from planner.model.database import reading
from planner.model.states import JobKind
from planner.reports.frontier_question import amounts_of, lever_of
from planner.reports.stored import stored_allocation
from planner.result_studies import STUDIES, Asked
from planner.services import studies
from planner.services.job_queue import tell
from planner.services.leases import Hold
from planner.telling import Teller, finishing

Json = Any


@dataclass(slots=True)
class Studying(Teller):
    """Tells how many parts of a study are done."""

    def __call__(self, done: int, total: int) -> bool:
        """Take the word of the optimizer; return True to stop."""
        return self.write(lambda session: tell(session, self.hold, done=done, total=total))


def study_job(
    engine: Engine, hold: Hold, *, clock: Callable[[], datetime], is_over: Callable[[], bool]
) -> None:
    """Do the study that a job asks for, and keep what is found."""
    with reading(engine) as session:
        job = session.get_one(JobRecord, hold.job_id)
        record = job.allocation
        first = session.get(AllocationRecord, (job.question or {}).get("first", 0))
        question = _Question(
            kind=job.kind,
            plan=job.plan,
            question=job.question or {},
            seconds=float(job.time_limit),
            result=None if record is None else record.result,
            other=None if first is None else (first.plan, first.result),
        )
        document = studies.known_study(session, job)
    if document is None:
        document = _answer(question, Studying(engine, hold, is_over))
    if is_over():
        return  # cut short: the next worker takes the job on again
    with finishing(engine, hold) as (session, ours):
        if ours is not None:
            studies.store_study(session, ours, document, now=clock())


@dataclass(frozen=True, slots=True)
class _Question:
    """What a job asks, while no transaction is open."""

    kind: str
    plan: dict[str, Json]
    question: dict[str, Json]
    seconds: float
    result: dict[str, Json] | None
    other: tuple[dict[str, Json], dict[str, Json]] | None


def _answer(asked: _Question, progress: Studying) -> dict[str, Json]:
    if asked.kind == JobKind.STRESS:
        tried = stored_allocation(asked.plan, asked.result or {})
        return stress_of(tried, time_limit=asked.seconds, progress=progress)
    if asked.kind in STUDIES:
        return STUDIES[asked.kind](
            Asked(
                stored_allocation(asked.plan, asked.result or {}),
                asked.seconds,
                progress,
                None if asked.other is None else stored_allocation(*asked.other),
            )
        )
    plan = plan_from_document(asked.plan)
    return frontier_of(plan, asked.question, time_limit=asked.seconds, progress=progress)


def stress_of(tried: Allocation, *, time_limit: float, progress: Studying) -> dict[str, Json]:
    """Return what the plan of a result gives in hard times, as it is stored."""
    # numerical libraries take a while to load: a worker starts without them
    from optimizer.stress import stress_table  # noqa: PLC0415
    from planner.reports.stress import stress_document  # noqa: PLC0415

    table = stress_table(tried.plan, tried.choice, time_limit=time_limit, progress=progress)
    return stress_document(table, tried.plan)


def frontier_of(
    plan: Plan, question: dict[str, Json], *, time_limit: float, progress: Studying
) -> dict[str, Json]:
    """Return the best plan at each amount that a question names, as it is stored.

    A question for every step names the two ends.
    """
    from optimizer.frontier import frontier, staircase  # noqa: PLC0415

    lever, amounts = lever_of(question), amounts_of(question)
    if question.get("every_step") and isinstance(lever, PoolSize):
        low, high = (int(end) for end in amounts)
        found = staircase(plan, lever.pool, low, high, time_limit=time_limit, progress=progress)
    else:
        found = frontier(plan, lever, amounts, time_limit=time_limit, progress=progress)
    return found.document()
