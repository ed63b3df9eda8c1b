"""Seeded damage: a good PDF's bytes in, a broken one's out. The same seed gives the same file.

Three kinds, as files really break and as attackers break them: flipped bits, lost tails and holes,
and swapped, repeated or dropped objects (whose offsets then no longer match the xref table).
"""

import random
import re
from collections.abc import Callable, Sequence

_OBJECT = re.compile(rb"\n(\d+ 0 obj\b.*?\nendobj)\n", re.DOTALL)
_NUMBER = re.compile(rb"-?\d+")
_HUGE = (b"0", b"-1", b"65536", b"2147483647", b"99999999999", b"1e38")


def flip_bits(content: bytes, chance: random.Random) -> bytes:
    broken = bytearray(content)
    for _ in range(chance.randint(1, 60)):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


def truncate(content: bytes, chance: random.Random) -> bytes:
    cut = chance.randrange(1, len(content))
    if chance.random() < 0.5:
        return content[:cut]
    return content[:cut] + content[cut + chance.randrange(1, 2_000) :]


def swap_objects(content: bytes, chance: random.Random) -> bytes:
    spans = [match.span(1) for match in _OBJECT.finditer(content)]
    if len(spans) < 2:
        return flip_bits(content, chance)
    (a, b), (c, d) = sorted(chance.sample(spans, 2))
    first, second = content[a:b], content[c:d]
    kind = chance.randrange(3)
    if kind == 0:  # each under the other's number
        first, second = _renumber(second, first), _renumber(first, second)
    elif kind == 1:
        first = second
    else:
        second = b""
    return content[:a] + first + content[b:c] + second + content[d:]


def change_numbers(content: bytes, chance: random.Random) -> bytes:
    spans = [match.span() for match in _NUMBER.finditer(content)]
    for start, end in sorted(chance.sample(spans, min(3, len(spans))), reverse=True):
        content = content[:start] + chance.choice(_HUGE) + content[end:]
    return content


def _renumber(body: bytes, like: bytes) -> bytes:
    return like[: like.index(b" ")] + body[body.index(b" ") :]


KINDS: Sequence[Callable[[bytes, random.Random], bytes]] = (
    flip_bits,
    truncate,
    swap_objects,
    change_numbers,
)


def mutate(content: bytes, seed: int) -> bytes:
    """One to three kinds of damage, one after the other."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        if len(content) > 1:
            content = chance.choice(KINDS)(content, chance)
    return content
