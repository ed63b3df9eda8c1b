"""The command line: thin over the functions that tasks and programs use too.

Commands are imported when they are called (LazyGroup), so that `clerk --help` stays quick. Errors
become one message and the exit code of their class, here and nowhere else.
"""

import importlib
import os
import sys
from itertools import islice

import click
from click.core import ParameterSource

from clerk import __version__
from clerk.errors import ClerkError, InvalidSettings

COMMANDS = {
    "admin": "Look into queues, measure them.",
    "audit": "Show who changed what.",
    "cancel": "End a run.",
    "config": "Check and show the settings.",
    "db": "Migrate the database.",
    "diagnose": "Say what keeps work from moving.",
    "dlq": "Dead letters: list, show, requeue, export, import, purge.",
    "deploy": "Publish a site again, or roll it back.",
    "emergency-stop": "Stop all work, or let it go on.",
    "enqueue": "Read one or more sites.",
    "failed": "What failed and why; try it again.",
    "pages": "Show the pages read worst, and those that failed.",
    "pause": "Let no worker take from a queue.",
    "purge": "Cancel what is under way for a site.",
    "purge-queue": "Clear a queue of all sites.",
    "recover": "Repair what stands still, now.",
    "reread": "Read pages again.",
    "resume": "Let workers take from a paused queue again.",
    "search": "Search what is published.",
    "site": "Add, list, show, edit and remove sites.",
    "status": "Show queues, runs and progress.",
    "up": "Start servers, workers and beat on this machine.",
    "worker": "Start workers of one queue.",
}
"""Command -> one line of help. Each lives in `clerk.cli.<name, - as _>` as `command`."""


class LazyGroup(click.Group):
    """Lists commands without importing them."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All names."""
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import one."""
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(
            f"clerk.cli.{name.replace('-', '_')}"
        ).command
        return _with_marks(command)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `clerk --help`, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name near matches of a mistyped command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(_no_such_command(args[0]), ctx)
        return super().resolve_command(ctx, args)


def _with_marks(command: click.Command) -> click.Command:
    """Raw docstrings hold click's mark `keep these lines` as two characters; it wants the one."""
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _with_marks(below)
    return command


def _no_such_command(name: str) -> str:
    near = [known for known in COMMANDS if known[:2] == name[:2] or name in known]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"No such command {name!r}.{hint}"


def _use_settings_of(context: click.Context, _option: click.Parameter, path: str | None) -> None:
    """Read settings from this file. Raises InvalidSettings if it is none."""
    if not path:
        return
    given = "CLERK_CONFIG"
    if context.get_parameter_source("config") is ParameterSource.COMMANDLINE:
        given = "--config"
    if not os.path.isfile(path):  # noqa: PTH113 - pathlib raises for names that no system allows
        raise InvalidSettings(
            f"There is no settings file {path!r}, which {given} names.",
            [f"correct {given}, or leave it out: then ./config.yaml is read, if it is there"],
        )
    os.environ.update(CLERK_CONFIG=path)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="clerk")
@click.option(
    "--config",
    type=click.Path(),
    envvar="CLERK_CONFIG",
    expose_value=False,
    callback=_use_settings_of,
    help="YAML file with settings.  [default: ./config.yaml, if it is there]",
)
def cli() -> None:
    """Turn a municipality's agendas and minutes into a searchable public database.

    \b
    Start here:
      clerk up                       everything on this machine
      clerk site add example.ca …    a municipality and where its PDFs are
      clerk enqueue example.ca       read it
      clerk search "rezoning"        search it
    """
    import structlog

    # Standard output is for the answer alone: `--json` is read by programs.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


def admin_form(words: list[str]) -> list[str]:
    """`--role=admin --admin-cmd=X …`, as another system spells it, is `clerk admin X …`."""
    asked = [word.partition("=")[2] for word in words if word.startswith("--admin-cmd=")]
    if not asked:
        return words
    rest = (word for word in words if not word.startswith(("--admin-cmd=", "--role=")))
    ours: list[str] = []  # here --config stands before the command
    theirs: list[str] = []
    for word in rest:
        if word in ("--config", "-c"):
            value = list(islice(rest, 1))
            (ours if value else theirs).extend([word, *value])
        else:
            (ours if word.startswith("--config=") else theirs).append(word)
    command = ["dlq", "purge"] if asked[-1] == "purge-dlq" else ["admin", asked[-1]]
    return [*ours, *command, *theirs]


def main(argv: list[str] | None = None) -> None:
    """The entry point: run a command; a ClerkError becomes its message and exit code."""
    try:
        words = sys.argv[1:] if argv is None else argv
        cli.main(args=admin_form(words), prog_name="clerk", standalone_mode=True)
    except ClerkError as error:
        click.echo(f"clerk: {error}", err=True)
        sys.exit(error.exit_code)
