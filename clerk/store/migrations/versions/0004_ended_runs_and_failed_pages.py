"""Indexes for what is asked of long histories: which runs ended long ago, which pages failed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_runs_finished_at", "runs", ["finished_at"])
    op.create_index("ix_job_tracking_finished_at", "job_tracking", ["finished_at"])
    op.create_index(
        "ix_pages_failed",
        "pages",
        ["document", "version"],
        postgresql_where=sa.text("state = 'failed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_pages_failed", table_name="pages")
    op.drop_index("ix_job_tracking_finished_at", table_name="job_tracking")
    op.drop_index("ix_runs_finished_at", table_name="runs")
