"""Migrations go up, down and up again, with and without data, and make exactly the tables."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, inspect, text

from clerk.errors import SchemaOutdated
from clerk.store import revisions, schema, sites
from clerk.store.tables import metadata
from tests.store import rows


@pytest.fixture
def engine(empty_database_url: str):
    made = create_engine(empty_database_url, poolclass=NullPool)
    yield made
    made.dispose()


def tables(engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_they_go_up_down_and_up_on_an_empty_database(empty_database_url: str, engine):
    schema.upgrade(empty_database_url)
    assert tables(engine) == set(metadata.tables)
    schema.downgrade(empty_database_url, "base")
    assert tables(engine) == set()
    schema.upgrade(empty_database_url)
    assert tables(engine) == set(metadata.tables)


def test_every_step_goes_down_and_up_with_data_in_place(empty_database_url: str, engine):
    schema.upgrade(empty_database_url)
    with engine.begin() as connection:
        rows.run(connection)
        rows.listed(connection, rows.found())
        history = schema.history(connection)

    for earlier in reversed(history[:-1]):
        schema.downgrade(empty_database_url, earlier.id)
    schema.upgrade(empty_database_url)

    with engine.begin() as connection:
        assert [site.subdomain for site in sites.everything(connection)] == [rows.SITE]
        assert connection.execute(text("SELECT count(*) FROM documents")).scalar() == 1
        revisions.require_head(connection)
    schema.downgrade(empty_database_url, "base")
    assert tables(engine) == set()


def test_the_head_that_commands_and_workers_ask_for_is_alembics():
    assert revisions.head() == ScriptDirectory(str(revisions.MIGRATIONS)).get_current_head()


def test_they_equal_the_tables(connection):
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing(empty_database_url: str, engine):
    schema.upgrade(empty_database_url)
    schema.upgrade(empty_database_url)
    with engine.begin() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
        assert revisions.current(connection) == at == revisions.head()


def test_a_database_without_migrations_is_named_with_the_remedy(engine):
    with engine.begin() as connection, pytest.raises(SchemaOutdated, match="clerk db upgrade"):
        revisions.require_head(connection)
