"""Fixtures that every level shares. A server that cannot start skips on a laptop, fails in CI."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, NullPool, create_engine

from clerk.errors import InvalidInput
from tests import servers as testing_servers
from tests.servers import UNIT_DB, Servers
from tests.shell import Forge
from tests.webserver import WebServer

LONGEST = ("flow/test_growth", "flow/test_up", "chaos/", "flow/test_control", "flow/", "fuzz/")
"""Files that take longest, first: begun last, one of them would run alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest where files run side by side, as `make test` does."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    path = item.nodeid.removeprefix("tests/")
    return next((turn for turn, each in enumerate(LONGEST) if path.startswith(each)), len(LONGEST))


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """One Valkey and one Postgres for the whole session, with a migrated template database."""
    try:
        context = testing_servers.running()
        found = context.__enter__()
    except InvalidInput as error:
        if testing_servers.in_ci():
            raise
        pytest.skip(str(error))
    try:
        found.migrate_template()
        yield found
    finally:
        context.__exit__(None, None, None)


@pytest.fixture
def database_url(servers: Servers) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    name = servers.new_database()
    yield servers.database_url(name)
    servers.drop_database(name)


@pytest.fixture
def empty_database_url(servers: Servers) -> Iterator[str]:
    """A database without any table of ours."""
    name = servers.new_database(migrated=False)
    yield servers.database_url(name)
    servers.drop_database(name)


@pytest.fixture(scope="session")
def shared_database_url(servers: Servers) -> Iterator[str]:
    """A migrated database for tests that roll everything back."""
    name = servers.new_database()
    yield servers.database_url(name)
    servers.drop_database(name)


@pytest.fixture
def connection(shared_database_url: str) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back after the test."""
    engine = create_engine(shared_database_url, poolclass=NullPool)
    with engine.connect() as opened, opened.begin() as transaction:
        yield opened
        if transaction.is_active:
            transaction.rollback()
    engine.dispose()


@pytest.fixture
def redis_url(servers: Servers) -> Iterator[str]:
    """An empty Redis database of the test's own."""
    servers.flush(UNIT_DB)
    yield servers.redis_url(UNIT_DB)
    servers.flush(UNIT_DB)


@pytest.fixture
def web() -> Iterator[WebServer]:
    """An empty website."""
    with WebServer() as server:
        yield server


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    """Commands of clerk as a person types them, each a process of its own."""
    found = Forge()
    yield found
    found.close()
