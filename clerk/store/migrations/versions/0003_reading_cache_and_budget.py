"""What pages were read from, and what a wave's pages cost."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("raster", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_pages_raster",
        "pages",
        ["raster"],
        postgresql_where=sa.text("state = 'read' AND raster <> ''"),
    )
    for name in ("first_seconds", "more_seconds"):
        op.add_column("waves", sa.Column(name, sa.Double(), server_default="0", nullable=False))


def downgrade() -> None:
    for name in ("more_seconds", "first_seconds"):
        op.drop_column("waves", name)
    op.drop_index("ix_pages_raster", table_name="pages")
    op.drop_column("pages", "raster")
