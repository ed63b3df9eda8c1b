"""The operator's hand: emergency stop, pause, purge, cancel. The CLI and programs call the same.

Every function that changes something takes `who` and writes a line of the audit trail. What is in
Redis is cleared for speed; that nothing comes of a cancelled run is Postgres's doing: `take` and
`answer` ask for a run in flight, and cancelling waits for what is being written (store/effects.py).
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from redis.exceptions import RedisError
from sqlalchemy import Connection, text

from clerk import broker, clearing, ending, enqueueing, status, storage_mark
from clerk.adapters.stop_key import Stop
from clerk.broker import Message
from clerk.clearing import Unwanted
from clerk.errors import Busy, InvalidInput, UnknownRun, UnknownSite
from clerk.store import audit, cancelling, pauses, runs, sites
from clerk.store.pauses import Pause
from clerk.store.runs import Run
from clerk.wiring import Services

_LOCK = 7231003


# -- emergency stop -------------------------------------------------------------------------------


def stop(at: Services, *, who: str, reason: str) -> tuple[Stop, Stop | None]:
    """Stop all work: nothing new is accepted, workers finish their page and take no other.

    Answers the stop, and the one that was on already, if any: the new one takes its place.
    Raises BrokerDown.
    """
    with _redis(at):
        before = at.stop.read()
        made = at.stop.set(reason, who)
    _note(at, who=who, action="emergency-stop on", target=at.stop.key, reason=reason)
    return made, before


def lift(at: Services, *, who: str, reason: str = "") -> bool:
    """Let work go on; False: there was no stop. Raises BrokerDown."""
    with _redis(at):
        lifted = at.stop.clear()
    if lifted:
        _note(at, who=who, action="emergency-stop off", target=at.stop.key, reason=reason)
    return lifted


def stopped(at: Services) -> Stop | None:
    """The stop that is on, if any. Raises BrokerDown."""
    with _redis(at):
        return at.stop.read()


# -- pause ----------------------------------------------------------------------------------------


def pause(at: Services, queue: str, *, who: str, reason: str) -> bool:
    """No worker takes from `queue`, now or later, until `resume`; False: it was paused already.

    What is being done is finished; what is enqueued waits. Raises InvalidInput.
    """
    refuse_unknown_queue(at, queue)
    with at.transaction() as connection:
        new = pauses.add(connection, queue, who=who, reason=reason)
        if new:
            audit.record(connection, who=who, action="pause", target=queue, reason=reason)
    return new


def resume(at: Services, queue: str, *, who: str, reason: str = "") -> bool:
    """Workers take from `queue` again; False: it was not paused. Raises InvalidInput."""
    refuse_unknown_queue(at, queue)
    with at.transaction() as connection:
        found = pauses.remove(connection, queue)
        if found:
            audit.record(connection, who=who, action="resume", target=queue, reason=reason)
    return found


def paused(at: Services) -> Sequence[Pause]:
    """All paused queues."""
    with at.transaction() as connection:
        return pauses.everything(connection)


# -- purge and cancel -----------------------------------------------------------------------------


@dataclass
class Purge:
    """What was (or with a dry run would be) taken away."""

    target: str
    found: int = 0
    """Messages in queues and in workers' hands."""
    purged: int = 0
    records: int = 0
    runs: list[str] = field(default_factory=list)
    """Runs that this cancels."""


def purge_site(
    at: Services, site: str, *, who: str, reason: str = "", dry_run: bool = False
) -> Purge:
    """Cancel a site's run and forget its messages and progress. PDFs and databases stay.

    Raises UnknownSite, BrokerDown, Busy (another purge, or a deploy under way).
    """
    with at.transaction() as connection:
        sites.get(connection, site)
        running = runs.in_flight(connection, site)
        # Cancelled before, while a deploy was under way: settled now.
        left = cancelling.unsettled(connection, site)
    done = Purge(site, runs=[*left, *(run.id for run in running)])
    unwanted = _of_site(site, done.runs)
    with _redis(at), _alone(at):
        if dry_run:
            done.found = _count(at, unwanted)
            return done
        ending.cancel(at, done.runs, f"purged by {who}")
        done.found = done.purged = _remove(at, unwanted)
    with at.transaction() as connection:
        done.records = cancelling.forget(connection, site, done.runs)
        audit.record(
            connection, who=who, action="purge", target=site, reason=reason, count=done.purged
        )
    return done


def purge_queue(
    at: Services, queue: str, *, who: str, reason: str = "", dry_run: bool = False
) -> Purge:
    """Clear a queue of all sites; runs that had work in it end as cancelled.

    Raises InvalidInput, BrokerDown, Busy.
    """
    refuse_unknown_queue(at, queue)
    done = Purge(queue)
    with _redis(at), _alone(at):
        done.found, done.runs = _contents(at, queue)
        if dry_run:
            return done
        seen: set[str] = set(done.runs)
        done.purged = clearing.remove(at.redis, queue, _collecting(queue, seen))
        with at.transaction() as connection:
            done.runs = cancelling.active_of(connection, sorted(seen))
        ending.cancel(at, done.runs, f"queue {queue} purged by {who}")
        _remove(at, _of_runs(done.runs))
    _note(at, who=who, action="purge-queue", target=queue, reason=reason, count=done.purged)
    return done


def run_meant(at: Services, named: str) -> str:
    """The id of the run that `named` means: that run, or the one run of that site in flight.

    A run of the site that was cancelled and left something behind (a deploy was under way) counts
    where none is in flight: cancelling it again settles that. Raises UnknownRun, InvalidInput.
    """
    with at.transaction() as connection:
        try:
            return runs.get(connection, named).id
        except UnknownRun:
            found = _in_flight_of(connection, named)
        ids = [run.id for run in found] or [*cancelling.unsettled(connection, named)][-1:]
    if not ids:
        raise InvalidInput(f"No run of {named} is in flight; nothing to cancel.")
    if len(ids) > 1:
        raise InvalidInput(
            f"{len(ids)} runs of {named} are in flight. Name the one to cancel:",
            [f"{run.id} ({run.state})" for run in found],
        )
    return ids[0]


def _in_flight_of(connection: Connection, named: str) -> Sequence[Run]:
    try:
        sites.get(connection, named)
    except UnknownSite:
        raise UnknownRun(
            f"There is no run or site {named!r}. `clerk status` shows the runs in flight."
        ) from None
    return runs.in_flight(connection, named)


def cancel_run(
    at: Services, run: str, *, who: str, reason: str = "", dry_run: bool = False
) -> Purge:
    """End a run now: what it published stays, the rest of its work is dropped.

    Raises UnknownRun, InvalidInput (it ended before), BrokerDown, Busy.
    """
    refuse_ended_run(at, run)
    done = Purge(run, runs=[run])
    unwanted = _of_runs(done.runs)
    with _redis(at), _alone(at):
        if dry_run:
            done.found = _count(at, unwanted)
            return done
        ending.cancel(at, done.runs, reason or f"cancelled by {who}")
        done.found = done.purged = _remove(at, unwanted)
    _note(at, who=who, action="cancel", target=run, reason=reason, count=done.purged)
    return done


@dataclass(frozen=True)
class _Matching:
    """Messages that have to go."""

    wanted: Callable[[Message], bool]
    needles: Sequence[bytes]
    """One of them stands in every such message that names its site."""

    @cached_property
    def _needle(self) -> re.Pattern[bytes]:
        return re.compile(b"|".join(map(re.escape, self.needles)) or b"(?!)")

    def raw(self, entry: bytes) -> bool:
        """Of a list's entry. Decodes only what can match: most name another site."""
        if not self._needle.search(entry) and b'"site": ' in entry:
            return False
        message = broker.decode(entry, "")
        return message is not None and self.wanted(message)


def _of_site(site: str, run_ids: Sequence[str]) -> _Matching:
    known = set(run_ids)
    return _Matching(
        lambda message: message.site == site or message.run in known, _needles([site, *run_ids])
    )


def _of_runs(run_ids: Sequence[str]) -> _Matching:
    known = set(run_ids)
    return _Matching(lambda message: message.run in known, _needles(run_ids))


def _needles(names: Sequence[str]) -> list[bytes]:
    return [json.dumps(name).encode() for name in names]


def _remove(at: Services, unwanted: _Matching) -> int:
    removed = sum(clearing.remove(at.redis, queue, unwanted.raw) for queue in status.queues(at))
    return removed + clearing.drop_unacked(at.redis, unwanted.wanted)


def _count(at: Services, unwanted: _Matching) -> int:
    """Messages in queues and in workers' hands."""
    waiting = sum(
        unwanted.raw(entry)
        for queue in status.queues(at)
        for entry in clearing.waiting(at.redis, queue)
    )
    return waiting + sum(unwanted.wanted(message) for message in broker.unacked(at.redis))


def _collecting(queue: str, seen: set[str]) -> Unwanted:
    """Everything goes; the runs it belonged to are kept in `seen`."""

    def unwanted(raw: bytes) -> bool:
        message = broker.decode(raw, queue)
        if message is not None and message.run:
            seen.add(message.run)
        return True

    return unwanted


def _contents(at: Services, queue: str) -> tuple[int, list[str]]:
    """How many messages wait in a queue, and the runs in flight they belong to."""
    seen: set[str] = set()
    note = _collecting(queue, seen)
    count = sum(note(raw) for raw in clearing.waiting(at.redis, queue))
    with at.transaction() as connection:
        return count, cancelling.active_of(connection, sorted(seen))


# -- storage --------------------------------------------------------------------------------------


def adopt_storage(at: Services, *, who: str) -> None:
    """Declare this process's STORAGE_DIR to be the one that all workers share."""
    storage_mark.adopt(at)
    _note(at, who=who, action="adopt-storage", target=str(at.settings.storage_dir), reason="")


# -- shared ---------------------------------------------------------------------------------------


def refuse_unknown_queue(at: Services, queue: str) -> None:
    """Raise InvalidInput, naming the queues there are."""
    known = status.queues(at)
    if queue not in known:
        raise InvalidInput(f"There is no queue {queue!r}. The queues are: {', '.join(known)}.")


def refuse_unknown_site(at: Services, site: str) -> None:
    """Raise UnknownSite."""
    with at.transaction() as connection:
        sites.get(connection, site)


def refuse_ended_run(at: Services, run: str) -> None:
    """Raise UnknownRun, or InvalidInput if there is nothing left of the run to cancel."""
    with at.transaction() as connection:
        found = runs.get(connection, run)
        left = cancelling.unsettled(connection, found.site)
    if not found.active and run not in left:
        raise InvalidInput(
            f"Run {run} of {found.site} has ended already ({found.state}); nothing to cancel."
        )


@contextmanager
def _redis(at: Services) -> Iterator[None]:
    """Redis's errors as BrokerDown, naming the server."""
    try:
        yield
    except RedisError as error:
        raise status.broker_down(at, error) from error


@contextmanager
def _alone(at: Services) -> Iterator[None]:
    """One purge at a time. Raises Busy."""
    enqueueing.ping(at)
    with at.transaction() as holding:
        if not holding.execute(
            text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}
        ).scalar():
            raise Busy("Another purge is under way. Repeat the command when it has ended.")
        yield


def _note(at: Services, *, who: str, action: str, target: str, reason: str, count: int = 0) -> None:
    with at.transaction() as connection:
        audit.record(connection, who=who, action=action, target=target, reason=reason, count=count)
