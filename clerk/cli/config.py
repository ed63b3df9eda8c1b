"""`clerk config`: are the settings right, what are they, what could they be."""

import json
import sys

import click

from clerk.cli import asking


@click.group("config")
def command() -> None:
    """Check, show and explain the settings.

    The first of these that says something wins: environment, `.env`, config.yaml (or the file that
    `clerk --config` or CLERK_CONFIG names), a `clerk up` that runs in ./clerk-state, defaults.
    """


@command.command("check")
@asking.as_json
def check(*, as_json: bool) -> None:
    """Say everything that is wrong with the settings, at once.

    What is written rightly is looked up too: whether this machine has the engine, the trained data,
    the extractor and the deployer that it names.

    \b
    Exit codes: 0 valid (there may be warnings); 2 something is wrong, nothing would start.

    Example: clerk config check
    """
    from clerk import named
    from clerk.errors import InvalidSettings
    from clerk.settings import survey

    found = survey()
    try:
        named.require(found)
    except InvalidSettings as error:
        if not as_json:
            raise
        click.echo(
            json.dumps({"valid": False, "problems": error.problems, "warnings": found.warnings})
        )
        sys.exit(error.exit_code)
    lines = [f"Warning: {warning}" for warning in found.warnings]
    lines.append(f"The settings are valid; {len(found.sources)} of them are set.")
    asking.answer(
        {"valid": True, "problems": [], "warnings": found.warnings},
        "\n".join(lines),
        as_json=as_json,
    )


@command.command("show")
@click.option(
    "--redact/--secrets",
    default=True,
    show_default=True,
    help="Hide passwords and tokens, or show them.",
)
@asking.as_json
def show(*, redact: bool, as_json: bool) -> None:
    """Show every setting, its value and where it comes from.

    \b
    Exit codes: 0 done; 2 the settings are wrong.

    Example: clerk config show
    """
    from clerk import settings

    found = settings.read()
    rows = [
        {
            "setting": path,
            "value": settings.shown(found.settings, path, redact=redact),
            "source": found.sources[path].source if path in found.sources else "default",
        }
        for path in settings.paths()
    ]
    width = max(len(row["setting"]) for row in rows)
    lines = [f"{row['setting']:<{width}}  {row['value'] or '-'}  ({row['source']})" for row in rows]
    asking.answer(rows, "\n".join(lines), as_json=as_json)


@command.command("example")
def example() -> None:
    """Print a config.yaml with every setting, its default and what it means.

    \b
    Exit codes: 0 done.

    Example: clerk config example > config.yaml
    """
    from clerk import docs

    click.echo(docs.example(), nl=False)
