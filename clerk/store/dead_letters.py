"""Dead letters: what was given up, with everything needed to look at it or to try again.

A letter is *open* until it is requeued, or overcome: its item succeeded in a later run, failed
again and has a newer letter, or was overtaken by a newer generation or version. Those stay for the
history (`requeued_at`). One that a run was to try (`requeued_by`) opens again where that run is
cancelled before. This table is the truth of the Redis hash `deadletter:<name>`, which
mirrors its newest open letters.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Select

from clerk.store.jobs import ERROR_CHARS, Job
from clerk.store.ledger import Item, Work
from clerk.store.tables import dead_letters, documents


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
    overcome(connection, job.site, item, but=job.id)
    if item.work in (Work.COMPILE, Work.DEPLOY):  # each generation is an item of its own
        overtaken_by_generation(connection, job.site, int(item.key) - 1)


def overcome(connection: Connection, site: str, item: Item, *, but: str = "") -> None:
    """Close the open letters of an item, but for the one of the job `but`.

    Not those of a document that is still unreadable: that its bytes are the same is no success.
    """
    connection.execute(
        text("""
            UPDATE dead_letters SET requeued_at = now()
            WHERE site = :site AND stage = :stage AND item = :item AND requeued_at IS NULL
              AND job <> :but
              AND (:but <> '' OR stage <> 'fetch' OR NOT EXISTS (
                SELECT 1 FROM documents WHERE id = :item AND state = 'failed'))
        """),
        {"site": site, "stage": item.work.value, "item": item.key, "but": but},
    )


def overtaken_by_generation(connection: Connection, site: str, number: int) -> None:
    """Nobody needs those generations any more that failed up to this one."""
    connection.execute(
        text(f"""
            UPDATE dead_letters SET requeued_at = now()
            WHERE site = :site AND stage IN ('compile', 'deploy') AND requeued_at IS NULL
              AND {_number("item")} <= :number
        """),  # noqa: S608 - a constant of ours
        {"site": site, "number": number},
    )


def overtaken_by_versions(connection: Connection, site: str) -> None:
    """Pages of versions that newer ones took the place of are gone with their failures."""
    connection.execute(
        text(f"""
            UPDATE dead_letters l SET requeued_at = now() FROM documents d
            WHERE l.site = :site AND l.stage = 'ocr' AND l.requeued_at IS NULL
              AND d.site = :site AND d.id = split_part(l.item, ':', 1)
              AND {_number("split_part(l.item, ':', 2)")} < d.shown
        """),  # noqa: S608 - a constant of ours
        {"site": site},
    )


def _number(written: str) -> str:
    """As SQL; null for what is none, as an imported letter may say anything."""
    return f"CASE WHEN {written} ~ '^[0-9]{{1,9}}$' THEN CAST({written} AS integer) END"


def close_all(connection: Connection, site: str) -> None:
    """Close all open letters of a site: nobody can try them again."""
    connection.execute(
        text("""
            UPDATE dead_letters SET requeued_at = now() WHERE site = :site AND requeued_at IS NULL
        """),
        {"site": site},
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


def mark_requeued(connection: Connection, ids: Sequence[int], run: str) -> int:
    """`run` tries them again: not open any more."""
    return connection.execute(
        dead_letters.update()
        .where(dead_letters.c.id.in_(ids), dead_letters.c.requeued_at.is_(None))
        .values(requeued_at=func.now(), requeued_by=run)
    ).rowcount


def open_untried(connection: Connection, run: str) -> Sequence[Letter]:
    """Open the letters again that a cancelled run took along and never came to; answers them.

    Not those that failed anew meanwhile, or that a newer generation has overtaken.
    """
    rows = connection.execute(
        text(f"""
            UPDATE dead_letters l SET requeued_at = NULL, requeued_by = NULL FROM sites s
            WHERE l.requeued_by = :run AND s.subdomain = l.site
              AND NOT EXISTS (SELECT 1 FROM items i
                WHERE i.run = :run AND i.stage = l.stage AND i.key = l.item
                  AND i.state IN ('answered', 'failed'))
              AND NOT EXISTS (SELECT 1 FROM dead_letters n
                WHERE n.site = l.site AND n.stage = l.stage AND n.item = l.item
                  AND n.requeued_at IS NULL)
              AND NOT (l.stage IN ('compile', 'deploy')
                AND coalesce({_number("l.item")} < s.published_generation, false))
            RETURNING l.*
        """),  # noqa: S608 - a constant of ours
        {"run": run},
    ).mappings()
    return [_letter(row) for row in rows]


def remove(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Delete letters that are still open; answers which were there."""
    rows = connection.execute(
        delete(dead_letters)
        .where(dead_letters.c.id.in_(ids), dead_letters.c.requeued_at.is_(None))
        .returning(dead_letters.c.id)
    )
    return sorted(rows.scalars())


def put_back(connection: Connection, letters: Sequence[Letter]) -> int:
    """Insert letters that were exported; those whose job has one are left out. Answers how many."""
    names = [name for name in Letter.__slots__ if name != "id"]
    new = 0
    for letter in letters:
        values = {name: getattr(letter, name) for name in names}
        cut = {name: values[name][:ERROR_CHARS] for name in ("first_error", "last_error")}
        row = values | cut | {"kind": letter.kind[:200]}
        row |= {"run": letter.run or None, "site": letter.site or None}
        statement = insert(dead_letters).values(**row).on_conflict_do_nothing()
        new += connection.execute(statement.returning(dead_letters.c.id)).first() is not None
    return new


def subjects(connection: Connection, letters: Sequence[Letter]) -> dict[int, str]:
    """Letter -> the file's name or URL at its source (and the page); else its item's key."""
    owners = {letter.id: letter.item.partition(":")[0] for letter in letters}
    statement = select(documents.c.id, documents.c.url).where(
        documents.c.id.in_(set(owners.values()))
    )
    urls = {row.id: row.url for row in connection.execute(statement)}
    return {letter.id: _subject(letter, urls.get(owners[letter.id])) for letter in letters}


def _subject(letter: Letter, url: str | None) -> str:
    if url is None:
        return f"{letter.stage} {letter.item}".strip() or letter.job
    return url + _page(letter)


def _page(letter: Letter) -> str:
    """` page 7` for a page's letter."""
    number = letter.item.rpartition(":")[2] if letter.item.count(":") == 2 else ""
    return f" page {number}" if number else ""


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


def kinds(connection: Connection) -> Mapping[tuple[str, str], int]:
    """How many open letters there are, by their stage and short reason."""
    what = dead_letters.c.stage, dead_letters.c.kind
    statement = select(*what, func.count().label("letters"))
    rows = connection.execute(statement.where(EVERYTHING.condition()).group_by(*what))
    return {(row.stage, row.kind): row.letters for row in rows}


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
    about: str
    """What the newest is about: a file's name or URL, and the page."""
    message: str
    """What went wrong with it, in full."""


_STORED = re.compile(r"\b(?:document|[0-9a-f]{64})\.pdf\b")
"""How the machinery calls a file while it works on it."""

_CHANGING = re.compile(
    r"\b(?:document|[0-9a-f]{64})\.pdf\b|'[^']*'|\"[^\"]*\"|https?://\S+|(?:/[^\s/:]+)+|\b[0-9a-f]{8,}\b|\d+"
)


def signature(letter: Letter) -> str:
    """What failures that are alike have in common: the reason, names and numbers left out."""
    words = _CHANGING.sub("…", _last_line(letter)[:300])
    if not words or words.startswith(letter.kind):
        return words or letter.kind
    return f"{letter.kind}: {words}"


def _last_line(letter: Letter) -> str:
    lines = letter.last_error.strip().splitlines()
    return lines[-1] if lines else ""


def _message(letter: Letter, about: str) -> str:
    """What went wrong, nothing left out, with the file by the name that people know."""
    said = named(letter, about, _last_line(letter)) or letter.kind
    return said if about.removesuffix(_page(letter)) in said else f"{about}: {said}"


def named(letter: Letter, about: str, said: str) -> str:
    """`said` of a letter with the file by the name that people know; `about` is its subject."""
    name = about.removesuffix(_page(letter))
    return _STORED.sub(lambda _: name, said)


def groups(letters: Sequence[Letter], about: Mapping[int, str]) -> list[Group]:
    """Letters by stage and signature, the most frequent first; `about` are their `subjects`."""
    found: dict[tuple[str, str], list[Letter]] = {}
    for letter in letters:
        found.setdefault((letter.stage, signature(letter)), []).append(letter)
    made = [_group(stage, alike, members, about) for (stage, alike), members in found.items()]
    return sorted(made, key=lambda group: (-group.count, group.stage, group.signature))


def _group(stage: str, alike: str, members: Sequence[Letter], about: Mapping[int, str]) -> Group:
    newest = max(members, key=lambda member: member.id)
    return Group(
        stage=stage,
        signature=alike,
        count=len(members),
        sites=sorted({member.site for member in members}),
        first=min(member.created_at for member in members),
        last=max(member.created_at for member in members),
        example=newest.id,
        about=about[newest.id],
        message=_message(newest, about[newest.id]),
    )
