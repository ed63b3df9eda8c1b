"""Pages: their text, where it came from, and how sure the engine was."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, TextClause, select, text
from sqlalchemy.dialects import postgresql

from clerk import keys
from clerk.model import PageReading, PageSource, PageState
from clerk.store.documents import VISIBLE, Document
from clerk.store.tables import pages


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKey:
    """Names one page of one version; written `document:version:number` in the ledger."""

    document: str
    version: int
    number: int

    def __str__(self) -> str:
        """The ledger's form."""
        return f"{self.document}:{self.version}:{self.number}"

    @classmethod
    def parse(cls, key: str) -> "PageKey":
        """Undo `str`."""
        document, version, number = key.split(":")
        return cls(document=document, version=int(version), number=int(number))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """A page found while fetching: read already (`reading`), or still to read."""

    number: int
    reading: PageReading | None
    layer: str = ""
    """Words of a text layer that OCR shall add to."""
    reason: str = ""
    """Why it waits for OCR."""
    failed: str = ""


def add(
    connection: Connection, document: Document, version: int, sha256: str, found: Iterable[NewPage]
) -> int:
    """Insert a version's pages; answers how many wait for OCR."""
    rows = [_row(document, version, sha256, page) for page in found]
    for start in range(0, len(rows), 500):
        connection.execute(
            postgresql.insert(pages).on_conflict_do_nothing(), rows[start : start + 500]
        )
    return sum(row["state"] == PageState.PENDING.value for row in rows)


def _row(document: Document, version: int, sha256: str, page: NewPage) -> dict[str, object]:
    reading = page.reading
    state = PageState.PENDING
    if page.failed:
        state = PageState.FAILED
    elif reading is not None:
        state = PageState.READ
    return {
        "document": document.id,
        "version": version,
        "number": page.number,
        "id": keys.page_id(document.site, document.kind, document.source_id, page.number),
        "sha256": sha256,
        "state": state.value,
        "layer": page.layer,
        "text": reading.text if reading else None,
        "source": reading.source.value if reading else None,
        "engine": reading.engine if reading else None,
        "confidence": reading.confidence if reading else None,
        "unread": reading.unread if reading else None,
        "reason": page.failed or (reading.reason if reading else page.reason),
        "answers": int(state is not PageState.PENDING),
        "answered_at": datetime.now(UTC) if state is not PageState.PENDING else None,
    }


def pending(connection: Connection, site: str) -> Iterator[tuple[str, int]]:
    """(key, rank) of every page of the site that waits, newest meetings first."""
    rows = connection.execute(
        text("""
            SELECT p.document, p.version, p.number, d.date FROM pages p
            JOIN documents d ON d.id = p.document AND p.version IN (d.version, d.shown)
            WHERE d.site = :site AND p.state = 'pending' AND d.date IS NOT NULL
            ORDER BY d.date DESC, p.document, p.number
        """),
        {"site": site},
    )
    for rank, row in enumerate(rows):
        key = PageKey(document=row.document, version=row.version, number=row.number)
        yield str(key), rank


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRead:
    """What a worker needs to know to read one page."""

    site: str
    sha256: str
    layer: str
    reason: str
    languages: str | None
    """The site's own, if it has any."""


def to_read(connection: Connection, key: PageKey) -> ToRead | None:
    """The page as it stands; None: the version is gone."""
    row = connection.execute(
        text("""
            SELECT d.site, p.sha256, p.layer, p.reason, s.options ->> 'languages' AS languages
            FROM pages p
            JOIN documents d ON d.id = p.document JOIN sites s ON s.subdomain = d.site
            WHERE p.document = :document AND p.version = :version AND p.number = :number
        """),
        {"document": key.document, "version": key.version, "number": key.number},
    ).first()
    if row is None:
        return None
    return ToRead(
        site=row.site,
        sha256=row.sha256,
        layer=row.layer,
        reason=row.reason,
        languages=row.languages,
    )


# -- what was read before --------------------------------------------------------------------------


_BEFORE = """
    SELECT text, source, engine, confidence, unread, reason, raster FROM pages
    WHERE state = 'read' AND text IS NOT NULL AND layer = :layer
      AND engine IN (:reader, :beside, :blank) AND {same}
    LIMIT 1
"""
_SAME_PAGE = text(_BEFORE.format(same="sha256 = :sha256 AND number = :number"))
_SAME_PIXELS = text(_BEFORE.format(same="raster = :raster AND raster <> ''"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A version of the reader: alone, where it adds to a text layer, and where nothing was read."""

    alone: str
    beside: str
    blank: str


def same_page(connection: Connection, page: ToRead, number: int, by: Reader) -> PageReading | None:
    """What `by` read on this page of the same file, in whatever site; None: nothing yet.

    For pages with the same text layer only, since OCR adds to it.
    """
    return _before(
        connection, _SAME_PAGE, number, by, sha256=page.sha256, number=number, layer=page.layer
    )


def same_pixels(
    connection: Connection, page: ToRead, number: int, by: Reader, raster: str
) -> PageReading | None:
    """What `by` read in the same pixels, on whatever page of whatever file."""
    return _before(connection, _SAME_PIXELS, number, by, raster=raster, layer=page.layer)


def _before(
    connection: Connection, query: TextClause, page: int, by: Reader, **same: object
) -> PageReading | None:
    readers = {"reader": by.alone, "beside": by.beside, "blank": by.blank}
    row = connection.execute(query, {**same, **readers}).first()
    if row is None:
        return None
    return PageReading(
        number=page,
        source=PageSource(row.source),
        text=row.text,
        reason=row.reason,
        engine=row.engine,
        confidence=row.confidence,
        unread=row.unread,
        raster=row.raster,
    )


def record(connection: Connection, key: PageKey, reading: PageReading) -> None:
    """Store a page's answer."""
    connection.execute(
        pages.update()
        .where(*_is(key))
        .values(
            state=PageState.READ.value,
            text=reading.text,
            source=reading.source.value,
            engine=reading.engine,
            confidence=reading.confidence,
            unread=reading.unread,
            reason=reading.reason,
            raster=reading.raster,
            answers=pages.c.answers + 1,
            answered_at=text("now()"),
        )
    )


def record_failure(connection: Connection, key: PageKey, reason: str) -> None:
    """Store that a page could not be read; a text from before stays."""
    connection.execute(
        pages.update()
        .where(*_is(key))
        .values(
            state=PageState.FAILED.value,
            reason=reason[:200],
            answers=pages.c.answers + 1,
            answered_at=text("now()"),
        )
    )


def _is(key: PageKey) -> tuple[ColumnElement[bool], ...]:
    return (
        pages.c.document == key.document,
        pages.c.version == key.version,
        pages.c.number == key.number,
    )


# -- for compiling --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A page of the visible version of a document."""

    number: int
    id: str
    sha256: str
    """Of the document's bytes."""
    text: str | None
    state: PageState
    source: PageSource | None
    engine: str | None
    confidence: float | None
    reason: str


def of_version(connection: Connection, document: str, version: int) -> Sequence[StoredPage]:
    """A version's pages in order."""
    rows = connection.execute(
        select(pages)
        .where(pages.c.document == document, pages.c.version == version)
        .order_by(pages.c.number)
    )
    return [
        StoredPage(
            number=row.number,
            id=row.id,
            sha256=row.sha256,
            text=row.text,
            state=PageState(row.state),
            source=PageSource(row.source) if row.source else None,
            engine=row.engine,
            confidence=row.confidence,
            reason=row.reason,
        )
        for row in rows
    ]


def beginnings(connection: Connection, site: str, characters: int) -> Mapping[str, str]:
    """Document -> the beginning of its visible first page."""
    rows = connection.execute(
        text(f"""
            SELECT d.id, left(p.text, :characters) AS beginning
            FROM documents d JOIN pages p ON p.document = d.id AND p.number = 1
                AND p.version = {VISIBLE}
            WHERE d.site = :site AND p.text <> ''
        """),  # noqa: S608 - a constant of ours
        {"site": site, "characters": characters},
    )
    return {row.id: row.beginning for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSums:
    """What a document's visible pages add up to: part of its fingerprint."""

    version: int
    answers: int
    texts: int
    failed: int
    total: int

    @property
    def mark(self) -> str:
        """Changes whenever any page of the visible version gets an answer."""
        return f"{self.version}.{self.answers}.{self.texts}.{self.failed}.{self.total}"


def sums(connection: Connection, site: str, document: str | None = None) -> dict[str, PageSums]:
    """Document -> sums over its visible version; of one document, or of all of a site."""
    rows = connection.execute(
        text(f"""
            SELECT p.document, p.version, sum(p.answers) AS answers, count(*) AS total,
                count(p.text) AS texts, count(*) FILTER (WHERE p.state = 'failed') AS failed
            FROM documents d JOIN pages p ON p.document = d.id
                AND p.version = {VISIBLE}
            WHERE d.site = :site AND (CAST(:document AS text) IS NULL OR d.id = :document)
            GROUP BY p.document, p.version
        """),  # noqa: S608 - a constant of ours
        {"site": site, "document": document},
    )
    return {
        row.document: PageSums(
            version=row.version,
            answers=row.answers,
            texts=row.texts,
            failed=row.failed,
            total=row.total,
        )
        for row in rows
    }


def any_text_of_run(connection: Connection, run: str) -> bool:
    """Whether documents that this run brought have text already (from their text layers)."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT 1 FROM items i
                    JOIN documents d ON d.id = i.key
                    JOIN pages p ON p.document = d.id AND p.version = d.version
                    WHERE i.run = :run AND i.stage = 'fetch' AND i.note IN ('new', 'changed')
                      AND p.text IS NOT NULL AND p.text <> ''
                )
            """),
            {"run": run},
        ).scalar_one()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Pages of a site by where their text came from."""

    text_layer: int
    ocr: int
    blank: int
    failed: int


def outcome(connection: Connection, site: str) -> Outcome:
    """Visible pages of a site by source."""
    row = (
        connection.execute(
            text(f"""
                SELECT count(*) FILTER (WHERE p.source = 'text-layer') AS text_layer,
                    count(*) FILTER (WHERE p.source = 'ocr') AS ocr,
                    count(*) FILTER (WHERE p.source = 'blank') AS blank,
                    count(*) FILTER (WHERE p.state = 'failed') AS failed
                FROM documents d JOIN pages p ON p.document = d.id
                    AND p.version = {VISIBLE}
                WHERE d.site = :site
            """),  # noqa: S608 - a constant of ours
            {"site": site},
        )
        .mappings()
        .one()
    )
    return Outcome(**row)
