"""Files by key under one folder: the Storage of a laptop, or of a fleet that shares a mount.

A key is a relative path of plain names; anything else is refused before it touches the disk.
"""

import errno
import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from clerk.errors import InvalidInput, StorageFault
from clerk.files import copy_into, explaining_full_disk, make_durable, replacing


def _plain(part: str) -> bool:
    """Whether `part` may name a file or folder: no `.` in front, no separators, no controls."""
    return (
        0 < len(part.encode(errors="replace")) <= 255  # the limit of common file systems, in bytes
        and not part.startswith(".")
        and not any(c in "\\:" or unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in part)
    )


class LocalStorage:
    """Storage under the folder `root`, which is made when the first file arrives."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, source: Path) -> None:
        """Move `source` to `key`, all at once. `source` is gone afterwards.

        Within one file system this is a rename; across devices a copy beside the target and a
        rename. Raises InvalidInput for a bad key, StorageFull with everything as before.
        """
        target = self._path(key)
        if self._renamed(source, target):
            return
        with replacing(target) as temporary:
            copy_into(source, temporary)
        source.unlink()

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """The path of `key`; raises FileNotFoundError. The file must not be written to.

        Raises StorageFault where the whole folder is gone.
        """
        path = self._path(key)
        if not self._root.is_dir():
            raise StorageFault(f"{self._root} is not there. Mount it, or correct STORAGE_DIR.")
        if not path.is_file():
            raise FileNotFoundError(f"nothing is stored under {key!r}")
        yield path

    def exists(self, key: str) -> bool:
        """Whether a file is stored under `key`."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove `key`; fine if it is not there. Empty folders stay: a `put` may be on its way."""
        self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Sequence[str]:
        """Keys that start with the characters `prefix`, sorted; unfinished files are not keys."""
        folder = prefix.rpartition("/")[0]
        top = self._path(folder) if folder else self._root
        found = (
            Path(where, name).relative_to(self._root).as_posix()
            for where, _, names in os.walk(top)
            for name in names
            if _plain(name)
        )
        return sorted(key for key in found if key.startswith(prefix))

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if not all(map(_plain, parts)):
            raise InvalidInput(
                f"{key!r} is not a storage key: expected relative names joined by `/`"
            )
        return self._root.joinpath(*parts)

    @staticmethod
    def _renamed(source: Path, target: Path) -> bool:
        """Rename if both are on one file system; only trying tells: bind mounts share devices."""
        with explaining_full_disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            make_durable(source)
            try:
                source.replace(target)
            except OSError as error:
                if error.errno == errno.EXDEV:
                    return False
                raise
            make_durable(target.parent)
        return True
