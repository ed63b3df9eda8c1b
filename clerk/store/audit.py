"""Who did what, when, why and to how many."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from clerk.store.tables import audit


def record(
    connection: Connection, *, who: str, action: str, target: str, reason: str = "", count: int = 0
) -> None:
    """Write one line of the audit trail."""
    connection.execute(
        audit.insert().values(who=who, action=action, target=target, reason=reason, count=count)
    )


@dataclass(frozen=True)
class Line:
    """One line of the audit trail."""

    at: datetime
    who: str
    action: str
    target: str
    reason: str
    count: int


def newest(connection: Connection, limit: int, since: datetime | None = None) -> list[Line]:
    """The latest lines, newest first; `since` leaves out the older ones."""
    statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if since is not None:
        statement = statement.where(audit.c.at >= since)
    rows = connection.execute(statement).mappings()
    return [Line(**{name: row[name] for name in Line.__dataclass_fields__}) for row in rows]
