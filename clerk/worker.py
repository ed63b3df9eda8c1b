"""How a Celery worker of clerk is started: a queue in, a command line and environment out.

The one place that knows, for `clerk up`, `clerk worker` and the tests.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from clerk.model import Stage

QUEUES = tuple(stage.value for stage in Stage)
"""The queues that have workers of their own; every worker listens to `high` first."""

SIGNALS = {
    # Celery reads it when it is imported: SIGTERM then means "stop softly", bounded in time.
    "REMAP_SIGTERM": "SIGQUIT",
    # Debian's tesseract with OpenMP is five times slower with two workers than without it.
    "OMP_THREAD_LIMIT": "1",
}


def node_name(queue: str, instance: str | None = None) -> str:
    """`ocr@<host>-<instance>`; Celery puts the host name in. The instance tells twins apart."""
    return f"{queue}@%h-{instance or os.getpid()}"


def worker_command(
    queues: str | Sequence[str],
    concurrency: int,
    *,
    names: Mapping[str, str] | None = None,
    name: str | None = None,
    log_level: str = "info",
    extra: Sequence[str] = (),
) -> tuple[list[str], dict[str, str]]:
    """The argv of a worker of one queue (or several), and what to add to its environment.

    `queues` are own names; `names` says what each is called in Redis (`settings.queues.names`).
    `name` is the node name (`%h` allowed), by default told from others by this process's id;
    `extra` are more arguments for `celery worker`.
    """
    own = [queues] if isinstance(queues, str) else list(queues)
    names = names or {}
    listen = ["high", *(queue for queue in own if queue != "high")]
    listen = [names.get(queue, queue) for queue in listen]
    argv = [*celery_command(), "worker", "-Q", ",".join(listen), "-c", str(concurrency)]
    argv += ["-n", name or node_name(own[0]), "-l", log_level, "-P", "prefork"]
    argv += ["--without-gossip", "--without-mingle", *extra]
    return argv, dict(SIGNALS)


def celery_command() -> list[str]:
    """`celery -A clerk` in this interpreter, which never imports from the working folder."""
    return [sys.executable, "-P", "-m", "celery", "-A", "clerk"]
