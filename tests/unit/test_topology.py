"""What of Celery's configuration a promise hangs on, as workers and senders get it."""

from collections.abc import Iterator

import celery
import pytest

from clerk import flow
from clerk.model import Priority, RunState
from clerk.settings import Settings
from clerk.store.ledger import Wave, Work
from tests.nodes import client_app
from tests.runs import run

LIMITS = {"fetch": 600, "ocr": 600, "extraction": 7200, "deploy": 600}
"""Queue -> seconds, as docs/settings.md tells them."""


@pytest.fixture(scope="module")
def app() -> Iterator[celery.Celery]:
    made = client_app(Settings())
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # A task that is not done is not lost with its worker, and not acknowledged before.
        ("task_acks_late", True),
        ("task_acks_on_failure", True),
        ("task_acks_on_timeout", True),
        ("task_reject_on_worker_lost", True),
        ("task_retry_on_worker_lost", True),
        # A worker holds no messages that others could do.
        ("worker_prefetch_multiplier", 1),
        # A Redis that is away costs a wait and no chord.
        ("result_backend_always_retry", True),
        ("broker_connection_retry_on_startup", True),
        ("broker_connection_max_retries", None),
        # Whoever may write to Redis runs no code here.
        ("accept_content", ["json"]),
        ("result_accept_content", ["json"]),
        ("task_serializer", "json"),
        # A queue that nobody serves is a mistake to be told.
        ("task_create_missing_queues", False),
        ("task_ignore_result", True),
    ],
)
def test_a_promise_hangs_on(app: celery.Celery, name: str, value: object):
    assert app.conf[name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # More urgent queues first, and in each the more urgent step.
        ("queue_order_strategy", "priority"),
        ("priority_steps", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_a_promise_hangs_on_the_broker(app: celery.Celery, name: str, value: object):
    assert app.conf.broker_transport_options[name] == value


def test_no_message_is_handed_out_again_while_its_task_may_still_run(app: celery.Celery):
    longest = max(each["time_limit"] for each in app.conf.task_annotations.values())
    assert app.conf.broker_transport_options["visibility_timeout"] > longest
    assert app.conf.result_backend_transport_options["visibility_timeout"] > longest


def test_each_queue_has_an_exchange_and_a_routing_key_of_its_own(app: celery.Celery):
    found = [(each.name, each.exchange.name, each.routing_key) for each in app.conf.task_queues]
    assert found == [(name,) * 3 for name in ("high", "deploy", "extraction", "fetch", "ocr")]


def test_every_task_has_a_queue_and_the_time_limits_of_that_queue(app: celery.Celery):
    ours = {name for name in _registered() if name.startswith("clerk.")}
    assert ours == app.conf.task_routes.keys() == app.conf.task_annotations.keys()
    for name in ours:
        limit = LIMITS[app.conf.task_routes[name]["queue"]]
        assert app.conf.task_annotations[name]["time_limit"] == limit, name
        # It has to say so, and to store its answer, before its process is killed.
        assert app.conf.task_annotations[name]["soft_time_limit"] == 0.9 * limit, name


def _registered() -> set[str]:
    from clerk.celery import app as real

    real.loader.import_default_modules()
    return set(real.tasks)


@pytest.mark.parametrize(
    ("priority", "step"), [(Priority.HIGH, 0), (Priority.NORMAL, 3), (Priority.LOW, 6)]
)
def test_what_follows_a_wave_does_not_wait_behind_later_waves(priority: Priority, step: int):
    asked = run("a.example", RunState.READING, priority=priority)
    wave = Wave(run=asked.id, work=Work.OCR, number=2, priority=step + 1, keys=["d:1:0", "d:1:1"])

    canvas = flow.fan_out(asked, wave)

    body = canvas.kwargs["body"]
    assert (body.task, body.options["queue"], body.options["priority"]) == (
        "clerk.ocr_complete",
        "ocr",
        step,
    )
    assert [each.options["priority"] for each in canvas.kwargs["header"].tasks] == [step + 1] * 2
