"""Studies of any kind: the table is made anew with all it holds, and still refuses changes."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from planner.migrations import downgrade, upgrade
from planner.model.database import writer
from planner.services.scenarios import ScenarioData, create_scenario


def put(connection, identity, kind):
    row = {"id": identity, "kind": kind, "empty": json.dumps({}), "hash": "0" * 64}
    connection.execute(
        text(
            'INSERT INTO study (id, kind, scenario_id, plan_sha256, "plan", question, document,'
            " created_at) VALUES (:id, :kind, 1, :hash, :empty, :empty, :empty,"
            " '2026-11-23 09:00:00')"
        ),
        row,
    )


@pytest.fixture
def earlier(session, strategy, engine, clock):
    """A database from before, with a study of a scenario in it."""
    create_scenario(session, strategy, ScenarioData(title="Først"), by=None, now=clock())
    session.commit()
    downgrade(engine, "0003")
    with writer(engine).connect() as connection:
        put(connection, 7, "stress")
        with pytest.raises(IntegrityError, match="ck_study_kind"):
            put(connection, 8, "alternatives")
        connection.commit()
    return engine


def kinds(engine):
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT id, kind FROM study ORDER BY id").all()


def test_studies_are_kept_and_any_kind_comes_in_and_none_is_changed(earlier):
    upgrade(earlier)
    with writer(earlier).connect() as connection:
        put(connection, 8, "alternatives")
        for statement in ("UPDATE study SET kind = 'x'", "DELETE FROM study"):
            with pytest.raises(IntegrityError, match="never"):
                connection.exec_driver_sql(statement)
        connection.commit()
    assert kinds(earlier) == [(7, "stress"), (8, "alternatives")]


def test_the_way_back_takes_out_only_what_the_older_version_does_not_know(earlier):
    upgrade(earlier)
    with writer(earlier).connect() as connection:
        put(connection, 8, "alternatives")
        connection.commit()
    downgrade(earlier, "0003")
    assert kinds(earlier) == [(7, "stress")]
    with writer(earlier).connect() as connection, pytest.raises(IntegrityError, match="never"):
        connection.exec_driver_sql("DELETE FROM study")
