"""Starting runs: what `clerk enqueue`, the nightly beat and programs call."""

from collections.abc import Sequence

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy import Connection

from clerk import flow, status
from clerk.adapters.plugins import load_engine
from clerk.errors import BrokerDown, QueueOff, StopRequested
from clerk.model import Priority
from clerk.store import audit, revisions, runs, sites
from clerk.store.runs import Enqueued
from clerk.wiring import Services


def enqueue(
    at: Services,
    subdomains: Sequence[str],
    *,
    priority: str = Priority.NORMAL,
    ocr_backend: str | None = None,
    all_years: bool = False,
    force: bool = False,
    who: str = "",
) -> list[Enqueued]:
    """Create or join a run for each site and send its first task.

    `who` asks for it stands in the audit trail; nobody does, where nobody asks (the nightly beat).
    Raises UnknownSite (before anything is started), UnsupportedEngine, SchemaOutdated,
    DatabaseDown, BrokerDown, StopRequested, QueueOff. A run whose message could not be sent stays,
    and is sent when Redis is back.
    """
    if ocr_backend is not None:
        load_engine(ocr_backend)
    refuse_under_stop(at)
    ping(at)
    with at.transaction() as connection:
        revisions.require_head(connection)
        for subdomain in subdomains:
            sites.get(connection, subdomain)
        # In one order, so that two commands never wait for one another.
        made = {
            subdomain: runs.enqueue(
                connection,
                subdomain,
                priority=Priority(priority),
                ocr_backend=ocr_backend,
                all_years=all_years,
                force=force,
            )
            for subdomain in sorted(set(subdomains))
        }
        if who:
            for result in made.values():
                _record(connection, result, who)
    results = [made[subdomain] for subdomain in dict.fromkeys(subdomains)]
    for result in results:
        send(result.run.id)
    return results


def _record(connection: Connection, result: Enqueued, who: str) -> None:
    """One line of the audit trail: as how many runs were made, and how they were asked for."""
    run = result.run
    how = [f"joined {run.id}" if result.joined else run.id, f"priority {run.priority}"]
    if not result.joined:
        how += [name for name, on in (("force", run.force), ("all years", run.all_years)) if on]
        how += [run.ocr_backend] if run.ocr_backend else []
    audit.record(
        connection,
        who=who,
        action="enqueue",
        target=run.site,
        reason=", ".join(how),
        count=int(not result.joined),
    )


def refuse_under_stop(at: Services) -> None:
    """Raise StopRequested under an emergency stop, QueueOff where the settings say so.

    A Redis that is away is no stop.
    """
    if not at.settings.features.durable_queue:
        raise QueueOff(
            "New work is switched off (features.durable_queue is false). Nothing was started. "
            "Set FEATURES_T1_QUEUE=true, then try again."
        )
    try:
        stop = at.stop.read()
    except RedisError:
        return
    if stop is not None:
        raise StopRequested(
            f"An emergency stop is on{stop}. Nothing was started. "
            "Lift it with `clerk emergency-stop off`, then try again."
        )


def ping(at: Services) -> None:
    """Raise BrokerDown, naming the server, unless Redis answers."""
    try:
        at.redis.ping()
    except RedisError as error:
        raise status.broker_down(at, error) from error


def send(run: str) -> None:
    """Send what a stored run says should be under way. Raises BrokerDown; the run stays."""
    try:
        flow.nudge(run)
    except (OperationalError, RedisError, RuntimeError) as error:  # Celery wraps some of them
        raise BrokerDown(
            f"Run {run} is stored but Redis went away ({error}); it starts when Redis is back."
        ) from error
