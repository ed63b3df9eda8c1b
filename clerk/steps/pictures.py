"""Pages as pictures for the public site, at the paths that meetings.db names.

Made when everything is published: text and search never wait for them. A page that cannot be drawn
has no picture, and says so in the log; its text stays.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import Connection

from clerk import keys
from clerk.errors import Unreadable
from clerk.lifecycle import Write, checkpoint
from clerk.store import documents, effects, ledger, pages
from clerk.store.documents import Document
from clerk.store.ledger import Item
from clerk.store.pages import StoredPage
from clerk.store.runs import Run
from clerk.wiring import Services

log = structlog.get_logger(__name__)

_SUFFIX = {"jpeg": "jpg", "off": "jpg"}
"""The path is part of the contract even where no pictures are made."""


def path_of(document: Document, number: int, picture_format: str) -> str:
    """The public path of one page's picture."""
    return keys.page_image(
        document.kind,
        document.body,
        document.date,
        document.ordinal,
        number,
        _SUFFIX.get(picture_format, picture_format),
    )


def mark_of(document: Document) -> str:
    """What a document's pictures show and where they stand: its version, and its meeting."""
    return f"{document.visible} {path_of(document, 1, '')}"


def wanted(connection: Connection, site: str) -> list[tuple[str, int]]:
    """(document, rank) of those whose pictures are missing, outdated or elsewhere, newest first.

    Pictures stay in the format they were drawn in: their paths stand in what readers have.
    """
    missing = [
        document
        for document in documents.dated(connection, site)
        if document.readable and document.drawn != mark_of(document)
    ]
    missing.sort(key=lambda document: document.date, reverse=True)
    return [(document.id, rank) for rank, document in enumerate(missing)]


def forget_lost(at: Services, site: str) -> None:
    """Have the next run draw what is gone from the publish folder."""
    root = at.settings.published / site
    with at.transaction() as connection:
        for document in documents.dated(connection, site):
            path = _drawn_at(document)
            if path and not any(_file(root, path).parent.glob("*.*")):
                documents.set_drawn(connection, document.id, "")


def _drawn_at(document: Document) -> str:
    """The public path of its first picture when they were drawn; empty: they were not."""
    return document.drawn.partition(" ")[2]


def _file(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def do(at: Services, run: Run, item: Item) -> Write:
    """Draw a document's visible pages; the item's note says how many.

    The site's next run may change the document meanwhile: then it is drawn as it is now.
    """
    drawn, before, former = 0, "", None
    while True:
        with at.transaction() as connection:
            document = documents.get(connection, item.key)
            stored = pages.of_version(connection, document.id, document.visible)
        now = mark_of(document)
        if now == before:
            break
        before = now
        former = former or document
        drawn = _draw_all(at, run, document, stored) if stored else 0
    if former is not None:
        _leave(at, run, former)

    def write(connection: Connection) -> None:
        ledger.set_note(connection, item, str(drawn))
        documents.set_drawn(connection, item.key, before)

    return write


def failed(_connection: Connection, _run: Run, _item: Item, _reason: str) -> None:
    """The reason is the item's error; what is published stays as it is."""


def _leave(at: Services, run: Run, document: Document) -> None:
    """Remove the pictures from where the document stood when they were drawn before.

    Readers have the database that names the new place by now. Accepted: who rolls it back has no
    pictures of documents that moved.
    """
    path = _drawn_at(document)
    place = keys.picture_place(path)
    if place is None:
        return
    with at.transaction() as connection:
        effects.hold(connection, run.id)
        if documents.stands_at(connection, document.site, place):
            return  # its own, or another's that moved there
        root = at.settings.published / document.site
        folder = _file(root, path).parent
        if not folder.is_dir():
            return
        shutil.rmtree(folder)
        for parent in folder.parents:
            if parent == root or any(parent.iterdir()):
                break
            parent.rmdir()


def _draw_all(at: Services, run: Run, document: Document, stored: Sequence[StoredPage]) -> int:
    picture_format = at.settings.ocr.page_images
    root = at.settings.published / document.site
    drawn = 0
    with at.storage.local(keys.pdf_key(document.site, stored[0].sha256)) as pdf:
        for page in stored:
            checkpoint(at)
            path = path_of(document, page.number, picture_format)
            # Page by page: who cancels the run waits for one picture, and none appears after it.
            with at.transaction() as connection:
                effects.hold(connection, run.id)
                drawn += _draw(at, pdf, page.number, root, path)
    return drawn


def _draw(at: Services, pdf: Path, number: int, root: Path, path: str) -> bool:
    into = _file(root, path)
    into.parent.mkdir(parents=True, exist_ok=True)
    reason = _undrawn(at, pdf, number, into)
    if reason == "crash":  # perhaps somebody killed the PDF child
        reason = _undrawn(at, pdf, number, into)
    if reason:
        log.warning("no picture", path=path, reason=reason)
    return not reason


def _undrawn(at: Services, pdf: Path, number: int, into: Path) -> str:
    """Draw a page; answers why that was not possible."""
    try:
        at.sandbox.picture(pdf, number, into)
    except Unreadable as error:
        return error.reason
    return ""
