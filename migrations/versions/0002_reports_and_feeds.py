"""Reports as they were sent, enclosures of mails, calendar feeds; one ledger row where there is no deadline"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UNDATED = sa.text("due_on IS NULL")
FAILED = sa.text("state = 'failed'")
OPEN_WITH_HOUR = sa.text(
    "state IN ('not_started', 'in_progress', 'awaiting_confirmation') AND due_time IS NOT NULL"
)


def upgrade() -> None:
    op.create_table(
        "enclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enclosure")),
    )
    op.create_table(
        "mail_enclosure",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("enclosure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["outgoing_mail.id"], name=op.f("fk_mail_enclosure_mail_id")),
        sa.ForeignKeyConstraint(
            ["enclosure_id"], ["enclosure.id"], name=op.f("fk_mail_enclosure_enclosure_id")
        ),
        sa.PrimaryKeyConstraint("mail_id", "enclosure_id", name=op.f("pk_mail_enclosure")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("assigner_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["assigner_id"], ["unit.id"], name=op.f("fk_report_assigner_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_report_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "kind", "assigner_id", "first_on", "last_on", "edition",
            name=op.f("uq_report_kind_assigner_id_first_on_last_on_edition"),
        ),
    )  # fmt: skip
    op.create_index("ix_report_last_on", "report", ["last_on"], unique=False)
    op.create_table(
        "report_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("enclosure_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_file_report_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_report_file_unit_id")),
        sa.ForeignKeyConstraint(["enclosure_id"], ["enclosure.id"], name=op.f("fk_report_file_enclosure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_file")),
    )
    op.create_index("ix_report_file_report_id", "report_file", ["report_id", "unit_id"], unique=False)
    op.create_table(
        "report_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["outgoing_mail.id"], name=op.f("fk_report_mail_mail_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_mail_report_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_report_mail_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_mail")),
    )
    op.create_index("ix_report_mail_report_id", "report_mail", ["report_id"], unique=False)
    op.create_index("ix_report_mail_mail_id", "report_mail", ["mail_id"], unique=False)
    op.create_table(
        "feed_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_feed_link_user_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_feed_link_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_feed_link_token_sha256")),
    )
    op.create_index("ix_feed_link_user_id", "feed_link", ["user_id"], unique=False)
    # Two schedulers at once could tell of a task without a deadline twice: the first telling stays.
    op.execute(
        sa.text(
            "DELETE FROM reminder WHERE due_on IS NULL AND id NOT IN "
            "(SELECT min(id) FROM reminder WHERE due_on IS NULL GROUP BY task_id, rung, user_id)"
        )
    )
    op.create_index(
        "uq_reminder_undated", "reminder", ["task_id", "rung", "user_id"], unique=True,
        sqlite_where=UNDATED, postgresql_where=UNDATED,
    )  # fmt: skip
    op.create_index(
        "ix_task_hour_open", "task", ["due_on"], unique=False,
        sqlite_where=OPEN_WITH_HOUR, postgresql_where=OPEN_WITH_HOUR,
    )  # fmt: skip
    op.drop_index("ix_outgoing_mail_user_id", table_name="outgoing_mail")
    op.create_index("ix_outgoing_mail_user_id", "outgoing_mail", ["user_id", "id"], unique=False)
    op.create_index(
        "ix_outgoing_mail_user_id_kind", "outgoing_mail", ["user_id", "kind", "id"], unique=False
    )
    op.create_index(
        "ix_outgoing_mail_failed", "outgoing_mail", ["state", "user_id", "id"],
        sqlite_where=FAILED, postgresql_where=FAILED,
    )  # fmt: skip
    op.add_column("job_run", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text("UPDATE job_run SET seen_at = coalesce(ended_at, started_at)"))
    op.create_index("ix_job_run_seen_at", "job_run", ["seen_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_job_run_seen_at", table_name="job_run")
    op.drop_column("job_run", "seen_at")
    op.drop_index(
        "ix_outgoing_mail_failed", table_name="outgoing_mail", sqlite_where=FAILED, postgresql_where=FAILED
    )
    op.drop_index("ix_outgoing_mail_user_id_kind", table_name="outgoing_mail")
    op.drop_index("ix_outgoing_mail_user_id", table_name="outgoing_mail")
    op.create_index("ix_outgoing_mail_user_id", "outgoing_mail", ["user_id"], unique=False)
    op.drop_index(
        "ix_task_hour_open", table_name="task", sqlite_where=OPEN_WITH_HOUR, postgresql_where=OPEN_WITH_HOUR
    )
    op.drop_index(
        "uq_reminder_undated", table_name="reminder", sqlite_where=UNDATED, postgresql_where=UNDATED
    )
    op.drop_index("ix_feed_link_user_id", table_name="feed_link")
    op.drop_table("feed_link")
    op.drop_index("ix_report_mail_mail_id", table_name="report_mail")
    op.drop_index("ix_report_mail_report_id", table_name="report_mail")
    op.drop_table("report_mail")
    op.drop_index("ix_report_file_report_id", table_name="report_file")
    op.drop_table("report_file")
    op.drop_index("ix_report_last_on", table_name="report")
    op.drop_table("report")
    op.drop_table("mail_enclosure")
    op.drop_table("enclosure")
