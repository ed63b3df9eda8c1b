"""Kind and governing body, told from file names, folder names, link texts and headings. Pure.

Every function takes any text and never raises; input beyond `MAX_TEXT` characters is not looked at,
which also bounds the time. The rules are written out for people in docs/fetching.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import takewhile

from clerk.model import DocumentKind
from clerk.stages.vocabulary import (
    AGENDA,
    APPROVED,
    ATTACHMENT,
    BETWEEN_BODIES,
    BODY,
    COPY,
    DRAFT,
    FILE,
    GATHERING,
    MINUTES,
    MONTH,
    NOTICE,
    OF_MEETING,
    OF_SESSION,
    OTHER_PAPER,
    REVISED,
    SUMMARY,
    WORKSHOP,
)

MAX_TEXT = 4096
MAX_NAME = 120
NAMELESS_BODY = "Governing Body"
"""Where neither the source nor the site's options name one: true of every document."""

# The links of a page share rows and headings, each asked for kind, date and body: 8 MB at most.
_REMEMBERED = 1024

# Marks that turn the direction of text or hide in it; a name that carries them shows as another.
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")


def clean(text: str, limit: int = MAX_NAME) -> str:
    """One printable line of at most `limit` characters: fit for a table, a page and a database.

    Control characters, lone surrogates and direction marks go; any run of white space becomes one
    blank; letters are composed (NFC).
    """
    text = _HIDDEN.sub("", text[: 4 * limit])
    kept = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))[:limit].strip()


@lru_cache(maxsize=_REMEMBERED)
def plain(text: str) -> str:
    """`text` as the patterns expect it: folded (NFKC), `_` and `%20` opened up, CamelCase split."""
    folded = unicodedata.normalize("NFKC", text[:MAX_TEXT])[:MAX_TEXT]
    opened = folded.replace("%20", " ").replace("+", " ").replace("_", "-")
    return _CAMEL.sub(" ", opened)


# -- kind ----------------------------------------------------------------------------------------

_KIND = re.compile(rf"(?i)(?<![a-z])(?:(?P<minutes>{MINUTES})|(?P<agenda>{AGENDA}))(?![a-z])")
_BOTH = re.compile(
    rf"(?i)(?<![a-z])(?:(?:{MINUTES})|(?:{AGENDA}))[\s,/&-]{{1,3}}(?:and|or|y)?[\s,/&-]{{0,3}}"
    rf"(?:(?:{MINUTES})|(?:{AGENDA}))(?![a-z])"
)


def find_kind(text: str) -> DocumentKind | None:
    """Agenda or minutes, by the first word that says so; None for none or `Agendas & Minutes`."""
    words = plain(text)
    kinds = [DocumentKind(match.lastgroup or "") for match in _KIND.finditer(words)]
    if len(set(kinds)) > 1 and _says_both(words):
        return None
    return kinds[0] if kinds else None


def sole_kind(text: str) -> DocumentKind | None:
    """The kind of a text that names only one: a row that offers both does not tell of each link."""
    kinds = {DocumentKind(match.lastgroup or "") for match in _KIND.finditer(plain(text))}
    return kinds.pop() if len(kinds) == 1 else None


def without_kind(text: str) -> str:
    """`text`, opened up, without the words that say agenda or minutes."""
    return _KIND.sub(" ", plain(text))


_CONNECTOR = r"of|the|for|and|&|on|at|in|an?|to|by|from|with|de|la|el|y"
# `Ordinance Review Committee` is a body, `Presentation to the Committee` is not.
_OF_BODY = rf"(?=(?:[\s-]+(?!(?:{_CONNECTOR})(?![a-z]))[a-z&]+){{0,2}}[\s-]+(?:{BODY})(?![a-z]))"
_NEVER_AGENDA = re.compile(rf"(?i)(?<![a-z])(?:{OTHER_PAPER})(?![a-z])(?!{_OF_BODY})")
_ATTACHMENT = re.compile(rf"(?i)(?<![a-z])(?:{ATTACHMENT})(?![a-z])")
_NOTICE_OR_SUMMARY = re.compile(
    rf"(?i)(?<![a-z])(?:(?P<agenda>{NOTICE})|(?P<minutes>{SUMMARY}))(?![a-z])(?!{_OF_BODY})"
)


def is_other_paper(text: str) -> bool:
    """Whether `text` says that it is a flyer, a report, …: the row or the heading is not of it."""
    words = plain(text)
    return bool(_NEVER_AGENDA.search(words) or _NOTICE_OR_SUMMARY.search(words))


def is_other_file(name: str) -> bool:
    """Whether a file's name says that it is a flyer, an attachment, …; a notice may be more."""
    return _NEVER_AGENDA.search(plain(name)) is not None


def is_attachment(text: str) -> bool:
    """Whether `text` says that it is an attachment: no folder or column tells it to be more."""
    return _ATTACHMENT.search(plain(text)) is not None


def kind_in_place(text: str) -> DocumentKind | None:
    """What a notice or a summary is where there is nothing else: the agenda, or the minutes.

    None for any other paper, also for `Summary Report` and `Notice of Hearing`.
    """
    words = plain(text)
    said = {match.lastgroup for match in _NOTICE_OR_SUMMARY.finditer(words)}
    if len(said) != 1 or _NEVER_AGENDA.search(words):
        return None
    return DocumentKind(said.pop() or "")


def _says_both(words: str) -> bool:
    return any(
        len({match.lastgroup for match in _KIND.finditer(found[0])}) > 1
        for found in _BOTH.finditer(words)
    )


# -- governing body --------------------------------------------------------------------------------

_BODY_WORD = re.compile(rf"(?i)(?<![a-z])(?:{BODY})(?![a-z])")
_LABELS = frozenset({"committee", "committees"})
_ALONE = frozenset({"selectboard", "selectmen", "aldermen", "supervisors", "trustees"})
_ACRONYM = re.compile(r"[A-Z]{2,6}")

# What a file name says besides its body: phrases first, then single words.
_NOISE_PHRASES = re.compile(
    r"(?i)(?<![a-z])(?:"
    rf"public hearings?|(?:{OF_SESSION}|open|budget)\s+sessions?"
    rf"|(?:{OF_MEETING}|annual|organizational|called|virtual|rescheduled|cancell?ed)\s+"
    r"(?:called\s+)?(?:meetings?|mtgs?)"
    rf"|(?:special|emergency)(?=(?:\s+(?:{BETWEEN_BODIES})){{1,5}}\s+(?:{GATHERING})(?![a-z]))"
    r"|special(?=\s*(?:agenda|minutes|packet|-|$))"
    r"|(?:posted|published|updated|uploaded|approved|adopted)\s+on"
    r"|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s?[ap]\.?m\.?)?"
    r"|[0-9]{1,2}\s?[ap]\.?m\.?|[0-9][0-9.,]*\s?[kmg]i?b"
    r")(?![a-z])"
)
_NOISE = re.compile(
    r"(?i)[0-9][0-9.,]*(?:st|nd|rd|th)?|v[0-9]+"
    rf"|{DRAFT}|{APPROVED}|{REVISED}|{COPY}|{FILE}|{WORKSHOP}|meetings?|mtgs?|regular|stated"
    r"|ordinary|extra-?ordinary|extra|late|held"
    r"|cancellations?|virtual"
    r"|next|previous|current|upcoming|past|years?|cancell?ed|retreat|addendum|supplement(?:al|ary)|video|audio"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun"
)
# Papers, but not in `Library Materials Committee` and `General Plan Update Advisory Committee`.
_PAPER = re.compile(r"(?i)notices?|reports?|updates?|materials?|dashboards?|letters?|schedules?")
_ENDING = re.compile(r"(?i)\.pdf(?![a-z])")
# Where they meet, which may say council or board.
_STREETS = r"street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|highway|hwy|parkway|pkwy"
_PLACE = re.compile(
    rf"(?i)(?<![a-z])(?:(?:(?:{BODY})[\s-]+)?(?:chambers?(?!\s+of\s)|board-?rooms?)"
    rf"|(?:(?:{BODY}|conference|meeting|hearing|court)[\s-]+)rooms?|(?:rooms?|suite|ste)\s+#?[0-9]+"
    r"|(?:[0-9]{1,2}(?:st|nd|rd|th)|first|second|third|ground|main|lower)\s+floor"
    # To the end or a comma: the year of `2024 Kent County Road Commission` is no house's number.
    rf"|(?<![0-9])[0-9]+\s(?:[nsew]\.?\s)?(?:[a-z]+\s){{1,3}}(?:{_STREETS})\.?(?=\s*(?:,|$)))"
    r"(?![a-z])"
)
# `Advisory Board July 2024`, `January Board Meeting`, but not `June Lake Advisory Board`, and no
# town that is called by a month.
_LOOSE_MONTH = re.compile(
    rf"(?i)(?<![a-z])(?<!cape\s)(?<!del\s)(?<!of\s)(?:{MONTH})(?![a-z])\.?(?=[\s.,-]*(?:[0-9’']|$|(?:{BODY})(?![a-z])))"
)
_CONNECTORS = re.compile(rf"(?i){_CONNECTOR}")
# What a sentence says and no body's name does.
_SENTENCE = re.compile(
    r"(?i)(?<![a-z])(?:is|are|was|were|been|be|please|this|these|you|your|soon|available)(?![a-z])"
)
_ASIDE = re.compile(rf"(?<![a-z])(?:for|to|by|from|with|on|at)\s+(?:the\s+)?(?:{BODY})(?![a-z])")
_MAX_WORDS = 9
_ANY_DATE = re.compile(
    rf"(?i)(?<![a-z])(?:{MONTH})(?![a-z])\.?[\s.,-]{{0,3}}[0-9]{{1,2}}(?![0-9])(?:st|nd|rd|th)?"
    rf"(?:[\s.,-]{{1,4}}[0-9]{{4}})?"
    rf"|(?<![a-z0-9])[0-9]{{1,2}}(?:st|nd|rd|th)?[\s.,-]{{0,3}}(?:{MONTH})(?![a-z])"
    rf"(?:[\s.,-]{{1,4}}[0-9]{{4}})?"
    rf"|(?<![0-9])[0-9]{{4}}[\s./-](?:{MONTH})(?![a-z])"
)
_SEGMENTS = re.compile(r"[\n|•·»›:;()\[\]]|\s[-–—]\s")
_WORDS = re.compile(r"[^\W_]+(?:['’.&][^\W_]+)*,?|&")


def body_named(text: str, *, alone: bool = False) -> str | None:
    """The governing body that `text` names outright (it says council, board, commission, …).

    Looks at the parts between line ends, bars, dashes, colons and brackets, first match first.
    `alone` accepts a bare `Board`, which may be any board; a bare `Committee` only where nothing
    else is named, because it may be what the next line is called.
    """
    bare = None
    for part in _SEGMENTS.split(_BOTH.sub("|", text[:MAX_TEXT])):
        rest = _rest(part)
        named = _BODY_WORD.search(rest) and _names_one(rest.split(), alone=alone)
        if named and not _in_a_sentence(rest):
            if rest.lower() not in _LABELS:
                return rest
            bare = bare or rest
    return bare


def _in_a_sentence(rest: str) -> bool:
    """`Check back soon`, `The board is`, `Links to board policies`: they speak of a body."""
    return bool(_SENTENCE.search(rest) or _ASIDE.search(rest))


def _names_one(words: list[str], *, alone: bool) -> bool:
    """`Board` alone may be any board; `Selectboard` and `City Council` are names."""
    return len(words) <= _MAX_WORDS and (alone or len(words) > 1 or words[0].lower() in _ALONE)


def body_hinted(text: str) -> str | None:
    """What is left of `text` without date, kind and fillers: maybe a body; None if nothing is."""
    rest = _rest(text)
    if not rest or len(rest.split()) > _MAX_WORDS or re.fullmatch(rf"(?i){MONTH}", rest):
        return None
    return rest


def acronym(text: str) -> str | None:
    """`CC_Minutes_March 5, 2024` -> `CC`: the rest is one word of two to six capitals."""
    rest = _rest(text, titled=False)
    return rest if _ACRONYM.fullmatch(rest) else None


@lru_cache(maxsize=_REMEMBERED)
def _rest(text: str, *, titled: bool = True) -> str:
    words = plain(text)
    for pattern in (_ENDING, _ANY_DATE, _PLACE, _NOISE_PHRASES, _KIND, _LOOSE_MONTH):
        words = pattern.sub(" ", words)
    kept = list(_said(_WORDS.findall(words)))
    while kept and _CONNECTORS.fullmatch(kept[0]):
        kept.pop(0)
    while kept and _CONNECTORS.fullmatch(kept[-1]):
        kept.pop()
    return clean(" ".join(_titled(kept) if titled else kept).rstrip(","))


def _said(words: list[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        bare = word.rstrip(",")
        paper = _PAPER.fullmatch(bare) and not _in_name(words, place)
        if not paper and not _NOISE.fullmatch(bare):
            yield word


def _in_name(words: list[str], place: int) -> bool:
    """Whether the word stands between what may be the first word of a body's name and its last."""
    before = words[place - 1] if place else ""
    if not before or _NOISE.fullmatch(before) or _BODY_WORD.search(before):
        return False
    following = takewhile(
        lambda word: not _CONNECTORS.fullmatch(word), words[place + 1 : place + 3]
    )
    return not _CONNECTORS.fullmatch(before) and any(map(_BODY_WORD.fullmatch, following))


def _titled(words: Iterable[str]) -> list[str]:
    """Give `city council` and `CITY COUNCIL` the capitals of a name; leave mixed writing alone."""
    words = list(words)
    joined = "".join(words)
    if joined != joined.lower() and (joined != joined.upper() or len(words) < 2):
        return words
    return [w.lower() if _CONNECTORS.fullmatch(w) else w.capitalize() for w in words]
