"""Documents and their versions: what the source lists, what was downloaded, what readers see.

A document's identity is its place at the source; its content is a version. `version` is the newest
content, `shown` the newest that was read to the end: readers keep the old one until then.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, and_, case, func, select, text, update

from clerk import keys
from clerk.model import (
    DiscoveredDocument,
    DocumentKind,
    DocumentState,
    Download,
    UndatedDocument,
    Validators,
)
from clerk.store import dead_letters
from clerk.store.tables import documents

VISIBLE = "CASE WHEN d.shown > 0 THEN d.shown ELSE d.version END"
"""As SQL, the version of a document `d` that readers see: `Document.visible`."""
UNDATED = "undated"
UNTAKEN = "not taken"
NO_MEETING = [UNDATED, UNTAKEN]
"""Reasons of what the source lists and no meeting is known of; the row's title says more."""
DETAIL = f"CASE WHEN d.reason IN ('{UNDATED}', '{UNTAKEN}') THEN d.title ELSE '' END"
"""As SQL, what is to be told of a document `d` beside its reason."""
NO_PDF = frozenset({"not a pdf", "empty"})
"""Reasons of bytes that were not kept: only the listing's token tells them from others."""


def told(reason: str, *, shown: int) -> str:
    """Why a document is not here, or why it is not here as it stands at the source; may be ""."""
    if not (reason and shown):
        return reason
    return f"its newest version could not be read ({reason}); the former one is shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document's row."""

    id: str
    site: str
    kind: DocumentKind
    source_id: str
    url: str
    body: str
    date: date
    date_estimated: bool
    ordinal: int
    title: str
    session: str
    state: DocumentState
    reason: str
    validator: str | None
    etag: str | None
    last_modified: str | None
    version: int
    shown: int
    sha256: str | None
    pages: int
    drawn: str
    created_at: datetime
    vanished_at: datetime | None

    @property
    def known(self) -> Validators | None:
        """What to ask the server with; None before the first complete download."""
        if self.sha256 is None:
            return None
        return Validators(etag=self.etag, last_modified=self.last_modified)

    @property
    def visible(self) -> int:
        """The version that a database shows: the finished one, else the first in progress."""
        return self.shown or self.version

    @property
    def readable(self) -> bool:
        """Whether readers see it."""
        return self.shown > 0 or self.state is DocumentState.READ

    @property
    def outcome(self) -> tuple[DocumentState, str]:
        """State and reason for readers: a newer version that failed leaves what they see read."""
        former = self.shown > 0 and self.state is DocumentState.FAILED
        state = DocumentState.READ if former else self.state
        return state, told(self.reason, shown=self.shown)


def _document(row: RowMapping) -> Document:
    values = {name: row[name] for name in Document.__dataclass_fields__}
    values["kind"] = DocumentKind(row["kind"])
    values["state"] = DocumentState(row["state"])
    return Document(**values)


def get(connection: Connection, document: str) -> Document:
    """One dated document."""
    row = connection.execute(select(documents).where(documents.c.id == document)).mappings().one()
    return _document(row)


# -- discovery ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A listed document as it stands after `record_listing`."""

    id: str
    date: date
    validator: str | None
    fresh: bool
    """True: must be fetched (new, or not known to be unchanged)."""


def record_listing(
    connection: Connection, site: str, found: Iterable[DiscoveredDocument], *, force: bool
) -> list[Listed]:
    """Insert or update listed documents.

    The caller holds the site's row, so ordinals do not collide.
    """
    return [_record(connection, site, document, force=force) for document in found]


def _record(connection: Connection, site: str, found: DiscoveredDocument, *, force: bool) -> Listed:
    document = keys.document_id(site, found.kind, found.source_id)
    old = (
        connection.execute(select(documents).where(documents.c.id == document).with_for_update())
        .mappings()
        .first()
    )
    slug = keys.slug(found.body)
    if old is None or (old["slug"], old["date"]) != (slug, found.date):
        ordinal = _next_ordinal(connection, site, found.kind, slug, found.date)
    else:
        ordinal = old["ordinal"]
    connection.execute(
        text("""
            INSERT INTO documents (id, site, kind, source_id, url, body, slug, date, ordinal, title,
                session, date_estimated)
            VALUES (:id, :site, :kind, :source_id, :url, :body, :slug, :date, :ordinal, :title,
                :session, :date_estimated)
            ON CONFLICT (id) DO UPDATE SET url = excluded.url, body = excluded.body,
                slug = excluded.slug, date = excluded.date, ordinal = excluded.ordinal,
                title = excluded.title, session = excluded.session,
                date_estimated = excluded.date_estimated,
                updated_at = now(),
                state = CASE WHEN documents.reason = ANY(:no_meeting) THEN 'discovered'
                    ELSE documents.state END,
                reason = CASE WHEN documents.reason = ANY(:no_meeting) THEN ''
                    ELSE documents.reason END
            WHERE (documents.url, documents.body, documents.slug, documents.ordinal,
                    documents.title, documents.session, documents.date_estimated)
                  IS DISTINCT FROM
                  (excluded.url, excluded.body, excluded.slug, excluded.ordinal, excluded.title,
                    excluded.session, excluded.date_estimated)
               OR documents.date IS DISTINCT FROM excluded.date
        """),
        {
            "id": document,
            "site": site,
            "kind": found.kind.value,
            "source_id": found.source_id,
            "url": found.url,
            "body": found.body,
            "slug": slug,
            "date": found.date,
            "ordinal": ordinal,
            "title": found.title,
            "session": found.session,
            "date_estimated": found.date_estimated,
            "no_meeting": NO_MEETING,
        },
    )
    unchanged = old is not None and not force and _is_known(old, found.validator)
    return Listed(
        id=document,
        date=found.date,
        validator=found.validator,
        fresh=not unchanged,
    )


def _is_known(old: RowMapping, validator: str | None) -> bool:
    """Whether the listing's token alone says that a fetch would bring what was brought before."""
    if validator is None:
        return False
    if old["reason"] in NO_PDF and validator == old["listed"]:
        return True
    return (
        old["sha256"] is not None
        and validator == old["validator"]
        # It could not be brought last time: only a fetch tells that it can again.
        and not (old["state"] != DocumentState.FAILED and old["reason"])
    )


def _next_ordinal(
    connection: Connection, site: str, kind: DocumentKind, slug: str, day: date
) -> int:
    return int(
        connection.execute(
            text("""
                SELECT coalesce(max(ordinal), 0) + 1 FROM documents
                WHERE site = :site AND kind = :kind AND slug = :slug AND date = :day
            """),
            {"site": site, "kind": kind.value, "slug": slug, "day": day},
        ).scalar_one()
    )


def record_undated(connection: Connection, site: str, found: UndatedDocument) -> bool:
    """Keep a document whose meeting cannot be told, with its reason.

    False: its meeting is known from an earlier listing, and stays.
    """
    kept = connection.execute(
        text("""
                INSERT INTO documents (id, site, kind, source_id, url, title, state, reason,
                    fetched_at)
                VALUES (:id, :site, :kind, :source_id, :url, :title, 'failed', :reason, now())
                ON CONFLICT (id) DO UPDATE SET fetched_at = now(), title = excluded.title,
                    reason = excluded.reason,
                    updated_at = CASE
                        WHEN (documents.title, documents.reason) = (excluded.title, excluded.reason)
                        THEN documents.updated_at ELSE now() END
                WHERE documents.reason = ANY(:no_meeting)
            """),
        {
            "id": keys.document_id(site, found.kind, found.source_id),
            "site": site,
            "kind": found.kind.value,
            "source_id": found.source_id,
            "url": found.url,
            "title": found.reason[:500],
            "reason": UNDATED if found.dateless and not found.partial else UNTAKEN,
            "no_meeting": NO_MEETING,
        },
    )
    return kept.rowcount == 1


def record_vanished(
    connection: Connection, site: str, listed: Collection[str], *, since: int | None
) -> int:
    """Mark what is known and not among `listed`, the ids of a whole listing from `since` on.

    Answers how many documents with a meeting, from that year on, are not listed any more.
    """
    gone = connection.execute(
        text("""
            UPDATE documents d SET vanished_at = now()
            WHERE d.site = :site AND d.date >= make_date(:since, 1, 1) AND d.vanished_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM unnest(CAST(:listed AS text[])) AS l(id)
                              WHERE l.id = d.id)
            RETURNING d.id
        """),
        {"site": site, "since": since or 1, "listed": list(listed)},
    )
    _touch_rivals(connection, site, gone.scalars().all())
    return int(
        connection.execute(
            text("""
                SELECT count(*) FROM documents
                WHERE site = :site AND date >= make_date(:since, 1, 1) AND vanished_at IS NOT NULL
            """),
            {"site": site, "since": since or 1},
        ).scalar_one()
    )


def record_seen(connection: Connection, site: str, listed: Collection[str]) -> None:
    """What is listed has not vanished, or is back."""
    back = connection.execute(
        text("""
            UPDATE documents SET vanished_at = NULL
            WHERE site = :site AND vanished_at IS NOT NULL AND id = ANY(:listed)
            RETURNING id
        """),
        {"site": site, "listed": list(listed)},
    )
    _touch_rivals(connection, site, back.scalars().all())


def _touch_rivals(connection: Connection, site: str, moved: Sequence[str]) -> None:
    """Have those of `moved` published anew that share a day or their bytes with others.

    Whether a document is listed decides nothing for readers but which of several has the votes.
    """
    connection.execute(
        text("""
            UPDATE documents SET updated_at = now()
            WHERE id = ANY(:moved) AND (
                (slug, kind, date) IN (
                    SELECT slug, kind, date FROM documents WHERE site = :site
                    GROUP BY slug, kind, date HAVING count(*) > 1)
                OR (slug, kind, sha256) IN (
                    SELECT slug, kind, sha256 FROM documents WHERE site = :site
                    GROUP BY slug, kind, sha256 HAVING count(*) > 1))
        """),
        {"site": site, "moved": list(moved)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """A document that its source lists no longer; what was read of it stays published."""

    url: str
    since: datetime


def vanished(connection: Connection, site: str) -> Sequence[Vanished]:
    """All of a site's, by address."""
    columns = documents.c
    statement = select(columns.url, columns.vanished_at).where(
        columns.site == site, columns.vanished_at.is_not(None)
    )
    rows = connection.execute(statement.order_by(columns.url))
    return [Vanished(url=row.url, since=row.vanished_at) for row in rows]


def forget_undated(connection: Connection, site: str, before: datetime) -> int:
    """Drop documents without a meeting that the source has not listed since `before`."""
    return connection.execute(
        text("""
            DELETE FROM documents
            WHERE site = :site AND reason = ANY(:no_meeting) AND fetched_at < :before
        """),
        {"site": site, "no_meeting": NO_MEETING, "before": before},
    ).rowcount


def promise_validator(connection: Connection, document: str, validator: str | None) -> None:
    """Keep the listing's token aside until the content it speaks of is ours."""
    connection.execute(
        text("UPDATE documents SET listed = :validator WHERE id = :id"),
        {"id": document, "validator": validator},
    )


# -- downloads ------------------------------------------------------------------------------------


def record_unchanged(connection: Connection, document: str, fetched: Download | None) -> None:
    """The source said, or the bytes showed, that nothing changed.

    What it could not be brought for before is no gap any more; why its bytes fail stays.
    """
    readable = documents.c.state != DocumentState.FAILED.value
    healed = and_(readable, documents.c.reason != "")
    values: dict[str, object] = {
        "fetched_at": text("now()"),
        "validator": documents.c.listed,
        "reason": case((readable, ""), else_=documents.c.reason),
        "updated_at": case((healed, func.now()), else_=documents.c.updated_at),
    }
    if fetched is not None:
        values |= {
            "etag": fetched.validators.etag,
            "last_modified": fetched.validators.last_modified,
        }
    connection.execute(update(documents).where(documents.c.id == document).values(**values))


def record_version(
    connection: Connection,
    document: Document,
    fetched: Download,
    *,
    pages: int,
    failed: str = "",
) -> int:
    """Store new content as the next version (or a failed one with its reason); answers its number.

    A failed version keeps what readers saw before. The same content never makes two versions.
    """
    state = DocumentState.FAILED if failed else DocumentState.FETCHED
    return int(
        connection.execute(
            text("""
                UPDATE documents SET version = version + 1, sha256 = :sha256, size = :size,
                    validator = listed, pages = :pages, etag = :etag,
                    last_modified = :last_modified, state = :state, reason = :reason,
                    fetched_at = now(), updated_at = now()
                WHERE id = :id RETURNING version
            """),
            {
                "id": document.id,
                "sha256": fetched.sha256,
                "size": fetched.size,
                "pages": pages,
                "etag": fetched.validators.etag,
                "last_modified": fetched.validators.last_modified,
                "state": state.value,
                "reason": failed,
            },
        ).scalar_one()
    )


def record_failure(connection: Connection, document: str, reason: str) -> None:
    """The document could not be brought; what readers saw before stays."""
    connection.execute(
        text("""
            UPDATE documents SET reason = :reason, updated_at = now(),
                state = CASE WHEN version = 0 THEN 'failed' ELSE state END
            WHERE id = :id AND reason IS DISTINCT FROM :reason
        """),
        {"id": document, "reason": reason[:200]},
    )


def settle(connection: Connection, site: str) -> int:
    """Documents whose pages all have answers become read (or failed, if no page could be read).

    The version before goes with its pages: readers move to the new one at the next compile.
    """
    settled = connection.execute(
        text("""
            WITH answered AS (
                SELECT d.id,
                    bool_or(p.text IS NOT NULL) AS any_text,
                    min(p.reason) FILTER (WHERE p.state = 'failed') AS reason
                FROM documents d
                JOIN pages p ON p.document = d.id AND p.version = d.version
                WHERE d.site = :site AND d.state = 'fetched'
                GROUP BY d.id
                HAVING bool_and(p.state IN ('read', 'failed'))
            )
            UPDATE documents d SET updated_at = now(),
                state = CASE WHEN a.any_text THEN 'read' ELSE 'failed' END,
                shown = CASE WHEN a.any_text THEN d.version ELSE d.shown END,
                reason = CASE WHEN a.any_text THEN '' ELSE coalesce(a.reason, '') END
            FROM answered a WHERE a.id = d.id
        """),
        {"site": site},
    ).rowcount
    if settled:
        connection.execute(
            text("""
                DELETE FROM pages p USING documents d
                WHERE d.id = p.document AND d.site = :site AND d.shown > 0
                  AND p.version < d.shown
            """),
            {"site": site},
        )
        dead_letters.overtaken_by_versions(connection, site)
    return settled


# -- for compiling --------------------------------------------------------------------------------


def dated(connection: Connection, site: str) -> Sequence[Document]:
    """All documents of a site that have a meeting, in the order readers expect."""
    rows = connection.execute(
        select(documents)
        .where(documents.c.site == site, documents.c.date.is_not(None))
        .order_by(documents.c.slug, documents.c.date, documents.c.kind, documents.c.ordinal)
    ).mappings()
    return [_document(row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is not in the database, or not as it stands at the source, and why."""

    document: str
    url: str
    page: int | None
    reason: str
    detail: str = ""
    """More about the reason, for people."""


def gaps(connection: Connection, site: str) -> Sequence[Gap]:
    """Documents whose newest version failed, and failed pages of what is shown."""
    rows = connection.execute(
        text(f"""
            SELECT d.id AS document, d.url, CAST(NULL AS integer) AS page, d.reason, d.shown,
                {DETAIL} AS detail
            FROM documents d
            WHERE d.site = :site AND d.reason <> '' AND d.state IN ('failed', 'read')
            UNION ALL
            SELECT d.id, d.url, p.number, p.reason, 0, '' FROM documents d
            JOIN pages p ON p.document = d.id
                AND p.version = {VISIBLE}
            WHERE d.site = :site AND p.state = 'failed' AND p.text IS NULL
                AND (d.shown > 0 OR d.state <> 'failed')
            ORDER BY url, page
        """),  # noqa: S608 - a constant of ours
        {"site": site},
    )
    return [
        Gap(
            document=row.document,
            url=row.url,
            page=row.page,
            reason=told(row.reason, shown=row.shown),
            detail=row.detail,
        )
        for row in rows
    ]


def touched_after(connection: Connection, site: str, moment: datetime) -> bool:
    """Whether any document got another content, meeting or outcome since then."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT 1 FROM documents WHERE site = :site AND updated_at > :moment
                )
            """),
            {"site": site, "moment": moment},
        ).scalar_one()
    )


def set_drawn(connection: Connection, document: str, drawn: str) -> None:
    """Remember what the pictures of a document show."""
    connection.execute(update(documents).where(documents.c.id == document).values(drawn=drawn))


def stands_at(connection: Connection, site: str, place: keys.PicturePlace) -> bool:
    """Whether a document's pictures belong there as documents stand now."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT 1 FROM documents WHERE site = :site AND kind = :kind AND slug = :slug
                        AND date = :date AND ordinal = :ordinal
                )
            """),
            {
                "site": site,
                "kind": place.kind.value,
                "slug": place.slug,
                "date": place.date,
                "ordinal": place.ordinal,
            },
        ).scalar_one()
    )


def without_meeting_since(connection: Connection, site: str, since: datetime) -> Counter[str]:
    """How many documents without a meeting appeared since then, by reason (`NO_MEETING`)."""
    rows = connection.execute(
        text("""
            SELECT reason, count(*) AS found FROM documents
            WHERE site = :site AND reason = ANY(:no_meeting) AND created_at >= :since
            GROUP BY reason
        """),
        {"site": site, "no_meeting": NO_MEETING, "since": since},
    )
    return Counter({row.reason: row.found for row in rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCounts:
    """What is known of a site's documents."""

    documents: int
    readable: int
    failed: int
    undated: int


def counts(connection: Connection, site: str) -> SiteCounts:
    """Documents of a site by outcome."""
    row = (
        connection.execute(
            text("""
                SELECT count(*) AS documents,
                    count(*) FILTER (WHERE state = 'read' OR shown > 0) AS readable,
                    count(*) FILTER (WHERE state = 'failed') AS failed,
                    count(*) FILTER (WHERE reason = :undated) AS undated
                FROM documents WHERE site = :site
            """),
            {"site": site, "undated": UNDATED},
        )
        .mappings()
        .one()
    )
    return SiteCounts(**row)
