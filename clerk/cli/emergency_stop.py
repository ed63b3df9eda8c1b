"""`clerk emergency-stop`: stop all work, let it go on, say how it stands."""

from dataclasses import asdict

import click

from clerk.cli import asking


@click.group("emergency-stop")
def command() -> None:
    """Stop all work at once, without losing any.

    While the stop is on, `clerk enqueue` refuses (exit 75), workers finish the page in hand and
    take no other, and nothing counts as failed. Workers stay up and go on when it is lifted.

    \b
    Exit codes: 0 done; 3 your role may not; 68 Redis cannot be reached; 69 Postgres cannot be
    reached (the stop itself needs only Redis: `redis-cli set EMERGENCY_STOP 1` does the
    same).
    """


@command.command("on")
@click.option("--reason", required=True, help="Why; shown to whoever is refused.")
@asking.as_json
def on(reason: str, *, as_json: bool) -> None:
    """Stop. If a stop is on already, this one takes its place, with its reason.

    Example: clerk emergency-stop on --reason "disk is filling up".
    """
    from clerk import control
    from clerk.wiring import services

    who = asking.allowed("emergency:stop")
    stop, before = control.stop(services(), who=who, reason=reason)
    said = "Emergency stop is on."
    if before is not None:
        was = asking.plain(f"Emergency stop was on already{before}").rstrip(".")
        said = f"{was}. Its reason is now: {asking.plain(stop.reason).rstrip('.')}."
    asking.answer(
        {"on": True, **asdict(stop), "before": before and asdict(before)},
        f"{said} Work goes on with `clerk emergency-stop off`.",
        as_json=as_json,
    )


@command.command("off")
@asking.reason
@asking.as_json
def off(reason: str, *, as_json: bool) -> None:
    """Let work go on. Example: clerk emergency-stop off."""
    from clerk import control
    from clerk.wiring import services

    lifted = control.lift(services(), who=asking.allowed("emergency:stop"), reason=reason)
    said = "Emergency stop is off; work goes on." if lifted else "There was no emergency stop."
    asking.answer({"on": False, "lifted": lifted}, said, as_json=as_json)


@command.command("status")
@asking.as_json
def status(*, as_json: bool) -> None:
    """Say whether a stop is on. Example: clerk emergency-stop status --json."""
    from clerk import control
    from clerk.wiring import services

    stop = control.stopped(services())
    if stop is None:
        asking.answer({"on": False}, "Emergency stop is off.", as_json=as_json)
        return
    said = asking.plain(f"Emergency stop is on{stop}")
    asking.answer({"on": True, **asdict(stop)}, said, as_json=as_json)
