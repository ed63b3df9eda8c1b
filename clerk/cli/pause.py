"""`clerk pause`: let no worker take from a queue."""

from dataclasses import asdict

import click

from clerk.cli import asking


@click.command("pause")
@click.argument("queue", required=False)
@asking.reason
@asking.as_json
def command(queue: str | None, *, reason: str, as_json: bool) -> None:
    """Let no worker take from QUEUE, now or after a restart, until `clerk resume QUEUE`.

    What is being done is finished; what is enqueued waits. Without QUEUE: list paused queues.

    \b
    Exit codes: 0 done; 2 no such queue; 3 your role may not; 69 Postgres cannot be reached.

    Example: clerk pause ocr --reason "GPU host is being moved"
    """
    from clerk import control
    from clerk.wiring import services

    if queue is None:
        found = control.paused(services())
        lines = [
            asking.plain(f"{p.queue}: {p.who}, {p.at:%Y-%m-%d %H:%M} {p.reason}") for p in found
        ]
        said = "\n".join(lines) or "No queue is paused."
        asking.answer([asdict(each) for each in found], said, as_json=as_json)
        return
    new = control.pause(services(), queue, who=asking.allowed("queue:pause"), reason=reason)
    said = f"Paused {queue}." if new else f"{queue} was paused already."
    asking.answer(
        {"queue": queue, "paused": True, "changed": new},
        f"{said} Workers take from it again with `clerk resume {queue}`.",
        as_json=as_json,
    )
