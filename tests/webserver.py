"""A small web server with the manners and faults of real ones, for tests.

    with WebServer() as web:
        web.put("/a.pdf", Reply(body=b"%PDF-1.7 ..."))
        url = web.url("/a.pdf")

A reply has an ETag and Last-Modified if told so and then answers conditional requests with 304.
`web.requests` holds the path and headers of every request, in order.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What one path answers; the last four fields are faults."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    cut: bool = False
    """Promise the whole body, send half, hang up."""
    drip: float | None = None
    """Send one byte, wait so many seconds, and so on."""
    endless: bool = False
    """Repeat the body until the client hangs up."""
    silent: bool = False
    """Take the request and never answer (until the server stops)."""


def html(text: str) -> Reply:
    return Reply(body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


class WebServer:
    """Serves replies by path (query included) from a thread; 404 for what it does not know."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._replies: dict[str, Reply] = {}
        self.stopping = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def put(self, path: str, reply: Reply) -> str:
        """Answer `path` with `reply` from now on; gives its URL."""
        self._replies[path] = reply
        return self.url(path)

    def put_folder(self, folder: Path) -> None:
        """Serve every PDF below `folder`, with ETags, and an index of links at `/`."""
        paths = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.pdf"))]
        for path in paths:
            body = (folder / path).read_bytes()
            self.put(f"/{path}", Reply(body=body, etag=f'"{len(body)}-{hash(body)}"'))
        self.put("/", html("".join(f'<li><a href="/{path}">{path}</a></li>' for path in paths)))

    def paths(self) -> list[str]:
        """The paths asked for so far."""
        return [path for path, _ in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def find(self, target: str) -> Reply:
        """What a request target is answered with."""
        plain = unquote(urlsplit(target).path)
        missing = Reply(status=404, body=b"no such page")
        return self._replies.get(target) or self._replies.get(plain) or missing


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, web: WebServer) -> None:
        self.web = web
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        web = self.server.web
        web.requests.append((self.path, dict(self.headers)))
        reply = web.find(self.path)
        try:
            if reply.silent:
                web.stopping.wait(30)
                self.close_connection = True
            elif self._is_current(reply):
                self.send_response(304)
                self.end_headers()
            else:
                self._head(reply)
                self._body(reply, web.stopping)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _is_current(self, reply: Reply) -> bool:
        etag, modified = (
            self.headers.get(f"If-{name}") for name in ("None-Match", "Modified-Since")
        )
        known = reply.etag is not None and reply.etag == etag
        return known or (reply.last_modified is not None and reply.last_modified == modified)

    def _head(self, reply: Reply) -> None:
        own = {"ETag": reply.etag, "Last-Modified": reply.last_modified}
        if reply.endless or reply.cut:
            self.close_connection = True
        if not reply.endless:
            own["Content-Length"] = str(len(reply.body))
        self.send_response(reply.status)
        for name, value in {**own, **reply.headers}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()

    def _body(self, reply: Reply, stopping: threading.Event) -> None:
        for part in _parts(reply, stopping):
            self.wfile.write(part)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
        """Stay quiet."""


def _parts(reply: Reply, stopping: threading.Event) -> Iterator[bytes]:
    if reply.cut:
        yield reply.body[: len(reply.body) // 2]
    elif reply.drip is not None:
        for byte in reply.body:
            yield bytes([byte])
            stopping.wait(reply.drip)
    else:
        yield reply.body
        while reply.endless and not stopping.is_set():
            yield reply.body
