"""`make chaos`: many rounds, one line each. Usage: python -m tests.chaos [ROUNDS] [FIRST_SEED]."""

import sys
from pathlib import Path

from tests.chaos.rounds import play
from tests.servers import folder


def main(rounds: int = 20, first: int = 1) -> int:
    """Exit code 1 if any round was wrong; its seed reproduces the plan of kills."""
    bad = 0
    for seed in range(first, first + rounds):
        with folder() as place:
            report = play(Path(place), seed)
        print(report.row(), flush=True)
        bad += bool(report.wrong)
    print(f"{rounds - bad} of {rounds} rounds exact")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
