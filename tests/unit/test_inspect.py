"""What a new document's pages come to: over real PDF children and files made here."""

from collections.abc import Iterator

import pytest

from clerk.adapters.pdf import PdfChild
from clerk.errors import Unreadable
from clerk.steps import fetch
from tests import papers
from tests.fuzz import samples

FALSE_COUNT = 5_000
ONE = "One.\nThe first page of the minutes."


@pytest.fixture(scope="module")
def sandbox() -> Iterator[PdfChild]:
    child = PdfChild()
    yield child
    child.close()


def inspect(sandbox, tmp_path, content: bytes):
    path = tmp_path / "document.pdf"
    path.write_bytes(content)
    return fetch.inspect(sandbox, path, most=20_000, between=lambda: None)


def falsely_counted() -> bytes:
    """One page, and a tree that says there are many more."""
    return samples.text_page().replace(b"/Count 1 ", b"/Count %d " % FALSE_COUNT)


def test_pages_come_in_order_with_their_text(sandbox, tmp_path):
    found = inspect(sandbox, tmp_path, papers.born_digital(ONE, "Two. " * 9))
    assert [page.number for page in found] == [1, 2]
    assert found[0].reading.text == ONE


def test_of_a_false_count_the_page_is_read_and_the_missing_are_named_up_to_a_bound(
    sandbox, tmp_path
):
    first, *missing = inspect(sandbox, tmp_path, falsely_counted())
    assert first.reading.text.splitlines() == list(samples.LINES)
    assert len(missing) == fetch.MAX_MISSING
    assert {page.reason for page in missing} == {"text layer: missing page"}


def test_a_file_without_any_of_its_pages_is_corrupt(sandbox, tmp_path):
    lost = samples.text_page().replace(b"/Kids [3 0 R]", b"/Kids [9 0 R]")
    with pytest.raises(Unreadable) as caught:
        inspect(sandbox, tmp_path, lost)
    assert caught.value.reason == "corrupt"


def test_pages_that_share_a_stream_do_not_add_up_without_end(sandbox, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_TEXT", 50_000)
    lines = [f"{number}: the same words on every page" for number in range(2_000)]
    leaf = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 40000] /Contents 3 0 R "
        b"/Resources << /Font << /F 4 0 R >> >> >>"
    )
    kids = b"<< /Type /Pages /Kids [%s] /Count 9 >>" % b"".join(
        b"%d 0 R " % n for n in range(5, 14)
    )
    words = samples.stream(samples.show(lines, top=35_000))
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>"
    content = samples.pdf([catalog, kids, words, samples.FONT, *[leaf] * 9])

    with pytest.raises(Unreadable) as caught:
        inspect(sandbox, tmp_path, content)
    assert caught.value.reason == "too large"
