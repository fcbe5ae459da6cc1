"""Any kind of study: the list of kinds is the application's alone.

A check in the database would have to be made anew with each further kind, which in SQLite means to
rebuild the table and its refusals. The application refuses an unknown kind when it is written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = ("frontier", "stress")
# name, when, words
REFUSALS = [
    ("study_is_never_changed", "UPDATE", "a study is never changed"),
    ("study_is_never_removed", "DELETE", "a study is never removed"),
]


def is_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def create_refusals():
    for name, event, words in REFUSALS if is_sqlite() else ():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON study"
            f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )


def drop_refusals():
    for name, _event, _words in REFUSALS if is_sqlite() else ():
        op.execute(f"DROP TRIGGER {name}")


def upgrade():
    drop_refusals()
    with op.batch_alter_table("study") as batch:
        batch.drop_constraint(op.f("ck_study_kind"), type_="check")
    create_refusals()


def downgrade():
    """Take out what the older version does not know, as its own way back takes out all studies."""
    refusals = None if is_sqlite() else "study_is_never_removed"
    drop_refusals()
    if refusals:
        op.execute(f"ALTER TABLE study DISABLE TRIGGER {refusals}")
    study = sa.table("study", sa.column("kind", sa.String()))
    op.execute(study.delete().where(study.c.kind.not_in(KINDS)))
    if refusals:
        op.execute(f"ALTER TABLE study ENABLE TRIGGER {refusals}")
    with op.batch_alter_table("study") as batch:
        batch.create_check_constraint(op.f("ck_study_kind"), "kind IN ('frontier', 'stress')")
    create_refusals()
