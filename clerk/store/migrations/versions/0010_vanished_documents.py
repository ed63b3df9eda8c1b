"""Since when a document is not listed at its source any more."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("vanished_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("documents", "vanished_at")
