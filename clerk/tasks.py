"""The Celery tasks: unpack a message, walk one item through `perform`, answer with its key.

Names are what operators see in Flower and in queues. A header task never raises into its chord; a
body only claims its wave and sends what follows. Queues, limits and acknowledgement: celeryconfig.
"""

import time
from typing import Any

from celery import Task

from clerk import enqueueing, flow, housekeeping
from clerk.celery import app
from clerk.errors import StopRequested, Transient
from clerk.lifecycle import Unit, perform
from clerk.model import Priority
from clerk.steps import discover, extract, fetch, pictures, publish, read
from clerk.store import sites
from clerk.store.ledger import Work
from clerk.wiring import services

# -- headers --------------------------------------------------------------------------------------


@app.task(bind=True, name="clerk.fetch_site")
def fetch_site(self: Task[..., Any], run: str, key: str) -> str:
    """Discover what a site's source lists."""
    unit = Unit(self, run, Work.DISCOVER, key)
    return _finish(unit, perform(unit, discover.do, discover.failed))


@app.task(bind=True, name="clerk.fetch_document", ignore_result=False)
def fetch_document(self: Task[..., Any], run: str, key: str) -> str:
    """Bring one document and take its good text layers."""
    unit = Unit(self, run, Work.FETCH, key)
    one = fetch.Fetch(key)
    return _finish(unit, perform(unit, one.do, one.failed))


@app.task(bind=True, name="clerk.ocr_page", ignore_result=False)
def ocr_page(self: Task[..., Any], run: str, key: str) -> str:
    """Read one page."""
    unit = Unit(self, run, Work.OCR, key)
    return _finish(unit, perform(unit, read.do, read.failed))


@app.task(bind=True, name="clerk.extract_meeting", ignore_result=False)
def extract_meeting(self: Task[..., Any], run: str, key: str) -> str:
    """Find people, motions and votes in one document."""
    unit = Unit(self, run, Work.EXTRACT, key)
    return _finish(unit, perform(unit, extract.do, extract.failed))


@app.task(bind=True, name="clerk.compile_database")
def compile_database(self: Task[..., Any], run: str, key: str) -> str:
    """Build one generation of a site's database."""
    unit = Unit(self, run, Work.COMPILE, key)
    wave = perform(unit, publish.compile_generation, publish.compile_failed)
    return _finish(unit, wave)


@app.task(bind=True, name="clerk.deploy")
def deploy(self: Task[..., Any], run: str, key: str) -> str:
    """Publish one generation."""
    unit = Unit(self, run, Work.DEPLOY, key)
    return _finish(unit, perform(unit, publish.deploy_generation, publish.deploy_failed))


@app.task(bind=True, name="clerk.draw_pages", ignore_result=False)
def draw_pages(self: Task[..., Any], run: str, key: str) -> str:
    """Make the public pictures of one document's pages."""
    unit = Unit(self, run, Work.DRAW, key)
    return _finish(unit, perform(unit, pictures.do, pictures.failed))


def _finish(unit: Unit, wave: int | None) -> str:
    """Outside a chord nobody else calls the body: whoever answered last does."""
    if wave is not None:
        flow.complete(unit.run, unit.work, wave)
    return unit.key


AGAIN: dict[str, Any] = {"autoretry_for": (Transient,), "retry_backoff": 2, "retry_backoff_max": 60}
"""Bodies wait for Postgres and Redis; should they give up all the same, the reconciler calls."""

# -- bodies ---------------------------------------------------------------------------------------


@app.task(name="clerk.fetch_complete", **AGAIN)
def fetch_complete(run: str, wave: int) -> None:
    """A wave of documents was fetched: send the next, or start reading."""
    flow.complete(run, Work.FETCH, wave)


@app.task(name="clerk.ocr_complete", **AGAIN)
def ocr_complete(run: str, wave: int) -> None:
    """A wave of pages was read: send the next, or both publishing paths."""
    flow.complete(run, Work.OCR, wave)


@app.task(name="clerk.extract_complete", **AGAIN)
def extract_complete(run: str, wave: int) -> None:
    """A wave of documents was extracted: send the next, or publish the full generation."""
    flow.complete(run, Work.EXTRACT, wave)


@app.task(name="clerk.draw_complete", **AGAIN)
def draw_complete(run: str, wave: int) -> None:
    """A wave of documents was drawn: send the next, or end the run."""
    flow.complete(run, Work.DRAW, wave)


# -- by the clock ---------------------------------------------------------------------------------


@app.task(name="clerk.enqueue_all", **{**AGAIN, "autoretry_for": (Transient, StopRequested)})
def enqueue_all() -> int:
    """Enqueue every site at low priority; answers how many runs are new."""
    with services().transaction() as connection:
        everything = [site.subdomain for site in sites.everything(connection)]
    results = enqueueing.enqueue(services(), everything, priority=Priority.LOW)
    return sum(not result.joined for result in results)


@app.task(name="clerk.housekeeping")
def tidy() -> int:
    """Remove what has outlived its retention; answers how many rows and files went."""
    return housekeeping.once(services()).total


# -- measuring ------------------------------------------------------------------------------------


@app.task(name="clerk.noop")
def noop(mark: str, sent: float) -> None:
    """Do nothing, and say when: what `clerk admin bench` sends."""
    name = f"clerk:bench:{mark}"
    with services().redis.pipeline(transaction=True) as pipe:
        pipe.rpush(name, f"{sent},{time.time()}")
        pipe.expire(name, 3600)
        pipe.execute()
