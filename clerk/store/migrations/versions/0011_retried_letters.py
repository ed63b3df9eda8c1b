"""Which run took a dead letter along: where that run is cancelled, the letter opens again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dead_letters", sa.Column("requeued_by", sa.Text()))
    op.create_index(
        "ix_dead_letters_requeued_by",
        "dead_letters",
        ["requeued_by"],
        postgresql_where=sa.text("requeued_by IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_dead_letters_requeued_by", "dead_letters")
    op.drop_column("dead_letters", "requeued_by")
