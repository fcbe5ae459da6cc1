"""The worker's part that explains a stored result; no transaction is open while it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from optimizer import Allocation
from planner.model import AllocationRecord, JobRecord
from planner.model.database import PlannerSession, reading
from planner.reports.stored import stored_allocation
from planner.reports.why import is_of_another_plan
from planner.services import explanations, leases
from planner.services.leases import Hold
from planner.telling import Teller, finishing

if TYPE_CHECKING:
    from optimizer.explain import Explanation, Phase


@dataclass(slots=True)
class Explaining(Teller):
    """Tells how far an explanation is, and gives way.

    Parameters
    ----------
    is_in_the_way : bool
        An allocation waits, which is more urgent.
    """

    is_in_the_way: bool = False

    def __call__(self, phase: "Phase", done: int, total: int) -> bool:
        """Take the word of the optimizer; return True to stop."""

        def told(session: PlannerSession) -> bool:
            given_up, self.is_in_the_way = explanations.report_explaining(
                session, self.hold, phase=str(phase), done=done, total=total
            )
            return given_up

        return self.write(told)

    @property
    def stopped(self) -> bool:
        """Return whether there is no use in going on."""
        return self.given_up or self.is_in_the_way


def explain_job(
    engine: Engine, hold: Hold, *, clock: Callable[[], datetime], is_over: Callable[[], bool]
) -> None:
    """Explain the result that a job names, and keep the answer."""
    with reading(engine) as session:
        job = session.get_one(JobRecord, hold.job_id)
        record = session.get_one(AllocationRecord, job.allocation_id)
        plan, result, time_limit = record.plan, record.result, job.time_limit
        answer = explanations.known_explanation(session, job)
    chosen = {one["intervention"] for one in result["chosen"]}
    if answer is not None and is_of_another_plan(answer.danish, chosen):
        answer = None  # a better plan came up: it is asked anew
    progress = Explaining(engine, hold, is_over)
    if answer is None:
        found = explained(stored_allocation(plan, result), time_limit=time_limit, progress=progress)
        answer = explanations.Explained(found.document("da"), found.document("en"))
    if is_over():
        return  # cut short: the next worker takes the job on again
    with finishing(engine, hold) as (session, ours):
        if ours is None:
            return
        if progress.is_in_the_way and not progress.given_up:
            leases.give_back(session, hold, now=clock())
        else:
            explanations.store_explanation(session, ours, answer, now=clock())


def explained(allocation: Allocation, *, time_limit: int, progress: Explaining) -> "Explanation":
    """Return why the plan of an allocation is the best, as ``bundlinje explain`` says it."""
    # numerical libraries take half a second to load: a worker starts without them
    from optimizer.explain import explain  # noqa: PLC0415

    return explain(
        allocation.plan,
        allocation=allocation if allocation.has_plan else None,
        time_limit=float(time_limit),
        progress=progress,
    )
