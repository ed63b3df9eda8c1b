"""A site's source in, document rows and fetch items out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from clerk import keys
from clerk.errors import SourceUnavailable
from clerk.lifecycle import Write, checkpoint
from clerk.model import DiscoveredDocument, RunState, UndatedDocument
from clerk.store import documents, effects, ledger, runs, sites
from clerk.store.ledger import Item, Work
from clerk.store.runs import Run
from clerk.wiring import Services

CHUNK = 500
"""Listed documents a transaction: of a source of 20,000 no more than the ids is held in memory."""


@dataclass(slots=True)
class Seen:
    """What a listing came to so far."""

    listed: set[str] = field(default_factory=set)
    """Ids of documents whose meeting is known."""
    untouched: int = 0
    """Of them: need no fetch."""
    partial: bool = False
    """Some of the listing could not be read."""


def do(at: Services, run: Run, _item: Item) -> Write:
    """Ask the source what it lists; what may have changed becomes a fetch item.

    While a source does not answer, the run's reason says why.
    """
    try:
        return _discover(at, run)
    except SourceUnavailable as error:
        with at.transaction() as connection:
            runs.explain(connection, run.id, f"the source cannot be read yet: {error}")
        raise


def _discover(at: Services, run: Run) -> Write:
    with at.transaction() as connection:
        runs.move(connection, run.id, expected=[RunState.QUEUED], to=RunState.FETCHING)
        site = sites.get(connection, run.site)
    since = None if run.all_years else site.start_year
    seen = Seen()
    for chunk in _chunks(at.fetcher(site.fetcher).discover(site, since=since)):
        checkpoint(at)
        with at.transaction() as connection:
            _record(connection, run, chunk, seen)

    def write(connection: Connection) -> None:
        # Every listed document has its row by now, and stands in the listing once.
        documents.record_seen(connection, run.site, seen.listed)
        vanished = 0
        if not seen.partial:
            vanished = documents.record_vanished(connection, run.site, seen.listed, since=since)
        runs.add_to_report(
            connection,
            run.id,
            untouched=seen.untouched,
            vanished=vanished,
            emptied=vanished > 0 and not seen.listed,
        )
        runs.explain(connection, run.id, "")
        documents.forget_undated(connection, run.site, run.created_at)

    return write


def _chunks(
    found: Iterable[DiscoveredDocument | UndatedDocument],
) -> Iterator[list[DiscoveredDocument | UndatedDocument]]:
    chunk: list[DiscoveredDocument | UndatedDocument] = []
    for document in found:
        chunk.append(document)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _record(
    connection: Connection,
    run: Run,
    found: list[DiscoveredDocument | UndatedDocument],
    seen: Seen,
) -> None:
    """Store a chunk and add it to what was seen."""
    effects.hold(connection, run.id)
    sites.lock(connection, run.site)
    dated = [document for document in found if isinstance(document, DiscoveredDocument)]
    undated = [document for document in found if isinstance(document, UndatedDocument)]
    known = [
        keys.document_id(run.site, document.kind, document.source_id)
        for document in undated
        if not documents.record_undated(connection, run.site, document)
    ]
    listed = documents.record_listing(connection, run.site, dated, force=run.force)
    fresh = [one for one in listed if one.fresh]
    for one in fresh:
        documents.promise_validator(connection, one.id, one.validator)
    # Newest first: what was decided last week is looked for before what was decided in 1974.
    ledger.add(
        connection,
        run.id,
        run.site,
        Work.FETCH,
        [(one.id, -one.date.toordinal()) for one in fresh],
    )
    seen.listed.update(known, (one.id for one in listed))
    seen.untouched += len(listed) - len(fresh)
    seen.partial |= any(document.partial for document in undated)


def failed(_connection: Connection, _run: Run, _item: Item, _reason: str) -> None:
    """The reason is the item's error, and becomes the run's."""
