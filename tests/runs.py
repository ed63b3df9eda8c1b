"""Runs as rows of Postgres are read, for what needs no Postgres."""

from dataclasses import replace
from datetime import UTC, datetime

from clerk.model import Priority, RunState
from clerk.store.runs import Run

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def run(site: str, state: RunState, **more) -> Run:
    plain = Run(
        id="20260102T120000-ab12cd34",
        site=site,
        priority=Priority.NORMAL,
        state=state,
        reason="",
        all_years=False,
        force=False,
        ocr_backend=None,
        report={},
        next_publish=0,
        created_at=NOON,
        started_at=NOON,
        updated_at=NOON,
        finished_at=None,
    )
    return replace(plain, **more)
