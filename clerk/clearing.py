"""Taking messages out of the broker's queues while workers and publishers go on.

A list is set aside by RENAME and comes back without the unwanted messages, a thousand at a time:
purging 5,000 of 50,000 blocks Redis for milliseconds, where one Lua call blocks it for 0.4 s. The
newest come back first, to the end that is consumed last, so the order stays. Accepted: for that
half a second the newer ones of the same priority may be taken before the older ones. What a killed
purge left aside is brought back by the next; until then the reconciler sends it again.
"""

from collections.abc import Callable, Iterator
from typing import cast

from redis.exceptions import ResponseError

from clerk import broker
from clerk.broker import Client, Message

CHUNK = 1000
ASIDE = ".clearing"

Unwanted = Callable[[bytes], bool]
"""Whether a raw list entry has to go."""


def of_site(site: str) -> Callable[[Message], bool]:
    """Messages of a site."""
    return lambda message: message.site == site


def of_runs(runs: set[str]) -> Callable[[Message], bool]:
    """Messages of some runs, the bodies of their chords included."""
    return lambda message: message.run in runs


def remove(client: Client, queue: str, unwanted: Unwanted) -> int:
    """Remove messages that wait in a queue, at all priorities; answers how many.

    One at a time: two that clear the same list would each bring back the same messages.
    """
    return sum(_clear(client, name, unwanted) for name in broker.lists(queue))


def _clear(client: Client, name: str, unwanted: Unwanted) -> int:
    aside = name + ASIDE
    removed = _bring_back(client, aside, name, unwanted)
    try:
        client.renamenx(name, aside)
    except ResponseError:  # no such list: nothing waits at this priority
        return removed
    return removed + _bring_back(client, aside, name, unwanted)


def _bring_back(client: Client, aside: str, name: str, unwanted: Unwanted) -> int:
    removed = 0
    while chunk := cast("list[bytes]", client.lrange(aside, 0, CHUNK - 1)):
        kept = [raw for raw in chunk if not unwanted(raw)]
        with client.pipeline(transaction=True) as pipe:
            pipe.ltrim(aside, len(chunk), -1)
            if kept:
                pipe.rpush(name, *kept)
            pipe.execute()
        removed += len(chunk) - len(kept)
    return removed


def drop_unacked(client: Client, wanted: Callable[[Message], bool]) -> int:
    """Forget messages that are in workers' hands; answers how many."""
    dropped = [message for message in broker.unacked(client) if wanted(message)]
    for message in dropped:
        broker.drop(client, message)
    return len(dropped)


def waiting(client: Client, queue: str) -> Iterator[bytes]:
    """Every raw entry of a queue, left where it is."""
    for name in broker.lists(queue):
        start = 0
        while chunk := cast("list[bytes]", client.lrange(name, start, start + CHUNK - 1)):
            yield from chunk
            start += CHUNK
