"""Removing a site: its rows, and what readers see of it where that is asked for."""

from dataclasses import dataclass

from clerk.stages.sites_index import remove_site
from clerk.steps.publish import sites_lock
from clerk.store import audit, effects, runs, sites
from clerk.wiring import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What removing a site would do."""

    site: str
    unpublish: bool
    known: bool
    """False: its rows went before, and only what is published may be left."""
    runs: tuple[str, ...]
    """The runs that are under way and end with the site."""


def plan(at: Services, subdomain: str, *, unpublish: bool) -> Plan:
    """What there is to remove. Raises UnknownSite, unless what is published may be left of it."""
    with at.transaction() as connection:
        known = sites.known(connection, subdomain)
        if not known and not unpublish:
            raise sites.unknown(connection, subdomain)
        under_way = tuple(run.id for run in runs.in_flight(connection, subdomain))
    return Plan(site=subdomain, unpublish=unpublish, known=known, runs=under_way)


def remove(at: Services, what: Plan, *, who: str, reason: str) -> None:
    """Forget the site, then take from readers what they see of it. Raises UnknownSite, Busy."""
    with at.transaction() as connection:
        if what.known:
            sites.remove(connection, what.site)
        audit.record(
            connection, who=who, action="site remove", target=what.site, reason=reason, count=1
        )
    if what.unpublish and not _withdraw(at, what) and not what.known:
        with at.transaction() as connection:
            raise sites.unknown(connection, what.site)


def _withdraw(at: Services, what: Plan) -> bool:
    """Whether readers saw anything of it."""
    for run in what.runs:
        with at.transaction() as connection:
            effects.wait(connection, run)
    gone = at.deployer.withdraw(what.site)
    remove_site(at.sites_db, what.site, lock=sites_lock(at))
    return gone
