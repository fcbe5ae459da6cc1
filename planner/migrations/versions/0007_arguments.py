"""The argument of a business case, and which flows and measures are computed from it"""

import sqlalchemy as sa
from alembic import op

from planner.migrations.refusals import create_refusals, drop_refusals

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FROZEN = (
    "intervention_id, number, title, summary, target_group, supplier, external,"
    " evidence_stars, evidence, tags, price_year"
)


def frozen(columns):
    return [
        (
            "case_is_frozen",
            f"UPDATE OF {columns}",
            "business_case",
            "OLD.state <> 'draft'",
            "a submitted case is never changed",
        )
    ]


def upgrade():
    for name in ("argument", "typed"):
        op.add_column("business_case", sa.Column(name, sa.JSON(none_as_null=True), nullable=True))
    op.add_column("strategy", sa.Column("price_levels", sa.JSON(none_as_null=True), nullable=True))
    for table in ("flow", "measure"):
        # as SQL: SQLite takes a check with a new column, but Alembic would copy the whole table
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN origin VARCHAR(32) DEFAULT 'direct' NOT NULL"
            f" CONSTRAINT ck_{table}_origin CHECK (origin IN ('direct', 'computed'))"
        )
    op.add_column(
        "flow", sa.Column("line_id", sa.String(length=200), server_default="", nullable=False)
    )
    drop_refusals(frozen(FROZEN))
    create_refusals(frozen(f"{FROZEN}, argument, typed"))


def downgrade():
    drop_refusals(frozen(FROZEN))
    op.drop_column("flow", "line_id")
    for table in ("measure", "flow"):
        op.drop_column(table, "origin")
    op.drop_column("strategy", "price_levels")
    for name in ("typed", "argument"):
        op.drop_column("business_case", name)
    create_refusals(frozen(FROZEN))
