"""How things were made, kept for a while: items, jobs, runs, dead letters that were settled."""

from datetime import timedelta
from typing import TypedDict

from sqlalchemy import Connection, text


class Trimmed(TypedDict):
    """Rows removed."""

    items: int
    jobs: int
    runs: int
    dead_letters: int


def trim(
    connection: Connection, *, finished: timedelta, failed: timedelta, history: timedelta
) -> Trimmed:
    """Remove what is older than its time.

    Ended runs lose their answered items and completed jobs after `finished`, everything else of
    them after `history`; failed items and jobs and settled dead letters stay for `failed`.
    """
    ages = {"finished": finished, "failed": failed, "history": history}

    def delete(statement: str) -> int:
        return connection.execute(text(statement), ages).rowcount

    return Trimmed(
        items=delete("""
            DELETE FROM items i USING runs r WHERE r.id = i.run AND (
                i.state = 'answered' AND r.finished_at < now() - :finished
                OR r.finished_at < now() - :failed)
        """),
        jobs=delete("""
            DELETE FROM job_tracking WHERE
                (status IN ('completed', 'cancelled') AND finished_at < now() - :finished)
                OR finished_at < now() - :failed
        """),
        dead_letters=delete("""
            DELETE FROM dead_letters WHERE created_at < now() - :failed
        """),
        runs=delete("""
            DELETE FROM runs r WHERE r.finished_at < now() - :history AND EXISTS (
                SELECT 1 FROM runs newer
                WHERE newer.site = r.site AND newer.created_at > r.created_at)
        """),
    )
