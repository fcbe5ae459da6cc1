"""Rounds and what surrounds a case in them"""

import sqlalchemy as sa
from alembic import op

from planner.migrations.refusals import create_refusals, drop_refusals

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# name, when, table, condition, words
REFUSALS = [
    ("stage_step_is_never_changed", "UPDATE", "stage_step", None, "a step is never changed"),
    ("stage_step_is_never_removed", "DELETE", "stage_step", None, "a step is never removed"),
    (
        "acceptance_is_never_changed",
        "UPDATE",
        "acceptance",
        None,
        "an acceptance is never changed",
    ),
    (
        "acceptance_is_never_removed",
        "DELETE",
        "acceptance",
        None,
        "an acceptance is never removed",
    ),
    (
        "acceptance_comes_in_time",
        "INSERT",
        "acceptance",
        "(SELECT c.state FROM business_case c JOIN saving_line s ON s.case_id = c.id"
        " WHERE s.id = NEW.saving_line_id) NOT IN ('draft', 'submitted')",
        "a case that is decided takes no acceptance",
    ),
    (
        "saving_line_insert_is_frozen",
        "INSERT",
        "saving_line",
        "(SELECT state FROM business_case WHERE id = NEW.case_id) <> 'draft'",
        "a submitted case is never changed",
    ),
    (
        "saving_line_update_is_frozen",
        "UPDATE",
        "saving_line",
        "(SELECT state FROM business_case WHERE id = OLD.case_id) <> 'draft'",
        "a submitted case is never changed",
    ),
    (
        "comment_is_never_changed",
        "UPDATE OF case_id, thread_id, field, author_id, text, created_at",
        "comment",
        None,
        "a comment is never changed",
    ),
    ("comment_is_never_removed", "DELETE", "comment", None, "a comment is never removed"),
    (
        "attachment_insert_is_frozen",
        "INSERT",
        "attachment",
        "(SELECT state FROM business_case WHERE id = NEW.case_id) <> 'draft'",
        "a submitted case is never changed",
    ),
    (
        "attachment_update_is_frozen",
        "UPDATE",
        "attachment",
        "(SELECT state FROM business_case WHERE id = OLD.case_id) <> 'draft'",
        "a submitted case is never changed",
    ),
    ("attachment_is_kept", "DELETE", "attachment", None, "an attachment is kept"),
    ("saving_line_is_kept", "DELETE", "saving_line", None, "a saving line is kept"),
]

STAGES = (
    "'idea', 'presented', 'assessed', 'in_development', 'ready', 'approved_by_council',"
    " 'approved_by_mayor', 'running', 'followed_up', 'made_permanent', 'changed', 'stopped',"
    " 'returned', 'withdrawn'"
)


def create_stages():
    op.execute(
        "ALTER TABLE intervention ADD COLUMN stage VARCHAR(32) DEFAULT 'idea' NOT NULL"
        f" CONSTRAINT ck_intervention_stage CHECK (stage IN ({STAGES}))"
    )
    op.execute("UPDATE intervention SET stage = 'withdrawn' WHERE withdrawn_at IS NOT NULL")
    op.create_table(
        "stage_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intervention_id", sa.Integer(), nullable=False),
        sa.Column("from_stage", sa.String(length=32), nullable=False),
        sa.Column("to_stage", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"from_stage IN ({STAGES})", name=op.f("ck_stage_step_from_stage")),
        sa.CheckConstraint(f"to_stage IN ({STAGES})", name=op.f("ck_stage_step_to_stage")),
        sa.ForeignKeyConstraint(
            ["intervention_id"],
            ["intervention.id"],
            name=op.f("fk_stage_step_intervention_id_intervention"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_stage_step_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_step")),
    )
    op.create_index(
        "ix_stage_step_intervention_id", "stage_step", ["intervention_id"], unique=False
    )


def create_owners():
    op.create_table(
        "saving_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("option_key", sa.String(length=100), nullable=False),
        sa.Column("payer", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=200), nullable=False),
        sa.Column("budget_line", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.CheckConstraint(
            "kind IN ('budget_cut', 'avoided_growth', 'time_freed', 'none')",
            name=op.f("ck_saving_line_kind"),
        ),
        sa.CheckConstraint(
            "category IN ('service', 'construction', 'transfers')",
            name=op.f("ck_saving_line_category"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["business_case.id"], name=op.f("fk_saving_line_case_id_business_case")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saving_line_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saving_line")),
        sa.UniqueConstraint(
            "case_id",
            "option_key",
            "payer",
            "category",
            "line",
            "budget_line",
            name=op.f("uq_saving_line"),
        ),
    )
    op.create_index("ix_saving_line_person_id", "saving_line", ["person_id"], unique=False)
    op.create_table(
        "acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("saving_line_id", sa.Integer(), nullable=False),
        sa.Column("amounts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["saving_line_id"],
            ["saving_line.id"],
            name=op.f("fk_acceptance_saving_line_id_saving_line"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_acceptance_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
    )
    op.create_index("ix_acceptance_saving_line_id", "acceptance", ["saving_line_id"], unique=False)


def create_comments():
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=50), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["business_case.id"], name=op.f("fk_comment_case_id_business_case")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["comment.id"], name=op.f("fk_comment_thread_id_comment")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_comment_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["person.id"], name=op.f("fk_comment_resolved_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_case_id", "comment", ["case_id"], unique=False)
    op.create_index("ix_comment_thread_id", "comment", ["thread_id"], unique=False)


def create_notices():
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("said", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("mailed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('returned', 'commented', 'deadline_near', 'flagged')",
            name=op.f("ck_notice_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_notice_person_id_key")),
    )
    op.create_index("ix_notice_mailed_at", "notice", ["mailed_at"], unique=False)


def create_attachments():
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('pdf', 'png', 'jpeg', 'docx', 'xlsx', 'pptx', 'odt', 'ods')",
            name=op.f("ck_attachment_kind"),
        ),
        sa.CheckConstraint("size BETWEEN 1 AND 10485760", name=op.f("ck_attachment_size")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["business_case.id"], name=op.f("fk_attachment_case_id_business_case")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_attachment_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["person.id"], name=op.f("fk_attachment_removed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_case_id", "attachment", ["case_id"], unique=False)


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
    create_stages()
    create_owners()
    create_comments()
    create_notices()
    create_attachments()
    create_refusals(REFUSALS)


def downgrade():
    drop_refusals(REFUSALS)
    op.drop_table("attachment")
    op.drop_table("notice")
    op.drop_table("comment")
    op.drop_table("acceptance")
    op.drop_table("saving_line")
    op.drop_table("stage_step")
    op.drop_column("intervention", "stage")
    op.drop_index("ix_intervention_round_id", table_name="intervention")
    op.drop_column("intervention", "round_id")
    op.drop_table("round_department")
    op.drop_table("round")
