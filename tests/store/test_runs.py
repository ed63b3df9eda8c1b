"""Runs: one in flight a site, whoever asks and from wherever."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from clerk import flow
from clerk.errors import InvalidInput, UnknownRun
from clerk.model import GenerationKind, Priority, RunState, Site
from clerk.settings import Settings
from clerk.store import generations, ledger, runs, sites
from clerk.store.ledger import Work
from clerk.wiring import Services
from tests.store import rows


def test_a_second_enqueue_joins_and_only_raises_the_priority(connection: Connection):
    first = rows.run(connection, priority=Priority.LOW)

    raised = runs.enqueue(connection, rows.SITE, priority=Priority.HIGH)
    lower = runs.enqueue(connection, rows.SITE, priority=Priority.NORMAL)

    assert (raised.joined, raised.run.id, raised.run.priority) == (True, first.id, Priority.HIGH)
    assert (lower.joined, lower.run.id, lower.run.priority) == (True, first.id, Priority.HIGH)


def test_after_the_end_a_new_run_begins(connection: Connection):
    first = rows.run(connection)
    runs.finish(connection, first.id, to=RunState.DONE, reason="", report={})

    second = runs.enqueue(connection, rows.SITE, priority=Priority.NORMAL)

    assert not second.joined
    assert second.run.id != first.id


def test_a_run_that_only_draws_keeps_no_other_from_starting(connection: Connection):
    first = rows.run(connection)
    runs.move(connection, first.id, expected=[RunState.QUEUED], to=RunState.DRAWING)

    second = runs.enqueue(connection, rows.SITE, priority=Priority.NORMAL)

    assert not second.joined
    assert [run.id for run in runs.in_flight(connection, rows.SITE)] == [first.id, second.run.id]


def test_enqueues_at_the_same_moment_make_one_run(database_url: str):
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        rows.site(connection)
    together = Barrier(8)

    def enqueue(number: int) -> tuple[str, bool]:
        together.wait()
        with engine.begin() as connection:
            result = runs.enqueue(connection, rows.SITE, priority=list(Priority)[number % 3])
        return result.run.id, result.joined

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(enqueue, range(8)))

    assert len({run for run, _ in answers}) == 1
    assert [joined for _, joined in answers].count(False) == 1
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == 1
        (found,) = runs.in_flight(connection)
    assert found.priority is Priority.HIGH
    engine.dispose()


def test_states_move_only_from_where_they_are_expected(connection: Connection):
    run = rows.run(connection).id

    assert runs.move(connection, run, expected=[RunState.QUEUED], to=RunState.FETCHING)
    assert not runs.move(connection, run, expected=[RunState.QUEUED], to=RunState.READING)
    assert runs.get(connection, run).state is RunState.FETCHING


def test_an_ended_run_stays_as_it_ended(connection: Connection):
    run = rows.run(connection).id
    assert runs.finish(connection, run, to=RunState.PARTIAL, reason="one page", report={"a": 1})

    assert not runs.finish(connection, run, to=RunState.DONE, reason="", report={})
    assert not runs.move(connection, run, expected=list(RunState)[:4], to=RunState.DONE)

    found = runs.get(connection, run)
    assert (found.state, found.reason, dict(found.report)) == (
        RunState.PARTIAL,
        "one page",
        {"a": 1},
    )


def test_an_unknown_run_is_named(connection: Connection):
    with pytest.raises(UnknownRun, match="no run 'nope'"):
        runs.get(connection, "nope")


def test_a_deploy_that_ends_while_the_next_generation_begins_meets_no_deadlock(database_url: str):
    """Both touch the site and its progress; in different order they would wait for each other."""
    engine = create_engine(
        database_url, poolclass=NullPool, connect_args={"options": "-c lock_timeout=20000"}
    )
    with engine.begin() as connection:
        run = rows.run(connection)
        generations.allocate(connection, rows.SITE, run.id, GenerationKind.FAST)
        ledger.add_alone(connection, run.id, rows.SITE, Work.DEPLOY, "1", number=1, priority=4)
        taken = ledger.take(connection, run.id, Work.DEPLOY, "1", "w|a|1")
        assert taken is not None

    def begin_next() -> None:
        with engine.begin() as connection:
            flow._publish_new(connection, run, GenerationKind.FULL)

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            assert ledger.answer(connection, taken, rows.SITE, "w|a|1") is not None
            next_one = pool.submit(begin_next)
            wait_for_a_lock(engine)
            assert generations.record_published(connection, rows.SITE, 1)
        next_one.result(timeout=30)
    engine.dispose()


def wait_for_a_lock(engine) -> None:
    """Until somebody waits for a lock of this database."""
    waiting = text("""
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """)
    while True:
        with engine.connect() as connection:
            if connection.execute(waiting).scalar():
                return


def test_a_site_is_added_once_and_a_second_time_refused(connection: Connection):
    site = Site(subdomain="twice.test", name="Once", source="/srv", fetcher="folder")
    sites.add(connection, site)
    with pytest.raises(InvalidInput, match="exists already"):
        sites.add(connection, replace(site, name="Twice"))
    assert sites.get(connection, "twice.test").name == "Once"


class Plugin:
    """An extractor that takes long to load; notes whether others can have the run meanwhile."""

    def __init__(self, at: Services) -> None:
        self.at = at
        self.free: list[bool] = []

    @property
    def version(self) -> str:
        try:
            with self.at.transaction() as other:
                other.execute(text("SELECT 1 FROM runs FOR UPDATE NOWAIT"))
        except OperationalError:
            self.free.append(False)
        else:
            self.free.append(True)
        return "slow 1"


def test_an_extractor_is_loaded_before_the_run_is_held(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    at = Services(Settings(database_url=database_url))
    plugin = at.__dict__["extractor"] = Plugin(at)
    monkeypatch.setattr(flow, "services", lambda: at)
    with at.transaction() as connection:
        run = rows.run(connection).id
        runs.move(connection, run, expected=[RunState.QUEUED], to=RunState.READING)

    with at.transaction() as connection:
        assert flow.advance(connection, run) == []
        assert not runs.is_active(connection, run)
    at.close()

    # Asked again under the lock, where it is there already.
    assert plugin.free == [True, False]
