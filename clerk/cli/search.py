"""`clerk search`: what is published, by words."""

import json
import sys
from dataclasses import asdict

import click

from clerk import text


@click.command("search")
@click.argument("query")
@click.option("--site", "sites", multiple=True, help="Only this site (repeatable).")
@click.option("--kind", type=click.Choice(["agenda", "minutes"]))
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    query: str, *, sites: tuple[str, ...], kind: str | None, limit: int, as_json: bool
) -> None:
    """Search the published pages, best first.

    Words must all occur; "quotes" make a phrase, OR and NOT work, and word* finds beginnings.
    NOT and -word leave pages out of what other words find, so they need some.
    Where a quote is not closed, every word is searched for by itself.

    \b
    Exit codes: 0 done, also if nothing was found, or a site was left out whose database cannot be
    read (it is named on standard error, with what mends it); 2 there is no word to search for, or
    nothing is published of a site; 70 no site could be searched.

    Example: clerk search '"accessory dwelling" OR duplex' --site rivergrove.or
    """
    from clerk.errors import Unreadable
    from clerk.model import DocumentKind
    from clerk.published import databases
    from clerk.settings import current
    from clerk.stages.search import search, unclosed

    found = databases(current().published, sites)
    left_out: dict[str, Unreadable] = {}
    hits = search(
        found,
        query,
        limit=limit,
        kind=DocumentKind(kind) if kind else None,
        skip=left_out.__setitem__,
    )
    for site, error in left_out.items():
        click.echo(f"{site} was left out: {error}.", err=True)
    if found and len(left_out) == len(found):
        sys.exit(Unreadable.exit_code)
    if unclosed(query):
        click.echo("A quote is not closed: every word is searched for by itself.", err=True)
    if as_json:
        click.echo(json.dumps([asdict(hit) for hit in hits], default=str))
        return
    if not found:
        click.echo(
            f"Nothing is published in {current().published} yet. Read a site with `clerk enqueue`; "
            "if it is elsewhere, set PUBLISH_DIR (or CLERK_STATE to the folder of `clerk up`)."
        )
    elif not hits:
        click.echo(f"Nothing found in {text.counted(len(found) - len(left_out), 'site')}.")
    for hit in hits:
        when = text.day(hit.date, estimated=hit.date_estimated)
        title = f"{hit.site}  {hit.body}, {when}, {hit.kind} page {hit.page}"
        click.echo(click.style(title, bold=True))
        marked = (
            click.style(part.text, fg="yellow", bold=True) if part.matched else part.text
            for part in hit.snippet
        )
        click.echo(f"  {''.join(marked)}")
        click.echo(click.style(f"  {hit.url}", dim=True))
