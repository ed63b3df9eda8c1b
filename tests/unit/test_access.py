"""Roles: who may change things, and that no command forgets to ask."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner, Result

from clerk import access, settings
from clerk.cli import cli
from clerk.errors import Forbidden
from clerk.settings import Access

LOOKING = {
    "admin peek",
    "admin stats",
    "audit",
    "config check",
    "config example",
    "config show",
    "db current",
    "db history",
    "diagnose",
    "dlq export",
    "dlq list",
    "dlq show",
    "emergency-stop status",
    "failed list",
    "pages",
    "search",
    "site list",
    "site show",
    "status",
    # They serve, and change nothing by themselves.
    "up",
    "worker",
}
"""Commands that every role may use."""

WORDS = {
    "cancel": "RUN --yes",
    "db downgrade": "base --yes",
    "deploy": "town",
    "dlq import": "FILE",
    "dlq purge": "--yes",
    "dlq requeue": "1",
    "emergency-stop on": "--reason fire",
    "enqueue": "town",
    "failed retry": "--yes",
    "pause": "ocr",
    "purge": "town --yes",
    "purge-queue": "ocr --yes",
    "reread": "town --below 5 --yes",
    "resume": "ocr",
    "site add": "town",
    "site edit": "town",
    "site remove": "town --yes",
    "admin adopt-storage": "--yes",
}
"""What a command needs to be understood, where it needs anything."""


def _all(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from _all(below, (*path, name))


CHANGING = sorted(set(_all(cli)) - LOOKING)


@pytest.fixture
def run(tmp_path, monkeypatch) -> Iterator:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("")

    def command(words: str, **env: str) -> Result:
        settings.loaded.cache_clear()
        # Nobody listens there: a command that asked too late would fail otherwise.
        away = {"REDIS_URL": "redis://127.0.0.1:1/0", "DATABASE_URL": "postgresql://127.0.0.1:1/c"}
        return CliRunner(env={**away, **env}).invoke(cli, words.split())

    yield command
    settings.loaded.cache_clear()


@pytest.mark.parametrize("command", CHANGING)
def test_a_viewer_changes_nothing(run, command):
    done = run(f"{command} {WORDS.get(command, '')}", CLERK_ROLE="viewer")

    assert isinstance(done.exception, Forbidden), (done.exception, done.output)
    assert done.exception.exit_code == 3
    assert "The role viewer may not do this" in str(done.exception)
    assert "Nothing was changed" in str(done.exception)


@pytest.mark.parametrize("command", CHANGING)
def test_the_help_of_what_a_viewer_may_not_do_names_the_exit_code(run, command):
    group = command.rpartition(" ")[0]
    said = [run(f"{words} --help").output for words in {command, group}]

    assert "3 your role may not" in " ".join(" ".join(said).split())


def test_a_token_decides_where_there_are_tokens(run):
    roles = {"CLERK_ACCESS__TOKENS": "viewer=look-look-look-look,admin=much-much-much-much"}
    for token, what in [
        ({}, "role viewer"),
        ({"CLERK_TOKEN": "look-look-look-look"}, "role viewer"),
        ({"CLERK_TOKEN": "nobody-nobody-nobody"}, "none of those"),
        # A role that is claimed counts for nothing then.
        ({"CLERK_ROLE": "admin"}, "role viewer"),
    ]:
        done = run("dlq purge --yes", **roles, **token)
        assert isinstance(done.exception, Forbidden)
        assert what in str(done.exception)
        assert "much-much" not in str(done.exception)
    done = run("dlq purge --yes", **roles, CLERK_TOKEN="much-much-much-much")
    assert not isinstance(done.exception, Forbidden)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("operator", "emergency:stop", "queue:purge"),
        ("maintainer", "queue:purge", "admin:dlq"),
        ("admin", "admin:dlq", None),
    ],
)
def test_each_role_may_more_than_the_one_before(role, may, may_not):
    assert access.require(Access(role=role), may) == role
    if may_not:
        with pytest.raises(Forbidden, match=f"{may_not} takes the role"):
            access.require(Access(role=role), may_not)


def test_every_scope_is_asked_for_by_a_role_that_exists():
    assert set(access.SCOPES.values()) <= set(access.ROLES)
