"""How well a site's pages were read, and which of them shall be read again.

Everything here speaks of the pages that readers see: those of each document's visible version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from sqlalchemy import Connection, text

from clerk.store import retries
from clerk.store.documents import DETAIL, VISIBLE, told
from clerk.store.pages import PageKey

# Documents whose address has `of` in it, in any case, as people or as URLs write it.
_OF = """
        AND (:of = '' OR strpos(lower(d.url), lower(:of)) > 0
            OR strpos(lower(d.url), lower(:quoted)) > 0)
"""
_VISIBLE = f"""
    FROM documents d JOIN pages p ON p.document = d.id
        AND p.version = {VISIBLE}
    WHERE d.site = :site AND d.date IS NOT NULL {_OF}
"""
_FILES = f"FROM documents d WHERE d.site = :site {_OF}"
_UNREAD = f"{_FILES} AND d.reason <> '' AND d.state IN ('failed', 'read')"


def _named(site: str, of: str) -> dict[str, object]:
    return {"site": site, "of": of, "quoted": quote(of, safe="/?&=")}


# By way of numeric: what is stored as 72.2 in four bytes is 72.19999694824219 in eight.
_MEAN = "CAST(avg(CAST(p.confidence AS numeric)) AS double precision)"
_READ_WELL = "p.confidence * (100 - coalesce(p.unread, 0))"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """One page as a person looks at it."""

    id: str
    kind: str
    body: str
    date: date
    date_estimated: bool
    document: str
    url: str
    page: int
    state: str
    source: str | None
    confidence: float | None
    """0-100; None where no OCR was needed, or where it failed."""
    unread: float | None
    """Percent of what looks like writing that gave no words; None likewise, and where the engine
    does not tell."""
    engine: str | None
    reason: str


def worst(
    connection: Connection, site: str, limit: int, of: str = "", *, blank: bool = False
) -> Sequence[PageLine]:
    """Failed pages first, then those read by OCR, the worst first; text layers are not among them.

    Worst is where confidence, of what was read, and the share that was read come to the least.
    With `of` every page of the files with that in their address, those without confidence last.
    `blank`: those alone on which nothing was found.
    """
    rows = connection.execute(
        text(f"""
            SELECT p.id, d.kind, d.body, d.date, d.date_estimated, d.id AS document, d.url,
                p.number AS page, p.state, p.source, p.confidence, p.unread, p.engine, p.reason
            {_VISIBLE} AND CASE WHEN :blank THEN p.source = 'blank'
                ELSE p.state = 'failed' OR p.confidence IS NOT NULL OR :of <> '' END
            ORDER BY (p.state = 'failed') DESC, {_READ_WELL}, d.date DESC, d.id, p.number
            LIMIT :limit
        """),
        {**_named(site, of), "limit": limit, "blank": blank},
    ).mappings()
    return [PageLine(**row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLine:
    """A document none of whose newest content could be read."""

    id: str
    kind: str
    body: str
    date: date | None
    """None: its meeting cannot be told."""
    date_estimated: bool
    url: str
    reason: str
    detail: str = ""
    """More about the reason, for people."""


def unread(connection: Connection, site: str, limit: int, of: str = "") -> Sequence[UnreadLine]:
    """Documents whose newest content is no pages at all: locked, damaged, of no date."""
    rows = connection.execute(
        text(f"""
            SELECT d.id, d.kind, d.body, d.date, d.date_estimated, d.url, d.reason, d.shown,
                {DETAIL} AS detail
            {_UNREAD}
            ORDER BY d.date DESC NULLS LAST, d.url LIMIT :limit
        """),
        {**_named(site, of), "limit": limit},
    )
    return [
        UnreadLine(
            id=row.id,
            kind=row.kind,
            body=row.body,
            date=row.date,
            date_estimated=row.date_estimated,
            url=row.url,
            reason=told(row.reason, shown=row.shown),
            detail=row.detail,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One document by how well it was read."""

    id: str
    kind: str
    body: str
    date: date
    date_estimated: bool
    url: str
    pages: int
    ocr: int
    failed: int
    confidence: float | None
    """Mean over its pages read by OCR; None: there are none."""


def documents(
    connection: Connection, site: str, limit: int, of: str = ""
) -> Sequence[DocumentLine]:
    """The documents with the least confidence first; those without OCR last."""
    rows = connection.execute(
        text(f"""
            SELECT d.id, d.kind, d.body, d.date, d.date_estimated, d.url, count(*) AS pages,
                count(*) FILTER (WHERE p.source = 'ocr') AS ocr,
                count(*) FILTER (WHERE p.state = 'failed') AS failed,
                {_MEAN} AS confidence
            {_VISIBLE} GROUP BY d.id
            ORDER BY confidence NULLS LAST, failed DESC, d.date DESC, d.id LIMIT :limit
        """),
        {**_named(site, of), "limit": limit},
    ).mappings()
    return [DocumentLine(**row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Where the text of a site's pages is from, and how sure OCR was."""

    ocr: int
    layer: int
    blank: int
    failed: int
    waiting: int
    confidence: float | None
    """Mean over the pages read by OCR; None: there are none."""

    @property
    def pages(self) -> int:
        """All of them."""
        return self.ocr + self.layer + self.blank + self.failed + self.waiting


def tally(connection: Connection, site: str, of: str = "") -> Tally:
    """Of a site, or of its files with `of` in their address."""
    row = connection.execute(
        text(f"""
            SELECT count(*) FILTER (WHERE p.state = 'read' AND p.source = 'ocr') AS ocr,
                count(*) FILTER (WHERE p.state = 'read' AND p.source = 'text-layer') AS layer,
                count(*) FILTER (WHERE p.state = 'read' AND p.source = 'blank') AS blank,
                count(*) FILTER (WHERE p.state = 'failed') AS failed,
                count(*) FILTER (WHERE p.state NOT IN ('read', 'failed')) AS waiting,
                {_MEAN} AS confidence
            {_VISIBLE}
        """),
        _named(site, of),
    )
    return Tally(**row.mappings().one())


def known(connection: Connection, site: str, of: str) -> bool:
    """Whether any file of a site, read or not, has `of` in its address."""
    found = connection.execute(text(f"SELECT 1 {_FILES} LIMIT 1"), _named(site, of))
    return found.first() is not None


def addresses(connection: Connection, site: str, limit: int) -> Sequence[str]:
    """Of a site's files, those of the newest meetings first."""
    return connection.scalars(
        text("""
            SELECT url FROM documents WHERE site = :site ORDER BY date DESC NULLS LAST, url
            LIMIT :limit
        """),
        {"site": site, "limit": limit},
    ).all()


# -- reading again --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Pages to read again: those that meet every condition given."""

    ids: Sequence[str] = ()
    of: str = ""
    """Part of their file's address, in any case. By this alone no good text layer is chosen."""
    engine: str = ""
    """Part of the reader's version, in any case."""
    below: float | None = None
    """Confidence, 0-100."""
    unread: float | None = None
    """Percent of what looks like writing; of pages on which more gave no words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A page that is to be read again."""

    id: str
    key: PageKey


def choose(connection: Connection, site: str, which: Which) -> Sequence[Chosen]:
    """Read and failed pages that meet `which`, the newest meetings first.

    Pages that wait to be read are not among them.
    """
    rows = connection.execute(
        text(f"""
            SELECT p.id, p.document, p.version, p.number
            {_VISIBLE} AND p.state IN ('read', 'failed')
                AND (CAST(:ids AS text[]) IS NULL OR p.id = ANY(:ids))
                AND (:asked OR coalesce(p.source, '') <> 'text-layer')
                AND (:engine = '' OR strpos(lower(p.engine), lower(:engine)) > 0)
                AND (CAST(:below AS double precision) IS NULL OR p.confidence < :below)
                AND (CAST(:unread AS double precision) IS NULL OR p.unread > :unread)
            ORDER BY d.date DESC, p.document, p.number
        """),
        {
            **_named(site, which.of),
            "ids": list(which.ids) or None,
            "engine": which.engine,
            "asked": bool(which.ids or which.engine),
            "below": which.below,
            "unread": which.unread,
        },
    )
    return [
        Chosen(
            id=row.id, key=PageKey(document=row.document, version=row.version, number=row.number)
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Pages of a site or of some of its files that `choose` passes over unless asked for them."""

    layers: int
    """Read from good text layers."""
    waiting: int
    """Not read yet."""


def left_out(connection: Connection, site: str, of: str) -> LeftOut:
    """How many pages `choose` passes over unless it is asked for them."""
    row = connection.execute(
        text(f"""
            SELECT count(*) FILTER (WHERE p.source = 'text-layer' AND p.state = 'read') AS layers,
                count(*) FILTER (WHERE p.state = 'pending') AS waiting
            {_VISIBLE}
        """),
        _named(site, of),
    ).one()
    return LeftOut(layers=row.layers, waiting=row.waiting)


def wait_again(connection: Connection, keys: Sequence[PageKey]) -> int:
    """Let pages that were answered wait for OCR once more; answers how many."""
    return retries.wait_again(connection, keys, states=["read", "failed"])
