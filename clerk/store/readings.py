"""How well a site's pages were read, and which of them shall be read again.

Everything here speaks of the pages that readers see: those of each document's visible version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from sqlalchemy import Connection, text

from clerk.store import retries
from clerk.store.pages import PageKey

_VISIBLE = """
    FROM documents d JOIN pages p ON p.document = d.id
        AND p.version = CASE WHEN d.shown > 0 THEN d.shown ELSE d.version END
    WHERE d.site = :site AND d.date IS NOT NULL
"""


# By way of numeric: what is stored as 72.2 in four bytes is 72.19999694824219 in eight.
_MEAN = "CAST(avg(CAST(p.confidence AS numeric)) AS double precision)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """One page as a person looks at it."""

    id: str
    kind: str
    body: str
    date: date
    document: str
    url: str
    page: int
    state: str
    source: str | None
    confidence: float | None
    """0-100; None where no OCR was needed, or where it failed."""
    engine: str | None
    reason: str


def worst(connection: Connection, site: str, limit: int, of: str = "") -> Sequence[PageLine]:
    """Failed pages first, then those with the least confidence; text layers have none.

    Only of documents whose address has `of` in it, in any case, as people or as URLs write it.
    """
    rows = connection.execute(
        text(f"""
            SELECT p.id, d.kind, d.body, d.date, d.id AS document, d.url, p.number AS page,
                p.state, p.source, p.confidence, p.engine, p.reason
            {_VISIBLE} AND (p.state = 'failed' OR p.confidence IS NOT NULL)
                AND (:of = '' OR strpos(lower(d.url), lower(:of)) > 0
                    OR strpos(lower(d.url), lower(:quoted)) > 0)
            ORDER BY (p.state = 'failed') DESC, p.confidence, d.date DESC, d.id, p.number
            LIMIT :limit
        """),
        {"site": site, "limit": limit, "of": of, "quoted": quote(of, safe="/?&=")},
    ).mappings()
    return [PageLine(**row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One document by how well it was read."""

    id: str
    kind: str
    body: str
    date: date
    url: str
    pages: int
    ocr: int
    failed: int
    confidence: float | None
    """Mean over its pages read by OCR; None: there are none."""


def documents(connection: Connection, site: str, limit: int) -> Sequence[DocumentLine]:
    """The documents with the least confidence first; those without OCR last."""
    rows = connection.execute(
        text(f"""
            SELECT d.id, d.kind, d.body, d.date, d.url, count(*) AS pages,
                count(*) FILTER (WHERE p.source = 'ocr') AS ocr,
                count(*) FILTER (WHERE p.state = 'failed') AS failed,
                {_MEAN} AS confidence
            {_VISIBLE} GROUP BY d.id
            ORDER BY confidence NULLS LAST, failed DESC, d.date DESC, d.id LIMIT :limit
        """),
        {"site": site, "limit": limit},
    ).mappings()
    return [DocumentLine(**row) for row in rows]


def confidence(connection: Connection, site: str) -> float | None:
    """Mean over the site's pages read by OCR; None: there are none."""
    found: float | None = connection.execute(
        text(f"SELECT {_MEAN} {_VISIBLE}"),
        {"site": site},
    ).scalar()
    return found


# -- reading again --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Pages to read again: those that meet every condition given."""

    ids: Sequence[str] = ()
    engine: str = ""
    """Part of the reader's version, in any case."""
    below: float | None = None
    """Confidence, 0-100."""


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
                AND (:engine = '' OR strpos(lower(p.engine), lower(:engine)) > 0)
                AND (CAST(:below AS double precision) IS NULL OR p.confidence < :below)
            ORDER BY d.date DESC, p.document, p.number
        """),
        {
            "site": site,
            "ids": list(which.ids) or None,
            "engine": which.engine,
            "below": which.below,
        },
    )
    return [
        Chosen(
            id=row.id, key=PageKey(document=row.document, version=row.version, number=row.number)
        )
        for row in rows
    ]


def wait_again(connection: Connection, keys: Sequence[PageKey]) -> int:
    """Let pages that were answered wait for OCR once more; answers how many."""
    return retries.wait_again(connection, keys, states=["read", "failed"])
