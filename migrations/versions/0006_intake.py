"""What comes in: recurring tasks"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("directive_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(64), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("tracker_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("phrase", sa.String(500), nullable=False),
        sa.Column("rule", sa.String(255), nullable=False),
        sa.Column("due_time", sa.Time(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_task_series_directive_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_task_series_unit_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_task_series_officer_id")),
        sa.ForeignKeyConstraint(["tracker_id"], ["person.id"], name=op.f("fk_task_series_tracker_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_task_series_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_series")),
        sa.UniqueConstraint("key", name=op.f("uq_task_series_key")),
    )
    op.create_index("ix_task_series_directive_id", "task_series", ["directive_id"])
    op.create_table(
        "task_series_coordination",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["task_series.id"], name=op.f("fk_task_series_coordination_series_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_task_series_coordination_unit_id")),
        sa.PrimaryKeyConstraint("series_id", "unit_id", name=op.f("pk_task_series_coordination")),
    )
    op.create_table(
        "series_occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("skipped", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"], ["task_series.id"], name=op.f("fk_series_occurrence_series_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_series_occurrence_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_occurrence")),
        sa.UniqueConstraint("series_id", "day", name=op.f("uq_series_occurrence_series_id_day")),
        sa.UniqueConstraint("task_id", name=op.f("uq_series_occurrence_task_id")),
    )
    op.create_table(
        "intake_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filename", sa.String(255), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("directive_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_intake_draft_unit_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_intake_draft_started_by_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_intake_draft_changed_by_id")),
        sa.ForeignKeyConstraint(
            ["directive_id"], ["directive.id"], name=op.f("fk_intake_draft_directive_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_draft")),
        sa.UniqueConstraint("token", name=op.f("uq_intake_draft_token")),
    )
    op.create_index("ix_intake_draft_unit_id_state", "intake_draft", ["unit_id", "state"])
    op.create_index("ix_intake_draft_directive_id", "intake_draft", ["directive_id"])
    for name, of in (("task_place", "task"), ("series_place", "task_series")):
        own = "task_id" if of == "task" else "series_id"
        op.create_table(
            name,
            sa.Column(own, sa.Integer(), nullable=False),
            sa.Column("draft_id", sa.Integer(), nullable=False),
            sa.Column("start", sa.Integer(), nullable=False),
            sa.Column("end", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint([own], [f"{of}.id"], name=op.f(f"fk_{name}_{own}")),
            sa.ForeignKeyConstraint(["draft_id"], ["intake_draft.id"], name=op.f(f"fk_{name}_draft_id")),
            sa.PrimaryKeyConstraint(own, name=op.f(f"pk_{name}")),
        )
        op.create_index(f"ix_{name}_draft_id", name, ["draft_id"])
    op.create_table(
        "unit_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("learnt_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["unit.id"], name=op.f("fk_unit_alias_owner_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_alias_unit_id")),
        sa.ForeignKeyConstraint(["learnt_by_id"], ["person.id"], name=op.f("fk_unit_alias_learnt_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_alias")),
        sa.UniqueConstraint("owner_id", "folded", name=op.f("uq_unit_alias_owner_id_folded")),
    )
    op.create_index("ix_unit_alias_unit_id", "unit_alias", ["unit_id"])
    op.create_table(
        "sheet_columns",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sheet_columns_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_sheet_columns")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("brought_by_id", sa.Integer(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filename", sa.String(255), nullable=True),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("paper", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("only_good", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.String(64), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_import_batch_unit_id")),
        sa.ForeignKeyConstraint(["brought_by_id"], ["person.id"], name=op.f("fk_import_batch_brought_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("token", name=op.f("uq_import_batch_token")),
    )
    op.create_index("ix_import_batch_unit_id", "import_batch", ["unit_id", "id"])
    op.create_index("ix_import_batch_state", "import_batch", ["state", "id"])
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_import_row_task_id")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_task_id", "import_row", ["task_id"])
    op.add_column("export", sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE export SET fetched_at = ended_at WHERE state = 'ready'")


def downgrade() -> None:
    op.drop_column("export", "fetched_at")
    op.drop_index("ix_import_row_task_id", table_name="import_row")
    op.drop_table("import_row")
    op.drop_index("ix_import_batch_state", table_name="import_batch")
    op.drop_index("ix_import_batch_unit_id", table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_table("sheet_columns")
    op.drop_index("ix_unit_alias_unit_id", table_name="unit_alias")
    op.drop_table("unit_alias")
    for name in ("series_place", "task_place"):
        op.drop_index(f"ix_{name}_draft_id", table_name=name)
        op.drop_table(name)
    op.drop_index("ix_intake_draft_directive_id", table_name="intake_draft")
    op.drop_index("ix_intake_draft_unit_id_state", table_name="intake_draft")
    op.drop_table("intake_draft")
    op.drop_table("series_occurrence")
    op.drop_table("task_series_coordination")
    op.drop_index("ix_task_series_directive_id", table_name="task_series")
    op.drop_table("task_series")
