"""One document in; its bytes in storage, a new version and its pages out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Connection

from clerk import keys
from clerk.adapters import scratch
from clerk.errors import Unreadable
from clerk.lifecycle import Write, checkpoint
from clerk.model import Decision, Download, PageLayer, PageReading, PageSource
from clerk.ports import PdfSandbox
from clerk.store import documents, ledger, pages, sites
from clerk.store.documents import Document
from clerk.store.ledger import Item
from clerk.store.pages import NewPage
from clerk.store.runs import Run
from clerk.wiring import Services

MAX_TEXT = 64_000_000
"""Characters of all text layers of a document: pages may share a stream, so a file of 1 MB can show
hundreds of MB. A gazette of 5,000 dense pages has them."""
MAX_MISSING = 200
"""Pages that a file lists and does not hold, told one by one; a false count names thousands."""

log = structlog.get_logger(__name__)


class Fetch:
    """One try at one document; knows how far it came, so that a failure is stored with it."""

    def __init__(self, document_id: str) -> None:
        """`document_id` is the item's key."""
        self.document_id = document_id
        self.document: Document | None = None
        self.download: Download | None = None
        self.unreadable = False

    def do(self, at: Services, run: Run, item: Item) -> Write:
        """Bring the document, look at its pages, take good text layers."""
        with at.transaction() as connection:
            self.document = document = documents.get(connection, self.document_id)
            site = sites.get(connection, run.site)
        known = None if run.force else document.known
        with scratch.folder() as folder:
            pdf = folder / "document.pdf"
            self.download = download = at.fetcher(site.fetcher).fetch(
                site, document.url, pdf, known
            )
            same = download is None or download.sha256 == document.sha256
            if download is None or (same and not run.force):
                return self._unchanged(item)
            try:
                found = inspect(
                    at.sandbox, pdf, most=at.settings.limits.pages, between=partial(checkpoint, at)
                )
            except Unreadable:
                self.unreadable = True
                raise
            at.storage.put(keys.pdf_key(run.site, download.sha256), pdf)
        return self._new_version(item, document, download, found)

    def _unchanged(self, item: Item) -> Write:
        def write(connection: Connection) -> None:
            documents.record_unchanged(connection, self.document_id, self.download)
            ledger.set_note(connection, item, "unchanged")

        return write

    def _new_version(
        self, item: Item, document: Document, download: Download, found: list[NewPage]
    ) -> Write:
        def write(connection: Connection) -> None:
            version = documents.record_version(connection, document, download, pages=len(found))
            pages.add(connection, document, version, download.sha256, found)
            ledger.set_note(connection, item, "changed" if document.version else "new")

        return write

    def failed(self, connection: Connection, _run: Run, _item: Item, reason: str) -> None:
        """Keep the reason; bytes that cannot be read are remembered and not tried again.

        Not so where our disk was full or our time was up: the next run brings them again.
        """
        if self.document is None or self.download is None or not self.unreadable:
            documents.record_failure(connection, self.document_id, reason)
        else:
            documents.record_version(
                connection, self.document, self.download, pages=0, failed=reason
            )


def inspect(
    sandbox: PdfSandbox, pdf: Path, *, most: int, between: Callable[[], None]
) -> list[NewPage]:
    """The pages of the file, with their text where the layer is good. Raises Unreadable.

    `most`: pages that a file may have. `between` is called before each; what it raises ends this.
    """
    count = sandbox.info(pdf).pages
    if count > most:
        raise Unreadable(
            "too large", f"{count} pages are more than the limit of {most} (limits.pages)"
        )
    found: list[NewPage] = []
    missing = characters = 0
    for number, layer in enumerate(sandbox.layers(pdf, 1, count), start=1):
        between()
        if isinstance(layer, PageLayer):
            page = _page(layer)
            characters += len(layer.text)
        else:
            page = _unseen(number, layer)
            missing += _is_missing(layer)
        if characters > MAX_TEXT:
            raise Unreadable(
                "too large", f"its pages up to {number} hold more than {MAX_TEXT:,} characters"
            )
        if not (_is_missing(layer) and missing > MAX_MISSING):
            found.append(page)
    if missing == count:
        raise Unreadable("corrupt", f"the file lists {count} pages and holds none of them")
    if missing > MAX_MISSING:
        log.warning("pages left out", listed=count, missing=missing, told=MAX_MISSING)
    return found


def _is_missing(layer: PageLayer | Exception) -> bool:
    return isinstance(layer, Unreadable) and layer.reason == "missing page"


def _unseen(number: int, error: Exception) -> NewPage:
    """OCR tries it with attempts of its own, and says what is wrong if it must."""
    reason = error.reason if isinstance(error, Unreadable) else "crash"
    return NewPage(number=number, reading=None, reason=f"text layer: {reason}")


def _page(layer: PageLayer) -> NewPage:
    if layer.decision is Decision.OCR:
        return NewPage(number=layer.number, reading=None, layer=layer.text, reason=layer.reason)
    blank = layer.decision is Decision.BLANK
    reading = PageReading(
        number=layer.number,
        source=PageSource.BLANK if blank else PageSource.TEXT_LAYER,
        text="" if blank else layer.text,
        reason=layer.reason,
        engine="pdfium",
    )
    return NewPage(number=layer.number, reading=reading)
