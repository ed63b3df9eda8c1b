"""Files that appear all at once, or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clerk.files import (
    alive,
    copy_into,
    link_or_copy,
    looks_copied,
    replacing,
    same_file,
    try_writing,
)


def test_readers_see_the_old_file_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"
    with replacing(target) as temporary:
        temporary.write_text("old")

    with replacing(target) as temporary:
        temporary.write_text("half of the n")
        assert target.read_text() == "old"
        temporary.write_text("new")

    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_an_exception_keeps_the_old_file_and_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")

    def interrupted() -> None:
        with replacing(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_names_at_the_limit_of_the_file_system_work(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)

    with replacing(target) as temporary:
        temporary.write_text("x")

    assert target.read_text() == "x"


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_copies_are_equal_and_shorten_what_was_there(tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(bytes(range(256)) * (size // 256) + b"e" * (size % 256))
    target.write_bytes(b"longer" * 1_000_000)

    copy_into(source, target)

    assert target.read_bytes() == source.read_bytes()


def test_links_replace_whatever_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("new")
    target.write_text("old")

    link_or_copy(source, target)
    link_or_copy(source, target)

    assert target.read_text() == "new"
    assert same_file(source, target)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source", "target"]


def test_linking_to_another_device_copies(tmp_path: Path) -> None:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system at hand")
    source = shm / f"clerk-test-{tmp_path.name}"
    source.write_text("far away")
    try:
        link_or_copy(source, tmp_path / "target")
        assert looks_copied(source, tmp_path / "target")
    finally:
        source.unlink()

    assert (tmp_path / "target").read_text() == "far away"


def test_linking_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        link_or_copy(tmp_path / "nothing", tmp_path / "target")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it counts as alive until reaped")
def test_a_killed_process_is_not_alive_before_its_parent_has_asked_for_its_exit_code() -> None:
    process = subprocess.Popen(["sleep", "60"])
    assert alive(process.pid)

    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert not alive(process.pid)
    process.wait()
    assert not alive(process.pid)


def test_whether_a_folder_can_be_written_is_tried_and_nothing_stays(tmp_path: Path) -> None:
    try_writing(tmp_path / "still" / "to" / "be made")
    try_writing(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    for wrong in (
        tmp_path / "file",
        tmp_path / "file" / "below",
        tmp_path / "lost",
        Path("/proc/x"),
    ):
        with pytest.raises(OSError, match=r"\w"):
            try_writing(wrong)
