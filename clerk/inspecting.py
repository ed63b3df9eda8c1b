"""Looking closely: what is in queues and in hands, the next messages, how quick a queue is."""

import math
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from kombu.transport.redis import Channel
from redis.exceptions import RedisError
from sqlalchemy import text

from clerk import broker, clearing, enqueueing, flow, status
from clerk.celery import app
from clerk.control import refuse_unknown_queue
from clerk.model import Priority
from clerk.store import audit, dead_letters, ledger, pauses, runs
from clerk.wiring import Services

BENCH = "clerk:bench:"
"""Where benchmark jobs say when they were sent and when they ended; gone after an hour."""


# -- stats ----------------------------------------------------------------------------------------


def stats(at: Services) -> dict[str, Any]:
    """Everything that waits or is in hand, in Redis and in Postgres.

    Raises BrokerDown, DatabaseDown. `queues.*.waiting` is what `redis-cli llen` says of the queue's
    ten lists together, `unacked` what `redis-cli hlen unacked` says.
    """
    try:
        queues = {queue: _depths(at, queue) for queue in status.queues(at)}
        unacked = at.redis.hlen(Channel.unacked_key)
    except RedisError as error:
        raise status.broker_down(at, error) from error
    with at.transaction() as connection:
        return {
            "queues": queues,
            "unacked": unacked,
            "paused": sorted(pauses.names(connection)),
            "rows": {
                work.value: {"waiting": waiting, "working": working}
                for work, (waiting, working) in ledger.outstanding(connection).items()
            },
            "runs": len(runs.in_flight(connection)),
            "dead_letters": int(dead_letters.fingerprint(connection).partition(":")[0]),
            "workers": [
                dict(row)
                for row in connection.execute(
                    text("SELECT name, queues, processes, seen_at FROM workers ORDER BY name")
                ).mappings()
            ],
            "completed_last_hour": connection.execute(
                text("""
                    SELECT count(*) FROM job_tracking
                    WHERE status = 'completed' AND finished_at > now() - interval '1 hour'
                """)
            ).scalar_one(),
        }


def _depths(at: Services, queue: str) -> dict[str, Any]:
    with at.redis.pipeline(transaction=False) as pipe:
        for name in broker.lists(queue):
            pipe.llen(name)
        found = dict(zip(broker.STEPS, pipe.execute(), strict=True))
    by_priority = {str(step): count for step, count in found.items() if count}
    return {"waiting": sum(found.values()), "by_priority": by_priority}


# -- peek -----------------------------------------------------------------------------------------


def peek(at: Services, queue: str, count: int) -> list[dict[str, Any]]:
    """The next `count` messages that workers will take, first one first; they stay where they are.

    Raises InvalidInput for an unknown queue, BrokerDown.
    """
    refuse_unknown_queue(at, queue)
    found: list[dict[str, Any]] = []
    try:
        for step, name in zip(broker.STEPS, broker.lists(queue), strict=True):
            if len(found) == count:
                break
            raw = cast("list[bytes]", at.redis.lrange(name, len(found) - count, -1))
            found += [_shown(each, queue, step) for each in reversed(raw)]
    except RedisError as error:
        raise status.broker_down(at, error) from error
    return found


def _shown(raw: bytes, queue: str, step: int) -> dict[str, Any]:
    message = broker.decode(raw, queue)
    if message is None:
        return {"id": None, "task": "(not a Celery message)", "bytes": len(raw), "priority": step}
    return {
        "id": message.id,
        "task": message.task,
        "site": message.site or None,
        "run": message.run or None,
        "priority": step,
        "eta": message.eta.isoformat() if message.eta else None,
        # What a message carries may be anybody's; how much it is says enough.
        "args": f"({len(message.args)} redacted)",
    }


# -- bench ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """How quick a queue was. Latencies are seconds from sending to the job's own end."""

    queue: str
    priority: int
    sent: int
    finished: int
    throughput: float
    """Jobs a second, from the first sending to the last end."""
    p50: float | None
    p95: float | None


def bench(
    at: Services,
    queue: str,
    *,
    who: str,
    count: int = 2000,
    rate: float = 1000.0,
    timeout: float = 60.0,
    priority: Priority | None = None,
) -> Bench:
    """Send jobs that do nothing through `queue`, at step 9 unless a class is given.

    Takes part of the workers' time and touches no site. What has not ended after `timeout` seconds
    is taken out of the queue again. Clocks of worker hosts have to agree with ours.
    Raises InvalidInput, StopRequested, BrokerDown.
    """
    refuse_unknown_queue(at, queue)
    enqueueing.ping(at)
    enqueueing.refuse_under_stop(at)
    step = flow.BENCH_STEP if priority is None else flow.CLASS_STEP[priority]
    mark = secrets.token_hex(6)
    try:
        began = time.time()
        sent = _send(mark, queue, step, count, rate, deadline=began + timeout)
        ended = _collect(at, mark, sent, deadline=began + timeout)
        if len(ended) < sent:
            needle = f'"bench.{mark}.'.encode()
            clearing.remove(at.redis, queue, lambda raw: needle in raw)
        at.redis.delete(BENCH + mark)
    except RedisError as error:
        raise status.broker_down(at, error) from error
    with at.transaction() as connection:
        audit.record(connection, who=who, action="bench", target=queue, count=sent)
    waits = sorted(end - start for start, end in ended)
    last = max((end for _, end in ended), default=began)
    return Bench(
        queue=queue,
        priority=step,
        sent=sent,
        finished=len(ended),
        throughput=len(ended) / (last - began) if last > began else 0.0,
        p50=_percentile(waits, 50),
        p95=_percentile(waits, 95),
    )


def _send(mark: str, queue: str, step: int, count: int, rate: float, *, deadline: float) -> int:
    began = time.time()
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(count):
            due = began + number / rate
            if (early := due - time.time()) > 0:
                time.sleep(early)
            if time.time() > deadline:
                return number
            app.send_task(
                "clerk.noop",
                args=(mark, time.time()),
                task_id=f"bench.{mark}.{number}",
                queue=queue,
                priority=step,
                producer=producer,
                ignore_result=True,
            )
    return count


def _collect(at: Services, mark: str, sent: int, *, deadline: float) -> list[tuple[float, float]]:
    """(sent, ended) of every job, as the jobs themselves wrote it."""
    while at.redis.llen(BENCH + mark) < sent and time.time() < deadline:
        time.sleep(0.05)
    lines = cast("list[bytes]", at.redis.lrange(BENCH + mark, 0, -1))
    pairs = [line.decode().split(",") for line in lines]
    return [(float(start), float(end)) for start, end in pairs]


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Nearest rank: the smallest value that `percent` % of all do not exceed."""
    if not ordered:
        return None
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


def bench_json(found: Bench) -> dict[str, Any]:
    """For programs."""
    return asdict(found)
