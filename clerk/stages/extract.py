"""One document's pages -> people, attendance, motions and votes, by rules and without guessing.

`PagesText` joins the pages, `attendance` fills the meeting's own roster, `motions` and `votes` read
what was moved and how it went, and this module resolves names and lets doubtful votes keep their
words but no casts. Measured in tests/bench/extraction.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from clerk.model import (
    Attendance,
    Extraction,
    MeetingText,
    Mention,
    Motion,
    Person,
    Vote,
    VoteCast,
)
from clerk.stages.attendance import Sighting, find_others, take_attendance
from clerk.stages.motions import FoundMotion, find_motions
from clerk.stages.names import Entry, Roster
from clerk.stages.pages_text import PagesText
from clerk.stages.votes import Cast, Outcome

_MOTION_TEXT = 600
"""Characters of what was moved that are kept; whole resolutions stay in `raw_text`."""
_RAW_TEXT = 3000


class RuleExtractor:
    """Finds people, motions and votes by patterns. Stateless: the same text, the same answer."""

    version = "rules 3"

    def extract(self, meeting: MeetingText) -> Extraction:
        """Everything found in one document. Never raises on any text."""
        if not meeting.pages:
            return Extraction(extractor=self.version)
        return _Reading(PagesText(meeting.pages)).result(self.version)


@dataclass(slots=True)
class _Reading:
    """One document being read."""

    pages: PagesText
    roster: Roster = field(default_factory=Roster)
    sightings: list[Sighting] = field(default_factory=list)

    def result(self, version: str) -> Extraction:
        text = self.pages.text
        attendance = take_attendance(text, self.roster)
        found = find_motions(text)
        self.sightings += attendance
        self._note_movers(found)
        self.sightings += find_others(text, self.roster)
        motions = [self._motion(motion) for motion in found]
        return Extraction(
            extractor=version,
            people=[_person(entry) for entry in self.roster],
            mentions=self._mentions(),
            attendance=self._attendance(attendance),
            motions=motions,
        )

    # -- people --

    def _note_movers(self, found: Iterable[FoundMotion]) -> None:
        """Who moves and seconds is a member, whether or not attendance was taken."""
        for motion in found:
            for slot in (motion.mover, motion.seconder):
                if slot is not None:
                    self._see(slot)

    def _see(self, slot: tuple[str, int, int]) -> None:
        name, start, end = slot
        entry = self.roster.add(name, member=True, confidence=0.7)
        if entry:
            self.sightings.append(Sighting(entry, start, end))

    def _mentions(self) -> list[Mention]:
        places = {(seen.start, seen.end): seen for seen in self.sightings}
        return [
            Mention(
                name=seen.entry.name,
                text=self._printed(seen),
                span=self.pages.span(seen.start, seen.end),
            )
            for _, seen in sorted(places.items(), key=lambda item: item[0])
        ]

    def _printed(self, seen: Sighting) -> str:
        return self.pages.original[seen.start : seen.end]

    def _attendance(self, sightings: Iterable[Sighting]) -> list[Attendance]:
        """The first word on each person."""
        first: dict[int, Sighting] = {}
        for seen in sightings:
            if seen.status is not None:
                first.setdefault(id(seen.entry), seen)
        return [
            Attendance(
                name=seen.entry.name,
                status=str(seen.status),
                span=self.pages.span(seen.start, seen.end),
            )
            for seen in first.values()
        ]

    # -- motions --

    def _motion(self, found: FoundMotion) -> Motion:
        mover, seconder = self._name(found.mover), self._name(found.seconder)
        end = min(found.text_end, found.text_start + _MOTION_TEXT)
        return Motion(
            text=self.pages.words(found.text_start, end),
            raw_text=self.pages.words(found.start, found.end, _RAW_TEXT),
            span=self.pages.span(found.start, found.end),
            mover=mover,
            # Nobody seconds their own motion: one of the two was misread.
            seconder=seconder if seconder != mover else None,
            vote=self._vote(found),
        )

    def _name(self, slot: tuple[str, int, int] | None) -> str | None:
        if slot is None:
            return None
        entry = self.roster.resolve(slot[0])
        return entry.name if entry else slot[0]

    def _vote(self, found: FoundMotion) -> Vote | None:
        outcome = found.outcome
        if outcome.result is None:
            return None
        base = found.vote_base
        vote = Vote(
            result=outcome.result,
            span=self.pages.span(base + outcome.start, base + outcome.end),
            yes=outcome.number("yes"),
            no=outcome.number("no"),
            abstain=outcome.number("abstain"),
            absent=outcome.number("absent"),
            unanimous=outcome.unanimous,
            method=outcome.method,
        )
        return replace(vote, casts=self._casts(outcome, base))

    def _casts(self, outcome: Outcome, base: int) -> list[VoteCast]:
        """Who voted how; nothing at all where the vote contradicts itself or names a stranger."""
        if not outcome.consistent:
            return []
        casts = [self._cast(cast, base) for cast in outcome.casts]
        if any(cast is None for cast in casts):
            return []
        whole = [cast for cast in casts if cast is not None]
        return whole if len({cast.name for cast in whole}) == len(whole) else []

    def _cast(self, cast: Cast, base: int) -> VoteCast | None:
        entry = self.roster.resolve(cast.name)
        if entry is None:
            return None
        start, end = base + cast.start, base + cast.end
        self.sightings.append(Sighting(entry, start, end))
        return VoteCast(name=entry.name, option=cast.option, span=self.pages.span(start, end))


def _person(entry: Entry) -> Person:
    return Person(
        name=entry.name,
        aliases=sorted(entry.aliases),
        role=entry.role,
        confidence=entry.confidence,
    )
