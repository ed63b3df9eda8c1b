"""Locks the current process in before it touches a hostile PDF. Standard library only.

What `confine` does, in order, each where the platform has it:

- ends with its parent: PR_SET_PDEATHSIG (Linux), so SIGKILL of the worker child ends this one too;
- resource limits (address space, CPU, no core, no file growth, few descriptors);
- PR_SET_NO_NEW_PRIVS (Linux);
- no network: a network namespace of its own, by root directly, else inside a user namespace;
- Landlock (Linux 5.13+, docs.kernel.org/userspace-api/landlock.html): no file can be opened any
  more except fonts, none created or removed, nothing executed, no TCP, no signal to others.

Accepted: on macOS and old kernels only the resource limits hold, and RLIMIT_AS is advisory there.
A seccomp filter is not used: one written by hand breaks with the next libc.
"""

import ctypes
import os
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
# Landlock's system calls have the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""(ABI version, number of file-system rights it knows)."""

FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/X11/fonts",
    "/System/Library/Fonts",
)
"""Where pdfium looks for a substitute when a PDF names a font that it does not carry."""

_OPEN_FILES = 16  # the socket, stdio, a document, /proc/self/statm, a font or two


def confine(*, memory: int, cpu_seconds: int, parent: int) -> list[str]:
    """Give up what reading a PDF does not need; answers which locks took hold.

    `memory` is the address space in bytes, `cpu_seconds` the whole life's CPU, `parent` the pid
    that must still be alive. Raises SystemExit when the parent is already gone.
    """
    held = []
    if sys.platform == "linux":
        held += _linux_process(parent)
    held += _limits(memory, cpu_seconds)
    if sys.platform == "linux":
        held += _no_network() + _landlock()
    return held


def _limits(memory: int, cpu_seconds: int) -> list[str]:
    limits = {
        "core": (resource.RLIMIT_CORE, 0),
        "fsize": (resource.RLIMIT_FSIZE, 0),
        "nofile": (resource.RLIMIT_NOFILE, _OPEN_FILES),
        "cpu": (resource.RLIMIT_CPU, cpu_seconds),
        "as": (resource.RLIMIT_AS, memory),
    }
    held = []
    for name, (which, value) in limits.items():
        try:
            resource.setrlimit(which, (value, value))
        except (ValueError, OSError):  # macOS refuses some; the others still hold
            continue
        held.append(name)
    # Past RLIMIT_FSIZE a write fails with EFBIG instead of killing the process.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    return held


def _linux_process(parent: int) -> list[str]:
    libc = ctypes.CDLL(None, use_errno=True)
    held = []
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0:
        held.append("pdeathsig")
    if os.getppid() != parent:  # it died before the line above
        raise SystemExit(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        held.append("no-new-privs")
    return held


def _no_network() -> list[str]:
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (_CLONE_NEWNET, _CLONE_NEWNET | _CLONE_NEWUSER):
        if libc.unshare(flags) == 0:
            return ["no-network"]
    return []


def _landlock() -> list[str]:
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return []
    attributes = _ruleset(version)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return []
    for folder in FONT_FOLDERS:
        _allow_reading(libc, ruleset, folder)
    held = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return ["landlock"] if held else []


def _ruleset(version: int) -> bytes:
    """`struct landlock_ruleset_attr`, as long as this ABI version knows it."""
    rights = max(count for since, count in _FILE_RIGHTS if since <= version)
    files, tcp, scopes = (1 << rights) - 1, 0b11, 0b11
    if version >= 6:
        return struct.pack("=QQQ", files, tcp, scopes)
    if version >= 4:
        return struct.pack("=QQ", files, tcp)
    return struct.pack("=Q", files)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: str) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # no such folder: nothing to allow
        return
    rule = struct.pack("=Qi", _READ_FILE | _READ_DIR, descriptor)
    libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    os.close(descriptor)
