"""One page that needs OCR in, its text out."""

from sqlalchemy import Connection

from clerk import keys
from clerk.lifecycle import Write
from clerk.stages.read import read_page
from clerk.store import pages
from clerk.store.ledger import Item
from clerk.store.pages import PageKey
from clerk.store.runs import Run
from clerk.wiring import Services


def do(at: Services, run: Run, item: Item) -> Write:
    """Render and recognise the page with the run's engine."""
    key = PageKey.parse(item.key)
    with at.transaction() as connection:
        page = pages.to_read(connection, key)
    if page is None:
        return lambda _connection: None
    settings = at.settings
    engine = at.ocr(run.ocr_backend)
    with at.storage.local(keys.pdf_key(page.site, page.sha256)) as pdf:
        reading = read_page(
            at.sandbox,
            engine,
            pdf,
            key.number,
            dpi=settings.ocr.dpi,
            languages=page.languages or settings.ocr.languages,
            layer_text=page.layer,
            timeout=settings.limits.page.total_seconds(),
            reason=page.reason,
        )

    def write(connection: Connection) -> None:
        pages.record(connection, key, reading)

    return write


def failed(connection: Connection, _run: Run, item: Item, reason: str) -> None:
    """The page is an answer too: not read, and why."""
    pages.record_failure(connection, PageKey.parse(item.key), reason)
