"""Explanations of results, and how far an explanation is"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# name, when, words
REFUSALS = [
    ("explanation_is_never_changed", "UPDATE", "an explanation is never changed"),
    ("explanation_is_never_removed", "DELETE", "an explanation is never removed"),
]


def create_refusals():
    dialect = op.get_bind().dialect.name
    for name, event, words in REFUSALS:
        if dialect == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON explanation"
                f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        else:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';"
                f" END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON explanation"
                f" FOR EACH ROW EXECUTE FUNCTION {name}()"
            )


def drop_refusals():
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, _event, _words in REFUSALS:
        op.execute(
            f"DROP TRIGGER {name} ON explanation" if on_postgresql else f"DROP TRIGGER {name}"
        )
        if on_postgresql:
            op.execute(f"DROP FUNCTION {name}()")


def upgrade():
    op.create_table(
        "explanation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("allocation_id", sa.Integer(), nullable=False),
        sa.Column("danish", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("english", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["allocation.id"],
            name=op.f("fk_explanation_allocation_id_allocation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
        sa.UniqueConstraint("allocation_id", name=op.f("uq_explanation_allocation_id")),
    )
    op.add_column("job", sa.Column("phase", sa.String(length=20), nullable=True))
    op.add_column("job", sa.Column("done", sa.Integer(), nullable=True))
    op.add_column("job", sa.Column("total", sa.Integer(), nullable=True))
    op.create_index("ix_job_allocation_id", "job", ["allocation_id"], unique=False)
    create_refusals()


def downgrade():
    drop_refusals()
    op.drop_index("ix_job_allocation_id", table_name="job")
    op.drop_column("job", "total")
    op.drop_column("job", "done")
    op.drop_column("job", "phase")
    op.drop_table("explanation")
