"""The command line: ``bundlinje``. What is heavy is imported by the command that needs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from planner.config import Config
    from planner.model.database import PlannerSession

ROLES = (
    "administrator",
    "finance",
    "department_editor",
    "department_reader",
    "politician",
    "auditor",
)
PLAN_COMMANDS = ("check", "allocate", "evaluate", "explain", "frontier")
THREADS = 8

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the embedded database. Default: the user's folder for application data.",
)


class Commands(click.Group):
    """Finds the commands about plan files in `planner.commands` when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command."""
        return sorted({*super().list_commands(ctx), *PLAN_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        if cmd_name in PLAN_COMMANDS:
            from planner import commands

            found: click.Command = getattr(commands, cmd_name)
            return found
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands)
@click.version_option(package_name="bundlinje")
def main() -> None:
    """Plan a municipality's investments on the double bottom line."""


# --- The application ------------------------------------------------------------------------------


def _ready(data: Path | None, host: str = "127.0.0.1") -> "tuple[Config, Engine]":
    """Return the settings and an engine on a migrated database."""
    from planner.config import load_config
    from planner.migrations import upgrade
    from planner.model.database import assert_settings, engine_for

    config = load_config(data=data, host=host)
    engine = engine_for(config.database_url)
    assert_settings(engine)
    upgrade(engine)
    return config, engine


@contextmanager
def _writing_in_app(
    data: Path | None, host: str = "127.0.0.1"
) -> "Iterator[tuple[Flask, PlannerSession]]":
    """Give the application and a session that may write; commit when all went well."""
    from planner.app import create_app
    from planner.model.database import writing

    config, engine = _ready(data, host)
    app = create_app(config)
    with app.app_context(), writing(engine) as session:
        yield app, session
        session.commit()


@main.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@data_option
@click.option("--demo/--no-demo", default=True, help="Load the demonstration when empty.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(0, 64),
    help="Processes that calculate; 0 where others do (see `bundlinje worker`).",
)
def run(port: int, host: str, data: Path | None, *, demo: bool, workers: int) -> None:
    """Serve the application; an empty database gets the demonstration municipality."""
    from planner.clock import utc_now
    from planner.config import is_loopback
    from planner.services.people import demo_people, has_demo_people

    with _writing_in_app(data, host) as (app, session):
        if demo and is_loopback(host) and _is_empty(session):
            from planner.services.demo import load_demo

            load_demo(session, utc_now())
        if has_demo_people(session) and not is_loopback(host):
            raise click.ClickException(
                "This database has demonstration accounts whose password everybody knows;"
                " it is served to this machine only. Use --host 127.0.0.1,"
                " or another --data folder."
            )
        accounts = [person.email for person in demo_people(session)]
        _warn_of_broken_log(session)
    _serve(app, host=host, port=port, data=data, accounts=accounts, workers=workers)


def _warn_of_broken_log(session: "PlannerSession") -> None:
    """Say at once when the newest lines of the log are not as they were written."""
    from planner.services.events import CHECKED_AT_START, verify_events

    report = verify_events(session, newest=CHECKED_AT_START)
    if not report.is_sound:
        click.echo(
            f"WARNING: the log is not as it was written, from line {report.broken[0]}."
            " Tell your auditor, and keep the database as it is: see `bundlinje verify`.",
            err=True,
        )


def _is_empty(session: "PlannerSession") -> bool:
    from sqlalchemy import select

    from planner.model import PersonRecord, StrategyRecord

    return all(
        session.scalar(select(record.id).limit(1)) is None
        for record in (PersonRecord, StrategyRecord)
    )


def _serve(
    app: "Flask", *, host: str, port: int, data: Path | None, accounts: list[str], workers: int
) -> None:
    import waitress

    from planner.supervising import Supervisor

    server = waitress.create_server(
        app, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True
    )
    supervisor = Supervisor.of(lambda: _start_worker(data), workers)
    # as Ctrl+C: the workers give back what they have in hand, and end first
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        click.echo(f"Bundlinje: http://{host}:{server.effective_port}")
        if accounts:
            click.echo("Demo accounts (password bundlinje-demo):")
            for email in accounts:
                click.echo(f"  {email}")
        sys.stdout.flush()
        server.run()
    except (KeyboardInterrupt, SystemExit):
        server.close()
    finally:
        supervisor.stop()


def _start_worker(data: Path | None) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "planner.worker", "--parent", str(os.getpid())]
    if data is not None:
        command += ["--data", str(data.resolve())]
    return subprocess.Popen(command)  # noqa: S603 - our own module


@main.command()
@data_option
def worker(data: Path | None) -> None:
    """Calculate what is asked for, where several applications share one database."""
    from planner.worker import serve

    _ready(data)
    serve(data)


@main.command()
@data_option
def demo(data: Path | None) -> None:
    """Load the demonstration municipality into an empty database."""
    from planner.clock import utc_now
    from planner.services.demo import load_demo

    with _writing_in_app(data) as (_app, session):
        if not _is_empty(session):
            raise click.ClickException("The database is not empty; nothing was changed.")
        load_demo(session, utc_now())
    click.echo("The demonstration municipality is loaded.")


# --- People ---------------------------------------------------------------------------------------


@main.group()
def people() -> None:
    """Accounts of people."""


@people.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.password_option()
@data_option
def add_person(
    email: str, name: str, roles: tuple[str, ...], password: str, data: Path | None
) -> None:
    """Make an account, for instance the first administrator."""
    from planner.clock import utc_now
    from planner.model.states import Role
    from planner.services.people import TakenEmailError, WeakPasswordError, create_person

    try:
        with _writing_in_app(data) as (_app, session):
            create_person(
                session,
                email=email,
                name=name,
                password=password,
                roles=[Role(role) for role in roles],
                by=None,
                now=utc_now(),
            )
    except TakenEmailError:
        raise click.ClickException(f"There is already an account for {email}.") from None
    except WeakPasswordError:
        raise click.ClickException("The password must have at least 10 characters.") from None
    click.echo(f"Made an account for {email}.")


# --- Keeping the data -----------------------------------------------------------------------------


@main.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def backup(target: Path, data: Path | None) -> None:
    """Write a checked copy of the whole database to TARGET, also while it is in use."""
    from planner.services.backup import BackupError, back_up

    _config, engine = _ready(data)
    try:
        report = back_up(engine, target)
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{report.path}: {report.size} bytes, {report.chain.count} log lines, "
        f"{report.files} files, sound."
    )
    click.echo(f"Head of the log: {report.chain.head}")


@main.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", "only_check", is_flag=True, help="Only say whether it is sound.")
@data_option
def restore(source: Path, data: Path | None, *, only_check: bool) -> None:
    """Put a copy back; stop the application first. What lay there is kept beside it."""
    from planner.config import database_path
    from planner.services import backup as copies

    try:
        report = copies.check(source) if only_check else copies.restore(source, database_path(data))
    except copies.BackupError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{report.path}: sound, {report.chain.count} log lines.")


@main.command()
@data_option
def verify(data: Path | None) -> None:
    """Say whether every line of the log is as it was written."""
    from planner.model.database import reading
    from planner.services.events import verify_events

    _config, engine = _ready(data)
    with reading(engine) as session:
        report = verify_events(session)
    if not report.is_sound:
        lines = ", ".join(str(seq) for seq in report.broken[:20])
        raise click.ClickException(f"The log has been changed, from line {lines}.")
    click.echo(f"{report.count} lines, all as written. Head: {report.head}")


if __name__ == "__main__":
    main()
