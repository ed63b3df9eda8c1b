"""Which migrations a database has seen, and which this clerk needs.

Every command and every worker asks this first. It knows nothing of Alembic, whose import would cost
each of them a tenth of its start; `schema` runs the migrations.
"""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, text

from clerk.errors import SchemaOutdated

MIGRATIONS = Path(__file__).parent / "migrations"


@lru_cache(maxsize=1)
def head() -> str:
    """The newest revision this version of clerk knows: their files' names begin with them."""
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return max((file.name.partition("_")[0] for file in files), default="")


def current(connection: Connection) -> str | None:
    """The revision the database is at; None: nothing was ever migrated."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar_one() is None:
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    return found.scalar_one_or_none()


def require_head(connection: Connection) -> None:
    """Raise SchemaOutdated unless every migration has been run."""
    found = current(connection)
    if found != head():
        raise SchemaOutdated(
            f"The database is at schema {found or 'none'}, this clerk needs {head()}. "
            "Run `clerk db upgrade`."
        )
