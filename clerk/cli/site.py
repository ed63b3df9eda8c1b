"""`clerk site`: the municipalities."""

import functools
import json
from dataclasses import asdict
from typing import Any

import click

_OPTIONS = [
    click.option("--name", help="What people call it: `City of Pleasanton`."),
    click.option("--state", help="State or province: CA."),
    click.option("--country", help="Two letters.  [default: US]"),
    click.option("--kind", help="city, county, school district, …  [default: city]"),
    click.option("--fetcher", help="folder, listing or a plug-in."),
    click.option("--source", help="A folder, or the URL of the page that lists the PDFs."),
    click.option("--start-year", help="Leave older meetings alone."),
    click.option("--languages", help="Of its documents, for OCR: eng+spa.  [default: as set up]"),
    click.option("--lat"),
    click.option("--lng"),
    click.option(
        "--option",
        "-o",
        "options",
        multiple=True,
        metavar="KEY=VALUE",
        help="A fetcher's option; VALUE is JSON or plain text. Repeatable.",
    ),
]


def _fields(function: Any) -> Any:
    """All options of a site's fields; `--languages X` is short for `-o languages=X`."""

    @functools.wraps(function)
    def fields(
        *arguments: str, languages: str | None, options: tuple[str, ...], **rest: str | None
    ) -> None:
        named = () if languages is None else (f"languages={languages}",)
        function(*arguments, options=(*options, *named), **rest)

    command: Any = fields
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group("site")
def command() -> None:
    """Add, list, show, edit and remove sites."""


@command.command("add")
@click.argument("subdomain")
@_fields
def add(subdomain: str, options: tuple[str, ...], **fields: str | None) -> None:
    """Add a site.

    Example: clerk site add rivergrove.or --name "City of Rivergrove" --fetcher folder
    --source /srv/pdfs
    """
    from clerk.store import sites
    from clerk.wiring import services

    given = {name: value for name, value in fields.items() if value is not None}
    site = _checked({**given, "subdomain": subdomain, "options": _pairs(options)})
    with services().transaction() as connection:
        sites.add(connection, site)
    click.echo(f"Added {site.subdomain}. Read it with `clerk enqueue {site.subdomain} --wait`.")


@command.command("edit")
@click.argument("subdomain")
@_fields
def edit(subdomain: str, options: tuple[str, ...], **fields: str | None) -> None:
    """Change some fields of a site; `-o KEY=` removes an option."""
    from clerk.store import sites
    from clerk.wiring import services

    with services().transaction() as connection:
        old = asdict(sites.get(connection, subdomain))
    merged = {**old["options"], **_pairs(options)}
    given = {name: value for name, value in fields.items() if value is not None}
    kept = {name: value for name, value in merged.items() if value != ""}
    site = _checked({**old, **given, "options": kept})
    with services().transaction() as connection:
        sites.replace(connection, site)
    click.echo(f"Changed {subdomain}.")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def show_all(*, as_json: bool) -> None:
    """List all sites."""
    from clerk.store import sites
    from clerk.wiring import services

    with services().transaction() as connection:
        found = sites.everything(connection)
    if as_json:
        click.echo(json.dumps([asdict(site) for site in found]))
        return
    if not found:
        click.echo("No sites yet. Add one with `clerk site add`.")
    for site in found:
        click.echo(f"{site.subdomain:<28} {site.name:<32} {site.fetcher:<10} {site.source}")


@command.command("show")
@click.argument("subdomain")
@click.option("--json", "as_json", is_flag=True)
def show(subdomain: str, *, as_json: bool) -> None:
    """Show one site's fields."""
    from clerk.store import sites
    from clerk.wiring import services

    with services().transaction() as connection:
        fields = asdict(sites.get(connection, subdomain))
    if as_json:
        click.echo(json.dumps(fields))
        return
    for name, value in fields.items():
        click.echo(f"{name:<12} {json.dumps(value) if isinstance(value, dict) else value}")


@command.command("remove")
@click.argument("subdomain")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(subdomain: str, *, yes: bool) -> None:
    """Forget a site and its rows. PDFs and published databases stay."""
    from clerk.store import sites
    from clerk.wiring import services

    with services().transaction() as connection:
        sites.get(connection, subdomain)
    if not yes:
        click.confirm(f"Remove {subdomain} with all its rows?", abort=True)
    with services().transaction() as connection:
        sites.remove(connection, subdomain)
    click.echo(f"Removed {subdomain}. Its files stay in the storage and publish folders.")


def _pairs(options: tuple[str, ...]) -> dict[str, object]:
    from clerk.errors import InvalidInput

    pairs: dict[str, object] = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or not key:
            raise InvalidInput(f"option {option!r}: write it as KEY=VALUE")
        try:
            pairs[key] = json.loads(value)
        except ValueError:
            pairs[key] = value
    return pairs


def _checked(fields: dict[str, Any]) -> Any:
    """Validate fields and, if they hold, what the fetcher says of source and options."""
    from clerk.adapters import plugins
    from clerk.errors import InvalidInput
    from clerk.stages.sites import validate
    from clerk.wiring import services

    site = validate(fields, fetchers=plugins.names("clerk.fetchers"))
    problems = services().fetcher(site.fetcher).problems(site)
    if problems:
        raise InvalidInput("The site is not valid:", problems)
    _legible(site)
    return site


def _legible(site: Any) -> None:
    """Raise UnsupportedEngine, naming the missing file, if OCR lacks one of its languages here."""
    from clerk.wiring import services

    languages = site.options.get("languages")
    if isinstance(languages, str):
        services().ocr(None).model(languages)
