"""Journals that print a tally below each bill, and no mover: `Ord. No. 5. … Passed. Yeas 9`.

A bill runs from its own number at a line's start to the next one's. Its vote is the first tally
with a result, or else the last one; a tally on suspending the rules is neither.
"""

import re
from dataclasses import dataclass
from itertools import zip_longest

from clerk.stages.pages_text import sentence_end

_LONGEST = 60_000
"""Characters: no bill that is printed in full is longer."""
_TITLE = 600
_BILL = re.compile(
    r"(?m)^[ ]{0,60}+(?:\d{1,3}[.)][ ]{1,10}+)?"
    r"(?P<bill>(?i:ord(?:inance|\.)?|res(?:olution|\.)?|bill|file)[ ]{1,3}+(?i:no\.?[ ]?)?"
    r"(?P<number>[A-Z]{0,3}-?\d[\w-]{0,15}))"
)
_GOES_ON = re.compile(r"[a-z,:;]\s{1,60}+\Z")
"""The number stands inside a sentence, or below what introduces it."""
_RESULT = (
    r"(?:passed|adopted|approved|confirmed|concurred\s+in|enacted|failed|defeated|rejected|lost)"
)
_YEAS = r"(?:yeas?|ayes?)\s*:?\s*\d{1,3}\s*[.,;]?\s+(?:and\s+)?(?:nays?|noes)\s*:?\s*\d"
_TALLY = re.compile(rf"(?i)(?P<result>(?<!\w){_RESULT}\s*[.,:;-]\s*)?(?<!\w){_YEAS}")
_BY = re.compile(r"\.?\s{1,60}By\s")
_SUSPENDED = re.compile(r"(?i)\bsuspen(?:d|ded|sion)\b")


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill with its vote; offsets into the text."""

    number: str
    start: int
    text_end: int
    """Where its number, sponsors and title end."""
    tally: int
    end: int


def find_bills(text: str) -> list[Bill]:
    """Every bill that ends in a printed tally, in order."""
    heads = [
        m for m in _BILL.finditer(text) if not _GOES_ON.search(text, m.start() - 62, m.start())
    ]
    found = (
        _bill(text, head, following.start() if following else len(text))
        for head, following in zip_longest(heads, heads[1:])
    )
    return [bill for bill in found if bill is not None]


def _bill(text: str, head: re.Match[str], end: int) -> Bill | None:
    start, end = head.start("bill"), min(end, head.start() + _LONGEST)
    tally = _tally(text, start, end)
    if tally is None:
        return None
    text_end = _title_end(text, head.end(), min(tally, start + _TITLE))
    return Bill(head["number"], start, text_end, tally, end)


def _tally(text: str, start: int, end: int) -> int | None:
    last = None
    for match in _TALLY.finditer(text, start, end):
        if match["result"]:
            return match.start()
        if not _SUSPENDED.search(text, max(start, match.start() - 60), match.start()):
            last = match.start()
    return last


def _title_end(text: str, start: int, limit: int) -> int:
    """Behind the first sentence that is not the number or the sponsors."""
    sponsors = _BY.match(text, start, limit)
    if sponsors:
        start = sentence_end(text, sponsors.end(), limit)
    return sentence_end(text, min(start + 1, limit), limit)
