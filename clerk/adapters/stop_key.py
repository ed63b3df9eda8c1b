"""The emergency stop: one key in Redis whose existence stops all work.

`redis-cli set EMERGENCY_STOP 1` is enough, from any machine that reaches Redis; what clerk itself
writes there is JSON that says who, why and when. A Redis that cannot be reached is not a stop.
"""

import getpass
import json
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import cast

import structlog
from redis.exceptions import RedisError, ResponseError

from clerk.adapters import redis_once

log = structlog.get_logger(__name__)

_SECONDS = 2.0
"""What a look may take; a Redis that is slower than this says nothing."""
AWAY = 5.0
"""After a look that failed the next ones answer `no` at once for so many seconds."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stopped everything, why and when; empty where the key does not say."""

    by: str = ""
    reason: str = ""
    at: str = ""

    def __str__(self) -> str:
        """` by ana@ops1 since 2026-01-05T10:00:00+00:00: disk full`, as far as known."""
        by = f" by {self.by}" if self.by else ""
        since = f" since {self.at}" if self.at else ""
        return f"{by}{since}" + (f": {self.reason}" if self.reason else "")


class StopKey:
    """The key, on a connection of its own that never waits long."""

    def __init__(self, url: str, key: str) -> None:
        """Nothing is opened yet. `url` is the broker's."""
        self.key = key
        self._redis = redis_once.connect(url, _SECONDS)
        self._seen = False
        self._looked = float("-inf")
        self._away_until = float("-inf")

    def read(self) -> Stop | None:
        """What the key says; None: no stop. Raises RedisError when Redis is away."""
        try:
            written = cast("bytes | None", self._redis.get(self.key))
        except ResponseError:  # it exists, and is a list or a hash: existing is what counts
            return Stop()
        return None if written is None else _parse(written)

    def is_on(self, *, within: float = 0.0) -> bool:
        """Whether work has to stop, as of at most `within` seconds ago; False if Redis is away."""
        now = time.monotonic()
        if now < self._away_until:
            return False
        if within and now - self._looked < within:
            return self._seen
        try:
            self._seen = self.read() is not None
        except (RedisError, OSError) as error:
            log.warning("emergency stop unknown", error=str(error))
            self._seen, self._away_until = False, now + AWAY
        self._looked = now
        return self._seen

    def set(self, reason: str, by: str | None = None) -> Stop:
        """Stop everything. Raises RedisError."""
        stop = Stop(
            by=by or somebody(), reason=reason, at=datetime.now(UTC).isoformat(timespec="seconds")
        )
        self._redis.set(self.key, json.dumps(asdict(stop)))
        return stop

    def clear(self) -> bool:
        """Let work go on; False: there was no stop. Raises RedisError."""
        return bool(self._redis.delete(self.key))


def _parse(written: bytes) -> Stop:
    try:
        found = json.loads(written)
        return Stop(**{name: str(found[name]) for name in Stop.__slots__ if found.get(name)})
    except (ValueError, AttributeError, TypeError):
        return Stop()


def somebody() -> str:
    """`user@host` of whoever runs this process, for the audit trail."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
