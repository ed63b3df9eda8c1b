"""Making rows ready to be worked on once more. Each function takes the keys of ledger items."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from clerk.model import RunState
from clerk.store import documents as store_documents
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


def remember(connection: Connection, run: str) -> None:
    """Note with each page that a run shall read what became of it before, for `give_back`."""
    connection.execute(
        text(f"""
            UPDATE items i SET note = p.state || :mark || p.reason FROM pages p
            WHERE i.run = :run AND i.stage = 'ocr' AND {_OF_ITEM}
        """),  # noqa: S608 - a constant of ours
        {"run": run, "mark": _MARK},
    )


def give_back(connection: Connection, run: str) -> None:
    """Let pages that `remember` knows of, and that still wait, be as they were.

    Only for an ended run of which nobody has anything in hand.
    """
    site = connection.execute(
        text(f"""
            UPDATE pages p SET state = split_part(i.note, :mark, 1),
                reason = split_part(i.note, :mark, 2)
            FROM items i JOIN runs r ON r.id = i.run
            WHERE i.run = :run AND i.stage = 'ocr' AND i.state = 'waiting'
              AND strpos(i.note, :mark) > 0 AND p.state = 'pending' AND {_OF_ITEM}
            RETURNING r.site
        """),  # noqa: S608 - a constant of ours
        {"run": run, "mark": _MARK},
    ).scalar()
    if site is not None:
        store_documents.settle(connection, site)


def fail_again(connection: Connection, site: str, failures: Sequence[tuple[str, str]]) -> None:
    """(key, reason): let pages that wait, and were not tried, be failed as they were."""
    keys = [PageKey.parse(key) for key, _ in failures]
    changed = connection.execute(
        text("""
            UPDATE pages p SET state = 'failed', reason = k.reason
            FROM unnest(CAST(:documents AS text[]), CAST(:versions AS int[]),
                CAST(:numbers AS int[]), CAST(:reasons AS text[]))
                AS k(document, version, number, reason)
            WHERE p.document = k.document AND p.version = k.version AND p.number = k.number
              AND p.state = 'pending'
        """),
        {
            "documents": [key.document for key in keys],
            "versions": [key.version for key in keys],
            "numbers": [key.number for key in keys],
            "reasons": [reason for _, reason in failures],
        },
    ).rowcount
    if changed:
        store_documents.settle(connection, site)


_MARK = "\x1f"
"""Between a page's former state and its reason: in neither, nor in any other note of an item."""

_OF_ITEM = """p.document = split_part(i.key, ':', 1)
    AND p.version = CAST(split_part(i.key, ':', 2) AS integer)
    AND p.number = CAST(split_part(i.key, ':', 3) AS integer)"""


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
