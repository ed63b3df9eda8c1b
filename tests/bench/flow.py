"""What the flow costs on top of reading: `python -m tests.bench.flow [--pages N] [--rounds N]`.

The same scans are read by two bare processes (a PDF child, an engine and `read_page` in a loop, no
queue, no database) and by clerk with two OCR processes, one after the other, all of them warm.
clerk's time is that from enqueue to the full generation before readers. Then the site is read again
with nothing new. Ratios within one run are what counts. Exits 1 where a target is missed.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from clerk.adapters.pdf import PdfChild
from clerk.adapters.plugins import load_engine
from clerk.settings import Settings
from clerk.stages.read import read_page
from tests.bench.cluster import READERS, cluster, town
from tests.fuzz import samples
from tests.town import Town

SPEED_TARGET = 0.90  # of the bare loop's pages a second
AGAIN_TARGET = 0.03  # of the first run's time
PAGES_PER_DOCUMENT = 10
LINES, CHARACTERS = 40, 58
"""About 2,000 characters a page, as a page of minutes has."""

_WORDS = """council motion second approve minutes agenda budget street water committee public
hearing ordinance member mayor resolution present absent meeting clerk report vote carried item"""

Pages = Sequence[tuple[str, int]]


def make(folder: Path, pages: int) -> list[Path]:
    """Documents of scanned pages, each page different, named as meetings of a board."""
    chance = random.Random(7)
    made = []
    for number in range(-(-pages // PAGES_PER_DOCUMENT)):
        count = min(PAGES_PER_DOCUMENT, pages - number * PAGES_PER_DOCUMENT)
        images = [samples.drawn(_lines(chance), size=22) for _ in range(count)]
        path = folder / "Board" / f"{date(2020, 1, 7) + timedelta(weeks=number)} minutes.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        first, *rest = images
        first.save(path, "PDF", save_all=True, append_images=rest, resolution=150)
        made.append(path)
    return made


def _lines(chance: random.Random) -> list[str]:
    lines = []
    for _ in range(LINES):
        line = ""
        while len(line) < CHARACTERS - 8:
            line += chance.choice(_WORDS.split()) + " "
        lines.append(line.strip())
    return lines


# -- the bare loop ---------------------------------------------------------------------------------


def bare_reader() -> None:
    """One process of the bare loop: warm up, say so, wait for `go`, read, say how long it took."""
    job = json.loads(sys.stdin.readline())
    settings = Settings()
    sandbox, engine = PdfChild(), load_engine(settings.ocr.backend)

    def read(path: str, number: int) -> None:
        read_page(
            sandbox,
            engine,
            Path(path),
            number,
            dpi=settings.ocr.dpi,
            languages=settings.ocr.languages,
            layer_text="",
            timeout=settings.limits.page.total_seconds(),
        )

    read(*job[0])
    print("warm", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    for path, number in job:
        read(path, number)
    print(time.monotonic() - began, flush=True)
    sandbox.close()


def bare(pages: Pages) -> float:
    """Seconds that the slowest of READERS processes takes for its share of the pages."""
    with _bare_processes() as processes:
        for part, process in enumerate(processes):
            _tell(process, json.dumps(pages[part::READERS]))
        for process in processes:
            _hear(process)
        for process in processes:
            _tell(process, "go")
        return max(float(_hear(process)) for process in processes)


@contextmanager
def _bare_processes() -> Iterator[list["subprocess.Popen[str]"]]:
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.flow", "--bare"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(READERS)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _hear(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline()


# -- clerk -----------------------------------------------------------------------------------------


def run(site: Town, *words: str) -> float:
    """Seconds of a run, by Postgres's clock; the run has to succeed."""
    return float(_ended(site, *words)["seconds"])


def run_to_readers(site: Town) -> float:
    """Seconds from enqueue until readers have the full generation (pictures come after it)."""
    ended = _ended(site)
    published = site.status()["published"]["at"]
    began = datetime.fromisoformat(ended["created_at"])
    return (datetime.fromisoformat(published) - began).total_seconds()


def _ended(site: Town, *words: str) -> dict[str, Any]:
    ended = site.read(*words)
    if ended["state"] != "done":
        raise SystemExit(f"the run ended {ended['state']}: {ended['reason']}")
    return ended


def measure(pages: int, rounds: int) -> tuple[list[float], list[float], float]:
    """Seconds of the bare loop, of clerk's first run, and of a run with nothing new."""
    with tempfile.TemporaryDirectory() as name, cluster() as (workers, shell):
        folder = Path(name) / "papers"
        paths = make(folder, pages)
        listed = [
            (str(path), number) for path in paths for number in range(1, PAGES_PER_DOCUMENT + 1)
        ][:pages]
        warm = Path(name) / "warm"
        make(warm, 4 * READERS)
        run(town(workers, shell, warm))
        bares, firsts = [], []
        for _ in range(rounds):
            bares.append(bare(listed))
            site = town(workers, shell, folder)
            firsts.append(run_to_readers(site))
        again = run(site)
        return bares, firsts, again


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bare:
        bare_reader()
        return 0
    bares, firsts, again = measure(given.pages, given.rounds)
    speed, share = mean(bares) / mean(firsts), again / mean(firsts)
    print(f"{given.pages} scanned pages, {READERS} OCR processes, {given.rounds} rounds")
    for name, seconds in (("bare loop", bares), ("clerk, enqueue to full generation", firsts)):
        each = ", ".join(f"{each:.1f}" for each in seconds)
        print(f"{name:<36} {each} s, {given.pages / mean(seconds):.2f} pages/s")
    print(f"{'clerk, again with nothing new':<36} {again:.2f} s")
    met = _verdict("pages/s against the bare loop", speed, SPEED_TARGET, speed >= SPEED_TARGET)
    return 0 if _verdict("nothing new", share, AGAIN_TARGET, share <= AGAIN_TARGET) and met else 1


def _verdict(name: str, value: float, target: float, met: bool) -> bool:  # noqa: FBT001
    print(f"{name:<36} {value:.3f} (target {target}) {'met' if met else 'MISSED'}")
    return met


if __name__ == "__main__":
    sys.exit(main())
