"""job_tracking: one row for each Celery task id, for people and for `clerk failed`.

The rows tell what happened; they decide nothing (the ledger does). They are written in the
transactions of the work they describe.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from clerk.model import JobStatus

ERROR_CHARS = 1000
TRACEBACK_CHARS = 16_000
OPEN = tuple(
    status.value
    for status in (JobStatus.PENDING, JobStatus.QUEUED, JobStatus.PROCESSING, JobStatus.RETRYING)
)
"""Statuses of jobs that may still be worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Who works on what: the identity of one task."""

    id: str
    run: str
    site: str
    stage: str
    type: str
    queue: str
    worker: str = ""


def queued(connection: Connection, jobs: Sequence[Job]) -> None:
    """Note jobs that are about to be sent."""
    if not jobs:
        return
    connection.execute(
        text("""
            INSERT INTO job_tracking (id, run, subdomain, stage, type, queue, status)
            SELECT i, :run, :site, :stage, :type, :queue, 'queued'
            FROM unnest(CAST(:ids AS text[])) AS i
            ON CONFLICT (id) DO NOTHING
        """),
        {
            "ids": [job.id for job in jobs],
            "run": jobs[0].run,
            "site": jobs[0].site,
            "stage": jobs[0].stage,
            "type": jobs[0].type,
            "queue": jobs[0].queue,
        },
    )


def started(connection: Connection, job: Job, attempts: int) -> None:
    """A worker took the job."""
    connection.execute(
        text("""
            INSERT INTO job_tracking (id, run, subdomain, stage, type, queue, status, attempts,
                worker, started_at)
            VALUES (:id, :run, :site, :stage, :type, :queue, 'processing', :attempts, :worker,
                now())
            ON CONFLICT (id) DO UPDATE SET status = 'processing', attempts = :attempts,
                worker = :worker, started_at = now(), queue = excluded.queue
        """),
        {
            "id": job.id,
            "run": job.run,
            "site": job.site,
            "stage": job.stage,
            "type": job.type,
            "queue": job.queue,
            "worker": job.worker,
            "attempts": attempts,
        },
    )


def ended(
    connection: Connection, job_id: str, status: JobStatus, *, error: str = "", traceback: str = ""
) -> None:
    """The job ended, or will be tried again."""
    connection.execute(
        text("""
            UPDATE job_tracking SET status = :status, error = :error, traceback = :traceback,
                progress = CASE WHEN :status = 'completed' THEN 100 ELSE progress END,
                finished_at = CASE WHEN :status IN ('retrying', 'queued') THEN NULL ELSE now() END
            WHERE id = :id
        """),
        {
            "id": job_id,
            "status": status.value,
            "error": error[:ERROR_CHARS],
            "traceback": traceback[-TRACEBACK_CHARS:],
        },
    )


def end_open(connection: Connection, run: str, status: JobStatus) -> int:
    """Settle what is still open when a run ends (duplicates that found their answer, say)."""
    return connection.execute(
        text("""
            UPDATE job_tracking SET status = :status, finished_at = now()
            WHERE run = :run AND status = ANY(:open)
        """),
        {"run": run, "status": status.value, "open": list(OPEN)},
    ).rowcount


def dead_since(connection: Connection, worker: str, since: float) -> int:
    """How many jobs of a worker failed for good since a Unix time."""
    return int(
        connection.execute(
            text("""
                SELECT count(*) FROM job_tracking
                WHERE worker = :worker AND status = 'dead' AND finished_at >= to_timestamp(:since)
            """),
            {"worker": worker, "since": since},
        ).scalar_one()
    )
