"""A folder of PDFs on this machine or a mounted share -> documents. Rules: docs/fetching.md.

What flows out are paths relative to the folder, so that no path of this machine is ever published;
`fetch` takes nothing else, and opens nothing outside the folder, whatever links lie in it.
Accepted: a link that is exchanged between the check and the opening; who can do that can also write
into the folder.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pydantic import Field, field_validator

from clerk.adapters.files import atomic_copy
from clerk.errors import SourceRefused, SourceUnavailable
from clerk.fetchers import options as opt
from clerk.model import (
    DiscoveredDocument,
    DocumentKind,
    Download,
    Site,
    UndatedDocument,
    Validators,
)
from clerk.ports import Http
from clerk.stages import dating, naming, sessions

_GROUPS = {"body", "date", "kind", "title"}


class FolderOptions(opt.Options):
    """Options of the `folder` fetcher."""

    pattern: opt.Pattern | None = None
    """Searched in the relative path; named groups body, date, kind, title say what it is."""
    exclude: list[str] = Field(default_factory=list, max_length=100)
    """Globs of relative paths, or of single folder and file names, to leave out."""

    undated: Literal["report", "file-time"] = "report"
    """What to do where no date is told: report it, or estimate it by when the file was changed."""

    @field_validator("pattern")
    @classmethod
    def _has_groups(cls, pattern: str | None) -> str | None:
        found = opt.groups(pattern) if pattern else _GROUPS
        if not found or found - _GROUPS:
            raise ValueError(f"name its groups {', '.join(sorted(_GROUPS))}, like (?P<date>...)")
        return pattern

    def excludes(self, path: str) -> bool:
        """Whether a relative path is to be left out."""
        names = [path, *PurePosixPath(path).parts]
        return any(fnmatch(name.lower(), glob.lower()) for glob in self.exclude for name in names)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A thing found in the folder: relative path, and its state or why it cannot be read."""

    path: str
    state: os.stat_result | None = None
    problem: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder that cannot be read; others are never told."""
        return self.path.endswith("/")


class FolderFetcher:
    """Fulfils `ports.Fetcher` for `source` = an absolute path to a folder."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def problems(self, site: Site) -> list[str]:
        """Everything wrong with the path and the options."""
        return [*_source_problems(site.source), *opt.check(FolderOptions, site.options)]

    def discover(
        self, site: Site, *, since: int | None
    ) -> Iterator[DiscoveredDocument | UndatedDocument]:
        """Every PDF below the folder, by path; see `ports.Fetcher`."""
        options = opt.parse(FolderOptions, site)
        root = _root(site)
        today = date.today()
        for entry in _walk(root):
            if options.excludes(entry.path):
                continue
            document = _document(entry, options, today)
            if not _before(document, since):
                yield document

    def fetch(
        self,
        site: Site,
        url: str,
        into: Path,
        known: Validators | None,  # noqa: ARG002 - the listing's size and time decide already
    ) -> Download | None:
        """Copy one file; `url` is what `discover` said. Raises as `ports.Fetcher` says."""
        root = _root(site)
        source = _inside(root, _from_id(url))
        if source is None:
            raise SourceRefused(
                "not allowed", f"{url!r} is not a file below the site's folder; run discovery again"
            )
        return atomic_copy(source, into, limit=self._http.document_bytes)


def _before(document: DiscoveredDocument | UndatedDocument, since: int | None) -> bool:
    if since is None or isinstance(document, UndatedDocument):
        return False
    return document.date.year < since


# -- the folder -----------------------------------------------------------------------------------


def _source_problems(source: str) -> list[str]:
    if "\0" in source or not Path(source).is_absolute():
        return [f"source {source!a} is not an absolute path; write it from the root, like /srv/x"]
    if not Path(source).is_dir():
        return [f"source {source!a} is not a folder here; create or mount it, or correct it"]
    return []


def _root(site: Site) -> Path:
    if _source_problems(site.source):
        reason = "no such folder on the worker's machine"
        raise SourceUnavailable(
            f"{reason}: {site.source!a}; create or mount it there, or `clerk site edit`", reason
        )
    return Path(site.source).resolve()


def _walk(root: Path) -> Iterator[_Entry]:
    """PDFs and unreadable things below `root`, sorted folder by folder; hidden names left out."""
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield _Entry(f"{folder}/", problem=f"this folder cannot be read ({error.strerror})")
            continue
        deeper = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                deeper.append(path)
            elif entry.name.lower().endswith(".pdf"):
                yield _examined(root, path)
        folders.extend(reversed(deeper))


def _examined(root: Path, path: str) -> _Entry:
    source = _inside(root, path)
    if source is None:
        return _Entry(path, problem="this is a link to outside the folder, or to nothing")
    try:
        state = source.stat()
    except OSError as error:
        return _Entry(path, problem=f"this file cannot be read ({error.strerror})")
    if not stat.S_ISREG(state.st_mode):
        return _Entry(path, problem="this is not a regular file")
    return _Entry(path, state=state)


def _inside(root: Path, path: str) -> Path | None:
    """The real file of a relative path, or None if there is none below `root`."""
    try:
        # RuntimeError: how Python 3.11 reports links that go round in a circle.
        source = (root / path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    return source if source != root and source.is_relative_to(root) else None


# -- names ----------------------------------------------------------------------------------------


def _to_id(path: str) -> str:
    """A relative path as printable text from which `_from_id` gets the exact bytes back."""
    return "".join(
        c if c.isprintable() and c != "%" else quote_from_bytes(os.fsencode(c), safe="")
        for c in path
    )


def _from_id(text: str) -> str:
    return os.fsdecode(unquote_to_bytes(text))


# -- what a path says ------------------------------------------------------------------------------


def _document(
    entry: _Entry, options: FolderOptions, today: date
) -> DiscoveredDocument | UndatedDocument:
    shown = _to_id(entry.path)
    said = _said(entry.path, options)
    kind = _kind(entry.path, said, options)
    day = None if entry.problem else _date(entry.path, said, options, today)
    estimated = day is None and options.undated == "file-time"
    if estimated and entry.state is not None:
        day = datetime.fromtimestamp(entry.state.st_mtime, UTC).date()
    if day is None or entry.state is None:
        reason = entry.problem or _why_undated(entry.path, today)
        return UndatedDocument(
            kind=kind,
            source_id=shown,
            url=shown,
            reason=reason,
            dateless=not entry.problem,
            partial=entry.is_folder,
        )
    body = _body(entry.path, said, options)
    return DiscoveredDocument(
        kind=kind,
        source_id=shown,
        url=shown,
        body=body,
        date=day,
        title=naming.clean(said.get("title") or PurePosixPath(entry.path).stem),
        session=_session(entry.path, said, body),
        date_estimated=estimated,
        validator=f"{entry.state.st_size}-{entry.state.st_mtime_ns}",
    )


def _said(path: str, options: FolderOptions) -> dict[str, str]:
    """What the option `pattern` finds in the path: group -> text."""
    match = opt.search(options.pattern, path) if options.pattern else None
    return {name: text for name, text in match.groupdict().items() if text} if match else {}


def _kind(path: str, said: dict[str, str], options: FolderOptions) -> DocumentKind:
    """The part nearest to the file that tells; else the option; else minutes, the usual archive."""
    told = (naming.find_kind(part) for part in (said.get("kind", ""), *_upwards(path)))
    return options.kind_or(next(filter(None, told), None)) or DocumentKind.MINUTES


def _session(path: str, said: dict[str, str], body: str) -> str:
    """The part nearest to the file that tells; empty: none does."""
    parts = (said.get("title", ""), *_upwards(path))
    return next(filter(None, (sessions.find_session(part, body) for part in parts)), "")


def _date(path: str, said: dict[str, str], options: FolderOptions, today: date) -> date | None:
    where = said.get("date", path)
    if options.date_format:
        parts = [where] if "date" in said else _upwards(path)
        found = (dating.find_formatted(part, options.date_format, today=today) for part in parts)
        return next(filter(None, found), None)
    return dating.date_of_path(_stem(where), today=today, day_first=options.day_first)


def _why_undated(path: str, today: date) -> str:
    if impossible := dating.impossible_date(_stem(path), today=today):
        return f"no body can have met on {impossible}, as its path says; correct its name"
    return (
        "no date in its path; name it like 2024-03-05, or set the option date_format, pattern or"
        " undated=file-time"
    )


def _body(path: str, said: dict[str, str], options: FolderOptions) -> str:
    """A part that says council, board, …; else the option, the nearest folder, a guess."""
    if said.get("body"):
        return options.called(naming.clean(said["body"]))
    name, *folders = _upwards(path)
    named = (naming.body_named(part) for part in (*folders, name))
    hints = (naming.body_hinted(part) for part in folders)
    body = next(filter(None, named), None) or options.body or next(filter(None, hints), None)
    return options.called(body or naming.acronym(name) or naming.NAMELESS_BODY)


def _upwards(path: str) -> list[str]:
    """File name without its ending, then the folders from the nearest to the top."""
    return list(reversed(_stem(path).split("/")))


def _stem(path: str) -> str:
    return path[:-4] if path.lower().endswith(".pdf") else path
