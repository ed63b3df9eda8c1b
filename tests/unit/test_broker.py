"""Looking into queues in which anything may lie."""

import base64
import json

import pytest

from clerk import broker, quarantine


def message(**parts: object) -> bytes:
    """A message as Celery sends it, but for `parts`."""
    body = base64.b64encode(json.dumps([["run", "key"], {}, {}]).encode()).decode()
    whole = {
        "headers": {"id": "one", "task": "clerk.ocr_page", "run": "run"},
        "properties": {"priority": 3},
        "body": body,
        **parts,
    }
    return json.dumps(whole).encode()


def encoded(body: bytes) -> str:
    return base64.b64encode(body).decode()


def test_a_message_says_what_it_is_about():
    found = broker.decode(message(), "ocr")
    assert found is not None
    assert (found.task, found.args, found.run, found.priority) == (
        "clerk.ocr_page",
        ["run", "key"],
        "run",
        3,
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"\xff",
        b"5",
        message(properties=5),
        message(headers=[]),
        message(headers={"id": "one"}),
        message(body=encoded(b"[" * 100_000)),
        message(body=encoded(b"[5, {}, {}]")),
        message(body="no base64"),
        message(body=None),
    ],
)
def test_what_is_no_message_is_passed_over(raw: bytes):
    assert broker.decode(raw, "ocr") is None


def test_what_was_put_aside_holds_nothing_that_postgres_refuses():
    entry = quarantine.Entry.of(b"\x00\xff", "a\x00b", "malformed: \ud800", "clerk.\x00")
    for word in (entry.queue, entry.reason, entry.task, entry.preview):
        assert word.isprintable()
    strange = json.dumps({**vars_of(entry), "queue": "a\x00b"}).encode()
    assert quarantine.Entry.parse(strange) is None


def vars_of(entry: quarantine.Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}
