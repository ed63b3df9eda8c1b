"""Real processes as pytest-celery nodes: a broker, a backend and workers that can be killed.

pytest-celery knows containers only; these nodes answer the same questions for processes of this
machine, so Docker is not needed.
"""

# ruff: noqa: FBT001, FBT002 - the signatures are pytest-celery's

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import celery
import redis
from kombu.exceptions import OperationalError
from pytest_celery import CeleryTestBackend, CeleryTestBroker, CeleryTestNode, CeleryTestWorker

from clerk import settings as settings_module
from clerk import worker
from clerk.adapters import processes
from clerk.adapters.embedded import Server
from clerk.adapters.processes import Child
from clerk.settings import Settings, child_environment
from tests.servers import eventually

ALL_QUEUES = ("deploy", "extraction", "fetch", "ocr")
"""In the order that one worker for all of them should follow: what is behind `ocr` would starve."""
ANSWER_SOON, ANSWER_LATE = 0.2, 1.0
"""Seconds to wait for the answer to a ping."""
ASK_OFTEN = 15.0
"""Seconds from its start in which a worker is asked anew every ANSWER_SOON."""
CLERK = (sys.executable, "-c", "from clerk.cli import main; main()")


class _Process(CeleryTestNode):
    """What both kinds of node share. Nodes are compared by identity."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def log_file(self) -> Path:
        raise NotImplementedError

    def logs(self) -> str:
        return self.log_file().read_text(errors="replace")

    def hostname(self) -> str:
        return socket.gethostname()


class ServerNode(_Process):
    """A Valkey (or any embedded server) as broker or result backend."""

    def __init__(self, server: Server, url: str) -> None:
        super().__init__(None)
        self.server = server
        self.url = url

    def log_file(self) -> Path:
        return self.server.log

    def name(self) -> str:
        return self.server.name

    def config(self, *_args, **_kwargs) -> dict[str, str]:
        return {"url": self.url, "host_url": self.url}

    def ready(self) -> bool:
        self.server.wait_ready()
        return True

    def kill(self, signal: str | int = "SIGKILL", reload_container: bool = True) -> None:
        self.server.child.signal(_number(signal))
        self.server.child.wait(10)

    def restart(self, reload_container: bool = True, force: bool = False) -> None:
        """On the same port and data; `force` kills it first."""
        if force:
            self.kill()
        self.server.stop()
        self.server.restart()
        self.server.wait_ready()

    def teardown(self) -> None:
        self.server.kill()


class BrokerNode(ServerNode, CeleryTestBroker):
    """The broker's part of a Valkey."""


class BackendNode(ServerNode, CeleryTestBackend):
    """The results' part of the same Valkey: its broker node ends it."""

    def teardown(self) -> None:
        pass


class WorkerNode(_Process, CeleryTestWorker):
    """One `celery worker` with its children."""

    def __init__(
        self, app: celery.Celery, name: str, log: Path, launch: Callable[[], Child]
    ) -> None:
        super().__init__(None, app)
        self._name = name
        self._log = log
        self._launch = launch
        self.child = launch()

    @property
    def worker_name(self) -> str:
        return self._name

    def log_file(self) -> Path:
        return self._log

    def name(self) -> str:
        return self._name

    def hostname(self) -> str:
        return self._name

    def ready(self) -> bool:
        """Waits until it answers."""
        began = time.monotonic()

        def answers() -> bool:
            assert self.child.poll() is None, f"the worker ended:\n{self.logs()[-3000:]}"
            # A question before it listens is lost, so ask often; a busy machine answers late.
            patience = ANSWER_SOON if time.monotonic() - began < ASK_OFTEN else ANSWER_LATE
            return self.name() in answering(self.app, [self.name()], patience)

        assert eventually(answers, 60), f"no answer from the worker:\n{self.logs()[-3000:]}"
        return True

    def kill(self, signal: str | int = "SIGKILL", reload_container: bool = True) -> None:
        """Signals the main process alone; its children have to notice by themselves."""
        self.child.signal(_number(signal))
        if _number(signal) == 9:
            self.child.wait(10)

    def restart(self, reload_container: bool = True, force: bool = False) -> None:
        """Stop it softly (`force`: at once) and start it again under the same name."""
        self.stop(35 if not force else 0)
        self.child = self._launch()
        self.ready()

    def stop(self, seconds: float) -> None:
        self.child.signal(signal.SIGTERM)
        if self.child.wait(seconds) is None:
            self.child.signal(signal.SIGKILL)
        self.child.wait(5)
        self.child.signal_group(signal.SIGKILL)

    def teardown(self) -> None:
        self.stop(0)


def answering(
    app: celery.Celery, names: Sequence[str] | None = None, seconds: float = ANSWER_LATE
) -> set[str]:
    """The workers (of those named) that answer a ping within `seconds`."""
    limit = len(names) if names else None
    # A pooled connection may be older than the last restart of the broker: the next call is fine.
    with contextlib.suppress(redis.RedisError, OperationalError, OSError):
        answers = app.control.ping(destination=names, timeout=seconds, limit=limit) or ()
        return {name for answer in answers for name in answer}
    return set()


def _number(name: str | int) -> int:
    return name if isinstance(name, int) else signal.Signals[name].value


def client_app(settings: Settings) -> celery.Celery:
    """The whole of celeryconfig pointed at `settings`' servers: a test sends and asks by it."""
    from clerk.celery import load_config

    config = _with_current(settings, load_config)
    app = celery.Celery("clerk-test", set_as_current=False)
    app.config_from_object(config)
    return app


def _with_current(settings: Settings, call):
    """`call()` while `settings.current()` answers `settings` (celeryconfig reads it)."""
    real = settings_module.current
    settings_module.current = lambda: settings
    try:
        return call()
    finally:
        settings_module.current = real


def start_worker(
    settings: Settings,
    folder: Path,
    *,
    queues: Sequence[str] = ALL_QUEUES,
    concurrency: int = 2,
    name: str | None = None,
    extra: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    app: celery.Celery | None = None,
) -> WorkerNode:
    """Start a real worker process with exactly `settings`, and wait until it answers."""
    name = name or f"{queues[0]}-{time.monotonic_ns()}@{socket.gethostname()}"
    argv, more = worker.worker_command(queues, concurrency, name=name, extra=extra)
    environment = child_environment(settings) | more | dict(env or {})
    log = folder / f"{name}.log"

    def launch() -> Child:
        return processes.spawn(argv, env=environment, log=log)

    node = WorkerNode(app or client_app(settings), name, log, launch)
    try:
        node.ready()
    except BaseException:
        node.teardown()
        raise
    return node


@dataclass
class Workers:
    """A database, a Redis, a storage folder and the workers that serve them."""

    settings: Settings
    app: celery.Celery
    folder: Path
    nodes: list[WorkerNode] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """Environment for any command that should use these servers."""
        return child_environment(self.settings)

    def start(self, **how) -> WorkerNode:
        """One more worker; see `start_worker`."""
        node = start_worker(self.settings, self.folder, app=self.app, **how)
        self.nodes.append(node)
        return node

    @contextlib.contextmanager
    def joined_by(self, **how) -> Iterator[WorkerNode]:
        """One more worker while the block lasts."""
        node = self.start(**how)
        try:
            yield node
        finally:
            self.nodes.remove(node)
            node.stop(35)

    def taking(self) -> set[str]:
        """The queues that any of the workers takes messages from now."""
        names = [node.name() for node in self.nodes]
        # As many answers as workers are all: nobody waits for the whole time.
        ask = self.app.control.inspect(destination=names, timeout=10, limit=len(names))
        told = ask.active_queues() or {}
        assert told.keys() == set(names), f"only {sorted(told)} of {names} answer"
        return {queue["name"] for queues in told.values() for queue in queues}

    def have_let_go(self, *queues: str) -> bool:
        """Wait until no worker takes from `queues` (all: without any): they look by and by."""
        wanted = set(queues or self.settings.queues.names.values())
        return eventually(lambda: not self.taking() & wanted, 20)

    def clerk(self, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a command of clerk as a user would; with `check`, it has to succeed."""
        done = subprocess.run(
            [*CLERK, *words],
            env=self.env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def clerk_json(self, *words: str):
        return json.loads(self.clerk(*words, "--json").stdout)

    def teardown(self) -> None:
        for node in self.nodes:
            node.teardown()
        self.app.close()
