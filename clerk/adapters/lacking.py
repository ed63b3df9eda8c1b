"""What workers lack (an OCR engine, a language's data): since when and who, as all of them know it.

One hash in Redis for each thing: the first who meets the lack begins it, everybody who meets it is
noted there, whoever finds the thing there after all removes it. Time is Redis's own, because hosts'
clocks differ. What nobody met for FORGOTTEN is forgotten, so that the next run is patient again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from redis.exceptions import RedisError, ResponseError

from clerk.adapters import redis_once
from clerk.keys import digest

log = structlog.get_logger(__name__)

PREFIX = "clerk:lacking:"
FORGOTTEN = 900.0
"""Seconds; several times what anybody waits between two looks."""
SINCE, WHAT, WHO = "since", "what", "who "
"""Fields of the hash; WHO is followed by a worker's name."""
_SECONDS = 1.0  # of patience with Redis


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing, in the words of the first who missed it, and for how many seconds."""

    what: str
    age: float
    who: frozenset[str]
    """The workers that missed it since."""


class Lacking:
    """All lacks of an installation, by name."""

    def __init__(self, url: str) -> None:
        self._redis = redis_once.connect(url, _SECONDS)

    def met(self, name: str, what: str, who: str) -> Lack | None:
        """The worker `who` lacks `name`; `what` is for people. None: Redis is away."""
        key = _key(name)
        try:
            now = self._now()
            with self._redis.pipeline() as pipe:
                pipe.hsetnx(key, SINCE, str(now))
                pipe.hsetnx(key, WHAT, what)
                pipe.hset(key, WHO + who, "1")
                pipe.pexpire(key, int(FORGOTTEN * 1000))
                pipe.hgetall(key)
                raw = pipe.execute()[-1]
            return _lack(raw, now)
        except (ResponseError, ValueError) as error:  # rubbish would be kept alive for ever
            log.warning("lack unreadable", name=name, error=str(error)[:200])
            self.over(name)
            return Lack(what, 0.0, frozenset([who]))
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


def _lack(raw: Mapping[bytes, bytes], now: float) -> Lack:
    """Raises ValueError for what is no lack."""
    said = {name.decode(): value.decode() for name, value in raw.items()}
    who = frozenset(name.removeprefix(WHO) for name in said if name.startswith(WHO))
    return Lack(said.get(WHAT, ""), max(now - float(said.get(SINCE, "")), 0.0), who)


def _key(name: str) -> Any:
    return PREFIX + digest("lacking", name)
