"""Migrations as calls: upgrade, downgrade, current, history, and the check that they were run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from clerk.errors import SchemaOutdated
from clerk.store.database import connect_once

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Revision:
    """One migration, for `clerk db history`."""

    id: str
    title: str
    applied: bool


@lru_cache(maxsize=1)
def _script() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def head() -> str:
    """The newest revision this version of clerk knows."""
    return _script().get_current_head() or ""


def current(connection: Connection) -> str | None:
    """The revision the database is at; None: nothing was ever migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def require_head(connection: Connection) -> None:
    """Raise SchemaOutdated unless every migration has been run."""
    found = current(connection)
    if found != head():
        raise SchemaOutdated(
            f"The database is at schema {found or 'none'}, this clerk needs {head()}. "
            "Run `clerk db upgrade`."
        )


def upgrade(url: str, revision: str = "head") -> None:
    """Run migrations up to `revision`. Safe to run from several places at once."""
    with _alembic(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to `revision` (`base` removes every table)."""
    with _alembic(url) as config:
        command.downgrade(config, revision)


def history(connection: Connection) -> list[Revision]:
    """All migrations, oldest first."""
    at = current(connection)
    revisions = list(reversed(list(_script().walk_revisions())))
    known = [r.revision for r in revisions]
    applied = known[: known.index(at) + 1] if at in known else []
    return [Revision(r.revision, r.doc or "", r.revision in applied) for r in revisions]


@contextmanager
def _alembic(url: str) -> Iterator[Config]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with connect_once(url) as connection:
        config.attributes["connection"] = connection
        yield config
