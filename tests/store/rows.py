"""Rows to start from: a site, a run, listed documents."""

from datetime import date

from sqlalchemy import Connection, text

from clerk.model import DiscoveredDocument, DocumentKind, Download, Priority, Site, Stage
from clerk.store import documents, runs, sites
from clerk.store.runs import Run

SITE = "alder.example"


def site(connection: Connection, subdomain: str = SITE) -> str:
    sites.add(connection, Site(subdomain=subdomain, name="Alder", source="/srv", fetcher="folder"))
    return subdomain


def run(connection: Connection, subdomain: str = SITE, **how) -> Run:
    """A new run with its progress rows; the site is made if need be."""
    if not connection.execute(
        text("SELECT 1 FROM sites WHERE subdomain = :site"), {"site": subdomain}
    ).first():
        site(connection, subdomain)
    found = runs.enqueue(
        connection, subdomain, priority=how.pop("priority", Priority.NORMAL), **how
    )
    runs.reset_progress(connection, found.run, [stage.value for stage in Stage])
    return found.run


def found(
    source_id: str = "a.pdf",
    *,
    body: str = "City Council",
    day: date = date(2024, 3, 5),
    kind: DocumentKind = DocumentKind.MINUTES,
    title: str = "",
    validator: str | None = None,
) -> DiscoveredDocument:
    return DiscoveredDocument(
        kind=kind,
        source_id=source_id,
        url=source_id,
        body=body,
        date=day,
        title=title,
        validator=validator,
    )


def listed(connection: Connection, *which: DiscoveredDocument, force: bool = False):
    """List documents of SITE; answers their rows."""
    rows = documents.record_listing(connection, SITE, which, force=force)
    for row in rows:
        if row.fresh:
            documents.promise_validator(connection, row.id, row.validator)
    return rows


def content(name: str) -> Download:
    return Download(sha256=f"{name:0<64}", size=len(name))
