"""Which queues a worker takes from: none under an emergency stop, never those that are paused.

Runs in a worker's main process. A thread looks at the stop and at the paused queues; what follows
from it is done by the worker's own loop, which owns the connection to the broker.
"""

import threading
from collections.abc import Sequence
from typing import Any

import structlog
from celery import Celery
from sqlalchemy.exc import SQLAlchemyError

from clerk.errors import ClerkError
from clerk.store import pauses
from clerk.wiring import services

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the emergency stop; every second time also at paused queues."""


class Ear(threading.Thread):
    """Listens to what the operator says; `own` are the queues the worker was started for."""

    def __init__(self, app: Celery) -> None:
        """Called before the worker consumes: lets go of what must not be taken from the start on.

        The worker's queues, in the order of preference, are those selected in `app` by then.
        """
        super().__init__(name="ear", daemon=True)
        self.own: list[str] = list(app.amqp.queues.consume_from)
        self.stopped = False
        self._paused: set[str] = set()
        self._ended = threading.Event()
        self._consumer: Any = None
        self._look_at_stop()
        self._look_at_pauses()
        app.amqp.queues.deselect([name for name in self.own if name not in self.wanted()])

    def wanted(self) -> list[str]:
        """The queues to take from, most urgent first."""
        if self.stopped:
            return []
        return [name for name in self.own if name not in self._paused]

    def listen(self, consumer: Any) -> None:
        """Begin; `consumer` is Celery's."""
        self._consumer = consumer
        self.start()

    def run(self) -> None:
        """Until the worker ends."""
        looks = 0
        while not self._ended.wait(LOOK_EVERY):
            self._look_at_stop()
            if looks % 2 == 0:
                self._look_at_pauses()
            looks += 1
            self._consumer.hub.call_soon(take_from, self._consumer, self.own, self.wanted())

    def leave(self) -> None:
        """The worker ends."""
        self._ended.set()

    def _look_at_stop(self) -> None:
        stopped = services().stop.is_on()
        if stopped != self.stopped:
            log.warning("emergency stop" if stopped else "emergency stop lifted")
        self.stopped = stopped

    def _look_at_pauses(self) -> None:
        try:
            with services().transaction() as connection:
                paused = pauses.names(connection)
        except (ClerkError, SQLAlchemyError) as error:
            # What was paused stays paused until Postgres says otherwise.
            log.warning("paused queues unknown", error=str(error)[:200])
            return
        if paused != self._paused:
            log.info("paused queues", queues=sorted(paused))
        self._paused = paused


def take_from(consumer: Any, own: Sequence[str], wanted: Sequence[str]) -> None:
    """Make Celery's consumer take from `wanted` only. Runs in the worker's loop."""
    tasks = consumer.task_consumer
    if tasks is None:  # the broker is away; the next look finds the new connection
        return
    taking = [name for name in own if tasks.consuming_from(name)]
    if taking == list(wanted):
        return
    # Let go of all and take again: on Redis the order of consuming is the order of preference.
    for name in taking:
        consumer.cancel_task_queue(name)
    for name in wanted:
        consumer.add_task_queue(name)
