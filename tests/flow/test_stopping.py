"""Telling a worker to stop while it is at something that takes longer than anybody waits."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from clerk.stopping import GRACE
from tests import idle_engine
from tests.nodes import WorkerNode, Workers
from tests.servers import eventually
from tests.town import Town

STARTED = False
SETTINGS = {"ocr": {"backend": "idle"}}
PAGE_SECONDS = 120.0


@pytest.fixture
def slow(workers: Workers, tmp_path: Path) -> Iterator[WorkerNode]:
    """A worker of two processes that will be at a page for two minutes."""
    env = idle_engine.installed(tmp_path / "plugin", PAGE_SECONDS)
    node = workers.start(env=env)
    yield node
    node.teardown()
    workers.nodes.remove(node)


def items(town: Town) -> list[tuple[str, int, int]]:
    """(state, attempts, losses) of every page."""
    statement = """
        SELECT i.state, i.attempts, i.losses FROM items i JOIN runs r ON r.id = i.run
        WHERE r.site = :site AND i.stage = 'ocr'
    """
    with town.rows() as connection:
        return [tuple(row) for row in connection.execute(text(statement), {"site": town.name})]


@pytest.fixture
def busy(slow: WorkerNode, town: Town) -> Iterator[WorkerNode]:
    """`slow`, with both its processes at a page."""
    town.put("2024-05-02 City Council minutes.pdf", idle_engine.paper(3, town.name))
    run = town.enqueue()["id"]
    held = ("working", 1, 0)
    assert eventually(lambda: items(town).count(held) == 2, 60)
    yield slow
    town.shell("cancel", run, "--yes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
def test_a_second_signal_ends_it_at_once_and_spends_no_attempt(
    busy: WorkerNode, town: Town, number
):
    busy.child.signal(number)
    assert eventually(lambda: "stopping softly" in busy.logs(), 20)
    assert busy.child.wait(2 * GRACE) is None, "it waits for its pages"
    busy.child.signal(number)

    assert busy.child.wait(10) is not None
    assert set(items(town)) == {("waiting", 0, 0)}


def test_what_is_not_done_in_thirty_seconds_is_handed_back_and_spends_no_attempt(
    busy: WorkerNode, town: Town
):
    began = time.monotonic()
    busy.child.signal(signal.SIGINT)

    assert busy.child.wait(40) is not None
    assert time.monotonic() - began > 25
    assert set(items(town)) == {("waiting", 0, 0)}
