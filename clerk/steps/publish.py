"""A site's rows in, a generation of meetings.db built, deployed and listed in sites.db out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection

from clerk import keys, published
from clerk.adapters import scratch
from clerk.adapters.locks import file_lock
from clerk.errors import (
    BreakerOpen,
    Busy,
    ClerkError,
    Permanent,
    StorageFault,
    StorageFull,
    UnusableBase,
    Withheld,
)
from clerk.lifecycle import Write, checkpoint
from clerk.model import (
    CompiledDocument,
    CompiledPage,
    CompileReport,
    DocumentState,
    Extraction,
    GenerationInfo,
    GenerationKind,
    Meeting,
    Missing,
    Site,
    SiteRow,
)
from clerk.stages.compile import compile_site, fault, fingerprints
from clerk.stages.dating import other_day
from clerk.stages.meetings import Found, Paper, meetings_of, superseded
from clerk.stages.sessions import HEADING, heading_of, session_of_heading
from clerk.stages.sites_index import update_sites_db
from clerk.stages.sqlite import storable
from clerk.steps import pictures
from clerk.store import documents, effects, extractions, generations, ledger, pages, runs, sites
from clerk.store.database import without_idle_limit
from clerk.store.documents import Document
from clerk.store.generations import Generation
from clerk.store.ledger import Item
from clerk.store.pages import PageSums, StoredPage
from clerk.store.runs import Run
from clerk.text import counted, plain
from clerk.wiring import Services

log = structlog.get_logger(__name__)

RESTORED, LISTED, LOST = "restored", "listed", "lost"
DAMAGED, REPLACED, STALE = "damaged", "replaced", "stale"
MENDED = {
    RESTORED: "its published database was gone and is there again",
    REPLACED: "its published database was damaged and is whole again",
    LISTED: "its row in sites.db is brought up to date",
    LOST: "its published database was gone and is built anew",
    DAMAGED: "its published database could not be read and is built anew",
    STALE: "its published database told as missing what no longer is, and is built anew",
}
"""What became of a look at what was published before, where something had to be done."""
TO_BUILD = (LOST, DAMAGED, STALE)
"""Of these, what only a new generation mends."""

_FACTS = "|facts:"
_WAITS = "publishing waits: "


# -- compiling -------------------------------------------------------------------------------------


def compile_generation(at: Services, run: Run, item: Item) -> Write:
    """Build the generation that the item names, upon the newest one before it."""
    number = int(item.key)
    with at.transaction() as holding:
        without_idle_limit(holding)
        if not generations.hold_site(holding, run.site):
            raise Busy(f"another generation of {run.site} is being compiled")
        generation = generations.get(holding, run.site, number)
        if generation.state == "built":
            # Killed between that commit and the answer: what it made waits to be deployed.
            return lambda connection: ledger.set_note(connection, item, "built")
        base = generations.newest_built(holding, run.site)
        if generation.state != "building" or (base is not None and base.number > number):
            return _superseded(run, item)
        with _explaining(at, run):
            built = _build(at, holding, generation, base)
        if built is None:
            return _superseded(run, item)
        effects.hold(holding, run.id)
        # Said while the site is held, so that the next compile finds this one as its base.
        generations.record_built(holding, run.site, number, built)
    return lambda connection: ledger.set_note(connection, item, "built")


def _superseded(run: Run, item: Item) -> Write:
    def write(connection: Connection) -> None:
        generations.supersede(connection, run.site, int(item.key))
        ledger.set_note(connection, item, "superseded")

    return write


def _build(
    at: Services, connection: Connection, generation: Generation, base: Generation | None
) -> CompileReport | None:
    """Write the file and store it. None: it would say nothing that the base does not."""
    site = sites.get(connection, generation.site)
    with ExitStack() as stack:
        folder = stack.enter_context(scratch.folder())
        file = _base_file(at, base, stack)
        wanted = _wanted(connection, site, full=generation.kind is GenerationKind.FULL)
        before = _before(file)
        if before is None:
            file, before = None, {}
        changed = [each for each in wanted if each.differs_from(before.get(each.document.id))]
        removed = before.keys() - {each.document.id for each in wanted}
        if not changed and not removed and not _worth_it(generation, base):
            return None
        info = _info(connection, site, generation)
        target = folder / "meetings.db"
        report = compile_site(target, file, info, _rows(at, connection, changed), removed)
        at.storage.put(keys.generation_key(site.subdomain, generation.number), target)
    log.info("compiled", generation=generation.number, pages=report.pages, changed=report.changed)
    return report


def _base_file(at: Services, base: Generation | None, stack: ExitStack) -> Path | None:
    if base is None:
        return None
    try:
        return stack.enter_context(at.storage.local(keys.generation_key(base.site, base.number)))
    except FileNotFoundError:
        log.warning("base is gone, compiling from nothing", generation=base.number)
        return None


def _before(file: Path | None) -> Mapping[str, str] | None:
    """Fingerprints in the base; None: it cannot be used, build from nothing."""
    if file is None:
        return None
    try:
        return fingerprints(file)
    except UnusableBase as error:
        log.warning("base cannot be used, compiling from nothing", error=str(error))
        return None


def _worth_it(generation: Generation, base: Generation | None) -> bool:
    """Without a changed document only a first full generation over a fast one says more."""
    return generation.kind is GenerationKind.FULL or base is None


@dataclass(frozen=True)
class Wanted:
    """A document as the new generation should have it."""

    document: Document
    meeting: Meeting
    superseded_by: str | None
    sums: PageSums | None
    fingerprint: str
    full: bool

    def differs_from(self, before: str | None) -> bool:
        """Whether its rows must be written. A fast generation leaves the facts it finds alone."""
        if before is None or self.full:
            return before != self.fingerprint
        return before.partition(_FACTS)[0] != self.fingerprint.partition(_FACTS)[0]


def _wanted(connection: Connection, site: Site, *, full: bool) -> list[Wanted]:
    marks = pages.sums(connection, site.subdomain)
    seen = extractions.seen(connection, site.subdomain)
    known = documents.dated(connection, site.subdomain)
    papers = _papers(connection, site, known)
    meetings = meetings_of(papers)
    instead = superseded(papers, meetings)
    wanted = []
    for document in known:
        if document.state is DocumentState.DISCOVERED:
            continue
        sums, meeting = marks.get(document.id), meetings[document.id]
        facts = ":".join([*seen.get(document.id, ("", "")), instead.get(document.id, "")])
        wanted.append(
            Wanted(
                document=document,
                meeting=meeting,
                superseded_by=instead.get(document.id),
                sums=sums,
                fingerprint=f"{_text_part(document, meeting, sums)}{_FACTS}{facts if full else ''}",
                full=full,
            )
        )
    return wanted


def _papers(connection: Connection, site: Site, known: Iterable[Document]) -> Sequence[Paper]:
    headings = pages.beginnings(connection, site.subdomain, HEADING)
    amounts = extractions.amounts(connection, site.subdomain)
    return [
        _paper(document, headings.get(document.id, ""), amounts.get(document.id))
        for document in known
    ]


def _paper(document: Document, heading: str, amounts: tuple[int, int] | None) -> Paper:
    return Paper(
        id=document.id,
        kind=document.kind,
        body=document.body,
        date=document.date,
        ordinal=document.ordinal,
        title=document.title,
        place=document.source_id,
        told=document.session or session_of_heading(heading, document.body),
        heading=heading,
        date_estimated=document.date_estimated,
        since=document.created_at,
        vanished=document.vanished_at is not None,
        sha256=document.sha256 if document.visible == document.version else None,
        found=Found(*amounts) if document.readable and amounts is not None else None,
    )


def _text_part(document: Document, meeting: Meeting, sums: PageSums | None) -> str:
    meta = keys.digest(
        document.body,
        document.date.isoformat(),
        str(document.ordinal),
        str(meeting.ordinal),
        meeting.session,
        f"{meeting.date_estimated}{document.date_estimated}",
        document.title,
        document.url,
        *document.outcome,
    )
    return f"{sums.mark if sums else '-'}|{meta}"


def _rows(
    at: Services, connection: Connection, wanted: Iterable[Wanted]
) -> Iterator[CompiledDocument]:
    extension = at.settings.ocr.page_images
    for each in wanted:
        checkpoint(at)
        document = each.document
        stored = _stored(connection, document)
        shown = list(_pages(document, stored, extension))
        found = extractions.load(connection, [document.id]).get(document.id)
        if found and not each.full and not _still_said(found, shown):
            found = None
        state, reason = document.outcome
        yield CompiledDocument(
            id=document.id,
            fingerprint=each.fingerprint,
            kind=document.kind,
            body=document.body,
            date=document.date,
            ordinal=document.ordinal,
            meeting=each.meeting,
            title=document.title,
            url=document.url,
            sha256=stored[0].sha256 if stored else document.sha256,
            state=state,
            reason=reason,
            pages_total=each.sums.total if each.sums else 0,
            pages=shown,
            extraction=found,
            date_estimated=document.date_estimated,
            heading_date=_heading_date(document, shown),
            superseded_by=each.superseded_by,
        )


def _heading_date(document: Document, shown: Sequence[CompiledPage]) -> date | None:
    """The day on its first page, where that is another than the source's: one may be wrong."""
    first = next((page.text for page in shown if page.number == 1), "")
    heading = heading_of(first)
    return other_day(heading, document.date, today=document.created_at.date())


def _still_said(found: Extraction, shown: Sequence[CompiledPage]) -> bool:
    """Whether what was found in a document's former text stands in this one at the same places.

    So a document that is only read again keeps its facts until the full generation has new ones.
    """
    texts = {page.number: page.text for page in shown}
    return all(
        texts.get(each.span.page, "")[each.span.start : each.span.end] == each.text
        for each in found.mentions
    )


def _stored(connection: Connection, document: Document) -> Sequence[StoredPage]:
    stored = pages.of_version(connection, document.id, document.visible)
    if stored:
        return stored
    # A newer version may have taken its place since this compile began.
    visible = documents.get(connection, document.id).visible
    return pages.of_version(connection, document.id, visible)


def _pages(
    document: Document, stored: Sequence[StoredPage], extension: str
) -> Iterator[CompiledPage]:
    for page in stored:
        yield CompiledPage(
            id=page.id,
            number=page.number,
            text=page.text or "",
            page_image=pictures.path_of(document, page.number, extension),
            state=page.state,
            source=page.source,
            engine=page.engine,
            confidence=page.confidence,
            reason=page.reason,
        )


def _info(connection: Connection, site: Site, generation: Generation) -> GenerationInfo:
    return GenerationInfo(
        site=site,
        generation=generation.number,
        kind=generation.kind,
        run=generation.run,
        built_at=datetime.now(UTC),
        missing=[
            Missing(
                document=gap.document,
                url=gap.url,
                page=gap.page,
                reason=gap.reason,
                detail=gap.detail,
            )
            for gap in documents.gaps(connection, site.subdomain)
        ],
    )


def compile_failed(connection: Connection, run: Run, item: Item, _reason: str) -> None:
    """The generation is not to be had; what is published stays."""
    generations.fail(connection, run.site, int(item.key))


# -- deploying -------------------------------------------------------------------------------------


def deploy_generation(at: Services, run: Run, item: Item) -> Write:
    """Put the generation before readers, unless a newer one is there.

    One that they were given before is only looked after: see `_confirm`.
    """
    number = int(item.key)
    with at.transaction() as connection:
        generation = generations.get(connection, run.site, number)
        site = sites.get(connection, run.site)
        shown = sites.publication(connection, run.site).published
    if generation.state in ("superseded", "outnumbered"):
        return lambda connection: ledger.set_note(connection, item, generation.state)
    if generation.state == "failed":
        raise Permanent(f"generation {number} was not built")
    if generation.state == "building":
        raise Busy(f"generation {number} is still being built")
    with _explaining(at, run):
        look = _confirm if number == shown else _serve
        note = look(at, run, site, generation)
    if note != "published":
        return lambda connection: ledger.set_note(connection, item, note)
    swept = _sweep(at, run.site)

    def write(connection: Connection) -> None:
        generations.record_published(connection, run.site, number)
        generations.record_swept(connection, run.site, swept)
        ledger.set_note(connection, item, note)

    return write


@contextmanager
def _explaining(at: Services, run: Run) -> Iterator[None]:
    """While the storage or the place of readers cannot be used, the run's reason says why."""
    try:
        yield
    except (Busy, BreakerOpen, StorageFault, StorageFull, OSError) as error:
        if not (run.reason and isinstance(error, BreakerOpen)):  # that one names no cause
            _explain(at, run, f"{_WAITS}{error}")
        raise
    if run.reason.startswith(_WAITS):  # pages may wait for something, too
        _explain(at, run, "")


def _explain(at: Services, run: Run, reason: str) -> None:
    with at.transaction() as connection:
        runs.explain(connection, run.id, reason)


def _serve(at: Services, run: Run, site: Site, generation: Generation) -> str:
    """Hand a built generation to the deployer; answers in a word what became of it."""
    newest = at.deployer.newest(site)
    with at.transaction() as connection:
        # Committed before readers can see it: else a killed deploy would look like another life's.
        offered = generations.offer(connection, run.site, generation.number, newest)
    if not offered:
        log.warning(
            "readers have a number from elsewhere", generation=generation.number, theirs=newest
        )
        return "outnumbered"
    with _handing_over(at, run, generation) as database:
        if taken := taken_by(at, site, database):
            if generation.kind is GenerationKind.FAST:  # what is still to be read may be it
                return "withheld"
            raise withheld(run.site, generation.number, taken)
        served = at.deployer.deploy(site, database, generation.number)
        if served.generation != generation.number:  # readers see a newer one, or were rolled back
            return "superseded"
        list_site(at, site, generation)
    return "published"


@contextmanager
def _handing_over(at: Services, run: Run, generation: Generation) -> Iterator[Path]:
    """The built database, while nobody who cancels the run believes that it has ended."""
    with at.transaction() as connection:
        without_idle_limit(connection)
        effects.hold(connection, run.id)
        with at.storage.local(keys.generation_key(run.site, generation.number)) as database:
            yield database


def _confirm(at: Services, run: Run, site: Site, generation: Generation) -> str:  # noqa: PLR0911 - one for each thing that may be found
    """Give readers once more what they had, where it is gone; answers in a word what it took.

    What a person put in its place, or took back, stays, unless nobody can read it.
    """
    served = at.deployer.served(site)
    if served is None:
        return _bring_back(at, run, site, generation, restored=RESTORED, lost=LOST)
    if served.generation not in (0, generation.number):
        return "confirmed"
    if fault(Path(served.location)):
        return _bring_back(at, run, site, generation, restored=REPLACED, lost=DAMAGED)
    if served.generation == 0:
        return "confirmed"
    with at.transaction() as connection:
        stale = stale_gaps(connection, site.subdomain, Path(served.location))
    if stale:
        return STALE
    if _is_listed(at, site, generation):
        return "confirmed"
    with at.transaction() as connection:
        effects.hold(connection, run.id)
        list_site(at, site, generation)
    return LISTED


def _bring_back(
    at: Services, run: Run, site: Site, generation: Generation, *, restored: str, lost: str
) -> str:
    """Serve the generation from the storage; answers `restored`, or `lost` if it cannot be."""
    if not at.storage.exists(keys.generation_key(run.site, generation.number)):
        return lost
    with _handing_over(at, run, generation) as database:
        if fault(database):
            return lost
        at.deployer.deploy(site, database, generation.number)
        list_site(at, site, generation)
    pictures.forget_lost(at, run.site)
    return restored


def stale_gaps(connection: Connection, site: str, database: Path) -> int:
    """How much a whole published database tells as missing that is not missing any more.

    What a person went back to tells of its own day.
    """
    told = published.missing(database)
    if not told or sites.publication(connection, site).withdrawn:
        return 0
    gaps = documents.gaps(connection, site)
    return len(told - {(gap.document, gap.page) for gap in gaps})


def _is_listed(at: Services, site: Site, generation: Generation) -> bool:
    """Whether sites.db tells of this generation, and of the site as it is now."""
    return published.listing(at.sites_db, site.subdomain) == (
        *(storable(value) for value in (site.name, site.state, site.country, site.kind)),
        site.lat,
        site.lng,
        generation.number,
    )


def taken_by(at: Services, site: Site, database: Path) -> Sequence[str]:
    """Addresses of what readers have, `database` lacks and this Postgres never knew.

    Not of what one of our own generations shows: what that has and a newer one lacks was left out
    knowingly. Where Postgres is another one, or the site was removed and added again, nobody knows
    of it any more, and readers would lose it without a word.
    """
    served = at.deployer.served(site)
    if served is None:
        return []
    with at.transaction() as connection:
        if generations.is_ours(connection, site.subdomain, served.generation):
            return []
    theirs = published.documents(Path(served.location))
    # The same file may have another id now: another kind, another address.
    kept = {name for document in published.documents(database) for name in document if name}
    return sorted(document.url for document in theirs if kept.isdisjoint(document))


def withheld(site: str, number: int, taken: Sequence[str]) -> Withheld:
    """The error for a generation that would take documents from readers."""
    what = counted(len(taken), "document")
    # Of an error a thousand characters are kept, and the remedy stands at its end.
    named = ", ".join(plain(one, 150) for one in taken[:3]) + (", …" if len(taken) > 3 else "")
    return Withheld(
        f"would take {what} from readers",
        f"Generation {number} of {site} would take {what} from readers ({named}): they were "
        "published before this database knew the site (Postgres is a new one or an older copy, or "
        "the site was removed and added again), and are not listed at the source or could not be "
        "read. Readers keep what they have. Bring them back to the source or restore Postgres; "
        f"or publish without them: `clerk deploy {site}`.",
    )


def _sweep(at: Services, site: str) -> list[int]:
    """Delete what is older than `retention.generations`; answers what is gone.

    As well as can be: readers have the new generation, and the next deploy tries the rest again.
    """
    with at.transaction() as connection:
        old = generations.surplus(connection, site, at.settings.retention.generations)
    swept = []
    for number in old:
        try:
            at.storage.delete(keys.generation_key(site, number))
        except (ClerkError, OSError) as error:
            log.warning("old generation stays", site=site, number=number, error=str(error)[:200])
            break
        swept.append(number)
    return swept


def list_site(at: Services, site: Site, generation: Generation) -> None:
    """Tell sites.db what readers of this site see."""
    row = SiteRow(
        site=site,
        pages=generation.pages,
        documents=generation.documents,
        generation=generation.number,
        last_updated=datetime.now(UTC),
    )
    update_sites_db(at.sites_db, row, lock=sites_lock(at))


def sites_lock(at: Services) -> AbstractContextManager[None]:
    """The one lock of sites.db: simultaneous deploys lose nothing."""
    return file_lock(at.sites_db.with_suffix(".lock"))


def deploy_failed(_connection: Connection, _run: Run, _item: Item, _reason: str) -> None:
    """The reason is the item's error, and becomes the run's; readers keep what they had."""
