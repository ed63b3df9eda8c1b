"""Many commands of clerk in one process, because starting Python costs more than most of them.

`python -m tests.shell` reads one JSON list of words a line and answers with one JSON object a line:
{"code", "stdout", "stderr"}. What a command does is what `clerk` itself does; only the start is
saved. `Shell` is the other end.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from clerk.cli import cli
from clerk.errors import ClerkError


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


class Shell:
    """A process that runs commands of clerk, one after the other."""

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.shell"],
            env={**env, "PYTHONPATH": str(Path(__file__).parents[1])},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *words: str, expect: int | None = 0) -> Done:
        """Run `clerk WORDS`; it has to end with the code `expect`, unless that is None."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        done = Done(**json.loads(self._process.stdout.readline()))
        assert expect is None or done.code == expect, (words, done)
        return done

    def json(self, *words: str, expect: int | None = 0) -> Any:
        return json.loads(self(*words, "--json", expect=expect).stdout)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _run(words: list[str]) -> Done:
    result = CliRunner().invoke(cli, words)
    if isinstance(result.exception, ClerkError):
        # As `clerk.cli.main` does at its edge.
        return Done(result.exception.exit_code, result.stdout, f"clerk: {result.exception}")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(vars(_run(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
