"""Connections to Postgres: one engine per process, short waits, errors that name the server."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from clerk.errors import DatabaseDown, InvalidSettings

_CONNECT_SECONDS = 3  # a command, its start included, must say within 5 s that it is away


def engine(url: str, *, pool_size: int = 2) -> Engine:
    """An engine for the calling process. Never share one across a fork."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,  # pages of text have no place in an error message
        connect_args=_connect_args(),
    )


def _connect_args() -> dict[str, object]:
    return {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "clerk",
        # A lost network must not hold a lock for ever. What people read is in UTC, wherever the
        # server stands.
        "options": "-c idle_in_transaction_session_timeout=600000 -c lock_timeout=30000 "
        "-c TimeZone=UTC",
        # A host that vanished without a word is given up within half a minute.
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,  # milliseconds
    }


@contextmanager
def connect_once(url: str) -> Iterator[Connection]:
    """One connection in one transaction, for commands that run once."""
    try:
        once = create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args=_connect_args()
        )
    except ArgumentError as error:
        raise InvalidSettings(f"DATABASE_URL cannot be understood: {error}") from error
    with down_as_error(url), once.begin() as connection:
        yield connection


@contextmanager
def down_as_error(url: str) -> Iterator[None]:
    """Turn the driver's ways of saying `unreachable` into DatabaseDown, without the password."""
    try:
        yield
    except DBAPIError as error:
        if not is_down(error):
            raise
        reason = str(error.orig).strip().splitlines()[0]
        raise DatabaseDown(
            f"Postgres at {shown(url)} cannot be reached: {reason}. "
            "Check DATABASE_URL, or start one with `clerk up`."
        ) from error


def is_down(error: DBAPIError) -> bool:
    """Whether the server is away (rather than refusing one statement)."""
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated:
        return True
    # 57P0x: shutting down or crashed; 08xxx: connection exceptions; no state: never connected.
    return isinstance(error, OperationalError) and (
        state is None or state.startswith(("08", "57P0", "28", "3D"))
    )


def without_idle_limit(connection: Connection) -> None:
    """Let this transaction wait for long work on files; the task's own time limit bounds it."""
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def is_contended(error: DBAPIError) -> bool:
    """Whether the transaction may pass when tried again: a deadlock, a lock not had in time."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "55P03"}


def shown(url: str) -> str:
    """`url` fit for people: no password, nor the driver's name, which nobody typed."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=True)
