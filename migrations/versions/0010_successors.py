"""Index of the units that were carried on by another: B.4 tells beside a unit whose tasks it took over"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HAS_SUCCESSOR = sa.text("successor_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_unit_successor_id", "unit", ["successor_id"],
        sqlite_where=HAS_SUCCESSOR, postgresql_where=HAS_SUCCESSOR,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_unit_successor_id", table_name="unit")
