"""Where readers and Postgres disagree: published sites that are unknown, known ones that are gone.

Either means that a folder was lost or another one is mounted. Also published databases that readers
cannot use, or that tell what is no more. Changes nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection

from clerk import published
from clerk.keys import valid_subdomain
from clerk.stages.compile import fault
from clerk.steps.publish import stale_gaps
from clerk.store import audit, runs, sites
from clerk.text import counted
from clerk.wiring import Services

NAMED = 5
"""How many sites are named; a lost folder is seen by fewer."""

UNKNOWN_REMEDY = (
    "if Postgres was lost, restore it (of `clerk up`: the folder `postgres` of its state); else "
    "add them again with `clerk site add`, or `clerk site remove SITE --unpublish` takes one from "
    "readers"
)


def unknown(at: Services, connection: Connection) -> Sequence[str]:
    """Sites that readers have and this database does not know; not those that a person removed."""
    there = [site for site in published.databases(at.settings.published) if valid_subdomain(site)]
    known = sites.published(connection).keys() if there else ()
    strange = [site for site in there if site not in known]
    removed = audit.targets(connection, "site remove", strange) if strange else frozenset()
    return [site for site in strange if site not in removed]


def unknown_words(at: Services, found: Sequence[str]) -> str:
    """What is said of unknown sites; at least one."""
    return (
        f"{counted(len(found), 'site')} published in {at.settings.published} that this database "
        f"does not know: {_named(found)}"
    )


def gone(at: Services, connection: Connection) -> Sequence[str]:
    """Sites that were published and that readers find no longer."""
    generations = sites.published(connection)
    return [
        site.subdomain
        for site in sites.everything(connection)
        if generations[site.subdomain] and at.deployer.served(site) is None
    ]


def gone_words(at: Services, found: Sequence[str]) -> str:
    """What is said of published sites that are gone; at least one."""
    what = "database is" if len(found) == 1 else "databases are"
    return f"the published {what} gone from {at.settings.published}: {_named(found)}"


def unreadable(served: Mapping[str, Path]) -> Mapping[str, str]:
    """Site -> why its readers cannot use what is `served`; of those that cannot."""
    found = {site: fault(path) for site, path in served.items()}
    return {site: why for site, why in found.items() if why}


def stale(connection: Connection, whole: Mapping[str, Path]) -> Mapping[str, int]:
    """Site -> how much its database tells as missing that is missing no more; of those that do.

    Of databases that are `whole`, but where a run is in flight, which may publish it.
    """
    busy = {run.site for run in runs.in_flight(connection)}
    found = {
        site: stale_gaps(connection, site, path) for site, path in whole.items() if site not in busy
    }
    return {site: count for site, count in found.items() if count}


def served(at: Services, connection: Connection) -> Mapping[str, Path]:
    """The files of this machine that readers of known sites have."""
    there = {site.subdomain: at.deployer.served(site) for site in sites.everything(connection)}
    paths = {site: Path(found.location) for site, found in there.items() if found is not None}
    return {site: path for site, path in paths.items() if path.is_file()}


def _named(found: Sequence[str]) -> str:
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return ", ".join(found[:NAMED]) + more
