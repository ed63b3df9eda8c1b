"""Every table of the truth, as SQLAlchemy Core. Migrations must equal this module (tested).

`items` is the ledger: one row for each unit of work of a run (a document to fetch, a page to read,
a document to extract, a database to compile or deploy). Leases, attempts and waves live there and
only there; `documents` and `pages` hold what was found out.
"""

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from clerk.model import HOLDING_RUN_STATES

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_holding = ", ".join(f"'{state.value}'" for state in HOLDING_RUN_STATES)


def _when(name: str, *, required: bool = False) -> Column[object]:
    default = func.now() if required else None
    return Column(name, DateTime(timezone=True), nullable=not required, server_default=default)


def _text(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


sites = Table(
    "sites",
    metadata,
    Column("subdomain", Text, primary_key=True),
    _text("name"),
    _text("state"),
    _text("country", "US"),
    _text("kind", "city"),
    _text("fetcher"),
    _text("source"),
    Column("start_year", Integer),
    Column("lat", Double),
    Column("lng", Double),
    Column("options", JSONB, nullable=False, server_default="{}"),
    _count("generation"),
    _count("published_generation"),
    _count("published_full"),
    _when("published_at"),
    _when("created_at", required=True),
    _when("updated_at", required=True),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", ForeignKey("sites.subdomain", ondelete="CASCADE"), nullable=False),
    _text("priority", "normal"),
    _text("state", "queued"),
    _text("reason"),
    Column("all_years", Boolean, nullable=False, server_default=text("false")),
    Column("force", Boolean, nullable=False, server_default=text("false")),
    Column("ocr_backend", Text),
    Column("report", JSONB, nullable=False, server_default="{}"),
    _count("next_publish"),
    _when("created_at", required=True),
    _when("started_at"),
    _when("updated_at", required=True),
    _when("finished_at"),
    Index("ix_runs_site_created_at", "site", "created_at"),
    Index("ix_runs_finished_at", "finished_at"),
    # Never two runs of a site in flight.
    Index(
        "uq_runs_active_site",
        "site",
        unique=True,
        postgresql_where=text(f"state IN ({_holding})"),
    ),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", ForeignKey("sites.subdomain", ondelete="CASCADE"), nullable=False),
    _text("kind"),
    _text("source_id"),
    _text("url"),
    _text("body"),
    _text("slug"),
    Column("date", Date),
    Column("ordinal", Integer),
    _text("title"),
    # Which of the day's meetings its name says it is of; empty: it does not say.
    _text("session"),
    Column("date_estimated", Boolean, nullable=False, server_default=text("false")),
    _text("state", "discovered"),
    _text("reason"),
    # What the source said last time: the listing's own token, then the server's.
    # `listed` becomes `validator` once the content it speaks of is ours.
    Column("listed", Text),
    Column("validator", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    # `version` counts contents; `shown` is the version that readers see.
    _count("version"),
    _count("shown"),
    Column("sha256", Text),
    Column("size", BigInteger),
    _count("pages"),
    # What its pictures show and where they stand; another value means that they have to be drawn.
    _text("drawn"),
    # When a whole listing lacked it first; empty while it is listed.
    _when("vanished_at"),
    _when("fetched_at"),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    UniqueConstraint("site", "kind", "source_id"),
    UniqueConstraint("site", "kind", "slug", "date", "ordinal"),
)

pages = Table(
    "pages",
    metadata,
    Column("document", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    _text("sha256"),
    _text("state", "pending"),
    # What the text layer said, kept for pages that mix a layer with a scan.
    _text("layer"),
    Column("text", Text),
    Column("source", Text),
    Column("engine", Text),
    Column("confidence", REAL),
    # Percent of what looks like writing that gave no words; of pages read by OCR.
    Column("unread", REAL),
    _text("reason"),
    # How often this page was answered: part of its document's fingerprint.
    _count("answers"),
    _when("answered_at"),
    # Digest of the pixels that OCR read: equal pixels are not read twice.
    _text("raster"),
    Index("ix_pages_failed", "document", "version", postgresql_where=text("state = 'failed'")),
    Index("ix_pages_sha256_number", "sha256", "number", postgresql_where=text("state = 'read'")),
    Index("ix_pages_raster", "raster", postgresql_where=text("state = 'read' AND raster <> ''")),
)

extractions = Table(
    "extractions",
    metadata,
    Column("document", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    _text("fingerprint"),
    _text("extractor"),
    Column("facts", JSONB),
    _text("reason"),
    _when("extracted_at", required=True),
)

waves = Table(
    "waves",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    _count("size"),
    _count("answered"),
    _count("failed"),
    _count("priority"),
    # CPU seconds that its pages' first and second looks took: the run's budget is their sum.
    Column("first_seconds", Double, nullable=False, server_default="0"),
    Column("more_seconds", Double, nullable=False, server_default="0"),
    _when("opened_at", required=True),
    # Last sign of life: opened, an item taken or answered, sent again.
    _when("moved_at", required=True),
    # Set once, by the body that claimed it.
    _when("closed_at"),
    Index("ix_waves_open", "moved_at", postgresql_where=text("closed_at IS NULL")),
)

items = Table(
    "items",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    # Order within the run: small first.
    Column("rank", BigInteger, nullable=False, server_default="0"),
    Column("wave", Integer),
    _text("state", "waiting"),
    _count("attempts"),
    _count("losses"),
    Column("holder", Text),
    _when("lease_until"),
    _when("not_before"),
    _text("error"),
    # What the answer was, in a word, for the run's report: new, changed, unchanged, …
    _text("note"),
    _when("answered_at"),
    CheckConstraint("state IN ('waiting', 'working', 'answered', 'failed')", name="state"),
    Index("ix_items_unsent", "run", "stage", "rank", postgresql_where=text("wave IS NULL")),
    Index(
        "ix_items_open",
        "run",
        "stage",
        "wave",
        postgresql_where=text("state IN ('waiting', 'working')"),
    ),
    Index("ix_items_leases", "lease_until", postgresql_where=text("state = 'working'")),
    Index("ix_items_key", "key"),
    # Rows change state two or three times: room on each block keeps the updates heap-only.
    postgresql_with={"fillfactor": "70"},
)

generations = Table(
    "generations",
    metadata,
    Column("site", ForeignKey("sites.subdomain", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _text("run"),
    _text("kind"),
    _text("state", "building"),
    _count("documents"),
    _count("pages"),
    _count("changed"),
    Column("size", BigInteger),
    _when("created_at", required=True),
    _when("built_at"),
    _when("offered_at"),
    _when("published_at"),
)

job_tracking = Table(
    "job_tracking",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run", ForeignKey("runs.id", ondelete="CASCADE")),
    Column("subdomain", ForeignKey("sites.subdomain", ondelete="CASCADE")),
    _text("stage"),
    _text("type"),
    _text("queue"),
    _text("status", "queued"),
    _count("attempts"),
    _count("progress"),
    _text("worker"),
    _text("error"),
    _text("traceback"),
    _when("created_at", required=True),
    _when("started_at"),
    _when("finished_at"),
    Index("ix_job_tracking_run", "run"),
    Index("ix_job_tracking_subdomain_status", "subdomain", "status"),
    Index("ix_job_tracking_finished_at", "finished_at"),
    postgresql_with={"fillfactor": "70"},
)

site_progress = Table(
    "site_progress",
    metadata,
    Column("subdomain", ForeignKey("sites.subdomain", ondelete="CASCADE"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    _count("total"),
    _count("completed"),
    _count("failed"),
    _when("started_at"),
    _when("updated_at", required=True),
    postgresql_with={"fillfactor": "50"},
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("job", Text, nullable=False),
    _text("task"),
    _text("queue"),
    Column("run", Text),
    Column("site", Text),
    _text("stage"),
    _text("item"),
    _count("attempts"),
    _text("kind"),
    _text("first_error"),
    _text("last_error"),
    Column("payload", JSONB),
    _when("created_at", required=True),
    _when("requeued_at"),
    Column("requeued_by", Text),
    UniqueConstraint("job"),
    Index(
        "ix_dead_letters_open_item", "site", "item", postgresql_where=text("requeued_at IS NULL")
    ),
    Index(
        "ix_dead_letters_requeued_by",
        "requeued_by",
        postgresql_where=text("requeued_by IS NOT NULL"),
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _when("at", required=True),
    _text("who"),
    _text("action"),
    _text("target"),
    _text("reason"),
    _count("count"),
    Index("ix_audit_at", "at"),
)

workers = Table(
    "workers",
    metadata,
    Column("name", Text, primary_key=True),
    # A restarted worker of the same name is another life: leases name the life.
    _text("life"),
    _text("queues"),
    _count("processes"),
    _when("started_at", required=True),
    _when("seen_at", required=True),
)

paused_queues = Table(
    "paused_queues",
    metadata,
    Column("queue", Text, primary_key=True),
    _text("who"),
    _text("reason"),
    _when("at", required=True),
)

# What all workers of one installation agree on, by name: the mark of their shared storage.
installation = Table(
    "installation",
    metadata,
    Column("name", Text, primary_key=True),
    _text("value"),
)

__all__ = [
    "audit",
    "dead_letters",
    "documents",
    "extractions",
    "generations",
    "installation",
    "items",
    "job_tracking",
    "metadata",
    "pages",
    "paused_queues",
    "runs",
    "site_progress",
    "sites",
    "waves",
    "workers",
]
