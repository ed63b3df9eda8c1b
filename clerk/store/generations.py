"""Generations: numbered databases of a site, from `building` to `published`.

Numbers only grow. A generation that finds a newer one built already is `superseded` and never
published, so a late fast result cannot replace a full one. One that finds a number before readers
that this database never gave out (the site was removed and added again, or Postgres is a new one
or an older copy) is `outnumbered`: the next number is above that one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Connection, text

from clerk.model import CompileReport, GenerationKind
from clerk.store import dead_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A generation's row."""

    site: str
    number: int
    run: str
    kind: GenerationKind
    state: str
    documents: int
    pages: int
    changed: int
    size: int | None
    created_at: datetime
    built_at: datetime | None
    offered_at: datetime | None
    published_at: datetime | None


def allocate(connection: Connection, site: str, run: str, kind: GenerationKind) -> int:
    """The next number of a site, as a generation to be built by `run`."""
    number = connection.execute(
        text(
            "UPDATE sites SET generation = generation + 1 WHERE subdomain = :site "
            "RETURNING generation"
        ),
        {"site": site},
    ).scalar_one()
    connection.execute(
        text(
            "INSERT INTO generations (site, number, run, kind) VALUES (:site, :number, :run, :kind)"
        ),
        {"site": site, "number": number, "run": run, "kind": kind.value},
    )
    return int(number)


def get(connection: Connection, site: str, number: int) -> Generation:
    """One generation that is known to be there."""
    found = find(connection, site, number)
    if found is None:
        raise LookupError(f"{site} has no generation {number}")
    return found


def find(connection: Connection, site: str, number: int) -> Generation | None:
    """One generation; None: this database never gave out that number."""
    row = (
        connection.execute(
            text("SELECT * FROM generations WHERE site = :site AND number = :number"),
            {"site": site, "number": number},
        )
        .mappings()
        .first()
    )
    return Generation(**{**row, "kind": GenerationKind(row["kind"])}) if row else None


def any_of_run(connection: Connection, site: str, run: str, kind: GenerationKind) -> bool:
    """Whether a run has a generation of this kind, in whatever state but `outnumbered`."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT 1 FROM generations
                    WHERE site = :site AND run = :run AND kind = :kind AND state <> 'outnumbered'
                )
            """),
            {"site": site, "run": run, "kind": kind.value},
        ).scalar_one()
    )


def newest_built(connection: Connection, site: str) -> Generation | None:
    """The newest generation whose file exists: the base of the next."""
    row = (
        connection.execute(
            text("""
                SELECT * FROM generations WHERE site = :site AND state IN ('built', 'published')
                ORDER BY number DESC LIMIT 1
            """),
            {"site": site},
        )
        .mappings()
        .first()
    )
    return Generation(**{**row, "kind": GenerationKind(row["kind"])}) if row else None


def newest_full(connection: Connection, site: str) -> datetime | None:
    """When the newest full generation that readers ever saw was begun: it tells all until then.

    One that was rolled back counts: what a person took back does not come again by itself.
    """
    return connection.execute(
        text("""
            SELECT created_at FROM generations
            WHERE site = :site AND kind = 'full' AND published_at IS NOT NULL
            ORDER BY number DESC LIMIT 1
        """),
        {"site": site},
    ).scalar()


def hold_site(connection: Connection, site: str) -> bool:
    """Be the only one to compile this site until the transaction ends; False: another one does."""
    # A signed 64-bit key, as Postgres wants it.
    key = int.from_bytes(blake2b(f"compile:{site}".encode(), digest_size=8).digest(), signed=True)
    return bool(
        connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}).scalar()
    )


def record_built(connection: Connection, site: str, number: int, report: CompileReport) -> None:
    """The file is stored and may be deployed."""
    connection.execute(
        text("""
            UPDATE generations SET state = 'built', documents = :documents, pages = :pages,
                changed = :changed, size = :size, built_at = now()
            WHERE site = :site AND number = :number AND state = 'building'
        """),
        {
            "site": site,
            "number": number,
            "documents": report.documents,
            "pages": report.pages,
            "changed": report.changed + report.removed,
            "size": report.size,
        },
    )


def offer(connection: Connection, site: str, number: int, newest: int) -> bool:
    """Note that a generation is handed to the deployer, which has had numbers up to `newest`.

    False: `newest` is not below it and was never offered by this database, so readers would keep
    what they have. The generation is `outnumbered` then, and the site's next number is above.
    """
    if newest >= number and not _offered(connection, site, newest):
        connection.execute(
            text("UPDATE sites SET generation = greatest(generation, :n) WHERE subdomain = :site"),
            {"site": site, "n": newest},
        )
        _set(connection, site, number, "outnumbered")
        return False
    connection.execute(
        text("""
            UPDATE generations SET offered_at = coalesce(offered_at, now())
            WHERE site = :site AND number = :number
        """),
        {"site": site, "number": number},
    )
    return True


def is_ours(connection: Connection, site: str, number: int) -> bool:
    """Whether readers may have a generation from a run of this database: what it shows is known.

    Not one from before the site was added that was served again: see `adopt`.
    """
    found = find(connection, site, number)
    return found is not None and found.offered_at is not None and found.run != ""


def _offered(connection: Connection, site: str, number: int) -> bool:
    found = find(connection, site, number)
    return found is not None and found.offered_at is not None


def supersede(connection: Connection, site: str, number: int) -> None:
    """A newer one made this one needless."""
    _set(connection, site, number, "superseded")


def fail(connection: Connection, site: str, number: int) -> None:
    """It could not be built or deployed."""
    _set(connection, site, number, "failed")


def _set(connection: Connection, site: str, number: int, state: str) -> None:
    connection.execute(
        text(
            "UPDATE generations SET state = :state "
            "WHERE site = :site AND number = :number AND state <> 'published'"
        ),
        {"site": site, "number": number, "state": state},
    )


def record_published(connection: Connection, site: str, number: int) -> bool:
    """Readers see this generation now; False: they see a newer one."""
    moved = connection.execute(
        text("""
            UPDATE sites SET published_generation = :number, published_at = now(),
                published_full = CASE WHEN EXISTS (
                    SELECT 1 FROM generations
                    WHERE site = :site AND number = :number AND kind = 'full'
                ) THEN :number ELSE published_full END
            WHERE subdomain = :site AND published_generation < :number
        """),
        {"site": site, "number": number},
    ).rowcount
    connection.execute(
        text("""
            UPDATE generations SET state = 'published', published_at = now()
            WHERE site = :site AND number = :number
        """),
        {"site": site, "number": number},
    )
    dead_letters.overtaken_by_generation(connection, site, number)
    return moved == 1


def set_published(connection: Connection, site: str, number: int) -> None:
    """Readers see this generation now, older or newer than before: a person said so."""
    connection.execute(
        text("""
            UPDATE sites SET published_generation = :number, published_at = now(),
                published_full = coalesce((
                    SELECT max(number) FROM generations
                    WHERE site = :site AND number <= :number AND kind = 'full'
                ), 0)
            WHERE subdomain = :site
        """),
        {"site": site, "number": number},
    )
    connection.execute(
        text("""
            UPDATE generations SET state = 'published', published_at = now()
            WHERE site = :site AND number = :number AND state = 'built'
        """),
        {"site": site, "number": number},
    )
    dead_letters.overtaken_by_generation(connection, site, number)


def adopt(connection: Connection, site: str, number: int, *, documents: int, pages: int) -> None:
    """Give a row to a generation from before the site was added; nothing is built upon it."""
    connection.execute(
        text("""
            INSERT INTO generations (site, number, run, kind, state, documents, pages, offered_at)
            VALUES (:site, :number, '', 'full', 'swept', :documents, :pages, now())
        """),
        {"site": site, "number": number, "documents": documents, "pages": pages},
    )


def surplus(connection: Connection, site: str, keep: int) -> list[int]:
    """Numbers whose build files may be deleted: older than the newest `keep`."""
    rows = connection.execute(
        text("""
            SELECT number FROM generations
            WHERE site = :site AND state IN ('built', 'published', 'outnumbered')
            ORDER BY number DESC OFFSET :keep
        """),
        {"site": site, "keep": keep},
    )
    return [int(number) for number in rows.scalars()]


def record_swept(connection: Connection, site: str, numbers: Sequence[int]) -> None:
    """The build files of these generations were deleted."""
    connection.execute(
        text("UPDATE generations SET state = 'swept' WHERE site = :site AND number = ANY(:gone)"),
        {"site": site, "gone": list(numbers)},
    )
