"""The Celery app: `celery -A clerk …` ends up here through `clerk.app`.

The configuration is the `celeryconfig.py` that ships with clerk, loaded by its path: a file of the
same name in the working folder is somebody else's. CELERY_CONFIG_MODULE names another on purpose.
"""

import importlib.util
import os
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from celery import Celery

CONFIG_FILE = Path(__file__).parent.parent / "celeryconfig.py"


def load_config() -> ModuleType:
    """Our own celeryconfig: beside the package, both in a checkout and in site-packages."""
    spec = importlib.util.spec_from_file_location("clerk_celeryconfig", CONFIG_FILE)
    if spec is None or spec.loader is None:
        raise ImportError(f"{CONFIG_FILE} is missing: reinstall clerk")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Clerk(Celery):
    """Celery with a worker of our own."""

    @cached_property
    def Worker(self) -> Any:  # noqa: N802 - Celery's name
        """Loaded when a worker starts: programs that only send need none of it."""
        return self.subclass_with_self("clerk.stopping:Worker")  # type: ignore[arg-type] # by name


app = Clerk("clerk", task_cls="clerk.lifecycle:Task", include=["clerk.tasks", "clerk.signals"])
app.config_from_object(os.environ.get("CELERY_CONFIG_MODULE") or load_config())

# Celery reads these before it imports what `include` names; `signals.Burst` obeys them.
app.user_options["worker"].add(
    click.Option(["--burst"], is_flag=True, help="End when the queues are drained.")
)
app.user_options["worker"].add(
    click.Option(["--fail-on-error"], is_flag=True, help="With --burst: exit 1 if a job failed.")
)
