"""Looking for what keeps work from moving: servers, schema, storage, workers, stops, stillness.

Also for what was lost of what is published. Changes nothing. Each finding says what is wrong and
what to do next; no finding but notices, no problem.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Connection

from clerk import astray, broker, enqueueing, storage_mark
from clerk.errors import ClerkError, DatabaseDown
from clerk.halts import Halts
from clerk.store import dead_letters, pauses, revisions, runs, workers
from clerk.store.ledger import Work
from clerk.wiring import Services

STILL = timedelta(minutes=10)
"""A run that nobody has moved for so long: any worker's reconciler would have."""

OLDEST_POSTGRES, OLDEST_REDIS = (13,), (6, 2)
"""Versions that docs/operations.md asks for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the remedy."""

    about: str
    problem: str
    remedy: str
    notice: bool = False
    """Good to know, but nothing that the operator can mend."""


PUBLISHERS = frozenset({"corrupt", "empty", "encrypted", "missing page", "not a pdf"})
"""Why a document cannot be read until its publisher gives another copy."""

DEAD_LINKS = frozenset({"http 404", "http 410"})
"""What is listed and is not there: nothing of ours, but where it is the list itself.

Not 401 and 403: a town may refuse us by our address or name, about which one can ask or do more.
"""


def findings(at: Services) -> list[Finding]:
    """Everything that is wrong, the servers first."""
    return [*_servers(at), *_stop(at), *_storage(at)]


def _servers(at: Services) -> Iterator[Finding]:
    try:
        enqueueing.ping(at)
        yield from _redis(at.redis.info())
    except ClerkError as error:
        yield Finding("redis", str(error), "check REDIS_URL, or start one with `clerk up`")
    except RedisError as error:
        yield Finding("redis", f"it does not tell about itself: {error}", "let clerk use INFO")
    try:
        with at.transaction() as connection:
            found = connection.dialect.server_version_info or ()
            if found and found < OLDEST_POSTGRES:
                yield Finding("postgres", _too_old(found, OLDEST_POSTGRES), "update it")
            revisions.require_head(connection)
            yield from _in_postgres(at, connection)
    except ClerkError as error:
        yield Finding("postgres", str(error), "check DATABASE_URL; `clerk db upgrade` migrates")


def _redis(info: Mapping[str, Any]) -> Iterator[Finding]:
    """What a server's INFO says of its age, and of what it forgets or throws away."""
    version = tuple(map(int, re.findall(r"\d+", str(info.get("redis_version", "")))[:3]))
    if version and version < OLDEST_REDIS:
        yield Finding("redis", _too_old(version, OLDEST_REDIS), "update it, or take Valkey")
    if not info.get("aof_enabled", 1):
        yield Finding(
            "redis",
            "it may forget its newest messages when it ends (appendonly is off)",
            "set `appendonly yes`; the runs themselves are in Postgres and recover",
        )
    policy = info.get("maxmemory_policy", "noeviction")
    if info.get("maxmemory") and policy != "noeviction":
        yield Finding(
            "redis",
            f"it throws messages away when its memory is full (maxmemory-policy {policy})",
            "set `maxmemory-policy noeviction`",
        )


def _too_old(found: Sequence[int | str], oldest: Sequence[int]) -> str:
    told, least = (".".join(map(str, each)) for each in (found, oldest))
    return f"version {told} is older than {least}, from which on clerk is made for it"


def _in_postgres(at: Services, connection: Connection) -> Iterator[Finding]:
    halted = tuple(pauses.everything(connection))
    yield from _halted(Halts(paused=halted))
    paused = {pause.queue for pause in halted}
    for stage, queue in at.settings.queues.names.items():
        if queue not in paused and (waiting := _waiting(at, queue)):
            if workers.processes(connection, queue):
                continue
            # Every worker takes from `high`, so any kind of worker will do for it.
            kind = "fetch" if stage == "high" else stage
            yield Finding(
                "workers", f"{waiting} waiting in {queue}, no workers", f"clerk worker {kind}"
            )
    for run in runs.quiet(connection, STILL):
        yield Finding("run", f"{run} stands still", "clerk recover")
    yield from _explained(connection)
    yield from _failures(dead_letters.kinds(connection))
    yield from _astray(at, connection)


def _astray(at: Services, connection: Connection) -> Iterator[Finding]:
    if unknown := astray.unknown(at, connection):
        yield Finding("unknown sites", astray.unknown_words(at, unknown), astray.UNKNOWN_REMEDY)
    if gone := astray.gone(at, connection):
        yield Finding(
            "published",
            astray.gone_words(at, gone),
            f"mount that folder, if it lies elsewhere; else `clerk enqueue {gone[0]}` brings it "
            "back, as each site's next run does",
        )
    served = astray.served(at, connection)
    unreadable = astray.unreadable(served)
    for site, why in unreadable.items():
        yield Finding(
            "published",
            f"readers of {site} cannot use its database: {why}",
            f"`clerk enqueue {site}` mends it, as the site's next run does",
        )
    whole = {site: path for site, path in served.items() if site not in unreadable}
    for site, count in astray.stale(connection, whole).items():
        yield Finding(
            "published",
            f"_clerk_missing of {site} lists {count} that is missing no more",
            f"`clerk enqueue {site}` brings it up to date, as the site's next run does",
        )


def _explained(connection: Connection) -> Iterator[Finding]:
    """Runs in flight that say themselves what they wait for."""
    for run in runs.in_flight(connection):
        if run.reason:
            yield Finding(
                "run",
                f"{run.id} of {run.site}: {run.reason}",
                f"mend what it names; `clerk status --subdomain {run.site}`",
            )


def _is_publishers(stage: str, kind: str) -> bool:
    return kind in PUBLISHERS or (stage == Work.FETCH and kind in DEAD_LINKS)


def _failures(kinds: Mapping[tuple[str, str], int]) -> Iterator[Finding]:
    theirs = sum(count for what, count in kinds.items() if _is_publishers(*what))
    if ours := sum(kinds.values()) - theirs:
        yield Finding("failures", f"{ours} dead letter(s)", "clerk failed list")
    if theirs:
        yield Finding(
            "unreadable",
            f"{theirs} dead letter(s): documents that cannot be read as they were published "
            "(locked, damaged, empty, no PDF, or a dead link)",
            "ask the publisher for other copies and links; `clerk failed list` names them",
            notice=True,
        )


def _waiting(at: Services, queue: str) -> int:
    try:
        return broker.depth(at.redis, queue)
    except RedisError:  # a finding of its own
        return 0


def _stop(at: Services) -> Iterator[Finding]:
    try:
        stop = at.stop.read()
    except RedisError:
        return
    yield from _halted(Halts(stop=stop))


def _halted(found: Halts) -> Iterator[Finding]:
    for halt in found.each():
        yield Finding(halt.what, halt.how, halt.remedy)


def _storage(at: Services) -> Iterator[Finding]:
    try:
        problem = storage_mark.problem(at)
    except DatabaseDown:  # a finding of its own
        return
    except ClerkError as error:  # it has kept failing: its breaker is open
        problem = str(error)
    if problem:
        yield Finding(
            "storage",
            problem,
            "mount the shared folder there, or free space where it is full; "
            "after a move `clerk admin adopt-storage`",
        )
