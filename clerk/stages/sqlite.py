"""What the stages on SQLite files share: connections, full disks, storable text."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from clerk.files import storage_full

# Write errors of SQLite beside SQLITE_FULL: a quota or a file size limit shows as one of these.
_NO_ROOM = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
    }
)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with what SQLite cannot keep (NUL, lone surrogates) as U+FFFD.

    One character becomes one character, so that spans into the text stay right.
    """
    if "\0" not in text:
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _UNSTORABLE.sub("\ufffd", text)


def damaged(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is malformed or no database."""
    # Extended codes carry the primary code in their low byte: sqlite.org/rescode.html
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


@contextmanager
def full_disk_explained(target: Path) -> Iterator[None]:
    """Turn SQLite's own word for a full disk into StorageFull."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in _NO_ROOM:
            raise storage_full(target) from error
        raise


@contextmanager
def building(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that writes a file nobody else sees yet, without journal or flushes.

    Whatever goes wrong spoils the file: throw it away. Transactions are the caller's.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # 8 KiB: two pages of minutes to a leaf; measured a quarter less CPU than 4 KiB.
        db.execute("PRAGMA page_size = 8192")
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA cache_size = -65536")  # KiB, so 64 MiB however large the site
        yield db


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection to a finished file, which is replaced by renames but never written.

    Raises FileNotFoundError.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no database at {path}")
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
        yield db
