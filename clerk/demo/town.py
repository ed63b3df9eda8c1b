"""A seed -> the fictional town of Alder Ferry: a year of meetings, and the truth about them.

Each meeting comes as blocks of text for its agenda and its minutes, together with the people,
motions and votes that the minutes record, so that what clerk finds can be compared with what is
there. The same seed always gives the same town. Nothing here draws or writes; `pdfs` does.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from clerk.demo import prose
from clerk.keys import slug
from clerk.model import DocumentKind

NAME = "Alder Ferry"
SUBDOMAIN = "alder-ferry"
SEED = 1887
CORRUPT = ("Parks and Recreation Board", date(2025, 9, 18), DocumentKind.AGENDA)
"""This file is damaged beyond reading."""
TWO_COLUMNS = ("Parks and Recreation Board", date(2025, 6, 12), DocumentKind.MINUTES)
"""This document is set in two columns."""
REVISED = ("Town Council", date(2025, 10, 14), DocumentKind.AGENDA)
"""The content behind this document's URL changes when the website is told to `revise`."""

REVISION = ".revised.pdf"
"""Inside the town's folder: what replaces `REVISED`. Dot files are not served."""

DocumentName = tuple[str, date, DocumentKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """Someone who holds an office; `role` is the title that the minutes print."""

    name: str
    role: str

    @property
    def surname(self) -> str:
        """The name that votes are recorded under."""
        return self.name.split()[-1]

    @property
    def titled(self) -> str:
        """`Councilmember Ferreira`."""
        return f"{self.role} {self.surname}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoverningBody:
    """A council, commission or board. `style` is how its clerk writes motions down."""

    name: str
    style: str
    """blocks | roll call | voice."""
    members: tuple[Official, ...]
    staff: tuple[Official, ...]
    topics: tuple[prose.Topic, ...]
    dates: tuple[date, ...]
    topics_per_meeting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMotion:
    """One motion as the minutes record it. A count is None where they do not say it.

    `carried unanimously` says that nobody voted no, and not how many voted yes.
    """

    text: str
    mover: str
    seconder: str
    result: str
    """passed | failed."""
    yes: int | None = None
    no: int | None = None
    abstain: int | None = None
    absent: int | None = None
    unanimous: bool = False
    casts: tuple[tuple[str, str], ...] = ()
    """(surname, yes | no | abstain | absent), where names were recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of a document. Newlines in `text` are line breaks on the page."""

    style: str
    """title | subtitle | heading | text | item."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting with both of its documents and what is true about it."""

    body: str
    date: date
    members: tuple[Official, ...]
    staff: tuple[Official, ...]
    absent: tuple[Official, ...]
    motions: tuple[RecordedMotion, ...]
    agenda: tuple[Block, ...]
    minutes: tuple[Block, ...]

    @property
    def present(self) -> tuple[Official, ...]:
        """The members who attended."""
        return tuple(member for member in self.members if member not in self.absent)

    def blocks(self, kind: DocumentKind) -> tuple[Block, ...]:
        """The agenda or the minutes."""
        return self.agenda if kind is DocumentKind.AGENDA else self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The whole town, oldest meeting first."""

    name: str
    subdomain: str
    seed: int
    meetings: tuple[Meeting, ...]
    revised_agenda: tuple[Block, ...]
    """What the document `REVISED` becomes."""

    def documents(self) -> Iterator[tuple[DocumentName, tuple[Block, ...]]]:
        """Every document with its blocks, as first published."""
        for meeting in self.meetings:
            for kind in (DocumentKind.AGENDA, DocumentKind.MINUTES):
                yield (meeting.body, meeting.date, kind), meeting.blocks(kind)

    def mentioning(self, phrase: str) -> list[DocumentName]:
        """The readable documents that hold `phrase`, case ignored: what a search should hit."""
        wanted = phrase.casefold()
        return [
            name
            for name, blocks in self.documents()
            if name != CORRUPT and any(wanted in _flat(block.text) for block in blocks)
        ]


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


_CLERK = Official(name="Peter Vanderhoof", role="Town Clerk")
_MANAGER = Official(name="Rosalind Cheever", role="Town Manager")

COUNCIL = GoverningBody(
    name="Town Council",
    style="blocks",
    members=(
        Official(name="Ingrid Halvorsen", role="Mayor"),
        Official(name="Desmond Okafor", role="Vice Mayor"),
        Official(name="Lucia Ferreira", role="Councilmember"),
        Official(name="Walter Dunmore", role="Councilmember"),
        Official(name="Nadia Petrov", role="Councilmember"),
        Official(name="Samuel Whitlock", role="Councilmember"),
        Official(name="Grace Tanaka", role="Councilmember"),
    ),
    staff=(
        _MANAGER,
        Official(name="Simone Archambault", role="Town Attorney"),
        Official(name="Yusuf Demir", role="Finance Director"),
        _CLERK,
    ),
    topics=prose.COUNCIL_TOPICS,
    dates=(
        date(2025, 1, 14),
        date(2025, 2, 11),
        date(2025, 3, 11),
        date(2025, 4, 8),
        date(2025, 5, 13),
        date(2025, 6, 10),
        date(2025, 9, 9),
        date(2025, 10, 14),
    ),
    topics_per_meeting=4,
)
PLANNING = GoverningBody(
    name="Planning Commission",
    style="roll call",
    members=(
        Official(name="Ruth Abernathy", role="Chair"),
        Official(name="Miguel Santoro", role="Vice Chair"),
        Official(name="Helen Brandt", role="Commissioner"),
        Official(name="Tobias Lindgren", role="Commissioner"),
        Official(name="Amara Nwosu", role="Commissioner"),
    ),
    staff=(
        Official(name="Beatrix Lund", role="Town Planner"),
        Official(name="Hank Delacroix", role="Public Works Director"),
    ),
    topics=prose.PLANNING_TOPICS,
    dates=(
        date(2025, 1, 22),
        date(2025, 3, 26),
        date(2025, 5, 28),
        date(2025, 8, 27),
        date(2025, 10, 22),
    ),
    topics_per_meeting=3,
)
PARKS = GoverningBody(
    name="Parks and Recreation Board",
    style="voice",
    members=(
        Official(name="Oscar Pellington", role="Chair"),
        Official(name="Joan Castellano", role="Board Member"),
        Official(name="Dmitri Volkov", role="Board Member"),
        Official(name="Edith Marlowe", role="Board Member"),
        Official(name="Kwame Boateng", role="Board Member"),
    ),
    staff=(Official(name="Wendy Oakes", role="Parks Superintendent"),),
    topics=prose.PARKS_TOPICS,
    dates=(date(2025, 2, 20), date(2025, 6, 12), date(2025, 9, 18)),
    topics_per_meeting=3,
)
BODIES = (COUNCIL, PLANNING, PARKS)


def document_path(name: DocumentName) -> str:
    """Where the town's website has a document, relative to its root, with `/` between parts."""
    body, day, kind = name
    return f"documents/{slug(body)}/{day.isoformat()}-{kind}.pdf"


def found(seed: int = SEED) -> Town:
    """The town of this seed."""
    meetings = [meeting for body in BODIES for meeting in _year_of(body, seed)]
    meetings.sort(key=lambda meeting: (meeting.date, meeting.body))
    return Town(
        name=NAME,
        subdomain=SUBDOMAIN,
        seed=seed,
        meetings=tuple(meetings),
        revised_agenda=_revise(meetings),
    )


def _revise(meetings: Sequence[Meeting]) -> tuple[Block, ...]:
    """The revised agenda: marked as such, with one more item of business."""
    (agenda,) = [m.agenda for m in meetings if (m.body, m.date) == REVISED[:2]]
    addition = Block(
        style="item",
        text="Added: Emergency closure of the swing bridge. The bearing of the swing bridge seized"
        " on Sunday and the span cannot be opened for masted vessels.",
    )
    title = replace(agenda[0], text=f"REVISED {agenda[0].text}")
    return (title, *agenda[1:-1], addition, agenda[-1])


# -- a year of one body -------------------------------------------------------------------------


def _year_of(body: GoverningBody, seed: int) -> Iterator[Meeting]:
    chance = random.Random(f"{seed} {body.name}")
    business = _schedule(body, chance)
    previous: date | None = None
    for day, topics in zip(body.dates, business, strict=True):
        yield _Secretary(body, day, previous, topics, chance).write()
        previous = day


def _schedule(body: GoverningBody, chance: random.Random) -> list[list[tuple[prose.Topic, str]]]:
    """Deal out each topic's steps over the year, first steps before second ones."""
    topics = list(body.topics)
    chance.shuffle(topics)
    turns = max(len(topic.steps) for topic in topics)
    steps = [
        (topic, topic.steps[turn])
        for turn in range(turns)
        for topic in topics
        if turn < len(topic.steps)
    ]
    size = body.topics_per_meeting
    return [steps[i * size : (i + 1) * size] for i in range(len(body.dates))]


class _Secretary:
    """Writes the documents of one meeting, and keeps the truth beside them."""

    def __init__(
        self,
        body: GoverningBody,
        day: date,
        previous: date | None,
        business: Sequence[tuple[prose.Topic, str]],
        chance: random.Random,
    ) -> None:
        """`chance` is consumed, so meetings have to be written in order."""
        self.body, self.day, self.previous, self.business = body, day, previous, business
        self.chance = chance
        self.motions: list[RecordedMotion] = []
        self.blocks: list[Block] = []
        # The chair attends, so that there is always someone to call the meeting to order.
        away = chance.random() < 0.45
        self.absent = (chance.choice(body.members[1:]),) if away else ()
        self.present = tuple(m for m in body.members if m not in self.absent)

    def write(self) -> Meeting:
        """The meeting, complete."""
        self._opening()
        self._minutes_of_last_meeting()
        self._public_comment()
        for topic, step in self.business:
            self._topic(topic, step)
        self._reports()
        self._adjournment()
        return Meeting(
            body=self.body.name,
            date=self.day,
            members=self.body.members,
            staff=self.body.staff,
            absent=self.absent,
            motions=tuple(self.motions),
            agenda=tuple(self._agenda()),
            minutes=tuple(self.blocks),
        )

    # -- small hands --

    @property
    def chair(self) -> Official:
        """Who presides."""
        return self.body.members[0]

    def _say(self, text: str, style: str = "text") -> None:
        self.blocks.append(Block(style=style, text=text))

    def _long_date(self, day: date) -> str:
        return f"{day:%B} {day.day}, {day.year}"

    def _two(self) -> tuple[Official, Official]:
        """A mover and a seconder; chairs seldom move, here never."""
        mover, seconder = self.chance.sample(self.present[1:], 2)
        return mover, seconder

    # -- the minutes, part by part --

    def _opening(self) -> None:
        self._say(f"Town of {NAME}\n{self.body.name}", "title")
        self._say(f"MINUTES OF THE REGULAR MEETING\n{self._long_date(self.day)}", "subtitle")
        self._say(
            f"{self.chair.titled} called the meeting to order at 7:00 p.m. in the Old Customs"
            " House, 1 Wharf Street. The pledge of allegiance was recited."
        )
        self._say("Roll Call", "heading")
        present = ", ".join(f"{m.role} {m.name}" for m in self.present)
        absent = ", ".join(f"{m.role} {m.name}" for m in self.absent) or "None"
        staff = ", ".join(f"{s.role} {s.name}" for s in self.body.staff)
        self._say(f"PRESENT: {present}\nABSENT: {absent}\nALSO PRESENT: {staff}")

    def _minutes_of_last_meeting(self) -> None:
        self._say("Approval of Minutes and Consent Calendar", "heading")
        which = self._long_date(self.previous) if self.previous else "the December meeting"
        self._move(f"approve the minutes of {which} as written")
        if self.body.style == "blocks":
            self._say(
                "The consent calendar held the payment of bills, two applications for parade"
                " permits and the monthly report of the harbor master."
            )
            self._move("approve the consent calendar as presented")

    def _public_comment(self) -> None:
        self._say("Public Comment", "heading")
        speakers = self.chance.sample(prose.RESIDENTS, 3)
        concerns = self.chance.sample(prose.CONCERNS, 3)
        for speaker, concern in zip(speakers, concerns, strict=True):
            street = self.chance.choice(prose.STREETS)
            self._say(f"{speaker}, {self.chance.randint(2, 190)} {street}, {concern}.")

    def _topic(self, topic: prose.Topic, step: str) -> None:
        self._say(topic.title, "heading")
        self._say(topic.background)
        speakers = self.chance.sample(prose.RESIDENTS, len(topic.comments))
        said = " ".join(
            f"{who} {what}." for who, what in zip(speakers, topic.comments, strict=True)
        )
        self._say(f"The floor was opened to the public. {said}")
        asker = self.chance.choice(self.present)
        expert = self.chance.choice(self.body.staff)
        self._say(
            f"{asker.titled} {self.chance.choice(prose.QUESTIONS)}. {expert.role} {expert.surname}"
            f" {self.chance.choice(prose.ANSWERS)}."
        )
        # What is defeated does not come back: only a topic's last step may fail.
        self._move(step, contested=True, may_fail=step == topic.steps[-1])

    def _reports(self) -> None:
        self._say("Reports", "heading")
        for report in self.chance.sample(prose.REPORTS, 3):
            self._say(report, "item")

    def _adjournment(self) -> None:
        self._say("Adjournment", "heading")
        self._move("adjourn")
        minute = self.chance.randint(5, 55)
        self._say(f"The meeting was adjourned at 9:{minute:02d} p.m.")
        self._say(f"Respectfully submitted,\n{_CLERK.name}\n{_CLERK.role}")

    # -- motions and votes --

    def _move(self, text: str, *, contested: bool = False, may_fail: bool = False) -> None:
        mover, seconder = self._two()
        votes = dict.fromkeys(self.present, "yes")
        if contested:
            votes |= self._dissent(mover, seconder, may_fail=may_fail)
        record = {
            "blocks": self._record_in_blocks,
            "roll call": self._record_as_roll_call,
            "voice": self._record_by_voice,
        }[self.body.style]
        self.motions.append(record(text, mover, seconder, votes))

    def _dissent(
        self, mover: Official, seconder: Official, *, may_fail: bool
    ) -> dict[Official, str]:
        """Who does not vote yes, and how; never the mover or the seconder."""
        free = [member for member in self.present if member not in (mover, seconder)]
        mood = self.chance.random()
        if mood < 0.35 and may_fail:
            return dict.fromkeys(free[: len(self.present) // 2 + 1], "no")
        if mood < 0.6:
            return {self.chance.choice(free): "no"}
        if mood < 0.75:
            return {self.chance.choice(free): "abstain"}
        return {}

    def _outcome(
        self, text: str, mover: Official, seconder: Official, votes: dict[Official, str]
    ) -> RecordedMotion:
        """The truth of a vote whose yes and no counts are printed."""
        counts = [list(votes.values()).count(option) for option in ("yes", "no")]
        return RecordedMotion(
            text=text,
            mover=mover.surname,
            seconder=seconder.surname,
            result="passed" if counts[0] > counts[1] else "failed",
            yes=counts[0],
            no=counts[1],
        )

    def _record_in_blocks(
        self, text: str, mover: Official, seconder: Official, votes: dict[Official, str]
    ) -> RecordedMotion:
        """Movers in a sentence, then a block of AYES, NAYS, ABSTAIN and ABSENT."""
        motion = self._outcome(text, mover, seconder, votes)
        self._say(
            self.chance.choice(
                (
                    f"Moved by {mover.titled}, seconded by {seconder.titled}, to {text}.",
                    f"It was moved by {mover.titled} and seconded by {seconder.titled} to {text}.",
                    f"MOTION by {mover.titled}, second by {seconder.titled}, to {text}.",
                )
            )
        )
        names = {
            option: [member.surname for member, vote in votes.items() if vote == option]
            for option in ("yes", "no", "abstain")
        } | {"absent": [member.surname for member in self.absent]}
        labels = {"yes": "AYES", "no": "NAYS", "abstain": "ABSTAIN", "absent": "ABSENT"}
        self._say("\n".join(f"{labels[o]}: {', '.join(who) or 'None'}" for o, who in names.items()))
        word = "carried" if motion.result == "passed" else "failed"
        self._say(f"The motion {word} {motion.yes}-{motion.no}.")
        casts = tuple((who, option) for option in names for who in names[option])
        return replace(
            motion, abstain=len(names["abstain"]), absent=len(names["absent"]), casts=casts
        )

    def _record_as_roll_call(
        self, text: str, mover: Official, seconder: Official, votes: dict[Official, str]
    ) -> RecordedMotion:
        """One paragraph that calls the roll: `Brandt yes, Nwosu no`."""
        motion = self._outcome(text, mover, seconder, votes)
        printed = {"yes": "yes", "no": "no", "abstain": "abstain"}
        called = ", ".join(f"{member.surname} {printed[vote]}" for member, vote in votes.items())
        verb = "passed" if motion.result == "passed" else "failed"
        self._say(
            f"{mover.titled} moved to {text}; {seconder.titled} seconded."
            f" Roll call: {called}. The motion {verb} {motion.yes}-{motion.no}."
        )
        abstained = list(votes.values()).count("abstain")
        casts = tuple((member.surname, vote) for member, vote in votes.items())
        return replace(motion, abstain=abstained or None, casts=casts)

    def _record_by_voice(
        self, text: str, mover: Official, seconder: Official, votes: dict[Official, str]
    ) -> RecordedMotion:
        """One sentence and a result; names only of those who stood apart."""
        motion = self._outcome(text, mover, seconder, votes)
        opening = (
            f"On motion of {mover.titled}, seconded by {seconder.titled}, it was voted to {text}."
        )
        if set(votes.values()) == {"yes"}:
            self._say(f"{opening} The motion carried unanimously.")
            return replace(motion, yes=None, unanimous=True)
        verb = "carried" if motion.result == "passed" else "was defeated"
        self._say(f"{opening} The motion {verb}, {motion.yes} ayes, {motion.no} nays.")
        return motion

    # -- the agenda --

    def _agenda(self) -> Iterator[Block]:
        yield Block(style="title", text=f"Town of {NAME}\n{self.body.name}")
        yield Block(style="subtitle", text=f"AGENDA\n{self._long_date(self.day)}, 7:00 p.m.")
        yield Block(style="text", text="Old Customs House, 1 Wharf Street. All are welcome.")
        titles = ["Call to Order", "Roll Call", "Approval of Minutes", "Public Comment"]
        for number, title in enumerate(titles, 1):
            yield Block(style="heading", text=f"{number}. {title}")
        for number, (topic, step) in enumerate(self.business, len(titles) + 1):
            yield Block(style="heading", text=f"{number}. {topic.title}")
            yield Block(style="text", text=topic.background)
            yield Block(style="item", text=f"Suggested action: {step}.")
        yield Block(style="heading", text="Reports and Adjournment")
        yield Block(
            style="text",
            text="Anyone who needs an interpreter or other help to take part is asked to call the"
            f" office of the {_CLERK.role}, {_CLERK.name}, two days before the meeting.",
        )
