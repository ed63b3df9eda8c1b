"""Child processes that never outlive us: argv in, a `Child` on a leash out.

This file is also the little program that `spawn` runs between us and the real one
(`python -I -S processes.py …`), so it imports the standard library only. In between, because there
is then one thread and no lock held: it drops root, asks the kernel to be signalled when we die,
and becomes the real program under the same process id.

Linux does the signalling itself (prctl(2), PR_SET_PDEATHSIG). Elsewhere a watchdog holds the read
end of a pipe whose write end is ours: it reads end-of-file when we die, however we died.

Accepted: a child that starts a session of its own and ignores its parent's death escapes.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_NOBODY = "-"
"""Stands for "stay who you are" on the launcher's command line."""


@dataclass
class Child:
    """A started process, leader of its own process group."""

    process: "subprocess.Popen[bytes]"
    leash: int | None = None
    """Write end of the watchdog's pipe; None where the kernel does the watching."""

    @property
    def pid(self) -> int:
        """Process id, which is its group's id too."""
        return self.process.pid

    def poll(self) -> int | None:
        """The exit code (negative: the signal), or None while it runs."""
        code = self.process.poll()
        if code is not None:
            self._unleash()
        return code

    def signal(self, number: int) -> None:
        """Send a signal to the process alone; fine if it is gone."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def signal_group(self, number: int) -> None:
        """Send a signal to everything in its group; fine if nothing is left of it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
        self.poll()

    def wait(self, timeout: float) -> int | None:
        """The exit code, or None when it still runs after `timeout` seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(timeout, 0))
        return self.poll()

    def _unleash(self) -> None:
        if self.leash is not None:
            # One byte says "it ended": the number may belong to somebody else by now.
            with contextlib.suppress(OSError):
                os.write(self.leash, b".")
            os.close(self.leash)
            self.leash = None


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path | None = None,
    user: str | None = None,
    death_signal: int = signal.SIGKILL,
    watchdog: bool = sys.platform != "linux",
) -> Child:
    """Start `argv` in a group of its own; it gets `death_signal` when this *thread* ends.

    Output is appended to `log`. `user` names whom to become (as root only). Call it from a thread
    that lives as long as the child should: Linux counts the death of the starting thread.
    """
    read_end, leash = os.pipe() if watchdog else (None, None)
    words = [str(os.getpid()), str(int(death_signal)), user or _NOBODY]
    words.append(_NOBODY if read_end is None else str(read_end))
    try:
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, *words, *argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,
                pass_fds=() if read_end is None else (read_end,),
            )
    finally:
        if read_end is not None:
            os.close(read_end)
    return Child(process, leash)


def fresh_log(log: Path) -> Path:
    """Make room for a new log at `log`; the previous one is kept as `….log.1`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    return log


def end_of(log: Path, size: int = 1500) -> str:
    """The last lines of a log, for an error message; `size` bytes at most."""
    try:
        whole = log.read_bytes()
    except OSError:
        return "(no log)"
    last = whole[-size:]
    if len(whole) > size:
        last = last.partition(b"\n")[2] or last
    return last.decode(errors="replace").strip()


def die_with_parent(death_signal: int = signal.SIGKILL) -> None:
    """Make the calling process get `death_signal` when its parent dies.

    For processes that are forked and not started by `spawn`, such as worker children: call it
    first thing after the fork, and again after any change of user (which clears it on Linux).
    """
    parent = os.getppid()
    if sys.platform == "linux":
        _ask_kernel(death_signal)
        if os.getppid() != parent:  # it died while we were asking
            os.kill(os.getpid(), death_signal)
    else:
        watcher = threading.Thread(target=_follow, args=(parent, death_signal), daemon=True)
        watcher.start()


def _ask_kernel(death_signal: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def _follow(parent: int, death_signal: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), death_signal)


# -- the program in between ---------------------------------------------------------------------


def _become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _watch(pipe: int, target: int, death_signal: int) -> None:
    """The watchdog: wait for a byte (it ended by itself) or end-of-file (its starter died)."""
    os.setsid()
    if not os.read(pipe, 1):
        with contextlib.suppress(ProcessLookupError):
            os.kill(target, death_signal)


def _start_watchdog(pipe: int, death_signal: int) -> None:
    """Fork twice, so that the real program never meets a child it does not know."""
    target = os.getpid()
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        os.close(pipe)
        return
    if os.fork() == 0:
        _watch(pipe, target, death_signal)
    os._exit(0)


def _launch(words: Sequence[str]) -> None:
    parent, death_signal, user, pipe, *argv = words
    if user != _NOBODY:
        _become(user)
    if pipe != _NOBODY:
        _start_watchdog(int(pipe), int(death_signal))
    else:
        # After the change of user, which would clear it.
        _ask_kernel(int(death_signal))
        if os.getppid() != int(parent):
            raise SystemExit("the starter is gone")
    os.execvpe(argv[0], argv, os.environ)  # noqa: S606 - the whole purpose; no shell involved


if __name__ == "__main__":
    _launch(sys.argv[1:])
