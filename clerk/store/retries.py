"""Making rows ready to be worked on once more. Each function takes the keys of ledger items."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from clerk.model import RunState
from clerk.store.pages import PageKey


def documents(connection: Connection, keys: Sequence[str]) -> None:
    """Failed documents: fetched and looked at again, even if the source says they are unchanged."""
    connection.execute(
        text("""
            UPDATE documents SET validator = NULL, etag = NULL, last_modified = NULL,
                sha256 = NULL
            WHERE id = ANY(:keys) AND state = 'failed'
        """),
        {"keys": list(keys)},
    )


def pages(connection: Connection, keys: Sequence[str]) -> None:
    """Failed pages: pending, and their documents not yet read, if it is their newest version."""
    wait_again(connection, [PageKey.parse(key) for key in keys], states=["failed"])


def wait_again(connection: Connection, keys: Sequence[PageKey], *, states: Sequence[str]) -> int:
    """Let pages in one of `states` wait for OCR, with the text they have; answers how many.

    The reason becomes that of the text layer again, without what the last reading added to it.
    A document whose newest version they belong to is not read to the end any more.
    """
    rows = connection.execute(
        text("""
            UPDATE pages p SET state = 'pending', reason = CASE
                WHEN p.state = 'failed' THEN ''
                WHEN p.source = 'ocr' OR p.layer <> ''
                THEN regexp_replace(p.reason, '(; |: [0-9]+ lines? added).*$', '')
                ELSE 'asked for OCR' END
            FROM unnest(CAST(:documents AS text[]), CAST(:versions AS int[]),
                CAST(:numbers AS int[])) AS k(document, version, number)
            WHERE p.document = k.document AND p.version = k.version AND p.number = k.number
              AND p.state = ANY(:states)
            RETURNING p.document, p.version
        """),
        {
            "documents": [key.document for key in keys],
            "versions": [key.version for key in keys],
            "numbers": [key.number for key in keys],
            "states": list(states),
        },
    ).all()
    _to_settle(connection, {(row.document, row.version) for row in rows})
    return len(rows)


def _to_settle(connection: Connection, versions: Collection[tuple[str, int]]) -> None:
    """(document, version): these are not read to the end any more, where no newer one exists."""
    connection.execute(
        text("""
            UPDATE documents d SET state = 'fetched', updated_at = now()
            FROM unnest(CAST(:documents AS text[]), CAST(:versions AS int[])) AS k(id, version)
            WHERE d.id = k.id AND d.version = k.version AND d.state IN ('read', 'failed')
        """),
        {
            "documents": [document for document, _ in versions],
            "versions": [version for _, version in versions],
        },
    )


def extractions(connection: Connection, keys: Sequence[str]) -> None:
    """Documents whose extraction failed: as if it had never been tried."""
    connection.execute(
        text("""
            DELETE FROM extractions
            WHERE document = ANY(:keys) AND coalesce(jsonb_typeof(facts), 'null') = 'null'
        """),
        {"keys": list(keys)},
    )


def begin_at(connection: Connection, run: str, state: RunState) -> None:
    """Let a new run begin later than at discovery."""
    connection.execute(
        text("""
            UPDATE runs SET state = :state, started_at = now(), updated_at = now()
            WHERE id = :run AND state = 'queued'
        """),
        {"run": run, "state": state.value},
    )
