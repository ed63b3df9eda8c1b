"""`clerk diagnose`: what keeps work from moving, and what to do about it."""

import sys
from dataclasses import asdict

import click

from clerk.cli import asking


@click.command("diagnose")
@asking.as_json
def command(*, as_json: bool) -> None:
    """Look for what keeps work from moving, and say what to do about it. Changes nothing.

    It looks at Redis, Postgres and its schema, the shared storage, the emergency stop, paused
    queues, queues without workers, runs that stand still or wait for something, dead letters,
    and at whether what was published is still there and known, whole, of this version and up to
    date in what it lists as missing (by size, schema and tables: not every page is read).
    Documents that only their publisher can mend are told, and are nothing wrong here.

    \b
    Exit codes: 0 nothing is wrong; 1 something is.

    Example: clerk diagnose
    """
    from clerk import diagnosing
    from clerk.wiring import services

    found = diagnosing.findings(services())
    lines = [
        asking.plain(f"{each.about}: {each.problem}") + f"\n    {each.remedy}" for each in found
    ]
    wrong = any(not each.notice for each in found)
    said = "\n".join(lines if wrong else ["Nothing is wrong.", *lines])
    asking.answer([asdict(each) for each in found], said, as_json=as_json)
    if wrong:
        sys.exit(1)
