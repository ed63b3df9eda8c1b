"""`clerk purge-queue`: clear one queue of all sites."""

from dataclasses import asdict

import click

from clerk.cli import asking


@click.command("purge-queue")
@click.argument("queue")
@asking.changing
def command(queue: str, *, dry_run: bool, yes: bool, reason: str, as_json: bool) -> None:
    """Clear QUEUE. This affects all sites: runs that had jobs in it end as cancelled.

    \b
    Exit codes: 0 done; 1 you said no; 2 no such queue, or nobody there to ask;
    3 your role may not; 68/69 Redis/Postgres cannot be reached; 73 another purge is under way.

    Example: clerk purge-queue ocr --dry-run
    """
    from clerk import control
    from clerk.wiring import services

    at = services()
    if dry_run:
        would = control.purge_queue(at, queue, who="", dry_run=True)
        lines = [f"Would clear {would.found} job(s) from queue: {queue}"]
        lines += [f"Would cancel run {run}" for run in would.runs]
        lines.append("Dry run: nothing was changed")
        asking.answer({**asdict(would), "dry_run": True}, "\n".join(lines), as_json=as_json)
        return
    control.refuse_unknown_queue(at, queue)
    who = asking.allowed("queue:purge")
    asking.agreed(f"Clear the queue {queue} of all sites?", yes=yes)
    done = control.purge_queue(at, queue, who=who, reason=reason)
    lines = [f"Cleared {done.purged} job(s) from queue: {queue}"]
    lines += [f"Cancelled run {run}" for run in done.runs]
    asking.answer({**asdict(done), "dry_run": False}, "\n".join(lines), as_json=as_json)
