"""`clerk audit`: who changed what."""

import json
from datetime import UTC, datetime, timedelta

import click

from clerk.cli import asking


@click.command("audit")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--since", metavar="WHEN", help="A duration like 2h30m, or a date like 2026-01-31.")
@asking.as_json
def command(limit: int, since: str | None, *, as_json: bool) -> None:
    """Show the newest lines of the audit trail: who did what, when, why, to how many.

    With --json: one object a line.

    \b
    Exit codes: 0 done; 2 --since cannot be understood; 69 Postgres cannot be reached.

    Example: clerk audit --since 24h
    """
    from clerk.store import audit
    from clerk.wiring import services

    start = _start(since) if since else None
    with services().transaction() as connection:
        lines = audit.newest(connection, limit, start)
    for line in lines:
        if as_json:
            click.echo(json.dumps(vars(line), default=str))
        else:
            said = f"{line.who}: {line.action} {line.target} ({line.count}) {line.reason}"
            click.echo(f"{line.at:%Y-%m-%d %H:%M:%S} {asking.plain(said)}")


def _start(since: str) -> datetime:
    """The time from which on lines are shown. Raises InvalidInput."""
    from clerk.errors import InvalidInput
    from clerk.settings import parse_duration

    try:
        found = datetime.fromisoformat(since)
    except ValueError:
        try:
            ago = parse_duration(since)
        except ValueError as error:
            raise InvalidInput(
                f"--since {since!r}: {error}; or give a date like 2026-01-31"
            ) from error
        return datetime.now(UTC) - (ago if isinstance(ago, timedelta) else timedelta())
    return found if found.tzinfo else found.replace(tzinfo=UTC)
