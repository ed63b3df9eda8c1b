"""What a worker does beside its tasks: logs, heartbeats, reconciling, burst, an orderly end.

Everything hangs on Celery's signals and one bootstep; importing this module (celery.py does, by
`include`) is enough.
"""

import os
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import click
import structlog
from celery import bootsteps, signals
from celery.worker import state as worker_state
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from clerk import broker, lifecycle, logs, poison, reconcile, retrying, storage_mark
from clerk.adapters import scratch
from clerk.adapters.processes import die_with_parent
from clerk.celery import app
from clerk.errors import ClerkError, DependencyDown
from clerk.listening import Ear
from clerk.settings import current
from clerk.store import jobs, ledger, revisions, workers
from clerk.wiring import Services, services

log = structlog.get_logger(__name__)

BEAT_EVERY = 5.0
"""Seconds between two heartbeats of a worker, each followed by a reconciler's pass."""
AGAIN_EVERY = 2.0
"""Seconds between two looks of a worker that cannot begin because Postgres is away."""
QUIET = 2
"""How many looks in a row must find nothing before a burst worker ends."""


@signals.setup_logging.connect
def _logs(**_: object) -> None:
    logs.configure(current())


class Watch(threading.Thread):
    """The main process's thread: repairs what stands still.

    A thread of its own says that the worker lives, so that a long repair is no sign of death.
    """

    def __init__(self, node: str, queues: list[str], processes: int) -> None:
        """`processes` is how many children the worker keeps."""
        super().__init__(name="watch", daemon=True)
        self.node, self.queues, self.processes = node, queues, processes
        self.ended = threading.Event()

    def run(self) -> None:
        """Until the worker ends; servers that are away are waited for."""
        threading.Thread(target=self._beats, name="heartbeat", daemon=True).start()
        while not self.ended.is_set():
            if not _ear().stopped:
                self._do("reconcile", lambda: reconcile.once(services()))
            self._do("poison", lambda: poison.store(services()))
            self._do("dead letters", lambda: retrying.mirror(services()))
            self._do("scratch", scratch.sweep)
            self.ended.wait(BEAT_EVERY)

    @staticmethod
    def _do(what: str, chore: Callable[[], object]) -> None:
        """One chore; what goes wrong in it keeps no other from being done."""
        try:
            chore()
        except Exception as error:  # noqa: BLE001 - a thread's edge: without it nothing repairs
            # Kombu's OperationalError and Celery's RuntimeError (Redis away) have no base.
            log.warning("watch", doing=what, error=str(error)[: jobs.ERROR_CHARS])

    def _beats(self) -> None:
        while not self.ended.is_set():
            try:
                self.beat()
            except Exception as error:  # noqa: BLE001 - a thread's edge, as in `run`
                log.warning("heartbeat", error=str(error)[: jobs.ERROR_CHARS])
            self.ended.wait(BEAT_EVERY)

    def beat(self) -> None:
        """One heartbeat."""
        with services().transaction() as connection:
            workers.beat(connection, self.node, lifecycle.LIFE, self.queues, self.processes)

    def leave(self) -> None:
        """Give back what our children still held, and sign off."""
        if self.ended.is_set():
            return
        self.ended.set()
        try:
            with services().transaction() as connection:
                ledger.release_life(connection, self.node, lifecycle.LIFE)
                workers.leave(connection, self.node, lifecycle.LIFE)
        except (ClerkError, SQLAlchemyError) as error:
            log.warning("left without a word", error=str(error)[: jobs.ERROR_CHARS])


_watch: Watch | None = None


@lru_cache(maxsize=1)
def _ear() -> Ear:
    """The worker's only one; made before it takes its first message."""
    return Ear(app)


@signals.worker_init.connect
def _before_work(**_: object) -> None:
    # Celery swallows what a receiver raises, and would start the worker all the same.
    try:
        _await_place(services())
        scratch.sweep()
        _load_ahead(services(), _ear().own)
    except ClerkError as error:
        click.echo(f"clerk: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    except SQLAlchemyError as error:
        click.echo(f"clerk: Postgres refuses what a worker needs: {error}", err=True)
        raise SystemExit(os.EX_CONFIG) from error


def _load_ahead(at: Services, queues: list[str]) -> None:
    """What children share when it is there before they fork: the extractor's patterns take seconds.

    Raises InvalidInput for an extractor that cannot be loaded.
    """
    if at.settings.queues.extraction in queues:
        at.extractor.prepare()


def _await_place(at: Services) -> None:
    """Until Postgres answers: nothing may be done before schema and storage are known to be right.

    Celery has no handlers of its own yet, so a signal ends the process at once.
    """
    said = False
    while True:
        try:
            _require_place(at)
        except DependencyDown as error:
            if not said:
                click.echo(f"clerk: waiting: {error}", err=True)
            said = True
        else:
            return
        time.sleep(AGAIN_EVERY)


def _require_place(at: Services) -> None:
    with at.transaction() as connection:
        revisions.require_head(connection)
    storage_mark.require(at)


@signals.worker_ready.connect
def _start_watch(sender: Any, **_: object) -> None:
    global _watch  # noqa: PLW0603 - one per worker
    consumer = sender
    ear = _ear()
    _watch = Watch(consumer.hostname, sorted(ear.own), consumer.controller.concurrency)
    _watch.start()
    ear.listen(consumer)


@signals.task_unknown.connect
def _unknown(message: Any, name: str, **_: object) -> None:
    poison.unknown(services(), message, name)


@signals.task_rejected.connect
def _refused(message: Any, exc: BaseException | None, **_: object) -> None:
    poison.refused(services(), message, exc)


@signals.worker_shutdown.connect
def _sign_off(**_: object) -> None:
    if _watch is not None:
        _watch.leave()


@signals.worker_process_init.connect
def _child(**_: object) -> None:
    die_with_parent()
    os.environ["OMP_THREAD_LIMIT"] = "1"
    services()


@signals.worker_process_shutdown.connect
def _child_ends(**_: object) -> None:
    services().close()


# -- burst -------------------------------------------------------------------------------------


class Burst(bootsteps.StartStopStep):
    """`--burst`: end when our queues are empty and nothing of them is in anybody's hands."""

    def __init__(
        self, parent: Any, *, burst: bool = False, fail_on_error: bool = False, **options: Any
    ) -> None:
        """Celery passes the command line's options."""
        super().__init__(parent, **options)
        self.enabled = burst
        self.fail_on_error = fail_on_error

    def start(self, parent: Any) -> None:
        """Look from a thread; the worker's own loop sees the flag within a second."""
        threading.Thread(target=self._look, args=(parent,), name="burst", daemon=True).start()

    def _look(self, parent: Any) -> None:
        queues = {queue.name for queue in parent.app.amqp.queues.consume_from.values()}
        began = time.time()
        quiet = 0
        while quiet < QUIET:
            time.sleep(0.5)
            try:
                quiet = 0 if self._busy(queues) else quiet + 1
            except (RedisError, ClerkError) as error:
                quiet = 0
                log.warning("burst", error=str(error))
        code = self._exit_code(parent.hostname, began)
        worker_state.should_stop = code  # type: ignore[assignment]

    @staticmethod
    def _busy(queues: set[str]) -> bool:
        client = services().redis
        if any(broker.depth(client, queue) for queue in queues):
            return True
        return any(message.queue in queues for message in broker.unacked(client))

    def _exit_code(self, hostname: str, began: float) -> int:
        if not self.fail_on_error:
            return os.EX_OK
        with services().transaction() as connection:
            dead = jobs.dead_since(connection, hostname, began)
        return 1 if dead else os.EX_OK


app.steps["worker"].add(Burst)
