"""Index by which units of whose tasks nothing was heard for long are told without reading the tasks"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')")


def upgrade() -> None:
    op.create_index(
        "ix_task_heard_open", "task", ["assigner_id", "unit_id", "last_event_on", "state"],
        sqlite_where=OPEN, postgresql_where=OPEN,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_task_heard_open", table_name="task")
