"""What all workers of one installation agree on: a name and its value."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql

from clerk.store.tables import installation


def claim(connection: Connection, name: str, value: str) -> tuple[str, bool]:
    """Set a value if there is none; answers what holds, and whether it is ours.

    Two who claim at once: the second waits for the first one's transaction.
    """
    statement = postgresql.insert(installation).values(name=name, value=value)
    ours = connection.execute(
        statement.on_conflict_do_nothing().returning(installation.c.name)
    ).first()
    if ours is not None:
        return value, True
    held = connection.execute(
        select(installation.c.value).where(installation.c.name == name)
    ).scalar_one()
    return held, False


def put(connection: Connection, name: str, value: str) -> None:
    """Set a value, whatever held before."""
    statement = postgresql.insert(installation).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )


def get(connection: Connection, name: str) -> str | None:
    """The value, if there is one."""
    return connection.execute(
        select(installation.c.value).where(installation.c.name == name)
    ).scalar_one_or_none()
