"""`clerk reread`: read pages of a site again."""

from typing import TYPE_CHECKING

import click

from clerk.cli import asking
from clerk.cli.enqueue import started

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clerk.store.readings import Chosen


@click.command("reread")
@click.argument("subdomain", metavar="SITE")
@click.option(
    "--pages",
    multiple=True,
    metavar="ID[,ID…]",
    help="Pages by id, as `clerk pages` shows them. Repeatable.",
)
@click.option("--of", metavar="TEXT", default="", help="Pages of files with TEXT in their address.")
@click.option("--engine", metavar="TEXT", help="Pages whose engine has this in its version.")
@click.option(
    "--below",
    type=click.FloatRange(0, 100),
    metavar="CONF",
    help="Pages read with less confidence, 0 to 100.",
)
@click.option(
    "--unread",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Pages on which more of what looks like writing gave no words.",
)
@click.option(
    "--priority",
    type=click.Choice(["high", "normal", "low"]),
    default="normal",
    show_default=True,
)
@click.option("--ocr-backend", help="Read with this engine instead of the configured one.")
@click.option("--wait", is_flag=True, help="Show progress until the run ends.")
@asking.changing
def command(
    subdomain: str,
    *,
    pages: tuple[str, ...],
    of: str,
    engine: str | None,
    below: float | None,
    unread: float | None,
    priority: str,
    ocr_backend: str | None,
    wait: bool,
    dry_run: bool,
    yes: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Read pages of SITE again and publish the result.

    Pages have to meet every condition given; at least one is needed (`clerk enqueue --force` reads
    everything). Ids stay. A page keeps its text until it was read again with success. A page with a
    good text layer is read by OCR, if its id or engine asks for it (--engine pdfium).

    \b
    Exit codes: 0 done; 1 you said no; 2 no condition, an unknown site, file, page or engine, or
    nobody there to ask; 3 your role may not; 68/69 Redis/Postgres cannot be reached;
    73 a run of the site is in flight; 75 an emergency stop is on. With --wait: 3 partial,
    4 failed or cancelled; 130 Ctrl-C while it waited, the run goes on.

    Example: clerk reread pleasanton --below 60 --dry-run
    """
    from clerk import rereading
    from clerk.store.readings import Which
    from clerk.wiring import services

    ids = [page for given in pages for page in given.replace(",", " ").split()]
    if not (ids or of or engine or below is not None or unread is not None):
        raise click.UsageError(
            "Which pages? Give --pages, --of, --engine, --below or --unread "
            f"(`clerk enqueue {subdomain} --force` reads everything)."
        )
    who = "" if dry_run else asking.allowed("job:run")
    asking.warn_of_unknown_names()
    at = services()
    rereading.refuse_engine(ocr_backend)
    which = Which(ids=ids, of=of, engine=engine or "", below=below, unread=unread)
    chosen = rereading.choose(at, subdomain, which)
    if dry_run or not chosen:
        said = f"Would read {len(chosen)} page(s) again."
        if not chosen:
            said = rereading.why_none(at, subdomain, which)
        _only_say(chosen, said, dry_run=dry_run, as_json=as_json)
        return
    asking.agreed(f"Read {len(chosen)} page(s) of {subdomain} again?", yes=yes)
    run = rereading.reread(
        at,
        subdomain,
        chosen,
        who=who,
        reason=reason,
        priority=priority,
        ocr_backend=ocr_backend,
    )
    said = f"{subdomain}: run {run.id} reads {len(chosen)} page(s) again"
    started(at, run, said, wait=wait, as_json=as_json)


def _only_say(chosen: "Sequence[Chosen]", said: str, *, dry_run: bool, as_json: bool) -> None:
    ids = [page.id for page in chosen]
    asking.answer(
        {"dry_run": dry_run, "count": len(ids), "pages": ids},
        "\n".join([*ids, said]),
        as_json=as_json,
    )
