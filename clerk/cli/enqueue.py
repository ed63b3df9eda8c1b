"""`clerk enqueue`: start runs, or join those in flight."""

import json
import sys

import click


@click.command("enqueue")
@click.argument("subdomains", nargs=-1, metavar="SITE...", required=True)
@click.option(
    "--priority",
    type=click.Choice(["high", "normal", "low"]),
    default="normal",
    show_default=True,
    help="high overtakes everything else; a higher one raises a run in flight.",
)
@click.option("--ocr-backend", help="tesseract, tesserocr, pytesseract, vision or a plug-in.")
@click.option("--all-years", is_flag=True, help="Also meetings before the site's start year.")
@click.option("--force", is_flag=True, help="Fetch and read everything again.")
@click.option("--wait", is_flag=True, help="Show progress until the runs end.")
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

    Exit code with --wait: 0 done, 3 partial (something is missing), 4 failed or cancelled.

    Example: clerk enqueue pleasanton oakland --priority high --wait
    """
    from clerk import enqueueing, status
    from clerk.cli import live
    from clerk.wiring import services

    at = services()
    results = enqueueing.enqueue(
        at,
        subdomains,
        priority=priority,
        ocr_backend=ocr_backend,
        all_years=all_years,
        force=force,
    )
    if not wait:
        for result in results:
            click.echo(
                json.dumps({**status.run_json(result.run), "joined": result.joined})
                if as_json
                else _said(result.run.site, result.run.id, joined=result.joined)
            )
        return
    ended = live.wait(at, [result.run for result in results], quiet=as_json)
    for run in ended:
        click.echo(json.dumps(status.run_json(run)) if as_json else _ended(run))
    sys.exit(max(_EXIT.get(run.state.value, 4) for run in ended))


_EXIT = {"done": 0, "partial": 3, "failed": 4, "cancelled": 4}


def _said(site: str, run: str, *, joined: bool) -> str:
    if joined:
        return f"{site}: run {run} is in flight already; joined it"
    return f"{site}: run {run} enqueued"


def _ended(run: object) -> str:
    state, reason = run.state.value, run.reason  # type: ignore[attr-defined]
    detail = f" ({reason})" if reason else ""
    return f"{run.site}: {state}{detail} in {run.seconds:.1f} s"  # type: ignore[attr-defined]
