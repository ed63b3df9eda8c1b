"""`clerk recover`: the reconciler's pass, now and by hand."""

import json
from datetime import timedelta

import click

from clerk.cli import asking


@click.command("recover")
@click.option(
    "--older-than",
    type=click.IntRange(0),
    default=15,
    show_default=True,
    metavar="SECONDS",
    help="Look at what has not moved for so long; 0: at everything.",
)
@click.option("--json", "as_json", is_flag=True)
def command(older_than: int, *, as_json: bool) -> None:
    """Find expired leases, lost messages and stalled runs, and set them going again.

    Workers do this by themselves every few seconds.

    \b
    Exit codes: 0 done, or a worker is at it; 3 your role may not; 68/69 Redis/Postgres cannot be
    reached.

    Example: clerk recover --older-than 60
    """
    from clerk import enqueueing, reconcile, text
    from clerk.wiring import services

    asking.allowed("job:retry")
    at = services()
    enqueueing.ping(at)
    done = reconcile.once(at, still=timedelta(seconds=older_than))
    if done is None:
        click.echo("A worker is repairing right now; nothing to do by hand.")
    elif as_json:
        click.echo(json.dumps(vars(done)))
    else:
        click.echo(f"{text.counted(done.total, 'repair')}.")
        for note in done.notes:
            click.echo(f"  {note}")
