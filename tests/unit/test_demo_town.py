"""The fictional town: the same every time, true to its own record, and served as a town would."""

import http.client
import socket
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import pytest
from PIL import Image

from clerk.demo import pdfs, town
from clerk.demo.website import Website, serve
from clerk.model import DocumentKind

PAGES_WANTED = 60


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    return folder, pdfs.build_town(folder)


@pytest.fixture
def site(tmp_path):
    """A small website that needs no drawing."""
    target = tmp_path / town.document_path(town.REVISED)
    target.parent.mkdir(parents=True)
    target.write_bytes(b"%PDF-1.4 first")
    (tmp_path / town.REVISION).write_bytes(b"%PDF-1.4 second")
    (tmp_path / "index.html").write_text("<h1>Town</h1>")
    with serve(tmp_path) as website:
        yield website


def _get(website: Website, path: str, method: str = "GET", **headers: str):
    parts = urlsplit(website.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.request(
            method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def _page_texts(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


# -- the town -----------------------------------------------------------------------------------


def test_the_same_seed_founds_the_same_town_and_another_seed_another():
    assert town.found(3) == town.found(3)
    assert town.found(3) != town.found(4)


def test_a_year_holds_enough_meetings_of_each_body():
    meetings = Counter(meeting.body for meeting in town.found().meetings)
    assert sum(meetings.values()) >= 14
    assert set(meetings) == {body.name for body in town.BODIES}


@pytest.mark.parametrize("seed", [town.SEED, 1, 2, 3])
def test_what_is_recorded_as_true_stands_in_the_minutes(seed):
    for meeting in town.found(seed).meetings:
        words = " ".join(block.text for block in meeting.minutes)
        for motion in meeting.motions:
            assert motion.text in words
            assert motion.mover != motion.seconder
        assert words.count(" seconded") + words.count(" second by") == len(meeting.motions)


@pytest.mark.parametrize("seed", [town.SEED, 1, 2, 3])
def test_recorded_votes_agree_with_themselves(seed):
    town_ = town.found(seed)
    for motion in (motion for meeting in town_.meetings for motion in meeting.motions):
        options = Counter(option for _, option in motion.casts)
        if motion.casts:
            assert (options["yes"], options["no"]) == (motion.yes, motion.no)
        if motion.yes is not None and motion.no is not None:
            assert (motion.result == "passed") == (motion.yes > motion.no)
    results = {motion.result for meeting in town_.meetings for motion in meeting.motions}
    assert results == {"passed", "failed"}


def test_mentioning_finds_the_documents_that_hold_a_phrase():
    town_ = town.found()
    found = town_.mentioning("BACKYARD hens")
    assert {kind for _, _, kind in found} == {DocumentKind.AGENDA, DocumentKind.MINUTES}
    assert town_.mentioning("zeppelin mooring") == []


# -- the files ----------------------------------------------------------------------------------


def test_drawing_and_scanning_again_give_the_same_bytes(built):
    folder, town_ = built
    name, blocks = next(town_.documents())
    drawn = pdfs._document(town_, name, blocks)
    when = pdfs._published(name)
    assert pdfs._document(town_, name, blocks) == drawn
    scanned = pdfs._scan(drawn, "seed", when)
    assert pdfs._scan(drawn, "seed", when) == scanned
    assert pdfs._scan(drawn, "other", when) != scanned
    assert (folder / town.document_path(name)).stat().st_mtime == when.timestamp()


def test_building_again_in_place_keeps_a_published_revision(built, tmp_path):
    folder, _ = built
    for name in (town.document_path(town.REVISED), town.REVISION, ".town"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with serve(tmp_path) as website:
        website.revise()
        before = _get(website, "/" + town.document_path(town.REVISED))[2]["ETag"]
        pdfs.build_town(tmp_path)
        assert _get(website, "/" + town.document_path(town.REVISED))[2]["ETag"] == before


def test_there_are_enough_pages_and_about_half_of_them_are_pictures(built):
    folder, _ = built
    texts = [
        text
        for path in sorted((folder / "documents").rglob("*.pdf"))
        if path != folder / town.document_path(town.CORRUPT)
        for text in _page_texts(path)
    ]
    scans = sum(not text.strip() for text in texts)
    assert len(texts) >= PAGES_WANTED
    assert 0.4 <= scans / len(texts) <= 0.6


def test_born_digital_minutes_carry_their_words(built):
    folder, town_ = built
    name, blocks = next(
        (name, blocks) for name, blocks in town_.documents() if name == town.TWO_COLUMNS
    )
    read = " ".join(" ".join(_page_texts(folder / town.document_path(name))).split())
    assert [b.text for b in blocks if not set(b.text.split()) <= set(read.split())] == []


def test_the_two_column_document_has_two_columns(built):
    folder, _ = built
    document = pypdfium2.PdfDocument(folder / town.document_path(town.TWO_COLUMNS))
    page = document[0]
    text = page.get_textpage()
    lefts = {round(text.get_rect(i)[0]) for i in range(text.count_rects())}
    document.close()
    assert min(lefts) < 100
    assert any(left > 300 for left in lefts)


def test_the_corrupt_document_begins_like_a_pdf_and_cannot_be_opened(built):
    folder, _ = built
    path = folder / town.document_path(town.CORRUPT)
    assert path.read_bytes().startswith(b"%PDF-")
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(path)


def test_the_listing_names_every_meeting_once_and_links_files_that_exist(built):
    folder, town_ = built
    page = (folder / "index.html").read_text()
    for name, _ in town_.documents():
        assert page.count(f'href="{town.document_path(name)}"') == 1
        assert (folder / town.document_path(name)).is_file()
    assert page.count("<tr><td>") == len(town_.meetings)


def test_a_scan_is_grey_grainy_and_crooked():
    line = Image.new("L", (800, 300), 255)
    line.paste(0, (50, 146, 750, 154))
    aged = pdfs._age(line, pdfs.random.Random(5))
    heights = [sum(y for y in range(300) if aged.getpixel((x, y)) < 90) / 8 for x in (80, 720)]
    assert abs(heights[0] - heights[1]) >= 3
    assert len(aged.crop((0, 0, 40, 40)).getcolors()) > 5


# -- the website --------------------------------------------------------------------------------


def test_an_unchanged_document_is_answered_with_304(site):
    status, body, headers = _get(site, "/" + town.document_path(town.REVISED))
    assert (status, body) == (200, b"%PDF-1.4 first")
    assert headers["Content-Type"] == "application/pdf"
    path = "/" + town.document_path(town.REVISED)
    assert _get(site, path, If_None_Match=headers["ETag"])[:2] == (304, b"")
    assert _get(site, path, If_Modified_Since=headers["Last-Modified"])[:2] == (304, b"")
    assert _get(site, path, If_None_Match='"other"')[0] == 200
    assert _get(site, path, If_Modified_Since="soon")[0] == 200


def test_a_revision_changes_the_content_behind_the_same_url(site):
    path = "/" + town.document_path(town.REVISED)
    old = _get(site, path)[2]["ETag"]
    site.revise()
    status, body, headers = _get(site, path, If_None_Match=old)
    assert (status, body) == (200, b"%PDF-1.4 second")
    site.revise()
    assert _get(site, path, If_None_Match=headers["ETag"])[0] == 304


def test_head_tells_the_size_without_the_content(site):
    status, body, headers = _get(site, "/", method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == str(len("<h1>Town</h1>"))


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/documents/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//etc/passwd",
        "/.revised.pdf",
        "/.port",
        "/documents",
        "/link.txt",
        "/index.html%00",
        "/" + "a" * 5000,
    ],
)
def test_nothing_outside_the_folder_or_hidden_is_served(site, path):
    (site.folder.parent / "secret.txt").write_text("secret")
    (site.folder / "link.txt").symlink_to(site.folder.parent / "secret.txt")
    assert _get(site, path)[0] == 404


def test_the_next_start_takes_the_same_port_and_the_end_frees_it(tmp_path):
    with serve(tmp_path) as first:
        port = urlsplit(first.url).port
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(first.url, timeout=5)
    with serve(tmp_path) as second:
        assert second.url == first.url
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (tmp_path / ".port").write_text(str(taken.getsockname()[1]))
        with serve(tmp_path) as third:
            assert urlsplit(third.url).port not in (taken.getsockname()[1], None)
    assert port
