"""One document's text in, people, motions and votes out."""

import structlog
from sqlalchemy import Connection

from clerk.lifecycle import Write
from clerk.model import MeetingText
from clerk.stages.language import is_other_language
from clerk.store import documents, extractions, ledger, pages
from clerk.store.ledger import Item
from clerk.store.runs import Run
from clerk.wiring import Services, services

log = structlog.get_logger(__name__)

OTHER_LANGUAGE = "another language"
"""The item's note where no motion was found in a text that is not English; the report counts it."""


def do(at: Services, run: Run, item: Item) -> Write:
    """Read the visible version with the extractor."""
    with at.transaction() as connection:
        document = documents.get(connection, item.key)
        mark = pages.sums(connection, run.site, item.key)[item.key].mark
        stored = pages.of_version(connection, document.id, document.visible)
    texts = [(page.number, page.text) for page in stored if page.text is not None]
    found = at.extractor.extract(
        MeetingText(kind=document.kind, body=document.body, date=document.date, pages=texts)
    )
    lost = not found.motions and is_other_language("\n".join(text for _, text in texts))
    if lost:
        log.warning("no facts: the text is in another language", document=document.id)

    def write(connection: Connection) -> None:
        extractions.record(
            connection,
            document.id,
            fingerprint=mark,
            extractor=at.extractor.version,
            found=found,
        )
        if lost:
            ledger.set_note(connection, item, OTHER_LANGUAGE)

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
