"""`clerk deploy`: publish the newest generation again, or go back."""

import click


@click.command("deploy")
@click.argument("subdomain")
@click.option(
    "--rollback",
    is_flag=True,
    help="Serve what was published before the newest run, until the next one.",
)
def command(subdomain: str, *, rollback: bool) -> None:
    """Publish a site's newest generation again, or go back.

    --rollback goes back past everything that the newest run published (fast and full), or to its
    first generation if there was no run before, and withdraws what it leaves: a plain deploy does
    not bring it back, the next run that finds something new does.

    \b
    Exit codes: 0 done; 2 no such site, or nothing to serve or to go back to; 3 your role may not;
    69 Postgres cannot be reached; 73 another deploy of it is under way; 74 the storage or the
    place of readers cannot be used.

    Example: clerk deploy pleasanton --rollback
    """
    from clerk import deploying
    from clerk.cli import asking
    from clerk.wiring import services

    result = deploying.deploy(
        services(), subdomain, rollback=rollback, who=asking.allowed("site:deploy")
    )
    click.echo(f"{subdomain}: generation {result.generation} is served at {result.location}")
    if rollback:
        click.echo(
            "What was published after it is withdrawn, until a run finds something new or "
            f"`clerk enqueue {subdomain} --force` reads everything again.",
            err=True,
        )
