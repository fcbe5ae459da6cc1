"""Studies of plans: frontiers and stress"""

import sqlalchemy as sa
from alembic import op

from planner.migrations.refusals import create_refusals, drop_refusals, never_changed

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSALS = never_changed("study", "a study")


def upgrade():
    op.create_table(
        "study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("allocation_id", sa.Integer(), nullable=True),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("question", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_study_scenario_id_scenario")
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_study_allocation_id_allocation")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_study_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
    )
    op.create_index("ix_study_scenario_id", "study", ["scenario_id"], unique=False)
    op.create_index("ix_study_allocation_id", "study", ["allocation_id"], unique=False)
    op.add_column("job", sa.Column("question", sa.JSON(none_as_null=True), nullable=True))
    create_refusals(REFUSALS)


def downgrade():
    drop_refusals(REFUSALS)
    op.drop_column("job", "question")
    op.drop_table("study")
