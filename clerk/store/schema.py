"""Migrations as calls: upgrade, downgrade, history. What needs no Alembic is in `revisions`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from clerk.store.database import connect_once
from clerk.store.revisions import MIGRATIONS, current


@dataclass(frozen=True)
class Revision:
    """One migration, for `clerk db history`."""

    id: str
    title: str
    applied: bool


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
    known = list(reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())))
    ids = [each.revision for each in known]
    applied = ids[: ids.index(at) + 1] if at in ids else []
    return [Revision(each.revision, each.doc or "", each.revision in applied) for each in known]


@contextmanager
def _alembic(url: str) -> Iterator[Config]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with connect_once(url) as connection:
        config.attributes["connection"] = connection
        yield config
