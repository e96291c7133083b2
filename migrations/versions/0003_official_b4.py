"""B.4 as an official product: the cut-off day of a report"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("on_day", sa.Date(), nullable=True))
    op.execute(sa.text("UPDATE report SET on_day = last_on"))


def downgrade() -> None:
    op.drop_column("report", "on_day")
