"""What the names of a document say of it: which version it is, and what else. Pure.

Names are its title and its place at the source. Two documents may be versions of one another only
if their names are the same but for marks (`draft`, `v2`), the day, the body, the session and words
that any file may bear. A word too many in the comparison shows a vote twice; a word too few would
lose the votes of another meeting.
"""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from clerk.stages.dating import without_day
from clerk.stages.naming import plain
from clerk.stages.sessions import OF_DAY, without_body, without_session
from clerk.stages.vocabulary import (
    AGENDA,
    APPROVED,
    DRAFT,
    ERRATA,
    FILE,
    GATHERING,
    MARKS,
    MINUTES,
    OF_SESSION,
    REVISED,
    SMALL,
    VERSION,
    WORKSHOP,
)

_COMMON = rf"{MINUTES}|{AGENDA}|{GATHERING}|{FILE}|{SMALL}"
# In `Proposed Budget Hearing` and `Final Budget Hearing` the words tell of budgets, not of papers.
_MARK = re.compile(
    rf"(?i)(?<![a-z])(?:(?P<draft>{DRAFT})|(?P<approved>{APPROVED})|(?P<revised>{REVISED}|{ERRATA})"
    rf"|(?P<version>{VERSION})|{MARKS})(?![a-z])"
    rf"(?!(?:\s+|-)(?!(?:{_COMMON}|{MARKS}|{OF_SESSION}|{WORKSHOP})(?![a-z]))[^\W\d_])"
)
_COMMON_WORD = re.compile(rf"(?i)(?<![^\W_])(?:{_COMMON})(?![^\W_])")
_WEEKDAYS = (
    ("monday", "mon"),
    ("tuesday", "tue", "tues"),
    ("wednesday", "wed"),
    ("thursday", "thu", "thur", "thurs"),
    ("friday", "fri"),
    ("saturday", "sat"),
    ("sunday", "sun"),
)
_HOST = re.compile(r"(?i)^[a-z][a-z0-9+.-]*://[^/?]*")


@dataclass(frozen=True, slots=True)
class Name:
    """What the names of a document say."""

    marks: frozenset[str]
    """Of the part that has any, the nearest to the file."""
    strength: tuple[int, bool, int]
    """Approved, told nothing of, or draft; whether revised; its number."""
    title: tuple[str, ...]
    """The other words of its title."""
    place: tuple[str, ...]
    """The other words of its file name and folders."""


def read_name(title: str, place: str, *, body: str, day: date, session: str) -> Name:
    """Read the title and the place (a path or a URL, whose host does not count).

    `session` is the one that was found, whose own words are of no interest any more.
    """
    path, _, query = _HOST.sub("", place).partition("?")
    # A folder may be called 2024; the day may go over several, as in `2024/March/5.pdf`.
    folders = [part for part in unquote(path).split("/") if part != str(day.year)]
    parts = [_folded(part, body, day) for part in (title, "/".join(folders))]
    marks, strength = _marks([parts[0], *reversed(parts[1].split("/"))])
    words = [_other_words(part, body, day, session) for part in (*parts, plain(unquote(query)))]
    return Name(marks, strength, words[0], words[1] + words[2])


def _folded(text: str, body: str, day: date) -> str:
    return without_body(without_day(plain(text), day, OF_DAY), body)


def _marks(parts: list[str]) -> tuple[frozenset[str], tuple[int, bool, int]]:
    for part in parts:
        if marks := list(_MARK.finditer(part)):
            said = {mark.lastgroup for mark in marks}
            numbers = [int(re.sub(r"\D", "", mark["version"])) for mark in marks if mark["version"]]
            standing = 1 + ("approved" in said) - ("draft" in said)
            words = frozenset(mark[0].casefold() for mark in marks)
            return words, (standing, "revised" in said, max(numbers, default=0))
    return frozenset(), (1, False, 0)


def _other_words(words: str, body: str, day: date, session: str) -> tuple[str, ...]:
    words = without_session(_MARK.sub(" ", words), session, body)
    found = re.findall(r"[^\W_]+", _COMMON_WORD.sub(" ", words).casefold())
    return tuple(word for word in found if word not in _WEEKDAYS[day.weekday()])
