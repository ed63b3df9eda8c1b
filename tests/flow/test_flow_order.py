"""Who goes first, what waits, and what a second delivery does, on real worker processes.

Pages wait until a test lets a worker for them join; the other queues are served all the time.
"""

import json
import secrets
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
import redis
from sqlalchemy import text

from clerk import broker
from clerk.model import ACTIVE_RUN_STATES
from tests import papers
from tests.nodes import WorkerNode, Workers
from tests.servers import eventually
from tests.shell import Shell
from tests.town import Town

STARTED = False
SETTINGS = {
    "waves": {"smallest": 4, "largest": 4},
    "retry": {"base": "100ms", "factor": 1},
}

MINUTES = "City Council/2024-03-05 minutes.pdf"
CROPS = ["turnips", "carrots", "beets", "leeks", "onions", "beans", "peas", "kale"]
HERON = "The heron by the bridge was counted twice this year."


@pytest.fixture(scope="module", autouse=True)
def _everything_but_ocr(workers: Workers) -> None:
    workers.start(queues=("deploy", "extraction", "fetch"))


def readers(workers: Workers, concurrency: int = 2) -> AbstractContextManager[WorkerNode]:
    """A worker for pages alone, while the block lasts."""
    return workers.joined_by(queues=("ocr",), concurrency=concurrency)


def fill(town: Town, pages: int) -> None:
    for number in range(pages):
        words = f"The {CROPS[number % 8]} of\nwave {'IXVLM'[number // 8]} were weighed."
        town.put(f"Board/{date(2021, 1, 1 + number)} minutes.pdf", papers.scanned(words))


def waiting(workers: Workers, queue: str = "ocr") -> int:
    with redis.Redis.from_url(workers.settings.redis_url) as client:
        return broker.depth(client, queue)


def answered(town: Town) -> list[float]:
    """When each page was answered, in order."""
    with town.rows() as connection:
        rows = connection.execute(
            text("""
                SELECT extract(epoch FROM i.answered_at) FROM items i JOIN runs r ON r.id = i.run
                WHERE r.site = :site AND i.stage = 'ocr' AND i.answered_at IS NOT NULL
                ORDER BY i.answered_at
            """),
            {"site": town.name},
        )
        return [float(when) for when in rows.scalars()]


def counters(town: Town) -> dict[str, tuple[int, int, int]]:
    """Stage -> total, completed, failed, as `clerk status` shows them."""
    stages = town.status()["stages"]
    return {
        name: (each["total"], each["completed"], each["failed"]) for name, each in stages.items()
    }


def ended(town: Town) -> dict[str, Any]:
    """The run that was enqueued, as it ended: another `enqueue` may come when it is over."""

    def over() -> bool:
        return town.status()["run"]["state"] not in ACTIVE_RUN_STATES

    assert eventually(over, 60)
    run: dict[str, Any] = town.status()["run"]
    return run


def test_pages_of_a_high_run_go_before_those_of_a_normal_one(
    town: Town, workers: Workers, shell: Shell
):
    urgent = Town(workers, shell, town.folder.with_name("urgent")).add()
    fill(town, 16)
    fill(urgent, 4)
    town.enqueue()
    assert eventually(lambda: waiting(workers) == 8), "two waves of four"
    urgent.enqueue("--priority", "high")
    assert eventually(lambda: waiting(workers) == 12)

    with readers(workers, 1):
        ended(town)
        ended(urgent)

    assert len(answered(town)) == 16
    assert answered(urgent)[-1] < answered(town)[0]


def test_a_second_enqueue_joins_the_run_in_flight_and_raises_it(town: Town):
    town.put(MINUTES, papers.scanned("The turnips."))

    first = town.enqueue("--priority", "low")
    second = town.enqueue("--priority", "high")

    assert (first["joined"], second["joined"]) == (False, True)
    assert (second["id"], second["priority"]) == (first["id"], "high")


def test_text_layers_are_searchable_while_scans_wait(town: Town, workers: Workers):
    town.put(MINUTES, papers.born_digital(HERON))
    town.put("City Council/1974-03-05 minutes.pdf", papers.scanned("The turnips\nof old."))

    run = town.enqueue()

    assert eventually(town.published.exists)
    assert town.texts() == [HERON]
    assert kind(town) == "fast"
    assert town.status()["run"]["state"] == "reading"
    with readers(workers, 1):
        assert ended(town)["id"] == run["id"]
    assert town.texts() == ["The turnips\nof old.", HERON]
    assert kind(town) == "full"


def kind(town: Town) -> str:
    ((found,),) = town.query("SELECT value FROM _clerk WHERE key = 'kind'")
    return str(found)


def test_a_lost_file_is_the_storages_fault_and_is_told_with_what_to_do(
    town: Town, workers: Workers, shell: Shell
):
    town.put(MINUTES, papers.scanned("The turnips."))
    town.enqueue()
    assert eventually(lambda: waiting(workers) == 1)
    for pdf in (workers.settings.storage_dir / town.name).rglob("*.pdf"):
        pdf.unlink()

    with readers(workers, 1):
        run = ended(town)

    assert run["state"] == "failed"
    assert "storage fault: `clerk failed list` says what to do" in run["reason"]
    assert "--force" in shell("failed", "list", "--site", town.name).stdout


# -- second deliveries -----------------------------------------------------------------------------


def double(workers: Workers, queue: str) -> int:
    """Let every message that waits in a queue be delivered a second time; answers how many."""
    copies = 0
    with redis.Redis.from_url(workers.settings.redis_url) as client:
        for name in broker.lists(queue):
            for raw in client.lrange(name, 0, -1):
                message = json.loads(raw)
                message["properties"]["delivery_tag"] = secrets.token_hex(16)
                client.lpush(name, json.dumps(message))
                copies += 1
    return copies


def deliver(workers: Workers, task: str, *arguments: object) -> None:
    queue = workers.app.conf.task_routes[task]["queue"]
    workers.app.send_task(task, args=arguments, queue=queue)


def deliver_bodies(workers: Workers, run: str) -> None:
    for name in ("fetch", "ocr", "extract"):
        deliver(workers, f"clerk.{name}_complete", run, 1)


def test_header_messages_delivered_twice_change_nothing(town: Town, workers: Workers, shell: Shell):
    plain = Town(workers, shell, town.folder).add()
    fill(town, 6)
    plain.enqueue()
    assert eventually(lambda: waiting(workers) == 6)
    with readers(workers):
        ended(plain)
    town.enqueue()
    assert eventually(lambda: waiting(workers) == 6)
    assert double(workers, "ocr") == 6

    with readers(workers):
        run = ended(town)
        assert eventually(lambda: waiting(workers) == 0)

    assert (run["state"], run["report"]["pages"]) == ("done", {"ocr": 6, "failed": 0})
    assert counters(town) == counters(plain)
    assert town.texts() == plain.texts()


def test_bodies_and_publishing_delivered_twice_change_nothing(town: Town, workers: Workers):
    fill(town, 2)
    run = town.enqueue()["id"]
    assert eventually(lambda: waiting(workers) == 2)
    deliver_bodies(workers, run)  # too early: nothing has been read

    with readers(workers, 1):
        assert ended(town)["id"] == run
        before = (counters(town), town.texts(), town.generation, all_items(town))
        deliver_bodies(workers, run)
        for task in ("clerk.compile_database", "clerk.deploy"):
            deliver(workers, task, run, str(town.generation))
        assert eventually(lambda: not any(waiting(workers, queue) for queue in QUEUES))

    assert (counters(town), town.texts(), town.generation, all_items(town)) == before


QUEUES = ("fetch", "ocr", "extraction", "deploy")


def all_items(town: Town) -> list[tuple[object, ...]]:
    with town.rows() as connection:
        rows = connection.execute(
            text("""
                SELECT i.run, stage, key, i.state, attempts FROM items i JOIN runs r ON r.id = i.run
                WHERE r.site = :site ORDER BY 1, 2, 3
            """),
            {"site": town.name},
        )
        return [tuple(row) for row in rows]
