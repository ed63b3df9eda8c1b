"""The ledger: units of work (`items`), their leases and attempts, and the waves they travel in.

An item is `waiting`, then `working` under a lease, then `answered` or `failed`, and never goes
back from an answer. Every change states the state it expects, and the counters of the wave and of
the site's progress move in the same statement, so a second delivery cannot count twice.

An attempt is spent when an item is taken; `put_back(spent=False)` gives it back for ends that are
nobody's fault (shutdown, a lost worker, a server of ours that was away).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from sqlalchemy import Connection, RowMapping, text

from clerk.model import ACTIVE_RUN_STATES, Stage

LEASE = timedelta(seconds=30)
RENEW_EVERY = 10.0  # seconds; a third of the lease, so that two renewals may get lost

_ACTIVE = [state.value for state in ACTIVE_RUN_STATES]


class Work(StrEnum):
    """Kinds of items; also the stage column of waves."""

    DISCOVER = "discover"
    FETCH = "fetch"
    OCR = "ocr"
    EXTRACT = "extract"
    COMPILE = "compile"
    DEPLOY = "deploy"
    DRAW = "draw"


PROGRESS = {
    Work.FETCH: Stage.FETCH,
    Work.OCR: Stage.OCR,
    Work.EXTRACT: Stage.EXTRACTION,
    Work.DEPLOY: Stage.DEPLOY,
}
"""Which stage of `clerk status` an item counts in; others do not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One unit of work, as taken."""

    run: str
    work: Work
    key: str
    wave: int
    attempts: int
    losses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A bounded fan-out: the items that one chord carries."""

    run: str
    work: Work
    number: int
    priority: int
    keys: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveProgress:
    """How far a wave is."""

    number: int
    size: int
    answered: int
    failed: int

    @property
    def complete(self) -> bool:
        """Whether every item has its answer."""
        return self.answered >= self.size


# -- filling --------------------------------------------------------------------------------------


def add(
    connection: Connection, run: str, site: str, work: Work, ranked: Iterable[tuple[str, int]]
) -> int:
    """Add items (key, rank); keys already there are left alone. Answers how many were new."""
    added = 0
    for chunk in _batched(ranked, 5000):
        added += connection.execute(
            text("""
                INSERT INTO items (run, stage, key, rank)
                SELECT :run, :stage, k, r
                FROM unnest(CAST(:keys AS text[]), CAST(:ranks AS bigint[])) AS t(k, r)
                ON CONFLICT DO NOTHING
            """),
            {
                "run": run,
                "stage": work.value,
                "keys": [key for key, _ in chunk],
                "ranks": [rank for _, rank in chunk],
            },
        ).rowcount
    count_total(connection, run, site, work, added)
    return added


def _batched(pairs: Iterable[tuple[str, int]], size: int) -> Iterator[list[tuple[str, int]]]:
    iterator = iter(pairs)
    while chunk := list(islice(iterator, size)):
        yield chunk


def count_total(connection: Connection, run: str, site: str, work: Work, added: int) -> None:
    """Let the site's progress know of `added` more items."""
    if added and work in PROGRESS:
        connection.execute(
            text("""
                UPDATE site_progress SET total = total + :added, updated_at = now(),
                    started_at = coalesce(started_at, now())
                WHERE subdomain = :site AND stage = :stage AND run = :run
            """),
            {"added": added, "site": site, "stage": PROGRESS[work].value, "run": run},
        )


def add_alone(
    connection: Connection, run: str, site: str, work: Work, key: str, *, number: int, priority: int
) -> Wave:
    """Add an item that travels alone, in an open wave of its own with the given number."""
    connection.execute(
        text("""
            INSERT INTO items (run, stage, key, wave) VALUES (:run, :stage, :key, :number)
            ON CONFLICT DO NOTHING
        """),
        {"run": run, "stage": work.value, "key": key, "number": number},
    )
    connection.execute(
        text("""
            INSERT INTO waves (run, stage, number, size, priority)
            VALUES (:run, :stage, :number, 1, :priority) ON CONFLICT DO NOTHING
        """),
        {"run": run, "stage": work.value, "number": number, "priority": priority},
    )
    count_total(connection, run, site, work, 1)
    return Wave(run=run, work=work, number=number, priority=priority, keys=[key])


def open_wave(
    connection: Connection, run: str, work: Work, *, size: int, priority: int
) -> Wave | None:
    """Put the next `size` unsent items into a new wave; None: there are none left.

    The caller holds the run's row, so wave numbers do not collide.
    """
    number = connection.execute(
        text("SELECT coalesce(max(number), 0) + 1 FROM waves WHERE run = :run AND stage = :stage"),
        {"run": run, "stage": work.value},
    ).scalar_one()
    rows = connection.execute(
        text("""
            UPDATE items SET wave = :wave
            WHERE run = :run AND stage = :stage AND key IN (
                SELECT key FROM items WHERE run = :run AND stage = :stage AND wave IS NULL
                ORDER BY rank, key LIMIT :size
            )
            RETURNING key, rank
        """),
        {"run": run, "stage": work.value, "wave": number, "size": size},
    ).all()
    if not rows:
        return None
    connection.execute(
        text("""
            INSERT INTO waves (run, stage, number, size, priority)
            VALUES (:run, :stage, :number, :size, :priority)
        """),
        {
            "run": run,
            "stage": work.value,
            "number": number,
            "size": len(rows),
            "priority": priority,
        },
    )
    ordered = [row.key for row in sorted(rows, key=lambda row: (row.rank, row.key))]
    return Wave(run=run, work=work, number=number, priority=priority, keys=ordered)


# -- taking and answering -------------------------------------------------------------------------


def take(connection: Connection, run: str, work: Work, key: str, holder: str) -> Item | None:
    """Lease an item to `holder` and spend an attempt. None: answered, held, deferred, or ended."""
    row = (
        connection.execute(
            text("""
                UPDATE items SET state = 'working', attempts = attempts + 1, holder = :holder,
                    lease_until = now() + :lease
                WHERE run = :run AND stage = :stage AND key = :key AND state = 'waiting'
                  AND wave IS NOT NULL
                  AND (not_before IS NULL OR not_before <= now())
                  AND EXISTS (SELECT 1 FROM runs WHERE id = :run AND state = ANY(:active))
                RETURNING wave, attempts, losses
            """),
            {
                "run": run,
                "stage": work.value,
                "key": key,
                "holder": holder,
                "lease": LEASE,
                "active": _ACTIVE,
            },
        )
        .mappings()
        .first()
    )
    return Item(run=run, work=work, key=key, **row) if row else None


def holder_of(connection: Connection, run: str, work: Work, key: str) -> str | None:
    """Who works on an item now."""
    return connection.execute(
        text("""
            SELECT holder FROM items
            WHERE run = :run AND stage = :stage AND key = :key AND state = 'working'
        """),
        {"run": run, "stage": work.value, "key": key},
    ).scalar()


def answer(
    connection: Connection, item: Item, site: str, holder: str, *, error: str | None = None
) -> WaveProgress | None:
    """Settle an item, failed if `error` is given.

    None: `holder` no longer holds it, or its run has ended; write nothing.

    Whatever belongs to the answer is written in the same transaction, after this said yes.
    """
    row = (
        connection.execute(
            text("""
                WITH done AS (
                    UPDATE items SET state = :state, error = :error, answered_at = now(),
                        holder = NULL, lease_until = NULL
                    WHERE run = :run AND stage = :stage AND key = :key
                      AND state = 'working' AND holder = :holder
                      AND EXISTS (SELECT 1 FROM runs WHERE id = :run AND state = ANY(:active))
                    RETURNING wave
                ), progress AS (
                    UPDATE site_progress SET completed = completed + :good, failed = failed + :bad,
                        updated_at = now()
                    WHERE subdomain = :site AND stage = :shown AND run = :run
                      AND EXISTS (SELECT 1 FROM done)
                )
                UPDATE waves SET answered = answered + 1, failed = failed + :bad, moved_at = now()
                FROM done
                WHERE waves.run = :run AND waves.stage = :stage AND waves.number = done.wave
                RETURNING number, size, answered, failed
            """),
            {
                "run": item.run,
                "stage": item.work.value,
                "key": item.key,
                "holder": holder,
                "state": "answered" if error is None else "failed",
                "error": (error or "")[:1000],
                "site": site,
                "shown": PROGRESS.get(item.work, ""),
                "active": _ACTIVE,
                "good": int(error is None),
                "bad": int(error is not None),
            },
        )
        .mappings()
        .first()
    )
    return WaveProgress(**row) if row else None


def put_back(
    connection: Connection,
    item: Item,
    holder: str,
    *,
    spent: bool,
    lost: bool = False,
    error: str = "",
    delay: timedelta | None = None,
) -> bool:
    """Return a held item to `waiting`; False: `holder` no longer holds it.

    `spent=False` gives the attempt back; `lost` counts a loss instead. `delay` sets `not_before`.
    """
    return (
        _release(
            connection,
            "run = :run AND stage = :stage AND key = :key AND holder = :holder",
            {"run": item.run, "stage": item.work.value, "key": item.key, "holder": holder},
            spent=spent,
            lost=lost,
            error=error,
            delay=delay,
        )
        == 1
    )


def release_holder(connection: Connection, holder: str, *, spent: bool, error: str) -> int:
    """Return everything that one holder (a worker child known dead) held."""
    return _release(
        connection,
        "holder = :holder",
        {"holder": holder},
        spent=spent,
        lost=not spent,
        error=error,
    )


def release_life(connection: Connection, node: str, life: str) -> int:
    """Return everything that a worker's children held when the worker ended in good order."""
    return _release(
        connection,
        "starts_with(holder, :prefix)",
        {"prefix": f"{node}|{life}|"},
        spent=False,
        lost=False,
        error="worker stopped",
    )


def holders(connection: Connection, node: str, life: str) -> Sequence[str]:
    """Processes of a worker's life that have an item in hand."""
    return list(
        connection.execute(
            text("""
                SELECT DISTINCT holder FROM items
                WHERE state = 'working' AND starts_with(holder, :prefix)
            """),
            {"prefix": f"{node}|{life}|"},
        ).scalars()
    )


def release_run(connection: Connection, run: str) -> int:
    """Take everything of an ended run out of its holders' hands: they cannot answer any more.

    Waits for answers that are being written, so that afterwards nothing more is.
    """
    return _release(
        connection, "run = :run", {"run": run}, spent=False, lost=False, error="run ended"
    )


def revive(connection: Connection, run: str, site: str, work: Work, keys: Sequence[str]) -> int:
    """Failed items of a run in flight become new ones, to travel in a wave to come."""
    revived = connection.execute(
        text("""
            UPDATE items SET state = 'waiting', wave = NULL, attempts = 0, losses = 0,
                not_before = NULL, answered_at = NULL
            WHERE run = :run AND stage = :stage AND key = ANY(:keys) AND state = 'failed'
        """),
        {"run": run, "stage": work.value, "keys": list(keys)},
    ).rowcount
    if revived and work in PROGRESS:
        connection.execute(
            text("""
                UPDATE site_progress SET failed = failed - :revived, updated_at = now()
                WHERE subdomain = :site AND stage = :stage AND run = :run
            """),
            {"revived": revived, "site": site, "stage": PROGRESS[work].value, "run": run},
        )
    return revived


def outstanding(connection: Connection) -> dict[Work, tuple[int, int]]:
    """Work -> (items that wait, items in somebody's hands), over all runs in flight."""
    rows = connection.execute(
        text("""
            SELECT i.stage, count(*) FILTER (WHERE i.state = 'waiting') AS waiting,
                count(*) FILTER (WHERE i.state = 'working') AS working
            FROM items i JOIN runs r ON r.id = i.run
            WHERE i.state IN ('waiting', 'working') AND r.state = ANY(:active) GROUP BY i.stage
        """),
        {"active": _ACTIVE},
    )
    return {Work(row.stage): (row.waiting, row.working) for row in rows}


def _release(
    connection: Connection,
    where: str,
    parameters: dict[str, str],
    *,
    spent: bool,
    lost: bool,
    error: str,
    delay: timedelta | None = None,
) -> int:
    return connection.execute(
        text(f"""
            UPDATE items SET state = 'waiting', holder = NULL, lease_until = NULL,
                error = :error, not_before = now() + CAST(:delay AS interval),
                attempts = attempts - :back, losses = losses + :lost
            WHERE state = 'working' AND {where}
        """),  # noqa: S608 - `where` is one of the literals above
        {
            **parameters,
            "error": error[:1000],
            "delay": delay,
            "back": int(not spent),
            "lost": int(lost),
        },
    ).rowcount


def renew(connection: Connection, item: Item, holder: str) -> bool:
    """Extend the lease of an item that `holder` is at; False: it no longer holds it."""
    return (
        connection.execute(
            text("""
                UPDATE items SET lease_until = now() + :lease
                WHERE run = :run AND stage = :stage AND key = :key
                  AND holder = :holder AND state = 'working'
            """),
            {
                "run": item.run,
                "stage": item.work.value,
                "key": item.key,
                "holder": holder,
                "lease": LEASE,
            },
        ).rowcount
        == 1
    )


# -- waves ----------------------------------------------------------------------------------------


def close_wave(connection: Connection, run: str, work: Work, number: int) -> WaveProgress | None:
    """Claim a complete wave for its body. None: not complete, or somebody claimed it."""
    row = (
        connection.execute(
            text("""
                UPDATE waves SET closed_at = now(), moved_at = now()
                WHERE run = :run AND stage = :stage AND number = :number
                  AND closed_at IS NULL AND answered >= size
                RETURNING number, size, answered, failed
            """),
            {"run": run, "stage": work.value, "number": number},
        )
        .mappings()
        .first()
    )
    return WaveProgress(**row) if row else None


def any_wave(connection: Connection, run: str, work: Work) -> bool:
    """Whether a wave of this work was ever opened."""
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT 1 FROM waves WHERE run = :run AND stage = :stage)"),
            {"run": run, "stage": work.value},
        ).scalar_one()
    )


def open_count(connection: Connection, run: str, work: Work) -> int:
    """How many waves of this work are in flight."""
    return int(
        connection.execute(
            text("""
                SELECT count(*) FROM waves
                WHERE run = :run AND stage = :stage AND closed_at IS NULL
            """),
            {"run": run, "stage": work.value},
        ).scalar_one()
    )


def answered_count(connection: Connection, run: str, work: Work) -> int:
    """Items answered well so far, from the waves' counters."""
    return int(
        connection.execute(
            text("""
                SELECT coalesce(sum(answered - failed), 0) FROM waves
                WHERE run = :run AND stage = :stage
            """),
            {"run": run, "stage": work.value},
        ).scalar_one()
    )


def matters(connection: Connection, run: str, work: Work, key: str) -> bool:
    """Whether an item has its answer, and its wave in a run that goes on awaits its body."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT 1 FROM items i
                    JOIN waves w ON w.run = i.run AND w.stage = i.stage AND w.number = i.wave
                    JOIN runs r ON r.id = i.run
                    WHERE i.run = :run AND i.stage = :stage AND i.key = :key
                      AND i.state IN ('answered', 'failed')
                      AND w.closed_at IS NULL AND r.state = ANY(:active)
                )
            """),
            {"run": run, "stage": work.value, "key": key, "active": _ACTIVE},
        ).scalar_one()
    )


def wave_keys(connection: Connection, run: str, work: Work, number: int) -> Sequence[str]:
    """Keys of all items of a wave."""
    return list(
        connection.execute(
            text("SELECT key FROM items WHERE run = :run AND stage = :stage AND wave = :wave"),
            {"run": run, "stage": work.value, "wave": number},
        ).scalars()
    )


def set_note(connection: Connection, item: Item, note: str) -> None:
    """Say in a word what the answer was."""
    connection.execute(
        text("UPDATE items SET note = :note WHERE run = :run AND stage = :stage AND key = :key"),
        {"note": note, "run": item.run, "stage": item.work.value, "key": item.key},
    )


def notes(connection: Connection, run: str, work: Work) -> dict[str, int]:
    """Note -> how many items answered so."""
    rows = connection.execute(
        text("""
            SELECT note, count(*) AS items FROM items
            WHERE run = :run AND stage = :stage AND note <> '' GROUP BY note
        """),
        {"run": run, "stage": work.value},
    )
    return {row.note: row.items for row in rows}


def last_error(connection: Connection, run: str, work: Work) -> str:
    """Why the last item of a kind of work (by its wave) failed; empty: it did not, or none is."""
    row = connection.execute(
        text("""
            SELECT state, error FROM items WHERE run = :run AND stage = :stage
            ORDER BY wave DESC LIMIT 1
        """),
        {"run": run, "stage": work.value},
    ).first()
    return (row.error or "unknown") if row is not None and row.state == "failed" else ""


def first_error(connection: Connection, run: str, work: Work) -> str:
    """Why the first failed item of a kind of work failed; empty: none did."""
    return (
        connection.execute(
            text("""
                SELECT error FROM items WHERE run = :run AND stage = :stage AND state = 'failed'
                ORDER BY answered_at LIMIT 1
            """),
            {"run": run, "stage": work.value},
        ).scalar()
        or ""
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Items of one kind of work of a run."""

    total: int = 0
    unsent: int = 0
    answered: int = 0
    failed: int = 0

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.answered + self.failed == self.total


def tally(connection: Connection, run: str) -> dict[Work, Tally]:
    """How a run's items stand, by work. Reads every item: for a run's end and for people only."""
    rows = connection.execute(
        text("""
            SELECT stage, count(*) AS total,
                count(*) FILTER (WHERE wave IS NULL) AS unsent,
                count(*) FILTER (WHERE state = 'answered') AS answered,
                count(*) FILTER (WHERE state = 'failed') AS failed
            FROM items WHERE run = :run GROUP BY stage
        """),
        {"run": run},
    ).mappings()
    found = {Work(row["stage"]): _tally(row) for row in rows}
    return {work: found.get(work, Tally()) for work in Work}


def _tally(row: RowMapping) -> Tally:
    return Tally(**{name: row[name] for name in Tally.__dataclass_fields__})


# -- what the reconciler asks ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """A lease that ran out, and whose it was."""

    item: Item
    holder: str
    lease_until: datetime


def expired(connection: Connection, limit: int = 1000) -> Sequence[Expired]:
    """Leases that ran out, oldest first; locked until the transaction ends."""
    rows = connection.execute(
        text("""
            SELECT run, stage, key, wave, attempts, losses, holder, lease_until FROM items
            WHERE state = 'working' AND lease_until < now()
            ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED
        """),
        {"limit": limit},
    )
    return [
        Expired(
            item=Item(
                run=row.run,
                work=Work(row.stage),
                key=row.key,
                wave=row.wave,
                attempts=row.attempts,
                losses=row.losses,
            ),
            holder=row.holder,
            lease_until=row.lease_until,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWave:
    """A wave in flight of an active run."""

    run: str
    site: str
    work: Work
    number: int
    size: int
    answered: int
    priority: int
    age: timedelta
    """Since it was opened, or last raised."""

    @property
    def complete(self) -> bool:
        """All answered, and no body has claimed it yet."""
        return self.answered >= self.size


def still_waves(connection: Connection, for_at_least: timedelta) -> Sequence[OpenWave]:
    """Open waves of active runs that have not moved for a while; zero: all there are."""
    rows = connection.execute(
        text("""
            SELECT w.run, r.site, w.stage AS work, w.number, w.size, w.answered, w.priority,
                now() - w.opened_at AS age
            FROM waves w JOIN runs r ON r.id = w.run
            WHERE w.closed_at IS NULL AND r.state = ANY(:active)
              AND (w.moved_at < now() - :still OR :still = interval '0')
            ORDER BY w.moved_at
        """),
        {"active": _ACTIVE, "still": for_at_least},
    ).mappings()
    return [OpenWave(**{**row, "work": Work(row["work"])}) for row in rows]


def unanswered(connection: Connection, run: str, work: Work, number: int) -> Sequence[str]:
    """Keys of a wave's items that wait (not held by anybody) and may be sent now."""
    return list(
        connection.execute(
            text("""
                SELECT key FROM items
                WHERE run = :run AND stage = :stage AND wave = :wave AND state = 'waiting'
                  AND (not_before IS NULL OR not_before <= now())
                ORDER BY rank, key
            """),
            {"run": run, "stage": work.value, "wave": number},
        ).scalars()
    )


def next_due(connection: Connection, run: str, work: Work, number: int) -> timedelta | None:
    """How long until the first deferred item of a wave may be sent; None: none is deferred."""
    due: timedelta | None = connection.execute(
        text("""
            SELECT min(not_before) - now() FROM items
            WHERE run = :run AND stage = :stage AND wave = :wave AND state = 'waiting'
              AND not_before > now()
        """),
        {"run": run, "stage": work.value, "wave": number},
    ).scalar()
    return due


def touch_wave(
    connection: Connection, run: str, work: Work, number: int, *, ahead: timedelta
) -> None:
    """Note that a wave was just looked at; `ahead` puts off the next look."""
    connection.execute(
        text("""
            UPDATE waves SET moved_at = now() + :ahead
            WHERE run = :run AND stage = :stage AND number = :number
        """),
        {"run": run, "stage": work.value, "number": number, "ahead": ahead},
    )


def raise_wave(connection: Connection, run: str, work: Work, number: int, priority: int) -> None:
    """Note that a wave now travels at another priority, from now on."""
    connection.execute(
        text("""
            UPDATE waves SET priority = :priority, opened_at = now()
            WHERE run = :run AND stage = :stage AND number = :number
        """),
        {"run": run, "stage": work.value, "number": number, "priority": priority},
    )


def is_open(connection: Connection, run: str, work: Work, number: int) -> bool:
    """Whether a wave of an active run still waits for its body."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT 1 FROM waves w JOIN runs r ON r.id = w.run
                    WHERE w.run = :run AND w.stage = :stage AND w.number = :number
                      AND w.closed_at IS NULL AND r.state = ANY(:active)
                )
            """),
            {"run": run, "stage": work.value, "number": number, "active": _ACTIVE},
        ).scalar_one()
    )


def state_of(connection: Connection, run: str, work: Work, key: str) -> str | None:
    """An item's state; None: no such item, or its run has ended."""
    return connection.execute(
        text("""
            SELECT i.state FROM items i JOIN runs r ON r.id = i.run
            WHERE i.run = :run AND i.stage = :stage AND i.key = :key AND r.state = ANY(:active)
        """),
        {"run": run, "stage": work.value, "key": key, "active": _ACTIVE},
    ).scalar()
