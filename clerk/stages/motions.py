"""The minutes' text -> motions: where each begins, who moved and seconded it, and what was moved.

Cues name a mover; each motion reaches to the next one's cue. Patterns are bounded and possessive,
and every look around a cue stays within a window of fixed size, so time is linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from clerk.stages.names import ALSO_GIVEN, alternatives, clean, name_before, person
from clerk.stages.pages_text import sentence_end, sentence_start
from clerk.stages.votes import Outcome, read_vote

_REACH = 6000
"""Characters: no motion's record is longer."""
_TO_VOTE = 1800
"""Characters between a motion's words and its vote: discussion, a page end, a title read out."""

_M = person("mover")
_S = person("seconder")
_VERB = r"(?:(?:then|also|so|duly|thereafter|again)\s+)?"
_MOVED_BY = re.compile(
    rf"(?:(?i:\b(?:it\s+(?:was|is)\s+)?{_VERB}(?:moved|motioned))\s*(?i:by)[\s:'\"]+"
    rf"|(?i:\b(?:on|upon)\s+(?:a\s+|the\s+)?motion\s+(?:duly\s+)?(?:made\s+)?(?:by|of|from))\s+"
    rf"|(?i:\b(?:an?\s+|the\s+)?motion\s+(?:was\s+|is\s+|to\s+\w+\s+)?{_VERB}"
    rf"(?:(?:made|offered|introduced|proposed|presented)\s+)?by)[\s:'\"]+"
    rf"|(?i:\bmotion)\s*[:-]\s*(?!(?i:to|that|by|{alternatives(ALSO_GIVEN)})\b)"
    rf"|(?i:\bmove[rd]|\bmotion\s+maker|\bmotioned)\s*:\s*"
    rf"){_M}"
)
_PAIRED = re.compile(
    rf"(?i:\bm\s?/\s?s(?:\s?/\s?[cp]u?)?|\bmoved\s+and\s+seconded(?:\s+by)?|\bmotion(?:\s+by)?)"
    rf"\s*[:(-]?\s*{_M}\s?/\s?{_S}"
)
_SECONDED_BY = re.compile(r"(?i),?\s+(?:and\s+)?second(?:ed)?\s+by\s+\Z")
_RESULT_LABEL = re.compile(r"\bRESULT:")
_MADE_BY = re.compile(
    rf"(?i:\b(?:(?:made|offered|introduced|sponsored)\s+)?by)\s+{_M}\s*,?\s*"
    rf"(?P<second>(?i:(?:and\s+|with\s+a\s+)?(?:was\s+|then\s+)?(?:duly\s+)?(?:second|support)))?"
)
_ACTIVE = re.compile(
    rf"(?i)\b{_VERB}(?:moved|moves|motioned|made\s+(?:a|the|another)\s+(?:\w+\s+){{0,2}}?motion"
    r"|makes\s+(?:a|the)\s+motion|offered\s+(?:a|the)\s+(?:\w+\s+)?motion)\b"
    r"(?=\s*(?:to|that|for|approval|adoption|acceptance|adjournment|,|;|second|the|and|we|item"
    r"|resolution|ordinance|:|\.)(?!\w))"
)
_NUMBERED = re.compile(
    rf"(?m)^[ ]{{0,30}}(?:(?i:resolution|motion)\s+)?(?i:no\.?\s*|\#\s*)?"
    rf"[A-Z]{{0,3}}\d{{1,4}}[-/]\d{{1,4}}[.:]?[ ]{{1,20}}+{_M}[ ]?[,/][ ]?{_S}[ ]?:"
)
_SECOND = re.compile(
    rf"(?i:\b(?P<passive>second|support)(?:ed|er)?(?:\s+(?:the\s+motion|to\s+the\s+motion))?"
    rf"(?:\s+(?:was|is|were))?(?:\s+(?:made|given|offered|provided))?)"
    rf"(?:\s*(?i:by|from)[\s:'\"]+|\s*[:-]\s*){_S}"
    rf"|(?i:\b(?P<active>{_VERB}(?:second(?:ed|s|ing)|gave\s+the\s+second"
    r"|(?:offered|provided)\s+(?:a|the)\s+second|supported\s+the\s+motion|made\s+the\s+second)))\b"
)
_BEGIN = re.compile(r"(?i)\b(?:on\s+|upon\s+)?(?:a\s+|the\s+)?motion\b|\bit\s+(?:was|is)\b")
_INTRO = re.compile(
    r"(?i)[\s\f,;:)\]-]{0,60}+(?:(?:and|also|then|with|was|it|duly|the|voted)\s+){0,4}+"
    r"(?P<to>(?:to|that|for)\b[\s:]*(?:the\s+)?(?:following\s*:)?|"
    r"(?=(?:approv|adopt|accept|authori|adjourn|table|move|resol|be\s+it|whereas|grant|den))"
    r"|(?:carried\s+)?(?:be\s+it\s+)?resolved\s+(?:that|to)\s+)"
)
_MOTION_TO = re.compile(
    r"(?i)\b(?:motion|moved)(?:\s+(?:was\s+)?(?:duly\s+)?(?:made|offered|introduced))?\s*[:-]?\s+"
    r"(?P<to>to|that|for)\s"
)
# The sentence that states the motion may go on to tell its outcome.
_TOLD = re.compile(
    r"(?i)[,;(]\s*(?:and\s+)?(?:the\s+|said\s+)?(?:motion|vote|resolution)\s+(?:was\s+|is\s+)?"
    r"(?:unanimously\s+)?(?:carried|passed|adopted|approved|failed|defeated)\b"
    r"|(?<!\s)[,;]?\s{1,60}+(?:and\s+)?(?:was\s+)?(?:unanimously\s+)?(?:carried|motion\s+carried)\b"
    r"|[,;]\s*second(?:ed)?\b"
)
_TRAIL = re.compile(
    r"(?i)[\s,;:.(-]*(?:\b(?:was|were|is|and|motion|the|with|a)\s*|\bmade\s*|\bby\s*|\bduly\s*)*\Z"
)


@dataclass(slots=True)
class FoundMotion:
    """A motion as found; offsets into the whole text. `outcome`'s are relative to `vote_base`."""

    start: int
    end: int
    text_start: int
    text_end: int
    mover: tuple[str, int, int] | None
    seconder: tuple[str, int, int] | None
    outcome: Outcome
    vote_base: int


@dataclass(slots=True)
class _Cue:
    """Where somebody is named as mover."""

    start: int
    end: int
    name: tuple[str, int, int]
    second: tuple[str, int, int] | None = None
    opening: int = -1
    """Where the motion's own words begin: `A motion was made` may stand well before `by X`."""
    result: int = -1
    """Where a `RESULT:` label stands right before a `MOVER:` label; -1 for nowhere."""
    tentative: bool = False
    """People move to other towns, too: this is a motion only with a second or a result."""


@dataclass(frozen=True, slots=True)
class _Second:
    """Who seconds a motion, and the phrase that says so."""

    name: tuple[str, int, int]
    start: int
    end: int


def find_motions(text: str) -> list[FoundMotion]:
    """Every motion of a document, in order."""
    cues = _cues(text)
    found = _each(text, cues)
    real = [
        cue
        for cue, motion in zip(cues, found, strict=True)
        if motion.seconder or motion.outcome.result or not cue.tentative
    ]
    return found if len(real) == len(cues) else _each(text, real)


def _each(text: str, cues: list[_Cue]) -> list[FoundMotion]:
    return [
        _motion(text, cue, following.opening if following else len(text))
        for cue, following in zip_longest(cues, cues[1:])
    ]


# -- cues ---------------------------------------------------------------------------------------


def _named(match: re.Match[str], group: str) -> tuple[str, int, int]:
    return clean(match[group]), match.start(group), match.end(group)


def _cues(text: str) -> list[_Cue]:
    """All cues, one for each place where a mover is named, with starts widened to `A motion …`."""
    by_name: dict[int, _Cue] = {}
    for cue in _raw_cues(text):
        known = by_name.setdefault(cue.name[1], cue)
        known.start, known.end = min(known.start, cue.start), max(known.end, cue.end)
        known.second = known.second or cue.second
        known.tentative = known.tentative and cue.tentative
    cues = sorted(by_name.values(), key=lambda cue: cue.start)
    floor = 0
    kept: list[_Cue] = []
    for cue in cues:
        if kept and cue.start < kept[-1].end:
            continue
        cue.opening = _widen(text, cue.start, max(floor, cue.start - 700))
        cue.result = _result_before(text, cue, floor)
        kept.append(cue)
        floor = cue.end
    return kept


def _raw_cues(text: str) -> Iterator[_Cue]:
    for match in _MOVED_BY.finditer(text):
        yield _Cue(match.start(), match.end(), _named(match, "mover"))
    for match in _ACTIVE.finditer(text):
        cue = _active(text, match)
        if cue:
            yield cue
    for match in chain(_PAIRED.finditer(text), _NUMBERED.finditer(text)):
        yield _Cue(match.start(), match.end(), _named(match, "mover"), _named(match, "seconder"))
    for match in _MADE_BY.finditer(text):
        if _is_motion(text, match):
            yield _Cue(match.start(), match.end("mover"), _named(match, "mover"))


def _active(text: str, match: re.Match[str]) -> _Cue | None:
    """`X moved to …`, or `X, seconded by Y, moved to …`."""
    found = name_before(text, match.start())
    if found is None:
        return None
    start, low, high = found
    name = (clean(text[low:high]), low, high)
    seconded = _SECONDED_BY.search(text, max(0, start - 40), start)
    mover = name_before(text, seconded.start()) if seconded else None
    if mover is None:
        return _Cue(start, match.end(), name, tentative=True)
    first = (clean(text[mover[1] : mover[2]]), *mover[1:])
    return _Cue(mover[0], match.end(), first, second=name)


def _is_motion(text: str, match: re.Match[str]) -> bool:
    """`by X` makes a motion where a second follows, or a motion stands earlier in the sentence."""
    low = sentence_start(text, match.start(), max(0, match.start() - 600))
    before = text[low : match.start()]
    if re.search(r"(?i)\bsecond(?:ed)?\b|\bsupported\b", before):
        return False
    if match["second"]:
        return True
    made = re.match(r"(?i)made|offered|introduced", match[0]) is not None
    return made and re.search(r"(?i)\bmotion\b", before) is not None


def _widen(text: str, start: int, floor: int) -> int:
    """Move a start back to the `A motion` or `It was` of its own sentence."""
    low = sentence_start(text, start, floor)
    opening = _BEGIN.search(text, low, start)
    return opening.start() if opening else start


def _result_before(text: str, cue: _Cue, floor: int) -> int:
    """Agenda software prints RESULT, MOVER, SECONDER, AYES in this order."""
    if text[cue.start : cue.start + 5].casefold() != "mover":
        return -1
    found = _RESULT_LABEL.search(text, max(floor, cue.start - 150), cue.start)
    if found is None:
        return -1
    cue.opening = found.start()
    return found.start()


# -- one motion ---------------------------------------------------------------------------------


def _motion(text: str, cue: _Cue, limit: int) -> FoundMotion:
    limit = min(limit, cue.opening + _REACH)
    second = _second(text, cue, limit)
    text_start, text_end = _moved(text, cue, second, limit)
    base = max(cue.end, second.end if second else 0, text_end)
    base = cue.result if cue.result >= 0 else base
    outcome = read_vote(text[base : min(limit, base + _TO_VOTE)])
    return FoundMotion(
        start=cue.opening,
        end=max(base + outcome.end, second.end if second else cue.end),
        text_start=text_start,
        text_end=text_end,
        mover=cue.name,
        seconder=second.name if second else None,
        outcome=outcome,
        vote_base=base,
    )


def _second(text: str, cue: _Cue, limit: int) -> _Second | None:
    """Who seconded, and where that is said."""
    if cue.second is not None:
        return _Second(cue.second, cue.end, cue.end)
    for match in _SECOND.finditer(text, cue.name[2], min(limit, cue.end + 1500)):
        if match["seconder"]:
            return _Second(_named(match, "seconder"), match.start(), match.end())
        name = name_before(text, match.start())
        if name and name[0] >= cue.name[2]:
            return _Second((clean(text[name[1] : name[2]]), *name[1:]), name[0], match.end())
    return None


def _moved(text: str, cue: _Cue, second: _Second | None, limit: int) -> tuple[int, int]:
    """Where what was moved stands: between mover and second, before both, or after both."""
    if cue.result >= 0:
        return _sentence_before(text, cue.opening)
    if second and second.start - cue.end > 12:
        span = _sentence_from(text, cue.end, second.start)
        if span[1] - span[0] > 5:
            return span
    before = _MOTION_TO.search(text, cue.opening, cue.start)
    if before:
        return before.end(), _without_trail(text, before.end(), cue.start)
    told = max(cue.end, second.end if second else 0)
    if _INTRO.match(text, told, limit):
        return _sentence_from(text, told, limit)
    return _sentence_before(text, cue.opening)


def _sentence_before(text: str, end: int) -> tuple[int, int]:
    """`Resolution 12, in honor of …. This was introduced by X`: what the cue refers back to."""
    low = max(0, end - 600)
    start = sentence_start(text, end, low)
    if end - start < 20 and start > low:
        end = start - 1
        start = sentence_start(text, end, low)
    opening = _MOTION_TO.match(text, start, end)
    start = opening.end() if opening else start
    return start, _without_trail(text, start, end)


def _sentence_from(text: str, start: int, limit: int) -> tuple[int, int]:
    introduced = _INTRO.match(text, start, limit)
    begin = introduced.end() if introduced else start
    end = max(begin, sentence_end(text, begin, limit))
    told = _TOLD.search(text, begin, end)
    return begin, _without_trail(text, begin, told.start() if told else end)


def _without_trail(text: str, start: int, end: int) -> int:
    """Drop `, and was made by` and the like from the end."""
    tail = max(start, end - 60)
    trail = _TRAIL.search(text, tail, end)
    return trail.start() if trail else end
