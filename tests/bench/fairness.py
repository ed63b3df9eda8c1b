"""How long a village waits beside a giant: `python -m tests.bench.fairness [--pages N]`.

An engine that takes a fixed time for each page and reads nothing. Villages of 20 pages are read
alone; then while a giant of 30,000 pages has its documents brought, and again while its pages are
read, some with normal and some with high priority. Last, a village of low priority has to end while
others of high priority keep coming. Exits 1 where a target is missed.
"""

import argparse
import itertools
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests import idle_engine
from tests.bench.cluster import READERS, cluster
from tests.bench.growth import SETTINGS, fill
from tests.nodes import Workers
from tests.servers import eventually
from tests.shell import Shell
from tests.town import Town

PAGE_SECONDS = 0.05
VILLAGE = 20
ROUNDS = 3
STREAM = 3
"""Runs of high priority that are in flight at any time, of 40 pages each."""
TARGETS = {"normal": 4.0, "high": 2.0}
"""Times what it takes alone."""

_numbers = itertools.count(1)


class Land:
    """Where towns are made and read."""

    def __init__(self, place: Path, workers: Workers, shell: Shell) -> None:
        self.place, self.workers, self.shell = place, workers, shell

    def town(self, pages: int, shell: Shell | None = None) -> Town:
        folder = self.place / f"town-{next(_numbers)}"
        fill(folder, pages)
        return Town(self.workers, shell or self.shell, folder).add()

    def village(self, priority: str) -> float:
        """Seconds of one village's run."""
        run = self.town(VILLAGE).read("--priority", priority)
        if run["state"] != "done":
            raise SystemExit(f"a village ended {run['state']}: {run['reason']}")
        return float(run["seconds"])

    def villages(self, priority: str) -> float:
        return median(self.village(priority) for _ in range(ROUNDS))

    @contextmanager
    def giant(self, pages: int) -> Iterator[Town]:
        """A giant's run, from its first document to the end of the block."""
        town = self.town(pages)
        run = town.enqueue()["id"]
        if not eventually(lambda: state(town) != "queued", 60):
            raise SystemExit("the giant did not begin")
        yield town
        self.shell("cancel", run, "--yes")

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Urgent work without end: each thread enqueues the next run when its last one is read."""
        ended = threading.Event()
        threads = [threading.Thread(target=self._urgent, args=(ended,)) for _ in range(STREAM)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def _urgent(self, ended: threading.Event) -> None:
        shell = Shell(self.workers.env, self.workers.folder)
        while not ended.is_set():
            self.town(2 * VILLAGE, shell).read("--priority", "high")
        shell.close()


def state(town: Town) -> str:
    return str(town.status()["run"]["state"])


def measure(land: Land, pages: int) -> bool:
    """Print one line for each case; answers whether all targets are met."""
    alone = {priority: land.villages(priority) for priority in TARGETS}
    met = True
    for priority, seconds in alone.items():
        print(f"{priority:<7} alone                              {seconds:6.2f} s", flush=True)
    with land.giant(pages) as giant:
        for doing in ("fetching", "reading"):
            if not eventually(lambda doing=doing: state(giant) == doing, 1800):  # type: ignore[misc]
                raise SystemExit(f"the giant is {state(giant)} before it was seen {doing}")
            for priority, target in TARGETS.items():
                seconds = land.villages(priority)
                ratio = seconds / alone[priority]
                fine = ratio <= target
                met = met and fine
                print(
                    f"{priority:<7} beside a giant that is {doing:<11} {seconds:6.2f} s"
                    f"  {ratio:5.2f} x (target {target}) {'met' if fine else 'MISSED'}",
                    flush=True,
                )
    with land.stream():
        seconds = land.village("low")
        print(f"low     under a stream of urgent runs     {seconds:7.2f} s", flush=True)
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=30_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        env = idle_engine.installed(place / "plugin", PAGE_SECONDS)
        with cluster(SETTINGS, env) as (workers, shell):
            land = Land(place, workers, shell)
            land.village("normal")
            print(f"{given.pages} pages of {PAGE_SECONDS} s, {READERS} OCR processes")
            met = measure(land, given.pages)
    print("all targets met" if met else "MISSED")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
