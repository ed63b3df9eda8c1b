"""Scratch folders named after their process, so that a sweep can tell whose owner was killed."""

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from clerk.errors import StorageFault
from clerk.files import alive

_NAME = re.compile(r"(\d+)-.+")


def root() -> Path:
    """This user's folder for scratch, private to the user.

    Raises StorageFault if somebody else made a folder or link of that name first.
    """
    path = Path(tempfile.gettempdir()) / f"clerk-scratch-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise StorageFault(
            f"{path} belongs to somebody else; remove it, or set TMPDIR to another folder"
        )
    return path


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A private folder that goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=root()) as name:
        yield Path(name)


def sweep() -> int:
    """Remove the folders of processes that are gone; answers how many."""
    swept = 0
    for path in root().iterdir():
        match = _NAME.fullmatch(path.name)
        if match and not alive(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)
            swept += 1
    return swept
