"""Documents -> meetings.db, built upon the previous generation.

Builds beside the target and renames, so a killed build leaves yesterday's file serving. Only
documents that changed are touched, and of those only pages whose text changed reach the full-text
index, with one statement for all deletions and one for all insertions: row triggers cost 40 times
as much (measured). Documents stream through; memory is SQLite's cache, the index's buffer and the
largest document. Accepted: twice the disk while building; what was damaged in a part of the base
that this build does not touch stays damaged.
"""

# ruff: noqa: S608 - names of tables in SQL come from schema.py, values are always bound
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clerk.errors import UnusableBase
from clerk.files import copy_into, replacing
from clerk.model import CompiledDocument, CompileReport, GenerationInfo
from clerk.stages.compile import schema
from clerk.stages.compile.rows import DocumentRows, PageRow, document_rows
from clerk.stages.sqlite import building, damaged, full_disk_explained, reading, storable
from clerk.text import with_detail

# Ids of pages are hexadecimal, so no real id sorts between these two. Pages that left are parked
# there until the index has forgotten their text.
_RETIRED, _RETIRED_END = "retired:", "retired;"
_REST = "meeting, date, page, page_image, entities_json, votes_json"
"""Columns of PageRow.rest."""


def compile_site(
    target: Path,
    base: Path | None,
    info: GenerationInfo,
    changed: Iterable[CompiledDocument],
    removed: Collection[str],
) -> CompileReport:
    """Write generation `info` to `target`: what `base` holds, with these documents replaced.

    `changed` holds new documents and those whose fingerprint differs (`fingerprints`); pages get
    their row order from it, so pass them by body, date and ordinal. `removed` are ids that left the
    site. Raises UnusableBase (compile again with `base=None` and every document), StorageFull; on
    any exception `target` stays as it was.
    """
    with full_disk_explained(target), replacing(target) as temporary:
        with _base_explained(base):
            if base is not None:
                copy_into(base, temporary)
            with building(temporary) as db:
                if base is None:
                    schema.create(db)
                else:
                    _check_base(db, base, temporary.stat().st_size, info)
                builder = _Builder(db, info)
                builder.apply(changed, removed)
                report = builder.report()
        return CompileReport(size=temporary.stat().st_size, **report)


def fingerprints(db: Path) -> dict[str, str]:
    """Document id -> fingerprint of what a meetings.db holds; raises UnusableBase."""
    with _base_explained(db), reading(db) as connection:
        _check_schema(connection, db, db.stat().st_size)
        return dict(connection.execute("SELECT id, fingerprint FROM documents"))


@contextmanager
def _base_explained(base: Path | None) -> Iterator[None]:
    """Name the base where SQLite or the file system says that it is damaged or absent."""
    try:
        yield
    except FileNotFoundError as error:
        if base is None or base.exists():
            raise
        raise UnusableBase(base, "it is not there") from error
    except sqlite3.DatabaseError as error:
        if base is None or not damaged(error):
            raise
        raise UnusableBase(base, f"it is damaged ({error})") from error


def fault(db: Path) -> str:
    """Why a meetings.db cannot be read as what it says it is; empty: nothing shows.

    Its size, schema and tables are looked at, not every page: that would read all of it.
    """
    try:
        with _base_explained(db), reading(db) as connection:
            _check_schema(connection, db, db.stat().st_size)
    except UnusableBase as error:
        return error.why
    except sqlite3.OperationalError as error:  # it may not be opened
        return str(error)
    return ""


def _check_schema(db: sqlite3.Connection, base: Path, size: int) -> None:
    """Refuse what another program or schema version made, or has fewer bytes than it says."""
    made_by = _pragma(db, "application_id")
    version = _pragma(db, "user_version")
    if (made_by, version) != (schema.APPLICATION_ID, schema.SCHEMA_VERSION):
        ours = made_by == schema.APPLICATION_ID
        found = f"of schema {version}" if ours else "none that clerk made"
        raise UnusableBase(base, f"it is {found}, and this is schema {schema.SCHEMA_VERSION}")
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    if not tables >= schema.TABLES:
        missing = ", ".join(sorted(schema.TABLES - tables))
        raise UnusableBase(base, f"it has no {missing}")
    if _pragma(db, "page_count") * _pragma(db, "page_size") != size:
        raise UnusableBase(base, "it was cut short")


def _check_base(db: sqlite3.Connection, base: Path, size: int, info: GenerationInfo) -> None:
    """Refuse a base of another schema or site, or of fewer bytes than it says it has."""
    _check_schema(db, base, size)
    site = db.execute("SELECT value FROM _clerk WHERE key = 'site'").fetchone()
    if site != (info.site.subdomain,):
        raise UnusableBase(base, f"it is not a database of {info.site.subdomain}")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


class _Builder:
    """Applies one generation's changes to an open database."""

    def __init__(self, db: sqlite3.Connection, info: GenerationInfo) -> None:
        self._db = db
        self._info = info
        self._changed = 0
        self._removed = 0
        self._touched_people: set[str] = set()
        # Rows above these are new: the index does not know them yet.
        self._indexed = {table: self._last_row(table) for table in schema.PAGE_TABLES.values()}
        self._insert_sql = {t: self._insert_statement(t) for t in schema.DOCUMENT_TABLES}

    def apply(self, changed: Iterable[CompiledDocument], removed: Collection[str]) -> None:
        """Write all rows, the full-text index and the metadata."""
        self._db.execute("BEGIN")
        for document_id in removed:
            self._removed += self._forget(document_id)
        for document in changed:
            self._put(document)
            self._changed += 1
        self._db.execute("COMMIT")
        schema.create_indexes(self._db)
        self._settle_people_and_meetings()
        for table in schema.PAGE_TABLES.values():
            self._index_text(table)
        self._describe()

    def report(self) -> dict[str, int]:
        """CompileReport but for the size."""
        return {
            "documents": self._count("documents"),
            "pages": sum(self._count(table) for table in schema.PAGE_TABLES.values()),
            "motions": self._count("motions"),
            "changed": self._changed,
            "removed": self._removed,
        }

    # -- documents ------------------------------------------------------------------------------

    def _put(self, document: CompiledDocument) -> None:
        """Replace a document's rows; pages whose text is as before stay in the index."""
        table = schema.PAGE_TABLES[document.kind]
        rows = document_rows(self._info.site.subdomain, document)
        known: dict[str, PageRow] = {}
        if self._holds(document.id):
            known = self._pages(table, document.id)
            self._delete_facts(document.id)
        old_texts = {page.id: page.text for page in known.values()}
        kept = [page for page in rows.readable if old_texts.get(page.id) == page.text]
        kept_ids = {page.id for page in kept}
        self._retire(table, known.keys() - kept_ids)
        self._update_pages(table, [page for page in kept if page != known[page.id]])
        self._insert_pages(table, [page for page in rows.readable if page.id not in kept_ids])
        self._insert_facts(rows)

    def _forget(self, document_id: str) -> bool:
        """Remove a document; False: it was not there."""
        if not self._holds(document_id):
            return False
        for table in schema.PAGE_TABLES.values():
            self._retire(table, self._pages(table, document_id))
        self._delete_facts(document_id)
        self._db.execute("DELETE FROM documents WHERE id = ?", [document_id])
        return True

    def _holds(self, document_id: str) -> bool:
        row = self._db.execute("SELECT 1 FROM documents WHERE id = ?", [document_id]).fetchone()
        return row is not None

    def _pages(self, table: str, document_id: str) -> dict[str, PageRow]:
        """The document's rows in `table`, by page id."""
        rows = self._db.execute(
            f"SELECT id, text, {_REST} FROM {table}"
            " WHERE id IN (SELECT id FROM pages WHERE document = ?)",
            [document_id],
        )
        return {row[0]: PageRow(id=row[0], text=row[1], rest=row[2:]) for row in rows}

    def _delete_facts(self, document_id: str) -> None:
        """Remove the document's rows from every table that names it."""
        named = self._db.execute("SELECT person FROM appearances WHERE document = ?", [document_id])
        self._touched_people.update(person for (person,) in named)
        for table in schema.DOCUMENT_TABLES:
            self._db.execute(f"DELETE FROM {table} WHERE document = ?", [document_id])

    def _retire(self, table: str, ids: Iterable[str]) -> None:
        self._db.executemany(
            f"UPDATE {table} SET id = '{_RETIRED}' || rowid WHERE id = ?", [(i,) for i in ids]
        )

    def _update_pages(self, table: str, pages: Iterable[PageRow]) -> None:
        self._db.executemany(
            f"UPDATE {table} SET ({_REST}) = (?, ?, ?, ?, ?, ?) WHERE id = ?",
            ((*page.rest, page.id) for page in pages),
        )

    def _insert_pages(self, table: str, pages: Iterable[PageRow]) -> None:
        self._db.executemany(
            f"INSERT INTO {table} (id, text, {_REST}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((page.id, page.text, *page.rest) for page in pages),
        )

    def _insert_facts(self, rows: DocumentRows) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO meetings VALUES (?, ?, ?, ?, ?, ?, ?)", rows.meeting
        )
        marks = ", ".join("?" * len(rows.document))
        self._db.execute(f"INSERT OR REPLACE INTO documents VALUES ({marks})", rows.document)
        self._db.executemany("INSERT OR IGNORE INTO people VALUES (?, ?, ?)", rows.people.values())
        self._touched_people.update(rows.people)
        for table, added in rows.facts.items():
            if added:
                self._db.executemany(self._insert_sql[table], added)

    def _insert_statement(self, table: str) -> str:
        columns = self._db.execute(f"PRAGMA table_info({table})").fetchall()
        return f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"

    # -- what spans documents --------------------------------------------------------------------

    def _settle_people_and_meetings(self) -> None:
        """Drop meetings and people whom no document names, and choose how people are shown.

        A person appears under the spelling that most documents use, so that the outcome does not
        depend on the order in which generations brought the documents.
        """
        touched = [(person,) for person in sorted(self._touched_people)]
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM meetings WHERE id NOT IN (SELECT meeting_id FROM documents)")
        self._db.executemany(
            "DELETE FROM people WHERE id = ?1"
            " AND NOT EXISTS (SELECT 1 FROM appearances WHERE person = ?1)",
            touched,
        )
        self._db.executemany(
            "UPDATE people SET name = (SELECT name FROM appearances WHERE person = ?1"
            " GROUP BY name ORDER BY count(*) DESC, name LIMIT 1) WHERE id = ?1",
            touched,
        )
        self._db.execute("COMMIT")

    def _index_text(self, table: str) -> None:
        """Take retired rows out of the full-text index and new ones in; then drop the retired.

        FTS5 has to be given exactly the text it indexed (sqlite.org/fts5.html, 'delete' command),
        hence the parked rows. Ascending rowids keep it to one segment a flush.
        """
        fts, last = f"{table}_fts", self._indexed[table]
        retired = f"id >= '{_RETIRED}' AND id < '{_RETIRED_END}'"
        self._buffer(fts, schema.FTS_HASH_BULK)
        self._db.execute("BEGIN")
        self._db.execute(
            f"INSERT INTO {fts}({fts}, rowid, text) SELECT 'delete', rowid, text FROM {table}"
            f" WHERE rowid IN (SELECT rowid FROM {table} WHERE {retired} AND rowid <= ?)"
            " ORDER BY rowid",
            [last],
        )
        self._db.execute(f"DELETE FROM {table} WHERE {retired}")
        self._db.execute(
            f"INSERT INTO {fts}(rowid, text) SELECT rowid, text FROM {table} WHERE rowid > ?"
            " ORDER BY rowid",
            [last],
        )
        self._db.execute("COMMIT")
        self._buffer(fts, schema.FTS_HASH_DEFAULT)

    def _buffer(self, fts: str, size: int) -> None:
        self._db.execute(f"INSERT INTO {fts}({fts}, rank) VALUES ('hashsize', ?)", [size])

    # -- metadata --------------------------------------------------------------------------------

    def _describe(self) -> None:
        """Rewrite `_clerk` and `_clerk_missing`."""
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM _clerk_missing")
        missing = self._missing()
        self._db.executemany(
            "INSERT INTO _clerk_missing VALUES (?, ?, ?, ?)",
            ((*place, with_detail(reason, detail)) for *place, reason, detail in missing),
        )
        reasons = Counter(str(reason) for *_, reason, _ in missing)
        self._db.execute("DELETE FROM _clerk")
        self._db.executemany(
            "INSERT INTO _clerk VALUES (?, ?)",
            {
                "schema_version": schema.SCHEMA_VERSION,
                "site": self._info.site.subdomain,
                "site_name": storable(self._info.site.name),
                "generation": self._info.generation,
                "kind": self._info.kind.value,
                "run": self._info.run,
                "built_at": self._info.built_at.isoformat(),
                "dates_estimated": self._estimated(),
                "dates_doubtful": self._doubtful(),
                "missing": len(missing),
                "missing_reasons": json.dumps(dict(sorted(reasons.items()))),
                **{table: self._count(table) for table in sorted(schema.TABLES - {"pages"})},
                "pages": sum(self._count(table) for table in schema.PAGE_TABLES.values()),
            }.items(),
        )
        self._db.execute("COMMIT")

    def _missing(self) -> list[tuple[str, str, int | None, str, str]]:
        """What the caller says is missing, and what the rows say, each document and page once."""
        told = {
            (storable(m.document), m.page): (
                storable(m.url),
                storable(m.reason),
                storable(m.detail),
            )
            for m in self._info.missing
        }
        found = self._db.execute(
            "SELECT id, NULL, url, reason FROM documents WHERE state = 'failed' UNION ALL"
            " SELECT p.document, p.page, d.url, p.reason FROM pages p"
            " JOIN documents d ON d.id = p.document WHERE p.state = 'failed'"
        )
        for document, page, url, reason in found:
            told.setdefault((document, page), (url, reason, ""))
        ordered = sorted(told.items(), key=lambda item: (item[0][0], item[0][1] or 0))
        return [
            (document, url, page, reason, detail)
            for (document, page), (url, reason, detail) in ordered
        ]

    def _last_row(self, table: str) -> int:
        return int(self._db.execute(f"SELECT ifnull(max(rowid), 0) FROM {table}").fetchone()[0])

    def _estimated(self) -> int:
        """Documents whose day nothing says."""
        return int(self._db.execute("SELECT sum(date_estimated) FROM documents").fetchone()[0] or 0)

    def _doubtful(self) -> int:
        """Documents whose heading says another day than the source."""
        return int(self._db.execute("SELECT count(heading_date) FROM documents").fetchone()[0])

    def _count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
