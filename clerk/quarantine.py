"""The door of the queues: list items in, Celery messages out; rubbish is put aside on the way.

Anybody who reaches Redis can push anything onto a queue, and Celery takes what it finds on trust:
one item that is not JSON ends the whole worker. `Transport` is kombu's Redis transport with two
guards in front of Celery: what is not a message as clerk sends them never gets in (`judge`), and
what makes Celery stumble all the same is put aside instead of ending the worker. Put aside means:
into the Redis list QUARANTINE, from where `poison.store` takes it to the dead letters.

Accepted: a worker killed in the millisecond between taking rubbish and putting it aside loses it.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Self

import structlog
from kombu.transport import redis as kombu_redis
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

QUARANTINE = "clerk:quarantine"
MOST_BYTES = 1024 * 1024
"""The largest message that is let in (a wave's chord body is about 2 kB)."""
MOST_KEPT = 10_000
"""Entries in QUARANTINE; a flood beyond it loses its oldest."""
PREVIEW_CHARS = 2000


class Rubbish(ValueError):
    """An item is no message of clerk; says why in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is kept of an item that was put aside."""

    reason: str
    queue: str
    size: int
    sha256: str
    """Of the whole item: the same rubbish again is recognised."""
    preview: str
    """The beginning of the item, printable."""
    at: str
    """When, ISO 8601 UTC."""
    task: str = ""
    """The task it names, if it has come so far."""

    @classmethod
    def of(cls, item: bytes, queue: str, reason: str, task: str = "") -> Self:
        """The entry of a raw list item, cut to a size that can be looked at."""
        return cls(
            reason=printable(reason)[:200],
            queue=printable(queue)[:200],
            size=len(item),
            sha256=hashlib.sha256(item).hexdigest(),
            preview=printable(item[:PREVIEW_CHARS].decode(errors="backslashreplace")),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            task=printable(task),
        )

    @classmethod
    def parse(cls, raw: bytes) -> Self | None:
        """Back from `put_aside`; None: somebody else wrote into the list."""
        try:
            values = json.loads(raw)
            entry = cls(**values)
        except (ValueError, TypeError, RecursionError):
            return None
        fine = all(_storable(value, int if n == "size" else str) for n, value in values.items())
        return entry if fine else None


def _storable(value: object, kind: type) -> bool:
    """Of the right kind, and nothing that Postgres refuses."""
    if kind is int:
        return isinstance(value, int)
    return isinstance(value, str) and value.isprintable()


def printable(text: str) -> str:
    """`text` without control characters (Postgres takes no NUL), at most PREVIEW_CHARS long."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown[:PREVIEW_CHARS]


def put_aside(client: Redis, entry: Entry) -> None:
    """Keep `entry` for the dead letters. If even Redis fails, the log has it."""
    log.error("message put aside", reason=entry.reason, queue=entry.queue, size=entry.size)
    try:
        with client.pipeline(transaction=True) as pipe:
            pipe.rpush(QUARANTINE, json.dumps(asdict(entry)))
            pipe.ltrim(QUARANTINE, -MOST_KEPT, -1)
            pipe.execute()
    except RedisError as error:
        log.error("not kept", error=str(error), preview=entry.preview)  # noqa: TRY400 - said in full


# -- judging ---------------------------------------------------------------------------------------


def judge(item: bytes, *, task: bool) -> None:
    """Raise Rubbish for what no clerk sent; `task`: the item lies in a queue of tasks.

    Queues of remote control (answers to `celery inspect`) carry other bodies. Source: Celery's
    message protocol 2, https://docs.celeryq.dev/en/stable/internals/protocol.html
    """
    if len(item) > MOST_BYTES:
        raise Rubbish("too large")
    message = _json(item)
    check_envelope(message)
    if task:
        _check_task(message)


def check_envelope(message: object) -> None:
    """Raise Rubbish unless kombu can make a message of it and acknowledge that."""
    properties = _mapping(_mapping(message, "message").get("properties"), "properties")
    info = _mapping(properties.get("delivery_info"), "delivery_info")
    for name, value in (
        ("delivery_tag", properties.get("delivery_tag")),
        ("exchange", info.get("exchange")),
        ("routing_key", info.get("routing_key")),
    ):
        if not isinstance(value, str):
            raise Rubbish(f"{name} is missing")
    body = _mapping(message, "message").get("body")
    if not isinstance(body, str) or properties.get("body_encoding") != "base64":
        raise Rubbish("body is not base64")
    _bytes(body)


def _check_task(message: Any) -> None:
    headers = _mapping(message.get("headers"), "headers")
    if message.get("content-type") != "application/json" or headers.get("compression"):
        raise Rubbish("not plain JSON inside")  # a pickle, say: somebody else's code
    if message.get("content-encoding") not in ("utf-8", "utf8"):
        raise Rubbish("not UTF-8 inside")
    for name in ("task", "id"):
        if not isinstance(headers.get(name), str) or not headers[name]:
            raise Rubbish(f"no {name}")
    for name, kind in _HEADER_TYPES.items():
        if headers.get(name) is not None and not isinstance(headers[name], kind):
            raise Rubbish(f"impossible {name}")
    limits = headers.get("timelimit") or (None, None)
    if len(limits) != 2 or not all(isinstance(each, (int, float, type(None))) for each in limits):
        raise Rubbish("impossible timelimit")
    match _json(_bytes(message["body"])):
        case [list(), dict(), dict()]:
            return
    raise Rubbish("body is not [args, kwargs, embed]")


_HEADER_TYPES: dict[str, type] = {
    "timelimit": list,
    "retries": int,
    "eta": str,
    "expires": str,
    "group": str,
    "root_id": str,
    "parent_id": str,
    "argsrepr": str,
    "kwargsrepr": str,
    "replaced_task_nesting": int,
}
"""What Celery's main loop reads later, outside of every guard of ours."""


def _json(raw: bytes) -> object:
    try:
        found: object = json.loads(raw)
    except (ValueError, RecursionError):
        raise Rubbish("not JSON") from None
    return found


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Rubbish(f"{name} is not an object")
    return value


def _bytes(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Rubbish("body is not base64") from None


# -- kombu's transport with the guards -------------------------------------------------------------


class _Client(Redis):
    """A Redis client whose BRPOP answers nothing when the item it got is rubbish."""

    def __init__(self, *, inspect: Callable[[str, bytes], bool], **options: Any) -> None:
        super().__init__(**options)
        self._inspect = inspect

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """The reply; None in place of rubbish, which to kombu is a queue that stayed empty."""
        reply = super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        if command_name != "BRPOP" or not reply:
            return reply
        name, item = reply
        return reply if self._inspect(name.decode(errors="replace"), item) else None


class Channel(kombu_redis.Channel):
    """Looks at every item that is taken from a queue, and stays upright when Celery stumbles."""

    def _get_client(self) -> Callable[..., Redis]:
        super()._get_client()  # type: ignore[misc] # checks redis-py's version; kombu's key prefixes are not used here
        return partial(_Client, inspect=self._welcome)

    def _welcome(self, name: str, item: bytes) -> bool:
        """Whether an item may go on; if not, it has been put aside."""
        queue = name.rsplit(self.sep, 1)[0]
        try:
            judge(item, task=not queue.endswith(".pidbox"))
        except Rubbish as rubbish:
            self._put_aside(Entry.of(item, queue, f"malformed: {rubbish}"))
            return False
        return True

    def _deliver_fanout_message(self, message: object, exchange: str) -> Any:
        try:
            check_envelope(message)
        except Rubbish as rubbish:
            item = json.dumps(message).encode()
            self._put_aside(Entry.of(item, exchange, f"malformed: {rubbish}"))
            return False
        return super()._deliver_fanout_message(message, exchange)  # type: ignore[misc]

    def basic_consume(self, queue: str, no_ack: bool, callback: Any, *args: Any, **kw: Any) -> Any:  # noqa: FBT001 - kombu's
        """Consume from `queue`, with a net below `callback`."""

        def guarded(message: Any) -> Any:
            try:
                return callback(message)
            except (*self.connection.connection_errors, *self.connection.channel_errors):
                raise
            except Exception as error:  # the edge: a message must not end the worker
                log.exception("message made Celery stumble")
                item = json.dumps(message.serializable(), default=str).encode()
                self._put_aside(Entry.of(item, queue, f"malformed: {type(error).__name__}"))
                if not no_ack and not message.acknowledged:
                    message.reject()
                return None

        return super().basic_consume(queue, no_ack, guarded, *args, **kw)

    def _put_aside(self, entry: Entry) -> None:
        with self.conn_or_acquire() as client:
            put_aside(client, entry)


class Transport(kombu_redis.Transport):
    """What celeryconfig puts in the place of kombu's `redis`."""

    Channel = Channel
