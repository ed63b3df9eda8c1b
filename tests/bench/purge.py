"""Purging 5,000 of 50,000 queued messages: `python -m tests.bench.purge`.

Real messages of ten sites lie interleaved in `ocr`; one site's are purged. Told: the time of the
whole command's function, the longest step of the server (its own slow log, in microseconds), and
whether all others are still there, in order. Required: at most 1 s, at most 50 ms.
"""

import base64
import json
import sys
import time
from dataclasses import dataclass

from redis import Redis
from sqlalchemy import text

from clerk import broker, control
from clerk.settings import Settings
from clerk.wiring import Services
from tests import servers
from tests.nodes import client_app

SITES = 10
MESSAGES = 50_000


@dataclass
class Measured:
    seconds: float
    cpu_seconds: float
    """Of our own process: what a busy machine leaves alone."""
    longest_step_ms: float
    purged: int
    intact: bool


def template(settings: Settings, redis: Redis) -> dict[str, object]:
    """A message as Celery writes it."""
    with client_app(settings) as app:
        app.send_task("clerk.ocr_page", args=("run", "key"), queue="ocr", priority=3)
    (raw,) = redis.lrange(broker.lists("ocr")[3], 0, -1)
    redis.flushdb()
    found: dict[str, object] = json.loads(raw)
    return found


def message(like: dict[str, object], number: int) -> bytes:
    site = f"site-{number % SITES}.example"
    run = f"run-{number % SITES}"
    args = [[run, f"page-{number}"], {}, {"callbacks": None, "errbacks": None, "chain": None}]
    made = json.loads(json.dumps(like))
    made["body"] = base64.b64encode(json.dumps(args).encode()).decode()
    made["headers"] |= {"site": site, "run": run, "id": f"{run}.ocr.1.page-{number}"}
    return json.dumps(made).encode()


def fill(redis: Redis, like: dict[str, object]) -> list[bytes]:
    """Oldest first."""
    made = [message(like, number) for number in range(MESSAGES)]
    for start in range(0, MESSAGES, 1000):
        redis.lpush(broker.lists("ocr")[3], *made[start : start + 1000])
    return made


def measure() -> Measured:
    with servers.running() as found:
        found.migrate_template()
        name = found.new_database()
        at = Services(Settings(redis_url=found.redis_url(0), database_url=found.database_url(name)))
        redis = at.redis
        made = fill(redis, template(at.settings, redis))
        add_site(at, "site-3.example")
        redis.config_set("slowlog-log-slower-than", 200)
        redis.slowlog_reset()
        began, worked = time.perf_counter(), time.process_time()
        done = control.purge_site(at, "site-3.example", who="bench")
        seconds, cpu = time.perf_counter() - began, time.process_time() - worked
        slow = [entry["duration"] for entry in redis.slowlog_get(100)]
        left = list(reversed(redis.lrange(broker.lists("ocr")[3], 0, -1)))
        at.close()
        kept = [raw for number, raw in enumerate(made) if number % SITES != 3]
        return Measured(seconds, cpu, max(slow, default=0) / 1000, done.purged, left == kept)


def add_site(at: Services, subdomain: str) -> None:
    with at.transaction() as connection:
        connection.execute(text("INSERT INTO sites (subdomain) VALUES (:s)"), {"s": subdomain})


def main() -> None:
    found = measure()
    took = f"{found.seconds:.2f} s ({found.cpu_seconds:.2f} s CPU)"
    print(f"purged {found.purged} of {MESSAGES} in {took}")
    print(f"longest step of the server: {found.longest_step_ms:.1f} ms")
    print(f"all others intact and in order: {found.intact}")
    ok = found.intact and found.purged == MESSAGES // SITES
    sys.exit(0 if ok and found.seconds <= 1 and found.longest_step_ms <= 50 else 1)


if __name__ == "__main__":
    main()
