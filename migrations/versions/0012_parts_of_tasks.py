"""Index the parts of tasks alone: most tasks are none, and an index full of NULL was passed over for a scan"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IS_PART = sa.text("parent_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_task_parent_id", table_name="task")
    op.create_index(
        "ix_task_parent_id", "task", ["parent_id"], sqlite_where=IS_PART, postgresql_where=IS_PART
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_task_parent_id", table_name="task")
    op.create_index("ix_task_parent_id", "task", ["parent_id"])
