"""Structured logs: static event names with identifiers, one line an event, JSON or for people.

No secrets: URLs lose their passwords, and nothing logs objects.
"""

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from clerk.settings import Settings
from clerk.text import without_passwords


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut passwords out of every URL in an event."""
    return {
        key: without_passwords(value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def configure(settings: Settings) -> None:
    """Send structlog and the standard library's logging the same way, to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in ("httpx", "httpcore", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def bound(**identifiers: str) -> AbstractContextManager[Any]:
    """Every event inside the block carries these identifiers."""
    return structlog.contextvars.bound_contextvars(**identifiers)
