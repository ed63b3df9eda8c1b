"""What housekeeping removes, and what it leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from clerk.model import RunState
from clerk.store import audit, history, ledger, runs
from clerk.store.ledger import Work
from tests.store import rows

AGES = history.Ages(
    finished=timedelta(hours=1),
    failed=timedelta(days=1),
    history=timedelta(days=90),
    audit=timedelta(days=730),
    repairs=timedelta(days=30),
)
PAGES = 7


def ended(connection: Connection, *, ago: timedelta) -> str:
    """A run of PAGES answered pages and a failed one that ended a while ago."""
    run = rows.run(connection).id
    ledger.add(connection, run, rows.SITE, Work.OCR, [(f"p{n}", n) for n in range(PAGES + 1)])
    connection.execute(
        text("UPDATE items SET state = CASE key WHEN 'p0' THEN 'failed' ELSE 'answered' END")
    )
    runs.finish(connection, run, to=RunState.PARTIAL, reason="", report={})
    connection.execute(
        text("UPDATE runs SET created_at = now() - :ago, finished_at = now() - :ago"), {"ago": ago}
    )
    return run


def states(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT state FROM items ORDER BY key")).scalars())


def test_answered_pages_go_in_batches_and_failed_ones_stay_for_longer(connection: Connection):
    ended(connection, ago=timedelta(hours=2))

    gone = [history.trim(connection, "items", AGES, most=3) for _ in range(4)]

    assert gone == [3, 3, 1, 0]
    assert states(connection) == ["failed"]


@pytest.mark.parametrize(
    ("ago", "left"),
    [(timedelta(minutes=59), PAGES + 1), (timedelta(hours=2), 1), (timedelta(days=2), 0)],
)
def test_each_kind_of_item_is_kept_for_its_time(connection: Connection, ago, left):
    ended(connection, ago=ago)

    history.trim(connection, "items", AGES)

    assert len(states(connection)) == left


def test_the_newest_run_of_a_site_is_never_forgotten(connection: Connection):
    first = ended(connection, ago=timedelta(days=100))
    assert history.trim(connection, "runs", AGES) == 0

    rows.run(connection)

    assert history.trim(connection, "runs", AGES) == 1
    assert (
        connection.execute(
            text("SELECT count(*) FROM runs WHERE id = :first"), {"first": first}
        ).scalar()
        == 0
    )


@pytest.mark.parametrize(
    ("ago", "left"),
    [(29, {audit.REPAIR, "purge"}), (31, {"purge"}), (729, {"purge"}), (731, set())],
)
def test_what_people_did_is_remembered_for_longer_than_repairs(connection: Connection, ago, left):
    for action in (audit.REPAIR, "purge"):
        audit.record(connection, who="somebody", action=action, target=rows.SITE)
    connection.execute(
        text("UPDATE audit SET at = now() - make_interval(days => :ago)"), {"ago": ago}
    )

    history.trim(connection, "audit", AGES)

    assert {line.action for line in audit.newest(connection, 10)} == left
