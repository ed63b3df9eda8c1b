"""The cluster on one machine: settings and a state folder in, a supervised system out.

`Cluster` starts Valkey and Postgres (unless the settings name servers of the user's own), migrates,
starts one Celery worker per queue and beat, and starts again whatever dies, on the same ports and
data. One thread, the keeper, starts and tends everything: a child's life hangs on the thread that
started it, so nothing survives us, even killed by SIGKILL.

    state folder
    ├─ lock             held while a cluster runs; holds its process id
    ├─ env              where the servers are, while it runs: other commands find them by it
    ├─ valkey/ postgres/   port, password, data
    ├─ beat/ logs/      beat's schedule, one log per part
    └─ sites/ public/   documents and databases, what readers see (unless set elsewhere)

Accepted: a part that hangs without dying is not noticed here; leases and time limits do that.
"""

import contextlib
import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import celery
import redis
import structlog
from kombu.exceptions import OperationalError

from clerk import astray, worker
from clerk.adapters import embedded, processes, redis_once
from clerk.adapters.embedded import Server
from clerk.adapters.processes import Child
from clerk.errors import BrokerDown, Busy, ClerkError, DependencyDown, StorageFault
from clerk.files import replacing, try_writing
from clerk.settings import RUNNING, Settings, child_environment
from clerk.store import schema
from clerk.store.database import shown
from clerk.text import without_passwords
from clerk.wiring import Services

log = structlog.get_logger(__name__)

STOP_SECONDS = 34.0
"""From Ctrl-C to nothing left: above the soft shutdown of workers (30 s), below the promised 35."""
SERVER_SECONDS = 3.0
"""The end of STOP_SECONDS that is kept for the servers: workers still write when they stop."""
BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a part that died is started again: first time, second, …."""
STEADY = 60.0
"""Seconds after which a part counts as recovered and its backoff starts over."""
EARLY = 30.0
"""Seconds of life; a part that ends by itself before them has not begun to work."""
FUTILE = 5
"""Starts in a row that end so. The next would end so too: somebody has to mend the cause."""
_ORDERS = (signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGQUIT, signal.SIGTERM)
_TOLD = frozenset({0, *(-number for number in _ORDERS)})
"""How a part ends that somebody ended, be it the kernel for want of memory."""
_TICK = 0.1


@dataclass
class Part:
    """One supervised process."""

    name: str
    child: Child
    launch: Callable[[], Child] = field(repr=False)
    log: Path
    gentle: int = signal.SIGTERM
    rough: int = signal.SIGKILL
    started: float = field(default_factory=time.monotonic)
    failures: int = 0
    futile: int = 0
    """Starts in a row after which it soon ended by itself."""
    due: float | None = None
    """When it is to be started again (monotonic seconds); None while it runs."""

    def alive(self) -> bool:
        """Whether it runs now."""
        return self.due is None and self.child.poll() is None

    def note_death(self, now: float) -> float:
        """Plan the next start; answers the seconds until then."""
        if now - self.started > STEADY:
            self.failures = 0
        delay = BACKOFF[min(self.failures, len(BACKOFF) - 1)]
        self.failures += 1
        self.due = now + delay
        return delay

    def refuse_futile(self, now: float, code: int) -> None:
        """Count a death with exit code `code`. Raises DependencyDown once going on is in vain."""
        soon = now - self.started < EARLY
        self.futile = self.futile + 1 if soon and code not in _TOLD else 0
        if self.futile >= FUTILE:
            raise DependencyDown(
                f"{self.name} was started {self.futile} times in vain; at last it {_how(code)}. "
                f"Mend the cause, then start again. The end of {self.log}:\n"
                f"{processes.end_of(self.log)}"
            )

    def start_again(self) -> None:
        """Start it on the same port and data."""
        self.child = self.launch()
        self.started = time.monotonic()
        self.due = None

    def end_roughly(self) -> None:
        """Stop it, and what it started in its group, at once."""
        if self.due is not None:
            return  # long dead; its process id may be somebody else's by now
        self.child.signal(self.rough)
        if self.rough != signal.SIGKILL:
            self.child.wait(1)
        self.child.signal_group(signal.SIGKILL)
        self.child.wait(5)


class Cluster:
    """Servers, workers and beat of one state folder. A context manager: `with Cluster(…) as c`.

    A server is the user's own where `settings` sets its URL explicitly (in whatever source), else
    an embedded one. `say` gets one short line for each event.
    """

    def __init__(
        self, settings: Settings, state: Path, *, say: Callable[[str], None] | None = None
    ) -> None:
        """Nothing is started or written yet."""
        self.state = state.absolute()
        self.settings = _placed(settings, self.state)
        self._say = say or (lambda line: log.info("cluster", message=line))
        self._servers: list[Part] = []
        self._workers: list[Part] = []
        self._nodes: list[str] = []
        # Plain values and no Events: a signal handler that is interrupted by the next signal while
        # it holds an Event's lock would wait for itself.
        self._why: str | None = None
        self._hurry = False
        self._started = threading.Event()
        self._error: BaseException | None = None
        self._keeper = threading.Thread(target=self._keep, name="cluster-keeper", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def env(self) -> dict[str, str]:
        """Environment in which any process of clerk uses this cluster, with these settings."""
        return child_environment(self.settings)

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop, or ended by itself."""
        return self._why is not None

    @property
    def hurrying(self) -> bool:
        """Whether it was asked to stop at once."""
        return self._hurry

    @property
    def parts(self) -> dict[str, int]:
        """Process id of every part that runs, by name."""
        return {part.name: part.child.pid for part in self._all() if part.alive()}

    def start(self) -> None:
        """Start everything; returns when the servers answer and the workers were started.

        Raises Busy (another cluster holds the state folder), InvalidInput (a wheel is missing),
        DependencyDown (a server does not start or answer), StorageFault (a folder cannot be
        written), StorageFull.
        """
        self._keeper.start()
        self._started.wait()
        if self._error is not None:
            self._keeper.join()
            raise self._error

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Wait until every worker answers. Raises DependencyDown naming those that do not."""
        deadline = time.monotonic() + timeout
        missing = set(self._nodes)
        with celery.Celery(broker=self.settings.broker_url, set_as_current=False) as app:
            while missing and not self.stopping:
                missing -= _answering(app, missing)
                if missing and time.monotonic() > deadline:
                    raise DependencyDown(
                        f"These workers do not answer: {', '.join(sorted(missing))}. "
                        f"Their logs are in {self.state / 'logs'}."
                    )
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Stop everything in order, within STOP_SECONDS. Fine to call twice."""
        self.ask_to_stop()
        if self._keeper.ident is not None:
            self._keeper.join()

    def ask_to_stop(self, why: str = "stopping") -> None:
        """Begin to stop, saying `why`; fit for a signal handler. `wait` returns when it is done."""
        self._why = self._why or why

    def ask_to_hurry(self) -> None:
        """Stop at once, losing nothing that was acknowledged; fit for a signal handler."""
        self._hurry = True
        self.ask_to_stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it stopped; False after `timeout` seconds. Raises what ended the keeper."""
        self._keeper.join(timeout)
        if self._error is not None:
            raise self._error
        return not self._keeper.is_alive()

    # -- the keeper's thread --------------------------------------------------------------------

    def _keep(self) -> None:
        try:
            self._check_folders()
            with self._locked():
                try:
                    self._begin()
                    self._started.set()
                    while not self.stopping:
                        time.sleep(_TICK)
                        self._tend()
                finally:
                    self._end()
        except BaseException as error:  # noqa: BLE001 - a thread's edge: raised again by start() or wait()
            self._error = error
        finally:
            self.ask_to_stop()
            self._started.set()

    def _check_folders(self) -> None:
        """Say now what else every worker would end with, each in its log."""
        _check_folder("The state folder ", self.state)
        _check_folder("STORAGE_DIR=", self.settings.storage_dir)
        _check_folder("PUBLISH_DIR=", self.settings.published)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the state folder for this process alone, for as long as it lives."""
        self.state.mkdir(parents=True, exist_ok=True)
        path = self.state / "lock"
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise Busy(
                    f"`clerk up` already runs on {self.state} (process {file.read().strip()}). "
                    "Stop it first, or choose another folder with --state."
                ) from error
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def _begin(self) -> None:
        for step in (self._start_valkey, self._start_postgres, self._migrate, self._start_workers):
            if self.stopping:
                return
            step()
        self._write_env()

    def _start_valkey(self) -> None:
        if "redis_url" in self.settings.model_fields_set:
            _check_broker(self.settings.redis_url)
            return
        log_file = self.state / "logs" / "valkey.log"
        server = embedded.start_valkey(self.state / "valkey", log=log_file)
        self._adopt(server, redis_url=server.url)

    def _start_postgres(self) -> None:
        if "database_url" not in self.settings.model_fields_set:
            log_file = self.state / "logs" / "postgres.log"
            server = embedded.start_postgres(self.state / "postgres", log=log_file)
            self._adopt(server, database_url=server.url)

    def _adopt(self, server: Server, **address: str) -> None:
        part = Part(
            server.name.lower(),
            server.child,
            server.launch,
            server.log,
            server.gentle,
            server.rough,
        )
        self._servers.append(part)
        self.settings = _with(self.settings, **address)
        self._say(f"{server.name} runs on port {server.port}")

    def _migrate(self) -> None:
        schema.upgrade(self.settings.database_url)
        self._tell_unknown_sites()

    def _tell_unknown_sites(self) -> None:
        """A new database beside published sites is a lost folder, seldom meant."""
        at = Services(self.settings)
        try:
            with at.transaction() as connection:
                found = astray.unknown(at, connection)
        finally:
            at.close()
        if found:
            self._say(f"{astray.unknown_words(at, found)}; {astray.UNKNOWN_REMEDY}")

    def _start_workers(self) -> None:
        counts = self.settings.workers
        for queue in worker.QUEUES:
            count = getattr(counts, queue)
            if count:
                self._start_worker(queue, count)
        schedule = self.state / "beat" / "schedule"
        schedule.parent.mkdir(exist_ok=True)
        argv = [*worker.celery_command(), "beat", "-s", str(schedule), "--pidfile="]
        self._start("beat", [*argv, "-l", self.settings.log_level], {})

    def _start_worker(self, queue: str, count: int) -> None:
        node = worker.node_name(queue).replace("%h", socket.gethostname())
        level = self.settings.log_level
        argv, extra = worker.worker_command(
            queue, count, names=self.settings.queues.names, name=node, log_level=level
        )
        self._start(queue, argv, extra)
        self._nodes.append(node)

    def _start(self, name: str, argv: list[str], extra: dict[str, str]) -> None:
        log_file = processes.fresh_log(self.state / "logs" / f"{name}.log")
        env = self.env | extra

        def launch() -> Child:
            return processes.spawn(argv, env=env, log=log_file)

        self._workers.append(Part(name, launch(), launch, log_file))

    def _write_env(self) -> None:
        settings = self.settings
        lines = {
            "REDIS_URL": settings.redis_url,
            "DATABASE_URL": settings.database_url.replace("+psycopg", "", 1),
            "STORAGE_DIR": str(settings.storage_dir),
            "PUBLISH_DIR": str(settings.published),
        }
        with replacing(self.state / RUNNING) as temporary:
            temporary.chmod(0o600)
            temporary.write_text("".join(f"{k}={_quoted(v)}\n" for k, v in lines.items()))

    def _tend(self) -> None:
        """Start again what died, when its time has come."""
        now = time.monotonic()
        for part in self._all():
            if part.due is not None:
                if now >= part.due:
                    self._start_again(part)
            elif (code := part.child.poll()) is not None:
                part.child.signal_group(signal.SIGKILL)  # what it left behind
                delay = part.note_death(now)
                part.refuse_futile(now, code)
                self._say(f"{part.name} {_how(code)}; starting it again in {delay:g} s")

    def _start_again(self, part: Part) -> None:
        try:
            part.start_again()
        except (ClerkError, OSError) as error:
            delay = part.note_death(time.monotonic())
            self._say(f"{part.name} cannot be started ({error}); trying again in {delay:g} s")

    def _end(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        if self._why is not None:
            self._say(self._why)
        (self.state / RUNNING).unlink(missing_ok=True)
        self._end_parts(self._workers, deadline - SERVER_SECONDS)
        self._end_parts(self._servers, deadline)

    def _end_parts(self, parts: list[Part], deadline: float) -> None:
        for part in parts:
            part.child.signal(part.gentle)
        while any(part.child.poll() is None for part in parts):
            if self._hurry or time.monotonic() > deadline:
                break
            time.sleep(_TICK)
        for part in parts:
            part.end_roughly()

    def _all(self) -> list[Part]:
        return [*self._servers, *self._workers]


def _placed(settings: Settings, state: Path) -> Settings:
    """`settings` with every folder absolute, in `state` unless it was set."""
    given = settings.model_fields_set
    storage = settings.storage_dir if "storage_dir" in given else state / "sites"
    changes = {"storage_dir": _absolute(storage)}
    if settings.publish_dir is not None:
        changes["publish_dir"] = _absolute(settings.publish_dir)
    return _with(settings, **changes)


def _absolute(path: Path) -> Path:
    return path if _is_bucket(path) else path.absolute()


def _is_bucket(path: Path) -> bool:
    """Whether it is `s3://…`: no folder of this machine."""
    return path.parts[:1] == ("s3:",)


def _check_folder(what: str, folder: Path) -> None:
    if _is_bucket(folder):
        return
    try:
        try_writing(folder)
    except OSError as error:
        raise StorageFault(
            f"{what}{folder} cannot be made or written: {error.strerror}. Nothing was started. "
            "Name a folder that this user may write, or mend its mount or permissions."
        ) from error


def _with(settings: Settings, **changes: object) -> Settings:
    """A copy with other values, validated, that still knows which ones were set."""
    return Settings.model_validate(settings.model_dump(exclude_unset=True) | changes)


def _check_broker(url: str) -> None:
    """Raise BrokerDown, within 5 s, unless the user's own Redis answers."""
    try:
        with redis_once.connect(url, 3) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        raise BrokerDown(
            f"Redis at {without_passwords(url)} cannot be used: {str(error).rstrip('.')}. "
            "Check REDIS_URL, or unset it to let `clerk up` start one."
        ) from error


def _answering(app: celery.Celery, nodes: set[str]) -> set[str]:
    try:
        answers = app.control.ping(destination=sorted(nodes), timeout=1.0, limit=len(nodes))
    except (OperationalError, redis.RedisError, OSError):
        return set()  # the broker is just being started again
    return {node for answer in answers or () for node in answer}


def _quoted(value: str) -> str:
    """A value as both python-dotenv and, unless it holds quotes, a shell read it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _how(code: int) -> str:
    """`was killed by SIGKILL` or `ended with code 1`."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"


# -- in the foreground --------------------------------------------------------------------------


def addresses(cluster: Cluster) -> dict[str, str]:
    """Where everything is, for people: no passwords."""
    settings = cluster.settings
    return {
        "redis": without_passwords(settings.redis_url),
        "database": shown(settings.database_url).replace("+psycopg", "", 1),
        "storage": str(settings.storage_dir),
        "publish": str(settings.published),
        "state": str(cluster.state),
        "logs": str(cluster.state / "logs"),
    }


def up(
    settings: Settings,
    state: Path,
    *,
    say: Callable[[str], None],
    ready: Callable[[Cluster], None],
) -> None:
    """Run a cluster until SIGINT, SIGTERM or SIGHUP; a second signal ends it at once.

    `ready` is called once every worker answers. Raises as `Cluster.start`. Main thread only.
    """
    cluster = Cluster(settings, state, say=say)

    def on_signal(number: int, _frame: object) -> None:
        # No output here: what this interrupts may be in the middle of a line.
        if cluster.hurrying:
            os._exit(128 + number)  # the third: every part dies with us
        elif cluster.stopping:
            cluster.ask_to_hurry()
        else:
            name = signal.Signals(number).name
            cluster.ask_to_stop(f"{name}: stopping (once more to stop at once)")

    with _handling((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), on_signal):
        try:
            cluster.start()
            _announce(cluster, say, ready)
            cluster.wait()
        finally:
            cluster.stop()
    say("stopped; nothing is left running")


def _announce(
    cluster: Cluster, say: Callable[[str], None], ready: Callable[[Cluster], None]
) -> None:
    """Call `ready` once every worker answers, however long it takes to mend what keeps them."""
    while not cluster.stopping:
        try:
            cluster.wait_ready()
        except DependencyDown as error:
            if not cluster.stopping:  # else `wait` raises it
                say(str(error))
        else:
            break
    if not cluster.stopping:
        ready(cluster)


@contextlib.contextmanager
def _handling(numbers: tuple[int, ...], handler: Callable[[int, object], None]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        if number != signal.SIGHUP or before[number] != signal.SIG_IGN:  # `nohup` means it
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
