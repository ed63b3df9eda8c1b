"""The units in ops/systemd: what they start, how they stop, and what systemd says of them."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clerk import worker

UNITS = Path(__file__).parents[2] / "ops/systemd"
ANALYZE = shutil.which("systemd-analyze")
LEAST_SAFE = 50
"""Of systemd's own measure of exposure, in tenths: `OK` begins below it."""


def unit(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign] # keys keep their case
    parsed.read_string((UNITS / name).read_text())
    return parsed


@pytest.mark.parametrize("queue", worker.QUEUES)
def test_each_queue_has_a_unit_that_stops_softly(queue: str):
    service = unit(f"clerk-worker-{queue}@.service")["Service"]

    program, *words = service["ExecStart"].split()
    assert program == "/opt/clerk/bin/clerk"
    assert words == ["worker", queue, "--name", "%i"]
    environment = dict(pair.split("=") for pair in service["Environment"].split())
    assert environment == worker.SIGNALS
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) > 30
    assert (service["Restart"], service["RestartSec"]) == ("always", "10")


def test_units_of_workers_differ_in_their_queue_alone():
    texts = set()
    for queue in worker.QUEUES:
        lines = (UNITS / f"clerk-worker-{queue}@.service").read_text().splitlines()
        kept = [line for line in lines if not line.startswith(("Description=", "#"))]
        texts.add("\n".join(kept).replace(f"worker {queue}", "worker QUEUE"))
    assert len(texts) == 1


def test_what_the_units_start_is_understood():
    words = unit("clerk-worker-ocr@.service")["Service"]["ExecStart"].replace("%i", "1").split()
    command = [sys.executable, "-m", "clerk", *words[1:], "--help"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze on this machine")
def test_systemd_accepts_the_units_without_a_word_and_finds_them_confined(tmp_path: Path):
    assert ANALYZE
    for path in UNITS.iterdir():
        name = path.name.replace("@.", "@1.")
        text = path.read_text()
        for program in ("clerk", "celery"):
            text = text.replace(f"/opt/clerk/bin/{program} ", f"{sys.executable} ")
        (tmp_path / name).write_text(text)
        verified = _analyze("verify", str(tmp_path / name))
        assert (verified.returncode, verified.stderr, verified.stdout) == (0, "", ""), name
        confined = _analyze(
            "security", "--offline=true", f"--threshold={LEAST_SAFE}", str(tmp_path / name)
        )
        assert confined.returncode == 0, confined.stdout


def _analyze(*words: str) -> "subprocess.CompletedProcess[str]":
    assert ANALYZE
    return subprocess.run([ANALYZE, *words], capture_output=True, text=True, check=False)
