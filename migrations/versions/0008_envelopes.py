"""The envelope of the document exchange that a paper came in"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intake_draft", sa.Column("envelope", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("intake_draft", "envelope")
