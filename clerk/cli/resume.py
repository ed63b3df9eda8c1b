"""`clerk resume`: let workers take from a paused queue again."""

import click

from clerk.cli import asking


@click.command("resume")
@click.argument("queue")
@asking.reason
@asking.as_json
def command(queue: str, *, reason: str, as_json: bool) -> None:
    """Let workers take from QUEUE again.

    \b
    Exit codes: 0 done, also if it was not paused; 2 no such queue; 3 your role may not; 69
    Postgres cannot be reached.

    Example: clerk resume ocr
    """
    from clerk import control
    from clerk.wiring import services

    found = control.resume(services(), queue, who=asking.allowed("queue:pause"), reason=reason)
    said = f"Resumed {queue}." if found else f"{queue} was not paused."
    asking.answer({"queue": queue, "paused": False, "changed": found}, said, as_json=as_json)
