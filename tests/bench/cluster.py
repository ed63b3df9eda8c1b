"""Servers and warm workers for benchmarks, as `clerk up` would have them, without fsync."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from clerk.settings import Settings
from tests import servers
from tests.nodes import WorkerNode, Workers, client_app
from tests.shell import Shell
from tests.town import Town

READERS = 2


@contextmanager
def cluster(
    more: Mapping[str, object] | None = None, env: Mapping[str, str] | None = None
) -> Iterator[tuple[Workers, Shell]]:
    """One worker for everything but pages, and one of READERS processes for pages.

    `more` are settings, `env` goes into the environment of both workers.
    """
    with servers.running() as found, ExitStack() as stack:
        found.migrate_template()
        folder = found.valkey.log.parent.parent / "bench"
        folder.mkdir()
        settings = Settings.model_validate(
            {
                "redis_url": found.redis_url(0),
                "database_url": found.database_url(found.new_database()),
                "storage_dir": folder / "sites",
                "fetching": {"allow_private": True},
                **(more or {}),
            }
        )
        workers = Workers(settings, client_app(settings), folder)
        stack.callback(workers.teardown)
        workers.start(queues=("deploy", "extraction", "fetch"), concurrency=1, env=env)
        readers(workers, env)
        shell = Shell(workers.env, folder)
        stack.callback(shell.close)
        yield workers, shell


def readers(workers: Workers, env: Mapping[str, str] | None = None) -> WorkerNode:
    return workers.start(queues=("ocr",), concurrency=READERS, env=env)


def town(workers: Workers, shell: Shell, folder: Path) -> Town:
    """A site over an existing folder."""
    return Town(workers, shell, folder).add()
