"""An index of a unit's tasks by deadline, the completed too: their list sorted all that it ever led"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAME = "ix_task_unit_given"
GIVEN = sa.text("state IN ('not_started', 'in_progress', 'awaiting_confirmation', 'completed')")


def upgrade() -> None:
    columns = ["unit_id", "due_on", "id"]
    op.create_index(NAME, "task", columns, sqlite_where=GIVEN, postgresql_where=GIVEN)


def downgrade() -> None:
    op.drop_index(NAME, table_name="task")
