"""Publishing by hand: the newest generation again, or the one before."""

from pathlib import Path

from sqlalchemy import Connection

from clerk import keys, published
from clerk.errors import InvalidInput
from clerk.model import Deployed, Site
from clerk.stages.compile import fault
from clerk.stages.sites_index import remove_site
from clerk.steps import pictures
from clerk.steps.publish import list_site, sites_lock, taken_by, withheld
from clerk.store import audit, generations, sites
from clerk.store.generations import Generation
from clerk.wiring import Services


def deploy(
    at: Services, subdomain: str, *, rollback: bool, taking: bool = False, who: str = "cli"
) -> Deployed:
    """Serve another generation and say so in Postgres, sites.db and the audit trail.

    Raises InvalidInput where there is nothing to serve or to go back to, where that is damaged or
    of another version, or readers have a number that this database never gave out; Withheld,
    unless `taking`, where they would lose documents that it never knew.
    """
    with at.transaction() as connection:
        site = sites.get(connection, subdomain)
    if rollback:
        result = _before_newest_run(at, site)
        # The index refuses to go back by itself.
        remove_site(at.sites_db, subdomain, lock=sites_lock(at))
    else:
        result = _newest_again(at, site, taking=taking)
        pictures.forget_lost(at, subdomain)
    with at.transaction() as connection:
        generation = _row(connection, subdomain, result)
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


def _newest_again(at: Services, site: Site, *, taking: bool) -> Deployed:
    theirs = at.deployer.newest(site)
    with at.transaction() as connection:
        newest = generations.newest_built(connection, site.subdomain)
        ours = newest is not None and generations.offer(
            connection, site.subdomain, newest.number, theirs
        )
    if newest is None:
        raise InvalidInput(
            f"{site.subdomain} has no generation yet. "
            f"Make one with `clerk enqueue {site.subdomain}`."
        )
    if not ours:
        raise InvalidInput(
            f"Readers of {site.subdomain} were given generation {theirs} before this database knew "
            "the site (it was removed and added again, or Postgres is another one). Publish a "
            f"newer one with `clerk enqueue {site.subdomain} --force`."
        )
    with at.storage.local(keys.generation_key(site.subdomain, newest.number)) as database:
        if why := fault(database):
            raise InvalidInput(
                f"Generation {newest.number} of {site.subdomain} cannot be published: {why}. "
                f"Make a new one with `clerk enqueue {site.subdomain}`."
            )
        taken = [] if taking else taken_by(at, site, database)
        if taken:
            raise withheld(site.subdomain, newest.number, taken)
        return at.deployer.deploy(site, database, newest.number)


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
        found = generations.find(connection, site.subdomain, deployed.generation)
    return found.run if found else ""


def _row(connection: Connection, subdomain: str, deployed: Deployed) -> Generation:
    """The generation that is served; one from before the site was added gets a row for it."""
    found = generations.find(connection, subdomain, deployed.generation)
    if found is not None:
        return found
    documents, pages = published.counts(Path(deployed.location))
    generations.adopt(connection, subdomain, deployed.generation, documents=documents, pages=pages)
    return generations.get(connection, subdomain, deployed.generation)
