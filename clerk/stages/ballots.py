"""A table of who voted how: a line for each member, a mark below one of the options.

The marks count only where each stands below one heading and nowhere else: columns that were
printed askew, or read so, tell nothing.
"""

import re
from dataclasses import dataclass

from clerk.stages.names import person

_MOST_ROWS = 25
_WORDS = {
    "yes": ("aye", "ayes", "yea", "yeas", "yes", "for"),
    "no": ("nay", "nays", "no", "noes", "against"),
    "abstain": ("abstain", "abstained", "abstention"),
    "absent": ("absent", "excused"),
    "recused": ("recuse", "recused"),
}
_OPTIONS = {word: option for option, words in _WORDS.items() for word in words}
_HEAD = re.compile(
    r"(?im)^[^\n]{0,120}?\b(?:ayes?|yeas?|yes)\b[ |]{1,40}+(?:nays?|no|noes)\b[^\n]{0,120}+\n"
)
_WORD = re.compile(r"\w+")
_CELL = re.compile(r"[^\n|]{2,60}?(?=[ .]{2}|[ ]?\||[ ]{0,9}(?:\n|\Z))")
_NAME = re.compile(person("name"))
_SKIPPED = re.compile(r"[ |]*\n")
_MARK = re.compile(r"(?<![^ |])(?:[xX\u2713\u2714\u221a]|\*)(?![^ |\n])")
_BESIDE = re.compile(
    r"(?:[ |.]|[xX*\u2713\u2714\u221a](?!\w)|(?i:1st|2nd|first|second|[ms])(?!\w))*"
)
"""What may stand behind a name: marks, and who moved and seconded."""
_ASKEW = 2
"""Characters by which a mark may miss its heading."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A member's line: the name at [start, end) of the text, and the option that is marked."""

    name: str
    option: str
    start: int
    end: int


def find_ballot(text: str) -> tuple[list[Marked], list[str], int] | None:
    """The first table's lines, the options it has columns for, and where it ends.

    None: there is no table, or one of its lines cannot be told.
    """
    head = _HEAD.search(text)
    if head is None:
        return None
    columns = [
        (_OPTIONS.get(word[0].casefold()), word.start() - head.start(), word.end() - head.start())
        for word in _WORD.finditer(text, head.start(), head.end())
    ]
    marked: list[Marked] = []
    at = head.end()
    for _ in range(_MOST_ROWS):
        if blank := _SKIPPED.match(text, at):
            at = blank.end()
            continue
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        cell = _CELL.match(text, at + _margin(text, at, line_end), line_end)
        name = _NAME.fullmatch(text, *cell.span()) if cell else None
        if name is None or _BESIDE.fullmatch(text, name.end(), line_end) is None:
            break
        found = _option_of(text, name.end(), line_end, at, columns)
        if found is None:
            return None
        if found:
            marked.append(Marked(name["name"], found, *name.span("name")))
        at = line_end + 1
    options = [option for option, _, _ in columns if option]
    return (marked, options, min(at, len(text))) if len(marked) > 1 else None


def _margin(text: str, start: int, stop: int) -> int:
    return len(text[start:stop]) - len(text[start:stop].lstrip(" |"))


def _option_of(
    text: str, start: int, stop: int, line: int, columns: list[tuple[str | None, int, int]]
) -> str | None:
    """The option whose heading the line's mark stands below; "" for no mark, None: unclear."""
    below = []
    for mark in _MARK.finditer(text, start, stop):
        at = mark.start() - line
        hits = [o for o, low, high in columns if low - _ASKEW <= at < high + _ASKEW]
        if len(hits) != 1:
            return None
        below.append(hits[0] or "")
    options = [option for option in below if option]
    # A mark beside who moved alone leaves open how they voted.
    return None if len(options) > 1 or (below and not options) else "".join(options)
