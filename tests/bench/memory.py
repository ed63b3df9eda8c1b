"""Peak memory of a worker child with its PDF child on real files: `python -m tests.bench.memory`.

A real OCR worker reads the corpus as a folder site; the sum of the proportional set sizes of each
of its children and what is below it is looked at ten times a second. Skipped, saying so, where
`../shared/corpus` is absent. Exits 1 over the target.
"""

import shutil
import sys
import tempfile
import threading
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import psutil

from tests.bench.cluster import cluster, town
from tests.bench.reading_truth import CORPUS
from tests.nodes import Workers

TARGET = 350  # MB of PSS
EVERY = 0.1  # seconds


class Scales(threading.Thread):
    """The heaviest that any child of the workers was, with what is below it."""

    def __init__(self, workers: Workers) -> None:
        super().__init__(daemon=True)
        self.workers = workers
        self.peaks: dict[str, float] = {}
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(EVERY):
            for node in self.workers.nodes:
                with suppress(psutil.Error):
                    for child in psutil.Process(node.child.pid).children():
                        self.note(node.name().partition("-")[0], _weight(child))

    def note(self, queue: str, weight: float) -> None:
        self.peaks[queue] = max(self.peaks.get(queue, 0), weight)


def _weight(process: psutil.Process) -> float:
    """MB of PSS of a process and its children."""
    both = [process, *process.children(recursive=True)]
    return sum(each.memory_full_info().pss for each in both) / 1e6


def copy_corpus(folder: Path) -> None:
    """Under dated names: what has no date is not read."""
    for number, path in enumerate(sorted(CORPUS.glob("*.pdf"))):
        day = date(2020, 1, 7) + timedelta(weeks=number)
        into = folder / "Board" / f"{day} {path.stem} minutes.pdf"
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, into)


def main() -> int:
    if not CORPUS.is_dir():
        print("peak memory: skipped, there is no ../shared/corpus")
        return 0
    with tempfile.TemporaryDirectory() as name, cluster() as (workers, shell):
        copy_corpus(Path(name))
        scales = Scales(workers)
        scales.start()
        run = town(workers, shell, Path(name)).read()
        scales.done.set()
    print(f"the corpus: {run['state']} ({run['reason']}), {run['seconds']:.0f} s")
    for queue, peak in scales.peaks.items():
        print(f"peak PSS of a child of the worker for {queue}: {peak:.0f} MB (target {TARGET})")
    return 0 if max(scales.peaks.values()) <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
