"""How a worker tells how far a job is, and hands in what it found; in between nothing is locked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from planner.model import JobRecord
from planner.model.database import PlannerSession, writing
from planner.services import leases
from planner.services.leases import Hold

PROGRESS_SECONDS = 0.5


@dataclass(slots=True)
class Due:
    """Says when something that is done every so many seconds is due."""

    every: float
    last: float = float("-inf")

    def now(self, seconds: float) -> bool:
        """Return whether it is due at a moment, and count from there if it is."""
        if seconds - self.last < self.every:
            return False
        self.last = seconds
        return True


@dataclass(slots=True)
class Teller:
    """Writes down how far a job is, at most twice a second, and notes whether to go on.

    Parameters
    ----------
    is_over : callable
        Whether the worker is to end.
    given_up : bool
        Nobody asks for it any more, its worker ends, or another worker has it.
    """

    engine: Engine
    hold: Hold
    is_over: Callable[[], bool]
    due: Due = field(default_factory=lambda: Due(PROGRESS_SECONDS))
    given_up: bool = False

    @property
    def stopped(self) -> bool:
        """Return whether there is no use in going on."""
        return self.given_up

    def write(self, tell: Callable[[PlannerSession], bool], *, at: float | None = None) -> bool:
        """Let ``tell`` write, which returns whether to stop; return whether to stop.

        Parameters
        ----------
        at : float or None
            Seconds that count for "twice a second"; None: those of the clock.
        """
        seconds = time.monotonic() if at is None else at
        self.given_up = self.given_up or self.is_over()
        if self.stopped or not self.due.now(seconds):
            return self.stopped
        # a locked database must not end the work: the next word comes soon
        with suppress(SQLAlchemyError), writing(self.engine) as session:
            self.given_up = tell(session)
            session.commit()
        return self.stopped


@contextmanager
def finishing(engine: Engine, hold: Hold) -> Iterator[tuple[PlannerSession, JobRecord | None]]:
    """Give a session to hand in what was found, and the job; None: it is not the worker's any more.

    This is the only door to a result: a worker that was taken for dead stores nothing.
    """
    with writing(engine) as session:
        yield session, leases.held(session, hold)
        session.commit()
