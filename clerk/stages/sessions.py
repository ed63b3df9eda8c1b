"""Which of a body's meetings on one day a document belongs to. Pure.

A council that meets at six in special session and at seven in regular session publishes two agendas
and two sets of minutes on one day. Their names say which is which, else the heading of their first
page does. Every function takes any text and never raises. The rules are written out for people in
docs/fetching.md.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from clerk.model import DocumentKind, Meeting
from clerk.stages.naming import distinguishing_words, plain

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document as far as its meeting can be told from it."""

    id: str
    kind: DocumentKind
    slug: str
    """Of its body."""
    date: date
    ordinal: int
    title: str
    session: str
    """As `find_session` has it."""
    since: datetime
    """When its source listed it first."""

    @property
    def age(self) -> tuple[datetime, int, bool, str]:
        """Older papers first; the same at each compile, so numbers that were given stay."""
        return (self.since, self.ordinal, self.kind is DocumentKind.AGENDA, self.id)


@dataclass(slots=True)
class _Gathering:
    """What is taken for one meeting: its session, and the rest of its papers' names."""

    session: str
    name: frozenset[str]
    papers: list[Paper] = field(default_factory=list)

    def has(self, kind: DocumentKind) -> bool:
        return any(paper.kind is kind for paper in self.papers)


def meetings_of(papers: Iterable[Paper]) -> Mapping[str, Meeting]:
    """Each document's meeting.

    A meeting has the number of its oldest document, or the next that is free: so the one that is
    alone on its day keeps its id when others come.
    """
    days: dict[tuple[str, date], list[Paper]] = defaultdict(list)
    for paper in papers:
        days[paper.slug, paper.date].append(paper)
    return {paper: meeting for day in days.values() for paper, meeting in _of_a_day(day)}


def _of_a_day(papers: Sequence[Paper]) -> Iterator[tuple[str, Meeting]]:
    gatherings = _gatherings(sorted(papers, key=lambda paper: paper.age))
    taken: set[int] = set()
    for gathering in gatherings:
        number = gathering.papers[0].ordinal
        while number in taken:
            number += 1
        taken.add(number)
        session = "" if gathering.session == REGULAR else gathering.session
        for paper in gathering.papers:
            yield paper.id, Meeting(number, session)


def _gatherings(papers: Sequence[Paper]) -> list[_Gathering]:
    """The meetings of a day, the oldest first, with their papers, the oldest first."""
    of_kind = {
        kind: [
            _Gathering(paper.session, _rest_of_name(paper), [paper])
            for paper in papers
            if paper.kind is kind
        ]
        for kind in DocumentKind
    }
    minutes = of_kind[DocumentKind.MINUTES]
    alone = of_kind[DocumentKind.AGENDA]
    # The surest pairs first, so that an agenda that says nothing takes what others leave.
    for same in (_same_name, _same_session, _maybe_same_session):
        for agenda in list(alone):
            mates = (m for m in minutes if not m.has(DocumentKind.AGENDA) and same(agenda, m))
            if mate := next(mates, None):
                mate.papers = sorted([*mate.papers, *agenda.papers], key=lambda paper: paper.age)
                mate.session = mate.session or agenda.session
                alone.remove(agenda)
    return sorted([*minutes, *alone], key=lambda gathering: gathering.papers[0].age)


def _rest_of_name(paper: Paper) -> frozenset[str]:
    """What tells it from others of its body, day and session: `part 2`, `10am`."""
    words = plain(paper.title)
    for _, pattern in _PATTERNS:
        words = pattern.sub(" ", words)
    return distinguishing_words(words) - frozenset(paper.slug.split("-"))


def _same_name(one: _Gathering, other: _Gathering) -> bool:
    return _same_session(one, other) and one.name == other.name


def _same_session(one: _Gathering, other: _Gathering) -> bool:
    return (one.session or REGULAR) == (other.session or REGULAR)


def _maybe_same_session(one: _Gathering, other: _Gathering) -> bool:
    return not (one.session and other.session)
