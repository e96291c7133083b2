"""An index that leads from a unit to those who gave it tasks"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ASKED = sa.text("task_id > 0")


def upgrade() -> None:
    op.create_index(
        "ix_task_period_gave", "task_period", ["unit_id", "assigner_id"], unique=False,
        sqlite_where=ASKED, postgresql_where=ASKED,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_task_period_gave", table_name="task_period", sqlite_where=ASKED, postgresql_where=ASKED)
