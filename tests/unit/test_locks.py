"""File locks between processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from clerk.adapters.locks import file_lock
from clerk.errors import Busy

_HOLD = """
import sys, time
from pathlib import Path
from clerk.adapters.locks import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_held_elsewhere_is_busy_and_a_killed_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match=r"x\.lock"), file_lock(path, timeout=0.1):
            pass
    finally:
        holder.kill()
        holder.communicate()

    with file_lock(path, timeout=10):
        assert path.exists()
