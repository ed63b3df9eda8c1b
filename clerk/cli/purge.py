"""`clerk purge`: cancel what is under way for a site and forget its messages."""

from dataclasses import asdict

import click

from clerk.cli import asking


@click.command("purge")
@click.argument("site")
@asking.changing
def command(site: str, *, dry_run: bool, yes: bool, reason: str, as_json: bool) -> None:
    """Cancel SITE's run, clear its jobs from all queues and forget its progress.

    PDFs, read pages and published databases stay; other sites are not touched.

    \b
    Exit codes: 0 done; 1 you said no; 2 no such site, or nobody there to ask;
    3 your role may not; 68/69 Redis/Postgres cannot be reached; 73 another purge is under way.

    Example: clerk purge pleasanton --dry-run
    """
    from clerk import control
    from clerk.wiring import services

    at = services()
    if dry_run:
        would = control.purge_site(at, site, who="", dry_run=True)
        lines = [f"Found {would.found} job(s) for site {site}"]
        lines += [f"Would cancel run {run}" for run in would.runs]
        lines.append("Dry run: nothing was changed")
        asking.answer({**asdict(would), "dry_run": True}, "\n".join(lines), as_json=as_json)
        return
    who = asking.allowed("queue:purge")
    control.refuse_unknown_site(at, site)
    asking.agreed(f"Purge all jobs of {site}?", yes=yes)
    done = control.purge_site(at, site, who=who, reason=reason)
    lines = [
        f"Found {done.found} job(s) for site {site}",
        f"Purged {done.purged} job(s) from queues for site {site}",
        f"Deleted database records for site {site}",
    ]
    asking.answer({**asdict(done), "dry_run": False}, "\n".join(lines), as_json=as_json)
