"""One page that needs OCR in, its text out: read, or copied from where it was read before."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from clerk import keys
from clerk.lifecycle import Write
from clerk.model import PageReading
from clerk.ports import OcrEngine
from clerk.stages.read import FIRST_LOOK, affordable, beside_layer, read_page, reader
from clerk.store import budgets, ledger, pages
from clerk.store.ledger import Item
from clerk.store.pages import PageKey, Reader, ToRead
from clerk.store.runs import Run
from clerk.wiring import Services

CACHED = "cached"
"""The item's note where a page was read before; the run's report counts it."""
GLANCED = FIRST_LOOK
"""The item's note where a weak page had no second look."""


def do(at: Services, run: Run, item: Item) -> Write:
    """Recall the page, else render and recognise it with the run's engine."""
    key = PageKey.parse(item.key)
    with at.transaction() as connection:
        page = pages.to_read(connection, key)
    if page is None:
        return lambda _connection: None
    task = _Task(at, run, page, key.number)
    reading, note = task.read()

    def write(connection: Connection) -> None:
        pages.record(connection, key, reading)
        budgets.spend(connection, item, first=reading.first_seconds, more=reading.more_seconds)
        ledger.set_note(connection, item, note)

    return write


@dataclass
class _Task:
    """One page in the hands of one worker."""

    at: Services
    run: Run
    page: ToRead
    number: int
    recalled: bool = False

    def read(self) -> tuple[PageReading, str]:
        """The page's answer, and the item's note."""
        engine = self.at.ocr(self.run.ocr_backend)
        version = reader(engine, self._languages, self.at.settings.ocr.dpi)
        by = Reader(alone=version, beside=beside_layer(version))
        # A forced run was asked to read, not to remember.
        reading = None if self.run.force else self._same_page(by)
        if reading is None:
            reading = self._look(engine, by)
        if self.recalled:
            return reading, CACHED
        return reading, GLANCED if reading.engine.endswith(FIRST_LOOK) else ""

    @property
    def _languages(self) -> str:
        return self.page.languages or self.at.settings.ocr.languages

    def _same_page(self, by: Reader) -> PageReading | None:
        with self.at.transaction() as connection:
            found = pages.same_page(connection, self.page, self.number, by)
        self.recalled = found is not None
        return found

    def _same_pixels(self, by: Reader, raster: str) -> PageReading | None:
        if self.run.force:
            return None
        with self.at.transaction() as connection:
            found = pages.same_pixels(connection, self.page, self.number, by, raster)
        self.recalled = found is not None
        return found

    def _afford(self, first: float) -> bool:
        with self.at.transaction() as connection:
            spent = budgets.spent(connection, self.run.id)
        share = self.at.settings.ocr.second_look_share
        return affordable(spent.first + first, spent.more, share)

    def _look(self, engine: OcrEngine, by: Reader) -> PageReading:
        settings = self.at.settings
        with self.at.storage.local(keys.pdf_key(self.page.site, self.page.sha256)) as pdf:
            return read_page(
                self.at.sandbox,
                engine,
                pdf,
                self.number,
                dpi=settings.ocr.dpi,
                languages=self._languages,
                layer_text=self.page.layer,
                timeout=settings.limits.page.total_seconds(),
                reason=self.page.reason,
                recall=partial(self._same_pixels, by),
                afford=self._afford,
            )


def failed(connection: Connection, _run: Run, item: Item, reason: str) -> None:
    """The page is an answer too: not read, and why."""
    pages.record_failure(connection, PageKey.parse(item.key), reason)
