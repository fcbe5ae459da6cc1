"""The knowledge shelf, and which cases use which version of what lies on it"""

import sqlalchemy as sa
from alembic import op

from planner.migrations.refusals import create_refusals, drop_refusals

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CASE = "(SELECT state FROM business_case WHERE id = {row}.case_id) <> 'draft'"
FROZEN = "a submitted case is never changed"

# name, when, table, condition, words
REFUSALS = [
    ("shelf_version_is_never_changed", "UPDATE", "shelf_version", "", "a version is never changed"),
    ("shelf_version_is_never_removed", "DELETE", "shelf_version", "", "a version is never removed"),
    (
        "shelf_entry_keeps_its_name",
        "UPDATE OF kind, key, title",
        "shelf_entry",
        "NEW.kind <> OLD.kind OR NEW.key <> OLD.key OR NEW.title <> OLD.title",
        "an entry keeps its name",
    ),
    ("shelf_entry_is_never_removed", "DELETE", "shelf_entry", "", "an entry is never removed"),
    ("case_shelf_use_insert_is_frozen", "INSERT", "case_shelf_use", CASE.format(row="NEW"), FROZEN),
    (
        "case_shelf_use_update_is_frozen",
        "UPDATE",
        "case_shelf_use",
        f"{CASE.format(row='OLD')} OR {CASE.format(row='NEW')}",
        FROZEN,
    ),
    ("case_shelf_use_delete_is_frozen", "DELETE", "case_shelf_use", CASE.format(row="OLD"), FROZEN),
]


def upgrade():
    op.create_table(
        "shelf_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.Column("retired_by_id", sa.Integer(), nullable=True),
        sa.Column("retired_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('unit_price', 'effect', 'consequence')", name=op.f("ck_shelf_entry_kind")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_shelf_entry_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["retired_by_id"], ["person.id"], name=op.f("fk_shelf_entry_retired_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_shelf_entry_key")),
    )
    op.create_index("ix_shelf_entry_kind", "shelf_entry", ["kind"], unique=False)
    op.create_table(
        "shelf_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("source_date", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["shelf_entry.id"], name=op.f("fk_shelf_version_entry_id_shelf_entry")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_shelf_version_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_version")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_shelf_version_entry_id_number")),
    )
    op.create_table(
        "case_shelf_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("shelf_version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["business_case.id"], name=op.f("fk_case_shelf_use_case_id_business_case")
        ),
        sa.ForeignKeyConstraint(
            ["shelf_version_id"],
            ["shelf_version.id"],
            name=op.f("fk_case_shelf_use_shelf_version_id_shelf_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_shelf_use")),
        sa.UniqueConstraint(
            "case_id", "shelf_version_id", name=op.f("uq_case_shelf_use_case_id_shelf_version_id")
        ),
    )
    op.create_index(
        "ix_case_shelf_use_shelf_version_id", "case_shelf_use", ["shelf_version_id"], unique=False
    )
    op.create_table(
        "shelf_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("years BETWEEN 1 AND 50", name=op.f("ck_shelf_setting_years")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_setting")),
    )
    create_refusals(REFUSALS)


def downgrade():
    drop_refusals(REFUSALS)
    op.drop_table("shelf_setting")
    op.drop_table("case_shelf_use")
    op.drop_table("shelf_version")
    op.drop_table("shelf_entry")
