"""Publishing by hand: the newest generation again, or the one before."""

from clerk import keys
from clerk.errors import InvalidInput
from clerk.model import Deployed, Site
from clerk.stages.sites_index import remove_site
from clerk.steps.publish import list_site, sites_lock
from clerk.store import audit, generations, sites
from clerk.wiring import Services


def deploy(at: Services, subdomain: str, *, rollback: bool, who: str = "cli") -> Deployed:
    """Serve another generation and say so in Postgres, sites.db and the audit trail."""
    with at.transaction() as connection:
        site = sites.get(connection, subdomain)
        newest = generations.newest_built(connection, subdomain)
    if rollback:
        result = _before_newest_run(at, site)
        # The index refuses to go back by itself.
        remove_site(at.sites_db, subdomain, lock=sites_lock(at))
    elif newest is None:
        raise InvalidInput(
            f"{subdomain} has no generation yet. Make one with `clerk enqueue {subdomain}`."
        )
    else:
        with at.storage.local(keys.generation_key(subdomain, newest.number)) as database:
            result = at.deployer.deploy(site, database, newest.number)
    with at.transaction() as connection:
        generation = generations.get(connection, subdomain, result.generation)
        generations.set_published(connection, subdomain, result.generation)
        audit.record(
            connection,
            who=who,
            action="rollback" if rollback else "deploy",
            target=subdomain,
            count=result.generation,
        )
    list_site(at, site, generation)
    return result


def _before_newest_run(at: Services, site: Site) -> Deployed:
    """Go back past all that the run of the served generation published.

    A run's own earlier generations say what its last one says: going back to them undoes nothing.
    Where no other run's generation is kept, the run's first one is served.
    """
    served = at.deployer.served(site)
    result = at.deployer.rollback(site)
    while served is not None and _run(at, site, result) == _run(at, site, served):
        try:
            result = at.deployer.rollback(site)
        except InvalidInput:
            break
    return result


def _run(at: Services, site: Site, deployed: Deployed) -> str:
    with at.transaction() as connection:
        return generations.get(connection, site.subdomain, deployed.generation).run
