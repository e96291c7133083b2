"""Directive, leader and day of giving beside each stretch of days: B.4 groups by them off an index"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ADDED = ["directive_id", "leader_id", "given_on"]
OPEN = "ix_task_period_open"
IS_OPEN = "state IN ('not_started', 'in_progress', 'awaiting_confirmation')"
OF_OPEN = ["assigner_id", "valid_to", "valid_from", "unit_id", "state", "due_on", "task_id"]
ENDED = "ix_task_period_open_ended"
HAS_ENDED = f"{IS_OPEN} AND valid_to < '9999-12-31'"
OF_ENDED = ["valid_to", "valid_from", "unit_id", "state", "due_on", "task_id"]
DAYS = {
    "sqlite": "(julianday(valid_to) - julianday(valid_from))",
    "postgresql": "(valid_to - valid_from)",
}
LENGTH = (
    "(CASE WHEN ({days} <= 16) THEN 16 WHEN ({days} <= 64) THEN 64 WHEN ({days} <= 256) THEN 256"
    " WHEN ({days} <= 1024) THEN 1024 ELSE 73050 END)"
)
COMPLETED = "ix_task_period_completed_of_papers"
IS_COMPLETED = "state = 'completed'"
OF_COMPLETED = [
    "assigner_id", "valid_from", "valid_to", *ADDED, "due_on", "reported_on", "state", "task_id",
]  # fmt: skip


OTHERS = {
    "ix_task_period_completed": (
        [
            "assigner_id", "valid_from", "valid_to", "unit_id", "due_on", "reported_on", "state", "task_id",
        ],
        IS_COMPLETED,
    ),
    "ix_task_period_gave": (["unit_id", "assigner_id"], "task_id > 0"),
}  # fmt: skip
"""Indexes that PostgreSQL would fill with a second entry for each row, and keep at twice their size."""


def upgrade() -> None:
    others = OTHERS if op.get_bind().dialect.name == "postgresql" else {}
    for name in (OPEN, ENDED, *others):
        op.drop_index(name, table_name="task_period")
    op.add_column("task_period", sa.Column("directive_id", sa.Integer()))
    op.add_column("task_period", sa.Column("leader_id", sa.Integer()))
    op.add_column("task_period", sa.Column("given_on", sa.Date()))
    op.execute(
        "UPDATE task_period SET directive_id = task.directive_id, leader_id = task.leader_id,"
        " given_on = task.given_on FROM task WHERE task.id = task_period.task_id"
    )
    _index(OPEN, [*OF_OPEN, *ADDED], IS_OPEN)
    _index(ENDED, ["assigner_id", _length(), *OF_ENDED, *ADDED], HAS_ENDED)
    _index(COMPLETED, OF_COMPLETED, IS_COMPLETED)
    for name, index in others.items():
        _index(name, *index)


def downgrade() -> None:
    for name in (COMPLETED, ENDED, OPEN):
        op.drop_index(name, table_name="task_period")
    for name in ADDED:
        op.drop_column("task_period", name)
    _index(OPEN, OF_OPEN, IS_OPEN)
    _index(ENDED, ["assigner_id", _length(), *OF_ENDED], HAS_ENDED)


def _index(name, columns, condition) -> None:
    where = sa.text(condition)
    op.create_index(name, "task_period", columns, sqlite_where=where, postgresql_where=where)


def _length():
    return sa.text(LENGTH.format(days=DAYS[op.get_bind().dialect.name]))
