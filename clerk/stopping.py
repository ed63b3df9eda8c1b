"""A worker that is told to stop waits for what its children have in hand, and no longer.

Celery's own soft shutdown sleeps its whole time in a signal handler, even if the last page is done
after a second: it does not see its children's answers meanwhile. Postgres does: they hold leases.
Accepted: a task without a lease (a chord's body, housekeeping) has GRACE seconds; what is cut off
is handed back, and begins again elsewhere.
"""

import time

import structlog
from celery.apps import worker as celery_worker
from celery.worker import state
from sqlalchemy.exc import SQLAlchemyError

from clerk import lifecycle
from clerk.errors import ClerkError
from clerk.files import alive
from clerk.store import ledger
from clerk.store.workers import Holder
from clerk.wiring import Services, services

log = structlog.get_logger(__name__)

GRACE = 1.5
"""Seconds that everything gets: a message just handed to a child has no lease yet."""
LOOK_EVERY = 0.25


class Worker(celery_worker.Worker):
    """Celery's worker, quicker to stop."""

    hostname: str

    def wait_for_soft_shutdown(self) -> None:  # type: ignore[override] # Celery answers nothing
        """On SIGTERM or SIGQUIT, in the main process: until no child holds a lease.

        At the latest after `worker_soft_shutdown_timeout`.
        """
        longest = float(self.app.conf.worker_soft_shutdown_timeout)
        if longest <= 0 or not state.active_requests:
            return
        log.warning("stopping softly", seconds=longest)
        began = time.monotonic()
        time.sleep(min(GRACE, longest))
        while time.monotonic() - began < longest and in_hand(services(), self.hostname):
            time.sleep(LOOK_EVERY)


def in_hand(at: Services, node: str) -> bool:
    """Whether a living child of this worker has work in hand; yes where Postgres cannot say.

    What a dead child held is given back: nobody else would know for half a minute.
    """
    try:
        with at.transaction() as connection:
            held = ledger.holders(connection, node, lifecycle.LIFE)
            dead = [each for each in held if not alive(Holder.parse(each).pid)]
            for each in dead:
                ledger.release_holder(connection, each, spent=True, error="crash")
    except (ClerkError, SQLAlchemyError):
        return True
    return len(held) > len(dead)
