"""Messages that no worker can do anything with: from the quarantine to the dead letters.

The door (`quarantine.Channel`) and Celery's refusals (`refused`, `unknown`) leave an entry in
Redis, because a worker's main loop must not wait for Postgres; `store` takes the entries to the
dead letters whenever Postgres is there.
"""

import json
from collections.abc import Sequence
from typing import Any, cast

from clerk import quarantine
from clerk.quarantine import Entry
from clerk.store import dead_letters
from clerk.wiring import Services

CHUNK = 500


def store(at: Services) -> int:
    """Move what lies in quarantine to the dead letters; answers how many entries.

    An entry leaves Redis after the commit that holds it. Raises DatabaseDown or RedisError.
    """
    moved = 0
    with at.transaction() as holding:
        if not dead_letters.hold_quarantine(holding):
            return 0
        while raws := cast("list[bytes]", at.redis.lrange(quarantine.QUARANTINE, 0, CHUNK - 1)):
            _record(at, raws)
            _forget(at, raws)
            moved += len(raws)
    return moved


def _record(at: Services, raws: Sequence[bytes]) -> None:
    entries = [entry for entry in map(Entry.parse, raws) if entry is not None]
    with at.transaction() as connection:
        for entry in entries:
            dead_letters.record_poison(connection, entry.sha256, _letter(entry))


def _forget(at: Services, raws: Sequence[bytes]) -> None:
    with at.redis.pipeline(transaction=True) as pipe:
        for raw in raws:
            pipe.lrem(quarantine.QUARANTINE, 1, cast("str", raw))  # redis-py takes bytes too
        pipe.execute()


def _letter(entry: Entry) -> dead_letters.Poison:
    words = f"{entry.reason}; {entry.size} bytes in `{entry.queue}`: {entry.preview[:300]}"
    return dead_letters.Poison(
        task=entry.task[:200],
        queue=entry.queue,
        kind=entry.reason.partition(":")[0],
        error=words,
        payload={"size": entry.size, "sha256": entry.sha256, "preview": entry.preview},
    )


def unknown(at: Services, message: Any, name: str) -> None:
    """A well-formed message for a task that this version of clerk does not have."""
    _put_aside(at, message, "unknown task", name)


def refused(at: Services, message: Any, error: BaseException | None) -> None:
    """A message that Celery itself refused."""
    _put_aside(at, message, f"malformed: {error or 'no task'}", "")


def _put_aside(at: Services, message: Any, reason: str, task: str) -> None:
    item = json.dumps(message.serializable(), default=str).encode()
    queue = str((message.delivery_info or {}).get("routing_key") or "")
    quarantine.put_aside(at.redis, Entry.of(item, queue, reason, task))
