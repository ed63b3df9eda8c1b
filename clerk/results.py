"""Where chords count their answers: Celery's Redis backend, which keeps nothing of a sent chord.

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
    """Listens to what somebody waits for (`AsyncResult.get`), and to no header of a sent chord."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._here = threading.local()

    @contextmanager
    def _sending_a_chord(self) -> Iterator[None]:
        before = self._listens_not
        self._here.sending = True
        try:
            yield
        finally:
            self._here.sending = before

    @property
    def _listens_not(self) -> bool:
        return bool(getattr(self._here, "sending", False))

    def apply_chord(self, *arguments: Any, **options: Any) -> Any:
        """Send a chord's headers."""
        with self._sending_a_chord():
            return super().apply_chord(*arguments, **options)

    def add_pending_result(self, result: Any, *arguments: Any, **options: Any) -> Any:
        """Somebody might wait for `result`."""
        if self._listens_not:
            return result
        return super().add_pending_result(result, *arguments, **options)

    def on_task_call(self, producer: Any, task_id: str) -> None:
        """A task with a result is being sent."""
        if not self._listens_not:
            super().on_task_call(producer, task_id)
