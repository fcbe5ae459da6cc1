"""Explanations of results, and how far an explanation is"""

import sqlalchemy as sa
from alembic import op

from planner.migrations.refusals import create_refusals, drop_refusals, never_changed

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REFUSALS = never_changed("explanation", "an explanation")


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
    create_refusals(REFUSALS)


def downgrade():
    drop_refusals(REFUSALS)
    op.drop_index("ix_job_allocation_id", table_name="job")
    op.drop_column("job", "total")
    op.drop_column("job", "done")
    op.drop_column("job", "phase")
    op.drop_table("explanation")
