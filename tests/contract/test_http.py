"""The real HTTP client against a real server with real faults."""

import gzip
import hashlib
import logging
import resource
import signal
import socket
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from clerk.adapters.http import HttpClient, decode, is_public, public_or_in, public_url
from clerk.errors import SourceRefused, SourceUnavailable, StorageFull, Unreadable
from clerk.model import Validators
from clerk.ports import NO_PAGE
from tests.webserver import Reply, WebServer, html, redirect

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


@pytest.fixture
def client():
    made = HttpClient(
        allow_private=True, timeout=5, total=10, document_bytes=50_000, html_bytes=9000
    )
    yield made
    made.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- documents -------------------------------------------------------------------------------------


def test_a_document_arrives_whole_with_its_hash_and_validators(web, client, tmp_path):
    url = web.put(
        "/a.pdf", Reply(body=PDF, etag='"v1"', last_modified="Tue, 05 Mar 2024 10:00:00 GMT")
    )
    got = client.download(url, tmp_path / "deep" / "a.pdf")
    assert (tmp_path / "deep" / "a.pdf").read_bytes() == PDF
    assert (got.sha256, got.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert got.validators == Validators(etag='"v1"', last_modified="Tue, 05 Mar 2024 10:00:00 GMT")
    assert names(tmp_path / "deep") == ["a.pdf"]


def test_an_unchanged_document_is_not_sent_again(web, client, tmp_path):
    url = web.put("/a.pdf", Reply(body=PDF, etag='"v1"'))
    first = client.download(url, tmp_path / "a.pdf")
    assert client.download(url, tmp_path / "b.pdf", first.validators) is None
    assert names(tmp_path) == ["a.pdf"]


def test_a_changed_document_is_sent_again(web, client, tmp_path):
    url = web.put("/a.pdf", Reply(body=PDF, etag='"v1"'))
    first = client.download(url, tmp_path / "a.pdf")
    web.put("/a.pdf", Reply(body=PDF + b"revised", etag='"v2"'))
    second = client.download(url, tmp_path / "a.pdf", first.validators)
    assert second.sha256 != first.sha256
    assert (tmp_path / "a.pdf").read_bytes().endswith(b"revised")


def test_validators_that_cannot_be_sent_back_are_not_kept(web, client, tmp_path):
    url = web.put("/a.pdf", Reply(body=PDF, etag='"' + "x" * 900 + '"', last_modified="m\u00e4rz"))
    assert client.download(url, tmp_path / "a.pdf").validators == Validators()


def test_the_magic_may_stand_anywhere_in_the_first_kilobyte(web, client, tmp_path):
    url = web.put("/a.pdf", Reply(body=b"\n" * 1019 + PDF))
    assert client.download(url, tmp_path / "a.pdf") is not None


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(body=b"<html>Please log in</html>"), "not a pdf"),
        (Reply(body=b"\n" * 1020 + PDF), "not a pdf"),
        (Reply(body=b""), "empty"),
    ],
)
def test_what_is_no_pdf_is_unreadable_and_leaves_nothing(web, client, tmp_path, reply, reason):
    with pytest.raises(Unreadable) as caught:
        client.download(web.put("/a.pdf", reply), tmp_path / "a.pdf")
    assert caught.value.reason == reason
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=PDF * 6),
        Reply(body=b"%PDF-" + bytes(5000), endless=True),
        Reply(
            body=gzip.compress(b"%PDF-" + bytes(10_000_000)), headers={"Content-Encoding": "gzip"}
        ),
    ],
    ids=["announced", "endless", "gzip bomb"],
)
def test_a_document_over_the_cap_is_refused_and_leaves_nothing(web, client, tmp_path, reply):
    with pytest.raises(SourceRefused, match="larger than 50,000 bytes") as caught:
        client.download(web.put("/a.pdf", reply), tmp_path / "a.pdf")
    assert caught.value.reason == "too large"
    assert names(tmp_path) == []


def test_layers_of_compression_are_refused(web, client):
    url = web.put("/", Reply(body=b"x", headers={"Content-Encoding": "gzip, gzip"}))
    with pytest.raises(SourceRefused, match="encoding"):
        client.page(url)


def test_a_body_that_breaks_off_is_tried_later_and_keeps_the_old_file(web, client, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"old")
    with pytest.raises(SourceUnavailable, match="broke off"):
        client.download(web.put("/a.pdf", Reply(body=PDF, cut=True)), tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == b"old"
    assert names(tmp_path) == ["a.pdf"]


@contextmanager
def tiny_files():
    """Files of this process may hold 1,000 bytes; more fails as on a full device.

    No fixture: pytest writes its own report, perhaps to a file, before it ends those.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_device_says_so_and_keeps_the_old_file(web, client, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"old")
    url = web.put("/a.pdf", Reply(body=PDF))
    with tiny_files(), pytest.raises(StorageFull, match="free some space"):
        client.download(url, tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == b"old"
    assert names(tmp_path) == ["a.pdf"]


# -- statuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_overload_and_server_errors_are_tried_later(web, client, status):
    url = web.put("/", Reply(status=status, headers={"Retry-After": "120"}))
    with pytest.raises(SourceUnavailable, match=rf"HTTP {status} and asks .* 120 s") as caught:
        client.page(url)
    assert caught.value.wait == 120


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        (timedelta(seconds=300), 200, 300),
        (timedelta(days=-1000), 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("9" * 400, 0, 0),
        ("Sun, 99 Foo 2024 00:00:00 GMT", 0, 0),
    ],
)
def test_a_source_that_asks_for_a_pause_is_understood_or_not_believed(
    web, client, said, least, most
):
    if isinstance(said, timedelta):
        said = format_datetime(datetime.now(UTC) + said, usegmt=True)
    url = web.put("/", Reply(status=503, headers={"Retry-After": said}))
    with pytest.raises(SourceUnavailable) as caught:
        client.page(url)
    assert least <= caught.value.wait <= most


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 204, 206, 304])
def test_refusals_are_final_and_name_the_status(web, client, tmp_path, status):
    url = web.put("/a.pdf", Reply(status=status))
    with pytest.raises(SourceRefused) as caught:
        client.download(url, tmp_path / "a.pdf")
    assert caught.value.reason == f"http {status}"


# -- time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [Reply(silent=True), Reply(body=PDF, drip=0.1)],
    ids=["silent", "dripping"],
)
def test_neither_silence_nor_dripping_outlasts_the_deadline(web, tmp_path, reply):
    with (
        closing(HttpClient(allow_private=True, timeout=0.5, total=0.6)) as client,
        pytest.raises(SourceUnavailable, match="did not answer in time"),
    ):
        client.download(web.put("/a.pdf", reply), tmp_path / "a.pdf")
    assert names(tmp_path) == []


def test_headers_that_drip_do_not_outlast_the_deadline(tmp_path):
    listener = socket.create_server(("127.0.0.1", 0))
    # Never accepted: the kernel completes the handshake, and no header ever comes.
    with (
        listener,
        closing(HttpClient(allow_private=True, timeout=0.5, total=0.6)) as client,
        pytest.raises(SourceUnavailable, match="did not answer in time"),
    ):
        client.page(f"http://127.0.0.1:{listener.getsockname()[1]}/")


def test_requests_to_one_host_keep_their_distance(web):
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    url = web.put("/", html("x"))
    clock = lambda: now[0]  # noqa: E731
    with closing(HttpClient(allow_private=True, delay=2.0, clock=clock, sleep=sleep)) as client:
        for _ in range(3):
            client.page(url)
        now[0] += 60
        client.page(url)
    assert slept == [2.0, 2.0]


# -- redirects and addresses -----------------------------------------------------------------------


def test_redirects_are_followed_and_the_final_address_told(web, client):
    web.put("/old", redirect("/new"))
    web.put("/new", html("here"))
    page = client.page(web.url("/old"))
    assert (page.url, page.text) == (web.url("/new"), "here")


def test_a_redirect_loop_ends(web, client):
    url = web.put("/loop", redirect("/loop"))
    with pytest.raises(SourceRefused) as caught:
        client.page(url)
    assert caught.value.reason == "redirect loop"
    assert len(web.requests) == 6


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://example.com/", "javascript:alert(1)", "data:,x"],
)
def test_a_redirect_to_something_else_than_the_web_is_refused(web, client, target):
    with pytest.raises(SourceRefused) as caught:
        client.page(web.put("/", redirect(target)))
    assert caught.value.reason == "url not allowed"


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_private_addresses_are_not_dialled(web, host):
    port = web.url().rsplit(":", 1)[1].strip("/")
    with closing(HttpClient()) as client, pytest.raises(SourceRefused) as caught:
        client.page(f"http://{host}:{port}/")
    assert caught.value.reason == "address not allowed"
    assert web.requests == []


def test_private_addresses_that_are_named_are_dialled_and_no_others(web):
    url = web.put("/", redirect(web.url("/secret").replace("127.0.0.1", "127.0.0.2")))
    with (
        closing(HttpClient(may_dial=public_or_in("10.1.2.0/24, 127.0.0.1"))) as client,
        pytest.raises(SourceRefused, match=r"private_networks to 127\.0\.0\.2"),
    ):
        client.page(url)
    assert web.paths() == ["/"]


def test_the_address_is_checked_again_after_a_redirect(web):
    url = web.put("/", redirect(web.url("/secret").replace("127.0.0.1", "127.0.0.2")))
    with (
        closing(HttpClient(may_dial=lambda address: address == "127.0.0.1")) as client,
        pytest.raises(SourceRefused) as caught,
    ):
        client.page(url)
    assert caught.value.reason == "address not allowed"
    assert web.paths() == ["/"]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "nonsense",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_that_are_public(address):
    assert is_public(address)


def test_an_unknown_host_is_tried_later(client):
    with pytest.raises(SourceUnavailable) as caught:
        client.page("http://no-such-host.invalid/")
    assert caught.value.reason == "host not found: no-such-host.invalid"


# -- secrets ---------------------------------------------------------------------------------------


def test_user_and_password_reach_the_server_and_nothing_else(web, client, caplog):
    caplog.set_level(logging.DEBUG)
    web.put("/page", html("secret room"))
    page = client.page(web.url("/page").replace("//", "//clerk:hunter2@"))
    assert web.requests[0][1]["Authorization"].startswith("Basic ")
    assert "hunter2" not in page.url
    assert "hunter2" not in caplog.text
    with pytest.raises(SourceRefused) as caught:
        client.page(web.url("/missing?token=hunter2").replace("//", "//clerk:hunter2@"))
    assert "hunter2" not in str(caught.value)


def test_user_and_password_do_not_follow_a_redirect_to_another_host(web, client):
    with WebServer() as other:
        other.put("/", html("x"))
        client.page(web.put("/", redirect(other.url("/"))).replace("//", "//clerk:hunter2@"))
        assert "Authorization" not in other.requests[0][1]


def test_a_shown_url_is_short_printable_and_without_secrets():
    shown = public_url("https://u:p@x.org/\u202e?api_key=abc&sig=def&id=7" + "y" * 900)
    assert shown.startswith("https://x.org/??api_key=***&sig=***&id=7")
    assert len(shown) == 300


# -- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        ("señor — Doña".encode(), None),
        ("señor — Doña".encode("cp1252"), None),
        ("señor — Doña".encode("cp1252"), "ISO-8859-1"),
        ("señor — Doña".encode("utf-16"), "utf-8"),
        (b'<meta charset="windows-1252">' + "señor — Doña".encode("cp1252"), None),
        ("señor — Doña".encode(), "unicode_escape"),
        ("señor — Doña".encode(), "no-such-charset"),
    ],
)
def test_text_is_read_in_the_charset_that_the_web_means(body, declared):
    assert decode(body, declared).endswith("señor — Doña")


@pytest.mark.parametrize(
    "told", ["application/pdf", "IMAGE/png; q=1", "application/vnd.ms-excel", "video/mp4"]
)
def test_a_file_is_refused_where_a_page_was_asked_for(web, client, told):
    url = web.put("/", Reply(body=PDF, headers={"Content-Type": told}))
    with pytest.raises(SourceRefused, match="is no web page but") as caught:
        client.page(url)
    assert caught.value.reason == NO_PAGE


@pytest.mark.parametrize("told", ["", "text/plain", "application/octet-stream", "nonsense"])
def test_what_does_not_say_that_it_is_a_file_may_be_a_page(web, client, told):
    assert client.page(web.put("/", Reply(body=b"<p>", headers={"Content-Type": told}))).text


def test_a_page_over_the_cap_is_refused(web, client):
    with pytest.raises(SourceRefused, match="larger than 9,000 bytes"):
        client.page(web.put("/", Reply(body=b"<p>" * 500, endless=True)))
