"""An index that leads from a past day to the tasks open then, past all that has ended since"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NAME = "ix_task_period_open_ended"
ASKED = sa.text(
    "state IN ('not_started', 'in_progress', 'awaiting_confirmation') AND valid_to < '9999-12-31'"
)
DAYS = {
    "sqlite": "(julianday(valid_to) - julianday(valid_from))",
    "postgresql": "(valid_to - valid_from)",
}
LENGTH = (
    "(CASE WHEN ({days} <= 16) THEN 16 WHEN ({days} <= 64) THEN 64 WHEN ({days} <= 256) THEN 256"
    " WHEN ({days} <= 1024) THEN 1024 ELSE 73050 END)"
)


def upgrade() -> None:
    length = sa.text(LENGTH.format(days=DAYS[op.get_bind().dialect.name]))
    columns = ["assigner_id", length, "valid_to", "valid_from", "unit_id", "state", "due_on", "task_id"]
    op.create_index(NAME, "task_period", columns, sqlite_where=ASKED, postgresql_where=ASKED)


def downgrade() -> None:
    op.drop_index(NAME, table_name="task_period")
