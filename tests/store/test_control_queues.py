"""Clearing queues while others use them; what is shown of them. Real Redis."""

import io
import json
import random
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from rich.console import Console
from sqlalchemy.engine import make_url

from clerk import broker, clearing, control, halts, inspecting, retrying
from clerk.adapters.stop_key import Stop
from clerk.cli import live
from clerk.errors import InvalidInput
from clerk.model import RunState
from clerk.settings import Settings
from clerk.store import dead_letters, pauses, runs
from clerk.store.dead_letters import Wanted
from clerk.wiring import Services
from tests.chaos.proxy import Proxy
from tests.nodes import client_app
from tests.servers import eventually
from tests.store import rows


@pytest.fixture
def at(redis_url, database_url):
    found = Services(Settings(redis_url=redis_url, database_url=database_url))
    yield found
    found.close()


@pytest.fixture
def redis(at) -> Redis:
    return at.redis


@pytest.fixture
def app(at):
    found = client_app(at.settings)
    yield found
    found.close()


def entry(number: int) -> bytes:
    return json.dumps({"number": number}).encode()


def odd(raw: bytes) -> bool:
    return bool(json.loads(raw)["number"] % 2)


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 3456])
def test_what_stays_stays_in_order(redis, count):
    for number in range(count):
        redis.lpush("ocr", entry(number))

    removed = clearing.remove(redis, "ocr", odd)

    left = [json.loads(raw)["number"] for raw in reversed(redis.lrange("ocr", 0, -1))]
    assert left == list(range(0, count, 2))
    assert removed == count - len(left)
    assert redis.keys("*clearing*") == []


def test_every_priority_of_a_queue_is_cleared(redis):
    for name in broker.lists("ocr"):
        redis.lpush(name, entry(1), entry(2))

    assert clearing.remove(redis, "ocr", odd) == 10
    assert broker.depth(redis, "ocr") == 10


def test_what_a_killed_purge_left_aside_comes_back_before_what_came_later(redis):
    redis.lpush("ocr" + clearing.ASIDE, entry(2), entry(3), entry(4))
    redis.lpush("ocr", entry(6), entry(8))

    clearing.remove(redis, "ocr", odd)

    left = [json.loads(raw)["number"] for raw in reversed(redis.lrange("ocr", 0, -1))]
    assert left == [2, 4, 6, 8]


def test_nothing_is_lost_while_workers_take_and_programs_send(redis, redis_url):
    redis.lpush("ocr", *map(entry, range(5_000)))
    taken: list[int] = []
    ended = threading.Event()

    def work():
        with Redis.from_url(redis_url) as mine:
            for number in range(5_000, 6_000):
                mine.lpush("ocr", entry(number))
                if raw := mine.rpop("ocr"):
                    taken.append(json.loads(raw)["number"])
        ended.set()

    worker = threading.Thread(target=work)
    worker.start()
    while not ended.is_set():
        clearing.remove(redis, "ocr", odd)
    worker.join()
    clearing.remove(redis, "ocr", odd)

    left = [json.loads(raw)["number"] for raw in redis.lrange("ocr", 0, -1)]
    even = [number for number in [*taken, *left] if number % 2 == 0]
    assert sorted(even) == list(range(0, 6_000, 2))


def test_peek_shows_the_next_first_takes_nothing_and_tells_no_arguments(at, app, redis):
    order = [(3, "third"), (0, "first"), (3, "fourth"), (1, "second")]
    for step, name in order:
        app.send_task(
            "clerk.ocr_page",
            args=("run", "secret"),
            task_id=name,
            queue="ocr",
            priority=step,
            headers={"site": "s.example", "run": "r"},
        )

    found = inspecting.peek(at, "ocr", 3)

    assert [each["id"] for each in found] == ["first", "second", "third"]
    assert (found[0]["site"], found[0]["run"], found[0]["priority"]) == ("s.example", "r", 0)
    assert "secret" not in json.dumps(found)
    assert broker.depth(redis, "ocr") == 4


def test_peek_shows_what_is_no_message_and_refuses_unknown_queues(at, redis):
    redis.lpush("ocr", b"\xff\x00")
    (found,) = inspecting.peek(at, "ocr", 5)
    assert found["task"] == "(not a Celery message)"
    with pytest.raises(InvalidInput, match="high, fetch, ocr, extraction, deploy"):
        inspecting.peek(at, "orc", 5)


def test_stats_agree_with_redis_cli_over_all_priorities(at, app, redis):
    steps = [random.Random(7).randrange(10) for _ in range(40)]
    for step in steps:
        app.send_task("clerk.noop", args=("x", 0.0), queue="deploy", priority=step)
    redis.hset("unacked", "tag", b"[]")
    with at.transaction() as connection:
        pauses.add(connection, "ocr", who="me", reason="")

    found = inspecting.stats(at)

    lists = [redis.llen(name) for name in broker.lists("deploy")]
    assert found["queues"]["deploy"]["waiting"] == sum(lists) == 40
    assert found["queues"]["deploy"]["by_priority"] == {
        str(step): count for step, count in enumerate(lists) if count
    }
    assert found["unacked"] == redis.hlen("unacked") == 1
    assert found["paused"] == ["ocr"]


def test_the_documented_recipe_names_every_list_of_a_queue():
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    loop = re.search(r"^for p in .*?done", page, re.MULTILINE | re.DOTALL)
    assert loop
    # What the shell hands to redis-cli, one name a line.
    script = "redis-cli() { printf '%s\\n' \"$2\"; }\n" + loop[0]
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    named = said.stdout.splitlines()
    assert named == broker.lists("ocr")


def test_a_message_that_no_worker_understands_is_not_tried_again_but_named(at):
    poison = dead_letters.Poison(
        task="?", queue="ocr", kind="malformed", error="malformed: no task", payload={}
    )
    with at.transaction() as connection:
        dead_letters.record_poison(connection, "0" * 64, poison)

    done = retrying.requeue(at, retrying.letters(at, Wanted()), who="me")

    assert (done.items, done.runs) == (0, {})
    assert "clerk dlq purge" in done.refused["(no site)"]
    assert len(retrying.letters(at, Wanted())) == 1


def test_a_live_display_says_what_a_run_waits_for_again_only_if_it_is_another_thing(at):
    console = Console(file=io.StringIO(), width=80)
    shown = live.Bars(at, live.bars(console))
    with at.transaction() as connection:
        run = rows.run(connection)

    for reason in ("pages wait: no spa", "", "pages wait: no spa", "", "pages wait: no fra"):
        shown.tell([replace(run, reason=reason)])

    told = console.file.getvalue().splitlines()
    assert told == [f"{run.site}: pages wait: no spa", f"{run.site}: pages wait: no fra"]


def test_who_waits_for_a_run_waits_on_while_postgres_restarts(at, capsys):
    address = make_url(at.settings.database_url)
    proxy = Proxy(address.port)
    through = address.set(port=proxy.port).render_as_string(hide_password=False)
    away = Services(at.settings.model_copy(update={"database_url": through}))
    with at.transaction() as connection:
        run = rows.run(connection)
        runs.explain(connection, run.id, "pages wait: no spa")
    told: list[str] = []

    def said(words: str) -> bool:
        told.append(capsys.readouterr().err)
        return words in " ".join("".join(told).split())

    def restart() -> None:
        assert eventually(lambda: said("pages wait: no spa"))
        proxy.pause()
        assert eventually(lambda: said("Waiting for it; what is under way goes on by itself."))
        proxy.resume()
        assert eventually(lambda: said("Postgres is back."))
        with at.transaction() as connection:
            runs.finish(connection, run.id, to=RunState.DONE, reason="", report={})

    with ThreadPoolExecutor() as pool:
        restarted = pool.submit(restart)
        (found,) = live.wait(away, [run])
        restarted.result(30)

    assert found.state is RunState.DONE
    assert "".join(told).count("cannot be reached") == 1
    away.close()
    proxy.close()


def test_a_live_display_says_once_why_it_stands_still_and_that_it_goes_on(at):
    console = Console(file=io.StringIO(), width=40)
    shown = live.Bars(at, live.bars(console))

    def said() -> str:
        shown.explain()
        text = console.file.getvalue()
        console.file.seek(0)
        console.file.truncate()
        return text

    assert said() == ""
    control.stop(at, who="ana", reason="[bold]disk")
    control.pause(at, "ocr", who="bo", reason="")
    first = said()
    assert "emergency stop is on by ana" in first
    assert ": [bold]disk\n    clerk emergency-stop off\n" in first
    assert "queue ocr is paused by bo" in first
    assert said() == ""

    control.resume(at, "ocr", who="bo")
    assert "queue" not in said()
    control.lift(at, who="ana")
    assert said() == "Nothing is stopped or paused any more.\n"


def test_a_redis_that_goes_away_does_not_end_a_stop(database_url):
    away = Services(Settings(redis_url="redis://127.0.0.1:1/0", database_url=database_url))
    before = halts.Halts(stop=Stop(reason="disk"))

    assert halts.read(away, before) == before
    assert halts.read(away) == halts.NONE
    away.close()
