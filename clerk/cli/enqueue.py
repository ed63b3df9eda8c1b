"""`clerk enqueue`: start runs, or join those in flight."""

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

from clerk.cli import asking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clerk.store.runs import Enqueued, Run
    from clerk.wiring import Services


@click.command("enqueue")
@click.argument("subdomains", nargs=-1, metavar="SITE...", required=True)
@click.option(
    "--priority",
    metavar="[high|normal|low]",
    default="normal",
    show_default=True,
    help="high overtakes everything else; a higher one raises a run in flight.",
)
@click.option("--ocr-backend", help="tesseract, tesserocr, pytesseract, vision or a plug-in.")
@click.option("--all-years", is_flag=True, help="Also meetings before the site's start year.")
@click.option("--force", is_flag=True, help="Fetch and read everything again.")
@click.option("--wait", is_flag=True, help="Show progress until the runs end, then what they lack.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    subdomains: tuple[str, ...],
    *,
    priority: str,
    ocr_backend: str | None,
    all_years: bool,
    force: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Read one or more sites: fetch, read, publish.

    \b
    Exit codes: 0 done; 2 no such site, or a bad option; 3 your role may not;
    68/69 Redis/Postgres cannot be reached; 75 an emergency stop is on, or new work is switched off.
    With --wait, the worst of: 0 all that these runs found was read (what earlier runs could not
    read, and has not changed, is named and does not count); 3 partial, some of what they found is
    missing; 4 failed or cancelled. 130: Ctrl-C while it waited; the runs go on.

    Example: clerk enqueue pleasanton oakland --priority high --wait
    """
    from clerk import enqueueing, halts
    from clerk.errors import DependencyDown
    from clerk.wiring import services

    at = services()
    who = asking.allowed("job:run")
    asking.warn_of_unknown_names()
    results = enqueueing.enqueue(
        at,
        subdomains,
        priority=_priority(at, priority),
        ocr_backend=ocr_backend,
        all_years=all_years,
        force=force,
        who=who,
    )
    differently = [
        flag for flag, given in (("--force", force), ("--all-years", all_years)) if given
    ]
    if not wait:
        for result in results:
            click.echo(_as_json(result) if as_json else _said(result, differently))
        # Under an emergency stop nothing is enqueued; in a paused queue it waits.
        with suppress(DependencyDown):  # the runs are made; this is only a word beside
            click.echo("".join(f"{line}\n" for line in halts.read(at).lines()), err=True, nl=False)
        return
    for result in results:
        if result.joined:
            click.echo(_said(result, differently), err=True)
    _wait(at, [result.run for result in results], as_json=as_json)


def _priority(at: "Services", written: str) -> str:
    """A priority by its own or a given name (`queues.high`, …). Raises InvalidInput."""
    from clerk.errors import InvalidInput

    known = at.settings.queues.priorities
    if written not in known:
        raise InvalidInput(f"--priority {written!r} is none of: {', '.join(known)}.")
    return known[written]


def started(at: "Services", run: "Run", said: str, *, wait: bool, as_json: bool) -> None:
    """Say that a run was started, or how it ended if somebody waits for it."""
    from clerk.status import run_json

    if wait:
        _wait(at, [run], as_json=as_json)
    asking.answer(run_json(run), said, as_json=as_json)


def _wait(at: "Services", runs: "Sequence[Run]", *, as_json: bool) -> NoReturn:
    """Show progress until all have ended; exits with the worst of their codes."""
    from clerk import status
    from clerk.cli import live
    from clerk.store import documents

    try:
        ended = live.wait(at, runs, quiet=as_json)
    except KeyboardInterrupt:
        click.echo("Not waiting any more; the run goes on. See `clerk status --watch`.", err=True)
        sys.exit(130)
    for run in ended:
        with at.transaction() as connection:
            gaps = documents.gaps(connection, run.site)
        if as_json:
            told = {**status.run_json(run), "missing": status.missing_json(gaps)}
            click.echo(json.dumps(told))
        else:
            click.echo("\n".join([status.ended(run), *status.missing(run.site, gaps)]))
    sys.exit(max(_EXIT.get(run.state.value, 4) for run in ended))


_EXIT = {"done": 0, "partial": 3, "failed": 4, "cancelled": 4}


def _as_json(result: "Enqueued") -> str:
    from clerk.status import run_json

    return json.dumps({**run_json(result.run), "joined": result.joined})


def _said(result: "Enqueued", differently: list[str]) -> str:
    run = result.run
    if not result.joined:
        return f"{run.site}: run {run.id} enqueued"
    later = f"; {' and '.join(differently)} needs a run of its own, once this one has ended"
    return f"{run.site}: joined run {run.id}, in flight already{later if differently else ''}"
