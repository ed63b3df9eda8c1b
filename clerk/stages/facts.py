"""One document's pages -> people, attendance, motions and votes, by rules and without guessing.

`PagesText` joins the pages, `attendance` fills the meeting's own roster, `motions` and `votes` read
what was moved and how it went, and this module resolves names and lets doubtful votes keep their
words but no casts. Measured in tests/bench/extraction.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from clerk.model import (
    Attendance,
    DocumentKind,
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
from clerk.stages.names import Entry, Roster, clean, follows_title
from clerk.stages.pages_text import PagesText
from clerk.stages.votes import Cast, Outcome

_MOTION_TEXT = 600
"""Characters of what was moved that are kept."""
_RAW_TEXT = 3000
_NAY = re.compile(r"(?i)\b(?:nays?|noes|no:|opposed|against)\b")
_BEHIND_AYES = 120
"""Characters behind a list of ayes in which nays may be told that are not understood."""
_BEFORE_VOTE = 60
"""Characters before the result that go with it, where the middle of a record is left out."""


def find_facts(meeting: MeetingText, version: str) -> Extraction:
    """Everything found in one document, signed with the extractor's `version`. Never raises."""
    if not meeting.pages:
        return Extraction(extractor=version)
    return _Reading(PagesText(meeting.pages), meeting.kind, meeting.date).result(version)


@dataclass(slots=True)
class _Reading:
    """One document being read."""

    pages: PagesText
    kind: DocumentKind
    day: date
    roster: Roster = field(default_factory=Roster)
    sightings: list[Sighting] = field(default_factory=list)

    def result(self, version: str) -> Extraction:
        text = self.pages.text
        attendance = take_attendance(text, self.roster)
        found = find_motions(text, self.day)
        self.sightings += attendance
        self._note_movers(found)
        self.sightings += find_others(text, self.roster)
        if not any(seen.entry.member and seen.status == "present" for seen in attendance):
            self._note_voters(found)
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

    def _note_voters(self, found: Iterable[FoundMotion]) -> None:
        """Where nobody was said to be present, whoever is called to vote is a member."""
        for motion in found:
            called = motion.outcome.method == "roll_call" and motion.outcome.consistent
            for cast in motion.outcome.casts if called else ():
                base = motion.vote_base
                self._see((cast.name, base + cast.start, base + cast.end))

    def _see(self, slot: tuple[str, int, int]) -> None:
        name, start, end = self._fitted(slot)
        given = self._may_be_given(start)
        entry = self.roster.add(name, member=True, confidence=0.7, given=given)
        if entry:
            self.sightings.append(Sighting(entry, start, end))

    def _fitted(self, slot: tuple[str, int, int]) -> tuple[str, int, int]:
        """The one line of a name on two that names a member, where the other is a heading."""
        name, start, end = slot
        printed = self.pages.text[start:end]
        if "\n" not in printed or self.roster.resolve(name):
            return slot
        for line in re.finditer(r"[^\n\f]+", printed):
            entry = self.roster.resolve(clean(line[0]))
            if entry is not None and entry.member:
                low = start + line.start() + len(line[0]) - len(line[0].lstrip())
                return clean(line[0]), low, low + len(line[0].strip())
        return slot

    def _may_be_given(self, start: int) -> bool:
        """Whether a name alone may be a given one, as that behind an office never is."""
        return not follows_title(self.pages.text, start)

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
        """The first word on each member; who came late was not there when the roll was called.

        An agenda is written before anybody comes. The staff and guests are people of the meeting,
        but no roll is called of them.
        """
        if self.kind is DocumentKind.AGENDA:
            return []
        first: dict[int, Sighting] = {}
        for seen in sightings:
            before = first.get(id(seen.entry))
            late = before is not None and seen.status == "late"
            if seen.status is not None and seen.entry.member and (before is None or late):
                first[id(seen.entry)] = seen
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
            text=self.pages.running_words(found.text_start, end),
            raw_text=self._record(found),
            span=self.pages.span(found.start, found.end),
            mover=mover,
            # Nobody seconds their own motion: one of the two was misread.
            seconder=seconder if seconder != mover else None,
            vote=self._vote(found),
        )

    def _record(self, found: FoundMotion) -> str:
        """The words of a motion's record; of a long one its beginning and its vote."""
        if found.end - found.start <= _RAW_TEXT or found.outcome.result is None:
            return self.pages.words(found.start, found.end, _RAW_TEXT)
        vote = max(found.start, found.vote_base + found.outcome.start - _BEFORE_VOTE)
        end = min(found.end, vote + _RAW_TEXT // 2)
        begin = min(max(found.text_end, found.start + 200), found.start + _RAW_TEXT // 2, vote)
        return f"{self.pages.words(found.start, begin)} … {self.pages.words(vote, end)}"

    def _name(self, slot: tuple[str, int, int] | None) -> str | None:
        if slot is None:
            return None
        name, start, _ = self._fitted(slot)
        given = self._may_be_given(start)
        entry = self.roster.resolve(name, given=given)
        if entry is not None:
            return entry.name
        return None if self.roster.is_ambiguous(name, given=given) else name

    def _carried_by_names(self, outcome: Outcome, record: str) -> bool:
        """Whether all that its record tells is who said aye, and those are most of the members."""
        ayes = outcome.listed.get("yes", 0)
        alone = ayes > 1 and not outcome.listed.get("no") and not outcome.counts.get("no")
        if "no" not in outcome.listed.keys() | outcome.counts.keys() and _NAY.search(record):
            return False
        there = [entry for entry in self.roster if entry.member and entry.status != "absent"]
        return alone and len(outcome.casts) == ayes and 2 * ayes > len(there)

    def _vote(self, found: FoundMotion) -> Vote | None:
        outcome = found.outcome
        base = found.vote_base
        record = self.pages.text[base : base + outcome.end + _BEHIND_AYES]
        if outcome.result is None and self._carried_by_names(outcome, record):
            outcome.result, outcome.unanimous = "passed", None
        if outcome.result is None:
            return None
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
        slot = (cast.name, base + cast.start, base + cast.end)
        name, start, end = self._fitted(slot)
        entry = self.roster.resolve(name, given=self._may_be_given(start))
        if entry is None:
            return None
        entry.member = entry.member or cast.option in ("yes", "no")
        self.sightings.append(Sighting(entry, start, end))
        return VoteCast(name=entry.name, option=cast.option, span=self.pages.span(start, end))


def _person(entry: Entry) -> Person:
    return Person(
        name=entry.name,
        aliases=sorted(entry.aliases),
        role=entry.role,
        confidence=entry.confidence,
    )
