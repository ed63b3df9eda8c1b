"""What a task does outside its answer, kept from going on after its run was cancelled.

`hold` is shared among a run's tasks, `wait` excludes them all. Who cancels first says so in the
run's row, commits, then waits here: a task either finished before, or finds its run ended.
"""

import hashlib

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from clerk.errors import Busy, Permanent
from clerk.model import ACTIVE_RUN_STATES

_ACTIVE = [state.value for state in ACTIVE_RUN_STATES]


def hold(connection: Connection, run: str) -> None:
    """Let cancelling wait until the transaction ends. Raises Permanent if the run ended before."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": _lock(run)})
    # A statement of its own: it sees what was committed before the lock was ours.
    active = connection.execute(
        text("SELECT 1 FROM runs WHERE id = :run AND state = ANY(:active)"),
        {"run": run, "active": _ACTIVE},
    ).first()
    if active is None:
        raise Permanent(f"Run {run} has ended; what was under way for it is dropped.")


def wait(connection: Connection, run: str) -> None:
    """Wait until no task of an ended run writes any more. Raises Busy after half a minute."""
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _lock(run)})
    except OperationalError as error:
        raise Busy(
            f"Run {run} is cancelled, but a deploy of it is still under way. What it leaves is "
            "settled when that has ended, by itself or by the same command once more."
        ) from error


def idle(connection: Connection, run: str) -> bool:
    """As `wait`, but at once: False while a task writes."""
    statement = text("SELECT pg_try_advisory_xact_lock(:lock)")
    return bool(connection.execute(statement, {"lock": _lock(run)}).scalar())


def _lock(run: str) -> int:
    # A signed 64-bit key, as Postgres wants it.
    digest = hashlib.blake2b(f"effects:{run}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
