"""The first tables"""

import sqlalchemy as sa
from alembic import op

from planner.migrations.refusals import create_refusals, drop_refusals

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# --- What the database itself refuses -----------------------------------------------------------

REFUSALS = [
    # name, when, table, condition, words
    ("event_is_never_changed", "UPDATE", "event", None, "a line of the log is never changed"),
    ("event_is_never_removed", "DELETE", "event", None, "a line of the log is never removed"),
    (
        "event_comes_last",
        "INSERT",
        "event",
        "NEW.seq <= coalesce((SELECT max(seq) FROM event), 0)",
        "a line of the log comes last",
    ),
    ("allocation_is_never_changed", "UPDATE", "allocation", None, "a result is never changed"),
    ("allocation_is_never_removed", "DELETE", "allocation", None, "a result is never removed"),
    (
        "allocation_of_a_draft_only",
        "INSERT",
        "allocation",
        "(SELECT state FROM scenario WHERE id = NEW.scenario_id) <> 'draft'",
        "a published scenario keeps its result",
    ),
    (
        "scenario_is_frozen",
        "UPDATE OF strategy_id, title, description, objective, relations, pools, outcomes,"
        " copied_from_id, published_at, published_by_id",
        "scenario",
        "OLD.state <> 'draft'",
        "a published scenario is never changed",
    ),
    (
        "scenario_stays_published",
        "UPDATE OF state",
        "scenario",
        "OLD.state <> 'draft' AND NEW.state = 'draft'",
        "a published scenario is no draft again",
    ),
    (
        "scenario_is_kept",
        "DELETE",
        "scenario",
        "OLD.state <> 'draft'",
        "a published scenario is never removed",
    ),
    (
        "case_is_frozen",
        "UPDATE OF intervention_id, number, title, summary, target_group, supplier, external,"
        " evidence_stars, evidence, tags, price_year",
        "business_case",
        "OLD.state <> 'draft'",
        "a submitted case is never changed",
    ),
    (
        "case_stays_submitted",
        "UPDATE OF state",
        "business_case",
        "OLD.state <> 'draft' AND NEW.state = 'draft'",
        "a submitted case is no draft again",
    ),
    (
        "case_is_kept",
        "DELETE",
        "business_case",
        "OLD.state <> 'draft'",
        "a submitted case is never removed",
    ),
]

PARTS = [
    # table, the state of what row {row} belongs to, the state in which it may change
    (
        "scenario_limit",
        "(SELECT state FROM scenario WHERE id = {row}.scenario_id)",
        "a published scenario is never changed",
    ),
    (
        "scenario_candidate",
        "(SELECT state FROM scenario WHERE id = {row}.scenario_id)",
        "a published scenario is never changed",
    ),
    (
        "case_option",
        "(SELECT state FROM business_case WHERE id = {row}.case_id)",
        "a submitted case is never changed",
    ),
    (
        "flow",
        "(SELECT c.state FROM business_case c JOIN case_option o ON o.case_id = c.id"
        " WHERE o.id = {row}.option_id)",
        "a submitted case is never changed",
    ),
    (
        "measure",
        "(SELECT c.state FROM business_case c JOIN case_option o ON o.case_id = c.id"
        " WHERE o.id = {row}.option_id)",
        "a submitted case is never changed",
    ),
]


def refusals():
    yield from REFUSALS
    for table, state, words in PARTS:
        old, new = (state.format(row=row) + " <> 'draft'" for row in ("OLD", "NEW"))
        yield f"{table}_insert_is_frozen", "INSERT", table, new, words
        yield f"{table}_update_is_frozen", "UPDATE", table, f"{old} OR {new}", words
        yield f"{table}_delete_is_frozen", "DELETE", table, old, words


def upgrade():
    op.create_table(
        "access_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("endpoint", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_event")),
    )
    op.create_table(
        "event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=40), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
        sa.UniqueConstraint("prev", name=op.f("uq_event_prev")),
    )
    op.create_index("ix_event_object_id", "event", ["object_id"], unique=False)
    op.create_index("ix_event_object_kind", "event", ["object_kind"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency")),
        sa.UniqueConstraint("actor", "key", name=op.f("uq_idempotency_actor_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_person_fs_uniquifier")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "name IN ('administrator', 'finance', 'department_editor', 'department_reader', 'politician', 'auditor')",
            name=op.f("ck_role_name"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "strategy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("municipality", sa.String(length=200), nullable=False),
        sa.Column("price_year", sa.Integer(), nullable=False),
        sa.Column("budget_year", sa.Integer(), nullable=False),
        sa.Column("budget_years", sa.Integer(), nullable=False),
        sa.Column("horizon_first", sa.Integer(), nullable=True),
        sa.Column("horizon_last", sa.Integer(), nullable=True),
        sa.Column("discount", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "budget_year BETWEEN 1900 AND 2200", name=op.f("ck_strategy_budget_year")
        ),
        sa.CheckConstraint("budget_years BETWEEN 1 AND 50", name=op.f("ck_strategy_budget_years")),
        sa.CheckConstraint("horizon_first <= horizon_last", name=op.f("ck_strategy_horizon")),
        sa.CheckConstraint(
            "horizon_first BETWEEN 1900 AND 2200", name=op.f("ck_strategy_horizon_first")
        ),
        sa.CheckConstraint(
            "horizon_last BETWEEN 1900 AND 2200", name=op.f("ck_strategy_horizon_last")
        ),
        sa.CheckConstraint("price_year BETWEEN 1900 AND 2200", name=op.f("ck_strategy_price_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy")),
    )
    op.create_index(
        "uq_strategy_default",
        "strategy",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )

    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategy.id"], name=op.f("fk_department_strategy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("strategy_id", "key", name=op.f("uq_department_strategy_id_key")),
    )
    op.create_table(
        "payer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "level IN ('municipality', 'region', 'state', 'citizen', 'other')",
            name=op.f("ck_payer_level"),
        ),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategy.id"], name=op.f("fk_payer_strategy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer")),
        sa.UniqueConstraint("strategy_id", "key", name=op.f("uq_payer_strategy_id_key")),
    )
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_role_person_id")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_person_role_role_id")),
        sa.PrimaryKeyConstraint("person_id", "role_id", name=op.f("pk_person_role")),
    )
    op.create_table(
        "pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('investment', 'outcome_payments')", name=op.f("ck_pool_kind")),
        sa.ForeignKeyConstraint(["strategy_id"], ["strategy.id"], name=op.f("fk_pool_strategy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("strategy_id", "key", name=op.f("uq_pool_strategy_id_key")),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("objective", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("relations", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("pools", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("outcomes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("edited_at", sa.DateTime(), nullable=False),
        sa.Column("edited_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'adopted', 'rejected', 'returned', 'superseded')",
            name=op.f("ck_scenario_state"),
        ),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["scenario.id"], name=op.f("fk_scenario_copied_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_scenario_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by_id"], ["person.id"], name=op.f("fk_scenario_edited_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_scenario_published_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategy.id"], name=op.f("fk_scenario_strategy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
    )
    op.create_index("ix_scenario_state", "scenario", ["state"], unique=False)
    op.create_index("ix_scenario_strategy_id", "scenario", ["strategy_id"], unique=False)

    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("scenario_version", sa.Integer(), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("labels_en", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_allocation_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_allocation_scenario_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    op.create_index("ix_allocation_scenario_id", "allocation", ["scenario_id"], unique=False)

    op.create_table(
        "intervention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=110), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_intervention_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_intervention_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategy.id"], name=op.f("fk_intervention_strategy_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["person.id"], name=op.f("fk_intervention_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervention")),
        sa.UniqueConstraint("code", name=op.f("uq_intervention_code")),
        sa.UniqueConstraint("strategy_id", "key", name=op.f("uq_intervention_strategy_id_key")),
    )
    op.create_index(
        "ix_intervention_department_id", "intervention", ["department_id"], unique=False
    )

    op.create_table(
        "person_department",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_person_department_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_department_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "department_id", name=op.f("pk_person_department")),
    )
    op.create_table(
        "scenario_limit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_limit_scenario_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_limit")),
    )
    op.create_index(
        "ix_scenario_limit_scenario_id", "scenario_limit", ["scenario_id"], unique=False
    )

    op.create_table(
        "business_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intervention_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("target_group", sa.String(length=200), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("evidence_stars", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("price_year", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("edited_at", sa.DateTime(), nullable=False),
        sa.Column("edited_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'accepted', 'returned')",
            name=op.f("ck_business_case_state"),
        ),
        sa.CheckConstraint(
            "evidence_stars BETWEEN 0 AND 3", name=op.f("ck_business_case_evidence_stars")
        ),
        sa.CheckConstraint(
            "price_year BETWEEN 1900 AND 2200", name=op.f("ck_business_case_price_year")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_business_case_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_business_case_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by_id"], ["person.id"], name=op.f("fk_business_case_edited_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["intervention_id"], ["intervention.id"], name=op.f("fk_business_case_intervention_id")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["person.id"], name=op.f("fk_business_case_submitted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_case")),
        sa.UniqueConstraint(
            "intervention_id", "number", name=op.f("uq_business_case_intervention_id_number")
        ),
    )
    op.create_index("ix_business_case_state", "business_case", ["state"], unique=False)
    op.create_index(
        "uq_business_case_draft",
        "business_case",
        ["intervention_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("scenario_version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("time_limit", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("best", sa.String(length=40), nullable=True),
        sa.Column("bound", sa.String(length=40), nullable=True),
        sa.Column("gap", sa.String(length=40), nullable=True),
        sa.Column("seconds", sa.String(length=40), nullable=True),
        sa.Column("cancel", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("allocation_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_job_status"),
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_job_allocation_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_job_created_by_id")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_job_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_scenario_id", "job", ["scenario_id"], unique=False)
    op.create_index("ix_job_status", "job", ["status"], unique=False)

    op.create_table(
        "case_option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("pool", sa.String(length=100), nullable=True),
        sa.Column("scalable_minimum", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["business_case.id"], name=op.f("fk_case_option_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_option")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_case_option_case_id_key")),
    )
    op.create_table(
        "scenario_candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("intervention_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("takes_part", sa.Boolean(), nullable=False),
        sa.Column("force", sa.String(length=32), nullable=True),
        sa.Column("force_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("force IN ('in', 'out')", name=op.f("ck_scenario_candidate_force")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["business_case.id"], name=op.f("fk_scenario_candidate_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["intervention_id"],
            ["intervention.id"],
            name=op.f("fk_scenario_candidate_intervention_id"),
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_candidate_scenario_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_candidate")),
        sa.UniqueConstraint(
            "scenario_id",
            "intervention_id",
            name=op.f("uq_scenario_candidate_scenario_id_intervention_id"),
        ),
    )
    op.create_index(
        "ix_scenario_candidate_case_id", "scenario_candidate", ["case_id"], unique=False
    )

    op.create_table(
        "flow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=True),
        sa.Column("high", sa.BigInteger(), nullable=True),
        sa.Column("cashable", sa.Boolean(), nullable=False),
        sa.Column("budget_line", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "amount IS NULL OR (typeof(amount) = 'integer' AND amount BETWEEN -100000000000 AND 100000000000)",
            name=op.f("ck_flow_amount_whole_kroner"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "category IN ('service', 'construction', 'transfers')", name=op.f("ck_flow_category")
        ),
        sa.CheckConstraint(
            "high IS NULL OR (typeof(high) = 'integer' AND high BETWEEN -100000000000 AND 100000000000)",
            name=op.f("ck_flow_high_whole_kroner"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("kind IN ('outlay', 'cost', 'saving')", name=op.f("ck_flow_kind")),
        sa.CheckConstraint(
            "low IS NULL OR (typeof(low) = 'integer' AND low BETWEEN -100000000000 AND 100000000000)",
            name=op.f("ck_flow_low_whole_kroner"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "amount BETWEEN -100000000000 AND 100000000000", name=op.f("ck_flow_amount_kroner")
        ).ddl_if(dialect="postgresql"),
        sa.CheckConstraint(
            "high BETWEEN -100000000000 AND 100000000000", name=op.f("ck_flow_high_kroner")
        ).ddl_if(dialect="postgresql"),
        sa.CheckConstraint(
            "low BETWEEN -100000000000 AND 100000000000", name=op.f("ck_flow_low_kroner")
        ).ddl_if(dialect="postgresql"),
        sa.CheckConstraint("year BETWEEN 1900 AND 2200", name=op.f("ck_flow_year")),
        sa.ForeignKeyConstraint(["option_id"], ["case_option.id"], name=op.f("fk_flow_option_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_flow_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow")),
    )
    op.create_index("ix_flow_option_id", "flow", ["option_id"], unique=False)

    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.CheckConstraint("year BETWEEN 1900 AND 2200", name=op.f("ck_measure_year")),
        sa.ForeignKeyConstraint(
            ["option_id"], ["case_option.id"], name=op.f("fk_measure_option_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint(
            "option_id", "name", "year", name=op.f("uq_measure_option_id_name_year")
        ),
    )

    create_refusals(refusals())


def downgrade():
    drop_refusals(refusals())
    op.drop_table("measure")
    op.drop_table("flow")
    op.drop_table("scenario_candidate")
    op.drop_table("case_option")
    op.drop_table("job")
    op.drop_table("business_case")
    op.drop_table("scenario_limit")
    op.drop_table("person_department")
    op.drop_table("intervention")
    op.drop_table("allocation")
    op.drop_table("scenario")
    op.drop_table("pool")
    op.drop_table("person_role")
    op.drop_table("payer")
    op.drop_table("department")
    op.drop_table("strategy")
    op.drop_table("role")
    op.drop_table("person")
    op.drop_table("idempotency")
    op.drop_table("event")
    op.drop_table("access_event")
