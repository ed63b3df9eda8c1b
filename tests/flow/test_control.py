"""The operator's hand on real workers: emergency stop, pause, purge, cancel, retry."""

import time
from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import text

from tests import papers
from tests.nodes import Workers
from tests.servers import eventually
from tests.town import Town

SETTINGS = {"waves": {"smallest": 20, "largest": 20}}


@pytest.fixture
def redis(workers: Workers) -> Iterator[Redis]:
    """What a person has who types `redis-cli`."""
    with Redis.from_url(workers.settings.redis_url) as client:
        yield client
        client.delete("EMERGENCY_STOP")


def scans(town: Town, *, pages: int, documents: int) -> None:
    each = pages // documents
    for number in range(documents):
        said = [f"Page {number}.{page}\nwas read." for page in range(each)]
        town.put(f"Board/2023-01-{number + 1:02} minutes.pdf", papers.scanned(*said))


def read_pages(town: Town) -> int:
    found = town.status()["stages"].get("ocr", {})
    return found.get("completed", 0)


def rows(town: Town, query: str, **values) -> list:
    with town.rows() as connection:
        return connection.execute(text(query), values).all()


def state(town: Town) -> str:
    return town.status()["run"]["state"]


def test_a_stop_by_redis_cli_in_the_middle_of_a_run_loses_nothing(town: Town, redis: Redis):
    scans(town, pages=200, documents=10)
    run = town.enqueue()["id"]
    assert eventually(lambda: read_pages(town) >= 20, 60)

    redis.set("EMERGENCY_STOP", "1")
    time.sleep(3)
    at_rest = read_pages(town)
    time.sleep(3)

    assert at_rest < 200
    assert read_pages(town) == at_rest
    assert rows(town, "SELECT 1 FROM items WHERE run = :run AND state = 'working'", run=run) == []
    refused = town.shell("enqueue", town.name, expect=75)
    assert "clerk emergency-stop off" in refused.stderr
    assert len(town.workers.app.control.ping(timeout=2)) == len(town.workers.nodes)

    redis.delete("EMERGENCY_STOP")

    assert eventually(lambda: state(town) == "done", 120)
    assert len(town.texts()) == 200
    spent = rows(town, "SELECT max(attempts), max(losses) FROM items WHERE run = :run", run=run)
    assert spent == [(1, 0)]
    assert rows(town, "SELECT 1 FROM dead_letters WHERE run = :run", run=run) == []
