"""clerk turns a municipality's agendas and minutes into a searchable public database."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery import Celery

__version__ = "0.1.0"


def __getattr__(name: str) -> "Celery":
    """`celery -A clerk` finds the app here; loading it costs 0.5 s, so only on demand."""
    if name == "app":
        from clerk.celery import app  # noqa: PLC0415 - the one late import, for a quick CLI

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
