"""Files that appear all at once: paths flow in, complete and durable files flow out.

A file is written beside its target under a name that starts with `.` and ends with PARTIAL, made
durable, and renamed over the target. Readers see the old file or the new one. What a killed
process leaves behind carries PARTIAL, so that a sweep can tell it from everything else.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clerk.errors import StorageFull

PARTIAL = ".part"
_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
_WRITER = re.compile(r"\.(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-[0-9a-f]{16}\.part$")
_FOREIGN_SECONDS = 24 * 3600.0

# EFBIG: a file size limit (ulimit -f) looks the same to the person who has to act.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# What copy_file_range answers where it cannot work: old kernels, some network file systems, pipes.
_CANNOT_COPY_RANGE = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP})
_CHUNK = 1 << 30


def storage_full(target: Path) -> StorageFull:
    """The error for a write to `target` that found no room."""
    return StorageFull(
        f"no room to write {target}: the disk is full or a quota is reached. What was there before"
        " is untouched; free some space and try again"
    )


@contextmanager
def explaining_full_disk(target: Path) -> Iterator[None]:
    """Turn `no space left` and its kin into StorageFull; every other OSError passes."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise storage_full(target) from error
        raise


def temporary_beside(target: Path) -> Path:
    """An unused name in the target's folder: renaming within one folder is always atomic.

    It names its writer (host and process), for `is_abandoned`.
    """
    # Only the first part of a long name is kept: file systems allow 255 bytes in all.
    writer = f"{_HOST}-{os.getpid()}-{secrets.token_hex(8)}"
    return target.with_name(f".{target.name[:40]}.{writer}{PARTIAL}")


def is_abandoned(path: Path, *, now: float) -> bool:
    """Whether a file's name is of `temporary_beside` and its writer will not come back for it.

    A writer on another host cannot be asked: its file counts after a day. Raises
    FileNotFoundError.
    """
    match = _WRITER.search(path.name)
    if match is None:
        return False
    if match["host"] != _HOST:
        return now - path.stat().st_mtime > _FOREIGN_SECONDS
    return not alive(int(match["pid"]))


def alive(pid: int) -> bool:
    """Whether a process of this machine exists and has not ended.

    One that was killed, and whose parent has not asked for its exit code yet, exists still: on
    Linux it is told apart, elsewhere it counts as alive until then.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:  # no Linux, or it is gone by now
        return False
    return stat.rpartition(b")")[2].split()[:1] == [b"Z"]


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target`; leaving normally makes it durable and the new `target`.

    Folders are made as needed. On any exception the temporary file is removed and `target` stays
    as it was. Raises StorageFull where there is no room.
    """
    with explaining_full_disk(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(target)
        try:
            # os.open and not mkstemp: a published file must be readable as the umask allows.
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
            yield temporary
            make_durable(temporary)
            os.replace(temporary, target)  # noqa: PTH105 - the rename that readers never see half of
            make_durable(target.parent)
        finally:
            temporary.unlink(missing_ok=True)


def try_writing(folder: Path) -> None:
    """Raise OSError unless `folder`, which may have to be made, can be written; nothing stays.

    Only trying tells: permissions say nothing of read-only mounts, nor to root. Raises StorageFull
    where there is no room.
    """
    place = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    with explaining_full_disk(place), tempfile.TemporaryDirectory(prefix=".clerk-", dir=place):
        pass


def make_durable(path: Path) -> None:
    """Flush a file's bytes, or a folder's names, to the disk."""
    if sys.platform == "win32" and path.is_dir():
        return  # Windows opens no folders; its renames are durable by themselves
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_into(source: Path, target: Path) -> None:
    """Copy the bytes of `source` over `target`, sharing blocks where the file system can.

    Not atomic: `target` should come from `replacing`. Raises FileNotFoundError, StorageFull.
    """
    with explaining_full_disk(target):
        if not _copy_in_kernel(source, target):
            shutil.copyfile(source, target)


def _copy_in_kernel(source: Path, target: Path) -> bool:
    """Copy with copy_file_range, which clones blocks on btrfs, XFS and NFS; False: not possible."""
    if sys.platform != "linux":
        return False
    with source.open("rb") as reader, target.open("wb") as writer:
        left = os.fstat(reader.fileno()).st_size
        while left > 0:
            try:
                copied = os.copy_file_range(reader.fileno(), writer.fileno(), min(left, _CHUNK))
            except OSError as error:
                if error.errno in _CANNOT_COPY_RANGE:
                    return False
                raise
            if copied == 0:
                return False
            left -= copied
    return True


def link_or_copy(source: Path, target: Path) -> None:
    """Put the content of `source` at `target`, all at once: a hard link where possible, or a copy.

    `source` must never be written to afterwards. The modification time is kept either way.
    """
    with replacing(target) as temporary:
        if not _linked(source, temporary):
            copy_into(source, temporary)
            _keep_time(source, temporary)


def _linked(source: Path, target: Path) -> bool:
    """Replace `target` by a hard link to `source`; False: no hard links between the two."""
    link = temporary_beside(target)
    try:
        os.link(source, link)
    except FileNotFoundError:
        raise
    except OSError:  # another device, no hard links there, or someone else's file
        return False
    link.replace(target)
    return True


def _keep_time(source: Path, target: Path) -> None:
    times = source.stat()
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file; False where either is missing."""
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False


def looks_copied(one: Path, other: Path) -> bool:
    """Whether `link_or_copy` may have copied one to the other: equal size and time."""
    try:
        a, b = one.stat(), other.stat()
    except FileNotFoundError:
        return False
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)
