"""The only way to the web: URLs in, decoded pages or complete PDF files out.

What a hostile or broken server can do is bounded here: where we connect (the address is checked
when it is dialled, on every redirect), how long (one deadline over names, headers, body and
redirects), how much (byte caps, one layer of compression), and what is kept (PDFs only, whole or
not at all). Server-given file names are never used.

Accepted: looking up a host name is bounded by the resolver's own limits, not by the deadline;
proxies from the environment are ignored, because behind one the dialled address is unknown; a body
without Content-Length that ends early looks complete (the PDF child then finds it corrupt).
"""

import codecs
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self

import httpcore
import httpx

from clerk.adapters.files import check_size, save_pdf
from clerk.errors import SourceRefused, SourceUnavailable
from clerk.model import Download, Validators
from clerk.ports import NO_PAGE

MAX_REDIRECTS = 5
MAX_URL = 8192

# Statuses that ask to come back: request timeout, too early, too many requests; and all of 5xx.
_LATER = {408, 425, 429}
_REDIRECTS = {301, 302, 303, 307, 308}
# One layer only: each layer of gzip can multiply the size by a thousand.
_ENCODINGS = {"", "identity", "gzip", "deflate"}
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&;](?:[\w.-]*(?:token|secret|password|passwd|signature|api_?key)|sig|key)=)[^&;#]+"
)

# -- addresses -----------------------------------------------------------------------------------

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # RFC 4291: all that IANA hands out
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocol assignments; `is_global` lets some through
        "192.88.99.0/24",  # retired 6to4 relays, RFC 7526
        "3fff::/20",  # documentation, RFC 9637; unknown to Python 3.11
    )
]


def is_public(address: str) -> bool:
    """Whether an IP address (text form) is an ordinary public one that may be dialled.

    Stricter than `ipaddress.is_global`, which accepts multicast, NAT64, 6to4 and more. Addresses
    that carry an IPv4 address are judged by that one.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _carried(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _GLOBAL_UNICAST:
            return False
    listed = any(ip.version == network.version and ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not listed


def public_or_in(networks: str) -> Callable[[str], bool]:
    """Judge of addresses that passes public ones and those in `networks` (commas between them)."""
    named = [ipaddress.ip_network(part.strip()) for part in networks.split(",") if part.strip()]

    def may_dial(address: str) -> bool:
        return is_public(address) or any(ipaddress.ip_address(address) in each for each in named)

    return may_dial


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


# -- the connection: deadline and address check ----------------------------------------------------


class _Deadline(threading.local):
    """The moment (monotonic seconds) by which the current call of this thread must be over."""

    at = float("inf")

    def left(self, patience: float | None) -> float:
        """Seconds one socket operation may take."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole request took too long")
        return left if patience is None else min(left, patience)


class _TimedStream(httpcore.NetworkStream):
    """A socket whose operations also end at the deadline, so that dripping bytes is no way out."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secure = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(secure, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _GuardedBackend(httpcore.SyncBackend):
    """Resolves a host itself, checks each address, and dials that very address.

    Checking a name and letting the library resolve it again would be open to DNS rebinding.
    """

    def __init__(self, deadline: _Deadline, may_dial: Callable[[str], bool]) -> None:
        self._deadline = deadline
        self._may_dial = may_dial

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self._addresses(host, port):
            patience = self._deadline.left(timeout)
            try:
                stream = super().connect_tcp(address, port, patience, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            named = public_url(host)
            raise SourceUnavailable(
                f"the host {named} is not found ({error}); check the name and this machine's DNS",
                f"host not found: {named}",
            ) from error
        addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        allowed = [item for item in addresses if self._may_dial(item)]
        if addresses and not allowed:
            raise SourceRefused(
                "address not allowed",
                f"{host} is at {addresses[0]}, which is not a public address; "
                f"set fetching.private_networks to {addresses[0]} if this source is meant",
            )
        return allowed


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's transport on the guarded backend."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context, trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=4,
            keepalive_expiry=15,
            network_backend=backend,
        )


# -- URLs --------------------------------------------------------------------------------------


def public_url(url: str) -> str:
    """`url` as it may be shown: no user, password or secret-looking parameter, at most 300 long."""
    shown = re.sub(r"//[^/?#]*@", "//", url, count=1)
    shown = _SECRET_PARAMETER.sub(r"\1***", shown)
    printable = "".join(c if c.isprintable() else "?" for c in shown)
    return printable if len(printable) <= 300 else printable[:297] + "..."


@dataclass(frozen=True, slots=True)
class _Target:
    """Where one request goes: the URL without user and password, and those apart.

    Apart, because httpx writes the URL of every request to its log.
    """

    url: httpx.URL
    auth: tuple[str, str] | None

    @classmethod
    def parse(cls, url: str) -> Self:
        try:
            parsed = httpx.URL(url) if len(url) <= MAX_URL else None
        except (httpx.InvalidURL, ValueError):
            parsed = None
        if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host:
            raise SourceRefused(
                "url not allowed",
                f"{public_url(url)!r} is not a complete http:// or https:// URL; correct it",
            )
        auth = (parsed.username, parsed.password) if parsed.userinfo else None
        return cls(parsed.copy_with(userinfo=b"", fragment=None), auth)

    def follow(self, location: str) -> Self:
        """The target of a redirect; credentials go along only to the same origin."""
        try:
            joined = str(self.url.join(location))
        except (httpx.InvalidURL, ValueError):
            joined = location
        target = self.parse(joined)
        same = (target.url.scheme, target.url.netloc) == (self.url.scheme, self.url.netloc)
        return replace(target, auth=self.auth if same else None)

    def __str__(self) -> str:
        return public_url(str(self.url))


# -- pages --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HttpPage:
    """A fetched page: where it was found in the end (without credentials), and its text."""

    url: str
    text: str


# The charsets of the web (WHATWG Encoding) that Python knows. Python's other codecs (idna,
# punycode, unicode_escape, …) are not charsets, and some take quadratic time.
_CHARSETS = re.compile(
    r"utf-8|utf-8-sig|utf-16(-[lb]e)?|cp(125[0-8]|866|874|932|949|950)|iso8859-\d+|koi8-[ru]"
    r"|mac-(roman|cyrillic)|gbk|gb2312|gb18030|big5|euc_jp|euc_kr|shift_jis|iso2022_jp|tis-620"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)
_META_WINDOW = 4096
_FILE_TYPE = re.compile(r"(?:image|audio|video|font)/.*|application/(?:pdf|zip|msword|vnd\..*)")
_DECLARED = re.compile(r"(?i)charset\s*=\s*[\"']?([\w.:-]{1,40})")


def decode(body: bytes, declared: str | None) -> str:
    """Text of an HTML body, read in the charset that it names.

    First wins: byte order mark, `declared` (Content-Type), <meta>, a guess. The guess is UTF-8 if
    the bytes are valid UTF-8, else Windows-1252, the web's default. Never raises: what does not fit
    becomes U+FFFD.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    meta = _META_CHARSET.search(body[:_META_WINDOW])
    named = _charset(declared) or (_charset(meta[1].decode("ascii", "replace")) if meta else None)
    if named:
        return body.decode(named, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _charset(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name if label else ""
    except (LookupError, ValueError):
        return None
    if name in {"iso8859-1", "ascii"}:
        return "cp1252"  # as every browser reads these labels
    return name if _CHARSETS.fullmatch(name) else None


# -- the client -----------------------------------------------------------------------------------


class HttpClient:
    """Fulfils `ports.Http`. One per worker process; open after the fork; `close()` at its end.

    `timeout`: seconds without a byte; `total`: seconds for one call with all its redirects;
    `delay`: least seconds between two requests to one host. `may_dial` judges an address unless
    `allow_private` lets all pass. `clock` and `sleep` are for tests.
    """

    def __init__(
        self,
        *,
        timeout: float = 30.0,
        user_agent: str = "clerk",
        delay: float = 0.0,
        document_bytes: int = 512 * 1024 * 1024,
        html_bytes: int = 32 * 1024 * 1024,
        allow_private: bool = False,
        total: float = 300.0,
        may_dial: Callable[[str], bool] = is_public,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._document_bytes = document_bytes
        self._html_bytes = html_bytes
        self._delay = delay
        self._total = total
        self._clock = clock
        self._sleep = sleep
        self._next_turn: dict[str, float] = {}
        self._deadline = _Deadline()
        self._client = httpx.Client(
            transport=_GuardedTransport(
                _GuardedBackend(self._deadline, _anywhere if allow_private else may_dial)
            ),
            timeout=timeout,
            headers={"User-Agent": user_agent},
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def document_bytes(self) -> int:
        """The most bytes one document may have."""
        return self._document_bytes

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def page(self, url: str) -> HttpPage:
        """GET a page of at most `html_bytes`, decoded; raises as `ports.Http` says."""
        with self._answer(url, {"Accept-Encoding": "gzip"}) as (target, response):
            self._expect(response, target, {200})
            _require_page(response, str(target))
            _check_length(response, self._html_bytes, str(target))
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                check_size(len(body), self._html_bytes, str(target))
            text = decode(bytes(body), _declared(response))
        return HttpPage(str(target.url), text)

    def download(self, url: str, into: Path, known: Validators | None = None) -> Download | None:
        """GET `url` into the file `into`; None if the server says it is as `known` describes.

        Besides what `ports.Http` says raises Unreadable("empty" | "not a pdf") and StorageFull.
        """
        conditions = _conditions(known)
        with self._answer(url, {"Accept-Encoding": "identity"} | conditions) as (target, response):
            if response.status_code == 304 and conditions:
                return None
            self._expect(response, target, {200})
            _check_length(response, self._document_bytes, str(target))
            saved = save_pdf(
                response.iter_bytes(), into, limit=self._document_bytes, name=str(target)
            )
            return replace(saved, validators=_validators(response.headers))

    # -- one answer, after redirects -----------------------------------------------------------

    @contextmanager
    def _answer(
        self, url: str, headers: Mapping[str, str]
    ) -> Iterator[tuple[_Target, httpx.Response]]:
        target = _Target.parse(url)
        self._deadline.at = time.monotonic() + self._total
        # A site may set a cookie and redirect; nothing is remembered from one call to the next.
        self._client.cookies.clear()
        with _translated(target):
            for _ in range(MAX_REDIRECTS + 1):
                response = self._send(target, headers)
                try:
                    if response.status_code not in _REDIRECTS:
                        yield target, response
                        return
                    target = target.follow(_location(response, target))
                finally:
                    response.close()
        raise SourceRefused(
            "redirect loop", f"{public_url(url)} redirects more than {MAX_REDIRECTS} times"
        )

    def _send(self, target: _Target, headers: Mapping[str, str]) -> httpx.Response:
        self._wait_for_turn(target.url.host)
        request = self._client.build_request("GET", target.url, headers=headers)
        return self._client.send(request, auth=target.auth, stream=True)

    def _wait_for_turn(self, host: str) -> None:
        if self._delay <= 0:
            return
        now = self._clock()
        turn = max(now, self._next_turn.get(host, now))
        self._next_turn[host] = turn + self._delay
        if turn > now:
            self._sleep(turn - now)

    @staticmethod
    def _expect(response: httpx.Response, target: _Target, wanted: set[int]) -> None:
        status = response.status_code
        if status in _LATER or status >= 500:
            wait = _asked_wait(response)
            asks = f" and asks to be left alone for {wait:.0f} s" if wait else ""
            raise SourceUnavailable(
                f"{target} answered HTTP {status}{asks}; it will be tried again", wait=wait
            )
        if status not in wanted:
            raise SourceRefused(
                f"http {status}",
                f"{target} answered HTTP {status}; check that the address is right",
            )
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            raise SourceRefused(
                "unknown encoding",
                f"{target} is sent in the encoding {encoding[:40]!r}, which was not asked for",
            )


def _anywhere(_address: str) -> bool:
    return True


def _location(response: httpx.Response, target: _Target) -> str:
    location: str = response.headers.get("location", "")
    if not location:
        raise SourceRefused(
            f"http {response.status_code}", f"{target} redirects without saying where to"
        )
    return location


def _declared(response: httpx.Response) -> str | None:
    match = _DECLARED.search(response.headers.get("content-type", ""))
    return match[1] if match else None


def _asked_wait(response: httpx.Response) -> float:
    """Seconds from now of `Retry-After: 120`, or of a date (RFC 9110); 0 for anything else."""
    value = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value[:60])
        return max(0.0, then.timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0


def _require_page(response: httpx.Response, name: str) -> None:
    """Refuse what calls itself a file; what calls itself nothing, or data, may be a page."""
    told = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _FILE_TYPE.fullmatch(told):
        raise SourceRefused(NO_PAGE, f"{name} is no web page but {told[:60]}")


def _check_length(response: httpx.Response, limit: int, name: str) -> None:
    """Refuse by Content-Length before the first byte; the count while reading stays the rule."""
    length = response.headers.get("content-length", "")
    if re.fullmatch(r"[0-9]{1,18}", length):
        check_size(int(length), limit, name)


def _header_value(value: str | None) -> str | None:
    """A validator fit to be stored and sent back: printable ASCII, at most 500 long; else None."""
    return value if value and re.fullmatch(r"[\x20-\x7e]{1,500}", value) else None


def _validators(headers: httpx.Headers) -> Validators:
    return Validators(
        etag=_header_value(headers.get("etag")),
        last_modified=_header_value(headers.get("last-modified")),
    )


def _conditions(known: Validators | None) -> dict[str, str]:
    etag = _header_value(known.etag) if known else None
    modified = _header_value(known.last_modified) if known else None
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in conditions.items() if value}


@contextmanager
def _translated(target: _Target) -> Iterator[None]:
    """Turn httpx's errors into ours. Their texts may quote the server: cut, and made printable."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise SourceUnavailable(
            f"{target} did not answer in time; it will be tried again"
        ) from error
    except httpx.DecodingError as error:
        raise SourceUnavailable(f"{target} sent damaged compressed data") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise SourceRefused(
            "url not allowed", f"{target} cannot be asked for: {public_url(str(error))}"
        ) from error
    except httpx.HTTPError as error:
        raise SourceUnavailable(
            f"{target} broke off or could not be reached: {public_url(str(error))}"
        ) from error
