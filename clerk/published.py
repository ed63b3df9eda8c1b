"""The publish folder as readers find it: site -> meetings.db."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from clerk.errors import UnknownSite
from clerk.keys import valid_subdomain
from clerk.stages.sqlite import reading


def databases(folder: Path, sites: Sequence[str] = ()) -> dict[str, Path]:
    """The published databases, of `sites` or of all. Raises UnknownSite for one that has none."""
    if sites:
        return {site: _database(folder, site) for site in sites}
    return {path.parent.name: path for path in sorted(folder.glob("*/meetings.db"))}


def counts(database: Path) -> tuple[int, int]:
    """Documents and pages of a published database; zeros where it is no file of this machine."""
    if not database.is_file():
        return 0, 0
    with reading(database) as db:
        found = db.execute("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM pages)")
        documents, pages = found.fetchone()
    return documents, pages


def listing(sites_db: Path, subdomain: str) -> tuple[object, ...] | None:
    """What sites.db tells of a site: name, state, country, kind, lat, lng, generation.

    None where it does not, or is no file that clerk made.
    """
    try:
        with reading(sites_db) as db:
            found = db.execute(
                "SELECT name, state, country, kind, lat, lng, generation FROM sites "
                "WHERE subdomain = ?",
                [subdomain],
            )
            return next(iter(found), None)
    except (FileNotFoundError, sqlite3.DatabaseError):
        return None


class Published(NamedTuple):
    """A document that readers of a database can read. Each of these names it."""

    id: str
    url: str
    sha256: str | None


def documents(database: Path) -> list[Published]:
    """What readers of a database can read.

    Nothing where it is no file of this machine, or none that clerk made.
    """
    if not database.is_file():
        return []
    try:
        with reading(database) as db:
            rows = db.execute("SELECT id, url, sha256 FROM documents WHERE state = 'read'")
            return [Published(*row) for row in rows]
    except sqlite3.DatabaseError:
        return []


def missing(database: Path) -> frozenset[tuple[str, int | None]]:
    """The documents, and pages of them, that a whole database tells as missing."""
    with reading(database) as db:
        return frozenset(db.execute("SELECT document, page FROM _clerk_missing"))


def _database(folder: Path, site: str) -> Path:
    path = folder / site / "meetings.db"
    if not valid_subdomain(site) or not path.is_file():
        raise UnknownSite(
            f"Nothing is published for {site!r} in {folder}. "
            f"Read it with `clerk enqueue {site}`; what was lost there comes back with it."
        )
    return path
