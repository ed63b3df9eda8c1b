"""What every Storage promises."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk.adapters.storage_local import LocalStorage
from clerk.errors import InvalidInput
from clerk.ports import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return LocalStorage(tmp_path / "root")


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_text("content")
    return path


def stored(storage: Storage, key: str) -> str:
    with storage.local(key) as path:
        return path.read_text()


def test_what_is_put_can_be_read(storage: Storage, upload: Path) -> None:
    storage.put("alder.example/pdfs/ab/x.pdf", upload)

    assert storage.exists("alder.example/pdfs/ab/x.pdf")
    assert stored(storage, "alder.example/pdfs/ab/x.pdf") == "content"


def test_putting_again_replaces(storage: Storage, upload: Path, tmp_path: Path) -> None:
    storage.put("a/x", upload)
    newer = tmp_path / "newer"
    newer.write_text("new")

    storage.put("a/x", newer)

    assert stored(storage, "a/x") == "new"
    assert storage.list("") == ["a/x"]


def test_what_is_absent_is_not_found(storage: Storage, upload: Path) -> None:
    assert not storage.exists("a/b")
    assert storage.list("a/") == []

    storage.put("a/x", upload)
    with pytest.raises(FileNotFoundError, match="a/b"), storage.local("a/b"):
        pass


def test_deleting_twice_is_fine(storage: Storage, upload: Path) -> None:
    storage.put("a/b", upload)

    storage.delete("a/b")
    storage.delete("a/b")

    assert not storage.exists("a/b")


def test_listing_goes_by_the_characters_of_the_prefix(storage: Storage, tmp_path: Path) -> None:
    for key in ["oak/generations/2.db", "oak/generations/10.db", "oak-east/x", "elm/x"]:
        (tmp_path / "upload").write_text(key)
        storage.put(key, tmp_path / "upload")

    assert storage.list("oak/gen") == ["oak/generations/10.db", "oak/generations/2.db"]
    assert storage.list("oak") == ["oak-east/x", "oak/generations/10.db", "oak/generations/2.db"]
    assert len(storage.list("")) == 4


def test_a_folder_is_no_file(storage: Storage, upload: Path) -> None:
    storage.put("a/b", upload)

    assert not storage.exists("a")
    with pytest.raises(FileNotFoundError), storage.local("a"):
        pass


BAD_KEYS = [
    *["", "/etc/passwd", "../x", "a/../x", "a//b", "a/", ".hidden", "a/./b", "a\\b", "C:x"],
    *["nul\0", "line\nbreak", "\u202eltr", "x" * 256, "\ud800"],
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_that_could_lead_elsewhere_are_refused(
    storage: Storage, upload: Path, key: str
) -> None:
    with pytest.raises(InvalidInput, match="storage key"):
        storage.put(key, upload)
    with pytest.raises(InvalidInput):
        storage.exists(key)
    with pytest.raises(InvalidInput):
        storage.delete(key)

    assert upload.read_text() == "content"


@settings(max_examples=50, deadline=None)
@given(key=st.text(st.sampled_from("ab./\\\0 -é"), max_size=12))
def test_no_key_leaves_the_root(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    folder = tmp_path_factory.mktemp("keys")
    (folder / "upload").write_text("content")
    storage = LocalStorage(folder / "root")

    try:
        storage.put(key, folder / "upload")
    except InvalidInput:
        assert [p.name for p in folder.iterdir()] == ["upload"]
    else:
        assert [p.name for p in folder.iterdir()] == ["root"]
        assert storage.list("") == [key]


def test_unfinished_files_are_no_keys(storage: Storage, upload: Path, tmp_path: Path) -> None:
    storage.put("a/x", upload)
    (tmp_path / "root" / "a" / ".x.0123.part").write_text("killed half-way")

    assert storage.list("") == ["a/x"]


def test_files_arrive_from_another_device(tmp_path: Path) -> None:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system at hand")
    upload = shm / f"clerk-test-{tmp_path.name}"
    upload.write_text("far away")
    storage = LocalStorage(tmp_path)

    storage.put("a/x", upload)

    assert stored(storage, "a/x") == "far away"
    assert not upload.exists()
