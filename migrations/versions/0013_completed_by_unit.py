"""An index that leads SQLite from an assigner to the completed tasks of each unit: it need not sort B.4"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAME = "ix_task_period_completed_by_unit"
ASKED = sa.text("state = 'completed' AND task_id > 0")
COLUMNS = [
    "assigner_id", "unit_id", "valid_from", "valid_to", "due_on", "reported_on", "state", "task_id",
]  # fmt: skip


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(NAME, "task_period", COLUMNS, sqlite_where=ASKED)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(NAME, table_name="task_period")
