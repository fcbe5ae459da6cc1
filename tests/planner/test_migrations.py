"""The database is made by migrations, up, down and up again, and is then what the model says."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Float, Numeric, inspect

from planner.migrations import HEAD, alembic_config, current_revision, downgrade, upgrade
from planner.model import Base
from planner.model.database import engine_for

MONEY = {"amount", "low", "high"}


@pytest.fixture
def engine(databases):
    """An empty database."""
    made = engine_for(databases.make())
    yield made
    made.dispose()


def differences(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)


def test_up_down_and_up_again(engine):
    assert current_revision(engine) is None
    for _round in range(2):
        upgrade(engine)
        assert current_revision(engine) == HEAD
        assert differences(engine) == []
        downgrade(engine)
        assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)
    upgrade(engine)
    assert current_revision(engine) == HEAD


def test_the_known_head_is_the_newest_migration(engine):
    script = ScriptDirectory.from_config(alembic_config(engine))

    assert script.get_heads() == [HEAD]


def test_the_checks_of_the_model_are_in_the_database(engine):
    upgrade(engine)
    inspector = inspect(engine)
    for table in Base.metadata.sorted_tables:
        there = {check["name"] for check in inspector.get_check_constraints(table.name)}
        wanted = {
            str(constraint.name)
            for constraint in table.constraints
            if constraint.__visit_name__ in {"check_constraint", "table_or_column_check_constraint"}
            and not str(constraint.name).endswith("_kroner")
        }
        kroner = {name for name in there if name.endswith("_kroner")}
        assert wanted <= there, table.name
        assert len(kroner) == len(MONEY & set(table.columns.keys()) if table.name == "flow" else [])


def test_money_is_never_a_float():
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            assert not isinstance(column.type, Float | Numeric), f"{table.name}.{column.name}"
            if column.name in MONEY:
                assert isinstance(column.type, BigInteger), f"{table.name}.{column.name}"
