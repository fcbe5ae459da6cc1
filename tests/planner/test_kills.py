"""Workers and web processes killed at random moments: no job is lost, none is done twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from planner.model import AllocationRecord, ExplanationRecord, JobRecord
from planner.model.database import engine_for, reading
from planner.model.states import JobKind, JobStatus
from planner.services import jobs, leases
from planner.services.events import verify_events
from planner.services.interventions import create_accepted
from planner.services.scenarios import ScenarioData, create_scenario

JOBS = 50
KILLS = ["worker", "web"] * 5
SEED = 6
LEASE = 2
LOOK = 0.02
BOUND = 180.0  # of a whole wait, on a machine with much else to do; a few seconds where it is quiet
OVER = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds processes in /proc"),
]


def wait_until(condition, what):
    """Look until a condition holds, and return what it found; fail when it takes too long."""
    deadline = time.monotonic() + BOUND
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(LOOK)
    return found


class House:
    """Two web processes with a worker each, on one database, that are started again when killed."""

    def __init__(self, data, temporary):
        self.data = data
        self.environment = {
            **os.environ,
            "BUNDLINJE_LEASE_SECONDS": str(LEASE),
            "TMPDIR": str(temporary),
        }
        self.log = (data.parent / "log.txt").open("wb")
        self.webs = [self.start(), self.start()]

    def start(self):
        command = [sys.executable, "-m", "planner.cli", "run", "--no-demo", "--port", "0"]
        return subprocess.Popen(
            [*command, "--data", str(self.data)],
            env=self.environment, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def workers(self):
        """The numbers of all workers on this database, whoever started them."""
        found = set()
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    words = (process / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue  # it ended while it was looked at
                if b"planner.worker" in words and str(self.data).encode() in words:
                    found.add(int(process.name))
        return found

    def kill_web(self, number):
        """Kill a web process; its worker must be gone soon after."""
        killed = self.webs[number]
        orphans = {pid for pid in self.workers() if parent_of(pid) == killed.pid}
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        self.webs[number] = self.start()
        return orphans

    def end(self):
        for web in self.webs:
            web.terminate()
        for web in self.webs:
            web.wait(timeout=BOUND)
        self.log.close()


def parent_of(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


@pytest.fixture
def asked(session, strategy, build, department, person, clock, database):
    """Fifty scenarios, each with its best plan asked for; return the data folder."""
    for key in "abc":
        create_accepted(
            session, build.case(key), department=department("social"), by=None, now=clock()
        )
    for number in range(JOBS):
        scenario = create_scenario(
            session, strategy, ScenarioData(title=f"Nr. {number}"), by=person("finance"),
            now=clock(),
        )  # fmt: skip
        jobs.request_allocation(session, scenario, by=person("finance"), now=clock())
    session.commit()
    return database.parent


@pytest.fixture
def house(asked, tmp_path_factory):
    temporary = tmp_path_factory.mktemp("temporary")
    made = House(asked, temporary)
    yield made
    for web in made.webs:
        web.kill()
        web.wait()
    for worker in made.workers():
        os.kill(worker, signal.SIGKILL)


def test_killed_at_random_moments_all_jobs_end_once(house, database, session):
    session.rollback()
    chance = random.Random(SEED)
    engine = engine_for(f"sqlite:///{database}")

    def count(*where):
        with reading(engine) as own:
            return own.scalar(select(func.count(JobRecord.id)).where(*where))

    def holder():
        """A living worker that has a job in hand."""
        with reading(engine) as own:
            names = own.scalars(
                select(JobRecord.owner).where(JobRecord.status == JobStatus.RUNNING)
            ).all()
        alive = house.workers()
        return next((pid for name in names if (pid := int(name.split(":")[1])) in alive), None)

    begun, orphans, killed = 0, set(), Counter()
    for what in KILLS:
        begun += chance.randint(2, 4)
        wait_until(lambda: count(JobRecord.attempts > 0) >= begun, f"{begun} jobs have begun")  # noqa: B023
        pid = wait_until(holder, "a worker has a job")
        for _look in range(chance.randint(0, 5)):
            time.sleep(LOOK / 4)
        if what == "web":
            orphans |= house.kill_web(chance.randrange(2))
        else:
            os.kill(pid, signal.SIGKILL)
        killed[what] += 1

    wait_until(lambda: count(JobRecord.status.not_in(OVER)) == 0, "every job is over")
    assert killed == {"worker": 5, "web": 5}
    assert not orphans & house.workers()  # they have gone with their parents

    house.end()
    assert house.workers() == set()
    assert_sound(engine)
    engine.dispose()
    temporary = Path(house.environment["TMPDIR"])
    assert list(temporary.iterdir()) == []
    kept = {path.name for path in house.data.iterdir() if not path.name.startswith("bundlinje.sq")}
    assert kept <= {"secret-key", "outbox"}


def assert_sound(engine):
    """Each job has one result, or says why it has none; database and log are whole."""
    with reading(engine) as own:
        results = Counter(own.scalars(select(AllocationRecord.scenario_id)))
        allocating = own.scalars(select(JobRecord).where(JobRecord.kind == JobKind.ALLOCATE)).all()
        assert len(allocating) == JOBS
        for job in allocating:
            if job.status is JobStatus.DONE:
                assert (results[job.scenario_id], job.error) == (1, "")
            else:
                assert (job.status, job.error) == (JobStatus.FAILED, leases.WORKER_STOPPED)
                assert results[job.scenario_id] == 0
        explained = Counter(own.scalars(select(ExplanationRecord.allocation_id)))
        for job in own.scalars(select(JobRecord).where(JobRecord.kind == JobKind.EXPLAIN)):
            assert explained[job.allocation_id] == (job.status is JobStatus.DONE)
        assert max(job.attempts for job in allocating) == leases.MOST_ATTEMPTS  # some were hit
        assert sum(job.status is JobStatus.DONE for job in allocating) >= JOBS - len(KILLS)
        assert verify_events(own).is_sound
        assert own.scalar(text("PRAGMA integrity_check")) == "ok"
