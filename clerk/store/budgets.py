"""What a run's pages cost: CPU seconds of first and second looks, summed a wave.

A wave's row is locked by the answer that adds to it anyway, and a run has few of them, so the sum
stays cheap however many pages a run has.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from clerk.store.ledger import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """CPU seconds of a run's engines."""

    first: float
    more: float


def spend(connection: Connection, item: Item, *, first: float, more: float) -> None:
    """Add what one item cost; in the transaction of its answer, so that it counts once."""
    connection.execute(
        text("""
            UPDATE waves SET first_seconds = first_seconds + :first,
                more_seconds = more_seconds + :more
            WHERE run = :run AND stage = :stage AND number = :wave
        """),
        {
            "first": first,
            "more": more,
            "run": item.run,
            "stage": item.work.value,
            "wave": item.wave,
        },
    )


def spent(connection: Connection, run: str) -> Spent:
    """What a run's answered pages cost so far."""
    row = connection.execute(
        text("""
            SELECT coalesce(sum(first_seconds), 0) AS first, coalesce(sum(more_seconds), 0) AS more
            FROM waves WHERE run = :run AND stage = 'ocr'
        """),
        {"run": run},
    ).one()
    return Spent(first=row.first, more=row.more)
