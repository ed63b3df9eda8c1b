"""What workers lack (an OCR engine, a language's data): since when, as all of them know it.

One key in Redis for each thing: the first who meets the lack writes it, whoever finds the thing
there after all removes it. Time is Redis's own, because hosts' clocks differ. What nobody met for
FORGOTTEN is forgotten, so that the next run is patient again.
"""

import json
from dataclasses import dataclass
from typing import Any

import structlog
from redis.exceptions import RedisError

from clerk.adapters import redis_once
from clerk.keys import digest

log = structlog.get_logger(__name__)

PREFIX = "clerk:lacking:"
FORGOTTEN = 900.0
"""Seconds; several times what anybody waits between two looks."""
_SECONDS = 1.0  # of patience with Redis


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing, in the words of the first who missed it, and for how many seconds."""

    what: str
    age: float


class Lacking:
    """All lacks of an installation, by name."""

    def __init__(self, url: str) -> None:
        self._redis = redis_once.connect(url, _SECONDS)

    def met(self, name: str, what: str) -> Lack | None:
        """This process lacks `name`; `what` is for people. None: Redis is away."""
        key = _key(name)
        try:
            now = self._now()
            with self._redis.pipeline() as pipe:
                pipe.set(key, json.dumps([now, what]), nx=True)
                pipe.pexpire(key, int(FORGOTTEN * 1000))
                pipe.get(key)
                raw = pipe.execute()[-1]
            return self._lack(key, raw, now)
        except (RedisError, OSError) as error:
            log.warning("lack unknown", name=name, error=str(error)[:200])
            return None

    def over(self, name: str) -> None:
        """This process has `name`: whatever others met is no reason to give anything up."""
        try:
            if self._redis.unlink(_key(name)):
                log.info("no longer lacking", name=name)
        except (RedisError, OSError) as error:
            log.warning("lack unknown", name=name, error=str(error)[:200])

    def _now(self) -> float:
        seconds, micros = self._redis.time()
        return float(seconds) + float(micros) / 1e6

    def _lack(self, key: str, raw: bytes | None, now: float) -> Lack:
        try:
            since, what = json.loads(raw or b"null")
            return Lack(str(what), max(now - float(since), 0.0))
        except (ValueError, TypeError):  # rubbish would be kept alive for ever
            self._redis.unlink(key)
            return Lack("", 0.0)


def _key(name: str) -> Any:
    return PREFIX + digest("lacking", name)
