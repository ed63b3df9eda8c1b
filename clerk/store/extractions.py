"""What extractors found, one row a document, with the fingerprint of the text they read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from clerk.model import Extraction
from clerk.store import facts
from clerk.store.tables import extractions


def seen(connection: Connection, site: str) -> dict[str, tuple[str, str]]:
    """Document -> (fingerprint of the text that was read, extractor version)."""
    rows = connection.execute(
        text("""
            SELECT e.document, e.fingerprint, e.extractor
            FROM extractions e JOIN documents d ON d.id = e.document WHERE d.site = :site
        """),
        {"site": site},
    )
    return {row.document: (row.fingerprint, row.extractor) for row in rows}


def amounts(connection: Connection, site: str) -> dict[str, tuple[int, int]]:
    """Document -> how many motions and how many of the present and absent were found in it."""
    rows = connection.execute(
        text("""
            SELECT e.document,
                CASE WHEN jsonb_typeof(e.facts -> 'motions') = 'array'
                    THEN jsonb_array_length(e.facts -> 'motions') ELSE 0 END AS motions,
                CASE WHEN jsonb_typeof(e.facts -> 'attendance') = 'array'
                    THEN jsonb_array_length(e.facts -> 'attendance') ELSE 0 END AS attendance
            FROM extractions e JOIN documents d ON d.id = e.document WHERE d.site = :site
        """),
        {"site": site},
    )
    return {row.document: (row.motions, row.attendance) for row in rows}


def any_after(connection: Connection, site: str, moment: datetime) -> bool:
    """Whether any document of a site was extracted since then."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT 1 FROM extractions e JOIN documents d ON d.id = e.document
                    WHERE d.site = :site AND e.extracted_at > :moment
                )
            """),
            {"site": site, "moment": moment},
        ).scalar_one()
    )


def record(
    connection: Connection,
    document: str,
    *,
    fingerprint: str,
    extractor: str,
    found: Extraction | None,
    reason: str = "",
) -> None:
    """Store an answer; `found` is None where extraction failed for good."""
    values = {
        "fingerprint": fingerprint,
        "extractor": extractor,
        "facts": facts.dump(found) if found else None,
        "reason": reason[:200],
        "extracted_at": text("now()"),
    }
    statement = postgresql.insert(extractions).values(document=document, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["document"], set_=values))


def load(connection: Connection, documents: Sequence[str]) -> dict[str, Extraction]:
    """Document -> what was found, for those that have it."""
    rows = connection.execute(
        text("""
            SELECT document, facts FROM extractions
            WHERE document = ANY(:documents) AND jsonb_typeof(facts) = 'object'
        """),
        {"documents": list(documents)},
    )
    return {row.document: facts.parse(row.facts) for row in rows}
