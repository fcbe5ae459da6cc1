"""Who has a calculation: one worker, until its lease lapses; a late one writes nothing."""

import threading

import pytest
from sqlalchemy import func, select

import optimizer
from planner import telling, worker
from planner.model import AllocationRecord, JobRecord
from planner.model.database import reading, writing
from planner.model.states import JobKind, JobStatus
from planner.services import explanations, job_queue, jobs, leases
from planner.services.interventions import create_accepted
from planner.services.leases import Hold, Worker
from planner.services.scenarios import ScenarioData, create_scenario

ANNA, BO = Worker("anna", 30), Worker("bo", 30)


@pytest.fixture
def ask(session, strategy, build, department, person, clock):
    """Ask for the best plan of a new scenario; return the number of the job."""
    create_accepted(session, build.case("a"), department=department("social"), by=None, now=clock())

    def made(title="Først", time_limit=60):
        scenario = create_scenario(
            session, strategy, ScenarioData(title=title), by=person("finance"), now=clock()
        )
        job = jobs.request_allocation(
            session, scenario, by=person("finance"), now=clock(), time_limit=time_limit
        )
        session.commit()
        return job.id

    return made


@pytest.fixture
def do(engine):
    """Do something in a writing session of its own, as each worker does."""

    def done(what, *args, **named):
        with writing(engine) as own:
            found = what(own, *args, **named)
            own.commit()
            return found

    return done


@pytest.fixture
def seen(engine):
    """A job as it is stored now."""

    def read(job_id):
        with reading(engine) as own:
            return own.get_one(JobRecord, job_id)

    return read


def results(engine):
    with reading(engine) as own:
        return own.scalar(select(func.count(AllocationRecord.id)))


def solved(job):
    plan = optimizer.plan_from_document(job.plan)
    return plan, worker._result_of(optimizer.allocate(plan))


# ---- One has it ----


def test_a_job_is_claimed_once_with_a_lease(ask, do, seen, clock):
    job_id = ask()

    assert do(leases.claim_next, now=clock(), worker=ANNA).id == job_id
    assert do(leases.claim, job_id, now=clock(), worker=BO) is None
    assert do(leases.claim_next, now=clock(), worker=BO) is None

    job = seen(job_id)
    assert (job.status, job.owner, job.attempts) == (JobStatus.RUNNING, "anna", 1)
    assert (job.lease_until - clock()).total_seconds() == 30


def test_a_lease_that_is_renewed_never_lapses(ask, do, seen, clock):
    job_id = ask()
    do(leases.claim, job_id, now=clock(), worker=ANNA)
    for _third in range(12):
        clock.forward(seconds=10)
        assert do(leases.renew, Hold(job_id, "anna"), until=ANNA.until(clock()))
        assert not do(leases.any_lapsed, now=clock(), worker=BO)
        assert do(leases.reap, now=clock(), worker=BO) == 0
    assert seen(job_id).owner == "anna"


def test_a_lapsed_lease_goes_back_to_the_queue_and_after_two_attempts_it_failed(
    ask, do, seen, clock
):
    job_id = ask()
    for expected in (JobStatus.QUEUED, JobStatus.FAILED):
        do(leases.claim_next, now=clock(), worker=ANNA)
        clock.forward(seconds=30)
        assert do(leases.reap, now=clock(), worker=BO) == 0  # it holds to the last second
        clock.forward(seconds=1)
        assert do(leases.any_lapsed, now=clock(), worker=BO)
        assert do(leases.reap, now=clock(), worker=BO) == 1
        assert seen(job_id).status is expected
    job = seen(job_id)
    assert (job.error, job.finished_at, job.attempts) == (leases.WORKER_STOPPED, clock(), 2)


def test_a_lost_job_that_was_to_stop_is_cancelled(ask, do, seen, clock):
    job_id = ask()
    do(leases.claim_next, now=clock(), worker=ANNA)
    do(lambda own: jobs.cancel_job(own, own.get_one(JobRecord, job_id), by=None, now=clock()))
    clock.forward(seconds=31)
    do(leases.reap, now=clock(), worker=BO)
    assert (seen(job_id).status, seen(job_id).error) == (JobStatus.CANCELLED, "")


def test_the_clock_put_back_leaves_no_job_with_a_dead_worker(ask, do, seen, clock):
    job_id = ask()
    do(leases.claim_next, now=clock(), worker=ANNA)
    clock.forward(hours=-2)
    assert do(leases.reap, now=clock(), worker=BO) == 1
    assert seen(job_id).status is JobStatus.QUEUED


def test_a_job_that_is_given_back_counts_no_attempt(ask, do, seen, clock):
    job_id = ask()
    do(leases.claim_next, now=clock(), worker=ANNA)
    assert not do(leases.give_back, Hold(job_id, "bo"), now=clock())
    assert do(leases.give_back, Hold(job_id, "anna"), now=clock())
    job = seen(job_id)
    assert (job.status, job.attempts, job.lease_until) == (JobStatus.QUEUED, 0, None)

    do(leases.claim_next, now=clock(), worker=ANNA)
    do(lambda own: jobs.cancel_job(own, own.get_one(JobRecord, job_id), by=None, now=clock()))
    assert do(leases.give_back, Hold(job_id, "anna"), now=clock())
    assert seen(job_id).status is JobStatus.CANCELLED


# ---- A late one writes nothing ----


@pytest.fixture
def zombie(ask, do, clock):
    """A worker that was taken for dead while another has its job: (its hold, the job's number)."""
    job_id = ask()
    do(leases.claim_next, now=clock(), worker=ANNA)
    clock.forward(seconds=31)
    do(leases.reap, now=clock(), worker=BO)
    do(leases.claim_next, now=clock(), worker=BO)
    return Hold(job_id, "anna"), job_id


def test_a_late_worker_is_told_to_stop_and_changes_nothing(zombie, do, seen, clock):
    hold, job_id = zombie
    before = vars(seen(job_id)).copy()

    assert do(jobs.report_progress, hold, best=1.0, bound=2.0, seconds=3.0)  # stop, it says
    assert do(explanations.report_explaining, hold, phase="best", done=1, total=2)[0]
    assert not do(leases.renew, hold, until=ANNA.until(clock()))
    assert not do(leases.give_back, hold, now=clock())
    assert not do(jobs.fail_job, hold, error=jobs.WENT_WRONG, now=clock())
    assert do(leases.held, hold) is None

    after = vars(seen(job_id))
    assert {k: v for k, v in after.items() if k[0] != "_"} == {
        k: v for k, v in before.items() if k[0] != "_"
    }


@pytest.mark.parametrize("first", ["anna", "bo"])
def test_a_result_is_stored_once_whoever_is_first(zombie, engine, seen, clock, first):
    _hold, job_id = zombie
    plan, result = solved(seen(job_id))
    for name in [first, "bo" if first == "anna" else "anna"]:
        with worker.finishing(engine, Hold(job_id, name)) as (own, ours):
            assert (ours is not None) is (name == "bo")
            if ours is not None:
                jobs.store_result(own, ours, plan, result, now=clock())
    assert results(engine) == 1
    assert seen(job_id).status is JobStatus.DONE


def test_the_worker_stops_its_solver_when_the_job_is_taken_from_it(ask, engine, clock, seen):
    job_id = ask()
    late = worker.Shift(engine, clock, ANNA)
    quick = worker.Shift(engine, clock, BO)

    def solve(engine, task):
        late.keep()
        assert not task.is_over()
        clock.forward(seconds=31)
        assert quick.reap() == 1
        quick.run_job(job_id)
        late.keep()
        assert task.is_over()
        return optimizer.allocate(task.plan)

    real = worker.solve
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            worker, "solve", lambda e, t: (solve if t.hold.owner == "anna" else real)(e, t)
        )
        late.run_next()

    assert results(engine) == 1
    assert (seen(job_id).owner, seen(job_id).status) == ("bo", JobStatus.DONE)


def test_a_worker_that_ends_gives_its_job_back_and_another_finishes_it(ask, engine, clock, seen):
    job_id = ask()
    ending = worker.Shift(engine, clock, ANNA)

    def solve(engine, task):
        ending.ending.set()
        assert task.is_over()
        raise RuntimeError("cut short")  # whatever comes of it is no failure

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "solve", solve)
        ending.run_next()
    assert seen(job_id).status is JobStatus.RUNNING
    ending.leave()
    assert (seen(job_id).status, seen(job_id).attempts) == (JobStatus.QUEUED, 0)

    assert worker.Shift(engine, clock, BO).run_next()
    assert seen(job_id).status is JobStatus.DONE


def test_turns_are_taken_by_the_seconds(engine, clock, monkeypatch):
    shift = worker.Shift(engine, clock, ANNA)
    said = []
    monkeypatch.setattr(worker.Shift, "keep", lambda self: said.append("keep"))
    monkeypatch.setattr(worker.Shift, "reap", lambda self: said.append("reap"))
    after = worker.LookingAfter(shift, None, telling.Due(10))
    for second in range(21):
        after.turn(float(second))
    assert (said.count("keep"), said.count("reap")) == (3, 11)

    monkeypatch.setattr(worker.os, "getppid", lambda: 1)
    worker.LookingAfter(shift, 7, telling.Due(10)).turn(0.0)
    assert shift.ending.is_set()


def test_the_whole_worker_solves_what_waits_and_ends_when_told(ask, engine, clock, seen):
    job_id = ask()
    shift = worker.Shift(engine, clock, ANNA)
    real = worker.Shift.reap

    def reap(self):
        if seen(job_id).is_over:
            self.ending.set()
        return real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker.Shift, "reap", reap)
        patch.setattr(worker, "REAP_SECONDS", 0.0)
        working = threading.Thread(target=worker.work, args=(shift,), kwargs={"parent": None})
        working.start()
        working.join(60)
    assert not working.is_alive()
    assert seen(job_id).status is JobStatus.DONE


# ---- The same is computed once ----


def test_what_is_being_computed_is_waited_for_and_then_copied(ask, engine, do, seen, clock):
    first, second = ask("Ens"), ask("Ens")
    assert seen(first).key == seen(second).key
    assert do(leases.claim_next, now=clock(), worker=ANNA).id == first
    assert do(leases.claim_next, now=clock(), worker=BO) is None
    assert do(leases.claim, second, now=clock(), worker=BO) is None  # the database refuses, too
    plan, result = solved(seen(first))
    with worker.finishing(engine, Hold(first, "anna")) as (own, ours):
        jobs.store_result(own, ours, plan, result, now=clock())

    def never(_engine, _task):
        raise AssertionError("solved again")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "solve", never)
        worker.Shift(engine, clock, BO).run_job(second)

    with reading(engine) as own:
        one, other = own.scalars(select(AllocationRecord).order_by(AllocationRecord.id))
        assert one.result == other.result
        assert one.scenario_id != other.scenario_id
    assert [seen(job).status for job in (first, second)] == [JobStatus.DONE] * 2


def test_another_question_has_another_key(ask, seen):
    keys = {seen(ask("A")).key, seen(ask("B")).key, seen(ask("B", time_limit=5)).key}
    assert len(keys) == 3


def test_what_more_time_could_change_is_computed_again(ask, engine, do, seen, clock):
    first, second = ask("Ens"), ask("Ens")
    plan, result = solved(seen(first))
    unproved = jobs.StoredResult({**result.document, "status": "feasible"}, result.labels_en)
    do(leases.claim, first, now=clock(), worker=ANNA)
    with worker.finishing(engine, Hold(first, "anna")) as (own, ours):
        jobs.store_result(own, ours, plan, unproved, now=clock())
    worker.Shift(engine, clock, BO).run_job(second)
    with reading(engine) as own:
        found = own.scalars(select(AllocationRecord.status).order_by(AllocationRecord.id)).all()
    assert found == ["feasible", "optimal"]


@pytest.mark.parametrize(
    ("document", "proved"),
    [
        ({"points": [{"status": "optimal"}, {"status": "infeasible"}]}, True),
        ({"points": [{"status": "optimal"}, {"status": "feasible"}]}, False),
        ({"within": [{"complete": True, "plans": []}], "proved": True}, True),
        ({"within": [{"complete": False, "plans": []}], "proved": True}, False),
        ({"parts": [{"proved": False}]}, False),
        ({"share": {"a": 1}}, False),  # claims nothing
    ],
)
def test_what_is_proved(document, proved):
    assert job_queue.is_proved(document) is proved


def test_the_explanation_of_the_same_result_is_copied(ask, engine, clock, seen):
    first, second = ask("Ens"), ask("Ens")
    shift = worker.Shift(engine, clock, ANNA)
    for job_id in (first, second):
        shift.run_job(job_id)
    with reading(engine) as own:
        explaining = own.scalars(
            select(JobRecord.id).where(JobRecord.kind == JobKind.EXPLAIN)
        ).all()
    shift.run_job(explaining[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.explaining.explained", None)
        shift.run_job(explaining[1])
    assert [seen(job).status for job in explaining] == [JobStatus.DONE] * 2


# ---- The place in the queue ----


def test_the_place_counts_what_comes_before(ask, session, do, engine, clock):
    numbers = [ask("A"), ask("B"), ask("C")]
    worker.Shift(engine, clock, ANNA).run_job(numbers[0])  # whose explanation waits now
    ask("D")

    def places(own):
        return [
            (str(job.kind), job_queue.place_of(own, job))
            for job in own.scalars(select(JobRecord).order_by(JobRecord.id))
        ]

    assert do(places) == [
        ("allocate", None),
        ("allocate", 1),
        ("allocate", 2),
        ("explain", 4),
        ("allocate", 3),
    ]
