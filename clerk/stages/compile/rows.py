"""One document in, its rows of every table out: pure, so that the writer only writes.

People are merged across a site's documents conservatively: one row for one folded name (Unicode
compatibility form, case and spaces aside) within one governing body, and nothing cleverer. `J.
Smith` and `John Smith`, or `Sheahan` and `Sheehan`, stay apart, since fuzzy merging joins real
people (measured); the extractor resolves variants within one meeting, where the roster decides, and
hands them over as aliases. Accepted: two people of one name in one body, years apart, are one row;
`appearances` keeps who was named where and in which role, so they can be told apart.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clerk.keys import digest
from clerk.model import (
    CompiledDocument,
    CompiledPage,
    DocumentKind,
    Extraction,
    Motion,
    PageState,
    Person,
    Span,
    Vote,
)
from clerk.stages.compile.contract import NO_ENTITIES, NO_VOTES, entities_by_page, votes_by_page
from clerk.stages.sqlite import storable

Row = tuple[str | float | None, ...]
_NOWHERE: Row = (None, None, None, None)
_KIND_WORDS = {DocumentKind.AGENDA: "agenda", DocumentKind.MINUTES: "minutes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """A row of `minutes` or `agendas`."""

    id: str
    text: str
    rest: Row
    """meeting, date, page, page_image, entities_json, votes_json."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRows:
    """Everything that one document adds; `facts` maps a table to its rows, in column order."""

    meeting: Row
    document: Row
    readable: Sequence[PageRow]
    people: Mapping[str, Row]
    facts: Mapping[str, Sequence[Row]]


def document_rows(site: str, document: CompiledDocument) -> DocumentRows:
    """The rows of `document`, published by `site` (its subdomain)."""
    facts = _Facts(site, document)
    if document.extraction is not None:
        facts.add(document.extraction)
    facts.rows["pages"] = [_provenance(document, page) for page in document.pages]
    return DocumentRows(
        meeting=_meeting(site, document),
        document=_document(site, document),
        readable=list(_readable(document)),
        people=facts.people,
        facts=facts.rows,
    )


def meeting_id(site: str, document: CompiledDocument) -> str:
    """Id of the meeting a document belongs to: its agenda and minutes share it."""
    body, day = storable(document.body), document.date.isoformat()
    return digest("meeting", site, body, day, str(document.meeting.ordinal))


def person_id(site: str, body: str, name: str) -> str:
    """Id of a person: one for each folded name within a body of a site."""
    return digest("person", site, _folded(body), _folded(name))


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", storable(name)).casefold().split())


def _meeting(site: str, document: CompiledDocument) -> Row:
    body, day, meeting = storable(document.body), document.date.isoformat(), document.meeting
    name = f"{body} {day}"
    if meeting.session:
        name += f", {meeting.session}"
    if meeting.ordinal > 1:
        name += f" ({meeting.ordinal})"
    if meeting.date_estimated:
        name += " (day estimated)"
    key, estimated = meeting_id(site, document), int(meeting.date_estimated)
    return (key, name, body, day, meeting.ordinal, meeting.session, estimated)


def _document(site: str, document: CompiledDocument) -> Row:
    body, day = storable(document.body), document.date.isoformat()
    # Datasette labels links with the title, so it is never empty.
    title = storable(document.title).strip() or f"{body} {_KIND_WORDS[document.kind]} {day}"
    return (
        document.id,
        title,
        document.kind.value,
        body,
        day,
        document.ordinal,
        meeting_id(site, document),
        storable(document.url),
        document.sha256,
        document.state.value,
        storable(document.reason),
        document.pages_total,
        sum(map(_is_readable, document.pages)),
        _confidence(document.pages),
        document.extraction.extractor if document.extraction else None,
        int(document.date_estimated),
        document.heading_date.isoformat() if document.heading_date else None,
        document.superseded_by,
        document.fingerprint,
    )


def _confidence(pages: Sequence[CompiledPage]) -> float | None:
    """Mean over the pages read by OCR, 0-100; None: there are none."""
    found = [page.confidence for page in pages if page.confidence is not None]
    return sum(found) / len(found) if found else None


def _is_readable(page: CompiledPage) -> bool:
    return page.state is PageState.READ or page.text != ""


def _readable(document: CompiledDocument) -> Iterator[PageRow]:
    meeting, day = storable(document.body), document.date.isoformat()
    entities, votes = entities_by_page(document), votes_by_page(document)
    for page in filter(_is_readable, document.pages):
        found = entities.get(page.number, NO_ENTITIES), votes.get(page.number, NO_VOTES)
        yield PageRow(
            id=page.id,
            text=storable(page.text),
            rest=(meeting, day, page.number, storable(page.page_image), *found),
        )


def _provenance(document: CompiledDocument, page: CompiledPage) -> Row:
    return (
        page.id,
        document.id,
        page.number,
        page.state.value,
        page.source.value if page.source else None,
        page.engine,
        page.confidence,
        storable(page.reason),
    )


class _Facts:
    """Collects the rows of one document's extraction, in the order they were found."""

    def __init__(self, site: str, document: CompiledDocument) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.people: dict[str, Row] = {}
        self._site = site
        self._document = document
        self._page_ids = {page.number: page.id for page in document.pages}
        self._first_seen: dict[tuple[str, str], Span] = {}

    def add(self, extraction: Extraction) -> None:
        for mention in reversed(extraction.mentions):
            self._first_seen[mention.name, mention.text] = mention.span
        for person in extraction.people:
            self._add_person(person)
        for mention in extraction.mentions:
            who = self._person(mention.name)
            self._append("mentions", who, storable(mention.text), *self._place(mention.span))
        if self._document.superseded_by is None:
            self._add_decisions(extraction)

    def _add_decisions(self, extraction: Extraction) -> None:
        """What happened at the meeting: it happened once, however often it is told."""
        for attendance in extraction.attendance:
            who = self._person(attendance.name)
            self._append("attendance", who, attendance.status, *self._place(attendance.span))
        for motion in extraction.motions:
            self._add_motion(motion)

    def _add_person(self, person: Person) -> None:
        who = self._person(person.name, person.role, person.confidence)
        for alias in dict.fromkeys((person.name, *person.aliases)):
            span = self._first_seen.get((person.name, alias))
            place = self._place(span) if span else _NOWHERE
            self._append("person_aliases", who, storable(alias), *place)

    def _add_motion(self, motion: Motion) -> None:
        ordinal = len(self.rows["motions"]) + 1
        motion_id = f"{self._document.id}-{ordinal}"
        self.rows["motions"].append(
            (
                motion_id,
                self._document.id,
                ordinal,
                storable(motion.text),
                storable(motion.raw_text),
                self._person(motion.mover) if motion.mover else None,
                self._person(motion.seconder) if motion.seconder else None,
                *self._place(motion.span),
            )
        )
        if motion.vote:
            self._add_vote(motion_id, motion.vote)

    def _add_vote(self, motion_id: str, vote: Vote) -> None:
        vote_id = f"{motion_id}v"
        counts = (vote.yes, vote.no, vote.abstain, vote.absent, vote.unanimous)
        self.rows["votes"].append(
            (
                vote_id,
                self._document.id,
                motion_id,
                vote.result,
                *counts,
                vote.method,
                *self._place(vote.span),
            )
        )
        for cast in vote.casts:
            place = self._place(cast.span)
            self._append("vote_casts", vote_id, self._person(cast.name), cast.option, *place)

    def _append(self, table: str, *values: str | float | None) -> None:
        rows = self.rows[table]
        rows.append((self._document.id, len(rows) + 1, *values))

    def _place(self, span: Span) -> Row:
        return (span.page, self._page_ids.get(span.page), span.start, span.end)

    def _person(self, name: str, role: str | None = None, confidence: float | None = None) -> str:
        """The person's id; whoever is named anywhere gets a row, listed among the people or not."""
        body, printed = storable(self._document.body), storable(name)
        who = person_id(self._site, body, name)
        if who not in self.people:
            self.people[who] = (who, printed, body)
            kept_role = storable(role) if role else None
            self.rows["appearances"].append(
                (self._document.id, who, printed, kept_role, confidence)
            )
        return who
