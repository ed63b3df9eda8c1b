"""Commands of clerk without the start of Python, which costs more than most of them.

`Shell`: many commands in one process. `python -m tests.shell` reads one order a line, {"words"},
and answers with one `Done` a line. The process reads its settings once, as a worker does.

`Forge`: each command in a process of its own, forked after the imports and before any setting was
read; an order says the environment and the folder too. What it answers is what `clerk` itself did:
`clerk.cli.main` ran, standard output and error are files, the exit code is the process's.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from click.testing import CliRunner

from clerk.cli import cli, live
from clerk.cli import main as clerk
from clerk.errors import ClerkError

TOP = Path(__file__).parents[1]
LOOK_EVERY = 0.1
"""Seconds between two looks of a Shell's command that waits for a run; people wait 0.5."""
HEAVY = (
    *("alembic.command", "celery.app.base", "celery.canvas", "kombu.transport.redis"),
    *("psycopg", "sqlalchemy.dialects.postgresql.psycopg"),
    *("clerk.stages.read", "clerk.status", "clerk.store.dead_letters", "clerk.wiring"),
)
"""What most commands import, as far as importing it reads no settings."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


class _Process:
    """The other end: one order in, one answer out."""

    def __init__(self, *words: str, env: Mapping[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.shell", *words],
            env={**env, "PYTHONPATH": str(TOP)},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, **order: object) -> Done:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Done(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Commands:
    """Commands of clerk as a test gives them."""

    def _answer(self, words: Sequence[str]) -> Done:
        raise NotImplementedError

    def __call__(self, *words: str, expect: int | None = 0) -> Done:
        """Run `clerk WORDS`; it has to end with the code `expect`, unless that is None."""
        done = self._answer(words)
        assert expect is None or done.code == expect, (words, done)
        return done

    def json(self, *words: str, expect: int | None = 0) -> Any:
        return json.loads(self(*words, "--json", expect=expect).stdout)


class Shell(Commands, _Process):
    """A process that runs commands of clerk, one after the other."""

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        super().__init__(env=env, folder=folder)

    def _answer(self, words: Sequence[str]) -> Done:
        return self._ask(words=words)


class Forge(_Process):
    """Runs each command as a process of its own."""

    def __init__(self) -> None:
        super().__init__("--fork", env={"PATH": os.environ["PATH"]}, folder=TOP)

    def __call__(self, *words: str, env: Mapping[str, str], folder: Path) -> Done:
        """Run `clerk WORDS` in `folder` with PATH and `env` as all of its environment."""
        env = {"PATH": os.environ["PATH"], **env}
        return self._ask(words=words, env=env, folder=str(folder))


class Forged(Commands):
    """Commands of a forge in one environment and one folder. For a few; a Shell is for many."""

    def __init__(self, forge: Forge, env: Mapping[str, str], folder: Path) -> None:
        self._forge, self._env, self._folder = forge, env, folder

    def _answer(self, words: Sequence[str]) -> Done:
        return self._forge(*words, env=self._env, folder=self._folder)


def _run(words: Sequence[str]) -> Done:
    result = CliRunner().invoke(cli, words)
    if isinstance(result.exception, ClerkError):
        # As `clerk.cli.main` does at its edge.
        return Done(result.exception.exit_code, result.stdout, f"clerk: {result.exception}")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def _fork(words: list[str], env: dict[str, str], folder: str) -> Done:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            _be_clerk(words, env, folder, out, err)
        _, status = os.waitpid(pid, 0)
        return Done(os.waitstatus_to_exitcode(status), _text(out), _text(err))


def _be_clerk(
    words: list[str], env: dict[str, str], folder: str, out: BinaryIO, err: BinaryIO
) -> None:
    """Become one command; never comes back."""
    code: object = 1
    try:
        # Orders come on ours.
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        clerk(words)
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 - the edge of this process, where Python prints it too
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode()


def main() -> None:
    """Answer orders until the other end closes."""
    answer: Callable[..., Done] = _run
    if "--fork" not in sys.argv:
        live.INTERVAL = LOOK_EVERY
    else:
        answer = _fork
        for name in HEAVY:
            import_module(name)
    for line in sys.stdin:
        print(json.dumps(vars(answer(**json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
