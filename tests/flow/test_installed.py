"""What strangers start: workers from an installed wheel, and the Compose file's own commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clerk import __version__
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
def addresses(redis_url, database_url, tmp_path):
    return {
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "STORAGE_DIR": str(tmp_path / "sites"),
        "REMAP_SIGTERM": "SIGQUIT",
    }


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


def test_flower_from_the_wheel_starts(installed, tmp_path):
    shown = installed.run("celery", "-A", "clerk", "--help", cwd=tmp_path)
    assert "flower" not in shown.stdout  # it is an extra
    shown = subprocess.run(
        [BIN / "celery", "-A", "clerk", "flower", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "monitoring" in shown.stdout


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
