"""Real servers for tests: one Valkey and one Postgres a session, a fresh database a test."""

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from psycopg.conninfo import conninfo_to_dict

from clerk.adapters.embedded import DATABASE, Server, start_postgres, start_valkey
from clerk.files import alive
from clerk.store import schema

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""A test's data need not survive a power cut."""

_PREFIX = "clerk-test-"
"""Of a temporary folder's name; the process that made it follows."""

UNIT_DB = 10
"""Redis database of `redis_url`; flow tests use others, so flushing it disturbs nobody."""


@dataclass
class Servers:
    """What a session shares. Databases are cloned from a template that was migrated once."""

    valkey: Server
    postgres: Server
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def redis_url(self, database: int) -> str:
        return self.valkey.url.rpartition("/")[0] + f"/{database}"

    def flush(self, database: int) -> None:
        with redis.Redis.from_url(self.redis_url(database)) as client:
            client.flushdb()

    def database_url(self, name: str) -> str:
        """As clerk's settings spell it (the driver is named)."""
        return self.plain_url(name).replace("postgresql://", "postgresql+psycopg://", 1)

    def plain_url(self, name: str) -> str:
        """As psycopg itself wants it."""
        return self.postgres.url.rpartition("/")[0] + f"/{name}"

    def migrate_template(self) -> None:
        self.execute("create database template_clerk")
        schema.upgrade(self.database_url("template_clerk"))

    def quicken_logins(self) -> None:
        """Hash the password once and not 4096 times: that is most of what a connection costs."""
        made = conninfo_to_dict(self.postgres.url)["password"]
        self.execute(f"set scram_iterations = 1; alter role {DATABASE} password '{made}'")

    def new_database(self, *, migrated: bool = True) -> str:
        """Create a database of its own; answers its name."""
        name = f"test_{next(self._numbers)}"
        template = "template_clerk" if migrated else "template0"
        # Copying files costs half of what writing every page to the log does, fsync being off.
        self.execute(f"create database {name} template {template} strategy file_copy")
        return name

    def drop_database(self, name: str) -> None:
        self.execute(f"drop database if exists {name} with (force)")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running() -> Iterator[Servers]:
    """Both servers in a folder of their own that is gone afterwards."""
    _sweep()
    with folder() as place:
        postgres = start_postgres(place / "postgres", options=QUICK)
        try:
            valkey = start_valkey(place / "valkey")
        except BaseException:
            postgres.kill()
            raise
        try:
            found = Servers(valkey, postgres)
            found.quicken_logins()
            yield found
        finally:
            valkey.kill()
            postgres.kill()


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that other users may pass through (pytest's own may not).

    It is gone afterwards, or the test fails: something that it started lives on and writes there.
    """
    place = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        # A Postgres whose starter was killed writes its last files while it leaves.
        assert eventually(lambda: _removed(place), 20), f"somebody still writes in {place}"


def _sweep() -> None:
    """Remove the folders of test runs that were killed."""
    for place in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = place.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not alive(int(pid)):
            shutil.rmtree(place, ignore_errors=True)


def _removed(place: Path) -> bool:
    shutil.rmtree(place, ignore_errors=True)
    return not place.exists()


def eventually(check: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether `check` comes true in time; asks often, and rests for longer than the asking takes.

    A command asked without rest takes the processor from the workers that it waits for.
    """
    asked = time.monotonic()
    deadline = asked + seconds
    while not check():
        now = time.monotonic()
        if now > deadline:
            return False
        time.sleep(min(max(0.05, 3 * (now - asked)), 0.5))
        asked = time.monotonic()
    return True


def gone(processes: Iterable[psutil.Process]) -> bool:
    """Whether none of them runs any more (a zombie does not run)."""
    return not any(_runs(process) for process in processes)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def family(pid: int) -> list[psutil.Process]:
    """A process and everything below it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def in_ci() -> bool:
    return bool(os.environ.get("CI"))


def forget_home(folder: Path) -> None:
    """Remove the place that root's Postgres keeps outside of a private `folder`."""
    home = Path((folder / "home").read_text().strip())
    assert "clerk-postgres-" in home.name
    shutil.rmtree(home)


def python_for_everybody(place: Path) -> tuple[str, dict[str, str]]:
    """An interpreter with our packages that any user can execute, and its environment.

    Skips where ours and the system's are both behind a private folder.
    """
    # pip gives redis this package before Python 3.11.3; our own interpreter may be newer than the
    # system's, so nobody installed it. asyncio has the same thing since 3.11.
    (place / "shim").mkdir()
    (place / "shim" / "async_timeout.py").write_text("from asyncio import timeout\n")
    ours = [path for path in sys.path if path and not path.startswith(sys.base_prefix)]
    packages = os.pathsep.join(
        [*(path for path in ours if Path(path).is_dir()), str(place / "shim")]
    )
    env = {
        "PATH": os.defpath,
        "PYTHONPATH": packages,
        "PYTHONDONTWRITEBYTECODE": "1",
        # The system's interpreter has another prefix.
        "TESSDATA_PREFIX": str(Path(sys.prefix) / "share" / "tessdata"),
    }
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        argv = [candidate, "-c", "import clerk.adapters.embedded, celery"]
        with contextlib.suppress(OSError):
            if not subprocess.run(argv, env=env, user="nobody", cwd="/", check=False).returncode:
                return candidate, env
    pytest.skip(f"no {version} with our packages that another user may execute")
