"""`clerk deploy`: publish the newest generation again, or go back."""

import click

from clerk.cli import asking


@click.command("deploy")
@click.argument("subdomain")
@click.option(
    "--rollback",
    is_flag=True,
    help="Serve what was published before the newest run, until the next one.",
)
@asking.yes
def command(subdomain: str, *, rollback: bool, yes: bool) -> None:
    """Publish a site's newest generation again, or go back.

    --rollback goes back past everything that the newest run published (fast and full), or to its
    first generation if there was no run before, and withdraws what it leaves: a plain deploy does
    not bring it back, the next run that finds something new does.

    Where readers would lose documents that were published before this database knew the site, it
    names some of them and asks.

    \b
    Exit codes: 0 done; 1 you said no; 2 no such site, nothing to serve or to go back to, or nobody
    there to ask; 3 your role may not;
    69 Postgres cannot be reached; 73 another deploy of it is under way; 74 the storage or the
    place of readers cannot be used.

    Example: clerk deploy pleasanton --rollback
    """
    from clerk import deploying, status
    from clerk.errors import Withheld
    from clerk.store import sites
    from clerk.wiring import services

    at, who = services(), asking.allowed("site:deploy")
    try:
        result = deploying.deploy(at, subdomain, rollback=rollback, taking=yes, who=who)
    except Withheld as error:
        asking.agreed(f"{error} Publish without them?", yes=False)
        result = deploying.deploy(at, subdomain, rollback=rollback, taking=True, who=who)
    click.echo(f"{subdomain}: generation {result.generation} is served at {result.location}")
    with at.transaction() as connection:
        publication = sites.publication(connection, subdomain)
    for line in status.withdrawn_lines(subdomain, publication):
        click.echo(line, err=True)
