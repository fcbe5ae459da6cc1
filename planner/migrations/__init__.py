"""Changes of the database from one version to the next, by Alembic's own API."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect

from planner.model.database import writer

if TYPE_CHECKING:
    from alembic.config import Config

# the newest revision; known here so that a start on a current database needs no Alembic
HEAD = "0009"


def current_revision(engine: Engine) -> str | None:
    """Return the revision that the database is at; None: it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return None if found is None else str(found)


def alembic_config(engine: Engine) -> "Config":
    """Return Alembic's settings for this engine."""
    from alembic.config import Config  # a start on a current database is quicker without it

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["engine"] = writer(engine)
    return config


def upgrade(engine: Engine, revision: str = HEAD) -> None:
    """Bring the database to ``revision``, in one transaction."""
    if revision == HEAD and current_revision(engine) == HEAD:
        return
    from alembic import command

    command.upgrade(alembic_config(engine), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Bring the database back to ``revision``."""
    from alembic import command

    command.downgrade(alembic_config(engine), revision)
