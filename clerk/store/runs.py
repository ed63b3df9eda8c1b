"""Runs: one pass over a site. At most one per site is in flight; a second enqueue joins it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    cast,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from clerk import keys
from clerk.errors import UnknownRun
from clerk.model import ACTIVE_RUN_STATES, HOLDING_RUN_STATES, Priority, RunState
from clerk.store.tables import runs, site_progress

_RANK = {Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}
_ACTIVE = [state.value for state in ACTIVE_RUN_STATES]
_HOLDING = [state.value for state in HOLDING_RUN_STATES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run's row. Times are UTC."""

    id: str
    site: str
    priority: Priority
    state: RunState
    reason: str
    all_years: bool
    force: bool
    ocr_backend: str | None
    report: Mapping[str, Any]
    next_publish: int
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None

    @property
    def active(self) -> bool:
        """Whether work of this run may still be done."""
        return self.state in ACTIVE_RUN_STATES

    @property
    def of_chosen_pages(self) -> bool:
        """Whether somebody chose what it reads (`clerk reread`)."""
        return "reread" in self.report

    @property
    def seconds(self) -> float:
        """Wall time from enqueue to the end, or to the last change so far."""
        return ((self.finished_at or self.updated_at) - self.created_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueued:
    """The run that will do the work, and whether it was already there."""

    run: Run
    joined: bool


def _run(row: RowMapping) -> Run:
    values = {name: row[name] for name in Run.__dataclass_fields__}
    values["priority"] = Priority(row["priority"])
    values["state"] = RunState(row["state"])
    return Run(**values)


def enqueue(
    connection: Connection,
    site: str,
    *,
    priority: Priority,
    all_years: bool = False,
    force: bool = False,
    ocr_backend: str | None = None,
) -> Enqueued:
    """Create a run, or join the one in flight (and raise its priority if this one is higher)."""
    created = (
        connection.execute(
            postgresql.insert(runs)
            .values(
                id=keys.run_id(),
                site=site,
                priority=priority.value,
                all_years=all_years,
                force=force,
                ocr_backend=ocr_backend,
            )
            .on_conflict_do_nothing()
            .returning(*runs.c)
        )
        .mappings()
        .first()
    )
    if created is not None:
        return Enqueued(run=_run(created), joined=False)
    found = holding(connection, site, lock=True)
    if found is None:  # it ended between the two statements
        return enqueue(
            connection,
            site,
            priority=priority,
            all_years=all_years,
            force=force,
            ocr_backend=ocr_backend,
        )
    if _RANK[priority] < _RANK[found.priority]:
        connection.execute(
            update(runs)
            .where(runs.c.id == found.id)
            .values(priority=priority.value, updated_at=func.now())
        )
        found = get(connection, found.id)
    return Enqueued(run=found, joined=True)


def get(connection: Connection, run: str, *, lock: bool = False) -> Run:
    """One run; `lock` holds its row until the transaction ends. Raises UnknownRun."""
    statement = select(runs).where(runs.c.id == run)
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise UnknownRun(f"There is no run {run!r}. `clerk status` shows the runs in flight.")
    return _run(row)


def is_active(connection: Connection, run: str) -> bool:
    """Whether a run is there and has not ended."""
    found = select(runs.c.id).where(runs.c.id == run, runs.c.state.in_(_ACTIVE))
    return connection.execute(found).first() is not None


def holding(connection: Connection, site: str, *, lock: bool = False) -> Run | None:
    """The run that holds a site, if any: a new one cannot begin beside it."""
    statement = select(runs).where(runs.c.site == site, runs.c.state.in_(_HOLDING))
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).mappings().first()
    return _run(row) if row else None


def in_flight(connection: Connection, site: str | None = None) -> Sequence[Run]:
    """All active runs (of one site: those that only draw, and the one that holds it), in order."""
    statement = select(runs).where(runs.c.state.in_(_ACTIVE)).order_by(runs.c.created_at)
    if site is not None:
        statement = statement.where(runs.c.site == site)
    return [_run(row) for row in connection.execute(statement).mappings()]


def latest(connection: Connection, site: str) -> Run | None:
    """The newest run of a site."""
    row = (
        connection.execute(
            select(runs).where(runs.c.site == site).order_by(runs.c.created_at.desc()).limit(1)
        )
        .mappings()
        .first()
    )
    return _run(row) if row else None


def move(connection: Connection, run: str, *, expected: Sequence[RunState], to: RunState) -> bool:
    """Change state if it is one of `expected`; False: somebody else did already.

    What the run waited for in its old state is no longer a reason.
    """
    started = {"started_at": func.coalesce(runs.c.started_at, func.now())}
    ended = {"finished_at": func.now()} if to not in ACTIVE_RUN_STATES else {}
    changed = connection.execute(
        update(runs)
        .where(runs.c.id == run, runs.c.state.in_([state.value for state in expected]))
        .values(state=to.value, reason="", updated_at=func.now(), **started, **ended)
    )
    return changed.rowcount == 1


def finish(
    connection: Connection, run: str, *, to: RunState, reason: str, report: Mapping[str, Any]
) -> bool:
    """End an active run with its report; False: it had ended already."""
    changed = connection.execute(
        update(runs)
        .where(runs.c.id == run, runs.c.state.in_(_ACTIVE))
        .values(
            state=to.value,
            reason=reason[:1000],
            report=_merged(report),
            updated_at=func.now(),
            finished_at=func.now(),
        )
    )
    return changed.rowcount == 1


def explain(connection: Connection, run: str, reason: str) -> None:
    """Say why an active run stands still, or with nothing that it goes on; its end says its own.

    In a transaction of its own: whoever moves a run on holds its row and waits for others. Nothing
    is said while somebody does: the next one who has something to say will.
    """
    free = (
        select(runs.c.id)
        .where(runs.c.id == run, runs.c.state.in_(_ACTIVE), runs.c.reason != reason[:1000])
        .with_for_update(key_share=True, skip_locked=True)
    )
    connection.execute(update(runs).where(runs.c.id.in_(free)).values(reason=reason[:1000]))


def _merged(values: Mapping[str, Any]) -> ColumnElement[Any]:
    return runs.c.report.op("||")(cast(literal(dict(values), JSONB), JSONB))


def add_to_report(connection: Connection, run: str, **values: object) -> None:
    """Merge keys into the run's report."""
    connection.execute(update(runs).where(runs.c.id == run).values(report=_merged(values)))


def set_next_publish(connection: Connection, run: str, pages: int) -> None:
    """From how many pages read on the next early generation appears."""
    connection.execute(update(runs).where(runs.c.id == run).values(next_publish=pages))


# -- progress: what `clerk status` shows ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One stage of a site's newest run."""

    stage: str
    total: int
    completed: int
    failed: int
    started_at: datetime | None
    updated_at: datetime


def reset_progress(connection: Connection, run: Run, stages: Sequence[str]) -> None:
    """Start a site's stages over for a new run."""
    for stage in stages:
        values = {"run": run.id, "total": 0, "completed": 0, "failed": 0, "started_at": None}
        statement = postgresql.insert(site_progress).values(
            subdomain=run.site, stage=stage, **values
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["subdomain", "stage"],
                set_={**values, "updated_at": func.now()},
                where=site_progress.c.run != run.id,
            )
        )


def hold_progress(connection: Connection, site: str, stage: str) -> None:
    """Keep others from counting in a stage of a site until the transaction ends."""
    connection.execute(
        select(site_progress.c.stage)
        .where(site_progress.c.subdomain == site, site_progress.c.stage == stage)
        .with_for_update()
    )


def progress(connection: Connection, sites: Sequence[str]) -> dict[str, dict[str, Progress]]:
    """Site -> stage -> progress, for the sites asked for."""
    rows = connection.execute(
        select(site_progress).where(site_progress.c.subdomain.in_(list(sites)))
    ).mappings()
    found: dict[str, dict[str, Progress]] = {site: {} for site in sites}
    for row in rows:
        found[row["subdomain"]][row["stage"]] = Progress(
            **{name: row[name] for name in Progress.__dataclass_fields__}
        )
    return found


def quiet(connection: Connection, for_at_least: timedelta) -> Sequence[str]:
    """Ids of active runs without an open wave, untouched for a while: nobody is moving them."""
    rows = connection.execute(
        text("""
            SELECT r.id FROM runs r
            WHERE r.state = ANY(:active) AND r.updated_at < now() - :quiet
              AND NOT EXISTS (SELECT 1 FROM waves w WHERE w.run = r.id AND w.closed_at IS NULL)
        """),
        {"active": _ACTIVE, "quiet": for_at_least},
    )
    return list(rows.scalars())
