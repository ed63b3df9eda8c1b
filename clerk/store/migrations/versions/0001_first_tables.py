"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("action", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), server_default="", nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("first_error", sa.Text(), server_default="", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("requeued_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint("job", name=op.f("uq_dead_letters_job")),
    )
    op.create_table(
        "sites",
        sa.Column("subdomain", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="US", nullable=False),
        sa.Column("kind", sa.Text(), server_default="city", nullable=False),
        sa.Column("fetcher", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("start_year", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column(
            "options", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("published_generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("published_full", sa.Integer(), server_default="0", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("subdomain", name=op.f("pk_sites")),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("life", sa.Text(), server_default="", nullable=False),
        sa.Column("queues", sa.Text(), server_default="", nullable=False),
        sa.Column("processes", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("slug", sa.Text(), server_default="", nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="discovered", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("listed", sa.Text(), nullable=True),
        sa.Column("validator", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("shown", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.subdomain"], name=op.f("fk_documents_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint(
            "site",
            "kind",
            "slug",
            "date",
            "ordinal",
            name=op.f("uq_documents_site_kind_slug_date_ordinal"),
        ),
        sa.UniqueConstraint(
            "site", "kind", "source_id", name=op.f("uq_documents_site_kind_source_id")
        ),
    )
    op.create_table(
        "generations",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="building", nullable=False),
        sa.Column("documents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.subdomain"], name=op.f("fk_generations_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site", "number", name=op.f("pk_generations")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), server_default="normal", nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("all_years", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("force", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ocr_backend", sa.Text(), nullable=True),
        sa.Column(
            "report", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("next_publish", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.subdomain"], name=op.f("fk_runs_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_site_created_at", "runs", ["site", "created_at"], unique=False)
    op.create_index(
        "uq_runs_active_site",
        "runs",
        ["site"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'fetching', 'reading', 'publishing')"),
    )
    op.create_table(
        "extractions",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("extractor", sa.Text(), server_default="", nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "extracted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name=op.f("fk_extractions_document"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document", name=op.f("pk_extractions")),
    )
    op.create_table(
        "items",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("wave", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("losses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'answered', 'failed')", name=op.f("ck_items_state")
        ),
        sa.ForeignKeyConstraint(
            ["run"], ["runs.id"], name=op.f("fk_items_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run", "stage", "key", name=op.f("pk_items")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_items_key", "items", ["key"], unique=False)
    op.create_index(
        "ix_items_leases",
        "items",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'working'"),
    )
    op.create_index(
        "ix_items_open",
        "items",
        ["run", "stage", "wave"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'working')"),
    )
    op.create_index(
        "ix_items_unsent",
        "items",
        ["run", "stage", "rank"],
        unique=False,
        postgresql_where=sa.text("wave IS NULL"),
    )
    op.create_table(
        "job_tracking",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("subdomain", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("type", sa.Text(), server_default="", nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("traceback", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run"], ["runs.id"], name=op.f("fk_job_tracking_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subdomain"],
            ["sites.subdomain"],
            name=op.f("fk_job_tracking_subdomain"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_tracking")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_job_tracking_run", "job_tracking", ["run"], unique=False)
    op.create_index(
        "ix_job_tracking_subdomain_status", "job_tracking", ["subdomain", "status"], unique=False
    )
    op.create_table(
        "pages",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("layer", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("confidence", sa.REAL(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name=op.f("fk_pages_document"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document", "version", "number", name=op.f("pk_pages")),
    )
    op.create_index(
        "ix_pages_sha256_number",
        "pages",
        ["sha256", "number"],
        unique=False,
        postgresql_where=sa.text("state = 'read'"),
    )
    op.create_table(
        "site_progress",
        sa.Column("subdomain", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("completed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["run"], ["runs.id"], name=op.f("fk_site_progress_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subdomain"],
            ["sites.subdomain"],
            name=op.f("fk_site_progress_subdomain"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subdomain", "stage", name=op.f("pk_site_progress")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "waves",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run"], ["runs.id"], name=op.f("fk_waves_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run", "stage", "number", name=op.f("pk_waves")),
    )
    op.create_index(
        "ix_waves_open",
        "waves",
        ["moved_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_waves_open", table_name="waves", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("waves")
    op.drop_table("site_progress")
    op.drop_index(
        "ix_pages_sha256_number", table_name="pages", postgresql_where=sa.text("state = 'read'")
    )
    op.drop_table("pages")
    op.drop_index("ix_job_tracking_subdomain_status", table_name="job_tracking")
    op.drop_index("ix_job_tracking_run", table_name="job_tracking")
    op.drop_table("job_tracking")
    op.drop_index("ix_items_unsent", table_name="items", postgresql_where=sa.text("wave IS NULL"))
    op.drop_index(
        "ix_items_open",
        table_name="items",
        postgresql_where=sa.text("state IN ('waiting', 'working')"),
    )
    op.drop_index(
        "ix_items_leases", table_name="items", postgresql_where=sa.text("state = 'working'")
    )
    op.drop_index("ix_items_key", table_name="items")
    op.drop_table("items")
    op.drop_table("extractions")
    op.drop_index(
        "uq_runs_active_site",
        table_name="runs",
        postgresql_where=sa.text("state IN ('queued', 'fetching', 'reading', 'publishing')"),
    )
    op.drop_index("ix_runs_site_created_at", table_name="runs")
    op.drop_table("runs")
    op.drop_table("generations")
    op.drop_table("documents")
    op.drop_table("workers")
    op.drop_table("sites")
    op.drop_table("dead_letters")
    op.drop_table("audit")
