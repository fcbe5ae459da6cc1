"""Calculations: asked for once, solved outside any transaction, stored only where they belong."""

import subprocess
import sys
from fractions import Fraction

import pytest
from sqlalchemy import func, select

import optimizer
from optimizer.appraisal import Appraisal
from planner import worker
from planner.model import AllocationRecord, JobRecord, NoticeRecord
from planner.model.database import writing
from planner.model.states import JobStatus, WrongStateError
from planner.progress import funded_document
from planner.services import jobs, scenarios
from planner.services.events import events_of
from planner.services.interventions import create_accepted
from planner.services.leases import AT_ONCE, Hold, claim
from planner.services.notices import letters_to_send, unread_of, words_of
from planner.services.scenarios import ScenarioData, create_scenario

FINANCE = "finance"


@pytest.fixture
def scenario(session, strategy, build, department, person, clock):
    for key in "abcd":
        create_accepted(
            session, build.case(key), department=department("social"), by=None, now=clock()
        )
    made = create_scenario(
        session, strategy, ScenarioData(title="Først"), by=person(FINANCE), now=clock()
    )
    session.commit()
    return made


@pytest.fixture
def job(session, scenario, person, clock):
    made = jobs.request_allocation(session, scenario, by=person(FINANCE), now=clock())
    session.commit()
    return made


def again(session, record):
    session.rollback()
    session.refresh(record)
    session.commit()  # lets go of the lock, and keeps what was read
    return record


def test_asking_twice_is_one_job(session, scenario, job, person, clock):
    assert jobs.request_allocation(session, scenario, by=None, now=clock()) is job
    assert jobs.latest_job(session, scenario) is job
    assert job.status is JobStatus.QUEUED


def test_a_scenario_that_is_no_plan_is_refused_with_every_error(session, scenario, clock):
    scenarios.update_pools(
        session, scenario, [], by=None, now=clock(), seen_version=scenario.version
    )

    with pytest.raises(optimizer.PlanErrors) as caught:
        jobs.request_allocation(session, scenario, by=None, now=clock())

    assert len(caught.value.errors) >= 4


def test_a_job_is_solved_and_its_result_stored_with_all_it_came_from(
    session, scenario, job, engine, clock
):
    assert worker.run_next(engine, clock)
    assert worker.run_next(engine, clock)  # its explanation
    assert not worker.run_next(engine, clock)

    again(session, job)
    assert job.status is JobStatus.DONE
    allocation = job.allocation
    assert scenarios.latest_allocation(session, scenario) is allocation
    assert scenarios.is_current(scenario, allocation)
    assert allocation.status == "optimal"
    assert allocation.result["totals"]["invested"] == 9_000_000
    assert len(allocation.labels_en) == len(allocation.result["rows"])
    plan = optimizer.plan_from_document(allocation.plan)
    assert optimizer.plan_sha256(plan) == allocation.plan_sha256
    choices = {
        f"{c['intervention']}/{c['option']}": Fraction(c["scale"])
        for c in allocation.result["chosen"]
    }
    redone = optimizer.evaluate(plan, choices).document("da")
    assert redone["totals"] == allocation.result["totals"]
    assert [line.action for line in events_of(session, "allocation", allocation.id)] == [
        "allocation.store",
        "explanation.store",
    ]


def test_a_result_for_a_scenario_that_has_changed_is_not_stored(
    session, scenario, job, engine, clock
):
    scenarios.update_title(
        session,
        scenario,
        title="Ændret",
        description="",
        by=None,
        now=clock(),
        seen_version=scenario.version,
    )
    session.commit()

    worker.run_job(engine, job.id, clock)

    again(session, job)
    assert (job.status, job.error, job.allocation) == (JobStatus.DONE, jobs.SCENARIO_CHANGED, None)
    assert session.scalar(select(func.count()).select_from(AllocationRecord)) == 0


def test_nothing_is_locked_while_the_solver_works(session, job, engine, clock, monkeypatch):
    def solve(engine, task):
        with writing(engine) as other:
            assert other.get_one(JobRecord, task.hold.job_id).status is JobStatus.RUNNING
            other.rollback()
        return optimizer.allocate(task.plan)

    monkeypatch.setattr(worker, "solve", solve)
    worker.run_job(engine, job.id, clock)

    assert again(session, job).status is JobStatus.DONE


def test_a_failure_is_said_in_a_sentence_and_the_worker_goes_on(
    session, job, engine, clock, monkeypatch
):
    def fails(_engine, _task):
        raise RuntimeError("inside")

    monkeypatch.setattr(worker, "solve", fails)
    worker.run_job(engine, job.id, clock)

    again(session, job)
    assert (job.status, job.error) == (JobStatus.FAILED, jobs.WENT_WRONG)
    assert job.finished_at == clock()


def test_a_waiting_job_is_cancelled_at_once(session, job, engine, person, clock):
    jobs.cancel_job(session, job, by=person(FINANCE), now=clock())
    session.commit()

    assert job.status is JobStatus.CANCELLED
    assert not worker.run_next(engine, clock)
    assert jobs.cancel_job(session, job, by=None, now=clock()) is job


def test_a_running_job_stops_at_the_solvers_next_word(session, job, engine, clock, monkeypatch):
    said = []

    def solve(engine, task):
        progress = worker.Progress(engine, task.hold, lambda: False)
        said.append(progress(1_000_000.0, 1_100_000.0, 0.6))
        with writing(engine) as other:
            jobs.cancel_job(other, other.get_one(JobRecord, task.hold.job_id), by=None, now=clock())
            other.commit()
        said.append(progress(1_000_000.0, 1_100_000.0, 0.7))  # too soon to write again
        said.append(progress(1_000_000.0, 1_050_000.0, 1.2))
        return optimizer.allocate(task.plan)

    monkeypatch.setattr(worker, "solve", solve)
    worker.run_job(engine, job.id, clock)

    again(session, job)
    assert said == [False, False, True]
    assert job.status is JobStatus.CANCELLED
    assert (job.best, job.bound, job.gap, job.seconds) == (
        "1000000",
        "1050000",
        "0.050000",
        "1.2",
    )
    assert job.allocation is None


def test_published_scenarios_are_not_calculated_again(session, scenario, job, engine, clock):
    worker.run_job(engine, job.id, clock)
    again(session, scenario)
    scenarios.publish_scenario(
        session, scenario, by=None, now=clock(), seen_version=scenario.version
    )

    with pytest.raises(WrongStateError):
        jobs.request_allocation(session, scenario, by=None, now=clock())


def test_a_worker_whose_parent_is_gone_ends_and_leaves_the_job_waiting(session, job, database):
    command = [sys.executable, "-m", "planner.worker", "--data", str(database.parent)]

    done = subprocess.run([*command, "--parent", "1"], capture_output=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, b"")
    assert again(session, job).status is JobStatus.QUEUED


# ---- The best plan so far ----


def test_the_plan_so_far_is_shown_every_few_seconds(session, scenario, job, engine, clock):
    plan = optimizer.plan_from_document(job.plan)
    hold = Hold(job.id, AT_ONCE.name)
    with writing(engine) as other:
        claim(other, job.id, now=clock())
        other.commit()
    progress = worker.Progress(engine, hold, lambda: False, plan)
    names = [f"{one.id}/{one.options[0].id}" for one in plan.interventions]

    progress(None, 9e6, 0.5)
    assert again(session, job).so_far is None
    progress.improved({names[0]: Fraction(1)}, Fraction(1_000_000))
    progress(1_000_001.0, 9e6, 1.0)
    assert again(session, job).so_far == {
        "funded": 1, "of": 4, "invested": 3_000_000, "titles": ["a"],
    }  # fmt: skip
    assert job.best == "1000000"  # what keeps every rule, not what the solver says
    progress.improved(dict.fromkeys(names[:3], Fraction(1)), Fraction(3_000_000))
    progress(3e6, 9e6, 3.5)
    assert (again(session, job).so_far["funded"], job.best) == (1, "3000000")
    progress(3e6, 9e6, 4.1)
    assert again(session, job).so_far["funded"] == 3
    assert job.so_far["invested"] == 9_000_000


def test_the_largest_investments_are_named(session, strategy, build, department, person, clock):
    for size in range(1, 8):
        flows = (build.flow(2027, -size * 100_000), build.flow(2028, 900_000))
        case = build.case(f"nr. {size}", options=(build.option(flows=flows),))
        create_accepted(session, case, department=department("social"), by=None, now=clock())
    made = create_scenario(
        session, strategy, ScenarioData(title="Syv"), by=person(FINANCE), now=clock()
    )
    plan = optimizer.plan_from_document(scenarios.scenario_document(session, made))
    choice = {f"{one.id}/{one.options[0].id}": Fraction(1) for one in plan.interventions}

    told = funded_document(Appraisal(plan), choice)

    assert told["titles"] == ["nr. 7", "nr. 6", "nr. 5", "nr. 4", "nr. 3"]
    assert (told["funded"], told["of"], told["invested"]) == (7, 7, 2_800_000)
    session.rollback()


# ---- Who asked is told ----


def notices_of(session):
    session.rollback()
    found = session.scalars(select(NoticeRecord).where(NoticeRecord.key.like("calculated:%")))
    return found.all()


@pytest.mark.parametrize(("seconds", "count"), [(9, 0), (10, 1)])
def test_who_asked_is_told_unless_it_was_quick(session, job, engine, clock, seconds, count):
    clock.forward(seconds=seconds)
    worker.run_job(engine, job.id, clock)
    told = notices_of(session)
    assert len(told) == count
    for notice in told:
        assert notice.said == {"title": "Først", "path": f"/scenarios/{job.scenario_id}"}
        assert words_of(notice).say("da") == "Beregningen af »Først« er slut."


def test_a_failure_is_told_and_a_cancelled_one_is_not(
    session, job, engine, clock, person, monkeypatch
):
    monkeypatch.setattr(worker, "solve", None)  # whatever is called fails
    clock.forward(seconds=20)
    worker.run_job(engine, job.id, clock)
    assert len(notices_of(session)) == 1

    other = jobs.request_allocation(session, job.scenario, by=person(FINANCE), now=clock())
    session.commit()
    clock.forward(seconds=20)
    jobs.cancel_job(session, other, by=None, now=clock())
    session.commit()
    assert len(notices_of(session)) == 1


def test_who_watched_the_end_is_not_written_to(session, job, engine, clock, client_for, person):
    clock.forward(seconds=20)
    worker.run_job(engine, job.id, clock)
    clock.forward(seconds=59)
    assert letters_to_send(session, now=clock()) == []  # there is time to say that it was seen
    clock.forward(seconds=1)
    assert [one.path for one in letters_to_send(session, now=clock())] == [
        f"/scenarios/{job.scenario_id}"
    ]
    session.rollback()

    assert client_for("politician").send(f"/notices/jobs/{job.id}/seen").status_code == 200
    assert len(letters_to_send(session, now=clock())) == 1  # it is another's
    session.rollback()
    assert client_for(FINANCE).send(f"/notices/jobs/{job.id}/seen").status_code == 200
    session.rollback()
    session.expire_all()
    assert letters_to_send(session, now=clock()) == []
    assert unread_of(session, person(FINANCE)) == []
