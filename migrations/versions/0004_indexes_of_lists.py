"""Indexes that lead to the tasks that a person tracks, directs or gave"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAMED = ("tracker_id", "leader_id")
IS_OPEN = sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')")


def upgrade() -> None:
    op.create_index("ix_task_assigner_id", "task", ["assigner_id", "state"], unique=False)
    op.create_index(
        "ix_task_open", "task", ["due_on", "id"], unique=False, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
    )
    for column in NAMED:
        is_named = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_task_{column}", "task", [column], unique=False, sqlite_where=is_named, postgresql_where=is_named
        )


def downgrade() -> None:
    for column in NAMED:
        is_named = sa.text(f"{column} IS NOT NULL")
        op.drop_index(f"ix_task_{column}", table_name="task", sqlite_where=is_named, postgresql_where=is_named)
    op.drop_index("ix_task_open", table_name="task", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
    op.drop_index("ix_task_assigner_id", table_name="task")
