"""Names derived from input alone: ids of documents and pages, storage keys, task ids, public paths.

The same input always gives the same key, so a second delivery finds what the first one did. Nothing
that came from outside becomes part of a path without passing `slug` or `check_subdomain`.
"""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime

from clerk.model import DocumentKind

SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]+)*")
STORAGE_MARK = "clerk-storage-mark"
"""The storage key of the file that tells the shared folder from any other (clerk.storage_mark)."""
RUN = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")
"""A run's id within something longer."""
_ID_HEX = 24  # 96 bits: two of a billion pages collide with a chance below 1e-11


def valid_subdomain(value: str) -> bool:
    """Whether `value` may name a site (and so a folder)."""
    return len(value) <= 253 and SUBDOMAIN.fullmatch(value) is not None


def digest(*parts: str) -> str:
    """Hex digest of an unambiguous join of `parts`, 96 bits."""
    joined = "".join(f"{len(part.encode())}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:_ID_HEX]


def document_id(site: str, kind: DocumentKind, source_id: str) -> str:
    """Stable id of a document: its place at the source, never its content."""
    return digest("document", site, kind, source_id)


def page_id(site: str, kind: DocumentKind, source_id: str, number: int) -> str:
    """Stable id of a page, unique across sites; survives re-reading and revised versions."""
    return digest("page", site, kind, source_id, str(number))


def run_id(now: datetime | None = None) -> str:
    """A new run's id: sorts by time; chance keeps two enqueues of one second apart."""
    now = now or datetime.now(UTC)
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def slug(name: str) -> str:
    """`City Council / Special` -> `city-council-special`; never empty, at most 80 ASCII characters.

    A name without any ASCII letter or digit becomes `body-<digest>`, so it still has a path.
    """
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    if not plain:
        return f"body-{digest('slug', name)[:12]}"
    if len(plain) > 80:
        return f"{plain[:67].rstrip('-')}-{digest('slug', name)[:12]}"
    return plain


def page_image(
    kind: DocumentKind, body: str, day: date, ordinal: int, number: int, extension: str
) -> str:
    """Public path of a page's picture: `/<slug>/<date>[-N]/<page>.<ext>`; agendas: `/_agendas/…`.

    Source: the page_image contract of the existing civic.band clients.
    """
    prefix = "/_agendas" if kind is DocumentKind.AGENDA else ""
    suffix = "" if ordinal == 1 else f"-{ordinal}"
    return f"{prefix}/{slug(body)}/{day.isoformat()}{suffix}/{number}.{extension}"


_PICTURE = re.compile(
    r"(?P<agenda>/_agendas)?/(?P<slug>[a-z0-9-]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:-(?P<ordinal>[0-9]+))?/[0-9]+\.[a-z]*"
)


@dataclass(frozen=True, slots=True)
class PicturePlace:
    """Whose pictures a public path is of: the document with this kind, slug, day and ordinal."""

    kind: DocumentKind
    slug: str
    date: date
    ordinal: int


def picture_place(path: str) -> PicturePlace | None:
    """What `page_image` made a path of; None: it made no such path."""
    found = _PICTURE.fullmatch(path)
    if found is None:
        return None
    return PicturePlace(
        kind=DocumentKind.AGENDA if found["agenda"] else DocumentKind.MINUTES,
        slug=found["slug"],
        date=date.fromisoformat(found["day"]),
        ordinal=int(found["ordinal"] or 1),
    )


# -- storage keys: relative, `/`-separated, made of checked parts only ---------------------------


def pdf_key(site: str, sha256: str) -> str:
    """Where a document's bytes are kept: by content, so equal files are kept once a site."""
    return f"{site}/pdfs/{sha256[:2]}/{sha256}.pdf"


def generation_key(site: str, generation: int) -> str:
    """Where a built meetings.db waits to be deployed and serves as the base of the next."""
    return f"{site}/generations/{generation:08d}.db"


# -- task and group ids --------------------------------------------------------------------------


def wave_group(run: str, stage: str, wave: int) -> str:
    """Id of a wave's chord; derived, so that a body can find and forget its headers' results."""
    return f"{run}.{stage}.{wave}"


def header_task(run: str, stage: str, wave: int, item: str) -> str:
    """Celery id of one header task of a wave."""
    return f"{run}.{stage}.{wave}.{item}"
