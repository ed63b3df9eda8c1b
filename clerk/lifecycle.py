"""How a task runs: lease, attempts, answer, retry, log context. Task bodies know none of it.

`perform` is the one way through: it takes the item, does the work, and writes the answer with the
counters in one transaction. A header task of a chord never raises through it; only `Retry` and
Celery's own signals pass.
"""

import contextlib
import os
import re
import secrets
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import celery
import structlog
from celery.exceptions import Reject, SoftTimeLimitExceeded, TaskPredicate
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from clerk import logs
from clerk.errors import (
    BreakerOpen,
    Busy,
    ClerkError,
    DependencyDown,
    SourceRefused,
    SourceUnavailable,
    StopRequested,
    StorageFault,
    Transient,
    Unreadable,
    UnsupportedEngine,
    Withheld,
)
from clerk.files import alive
from clerk.model import JobStatus
from clerk.settings import Retry
from clerk.store import database, dead_letters, jobs, ledger, runs, workers
from clerk.store.jobs import Job
from clerk.store.ledger import Item, WaveProgress, Work
from clerk.store.runs import Run
from clerk.store.workers import Holder
from clerk.wiring import Services, services

log = structlog.get_logger(__name__)

MAX_LOSSES = 10
"""How often an item may lose its worker before it counts as poison (REQUIREMENTS decision 8)."""

MAY_PASS = frozenset({"crash", "memory"})
"""A reader that died may have been killed for no fault of the page; three deaths are no chance."""

ANSWER_PATIENCE = 90.0  # seconds an answer waits for Postgres to come back before it is given up
BUSY_DELAY = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_FAULT = timedelta(seconds=90)
"""What the machine lacks is looked for ten times in a quarter of an hour, then said aloud."""
LONGEST_COUNTDOWN = timedelta(seconds=60)
"""What waits longer waits in Postgres: a worker holds all its countdowns in its own memory."""
STOP_PAUSE = 1.0
"""Seconds that a task waits under an emergency stop: by then its worker takes no more messages."""
REFUSAL_PAUSE = 2.0
"""Seconds that a process holds what others can rather do (a worker that is told to stop waits for
it). Refusing takes no time: it would empty the queue before those that can work."""
STOP_NEWS = 1.0
"""Long work looks at the emergency stop no more often than this, in seconds."""

Write = Callable[[Connection], None]
"""What belongs to an answer, written in the transaction of the answer."""


class Task(celery.Task):  # type: ignore[type-arg]
    """Base of all tasks. More deliveries than the ledger grants attempts: the last one records."""

    abstract = True
    default_retry_delay = 5
    max_retries = 25
    # What a chord's header answers is tiny and follows from its input alone.
    ignore_result = True


# -- who we are ------------------------------------------------------------------------------------

LIFE = secrets.token_hex(6)
"""One start of a worker; children inherit it through the fork."""


def holder(node: str) -> Holder:
    """The holder of leases that this process takes."""
    return Holder(node=node, life=LIFE, pid=os.getpid())


def living() -> str:
    """The worker for which this process does a task, as `workers.serving` names it."""
    task = celery.current_task
    node = task.request.hostname if task else None
    return f"{node or 'local'}|{LIFE}"


class Renewal(threading.Thread):
    """Keeps this process's leases alive while a task works. One thread per worker child."""

    def __init__(self) -> None:
        """Idle until `holding` is entered."""
        super().__init__(name="lease-renewal", daemon=True)
        self._held: tuple[Item, str] | None = None
        self._wake = threading.Event()

    @contextlib.contextmanager
    def holding(self, item: Item, written: str) -> Iterator[None]:
        """Renew the lease that the holder `written` has on `item` for as long as the block runs."""
        self._held = item, written
        try:
            yield
        finally:
            self._held = None

    def run(self) -> None:
        """Renew every 10 s; a server that is away is not this thread's problem."""
        while not self._wake.wait(ledger.RENEW_EVERY):
            held = self._held
            if held is None:
                continue
            try:
                with services().transaction() as connection:
                    ledger.renew(connection, *held)
            except (ClerkError, SQLAlchemyError) as error:
                log.warning("lease not renewed", error=str(error)[: jobs.ERROR_CHARS])


_renewal: Renewal | None = None


def renewal() -> Renewal:
    """This process's renewal thread, started on first use (so after the fork)."""
    global _renewal  # noqa: PLW0603 - one per process
    if _renewal is None or not _renewal.is_alive():
        _renewal = Renewal()
        _renewal.start()
    return _renewal


# -- the way through -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unit:
    """One item of one run, as a message names it."""

    task: celery.Task[..., Any]
    run: str
    work: Work
    key: str


@dataclass(frozen=True)
class Failure:
    """What went wrong, in the form that is stored."""

    reason: str
    detail: str
    retry: bool
    spent: bool = True
    """False: nobody's fault; the attempt is given back."""
    lost: bool = False
    """True: counts against MAX_LOSSES instead."""
    fault: bool = False
    """True: the machine's, not the item's; given up after MAX_LOSSES, with growing waits."""
    here: bool = False
    """True: it is this host's; one of another may take it at once."""
    defer: timedelta | None = None
    """Not before so long; the message is let go, and the reconciler sends another in time. Zero: at
    once, by whoever takes it from the queue's end."""
    asked: timedelta = timedelta(0)
    """The wait that the source asks for; ours is no shorter, up to LONGEST_WAIT."""


Do = Callable[[Services, Run, Item], Write]
Failed = Callable[[Connection, Run, Item, str], None]


def perform(unit: Unit, do: Do, failed: Failed) -> int | None:
    """Take the item, do the work, store the answer.

    `do` returns what to write beside the answer; `failed` writes beside a final failure, given its
    reason. Neither is called for an item that was answered before or is held elsewhere. Answers the
    number of the wave that this answer completed, if no chord will call its body; else None.
    """
    if services().stop.is_on():
        time.sleep(STOP_PAUSE)
        raise Reject("emergency stop", requeue=True)
    try:
        delivery = _take(services(), unit)
    except DependencyDown as error:
        # Failing here would empty the queue in seconds and break every chord in it.
        time.sleep(STOP_PAUSE)
        raise Reject(str(error), requeue=True) from error
    if delivery is None:
        return None
    with (
        logs.bound(run=unit.run, site=delivery.run.site, stage=unit.work.value, item=unit.key),
        renewal().holding(delivery.item, delivery.me),
    ):
        try:
            return delivery.settle(do, failed)
        except TaskPredicate:  # Celery's own: a retry
            raise
        except Exception as error:
            # Raised into its chord it would break that, and nobody would know the item is free.
            log.exception("not settled")
            ours = isinstance(error, (DependencyDown, SoftTimeLimitExceeded))
            _owe(delivery, spent=not ours)
            raise Reject(str(error)[: jobs.ERROR_CHARS], requeue=True) from error


_owed: list[Callable[[Connection], object]] = []
"""Gives back what stands in this process's name and is not done any more, once Postgres answers."""


def _owe(delivery: "Delivery", *, spent: bool) -> None:
    def give_back(connection: Connection) -> None:
        ledger.put_back(
            connection, delivery.item, delivery.me, spent=spent, lost=not spent, error="not settled"
        )

    _owed.append(give_back)
    try:
        _pay(delivery.at)
    except (ClerkError, SQLAlchemyError) as error:
        log.warning("not given back yet", error=str(error)[: jobs.ERROR_CHARS])
        time.sleep(STOP_PAUSE)


def _pay(at: Services) -> None:
    while _owed:
        with at.transaction() as connection:
            _owed[0](connection)
        _owed.pop(0)


def _take(at: Services, unit: Unit) -> "Delivery | None":
    request = unit.task.request
    me = str(holder(request.hostname or "local"))
    _pay(at)
    with at.transaction() as connection:
        item = ledger.take(connection, unit.run, unit.work, unit.key, me)
        if item is None and _free_from_dead_sibling(connection, unit, me):
            item = ledger.take(connection, unit.run, unit.work, unit.key, me)
        if item is None:
            _count_out(connection, unit)
            return None
        run = runs.get(connection, unit.run)
        job = Job(
            id=request.id or "",
            run=run.id,
            site=run.site,
            stage=unit.work.value,
            type=(unit.task.name or "").removeprefix("clerk."),
            queue=(request.delivery_info or {}).get("routing_key") or "",
            worker=request.hostname or "",
        )
        jobs.started(connection, job, item.attempts)
    return Delivery(at, unit, run, item, job, me)


def _count_out(connection: Connection, unit: Unit) -> None:
    """Let a copy count in its chord only while the item's answer is what its wave waits for.

    Else the body would come too early, or the count of a closed chord begin anew and its result
    stay.
    """
    if not ledger.matters(connection, unit.run, unit.work, unit.key):
        unit.task.request.chord = None
        unit.task.request.ignore_result = True


def _free_from_dead_sibling(connection: Connection, unit: Unit, me: str) -> bool:
    """Celery hands a message on at once when a child dies; its lease would stand for 30 s more."""
    written = ledger.holder_of(connection, unit.run, unit.work, unit.key)
    if written is None:
        return False
    theirs, ours = Holder.parse(written), Holder.parse(me)
    if (theirs.node, theirs.life) != (ours.node, ours.life):
        return False
    # Our own pid: this very process was here before and did not come to an answer.
    if theirs.pid != ours.pid and alive(theirs.pid):
        return False
    return ledger.release_holder(connection, written, spent=True, error="crash") > 0


@dataclass(frozen=True)
class Delivery:
    """An item in this process's hands."""

    at: Services
    unit: Unit
    run: Run
    item: Item
    job: Job
    me: str

    def settle(self, do: Do, failed: Failed) -> int | None:
        """Do the work and write what it came to."""
        result = self.attempt(do)
        if isinstance(result, Failure):
            return self.after(result, failed)
        try:
            return self.answer(result)
        except SQLAlchemyError as error:
            # Postgres refuses what the work brought: a failure of the item, not of the chord.
            return self.after(classify(error), failed)

    def attempt(self, do: Do) -> Write | Failure:
        """The edge between machinery and work: whatever the work raises becomes a Failure."""
        retry = self.at.settings.retry
        if self.item.attempts > retry.attempts or self.item.losses >= MAX_LOSSES:
            return Failure("crash", "its worker process died every time", retry=False)
        try:
            return do(self.at, self.run, self.item)
        except Exception as error:  # noqa: BLE001 - kept with its traceback; a header never raises
            return classify(error)

    def after(self, failure: Failure, failed: Failed) -> int | None:
        """Put the item back and let Celery deliver it again, or give it up."""
        if failure.here and self._others_serve():
            failure = replace(failure, defer=timedelta(0))
        if failure.defer == timedelta(0):
            time.sleep(REFUSAL_PAUSE)
        if failure.defer:
            self._defer(failure, failure.defer)
            return None
        if self._is_final(failure):
            return self._give_up(failure, failed)
        delay = self._wait_after(failure)
        if delay > LONGEST_COUNTDOWN:
            self._defer(failure, delay)
            return None
        self._put_back(failure)
        log.info("will try again", reason=failure.reason, seconds=delay.total_seconds())
        # The ledger bounds the tries. Celery's own would break the chord of a page that waits.
        most = self.unit.task.request.retries + 1
        raise self.unit.task.retry(countdown=delay.total_seconds(), max_retries=most)

    def _others_serve(self) -> bool:
        """Whether workers of other hosts take from this queue."""
        here = f"@{socket.gethostname()}"
        with self.at.transaction() as connection:
            serving = workers.serving(connection, self.job.queue)
        nodes = (each.rpartition("|")[0] for each in serving)
        return any(not node.endswith(here) and f"{here}-" not in node for node in nodes)

    def _is_final(self, failure: Failure) -> bool:
        if failure.defer is not None:
            return False
        if failure.fault:
            return self.item.losses + 1 >= MAX_LOSSES
        used_up = self.item.attempts >= self.at.settings.retry.attempts
        return not failure.retry or (failure.spent and used_up)

    def _wait_after(self, failure: Failure) -> timedelta:
        retry = self.at.settings.retry
        if failure.defer is not None:
            return failure.defer
        if failure.fault:
            return min(backoff(retry, self.item.losses + 1), LONGEST_FAULT)
        ours = backoff(retry, self.item.attempts) if failure.spent else BUSY_DELAY
        return max(ours, min(failure.asked, LONGEST_WAIT))

    def _defer(self, failure: Failure, delay: timedelta) -> None:
        self._put_back(failure, delay)
        log.info("deferred", reason=failure.detail)

    def _put_back(self, failure: Failure, delay: timedelta | None = None) -> None:
        """Return the item; with `delay`, not to be taken before."""

        def write(connection: Connection) -> None:
            if ledger.put_back(
                connection,
                self.item,
                self.me,
                spent=failure.spent,
                lost=failure.lost,
                error=failure.reason,
                delay=delay,
            ):
                jobs.ended(connection, self.job.id, JobStatus.RETRYING, error=failure.reason)

        _patiently(self.at, write)

    def _give_up(self, failure: Failure, failed: Failed) -> int | None:
        log.warning("failed", reason=failure.reason, detail=failure.detail[: jobs.ERROR_CHARS])

        def write(connection: Connection) -> None:
            failed(connection, self.run, self.item, failure.reason)
            dead_letters.record(connection, self.job, self.item, failure.reason, failure.detail)

        return self.answer(write, failure)

    def answer(self, write: Write, failure: Failure | None = None) -> int | None:
        """Settle the item, the counters and what belongs to it, all at once or not at all."""
        progress: list[WaveProgress] = []

        def settle(connection: Connection) -> None:
            progress.clear()
            error = failure.reason if failure else None
            moved = ledger.answer(connection, self.item, self.run.site, self.me, error=error)
            if moved is None:
                log.info("answered elsewhere")
                _count_out(connection, self.unit)
                return
            write(connection)
            if failure is None:
                dead_letters.overcome(connection, self.run.site, self.item)
            self._end_job(connection, failure)
            progress.append(moved)

        _patiently(self.at, settle)
        if progress and progress[0].complete and not self.unit.task.request.chord:
            return progress[0].number
        return None

    def _end_job(self, connection: Connection, failure: Failure | None) -> None:
        if failure is None:
            jobs.ended(connection, self.job.id, JobStatus.COMPLETED)
            return
        last_line = failure.detail.strip().splitlines()[-1] if failure.detail else failure.reason
        trace = failure.detail if "Traceback" in failure.detail else ""
        jobs.ended(connection, self.job.id, JobStatus.DEAD, error=last_line, traceback=trace)


def checkpoint(at: Services) -> None:
    """Between two steps of long work. Raises StopRequested under an emergency stop."""
    if at.stop.is_on(within=STOP_NEWS):
        raise StopRequested("An emergency stop is on; this work begins again when it is lifted.")


def classify(error: Exception) -> Failure:
    """Whether trying again may help, and whether this try counts."""
    return _of_machine(error) or _of_work(error)


def _of_machine(error: Exception) -> Failure | None:
    """What the machine lacks: the next one may have it, or the operator brings it in time."""
    if isinstance(error, OSError) and not isinstance(error, (ConnectionError, TimeoutError)):
        error = _storage_fault(error)
    if not isinstance(error, (UnsupportedEngine, StorageFault)):
        return None
    return Failure(_name(error), str(error), retry=True, spent=False, lost=True, fault=True)


def _of_work(error: Exception) -> Failure:
    match error:
        case Unreadable() | SourceRefused() | SourceUnavailable() | Withheld():
            may_pass = isinstance(error, Transient) or error.reason in MAY_PASS
            asked = error.wait if isinstance(error, SourceUnavailable) else 0.0
            return Failure(error.reason, str(error), retry=may_pass, asked=timedelta(seconds=asked))
        case BreakerOpen() | Busy() | StopRequested():
            wait = timedelta(seconds=error.wait) if isinstance(error, BreakerOpen) else None
            here = isinstance(error, BreakerOpen) and error.here
            return Failure(_name(error), str(error), retry=True, spent=False, here=here, defer=wait)
        case DependencyDown():
            return Failure(_name(error), str(error), retry=True, spent=False, lost=True)
        case ClerkError():
            return Failure(_name(error), str(error), retry=isinstance(error, Transient))
        case SoftTimeLimitExceeded():
            return Failure("timeout", "longer than its time limit", retry=True)
    trace = "".join(traceback.format_exception(error))[-jobs.TRACEBACK_CHARS :]
    log.error("task failed", error=trace)
    return Failure(type(error).__name__, trace, retry=True)


def _storage_fault(error: OSError) -> StorageFault:
    return StorageFault(
        f"{error}. Check that this worker may read and write the folders of clerk (STORAGE_DIR, "
        "PUBLISH_DIR) and that all of them are mounted, then `clerk failed retry`. A document "
        "whose file is lost comes back with `clerk enqueue SITE --force`."
    )


def _name(error: ClerkError) -> str:
    """`SourceUnavailable` -> `source unavailable`: the short stored reason."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()


def backoff(retry: Retry, attempts: int) -> timedelta:
    """The wait after `attempts` tries: base, base*factor, …; at most LONGEST_WAIT."""
    wait = retry.base.total_seconds() * retry.factor ** (attempts - 1)
    if retry.jitter:
        wait *= 1 + retry.jitter * (secrets.randbelow(2001) - 1000) / 1000
    return min(timedelta(seconds=min(wait, 1e6)), LONGEST_WAIT)


def _patiently(at: Services, write: Write) -> None:
    """Run a transaction; wait while Postgres is away, for what is done should not be done again."""
    deadline = time.monotonic() + ANSWER_PATIENCE
    pause = 0.2
    while True:
        try:
            with at.transaction() as connection:
                write(connection)
            return
        except DependencyDown:
            if time.monotonic() > deadline:
                raise
        except OperationalError as error:
            if not database.is_contended(error) or time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(pause * 2, 5.0)
