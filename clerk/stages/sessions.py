"""Special meeting, work session, …: told from names and from the heading of a first page. Pure.

Every function takes any text and never raises. The rules are written out for people in
docs/fetching.md.
"""

import re

from clerk.stages.naming import plain

REGULAR = "regular meeting"
HEADING = 1000
"""Characters of a first page that may be its heading."""

_GAP = r"[\s.-]*"
_GATHERING = r"(?:meetings?|mtgs?|sessions?)"
# `Special Committee on Parks` is a body; in `Special City Council Meeting` words stand between.
_SPECIAL = (
    r"special(?!\s+(?:sub)?(?:committee|commission|board|education|districts?|projects?|events?))"
)
_SPECIAL_MEETING = (
    rf"{_SPECIAL}(?:(?:{_GAP}[a-z]+){{0,4}}?{_GAP}{_GATHERING}|{_GAP}called"
    rf"|(?={_GAP}(?:agenda|minutes|packet|[0-9]|$)))"
)
_SESSIONS = (
    # Whatever else is held with it, as `Regular Meeting and Executive Session`, it is that one.
    (REGULAR, rf"(?:regular|stated)(?:{_GAP}[a-z]+){{0,4}}?{_GAP}{_GATHERING}"),
    ("emergency meeting", rf"emergency(?:{_GAP}[a-z]+){{0,4}}?{_GAP}{_GATHERING}"),
    ("work session", rf"(?:work(?:ing)?|study){_GAP}sessions?|workshops?"),
    ("executive session", rf"(?:executive|closed){_GAP}sessions?"),
    ("special meeting", _SPECIAL_MEETING),
    ("joint meeting", rf"joint(?:{_GAP}[a-z]+){{0,4}}?{_GAP}{_GATHERING}"),
)
_PATTERNS = tuple(
    (name, re.compile(rf"(?i)(?<![a-z])(?:{pattern})(?![a-z])")) for name, pattern in _SESSIONS
)
# Where the heading ends and the business begins.
_BUSINESS = re.compile(
    r"(?i)\s*(?:[0-9]{1,2}[.)]\s|[ivx]{1,4}[.)]\s|[a-z][.)]\s|call(?:ed)?\s+to\s+order|roll\s*call"
    r"|present\b|the\s.*\b(?:met|called|convened|was)\b)"
)
_HEADING_LINES, _HEADING_WIDTH = 12, 100


def find_session(text: str) -> str:
    """`Special Meeting 3-5-24.pdf` -> `special meeting`; `regular meeting`; empty: not said."""
    words = plain(text)
    return next((name for name, pattern in _PATTERNS if pattern.search(words)), "")


def sole_session(text: str) -> str:
    """The session of a text that names only one: a row of two meetings tells of neither."""
    words = plain(text)
    told = [name for name, pattern in _PATTERNS if pattern.search(words)]
    return told[0] if len(told) == 1 else ""


def session_of_heading(page: str) -> str:
    """What the lines above the business of a first page say, as `find_session` does."""
    lines = [line for line in page[:HEADING].splitlines() if line.strip()][:_HEADING_LINES]
    heading = []
    for line in lines:
        if _BUSINESS.match(line) or len(line) > _HEADING_WIDTH:
            break
        heading.append(line)
    return find_session("\n".join(heading))


def without_session(text: str) -> str:
    """`text`, folded, without what `find_session` finds in it."""
    words = plain(text)
    for _, pattern in _PATTERNS:
        words = pattern.sub(" ", words)
    return words
