"""A site's source in, document rows and fetch items out."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from clerk.lifecycle import Write, checkpoint
from clerk.model import DiscoveredDocument, RunState, UndatedDocument
from clerk.store import documents, effects, ledger, runs, sites
from clerk.store.ledger import Item, Work
from clerk.store.runs import Run
from clerk.wiring import Services

CHUNK = 500
"""Listed documents a transaction: a source of 20,000 is never held in memory or in one lock."""


def do(at: Services, run: Run, _item: Item) -> Write:
    """Ask the source what it lists; what may have changed becomes a fetch item."""
    with at.transaction() as connection:
        runs.move(connection, run.id, expected=[RunState.QUEUED], to=RunState.FETCHING)
        site = sites.get(connection, run.site)
    since = None if run.all_years else site.start_year
    untouched = 0
    for chunk in _chunks(at.fetcher(site.fetcher).discover(site, since=since)):
        checkpoint(at)
        with at.transaction() as connection:
            untouched += _record(connection, run, chunk)

    def write(connection: Connection) -> None:
        runs.add_to_report(connection, run.id, untouched=untouched)
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
    connection: Connection, run: Run, found: list[DiscoveredDocument | UndatedDocument]
) -> int:
    """Store a chunk; answers how many need no fetch."""
    effects.hold(connection, run.id)
    sites.lock(connection, run.site)
    dated = [document for document in found if isinstance(document, DiscoveredDocument)]
    for document in found:
        if isinstance(document, UndatedDocument):
            documents.record_undated(connection, run.site, document)
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
    return len(listed) - len(fresh)


def failed(_connection: Connection, _run: Run, _item: Item, _reason: str) -> None:
    """The reason is the item's error, and becomes the run's."""
