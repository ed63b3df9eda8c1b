"""Which documents are of one meeting, and whose votes are the meeting's. Pure.

A council that meets at six in special session and at seven in regular session publishes two agendas
and two sets of minutes on one day; the sessions tell them apart. It also publishes a draft of its
minutes, the approved ones and perhaps a copy under another name: a vote was taken once, however
often it is told. The rules are written out for people in docs/output.md.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from clerk.model import DocumentKind, Meeting
from clerk.stages.naming import distinguishing_words, plain
from clerk.stages.sessions import REGULAR, without_session

_MARK = re.compile(
    r"(?i)(?<![a-z])(?:"
    r"(?P<draft>drafts?|un-?approved|un-?adopted|un-?official|proposed|preliminary|tentative)"
    r"|(?P<approved>approved|adopted|final|signed|official|executed)"
    r"|(?P<revised>revised|revision|amended|corrected|correction)"
    r"|(?:v|ver|version|rev)[\s.-]?(?P<number>[0-9]{1,2})(?![0-9])"
    r"|(?P<other>packet|copy|scan|scanned|rescanned|ocr|rev|version)"
    r")(?![a-z])"
)


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
    place: str
    """Where the source has it: a path or a URL."""
    session: str
    """As `sessions.find_session` has it."""
    date_estimated: bool
    since: datetime
    """When its source listed it first."""
    sha256: str | None
    """Of what readers see; None: they see nothing yet."""
    extracted: bool
    """Whether votes were looked for in it."""

    @property
    def age(self) -> tuple[datetime, int, bool, str]:
        """Older papers first; the same at each compile, so numbers that were given stay."""
        return (self.since, self.ordinal, self.kind is DocumentKind.AGENDA, self.id)


@dataclass(frozen=True, slots=True)
class _Version:
    """What a name says of the document's standing among others of the same meeting."""

    words: frozenset[str] = frozenset()
    strength: tuple[int, bool, int] = (1, False, 0)
    """Approved, told nothing of, or draft; whether revised; its number."""


@dataclass(slots=True)
class _Gathering:
    """What is taken for one meeting: its session, and the rest of its papers' names."""

    session: str
    name: frozenset[str]
    papers: list[Paper] = field(default_factory=list)

    def has(self, kind: DocumentKind) -> bool:
        return any(paper.kind is kind for paper in self.papers)

    def add(self, papers: Sequence[Paper], session: str) -> None:
        self.papers = sorted([*self.papers, *papers], key=lambda paper: paper.age)
        self.session = self.session or session


def meetings_of(papers: Iterable[Paper]) -> Mapping[str, Meeting]:
    """Each document's meeting.

    A meeting has the number of its oldest document, or the next that is free: so the one that is
    alone on its day keeps its id when others come.
    """
    days: dict[tuple[str, date], list[Paper]] = defaultdict(list)
    for paper in papers:
        days[paper.slug, paper.date].append(paper)
    return {paper: meeting for day in days.values() for paper, meeting in _of_a_day(day)}


def superseded(papers: Iterable[Paper], meetings: Mapping[str, Meeting]) -> Mapping[str, str]:
    """Minutes -> the minutes whose attendance, motions and votes count instead of theirs.

    Of the versions of one meeting's minutes the approved count before all others and drafts after;
    then revised ones, the highest version, and what was listed last. The same bytes count once for
    a body, wherever they are listed: a file is renamed because its name was wrong.
    """
    equals: dict[tuple[object, ...], list[Paper]] = defaultdict(list)
    for paper in papers:
        if paper.kind is DocumentKind.MINUTES and paper.sha256 and paper.extracted:
            equals[paper.slug, paper.date, meetings[paper.id].ordinal].append(paper)
            equals[paper.slug, paper.sha256].append(paper)
    instead: dict[str, str] = {}
    for same in equals.values():
        best = max(same, key=_standing)
        instead.update((paper.id, best.id) for paper in same if paper is not best)
    return {paper: _last(instead, paper) for paper in instead}


def _last(instead: Mapping[str, str], paper: str) -> str:
    """Each step leads to a paper of higher standing, so there is an end."""
    while paper in instead:
        paper = instead[paper]
    return paper


def _standing(paper: Paper) -> tuple[object, ...]:
    return (_version(paper).strength, paper.age)


# -- the meetings of a day -------------------------------------------------------------------------


def _of_a_day(papers: Sequence[Paper]) -> Iterator[tuple[str, Meeting]]:
    gatherings = _gatherings(sorted(papers, key=lambda paper: paper.age))
    taken: set[int] = set()
    for gathering in gatherings:
        number = gathering.papers[0].ordinal
        while number in taken:
            number += 1
        taken.add(number)
        session = "" if gathering.session == REGULAR else gathering.session
        estimated = all(paper.date_estimated for paper in gathering.papers)
        for paper in gathering.papers:
            yield paper.id, Meeting(number, session, estimated)


def _gatherings(papers: Sequence[Paper]) -> list[_Gathering]:
    """The meetings of a day, the oldest first, with their papers, the oldest first."""
    minutes = _of_a_kind(paper for paper in papers if paper.kind is DocumentKind.MINUTES)
    alone = _of_a_kind(paper for paper in papers if paper.kind is DocumentKind.AGENDA)
    # One agenda and one set of minutes belong together even if only one of them says of what.
    single = len(minutes) == len(alone) == 1
    for same in (_same_name, _same_session, *([_maybe_same_session] if single else [])):
        for agenda in list(alone):
            mates = (m for m in minutes if not m.has(DocumentKind.AGENDA) and same(agenda, m))
            if mate := next(mates, None):
                mate.add(agenda.papers, agenda.session)
                alone.remove(agenda)
    return sorted([*minutes, *alone], key=lambda gathering: gathering.papers[0].age)


def _of_a_kind(papers: Iterable[Paper]) -> list[_Gathering]:
    """Documents of one kind: of one meeting each, but for versions and copies."""
    found: list[_Gathering] = []
    for paper in papers:
        gathering = _Gathering(paper.session, _rest_of_name(paper), [paper])
        for mate in _mates(gathering, paper, found):
            mate.add(gathering.papers, gathering.session)
            found.remove(mate)
            gathering = mate
        found.append(gathering)
    return sorted(found, key=lambda gathering: gathering.papers[0].age)


def _mates(new: _Gathering, paper: Paper, found: Sequence[_Gathering]) -> list[_Gathering]:
    """Where `paper` is another version, or a copy; newer gatherings first."""
    # Two that are called the same, or `part 1` and `part 2`, may well be of two meetings.
    words = _words(paper)
    version = next(
        (g for g in found if _same_name(g, new) and words not in map(_words, g.papers)), None
    )
    return [
        gathering
        for gathering in reversed(found)
        if gathering is version
        or (paper.sha256 and paper.sha256 in {each.sha256 for each in gathering.papers})
    ]


def _words(paper: Paper) -> frozenset[str]:
    return _version(paper).words


def _version(paper: Paper) -> _Version:
    """By the part of its name or place that says something, the nearest to the file."""
    parts = [paper.title, *reversed(paper.place.partition("?")[0].split("/"))]
    for part in map(plain, parts):
        if marks := list(_MARK.finditer(part)):
            said = {mark.lastgroup for mark in marks}
            numbers = [int(mark["number"]) for mark in marks if mark["number"]]
            standing = 1 + ("approved" in said) - ("draft" in said)
            words = frozenset(mark[0].casefold() for mark in marks)
            return _Version(words, (standing, "revised" in said, max(numbers, default=0)))
    return _Version()


def _rest_of_name(paper: Paper) -> frozenset[str]:
    """What tells it from others of its body, day and session: `part 2`, `10am`."""
    words = _MARK.sub(" ", without_session(paper.title))
    return distinguishing_words(words) - frozenset(paper.slug.split("-"))


def _same_name(one: _Gathering, other: _Gathering) -> bool:
    return _same_session(one, other) and one.name == other.name


def _same_session(one: _Gathering, other: _Gathering) -> bool:
    return (one.session or REGULAR) == (other.session or REGULAR)


def _maybe_same_session(one: _Gathering, other: _Gathering) -> bool:
    return not (one.session and other.session)
