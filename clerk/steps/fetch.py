"""One document in; its bytes in storage, a new version and its pages out."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from clerk import keys
from clerk.adapters import scratch
from clerk.errors import Unreadable
from clerk.lifecycle import Write, checkpoint
from clerk.model import Decision, Download, PageLayer, PageReading, PageSource
from clerk.store import documents, ledger, pages, sites
from clerk.store.documents import Document
from clerk.store.ledger import Item
from clerk.store.pages import NewPage
from clerk.store.runs import Run
from clerk.wiring import Services


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
                found = inspect(at, pdf)
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


def inspect(at: Services, pdf: Path) -> list[NewPage]:
    """Every page of the file, with its text where the layer is good. Raises Unreadable."""
    count, most = at.sandbox.info(pdf).pages, at.settings.limits.pages
    if count > most:
        raise Unreadable(
            "too large", f"{count} pages are more than the limit of {most} (limits.pages)"
        )
    return list(_pages(at, pdf, count))


def _pages(at: Services, pdf: Path, count: int) -> Iterator[NewPage]:
    for number, layer in enumerate(at.sandbox.layers(pdf, 1, count), start=1):
        checkpoint(at)
        if isinstance(layer, PageLayer):
            yield _page(layer)
        else:
            # OCR tries it with attempts of its own, and says what is wrong if it must.
            reason = layer.reason if isinstance(layer, Unreadable) else "crash"
            yield NewPage(number=number, reading=None, reason=f"text layer: {reason}")


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
