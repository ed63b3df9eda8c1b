"""The Protocols that stages need and adapters fulfil. Each docstring says which process calls it.

Words: the *worker child* is one prefork process of a Celery worker; the *PDF child* is the limited
process that a worker child keeps for opening PDFs.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from clerk.model import (
    Deployed,
    DiscoveredDocument,
    Download,
    Extraction,
    MeetingText,
    PageLayer,
    PdfInfo,
    Raster,
    Recognition,
    Site,
    UndatedDocument,
    Validators,
)


class Clock(Protocol):
    """Time, so that tests can hold it still."""

    def now(self) -> datetime:
        """The current time, UTC and aware."""
        ...


class Page(Protocol):
    """A fetched HTML or JSON page."""

    @property
    def url(self) -> str:
        """The final URL, after redirects: links are relative to it."""
        ...

    @property
    def text(self) -> str:
        """The decoded body."""
        ...


NO_PAGE = "no web page"
"""The reason for which a file is refused where a page was asked for."""


class Http(Protocol):
    """The only way to the web. Called in worker children; blocks; polite and capped.

    Both calls raise SourceUnavailable (timeouts, 429, 5xx: try later) or SourceRefused (4xx, too
    large, not allowed: do not).
    """

    @property
    def document_bytes(self) -> int:
        """The most bytes one document may have, however a fetcher gets it."""
        ...

    def page(self, url: str) -> Page:
        """GET a page of at most the configured size.

        Raises SourceRefused(NO_PAGE) for what its type says is a file, before it is loaded.
        """
        ...

    def download(self, url: str, into: Path, known: Validators | None = None) -> Download | None:
        """GET `url` into the file `into` (a complete PDF, or absent); None: 304 not modified."""
        ...


@runtime_checkable
class Fetcher(Protocol):
    """One kind of source. Built-in ones and plug-ins (entry point `clerk.fetchers`) are alike.

    The entry point names a class; it is called with one argument, the `Http` port. `discover` runs
    in a worker child of `fetch` (or `high`), `fetch` in worker children of `fetch`; `problems` in
    the CLI.
    """

    def problems(self, site: Site) -> list[str]:
        """Everything wrong with the site's `source` and `options`, each with its remedy."""
        ...

    def discover(
        self, site: Site, *, since: int | None
    ) -> Iterator[DiscoveredDocument | UndatedDocument]:
        """What the source lists, from the year `since` on, lazily; each source_id once.

        What is known and not among it counts as no longer listed, unless an UndatedDocument says
        that the listing is `partial`.

        Raises SourceUnavailable or SourceRefused when the source as a whole cannot be read.
        """
        ...

    def fetch(self, site: Site, url: str, into: Path, known: Validators | None) -> Download | None:
        """Bring one document to the file `into`; None: the source says it is unchanged.

        Raises SourceUnavailable, SourceRefused, or Unreadable("not a pdf"). On any exception
        `into` does not exist.
        """
        ...


class PdfSandbox(Protocol):
    """A PDF child with limits on CPU, wall time, memory, output and pixels. One per worker child.

    Every method raises Unreadable(reason) for what the file cannot give; the child that died or was
    killed is replaced by the next call. No method ever parses PDF bytes in the calling process.
    """

    def info(self, pdf: Path) -> PdfInfo:
        """Open the file and count its pages. Reasons: corrupt, encrypted, empty, timeout, …."""
        ...

    def layers(self, pdf: Path, first: int, last: int) -> Iterator[PageLayer | Exception]:
        """Text-layer verdicts of pages first..last (inclusive), in order, one item a page.

        A page that cannot be inspected yields its Unreadable instead of raising, and the pages
        after it still come.
        """
        ...

    def render(self, pdf: Path, number: int, dpi: int, rotate: int = 0) -> Raster:
        """Page `number` in grey at `dpi`, or lower where the pixel cap requires it.

        `rotate` adds 0, 90, 180 or 270 degrees clockwise to the page's own /Rotate.
        """
        ...

    def picture(self, pdf: Path, number: int, into: Path) -> None:
        """Encode the page's public image into the file `into` (atomic); format from settings."""
        ...

    def close(self) -> None:
        """End the child."""
        ...


class OcrEngine(Protocol):
    """Recognises rasters. Lives warm in the worker child that calls it; single-threaded.

    The entry point (`clerk.ocr_engines`) names a class called with no argument; constructing it
    raises UnsupportedEngine with the remedy where it cannot work on this machine.
    """

    @property
    def version(self) -> str:
        """Name, version and fixed options, stored beside each text: `tesserocr 5.5.4 psm3`."""
        ...

    def model(self, languages: str) -> str:
        """What was trained for `languages`, to tell one model from another: `eng-7d4322bd`.

        Same version and same model: the same text for the same raster, so readings are shared.
        Raises UnsupportedEngine naming what is missing.
        """
        ...

    def recognise(self, raster: Raster, languages: str, *, timeout: float) -> Recognition:
        """Text in reading order. `languages` as Tesseract writes them: `eng`, `eng+spa`.

        Raises Unreadable("timeout" | "engine error").
        """
        ...

    def orientation(self, raster: Raster, *, timeout: float) -> int | None:
        """Degrees clockwise (0, 90, 180, 270) to turn the raster upright; None: cannot tell.

        Raises Unreadable("timeout") past `timeout` seconds, and UnsupportedEngine for missing data.
        """
        ...


class Extractor(Protocol):
    """Finds people, motions and votes. Entry point `clerk.extractors`; called with no argument.

    Made in worker children of every queue, which ask for its `version` and must not wait for it;
    `extract` runs in those of `extraction`.
    """

    @property
    def version(self) -> str:
        """Name and version; a new version makes documents extracted again."""
        ...

    def prepare(self) -> None:
        """Load what `extract` needs and takes long; a worker of `extraction` does before it forks.

        `extract` works without it, too.
        """
        ...

    def extract(self, meeting: MeetingText) -> Extraction:
        """Everything found in one document. Never raises on any text."""
        ...


class Storage(Protocol):
    """Files by key, shared by all workers. Keys come from `keys.py` only."""

    def put(self, key: str, source: Path) -> None:
        """Move or copy `source` to `key`, all at once: a reader sees the old or the new."""
        ...

    def local(self, key: str) -> AbstractContextManager[Path]:
        """A local path to read `key` from; raises FileNotFoundError."""
        ...

    def exists(self, key: str) -> bool:
        """Whether `key` is there."""
        ...

    def delete(self, key: str) -> None:
        """Remove `key`; fine if it is not there."""
        ...

    def list(self, prefix: str) -> Sequence[str]:
        """Keys that start with `prefix`, sorted."""
        ...


class Deployer(Protocol):
    """Puts a built meetings.db before readers. Entry point `clerk.deployers`.

    The class is called with keyword arguments `publish_dir: Path, keep: int`. Called in worker
    children of `deploy` and by `clerk deploy`.
    """

    def deploy(self, site: Site, database: Path, generation: int) -> Deployed:
        """Serve `database` as `generation`, atomically; older generations stay for rollback.

        A generation not newer than the served one is left aside: answers with what is served.
        """
        ...

    def rollback(self, site: Site) -> Deployed:
        """Serve the previous kept generation again. Raises InvalidInput if there is none."""
        ...

    def withdraw(self, subdomain: str) -> bool:
        """Take everything of a site from readers, its pictures too; False: there was nothing."""
        ...

    def served(self, site: Site) -> Deployed | None:
        """What readers see now."""
        ...

    def newest(self, site: Site) -> int:
        """The highest generation ever deployed here, rolled back ones too; 0 before the first."""
        ...
