"""A scenario with four candidates, the desk of finance, and a worker in this process."""

from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from planner import worker
from planner.model import AllocationRecord, JobRecord, StudyRecord
from planner.model.states import JobStatus
from planner.reports.stored import stored_allocation
from planner.services.interventions import create_accepted
from planner.services.scenarios import ScenarioData, create_scenario

MILLION = 1_000_000


@pytest.fixture(autouse=True)
def _never_wait(app):
    app.config["ALLOCATION_WAIT_SECONDS"] = 0


@pytest.fixture
def cases(session, build, department, clock):
    """Four accepted candidates; the pool of ten million pays for three of them."""
    made = []
    for place, (title, owner, stars) in enumerate(
        [
            ("Alfa", "social", 3),
            ("Beta", "social", 2),
            ("Gamma", "employment", 1),
            ("Delta", "employment", 2),
        ]
    ):
        flows = (
            build.flow(2027, -3 * MILLION),
            build.flow(2028, MILLION + place * 100_000),
            build.flow(2032, 4 * MILLION),
            build.flow(2033, 500_000, payer="region"),
        )
        case = build.case(
            title, evidence_stars=stars, options=(build.option(flows=flows),), tags=("prøve",)
        )
        made.append(
            create_accepted(session, case, department=department(owner), by=None, now=clock())
        )
    session.commit()
    return made


@pytest.fixture
def scenario(session, strategy, cases, person, clock):
    made = create_scenario(
        session, strategy, ScenarioData(title="Først"), by=person("finance"), now=clock()
    )
    session.commit()
    return made


@pytest.fixture
def finance(client_for):
    return client_for("finance")


@pytest.fixture
def fresh(session):
    """A record as it is stored now."""

    def read(model, identity):
        session.rollback()
        session.expire_all()
        found = session.get_one(model, identity)
        session.refresh(found)
        return found

    return read


@pytest.fixture
def solve(app, session, engine, clock):
    """The real worker's function, in this process, on the job that waits."""

    def run():
        session.rollback()
        waiting = session.scalars(
            select(JobRecord.id).where(JobRecord.status == JobStatus.QUEUED)
        ).all()
        session.rollback()
        for job_id in waiting:
            worker.run_job(engine, job_id, clock)

    return run


@pytest.fixture
def allocate(finance, scenario, solve):
    """Press Fordel, let the worker work, and see the page."""

    def press(identity=None, **typed):
        path = f"/scenarios/{identity or scenario.id}"
        answer = finance.submit(path, typed, to=f"{path}/allocate")
        assert answer.status_code == 303, answer.text
        solve()
        return finance.page(path)

    return press


@pytest.fixture
def study_page(finance, session, allocate, solve):
    """Allocate, ask for a study of the result by its name, and return the address of its page."""

    def ask(name, scenario=None):
        allocate(scenario)
        session.rollback()
        identity = session.scalars(select(AllocationRecord.id)).one()
        session.rollback()
        path = f"/allocations/{identity}/{name}"
        assert "Det er ikke beregnet" in finance.page(path).words
        assert finance.submit(path).status_code == 303
        solve()
        return path

    return ask


@pytest.fixture
def stored(session):
    """The stored result and the stored study."""

    def read():
        session.rollback()
        record = session.scalars(select(AllocationRecord)).one()
        study = session.scalars(select(StudyRecord)).one()
        found = (stored_allocation(record.plan, record.result), study.document)
        session.rollback()
        return found

    return read


def read_cells(html: str, heading: str) -> list[list[str]]:
    """Every row of the table below a heading (or caption), as texts."""

    class Rows(HTMLParser):
        rows: list[list[str]]

        def __init__(self):
            super().__init__()
            self.rows, self.at = [], None

        def handle_starttag(self, tag, attrs):
            if tag == "tr":
                self.rows.append([])
            elif tag in {"th", "td"} and self.rows:
                self.rows[-1].append("")
                self.at = True

        def handle_endtag(self, tag):
            if tag in {"th", "td"}:
                self.at = None

        def handle_data(self, data):
            if self.at:
                self.rows[-1][-1] += data

    start = html.index(heading)
    end = html.index("</table>", html.index("<table", start))
    reader = Rows()
    reader.feed(html[html.index("<table", start) : end])
    return [[" ".join(cell.split()) for cell in row] for row in reader.rows]


@pytest.fixture
def cells():
    """Read a table of a page: every row below a heading, as texts."""
    return read_cells
