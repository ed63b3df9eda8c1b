"""The nouns of clerk: what flows between stages. Imports nothing of clerk, does nothing.

Every value here is frozen; dates are ISO civil dates, times are UTC, page numbers start at 1,
character spans are half-open offsets into one page's text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Day = date
"""The type where a class has a field called `date`."""


class Priority(StrEnum):
    """A property of the run that every child task inherits."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Stage(StrEnum):
    """The four pipeline stages a person sees, in order."""

    FETCH = "fetch"
    OCR = "ocr"
    EXTRACTION = "extraction"
    DEPLOY = "deploy"


class RunState(StrEnum):
    """Where a run stands; docs/states.md draws the transitions."""

    QUEUED = "queued"
    FETCHING = "fetching"
    READING = "reading"
    PUBLISHING = "publishing"
    DRAWING = "drawing"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


HOLDING_RUN_STATES = (RunState.QUEUED, RunState.FETCHING, RunState.READING, RunState.PUBLISHING)
"""States in which a run holds its site: never two of them at once."""
ACTIVE_RUN_STATES = (*HOLDING_RUN_STATES, RunState.DRAWING)
"""States in which work of a run may be done. One that only draws keeps no other from starting."""


class DocumentKind(StrEnum):
    """The two kinds a council publishes; also the table a page lands in."""

    AGENDA = "agenda"
    MINUTES = "minutes"


class DocumentState(StrEnum):
    """Where a document's newest version stands."""

    DISCOVERED = "discovered"
    FETCHED = "fetched"
    READ = "read"
    FAILED = "failed"


class PageState(StrEnum):
    """Where one page of one version stands. `read` and `failed` are answers."""

    PENDING = "pending"
    READ = "read"
    FAILED = "failed"


class PageSource(StrEnum):
    """Where a page's text came from."""

    TEXT_LAYER = "text-layer"
    OCR = "ocr"
    BLANK = "blank"


class JobStatus(StrEnum):
    """The one status vocabulary of a Celery job (job_tracking.status)."""

    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    RETRYING = "retrying"
    COMPLETED = "completed"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"


class GenerationKind(StrEnum):
    """`fast` has pages and search; `full` also has people, motions and votes of every document."""

    FAST = "fast"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One municipality (or school district, county, …) and where its documents are."""

    subdomain: str
    name: str
    source: str
    fetcher: str
    state: str = ""
    country: str = "US"
    kind: str = "city"
    start_year: int | None = None
    lat: float | None = None
    lng: float | None = None
    options: Mapping[str, object] = field(default_factory=dict)


# -- what fetchers yield ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredDocument:
    """A document that the source lists.

    `source_id` is the source's own stable name for it (a relative path, a URL, a platform's
    meeting id): the document's identity is (site, kind, source_id). `validator` is whatever the
    *listing* alone tells about its content (size and mtime, an ETag in a feed); when it equals the
    stored one the document is not fetched. None: unknown, ask the server.
    """

    kind: DocumentKind
    source_id: str
    url: str
    body: str
    date: date
    title: str = ""
    session: str = ""
    """Which of the day's meetings its name says it is of; `clerk.stages.sessions.find_session`."""
    date_estimated: bool = False
    """Nothing says the day; it was taken from something else, like when the file was changed."""
    validator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndatedDocument:
    """A document that the source lists but whose meeting could not be told; it is reported.

    `reason` is for people. `dateless`: a date is what it lacks; False: it could not be taken for
    another reason. `partial`: it is no document but a part of the listing that was not read; what
    stands there is not known, so nothing counts as no longer listed.
    """

    kind: DocumentKind
    source_id: str
    url: str
    reason: str
    dateless: bool = True
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server said last time, to ask it cheaply whether a document changed."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A complete file on local disk, checked to be a PDF by its first bytes."""

    sha256: str
    size: int
    """Bytes."""
    validators: Validators = field(default_factory=Validators)


# -- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfInfo:
    """What the PDF child says of a whole file."""

    pages: int


class Decision(StrEnum):
    """What a page's text layer deserves."""

    TEXT = "text"
    OCR = "ocr"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLayer:
    """The text-layer verdict of one page. `text` is set for TEXT (and may be for OCR, as found)."""

    number: int
    decision: Decision
    reason: str
    text: str = ""
    width: float = 0.0
    """Points (1/72 inch), after /Rotate."""
    height: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """A rendered page: 8-bit grey, row-major, no padding."""

    width: int
    height: int
    dpi: int
    """The resolution really used; lower than asked where the pixel cap required it."""
    pixels: bytes
    lacks: tuple[str, ...] = ()
    """What the page has and this does not show, as its reason should say it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word."""

    line: int
    """Which of `Recognition.text`'s lines it stands in, from 0."""
    text: str
    confidence: float
    """0-100."""
    box: tuple[int, int, int, int]
    """Left, top, right and bottom in the raster's pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """One engine's answer for one raster."""

    text: str
    """Lines that end in a line feed, and in nothing else."""
    confidence: float
    """Mean word confidence, 0-100; 0 for no words."""
    words: tuple[Word, ...] = ()
    """In reading order; empty for engines that do not tell words apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """The stored answer for one page."""

    number: int
    source: PageSource
    text: str
    reason: str
    """Why this source was used, e.g. `good text layer`, `no text layer`."""
    engine: str
    """The reader's version: `pdfium`, or all that decides what OCR makes of a raster, e.g.
    `tesserocr 5.5.4 psm3 eng-7d4322bd 200dpi r1` (engine, model, resolution, our own steps)."""
    confidence: float | None = None
    """0-100 for OCR; None for text layers and blank pages."""
    unread: float | None = None
    """Percent of what looks like writing that gave no words; None without confidence, and where the
    engine does not tell words apart."""
    raster: str = ""
    """Digest of the pixels that OCR read first; empty where none were read."""
    first_seconds: float = 0.0
    """CPU seconds of the engine for the first look."""
    more_seconds: float = 0.0
    """CPU seconds of the engine for second looks."""


# -- extracting ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters [start, end) of page `page` of the document."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingText:
    """What an extractor reads: one document's pages in order (number -> text)."""

    kind: DocumentKind
    body: str
    date: date
    pages: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person named in the document, in the fullest printed form."""

    name: str
    aliases: Sequence[str] = ()
    role: str | None = None
    confidence: float = 1.0
    """0-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Where a person is named. `name` is the Person's name; `text` the words on the page."""

    name: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """`status` is present | absent | late."""

    name: str
    status: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast:
    """`option` is yes | no | abstain | absent | recused."""

    name: str
    option: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A recorded vote. A count is None where the minutes do not say it (which is not zero)."""

    result: str
    """passed | failed."""
    span: Span
    yes: int | None = None
    no: int | None = None
    abstain: int | None = None
    absent: int | None = None
    unanimous: bool | None = None
    """None where the minutes tell neither that all agreed nor that somebody did not."""
    method: str | None = None
    """roll_call | voice | None."""
    casts: Sequence[VoteCast] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A proposal put to the body. `text` is what was moved; `raw_text` the words that record it."""

    text: str
    raw_text: str
    span: Span
    mover: str | None = None
    seconder: str | None = None
    vote: Vote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything found in one document, with the extractor's name and version."""

    extractor: str
    people: Sequence[Person] = ()
    mentions: Sequence[Mention] = ()
    attendance: Sequence[Attendance] = ()
    motions: Sequence[Motion] = ()
    orgs: Sequence[str] = ()
    locations: Sequence[str] = ()


# -- compiling and publishing -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which meeting of its body and day a document belongs to."""

    ordinal: int
    """From 1."""
    session: str = ""
    """`special meeting`, `work session`, …; empty: a regular one, or nothing says which."""
    date_estimated: bool = False
    """No document of it says the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledPage:
    """One page as it goes into meetings.db; `text` is empty for a page that was not read."""

    id: str
    number: int
    text: str
    page_image: str
    state: PageState
    source: PageSource | None = None
    engine: str | None = None
    confidence: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledDocument:
    """One document as it goes into meetings.db.

    `fingerprint` names everything below it: equal fingerprints mean equal rows. `extraction` is
    None while the document has not been extracted (fast path).
    """

    id: str
    fingerprint: str
    kind: DocumentKind
    body: str
    date: date
    ordinal: int
    """1 for the first document of this kind, body and day, then 2, 3, …"""
    meeting: Meeting
    title: str
    url: str
    sha256: str | None
    state: DocumentState
    reason: str
    pages_total: int
    pages: Sequence[CompiledPage]
    extraction: Extraction | None = None
    date_estimated: bool = False
    heading_date: Day | None = None
    """The one day that the heading of its first page says, where that is not `date`."""
    superseded_by: str | None = None
    """Id of the document whose attendance, motions and votes count instead of this one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A document or page that is not in the database, and why."""

    document: str
    url: str
    page: int | None
    reason: str
    detail: str = ""
    """More about the reason, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationInfo:
    """What `_clerk` says about one meetings.db."""

    site: Site
    generation: int
    kind: GenerationKind
    run: str
    built_at: datetime
    missing: Sequence[Missing] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileReport:
    """What a compile did and what the file now holds."""

    documents: int
    pages: int
    changed: int
    """Documents whose rows were written."""
    removed: int
    motions: int
    size: int
    """Bytes of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One row of sites.db."""

    site: Site
    pages: int
    documents: int
    generation: int
    last_updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """Where a generation is served from, and what it replaced."""

    location: str
    generation: int
    replaced: int | None
