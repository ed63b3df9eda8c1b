"""Ending runs before their time, in two steps, and forgetting what is shown of them."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from clerk.model import JobStatus, RunState
from clerk.store import effects, jobs, ledger, runs


def say(connection: Connection, run: str, reason: str) -> bool:
    """First step, committed by itself: the run is cancelled; False: it had ended before."""
    return runs.finish(connection, run, to=RunState.CANCELLED, reason=reason, report={})


def settle(connection: Connection, run: str) -> None:
    """Second step: wait until nothing of the run writes any more, and settle what it left open.

    Raises Busy while a deploy of the run is under way.
    """
    effects.wait(connection, run)
    ledger.release_run(connection, run)
    jobs.end_open(connection, run, JobStatus.CANCELLED)
    connection.execute(
        text("UPDATE generations SET state = 'failed' WHERE run = :run AND state = 'building'"),
        {"run": run},
    )


def forget(connection: Connection, site: str, runs_of_site: Sequence[str]) -> int:
    """Delete a site's progress and the records of the jobs that never ran; answers how many."""
    deleted = connection.execute(
        text("DELETE FROM site_progress WHERE subdomain = :site"), {"site": site}
    ).rowcount
    return (
        deleted
        + connection.execute(
            text("""
                DELETE FROM job_tracking
                WHERE run = ANY(:runs) AND status = 'cancelled' AND started_at IS NULL
            """),
            {"runs": list(runs_of_site)},
        ).rowcount
    )


def active_of(connection: Connection, names: Sequence[str]) -> list[str]:
    """Which of these runs are in flight."""
    return [run.id for run in runs.in_flight(connection) if run.id in set(names)]
