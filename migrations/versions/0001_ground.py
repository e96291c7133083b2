"""The ground: units, people, directives, tasks, history, mail"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index("ix_job_run_name", "job_run", ["name", "started_at"], unique=False)
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("title_of_head", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("org_code", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.String(length=600), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["unit.id"], name=op.f("fk_unit_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"], unique=False)
    op.create_table(
        "directive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("signer", sa.String(length=255), nullable=True),
        sa.Column("signer_title", sa.String(length=255), nullable=True),
        sa.Column("field", sa.String(length=255), nullable=True),
        sa.Column("urgency", sa.String(length=32), nullable=False),
        sa.Column("meeting", sa.String(length=500), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["unit.id"], name=op.f("fk_directive_issuer_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["directive.id"], name=op.f("fk_directive_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directive")),
        sa.UniqueConstraint("key", name=op.f("uq_directive_key")),
    )
    op.create_index("ix_directive_issued_on_id", "directive", ["issued_on", "id"], unique=False)
    op.create_index("ix_directive_issuer_id_issued_on", "directive", ["issuer_id", "issued_on"], unique=False)
    op.create_index("ix_directive_number", "directive", ["number"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("mf_recovery_codes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("create_datetime", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.String(length=600), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_person_fs_uniquifier")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_index("ix_person_unit_id", "person", ["unit_id"], unique=False)
    op.create_table(
        "directive_basis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("directive_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("printed", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["directive.id"], name=op.f("fk_directive_basis_based_on_id")
        ),
        sa.ForeignKeyConstraint(
            ["directive_id"], ["directive.id"], name=op.f("fk_directive_basis_directive_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directive_basis")),
        sa.UniqueConstraint(
            "directive_id", "position", name=op.f("uq_directive_basis_directive_id_position")
        ),
    )
    op.create_index("ix_directive_basis_based_on_id", "directive_basis", ["based_on_id"], unique=False)
    op.create_table(
        "held_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_held_role_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_held_role_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_role")),
        sa.UniqueConstraint(
            "user_id",
            "unit_id",
            "role",
            "valid_from",
            name=op.f("uq_held_role_user_id_unit_id_role_valid_from"),
        ),
    )
    op.create_index("ix_held_role_unit_id_role", "held_role", ["unit_id", "role"], unique=False)
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_outgoing_mail_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_outgoing_mail_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_mail_message_id")),
    )
    op.create_index(
        "ix_outgoing_mail_state", "outgoing_mail", ["state", "next_attempt_at", "id"], unique=False
    )
    op.create_index("ix_outgoing_mail_user_id", "outgoing_mail", ["user_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("directive_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("assigner_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("tracker_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("original_due_on", sa.Date(), nullable=True),
        sa.Column("due_phrase", sa.String(length=500), nullable=True),
        sa.Column("due_time", sa.Time(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=500), nullable=True),
        sa.Column("last_word", sa.Text(), nullable=True),
        sa.Column("last_event_on", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assigner_id"], ["unit.id"], name=op.f("fk_task_assigner_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_task_directive_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_task_leader_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_task_officer_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["task.id"], name=op.f("fk_task_parent_id")),
        sa.ForeignKeyConstraint(["reported_by_id"], ["person.id"], name=op.f("fk_task_reported_by_id")),
        sa.ForeignKeyConstraint(["tracker_id"], ["person.id"], name=op.f("fk_task_tracker_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_task_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("key", name=op.f("uq_task_key")),
    )
    op.create_index(
        "ix_task_assigner_open",
        "task",
        ["assigner_id", "due_on", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
        postgresql_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
    )
    op.create_index("ix_task_directive_id", "task", ["directive_id"], unique=False)
    op.create_index("ix_task_officer_id", "task", ["officer_id"], unique=False)
    op.create_index("ix_task_parent_id", "task", ["parent_id"], unique=False)
    op.create_index("ix_task_unit_id", "task", ["unit_id", "state"], unique=False)
    op.create_index(
        "ix_task_unit_open",
        "task",
        ["unit_id", "due_on", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
        postgresql_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
    )
    op.create_table(
        "coordination",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_coordination_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_coordination_unit_id")),
        sa.PrimaryKeyConstraint("task_id", "unit_id", name=op.f("pk_coordination")),
    )
    op.create_index("ix_coordination_unit_id", "coordination", ["unit_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["outgoing_mail.id"], name=op.f("fk_delivery_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_mail_id", "delivery", ["mail_id"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("do", sa.String(length=32), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("directive_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_history_by_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_history_directive_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_history_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_history_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_history_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("token", name=op.f("uq_history_token")),
    )
    op.create_index("ix_history_directive_id", "history", ["directive_id"], unique=False)
    op.create_index("ix_history_do", "history", ["do", "on_day"], unique=False)
    op.create_index("ix_history_task_id", "history", ["task_id", "id"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["outgoing_mail.id"], name=op.f("fk_reminder_mail_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_reminder_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_reminder_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "task_id", "rung", "due_on", "user_id", name=op.f("uq_reminder_task_id_rung_due_on_user_id")
        ),
    )
    op.create_index("ix_reminder_mail_id", "reminder", ["mail_id"], unique=False)
    op.create_index("ix_reminder_user_id", "reminder", ["user_id"], unique=False)
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_until", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(length=255), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_request_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_request_decided_by_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_request_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index("ix_request_task_id", "request", ["task_id"], unique=False)
    op.create_index(
        "uq_request_pending",
        "request",
        ["task_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "task_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("assigner_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["assigner_id"], ["unit.id"], name=op.f("fk_task_period_assigner_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_period_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_task_period_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_period")),
        sa.UniqueConstraint("task_id", "valid_from", name=op.f("uq_task_period_task_id_valid_from")),
    )
    op.create_index(
        "ix_task_period_completed",
        "task_period",
        ["assigner_id", "valid_from", "valid_to", "unit_id", "due_on", "reported_on", "state", "task_id"],
        unique=False,
        sqlite_where=sa.text("state = 'completed'"),
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.create_index(
        "ix_task_period_open",
        "task_period",
        ["assigner_id", "valid_to", "valid_from", "unit_id", "state", "due_on", "task_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
        postgresql_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("directive_id", sa.Integer(), nullable=True),
        sa.Column("history_id", sa.Integer(), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_attachment_added_by_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_attachment_directive_id")),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_attachment_history_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_directive_id", "attachment", ["directive_id"], unique=False)
    op.create_index("ix_attachment_history_id", "attachment", ["history_id"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_attachment_history_id", table_name="attachment")
    op.drop_index("ix_attachment_directive_id", table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(
        "ix_task_period_open",
        table_name="task_period",
        sqlite_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
        postgresql_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
    )
    op.drop_index(
        "ix_task_period_completed",
        table_name="task_period",
        sqlite_where=sa.text("state = 'completed'"),
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.drop_table("task_period")
    op.drop_index(
        "uq_request_pending",
        table_name="request",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index("ix_request_task_id", table_name="request")
    op.drop_table("request")
    op.drop_index("ix_reminder_user_id", table_name="reminder")
    op.drop_index("ix_reminder_mail_id", table_name="reminder")
    op.drop_table("reminder")
    op.drop_index("ix_history_task_id", table_name="history")
    op.drop_index("ix_history_do", table_name="history")
    op.drop_index("ix_history_directive_id", table_name="history")
    op.drop_table("history")
    op.drop_index("ix_delivery_mail_id", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_coordination_unit_id", table_name="coordination")
    op.drop_table("coordination")
    op.drop_index(
        "ix_task_unit_open",
        table_name="task",
        sqlite_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
        postgresql_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
    )
    op.drop_index("ix_task_unit_id", table_name="task")
    op.drop_index("ix_task_parent_id", table_name="task")
    op.drop_index("ix_task_officer_id", table_name="task")
    op.drop_index("ix_task_directive_id", table_name="task")
    op.drop_index(
        "ix_task_assigner_open",
        table_name="task",
        sqlite_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
        postgresql_where=sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')"),
    )
    op.drop_table("task")
    op.drop_index("ix_outgoing_mail_user_id", table_name="outgoing_mail")
    op.drop_index("ix_outgoing_mail_state", table_name="outgoing_mail")
    op.drop_table("outgoing_mail")
    op.drop_index("ix_held_role_unit_id_role", table_name="held_role")
    op.drop_table("held_role")
    op.drop_index("ix_directive_basis_based_on_id", table_name="directive_basis")
    op.drop_table("directive_basis")
    op.drop_index("ix_person_unit_id", table_name="person")
    op.drop_table("person")
    op.drop_index("ix_directive_number", table_name="directive")
    op.drop_index("ix_directive_issuer_id_issued_on", table_name="directive")
    op.drop_index("ix_directive_issued_on_id", table_name="directive")
    op.drop_table("directive")
    op.drop_index("ix_unit_parent_id", table_name="unit")
    op.drop_table("unit")
    op.drop_table("setting")
    op.drop_index("ix_job_run_name", table_name="job_run")
    op.drop_table("job_run")
    op.drop_table("calendar_day")
