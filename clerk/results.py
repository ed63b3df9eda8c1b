"""Where chords count their answers: Celery's Redis backend, for programs that wait for no result.

Workers write the result of a chord's header to Redis, where the last one to answer sends the body;
what a run has reached is read from Postgres. So nobody ever asks for a result, but Celery expects
it of whoever sends a chord: it subscribes to each header's result, keeps an object of each that
only a look at that subscription would free, and ends these when the interpreter is half gone.

Accepted: `AsyncResult.get` hears of a result only if it is there already.
"""

from typing import Any

from celery.backends.redis import RedisBackend


class Backend(RedisBackend):
    """Sends and counts chords; listens to nothing and keeps nothing of what was sent."""

    def add_pending_result(self, result: Any, weak: object = None, **_: object) -> Any:
        """Somebody might wait for `result`: nobody does."""
        del weak  # Celery's signature
        return result

    def remove_pending_result(self, result: Any) -> Any:
        """Nobody waits for `result` any more: nobody did."""
        return result

    def on_task_call(self, producer: Any, task_id: str) -> None:
        """A task with a result is being sent: its result needs no listener."""
