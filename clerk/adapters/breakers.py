"""Circuit breakers that all processes share, and the guarded ways to the web, storage and readers.

One key in Redis for each thing guarded; the rules are `clerk.breaker`. Redis being away closes all
breakers: then nothing is known, and trying is the way to find out. A host counts as failing when
it does not answer or says it is overloaded (SourceUnavailable); a 404 is a good answer. One that
asks for a pause (Retry-After) is left alone by everybody for as long. Storage and the deployer
count as failing when the device does (StorageFull, StorageFault); one file that is not there says
nothing about the others, as long as the storage's mark is there. Both are mounts, so each host has
breakers of its own: one that lost its share must not stop the others.
"""

import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from redis.exceptions import RedisError

from clerk import breaker
from clerk.adapters import redis_once
from clerk.breaker import CLOSED, Leave, Rules, State
from clerk.errors import BreakerOpen, DependencyDown, SourceUnavailable, StorageFault, StorageFull
from clerk.keys import STORAGE_MARK, digest
from clerk.model import Deployed, Download, Site, Validators
from clerk.ports import Deployer, Http, Page, Storage

log = structlog.get_logger(__name__)

PREFIX = "clerk:breaker:"
_SECONDS = 1.0  # of patience with Redis: a breaker is worth less than the work it guards


class Breakers:
    """All breakers of an installation, by name. `clock` is for tests; its seconds are Unix time."""

    def __init__(self, url: str, rules: Rules, clock: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._clock = clock
        self._redis = redis_once.connect(url, _SECONDS)

    @contextmanager
    def guard(
        self, name: str, failures: tuple[type[Exception], ...], *, here: bool = False
    ) -> Iterator[None]:
        """Do the block unless `name` is known to be down; `failures` in it count against `name`.

        `here`: it is this host's, of which others have one of their own.

        Raises BreakerOpen, without doing anything, while the breaker is open.
        """
        if here:
            name = f"{name} of {socket.gethostname()}"
        leave = self._change(name, lambda state, now: breaker.ask(self._rules, state, now))
        if leave is None:
            leave = Leave()
        if leave.wait:
            how = "asks to be left alone" if leave.asked else "keeps failing"
            said = f"{name} {how}; tried again in {leave.wait:.0f} s"
            raise BreakerOpen(said, leave.wait, here=here)
        # What takes all the time that its task has is down too.
        down: tuple[type[Exception], ...] = (*failures, SoftTimeLimitExceeded)
        try:
            yield
        except down as error:
            pause = error.wait if isinstance(error, SourceUnavailable) else 0.0
            self._tell(name, good=False, probe=leave.probe, pause=pause)
            raise
        except Exception:
            self._tell(name, good=True, probe=leave.probe)
            raise
        self._tell(name, good=True, probe=leave.probe)

    def _tell(self, name: str, *, good: bool, probe: bool, pause: float = 0.0) -> None:
        def change(state: State, now: float) -> tuple[State, Leave]:
            after = breaker.tell(self._rules, state, now, good=good, probe=probe, pause=pause)
            if bool(after.until) != bool(state.until):
                log.warning("breaker open" if after.until else "breaker closed", name=name)
            return after, Leave()

        self._change(name, change)

    def _change(
        self, name: str, change: Callable[[State, float], tuple[State, Leave]]
    ) -> Leave | None:
        """Apply `change` to the shared state, nobody in between; None: Redis is away."""
        key = PREFIX + digest("breaker", name)
        lasting = int(2000 * max(self._rules.window, self._rules.cooldown, breaker.LONGEST_PAUSE))

        def step(pipe: Any) -> Any:
            before = _parse(pipe.get(key))
            after, leave = change(before, self._clock())
            pipe.multi()
            if after != before:
                pipe.set(key, json.dumps(asdict(after)), px=lasting)
            return leave

        try:
            return cast("Leave", self._redis.transaction(step, key, value_from_callable=True))
        except (RedisError, OSError) as error:
            log.warning("breaker unknown", name=name, error=str(error)[:200])
            return None


def _parse(raw: bytes | None) -> State:
    try:
        said = json.loads(raw) if raw else asdict(CLOSED)
        return State(
            began=float(said["began"]),
            good=int(said["good"]),
            bad=int(said["bad"]),
            until=float(said["until"]),
            pause=float(said["pause"]),
        )
    except (ValueError, TypeError, KeyError):
        return CLOSED


class GuardedHttp:
    """An Http with one breaker for each host."""

    def __init__(self, inner: Http, breakers: Breakers) -> None:
        self._inner = inner
        self._breakers = breakers

    @property
    def document_bytes(self) -> int:
        """See Http."""
        return self._inner.document_bytes

    def page(self, url: str) -> Page:
        """See Http; raises BreakerOpen besides."""
        with self._breakers.guard(_host(url), (SourceUnavailable,)):
            return self._inner.page(url)

    def download(self, url: str, into: Path, known: Validators | None = None) -> Download | None:
        """See Http; raises BreakerOpen besides."""
        with self._breakers.guard(_host(url), (SourceUnavailable,)):
            return self._inner.download(url, into, known)


class GuardedStorage:
    """A Storage with one breaker for this host's processes: it is one mount.

    Where a share is not mounted, an empty folder may stand in its place: without the mark no file
    counts as lost, and none is put there. The mark itself is read and written past the breaker: it
    is how a process finds out whether its storage is the right one, whatever others met.
    """

    def __init__(self, inner: Storage, breakers: Breakers) -> None:
        self._inner = inner
        self._breakers = breakers

    @contextmanager
    def _guard(self, key: str = "") -> Iterator[None]:
        free = key == STORAGE_MARK
        breaker = nullcontext() if free else self._breakers.guard("storage", _DEVICE, here=True)
        with breaker, _said_plainly("storage"):
            yield

    def _require_mark(self, key: str) -> None:
        if key != STORAGE_MARK and not self._inner.exists(STORAGE_MARK):
            raise StorageFault(
                f"STORAGE_DIR is not the shared folder: it has no mark ({STORAGE_MARK}). Mount the "
                "share there, then `clerk failed retry` what was given up. If the files were moved "
                "or restored on purpose: `clerk admin adopt-storage`."
            )

    def put(self, key: str, source: Path) -> None:
        """See Storage; raises BreakerOpen besides, as all of these do."""
        with self._guard(key):
            # What is put below a mount that is missing is gone when the mount comes back.
            self._require_mark(key)
            self._inner.put(key, source)

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """See Storage. What is done with the file is not the storage's."""
        with ExitStack() as stack:
            with self._guard(key):
                try:
                    path = stack.enter_context(self._inner.local(key))
                except FileNotFoundError:
                    self._require_mark(key)
                    raise
            yield path

    def exists(self, key: str) -> bool:
        """See Storage."""
        with self._guard():
            return self._inner.exists(key)

    def delete(self, key: str) -> None:
        """See Storage."""
        with self._guard():
            self._inner.delete(key)

    def list(self, prefix: str) -> Sequence[str]:
        """See Storage."""
        with self._guard():
            return self._inner.list(prefix)


class GuardedDeployer:
    """A Deployer with one breaker for this host: where it puts databases is one place."""

    def __init__(self, inner: Deployer, breakers: Breakers) -> None:
        self._inner = inner
        self._breakers = breakers

    def deploy(self, site: Site, database: Path, generation: int) -> Deployed:
        """See Deployer; raises BreakerOpen besides."""
        guard = self._breakers.guard("deploy", _DEVICE, here=True)
        with guard, _said_plainly("what readers see"):
            return self._inner.deploy(site, database, generation)

    def rollback(self, site: Site) -> Deployed:
        """See Deployer; a person waits for it, so it is always tried."""
        return self._inner.rollback(site)

    def withdraw(self, subdomain: str) -> bool:
        """See Deployer; a person waits for it, so it is always tried."""
        return self._inner.withdraw(subdomain)

    def served(self, site: Site) -> Deployed | None:
        """See Deployer."""
        return self._inner.served(site)

    def newest(self, site: Site) -> int:
        """See Deployer; raises BreakerOpen besides."""
        guard = self._breakers.guard("deploy", _DEVICE, here=True)
        with guard, _said_plainly("what readers see"):
            return self._inner.newest(site)


_DEVICE = (StorageFull, StorageFault, DependencyDown, ConnectionError, TimeoutError)


@contextmanager
def _said_plainly(what: str) -> Iterator[None]:
    """What the device refuses is a StorageFault; a file that is not there stays what it is."""
    try:
        yield
    except (FileNotFoundError, ConnectionError, TimeoutError):
        raise
    except OSError as error:
        raise StorageFault(
            f"{what} cannot be used: {error}. Check that its folder is mounted and that this "
            "worker may read and write there."
        ) from error


def _host(url: str) -> str:
    try:
        host = urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:  # the client will refuse it, and say so
        host = ""
    return f"host {host[:253]}"
