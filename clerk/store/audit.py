"""Who did what, when, why and to how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

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


REPAIR = "repair"
"""The action of what the reconciler did by itself."""


@dataclass(frozen=True)
class Repaired:
    """What the reconciler had to mend lately: how often, and the last of it."""

    count: int
    at: datetime | None
    what: str


def repaired(connection: Connection, since: timedelta) -> Repaired:
    """Repairs of the last while."""
    of_late = (audit.c.action == REPAIR, audit.c.at > func.now() - since)
    count = connection.execute(
        select(func.coalesce(func.sum(audit.c.count), 0)).where(*of_late)
    ).scalar_one()
    last = connection.execute(
        select(audit.c.at, audit.c.target).where(*of_late).order_by(audit.c.id.desc()).limit(1)
    ).first()
    return Repaired(int(count), last.at if last else None, last.target if last else "")


def targets(connection: Connection, action: str, among: Sequence[str]) -> frozenset[str]:
    """To which of these something was ever done."""
    found = select(audit.c.target).where(audit.c.action == action, audit.c.target.in_(among))
    return frozenset(connection.execute(found).scalars())


def newest(connection: Connection, limit: int, since: datetime | None = None) -> list[Line]:
    """The latest lines, newest first; `since` leaves out the older ones."""
    statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if since is not None:
        statement = statement.where(audit.c.at >= since)
    rows = connection.execute(statement).mappings()
    return [Line(**{name: row[name] for name in Line.__dataclass_fields__}) for row in rows]
