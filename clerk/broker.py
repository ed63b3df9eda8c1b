r"""Looking into the broker: depths, messages that wait, messages nobody acknowledged.

Kombu's Redis transport keeps one list for each queue and priority step (`ocr`, `ocr\x06\x163`, …),
what was handed out and not acknowledged in the hash `unacked`, and when that was in the sorted set
`unacked_index`. Source: kombu.transport.redis.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from kombu.transport.redis import Channel
from redis import Redis

SEPARATOR = "\x06\x16"
STEPS = range(10)
CHUNK = 500

Client = Redis


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a Celery message says of itself."""

    id: str
    task: str
    args: Sequence[Any]
    queue: str
    eta: datetime | None
    site: str = ""
    run: str = ""
    priority: int | None = None
    shown: str = ""
    """The arguments as Celery would print them."""
    tag: str = ""
    """The key in `unacked`, for messages that were handed out."""


def lists(queue: str) -> list[str]:
    """The Redis lists of a queue, most urgent first."""
    return [queue if step == 0 else f"{queue}{SEPARATOR}{step}" for step in STEPS]


def depth(client: Client, queue: str) -> int:
    """Messages that wait in a queue, over all its priorities."""
    with client.pipeline(transaction=False) as pipe:
        for name in lists(queue):
            pipe.llen(name)
        return sum(pipe.execute())


def waiting(client: Client, queue: str) -> Iterator[Message]:
    """Every message that waits in a queue; what moves meanwhile may be missed or seen twice."""
    for name in lists(queue):
        start = 0
        while chunk := cast("list[bytes]", client.lrange(name, start, start + CHUNK - 1)):
            for raw in chunk:
                message = decode(raw, queue)
                if message is not None:
                    yield message
            start += CHUNK


def unacked(client: Client, older_than: datetime | None = None) -> Iterator[Message]:
    """Messages handed out (before `older_than`) and not acknowledged."""
    until = "+inf" if older_than is None else str(older_than.timestamp())
    tags = cast("list[bytes]", client.zrangebyscore(Channel.unacked_index_key, "-inf", until))
    for start in range(0, len(tags), CHUNK):
        chunk = tags[start : start + CHUNK]
        found = cast("list[bytes | None]", client.hmget(Channel.unacked_key, chunk))
        for tag, raw in zip(chunk, found, strict=True):
            message = _decode_unacked(raw, tag.decode(errors="replace")) if raw else None
            if message is not None:
                yield message


def _decode_unacked(raw: bytes, tag: str) -> Message | None:
    try:
        message, _exchange, queue = json.loads(raw)
    except (ValueError, TypeError, RecursionError):
        return None
    return _decode(message, queue or "", tag)


def rubbish(client: Client, older_than: datetime) -> Iterator[tuple[bytes, bytes]]:
    """(tag, item) of what is noted as handed out and is no message: kombu would stumble over it."""
    until = str(older_than.timestamp())
    tags = cast("list[bytes]", client.zrangebyscore(Channel.unacked_index_key, "-inf", until))
    for start in range(0, len(tags), CHUNK):
        chunk = tags[start : start + CHUNK]
        found = cast(
            "list[bytes | None]", client.hmget(Channel.unacked_key, cast("list[str]", chunk))
        )
        yield from (
            (tag, raw)
            for tag, raw in zip(chunk, found, strict=True)
            if raw and not _handed_out(raw)
        )


def _handed_out(raw: bytes) -> bool:
    try:
        match json.loads(raw):
            case [dict(), str(), str()]:
                return True
    except (ValueError, RecursionError):
        pass
    return False


def decode(raw: bytes, queue: str) -> Message | None:
    """A raw list entry; None for what is not a Celery message."""
    try:
        return _decode(json.loads(raw), queue, "")
    except (ValueError, RecursionError):
        return None


def _decode(message: Any, queue: str, tag: str) -> Message | None:
    try:
        headers = message["headers"]
        args = json.loads(base64.b64decode(message["body"]))[0]
        if not isinstance(args, list):
            return None
        eta = datetime.fromisoformat(headers["eta"]) if headers.get("eta") else None
        return Message(
            id=str(headers["id"]),
            task=str(headers["task"]),
            args=args,
            queue=queue,
            eta=eta.replace(tzinfo=eta.tzinfo or UTC) if eta else None,
            site=str(headers.get("site") or ""),
            # A chord's body has no header of ours; its first argument is the run all the same.
            run=str(headers.get("run") or (args[0] if len(args) > 1 else "")),
            priority=(message.get("properties") or {}).get("priority"),
            shown=str(headers.get("argsrepr") or ""),
            tag=tag,
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
        return None  # whatever it is, the worker that takes it puts it aside


def drop(client: Client, tag: str | bytes) -> None:
    """Forget an unacknowledged message for good."""
    with client.pipeline(transaction=True) as pipe:
        pipe.zrem(Channel.unacked_index_key, tag)
        pipe.hdel(Channel.unacked_key, cast("str", tag))  # redis-py takes bytes too
        pipe.execute()
