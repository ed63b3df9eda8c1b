"""`clerk db`: migrations."""

import json

import click

from clerk.cli import asking


@click.group("db")
def command() -> None:
    """Migrate the database that DATABASE_URL names."""


@command.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Run migrations (up to REVISION).

    \b
    Exit codes: 0 done; 3 your role may not; 69 Postgres cannot be reached.

    Example: clerk db upgrade
    """
    from clerk.settings import current
    from clerk.store import revisions, schema

    asking.allowed("admin:db")
    schema.upgrade(current().database_url, revision)
    click.echo(f"The database is at {revision if revision != 'head' else revisions.head()}.")


@command.command("downgrade")
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, *, yes: bool) -> None:
    """Undo migrations down to REVISION; `base` drops every table.

    \b
    Exit codes: 0 done; 1 you said no; 2 nobody there to ask; 3 your role may not; 69 Postgres
    cannot be reached.

    Example: clerk db downgrade base
    """
    from clerk.settings import current
    from clerk.store import schema

    asking.allowed("admin:db")
    asking.agreed(f"Undo migrations down to {revision}? Data may be lost.", yes=yes)
    schema.downgrade(current().database_url, revision)
    click.echo(f"The database is at {revision}.")


@command.command("current")
@click.option("--json", "as_json", is_flag=True)
def show_current(*, as_json: bool) -> None:
    """Say at which migration the database is."""
    from clerk.settings import current
    from clerk.store import revisions
    from clerk.store.database import connect_once

    with connect_once(current().database_url) as connection:
        found = revisions.current(connection)
    if as_json:
        click.echo(json.dumps({"current": found, "head": revisions.head()}))
    else:
        click.echo(f"{found or 'none'} (newest: {revisions.head()})")


@command.command("history")
@click.option("--json", "as_json", is_flag=True)
def show_history(*, as_json: bool) -> None:
    """List all migrations, oldest first."""
    from clerk.settings import current
    from clerk.store import schema
    from clerk.store.database import connect_once

    with connect_once(current().database_url) as connection:
        revisions = schema.history(connection)
    if as_json:
        click.echo(json.dumps([vars(revision) for revision in revisions]))
        return
    for revision in revisions:
        click.echo(f"{'x' if revision.applied else ' '} {revision.id}  {revision.title}")
