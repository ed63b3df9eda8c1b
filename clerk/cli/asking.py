"""What commands that change something share: who asks, `--dry-run`, `--yes`, `--reason`, output."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from clerk import text
from clerk.errors import InvalidInput

reason = click.option("--reason", default="", help="Why; kept in the audit trail.")
yes = click.option("--yes", is_flag=True, help="Do not ask.")
dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")

plain = text.plain

Command = Callable[..., Any]


def changing(command: Command) -> Command:
    """The four options of every command that takes something away."""
    for option in (as_json, reason, yes, dry_run):
        command = option(command)
    return command


def allowed(scope: str) -> str:
    """`user@host (role)`, for the audit trail. Raises Forbidden if the role may not do it."""
    from clerk import access
    from clerk.adapters.stop_key import somebody
    from clerk.settings import current

    role = access.require(current().access, scope)
    return f"{somebody()} ({role})"


def warn_of_unknown_names() -> None:
    """Tell, of a command that starts work, which of its settings mean nothing on this machine.

    No error: what is not installed here may be where the workers are.
    """
    from clerk import named, settings

    for problem in named.unknown(settings.loaded()):
        click.echo(f"Warning: {problem} (workers go by settings of their own)", err=True)


def agreed(question: str, *, yes: bool) -> None:
    """Ask on a terminal. Raises InvalidInput (exit 2) where nobody can answer; aborts (1) on no."""
    if yes:
        return
    if not sys.stdin.isatty():
        command = click.get_current_context().command
        looking = any(option.name == "dry_run" for option in command.params)
        or_look = ", or --dry-run to see what it would do" if looking else ""
        raise InvalidInput(f"{question} Nobody is there to answer: add --yes to do it{or_look}.")
    click.confirm(question, abort=True, err=True)


def answer(found: object, lines: str, *, as_json: bool) -> None:
    """One JSON document, or text."""
    click.echo(json.dumps(found, default=str) if as_json else lines)
