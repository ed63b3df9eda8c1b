"""`clerk status`: queues and sites, once or live."""

import json
import sys

import click


@click.command("status")
@click.option("--subdomain", "--site", "site", help="One site's stages.")
@click.option("--watch", is_flag=True, help="Live, until Ctrl-C (or the site's run ends).")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(site: str | None, *, watch: bool, as_json: bool) -> None:
    """Show queue depths and the sites in flight, or one site's progress.

    \b
    Exit codes: 0 done, whatever became of the runs; 2 no such site; 68/69 Redis/Postgres cannot be
    reached; 130 Ctrl-C ended --watch.

    Example: clerk status --subdomain pleasanton
    """
    from clerk import halts, status
    from clerk.cli import live
    from clerk.wiring import services

    if watch:
        try:
            live.watch(services(), [site] if site else None)
        except KeyboardInterrupt:
            sys.exit(130)
        return
    if site is None:
        seen = status.overview(services())
        click.echo(json.dumps(seen.as_json()) if as_json else seen.text())
        return
    halted = halts.read(services())
    with services().transaction() as connection:
        found = status.of_site(connection, site, halted)
    click.echo(json.dumps(found.as_json()) if as_json else found.text())
