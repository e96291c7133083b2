"""The indexes over open tasks hold their state: lists are counted and sorted without reading the rows"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation')")
INDEXES = {
    "ix_task_open": ["due_on", "id"],
    "ix_task_unit_open": ["unit_id", "due_on", "id"],
    "ix_task_assigner_open": ["assigner_id", "due_on", "id"],
}


def upgrade() -> None:
    _index_with("state")


def downgrade() -> None:
    _index_with()


def _index_with(*further: str) -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, table_name="task")
        op.create_index(name, "task", [*columns, *further], sqlite_where=OPEN, postgresql_where=OPEN)
