"""Rubbish in the queues, from anybody who reaches Redis: workers live on and do the good work."""

import base64
import json
from collections.abc import Iterator

import pytest
import redis

from clerk import broker, quarantine
from tests import papers
from tests.nodes import Workers, answering
from tests.servers import eventually
from tests.town import Town

MINUTES = "City Council/2024-03-05 minutes.pdf"


def good(**changes: object) -> dict[str, object]:
    """A message as Celery sends it, for an item that no run has; `changes` spoil it."""
    return {
        "body": encoded([["20240101T000000-00000000", "nothing"], {}, {}]),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": "clerk.ocr_page", "id": "one", "retries": 0},
        "properties": {
            "delivery_mode": 2,
            "delivery_info": {"exchange": "ocr", "routing_key": "ocr"},
            "priority": 4,
            "body_encoding": "base64",
            "delivery_tag": "tag",
        },
        **changes,
    }


def encoded(body: object) -> str:
    return base64.b64encode(json.dumps(body).encode()).decode()


def headers(**changes: object) -> dict[str, object]:
    return {"lang": "py", "task": "clerk.ocr_page", "id": "one", "retries": 0, **changes}


PICKLE = base64.b64encode(b"\x80\x04\x95csystem\n.").decode()
WHOLE = json.dumps(good())

RUBBISH: dict[str, bytes] = {
    "not JSON": b"hello",
    "not text": b"\xff\xfe\x00\x01",
    "truncated": WHOLE[: len(WHOLE) // 2].encode(),
    "too deep": b"[" * 100_000,
    "another shape": b"[1, 2, 3]",
    "an empty object": b"{}",
    "no delivery tag": json.dumps(good(properties={"delivery_info": {}})).encode(),
    "no base64": json.dumps(good(body="§")).encode(),
    "a body that is not JSON": json.dumps(good(body=base64.b64encode(b"x").decode())).encode(),
    "a body of another shape": json.dumps(good(body=encoded({"args": []}))).encode(),
    "a pickle": json.dumps(
        good(body=PICKLE, **{"content-type": "application/x-python-serialize"})
    ).encode(),
    "too large": json.dumps(good(body=encoded([["x" * 1_100_000], {}, {}]))).encode(),
    "an impossible time limit": json.dumps(good(headers=headers(timelimit="soon"))).encode(),
    "an impossible eta": json.dumps(good(headers=headers(eta="tomorrow"))).encode(),
    "compressed by nobody": json.dumps(good(headers=headers(compression="zip of doom"))).encode(),
}
UNKNOWN = json.dumps(good(headers=headers(task="clerk.format_disk", id="two"))).encode()


@pytest.fixture
def messages(workers: Workers) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(workers.settings.redis_url) as client:
        yield client


def letters(workers: Workers) -> list[dict[str, str]]:
    """What an operator sees with redis-cli."""
    with redis.Redis.from_url(workers.settings.redis_url) as client:
        return [json.loads(value) for value in client.hgetall("deadletter:dead").values()]


def settled(client: redis.Redis) -> bool:
    waiting = sum(broker.depth(client, queue) for queue in ("high", "fetch", "ocr"))
    return not (waiting or client.hlen("unacked") or client.llen(quarantine.QUARANTINE))


def test_rubbish_of_every_kind_is_put_aside_and_good_work_goes_on(
    town: Town, workers: Workers, messages: redis.Redis
):
    town.put(MINUTES, papers.scanned("The turnips\nwere weighed."))
    for number, item in enumerate(RUBBISH.values()):
        messages.lpush(("high", "fetch", "ocr")[number % 3], item)
    messages.lpush("ocr", UNKNOWN)
    town.enqueue()
    for item in RUBBISH.values():
        messages.lpush("ocr\x06\x163", item)

    run = town.read()

    assert (run["state"], town.texts()) == ("done", ["The turnips\nwere weighed."])
    assert eventually(lambda: settled(messages), 20)
    assert eventually(lambda: len(letters(workers)) == len(RUBBISH) + 1, 20), letters(workers)
    found = letters(workers)
    kinds = sorted(letter["reason"] for letter in found)
    assert kinds == ["malformed"] * len(RUBBISH) + ["unknown task"]
    assert all(len(letter["last_error"]) <= 1000 for letter in found)
    assert [each["task"] for each in found if each["task"]] == ["clerk.format_disk"]
    (node,) = workers.nodes
    assert node.child.poll() is None
    assert answering(workers.app) == {node.name()}
    assert "Unrecoverable" not in node.logs()
    assert len(workers.clerk_json("dlq", "list")) == len(found)


def test_rubbish_in_remote_control_does_not_end_a_worker(workers: Workers, messages: redis.Redis):
    for item in (b"hello", b"{}", b"[]", WHOLE.encode()):
        assert messages.publish("/0.celery.pidbox", item) >= 1

    assert eventually(lambda: bool(answering(workers.app)))
    assert workers.nodes[0].child.poll() is None


def test_the_same_rubbish_again_is_one_letter_that_counts(workers: Workers, messages: redis.Redis):
    for _ in range(3):
        messages.lpush("ocr", b"the same thing\x00 once more")

    def seen() -> list[int]:
        return [
            int(letter["attempts"])
            for letter in letters(workers)
            if "the same thing\\x00" in letter["last_error"]
        ]

    assert eventually(lambda: seen() == [3], 20), letters(workers)
