"""How fast pages are while two workers solve, beside the same pages while none does.

    python benchmarks/pages.py [--size 200] [--points 50] [--looks 60] [--url DATABASE]

The demonstration and one plan of 200 interventions with its result; then, in its copies, frontiers
of 50 points each and allocations are asked for, so that both workers have work throughout. One
reader asks for one page after the other, over HTTP.
"""

import argparse
import http.cookiejar
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.instances import large_plan  # noqa: E402 - the path comes first
from optimizer import plan_from_document  # noqa: E402
from optimizer.levers import even_steps  # noqa: E402
from planner.clock import utc_now  # noqa: E402
from planner.config import database_url  # noqa: E402
from planner.model import JobRecord, PersonRecord, ScenarioRecord  # noqa: E402
from planner.model.database import engine_for, reading, writing  # noqa: E402
from planner.model.states import JobStatus  # noqa: E402
from planner.services import jobs, studies  # noqa: E402
from planner.services.exchange import import_plan  # noqa: E402
from planner.services.scenarios import copy_scenario  # noqa: E402
from planner.worker import run_job  # noqa: E402

FINANCE, PASSWORD = "okonomi@nordby.example", "bundlinje-demo"
COPIES = 8
WORKERS = 2


@contextmanager
def started(*arguments: str, data: Path) -> "Iterator[subprocess.Popen[str]]":
    """Run a program of ours, and end it."""
    command = [sys.executable, "-m", *arguments, "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def address_of(server: "subprocess.Popen[str]") -> str:
    """Return the address that the server prints when it is ready."""
    for line in server.stdout or ():
        found = re.search(r"http://\S+", line)
        if found:
            return found.group()
    sys.exit("the server did not start")


def fill(engine: Engine, size: int) -> int:
    """Store a plan with its result; return the number of its scenario."""
    now = utc_now()
    with writing(engine) as session:
        by = session.scalars(select(PersonRecord).where(PersonRecord.email == FINANCE)).one()
        plan = plan_from_document(large_plan(size, options=1))
        scenario = import_plan(session, plan, by=by, now=now)
        job = jobs.request_allocation(session, scenario, by=by, now=now)
        session.commit()
    run_job(engine, job.id)
    return scenario.id


def ask(engine: Engine, scenario_id: int, points: int) -> None:
    """Ask for a frontier and an allocation of each of several copies."""
    now = utc_now()
    with writing(engine) as session:
        by = session.scalars(select(PersonRecord).where(PersonRecord.email == FINANCE)).one()
        scenario = session.get_one(ScenarioRecord, scenario_id)
        pool = plan_from_document(large_plan(10)).scenario.pools[0].id
        own = sum(scenario.pools[0]["paid_in"].values())
        for number in range(COPIES):
            copy = copy_scenario(session, scenario, title=f"Kopi {number}", by=by, now=now)
            amounts = even_steps(own * 8 // 10, own * 12 // 10, points)
            question = {"pool": pool, "amounts": list(amounts)}
            studies.request_frontier(session, copy, question, by=by, now=now)
            jobs.request_allocation(session, copy, by=by, now=now)
        session.commit()


def count(engine: Engine, status: JobStatus) -> int:
    """Return how many calculations stand there."""
    with reading(engine) as session:
        asked = select(func.count(JobRecord.id)).where(JobRecord.status == status)
        return session.scalar(asked) or 0


class Reader:
    """Somebody of finance who has signed in."""

    def __init__(self, address: str) -> None:
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.read("/login"))
        if token is None:
            sys.exit("no form to sign in with")
        form = {"csrf_token": token.group(1), "email": FINANCE, "password": PASSWORD}
        self.read("/login", urllib.parse.urlencode(form).encode())

    def read(self, path: str, data: bytes | None = None) -> str:
        """Return what the application answers."""
        with self._opener.open(self.address + path, data, timeout=60) as answer:
            return str(answer.read().decode("utf-8"))

    def times(self, paths: dict[str, str], looks: int) -> dict[str, list[float]]:
        """Return milliseconds of each page, asked for in turn."""
        found: dict[str, list[float]] = {name: [] for name in paths}
        for _look in range(looks):
            for name, path in paths.items():
                began = time.perf_counter()
                self.read(path)
                found[name].append(1000 * (time.perf_counter() - began))
        return found


def p95(times: list[float]) -> float:
    """Return the time that 95 % of the looks are within."""
    return statistics.quantiles(times, n=20)[-1]


def report(idle: dict[str, list[float]], busy: dict[str, list[float]]) -> None:
    """Print the table."""
    print("| page | p50 idle, ms | p95 idle | p50 solving | p95 solving | p50 ratio | p95 ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, quiet in idle.items():
        before = [statistics.median(quiet), p95(quiet)]
        after = [statistics.median(busy[name]), p95(busy[name])]
        ratios = [one / other for one, other in zip(after, before, strict=True)]
        cells = [f"{one:.0f}" for one in (*before, *after)] + [f"{one:.2f}" for one in ratios]
        print(f"| {name} | {' | '.join(cells)} |")


def measure(data: Path, arguments: argparse.Namespace) -> None:
    """Serve, fill, and measure without and with workers."""
    with started("planner.cli", "run", "--port", "0", "--workers", "0", data=data) as server:
        address = address_of(server)
        engine = engine_for(database_url(data))
        scenario = fill(engine, arguments.size)
        reader = Reader(address)
        paths = {
            "overview": "/",
            "list of interventions": "/interventions",
            "scenario with its result": f"/scenarios/{scenario}",
            "how far a calculation is": f"/scenarios/{scenario}/job",
        }
        reader.times(paths, 3)
        idle = reader.times(paths, arguments.looks)
        ask(engine, scenario, arguments.points)
        with started("planner.worker", data=data), started("planner.worker", data=data):
            while count(engine, JobStatus.RUNNING) < WORKERS:
                time.sleep(0.1)
            busy = reader.times(paths, arguments.looks)
            at_work, failed = (count(engine, one) for one in (JobStatus.RUNNING, JobStatus.FAILED))
        report(idle, busy)
        print(
            f"\n{at_work} calculations were still being worked on at the end, {failed} had failed."
        )
        engine.dispose()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--points", type=int, default=50)
    parser.add_argument("--looks", type=int, default=60)
    parser.add_argument("--url", default="", help="PostgreSQL instead of SQLite; must be empty")
    arguments = parser.parse_args()
    if arguments.url:
        os.environ["BUNDLINJE_DATABASE_URL"] = arguments.url
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), arguments)


if __name__ == "__main__":
    main()
