"""Rounds and what surrounds a case in them"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("opens_at", sa.DateTime(), nullable=False),
        sa.Column("deadline", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("required", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_round_state")),
        sa.CheckConstraint("opens_at < deadline", name=op.f("ck_round_opens_before_deadline")),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategy.id"], name=op.f("fk_round_strategy_id_strategy")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_round_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("strategy_id", "name", name=op.f("uq_round_strategy_id_name")),
    )
    op.create_table(
        "round_department",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_round_department_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_round_department_department_id_department"),
        ),
        sa.PrimaryKeyConstraint("round_id", "department_id", name=op.f("pk_round_department")),
    )
    op.execute(
        "ALTER TABLE intervention ADD COLUMN round_id INTEGER"
        " CONSTRAINT fk_intervention_round_id_round REFERENCES round (id)"
    )
    op.create_index("ix_intervention_round_id", "intervention", ["round_id"], unique=False)


def downgrade():
    op.drop_index("ix_intervention_round_id", table_name="intervention")
    op.drop_column("intervention", "round_id")
    op.drop_table("round_department")
    op.drop_table("round")
