"""Which documents are of one meeting, and whose votes are the meeting's. Pure.

A council that meets at six in special session and at seven in regular session publishes two agendas
and two sets of minutes on one day; the sessions tell them apart. It also publishes a draft of its
minutes, the approved ones and perhaps a copy under another name: a vote was taken once, however
often it is told. The rules are written out for people in docs/output.md.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from clerk import keys
from clerk.model import DocumentKind, Meeting
from clerk.stages.dating import says_day
from clerk.stages.versions import Name, read_name
from clerk.stages.vocabulary import REGULAR


@dataclass(frozen=True, slots=True)
class Found:
    """How much an extractor found in a document."""

    motions: int = 0
    attendance: int = 0

    def may_replace(self, other: "Found") -> bool:
        """Whether it tells about as much.

        An errata sheet, or a scan that nobody can read, has far fewer motions than the minutes.
        """
        something = self.motions or self.attendance or not (other.motions or other.attendance)
        return bool(something) and 2 * self.motions >= other.motions


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document as far as its meeting can be told from it."""

    id: str
    kind: DocumentKind
    body: str
    date: date
    ordinal: int
    title: str
    place: str
    """Where the source has it: a path or a URL."""
    told: str
    """The session that its name or heading tells, as `sessions.find_session` has it."""
    heading: str
    """The beginning of its first page."""
    date_estimated: bool
    since: datetime
    """When its source listed it first."""
    vanished: bool
    """Whether its source lists it no longer."""
    sha256: str | None
    """Of what readers see; None: they see nothing yet."""
    found: Found | None
    """None: nothing was looked for in it yet, or cannot be."""

    @cached_property
    def slug(self) -> str:
        """Of its body."""
        return keys.slug(self.body)

    @property
    def session(self) -> str:
        """Which of its meetings; empty: a regular one, which is what a meeting is if none says."""
        return "" if self.told == REGULAR else self.told

    @cached_property
    def name(self) -> Name:
        """What its names say."""
        return read_name(
            self.title, self.place, body=self.body, day=self.date, session=self.told or REGULAR
        )

    @property
    def called(self) -> tuple[object, ...]:
        """What versions of one document have in common."""
        return (self.date, self.session, self.name.title, self.name.place)

    @property
    def age(self) -> tuple[datetime, int, bool, str]:
        """Older papers first; the same at each compile, so numbers that were given stay."""
        return (self.since, self.ordinal, self.kind is DocumentKind.AGENDA, self.id)

    @property
    def standing(self) -> tuple[bool, tuple[int, bool, int]]:
        """The higher, the more it counts among versions of the same minutes."""
        return (not self.vanished, self.name.strength)

    @cached_property
    def claim(self) -> tuple[bool, bool]:
        """The higher, the likelier it is the right place for bytes that are at several."""
        return (not self.vanished, says_day(self.heading, self.date))


class _Gathering:
    """What is taken for one meeting: its papers, the oldest first."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.papers = sorted(papers, key=_age)

    @property
    def told(self) -> str:
        return next((paper.told for paper in self.papers if paper.told), "")

    @property
    def session(self) -> str:
        return next((paper.session for paper in self.papers if paper.told), "")

    @property
    def best(self) -> Paper:
        """The version that is the last word, of what is of one kind."""
        return max(self.papers, key=_turn)

    def has(self, kind: DocumentKind) -> bool:
        return any(paper.kind is kind for paper in self.papers)

    def add(self, other: "_Gathering") -> None:
        self.papers = sorted([*self.papers, *other.papers], key=_age)


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

    The same bytes count once for a body, wherever they are listed. Of the versions of one meeting's
    minutes those that are listed count before those that vanished, the approved before all others
    and drafts after; then revised ones, the highest version, and what was listed last.
    """
    known = sorted(
        (p for p in papers if p.kind is DocumentKind.MINUTES and p.sha256 and p.found), key=_age
    )
    copies = _Copies(known)
    instead = dict(copies.instead)
    versions = _several(
        (paper for paper in known if paper.id not in instead),
        lambda paper: (paper.slug, paper.date, meetings[paper.id].ordinal),
    )
    for rivals in versions:
        counting: list[Paper] = []
        for paper in sorted(rivals, key=_turn, reverse=True):
            better = next((each for each in counting if copies.may_replace(each, paper)), None)
            if better:
                instead[paper.id] = better.id
            else:
                counting.append(paper)
    # What counts instead of a copy may be superseded itself, by what counts.
    return {paper: instead.get(better, better) for paper, better in instead.items()}


class _Copies:
    """The same bytes under several names or days: where they count, and whether that is sure.

    Such a file was renamed because its name was wrong, or put in the place of another by mistake.
    """

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.instead: dict[str, str] = {}
        self._unsure: set[str | None] = set()
        for same in _several(papers, lambda paper: (paper.slug, paper.sha256)):
            right = max(same, key=_claim)
            others = [paper for paper in same if paper.called != right.called]
            self.instead.update((paper.id, right.id) for paper in others)
            if any(paper.claim == right.claim for paper in others):
                self._unsure.add(right.sha256)

    def may_replace(self, better: Paper, paper: Paper) -> bool:
        """Whether nothing is lost if `better` counts instead of `paper`."""
        if better.sha256 == paper.sha256:
            return True
        # If the bytes of one belong elsewhere, the two are of different meetings.
        sure = self._unsure.isdisjoint({better.sha256, paper.sha256})
        return sure and bool(better.found and paper.found and better.found.may_replace(paper.found))


def _grouped(papers: Iterable[Paper], key: Callable[[Paper], object]) -> Iterable[list[Paper]]:
    groups: dict[object, list[Paper]] = defaultdict(list)
    for paper in papers:
        groups[key(paper)].append(paper)
    return groups.values()


def _several(papers: Iterable[Paper], key: Callable[[Paper], object]) -> Iterator[list[Paper]]:
    """Groups of more than one: what is alone has nothing to be compared with."""
    return (group for group in _grouped(papers, key) if len(group) > 1)


def _age(paper: Paper) -> tuple[object, ...]:
    return paper.age


def _turn(paper: Paper) -> tuple[object, ...]:
    return (paper.standing, paper.age)


def _claim(paper: Paper) -> tuple[object, ...]:
    return paper.claim


# -- the meetings of a day -------------------------------------------------------------------------


def _of_a_day(papers: Sequence[Paper]) -> Iterator[tuple[str, Meeting]]:
    taken: set[int] = set()
    for gathering in _gatherings(papers):
        number = gathering.papers[0].ordinal
        while number in taken:
            number += 1
        taken.add(number)
        estimated = all(paper.date_estimated for paper in gathering.papers)
        for paper in gathering.papers:
            yield paper.id, Meeting(number, gathering.session, estimated)


def _gatherings(papers: Sequence[Paper]) -> list[_Gathering]:
    """The meetings of a day, the oldest first."""
    minutes = _of_a_kind(paper for paper in papers if paper.kind is DocumentKind.MINUTES)
    alone = _of_a_kind(paper for paper in papers if paper.kind is DocumentKind.AGENDA)
    # One agenda and one set of minutes belong together even if only one of them says of what.
    single = len(minutes) == len(alone) == 1
    likenesses = (_not_apart,) if single else (_same_name, _same_title)
    for same in (*likenesses, _same_session):
        for agenda in list(alone):
            mates = (m for m in minutes if not m.has(DocumentKind.AGENDA) and same(agenda, m))
            if mate := next(mates, None):
                mate.add(agenda)
                alone.remove(agenda)
    return _by_age([*minutes, *alone])


def _of_a_kind(papers: Iterable[Paper]) -> list[_Gathering]:
    """Documents of one kind: of one meeting each, but for versions and copies."""
    found: list[_Gathering] = []
    for gathering in _by_age(_versions(papers)):
        mate = next((each for each in found if _is_copy(gathering, each)), None)
        if mate:
            mate.add(gathering)
        else:
            found.append(gathering)
    return found


def _versions(papers: Iterable[Paper]) -> Iterator[_Gathering]:
    """Documents of one kind and day that are called the same, but for marks."""
    papers = list(papers)
    if len(papers) == 1:  # as on most days, when names need not be read
        yield _Gathering(papers)
        return
    for same in _grouped(papers, lambda paper: paper.called):
        # What vanished made room for what is listed.
        rivals = [paper for paper in same if not paper.vanished] or same
        contents = {(paper.name.marks, paper.sha256 or paper.id) for paper in rivals}
        if max(Counter(marks for marks, _ in contents).values()) == 1:
            yield _Gathering(same)
        else:  # two drafts of one name may well be of two meetings
            yield from (_Gathering([paper]) for paper in same)


def _is_copy(one: _Gathering, other: _Gathering) -> bool:
    """By the last words of both: an older one may have been put in a wrong place by mistake."""
    same = one.best.sha256 is not None and one.best.sha256 == other.best.sha256
    return same and (_same_session(one, other) or _not_apart(one, other))


def _by_age(gatherings: Iterable[_Gathering]) -> list[_Gathering]:
    return sorted(gatherings, key=lambda gathering: gathering.papers[0].age)


def _same_name(one: _Gathering, other: _Gathering) -> bool:
    places = (one.papers[0].name.place, other.papers[0].name.place)
    return _same_title(one, other) and places[0] == places[1]


def _same_title(one: _Gathering, other: _Gathering) -> bool:
    titles = (one.papers[0].name.title, other.papers[0].name.title)
    return _same_session(one, other) and titles[0] == titles[1]


def _same_session(one: _Gathering, other: _Gathering) -> bool:
    return one.session == other.session


def _not_apart(one: _Gathering, other: _Gathering) -> bool:
    return not (one.told and other.told)
