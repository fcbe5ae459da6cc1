"""Workers beside the web process: started again when they die, ended with it."""

import subprocess
import sys
import threading
from itertools import pairwise

from planner.supervising import LONGEST_WAIT, Kept, Supervisor

FOREVER = [sys.executable, "-c", "import signal; signal.pause()"]
DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True);"
    " signal.pause()"
)


class Dying:
    """A process that is dead at once."""

    def poll(self):
        return 1


def test_one_that_dies_is_started_again_later_each_time():
    starts = []

    def start():
        starts.append(now)
        return Dying()

    now = 0.0
    kept = Kept(start, Dying(), now)
    while now < 300:
        kept.look(now)
        now += 0.25
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert starts[0] == 0.5
    assert gaps == sorted(gaps)
    assert gaps[-1] - LONGEST_WAIT in {0.25, 0.0}
    assert len(starts) < 20


def test_one_that_has_lived_long_is_started_again_soon():
    kept = Kept(Dying, Dying(), started_at=0.0, wait=16.0)
    kept.look(60.0)
    kept.look(60.5)
    assert kept.started_at == 60.5


def test_a_killed_worker_is_replaced_and_all_end_together():
    started, third = [], threading.Event()

    def start():
        started.append(subprocess.Popen(FOREVER))
        if len(started) == 3:
            third.set()
        return started[-1]

    supervisor = Supervisor.of(start, 2)
    try:
        first = started[0]
        first.kill()
        first.wait()
        assert third.wait(30)
        assert started[2].poll() is None
    finally:
        supervisor.stop()
    assert all(process.poll() is not None for process in started)


def test_one_that_hears_nothing_is_ended(monkeypatch):
    monkeypatch.setattr("planner.supervising.END_SECONDS", 0.1)
    supervisor = Supervisor.of(
        lambda: subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE), 1
    )
    process = supervisor.kept[0].process
    process.stdout.readline()
    supervisor.stop()
    process.stdout.close()
    assert process.poll() == -9
