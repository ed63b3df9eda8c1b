"""What `clerk --help` costs before it says anything: `python -m tests.bench.startup`.

CPU seconds (user and system) of the whole process, the median of some runs. Exits 1 if over it.
"""

import resource
import subprocess
import sys
from statistics import median

TARGET = 0.3  # CPU seconds
RUNS = 7


def cpu() -> float:
    """CPU seconds of one `clerk --help`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "clerk", "--help"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    cpu()  # the first one may still write bytecode
    seconds = median(cpu() for _ in range(RUNS))
    met = seconds <= TARGET
    print(f"clerk --help: {seconds:.3f} s CPU (target {TARGET}) {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
