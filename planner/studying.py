"""The worker's part that studies a plan; no transaction is open while it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from optimizer import Allocation, Plan, plan_from_document
from optimizer.levers import PoolSize
from planner.model import AllocationRecord, JobRecord
from planner.model.database import writing
from planner.model.states import JobKind
from planner.reports.frontier_question import amounts_of, lever_of
from planner.reports.stored import stored_allocation
from planner.result_studies import STUDIES, Asked
from planner.services import studies
from planner.services.job_queue import tell
from planner.telling import Teller

Json = Any


@dataclass(slots=True)
class Studying(Teller):
    """Tells how many parts of a study are done."""

    def __call__(self, done: int, total: int) -> bool:
        """Take the word of the optimizer; return True to stop."""
        return self.write(lambda session: tell(session, self.job_id, done=done, total=total))


def study_job(
    engine: Engine, job_id: int, *, clock: Callable[[], datetime], is_over: Callable[[], bool]
) -> None:
    """Do the study that a job asks for, and keep what is found."""
    with writing(engine) as session:
        job = session.get_one(JobRecord, job_id)
        kind, plan, question, seconds = job.kind, job.plan, job.question or {}, job.time_limit
        record = job.allocation
        result = None if record is None else record.result
        first = session.get(AllocationRecord, question.get("first", 0))
        other = None if first is None else (first.plan, first.result)
        session.rollback()
    progress = Studying(engine, job_id, is_over)
    if kind == JobKind.STRESS:
        tried = stored_allocation(plan, result or {})
        document = stress_of(tried, time_limit=float(seconds), progress=progress)
    elif kind in STUDIES:
        document = STUDIES[kind](
            Asked(
                stored_allocation(plan, result or {}),
                float(seconds),
                progress,
                None if other is None else stored_allocation(*other),
            )
        )
    else:
        studied = plan_from_document(plan)
        document = frontier_of(studied, question, time_limit=float(seconds), progress=progress)
    if is_over():
        return  # cut short: the next worker takes the job on again
    with writing(engine) as session:
        studies.store_study(session, session.get_one(JobRecord, job_id), document, now=clock())
        session.commit()


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
