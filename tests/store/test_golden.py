"""What every command prints, for people and for programs, against files in tests/golden.

One process runs all commands on one fixed history (history.py), in the order below: what changes
something stands after what only looks. After a change that is meant, write the files anew with
`UPDATE_GOLDEN=1 pytest tests/store/test_golden.py` and read the difference.
"""

import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from clerk.settings import Settings, child_environment
from tests.nodes import client_app
from tests.servers import Servers
from tests.shell import Done, Shell
from tests.store import history

GOLDEN = Path(__file__).parents[1] / "golden"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
REDIS_DB = 11

LOOKING = (
    "status",
    "status --subdomain pleasanton",
    "status --subdomain rivergrove.or",
    "status --subdomain nowhere",
    "site list",
    "site show oakland",
    "failed list",
    "failed list --stage ocr --error-like Traceback",
    "failed retry --site rivergrove.or --dry-run",
    "failed list --site nowhere",
    "dlq list",
    "dlq list --site nowhere",
    "dlq show 1",
    "dlq show 99",
    "dlq purge --dry-run",
    "audit",
    "audit --since yesterday",
    "pause",
    "admin stats",
    "admin peek --queue fetch",
    "admin peek --queue deploy",
    "admin peek --queue orc",
    "emergency-stop status",
    "purge pleasanton --dry-run",
    "purge-queue ocr --dry-run",
    "purge-queue orc --dry-run",
    f"cancel {history.READING} --dry-run",
    f"cancel {history.ENDED} --dry-run",
    "cancel nothing --dry-run",
    "cancel oakland --dry-run",
    "cancel rivergrove.or --dry-run",
    "config check",
    "diagnose",
    "recover",
    "reread rivergrove.or --below 50 --ocr-backend tesserract --dry-run",
    "reread rivergrove.or --of 2024-02-05-minuts.pdf --dry-run",
    "reread rivergrove.or --of nothing --dry-run",
    "reread rivergrove.or --of 2024-01-01 --dry-run",
    "pages rivergrove.or",
    "pages rivergrove.or --of 2024-02-05-minuts.pdf",
    "pages rivergrove.or --of 2024-01-01",
    "pages nowhere",
)
"""Each for people, then with --json."""

CHANGING = (
    "enqueue nowhere",
    "enqueue pleasanton --priority high",
    "enqueue rivergrove.or --json",
    "pause orc",
    "pause ocr --reason moving",
    "pause ocr --json",
    "pause",
    "resume ocr",
    "resume ocr --json",
    "emergency-stop on --reason disk",
    "emergency-stop status",
    "emergency-stop status --json",
    "enqueue oakland",
    "failed retry --yes",
    "emergency-stop off",
    "emergency-stop off --json",
    "dlq requeue 4",
    "dlq requeue 1 77",
    "dlq export",
    "dlq purge --site rivergrove.or",
    "dlq purge --site rivergrove.or --yes",
    "dlq purge --yes --json",
    "dlq list",
    "failed list",
    "failed retry --yes",
    f"cancel {history.FETCHING}",
    f"cancel {history.FETCHING} --yes --reason wrong",
    f"cancel {history.FETCHING} --yes",
    "purge pleasanton",
    "purge pleasanton --yes",
    "purge pleasanton --yes --json",
    "purge nowhere --yes",
    "purge-queue fetch",
    "purge-queue fetch --yes",
    "purge-queue fetch --yes --json",
    "status",
    "site add rivergrove.or --name R --fetcher folder --source /srv",
    "site add Bad_Name --fetcher ftp --source x --country ZZ --start-year 20",
    "site add good.or --name G --fetcher listing --source ftp://x --lat 1 -o nonsense -o bodies=3",
    "site edit oakland --name Oakland",
    "site remove oakland",
    "site remove oakland --yes",
    "audit",
    "cancel nothing",
    "purge nowhere",
    "pause ocr --reason moving",
    "enqueue rivergrove.or",
    "emergency-stop on --reason disk",
    "emergency-stop on --reason fire",
    "emergency-stop on --reason flood --json",
    "status",
    "status --json",
    "status --subdomain rivergrove.or",
    "diagnose",
    "site add bad.or --name B --fetcher folder --source /srv --country ZZ -o languages=english",
    "site edit rivergrove.or --fetcher folder --source / -o languages=eng",
    "site add bad.or --name B --fetcher folder --source / -o languages=eng+",
    "site edit rivergrove.or",
    "site edit rivergrove.or --fetcher folder",
)


def name(command: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", command.lower()).strip("-")


def changing_name(number: int) -> str:
    return f"{number:02}-{name(CHANGING[number])}"


def files() -> list[str]:
    return [*map(name, LOOKING), *(changing_name(number) for number in range(len(CHANGING)))]


@pytest.fixture(scope="module")
def shell(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    servers.flush(REDIS_DB)
    servers.flush(REDIS_DB + 1)
    database = servers.new_database()
    folder = tmp_path_factory.mktemp("golden")
    settings = Settings(
        redis_url=servers.redis_url(REDIS_DB),
        database_url=servers.database_url(database),
        storage_dir=folder / "sites",
    )
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        history.write(connection)
    engine.dispose()
    app = client_app(settings)
    history.send(app)
    app.close()
    found = Shell({**child_environment(settings), "LOGNAME": "ana"}, folder)
    yield found
    found.close()
    servers.drop_database(database)


@pytest.fixture(scope="module")
def outputs(shell: Shell) -> dict[str, str]:
    """What every command said."""
    said = {}
    for command in LOOKING:
        words = command.split()
        for_people, for_programs = shell(*words, expect=None), shell(*words, "--json", expect=None)
        said[name(command)] = shown(command, for_people) + shown(f"{command} --json", for_programs)
    for number, command in enumerate(CHANGING):
        done = shell(*command.split(), expect=None)
        said[changing_name(number)] = shown(command, done)
    return said


def shown(command: str, done: Done) -> str:
    parts = [f"$ clerk {command}\n(exit {done.code})", steady(readable(done.stdout))]
    if done.stderr:
        parts.append("--- to the terminal:\n" + steady(done.stderr.strip()))
    return "\n".join(part.rstrip() for part in parts if part.strip()) + "\n\n"


def readable(stdout: str) -> str:
    """JSON on many lines, so that a difference can be read."""
    try:
        return json.dumps(json.loads(stdout), indent=1, ensure_ascii=False)
    except ValueError:
        return stdout


KNOWN_RUNS = {history.READING, history.FETCHING, history.ENDED}
STEADY = (
    (re.compile(r"\b20\d{6}T\d{6}-[0-9a-f]{8}\b"), "(run)"),
    (re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?(\+00:00|Z)?)?"), "(time)"),
    (re.compile(r'"seconds": [\d.]+'), '"seconds": (seconds)'),
    (re.compile(f"(?<=@){re.escape(socket.gethostname())}(?![\\w-])"), "ops1"),
    (re.compile(r"\bfor \d+ s\b"), "for (seconds) s"),
    (re.compile(r"/\S*/golden\d+"), "(folder)"),
)


def steady(said: str) -> str:
    """What differs from one day or machine to the next, made the same."""
    for pattern, instead in STEADY:
        said = pattern.sub(lambda m, i=instead: m[0] if kept(m[0]) else i, said)
    return said


def kept(written: str) -> bool:
    """Of the fixed history."""
    return written in KNOWN_RUNS or written.startswith("2026-01-0")


@pytest.mark.parametrize("which", files())
def test_a_command_says_what_it_said(outputs, which):
    file = GOLDEN / f"{which}.txt"
    if UPDATE:
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(outputs[which])
    assert outputs[which] == file.read_text()


def test_no_file_is_left_of_a_command_that_is_not_run_any_more():
    if UPDATE:
        for file in GOLDEN.glob("*.txt"):
            if file.stem not in files():
                file.unlink()
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(files())
