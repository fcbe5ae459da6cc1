"""Keeping processes running beside this one: one that dies is started again, later each time."""

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
#: a process that lived so long did not die of its start
SETTLED = 60.0
LOOK_SECONDS = 0.25
END_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Process(Protocol):
    """What is used of a process that was started."""

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""


@dataclass(slots=True)
class Kept:
    """One process that is kept running.

    Parameters
    ----------
    wait : float
        Seconds between its death and the next start.
    again_at : float or None
        When it is started again; None while it runs.
    """

    start: Callable[[], Process]
    process: Process
    started_at: float
    wait: float = FIRST_WAIT
    again_at: float | None = None

    def look(self, seconds: float) -> None:
        """Start the process again when it is dead and its time has come."""
        if self.again_at is None:
            ended = self.process.poll()
            if ended is None:
                return
            logger.warning("a worker ended (%s); it is started again", ended)
            if seconds - self.started_at >= SETTLED:
                self.wait = FIRST_WAIT
            self.again_at = seconds + self.wait
            self.wait = min(2 * self.wait, LONGEST_WAIT)
        elif seconds >= self.again_at:
            self.process, self.started_at, self.again_at = self.start(), seconds, None


@dataclass(slots=True)
class Supervisor:
    """Keeps processes running until it is stopped; then all of them end."""

    kept: list[Kept]
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @classmethod
    def of(cls, start: Callable[[], Process], count: int) -> "Supervisor":
        """Start ``count`` processes, and keep them running."""
        began = time.monotonic()
        made = cls([Kept(start, start(), began) for _number in range(count)])
        made._thread = threading.Thread(target=made._look_after, daemon=True)
        made._thread.start()
        return made

    def _look_after(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            for one in self.kept:
                try:
                    one.look(time.monotonic())
                except OSError:  # no memory, too many processes: the next look tries again
                    logger.exception("a worker could not be started")

    def stop(self) -> None:
        """Ask all processes to end, and end those that do not."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        running = [one.process for one in self.kept if one.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + END_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
