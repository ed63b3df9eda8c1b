"""`clerk site`: the municipalities."""

import functools
import json
from dataclasses import asdict
from typing import Any

import click

from clerk.cli import asking

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

    \b
    Exit codes: 0 done; 2 something is wrong with it (all of it is named), or it exists already;
    3 your role may not; 69 Postgres cannot be reached.

    Example: clerk site add rivergrove.or --name "City of Rivergrove" --fetcher folder
    --source /srv/pdfs
    """
    from clerk.store import audit, sites
    from clerk.wiring import services

    who = asking.allowed("site:edit")
    given = {name: value for name, value in fields.items() if value is not None}
    pairs, problems = _pairs(options)
    site = _checked({**given, "subdomain": subdomain, "options": pairs}, problems)
    with services().transaction() as connection:
        sites.add(connection, site)
        audit.record(connection, who=who, action="site add", target=subdomain, count=1)
    click.echo(f"Added {site.subdomain}. Read it with `clerk enqueue {site.subdomain} --wait`.")


_INDEXED = frozenset({"name", "state", "country", "kind", "lat", "lng"})
"""Fields that sites.db shows to readers."""


@command.command("edit")
@click.argument("subdomain")
@_fields
def edit(subdomain: str, options: tuple[str, ...], **fields: str | None) -> None:
    """Change some fields of a site; `-o KEY=` removes an option.

    \b
    Exit codes: 0 done; 2 no such site, or something is wrong (all of it is named);
    3 your role may not; 69 Postgres cannot be reached.

    Example: clerk site edit rivergrove.or --start-year 2015
    """
    from clerk.store import audit, sites
    from clerk.wiring import services

    who = asking.allowed("site:edit")
    with services().transaction() as connection:
        old = asdict(sites.get(connection, subdomain))
    given = {name: value for name, value in fields.items() if value is not None}
    if not (given or options):
        raise click.UsageError(
            f"Change what? Give a field; `clerk site show {subdomain}` lists them."
        )
    pairs, problems = _pairs(options)
    merged = {**old["options"], **pairs}
    kept = {name: value for name, value in merged.items() if value != ""}
    site = _checked({**old, **given, "options": kept}, problems)
    changed = sorted(name for name, value in asdict(site).items() if value != old[name])
    if not changed:
        click.echo(f"{subdomain} is like that already.")
        return
    with services().transaction() as connection:
        shown = sites.publication(connection, subdomain).published
        sites.replace(connection, site)
        audit.record(
            connection,
            who=who,
            action="site edit",
            target=subdomain,
            reason=", ".join(changed),
            count=len(changed),
        )
    click.echo(f"Changed {subdomain}.")
    if shown and _INDEXED.intersection(changed):
        click.echo(
            f"Readers see it after its next run, or at once with `clerk deploy {subdomain}`."
        )
    if site.options.get("languages") != old["options"].get("languages"):
        click.echo(
            "Pages that were read before keep their text; "
            f"`clerk reread {subdomain} --below 100` reads them in the new languages."
        )


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def show_all(*, as_json: bool) -> None:
    """List all sites; on standard error, those that are published and not known here."""
    from clerk import astray
    from clerk.store import sites
    from clerk.wiring import services

    at = services()
    with at.transaction() as connection:
        found = sites.everything(connection)
        unknown = astray.unknown(at, connection)
    if unknown:
        click.echo(f"{astray.unknown_words(at, unknown)}.\n  {astray.UNKNOWN_REMEDY}.", err=True)
    if as_json:
        click.echo(json.dumps([_open(site) for site in found]))
        return
    if not found:
        click.echo("No sites yet. Add one with `clerk site add`.")
    for site in map(_open, found):
        click.echo(
            f"{site['subdomain']:<28} {site['name']:<32} {site['fetcher']:<10} {site['source']}"
        )


@command.command("show")
@click.argument("subdomain")
@click.option("--json", "as_json", is_flag=True)
def show(subdomain: str, *, as_json: bool) -> None:
    """Show one site's fields, and the languages that OCR reads it in."""
    from clerk.store import sites
    from clerk.wiring import services

    at = services()
    with at.transaction() as connection:
        fields = _open(sites.get(connection, subdomain))
    if as_json:
        click.echo(json.dumps(fields))
        return
    for name, value in fields.items():
        said = json.dumps(value) if isinstance(value, dict) else value
        click.echo(f"{name:<12} {'-' if said is None else said}")
    own = fields["options"].get("languages")
    click.echo(f"{'languages':<12} {own or f'{at.settings.ocr.languages} (as set up)'}")


def _open(site: Any) -> dict[str, Any]:
    """Its fields as they may be shown: `source` without user and password."""
    from clerk.text import without_credentials

    fields = asdict(site)
    return {**fields, "source": without_credentials(fields["source"])}


@command.command("remove")
@click.argument("subdomain")
@click.option("--unpublish", is_flag=True, help="Take its databases from readers, too.")
@asking.yes
@asking.reason
def remove(subdomain: str, *, unpublish: bool, yes: bool, reason: str) -> None:
    """Forget a site and its rows. PDFs stay, and published databases without --unpublish.

    A run of it that is under way ends with it. With --unpublish readers and sites.db have nothing
    of it any more, also where the site itself was removed before.

    \b
    Exit codes: 0 done; 1 you said no; 2 no such site, or nobody there to ask;
    3 your role may not; 69 Postgres cannot be reached; 73 a deploy of it is under way.

    Example: clerk site remove rivergrove.or --yes --reason "reads itself now"
    """
    from clerk import removing
    from clerk.wiring import services

    who = asking.allowed("site:edit")
    plan = removing.plan(services(), subdomain, unpublish=unpublish)
    under_way = " and ".join(plan.runs)
    ends = f" Its run {under_way} is under way and ends with it." if under_way else ""
    what = "all its rows" + (" and what is published" if unpublish else "")
    asking.agreed(f"Remove {subdomain} with {what}?{ends}", yes=yes)
    removing.remove(services(), plan, who=who, reason=reason)
    ended = f" Its run {under_way} ended with it." if under_way else ""
    if unpublish:
        click.echo(
            f"Removed {subdomain}; readers see it no more.{ended} Its PDFs stay in the storage."
        )
        return
    click.echo(
        f"Removed {subdomain}.{ended} Its files stay in the storage and publish folders; "
        f"`clerk site remove {subdomain} --unpublish` takes it from readers."
    )


def _pairs(options: tuple[str, ...]) -> tuple[dict[str, object], list[str]]:
    """KEY=VALUE words -> options, and what is wrong with the words."""
    pairs: dict[str, object] = {}
    problems: list[str] = []
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or not key:
            problems.append(f"option {ascii(option)[:80]}: write it as KEY=VALUE")
            continue
        try:
            pairs[key] = json.loads(value)
        except (ValueError, RecursionError):
            pairs[key] = value
    return pairs, problems


def _checked(fields: dict[str, Any], problems: list[str]) -> Any:
    """The fields as a Site. Raises InvalidInput with everything that is wrong, `problems` first."""
    from clerk.adapters import plugins
    from clerk.errors import InvalidInput
    from clerk.stages.sites import validate

    fetchers = plugins.names(plugins.FETCHERS)
    found = list(problems)
    site = None
    try:
        site = validate(fields, fetchers=fetchers)
    except InvalidInput as error:
        found += error.problems or [str(error)]
    found += _of_fetcher(fields, fetchers)
    found += _illegible(fields)
    if found:
        raise InvalidInput("The site is not valid:", found)
    return site


def _illegible(fields: dict[str, Any]) -> list[str]:
    """What is wrong, if OCR lacks one of the site's languages here."""
    from clerk.errors import UnsupportedEngine
    from clerk.fetchers import options
    from clerk.wiring import services

    languages = fields["options"].get("languages")
    # What is written wrongly is told as such, and names no file.
    if languages is not None and not options.check(options.Options, {"languages": languages}):
        try:
            services().ocr(None).model(languages)
        except UnsupportedEngine as error:
            return [f"option languages = {languages!r}: {error.in_a_line()}"]
    return []


_FETCHERS = ("fetcher", "source", "start_year", "options")


def _of_fetcher(fields: dict[str, Any], fetchers: list[str]) -> list[str]:
    """What the fetcher says of its part, whatever is wrong with the others."""
    from clerk.errors import InvalidInput
    from clerk.stages.sites import validate
    from clerk.wiring import services

    part = {name: fields[name] for name in _FETCHERS if name in fields}
    try:
        site = validate({**part, "subdomain": "site", "name": "Site"}, fetchers=fetchers)
    except InvalidInput:  # named already
        return []
    return services().fetcher(site.fetcher).problems(site)
