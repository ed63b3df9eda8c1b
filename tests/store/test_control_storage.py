"""Two workers that do not see the same files: the second does not start."""

import pytest

from clerk import storage_mark
from clerk.errors import InvalidSettings
from clerk.settings import Settings
from clerk.wiring import Services


@pytest.fixture
def host(redis_url, database_url, tmp_path):
    made = []

    def on(folder: str) -> Services:
        settings = Settings(
            redis_url=redis_url, database_url=database_url, storage_dir=tmp_path / folder
        )
        made.append(Services(settings))
        return made[-1]

    yield on
    for each in made:
        each.close()


def test_hosts_that_share_a_folder_both_start(host):
    storage_mark.require(host("shared"))
    storage_mark.require(host("shared"))


def test_a_host_with_a_folder_of_its_own_is_refused_with_the_remedy(host):
    storage_mark.require(host("shared"))
    with pytest.raises(InvalidSettings, match="has no mark") as found:
        storage_mark.require(host("elsewhere"))
    assert "mount the shared folder" in str(found.value)
    assert "clerk admin adopt-storage" in str(found.value)


def test_the_folder_of_another_installation_is_refused(host, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / storage_mark.KEY).write_text("somebody else's\n")
    storage_mark.require(host("shared"))
    with pytest.raises(InvalidSettings, match="another installation's mark"):
        storage_mark.require(host("theirs"))


def test_a_folder_that_was_moved_can_be_adopted(host):
    storage_mark.require(host("shared"))
    moved = host("moved")
    storage_mark.adopt(moved)
    storage_mark.require(moved)
    with pytest.raises(InvalidSettings):
        storage_mark.require(host("shared"))
