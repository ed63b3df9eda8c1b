"""`clerk worker` without a queue: what other systems' settings mean by it."""

import os

import pytest
from click.testing import CliRunner

from clerk import settings
from clerk.cli import admin_form, cli


@pytest.fixture
def started(tmp_path, monkeypatch):
    """What `clerk worker` would become."""
    found: list[list[str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "execvpe", lambda _file, argv, _env: found.append(argv))

    def command(*words: str, **env: str) -> list[str]:
        settings.loaded.cache_clear()
        result = CliRunner(env=env).invoke(cli, ["worker", *words])
        settings.loaded.cache_clear()
        assert result.exit_code == 0, result.output
        return found[-1]

    return command


@pytest.mark.parametrize(
    ("names", "queues"),
    [
        ("ocr", "high,ocr"),
        ("high,deploy,fetch", "high,fetch,deploy"),
        ("high,default", "high,fetch,ocr,extraction,deploy"),
        ("high", "high,fetch,ocr,extraction,deploy"),
    ],
)
def test_the_configured_queues_are_listened_to_after_high(started, names, queues):
    argv = started(RQ_QUEUE_NAMES=names, RQ_WORKER_NAME="blue", WORKER_CONCURRENCY="2")
    assert argv[argv.index("-Q") + 1] == queues
    assert argv[argv.index("-n") + 1].endswith("@%h-blue")
    count = len(queues.split(",")) - 1
    assert argv[argv.index("-c") + 1] == str(2 * count)


def test_a_queue_that_is_given_wins_over_the_configured_ones(started):
    argv = started("ocr", "-n", "4", RQ_QUEUE_NAMES="deploy")
    assert (argv[argv.index("-Q") + 1], argv[argv.index("-c") + 1]) == ("high,ocr", "4")


def test_a_process_is_replaced_after_so_many_jobs_where_that_is_asked_for(started):
    argv = started("ocr", "--max-jobs", "3")
    assert argv[argv.index("--max-tasks-per-child") + 1] == "3"
    assert "--max-tasks-per-child" not in started("ocr")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("--role=admin --admin-cmd=stats", "admin stats"),
        ("--role=admin --admin-cmd=peek --queue=high --n=20", "admin peek --queue=high --n=20"),
        ("--role=admin --admin-cmd=purge-dlq --dry-run", "dlq purge --dry-run"),
        ("--role=admin --admin-cmd=stats --config=c.yaml", "--config=c.yaml admin stats"),
        (
            "--role=admin --admin-cmd=purge-dlq --yes --config c.yaml",
            "--config c.yaml dlq purge --yes",
        ),
        ("status --json", "status --json"),
    ],
)
def test_the_spelling_of_another_system_reaches_the_same_commands(written, meant):
    assert admin_form(written.split()) == meant.split()
