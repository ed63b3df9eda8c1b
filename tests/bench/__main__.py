"""Every benchmark of this folder, one after the other: `python -m tests.bench`.

A benchmark is a module here that can be run; it prints a table and exits 1 where a target is
missed. So does this.
"""

import subprocess
import sys
from pathlib import Path

HELPERS = {"__main__", "reading_ways"}
"""Run by others."""


def modules() -> list[str]:
    """The benchmarks, by name; what they share cannot be run."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    runnable = [file.stem for file in files if '__name__ == "__main__"' in file.read_text()]
    return [name for name in runnable if name not in HELPERS]


def main() -> int:
    missed = []
    for name in modules():
        print(f"== {name} ==", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode:
            missed.append(name)
    print(f"missed: {', '.join(missed)}" if missed else "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
