"""The safety net: rows in, whatever they say should be under way out.

Runs on a timer in every worker's main process, one at a time under an advisory lock, and by hand as
`clerk recover`. It believes Postgres alone: what is left in Redis only tells it which messages it
need not send again. Every repair is idempotent, so a wrong guess costs a message, never an effect.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DataError, SQLAlchemyError

from clerk import broker, ending, flow, quarantine
from clerk.celery import app
from clerk.errors import ClerkError, DependencyDown
from clerk.quarantine import Entry
from clerk.store import audit, cancelling, ledger, pauses, runs, workers
from clerk.store.ledger import OpenWave, Work
from clerk.store.workers import Holder
from clerk.text import counted
from clerk.wiring import Services

log = structlog.get_logger(__name__)

STILL = timedelta(seconds=15)
"""A wave that has not moved for so long is looked at."""
BACKLOG = timedelta(seconds=45)
"""And again so much later, if all its messages are there: it only waits for its turn."""
HELD = timedelta(seconds=30)
"""A message handed out for so long, without a live lease, has lost its worker."""
AGED = timedelta(minutes=10)
"""What has waited so long goes one class higher (REQUIREMENTS decision 2)."""
HANDFUL = 5
"""How many items of a wave are then sent before everything else."""
CLASS_WIDTH = 3
MOST_MESSAGES = 50_000
"""Above that a look through a queue (26 µs a message) would take longer than a heartbeat."""
_LOCK = 7231002


@dataclass
class Repairs:
    """What one pass did, for logs, `clerk status` and `clerk recover`."""

    leases: int = 0
    messages: int = 0
    unacked: int = 0
    bodies: int = 0
    runs: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All repairs."""
        return self.leases + self.messages + self.unacked + self.bodies + self.runs


def once(at: Services, *, still: timedelta = STILL, held: timedelta = HELD) -> Repairs | None:
    """One pass; None: another process is at it."""
    with at.transaction() as holding:
        if not holding.execute(
            text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}
        ).scalar():
            return None
        done = Repairs()
        _expired_leases(at, done)
        _unacked(at, done, held)
        _still_waves(at, done, still)
        _quiet_runs(at, done, still)
        _cancelled_runs(at, done)
        if done.total:
            log.info(
                "repaired",
                leases=done.leases,
                messages=done.messages,
                unacked=done.unacked,
                bodies=done.bodies,
                runs=done.runs,
            )
            audit.record(
                holding,
                who="reconciler",
                action=audit.REPAIR,
                target="; ".join(done.notes)[:500],
                count=done.total,
            )
    return done


def _expired_leases(at: Services, done: Repairs) -> None:
    """A child that died under a living worker spends the attempt; a lost worker does not.

    A worker that was not seen since the lease ran out may be either: the next pass knows.
    """
    with at.transaction() as connection:
        seen = workers.lives(connection)
        for each in ledger.expired(connection):
            holder = Holder.parse(each.holder)
            last_beat = seen.get((holder.node, holder.life))
            if last_beat is not None and last_beat < each.lease_until:
                continue
            lost = last_beat is None
            ledger.put_back(
                connection,
                each.item,
                each.holder,
                spent=not lost,
                lost=lost,
                error="worker lost" if lost else "crash",
            )
            done.leases += 1
            what = "a lost worker" if lost else "a process that died"
            done.notes.append(
                f"what {what} had begun was given back"
                f" ({each.item.work} {each.item.key} of run {each.item.run})"
            )


def _unacked(at: Services, done: Repairs, held: timedelta) -> None:
    """Messages whose worker died: hand them out again, or forget them if their item is settled."""
    now = datetime.now(UTC)
    for tag, raw in broker.rubbish(at.redis, now - held):
        quarantine.put_aside(at.redis, Entry.of(raw, "unacked", "malformed: no message"))
        broker.drop(at.redis, tag)
        done.unacked += 1
        done.notes.append("a damaged message was put aside")
    # Chores have no lease: their worker is dead when they take longer than they may.
    chore = now - held - max(at.settings.limits.fetch, at.settings.limits.deploy)
    overdue = {message.tag for message in broker.unacked(at.redis, older_than=chore)}
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        for message in broker.unacked(at.redis, older_than=now - held):
            if message.eta is not None and message.eta > now:
                continue
            work = _work_of(message)
            if work is None and message.tag not in overdue:
                continue
            standing = _standing(at, message, work)
            if standing == "working":
                continue
            if standing == "settled":
                broker.drop(at.redis, message.tag)
            else:
                channel.qos.restore_by_tag(message.tag)
            done.unacked += 1
            done.notes.append(f"a message that a lost worker held was settled ({message.id})")


def _work_of(message: broker.Message) -> Work | None:
    for names in (flow.HEADER, flow.BODY):
        for work, name in names.items():
            if name == message.task:
                return work
    return None


def _standing(at: Services, message: broker.Message, work: Work | None) -> str:
    """`working`: leave it; `settled`: nothing to do any more; `waiting`: hand it out again."""
    if work is None:
        return "waiting"
    try:
        run, key = map(str, message.args)
        with at.transaction() as connection:
            if message.task == flow.BODY.get(work):
                return "waiting" if ledger.is_open(connection, run, work, int(key)) else "settled"
            state = ledger.state_of(connection, run, work, key)
    except (ValueError, DataError):
        return "waiting"  # not of ours: the worker that takes it refuses it
    return {"waiting": "waiting", "working": "working"}.get(state or "", "settled")


def _still_waves(at: Services, done: Repairs, still: timedelta) -> None:
    with at.transaction() as connection:
        waves = ledger.still_waves(connection, still)
    present: dict[str, set[str] | None] = {}
    for wave in waves:
        with _one_of_many(wave.run):
            _help(at, wave, present, done)


@contextmanager
def _one_of_many(run: str) -> Iterator[None]:
    """What is wrong with one run must not keep the others from being helped."""
    try:
        yield
    except DependencyDown:
        raise
    except (ClerkError, SQLAlchemyError, LookupError, ValueError) as error:
        log.exception("run cannot be repaired", run=run, error=str(error)[:1000])


def _help(at: Services, wave: OpenWave, present: dict[str, set[str] | None], done: Repairs) -> None:
    if wave.complete:
        flow.complete(wave.run, wave.work, wave.number)
        done.bodies += 1
        done.notes.append(f"run {wave.run} went on after {wave.work} wave {wave.number}")
        return
    queue = flow.queue_of(wave.work)
    if queue not in present:
        present[queue] = _present(at, queue)
    _resend(at, wave, present[queue], done)


def _present(at: Services, queue: str) -> set[str] | None:
    """Which items (`run/task/key`) have a message in a queue, in `high`, or in somebody's hands.

    None: the queue is too long to look through; what it holds is taken to be there.
    """
    if broker.depth(at.redis, queue) > MOST_MESSAGES:
        return None
    high = at.settings.queues.high
    messages: list[Iterable[broker.Message]] = [broker.unacked(at.redis)]
    messages += [broker.waiting(at.redis, name) for name in (queue, high)]
    return {_name(m.task, m.args) for each in messages for m in each if len(m.args) >= 2}


def _name(task: str, args: Iterable[object]) -> str:
    return "/".join([task, *(str(arg) for arg in args)])


def _resend(at: Services, wave: OpenWave, present: set[str] | None, done: Repairs) -> None:
    """Send a wave's lost messages again as plain tasks; whoever answers last calls the body.

    A low wave that has waited for AGED is sent again as a normal one. A normal one stays what it
    is, or the night's work would stand in the way of what is urgent; but with each AGED, a HANDFUL
    of it goes before everything. A queue that is paused or has no workers ages nothing, or copies
    would pile up there. The copies left behind find their answers.
    """
    queue = flow.queue_of(wave.work)
    with at.transaction() as connection:
        run = runs.get(connection, wave.run)
        served = queue not in pauses.names(connection) and workers.processes(connection, queue)
        if wave.work is Work.DEPLOY and ledger.is_open(
            connection, wave.run, Work.COMPILE, wave.number
        ):
            return
        keys = ledger.unanswered(connection, wave.run, wave.work, wave.number)
        priority = wave.priority
        raised = flow.CLASS_STEP[run.priority] + priority % CLASS_WIDTH
        own = flow.CLASS_STEP[run.priority]
        aged = wave.age > AGED and served
        if keys and (raised < priority or (aged and priority >= own >= 2 * CLASS_WIDTH)):
            # Its run was raised since it was sent, or it has waited too long.
            priority = raised if raised < priority else priority - CLASS_WIDTH
            ledger.raise_wave(connection, wave.run, wave.work, wave.number, priority)
        elif keys and aged and priority >= CLASS_WIDTH:
            # Nothing starves, not even under urgent work without end: a few go among it.
            ledger.raise_wave(connection, wave.run, wave.work, wave.number, priority)
            keys, priority = keys[:HANDFUL], 0
        else:
            task = flow.HEADER[wave.work]
            there = present if present is not None else {_name(task, (run.id, k)) for k in keys}
            keys = [key for key in keys if _name(task, (run.id, key)) not in there]
        due = ledger.next_due(connection, wave.run, wave.work, wave.number)
        ahead = min(due, BACKLOG) - STILL if due else BACKLOG
        ledger.touch_wave(
            connection, wave.run, wave.work, wave.number, ahead=timedelta(0) if keys else ahead
        )
    flow.send([flow.again(run, wave.work, key, wave.number, priority) for key in keys])
    done.messages += len(keys)
    if keys:
        lost_messages = counted(len(keys), "lost message")
        done.notes.append(
            f"{lost_messages} sent again (run {wave.run}, {wave.work} wave {wave.number})"
        )


def _quiet_runs(at: Services, done: Repairs, still: timedelta) -> None:
    with at.transaction() as connection:
        quiet = runs.quiet(connection, still)
    for run in quiet:
        with _one_of_many(run):
            flow.nudge(run)
        done.runs += 1
        done.notes.append(f"run {run} had stood still and goes on")


def _cancelled_runs(at: Services, done: Repairs) -> None:
    """Cancelled while a deploy was under way: settled when that has ended."""
    with at.transaction() as connection:
        left = cancelling.unsettled(connection)
    for run in left:
        with _one_of_many(run):
            if ending.settle(at, run, patient=False):
                done.runs += 1
                done.notes.append(f"cancelled run {run} was ended")
