"""When a generation was first handed to the deployer: tells our own numbers from another life's."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("generations", sa.Column("offered_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE generations SET offered_at = published_at")


def downgrade() -> None:
    op.drop_column("generations", "offered_at")
