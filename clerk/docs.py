"""The reference tables of the documentation: code in, Markdown between markers out.

`python -m clerk.docs` (in a checkout) rewrites what stands between `<!-- generated: NAME -->` and
`<!-- end -->` in docs/cli.md and docs/settings.md; everything else there is written by hand. A test
fails where the tables are not current.
"""

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from clerk import errors, settings
from clerk.cli import COMMANDS, cli
from clerk.files import replacing

_BLOCK = re.compile(
    r"(?P<start><!-- generated: (?P<name>[a-z-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


# -- commands --------------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its usage, its sentence and its options."""
    top = click.Context(cli, info_name="clerk")
    found = ((name, cli.get_command(top, name)) for name in sorted(COMMANDS))
    return "\n".join(
        section for name, command in found if command for section in _sections(name, command, top)
    )


def _sections(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            below = command.get_command(context, inner)
            if below is not None:
                yield from _sections(inner, below, context)
        return
    pieces = " ".join(command.collect_usage_pieces(context))
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    yield f"### `{context.command_path}`\n\n```\n{context.command_path} {pieces}\n```\n\n{text}\n"
    options = [_option(option, context) for option in command.get_params(context)]
    rows = [row for row in options if row and "--help" not in row]
    if rows:
        yield "\n".join(["| option | |", "|---|---|", *rows, ""])


def _option(option: click.Parameter, context: click.Context) -> str:
    record = option.get_help_record(context)
    if record is None:
        return ""
    names, text = (part.replace("|", "\\|") for part in record)
    return f"| `{names}` | {text} |"


def exit_codes() -> str:
    """Exit code -> the errors that have it, with their sentences."""
    by_code: dict[int, list[str]] = {}
    for error in _tree(errors.ClerkError):
        sentence = (error.__doc__ or "").strip().splitlines()[0]
        by_code.setdefault(error.exit_code, []).append(f"{error.__name__}: {sentence}")
    rows = [f"| {code} | {'<br>'.join(found)} |" for code, found in sorted(by_code.items())]
    return "\n".join(["| exit code | errors |", "|---|---|", *rows])


def _tree(error: type[errors.ClerkError]) -> Iterator[type[errors.ClerkError]]:
    yield error
    for below in error.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from _tree(below)


# -- settings --------------------------------------------------------------------------------------


def setting_tables() -> str:
    """A table for each group of settings: path, names in the environment, default, meaning."""
    meanings = _attribute_docstrings(inspect.getsource(settings))
    names: dict[str, list[str]] = {}
    for name, path in settings.environment_names().items():
        names.setdefault(path, []).append(name)
    sections = []
    for group, model in _groups():
        rows = []
        for field, info in _leaves(model):
            path = f"{group}.{field}" if group else field
            spelt = "<br>".join(f"`{name}`" for name in sorted(names[path], key=_short_first))
            meaning = meanings.get((model.__name__, field), "")
            rows.append(f"| `{path}` | {spelt} | {_default(info)} | {meaning}{_bounds(info)} |")
        title = f"### `{group}`\n\n{(model.__doc__ or '').strip()}\n" if group else "### General\n"
        head = ["| setting | in the environment | default | meaning |", "|---|---|---|---|"]
        sections.append("\n".join([title, *head, *rows, ""]))
    return "\n".join(sections)


def example() -> str:
    """A config.yaml in which every setting stands with its default, commented out."""
    meanings = _attribute_docstrings(inspect.getsource(settings))
    lines = ["# Settings of clerk. Remove the `#` in front of what you change.", ""]
    for group, model in _groups():
        indent = "  " if group else ""
        if group:
            lines += ["", f"# {(model.__doc__ or '').strip()}", f"#{group}:"]
        for field, info in _leaves(model):
            comment = _example_comment(meanings, model, field, info)
            lines += [f"#{indent}# {line}" if group else f"# {line}" for line in comment]
            lines.append(f"#{indent}{field}: {_example_value(info)}")
    return "\n".join([*lines, ""])


def _example_comment(
    meanings: dict[tuple[str, str], str], model: type[BaseModel], field: str, info: FieldInfo
) -> list[str]:
    return textwrap.wrap(meanings.get((model.__name__, field), "") + _bounds(info), width=90)


def _example_value(info: FieldInfo) -> str:
    if info.default_factory is not None:
        return "1"  # the file must not depend on the machine that printed it
    value = info.default
    if value is None:
        return "null"
    return json.dumps(str(value)) if isinstance(value, str | Path) else _written(value)


def _short_first(name: str) -> tuple[bool, str]:
    return name.startswith("CLERK_"), name


def _groups() -> Iterator[tuple[str, type[BaseModel]]]:
    yield "", settings.Settings
    for name, info in settings.Settings.model_fields.items():
        if _is_group(info):
            yield name, _class(info)


def _leaves(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    return ((name, info) for name, info in model.model_fields.items() if not _is_group(info))


def _class(info: FieldInfo) -> Any:
    return info.annotation


def _is_group(info: FieldInfo) -> bool:
    return isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)


def _default(info: FieldInfo) -> str:
    value = info.default
    if info.default_factory is not None:
        return "(this machine's)"
    if value is None:
        return "(derived)"
    return f"`{_written(value)}`"


def _written(value: object) -> str:
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        parts = [(hours, "h"), (minutes, "m"), (seconds % 60, "s")]
        return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _bounds(info: FieldInfo) -> str:
    """What is accepted, where the type alone does not say it."""
    if get_origin(info.annotation) is Literal:
        return " One of " + ", ".join(f"`{value}`" for value in get_args(info.annotation)) + "."
    low = next((limit.ge for limit in info.metadata if hasattr(limit, "ge")), None)
    high = next((limit.le for limit in info.metadata if hasattr(limit, "le")), None)
    if low is None:
        return ""
    return f" From {low} to {high}." if high is not None else f" At least {low}."


def _attribute_docstrings(source: str) -> dict[tuple[str, str], str]:
    """(class, attribute) -> the string that stands below the attribute."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ClassDef):
            continue
        for field, after in zip(node.body, node.body[1:], strict=False):
            match field, after:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[node.name, name] = " ".join(text.split())
    return found


# -- pages -----------------------------------------------------------------------------------------

BLOCKS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "exit-codes": exit_codes,
    "settings": setting_tables,
}
PAGES = ("cli.md", "settings.md")


def current(page: str) -> str:
    """`page` with every generated block as the code has it now. Raises KeyError: unknown block."""

    def block(match: re.Match[str]) -> str:
        body = BLOCKS[match["name"]]().strip()
        return f"{match['start']}{body}\n{match['end']}"

    return _BLOCK.sub(block, page)


def main(folder: Path) -> None:
    """Bring the pages in `folder` up to date."""
    for name in PAGES:
        path = folder / name
        page = path.read_text(encoding="utf-8")
        with replacing(path) as temporary:
            temporary.write_text(current(page), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
