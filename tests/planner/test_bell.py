"""The bell between those who ask and the workers: no Redis, one that is gone, a wrong address."""

import socket
import sys
import threading

import pytest

from planner import bell
from planner.config import ConfigError
from planner.model import JobRecord
from planner.model.database import engine_for, writing
from planner.model.states import JobStatus
from planner.services.scenarios import ScenarioData, create_scenario


@pytest.fixture
def closed_port():
    """A port at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_without_redis_a_worker_looks_by_itself():
    quiet = bell.bell_at("")
    quiet.ring()
    ending = threading.Event()
    ending.set()
    quiet.listen(ending)  # does not wait when it is to end


def test_a_redis_that_is_gone_holds_up_nobody(closed_port, caplog):
    broken = bell.bell_at(f"redis://127.0.0.1:{closed_port}")
    ending = threading.Event()
    ending.set()
    broken.ring()
    assert "does not answer" in caplog.text
    caplog.clear()
    for _turn in range(3):  # left alone for a while
        broken.ring()
        broken.listen(ending)
    assert caplog.text == ""
    broken.quiet_until = 0.0
    broken.listen(ending)
    assert "does not answer" in caplog.text


def test_what_cannot_be_used_is_said(monkeypatch):
    with pytest.raises(ConfigError, match="BUNDLINJE_QUEUE"):
        bell.bell_at("http://wrong")
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigError, match="package"):
        bell.bell_at("redis://127.0.0.1")


def test_it_is_rung_after_the_commit_of_a_job_that_waits(
    database_url, session, strategy, person, clock
):
    now = clock()
    scenario = create_scenario(
        session, strategy, ScenarioData(title="A"), by=person("finance"), now=now
    )
    session.commit()
    rung = []
    engine = engine_for(database_url, bell=lambda: rung.append(True))

    def add(status, *, keep):
        with writing(engine) as own:
            job = JobRecord(status=status, scenario_id=scenario.id, scenario_version=1, plan={})
            job.time_limit, job.created_at = 1, now
            own.add(job)
            own.flush()
            assert rung == []
            own.commit() if keep else own.rollback()

    add(JobStatus.QUEUED, keep=False)
    add(JobStatus.DONE, keep=True)
    add(JobStatus.QUEUED, keep=True)
    assert rung == [True]
    engine.dispose()
