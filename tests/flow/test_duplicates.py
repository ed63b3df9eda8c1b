"""Every message twice, Redis forgetful: the same database and the same books as without."""

import json
import random
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import redis
from sqlalchemy import text

from clerk import broker
from clerk.model import Priority
from clerk.settings import Settings
from clerk.store import runs
from tests import papers
from tests.nodes import ALL_QUEUES, Workers
from tests.servers import eventually
from tests.shell import Shell
from tests.town import Town

SETTINGS = {"waves": {"smallest": 4, "largest": 4}}
QUEUES = ("high", *ALL_QUEUES)
DOCUMENTS, PAGES = 4, 3


class Doubler(threading.Thread):
    """Copies every message that appears, waiting or handed out, to a random place of its queue."""

    def __init__(self, settings: Settings, seed: int) -> None:
        super().__init__(name="doubler", daemon=True)
        self.copies = 0
        self.ended = threading.Event()
        self._seen: set[str] = set()
        self._chance = random.Random(seed)
        self._client = redis.Redis.from_url(settings.redis_url)

    def run(self) -> None:
        while not self.ended.wait(0.002):
            for queue in QUEUES:
                for name in broker.lists(queue):
                    for raw in self._client.lrange(name, 0, -1):
                        self._double(json.loads(raw), name)
            for raw in self._client.hvals("unacked"):
                message, _, queue = json.loads(raw)
                self._double(message, queue)

    def _double(self, message, name: str) -> None:
        tag = message["properties"]["delivery_tag"]
        if tag in self._seen:
            return
        copy = secrets.token_hex(16)
        self._seen |= {tag, copy}
        message["properties"]["delivery_tag"] = copy
        push = self._chance.choice([self._client.lpush, self._client.rpush])
        push(name, json.dumps(message))
        self.copies += 1


@contextmanager
def doubling(workers: Workers, seed: int) -> Iterator[Doubler]:
    doubler = Doubler(workers.settings, seed)
    doubler.start()
    try:
        yield doubler
    finally:
        doubler.ended.set()
        doubler.join()


def fill(town: Town) -> None:
    for number in range(DOCUMENTS):
        said = [f"Page {page} of day {number}\nwas read aloud." for page in range(1, PAGES + 1)]
        town.put(f"Board/{date(2021, 1, 1 + number)} minutes.pdf", papers.scanned(*said))


def published(town: Town) -> list[object]:
    return town.query("SELECT meeting, date, page, text FROM minutes ORDER BY date, page")


def books(town: Town) -> dict[str, object]:
    """Counters as shown, and the rows that they must equal."""
    stages = town.status()["stages"]
    with town.rows() as connection:
        items = connection.execute(ITEMS, {"site": town.name}).all()
        effects = connection.execute(EFFECTS, {"site": town.name}).one()
    return {
        "shown": {name: (each["completed"], each["failed"]) for name, each in stages.items()},
        "items": sorted(tuple(row) for row in items),
        "effects": tuple(effects),
    }


ITEMS = text("""
    SELECT i.stage, i.state, count(*) FROM items i JOIN runs r ON r.id = i.run
    WHERE r.site = :site GROUP BY 1, 2
""")
EFFECTS = text("""
    SELECT (SELECT count(*) FROM pages p JOIN documents d ON d.id = p.document
            WHERE d.site = :site AND p.answers = 1 AND p.state = 'read') AS pages_read_once,
           (SELECT count(*) FROM generations WHERE site = :site) AS generations,
           (SELECT count(*) FROM waves w JOIN runs r ON r.id = w.run
            WHERE r.site = :site AND (w.closed_at IS NULL OR w.answered <> w.size)) AS wrong_waves,
           (SELECT count(*) FROM runs WHERE site = :site) AS runs
""")


@pytest.fixture
def plain(town: Town) -> Town:
    """The same documents, read in peace."""
    fill(town)
    assert town.read()["state"] == "done"
    return town


@pytest.fixture
def other(plain: Town, workers: Workers, shell: Shell) -> Town:
    """Another site that reads the same folder."""
    return Town(workers, shell, plain.folder).add()


def same(other: Town, plain: Town) -> None:
    assert published(other) == published(plain)
    assert len(published(other)) == DOCUMENTS * PAGES
    assert books(other) == books(plain)


def test_every_message_twice_in_any_order_gives_the_same_database(
    plain: Town, other: Town, workers: Workers
):
    with doubling(workers, seed=3) as doubler:
        run = other.read()
        assert eventually(lambda: nothing_waits(workers), 20)

    assert run["state"] == "done"
    assert doubler.copies > DOCUMENTS * (PAGES + 1)
    same(other, plain)


def nothing_waits(workers: Workers) -> bool:
    with redis.Redis.from_url(workers.settings.redis_url) as client:
        return not (sum(broker.depth(client, q) for q in QUEUES) or client.hlen("unacked"))


@pytest.mark.parametrize("what", ["the chords' keys", "all of Redis"])
def test_a_run_ends_exactly_though_redis_forgets(
    plain: Town, other: Town, workers: Workers, what: str
):
    other.enqueue()
    assert eventually(lambda: pages_read(other) > 2, 30)

    if what == "all of Redis":
        with redis.Redis.from_url(workers.settings.redis_url) as client:
            client.flushdb()
    with redis.Redis.from_url(workers.settings.result_url) as client:
        client.flushdb()

    assert other.read()["state"] == "done"
    same(other, plain)


def test_what_an_ended_run_left_in_redis_goes_with_the_next_tidying(town: Town, workers: Workers):
    ended = town.read()["id"]
    with town.rows() as connection:  # its message is not sent: it stays as it is
        active = runs.enqueue(connection, town.name, priority=Priority.NORMAL).run.id
    names = [f"celery-task-meta-{run}.ocr.9.x:1:1" for run in (ended, active)]

    with redis.Redis.from_url(workers.settings.result_url, decode_responses=True) as client:
        client.mset(dict.fromkeys(names, "{}"))
        workers.app.send_task("clerk.housekeeping", ignore_result=True)

        assert eventually(lambda: client.keys(f"*{ended}*") == [], 20)
        assert client.exists(names[1])
    town.shell("cancel", active, "--yes")


def pages_read(town: Town) -> int:
    with town.rows() as connection:
        read = text("""
            SELECT count(*) FROM items i JOIN runs r ON r.id = i.run
            WHERE r.site = :site AND i.stage = 'ocr' AND i.state = 'answered'
        """)
        return int(connection.execute(read, {"site": town.name}).scalar_one())
