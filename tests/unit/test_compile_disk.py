"""Compiling when the disk is full or the process is killed: yesterday's file keeps serving."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clerk.files import PARTIAL

# A child process: limits and kills must not reach the test run.
_COMPILE = """
import resource, sys
from pathlib import Path
from clerk.errors import StorageFull
from clerk.stages.compile import compile_site
from tests.documents import document, generation

def documents(count):
    for number in range(count):
        pages = (f"{number} {page} " + "word " * 400 for page in range(20))
        yield document(*pages, name=str(number))
        if number == 20:
            print("under way", flush=True)

target, room = Path(sys.argv[1]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
try:
    compile_site(target, None, generation(), documents(int(sys.argv[2])), ())
except StorageFull as error:
    print(f"StorageFull: {error}")
"""


def start(target: Path, count: int, room: int = -1) -> subprocess.Popen[str]:
    """Compile `count` documents in a child whose files may grow to `room` bytes (-1: no limit)."""
    return subprocess.Popen(
        [sys.executable, "-c", _COMPILE, str(target), str(count), str(room)],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("room", [0, 100_000, 1_500_000])
def test_a_full_disk_is_named_and_yesterdays_file_stays(tmp_path: Path, room: int) -> None:
    target = tmp_path / "meetings.db"
    target.write_text("yesterday")

    with start(target, 60, room) as child:
        output, _ = child.communicate(timeout=60)

    assert f"StorageFull: no room to write {target}" in output
    assert child.returncode == 0
    assert target.read_text() == "yesterday"
    assert [p.name for p in tmp_path.iterdir()] == ["meetings.db"]


def test_killed_half_way_yesterdays_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"
    target.write_text("yesterday")

    with start(target, 1_000_000) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "under way\n"
        child.send_signal(signal.SIGKILL)

    assert target.read_text() == "yesterday"
    left = [p.name for p in tmp_path.iterdir() if p != target]
    assert len(left) == 1
    assert left[0].startswith(".")
    assert left[0].endswith(PARTIAL)
