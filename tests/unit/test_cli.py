"""What a person at the command line meets first: quick help, near misses, servers that are away."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import pytest
from click.testing import CliRunner
from redis import Redis

from clerk.cli import COMMANDS, cli

HEAVY = ("celery", "kombu", "sqlalchemy", "pydantic", "redis", "httpx", "rich", "alembic")


# -- help --------------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(argument, tmp_path):
    program = (
        "import sys\n"
        "from clerk.cli import main\n"
        "try: main([sys.argv[1]])\n"
        "finally: print([m for m in sys.argv[2:] if m in sys.modules], file=sys.stderr)\n"
    )
    argv = [sys.executable, "-c", program, argument, *HEAVY]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_help_lists_every_command_and_keeps_its_lines():
    argv = [sys.executable, "-m", "clerk", "--help"]
    shown = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = shown.stdout.splitlines()
    for name, sentence in COMMANDS.items():
        assert any(line.split(maxsplit=1) == [name, sentence] for line in lines)
    assert any(line.strip().startswith("clerk up ") for line in lines)
    assert not any("\\b" in line for line in lines)


def test_without_a_command_help_is_shown():
    assert "Commands:" in CliRunner().invoke(cli, []).output


def _all(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from _all(below, (*path, name))


def test_every_command_has_readable_help():
    paths = list(_all(cli, ()))
    assert len(paths) > len(COMMANDS)
    for path in paths:
        shown = CliRunner().invoke(cli, [*path, "--help"], prog_name="clerk")
        assert shown.exit_code == 0, shown.output
        assert " ".join(["Usage: clerk", *path]) in shown.output
        assert "\\b" not in shown.output
        # Something about what it does stands between usage and options.
        assert shown.output.split("\n\n")[1].startswith("  ")
        assert not shown.output.split("\n\n")[1].startswith("  -")


# -- near misses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"), [("staus", "status"), ("sites", "site"), ("workers", "worker")]
)
def test_a_mistyped_command_names_the_near_one(typed, meant):
    said = CliRunner().invoke(cli, [typed])
    assert said.exit_code == 2
    assert f"No such command {typed!r}. Did you mean " in said.output
    assert meant in said.output


def test_a_command_that_is_near_nothing_is_refused_plainly():
    said = CliRunner().invoke(cli, ["xyzzy"])
    assert said.exit_code == 2
    assert "Did you mean" not in said.output


def test_wrong_settings_are_told_before_anything_is_started(forge, tmp_path):
    wrong = {"OCR_WORKERS": "many", "CLERK_OCR__DPI": "9"}
    said = forge("status", env=wrong, folder=tmp_path)
    assert said.code == 2
    assert "workers.ocr" in said.stderr
    assert "ocr.dpi" in said.stderr
    assert "Traceback" not in said.stderr


# -- completion --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("clerk emer", "emergency-stop"),
        ("clerk dlq im", "import"),
        ("clerk purge --dr", "--dry-run"),
        ("clerk worker ex", "extraction"),
    ],
)
def test_a_shell_completes_commands_options_and_choices(typed, offered):
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    completing = CliRunner(env={"_CLERK_COMPLETE": "bash_complete", **words})
    assert completing.invoke(cli, [], prog_name="clerk").output.splitlines() == [f"plain,{offered}"]


# -- work that is switched off -----------------------------------------------------------------


def test_with_the_queue_switched_off_new_work_is_refused_and_nothing_is_dropped_in_silence(
    forge, database_url, redis_url, tmp_path
):
    at = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "FEATURES_T1_QUEUE": "false"}
    said = forge("enqueue", "alder.or", env=at, folder=tmp_path)
    assert (said.code, said.stdout) == (75, "")
    assert "Set FEATURES_T1_QUEUE=true" in said.stderr
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


# -- servers that are away ---------------------------------------------------------------------


@contextmanager
def _refusing() -> Iterator[int]:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def _silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


def _away(port: int) -> dict[str, str]:
    return {
        "REDIS_URL": f"redis://:hunter2@127.0.0.1:{port}/0",
        "DATABASE_URL": f"postgresql://me:hunter3@127.0.0.1:{port}/clerk",
    }


@pytest.mark.parametrize(
    ("server", "argv", "name", "code"),
    [
        (_refusing, ("enqueue", "alder.or"), "Redis", 68),
        (_refusing, ("up", "--state", "state"), "Redis", 68),
        (_refusing, ("site", "list"), "Postgres", 69),
        (_refusing, ("db", "upgrade"), "Postgres", 69),
        # Promised within 5 s: the limits on connecting are 3 s, starting Python takes one or two.
        (_silent, ("enqueue", "alder.or"), "Redis", 68),
        (_silent, ("site", "list"), "Postgres", 69),
    ],
)
def test_an_unreachable_server_is_named_without_its_password(
    forge, server, argv, name, code, tmp_path
):
    with server() as port:
        said = forge(*argv, env=_away(port), folder=tmp_path)
    assert said.code == code
    assert f"{name} at " in said.stderr
    assert f"127.0.0.1:{port}" in said.stderr
    assert "hunter" not in said.stderr + said.stdout
    assert "Traceback" not in said.stderr


def test_a_database_that_was_not_migrated_is_told_with_the_remedy(
    forge, empty_database_url, redis_url, tmp_path
):
    at = {"DATABASE_URL": empty_database_url, "REDIS_URL": redis_url}
    said = forge("enqueue", "alder.or", env=at, folder=tmp_path)
    assert said.code == 78
    assert "Run `clerk db upgrade`" in said.stderr


def test_an_unknown_site_is_refused_before_anything_is_started(
    forge, database_url, redis_url, tmp_path
):
    at = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    said = forge("enqueue", "nowhere.or", env=at, folder=tmp_path)
    assert said.code == 2
    assert "nowhere.or" in said.stderr
    asked = forge("status", "--subdomain", "nowhere.or", env=at, folder=tmp_path)
    assert asked.code == 2
    assert "(none)" in forge("status", env=at, folder=tmp_path).stdout
