"""Outcome contracts of options, and goals after the first"""

import sqlalchemy as sa
from alembic import op

from planner.migrations.refusals import create_refusals, drop_refusals

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FROZEN = (
    "strategy_id, title, description, objective, relations, pools, outcomes,"
    " copied_from_id, published_at, published_by_id"
)


def frozen(columns):
    """A contract needs none: every change of an option of a submitted case is refused already."""
    return [
        (
            "scenario_is_frozen",
            f"UPDATE OF {columns}",
            "scenario",
            "OLD.state <> 'draft'",
            "a published scenario is never changed",
        )
    ]


def upgrade():
    op.add_column("case_option", sa.Column("contract", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "scenario",
        sa.Column("then", sa.JSON(none_as_null=True), nullable=False, server_default="[]"),
    )
    drop_refusals(frozen(FROZEN))
    create_refusals(frozen(f'{FROZEN}, "then"'))


def downgrade():
    drop_refusals(frozen(FROZEN))
    create_refusals(frozen(FROZEN))
    op.drop_column("scenario", "then")
    op.drop_column("case_option", "contract")
