"""Compiling against sqlite-utils: `python -m tests.bench.compile [--pages N]`.

Every way runs in a process of its own, one after the other, on the same synthetic pages; CPU is
user plus system time of the process without that of making the pages, which is measured apart.
Ratios within one run are what counts. Exits 1 where a target is missed.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import accumulate, count, islice
from math import log10
from pathlib import Path
from string import ascii_lowercase

import sqlite_utils

from clerk.files import copy_into
from clerk.model import CompiledDocument
from clerk.stages.compile import compile_site
from tests.documents import AGENDA, MINUTES, document, generation

PAGES_PER_DOCUMENT = 25
PAGE_CHARACTERS = 2100
ADDED_PAGES = 500
FULL_TARGET = 0.6  # of the CPU of sqlite-utils insert_all + enable_fts
ADDING_TARGET = 0.03  # of the CPU of a full compile
CHAIN = 10
_VOCABULARY = 30_000
_NEW = 1_000_000  # documents from here on are not among those of the full compile

_Measure = dict[str, float]


def write_pages(file: Path, pages: int, seed: int) -> None:
    """One page a line, of words as long and as unevenly used as those of real minutes.

    Those have 6.3 characters a word, spaces included, and half of it in the 100 commonest words.
    """
    chance = random.Random(seed)
    vocabulary = [_word(random.Random(rank), rank) for rank in range(1, _VOCABULARY + 1)]
    weights = list(accumulate(1 / rank for rank in range(1, _VOCABULARY + 1)))
    with file.open("w") as lines:
        for _ in range(pages):
            words = chance.choices(vocabulary, cum_weights=weights, k=PAGE_CHARACTERS // 5)
            lines.write(" ".join(words)[:PAGE_CHARACTERS] + "\n")


def _word(chance: random.Random, rank: int) -> str:
    length = round(2.2 + 1.3 * log10(rank) + chance.random())
    return "".join(chance.choices(ascii_lowercase, k=length))


def documents(file: Path, first: int = 0) -> Iterator[CompiledDocument]:
    """The pages of `file`, 25 to a document, numbered from `first`."""
    with file.open() as lines:
        for number in count(first):
            texts = [line.rstrip() for line in islice(lines, PAGES_PER_DOCUMENT)]
            if not texts:
                return
            kind = AGENDA if number % 3 == 0 else MINUTES
            day = date(1990, 1, 1) + timedelta(days=number % 10_000)
            yield document(*texts, name=str(number), kind=kind, day=day)


def _read(folder: Path) -> None:
    """Only make the documents, to take this off what the others need."""
    for _ in documents(folder / "pages"):
        pass


def _read_added(folder: Path) -> None:
    for _ in documents(folder / "added", first=_NEW):
        pass


def _sqlite_utils(folder: Path) -> None:
    (folder / "peer.db").unlink(missing_ok=True)
    database = sqlite_utils.Database(folder / "peer.db")
    rows = (
        {
            "id": page.id,
            "meeting": whole.body,
            "date": whole.date.isoformat(),
            "page": page.number,
            "text": page.text,
            "page_image": page.page_image,
            "entities_json": "{}",
            "votes_json": "{}",
        }
        for whole in documents(folder / "pages")
        for page in whole.pages
    )
    table = database.table("minutes", pk="id")
    table.insert_all(rows)
    table.enable_fts(["text"])


def _full(folder: Path) -> None:
    compile_site(folder / "full.db", None, generation(), documents(folder / "pages"), ())


def _adding(folder: Path) -> _Measure:
    """CPU of one generation that adds 500 pages, and of copying the file: the least of five.

    The same copy of 400 MB was seen to cost 0.2 s of system time, and 1.5 s while the kernel was
    still writing back what the full compile had left.
    """
    pairs = [_added(folder, folder / "full.db", number) for number in range(5)]
    copies, generations = zip(*pairs, strict=True)
    return {"copy_cpu": min(copies), "added_cpu": min(generations)}


def _chain(folder: Path) -> _Measure:
    """Ten such generations in a row, so that merges of the index are counted too: the mean."""
    base, spent = folder / "full.db", 0.0
    for number in range(CHAIN):
        copying, adding = _added(folder, base, number)
        spent += adding - copying
        base = (folder / "added.db").replace(folder / "chain.db")
    return {"chained_cpu": spent / CHAIN}


def _added(folder: Path, base: Path, number: int) -> tuple[float, float]:
    """CPU of copying `base` alone, then of adding 500 pages to it, which copies it again."""
    added = documents(folder / "added", first=_NEW * (1 + number))
    started = time.process_time()
    copy_into(base, folder / "copy.db")
    copied = time.process_time()
    compile_site(folder / "added.db", base, generation(2 + number), added, ())
    return copied - started, time.process_time() - copied


def _again(folder: Path) -> None:
    """Every document again with unchanged text: what the full path does upon the fast one."""
    same = documents(folder / "pages")
    compile_site(folder / "again.db", folder / "full.db", generation(2), same, ())


WAYS: dict[str, Callable[[Path], _Measure | None]] = {
    "read": _read,
    "sqlite_utils": _sqlite_utils,
    "full": _full,
    "read_added": _read_added,
    "adding": _adding,
    "chain": _chain,
    "again": _again,
}

# The two that matter run twice, in turn, and the better run counts: neighbours only ever add CPU.
ORDER = ["read", "sqlite_utils", "full", "sqlite_utils", *list(WAYS)[2:]]


def measure(way: str, folder: Path) -> _Measure:
    """Run one way in a child process; seconds of CPU and wall, MiB of peak memory."""
    command = [sys.executable, "-m", "tests.bench.compile", "--way", way, "--folder", str(folder)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return dict(json.loads(answer.stdout))


def _run_way(way: str, folder: Path) -> _Measure:
    before, started = time.process_time(), time.perf_counter()
    own = WAYS[way](folder) or {}
    return {
        "cpu": time.process_time() - before,
        "wall": time.perf_counter() - started,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **own,
    }


def _report(pages: int, folder: Path) -> bool:
    write_pages(folder / "pages", pages, seed=1)
    write_pages(folder / "added", ADDED_PAGES, seed=2)
    results: _Measure = {}
    for way in ORDER:
        result = measure(way, folder)
        print("{:15} {cpu:7.2f} s CPU {wall:7.2f} s wall {rss:6.0f} MiB peak".format(way, **result))
        for name, value in result.items():
            key = f"{way}_{name}"
            results[key] = min(value, results.get(key, value))
    full = results["full_cpu"] - results["read_cpu"]
    peer = results["sqlite_utils_cpu"] - results["read_cpu"]
    copying = results["adding_copy_cpu"]
    adding = results["adding_added_cpu"] - copying - results["read_added_cpu"]
    size = (folder / "full.db").stat().st_size / 2**20
    print(f"{pages:,} pages, {size:.0f} MiB; without making the pages:")
    print(f"full compile / sqlite-utils   {full / peer:6.3f}   (target <= {FULL_TARGET})")
    print(f"adding {ADDED_PAGES} / full compile     {adding / full:6.3f}   (<= {ADDING_TARGET})")
    print(f"  file copy apart             {copying / full:6.3f}")
    chained = results["chain_chained_cpu"] - results["read_added_cpu"]
    print(f"  mean of {CHAIN} in a row         {chained / full:6.3f}")
    again = results["again_cpu"] - results["read_cpu"]
    print(f"the same again / full compile {again / full:6.3f}")
    return full / peer <= FULL_TARGET and adding / full <= ADDING_TARGET


def main() -> None:
    """Measure everything, or one way in a child."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(_run_way(options.way, options.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if _report(options.pages, Path(folder)) else 1)


if __name__ == "__main__":
    main()
