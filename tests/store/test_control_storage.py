"""Two workers that do not see the same files: the second does not start."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url

from clerk import storage_mark, worker
from clerk.errors import BreakerOpen, InvalidSettings, StorageFault
from clerk.settings import Settings, child_environment
from clerk.wiring import Services
from tests.chaos.proxy import Proxy
from tests.servers import eventually


@pytest.fixture
def host(redis_url, database_url, tmp_path):
    made = []

    def on(folder: str, database: str = database_url) -> Services:
        settings = Settings(
            redis_url=redis_url, database_url=database, storage_dir=tmp_path / folder
        )
        made.append(Services(settings))
        return made[-1]

    yield on
    for each in made:
        each.close()


def test_hosts_that_share_a_folder_both_start(host):
    storage_mark.require(host("shared"))
    storage_mark.require(host("shared"))


def test_a_host_with_a_folder_of_its_own_is_refused_with_the_remedy(host, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    storage_mark.require(host("shared"))
    with pytest.raises(InvalidSettings, match="has no mark") as found:
        storage_mark.require(host("elsewhere"))
    assert "mount the shared folder" in str(found.value)
    assert "clerk admin adopt-storage" in str(found.value)


def test_a_worker_process_with_a_folder_of_its_own_does_not_start(host, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    storage_mark.require(host("shared"))
    argv, more = worker.worker_command("ocr", 1)
    env = {**os.environ, **child_environment(host("elsewhere").settings), **more}

    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == InvalidSettings.exit_code
    assert "clerk admin adopt-storage" in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def started(at: Services) -> Iterator[subprocess.Popen[str]]:
    """A worker's process that cannot reach Postgres, and has said so."""
    argv, more = worker.worker_command("ocr", 1)
    env = {**os.environ, **child_environment(at.settings), **more}
    with subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            while "waiting: " not in (line := process.stderr.readline()):
                assert line, "it ended"
            yield process
        finally:
            process.kill()


def test_a_worker_waits_for_postgres_before_it_begins(host, database_url):
    address = make_url(database_url)
    proxy = Proxy(address.port)
    proxy.pause()
    away = address.set(port=proxy.port).render_as_string(hide_password=False)
    here = host("shared", away)
    with started(here) as process:
        proxy.resume()
        mark = here.settings.storage_dir / storage_mark.KEY
        assert eventually(mark.exists, 30)
        assert storage_mark.problem(here) == ""
        assert process.poll() is None
    proxy.close()


def test_a_worker_that_waits_for_postgres_can_be_stopped(host, database_url):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = make_url(database_url).set(port=nobody.getsockname()[1])
        with started(host("shared", address.render_as_string(hide_password=False))) as process:
            process.terminate()
            assert process.wait(10) == -signal.SIGTERM


def test_the_folder_of_another_installation_is_refused(host, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / storage_mark.KEY).write_text("somebody else's\n")
    storage_mark.require(host("shared"))
    with pytest.raises(InvalidSettings, match="another installation's mark"):
        storage_mark.require(host("theirs"))


def test_a_host_without_the_folder_is_refused(host):
    storage_mark.require(host("shared"))
    with pytest.raises(InvalidSettings, match=r"elsewhere is not there. Mount it"):
        storage_mark.require(host("elsewhere"))


def test_what_other_workers_met_keeps_nobody_from_starting(host):
    here = host("shared")
    storage_mark.require(here)
    for _ in range(here.settings.circuit_breaker.min_samples):
        guard = here.breakers.guard("storage", (StorageFault,), here=True)
        with pytest.raises(StorageFault), guard:
            raise StorageFault("their share is not mounted")

    storage_mark.require(here)

    with pytest.raises(BreakerOpen, match=r"storage of .* keeps failing"):
        storage_mark.problem(here)


def test_a_folder_that_was_moved_can_be_adopted(host):
    storage_mark.require(host("shared"))
    moved = host("moved")
    storage_mark.adopt(moved)
    storage_mark.require(moved)
    with pytest.raises(InvalidSettings):
        storage_mark.require(host("shared"))
