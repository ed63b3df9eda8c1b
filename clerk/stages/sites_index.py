"""One row a site -> sites.db, the public index across sites.

The file is replaced as a whole: copied, changed, renamed. Two writers would lose one another's row,
so every change runs under a lock that the caller brings (a stage knows no adapters); readers need
none.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC
from pathlib import Path

from clerk.files import copy_into, replacing
from clerk.model import SiteRow
from clerk.stages.sqlite import building, full_disk_explained, reading, storable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sites (
  subdomain TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  country TEXT NOT NULL,
  kind TEXT NOT NULL,
  pages INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  last_updated TEXT NOT NULL,
  lat REAL,
  lng REAL,
  generation INTEGER NOT NULL
)
"""
_UPSERT = """
INSERT INTO sites VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (subdomain) DO UPDATE SET
  name = excluded.name, state = excluded.state, country = excluded.country, kind = excluded.kind,
  pages = excluded.pages, documents = excluded.documents, last_updated = excluded.last_updated,
  lat = excluded.lat, lng = excluded.lng, generation = excluded.generation
"""


def update_sites_db(path: Path, row: SiteRow, *, lock: AbstractContextManager[object]) -> bool:
    """Insert or replace a site's row; False: the file already tells of a newer generation.

    `lock` has to be the one lock of this file, e.g. `file_lock(path.with_suffix(".lock"))`; it is
    held from the first read to the rename. The same generation may be written again, so that a
    change of name shows. After a rollback, remove the site's row first. Raises StorageFull and
    what the lock raises; the file stays as it was.
    """
    with lock:
        if _generation(path, row.site.subdomain) > row.generation:
            return False
        with _changing(path) as db:
            db.execute(_UPSERT, _values(row))
        return True


def remove_site(path: Path, subdomain: str, *, lock: AbstractContextManager[object]) -> None:
    """Drop a site's row; fine if it is not there. Lock and errors as `update_sites_db`."""
    with lock, _changing(path) as db:
        db.execute("DELETE FROM sites WHERE subdomain = ?", [subdomain])


@contextmanager
def _changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the file, or an empty one, that replaces it on leaving normally."""
    with full_disk_explained(path), replacing(path) as temporary:
        if path.exists():
            copy_into(path, temporary)
        with building(temporary) as db:
            db.execute(_SCHEMA)
            yield db


def _generation(path: Path, subdomain: str) -> int:
    """The generation that the file knows of a site; 0 for none."""
    if not path.exists():
        return 0
    with reading(path) as db:
        found = db.execute("SELECT generation FROM sites WHERE subdomain = ?", [subdomain])
        return next((int(generation) for (generation,) in found), 0)


def _values(row: SiteRow) -> tuple[object, ...]:
    site = row.site
    return (
        site.subdomain,
        storable(site.name),
        storable(site.state),
        storable(site.country),
        storable(site.kind),
        row.pages,
        row.documents,
        row.last_updated.astimezone(UTC).isoformat(timespec="seconds"),
        site.lat,
        site.lng,
        row.generation,
    )
