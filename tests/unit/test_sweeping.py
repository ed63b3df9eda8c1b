"""What a killed process leaves behind goes; what a living one is writing stays."""

import os
import subprocess
import sys
from pathlib import Path

from clerk import files
from clerk.adapters import scratch
from clerk.housekeeping import sweep_files


def ended_pid() -> int:
    """The id of a process that has just gone."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_folders_of_killed_processes_go(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = scratch.root() / f"{ended_pid()}-left"
    left.mkdir()
    with scratch.folder() as mine:
        assert scratch.sweep() == 1
        assert mine.is_dir()
    assert not left.exists()


def test_half_written_files_of_killed_processes_go(tmp_path: Path):
    mine = files.temporary_beside(tmp_path / "meetings.db")
    theirs = mine.with_name(mine.name.replace(f"-{os.getpid()}-", f"-{ended_pid()}-"))
    for path in (mine, theirs):
        path.write_bytes(b"half")

    assert sweep_files(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == [mine.name]
