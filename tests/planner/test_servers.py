"""The same queue on PostgreSQL, and with Redis: servers of these tests' own."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
import redis

from tests.conftest import IN_CI

ROOT = Path(__file__).resolve().parent.parent.parent
BOUND = 60.0
#: migrations up and down, every guard of a lease with two sessions, two workers of their own
FILES = ("test_migrations.py", "test_leases.py", "test_two_workers.py")

pytestmark = pytest.mark.slow


def program(name):
    """The path of a server's program; missing on the build machine it fails, else it skips."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(versions[-1]) if versions else None)
    if found is None and IN_CI:
        pytest.fail(f"{name} is not installed: run the tests with `python3 dev.py test`")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until(answers, server):
    deadline = time.monotonic() + BOUND
    while not answers():
        assert server.poll() is None, server.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextlib.contextmanager
def running(command, answers, **options):
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        **options,
    )  # fmt: skip
    try:
        wait_until(answers, server)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=BOUND)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        server.stdout.close()


@pytest.fixture(scope="module")
def postgresql():
    """The address of a PostgreSQL server; it refuses root, so root lends it Debian's user."""
    initdb, postgres = program("initdb"), program("postgres")
    as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    options = as_user if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="bundlinje-pg-"))
    if options:
        shutil.chown(folder, "postgres", "postgres")
    data, port = folder / "data", free_port()
    made = subprocess.run(
        [initdb, "-D", data, "-U", "bundlinje", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
        capture_output=True, text=True, check=False, cwd=folder, **options,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    url = f"postgresql://bundlinje@127.0.0.1:{port}/postgres"

    def answers():
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
            return True

    settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off"]
    command = [postgres, "-D", data, "-p", str(port)]
    for setting in settings:
        command += ["-c", setting]
    try:
        with running(command, answers, cwd=folder, **options):
            yield url.replace("postgresql:", "postgresql+psycopg:")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    """The address of a Redis server that keeps nothing."""
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    command = [
        program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
        "--dir", str(folder),
    ]  # fmt: skip
    url = f"redis://127.0.0.1:{port}"
    client = redis.Redis.from_url(url)

    def answers():
        with contextlib.suppress(redis.exceptions.ConnectionError):
            return client.ping()

    with running(command, answers):
        yield url
    client.close()


def run_again(files, **settings):
    """Run files of tests with these settings; none of them may be skipped."""
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider",
         *(str(ROOT / "tests" / "planner" / name) for name in files)],
        env={**os.environ, **settings}, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_queue_on_postgresql(postgresql):
    said = run_again(FILES, TEST_POSTGRESQL=postgresql)
    assert said.count("SKIPPED") == said.count("about Redis")


def test_the_queue_on_postgresql_with_redis(postgresql, redis_server):
    said = run_again(FILES[-1:], TEST_POSTGRESQL=postgresql, TEST_REDIS=redis_server)
    assert "skipped" not in said.lower()
