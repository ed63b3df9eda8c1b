"""Queues that nobody may take from until a person says so; workers started later obey too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql

from clerk.store.tables import paused_queues


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A paused queue, who paused it, why and when."""

    queue: str
    who: str
    reason: str
    at: datetime

    def __str__(self) -> str:
        """` by ana@ops1 since 2026-01-05T10:00:00+00:00: moving`, as an emergency stop says it."""
        since = f" by {self.who} since {self.at.isoformat(timespec='seconds')}"
        return since + (f": {self.reason}" if self.reason else "")


def add(connection: Connection, queue: str, *, who: str, reason: str) -> bool:
    """Pause a queue; False: it was paused already (who, why and when stay)."""
    statement = postgresql.insert(paused_queues).values(queue=queue, who=who, reason=reason[:1000])
    new = statement.on_conflict_do_nothing().returning(paused_queues.c.queue)
    return connection.execute(new).first() is not None


def remove(connection: Connection, queue: str) -> bool:
    """Let a queue go on; False: it was not paused."""
    return (
        connection.execute(delete(paused_queues).where(paused_queues.c.queue == queue)).rowcount
        == 1
    )


def everything(connection: Connection) -> Sequence[Pause]:
    """All paused queues, by name."""
    rows = connection.execute(select(paused_queues).order_by(paused_queues.c.queue)).mappings()
    return [Pause(**row) for row in rows]


def names(connection: Connection) -> set[str]:
    """The paused queues."""
    return set(connection.execute(select(paused_queues.c.queue)).scalars())
