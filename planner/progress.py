"""How far the solver is with an allocation, and what its best plan so far funds."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import Engine

from optimizer import Plan, Watch
from optimizer.appraisal import Appraisal
from optimizer.writing import plain_number
from planner.model.database import PlannerSession
from planner.services import jobs
from planner.services.leases import Hold
from planner.telling import Due, Teller

#: between two looks at the best plan so far, of which it names so many interventions
SHOW_SECONDS = 3.0
MOST_NAMED = 5


class Progress(Watch):
    """Tells how far the solver is and what its best plan funds, by the solver's own seconds."""

    def __init__(
        self, engine: Engine, hold: Hold, is_over: Callable[[], bool], plan: Plan | None = None
    ) -> None:
        super().__init__()
        self._teller = Teller(engine, hold, is_over)
        self._appraisal = None if plan is None else Appraisal(plan)
        self._showing = Due(SHOW_SECONDS)
        self._shown = 0

    def __call__(self, best: float | None, bound: float | None, seconds: float) -> bool:
        """Take the solver's word; return True to cancel."""
        super().__call__(best, bound, seconds)
        # the solver's plan may break a rule by a krone; one that keeps them all is worth this
        exact = self.so_far.objective
        value = best if exact is None else float(exact)

        def told(session: PlannerSession) -> bool:
            return jobs.report_progress(
                session,
                self._teller.hold,
                best=value,
                bound=bound,
                seconds=seconds,
                so_far=self._funded(seconds),
            )

        return self._teller.write(told, at=seconds) or self.is_cancelled

    def _funded(self, seconds: float) -> dict[str, Any] | None:
        """Return what the best plan so far funds, when it is a new one and time to show it."""
        seen = self.so_far
        if self._appraisal is None or seen.improvements == self._shown:
            return None
        if not self._showing.now(seconds):
            return None
        self._shown = seen.improvements
        return funded_document(self._appraisal, seen.choice)


def funded_document(appraisal: Appraisal, choice: Mapping[str, Fraction]) -> dict[str, Any]:
    """Return what a plan funds as it is shown while a better one is looked for.

    The largest investments are named, the others counted.
    """
    chosen = {
        intervention.id: intervention
        for _key, intervention, _option, _scale in appraisal.chosen(choice)
    }
    outlays = {name: Fraction(0) for name in chosen}
    for _key, intervention, option, scale in appraisal.chosen(choice):
        outlays[intervention.id] += scale * appraisal.outlay(option)
    largest = sorted(chosen, key=lambda name: (-abs(outlays[name]), name))[:MOST_NAMED]
    return {
        "funded": len(chosen),
        "of": len(appraisal.plan.interventions),
        "invested": plain_number(appraisal.invested(choice)),
        "titles": [chosen[name].title for name in largest],
    }
