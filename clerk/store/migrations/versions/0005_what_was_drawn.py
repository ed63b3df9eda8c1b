"""What a document's pictures show, so that only others are drawn again; open letters by item."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "documents", sa.Column("drawn", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.create_index(
        "ix_dead_letters_open_item",
        "dead_letters",
        ["site", "item"],
        postgresql_where=sa.text("requeued_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_dead_letters_open_item", table_name="dead_letters")
    op.drop_column("documents", "drawn")
