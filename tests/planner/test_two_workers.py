"""Two workers on one database: each job once, the same once only, a killed worker replaced.

Run here on SQLite; `test_servers.py` runs this file again on PostgreSQL, and on PostgreSQL with
Redis, which it names in TEST_POSTGRESQL and TEST_REDIS.
"""

import dataclasses
import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select

from planner import bell
from planner.model import AllocationRecord, JobRecord
from planner.model.database import reading
from planner.model.states import JobKind, JobStatus
from planner.services import jobs
from planner.services.events import verify_events
from planner.services.interventions import create_accepted
from planner.services.scenarios import ScenarioData, create_scenario

REDIS = os.environ.get("TEST_REDIS", "")
BOUND = 180.0
OVER = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)

pytestmark = pytest.mark.slow


@pytest.fixture
def config(config):
    """The application rings where Redis is set."""
    return dataclasses.replace(config, queue_url=REDIS)


@pytest.fixture
def ask(session, strategy, build, department, person, clock):
    for key in "abc":
        create_accepted(
            session, build.case(key), department=department("social"), by=None, now=clock()
        )

    def asked(*titles):
        for title in titles:
            scenario = create_scenario(
                session, strategy, ScenarioData(title=title), by=person("finance"), now=clock()
            )
            jobs.request_allocation(session, scenario, by=person("finance"), now=clock())
        session.commit()

    return asked


@pytest.fixture
def start(database_url, tmp_path):
    """Start a worker as on a machine of its own: it knows the database, and Redis."""
    started = []
    environment = {
        **os.environ,
        "BUNDLINJE_DATABASE_URL": database_url,
        "BUNDLINJE_QUEUE": REDIS,
        "BUNDLINJE_LEASE_SECONDS": "2",
    }

    def worker():
        command = [sys.executable, "-m", "planner.worker", "--data", str(tmp_path)]
        started.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE))
        return started[-1]

    yield worker
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


def wait_until(condition):
    deadline = time.monotonic() + BOUND
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_two_workers_share_the_queue(ask, start, engine, session):
    same = ["Ens"] * 3
    ask(*[f"Nr. {number}" for number in range(8)], *same)
    workers = [start(), start()]

    def holder():
        """The worker among the first two that has a job."""
        with reading(engine) as own:
            names = own.scalars(
                select(JobRecord.owner).where(JobRecord.status == JobStatus.RUNNING)
            ).all()
        pids = {name.split(":")[1] for name in names}
        return next((one for one in workers if str(one.pid) in pids), None)

    killed = wait_until(holder)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    workers = [one for one in workers if one is not killed] + [start()]

    def is_over():
        with reading(engine) as own:
            left = select(func.count(JobRecord.id)).where(JobRecord.status.not_in(OVER))
            return own.scalar(left) == 0

    wait_until(is_over)
    for one in workers:
        one.terminate()
    for one in workers:
        assert one.wait(timeout=BOUND) == 0
        assert one.stderr.read() == b""

    with reading(engine) as own:
        allocating = own.scalars(select(JobRecord).where(JobRecord.kind == JobKind.ALLOCATE)).all()
        assert {job.status for job in allocating} == {JobStatus.DONE}
        owners = {int(job.owner.split(":")[1]) for job in own.scalars(select(JobRecord))}
        assert {one.pid for one in workers} <= owners
        found = own.scalars(select(AllocationRecord)).all()
        assert len(found) == len({one.scenario_id for one in found}) == 11
        # solved once and copied twice: even the seconds are those of the one solve
        copies = [one.result for one in found if one.scenario.title in same]
        assert copies[0] == copies[1] == copies[2]
        assert len({str(one.result["seconds"]) for one in found}) == 9
        assert verify_events(own).is_sound


@pytest.mark.skipif(not REDIS, reason="about Redis, see test_servers.py")
def test_who_asks_rings_after_the_commit(ask, session, hung_bell):
    assert hung_bell.redis.llen(bell.KEY) == 0
    ask("A")
    assert hung_bell.redis.llen(bell.KEY) == 1


@pytest.mark.skipif(not REDIS, reason="about Redis, see test_servers.py")
def test_a_worker_hears_a_ring_at_once(hung_bell):
    import threading

    heard = threading.Event()

    def listen():
        hung_bell.listen(threading.Event())
        heard.set()

    began = time.monotonic()
    hung_bell.ring()
    listener = threading.Thread(target=listen)
    listener.start()
    listener.join(10)
    assert heard.is_set()
    assert hung_bell.redis.llen(bell.KEY) == 0
    assert time.monotonic() - began < bell.LISTEN_SECONDS


@pytest.fixture
def hung_bell():
    """The bell, with no ring left of another test."""
    made = bell.bell_at(REDIS)
    made.redis.delete(bell.KEY)
    yield made
    made.redis.close()
