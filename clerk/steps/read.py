"""One page that needs OCR in, its text out: read, or copied from where it was read before.

Where a worker lacks the engine or a language, its pages go to another worker. When every live one
lacks it, the run says so at once and the pages wait: somebody may install what is missing. When
nobody could for PATIENCE, pages of that engine and language fail at their first try, so that a
giant run ends as soon as a small one.
"""

from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from clerk import keys
from clerk.errors import BreakerOpen, ClerkError, DependencyDown, Unreadable, UnsupportedEngine
from clerk.lifecycle import Write, living
from clerk.model import PageReading, PageSource
from clerk.ports import OcrEngine
from clerk.stages.read import (
    FIRST_LOOK,
    affordable,
    beside_layer,
    blank_reader,
    read_page,
    reader,
)
from clerk.store import budgets, ledger, pages, runs, workers
from clerk.store.ledger import Item
from clerk.store.pages import PageKey, Reader, ToRead
from clerk.store.runs import Run
from clerk.wiring import Services

CACHED = "cached"
"""The item's note where a page was read before; the run's report counts it."""
GLANCED = FIRST_LOOK
"""The item's note where a weak page had no second look."""

PATIENCE = 300.0
"""Seconds for which pages wait for what no worker has; the last of them look a minute later."""
SHORTEST, LONGEST = 5.0, 60.0
"""Seconds between two tries of such a page: as long as it has been missing, within these bounds."""
UNSAID = 10.0
"""Seconds for which a lack of some workers is no news: the others read."""

log = structlog.get_logger(__name__)


def do(at: Services, run: Run, item: Item) -> Write:
    """Recall the page, else render and recognise it with the run's engine."""
    key = PageKey.parse(item.key)
    with at.transaction() as connection:
        page = pages.to_read(connection, key)
    if page is None:
        return lambda _connection: None
    task = _Task(at, run, page, key.number)
    try:
        reading, note = task.read()
    except UnsupportedEngine as error:
        raise _lacking(at, run, task.reader, error) from error
    if not task.recalled and reading.source is not PageSource.BLANK:
        _not_lacking(at, run, task.reader)

    def write(connection: Connection) -> None:
        pages.record(connection, key, reading)
        budgets.spend(connection, item, first=reading.first_seconds, more=reading.more_seconds)
        ledger.set_note(connection, item, note)

    return write


def _lacking(at: Services, run: Run, name: str, error: UnsupportedEngine) -> ClerkError:
    """What becomes of a page that this worker has no reader for; the run's reason says it soon."""
    what = "; ".join([str(error).partition("\n")[0], *error.problems])
    lack = at.lacking.met(name, what, living())
    if lack is None:  # the page's own tries decide
        return error
    with at.transaction() as connection:
        others = workers.serving(connection, at.settings.queues.names["ocr"]) - lack.who
    if lack.age > PATIENCE and not others:
        _explain(at, run, "")
        return Unreadable("unsupported engine", str(error))
    if lack.age > UNSAID or not others:
        _explain(at, run, f"pages wait: {lack.what}")
    if not others:
        return BreakerOpen(lack.what, min(max(lack.age, SHORTEST), LONGEST))
    return BreakerOpen(lack.what, 0.0)


def _not_lacking(at: Services, run: Run, name: str) -> None:
    at.lacking.over(name)
    if run.reason:
        _explain(at, run, "")


def _explain(at: Services, run: Run, reason: str) -> None:
    """As well as can be: a reading must not be lost for it."""
    try:
        with at.transaction() as connection:
            runs.explain(connection, run.id, reason)
    except (DependencyDown, SQLAlchemyError) as error:
        log.warning("not explained", run=run.id, reason=reason, error=str(error)[:200])


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
        by = Reader(
            alone=version,
            beside=beside_layer(version),
            blank=blank_reader(self.at.settings.ocr.dpi),
        )
        # A forced run was asked to read, not to remember.
        reading = None if self.run.force else self._same_page(by)
        if reading is None:
            reading = self._look(engine, by)
        if self.recalled:
            return reading, CACHED
        return reading, GLANCED if reading.engine.endswith(FIRST_LOOK) else ""

    @property
    def reader(self) -> str:
        """What the page needs: an engine and its languages."""
        return f"{self.run.ocr_backend or self.at.settings.ocr.backend} {self._languages}"

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
        if self.run.of_chosen_pages:
            return True
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
