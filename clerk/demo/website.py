"""A folder -> a small web server on the loopback address, as a town might run it.

Serves files with ETag and Last-Modified and answers conditional requests with 304. Only regular
files below the folder, none whose path has a part that begins with a dot.
"""

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from clerk.demo.town import REVISED, REVISION, document_path

_PORT = ".port"
_TYPES = {".html": "text/html; charset=utf-8", ".pdf": "application/pdf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Website:
    """A running website; `url` ends with a slash."""

    url: str
    folder: Path

    @property
    def revised(self) -> bool:
        """Whether the revision is what the old URL serves."""
        target = self.folder / document_path(REVISED)
        return target.read_bytes() == (self.folder / REVISION).read_bytes()

    def revise(self) -> None:
        """Publish the revised agenda behind its old URL. Twice is the same as once."""
        target = self.folder / document_path(REVISED)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
            file.write((self.folder / REVISION).read_bytes())
            file.flush()
            os.fsync(file.fileno())
        shutil.copystat(self.folder / REVISION, file.name)
        Path(file.name).replace(target)


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[Website]:
    """Serve `folder` on 127.0.0.1 until the block ends.

    Port 0 takes the port of last time while it is free, else any: a document is known by its URL,
    so a new port would make every document new. Raises OSError if a port asked for is taken.
    """
    server = _listen(folder.resolve(), port)
    actual = int(server.server_address[1])
    (folder / _PORT).write_text(str(actual))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Website(url=f"http://127.0.0.1:{actual}/", folder=folder)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _listen(root: Path, port: int) -> "_Server":
    if port:
        return _Server(root, port)
    try:
        return _Server(root, int((root / _PORT).read_text()))
    except (OSError, ValueError, OverflowError):  # no last time, or its port is taken
        return _Server(root, 0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A connection kept alive by a client must not hold up the end of the demo.
    block_on_close = False

    def __init__(self, root: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.root = root


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "AlderFerry"
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        """Answer with the file, or 304 if the client has it."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer as GET would, without the content."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the demo's own progress fills the terminal."""

    def _answer(self, *, with_body: bool) -> None:
        try:
            path = _locate(self.server.root, self.path)
            content, modified = path.read_bytes(), int(path.stat().st_mtime)
        except OSError:  # absent, a folder, a name too long, not allowed: all the same to clients
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        if self._known(etag, modified):
            self._head(HTTPStatus.NOT_MODIFIED, etag, modified)
            return
        kind = _TYPES.get(path.suffix, "application/octet-stream")
        self._head(HTTPStatus.OK, etag, modified, size=len(content), kind=kind)
        if with_body:
            self.wfile.write(content)

    def _known(self, etag: str, modified: int) -> bool:
        """Whether the client's copy is current; If-None-Match decides alone (RFC 9110, 13.1.3)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return etag in given or "*" in given
        since = self.headers.get("If-Modified-Since")
        try:
            return since is not None and modified <= parsedate_to_datetime(since).timestamp()
        except (ValueError, OverflowError):  # a date that is none counts as not sent
            return False

    def _head(
        self, status: HTTPStatus, etag: str, modified: int, *, size: int = 0, kind: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", formatdate(modified, usegmt=True))
        if kind:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(size))
        self.end_headers()


def _locate(root: Path, target: str) -> Path:
    """The path that a request target names; FileNotFoundError for what must not be served."""
    relative = unquote(urlsplit(target).path).lstrip("/") or "index.html"
    hidden = any(part.startswith(".") for part in relative.split("/"))
    if hidden or "\0" in relative:
        raise FileNotFoundError(relative)
    path = (root / relative).resolve()
    if not path.is_relative_to(root):  # a symlink that leads out
        raise FileNotFoundError(relative)
    return path
