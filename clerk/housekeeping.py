"""What grows unless somebody tidies: old history, files of killed processes, results of ended runs.

Rows of sites and documents stay; only the records of how they were made go.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from clerk import flow
from clerk.adapters import scratch
from clerk.files import is_abandoned
from clerk.store import history, workers
from clerk.wiring import Services

log = structlog.get_logger(__name__)

WORKERS_KEPT = timedelta(days=1)
"""How long a worker that is gone stays in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What one pass removed."""

    items: int
    jobs: int
    runs: int
    dead_letters: int
    audit: int
    workers: int
    files: int
    folders: int

    @property
    def total(self) -> int:
        """Everything."""
        return sum(astuple(self))


def once(at: Services) -> Tidied:
    """Apply the retention settings once."""
    keep = at.settings.retention
    ages = history.Ages(
        finished=keep.results,
        failed=keep.failed,
        history=keep.history,
        audit=keep.audit,
        repairs=keep.repairs,
    )
    rows = {kind: _trim(at, kind, ages) for kind in history.KINDS}
    with at.transaction() as connection:
        gone = workers.forget_dead(connection, WORKERS_KEPT)
    flow.forget_ended()
    tidied = Tidied(
        **rows,
        workers=gone,
        files=sweep_files(at.settings.storage_dir, at.settings.published),
        folders=scratch.sweep(),
    )
    log.info("tidied", files=tidied.files, items=tidied.items, runs=tidied.runs)
    return tidied


def _trim(at: Services, kind: str, ages: history.Ages) -> int:
    """Batch by batch: one transaction over a year's rows would hold up everybody."""
    removed = 0
    while True:
        with at.transaction() as connection:
            gone = history.trim(connection, kind, ages)
        removed += gone
        if gone < history.BATCH:
            return removed


def sweep_files(*roots: Path) -> int:
    """Remove half-written files whose writer is gone; answers how many."""
    swept = 0
    for path in _partial(roots):
        with contextlib.suppress(FileNotFoundError):
            if is_abandoned(path, now=time.time()):
                path.unlink()
                swept += 1
    return swept


def _partial(roots: tuple[Path, ...]) -> Iterator[Path]:
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                if name.startswith(".") and name.endswith(".part"):
                    yield Path(folder) / name
