"""`clerk cancel`: end one run."""

from dataclasses import asdict

import click

from clerk.cli import asking


@click.command("cancel")
@click.argument("run", metavar="RUN|SITE")
@asking.changing
def command(run: str, *, dry_run: bool, yes: bool, reason: str, as_json: bool) -> None:
    """End a run now, named by its id or its site.

    What it has read and published stays; the rest of its work is dropped. What a `clerk reread` or
    `clerk failed retry` had not come to is as it was before; of other runs the next one reads what
    is left.

    \b
    Exit codes: 0 done; 1 you said no; 2 no such run or site, none of the site's in flight, it ended
    before, or nobody there to ask; 3 your role may not; 68/69 Redis/Postgres cannot be reached; 73
    a purge or a deploy of the run is under way.

    `clerk status` shows the runs in flight.

    Example: clerk cancel pleasanton --reason "wrong source"
    """
    from clerk import control
    from clerk.wiring import services

    at = services()
    who = "" if dry_run else asking.allowed("job:cancel")
    run = control.run_meant(at, run)
    if dry_run:
        would = control.cancel_run(at, run, who=who, dry_run=True)
        said = f"Would cancel run {run} and purge {would.found} job(s). Nothing was changed."
        asking.answer({**asdict(would), "dry_run": True}, said, as_json=as_json)
        return
    control.refuse_ended_run(at, run)
    asking.agreed(f"Cancel run {run}?", yes=yes)
    done = control.cancel_run(at, run, who=who, reason=reason)
    said = f"Cancelled run {run}; purged {done.purged} job(s) from queues."
    asking.answer({**asdict(done), "dry_run": False}, said, as_json=as_json)
