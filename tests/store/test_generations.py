"""Generations: numbers only grow, also above those that another database gave out."""

import pytest
from sqlalchemy import Connection

from clerk.model import GenerationKind
from clerk.store import generations
from tests.store import rows


def allocated(connection: Connection, count: int) -> str:
    """The run for which so many generations were begun."""
    run = rows.run(connection)
    for _ in range(count):
        generations.allocate(connection, rows.SITE, run.id, GenerationKind.FULL)
    return run.id


@pytest.mark.parametrize("theirs", [2, 8])
def test_a_number_that_readers_have_from_elsewhere_is_gone_past(
    connection: Connection, theirs: int
):
    run = allocated(connection, 2)

    assert not generations.offer(connection, rows.SITE, 2, theirs)

    assert generations.get(connection, rows.SITE, 2).state == "outnumbered"
    again = generations.allocate(connection, rows.SITE, run, GenerationKind.FULL)
    assert again == theirs + 1
    assert generations.offer(connection, rows.SITE, again, theirs)


def test_our_own_newer_number_leaves_an_older_one_to_the_deployer(connection: Connection):
    allocated(connection, 2)
    assert generations.offer(connection, rows.SITE, 2, 0)

    assert generations.offer(connection, rows.SITE, 1, 2)
    assert generations.offer(connection, rows.SITE, 2, 2), "a second delivery"


def test_an_outnumbered_one_does_not_count_as_its_runs(connection: Connection):
    run = allocated(connection, 1)
    generations.offer(connection, rows.SITE, 1, 5)

    assert not generations.any_of_run(connection, rows.SITE, run, GenerationKind.FULL)
