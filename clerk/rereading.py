"""Reading pages again: which of them in, a run for exactly those out.

The run begins with reading: nothing is fetched. Readers keep the text of before until a reading
succeeds, ids stay, and what was read is published as after every run. Where the run is cancelled,
pages that it had not come to are as they were.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import Connection

from clerk import enqueueing
from clerk.adapters.plugins import load_engine
from clerk.errors import Busy, InvalidInput
from clerk.model import Priority, RunState, Stage
from clerk.store import audit, ledger, readings, retries, revisions, runs, sites
from clerk.store.ledger import Work
from clerk.store.readings import Chosen, DocumentLine, PageLine, Tally, UnreadLine, Which
from clerk.store.runs import Run
from clerk.text import counted, near
from clerk.wiring import Services

NEAR = 1_000
"""Files that are compared with a misspelt one: half a second of long names."""


@dataclass(frozen=True)
class Overview:
    """How well a site was read."""

    tally: Tally
    unread: Sequence[UnreadLine]
    pages: Sequence[PageLine]
    documents: Sequence[DocumentLine]


def look(at: Services, site: str, *, worst: int, of: str = "", blank: bool = False) -> Overview:
    """The worst pages and documents of a site, or of its files with `of` in their address.

    `blank`: of pages, those on which nothing was found.

    Raises UnknownSite, InvalidInput for an `of` that no file has, DatabaseDown.
    """
    with at.transaction() as connection:
        sites.get(connection, site)
        _refuse_unknown_file(connection, site, of)
        return Overview(
            tally=readings.tally(connection, site, of),
            unread=readings.unread(connection, site, worst, of),
            pages=readings.worst(connection, site, worst, of, blank=blank),
            documents=readings.documents(connection, site, worst, of),
        )


def choose(at: Services, site: str, which: Which) -> Sequence[Chosen]:
    """The pages that `reread` would read.

    Raises UnknownSite, InvalidInput for unknown ids and for an `of` that no file has.
    """
    with at.transaction() as connection:
        sites.get(connection, site)
        _refuse_unknown_file(connection, site, which.of)
        chosen = readings.choose(connection, site, which)
        found = {page.id for page in readings.choose(connection, site, Which(ids=which.ids))}
    missing = sorted(set(which.ids) - found)
    if missing:
        raise InvalidInput(
            f"Some pages of {site} cannot be read again; nothing was changed:",
            [f"{page[:80]!r}: no such page, or it waits to be read anyway" for page in missing],
        )
    return chosen


def why_none(at: Services, site: str, which: Which) -> str:
    """Why `choose` found no page, and what to do."""
    with at.transaction() as connection:
        left = readings.left_out(connection, site, which.of)
    lines = ["No page meets that."]
    by_ocr = which.below is not None or which.unread is not None
    if left.layers and not (which.ids or which.engine or by_ocr):
        have = "page has a good text layer" if left.layers == 1 else "pages have good text layers"
        lines += [
            f"{left.layers} {have}: that is the document's own text, and OCR is seldom better.",
            "To have OCR read them all the same, add --engine pdfium.",
        ]
    elif left.waiting:
        lines += [f"{counted(left.waiting, 'page')} will be read for the first time by a run."]
    else:
        of = f" --of {shlex.quote(which.of)}" if which.of else ""
        lines += [f"`clerk pages {site}{of}` shows the confidence of pages, --json their engines."]
    return "\n".join(lines)


def _refuse_unknown_file(connection: Connection, site: str, of: str) -> None:
    if not of or readings.known(connection, site, of):
        return
    meant = _near(of, readings.addresses(connection, site, NEAR))
    raise InvalidInput(
        f"No file of {site} has {of[:80]!r} in its address.",
        [f"did you mean {name!r}?" for name in meant]
        or [f"`clerk pages {site} --documents` lists those that were read"],
    )


def _near(of: str, addresses: Sequence[str]) -> list[str]:
    """Names of files that look like `of`, best first."""
    names = [unquote(address).rstrip("/").rpartition("/")[2] for address in addresses]
    # Names with dates look alike from afar.
    return near(of, names, most=3, least=0.8)


def refuse_engine(name: str | None) -> None:
    """Raise UnsupportedEngine unless this engine, or None for the configured one, works here."""
    if name is not None:
        load_engine(name)


def reread(
    at: Services,
    site: str,
    chosen: Sequence[Chosen],
    *,
    who: str,
    reason: str = "",
    priority: str = Priority.NORMAL,
    ocr_backend: str | None = None,
) -> Run:
    """Start a run that reads `chosen` again, past the cache. At least one page.

    Raises Busy while another run of the site is in flight, InvalidInput if none of the pages can be
    read any more, and as `enqueueing.enqueue` does.
    """
    refuse_engine(ocr_backend)
    enqueueing.ping(at)
    enqueueing.refuse_under_stop(at)
    with at.transaction() as connection:
        revisions.require_head(connection)
        sites.get(connection, site)
        # Forced: asked to read, not to remember. What else that means lies before reading.
        made = runs.enqueue(
            connection, site, priority=Priority(priority), ocr_backend=ocr_backend, force=True
        )
        if made.joined:
            raise Busy(
                f"Run {made.run.id} of {site} is in flight. Read pages again when it has ended "
                f"(`clerk status --subdomain {site}`)."
            )
        run = made.run
        keys = [page.key for page in chosen]
        runs.reset_progress(connection, run, [stage.value for stage in Stage])
        retries.begin_at(connection, run.id, RunState.READING)
        ranked = ((str(key), rank) for rank, key in enumerate(keys))
        ledger.add(connection, run.id, site, Work.OCR, ranked)
        retries.remember(connection, run.id)
        count = readings.wait_again(connection, keys)
        if count < len(keys):  # a run between the choice and now
            raise InvalidInput(f"The pages of {site} have changed meanwhile; choose again.")
        runs.add_to_report(connection, run.id, reread=count)
        audit.record(connection, who=who, action="reread", target=site, reason=reason, count=count)
    enqueueing.send(run.id)
    return run
