"""`clerk audit`: who changed what."""

import json

import click


@click.command("audit")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def command(limit: int, *, as_json: bool) -> None:
    """Show the newest lines of the audit trail. Example: clerk audit --limit 10."""
    from clerk.store import audit
    from clerk.wiring import services

    with services().transaction() as connection:
        lines = audit.newest(connection, limit)
    for line in lines:
        if as_json:
            click.echo(json.dumps(vars(line), default=str))
        else:
            click.echo(
                f"{line.at:%Y-%m-%d %H:%M:%S} {line.who}: {line.action} {line.target} "
                f"({line.count}) {line.reason}"
            )
