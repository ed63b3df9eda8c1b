"""`python -m tests.fuzz [COUNT] [SEED]`: 500 mutated PDFs; exits 1 on a hang or a bloated child."""

import sys
import tempfile
from pathlib import Path

from tests.fuzz.run import PAGE_SECONDS, run, table

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
MOST_MEMORY = 600 * 2**20


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(prefix="clerk-fuzz-") as folder:
        report = run(count, Path(folder), seed=seed, corpus=CORPUS if CORPUS.is_dir() else None)
    print(f"{count} mutated PDFs, seeds {seed} to {seed + count - 1}")
    print("\n".join(table(report)))
    hung = report.slowest > PAGE_SECONDS * 2
    return int(hung or report.peak > MOST_MEMORY)


if __name__ == "__main__":
    raise SystemExit(main())
