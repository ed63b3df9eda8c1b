"""`clerk up`: the whole cluster on this machine, in the foreground."""

import json
import os
import shlex
from pathlib import Path

import click


@click.command("up")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder for data, logs and passwords.  [default: $CLERK_STATE or ./clerk-state]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when ready.")
def command(state: Path | None, *, as_json: bool) -> None:
    """Start servers, workers and beat, and keep them running until Ctrl-C.

    Valkey and Postgres are started from Python packages unless REDIS_URL or DATABASE_URL name
    servers of your own. A second Ctrl-C stops at once.
    """
    from clerk import cluster, named
    from clerk.settings import accepted, state_folder, survey

    def say(line: str) -> None:
        click.echo(line, err=as_json)

    def ready(running: cluster.Cluster) -> None:
        found = cluster.addresses(running)
        if as_json:
            click.echo(json.dumps(found | {"pid": os.getpid()}))
        else:
            click.echo(_sign(found, running.state))

    loaded = survey(running=False)
    named.require(loaded)
    cluster.up(accepted(loaded), state or state_folder(), say=say, ready=ready)


def _sign(found: dict[str, str], state: Path) -> str:
    """What a person reads when everything runs."""
    width = max(map(len, found))
    places = [f"  {name:<{width}}  {place}" for name, place in found.items()]
    default = Path("clerk-state").absolute()
    elsewhere = "" if state == default else f"CLERK_STATE={shlex.quote(str(state))} "
    hints = [
        f"  {elsewhere}clerk site add …     add a municipality",
        f"  {elsewhere}clerk enqueue SITE   read it",
        f"  {elsewhere}clerk status         see how far it is",
        f'  {elsewhere}clerk search "…"     search what is published',
    ]
    return "\n".join(["clerk is up:", *places, "In another terminal:", *hints, "Ctrl-C stops it."])
