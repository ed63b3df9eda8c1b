"""Workers that are alive: their heartbeat tells a lost worker from a slow one.

A *life* is one start of a worker. A lease's holder is `<node>|<life>|<pid of the child>`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

ALIVE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The three parts of a lease's holder."""

    node: str
    life: str
    pid: int

    def __str__(self) -> str:
        """The ledger's form."""
        return f"{self.node}|{self.life}|{self.pid}"

    @classmethod
    def parse(cls, written: str) -> "Holder":
        """Undo `str`."""
        node, life, pid = written.rsplit("|", 2)
        return cls(node=node, life=life, pid=int(pid))


def beat(
    connection: Connection, node: str, life: str, queues: Sequence[str], processes: int
) -> None:
    """This worker is alive.

    Back from an absence (Postgres was away for longer than a lease), it renews what its children
    hold, in the same transaction: nobody shall take the outage for their death.
    """
    connection.execute(
        text("""
            UPDATE items SET lease_until = now() + :alive
            WHERE state = 'working' AND starts_with(holder, :prefix) AND EXISTS (
                SELECT 1 FROM workers
                WHERE name = :name AND life = :life AND seen_at < now() - :absent)
        """),
        {
            "alive": ALIVE,
            "absent": ALIVE / 3,
            "name": node,
            "life": life,
            "prefix": f"{node}|{life}|",
        },
    )
    connection.execute(
        text("""
            INSERT INTO workers (name, life, queues, processes)
            VALUES (:name, :life, :queues, :processes)
            ON CONFLICT (name) DO UPDATE SET seen_at = now(), queues = excluded.queues,
                processes = excluded.processes, life = excluded.life,
                started_at = CASE WHEN workers.life = excluded.life THEN workers.started_at
                    ELSE now() END
        """),
        {"name": node, "life": life, "queues": ",".join(queues), "processes": processes},
    )


def leave(connection: Connection, node: str, life: str) -> None:
    """This worker ends in good order."""
    connection.execute(
        text("DELETE FROM workers WHERE name = :name AND life = :life"),
        {"name": node, "life": life},
    )


def lives(connection: Connection) -> dict[tuple[str, str], datetime]:
    """(node, life) of every worker seen lately -> when it was seen last."""
    rows = connection.execute(
        text("SELECT name, life, seen_at FROM workers WHERE seen_at > now() - :alive"),
        {"alive": ALIVE},
    )
    return {(row.name, row.life): row.seen_at for row in rows}


def serving(connection: Connection, queue: str) -> set[str]:
    """`<node>|<life>` of every live worker that serves a queue."""
    rows = connection.execute(
        text("""
            SELECT name, life FROM workers
            WHERE seen_at > now() - :alive AND :queue = ANY(string_to_array(queues, ','))
        """),
        {"queue": queue, "alive": ALIVE},
    )
    return {f"{row.name}|{row.life}" for row in rows}


def processes(connection: Connection, queue: str) -> int:
    """How many live worker processes serve a queue."""
    return int(
        connection.execute(
            text("""
                SELECT coalesce(sum(processes), 0) FROM workers
                WHERE seen_at > now() - :alive AND :queue = ANY(string_to_array(queues, ','))
            """),
            {"queue": queue, "alive": ALIVE},
        ).scalar_one()
    )


def forget_dead(connection: Connection, after: timedelta) -> int:
    """Delete rows of workers that have been gone for long."""
    return connection.execute(
        text("DELETE FROM workers WHERE seen_at < now() - :after"), {"after": after}
    ).rowcount
