"""The operator's hand on real workers: emergency stop, pause, purge, cancel, retry."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from clerk.listening import LOOK_EVERY
from clerk.model import ACTIVE_RUN_STATES
from tests import papers
from tests.nodes import Workers
from tests.servers import eventually
from tests.shell import Shell
from tests.town import Town

SETTINGS = {"waves": {"smallest": 20, "largest": 20}}


@pytest.fixture
def redis(workers: Workers) -> Iterator[Redis]:
    """What a person has who types `redis-cli`."""
    with Redis.from_url(workers.settings.redis_url) as client:
        yield client
        client.delete("EMERGENCY_STOP")


@pytest.fixture
def other(workers: Workers, shell: Shell, tmp_path: Path) -> Town:
    """A site that nobody means to touch."""
    return Town(workers, shell, tmp_path / "other papers").add()


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


def answered(town: Town, run: str) -> int:
    ((count,),) = rows(
        town, "SELECT count(*) FROM items WHERE run = :run AND state = 'answered'", run=run
    )
    return count


def active(town: Town, run: str) -> bool:
    ((found,),) = rows(town, "SELECT state FROM runs WHERE id = :run", run=run)
    return found in ACTIVE_RUN_STATES


def depth(town: Town, queue: str) -> int:
    return town.shell.json("status")["queues"][queue]


def state(town: Town) -> str:
    return town.status()["run"]["state"]


def test_a_stop_by_redis_cli_in_the_middle_of_a_run_loses_nothing(
    town: Town, workers: Workers, redis: Redis
):
    scans(town, pages=120, documents=6)
    run = town.enqueue()["id"]
    assert eventually(lambda: read_pages(town) >= 20, 60)

    redis.set("EMERGENCY_STOP", "1")
    assert workers.have_let_go()
    working = "SELECT 1 FROM items WHERE run = :run AND state = 'working'"
    assert eventually(lambda: rows(town, working, run=run) == [], 20)
    at_rest = read_pages(town)

    assert at_rest < 120
    refused = town.shell("enqueue", town.name, expect=75)
    assert "clerk emergency-stop off" in refused.stderr
    # Longer than workers take to look again.
    assert len(workers.app.control.ping(timeout=2 * LOOK_EVERY)) == len(workers.nodes)
    assert (read_pages(town), rows(town, working, run=run)) == (at_rest, [])

    redis.delete("EMERGENCY_STOP")

    assert eventually(lambda: state(town) == "done", 120)
    assert len(town.texts()) == 120
    spent = rows(town, "SELECT max(attempts), max(losses) FROM items WHERE run = :run", run=run)
    assert spent == [(1, 0)]
    assert rows(town, "SELECT 1 FROM dead_letters WHERE run = :run", run=run) == []


def test_purging_a_site_ends_its_run_and_leaves_the_others_alone(town: Town, other: Town):
    for each in (town, other):
        scans(each, pages=60, documents=3)
    run, kept = town.enqueue()["id"], other.enqueue()["id"]
    assert eventually(lambda: read_pages(town) >= 5, 60)

    would = town.shell.json("purge", town.name, "--dry-run")
    assert (would["runs"], would["found"] > 0, would["purged"]) == ([run], True, 0)
    assert state(town) == "reading"
    assert "--yes" in town.shell("purge", town.name, expect=2).stderr

    said = town.shell("purge", town.name, "--yes", "--reason", "wrong folder").stdout.splitlines()

    found, purged, records = said
    assert found.startswith("Found ")
    assert found.endswith(f" job(s) for site {town.name}")
    assert purged.startswith("Purged ")
    assert purged.endswith(f" job(s) from queues for site {town.name}")
    assert records == f"Deleted database records for site {town.name}"
    at_end = answered(town, run)
    assert state(town) == "cancelled"
    assert town.status()["stages"] == {}
    assert eventually(lambda: state(other) == "done", 120)
    assert len(other.texts()) == 60
    assert answered(town, run) == at_end
    assert rows(other, "SELECT state FROM runs WHERE id = :run", run=kept) == [("done",)]
    trail = map(json.loads, town.shell("audit", "--json").stdout.splitlines())
    # Not the newest line: that may be a repair, on a machine that is slow.
    (line,) = [each for each in trail if each["action"] == "purge" and each["target"] == town.name]
    assert line["reason"] == "wrong folder"


def test_a_purged_site_can_be_read_again(town: Town):
    scans(town, pages=40, documents=2)
    town.enqueue()
    assert eventually(lambda: read_pages(town) >= 3, 60)
    town.shell("purge", town.name, "--yes")

    assert town.read()["state"] == "done"
    assert len(town.texts()) == 40


def test_purging_a_queue_ends_the_runs_that_had_work_in_it(town: Town, workers: Workers):
    town.shell("pause", "ocr", "--reason", "to fill it")
    try:
        assert workers.have_let_go("ocr")
        scans(town, pages=7, documents=1)
        run = town.enqueue()["id"]
        assert eventually(lambda: depth(town, "ocr") == 7, 30)
        assert town.shell.json("purge-queue", "ocr", "--dry-run")["runs"] == [run]

        said = town.shell("purge-queue", "ocr", "--yes").stdout.splitlines()

        assert said == ["Cleared 7 job(s) from queue: ocr", f"Cancelled run {run}"]
        assert depth(town, "ocr") == 0
        assert state(town) == "cancelled"
    finally:
        town.shell("resume", "ocr")


def test_a_cancelled_run_keeps_what_it_read_and_refuses_a_second_cancel(town: Town):
    scans(town, pages=40, documents=2)
    run = town.enqueue()["id"]
    assert eventually(lambda: read_pages(town) >= 3, 60)

    said = town.shell("cancel", run, "--yes").stdout

    assert said.startswith(f"Cancelled run {run}; purged ")
    assert state(town) == "cancelled"
    assert read_pages(town) >= 3

    def refused() -> bool:
        # What a task wrote about itself after the cancel is settled by asking again.
        said = town.shell("cancel", run, "--yes", expect=None)
        return said.code == 2 and "has ended already (cancelled)" in said.stderr

    assert eventually(refused, 30)


def test_a_pause_outlives_a_restart_and_holds_from_the_start(town: Town, workers: Workers):
    town.shell("pause", "ocr", "--reason", "moving the host")
    try:
        (node,) = workers.nodes
        node.restart()
        assert "ocr" not in workers.taking()
        scans(town, pages=4, documents=1)
        town.enqueue()
        assert eventually(lambda: depth(town, "ocr") == 4, 30)
        assert workers.taking() == {"high", "deploy", "extraction", "fetch"}
        assert (state(town), read_pages(town)) == ("reading", 0)
        assert [each["queue"] for each in town.shell.json("pause")] == ["ocr"]
    finally:
        town.shell("resume", "ocr")
    assert eventually(lambda: state(town) == "done", 60)


def test_a_dead_page_is_tried_again_by_a_run_of_its_own(town: Town, redis: Redis):
    town.put("Board/2024-01-01 minutes.pdf", papers.with_a_lost_page("Of wells and springs."))
    town.put("Board/2024-01-02 minutes.pdf", papers.born_digital("Of bridges."))
    assert town.read()["state"] == "partial"
    (letter,) = town.shell.json("dlq", "list", "--site", town.name)
    assert (letter["stage"], letter["reason"]) == ("ocr", "missing page")
    (group,) = town.shell.json("failed", "list", "--site", town.name)
    assert (group["count"], group["sites"]) == (1, [town.name])
    mirrored = lambda: redis.hexists("deadletter:dead", letter["job_id"])  # noqa: E731
    assert eventually(mirrored, 20)

    done = town.shell.json("dlq", "requeue", str(letter["id"]))

    run = done["runs"][town.name]
    assert eventually(lambda: not active(town, run), 60)
    tried = rows(town, "SELECT stage, count(*) FROM items WHERE run = :run GROUP BY 1", run=run)
    assert dict(map(tuple, tried)).get("ocr") == 1
    assert not dict(map(tuple, tried)).keys() & {"discover", "fetch"}
    (again,) = town.shell.json("dlq", "list", "--site", town.name)
    assert again["id"] != letter["id"]
    assert eventually(lambda: not mirrored(), 20)


def test_a_dead_document_is_looked_at_again_though_its_source_did_not_change(town: Town):
    town.put("Board/2024-01-01 minutes.pdf", b"%PDF-1.4\nnothing to see\n")
    town.read()
    (letter,) = town.shell.json("dlq", "list", "--site", town.name)
    assert letter["stage"] == "fetch"

    done = town.shell.json("failed", "retry", "--site", town.name, "--yes")

    run = done["runs"][town.name]
    assert eventually(lambda: not active(town, run), 60)
    found = rows(town, "SELECT stage, state FROM items WHERE run = :run", run=run)
    assert found == [("fetch", "failed")]
    assert town.shell("dlq", "purge", "--site", town.name, "--yes").stdout.startswith("Deleted 1 ")
    assert town.shell.json("dlq", "list", "--site", town.name) == []


def test_a_bench_measures_a_queue_and_leaves_nothing(town: Town, redis: Redis):
    found = town.shell.json("admin", "bench", "--queue", "ocr", "--count", "50", "--rate", "500")

    assert (found["sent"], found["finished"], found["priority"]) == (50, 50, 9)
    assert 0 < found["p50"] <= found["p95"]
    assert found["throughput"] > 0
    assert redis.keys("clerk:bench:*") == []


def test_a_bench_of_a_paused_queue_ends_in_time_and_takes_its_jobs_out(
    town: Town, workers: Workers
):
    town.shell("pause", "deploy")
    try:
        assert workers.have_let_go("deploy")
        done = town.shell("admin", "bench", "--count", "9", "--timeout", "1s", expect=75)
        assert "clerk admin stats" in done.stdout
        assert depth(town, "deploy") == 0
    finally:
        town.shell("resume", "deploy")


def test_the_stop_of_the_command_says_who_and_why_and_is_audited(town: Town):
    town.shell("emergency-stop", "on", "--reason", "disk is full")
    try:
        refused = town.shell("enqueue", town.name, expect=75)
        assert "disk is full" in refused.stderr
        assert town.shell.json("emergency-stop", "status")["reason"] == "disk is full"
    finally:
        assert town.shell.json("emergency-stop", "off")["lifted"] is True
    assert town.shell("emergency-stop", "status").stdout == "Emergency stop is off.\n"
    trail = town.shell("audit", "--limit", "2", "--json").stdout.splitlines()
    assert [json.loads(line)["action"] for line in trail] == [
        "emergency-stop off",
        "emergency-stop on",
    ]


def test_a_busy_worker_ends_when_its_pages_are_read_and_spends_no_attempt(
    town: Town, workers: Workers
):
    scans(town, pages=60, documents=2)
    run = town.enqueue()["id"]
    assert eventually(lambda: read_pages(town) >= 3, 60)
    (node,) = workers.nodes

    node.kill("SIGTERM")

    # Celery's own soft shutdown would sleep for 30 s.
    assert node.child.wait(25) is not None
    node.restart(force=True)
    assert eventually(lambda: state(town) == "done", 120)
    spent = rows(town, "SELECT max(attempts), max(losses) FROM items WHERE run = :run", run=run)
    assert spent == [(1, 0)]
