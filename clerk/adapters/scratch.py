"""Scratch folders named after their process, so that a sweep can tell whose owner was killed."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"clerk-scratch-(\d+)-.+")


@contextmanager
def folder() -> Iterator[Path]:
    """A private folder that goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix=f"clerk-scratch-{os.getpid()}-") as name:
        yield Path(name)


def sweep(root: Path | None = None) -> int:
    """Remove the folders of processes that are gone; answers how many."""
    root = root or Path(tempfile.gettempdir())
    swept = 0
    for path in root.glob("clerk-scratch-*"):
        match = _NAME.fullmatch(path.name)
        if match and path.is_dir() and not alive(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)
            swept += 1
    return swept


def alive(pid: int) -> bool:
    """Whether a process of this machine exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
