"""Locks between processes of one machine, or of all that share a file system with `flock`.

The kernel lets go when the holder dies, so a killed process never leaves a lock behind. The lock
file itself stays: removing it would let two processes lock two files of one name. Accepted: on a
network file system without locking, the lock only holds within one machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from clerk.errors import Busy

PATIENCE = 5.0
"""Seconds; few, as whoever waits says so only afterwards. Tasks come again by themselves."""


@contextmanager
def file_lock(path: Path, *, timeout: float = PATIENCE) -> Iterator[None]:
    """Hold the lock file `path` exclusively, waiting up to `timeout` seconds; raises Busy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=timeout, thread_local=False, preserve_lock_file=True)
    try:
        lock.acquire()
    except Timeout as error:
        raise Busy(
            f"another process has held {path} for {timeout:g} s; try again when it is done"
        ) from error
    try:
        yield
    finally:
        lock.release()
