"""How much of a page that OCR read gave no words, so that such pages can be found again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("unread", sa.REAL()))


def downgrade() -> None:
    op.drop_column("pages", "unread")
