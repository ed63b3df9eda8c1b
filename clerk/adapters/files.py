"""Downloads as files: bytes in, a complete PDF (and its sha256) out, or no file at all."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from clerk.errors import SourceRefused, SourceUnavailable, Unreadable
from clerk.files import replacing
from clerk.model import Download

CHUNK = 256 * 1024
PDF_MAGIC = b"%PDF-"
MAGIC_WINDOW = 1024
"""Readers accept the PDF header anywhere in the first 1,024 bytes (PDF 1.7, annex H note 13)."""


@contextmanager
def atomic_write(into: Path) -> Iterator[BinaryIO]:
    """A binary file to write to; `into` holds all of it once the block ends without an exception.

    Makes the folder if needed. On an exception `into` is as it was. Raises StorageFull when the
    device has no room, any other OSError as it is.
    """
    with replacing(into) as temporary, temporary.open("wb") as file:
        yield file


def save_pdf(chunks: Iterable[bytes], into: Path, *, limit: int, name: str) -> Download:
    """Write `chunks` to `into` while counting and hashing; `name` says in errors what it is.

    At most `limit` bytes. Raises SourceRefused("too large"), Unreadable("empty" | "not a pdf"),
    StorageFull, and whatever the iterable raises; `into` then is as it was before.
    """
    digest = hashlib.sha256()
    size = 0
    head = b""
    with atomic_write(into) as file:
        for chunk in chunks:
            size += len(chunk)
            check_size(size, limit, name)
            if len(head) < MAGIC_WINDOW:
                head += chunk[: MAGIC_WINDOW - len(head)]
                if len(head) == MAGIC_WINDOW:
                    _check_magic(head, name)
            digest.update(chunk)
            file.write(chunk)
        _check_magic(head, name)
    return Download(sha256=digest.hexdigest(), size=size)


def check_size(size: int, limit: int, name: str) -> None:
    """Raise SourceRefused("too large") if `size` bytes are more than `limit`."""
    if size > limit:
        raise SourceRefused(
            "too large",
            f"{name} is larger than {limit:,} bytes; raise the size limit if it must be read",
        )


def _check_magic(head: bytes, name: str) -> None:
    if not head:
        raise Unreadable("empty", f"{name} holds no bytes; ask the publisher for the file")
    if PDF_MAGIC not in head:
        raise Unreadable(
            "not a pdf",
            f"{name} is not a PDF: the first {MAGIC_WINDOW} bytes hold no {PDF_MAGIC.decode()}",
        )


def atomic_copy(source: Path, into: Path, *, limit: int) -> Download:
    """Copy the PDF `source` to `into`, all at once and streamed; at most `limit` bytes.

    Raises SourceRefused("missing" | "not a file" | "not allowed" | "too large"),
    SourceUnavailable when the file changes while it is read, Unreadable("empty" | "not a pdf").
    """
    with _open_regular(source) as file:
        check_size(os.fstat(file.fileno()).st_size, limit, source.name)
        return save_pdf(_settled(file, source.name), into, limit=limit, name=source.name)


def _settled(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The file's bytes; raises at the end, before the rename, if they changed meanwhile."""
    before = os.fstat(file.fileno())
    size = 0
    while chunk := file.read(CHUNK):
        size += len(chunk)
        yield chunk
    after = os.fstat(file.fileno())
    if (size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceUnavailable(f"{name} changed while it was being read; try again later")


@contextmanager
def _open_regular(source: Path) -> Iterator[BinaryIO]:
    # Without O_NONBLOCK opening a named pipe would wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(source, flags)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceRefused("missing", f"{source.name} is no longer in the folder") from error
    except OSError as error:
        raise SourceRefused(
            "not allowed", f"{source.name} cannot be opened ({error.strerror}); check its rights"
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SourceRefused("not a file", f"{source.name} is not a regular file")
        yield file


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a local file, streamed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
