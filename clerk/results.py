"""Where chords count their answers: Celery's Redis backend, which can be told that nobody listens.

Workers write the result of a chord's header to Redis, where the last one to answer sends the body;
what a run has reached is read from Postgres. So nobody asks for a header's result, but Celery
expects it of whoever sends a chord: it subscribes to each header's result, keeps an object of each
that only a look at that subscription would free, and ends these when the interpreter is half gone.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.backends.redis import RedisBackend


class Backend(RedisBackend):
    """Celery's own, but for what is sent inside `unheard`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._here = threading.local()

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Nobody will wait for what this thread sends inside."""
        before = self._deaf
        self._here.deaf = True
        try:
            yield
        finally:
            self._here.deaf = before

    @property
    def _deaf(self) -> bool:
        return bool(getattr(self._here, "deaf", False))

    def add_pending_result(self, result: Any, *arguments: Any, **options: Any) -> Any:
        """Somebody might wait for `result`."""
        if self._deaf:
            return result
        return super().add_pending_result(result, *arguments, **options)

    def on_task_call(self, producer: Any, task_id: str) -> None:
        """A task with a result is being sent."""
        if not self._deaf:
            super().on_task_call(producer, task_id)
