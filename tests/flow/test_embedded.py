"""The embedded servers keep their promises to whoever starts them."""

import os
import pwd
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Connection, text

from clerk.adapters import embedded, processes
from clerk.errors import DependencyDown, InvalidInput
from tests import servers as testing_servers
from tests.servers import QUICK, Servers, eventually, family, gone


@pytest.fixture
def place():
    with testing_servers.folder() as folder:
        yield folder


@pytest.fixture
def valkey(place):
    server = embedded.start_valkey(place / "valkey")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def initialised():
    """A Postgres folder whose first start is behind it: that start costs a second."""
    with testing_servers.folder() as folder:
        embedded.start_postgres(folder / "postgres", options=QUICK).stop()
        yield folder / "postgres"


@pytest.fixture
def used(place, initialised):
    """A place whose Postgres was started before."""
    subprocess.run(["cp", "-a", str(initialised), str(place)], check=True)
    return place


@pytest.fixture
def postgres(used):
    server = embedded.start_postgres(used / "postgres", options=QUICK)
    yield server
    server.kill()


def _listening(pid: int) -> set[str]:
    return {c.laddr.ip for c in psutil.Process(pid).net_connections() if c.status == "LISTEN"}


def test_valkey_wants_its_password_and_listens_on_loopback_only(valkey):
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(host="127.0.0.1", port=valkey.port, retry=Retry(NoBackoff(), 0)).ping()
    assert _listening(valkey.child.pid) == {"127.0.0.1"}


def test_valkey_password_is_in_no_command_line_and_in_private_files_only(valkey):
    password = valkey.url.split(":")[2].split("@")[0]
    assert all(password not in word for word in psutil.Process(valkey.child.pid).cmdline())
    for name in ("password", "valkey.conf"):
        assert stat.S_IMODE((valkey.log.parent / name).stat().st_mode) == 0o600


def test_valkey_keeps_what_it_acknowledged_through_sigkill_on_the_same_port(valkey):
    client = redis.Redis.from_url(valkey.url)
    client.set("page", "read")
    valkey.child.signal(9)
    valkey.child.wait(5)
    valkey.restart()
    valkey.wait_ready()
    assert redis.Redis.from_url(valkey.url).get("page") == b"read"


def test_valkey_refuses_writes_rather_than_evicting_messages(valkey):
    client = redis.Redis.from_url(valkey.url)
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("append*")["appendfsync"] == "everysec"


def test_valkey_starts_in_a_folder_with_a_hostile_name(place):
    hostile = place / "a b\n\"c' #\u202e$(d)"
    server = embedded.start_valkey(hostile / "valkey")
    server.kill()
    assert (hostile / "valkey" / "data" / "appendonlydir").is_dir()


def test_postgres_starts_in_a_folder_with_a_hostile_name(place):
    hostile = place / "a b\"c' #\u202e$(d)"
    server = embedded.start_postgres(hostile / "postgres", options=QUICK)
    server.kill()
    assert not server.alive()


def test_postgres_wants_its_password_and_listens_on_loopback_only(postgres):
    wrong = postgres.url.replace(postgres.url.split(":")[2].split("@")[0], "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    assert _listening(postgres.child.pid) == {"127.0.0.1"}


def test_postgres_knows_unicode_case(postgres):
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("select lower('ÁÑ')").fetchone() == ("áñ",)


def test_postgres_keeps_committed_rows_through_sigkill_even_with_orphans_about(used):
    server = embedded.start_postgres(used / "postgres")
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create table page as select 1 as number")
    # When only the main process is killed, so that its children are still leaving
    server.child.signal(9)
    again = embedded.start_postgres(used / "postgres")
    with psycopg.connect(again.url) as connection:
        assert connection.execute("select number from page").fetchone() == (1,)
    assert again.port == server.port
    again.stop()
    assert server.child.wait(10) == -9


def test_postgres_ignores_a_process_id_that_now_belongs_to_another_program(used):
    server = embedded.start_postgres(used / "postgres", options=QUICK)
    home = server.log.parent
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (home / "data" / "postmaster.pid").write_text(f"{other.pid}\n{home / 'data'}\n1\n")
        again = embedded.start_postgres(used / "postgres", options=QUICK)
        assert other.poll() is None, "the other program must be left alone"
        again.stop()
        other.communicate(b"\n")


def test_postgres_stops_cleanly_with_a_session_open(used):
    server = embedded.start_postgres(used / "postgres", options=QUICK)
    with psycopg.connect(server.url):
        server.stop()
    assert server.child.poll() == 0
    assert "database system is shut down" in (server.log.parent / "server.log").read_text()


def test_an_interrupted_first_start_is_made_anew(place):
    # Given what a kill in the middle of initdb leaves
    (place / "postgres" / "init-half" / "data").mkdir(parents=True)
    (place / "postgres" / "init-half" / "data" / "PG_VERSION").write_text("18\n")
    server = embedded.start_postgres(place / "postgres", options=QUICK)
    assert server.alive()
    server.kill()


def test_a_port_taken_meanwhile_is_replaced_at_the_next_start(place, monkeypatch):
    monkeypatch.setattr(embedded, "_PORT_PATIENCE", 0.1)
    first = embedded.start_valkey(place / "one")
    (place / "two").mkdir()
    (place / "two" / "port").write_text(str(first.port))
    second = embedded.start_valkey(place / "two")
    assert second.port != first.port
    first.kill()
    second.kill()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(place):
    with pytest.raises(DependencyDown, match="no-such-directive"):
        embedded.start_valkey(place / "valkey", options=["no-such-directive yes"])


def test_a_missing_wheel_says_what_to_install_and_what_to_set():
    with pytest.raises(InvalidInput, match=r"clerk\[embedded\]") as caught:
        embedded._from_wheel("no_such_wheel", "bin/server", "REDIS_URL")
    assert "REDIS_URL" in str(caught.value)


STARTER = """
    import sys, time
    from pathlib import Path
    from clerk.adapters import embedded
    place = Path(sys.argv[1])
    valkey = embedded.start_valkey(place / "valkey")
    postgres = embedded.start_postgres(place / "postgres")
    print(valkey.child.pid, postgres.child.pid, flush=True)
    time.sleep(600)
"""


def _start_both(
    place: Path, python: str = sys.executable, **how
) -> tuple["subprocess.Popen[str]", list[int]]:
    starter = subprocess.Popen(
        [python, "-c", textwrap.dedent(STARTER), str(place)],
        stdout=subprocess.PIPE,
        text=True,
        **how,
    )
    assert starter.stdout is not None
    line = starter.stdout.readline()
    pids = [int(word) for word in line.split()]
    assert len(pids) == 2, "the starter failed"
    return starter, pids


def test_servers_die_with_a_starter_that_is_killed_and_start_again(used):
    starter, pids = _start_both(used)
    members = [member for pid in pids for member in family(pid)]
    starter.kill()
    starter.communicate()
    assert eventually(lambda: gone(members))
    again = embedded.start_postgres(used / "postgres")
    again.stop()


def test_the_watchdog_kills_when_the_starter_is_killed(place):
    # Given a child that the kernel does not watch, as on macOS
    code = f"""
        import time
        from pathlib import Path
        from clerk.adapters import processes
        log = Path({str(place)!r}) / "log"
        child = processes.spawn(["/bin/sleep", "600"], env={{}}, log=log, watchdog=True)
        print(child.pid, flush=True)
        time.sleep(600)
    """
    starter = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    members = family(pid)
    assert not gone(members)
    starter.kill()
    starter.communicate()
    assert eventually(lambda: gone(members))


def test_the_watchdog_goes_when_its_charge_ends_by_itself(place):
    before = set(psutil.pids())
    child = processes.spawn(["/bin/true"], env={}, log=place / "log", watchdog=True)
    assert child.wait(10) == 0
    mine = [p for p in psutil.process_iter(["cmdline"]) if "/bin/true" in (p.info["cmdline"] or [])]
    assert eventually(lambda: gone(p for p in mine if p.pid not in before))


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@needs_root
def test_root_starts_postgres_from_a_private_home(place):
    # Given a state folder below a home that nobody else may enter
    home = place / "home"
    home.mkdir(mode=0o700)
    # When Postgres starts there, twice
    server = embedded.start_postgres(home / "state" / "postgres", options=QUICK)
    user = psutil.Process(server.child.pid).username()
    server.stop()
    again = embedded.start_postgres(home / "state" / "postgres", options=QUICK)
    again.stop()
    # Then it runs as nobody and both times on the same data
    assert user == embedded.UNPRIVILEGED
    assert again.url == server.url
    testing_servers.forget_home(home / "state" / "postgres")


@needs_root
def test_root_copies_binaries_that_nobody_cannot_reach(place):
    # Given the binaries in a private place
    private = place / "private"
    private.mkdir(mode=0o700)
    home = place / "home"
    home.mkdir()
    package = embedded.postgres_program().parent
    hidden = private / package.name
    hidden.symlink_to(package)
    private_copy = private / "real"
    private_copy.mkdir()
    embedded._copy_program(package, private_copy)
    # When they are wanted for another user
    program = embedded._within_reach(
        private_copy / package.name / "pginstall", home, embedded.UNPRIVILEGED
    )
    # Then that user can execute them
    answer = subprocess.run(
        [program / "bin" / "initdb", "--version"],
        user=embedded.UNPRIVILEGED,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "PostgreSQL" in answer.stdout


@needs_root
def test_an_ordinary_user_starts_both(place):
    nobody = pwd.getpwnam(embedded.UNPRIVILEGED)
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    python, env = testing_servers.python_for_everybody(place)
    starter, pids = _start_both(
        place,
        python=python,
        env=env,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
    )
    members = [member for pid in pids for member in family(pid)]
    users = {member.username() for member in members}
    starter.kill()
    starter.communicate()
    assert users == {embedded.UNPRIVILEGED}
    assert eventually(lambda: gone(members))


def test_every_test_gets_a_database_and_a_redis_of_its_own(
    database_url: str, redis_url: str, connection: Connection, servers: Servers
):
    assert database_url.startswith("postgresql+psycopg://")
    assert redis.Redis.from_url(redis_url).dbsize() == 0
    assert connection.execute(text("select count(*) from sites")).scalar() == 0


def test_a_forked_child_that_asks_for_it_dies_with_its_parent():
    # Given a busy child, as a worker's main process forks them
    code = """
        import os, time
        from clerk.adapters.processes import die_with_parent
        child = os.fork()
        if child == 0:
            die_with_parent()
            print(os.getpid(), flush=True)
        time.sleep(600)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    assert eventually(lambda: gone([child]))
