"""A small fixed history: three sites, a run that reads pages, dead letters, messages that wait.

What commands print of it is compared word for word (test_golden.py), so nothing here may depend on
chance or on the clock; "lately" is the only exception, where a command looks at the last hour.
"""

from datetime import datetime

import celery
from sqlalchemy import Connection, text

from clerk.model import Site
from clerk.store import audit, sites

READING = "20260108T142300-aaaaaaaa"
FETCHING = "20260108T143000-bbbbbbbb"
ENDED = "20260107T090000-cccccccc"


def write(connection: Connection) -> None:
    """The rows."""
    for subdomain, name, fetcher, source in (
        (
            "oakland",
            "City of Oakland",
            "listing",
            "https://clerk:s3cret@www.oakland.example/minutes",
        ),
        ("pleasanton", "City of Pleasanton", "listing", "https://www.pleasanton.example/agendas"),
        ("rivergrove.or", "City of Rivergrove", "folder", "/srv/rivergrove"),
    ):
        sites.add(connection, Site(subdomain=subdomain, name=name, source=source, fetcher=fetcher))
    _runs(connection)
    _progress(connection)
    _items(connection)
    _documents(connection)
    _letters(connection)
    _others(connection)


def _runs(connection: Connection) -> None:
    for run, site, state, began, moved, reason in (
        (READING, "pleasanton", "reading", "2026-01-08 14:23:15", "2026-01-08 14:25:42", ""),
        (FETCHING, "oakland", "fetching", "2026-01-08 14:30:00", "2026-01-08 14:30:01", ""),
        (
            ENDED,
            "rivergrove.or",
            "partial",
            "2026-01-07 09:00:00",
            "2026-01-07 09:04:10",
            "1 document could not be read; 1 page could not be read",
        ),
    ):
        ended = moved if state == "partial" else None
        connection.execute(
            text("""
                INSERT INTO runs (id, site, state, reason, created_at, started_at, updated_at,
                    finished_at)
                VALUES (:run, :site, :state, :reason, :began, :began, :moved, :ended)
            """),
            {
                "run": run,
                "site": site,
                "state": state,
                "reason": reason,
                "began": _time(began),
                "moved": _time(moved),
                "ended": _time(ended) if ended else None,
            },
        )


def _progress(connection: Connection) -> None:
    for site, run, stage, total, completed, failed in (
        ("pleasanton", READING, "fetch", 3, 3, 0),
        ("pleasanton", READING, "ocr", 50, 22, 1),
        ("rivergrove.or", ENDED, "fetch", 2, 1, 1),
        ("rivergrove.or", ENDED, "ocr", 4, 3, 1),
    ):
        connection.execute(
            text("""
                INSERT INTO site_progress (subdomain, stage, run, total, completed, failed,
                    started_at, updated_at)
                VALUES (:site, :stage, :run, :total, :completed, :failed,
                    '2026-01-08 14:23:15Z', '2026-01-08 14:25:42Z')
            """),
            {
                "site": site,
                "run": run,
                "stage": stage,
                "total": total,
                "completed": completed,
                "failed": failed,
            },
        )


def _items(connection: Connection) -> None:
    connection.execute(
        text("""
            INSERT INTO waves (run, stage, number, size, answered, opened_at, moved_at)
            VALUES (:reading, 'ocr', 1, 50, 23, now(), now()),
                (:fetching, 'fetch', 1, 2, 0, now(), now())
        """),
        {"reading": READING, "fetching": FETCHING},
    )
    connection.execute(
        text("""
            INSERT INTO items (run, stage, key, wave, state, rank)
            SELECT :run, 'fetch', 'd' || n, 1, 'waiting', n FROM generate_series(1, 2) AS n
        """),
        {"run": FETCHING},
    )
    connection.execute(
        text("""
            INSERT INTO items (run, stage, key, wave, state, rank)
            SELECT :run, 'ocr', 'd1:1:' || n, 1, 'waiting', n FROM generate_series(1, 27) AS n
        """),
        {"run": READING},
    )
    for number in range(1, 28):
        connection.execute(
            text("""
                INSERT INTO job_tracking (id, run, subdomain, stage, type, queue, status)
                VALUES (:id, :run, 'pleasanton', 'ocr', 'ocr_page', 'ocr', 'queued')
            """),
            {"id": f"{READING}.ocr.1.d1:1:{number}", "run": READING},
        )


def _documents(connection: Connection) -> None:
    for document, source, state, reason in (
        ("d-broken", "Board/2024-01-01 minutes.pdf", "failed", "corrupt"),
        ("d-half", "Board/2024-02-05 minutes.pdf", "read", ""),
        ("d-refused", "http://10.0.0.7/2024-03-04.pdf", "failed", "address not allowed"),
    ):
        connection.execute(
            text("""
                INSERT INTO documents (id, site, kind, source_id, url, body, slug, date, ordinal,
                    state, reason, version, shown)
                VALUES (:id, 'rivergrove.or', 'minutes', :source, :source, 'Board', 'board',
                    '2024-01-01', :ordinal, :state, :reason, 1, :shown)
            """),
            {
                "id": document,
                "source": source,
                "state": state,
                "reason": reason,
                "ordinal": len(document),
                "shown": int(state == "read"),
            },
        )
    connection.execute(
        text("""
            INSERT INTO pages (document, version, number, id, state, reason)
            VALUES ('d-half', 1, 2, 'p2', 'failed', 'timeout')
        """)
    )


def _letters(connection: Connection) -> None:
    for site, stage, item, kind, error in (
        (
            "rivergrove.or",
            "fetch",
            "d-broken",
            "corrupt",
            "document.pdf is damaged, and pdfium cannot repair it; ask the publisher",
        ),
        (
            "rivergrove.or",
            "ocr",
            "d-half:1:2",
            "timeout",
            f"{'a' * 64}.pdf page 2 took longer than its time limit (limits.page)",
        ),
        (
            "rivergrove.or",
            "fetch",
            "d-refused",
            "address not allowed",
            "10.0.0.7 is not a public address; set fetching.allow_private if it is meant",
        ),
        ("pleasanton", "ocr", "d1:1:30", "timeout", "Traceback\nTimeoutError: longer than 300 s"),
    ):
        run = READING if site == "pleasanton" else ENDED
        connection.execute(
            text("""
                INSERT INTO dead_letters (job, task, queue, run, site, stage, item, attempts, kind,
                    first_error, last_error, created_at)
                VALUES (:job, :task, :stage, :run, :site, :stage, :item, :attempts, :kind,
                    :error, :error, '2026-01-08 14:24:00Z')
            """),
            {
                "job": f"{run}.{stage}.1.{item}",
                "task": "fetch_document" if stage == "fetch" else "ocr_page",
                "run": run,
                "site": site,
                "stage": stage,
                "item": item,
                # What is damaged or refused is not tried again.
                "attempts": 3 if kind == "timeout" else 1,
                "kind": kind,
                "error": error,
            },
        )


def _others(connection: Connection) -> None:
    connection.execute(
        text("""
            INSERT INTO workers (name, life, queues, processes)
            VALUES ('ocr@host-1', 'life', 'high,ocr', 8)
        """)
    )
    audit.record(
        connection, who="ben@ops2", action="pause", target="ocr", reason="moving the host", count=0
    )
    audit.record(connection, who="ben@ops2", action="resume", target="ocr")


def send(app: celery.Celery) -> None:
    """The messages: 27 pages of one site, two documents of another."""
    for number in range(1, 28):
        _message(app, "ocr", "clerk.ocr_page", READING, "pleasanton", f"d1:1:{number}", 4)
    for number in (1, 2):
        _message(app, "fetch", "clerk.fetch_document", FETCHING, "oakland", f"d{number}", 3)


def _message(
    app: celery.Celery, queue: str, task: str, run: str, site: str, key: str, step: int
) -> None:
    app.send_task(
        task,
        args=(run, key),
        task_id=f"{run}.{queue}.1.{key}",
        queue=queue,
        priority=step,
        headers={"site": site, "run": run},
        ignore_result=True,
    )


def _time(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}+00:00")
