"""How things were made, kept for a while: items, jobs, runs, dead letters, the audit trail.

Ended runs lose their answered items and completed jobs after `finished`, everything else of them
after `history`; failed items and jobs and settled dead letters stay for `failed`. Of the audit
trail, what people did stays for `audit` and what workers repaired for `repairs`.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from clerk.store.audit import REPAIR

BATCH = 5000
"""Rows that one transaction removes: a tenth of a second, and no long lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """How long each kind of record is kept."""

    finished: timedelta
    failed: timedelta
    history: timedelta
    audit: timedelta
    repairs: timedelta


_OLD = {
    "items": (
        "items",
        """
            SELECT i.ctid FROM runs r JOIN items i ON i.run = r.id
            WHERE r.finished_at < now() - least(:finished, :failed) AND (
                i.state = 'answered' AND r.finished_at < now() - :finished
                OR r.finished_at < now() - :failed)
        """,
    ),
    "jobs": (
        "job_tracking",
        """
            SELECT ctid FROM job_tracking
            WHERE finished_at < now() - least(:finished, :failed) AND (
                status IN ('completed', 'cancelled') AND finished_at < now() - :finished
                OR finished_at < now() - :failed)
        """,
    ),
    "dead_letters": (
        "dead_letters",
        "SELECT ctid FROM dead_letters WHERE created_at < now() - :failed",
    ),
    "runs": (
        "runs",
        """
            SELECT r.ctid FROM runs r WHERE r.finished_at < now() - :history AND EXISTS (
                SELECT 1 FROM runs newer
                WHERE newer.site = r.site AND newer.created_at > r.created_at)
        """,
    ),
    "audit": (
        "audit",
        f"""
            SELECT ctid FROM audit
            WHERE at < now() - least(:audit, :repairs) AND (
                at < now() - CASE action WHEN '{REPAIR}' THEN :repairs ELSE :audit END)
        """,  # noqa: S608 - a constant of ours
    ),
}
KINDS = tuple(_OLD)
"""What `trim` removes; what belongs to a run goes before the run."""


def trim(connection: Connection, kind: str, ages: Ages, *, most: int = BATCH) -> int:
    """Remove up to `most` rows of a kind that are older than their time; answers how many."""
    table, old = _OLD[kind]
    return connection.execute(
        text(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({old} LIMIT :most))"),  # noqa: S608 - both are literals above
        {**asdict(ages), "most": most},
    ).rowcount
