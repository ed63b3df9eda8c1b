"""Proof that every worker sees the same files: a mark in STORAGE_DIR, its value in Postgres.

The first worker of an installation writes both. A worker on another machine whose folder is not the
shared one finds another mark, or none, and does not start: it would miss every file of the others.
"""

import secrets
from contextlib import ExitStack

from clerk.adapters import scratch
from clerk.errors import InvalidSettings, StorageFault
from clerk.keys import STORAGE_MARK as KEY
from clerk.store import installation
from clerk.wiring import Services

NAME = "storage"


def require(at: Services) -> None:
    """Raise InvalidSettings unless STORAGE_DIR is the one that the other workers use.

    Raises StorageFault or StorageFull where the first mark cannot be written. An open breaker is
    no obstacle: what other workers met says nothing about the storage of this one.
    """
    with at.transaction() as connection:
        known, new = installation.claim(connection, NAME, secrets.token_hex(16))
        if new:
            _write(at, known)
    wrong = _compared(at, known)
    if not wrong:
        return
    raise InvalidSettings(
        wrong,
        [
            "mount the shared folder there, or point STORAGE_DIR at it",
            "if the files were moved or restored here on purpose: `clerk admin adopt-storage`",
        ],
    )


def problem(at: Services) -> str:
    """What is wrong with this process's STORAGE_DIR; empty: nothing, or no worker started yet.

    Raises BreakerOpen where the storage keeps failing for the workers.
    """
    with at.transaction() as connection:
        known = installation.get(connection, NAME)
    if not known:
        return ""
    wrong = _compared(at, known)
    if not wrong:
        at.storage.exists(KEY)
    return wrong


def _compared(at: Services, known: str) -> str:
    try:
        found = _read(at)
    except (OSError, StorageFault) as error:
        return f"STORAGE_DIR={at.settings.storage_dir} cannot be used: {error}"
    if found == known:
        return ""
    what = "has another installation's mark" if found else "has no mark"
    return (
        f"STORAGE_DIR={at.settings.storage_dir} is not the folder that the other workers use: "
        f"it {what} ({KEY})."
    )


def adopt(at: Services) -> None:
    """Declare this process's STORAGE_DIR to be the shared one. Other folders are refused then."""
    value = secrets.token_hex(16)
    with at.transaction() as connection:
        installation.put(connection, NAME, value)
        _write(at, value)


def _write(at: Services, value: str) -> None:
    with scratch.folder() as folder:
        mark = folder / KEY
        mark.write_text(value + "\n")
        at.storage.put(KEY, mark)


def _read(at: Services) -> str | None:
    with ExitStack() as stack:
        try:
            mark = stack.enter_context(at.storage.local(KEY))
        except FileNotFoundError:
            return None
        return mark.read_text(errors="replace")[:100].strip()
