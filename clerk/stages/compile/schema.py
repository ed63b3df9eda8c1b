"""The tables of meetings.db, as data: what Datasette and the civic.band clients rely on.

docs/output.md explains every table to those who read the file. Facts carry `document`, `page`,
`page_id` and a half-open span of characters in that page's text. Foreign keys are declared for
Datasette's links and not enforced while building (tests check them).
"""

import sqlite3

from clerk.model import DocumentKind

SCHEMA_VERSION = 4
APPLICATION_ID = 0x636C726B  # "clrk", shown by file(1)

PAGE_TABLES = {DocumentKind.MINUTES: "minutes", DocumentKind.AGENDA: "agendas"}
FTS_HASH_BULK = 64 * 1024 * 1024
"""Bytes of terms that FTS5 gathers before it writes; measured 1.3 times as fast as 1 MiB."""
FTS_HASH_DEFAULT = 1024 * 1024

# SQLite before 3.27 does not know this `remove_diacritics`, and reads everything but the search.
# The columns of a civic.band page table, in the order its clients know; nothing may be added.
_PAGE_TABLE = """
CREATE TABLE {table} (
  id TEXT PRIMARY KEY REFERENCES pages(id),
  meeting TEXT NOT NULL,
  date TEXT NOT NULL,
  page INTEGER NOT NULL,
  text TEXT NOT NULL,
  page_image TEXT NOT NULL,
  entities_json TEXT NOT NULL,
  votes_json TEXT NOT NULL
);
CREATE VIRTUAL TABLE {table}_fts USING fts5(
  text, tokenize='unicode61 remove_diacritics 2', content=[{table}]
);
"""

_PLACE = """
  page INTEGER NOT NULL,
  page_id TEXT REFERENCES pages(id),
  span_start INTEGER NOT NULL,
  span_end INTEGER NOT NULL
"""

_MODEL = f"""
CREATE TABLE meetings (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  date TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  session TEXT NOT NULL,
  date_estimated INTEGER NOT NULL
);
CREATE TABLE documents (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  meeting TEXT NOT NULL,
  date TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  meeting_id TEXT NOT NULL REFERENCES meetings(id),
  url TEXT NOT NULL,
  sha256 TEXT,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  pages_total INTEGER NOT NULL,
  pages_read INTEGER NOT NULL,
  confidence REAL,
  extractor TEXT,
  date_estimated INTEGER NOT NULL,
  heading_date TEXT,
  superseded_by TEXT REFERENCES documents(id),
  fingerprint TEXT NOT NULL
);
CREATE TABLE pages (
  id TEXT PRIMARY KEY,
  document TEXT NOT NULL REFERENCES documents(id),
  page INTEGER NOT NULL,
  state TEXT NOT NULL,
  source TEXT,
  engine TEXT,
  confidence REAL,
  reason TEXT NOT NULL
);
CREATE TABLE people (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE appearances (
  document TEXT NOT NULL REFERENCES documents(id),
  person TEXT NOT NULL REFERENCES people(id),
  name TEXT NOT NULL,
  role TEXT,
  confidence REAL,
  PRIMARY KEY (document, person)
) WITHOUT ROWID;
CREATE TABLE person_aliases (
  document TEXT NOT NULL REFERENCES documents(id),
  ordinal INTEGER NOT NULL,
  person TEXT NOT NULL REFERENCES people(id),
  alias TEXT NOT NULL,
  page INTEGER,
  page_id TEXT REFERENCES pages(id),
  span_start INTEGER,
  span_end INTEGER,
  PRIMARY KEY (document, ordinal)
) WITHOUT ROWID;
CREATE TABLE mentions (
  document TEXT NOT NULL REFERENCES documents(id),
  ordinal INTEGER NOT NULL,
  person TEXT NOT NULL REFERENCES people(id),
  text TEXT NOT NULL,
  {_PLACE},
  PRIMARY KEY (document, ordinal)
) WITHOUT ROWID;
CREATE TABLE attendance (
  document TEXT NOT NULL REFERENCES documents(id),
  ordinal INTEGER NOT NULL,
  person TEXT NOT NULL REFERENCES people(id),
  status TEXT NOT NULL,
  {_PLACE},
  PRIMARY KEY (document, ordinal)
) WITHOUT ROWID;
CREATE TABLE motions (
  id TEXT PRIMARY KEY,
  document TEXT NOT NULL REFERENCES documents(id),
  ordinal INTEGER NOT NULL,
  text TEXT NOT NULL,
  raw_text TEXT NOT NULL,
  mover TEXT REFERENCES people(id),
  seconder TEXT REFERENCES people(id),
  {_PLACE}
);
CREATE TABLE votes (
  id TEXT PRIMARY KEY,
  document TEXT NOT NULL REFERENCES documents(id),
  motion TEXT NOT NULL REFERENCES motions(id),
  result TEXT NOT NULL,
  yes INTEGER,
  no INTEGER,
  abstain INTEGER,
  absent INTEGER,
  unanimous INTEGER,
  method TEXT,
  {_PLACE}
);
CREATE TABLE vote_casts (
  document TEXT NOT NULL REFERENCES documents(id),
  ordinal INTEGER NOT NULL,
  vote TEXT NOT NULL REFERENCES votes(id),
  person TEXT NOT NULL REFERENCES people(id),
  option TEXT NOT NULL,
  {_PLACE},
  PRIMARY KEY (document, ordinal)
) WITHOUT ROWID;
CREATE TABLE _clerk (
  key TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;
CREATE TABLE _clerk_missing (
  document TEXT NOT NULL,
  url TEXT NOT NULL,
  page INTEGER,
  reason TEXT NOT NULL
);
"""

# Made after the rows of a first build, when sorting once is cheaper than keeping them sorted.
_INDEXES = (
    ("minutes", "meeting, date, page"),
    ("minutes", "date"),
    ("agendas", "meeting, date, page"),
    ("agendas", "date"),
    ("documents", "meeting_id"),
    ("documents", "date"),
    ("pages", "document, page"),
    ("meetings", "date"),
    ("appearances", "person"),
    ("person_aliases", "person"),
    ("person_aliases", "page_id"),
    ("mentions", "person"),
    ("mentions", "page_id"),
    ("attendance", "person"),
    ("attendance", "page_id"),
    ("motions", "document"),
    ("motions", "mover"),
    ("motions", "seconder"),
    ("motions", "page_id"),
    ("votes", "document"),
    ("votes", "motion"),
    ("votes", "page_id"),
    ("vote_casts", "vote"),
    ("vote_casts", "person"),
    ("vote_casts", "page_id"),
)

DOCUMENT_TABLES = (
    "pages",
    "appearances",
    "person_aliases",
    "mentions",
    "attendance",
    "motions",
    "votes",
    "vote_casts",
)
"""Tables whose rows belong to one document, named in their column `document`."""

TABLES = frozenset({*PAGE_TABLES.values(), *DOCUMENT_TABLES, "documents", "meetings", "people"})
"""What a database of this schema holds at least."""


def create(db: sqlite3.Connection) -> None:
    """Make the empty tables in an empty file."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.executescript(_MODEL)
    for table in PAGE_TABLES.values():
        db.executescript(_PAGE_TABLE.format(table=table))


def create_indexes(db: sqlite3.Connection) -> None:
    """Make the indexes that are not there yet."""
    for table, columns in _INDEXES:
        name = f"{table}_by_{columns.replace(', ', '_')}"
        db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns})")
    # Nearly all pages are read; the others are looked for at each build.
    db.execute(
        "CREATE INDEX IF NOT EXISTS pages_failed ON pages (document, page) WHERE state = 'failed'"
    )
