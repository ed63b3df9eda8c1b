"""What a task does with its item when the work failed, or Postgres is away before its answer."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from celery.exceptions import Retry
from sqlalchemy import text

from clerk import lifecycle, tasks
from clerk.errors import BreakerOpen, DependencyDown, SourceUnavailable
from clerk.lifecycle import Delivery, Unit
from clerk.model import RunState
from clerk.settings import Settings
from clerk.store import jobs, ledger, runs, workers
from clerk.store.jobs import Job
from clerk.store.ledger import Work
from clerk.wiring import Services
from tests.store import rows

ME = "ocr@host|life|1"
KEYS = ("d:1:0", "d:1:1")


@pytest.fixture
def at(database_url: str) -> Iterator[Services]:
    found = Services(Settings(database_url=database_url))
    yield found
    found.close()


@pytest.fixture
def gone() -> Iterator[Services]:
    found = Services(Settings(database_url="postgresql://clerk:clerk@127.0.0.1:1/clerk"))
    yield found
    found.close()


def delivery(at: Services, of: Services) -> Delivery:
    """A page in hand, as `at` knows it; its answer would go to `of`."""
    with at.transaction() as connection:
        run = rows.run(connection)
        runs.move(connection, run.id, expected=[RunState.QUEUED], to=RunState.READING)
        ledger.add(connection, run.id, rows.SITE, Work.OCR, [(key, 0) for key in KEYS])
        ledger.open_wave(connection, run.id, Work.OCR, size=2, priority=4)
        item = ledger.take(connection, run.id, Work.OCR, KEYS[0], ME)
        assert item
        assert ledger.take(connection, run.id, Work.OCR, KEYS[1], ME)
    unit = Unit(tasks.ocr_page, run.id, Work.OCR, KEYS[0])
    job = Job(id="1", run=run.id, site=rows.SITE, stage="ocr", type="ocr_page", queue="ocr")
    return Delivery(of, unit, run, item, job, ME)


def standing(at: Services) -> dict[str, tuple[str, int, int]]:
    with at.transaction() as connection:
        found = connection.execute(text("SELECT key, state, attempts, losses FROM items"))
        return {row.key: (row.state, row.attempts, row.losses) for row in found}


def test_what_could_not_be_answered_is_given_back_once_postgres_is_there(
    at: Services, gone: Services
):
    page = delivery(at, gone)
    lifecycle._owe(page, spent=False)
    with pytest.raises(DependencyDown):
        lifecycle._pay(gone)
    assert standing(at)[KEYS[0]] == ("working", 1, 0)

    lifecycle._pay(at)
    lifecycle._pay(at)

    assert standing(at) == {KEYS[0]: ("waiting", 0, 1), KEYS[1]: ("working", 1, 0)}


def test_a_lease_is_renewed_for_the_item_in_hand_alone(at: Services):
    page = delivery(at, at)
    with at.transaction() as connection:
        connection.execute(text("UPDATE items SET lease_until = now()"))
        assert ledger.renew(connection, page.item, ME)

    with at.transaction() as connection:
        late = connection.execute(text("SELECT key FROM items WHERE lease_until <= now()"))
        assert list(late.scalars()) == [KEYS[1]]


@pytest.mark.parametrize(
    ("node", "waits"), [(f"ocr@{socket.gethostname()}-2", True), ("ocr@elsewhere-1", False)]
)
def test_what_this_host_alone_cannot_do_waits_only_where_no_other_serves(
    at: Services, node: str, *, waits: bool
):
    page = delivery(at, at)
    with at.transaction() as connection:
        workers.beat(connection, node, "theirs", ["high", "ocr"], 2)
    failure = lifecycle.classify(BreakerOpen("storage of this host keeps failing", 30, here=True))

    with contextlib.nullcontext() if waits else pytest.raises(Retry):
        page.after(failure, failed=lambda *_: None)

    assert standing(at)[KEYS[0]] == ("waiting", 0, 0)
    with at.transaction() as connection:
        deferred = ledger.next_due(connection, page.run.id, Work.OCR, 1) is not None
    assert deferred is waits


class Told:
    """A task as a worker runs it; says when Celery was told to deliver it again."""

    request = SimpleNamespace(retries=0, chord=None)

    def retry(self, *, countdown: float, max_retries: int) -> Retry:
        return Retry(when=countdown)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 25)])
def test_what_may_pass_is_delivered_again_after_5_and_then_25_seconds(
    at: Services, attempts: int, seconds: int
):
    page = delivery(at, at)
    page = replace(page, item=replace(page.item, attempts=attempts))
    page = replace(page, unit=replace(page.unit, task=Told()))

    with pytest.raises(Retry) as told:
        page.after(lifecycle.classify(SourceUnavailable("no answer")), failed=lambda *_: None)

    assert told.value.when == seconds


def test_a_job_is_at_a_hundred_percent_once_its_page_is_answered(at: Services):
    page = delivery(at, at)
    page = replace(page, unit=replace(page.unit, task=Told()))

    def job() -> tuple[str, int]:
        with at.transaction() as connection:
            found = connection.execute(text("SELECT status, progress FROM job_tracking"))
            return tuple(found.one())

    with at.transaction() as connection:
        jobs.started(connection, page.job, 1)
    assert job() == ("processing", 0)

    page.answer(lambda _: None)

    assert job() == ("completed", 100)
