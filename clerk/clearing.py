"""Taking messages out of the broker's queues while workers and publishers go on.

A list is set aside by RENAME and comes back without the unwanted messages, a thousand at a time:
purging 5,000 of 50,000 blocks Redis for milliseconds, where one script for all blocks it 0.4 s. The
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


# Entries that stay need not travel to us and back.
_MOVE = """
local entries = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
local unwanted = {}
for i = 2, #ARGV do unwanted[tonumber(ARGV[i])] = true end
local kept = {}
for i, entry in ipairs(entries) do
  if not unwanted[i] then kept[#kept + 1] = entry end
end
if #kept > 0 then redis.call('RPUSH', KEYS[2], unpack(kept)) end
redis.call('LTRIM', KEYS[1], #entries, -1)
"""


def _bring_back(client: Client, aside: str, name: str, unwanted: Unwanted) -> int:
    removed = 0
    while chunk := cast("list[bytes]", client.lrange(aside, 0, CHUNK - 1)):
        numbers = [number for number, raw in enumerate(chunk, start=1) if unwanted(raw)]
        client.eval(_MOVE, 2, aside, name, len(chunk), *numbers)
        removed += len(numbers)
    return removed


def drop_unacked(client: Client, wanted: Callable[[Message], bool]) -> int:
    """Forget messages that are in workers' hands; answers how many."""
    dropped = [message for message in broker.unacked(client) if wanted(message)]
    for message in dropped:
        broker.drop(client, message.tag)
    return len(dropped)


def waiting(client: Client, queue: str) -> Iterator[bytes]:
    """Every raw entry of a queue, left where it is."""
    for name in broker.lists(queue):
        start = 0
        while chunk := cast("list[bytes]", client.lrange(name, start, start + CHUNK - 1)):
            yield from chunk
            start += CHUNK
