"""Dead letters: what was given up, with everything needed to look at it or to try again.

A letter is *open* until it is requeued; requeued ones stay for the history. This table is the truth
of the Redis hash `deadletter:<name>`, which mirrors its newest open letters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Select

from clerk.store.jobs import ERROR_CHARS, Job
from clerk.store.ledger import Item
from clerk.store.tables import dead_letters


def record(connection: Connection, job: Job, item: Item, reason: str, detail: str) -> None:
    """Keep a failed item; the first error stays when it fails again."""
    connection.execute(
        text("""
            INSERT INTO dead_letters (job, task, queue, run, site, stage, item, attempts, kind,
                first_error, last_error)
            VALUES (:job, :task, :queue, :run, :site, :stage, :item, :attempts, :kind,
                :error, :error)
            ON CONFLICT (job) DO UPDATE SET attempts = excluded.attempts,
                last_error = excluded.last_error, requeued_at = NULL
        """),
        {
            "job": job.id,
            "task": job.type,
            "queue": job.queue,
            "run": job.run,
            "site": job.site,
            "stage": job.stage,
            "item": item.key,
            "attempts": item.attempts,
            "kind": reason[:200],
            "error": detail[:ERROR_CHARS],
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A message that no worker can do anything with."""

    task: str
    queue: str
    kind: str
    error: str
    payload: dict[str, object]


def hold_quarantine(connection: Connection) -> bool:
    """Let only this transaction store poison; False: another one does."""
    statement = text("SELECT pg_try_advisory_xact_lock(:key)")
    return bool(connection.execute(statement, {"key": _QUARANTINE_LOCK}).scalar())


_QUARANTINE_LOCK = 7231005


def record_poison(connection: Connection, digest: str, poison: Poison) -> None:
    """Keep a bad message; the same one again counts as one more attempt of the same letter."""
    fresh = insert(dead_letters).values(
        job=f"message.{digest[:24]}",
        task=poison.task,
        queue=poison.queue,
        attempts=1,
        kind=poison.kind[:200],
        first_error=poison.error[:ERROR_CHARS],
        last_error=poison.error[:ERROR_CHARS],
        payload=poison.payload,
    )
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["job"],
            set_={
                "attempts": dead_letters.c.attempts + 1,
                "last_error": fresh.excluded.last_error,
                "requeued_at": None,
            },
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter. `kind` is the short reason, `first_error` and `last_error` the words."""

    id: int
    job: str
    task: str
    queue: str
    run: str
    site: str
    stage: str
    item: str
    attempts: int
    kind: str
    first_error: str
    last_error: str
    created_at: datetime
    requeued_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which open letters; None: whatever."""

    site: str | None = None
    stage: str | None = None
    error_like: str | None = None
    """Part of the reason or of the error, in any case."""

    def condition(self) -> ColumnElement[bool]:
        """As SQL."""
        columns = dead_letters.c
        parts: list[ColumnElement[bool]] = [columns.requeued_at.is_(None)]
        if self.site is not None:
            parts.append(columns.site == self.site)
        if self.stage is not None:
            parts.append(columns.stage == self.stage)
        if self.error_like is not None:
            where = columns.kind + " " + columns.last_error
            parts.append(where.icontains(self.error_like, autoescape=True))
        return and_(*parts)


EVERYTHING = Wanted()


def find(connection: Connection, wanted: Wanted, *, limit: int | None = None) -> list[Letter]:
    """Open letters, oldest first."""
    return list(_letters(connection, _select(wanted).limit(limit)))


def newest(connection: Connection, limit: int) -> list[Letter]:
    """The newest open letters, newest first."""
    statement = select(dead_letters).where(EVERYTHING.condition())
    return list(_letters(connection, statement.order_by(dead_letters.c.id.desc()).limit(limit)))


def by_id(connection: Connection, ids: Sequence[int]) -> list[Letter]:
    """Letters with these ids, requeued ones too; those that do not exist are left out."""
    statement = select(dead_letters).where(dead_letters.c.id.in_(ids))
    return list(_letters(connection, statement.order_by(dead_letters.c.id)))


def _select(wanted: Wanted) -> Select[tuple[object, ...]]:
    return select(dead_letters).where(wanted.condition()).order_by(dead_letters.c.id)


def _letters(connection: Connection, statement: Select[tuple[object, ...]]) -> Iterator[Letter]:
    for row in connection.execute(statement).mappings():
        yield _letter(row)


def _letter(row: RowMapping) -> Letter:
    values = {name: row[name] for name in Letter.__slots__}
    return Letter(**{**values, "run": row["run"] or "", "site": row["site"] or ""})


def mark_requeued(connection: Connection, ids: Sequence[int]) -> int:
    """They are tried again: not open any more."""
    return connection.execute(
        dead_letters.update()
        .where(dead_letters.c.id.in_(ids), dead_letters.c.requeued_at.is_(None))
        .values(requeued_at=func.now())
    ).rowcount


def remove(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Delete letters that are still open; answers which were there."""
    rows = connection.execute(
        delete(dead_letters)
        .where(dead_letters.c.id.in_(ids), dead_letters.c.requeued_at.is_(None))
        .returning(dead_letters.c.id)
    )
    return sorted(rows.scalars())


def fingerprint(connection: Connection) -> str:
    """Changes whenever an open letter comes, goes or fails again: tells if a mirror is current."""
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.max(dead_letters.c.id), 0),
            func.coalesce(func.sum(dead_letters.c.attempts), 0),
        ).where(EVERYTHING.condition())
    ).one()
    return ":".join(str(value) for value in row)


# -- groups ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Open letters of one stage that failed alike."""

    stage: str
    signature: str
    count: int
    sites: Sequence[str]
    first: datetime
    last: datetime
    example: int
    """The id of the newest."""


_CHANGING = re.compile(r"'[^']*'|\"[^\"]*\"|https?://\S+|(?:/[^\s/:]+)+|\b[0-9a-f]{8,}\b|\d+")


def signature(letter: Letter) -> str:
    """What failures that are alike have in common: the reason, names and numbers left out."""
    lines = letter.last_error.strip().splitlines()
    words = _CHANGING.sub("…", lines[-1][:300]) if lines else ""
    if not words or words.startswith(letter.kind):
        return words or letter.kind
    return f"{letter.kind}: {words}"


def groups(letters: Sequence[Letter]) -> list[Group]:
    """Letters by stage and signature, the most frequent first."""
    found: dict[tuple[str, str], list[Letter]] = {}
    for letter in letters:
        found.setdefault((letter.stage, signature(letter)), []).append(letter)
    made = [
        Group(
            stage=stage,
            signature=alike,
            count=len(members),
            sites=sorted({member.site for member in members}),
            first=min(member.created_at for member in members),
            last=max(member.created_at for member in members),
            example=max(member.id for member in members),
        )
        for (stage, alike), members in found.items()
    ]
    return sorted(made, key=lambda group: (-group.count, group.stage, group.signature))
