"""Sites: the municipalities and where their documents are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, func, select, update
from sqlalchemy.dialects import postgresql

from clerk.errors import InvalidInput, UnknownSite
from clerk.model import Site
from clerk.store import dead_letters
from clerk.store.tables import generations, sites
from clerk.text import near

_FIELDS = tuple(Site.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Which generation of a site readers see. Zero: none yet."""

    generation: int
    published: int
    published_full: int
    published_at: datetime | None
    withdrawn: Sequence[int] = ()
    """Generations that readers had and a person took back, oldest first."""


def _site(row: RowMapping) -> Site:
    return Site(**{name: row[name] for name in _FIELDS})


def add(connection: Connection, site: Site) -> None:
    """Store a new site. Raises InvalidInput if the subdomain is taken."""
    statement = postgresql.insert(sites).values(**asdict(site)).on_conflict_do_nothing()
    # Not rowcount: an INSERT's is not told by every version of SQLAlchemy.
    if connection.execute(statement.returning(sites.c.subdomain)).first() is None:
        raise InvalidInput(
            f"The site {site.subdomain} exists already. Change it with `clerk site edit`."
        )


def get(connection: Connection, subdomain: str) -> Site:
    """One site. Raises UnknownSite, naming near matches."""
    row = connection.execute(select(sites).where(sites.c.subdomain == subdomain)).mappings().first()
    if row is None:
        raise unknown(connection, subdomain)
    return _site(row)


def known(connection: Connection, subdomain: str) -> bool:
    """Whether there is such a site."""
    return (
        connection.execute(select(sites.c.subdomain).where(sites.c.subdomain == subdomain)).first()
        is not None
    )


def unknown(connection: Connection, subdomain: str) -> UnknownSite:
    """The error for a name that no site has, with near matches."""
    names = connection.execute(select(sites.c.subdomain)).scalars().all()
    meant = near(subdomain, names, most=3)
    hint = f"Did you mean {', '.join(meant)}?" if meant else "`clerk site list` shows all sites."
    return UnknownSite(f"There is no site {subdomain!r}. {hint}")


def everything(connection: Connection) -> Sequence[Site]:
    """All sites by subdomain."""
    rows = connection.execute(select(sites).order_by(sites.c.subdomain)).mappings()
    return [_site(row) for row in rows]


def published(connection: Connection) -> Mapping[str, int]:
    """Site -> the generation that its readers were given last; 0 before the first."""
    rows = connection.execute(select(sites.c.subdomain, sites.c.published_generation))
    return {row.subdomain: row.published_generation for row in rows}


def replace(connection: Connection, site: Site) -> None:
    """Overwrite a known site's fields."""
    connection.execute(
        update(sites)
        .where(sites.c.subdomain == site.subdomain)
        .values(**asdict(site), updated_at=func.now())
    )


def remove(connection: Connection, subdomain: str) -> None:
    """Delete a site with all its rows; files stay, and dead letters, closed. Raises UnknownSite."""
    if connection.execute(delete(sites).where(sites.c.subdomain == subdomain)).rowcount == 0:
        raise unknown(connection, subdomain)
    dead_letters.close_all(connection, subdomain)


def publication(connection: Connection, subdomain: str) -> Publication:
    """What readers of this site see."""
    row = connection.execute(
        select(
            sites.c.generation,
            sites.c.published_generation,
            sites.c.published_full,
            sites.c.published_at,
        ).where(sites.c.subdomain == subdomain)
    ).one()
    return Publication(
        generation=row.generation,
        published=row.published_generation,
        published_full=row.published_full,
        published_at=row.published_at,
        withdrawn=_withdrawn(connection, subdomain, row.published_generation),
    )


def _withdrawn(connection: Connection, subdomain: str, published: int) -> Sequence[int]:
    columns = generations.c
    statement = select(columns.number).where(
        columns.site == subdomain, columns.number > published, columns.published_at.is_not(None)
    )
    return list(connection.execute(statement.order_by(columns.number)).scalars())


def lock(connection: Connection, subdomain: str) -> bool:
    """Hold the site's row until the transaction ends; False: no such site."""
    row = connection.execute(
        select(sites.c.subdomain).where(sites.c.subdomain == subdomain).with_for_update()
    )
    return row.first() is not None
