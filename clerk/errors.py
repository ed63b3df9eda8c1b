"""The one error tree: may trying again help, and whose fault is it.

    ClerkError
    ├─ Transient            trying again later may help
    │  ├─ SourceUnavailable     the town's website does not answer, or answers 429/5xx
    │  ├─ DependencyDown        our Redis or Postgres cannot be reached
    │  │  ├─ BrokerDown
    │  │  └─ DatabaseDown
    │  ├─ StorageFull           no room left where files go
    │  ├─ StorageFault          our files cannot be reached: a mount is gone, a permission
    │  ├─ Busy                  another process holds what this one needs
    │  └─ BreakerOpen           what this needs keeps failing; nothing was tried
    └─ Permanent            trying again changes nothing
       ├─ InvalidInput          what the user typed or configured
       │  ├─ InvalidSettings
       │  ├─ UnknownSite
       │  ├─ UnknownRun
       │  └─ UnsupportedEngine
       ├─ SchemaOutdated        migrations have not been run
       ├─ StopRequested         an emergency stop is on
       ├─ QueueOff              features.durable_queue is false: nobody may enqueue
       ├─ Forbidden             the role of whoever asks may not do this
       ├─ SourceRefused         the town's website says no (4xx), or what it sends is not allowed
       ├─ Withheld              a generation would take documents from readers; a person decides
       ├─ UnusableBase          a previous meetings.db that cannot be built upon
       └─ Unreadable            a document or page that cannot be read; `reason` is stored

Each class carries the exit code of a command and the status of an HTTP answer. A message says
what happened, to what, and what to do next. Exit codes follow sysexits(3) where it has one.
"""

from collections.abc import Sequence
from pathlib import Path


class ClerkError(Exception):
    """Base of everything clerk raises on purpose."""

    exit_code = 70
    http_status = 500


class Transient(ClerkError):
    """Trying again later may help."""

    exit_code = 75
    http_status = 503


class SourceUnavailable(Transient):
    """The site being read does not answer in time, or says it is overloaded."""

    http_status = 502

    def __init__(
        self, message: str, reason: str = "source unavailable", *, wait: float = 0.0
    ) -> None:
        """`reason` is the short stored form; readers see it, so it names no path of ours.

        `wait`: seconds for which the source asks to be left alone.
        """
        super().__init__(message)
        self.reason = reason
        self.wait = wait


class DependencyDown(Transient):
    """One of our own servers cannot be reached."""

    exit_code = 69


class BrokerDown(DependencyDown):
    """Redis cannot be reached."""

    exit_code = 68


class DatabaseDown(DependencyDown):
    """Postgres cannot be reached."""

    exit_code = 69


class StorageFull(Transient):
    """No room left on the device that holds our files; what was there before stays."""

    exit_code = 74
    http_status = 507


class StorageFault(Transient):
    """Our files cannot be reached: a mount is gone, a permission is missing, the device fails."""

    exit_code = 74
    http_status = 503


class Busy(Transient):
    """Another process holds what this one needs."""

    exit_code = 73
    http_status = 409


class BreakerOpen(Transient):
    """What this needs keeps failing, so nothing was tried: later, and without spending an attempt.

    `wait`: seconds after which trying makes sense again; 0: at once, but rather for somebody else.
    `here`: it fails on this host; workers of others may do it meanwhile.
    """

    def __init__(self, message: str, wait: float, *, here: bool = False) -> None:
        """`message` names what keeps failing."""
        super().__init__(message)
        self.wait = wait
        self.here = here


class Permanent(ClerkError):
    """Trying again changes nothing."""

    exit_code = 70


class InvalidInput(Permanent):
    """One or more things the user gave are wrong; `problems` lists all of them at once."""

    exit_code = 2
    http_status = 422

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        """`message` is the headline; each problem names the thing and the remedy."""
        super().__init__("\n".join([message, *(f"  - {p}" for p in problems)]))
        self.problems = list(problems)

    def in_a_line(self) -> str:
        """The message as a part of another one."""
        headline = str(self).partition("\n")[0].rstrip(".")
        return "; ".join([headline[0].lower() + headline[1:], *self.problems])


class InvalidSettings(InvalidInput):
    """The configuration is wrong; nothing was started."""


class UnknownSite(InvalidInput):
    """No such site."""

    http_status = 404


class UnknownRun(InvalidInput):
    """No such run."""

    http_status = 404


class UnsupportedEngine(InvalidInput):
    """The OCR engine asked for does not exist or cannot work on this machine."""


class SchemaOutdated(Permanent):
    """The database is not at the schema this version needs."""

    exit_code = 78
    http_status = 503


class StopRequested(Permanent):
    """An emergency stop is on: no new work is accepted."""

    exit_code = 75
    http_status = 503


class QueueOff(Permanent):
    """New work is switched off by the settings; nothing was stored or sent."""

    exit_code = 75
    http_status = 503


class Forbidden(Permanent):
    """The role of whoever asks may not do this."""

    exit_code = 3
    http_status = 403


class SourceRefused(Permanent):
    """The source says no, or sends what must not be accepted (not a PDF, too large)."""

    http_status = 502

    def __init__(self, reason: str, message: str) -> None:
        """`reason` is the short stored form, e.g. `http 404`, `not a pdf`, `too large`."""
        super().__init__(message)
        self.reason = reason


class Withheld(Permanent):
    """A generation would take from readers what this database never knew; a person decides."""

    http_status = 409

    def __init__(self, reason: str, message: str) -> None:
        """`reason` is the short stored form and counts them; `message` names some."""
        super().__init__(message)
        self.reason = reason


class UnusableBase(Permanent):
    """A previous meetings.db is corrupt, of another schema or another site: build from nothing."""

    def __init__(self, base: Path, why: str) -> None:
        """`why` goes on from the file's name: `it was cut short`."""
        super().__init__(f"{base}: {why}; compile from nothing")
        self.why = why


class Unreadable(Permanent):
    """A document or page that cannot be read.

    Reasons: `corrupt`, `encrypted`, `empty`, `not a pdf`, `missing page`, `timeout`, `memory`,
    `crash`, `too large`, `engine error`, `unsupported engine`, `undated`.
    """

    http_status = 422

    def __init__(self, reason: str, message: str = "") -> None:
        """`reason` is the short stored form; `message` explains it to a person."""
        super().__init__(message or reason)
        self.reason = reason
