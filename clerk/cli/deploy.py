"""`clerk deploy`: publish the newest generation again, or go back."""

import click


@click.command("deploy")
@click.argument("subdomain")
@click.option("--rollback", is_flag=True, help="Serve the generation before this one.")
def command(subdomain: str, *, rollback: bool) -> None:
    """Publish a site's newest generation, or with --rollback the one before.

    Example: clerk deploy pleasanton --rollback
    """
    from clerk import deploying
    from clerk.wiring import services

    result = deploying.deploy(services(), subdomain, rollback=rollback)
    click.echo(f"{subdomain}: generation {result.generation} is served at {result.location}")
