"""What the safety net does for work that stands still, by `clerk recover` on real servers."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from clerk import broker, lifecycle, quarantine, reconcile, stopping
from clerk.model import Priority, RunState
from clerk.settings import Settings, child_environment
from clerk.store import ledger, pauses, runs, workers
from clerk.store.ledger import Work
from clerk.wiring import Services
from tests.shell import Commands, Forge, Forged
from tests.store import rows

PAGES = 8
LATER = {Priority.LOW: 7, Priority.NORMAL: 4}
"""At which step a run's later waves travel."""


@pytest.fixture
def at(redis_url: str, database_url: str) -> Iterator[Services]:
    found = Services(Settings(redis_url=redis_url, database_url=database_url))
    yield found
    found.close()


@pytest.fixture
def shell(at: Services, forge: Forge, tmp_path: Path) -> Commands:
    return Forged(forge, child_environment(at.settings), tmp_path)


def waiting_for_long(at: Services, priority: Priority, *, minutes: int = 11) -> str:
    """A run whose wave of pages was opened a while ago and has not moved since; a busy worker."""
    with at.transaction() as connection:
        workers.beat(connection, "ocr@host", "life", ["high", "ocr"], 2)
        run = rows.run(connection, priority=priority).id
        runs.move(connection, run, expected=[RunState.QUEUED], to=RunState.READING)
        ledger.add(connection, run, rows.SITE, Work.OCR, [(f"d:1:{n}", n) for n in range(PAGES)])
        ledger.open_wave(connection, run, Work.OCR, size=PAGES, priority=LATER[priority])
        connection.execute(
            text("""
                UPDATE waves SET opened_at = now() - make_interval(mins => :minutes),
                    moved_at = now() - interval '1 minute'
            """),
            {"minutes": minutes},
        )
    return run


def by_step(at: Services) -> dict[int, int]:
    """Step of priority -> messages that wait in `ocr`."""
    found = {step: at.redis.llen(name) for step, name in enumerate(broker.lists("ocr"))}
    return {step: count for step, count in found.items() if count}


def test_lost_messages_are_sent_again_as_they_were(at: Services, shell: Commands):
    waiting_for_long(at, Priority.LOW, minutes=1)
    shell("recover")
    assert by_step(at) == {7: PAGES}
    shell("recover")
    assert by_step(at) == {7: PAGES}, "what is there is not sent twice"


def test_low_work_that_waited_ten_minutes_goes_among_the_normal(at: Services, shell: Commands):
    waiting_for_long(at, Priority.LOW)
    shell("recover")
    assert by_step(at) == {4: PAGES}


def test_a_few_of_what_waited_under_urgent_work_go_before_it(at: Services, shell: Commands):
    waiting_for_long(at, Priority.NORMAL)
    shell("recover")
    assert by_step(at) == {0: 5}


def test_nothing_ages_where_nobody_works_or_copies_would_pile_up(at: Services, shell: Commands):
    waiting_for_long(at, Priority.NORMAL)
    with at.transaction() as connection:
        workers.leave(connection, "ocr@host", "life")
    shell("recover")
    shell("recover")
    assert by_step(at) == {4: PAGES}


def test_nothing_ages_in_a_paused_queue(at: Services, shell: Commands):
    with at.transaction() as connection:
        pauses.add(connection, "ocr", who="ana", reason="")
    waiting_for_long(at, Priority.LOW)
    shell("recover")
    assert by_step(at) == {7: PAGES}


def test_rubbish_among_the_unacked_is_put_aside_and_the_rest_is_still_repaired(
    at: Services, shell: Commands
):
    rubbish = {b"a": b"hello", b"\xff\xfe": b"[1, 2, 3]", b"b": b"[" * 100_000}
    at.redis.hset("unacked", mapping=rubbish)  # type: ignore[arg-type]
    at.redis.zadd("unacked_index", dict.fromkeys(rubbish, 1))
    waiting_for_long(at, Priority.LOW, minutes=1)

    shell("recover")

    assert at.redis.hlen("unacked") == at.redis.zcard("unacked_index") == 0
    assert at.redis.llen(quarantine.QUARANTINE) == len(rubbish)
    assert by_step(at) == {7: PAGES}


def test_unacked_tasks_with_strange_arguments_go_to_a_worker_who_refuses_them(
    at: Services, shell: Commands
):
    waiting_for_long(at, Priority.LOW, minutes=1)
    shell("recover")
    message = json.loads(at.redis.lindex(broker.lists("ocr")[7], 0))  # type: ignore[arg-type]
    strange = ([], ["run"], ["run", "a\0b"], [{}, 7, 8])
    for tag, args in enumerate(strange):
        body = json.dumps([args, {}, {}]).encode()
        item = [{**message, "body": base64.b64encode(body).decode()}, "ocr", "ocr"]
        at.redis.hset("unacked", str(tag), json.dumps(item))
        at.redis.zadd("unacked_index", {str(tag): 1})

    shell("recover")

    assert at.redis.hlen("unacked") == 0
    assert sum(by_step(at).values()) == PAGES + len(strange)


def test_a_page_of_a_lost_worker_is_given_back_and_the_repair_is_told(
    at: Services, shell: Commands
):
    run = waiting_for_long(at, Priority.NORMAL, minutes=1)
    with at.transaction() as connection:
        assert ledger.take(connection, run, Work.OCR, "d:1:0", "gone@host|life|1")
        connection.execute(
            text("UPDATE items SET lease_until = now() - interval '1 s' WHERE state = 'working'")
        )

    shell("recover")

    with at.transaction() as connection:
        found = connection.execute(
            text("SELECT state, attempts, losses, error FROM items WHERE key = 'd:1:0'")
        ).one()
    assert tuple(found) == ("waiting", 0, 1, "worker lost")
    assert "d:1:0" in shell.json("status")["repaired_last_hour"]["what"]
    assert "in the last hour" in shell("status").stdout


@pytest.mark.parametrize(
    ("beat", "expected"),
    [
        # Lease and heartbeat both ended just now: the child may have died, or the whole worker.
        ("lease_until - interval '3 s'", ("working", 1, 0)),
        # The worker lived on after its child's lease ran out: the child died.
        ("lease_until + interval '1 s'", ("waiting", 1, 0)),
        # Nobody has seen the worker for longer than it may be silent: all of it is gone.
        ("now() - interval '31 s'", ("waiting", 0, 1)),
    ],
)
def test_an_attempt_is_spent_only_where_the_worker_outlived_its_child(at, shell, beat, expected):
    run = waiting_for_long(at, Priority.NORMAL)
    with at.transaction() as connection:
        assert ledger.take(connection, run, Work.OCR, "d:1:0", "ocr@host|life|1")
        connection.execute(
            text("UPDATE items SET lease_until = now() - interval '2 s' WHERE state = 'working'")
        )
        connection.execute(
            text(f"UPDATE workers SET seen_at = (SELECT {beat} FROM items WHERE key = 'd:1:0')")
        )

    shell("recover")

    with at.transaction() as connection:
        found = connection.execute(
            text("SELECT state, attempts, losses FROM items WHERE key = 'd:1:0'")
        ).one()
    assert tuple(found) == expected


def test_recovery_by_hand_looks_at_waves_that_were_put_off(at: Services, shell: Commands):
    """The reconciler found all messages there; then Redis lost them."""
    run = waiting_for_long(at, Priority.NORMAL, minutes=1)
    with at.transaction() as connection:
        ledger.touch_wave(connection, run, Work.OCR, 1, ahead=reconcile.BACKLOG)

    shell("recover")
    assert not by_step(at)
    shell("recover", "--older-than", "0")

    assert sum(by_step(at).values()) == PAGES


def test_a_stopping_worker_waits_for_its_living_children_alone(at: Services):
    """What a dead one held is given back: Celery may wait for it as long as it would for work."""
    run = waiting_for_long(at, Priority.NORMAL)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with at.transaction() as connection:
        held = [f"ocr@host|{lifecycle.LIFE}|{pid}" for pid in (os.getpid(), gone.pid)]
        living = ledger.take(connection, run, Work.OCR, "d:1:0", held[0])
        ledger.take(connection, run, Work.OCR, "d:1:1", held[1])

    assert stopping.in_hand(at, "ocr@host")

    with at.transaction() as connection:
        assert ledger.state_of(connection, run, Work.OCR, "d:1:1") == "waiting"
        ledger.put_back(connection, living, held[0], spent=False, lost=False, error="stopped")
    assert not stopping.in_hand(at, "ocr@host")
