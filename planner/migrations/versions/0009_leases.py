"""Leases of calculations, what is computed once, the plan so far, and the notice that it is done"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = ("returned", "commented", "deadline_near", "flagged")
AFTER = (*BEFORE, "calculated")
RUNNING = sa.text("status = 'running'")


def notice_kinds(kinds):
    """Let notices be of these kinds; SQLite makes the table anew for that."""
    words = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("ck_notice_kind"), type_="check")
        notice.create_check_constraint(op.f("ck_notice_kind"), f"kind IN ({words})")


def upgrade():
    op.add_column("job", sa.Column("owner", sa.String(length=100), nullable=True))
    op.add_column("job", sa.Column("lease_until", sa.DateTime(), nullable=True))
    op.add_column("job", sa.Column("key", sa.String(length=64), nullable=True))
    op.add_column("job", sa.Column("so_far", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(
        "uq_job_key_running",
        "job",
        ["key"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_index("ix_job_key", "job", ["key"], unique=False)
    op.add_column("study", sa.Column("key", sa.String(length=64), nullable=True))
    op.create_index("ix_study_key", "study", ["key"], unique=False)
    notice_kinds(AFTER)


def downgrade():
    op.execute("DELETE FROM notice WHERE kind = 'calculated'")
    notice_kinds(BEFORE)
    op.drop_index("ix_study_key", table_name="study")
    op.drop_column("study", "key")
    op.drop_index("ix_job_key", table_name="job")
    op.drop_index("uq_job_key_running", table_name="job")
    for column in ("so_far", "key", "lease_until", "owner"):
        op.drop_column("job", column)
