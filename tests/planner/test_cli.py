"""The command line of the application: serving, accounts, backup, the log."""

import json
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner

from planner import cli, commands
from planner.cli import main
from planner.services import exchange_reading
from tests.optimizer.cases import PLANS


@pytest.fixture
def bundlinje(tmp_path, monkeypatch):
    """Run a command on a data folder of the test's own."""
    monkeypatch.setenv("BUNDLINJE_SECRET_KEY", "0123456789abcdef" * 3)

    def run(*arguments, data=tmp_path / "data", **options):
        return CliRunner().invoke(main, [*arguments, "--data", str(data)], **options)

    return run


@pytest.fixture
def served(monkeypatch):
    """What would be served; nothing is."""
    calls = []
    monkeypatch.setattr(cli, "_serve", lambda app, **details: calls.append(details))
    return calls


def test_running_on_an_empty_folder_loads_the_demonstration_once(bundlinje, served, tmp_path):
    for _start in range(2):
        done = bundlinje("run", "--port", "0")
        assert done.exit_code == 0, done.output

    assert served[0]["accounts"] == served[1]["accounts"]
    assert sorted(served[0]["accounts"]) == [
        "admin@nordby.example",
        "beskaeftigelse@nordby.example",
        "okonomi@nordby.example",
        "politiker@nordby.example",
        "social@nordby.example",
    ]
    with sqlite3.connect(tmp_path / "data" / "bundlinje.sqlite") as database:
        strategies = database.execute("SELECT count(*) FROM strategy").fetchone()
    database.close()
    assert strategies == (1,)


def test_other_machines_are_never_served_a_demo_account(bundlinje, served):
    assert bundlinje("demo").exit_code == 0

    done = bundlinje("run", "--host", "0.0.0.0")

    assert done.exit_code == 1
    assert "demonstration accounts" in done.output
    assert served == []


def test_no_demo_is_made_for_other_machines_or_when_not_wanted(bundlinje, served):
    for arguments in (["--host", "0.0.0.0"], ["--no-demo"]):
        done = bundlinje("run", *arguments)
        assert done.exit_code == 0, done.output
    assert [call["accounts"] for call in served] == [[], []]


def test_the_demonstration_goes_into_an_empty_database_only(bundlinje):
    assert bundlinje("demo").exit_code == 0

    again = bundlinje("demo")

    assert again.exit_code == 1
    assert "not empty" in again.output


def test_the_first_administrator_is_made(bundlinje):
    arguments = ["people", "add", "--email", "a@b.example", "--name", "A", "--role"]
    password = "long-enough-password\n" * 2

    made = bundlinje(*arguments, "administrator", input=password)
    taken = bundlinje(*arguments, "finance", input=password)
    weak = bundlinje(
        "people", "add", "--email", "c@b.example", "--name", "C", "--role", "finance",
        input="short\nshort\n",
    )  # fmt: skip

    assert made.exit_code == 0, made.output
    assert taken.exit_code == 1
    assert "already" in taken.output
    assert weak.exit_code == 1
    assert "10 characters" in weak.output


def test_a_backup_is_made_checked_and_restored(bundlinje, tmp_path):
    copy = str(tmp_path / "copy.sqlite")
    assert bundlinje("demo").exit_code == 0

    made = bundlinje("backup", copy)
    again = bundlinje("backup", copy)
    checked = bundlinje("restore", copy, "--check")
    restored = bundlinje("restore", copy, data=tmp_path / "elsewhere")
    verified = bundlinje("verify", data=tmp_path / "elsewhere")

    assert made.exit_code == 0, made.output
    assert again.exit_code == 1
    assert checked.exit_code == restored.exit_code == verified.exit_code == 0
    head = made.output.split("Head of the log: ")[1].strip()
    assert head in verified.output


def test_a_changed_log_is_told(bundlinje, tmp_path):
    assert bundlinje("demo").exit_code == 0
    with sqlite3.connect(tmp_path / "data" / "bundlinje.sqlite") as database:
        database.execute("DROP TRIGGER event_is_never_changed")
        database.execute("UPDATE event SET actor = 'nobody' WHERE seq = 3")
    database.close()

    told = bundlinje("verify")

    assert told.exit_code == 1
    assert "line 3" in told.output


@pytest.mark.parametrize("name", ["check", "allocate", "evaluate", "run", "people", "restore"])
def test_every_command_says_what_it_does(name):
    done = CliRunner().invoke(main, [name, "--help"])

    assert done.exit_code == 0
    assert "Usage" in done.output


def test_help_is_quick_because_nothing_heavy_is_imported():
    program = (
        "import sys, planner.cli; "
        "heavy = {'pandas', 'pulp', 'altair', 'sqlalchemy', 'flask', 'vl_convert'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_starting_imports_no_solver_no_pandas_and_no_drawing(database_url, tmp_path):
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from planner.app import create_app\n"
        "from planner.config import Config\n"
        f"create_app(Config(database_url={database_url!r}, secret_key='0' * 48,"
        f" data_folder=Path({str(tmp_path)!r}), testing=True))\n"
        "heavy = {'pandas', 'pulp', 'highspy', 'openpyxl', 'scipy', 'altair', 'jsonschema'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_a_start_says_that_the_log_was_changed(bundlinje, served, tmp_path):
    assert "WARNING" not in bundlinje("run", "--port", "0").output
    with sqlite3.connect(tmp_path / "data" / "bundlinje.sqlite") as database:
        database.execute("DROP TRIGGER event_is_never_changed")
        database.execute("UPDATE event SET action = 'x' WHERE seq = 3")
        # the library opens a transaction by itself
        database.commit()
    database.close()

    done = bundlinje("run", "--port", "0")

    assert done.exit_code == 0
    assert "the log is not as it was written, from line 3" in done.output
    assert len(served) == 2


def test_a_plan_file_may_not_be_larger_than_an_upload(tmp_path, monkeypatch):
    plan = tmp_path / "plan.json"
    plan.write_bytes(b" " * 100)
    monkeypatch.setattr(commands, "MOST_BYTES", 99)

    for name in (str(plan), "-"):
        done = CliRunner().invoke(main, ["check", name], input=plan.read_bytes())
        assert done.exit_code == 2
        assert "for stor" in done.output
    assert exchange_reading.MOST_BYTES == 12 * 1024 * 1024


def test_half_a_character_is_refused_where_it_stands(tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text(
        r'{"format": "bundlinje-plan/1", "title": "a\ud800", "\udfff": 1,'
        r' "payers": [{"id": "k", "name": "x\udc00", "level": "municipality"}]}',
        encoding="utf-8",
    )

    done = CliRunner().invoke(main, ["check", str(plan)])

    assert done.exit_code == 2
    assert "title: Teksten har et halvt tegn" in done.output
    assert "payers[0].name: Teksten har et halvt tegn" in done.output
    assert "?: Ukendt nøgle" in done.output


# ---- Frontier ----

FRONTIER = ["frontier", str(PLANS / "winston_42.json"), "--pool", "pulje", "--from", "0"]


def test_a_frontier_is_printed_as_the_format_says():
    done = CliRunner().invoke(main, [*FRONTIER, "--to", "14000", "--steps", "3", "--json"])

    document = json.loads(done.output)
    assert done.exit_code == 0
    assert (document["format"], document["pool"]) == ("bundlinje-frontier/1", "pulje")
    # four projects of 5, 7, 4 and 3 thousand worth 16, 22, 12 and 8
    assert [(p["amount"], p["objective"]) for p in document["points"]] == [
        (0, 0),
        (7000, 22000),
        (14000, 42000),
    ]
    assert set(document["points"][0]) == {
        "amount", "status", "objective", "bound", "gap", "chosen",
    }  # fmt: skip


def test_a_frontier_can_be_read():
    danish = CliRunner().invoke(main, [*FRONTIER, "--to", "14000", "--steps", "2"])
    english = CliRunner().invoke(
        main, [*FRONTIER, "--to", "14000", "--steps", "2", "--language", "en"]
    )

    assert "14.000        42.000      3  +p2/base +p3/base +p4/base" in danish.output
    assert "14,000        42,000      3  +p2/base +p3/base +p4/base" in english.output


def test_a_frontier_on_which_nothing_fits_is_infeasible(tmp_path):
    document = json.loads((PLANS / "winston_42.json").read_text(encoding="utf-8"))
    document["scenario"]["constraints"] = [{"tag": "chosen", "at_least": 4}]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    command = ["frontier", str(path), "--pool", "pulje", "--from", "0", "--steps", "2", "--json"]
    none, some = (CliRunner().invoke(main, [*command, "--to", to]) for to in ("14000", "19000"))

    assert (none.exit_code, some.exit_code) == (3, 0)
    assert [p["status"] for p in json.loads(none.output)["points"]] == ["infeasible"] * 2
    assert [p["status"] for p in json.loads(some.output)["points"]] == ["infeasible", "optimal"]


def test_a_frontier_of_a_measure_keeps_its_decimals():
    probe = ["frontier", str(PLANS / "probe_12.json"), "--pool", "pulje"]
    one = CliRunner().invoke(main, [*probe, "--from", "5000000", "--to", "5000000", "--steps", "1"])

    assert "5.000.000        414,25      5  " in one.output


def test_a_frontier_stops_at_the_gap():
    command = [*FRONTIER, "--to", "14000", "--steps", "3", "--json", "--gap"]
    near = CliRunner().invoke(main, [*command, "0.5"])
    refused = CliRunner().invoke(main, [*command, "-1"])

    assert all(p["gap"] <= 0.5 for p in json.loads(near.output)["points"])
    assert refused.exit_code == 2


def test_a_frontier_of_nothing_is_refused():
    unknown = CliRunner().invoke(main, [*FRONTIER[:3], "andet", "--from", "0", "--to", "9"])
    backwards = CliRunner().invoke(main, [*FRONTIER[:4], "--from", "9", "--to", "1"])

    assert (unknown.exit_code, backwards.exit_code) == (2, 2)
    assert "ingen pulje »andet«; kendte: pulje" in unknown.stderr
    assert "--from er større end --to" in backwards.stderr
