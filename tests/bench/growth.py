"""What a page costs in a small run and in a large one: `python -m tests.bench.growth [PAGES …]`.

Runs of 300, 3,000 and 30,000 pages, one after the other on the same two workers, with an engine
that reads nothing: what is left is clerk's own work. Told for each: the seconds of reading, the
CPU seconds a page of the OCR worker with all its children and of both servers, how much more that
is than in the smallest run, the most memory that Redis and the OCR worker took, and the time of
the query behind `clerk status` meanwhile. The smallest run is made once more at the end, because
other work on the machine makes CPU seconds longer. Exits 1 where a target is missed.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles

import psutil
from redis import Redis
from sqlalchemy import text

from clerk import status
from clerk.wiring import Services
from tests import idle_engine
from tests.bench.cluster import cluster, town
from tests.nodes import WorkerNode, Workers
from tests.servers import family
from tests.town import Town

PAGES = (300, 3000, 30_000)
PAGES_PER_DOCUMENT = 100
COST_TARGET = 1.3
"""CPU of a page in the largest run, by that in the smallest."""
STATUS_TARGET = 0.050
"""Seconds that `clerk status` may ask for, nineteen times out of twenty."""
REDIS_TARGET = 16.0
"""MB over the empty Redis: two waves of 1,000 messages, their results and a margin."""
MEMORY_TARGET = 1.2
"""What the OCR worker takes at the end of the largest run, by what it took at its beginning."""
EVERY = 0.5

SETTINGS = {"ocr": {"backend": "idle", "page_images": "off"}}


@dataclass
class Watch(threading.Thread):
    """Looks at everything twice a second while a run lasts."""

    at: Services
    reader: WorkerNode
    site: str
    redis_mb: list[float] = field(default_factory=list)
    worker_mb: list[float] = field(default_factory=list)
    status_seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.done.wait(EVERY):
            self.redis_mb.append(redis_mb(self.at.redis))
            with suppress(psutil.Error):
                every = family(self.reader.child.pid)
                self.worker_mb.append(sum(each.memory_full_info().pss for each in every) / 1e6)
            self.status_seconds += [self._timed_overview(), self._timed_site()]

    def _timed_overview(self) -> float:
        began = time.perf_counter()
        status.overview(self.at)
        return time.perf_counter() - began

    def _timed_site(self) -> float:
        began = time.perf_counter()
        with self.at.transaction() as connection:
            status.of_site(connection, self.site)
        return time.perf_counter() - began


def redis_mb(redis: "Redis") -> float:
    return float(redis.info("memory")["used_memory"]) / 1e6


@dataclass(frozen=True)
class Spent:
    """CPU seconds so far, of living and dead processes."""

    worker: float
    servers: float

    def since(self, before: "Spent") -> "Spent":
        return Spent(self.worker - before.worker, self.servers - before.servers)


def spent(workers: Workers, reader: WorkerNode) -> Spent:
    at = Services(workers.settings)
    with at.transaction() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    postmaster = psutil.Process(psutil.Process(backend).ppid()).pid
    valkey = at.redis.info("server")["process_id"]
    at.close()
    return Spent(cpu(reader.child.pid), cpu(postmaster) + cpu(valkey))


def cpu(pid: int) -> float:
    """CPU seconds of a process and of everything below it, living or reaped."""
    total = 0.0
    for process in family(pid):
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


@dataclass(frozen=True)
class Row:
    """One run, measured."""

    pages: int
    whole: float
    """Seconds from enqueue to the end."""
    reading: float
    """Seconds from the first wave of pages to the last answer."""
    spent: Spent
    redis_mb: float
    worker_mb: Sequence[float]
    status_seconds: Sequence[float]

    @property
    def growth(self) -> float:
        """The worker's memory in the run's last quarter, by that in its second."""
        quarter = max(1, len(self.worker_mb) // 4)
        return median(self.worker_mb[-quarter:]) / median(self.worker_mb[quarter : 2 * quarter])

    @property
    def cost(self) -> float:
        """CPU seconds a page."""
        return (self.spent.worker + self.spent.servers) / self.pages

    @property
    def status(self) -> tuple[float, float, float]:
        """Median, 95th percentile and worst seconds of the status query."""
        found = self.status_seconds
        return median(found), quantiles(found, n=20)[-1], max(found)


def fill(folder: Path, pages: int) -> None:
    """Documents of up to PAGES_PER_DOCUMENT pages, a week apart."""
    (folder / "Board").mkdir(parents=True)
    for number, start in enumerate(range(0, pages, PAGES_PER_DOCUMENT)):
        day = date(1990, 1, 2) + timedelta(weeks=number)
        count = min(PAGES_PER_DOCUMENT, pages - start)
        paper = idle_engine.paper(count, f"{folder.name} {number}")
        (folder / "Board" / f"{day} minutes.pdf").write_bytes(paper)


def measure(workers: Workers, site: Town, pages: int) -> Row:
    """One run of a site that nobody has read yet."""
    reader = workers.nodes[-1]
    at = Services(workers.settings)
    empty = redis_mb(at.redis)
    watch = Watch(at, reader, site.name)
    before = spent(workers, reader)
    watch.start()
    run = site.read()
    watch.done.set()
    watch.join()
    used = spent(workers, reader).since(before)
    at.close()
    if (run["state"], run["report"]["pages"]) != ("done", {"ocr": pages, "failed": 0}):
        raise SystemExit(f"the run of {pages} pages ended {run['state']}: {run['reason']}")
    return Row(
        pages,
        run["seconds"],
        reading_seconds(site),
        used,
        max(watch.redis_mb) - empty,
        watch.worker_mb,
        watch.status_seconds,
    )


def reading_seconds(site: Town) -> float:
    with site.rows() as connection:
        return float(
            connection.execute(
                text("""
                    SELECT extract(epoch FROM max(i.answered_at) - (
                        SELECT min(w.opened_at) FROM waves w
                        WHERE w.run = r.id AND w.stage = 'ocr'))
                    FROM items i JOIN runs r ON r.id = i.run
                    WHERE r.site = :site AND i.stage = 'ocr' GROUP BY r.id
                """),
                {"site": site.name},
            ).scalar_one()
        )


def table(rows: Sequence[Row]) -> str:
    columns = " pages  whole s  reading s  pages/s  worker ms  servers ms  cost x  Redis MB"
    lines = [f"{columns}  worker MB  status ms: median   95 %  worst"]
    for row in rows:
        middle, most, worst = (1000 * each for each in row.status)
        lines.append(
            f"{row.pages:6}  {row.whole:7.1f}  {row.reading:9.1f}  {row.pages / row.reading:7.1f}"
            f"  {1000 * row.spent.worker / row.pages:9.1f}"
            f"  {1000 * row.spent.servers / row.pages:10.1f}"
            f"  {row.cost / rows[0].cost:6.2f}  {row.redis_mb:8.1f}  {max(row.worker_mb):9.0f}"
            f"  {middle:17.1f}  {most:5.1f}  {worst:5.1f}"
        )
    return "\n".join(lines)


def missed(rows: Sequence[Row]) -> list[str]:
    """Targets that were not met, in words."""
    first, last, again = rows[0], rows[-2], rows[-1]
    verdicts = {
        f"a page costs at most {COST_TARGET} x": (
            last.cost <= COST_TARGET * (first.cost + again.cost) / 2
        ),
        f"Redis stays below {REDIS_TARGET} MB": max(row.redis_mb for row in rows) <= REDIS_TARGET,
        f"the worker grows by less than {MEMORY_TARGET} x": last.growth <= MEMORY_TARGET,
        f"status within {1000 * STATUS_TARGET:.0f} ms": last.status[1] <= STATUS_TARGET,
    }
    return [words for words, met in verdicts.items() if not met]


def main() -> int:
    sizes = [int(word) for word in sys.argv[1:]] or PAGES
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        env = idle_engine.installed(place / "plugin")
        with cluster(SETTINGS, env) as (workers, shell):
            fill(place / "warm", 200)
            town(workers, shell, place / "warm").read()
            rows = []
            for number, pages in enumerate([*sizes, sizes[0]]):
                folder = place / f"{number}-{pages}"
                fill(folder, pages)
                rows.append(measure(workers, town(workers, shell, folder), pages))
                print(table(rows), flush=True)
            print(f"the worker's memory over the largest run: {rows[-2].growth:.2f} x")
    problems = missed(rows)
    print(f"MISSED: {'; '.join(problems)}" if problems else "all targets met")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
