"""A worker that is told to stop waits for what its children have in hand, and no longer.

Celery's own soft shutdown sleeps its whole time in a signal handler, even if the last page is done
after a second: it does not see its children's answers meanwhile. Postgres does: they hold leases.
Ctrl-C is the same, and a second signal ends the wait. What is cut off is handed back without an
attempt spent, and begins again elsewhere. Accepted: a task without a lease (a chord's body,
housekeeping) has GRACE seconds.
"""

import time
from typing import Any

import structlog
from billiard.common import REMAP_SIGTERM
from celery import signals
from celery.apps import worker as celery_worker
from celery.worker import state
from sqlalchemy.exc import SQLAlchemyError

from clerk import lifecycle
from clerk.errors import ClerkError
from clerk.files import alive
from clerk.store import jobs, ledger
from clerk.store.workers import Holder
from clerk.wiring import Services, services

log = structlog.get_logger(__name__)

GRACE = 1.5
"""Seconds that everything gets: a message just handed to a child has no lease yet."""
LOOK_EVERY = 0.25


class Worker(celery_worker.Worker):
    """Celery's worker, quicker to stop."""

    hostname: str

    def install_platform_tweaks(self, worker: Any) -> None:
        """Celery's own, but SIGINT stops as SIGTERM does: its warm shutdown has no bound."""
        super().install_platform_tweaks(worker)
        if REMAP_SIGTERM == "SIGQUIT":
            celery_worker.install_worker_term_hard_handler(worker, sig="SIGINT")  # type: ignore[attr-defined]

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
            if state.should_terminate:  # a second signal, which has killed the children
                break
            time.sleep(LOOK_EVERY)
        # Before their messages go back: whoever gets one shall find its item free.
        give_back(services(), self.hostname)

    def terminate(self, in_sighandler: bool = False) -> None:  # noqa: FBT001, FBT002 - Celery's
        """Celery's cold shutdown, and like its warm one it says when the children are gone."""
        super().terminate(in_sighandler)
        signals.worker_shutdown.send(sender=self)


def give_back(at: Services, node: str) -> None:
    """Return what this worker's children hold, in good order."""
    try:
        with at.transaction() as connection:
            ledger.release_life(connection, node, lifecycle.LIFE)
    except (ClerkError, SQLAlchemyError) as error:
        log.warning("not given back", error=str(error)[: jobs.ERROR_CHARS])


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
