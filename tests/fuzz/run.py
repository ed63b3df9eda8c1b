"""Drives mutated PDFs through the PDF child as a worker would, and counts what came of them."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from clerk.adapters.pdf import PdfChild
from clerk.errors import Unreadable
from clerk.model import PageLayer
from tests.fuzz import samples
from tests.fuzz.mutate import mutate

PAGE_SECONDS = 10.0
PAGES = 3
"""Of each file, pages that are looked at and rendered."""


@dataclass
class Report:
    """What a fuzz run saw."""

    outcomes: Counter[str] = field(default_factory=Counter)
    children: int = 0
    """PDF children started; one more than were lost or recycled."""
    slowest: float = 0.0
    """Seconds of the slowest request."""
    peak: int = 0
    """Most resident bytes of a child between requests."""
    slowest_seed: int = -1


def sources(corpus: Path | None) -> list[bytes]:
    """Own samples, and small files of the corpus where there is one."""
    own = [
        samples.text_page(),
        samples.scan(over=samples.show(samples.LINES, mode=3)),
        samples.many_pages(20),
        samples.encrypted(),
        samples.nested_forms(depth=3, width=3),
        samples.form("Ann Alder, 12 Elm Street", note="Continued to 5 May"),
    ]
    if corpus is None:
        return own
    files = sorted(corpus.glob("*.pdf"))
    return own + [path.read_bytes() for path in files if path.stat().st_size < 300_000]


def run(
    count: int, folder: Path, *, seed: int = 0, corpus: Path | None = None, dpi: int = 100
) -> Report:
    """Mutate, read, count. Any exception but Unreadable is a finding and goes up."""
    report = Report()
    originals = sources(corpus)
    sandbox = PdfChild(page_seconds=PAGE_SECONDS, cpu_seconds=PAGE_SECONDS)
    path = folder / "mutated.pdf"
    seen: set[int | None] = set()
    for number in range(seed, seed + count):
        path.write_bytes(mutate(originals[number % len(originals)], number))
        for outcome, seconds in _read(sandbox, path, folder / "page.jpeg", dpi):
            report.outcomes[outcome] += 1
            if seconds > report.slowest:
                report.slowest, report.slowest_seed = seconds, number
            seen.add(sandbox.pid)
            report.peak = max(report.peak, _resident(sandbox.pid))
    sandbox.close()
    report.children = len(seen - {None})
    return report


def _read(sandbox: PdfChild, path: Path, into: Path, dpi: int) -> Iterator[tuple[str, float]]:
    try:
        started = time.monotonic()
        last = min(sandbox.info(path).pages, PAGES)
    except Unreadable as error:
        yield f"file: {error.reason}", time.monotonic() - started
        return
    for number in range(1, last + 1):
        started = time.monotonic()
        yield _page(sandbox, path, number, into, dpi), (time.monotonic() - started) / 3


def _page(sandbox: PdfChild, path: Path, number: int, into: Path, dpi: int) -> str:
    (item,) = sandbox.layers(path, number, number)
    try:
        raster = sandbox.render(path, number, dpi)
        sandbox.picture(path, number, into)
    except Unreadable as error:
        return f"page: {error.reason}"
    assert len(raster.pixels) == raster.width * raster.height
    if isinstance(item, PageLayer):
        assert not any(ord(character) < 32 and character not in "\n\t" for character in item.text)
        return f"page: {item.decision}"
    assert isinstance(item, Unreadable)
    return f"page: {item.reason}"


def _resident(pid: int | None) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss) if pid else 0
    except psutil.NoSuchProcess:
        return 0


def table(report: Report) -> Sequence[str]:
    """Lines for people."""
    rows = [f"{count:7,}  {outcome}" for outcome, count in report.outcomes.most_common()]
    return [
        *rows,
        f"children started: {report.children}",
        f"slowest request: {report.slowest:.1f} s (seed {report.slowest_seed})",
        f"most resident memory of a child: {report.peak / 2**20:.0f} MiB",
    ]
