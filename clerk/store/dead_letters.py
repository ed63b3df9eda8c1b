"""Dead letters: what was given up, with everything needed to look at it or to try again."""

from sqlalchemy import Connection, text

from clerk.store.jobs import ERROR_CHARS, Job
from clerk.store.ledger import Item


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
