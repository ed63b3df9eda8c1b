"""`clerk admin`: stats, peek, bench, and adopting a storage folder."""

import sys

import click

from clerk.cli import asking


@click.group("admin")
def command() -> None:
    """Look into queues, measure them, move the storage folder."""


@command.command("stats")
@asking.as_json
def stats(*, as_json: bool) -> None:
    """Show what waits and what is in hand, in Redis and in Postgres.

    \b
    Exit codes: 0 done; 68/69 Redis/Postgres cannot be reached.

    Example: clerk admin stats --json
    """
    from clerk import inspecting
    from clerk.wiring import services

    found = inspecting.stats(services())
    lines = ["Queues (messages by priority step; 0 is taken first)"]
    for queue, depth in found["queues"].items():
        steps = " ".join(f"{step}:{count}" for step, count in depth["by_priority"].items())
        paused = " paused" if queue in found["paused"] else ""
        lines.append(f"  {queue:<12}{depth['waiting']:>8}  {steps}{paused}".rstrip())
    lines.append(f"Unacknowledged  {found['unacked']}")
    lines.append("Rows in Postgres (waiting, working)")
    for work, count in found["rows"].items():
        lines.append(f"  {work:<12}{count['waiting']:>8} {count['working']:>8}")
    lines.append(f"Runs in flight  {found['runs']}")
    lines.append(f"Dead letters    {found['dead_letters']}")
    lines.append(f"Completed in the last hour  {found['completed_last_hour']}")
    lines.append("Workers")
    lines += [
        f"  {each['name']}  {each['queues']}  {each['processes']} processes"
        for each in found["workers"]
    ]
    asking.answer(found, "\n".join(lines), as_json=as_json)


@command.command("peek")
@click.option("--queue", required=True)
@click.option("--n", "count", type=click.IntRange(1, 100), default=20, show_default=True)
@asking.as_json
def peek(queue: str, count: int, *, as_json: bool) -> None:
    """Show the next messages of a queue without taking them.

    \b
    Exit codes: 0 done; 2 no such queue; 68 Redis cannot be reached.

    Example: clerk admin peek --queue high --n 5
    """
    from clerk import inspecting
    from clerk.wiring import services

    found = inspecting.peek(services(), queue, count)
    lines = []
    for each in found:
        owner = f"{each.get('site') or '-'} {each.get('run') or '-'}"
        eta = f" not before {each['eta']}" if each.get("eta") else ""
        lines.append(
            asking.plain(f"{each['priority']} {each['task']} {owner} {each['id'] or ''}{eta}")
        )
    asking.answer(found, "\n".join(lines) or f"Nothing waits in {queue}.", as_json=as_json)


@command.command("bench")
@click.option("--queue", help="By its name in Redis.  [default: that of deploy]")
@click.option("--count", "--bench-count", type=click.IntRange(1, 100_000), default=2000)
@click.option("--rate", "--bench-rate", type=click.FloatRange(0.1), default=1000.0)
@click.option(
    "--priority",
    "--bench-priority",
    type=click.Choice(["high", "normal", "low"]),
    help="Default: after everything else.",
)
@click.option("--timeout", "--bench-timeout", default="60s", show_default=True)
@asking.as_json
def bench(
    queue: str | None, count: int, rate: float, priority: str | None, timeout: str, *, as_json: bool
) -> None:
    """Send jobs that do nothing through a queue and say how long they took.

    Throughput counts from the first sending to the last job's end; p50 and p95 from each job's
    sending to its own end.

    \b
    Exit codes: 0 all jobs ended; 2 a bad value; 3 your role may not; 68/69 Redis/Postgres
    cannot be reached; 75 not all ended in time (they are taken out again), or an emergency
    stop is on.

    Example: clerk admin bench --queue ocr --count 500 --rate 200
    """
    from clerk import inspecting
    from clerk.model import Priority
    from clerk.wiring import services

    at = services()
    queue = queue or at.settings.queues.deploy
    found = inspecting.bench(
        at,
        queue,
        who=asking.allowed("bench:run"),
        count=count,
        rate=rate,
        timeout=_seconds(timeout),
        priority=Priority(priority) if priority else None,
    )
    lines = [f"{found.finished} of {found.sent} jobs ended, {found.throughput:.0f} jobs/s"]
    if found.p50 is not None and found.p95 is not None:
        lines.append(f"p50 {1000 * found.p50:.0f} ms, p95 {1000 * found.p95:.0f} ms")
    if found.finished < found.sent:
        lines.append(f"Is a worker listening on {queue}? `clerk admin stats` shows them.")
    asking.answer(inspecting.bench_json(found), "\n".join(lines), as_json=as_json)
    if found.finished < found.sent:
        sys.exit(75)


def _seconds(written: str) -> float:
    from datetime import timedelta

    from clerk.errors import InvalidInput
    from clerk.settings import parse_duration

    try:
        found = parse_duration(written)
    except ValueError as error:
        raise InvalidInput(f"--timeout {written}: {error}") from error
    return found.total_seconds() if isinstance(found, timedelta) else 0.0


@command.command("adopt-storage")
@asking.yes
@asking.as_json
def adopt_storage(*, yes: bool, as_json: bool) -> None:
    """Declare this machine's STORAGE_DIR to be the shared one, after moving or restoring it.

    Workers whose folder is another one do not start any more.

    \b
    Exit codes: 0 done; 1 you said no; 2 nobody there to ask; 3 your role may not; 69 Postgres
    cannot be reached.

    Example: clerk admin adopt-storage --yes
    """
    from clerk import control
    from clerk.wiring import services

    at = services()
    folder = str(at.settings.storage_dir)
    who = asking.allowed("admin:storage")
    asking.agreed(f"Use {folder} as the shared storage from now on?", yes=yes)
    control.adopt_storage(at, who=who)
    asking.answer(
        {"storage_dir": folder},
        f"{folder} is the shared storage now. Restart the workers.",
        as_json=as_json,
    )
