"""One document's text in, people, motions and votes out."""

from sqlalchemy import Connection

from clerk.lifecycle import Write
from clerk.model import MeetingText
from clerk.store import documents, extractions, pages
from clerk.store.ledger import Item
from clerk.store.runs import Run
from clerk.wiring import Services, services


def do(at: Services, run: Run, item: Item) -> Write:
    """Read the visible version with the extractor."""
    with at.transaction() as connection:
        document = documents.get(connection, item.key)
        mark = pages.sums(connection, run.site, item.key)[item.key].mark
        stored = pages.of_version(connection, document.id, document.visible)
    found = at.extractor.extract(
        MeetingText(
            kind=document.kind,
            body=document.body,
            date=document.date,
            pages=[(page.number, page.text) for page in stored if page.text is not None],
        )
    )

    def write(connection: Connection) -> None:
        extractions.record(
            connection,
            document.id,
            fingerprint=mark,
            extractor=at.extractor.version,
            found=found,
        )

    return write


def failed(connection: Connection, run: Run, item: Item, reason: str) -> None:
    """Remember that this text was tried, so that every later run does not try it again."""
    sums = pages.sums(connection, run.site, item.key).get(item.key)
    extractions.record(
        connection,
        item.key,
        fingerprint=sums.mark if sums else "",
        extractor=services().extractor.version,
        found=None,
        reason=reason,
    )
