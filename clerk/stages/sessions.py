"""Special meeting, work session, …: told from names and from the heading of a first page. Pure.

Every function takes any text and never raises. The rules are written out for people in
docs/fetching.md.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from clerk.stages.naming import plain
from clerk.stages.vocabulary import (
    AGENDA,
    BETWEEN_ANY,
    BETWEEN_BODIES,
    BODY,
    FILE,
    GATHERING,
    MARKS,
    MEETINGS,
    MINUTES,
    OF_SESSION,
    REGULAR,
    SESSIONS,
    WORKSHOP,
)

HEADING = 1000
"""Characters of a first page that may be its heading."""
OF_BODY, OF_DAY = "¤", "¶"
"""Stand where a text says a body or a day: neither a word nor the end of the text."""

_GAP = r"[\s.,()\[\]-]*"
_MARKS = re.compile(rf"(?i)(?<![a-z])(?:{MARKS})(?![a-z])")
_NOTHING_SAID = re.compile(rf"(?i)\b(?:[0-9]\w*|{MINUTES}|{AGENDA}|{FILE}|[ap]\.?m)\b|[\W_]")
_ABBREVIATED = {"reg": REGULAR, "spec": "special meeting", "sp": "special meeting"}
_ABBREVIATED |= {"ws": "work session"}
_ORDER = (
    REGULAR,
    "emergency meeting",
    "work session",
    "executive session",
    "special meeting",
    "joint meeting",
)
_UNCOUNTED = frozenset({"of", "the", "for", "and", "de"})
# Where the heading ends and the business begins.
_BUSINESS = re.compile(
    r"(?i)\s*(?:[0-9]{1,2}[.)]\s|[ivx]{1,4}[.)]\s|[a-z][.)]\s|call(?:ed)?\s+to\s+order|roll\s*call"
    r"|present\b|the\s.*\b(?:met|called|convened|was)\b)"
)
_HEADING_LINES, _HEADING_WIDTH = 12, 100


def find_session(text: str, body: str = "") -> str:
    """`Special Meeting 3-5-24.pdf` -> `special meeting`; `regular meeting`; empty: not said.

    `body` is whose document it is: the words of its own name tell of no session.
    """
    return next((name for name, _ in _told(_prepared(text, body), body)), "")


def sole_session(text: str, body: str = "") -> str:
    """The session of a text that names only one: a row of two meetings tells of neither."""
    told = {name for name, _ in _told(_prepared(text, body), body)}
    return told.pop() if len(told) == 1 else ""


def session_of_heading(page: str, body: str = "") -> str:
    """What the lines above the business of a first page say, as `find_session` does."""
    return find_session(heading_of(page), body)


def heading_of(page: str) -> str:
    """The lines above the business of a first page."""
    lines = [line for line in page[:HEADING].splitlines() if line.strip()][:_HEADING_LINES]
    heading = []
    for line in lines:
        if _BUSINESS.match(line) or len(line) > _HEADING_WIDTH:
            break
        heading.append(line)
    return "\n".join(heading)


def without_session(words: str, session: str, body: str) -> str:
    """`words`, folded, without marks and body, less the session's own words where they tell it.

    What stands beside them stays: `Special Called Budget Meeting` is not `Special Meeting`.
    """
    for name, match in reversed([*_told(words, body)]):
        if name == session and match["own"]:
            words = f"{words[: match.start('own')]} {words[match.end('own') :]}"
    return words


def without_body(words: str, body: str) -> str:
    """`words`, folded, with `OF_BODY` in place of the body's name, initials or `Council`."""
    pattern = _body_pattern(body)
    return pattern.sub(OF_BODY, words) if pattern else words


def _prepared(text: str, body: str) -> str:
    return _MARKS.sub(" ", without_body(plain(text), body))


def _told(words: str, body: str) -> Iterator[tuple[str, re.Match[str]]]:
    """What is told, what wins first: whatever is held with a regular meeting, it is that one."""
    told = False
    for name, pattern in _patterns(body):
        for match in pattern.finditer(words):
            told = True
            yield name, match
    if told:
        return
    rest = _NOTHING_SAID.sub("", words).casefold()
    if rest in _ABBREVIATED:
        yield from ((_ABBREVIATED[rest], m) for m in re.finditer(rf"(?i)(?P<own>{rest})", words))


@lru_cache(maxsize=256)
def _patterns(body: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    of_body = (re.escape(word) for word in _words(body) if not re.fullmatch(OF_SESSION, word))
    between = "|".join([BETWEEN_BODIES, BETWEEN_ANY, OF_SESSION, OF_BODY, *of_body])
    held = rf"(?:{_GAP}(?:{between})){{0,5}}{_GAP}(?:{GATHERING})"
    # `Special` alone tells enough, but `Special Permit` and `Special Magistrate` tell of others.
    alone = rf"(?<=special)(?={_GAP}(?:{MINUTES}|{AGENDA}|pdf|[0-9]|{OF_DAY}|$))"
    patterns = {name: _telling(words, held) for name, words in MEETINGS.items()}
    patterns |= {name: _telling(words, rf"{_GAP}sessions?") for name, words in SESSIONS.items()}
    special = "special meeting"
    patterns[special] = _telling(MEETINGS[special], rf"(?:{held}|{_GAP}called|{alone})")
    patterns["work session"] += rf"|{WORKSHOP}"
    return tuple(
        (name, re.compile(rf"(?i)(?<![a-z])(?:{patterns[name]})(?![a-z])")) for name in _ORDER
    )


def _telling(words: tuple[str, str], held: str) -> str:
    own, synonyms = words
    return rf"(?:(?P<own>{own}){'|' + synonyms if synonyms else ''}){held}"


@lru_cache(maxsize=256)
def _body_pattern(body: str) -> re.Pattern[str] | None:
    words = _words(body)
    if not words:
        return None
    names = [r"[\W_]+".join(map(re.escape, words))]
    if len(initials := "".join(word[0] for word in words if word not in _UNCOUNTED)) > 1:
        names.append(re.escape(initials))
    names += [word for word in words if re.fullmatch(BODY, word)]
    return re.compile(rf"(?i)(?<![^\W_])(?:{'|'.join(names)})(?![^\W_])")


def _words(body: str) -> list[str]:
    return re.findall(r"[^\W_]+", plain(body).casefold())
