"""Reading pages, against the peer and the bare engine: `python -m tests.bench.reading [TABLE…]`.

Prints CPU and wall seconds, memory and error rates of every way on the same pages in one run. The
tables are `scans`, `ratio`, `workers`, `digital`, `rule`, `second`, `memory`. Every way runs in a
process of its own, but for `ratio`. Ratios within one run are what counts. A way whose programs are
missing is left out, saying so: the peer needs `pdftoppm` (poppler-utils) and `tesseract` with eng
and spa.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pypdfium2

from tests.bench import reading_ways
from tests.bench.reading_truth import CORPUS, MIXED, SCANS, Sample, Score, real, score, self_made

Pages = list[tuple[str, int]]
NEEDS = {
    "peer": ("pdftoppm", "tesseract"),
    "pytesseract 300 dpi": ("tesseract",),
    "clerk pytesseract": ("tesseract",),
}


@dataclass(frozen=True)
class Run:
    """What one way cost and read, over one or more processes."""

    pages: int
    cpu: float
    wall: float
    pss: int
    texts: list[str]

    @property
    def cpu_per_page(self) -> float:
        return self.cpu / self.pages

    @property
    def pages_per_second(self) -> float:
        return self.pages / self.wall


def missing(way: str) -> str | None:
    """Why a way cannot run here."""
    absent = [program for program in NEEDS.get(way, ()) if shutil.which(program) is None]
    if absent:
        return f"no {' and no '.join(absent)} on this machine"
    if way == "peer":
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, check=False)
        if b"spa" not in listed.stdout:
            return "no Spanish trained data (tesseract-ocr-spa)"
    return None


def start(
    way: str, pages: Pages, *, threads: str | None = "1", watch: float = 1.0
) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if name != "OMP_THREAD_LIMIT"}
    if threads:
        environment["OMP_THREAD_LIMIT"] = threads
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.reading_ways"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdin
    json.dump({"way": way, "watch": watch, "pages": pages}, process.stdin)
    process.stdin.close()
    return process


def finish(process: "subprocess.Popen[str]") -> dict:
    assert process.stdout
    answer = process.stdout.read()
    if process.wait():
        raise SystemExit("a way failed; its message is above")
    return json.loads(answer)


def run(
    way: str,
    pages: Pages,
    *,
    workers: int = 1,
    threads: str | None = "1",
    watch: float = 1.0,
) -> Run:
    """Deal the pages to `workers` processes; the slowest one's wall time counts."""
    started = [
        start(way, pages[part::workers], threads=threads, watch=watch) for part in range(workers)
    ]
    done = [finish(process) for process in started]
    texts = [""] * len(pages)
    for part, answer in enumerate(done):
        texts[part::workers] = answer["texts"]
    return Run(
        pages=len(pages),
        cpu=sum(answer["cpu"] for answer in done),
        wall=max(answer["wall"] for answer in done),
        pss=max(answer["pss"] for answer in done),
        texts=texts,
    )


def pages_of(samples: Sequence[Sample]) -> Pages:
    return [
        (str(sample.path), number)
        for sample in samples
        for number in range(1, page_count(sample.path) + 1)
    ]


def page_count(path: Path) -> int:
    document = pypdfium2.PdfDocument(path)
    try:
        return len(document)
    finally:
        document.close()


def documents(pages: Pages, texts: Sequence[str]) -> dict[str, str]:
    """path -> text of the whole document."""
    read = zip(pages, texts, strict=True)
    return {
        path: "\n".join(text for _, text in group)
        for path, group in groupby(read, key=lambda item: item[0][0])
    }


def scores(samples: Sequence[Sample], pages: Pages, texts: Sequence[str]) -> Score:
    read = documents(pages, texts)
    return sum((score(read[str(sample.path)], sample) for sample in samples), Score())


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table, so that docs/reading.md can take it as it is."""
    print(f"\n{title}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |")
    sys.stdout.flush()


# -- tables -------------------------------------------------------------------------------------

SCAN_WAYS = (
    "peer",
    "pytesseract 300 dpi",
    "bare tesserocr 200 dpi",
    "clerk tesserocr, first pass",
    "clerk tesserocr",
    "clerk tesserocr 150 dpi",
    "clerk tesserocr 300 dpi",
    "clerk pytesseract",
)


def scans(samples: Sequence[Sample]) -> None:
    """Cost and error rates of every way on scans, one process, one thread."""
    pages = pages_of(samples)
    found: list[tuple[str, Run, Score]] = []
    for way in SCAN_WAYS:
        reason = missing(way)
        if reason:
            print(f"left out: {way}: {reason}")
            continue
        result = run(way, pages)
        found.append((way, result, scores(samples, pages, result.texts)))
    first = found[0][1].cpu_per_page
    show(
        f"Scans: {len(pages)} pages, one process, OMP_THREAD_LIMIT=1",
        [
            "way",
            "CPU s/page",
            f"pages per CPU s, x {found[0][0]}",
            "wall s/page",
            "peak PSS MiB",
            "WER % by the letter",
            "WER % placed",
            "CER %",
            "word recall %",
        ],
        [
            [
                way,
                f"{result.cpu_per_page:.2f}",
                f"{first / result.cpu_per_page:.2f}",
                f"{result.wall / result.pages:.2f}",
                f"{result.pss / 2**20:.0f}",
                f"{errors.wer:.1f}",
                f"{errors.placed:.1f}",
                f"{errors.cer:.1f}",
                f"{errors.recall:.1f}",
            ]
            for way, result, errors in found
        ],
    )


RATIO_WAYS = ("peer", "bare tesserocr 200 dpi", "clerk tesserocr, first pass", "clerk tesserocr")


def ratio(samples: Sequence[Sample]) -> None:
    """The targets' ways, page by page in turn: what slows the machine slows all of them alike."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    pages = pages_of(samples)
    readers = {way: reading_ways.WAYS[way]() for way in RATIO_WAYS if not missing(way)}
    spent = dict.fromkeys(readers, 0.0)
    for read in readers.values():
        read(Path(pages[0][0]), pages[0][1])
    for path, number in pages:
        for way, read in readers.items():
            began = reading_ways.cpu_seconds()
            read(Path(path), number)
            spent[way] += reading_ways.cpu_seconds() - began
    first = next(iter(spent.values()))
    show(
        f"Scans: {len(pages)} pages, each by every way in turn",
        ["way", "CPU s/page", f"pages per CPU s, x {next(iter(spent))}"],
        [[way, f"{cpu / len(pages):.2f}", f"{first / cpu:.2f}"] for way, cpu in spent.items()],
    )


def workers(samples: Sequence[Sample]) -> None:
    """Pages a second with two worker processes; the peer as it really runs sets no thread limit."""
    pages = pages_of(samples)[::2]  # every other page: the peer's threads fight for minutes
    rows = []
    ways: list[tuple[str, str, str | None]] = [
        ("peer, as it runs", "peer", None),
        ("peer, OMP_THREAD_LIMIT=1", "peer", "1"),
        ("bare tesserocr 200 dpi", "bare tesserocr 200 dpi", "1"),
        ("clerk tesserocr, first pass", "clerk tesserocr, first pass", "1"),
        ("clerk tesserocr, with the second look", "clerk tesserocr", "1"),
        ("bare tesserocr 200 dpi, again", "bare tesserocr 200 dpi", "1"),
        ("clerk tesserocr, first pass, again", "clerk tesserocr, first pass", "1"),
    ]
    for name, way, threads in ways:
        reason = missing(way)
        if reason:
            print(f"left out: {name}: {reason}")
            continue
        result = run(way, pages, workers=2, threads=threads)
        rows.append([name, f"{result.pages_per_second:.2f}", f"{result.cpu_per_page:.2f}"])
    show("Two workers", ["way", "pages/s", "CPU s/page"], rows)


def digital(_: Sequence[Sample]) -> None:
    """Born-digital pages: decision and text against the peer's OCR of all pages."""
    samples = [Sample(path, truth="", body="") for path in sorted(CORPUS.glob("ca-*.pdf"))]
    if not samples:
        print("left out: digital: no corpus on this machine")
        return
    pages = [page for page in pages_of(samples) if _has_layer(*page)]
    few = pages[:: max(len(pages) // 12, 1)]
    fast = run("clerk layer", pages * 4)
    rows = [["clerk: decision and text", len(pages), f"{fast.cpu_per_page * 1000:.1f}", "1"]]
    if reason := missing("peer"):
        print(f"left out: peer: {reason}")
    else:
        slow = run("peer", few)
        ratio = slow.cpu_per_page / fast.cpu_per_page
        rows.append(["peer", len(few), f"{slow.cpu_per_page * 1000:.0f}", f"{ratio:.0f}"])
    show("Born-digital pages", ["way", "pages", "CPU ms/page", "x clerk"], rows)


def _has_layer(path: str, number: int) -> bool:
    document = pypdfium2.PdfDocument(path)
    try:
        return document[number - 1].get_textpage().count_chars() > 200
    finally:
        document.close()


def rule(samples: Sequence[Sample]) -> None:
    """What the rule chose, against the better of the text layer and OCR, document by document."""
    every = [*samples, *real(MIXED)]
    pages = pages_of(every)
    read = {
        way: documents(pages, run(way, pages).texts)
        for way in ("raw layer", "clerk tesserocr", "clerk rule")
    }
    rows = []
    for sample in every:
        scored = [score(each[str(sample.path)], sample) for each in read.values()]
        cells: list[str] = []
        for kind in ("wer", "placed"):
            layer, ocr, ruled = (float(getattr(each, kind)) for each in scored)
            rates = (layer, ocr, ruled, ruled - min(layer, ocr))
            cells.append(" / ".join(f"{rate:.1f}" for rate in rates))
        rows.append([sample.path.stem, *cells])
    what = "text layer / OCR / rule / above the better"
    show(f"WER % by source: {what}", ["document", "by the letter", "placed"], rows)


def second(samples: Sequence[Sample]) -> None:
    """Pages laid on the glass sideways and upside down: first pass and second look apart."""
    few = [sample for sample in samples if page_count(sample.path) == 1]
    pages = pages_of(few)
    rows = []
    for turn in (90, 180, 270):
        for name in ("first pass", "second look"):
            result = run(f"turned {turn}, {name}", pages)
            errors = scores(few, pages, result.texts)
            rows.append([turn, name, f"{errors.wer:.1f}", f"{result.cpu_per_page:.2f}"])
    show(f"Turned pages ({len(pages)})", ["degrees", "", "WER %", "CPU s/page"], rows)


def memory(samples: Sequence[Sample]) -> None:
    """Peak memory of a reading process with its PDF child over every readable file there is."""
    every = sorted(CORPUS.glob("*.pdf")) or [sample.path for sample in samples]
    readable = []
    for path in every:
        try:
            readable += [(str(path), number) for number in range(1, min(page_count(path), 3) + 1)]
        except pypdfium2.PdfiumError:
            continue
    began = time.monotonic()
    result = run("clerk tesserocr", readable, watch=0.05)
    show(
        "Peak memory, OCR forced on the first three pages of every file",
        ["pages", "seconds", "peak PSS MiB"],
        [[len(readable), f"{time.monotonic() - began:.0f}", f"{result.pss / 2**20:.0f}"]],
    )


TABLES: dict[str, Callable[[Sequence[Sample]], None]] = {
    "scans": scans,
    "ratio": ratio,
    "workers": workers,
    "digital": digital,
    "rule": rule,
    "second": second,
    "memory": memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=list(TABLES), choices=[*TABLES, []])
    chosen = parser.parse_args().tables
    with tempfile.TemporaryDirectory(prefix="clerk-bench-") as folder:
        samples = real(SCANS)
        if not samples:
            print("no corpus beside the checkout: scans are drawn here")
            samples = self_made(Path(folder))
        for name in chosen:
            TABLES[name](samples)


if __name__ == "__main__":
    main()
