"""`clerk up` as a person meets it: it starts, mends itself, refuses a twin, and leaves nothing."""

import contextlib
import json
import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import celery
import psutil
import psycopg
import pytest
import redis

from clerk.adapters import embedded
from clerk.cluster import Cluster
from clerk.errors import DependencyDown
from clerk.settings import Settings, child_environment, load
from clerk.worker import QUEUES
from tests import servers as testing_servers
from tests.nodes import CLERK, answering
from tests.servers import eventually, family, gone

BARE = {f"{queue}_WORKERS": "0" for queue in ("FETCH", "OCR", "EXTRACTION", "DEPLOY")}
"""Servers and beat: a worker costs seconds of CPU to start, and not every promise is about it."""
SMALL = BARE | {"OCR_WORKERS": "1"}
TWO = BARE | {"FETCH_WORKERS": "1", "OCR_WORKERS": "2"}
PROMISED_STOP = 35
PATIENCE = 60


@dataclass
class Up:
    """A running `clerk up`."""

    process: "subprocess.Popen[str]"
    state: Path
    told: dict[str, str]

    @property
    def settings(self) -> Settings:
        """What another command finds, from the state folder alone."""
        return load({"CLERK_STATE": str(self.state)}, folder=self.state)

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.settings.redis_url)

    def database(self) -> psycopg.Connection:
        url = self.settings.database_url.replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True)

    def members(self) -> list[psutil.Process]:
        return family(self.process.pid)

    def part(self, word: str) -> psutil.Process:
        """The direct child whose command line holds `word`."""
        children = psutil.Process(self.process.pid).children()
        return next(c for c in children if any(word in part for part in _words(c)))

    def answering(self) -> set[str]:
        """Which queues have a worker that answers."""
        with celery.Celery(broker=self.settings.broker_url, set_as_current=False) as app:
            return {node.partition("@")[0] for node in answering(app)}

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PROMISED_STOP)
        self.process.communicate()
        return code


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


def _environment(size: dict[str, str] = SMALL) -> dict[str, str]:
    return child_environment(Settings()) | size | {"PYTHONUNBUFFERED": "1"}


def _start(state: Path, clerk=CLERK, env=None, **how) -> Up:
    process = subprocess.Popen(
        [*clerk, "up", "--state", str(state), "--json"],
        env=env or _environment(),
        cwd=how.pop("cwd", state.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **how,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        pytest.fail(f"`clerk up` did not start: {process.communicate()[1]}")
    return Up(process, state, json.loads(line))


@contextlib.contextmanager
def _up(state: Path, **how) -> Iterator[Up]:
    running = _start(state, **how)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


@pytest.fixture
def state() -> Iterator[Path]:
    with testing_servers.folder() as place:
        yield place / "state"


@pytest.fixture(scope="module")
def shared() -> Iterator[Up]:
    """One cluster for the tests that leave it as they found it."""
    with testing_servers.folder() as place, _up(place / "state", env=_environment(TWO)) as running:
        yield running


def test_it_says_where_everything_is_without_passwords(shared: Up):
    assert Path(shared.told["storage"]) == shared.state / "sites"
    assert str(shared.settings.published) == shared.told["publish"]
    for secret in (shared.state / "valkey" / "password", shared.state / "postgres" / "password"):
        assert secret.read_text().strip() not in json.dumps(shared.told)


def test_other_commands_find_it_by_a_private_file(shared: Up):
    assert stat.S_IMODE((shared.state / "env").stat().st_mode) == 0o600
    assert shared.redis().ping()
    with shared.database() as connection:
        assert connection.execute("select count(*) from sites").fetchone() == (0,)


def test_every_queue_has_its_worker_and_zero_means_none(shared: Up):
    assert shared.answering() == {"fetch", "ocr"}


def test_a_second_up_on_the_same_folder_is_refused_and_named_the_first(shared: Up):
    refused = _refused(shared.state, _environment())
    assert refused.returncode == 73
    assert f"process {shared.process.pid}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert shared.redis().ping(), "the first one goes on"


def test_a_killed_valkey_comes_back_on_the_same_port_with_its_data(shared: Up):
    shared.redis().set("kept", "yes")
    victim = shared.part("valkey-server")
    victim.kill()
    assert eventually(lambda: gone([victim]))
    assert eventually(lambda: _read(shared, "kept") == b"yes", PATIENCE)


def _read(running: Up, key: str) -> bytes | None:
    with contextlib.suppress(redis.RedisError):
        return running.redis().get(key)
    return None


def test_a_killed_postgres_comes_back_on_the_same_port_with_its_data(shared: Up):
    with shared.database() as connection:
        connection.execute("create table kept as select 7 as number")
    victim = shared.part("pginstall/bin/postgres")
    victim.kill()
    assert eventually(lambda: gone([victim]))

    def kept() -> bool:
        with contextlib.suppress(psycopg.OperationalError), shared.database() as connection:
            return connection.execute("select number from kept").fetchone() == (7,)
        return False

    assert eventually(kept, PATIENCE)


def test_a_killed_worker_comes_back_under_its_name_and_its_children_go(shared: Up):
    victim = shared.part("ocr@")
    members = family(victim.pid)
    victim.kill()
    assert eventually(lambda: gone(members), PATIENCE)
    assert eventually(lambda: "ocr" in shared.answering(), PATIENCE)


def test_ctrl_c_leaves_no_process_and_the_next_start_finds_the_data(state: Path):
    with _up(state) as running:
        running.redis().set("kept", "yes")
        with running.database() as connection:
            connection.execute("create table kept as select 7 as number")
        members = running.members()
        # When the person types Ctrl-C
        code = running.stop(signal.SIGINT)
    # Then all of it is gone
    assert code == 0
    assert gone(members)
    assert not (state / "env").exists()
    # And when it is started again
    with _up(state, env=_environment(BARE)) as again:
        assert again.told["redis"] == running.told["redis"], "same port"
        assert again.redis().get("kept") == b"yes"
        with again.database() as connection:
            assert connection.execute("select number from kept").fetchone() == (7,)
        members = again.members()
        assert again.stop(signal.SIGTERM) == 0
    assert gone(members)


def test_sigkill_leaves_no_process_and_a_next_start_recovers(state: Path):
    with _up(state) as running:
        members = running.members()
        running.process.kill()
        running.process.communicate()
        assert eventually(lambda: gone(members), 20), [m for m in members if not gone([m])]
    with _up(state, env=_environment(BARE)) as again:
        assert again.redis().ping()


def test_a_second_signal_ends_it_though_a_worker_hangs(state: Path):
    with _up(state) as running:
        members = running.members()
        running.part("ocr@").suspend()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.stderr is not None
        while "stopping" not in running.process.stderr.readline():
            pass
        running.process.send_signal(signal.SIGTERM)
        # Not after the half minute that a hanging worker is otherwise given
        running.process.wait(15)
        running.process.communicate()
    assert eventually(lambda: gone(members))


def test_given_servers_are_used_and_left_running(state: Path, redis_url: str, database_url: str):
    env = _environment() | {"REDIS_URL": redis_url, "DATABASE_URL": database_url}
    with _up(state, env=env) as running:
        names = " ".join(word for member in running.members() for word in _words(member))
        running.stop()
    assert "valkey-server" not in names
    assert "bin/postgres" not in names
    assert redis.Redis.from_url(redis_url).ping()


@pytest.mark.parametrize("name", ["STORAGE_DIR", "PUBLISH_DIR"])
def test_a_folder_that_cannot_be_made_is_named_before_anything_starts(state: Path, name: str):
    refused = _refused(state, _environment() | {name: "/proc/nowhere"})
    assert refused.returncode == 74
    assert f"{name}=/proc/nowhere cannot be made or written" in refused.stderr
    assert not state.exists()


def test_a_part_that_cannot_run_ends_it_with_the_end_of_that_parts_log(state: Path):
    env = _environment(BARE) | {"CELERY_CONFIG_MODULE": "no_such_module"}
    refused = _refused(state, env)
    assert refused.returncode == 69
    assert "beat was started 5 times in vain" in refused.stderr
    assert "No module named 'no_such_module'" in refused.stderr
    assert "Traceback" not in refused.stderr.partition("The end of")[0]
    assert not (state / "env").exists()


def _refused(state: Path, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*CLERK, "up", "--state", str(state)],
        env=env,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,  # a part is started five times before it is given up
        check=False,
    )


def test_a_given_redis_that_is_away_is_named_without_its_password(state: Path):
    env = _environment() | {"REDIS_URL": "redis://:secret@127.0.0.1:1/0"}
    refused = _refused(state, env)
    assert refused.returncode == 68
    assert "127.0.0.1:1" in refused.stderr
    assert "secret" not in refused.stderr + refused.stdout


def test_a_program_can_run_a_cluster(state: Path):
    workers = {"fetch": 1, "ocr": 0, "extraction": 0, "deploy": 0}
    settings = Settings.model_validate({"workers": workers, "limits": {"page": "7s"}})
    with Cluster(settings, state) as cluster:
        cluster.wait_ready()
        members = [m for pid in cluster.parts.values() for m in family(pid)]
        parts = set(cluster.parts)
        found = load(cluster.env, folder=state)
    assert parts == {"valkey", "postgres", "fetch", "beat"}
    assert found.limits.page == settings.limits.page, "children get the program's own settings"
    assert found.redis_url == cluster.settings.redis_url
    assert gone(members)


def test_a_new_database_beside_published_sites_is_told(state: Path):
    settings = Settings.model_validate({"workers": dict.fromkeys(QUEUES, 0)})
    served = state / "public" / "pine.or"
    served.mkdir(parents=True)
    (served / "meetings.db").touch()
    said: list[str] = []
    with Cluster(settings, state, say=said.append):
        pass
    (told,) = [line for line in said if "does not know" in line]
    assert "pine.or" in told
    assert "clerk site add" in told


def test_workers_that_never_answer_are_named(state: Path):
    workers = {"fetch": 1, "ocr": 0, "extraction": 0, "deploy": 0}
    settings = Settings.model_validate({"workers": workers})
    with Cluster(settings, state) as cluster, pytest.raises(DependencyDown, match="fetch@"):
        cluster.wait_ready(timeout=0)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@needs_root
def test_root_may_keep_the_state_in_a_private_home(state: Path):
    home = state.parent / "home"
    home.mkdir(mode=0o700)
    with _up(home / "state", env=_environment(BARE)) as running:
        user = running.part("pginstall/bin/postgres").username()
        members = running.members()
        assert running.stop() == 0
    assert user == embedded.UNPRIVILEGED
    assert gone(members)
    testing_servers.forget_home(home / "state" / "postgres")


@needs_root
def test_an_ordinary_user_needs_no_root(state: Path):
    nobody = pwd.getpwnam(embedded.UNPRIVILEGED)
    home = state.parent / "home"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    python, env = testing_servers.python_for_everybody(state.parent)
    with _up(
        home / "state",
        clerk=[python, *CLERK[1:]],
        env=env | SMALL,
        cwd="/",
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
    ) as running:
        members = running.members()
        users = {member.username() for member in members}
        assert running.stop() == 0
    assert users == {embedded.UNPRIVILEGED}
    assert gone(members)
