"""What the database itself refuses, as triggers: the same words to SQLite and PostgreSQL."""

from collections.abc import Iterable

from alembic import op

#: name, when, table, condition or None, words
Refusal = tuple[str, str, str, str | None, str]


def never_changed(table: str, words: str) -> list[Refusal]:
    """Return the refusals of a table whose rows are written once."""
    return [
        (f"{table}_is_never_changed", "UPDATE", table, None, f"{words} is never changed"),
        (f"{table}_is_never_removed", "DELETE", table, None, f"{words} is never removed"),
    ]


def create_refusals(refusals: Iterable[Refusal]) -> None:
    """Make a trigger of each (name, when, table, condition or None, words)."""
    dialect = op.get_bind().dialect.name
    for name, event, table, condition, words in refusals:
        when = f"WHEN {condition}" if condition and dialect == "sqlite" else ""
        if dialect == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when}"
                f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        else:
            # a query is not allowed in a WHEN clause of PostgreSQL, so the function asks
            row = "OLD" if event == "DELETE" else "NEW"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF {condition or 'true'} THEN RAISE EXCEPTION '{words}'"
                f" USING ERRCODE = 'integrity_constraint_violation'; END IF;"
                f" RETURN {row}; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION {name}()"
            )


def drop_refusals(refusals: Iterable[Refusal]) -> None:
    """Remove the triggers, and on PostgreSQL their functions."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, _event, table, _condition, _words in refusals:
        op.execute(f"DROP TRIGGER {name} ON {table}" if on_postgresql else f"DROP TRIGGER {name}")
        if on_postgresql:
            op.execute(f"DROP FUNCTION {name}()")
