"""Ending runs before their time, in two steps, and forgetting what is shown of them."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from clerk.model import JobStatus, RunState
from clerk.store import dead_letters, effects, jobs, ledger, retries, runs
from clerk.store.ledger import Work


def say(connection: Connection, run: str, reason: str) -> bool:
    """First step, committed by itself: the run is cancelled; False: it had ended before."""
    return runs.finish(connection, run, to=RunState.CANCELLED, reason=reason, report={})


def wait(connection: Connection, run: str) -> None:
    """Until nothing of the run writes any more. Raises Busy if a deploy of it goes on for long."""
    effects.wait(connection, run)


def idle(connection: Connection, run: str) -> bool:
    """Whether nothing of the run writes any more; keeps it so until the transaction ends."""
    return effects.idle(connection, run)


def settle(connection: Connection, run: str) -> None:
    """Second step, after `wait` or `idle`: settle what the run left open."""
    ledger.release_run(connection, run)
    retries.give_back(connection, run)
    _fail_untried(connection, run)
    jobs.end_open(connection, run, JobStatus.CANCELLED)
    connection.execute(
        text("UPDATE generations SET state = 'failed' WHERE run = :run AND state = 'building'"),
        {"run": run},
    )


def _fail_untried(connection: Connection, run: str) -> None:
    """What a run was to try again, and did not, failed as before: its letters are open again."""
    untried = dead_letters.open_untried(connection, run)
    pages = [(letter.item, letter.kind) for letter in untried if letter.stage == Work.OCR]
    if pages:
        retries.fail_again(connection, untried[0].site, pages)


def unsettled(connection: Connection, site: str | None = None) -> Sequence[str]:
    """Cancelled runs (of a site) whose second step is still to come."""
    rows = connection.execute(
        text("""
            SELECT r.id FROM runs r
            WHERE r.state = 'cancelled' AND r.finished_at > now() - interval '1 day'
              AND (CAST(:site AS text) IS NULL OR r.site = :site)
              AND (EXISTS (SELECT 1 FROM items i WHERE i.run = r.id AND i.state = 'working')
                OR EXISTS (SELECT 1 FROM job_tracking j
                    WHERE j.run = r.id AND j.status = ANY(:open))
                OR EXISTS (SELECT 1 FROM generations g
                    WHERE g.site = r.site AND g.run = r.id AND g.state = 'building'))
            ORDER BY r.id
        """),
        {"site": site, "open": list(jobs.OPEN)},
    )
    return list(rows.scalars())


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
